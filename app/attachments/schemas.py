from datetime import datetime
from uuid import UUID

from app.api.fields import View
from app.attachments.models import Attachment


class AttachmentView(View):
    """A file; its bytes are at /attachments/{id}. sha256: of them, hexadecimal."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    added_at: datetime

    @classmethod
    def of(cls, row: Attachment) -> "AttachmentView":
        return cls(
            id=row.id,
            name=row.file_name or "",
            media_type=row.media_type,
            size_bytes=row.size_bytes,
            sha256=row.sha256,
            added_at=row.added_at,
        )

"""Downloading and removing files; adding and listing them is at home with their owners."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

import structlog
from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.headers import NOTHING
from app.api.problems import problems
from app.attachments import service
from app.attachments.domain import served_as
from app.attachments.storage import Storage
from app.attachments.uploads import attachment_of
from app.core.access import Permission
from app.core.errors import UnavailableError
from app.core.sealed_files import DamagedFileError

log = structlog.get_logger()

router = APIRouter(prefix="/attachments", tags=["attachments"])

# Whose file it is decides: the owner's feature asks for its own permission.
Logged = Annotated[Act, acting(Permission.SESSION_USE)]


@router.get(
    "/{attachment_id}",
    response_class=Response,
    responses=problems(401, 403, 404, 422, 503)
    | {
        200: {
            "description": "The file, as a download.",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def download_attachment(attachment_id: UUID, act: Logged) -> Response:
    """The file itself, always as a download. That it was read stands in the trail."""
    found = attachment_of(act, attachment_id)
    try:
        assert found.storage_id is not None  # noqa: S101  (what was removed is not found)
        assert found.file_key is not None  # noqa: S101
        parts = Storage(act.settings.attachments_dir).open(found.storage_id, found.file_key)
    except FileNotFoundError:
        log.error("attachment_without_file", id=str(found.id))
        raise UnavailableError("The file is not on this server.", code="file_missing") from None
    except DamagedFileError:
        log.error("attachment_damaged", id=str(found.id))
        raise UnavailableError("The file was damaged.", code="file_damaged") from None
    return StreamingResponse(
        parts,
        media_type=None,
        headers={
            "Content-Type": served_as(found.media_type),
            "Content-Length": str(found.size_bytes),
            "Content-Disposition": "attachment; filename*=UTF-8''"
            + quote(found.file_name or "", safe=""),
            # Should a browser show it all the same, then without any right.
            "Content-Security-Policy": f"sandbox; {NOTHING}",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


@router.delete(
    "/{attachment_id}", status_code=204, responses=problems(401, 403, 404, 409, 422, 503)
)
def remove_attachment(attachment_id: UUID, act: Logged) -> Response:
    """Remove a file: its name and its bytes are gone for good."""
    removed: list[UUID | None] = []

    def work(session: Session) -> None:
        removed[:] = [service.remove(session, act.actor, attachment_id, at=act.at)]

    answer = act.commit(work)
    if removed[0] is not None:
        Storage(act.settings.attachments_dir).remove(removed[0])
    return answer

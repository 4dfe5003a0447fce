"""What the routes of all owners share: taking a file in, and listing.

The file is the body itself, its name stands percent-encoded in `X-File-Name`. So login and
permission are checked before the first byte is read, which a form would not allow: its parser runs
before everything else. The bytes wait in a file without a name, which is gone with the process.
"""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, BinaryIO, cast
from urllib.parse import unquote
from uuid import UUID

from fastapi import Depends, Header, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect

from app.api.acts import Act
from app.api.pages import PageView, page_view
from app.api.problems import problems
from app.attachments import inspection, queries, scanning, service
from app.attachments.domain import FileType, OwnerKind, normalise_name, type_of
from app.attachments.models import Attachment
from app.attachments.schemas import AttachmentView
from app.attachments.service import StoredFile
from app.attachments.storage import Storage
from app.core.errors import BureauError, invalid
from app.core.paging import PageRequest

UPLOAD_PROBLEMS = problems(400, 401, 403, 404, 409, 413, 422, 503)
LIST_PROBLEMS = problems(401, 403, 404, 422, 503)
UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file; Content-Type says its type.",
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"},
                "example": "the bytes of the file",
            }
        },
    }
}
"""For the description of an upload route, which has no body that FastAPI knows of."""

BUFFER_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A whole file that was received and not looked at yet."""

    file: BinaryIO
    name: str
    kind: FileType
    size_bytes: int
    sha256: str


async def _receive(
    request: Request,
    x_file_name: Annotated[
        str,
        Header(min_length=1, max_length=1_000, description="percent-encoded UTF-8, with extension"),
    ],
) -> AsyncIterator[Upload]:
    try:
        name = normalise_name(unquote(x_file_name, errors="strict"))
    except UnicodeDecodeError:
        raise invalid("/header/x-file-name", "is not percent-encoded UTF-8", "bad_name") from None
    kind = type_of(name, request.headers.get("content-type", ""))
    digest = hashlib.sha256()
    size = 0
    with tempfile.TemporaryFile() as file:
        async for part in _parts(request):
            size += len(part)
            digest.update(part)
            await run_in_threadpool(file.write, part)
        yield Upload(cast(BinaryIO, file), name, kind, size, digest.hexdigest())


async def _parts(request: Request) -> AsyncIterator[bytes]:
    """The body in large parts: one change of threads for each."""
    waiting = bytearray()
    try:
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= BUFFER_BYTES:
                yield bytes(waiting)
                waiting.clear()
    except ClientDisconnect:
        raise HTTPException(400) from None
    yield bytes(waiting)


UploadedFile = Annotated[Upload, Depends(_receive)]


def add(
    act: Act,
    upload: Upload,
    kind: OwnerKind,
    owner_id: UUID,
    *,
    moment: Callable[[Session], datetime] | None = None,
) -> Response:
    """Inspect, scan, store, and add in one act.

    moment: what may be kept of the time; by default all of it.
    """
    media_type = inspection.inspect(upload.file, upload.kind)
    scanning.scan(upload.file, act.settings.clamd)
    storage = Storage(act.settings.attachments_dir)
    # Outside the transaction: nobody else waits for this disk. What a crash leaves is swept.
    storage_id, key = storage.put(upload.file, at=act.at)
    stored = StoredFile(storage_id, key, upload.name, media_type, upload.size_bytes, upload.sha256)
    is_used = False

    def work(session: Session) -> AttachmentView:
        nonlocal is_used
        at = moment(session) if moment is not None else act.at
        row = service.add(session, act.actor, kind, owner_id, stored, at=at)
        is_used = True
        return AttachmentView.of(row)

    fingerprint = f"{upload.sha256} {upload.kind.media_type} {upload.name}"
    try:
        answer = act.with_body(fingerprint.encode()).commit(work)
    except BureauError:
        # Refused before the commit. Any other error may have come after it: then the sweep tells.
        storage.remove(storage_id)
        raise
    if not is_used:
        storage.remove(storage_id)  # a retry: it got the answer of the first time
    return answer


def list_of(
    act: Act, page: PageRequest, kind: OwnerKind, owner_id: UUID, *, is_own: bool = False
) -> Response:
    """is_own: the reporter's own list leaves no trace, as other reading of one's own report."""

    def work(session: Session) -> PageView[AttachmentView]:
        found = queries.list_attachments(session, act.actor, kind, owner_id, page)
        if not is_own:
            service.note_listed(session, act.actor, kind, owner_id, at=act.at)
        return page_view(found, AttachmentView.of)

    return act.read(work) if is_own else act.commit(work)


def attachment_of(act: Act, attachment_id: UUID) -> Attachment:
    """For a download; the trail is on disk when this returns."""
    found: list[Attachment] = []

    def work(session: Session) -> None:
        found[:] = [service.read(session, act.actor, attachment_id, at=act.at)]

    act.commit(work)
    return found[0]

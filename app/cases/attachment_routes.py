"""Files of a case."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView
from app.attachments import uploads
from app.attachments.domain import OwnerKind
from app.attachments.schemas import AttachmentView
from app.attachments.uploads import LIST_PROBLEMS, UPLOAD_BODY, UPLOAD_PROBLEMS, UploadedFile
from app.core.access import Permission

router = APIRouter(tags=["cases"])


@router.post(
    "/cases/{case_id}/attachments",
    status_code=201,
    response_model=AttachmentView,
    responses=UPLOAD_PROBLEMS,
    openapi_extra=UPLOAD_BODY,
)
def add_case_attachment(
    case_id: UUID,
    act: Annotated[Act, acting(Permission.CASE_CONTRIBUTE, creates=True)],
    upload: UploadedFile,
) -> Response:
    """Add a file to a case: the body is the file."""
    return uploads.add(act, upload, OwnerKind.CASE, case_id)


@router.get(
    "/cases/{case_id}/attachments", response_model=PageView[AttachmentView], responses=LIST_PROBLEMS
)
def list_case_attachments(
    case_id: UUID, page: PageQuery, act: Annotated[Act, acting(Permission.CASE_READ)]
) -> Response:
    """The files of a case, the oldest first. That the list was read stands in the trail."""
    return uploads.list_of(act, page, OwnerKind.CASE, case_id)

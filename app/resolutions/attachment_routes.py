"""Files of talks: proposals on paper, signed agreements."""

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

router = APIRouter(tags=["resolutions"])


@router.post(
    "/negotiations/{negotiation_id}/attachments",
    status_code=201,
    response_model=AttachmentView,
    responses=UPLOAD_PROBLEMS,
    openapi_extra=UPLOAD_BODY,
)
def add_negotiation_attachment(
    negotiation_id: UUID,
    act: Annotated[Act, acting(Permission.NEGOTIATION_LEAD, creates=True)],
    upload: UploadedFile,
) -> Response:
    """Add a file to talks: the body is the file."""
    return uploads.add(act, upload, OwnerKind.NEGOTIATION, negotiation_id)


@router.get(
    "/negotiations/{negotiation_id}/attachments",
    response_model=PageView[AttachmentView],
    responses=LIST_PROBLEMS,
)
def list_negotiation_attachments(
    negotiation_id: UUID, page: PageQuery, act: Annotated[Act, acting(Permission.NEGOTIATION_READ)]
) -> Response:
    """The files of talks, the oldest first. That the list was read stands in the trail."""
    return uploads.list_of(act, page, OwnerKind.NEGOTIATION, negotiation_id)

"""Files of an agreement with a partner: the signed paper, its annexes."""

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

router = APIRouter(tags=["partners"])


@router.post(
    "/partner-agreements/{agreement_id}/attachments",
    status_code=201,
    response_model=AttachmentView,
    responses=UPLOAD_PROBLEMS,
    openapi_extra=UPLOAD_BODY,
)
def add_partner_agreement_attachment(
    agreement_id: UUID,
    act: Annotated[Act, acting(Permission.PARTNER_MANAGE, creates=True)],
    upload: UploadedFile,
) -> Response:
    """Add a file to an agreement: the body is the file."""
    return uploads.add(act, upload, OwnerKind.PARTNER_AGREEMENT, agreement_id)


@router.get(
    "/partner-agreements/{agreement_id}/attachments",
    response_model=PageView[AttachmentView],
    responses=LIST_PROBLEMS,
)
def list_partner_agreement_attachments(
    agreement_id: UUID, page: PageQuery, act: Annotated[Act, acting(Permission.PARTNER_READ)]
) -> Response:
    """The files of an agreement, the oldest first. That the list was read stands in the trail."""
    return uploads.list_of(act, page, OwnerKind.PARTNER_AGREEMENT, agreement_id)

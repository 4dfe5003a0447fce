"""Files of an activity: an agenda, slides, signed minutes."""

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

router = APIRouter(tags=["activities"])


@router.post(
    "/activities/{activity_id}/attachments",
    status_code=201,
    response_model=AttachmentView,
    responses=UPLOAD_PROBLEMS,
    openapi_extra=UPLOAD_BODY,
)
def add_activity_attachment(
    activity_id: UUID,
    act: Annotated[Act, acting(Permission.ACTIVITY_RECORD, creates=True)],
    upload: UploadedFile,
) -> Response:
    """Add a file to an activity: the body is the file."""
    return uploads.add(act, upload, OwnerKind.ACTIVITY, activity_id)


@router.get(
    "/activities/{activity_id}/attachments",
    response_model=PageView[AttachmentView],
    responses=LIST_PROBLEMS,
)
def list_activity_attachments(
    activity_id: UUID, page: PageQuery, act: Annotated[Act, acting(Permission.ACTIVITY_READ)]
) -> Response:
    """The files of an activity, the oldest first. That the list was read stands in the trail."""
    return uploads.list_of(act, page, OwnerKind.ACTIVITY, activity_id)

"""Files of a report, added by the bureau or by the reporter."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView
from app.attachments import uploads
from app.attachments.domain import OwnerKind
from app.attachments.schemas import AttachmentView
from app.attachments.uploads import LIST_PROBLEMS, UPLOAD_BODY, UPLOAD_PROBLEMS, UploadedFile
from app.core.access import Permission, Surface
from app.core.clock import day_only
from app.core.errors import NotFoundError
from app.intake import queries

router = APIRouter(tags=["intake"])
public_router = APIRouter(prefix="/public/report", tags=["public"])


@router.post(
    "/reports/{report_id}/attachments",
    status_code=201,
    response_model=AttachmentView,
    responses=UPLOAD_PROBLEMS,
    openapi_extra=UPLOAD_BODY,
)
def add_report_attachment(
    report_id: UUID,
    act: Annotated[Act, acting(Permission.REPORT_HANDLE, creates=True)],
    upload: UploadedFile,
) -> Response:
    """Add a file to a report: the body is the file."""
    return uploads.add(act, upload, OwnerKind.REPORT, report_id)


@router.get(
    "/reports/{report_id}/attachments",
    response_model=PageView[AttachmentView],
    responses=LIST_PROBLEMS,
)
def list_report_attachments(
    report_id: UUID, page: PageQuery, act: Annotated[Act, acting(Permission.REPORT_READ)]
) -> Response:
    """The files of a report, the oldest first. That the list was read stands in the trail."""
    return uploads.list_of(act, page, OwnerKind.REPORT, report_id)


@public_router.post(
    "/attachments",
    status_code=201,
    response_model=AttachmentView,
    responses=UPLOAD_PROBLEMS,
    openapi_extra=UPLOAD_BODY,
)
def add_own_attachment(
    act: Annotated[Act, acting(Permission.OWN_REPORT, surface=Surface.PUBLIC, creates=True)],
    upload: UploadedFile,
) -> Response:
    """Add a file to my report: the body is the file."""

    def moment(session: Session) -> datetime:
        report = queries.own_report(session, act.actor)
        return day_only(act.at) if report.is_anonymous else act.at

    return uploads.add(act, upload, OwnerKind.REPORT, _own_id(act), moment=moment)


@public_router.get("/attachments", response_model=PageView[AttachmentView], responses=LIST_PROBLEMS)
def list_own_attachments(
    page: PageQuery,
    act: Annotated[Act, acting(Permission.OWN_REPORT, surface=Surface.PUBLIC)],
) -> Response:
    """The files that I added to my report."""
    return uploads.list_of(act, page, OwnerKind.REPORT, _own_id(act), is_own=True)


def _own_id(act: Act) -> UUID:
    if act.actor.id is None:
        raise NotFoundError
    return act.actor.id

"""What is held about a person: as JSON, and as a page to read."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.problems import problems
from app.core.access import Permission
from app.retention import schedule
from app.rights import service
from app.rights.document import as_page
from app.rights.export import export
from app.rights.export_schemas import ExportView
from app.rights.routes import CHANGE_PROBLEMS, Changing
from app.rights.schemas import RequestView, UnmaskingBody
from app.rights.views import request_view
from app.vocabulary import queries as vocabulary

router = APIRouter(prefix="/person-requests/{request_id}", tags=["rights of people"])

# All of one person at once: not for a session that somebody left open.
Exporting = Annotated[Act, acting(Permission.PERSON_REQUEST_MANAGE, step_up=True)]

EXPORT_PROBLEMS = problems(401, 403, 404, 409, 422, 503)

DOWNLOADED: Mapping[str, str] = {
    "Content-Disposition": 'attachment; filename="export.html"',
    # Should a browser show it all the same, then without any right but its own style.
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
}


@router.get("/export", response_model=ExportView, responses=EXPORT_PROBLEMS)
def export_person_data(request_id: UUID, act: Exporting) -> Response:
    """All that is held about the person, with what is of others masked."""
    return act.commit(
        lambda session: ExportView.model_validate(_document(session, act, request_id))
    )


@router.get("/export.html", response_class=HTMLResponse, responses=EXPORT_PROBLEMS)
def export_person_page(request_id: UUID, act: Exporting) -> Response:
    """The same as a page to read, in the language of the person."""

    def work(session: Session) -> str:
        return as_page(_document(session, act, request_id), vocabulary.current(session))

    return act.commit_text(work, media_type="text/html", headers=DOWNLOADED)


def _document(session: Session, act: Act, request_id: UUID) -> dict[str, Any]:
    file = act.settings.retention_schedule
    rules, texts = schedule.load(file), schedule.texts(file)
    return export(session, act.actor, request_id, rules, texts, at=act.at)


@router.put("/unmasked", response_model=RequestView, responses=CHANGE_PROBLEMS)
def unmask_person_export(request_id: UUID, body: UnmaskingBody, act: Changing) -> Response:
    """Show what a colleague looked at and found to be for the person's eyes."""
    return act.commit(
        lambda session: request_view(
            service.unmask(
                session,
                act.actor,
                request_id,
                expected_version=act.expected_version,
                at=act.at,
                **body.model_dump(),
            )
        )
    )

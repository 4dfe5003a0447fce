"""Looking for rises: runs of the detection."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.core.access import Permission
from app.signals import detection, queries
from app.signals.detecting import Asked
from app.signals.schemas import DetectionBody
from app.signals.views import DetectionRunView, RepetitionView, run_view

router = APIRouter(tags=["signals"])

Detecting = Annotated[Act, acting(Permission.DETECTION_RUN)]


@router.post(
    "/signals/detections",
    status_code=201,
    response_model=DetectionRunView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def run_detection(body: DetectionBody, act: Detecting) -> Response:
    """Look for rises up to the end of a month. The same data and settings give the same run."""
    budget = body.false_alarms_per_month or act.settings.signals_false_alarms_per_month
    asked = Asked(body.through, body.counted_by, body.event_counting, budget)
    found = detection.look(act.runtime.database, act.actor, asked, at=act.at)
    return act.commit(
        lambda session: run_view(
            session, act.actor, detection.keep(session, act.actor, found, at=act.at)
        )
    )


@router.get(
    "/signals/detections",
    response_model=PageView[DetectionRunView],
    responses=problems(401, 403, 422, 503),
)
def list_detection_runs(page: PageQuery, act: Detecting) -> Response:
    """The last one first."""
    return act.read(
        lambda session: page_view(
            queries.list_runs(session, act.actor, page),
            lambda run: run_view(session, act.actor, run),
        )
    )


@router.get(
    "/signals/detections/{run_id}",
    response_model=DetectionRunView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_detection_run(run_id: UUID, act: Detecting) -> Response:
    """One run with its settings, what it scanned and what it found."""
    return act.read(
        lambda session: run_view(session, act.actor, queries.get_run(session, act.actor, run_id))
    )


@router.get(
    "/signals/detections/{run_id}/repetition",
    response_model=RepetitionView,
    responses=problems(401, 403, 404, 422, 503),
)
def repeat_detection_run(run_id: UUID, act: Detecting) -> Response:
    """The same counts, as they were known, scanned again: the old answer."""
    return act.read(lambda session: detection.repeat(queries.get_run(session, act.actor, run_id)))

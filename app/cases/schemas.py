"""Shapes of cases, as in the contract."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.fields import Body, Code, Day, Line, Prose, Remark, VersionedView, View, omittable
from app.cases.domain import CaseStatus, LinkKind, TimelineKind
from app.intake.answers import ReportSummary

ReportIds = Annotated[list[UUID], Field(min_length=1, max_length=100)]


class CaseOpening(Body):
    report_ids: ReportIds
    handler_id: UUID | None = None
    is_restricted: bool = False


class CaseReports(Body):
    report_ids: ReportIds


class CaseChange(Body):
    handler_id: UUID | None = None
    is_restricted: bool = omittable()


class CaseMove(Body):
    to: CaseStatus
    reason: Remark


class CaseHolding(Body):
    reason: Remark
    expected_until: Day | None = None


class CaseAssessment(Body):
    assessment: Code
    reason: Remark


class CaseClosure(Body):
    outcome: Code
    reason: Remark


class CaseReopening(Body):
    reason: Remark


class NoteBody(Body):
    body: Prose


class TaskBody(Body):
    title: Line
    due_on: Day
    assignee_id: UUID | None = None


class LinkBody(Body):
    case_id: UUID
    kind: LinkKind


class CaseSummary(View):
    """A row of a list: no personal data."""

    id: UUID
    reference: str
    status: CaseStatus
    opened_on: date
    target_on: date
    closed_on: date | None
    handler_id: UUID | None
    is_restricted: bool
    assessment: str
    outcome: str | None


class HoldView(View):
    id: UUID
    started_on: date
    expected_until: date | None
    ended_on: date | None
    reason: str


class LinkView(View):
    kind: LinkKind
    case: CaseSummary


class CaseView(VersionedView):
    """A whole case file."""

    id: UUID
    reference: str
    status: CaseStatus
    allowed_moves: list[CaseStatus]
    is_on_hold: bool
    opened_on: date
    target_on: date
    closed_on: date | None
    handler_id: UUID | None
    is_restricted: bool
    assessment: str
    outcome: str | None
    closure_reason: str | None
    reports: list[ReportSummary]
    holds: list[HoldView]
    links: list[LinkView]


class NoteView(View):
    id: UUID
    body: str
    written_at: datetime
    author_id: UUID | None


class TaskView(VersionedView):
    id: UUID
    case_id: UUID
    title: str
    due_on: date
    assignee_id: UUID | None
    done_on: date | None


class TimelineView(View):
    kind: TimelineKind
    at: datetime
    actor_id: UUID | None
    object_id: UUID | None
    details: dict[str, Any] | None
    remark: str | None

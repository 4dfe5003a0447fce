"""Shapes of the requests of people."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationError

from app.api.fields import Body, Day, Line, Prose, Remark, VersionedView, View
from app.core.errors import invalid
from app.intake.domain import ReporterField
from app.intake.schemas import ReporterBody, SelfDescriptionBody
from app.retention.domain import SubjectKind
from app.rights.domain import (
    MOST_MONTHS_MORE,
    MOST_SUBJECTS,
    Decision,
    IdentityCheck,
    MaskKind,
    PersonRole,
    RefusalGround,
    RequestKind,
)
from app.vocabulary.domain import Language


class RequestBody(Body):
    """name and contact: absent for who reported anonymously and shows the receipt code. language:
    in which the person is answered."""

    kind: RequestKind
    role: PersonRole
    received_on: Day
    language: Language
    name: Line | None = None
    contact: Line | None = None


class ExtensionBody(Body):
    months: int = Field(ge=1, le=MOST_MONTHS_MORE)
    reason: Prose


def _once_each(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise ValueError("each once")
    return ids


Ids = Annotated[list[UUID], Field(max_length=MOST_SUBJECTS), AfterValidator(_once_each)]


class SubjectsBody(Body):
    """All that the request is about: what is left out is no longer linked."""

    report_ids: Ids = Field(default_factory=list)
    case_ids: Ids = Field(default_factory=list)


class IdentityBody(Body):
    """how: who reported anonymously has no identity here, and shows the receipt code."""

    how: IdentityCheck


class DecisionBody(Body):
    """refusal_ground: with a refusal. ends_statistics: with an objection that is granted, the
    linked reports are counted in the totals alone."""

    decision: Decision
    refusal_ground: RefusalGround | None = None
    ends_statistics: bool = False
    reason: Prose


class UnmaskingBody(Body):
    """kinds: all that is shown from now on. Look at the export before."""

    kinds: Annotated[list[MaskKind], Field(max_length=len(MaskKind))]
    reason: Prose


class ErasureBody(Body):
    """reason: for the colleague who decides on the disposal."""

    reason: Prose


class RestrictionBody(Body):
    reason: Prose
    review_on: Day = Field(description="when to look again whether it is still needed")


class LiftingBody(Body):
    reason: Prose


class RectificationBody(Body):
    """value: of the form that the field has in a report; null empties it."""

    report_id: UUID
    field: ReporterField
    value: Remark | None
    reason: Prose

    def checked_value(self) -> str | None:
        """Raises InvalidInputError naming the value when it does not fit its field."""
        given = {self.field.value: self.value}
        try:
            if self.field in _SELF_DESCRIBED:
                SelfDescriptionBody.model_validate(given)
            else:
                ReporterBody.model_validate({"role": "x", "is_anonymous": False, **given})
        except ValidationError:
            raise invalid("/value", "does not have the form of this field", "unfitting") from None
        return self.value


_SELF_DESCRIBED = {ReporterField.AGE_BAND, ReporterField.GENDER, ReporterField.ORIGIN}


class RectificationView(View):
    id: UUID
    report_id: UUID
    field: ReporterField
    old_value: str | None
    reason: str
    rectified_on: date
    rectified_by_id: UUID
    request_id: UUID


class SubjectView(View):
    """disposal_id: of the erasure that was proposed. is_restricted: by this request."""

    kind: SubjectKind
    subject_id: UUID
    reference: str
    disposal_id: UUID | None
    is_restricted: bool


class RequestSummary(View):
    """A row of a list: no personal data, so reading it leaves no trace in the trail."""

    id: UUID
    kind: RequestKind
    role: PersonRole
    received_on: date
    due_on: date
    decision: Decision | None
    answered_on: date | None


class RequestView(VersionedView):
    """identity_note: in the language of the person, what to ask for."""

    id: UUID
    kind: RequestKind
    role: PersonRole
    language: Language
    name: str | None
    contact: str | None
    received_on: date
    due_on: date
    registered_on: date
    registered_by_id: UUID
    extended_on: date | None
    extension_reason: str | None
    identity_check: IdentityCheck | None
    identity_shown_on: date | None
    identity_checked_by_id: UUID | None
    identity_note: str
    decision: Decision | None
    refusal_ground: RefusalGround | None
    decision_reason: str | None
    answered_on: date | None
    decided_by_id: UUID | None
    unmasked_kinds: list[MaskKind]
    unmasking_reason: str | None
    restriction_lifted_on: date | None
    lifting_reason: str | None
    subjects: list[SubjectView]

"""What may be sent about prevention."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.fields import Body, Code, Day, Line, Prose, Remark, ShortLine, omittable
from app.prevention.domain import ActionStatus, SuggestionDecision
from app.prevention.service import PLAIN_FIELDS

Cents = Annotated[int, Field(ge=0, le=100_000_000_000, description="whole cents of a euro")]
Ids = Annotated[list[UUID], Field(max_length=100)]
TargetGroups = Annotated[list[ShortLine], Field(max_length=30)]
Participants = Annotated[int, Field(ge=0, le=100_000_000)]


class SuggestionDecisionBody(Body):
    """reason: needed to reject. until: needed to postpone, the day on which it comes back."""

    decision: SuggestionDecision
    reason: Remark | None = None
    until: Day | None = None


class ActionPlanning(Body):
    """kind: of the catalogue. ground, domain, municipality, district: what it is aimed at; all left
    out: what the first suggestion or signal is about. least_heard: how those are reached who are
    heard least. responsible_id: left out, whoever plans it."""

    kind: Code
    title: Line
    goals: Prose
    ground: Code | None = None
    domain: Code | None = None
    municipality: ShortLine | None = None
    district: ShortLine | None = None
    target_groups: TargetGroups = []
    least_heard: Remark | None = None
    planned_from: Day | None = None
    planned_to: Day | None = None
    planned_cents: Cents | None = None
    spent_cents: Cents | None = None
    responsible_id: UUID = omittable()
    partner_ids: Ids = []
    activity_ids: Ids = []
    suggestion_ids: Ids = []
    signal_ids: Ids = []

    def arguments(self) -> dict[str, Any]:
        """As the service takes them."""
        others = ("partner_ids", "activity_ids", "suggestion_ids", "signal_ids")
        return {
            "fields": {n: getattr(self, n) for n in PLAIN_FIELDS if n in self.model_fields_set},
            **{name: getattr(self, name) for name in others},
        }


class ActionChange(Body):
    """Replaces what is given; a list as a whole."""

    kind: Code = omittable()
    title: Line = omittable()
    goals: Prose = omittable()
    ground: Code | None = None
    domain: Code | None = None
    municipality: ShortLine | None = None
    district: ShortLine | None = None
    target_groups: TargetGroups = omittable()
    least_heard: Remark | None = None
    planned_from: Day | None = None
    planned_to: Day | None = None
    planned_cents: Cents | None = None
    spent_cents: Cents | None = None
    responsible_id: UUID = omittable()
    partner_ids: Ids = omittable()
    activity_ids: Ids = omittable()

    def changes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


class ActionMove(Body):
    """on: the day it began, ended or was called off; None: today. reason: needed to call off."""

    to: ActionStatus
    on: Day | None = None
    reason: Remark | None = None


class ActionLinkBody(Body):
    """One of them."""

    suggestion_id: UUID | None = None
    signal_id: UUID | None = None


class LinkUndoing(Body):
    reason: Remark


class PreventionPointBody(Body):
    text: Remark
    owner_id: UUID
    due_on: Day


class ActionResultBody(Body):
    """participants: who were reached. What was reported before and after is counted, not sent."""

    text: Prose
    participants: Participants | None = None

"""Shapes of activities, as in the contract."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.activities.domain import Figures, GroupFigures, PointDraft
from app.api.fields import (
    Body,
    Code,
    Day,
    Line,
    Prose,
    Remark,
    ShortLine,
    VersionedView,
    View,
    omittable,
)

Count = Annotated[int, Field(ge=0, le=100_000_000)]

PartnerIds = Annotated[list[UUID], Field(max_length=200)]
AttendeeIds = Annotated[list[UUID], Field(max_length=100)]
Guests = Annotated[list[Line], Field(max_length=200, description="people from outside")]
TargetGroups = Annotated[list[ShortLine], Field(max_length=30)]


class GroupBody(Body):
    group: ShortLine
    sample: Count
    aware: Count


class FiguresBody(Body):
    """Of an awareness measurement population, sample, aware and by_group; else participants."""

    participants: Count | None = None
    population: Count | None = None
    sample: Count | None = None
    aware: Count | None = None
    by_group: list[GroupBody] = Field([], max_length=50)

    def figures(self) -> Figures:
        return Figures(
            participants=self.participants,
            population=self.population,
            sample=self.sample,
            aware=self.aware,
            by_group=[GroupFigures(g.group, g.sample, g.aware) for g in self.by_group],
        )


class ActionPointBody(Body):
    text: Remark
    owner_id: UUID
    due_on: Day


class ActionPointDraftBody(ActionPointBody):
    done_on: Day | None = None

    def draft(self) -> PointDraft:
        return PointDraft(**self.model_dump())


class ActionPointChangeBody(ActionPointDraftBody):
    id: UUID | None = Field(None, description="of one that stands; without it, a new one")


ActionPointChanges = Annotated[list[ActionPointChangeBody], Field(max_length=50)]


class ActivityRecording(Body):
    kind: Code
    title: Line
    held_on: Day
    ended_on: Day | None = None
    place: Line | None = None
    partner_ids: PartnerIds = []
    attendee_ids: AttendeeIds = []
    guests: Guests = []
    minutes: Prose | None = None
    target_groups: TargetGroups = []
    figures: FiguresBody = FiguresBody()
    action_points: list[ActionPointDraftBody] = Field([], max_length=50)

    def arguments(self) -> dict[str, Any]:
        return _arguments(self, set(type(self).model_fields))


class ActivityChange(Body):
    """Replaces what is given; action points too, but those named by their id stay."""

    kind: Code = omittable()
    title: Line = omittable()
    held_on: Day = omittable()
    ended_on: Day | None = None
    place: Line | None = None
    partner_ids: PartnerIds = omittable()
    attendee_ids: AttendeeIds = omittable()
    guests: Guests = omittable()
    minutes: Prose | None = None
    target_groups: TargetGroups = omittable()
    figures: FiguresBody = omittable()
    action_points: ActionPointChanges = omittable()
    is_cancelled: bool = omittable()

    def arguments(self) -> dict[str, Any]:
        return _arguments(self, self.model_fields_set)


def _arguments(body: ActivityRecording | ActivityChange, given: set[str]) -> dict[str, Any]:
    """As the service takes them."""
    found: dict[str, Any] = {name: getattr(body, name) for name in given}
    if "figures" in found:
        found["figures"] = body.figures.figures()
    if "action_points" in found:
        found["points"] = [point.draft() for point in found.pop("action_points")]
    return found


class ActivitySummary(View):
    """A row of a list: no personal data."""

    id: UUID
    reference: str
    kind: str
    title: str
    held_on: date
    ended_on: date | None
    place: str | None
    is_cancelled: bool
    partner_ids: list[UUID]


class GroupView(View):
    group: str
    sample: int
    aware: int
    aware_share: float | None


class FiguresView(View):
    participants: int | None
    population: int | None
    sample: int | None
    aware: int | None
    aware_share: float | None
    by_group: list[GroupView]


class ActionPointView(View):
    id: UUID
    activity_id: UUID
    text: str
    owner_id: UUID
    set_on: date
    due_on: date
    done_on: date | None


class ActivityView(VersionedView):
    id: UUID
    reference: str
    kind: str
    title: str
    held_on: date
    ended_on: date | None
    place: str | None
    is_planned: bool
    is_cancelled: bool
    partner_ids: list[UUID]
    attendee_ids: list[UUID]
    guests: list[str]
    minutes: str | None
    target_groups: list[str]
    figures: FiguresView
    action_points: list[ActionPointView]

"""Rows as the shapes of the contract."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from app.activities.domain import aware_share
from app.activities.models import Activity
from app.activities.schemas import (
    ActionPointView,
    ActivitySummary,
    ActivityView,
    FiguresView,
    GroupView,
)


def activity_view(activity: Activity, *, today: date) -> ActivityView:
    return ActivityView(
        id=activity.id,
        version=activity.version,
        reference=activity.reference,
        kind=activity.kind,
        title=activity.title,
        held_on=activity.held_on,
        ended_on=activity.ended_on,
        place=activity.place,
        is_planned=activity.held_on > today and not activity.is_cancelled,
        is_cancelled=activity.is_cancelled,
        partner_ids=sorted(row.partner_id for row in activity.partners),
        attendee_ids=sorted(row.account_id for row in activity.attendees),
        guests=[row.name for row in activity.guests],
        minutes=activity.minutes,
        target_groups=list(activity.target_groups),
        figures=FiguresView(
            participants=activity.participants,
            population=activity.population,
            sample=activity.sample,
            aware=activity.aware,
            aware_share=aware_share(activity.sample, activity.aware),
            by_group=[
                GroupView(
                    group=g.group,
                    sample=g.sample,
                    aware=g.aware,
                    aware_share=aware_share(g.sample, g.aware),
                )
                for g in activity.groups
            ],
        ),
        action_points=[
            ActionPointView.model_validate(point)
            for point in sorted(activity.action_points, key=lambda p: (p.due_on, p.id))
        ],
    )


def activity_summary(
    activity: Activity, partners: Mapping[UUID, Sequence[UUID]]
) -> ActivitySummary:
    return ActivitySummary(
        id=activity.id,
        reference=activity.reference,
        kind=activity.kind,
        title=activity.title,
        held_on=activity.held_on,
        ended_on=activity.ended_on,
        place=activity.place,
        is_cancelled=activity.is_cancelled,
        partner_ids=list(partners[activity.id]),
    )

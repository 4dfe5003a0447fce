"""Planning preventive actions, changing and moving them, and what they rest on."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.activities.models import Activity
from app.activities.queries import visible_activities
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError, invalid
from app.identity import service as identity
from app.partners.models import Partner
from app.partners.queries import visible_partners
from app.prevention import kept, queries
from app.prevention.catalogue import catalogue
from app.prevention.domain import (
    EVERYTHING,
    ActionStatus,
    NotAcceptedError,
    SuggestionState,
    action_reference,
    require_move,
    require_open,
    require_plan,
)
from app.prevention.models import (
    PreventionAction,
    PreventionActivity,
    PreventionCounter,
    PreventionLink,
    PreventionPartner,
    PreventionSuggestion,
)
from app.prevention.suggestions import may_see
from app.signals.domain import Cell
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Use

CELL = ("ground", "domain", "municipality", "district")
PLAIN_FIELDS = (
    "kind",
    "title",
    "goals",
    *CELL,
    "target_groups",
    "least_heard",
    "planned_from",
    "planned_to",
    "planned_cents",
    "spent_cents",
    "responsible_id",
)


def plan_action(
    session: Session,
    actor: Actor,
    *,
    fields: Mapping[str, Any],
    partner_ids: Collection[UUID],
    activity_ids: Collection[UUID],
    suggestion_ids: Collection[UUID],
    signal_ids: Collection[UUID],
    at: datetime,
) -> PreventionAction:
    """fields: those of PLAIN_FIELDS that are given. Aimed at nothing: it is aimed at what the first
    suggestion or signal that it rests on is about.

    Raises InvalidInputError naming each field; NotAcceptedError.
    """
    actor.require(Permission.PREVENTION_CARRY_OUT)
    suggestions = [
        _accepted(session, actor, one, f"/suggestion_ids/{place}")
        for place, one in enumerate(dict.fromkeys(suggestion_ids))
    ]
    cells = [_cell_of_suggestion(session, suggestion) for suggestion in suggestions]
    for place, signal_id in enumerate(dict.fromkeys(signal_ids)):
        cells.append(_cell_of_signal(session, actor, signal_id, f"/signal_ids/{place}"))
    given = {"responsible_id": actor.id, "target_groups": [], **fields}
    if cells and Cell(*(given.get(name) for name in CELL)) == EVERYTHING:
        given |= vars(cells[0])
    year = local_date(at).year
    action = PreventionAction(
        id=uuid4(),
        reference=action_reference(year, _next_number(session, year)),
        status=ActionStatus.PLANNED,
        recorded_at=at,
        recorded_by_id=actor.id,
    )
    _set_fields(session, action, given, at=at)
    _set_others(session, actor, action, partner_ids, activity_ids)
    for suggestion in suggestions:
        _add_link(action, actor, at, suggestion_id=suggestion.id)
    for signal_id in dict.fromkeys(signal_ids):
        _add_link(action, actor, at, signal_id=signal_id)
    session.add(action)
    session.flush()  # gives the links their ids
    _note(session, actor, Event.PREVENTION_ACTION_PLANNED, action, at=at, kind=action.kind)
    return action


def change_action(
    session: Session,
    actor: Actor,
    action_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected_version: int | None,
    at: datetime,
) -> PreventionAction:
    """Replace what is given: PLAIN_FIELDS, partner_ids, activity_ids."""
    actor.require(Permission.PREVENTION_CARRY_OUT)
    action = queries.get_action(session, actor, action_id, for_update=True)
    action.require_version(expected_version)
    _set_fields(session, action, changes, at=at)
    _set_others(session, actor, action, changes.get("partner_ids"), changes.get("activity_ids"))
    action.touch()
    fields = " ".join(sorted(changes))
    _note(session, actor, Event.PREVENTION_ACTION_CHANGED, action, at=at, fields=fields)
    return action


def move_action(
    session: Session,
    actor: Actor,
    action_id: UUID,
    *,
    to: ActionStatus,
    on: date | None,
    reason: str | None,
    expected_version: int | None,
    at: datetime,
) -> PreventionAction:
    """Begin, complete, or call off with a reason. on: when it was so; None: today."""
    actor.require(Permission.PREVENTION_CARRY_OUT)
    action = queries.get_action(session, actor, action_id, for_update=True)
    action.require_version(expected_version)
    today = local_date(at)
    day = on or today
    require_move(action.status, to, on=day, began_on=action.began_on, reason=reason, today=today)
    if to is ActionStatus.RUNNING:
        action.began_on = day
    elif to is ActionStatus.COMPLETED:
        action.ended_on = day
    else:
        action.cancelled_on, action.cancel_reason = day, reason
    action.status = to
    action.touch()
    _note(session, actor, Event.PREVENTION_ACTION_MOVED, action, at=at, to=to.value)
    return action


def link_action(
    session: Session,
    actor: Actor,
    action_id: UUID,
    *,
    suggestion_id: UUID | None,
    signal_id: UUID | None,
    expected_version: int | None,
    at: datetime,
) -> PreventionAction:
    """Note that it rests on an accepted suggestion, or on a signal, too; not of one called off."""
    actor.require(Permission.PREVENTION_CARRY_OUT)
    action = queries.get_action(session, actor, action_id, for_update=True)
    action.require_version(expected_version)
    require_open(action.status)
    if (suggestion_id is None) == (signal_id is None):
        raise invalid("/suggestion_id", "a suggestion or a signal, one of them", "one_of")
    pointer = "/signal_id" if signal_id else "/suggestion_id"
    if suggestion_id is not None:
        _accepted(session, actor, suggestion_id, pointer)
    if signal_id is not None:
        _cell_of_signal(session, actor, signal_id, pointer)
    standing = [link for link in action.links if link.undone_on is None]
    if any((one.suggestion_id, one.signal_id) == (suggestion_id, signal_id) for one in standing):
        raise invalid(pointer, "it rests on it already", "duplicate")
    _add_link(action, actor, at, suggestion_id=suggestion_id, signal_id=signal_id)
    action.touch()
    _note(session, actor, Event.PREVENTION_LINK_CHANGED, action, at=at, act="made")
    return action


def undo_link(
    session: Session,
    actor: Actor,
    action_id: UUID,
    link_id: UUID,
    *,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> PreventionAction:
    """It never rested on it. The link stays, with the reason, and counts for nothing."""
    actor.require(Permission.PREVENTION_CARRY_OUT)
    action = queries.get_action(session, actor, action_id, for_update=True)
    link = next((link for link in action.links if link.id == link_id), None)
    if link is None:
        raise NotFoundError
    action.require_version(expected_version)
    if link.undone_on is not None:
        raise ConflictError("The link is undone already.", code="nothing_changes")
    link.undone_on, link.undone_by_id, link.undone_reason = local_date(at), actor.id, reason
    action.touch()
    _note(session, actor, Event.PREVENTION_LINK_CHANGED, action, at=at, act="undone")
    return action


def _set_fields(
    session: Session,
    action: PreventionAction,
    given: Mapping[str, Any],
    *,
    at: datetime,
) -> None:
    """Raises InvalidInputError; what stands already is not judged anew."""
    kind = given.get("kind", action.kind)
    if kind != action.kind and catalogue().kind(kind) is None:
        raise invalid("/kind", "no kind of the catalogue", "unknown_code")
    uses = [
        Use(codes, given[name], f"/{name}")
        for name, codes in (("ground", CodeList.GROUNDS), ("domain", CodeList.DOMAINS))
        if name in given and given[name] != getattr(action, name)
    ]
    vocabulary.current(session).require(uses, local_date(at))
    require_plan(
        planned_from=given.get("planned_from", action.planned_from),
        planned_to=given.get("planned_to", action.planned_to),
        cell=Cell(*(given.get(name, getattr(action, name)) for name in CELL)),
    )
    responsible = given.get("responsible_id", action.responsible_id)
    if responsible != action.responsible_id:
        identity.require_assignable(
            session, responsible, "/responsible_id", Permission.PREVENTION_CARRY_OUT
        )
    for name in PLAIN_FIELDS:
        if name in given:
            setattr(action, name, given[name])


def _set_others(
    session: Session,
    actor: Actor,
    action: PreventionAction,
    partner_ids: Collection[UUID] | None,
    activity_ids: Collection[UUID] | None,
) -> None:
    """None leaves them as they are. Rows that stay are kept: their keys must not be given twice."""
    partners = {row.partner_id: row for row in action.partners}
    activities = {row.activity_id: row for row in action.activities}
    with session.no_autoflush:
        known_partners = visible_partners(actor).where(Partner.id.in_(partner_ids or ()))
        known_activities = visible_activities(actor).where(Activity.id.in_(activity_ids or ()))
        known = {
            *session.scalars(known_partners.with_only_columns(Partner.id)),
            *session.scalars(known_activities.with_only_columns(Activity.id)),
            *partners,
            *activities,
        }
    wrong = [
        FieldError(f"/{name}/{place}", "nothing has this id", "unknown_id")
        for name, ids in (("partner_ids", partner_ids), ("activity_ids", activity_ids))
        for place, one in enumerate(ids or ())
        if one not in known
    ]
    if wrong:
        raise InvalidInputError(*wrong)
    if partner_ids is not None:
        action.partners = [
            partners.get(one) or PreventionPartner(partner_id=one)
            for one in dict.fromkeys(partner_ids)
        ]
    if activity_ids is not None:
        action.activities = [
            activities.get(one) or PreventionActivity(activity_id=one)
            for one in dict.fromkeys(activity_ids)
        ]


def _accepted(
    session: Session, actor: Actor, suggestion_id: UUID, pointer: str
) -> PreventionSuggestion:
    """Locked, so that it is not rejected in the same moment."""
    row = queries.decided(session, suggestion_id, for_update=True)
    if row is None or not may_see(session, actor, row):
        raise invalid(pointer, "no suggestion that was decided on", "unknown_suggestion")
    if row.state is not SuggestionState.ACCEPTED:
        raise NotAcceptedError("The suggestion is not accepted.", code="not_accepted")
    return row


def _cell_of_suggestion(session: Session, suggestion: PreventionSuggestion) -> Cell:
    accepted = queries.last_acceptance(session, suggestion.id)
    assert accepted is not None  # noqa: S101  (its state says so)
    return kept.evidence_of(accepted.evidence, respondent=None).cell


def _cell_of_signal(session: Session, actor: Actor, signal_id: UUID, pointer: str) -> Cell:
    signal = queries.seen_signals(session, actor, [signal_id]).get(signal_id)
    if signal is None:
        raise invalid(pointer, "no signal", "unknown_signal")
    return Cell(signal.ground, signal.domain, signal.municipality, signal.district)


def _add_link(
    action: PreventionAction,
    actor: Actor,
    at: datetime,
    *,
    suggestion_id: UUID | None = None,
    signal_id: UUID | None = None,
) -> None:
    action.links.append(
        PreventionLink(
            id=uuid4(),
            position=len(action.links),
            suggestion_id=suggestion_id,
            signal_id=signal_id,
            linked_at=at,
            linked_by_id=actor.id,
        )
    )


def _note(
    session: Session,
    actor: Actor,
    event: Event,
    action: PreventionAction,
    *,
    at: datetime,
    **details: str,
) -> None:
    audit.record(session, actor, event, "prevention_action", action.id, at=at, **details)


def _next_number(session: Session, year: int) -> int:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(PreventionCounter)
        .values(year=year, last_number=1)
        .on_conflict_do_update(
            index_elements=[PreventionCounter.year],
            set_={"last_number": PreventionCounter.last_number + 1},
        )
        .returning(PreventionCounter.last_number)
    )
    number: int = session.execute(statement).scalar_one()
    return number

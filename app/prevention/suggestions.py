"""The suggestions of a year, and what is decided on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, NotFoundError, StaleVersionError, invalid
from app.core.rows import insert_rows
from app.partners.scoring import Fit
from app.prevention import kept, queries
from app.prevention.catalogue import catalogue
from app.prevention.domain import (
    FIRST_YEAR,
    STATE_AFTER,
    EvidenceKind,
    Suggestion,
    SuggestionDecision,
    SuggestionState,
    require_decision,
    require_free,
    state_of,
    year_of,
)
from app.prevention.gathering import gather
from app.prevention.involving import partners_for
from app.prevention.models import (
    PreventionDecisionReport,
    PreventionSuggestion,
    PreventionSuggestionDecision,
)
from app.prevention.scoring import suggest
from app.signals.domain import Cell


@dataclass(frozen=True)
class SuggestionFilter:
    """Each None does not filter. limit: at most so many, the best."""

    state: SuggestionState | None = None
    evidence: EvidenceKind | None = None
    kind: str | None = None
    ground: str | None = None
    domain: str | None = None
    limit: int = 50


@dataclass(frozen=True)
class Found:
    """A suggestion as it stands. rank: its place in the whole list of the year, from 1. row: None
    while nothing was decided."""

    suggestion: Suggestion
    rank: int
    state: SuggestionState
    row: PreventionSuggestion | None
    partners: Sequence[Fit] = ()


@dataclass(frozen=True)
class FoundYear:
    """shown: what the filter leaves, up to its limit; total: without that limit."""

    year: int
    shown: Sequence[Found]
    total: int


def find_year(
    session: Session, actor: Actor, year: int | None, wanted: SuggestionFilter, *, today: date
) -> FoundYear:
    """year: whose evidence is looked at; None: the year before this one.

    Raises InvalidInputError for a year to come.
    """
    year = today.year - 1 if year is None else year
    everything = _of_year(session, actor, year, today=today)
    meant = [one for one in everything if _is_meant(one, wanted)]
    shown = _with_partners(session, actor, meant[: wanted.limit], today=today)
    return FoundYear(year, shown, len(meant))


def find_one(session: Session, actor: Actor, suggestion_id: UUID, *, today: date) -> Found | None:
    """None where the evidence does not call for it any more, or not before this reader."""
    year = year_of(suggestion_id)
    if year is None or year > today.year:
        return None
    everything = _of_year(session, actor, year, today=today)
    meant = [one for one in everything if one.suggestion.id == suggestion_id]
    found = _with_partners(session, actor, meant, today=today)
    return found[0] if found else None


def _of_year(session: Session, actor: Actor, year: int, *, today: date) -> list[Found]:
    actor.require(Permission.PREVENTION_READ)
    if not FIRST_YEAR <= year <= today.year:
        raise invalid("/query/based_on_year", "not a year to come", "not_in_range")
    evidence = gather(session, actor, year, catalogue(), today=today)
    ranked = suggest(evidence, queries.earlier_actions(session, actor), catalogue())
    rows = queries.decided_of_year(session, year)
    return [
        _found(suggestion, rank, rows.get(suggestion.id), today=today)
        for rank, suggestion in enumerate(ranked, start=1)
    ]


def _found(
    suggestion: Suggestion, rank: int, row: PreventionSuggestion | None, *, today: date
) -> Found:
    state = SuggestionState.OPEN
    if row is not None:
        state = state_of(
            row.state,
            number=suggestion.evidence.number,
            decided_number=row.number,
            postponed_until=row.postponed_until,
            today=today,
        )
    return Found(suggestion, rank, state, row)


def _is_meant(found: Found, wanted: SuggestionFilter) -> bool:
    suggestion = found.suggestion
    pairs = (
        (wanted.state, found.state),
        (wanted.evidence, suggestion.evidence.kind),
        (wanted.kind, suggestion.kind),
        (wanted.ground, suggestion.evidence.cell.ground),
        (wanted.domain, suggestion.evidence.cell.domain),
    )
    return all(asked is None or asked == is_so for asked, is_so in pairs)


def _with_partners(
    session: Session, actor: Actor, found: Sequence[Found], *, today: date
) -> list[Found]:
    cells = {one.suggestion.evidence.cell for one in found}
    fits: Mapping[Cell, Sequence[Fit]] = partners_for(session, actor, cells, today=today)
    return [
        Found(one.suggestion, one.rank, one.state, one.row, fits[one.suggestion.evidence.cell])
        for one in found
    ]


def decide(
    session: Session,
    actor: Actor,
    suggestion_id: UUID,
    *,
    decision: SuggestionDecision,
    reason: str | None,
    until: date | None,
    expected_version: int | None,
    at: datetime,
) -> PreventionSuggestion:
    """Accept, reject with a reason, or postpone until a day; its evidence is kept as it is now.

    Raises NotFoundError where nothing calls for it; SuggestionError; InUseError;
    InvalidInputError, see `require_decision`.
    """
    actor.require(Permission.PREVENTION_DECIDE)
    today = local_date(at)
    row = queries.decided(session, suggestion_id, for_update=True)
    found = find_one(session, actor, suggestion_id, today=today)
    if found is None:
        if row is None or not may_see(session, actor, row):
            raise NotFoundError
        raise ConflictError("Nothing calls for it any more.", code="evidence_gone")
    if expected_version is not None and expected_version != (row.version if row else 0):
        raise StaleVersionError("Read it again, then repeat your change.")
    require_decision(found.state, decision, reason=reason, until=until, today=today)
    require_free(decision, actions=len(queries.actions_resting_on(session, suggestion_id)))
    suggestion = found.suggestion
    if row is None:
        signal = suggestion.evidence.signal
        row = PreventionSuggestion(
            id=suggestion_id,
            based_on_year=suggestion.evidence.year,
            kind=suggestion.kind,
            evidence_kind=suggestion.evidence.kind,
            signal_id=signal.id if signal else None,
        )
        session.add(row)
    else:
        row.touch()
    row.state = STATE_AFTER[decision]
    row.postponed_until = until
    row.number = suggestion.evidence.number
    session.flush()  # the decision names it
    _keep_decision(session, actor, suggestion, decision, reason=reason, until=until, today=today)
    audit.record(
        session,
        actor,
        Event.PREVENTION_SUGGESTION_DECIDED,
        "prevention_suggestion",
        suggestion_id,
        at=at,
        decision=decision.value,
    )
    return row


def _keep_decision(
    session: Session,
    actor: Actor,
    suggestion: Suggestion,
    decision: SuggestionDecision,
    *,
    reason: str | None,
    until: date | None,
    today: date,
) -> None:
    row = PreventionSuggestionDecision(
        id=uuid4(),
        suggestion_id=suggestion.id,
        position=len(queries.decisions_of(session, suggestion.id)),
        decision=decision,
        reason=reason,
        until=until,
        evidence=kept.as_row(suggestion),
        respondent=suggestion.evidence.respondent,
        decided_on=today,
        decided_by_id=actor.account_id,
    )
    session.add(row)
    session.flush()  # its reports name it
    reports = suggestion.evidence.report_ids
    insert_rows(
        session,
        PreventionDecisionReport,
        [{"decision_id": row.id, "report_id": report_id} for report_id in reports],
    )


def may_see(session: Session, actor: Actor, row: PreventionSuggestion) -> bool:
    """Whether this actor may know of a suggestion whose evidence is gone."""
    if row.signal_id is not None:
        return bool(queries.seen_signals(session, actor, [row.signal_id]))
    decisions = queries.decisions_of(session, row.id)
    return len(queries.hidden_decisions(session, actor, row.id)) < len(decisions)

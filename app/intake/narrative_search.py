"""Words looked for in narratives: opened one after the other, since an index of words beside the
sealed text would say in clear what it says (docs/decisions/015-sealing.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, Text, tuple_, type_coerce
from sqlalchemy.orm import Session, selectinload

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor
from app.core.errors import invalid
from app.core.folding import fold
from app.core.sealed_rows import open_value
from app.core.sealing import sealer_of
from app.intake import queries
from app.intake.models import Report
from app.intake.queries import ReportFilter

MOST_OPENED = 20_000
MOST_FOUND = 50
BATCH = 500
LEAST_LETTERS = 3
"""Of the longest word: shorter ones are in nearly every narrative."""


@dataclass(frozen=True)
class FoundNarratives:
    """reports: at most 50, the newest first; opened: how many narratives were looked in;
    is_complete: whether no other report that fits the filter was left."""

    reports: list[Report]
    opened: int
    is_complete: bool


def search_narratives(
    session: Session, actor: Actor, words: str, wanted: ReportFilter, *, today: date, at: datetime
) -> FoundNarratives:
    """The newest visible reports that fit and whose narrative holds every word, in any order.

    Words are parts of words, without case and accents. At most 20,000 narratives are opened, about
    50 microseconds each. Each report found stands in the trail as read; what was asked does not.
    Raises InvalidInputError for words that are too short and for unknown codes.
    """
    needles = fold(words).split()
    if max(map(len, needles), default=0) < LEAST_LETTERS:
        raise invalid("/words", "one word must have at least three letters", "too_short")
    queries.require_codes(session, wanted, within="")
    query = queries.visible_reports(actor).where(*queries.report_conditions(wanted, today=today))
    found: list[UUID] = []
    opened, is_complete = 0, True
    for report_id, narrative in _narratives(session, query):
        if opened == MOST_OPENED or len(found) == MOST_FOUND:
            is_complete = False
            break
        opened += 1
        folded = fold(narrative)
        if all(needle in folded for needle in needles):
            found.append(report_id)
    audit.record(
        session, actor, Event.NARRATIVES_SEARCHED, None, None, at=at, opened=opened,
        found=len(found),
    )  # fmt: skip
    for report_id in found:
        audit.record(session, actor, Event.NARRATIVES_SEARCHED, "report", report_id, at=at)
    reports = queries.visible_reports(actor).where(Report.id.in_(found))
    return FoundNarratives(
        list(
            session.scalars(
                reports.order_by(Report.received_on.desc(), Report.id.desc()).options(
                    selectinload(Report.grounds)
                )
            )
        ),
        opened,
        is_complete,
    )


def _narratives(session: Session, query: Select[Report]) -> Iterator[tuple[UUID, str]]:
    """The newest day first, a batch and its data keys at a time."""
    connection, sealer = session.connection(), sealer_of(session)
    # Coerced: SQLAlchemy compares cached columns with ==, which a personal column refuses.
    sealed = type_coerce(Report.narrative, Text).label("narrative")
    columns = query.with_only_columns(Report.id, Report.received_on, sealed).order_by(
        Report.received_on.desc(), Report.id.desc()
    )
    batch = connection.execute(columns.limit(BATCH)).all()
    while batch:
        sealer.fetch_keys(connection, [row.id for row in batch])
        for row in batch:
            yield row.id, open_value(session, Report, row._asdict(), "narrative")
        after = tuple_(Report.received_on, Report.id) < tuple_(batch[-1].received_on, batch[-1].id)
        batch = connection.execute(columns.where(after).limit(BATCH)).all()

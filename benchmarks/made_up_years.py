"""Years of made-up reports, cases and agreements, written by bulk inserts."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.cases.models import Case, CaseHold, CaseReport
from app.core.models import Base
from app.core.rows import insert_rows
from app.identity.models import StaffAccount
from app.intake.models import MassEvent, Report, ReportConduct, ReportGround
from app.resolutions.models import (
    Agreement,
    Commitment,
    Negotiation,
    Party,
    Proposal,
    Term,
)
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Vocabulary

Row = dict[str, Any]
Rows = dict[type[Base], list[Row]]

ORDER: tuple[type[Base], ...] = (
    MassEvent,
    Report,
    ReportGround,
    ReportConduct,
    Case,
    CaseReport,
    CaseHold,
    Negotiation,
    Party,
    Proposal,
    Term,
    Agreement,
    Commitment,
)
"""Parents first, for the foreign keys."""

TOWNS = ("Genk", "Hasselt", "Zutendaal", "As", "Diepenbeek", "Bilzen", "Houthalen")
MUNICIPALITIES = (*TOWNS, *(f"Gemeente {number}" for number in range(37)))
DISTRICTS = tuple(f"Wijk {number}" for number in range(24))
MASS_SHARE = 0.1
BATCH = 10_000


class Years:
    """Draws rows; the same seed gives the same rows."""

    def __init__(
        self, codes: Vocabulary, mediator_id: UUID, *, case_share: float, seed: int = 1
    ) -> None:
        self._case_share = case_share
        self._chance = random.Random(seed)
        self._codes = {name: tuple(codes.entries(name)) for name in CodeList}
        self._mediator_id = mediator_id
        self._number = 0

    def rows(self, year: int, reports: int) -> Iterator[Rows]:
        """One year, in batches."""
        events = [self._id() for _ in range(20)]
        yield {
            MassEvent: [
                {"id": event, "title": "Made up", "created_on": date(year, 1, 1)}
                for event in events
            ]
        }
        left = iter(range(reports))
        while batch := list(islice(left, BATCH)):
            rows: Rows = {model: [] for model in ORDER}
            for _ in batch:
                self._add_report(rows, year, events)
            yield rows

    def _id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)

    def _code(self, name: CodeList) -> str:
        """Low positions come up more often, as a few grounds and domains do in life."""
        codes = self._codes[name]
        return codes[int(len(codes) * self._chance.random() ** 2)]

    def _place(self, names: Sequence[str]) -> str | None:
        return None if self._chance.random() < 0.1 else names[self._skewed(len(names))]

    def _skewed(self, size: int) -> int:
        return int(size * self._chance.random() ** 3)

    def _later(self, day: date, days: int) -> date:
        return day + timedelta(days=int(days * self._chance.random() ** 2))

    def _maybe(self, share: float) -> bool:
        return self._chance.random() < share

    def _add_report(self, rows: Rows, year: int, events: Sequence[UUID]) -> None:
        self._number += 1
        report_id = self._id()
        received_on = date(year, 1, 1) + timedelta(days=self._chance.randrange(365))
        grounds = {self._code(CodeList.GROUNDS) for _ in range(1 + self._skewed(4))}
        has_case = self._maybe(self._case_share)
        many = "cumulative" if self._maybe(0.5) else None
        conducts = {self._code(CodeList.CONDUCTS) for _ in range(1 + self._skewed(2))}
        rows[Report].append(
            {
                "id": report_id,
                "reference": f"R-{year}-{self._number:08d}",
                "received_at": _midnight(received_on),
                "received_on": received_on,
                "request": self._code(CodeList.REQUESTS),
                "channel": self._code(CodeList.CHANNELS),
                "language": "nl",
                "status": "case_opened" if has_case else "registered_only",
                "is_in_case": has_case,
                "acknowledge_by": received_on + timedelta(days=7),
                "answer_by": received_on + timedelta(days=42),
                "acknowledged_on": self._later(received_on, 12) if self._maybe(0.95) else None,
                "answered_on": self._later(received_on, 60) if self._maybe(0.8) else None,
                "reporter_role": "victim",
                "is_anonymous": True,
                "reporter_municipality": self._place(MUNICIPALITIES),
                "narrative": "Made up for a measurement. " * 20,
                "incident_municipality": self._place(MUNICIPALITIES),
                "incident_district": self._place(DISTRICTS),
                "domain": self._code(CodeList.DOMAINS),
                "respondent_kind": (
                    self._code(CodeList.RESPONDENT_KINDS) if self._maybe(0.8) else None
                ),
                "multiplicity": many if len(grounds) > 1 else "single",
                "consent_contact": True,
                "consent_approach_respondent": True,
                "consent_share_with_partners": True,
                "consent_statistics": self._maybe(0.97),
                "event_id": self._chance.choice(events) if self._maybe(MASS_SHARE) else None,
                "ground_codes": ",".join(sorted(grounds)),
                "conduct_codes": ",".join(sorted(conducts)),
                "search_text": f"r-{year}-{self._number:08d} made up immo voorbeeld genk",
            }
        )
        rows[ReportGround] += [
            {"report_id": report_id, "code": code, "link": "own"} for code in grounds
        ]
        rows[ReportConduct] += [{"report_id": report_id, "code": code} for code in conducts]
        if has_case:
            self._add_case(rows, report_id, received_on)

    def _add_case(self, rows: Rows, report_id: UUID, received_on: date) -> None:
        case_id = self._id()
        opened_on = self._later(received_on, 10)
        closed_on = self._later(opened_on, 500) if self._maybe(0.8) else None
        rows[Case].append(
            {
                "id": case_id,
                "year": opened_on.year,
                "number": self._number,
                "reference": f"C-{opened_on.year}-{self._number:08d}",
                "status": "closed" if closed_on else "open",
                "opened_at": _midnight(opened_on),
                "opened_on": opened_on,
                "target_on": opened_on + timedelta(days=180),
                "assessment": self._code(CodeList.ASSESSMENTS),
                "outcome": self._code(CodeList.OUTCOMES) if closed_on else None,
                "closed_on": closed_on,
            }
        )
        rows[CaseReport].append({"report_id": report_id, "case_id": case_id, "added_on": opened_on})
        if self._maybe(0.1):
            rows[CaseHold].append(
                {
                    "id": self._id(),
                    "case_id": case_id,
                    "started_on": opened_on,
                    "ended_on": self._later(opened_on, 60),
                    "reason": "Made up",
                }
            )
        if self._maybe(0.2):
            self._add_negotiation(rows, case_id, opened_on)

    def _add_negotiation(self, rows: Rows, case_id: UUID, opened_on: date) -> None:
        negotiation_id, party_id = self._id(), self._id()
        started_on = self._later(opened_on, 60)
        status = self._chance.choice(("agreed", "ended", "ongoing"))
        ended_on = None if status == "ongoing" else self._later(started_on, 120)
        rows[Negotiation].append(
            {
                "id": negotiation_id,
                "case_id": case_id,
                "number": 1,
                "mediator_id": self._mediator_id,
                "status": status,
                "started_on": started_on,
                "ended_on": ended_on,
                "end_reason": "no_agreement" if status == "ended" else None,
                "complainant_consented_on": started_on,
            }
        )
        rows[Party].append(
            {
                "id": party_id,
                "negotiation_id": negotiation_id,
                "case_id": case_id,
                "position": 0,
                "role": "respondent",
                "name": "Made up",
            }
        )
        if status == "agreed" and ended_on is not None:
            self._add_agreement(rows, case_id, negotiation_id, party_id, ended_on)

    def _add_agreement(
        self, rows: Rows, case_id: UUID, negotiation_id: UUID, party_id: UUID, reached_on: date
    ) -> None:
        proposal_id, agreement_id = self._id(), self._id()
        rows[Proposal].append(
            {
                "id": proposal_id,
                "negotiation_id": negotiation_id,
                "number": 1,
                "by_party_id": party_id,
                "status": "agreed",
                "made_at": _midnight(reached_on),
            }
        )
        rows[Agreement].append(
            {
                "id": agreement_id,
                "negotiation_id": negotiation_id,
                "proposal_id": proposal_id,
                "case_id": case_id,
                "reached_at": _midnight(reached_on),
                "reached_on": reached_on,
            }
        )
        for position in range(1 + self._skewed(3)):
            term_id = self._id()
            due_on = self._later(reached_on, 200)
            rows[Term].append(
                {
                    "id": term_id,
                    "proposal_id": proposal_id,
                    "case_id": case_id,
                    "position": position,
                    "kind": self._code(CodeList.TERM_KINDS),
                    "text": "Made up",
                    "debtor_party_id": party_id,
                    "due_on": due_on,
                }
            )
            rows[Commitment].append(
                {
                    "id": self._id(),
                    "agreement_id": agreement_id,
                    "term_id": term_id,
                    "case_id": case_id,
                    "kind": rows[Term][-1]["kind"],
                    "debtor_party_id": party_id,
                    "due_on": due_on,
                    "status": self._chance.choice(
                        ("pending", "fulfilled", "fulfilled", "breached")
                    ),
                }
            )


def fill(
    session: Session, *, last_year: int, years: int, reports: int, case_share: float = 0.25
) -> UUID:
    """`reports` a year for `years` years up to `last_year`; answers who mediates.

    case_share: as Unia had in 2023, 1,704 files of 6,706 reports.
    """
    mediator = StaffAccount(
        username="mediator",
        display_name="Made up",
        password_hash="no-password",
        created_at=_midnight(date(last_year, 1, 1)),
    )
    session.add(mediator)
    session.flush()
    drawn = Years(vocabulary.current(session), mediator.id, case_share=case_share)
    for year in range(last_year - years + 1, last_year + 1):
        for rows in drawn.rows(year, reports):
            for model in ORDER:
                insert_rows(session, model, rows.get(model, ()))
    return mediator.id


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

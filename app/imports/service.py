"""Importing: batches of rows, each one transaction with the records of what it did.

Because rows and records are committed together, an interrupted import resumes by being run again:
what is recorded is unchanged.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases.domain import CaseStatus
from app.cases.imported import PastCase, add_past_case, change_past_case, is_untouched
from app.core.access import SYSTEM
from app.core.clock import local_date
from app.core.database import Database
from app.core.rows import insert_rows
from app.imports.mapping import MappingError, MappingFile
from app.imports.models import ImportRecord
from app.imports.reader import SourceRow
from app.imports.transform import PlannedRow, RowRefusedError, plan_row
from app.intake.imported import (
    PastReport,
    add_past_reports,
    change_past_report,
    past_report_errors,
)
from app.intake.models import Report
from app.intake.service import Periods
from app.vocabulary import queries as vocabulary

BATCH = 500


class Result(StrEnum):
    CREATED = "created"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    REFUSED = "refused"


@dataclass(frozen=True)
class RowResult:
    """How a row ended. rule: the status rule that decided. remarks: reasons and warnings."""

    number: int
    key: str
    result: Result
    rule: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terms:
    """What the import needs of the settings, and when it runs."""

    periods: Periods
    case_target_days: int
    at: datetime
    run_id: UUID = field(default_factory=uuid4)


class _DryRunError(Exception):
    """Rolls a batch back."""


def check_codes(database: Database, mapping: MappingFile, *, at: datetime) -> None:
    """Raises MappingError for codes that no list knows."""
    with database.snapshot() as session:
        errors = mapping.code_errors(vocabulary.current(session), on=local_date(at))
    if errors:
        raise MappingError("\n".join(f"{e.pointer}: {e.message}" for e in errors))


def import_rows(
    database: Database,
    mapping: MappingFile,
    rows: Iterable[SourceRow],
    *,
    terms: Terms,
    is_dry_run: bool,
    report: Callable[[RowResult], None],
) -> dict[Result, int]:
    """Import every row and say how each ended; at the end the trail gets one entry.

    A dry run does the same in transactions that are rolled back; it does not see a key that
    stands twice further apart than a batch.
    """
    counts = dict.fromkeys(Result, 0)
    for batch in _batches(rows):
        for result in _import_batch(database, mapping, batch, terms, is_dry_run):
            counts[result.result] += 1
            report(result)
    if not is_dry_run:
        with database.transaction() as session:
            audit.record(
                session,
                SYSTEM,
                Event.IMPORT_RUN,
                "import",
                terms.run_id,
                at=terms.at,
                source=mapping.source.name,
                **{result.value: n for result, n in counts.items()},
            )
    return counts


def _import_batch(
    database: Database,
    mapping: MappingFile,
    batch: Sequence[SourceRow],
    terms: Terms,
    is_dry_run: bool,
) -> list[RowResult]:
    """The whole batch at once; when that fails, row by row, so that one row stops no other."""
    try:
        return _in_transaction(database, mapping, batch, terms, is_dry_run)
    except SQLAlchemyError as error:
        if len(batch) == 1:
            reason = f"the store refused it ({type(error).__name__})"
            return [_refused(mapping, batch[0], reason)]
        return [
            result
            for row in batch
            for result in _import_batch(database, mapping, [row], terms, is_dry_run)
        ]


def _in_transaction(
    database: Database,
    mapping: MappingFile,
    batch: Sequence[SourceRow],
    terms: Terms,
    is_dry_run: bool,
) -> list[RowResult]:
    results: list[RowResult] = []
    try:
        with database.transaction() as session:
            results = _Batch(session, mapping, terms).run(batch)
            if is_dry_run:
                raise _DryRunError
    except _DryRunError:
        pass
    return results


class _Batch:
    """One transaction's worth of rows."""

    def __init__(self, session: Session, mapping: MappingFile, terms: Terms) -> None:
        self._session = session
        self._mapping = mapping
        self._terms = terms
        self._vocabulary = vocabulary.current(session)
        self._results: list[RowResult] = []
        self._new: list[PlannedRow] = []
        self._seen: set[str] = set()

    def run(self, batch: Sequence[SourceRow]) -> list[RowResult]:
        planned: list[tuple[SourceRow, PlannedRow]] = []
        for row in batch:
            try:
                planned.append((row, self._plan(row)))
            except RowRefusedError as refusal:
                self._results.append(_refused(self._mapping, row, str(refusal)))
        records = {
            record.key_hash: record
            for record in self._session.scalars(
                select(ImportRecord).where(
                    ImportRecord.key_hash.in_([plan.key_hash for _row, plan in planned])
                )
            )
        }
        for row, plan in planned:
            self._take(row, plan, records.get(plan.key_hash))
        self._add_new()
        if records:
            self._session.execute(
                update(ImportRecord)
                .where(ImportRecord.key_hash.in_(records))
                .values(run_id=self._terms.run_id)
            )
        return sorted(self._results, key=lambda result: result.number)

    def _plan(self, row: SourceRow) -> PlannedRow:
        plan = plan_row(self._mapping, row.values)
        errors = past_report_errors(self._vocabulary, _past_report(plan))
        if errors:
            raise RowRefusedError("; ".join(f"{e.pointer}: {e.message}" for e in errors))
        return plan

    def _take(self, row: SourceRow, plan: PlannedRow, record: ImportRecord | None) -> None:
        is_again = record is not None and record.run_id == self._terms.run_id
        if plan.key_hash in self._seen or is_again:
            self._note(row, plan, Result.REFUSED, "the key stands in the file before")
            return
        self._seen.add(plan.key_hash)
        if record is None:
            self._new.append(plan)
            self._note(row, plan, Result.CREATED)
        elif record.row_hash == plan.row_hash:
            self._note(row, plan, Result.UNCHANGED)
        else:
            refusal = self._change(record, plan)
            self._note(row, plan, Result.REFUSED if refusal else Result.CHANGED, refusal)

    def _change(self, record: ImportRecord, plan: PlannedRow) -> str | None:
        """Carry a change over; the reason when it cannot be."""
        version = self._session.scalar(select(Report.version).where(Report.id == record.report_id))
        if version != record.report_version or (
            record.case_id is not None and not is_untouched(self._session, record.case_id)
        ):
            return "somebody has worked on it since it was imported"
        if record.case_id is not None and plan.case is None:
            return "it has become a case here and is none in the source any more"
        record.report_version = change_past_report(
            self._session, record.report_id, _past_report(plan), periods=self._terms.periods
        )
        record.row_hash = plan.row_hash
        if plan.case is not None:
            past = _past_case(plan, record.report_id)
            if record.case_id is None:
                record.case_id = self._add_case(past)
            else:
                change_past_case(self._session, record.case_id, past)
        self._session.flush()
        return None

    def _add_new(self) -> None:
        ids = add_past_reports(
            self._session,
            [_past_report(plan) for plan in self._new],
            periods=self._terms.periods,
        )
        insert_rows(
            self._session,
            ImportRecord,
            [
                {
                    "key_hash": plan.key_hash,
                    "row_hash": plan.row_hash,
                    "source": self._mapping.source.name,
                    "report_id": report_id,
                    "report_version": 1,
                    "case_id": self._add_case(_past_case(plan, report_id)) if plan.case else None,
                    "run_id": self._terms.run_id,
                    "imported_on": local_date(self._terms.at),
                }
                for plan, report_id in zip(self._new, ids, strict=True)
            ],
        )

    def _add_case(self, past: PastCase) -> UUID:
        return add_past_case(
            self._session,
            past,
            target_days=self._terms.case_target_days,
            at=self._terms.at,
        )

    def _note(
        self, row: SourceRow, plan: PlannedRow, result: Result, reason: str | None = None
    ) -> None:
        remarks = (*([reason] if reason else []), *plan.warnings)
        key = _key(self._mapping, row)
        self._results.append(RowResult(row.number, key, result, plan.rule, remarks))


def _refused(mapping: MappingFile, row: SourceRow, reason: str) -> RowResult:
    return RowResult(row.number, _key(mapping, row), Result.REFUSED, None, (reason,))


def _key(mapping: MappingFile, row: SourceRow) -> str:
    return " | ".join(row.values.get(column, "") for column in mapping.key)


def _past_report(plan: PlannedRow) -> PastReport:
    return PastReport(plan.draft, plan.received_on, plan.status, plan.answered_on)


def _past_case(plan: PlannedRow, report_id: UUID) -> PastCase:
    assert plan.case is not None  # noqa: S101  (asked before)
    return PastCase(
        report_id=report_id,
        opened_on=plan.received_on,
        status=CaseStatus(plan.case.status),
        outcome=plan.case.outcome,
        assessment=plan.case.assessment,
        closed_on=plan.case.closed_on,
    )


def _batches(rows: Iterable[SourceRow]) -> Iterator[list[SourceRow]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch

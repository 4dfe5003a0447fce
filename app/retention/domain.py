"""How long what is kept, and what may follow what in a disposal."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class SubjectKind(StrEnum):
    """What is disposed of as a whole: a case with its reports, or a report that is in no case."""

    CASE = "case"
    REPORT = "report"


class Basis(StrEnum):
    """Why: its time is over, or a person's request for erasure was granted."""

    SCHEDULE = "schedule"
    ERASURE = "erasure"


class DisposalStatus(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    DONE = "done"


class ItemOutcome(StrEnum):
    WAITING = "waiting"
    DISPOSED = "disposed"
    KEPT = "kept"


class KeptBecause(StrEnum):
    """What an item was found to be when its disposal was carried out."""

    HELD = "held"
    IN_USE = "in_use"
    NOT_DUE = "not_due"


@dataclass(frozen=True)
class Rule:
    """codes: outcomes of a case or states of a report; the last rule of a kind has none, and is for
    all others. months: kept after the case was closed, or the report last moved."""

    code: str
    kind: SubjectKind
    codes: frozenset[str]
    months: int


@dataclass(frozen=True)
class Schedule:
    rules: Sequence[Rule]

    def of_kind(self, kind: SubjectKind) -> Sequence[Rule]:
        return [rule for rule in self.rules if rule.kind is kind]

    def rule_for(self, kind: SubjectKind, code: str) -> Rule:
        for rule in self.of_kind(kind):
            if code in rule.codes or not rule.codes:
                return rule
        raise LookupError(kind)  # loading sees to it that the last rule takes all


def due_on(rule: Rule, counted_from: date) -> date:
    """The first day on which it may go."""
    return months_after(counted_from, rule.months)


def months_after(day: date, months: int) -> date:
    """The same day of another month, its last where it has no such day. months: may be negative."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def last_counted_from(rule: Rule, today: date) -> date:
    """The last day to count from of what is due today: `due_on` of a later one is to come."""
    day = months_after(today, -rule.months)
    while due_on(rule, day + timedelta(days=1)) <= today:
        day += timedelta(days=1)
    return day

"""How long what is kept: the rules as data, and the days that they give."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.domain import AWAITING_TRIAGE, ReportStatus
from app.retention import schedule
from app.retention.domain import Rule, SubjectKind, due_on, last_counted_from
from app.vocabulary.domain import CodeList

DAYS = st.dates(date(1990, 1, 1), date(2120, 1, 1))
RULES = st.builds(
    Rule, st.just("any"), st.just(SubjectKind.CASE), st.just(frozenset()), st.integers(1, 400)
)


@given(RULES, DAYS)
def test_what_is_due_today_is_what_was_counted_from_the_last_day_or_before(
    rule: Rule, today: date
) -> None:
    last = last_counted_from(rule, today)
    assert due_on(rule, last) <= today < due_on(rule, last + timedelta(days=1))


@given(RULES, DAYS, DAYS)
def test_who_is_counted_from_later_goes_no_earlier(rule: Rule, one: date, other: date) -> None:
    earlier, later = sorted((one, other))
    assert due_on(rule, earlier) <= due_on(rule, later)


def test_the_shipped_schedule_names_outcomes_and_states_that_exist() -> None:
    known: dict[SubjectKind, set[str]] = {
        SubjectKind.REPORT: {status.value for status in ReportStatus},
        SubjectKind.CASE: _outcomes(),
    }
    shipped = schedule.load(None)
    for rule in shipped.rules:
        assert rule.codes <= known[rule.kind]
    assert {shipped.rule_for(SubjectKind.CASE, one).code for one in known[SubjectKind.CASE]} == {
        "case_resolved",
        "case_in_law",
        "case_unresolved",
        "case_brief",
    }
    assert not {status.value for status in AWAITING_TRIAGE} & {
        code for rule in shipped.of_kind(SubjectKind.REPORT) for code in rule.codes
    }


def _outcomes() -> set[str]:
    text = Path("app/vocabulary/data/vocabulary.json").read_text()
    return {entry["code"] for entry in json.loads(text)[CodeList.OUTCOMES]}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rules: rules[0].update(months=0), "greater than or equal to 1"),
        (lambda rules: rules[0].update(codes=[]), "last rule of a case"),
        (lambda rules: rules.pop(), "last rule of a report"),
        (lambda rules: rules[0]["why"].pop("fr"), "nl, fr and en"),
        (lambda rules: rules[1].update(code=rules[0]["code"]), "two rules of one code"),
        (lambda rules: rules[1].update(codes=rules[0]["codes"]), "in two rules"),
    ],
)
def test_a_schedule_that_does_not_fit_is_refused(tmp_path: Path, change: Any, says: str) -> None:
    content = json.loads(schedule.SHIPPED.read_text())
    change(content["rules"])
    path = tmp_path / "schedule.json"
    path.write_text(json.dumps(content))
    with pytest.raises(schedule.ScheduleError, match=says):
        schedule.load(path)


def test_a_schedule_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(schedule.ScheduleError, match="cannot be read"):
        schedule.load(tmp_path / "none.json")

"""Trends of grounds and domains over years: what is counted, what is said, and when nothing is."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.core.access import Role
from app.signals.domain import CountedReport
from app.signals.trend_wording import trend_sentence
from app.signals.trends import Direction, Trend
from app.signals.yearly_trends import By, Life, Remark, Trends, trends
from app.vocabulary.domain import Language
from tests.makers.identity import make_client
from tests.makers.signals import add_reports
from tests.makers.tour import V1, done

TODAY = date(2026, 6, 30)
COUNTS = {2019: 20, 2020: 26, 2021: 34, 2022: 44, 2023: 57, 2024: 74}
"""Three in ten more each year."""


def _reports(counts: dict[int, int], *, month: int = 1, **changes: Any) -> list[CountedReport]:
    fields: dict[str, Any] = {
        "grounds": ("age",),
        "domain": "housing",
        "municipality": "Genk",
        "district": None,
        "channel": "phone",
        "event": None,
    }
    return [
        CountedReport(month=f"{year}-{month:02}", **(fields | changes))
        for year, number in counts.items()
        for _ in range(number)
    ]


def _trends(reports: Sequence[CountedReport], **changes: Any) -> Trends:
    usual: dict[str, Any] = {
        "first": 2019,
        "last": 2024,
        "by": By.GROUND,
        "lives": {"age": Life(), "sex": Life()},
        "today": TODAY,
    }
    return trends(reports, **(usual | changes))


def test_a_rise_has_a_size_and_an_interval_and_what_is_small_has_no_number() -> None:
    few = _reports({2020: 4, 2023: 5}, grounds=("sex",))
    found = _trends(_reports(COUNTS) + few)
    (row,) = found.rows
    assert (row.code, row.first_year, list(row.counts)) == ("age", 2019, list(COUNTS.values()))
    assert row.trend.direction is Direction.RISING
    assert row.trend.change == pytest.approx(1.3, abs=0.01)
    assert found.too_few == ["sex"]
    assert found.total is not None
    assert sum(found.total.counts) == sum(COUNTS.values()) + 9


def test_rows_stand_in_the_order_of_the_vocabulary_whatever_their_size() -> None:
    many = _reports(dict.fromkeys(COUNTS, 90), grounds=("sex",)) + _reports(COUNTS)
    unknown = _reports(COUNTS, grounds=("old_code",))
    for lives in ({"age": Life(), "sex": Life()}, {"sex": Life(), "age": Life()}):
        rows = _trends(many + unknown, lives=lives).rows
        assert [row.code for row in rows] == [*lives, "old_code"]


def test_a_year_that_runs_and_one_that_began_late_are_no_rise_or_fall() -> None:
    level = _reports(dict.fromkeys(range(2022, 2026), 60))
    late = _reports({2021: 15}, month=10) + level + _reports({2026: 30})
    found = _trends(late, first=2010, last=2026)
    assert (found.years[0], found.counted_to) == (2021, TODAY)
    assert (found.shares[0], found.shares[-1]) == pytest.approx((92 / 365, 181 / 365))
    assert found.rows[0].trend.direction is Direction.UNCLEAR
    assert found.rows[0].trend.change == pytest.approx(1.0, abs=0.01)
    kinds = [change.kind for change in found.changes]
    assert kinds == [Remark.REGISTER_BEGINS, Remark.RUNNING_YEAR]


def test_a_new_code_is_judged_by_the_years_in_which_it_could_be_used() -> None:
    new = _reports({2022: 20, 2023: 41, 2024: 39}, grounds=("sex",))
    lives = {"age": Life(), "sex": Life(first=date(2022, 7, 1))}
    _, row = _trends(_reports(COUNTS) + new, lives=lives).rows
    assert (row.first_year, list(row.counts)) == (2022, [20, 41, 39])
    assert row.trend.direction is Direction.UNCLEAR
    assert [(change.kind, change.year) for change in row.changes] == [(Remark.NEW_CODE, 2022)]
    before = new + _reports({2020: 12}, grounds=("sex",))
    _, row = _trends(_reports(COUNTS) + before, lives=lives).rows
    assert row.first_year == 2019
    ended = {"age": Life(), "sex": Life(last=date(2018, 12, 31)), "race": Life(last=TODAY)}
    assert _trends(_reports(COUNTS), lives=ended).too_few == ["race"]


def test_what_changed_in_how_reports_come_in_stands_beside_the_trend() -> None:
    old = _reports({2019: 20, 2020: 20}, channel="import")
    own = _reports({2021: 20, 2022: 20})
    web = _reports({2023: 30, 2024: 40}, channel="web")
    event = _reports({2024: 70}, event="e")
    (row,) = _trends(old + own + web + event).rows
    told = {change.kind: change for change in row.changes}
    assert told.keys() == {Remark.IMPORT, Remark.NEW_CHANNEL, Remark.MASS_EVENT}
    assert (told[Remark.IMPORT].year, told[Remark.IMPORT].reports) == (2020, 40)
    channel = told[Remark.NEW_CHANNEL]
    assert (channel.year, channel.channels, channel.reports) == (2023, ["web"], 70)
    assert (told[Remark.MASS_EVENT].year, told[Remark.MASS_EVENT].reports) == (2024, 70)
    (row,) = _trends(_reports(COUNTS, channel="import")).rows
    assert row.changes == []


def test_a_year_in_which_nothing_was_registered_is_left_out() -> None:
    counts = {year: number for year, number in COUNTS.items() if year != 2021}
    found = _trends(_reports(counts))
    assert found.rows[0].trend.change == pytest.approx(1.3, abs=0.01)
    assert [(change.kind, change.year) for change in found.changes] == [
        (Remark.NOTHING_REGISTERED, 2021)
    ]


def test_a_place_begins_with_its_own_first_report() -> None:
    there = _reports({2023: 30, 2024: 40}, municipality="Hasselt")
    found = _trends(_reports(COUNTS) + there, municipalities=["Hasselt"])
    assert list(found.years) == [2023, 2024]
    assert found.rows == []


@given(st.permutations(range(40)))
def test_the_order_of_reports_changes_nothing(order: list[int]) -> None:
    reports = _reports({2019: 5, 2020: 15, 2021: 20}) + _reports({2022: 9}, grounds=("sex", "age"))
    mixed = [reports[at] for at in order] + reports[len(order) :]
    assert _trends(mixed) == _trends(reports)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30), st.booleans())
def test_no_counts_break_it_and_the_change_lies_in_its_interval(
    counts: list[int], is_late: bool
) -> None:
    reports = _reports({1995 + at: number for at, number in enumerate(counts)}, month=9)
    today = date(1995 + len(counts), 12, 31) if is_late else date(1994 + len(counts), 9, 1)
    found = _trends(reports, first=1990, last=1994 + len(counts), today=today)
    for row in found.rows:
        change, low, high = row.trend.change, row.trend.low, row.trend.high
        assert change is not None
        assert low is not None
        assert high is not None
        assert low <= change <= high
        for language in Language:
            said = trend_sentence(row.trend, language, about="x", place="y", first=1, last=2)
            assert not {"None", "inf", "nan"} & set(said.split())


@pytest.mark.parametrize(
    ("found", "nl", "fr", "en"),
    [
        (
            Trend(Direction.RISING, 1.234, 1.05, 1.5, is_exact=False),
            "Meldingen over leeftijd in Genk namen van 2019 tot 2024 toe met 23 % per jaar"
            " (tussen 5 % en 50 %).",
            "Les signalements concernant leeftijd à Genk ont augmenté de 23 % par an de 2019 à 2024"
            " (entre 5 % et 50 %).",
            "Reports about leeftijd in Genk rose by 23% a year from 2019 to 2024"
            " (between 5% and 50%).",
        ),
        (
            Trend(Direction.FALLING, 0.9, 0.8, 0.965, is_exact=True),
            "Meldingen over leeftijd in Genk namen van 2019 tot 2024 af met 10 % per jaar"
            " (tussen 3,5 % en 20 %).",
            "Les signalements concernant leeftijd à Genk ont diminué de 10 % par an de 2019 à 2024"
            " (entre 3,5 % et 20 %).",
            "Reports about leeftijd in Genk fell by 10% a year from 2019 to 2024"
            " (between 3.5% and 20%).",
        ),
        (
            Trend(Direction.RISING, float("inf"), 2.0, float("inf"), is_exact=True),
            "Meldingen over leeftijd in Genk namen van 2019 tot 2024 toe met ten minste 100 % per"
            " jaar.",
            "Les signalements concernant leeftijd à Genk ont augmenté d'au moins 100 % par an de"
            " 2019 à 2024.",
            "Reports about leeftijd in Genk rose by at least 100% a year from 2019 to 2024.",
        ),
    ],
)
def test_the_sentence_says_direction_size_and_interval(
    found: Trend, nl: str, fr: str, en: str
) -> None:
    for language, sentence in zip(Language, (nl, fr, en), strict=True):
        said = trend_sentence(
            found, language, about="leeftijd", place="Genk", first=2019, last=2024
        )
        assert said == sentence


@pytest.fixture
def coordinator(application: FastAPI) -> TestClient:
    with application.state.runtime.database.transaction() as session:
        for year, number in COUNTS.items():
            add_reports(session, number, on=date(year, 1, 12))
        add_reports(session, 3, on=date(2022, 5, 2), grounds=("disability",), domain="education")
    return make_client(application, Role.COORDINATOR)


def _ask(client: TestClient, **query: Any) -> dict[str, Any]:
    asked = {"from": 2019, "to": 2024} | query
    return done(client.get(f"{V1}/signals/trends", params=asked))


def test_trends_are_read_by_ground_and_by_domain_in_three_languages(
    coordinator: TestClient,
) -> None:
    found = _ask(coordinator, municipality="GENK")
    assert found["municipality"] == "Genk"
    (row,) = found["rows"]
    assert (row["code"], row["counts"]) == ("age", list(COUNTS.values()))
    assert row["low"] < 30 < row["high"]
    assert row["sentences"]["nl"].startswith("Meldingen over leeftijd in Genk namen van 2019 tot")
    assert "disability" in found["too_few"]
    assert "handicap" in found["too_few_sentences"]["nl"]
    assert found["by_chance"] == 0.1
    (row,) = _ask(coordinator, by="domain")["rows"]
    assert row["code"] == "housing"
    assert row["label"]["nl"] == "huisvesting"


def test_restricted_cases_and_what_was_not_agreed_to_leave_no_trace_in_trends(
    application: FastAPI, coordinator: TestClient
) -> None:
    before = [_ask(coordinator, by=by) for by in By]
    with application.state.runtime.database.transaction() as session:
        hiding: list[dict[str, Any]] = [{"is_restricted": True}, {"consent_statistics": False}]
        for hidden in hiding:
            add_reports(session, 30, on=date(2018, 3, 1), grounds=("sex",), **hidden)
            add_reports(
                session, 30, on=date(2024, 3, 1), domain="education", municipality="As", **hidden
            )
    for reader in (coordinator, make_client(application, Role.ANALYST)):
        assert [_ask(reader, by=by, **{"from": 2015}) for by in By] == before
        refused = reader.get(f"{V1}/signals/trends?from=2019&to=2024&municipality=As")
        assert refused.status_code == 422
        assert "unknown_municipality" in refused.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2024&to=2019", "/query/from"),
        ("from=1990&to=2024", "/query/from"),
        ("from=2020&to=2199", "/query/to"),
        ("from=2020", "/query/to"),
        ("from=2019&to=2024&by=place", "/query/by"),
        ("from=2019&to=2024&municipality=Nergens", "/query/municipality"),
        ("from=2019&to=2024&event_counting=some", "/query/event_counting"),
    ],
)
def test_a_question_that_cannot_be_answered_names_its_field(
    coordinator: TestClient, query: str, field: str
) -> None:
    refused = coordinator.get(f"{V1}/signals/trends?{query}")
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [field]


def test_an_empty_register_says_that_nothing_can_be_told(application: FastAPI) -> None:
    found = _ask(make_client(application, Role.ANALYST))
    assert (found["years"], found["rows"], found["total"]) == ([], [], None)
    assert "age" in found["too_few"]


def test_caseworkers_may_not_read_trends(application: FastAPI) -> None:
    for role in (Role.INTAKE_WORKER, Role.CASE_MANAGER, Role.AUDITOR, Role.ADMIN):
        refused = make_client(application, role).get(f"{V1}/signals/trends?from=2019&to=2024")
        assert refused.status_code == 403

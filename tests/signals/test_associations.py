"""What is reported together more often than by chance: known answers, false ones, readers."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from math import prod
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from app.core.access import Role
from app.intake.models import MassEvent
from app.signals.associations import LEAST_P, crossed, fitted_weights, pair_chances, pairs
from app.signals.crossings import FALSE_SHARE, LEAST_TOGETHER, Kind, crossings
from app.signals.domain import CountedReport
from tests.makers.identity import make_client
from tests.makers.signals import add_reports
from tests.makers.tour import V1, done

GROUNDS = ("age", "sex", "language", "birth", "wealth", "disability")
WEIGHTS = np.array([5.0, 4.0, 3.0, 1.0, 1.0, 0.5])


def _report(grounds: Sequence[str], domain: str = "housing", place: str = "A") -> CountedReport:
    return CountedReport(tuple(grounds), domain, "Genk", place, "2024-03", "phone", None)


def _sets(*groups: tuple[int, str]) -> list[frozenset[str]]:
    """(3, "ab"): three reports that bear both."""
    return [frozenset(marks) for number, marks in groups for _ in range(number)]


def test_a_crossing_is_judged_as_the_lady_tasting_tea() -> None:
    """Fisher 1935: of eight cups four, all four told, or three of four."""
    all_four, three = crossed([4, 3], [4, 4], [4, 4], 8)
    assert (all_four.p, three.p) == pytest.approx((1 / 70, 17 / 70))
    assert all_four.expected == 2


@pytest.mark.parametrize("size", [2, 3, 5])
def test_the_chance_of_a_pair_is_that_of_all_sets_that_hold_it(size: int) -> None:
    places = list(combinations(range(6), 2))
    found = pair_chances(WEIGHTS, places, [size])[:, 0]
    sets = list(combinations(range(6), size))
    weight = {one: prod(WEIGHTS[list(one)]) for one in sets}
    for chance, (one, other) in zip(found, places, strict=True):
        holding = sum(weight[each] for each in sets if one in each and other in each)
        assert chance == pytest.approx(holding / sum(weight.values()))


def test_weights_are_such_that_each_mark_is_borne_as_often_as_it_is() -> None:
    borne, sizes = [50, 30, 25, 9, 6], Counter({1: 40, 2: 25, 3: 10})
    weights = fitted_weights(borne, sizes)
    expected = np.zeros(5)
    for size, number in sizes.items():
        sets = list(combinations(range(5), size))
        weight = np.array([prod(weights[list(one)]) for one in sets])
        for one, share in zip(sets, weight / weight.sum(), strict=True):
            expected[list(one)] += number * share
    assert expected == pytest.approx(borne, rel=1e-6)


def test_grounds_that_cross_alike_are_as_often_together_as_expected() -> None:
    """A plain crossing would expect many more of each pair: nearly every report bears one."""
    alone = _sets(*[(40, mark) for mark in "abcd"])
    together = _sets(*[(5, one + other) for one, other in combinations("abcd", 2)])
    found = pairs(alone + together)
    assert [pair.observed for pair in found.values()] == [5] * 6
    assert [pair.expected for pair in found.values()] == pytest.approx([5] * 6)


def test_the_chance_of_a_pair_of_one_size_is_binomial() -> None:
    found = pairs(_sets((40, "a"), (40, "b"), (40, "c"), (9, "ab"), (3, "ac"), (3, "bc")))
    weights = fitted_weights([52, 52, 46], Counter({1: 120, 2: 15}))
    chance = pair_chances(weights, [(0, 1)], [2])[0, 0]
    pair = found["a", "b"]
    assert pair.p == pytest.approx(float(stats.binom.sf(8, 15, chance)))
    assert pair.expected == pytest.approx(15 * chance)
    assert found["a", "c"].p > 0.5


def test_two_grounds_that_are_always_together_stand_out() -> None:
    reports = [_report([ground]) for ground in GROUNDS for _ in range(40)]
    reports += [_report(GROUNDS[:2]) for _ in range(20)]
    found = crossings(reports)
    assert [(row.kind, row.ground, row.other_ground) for row in found.rows] == [
        (Kind.GROUNDS, "age", "sex")
    ]
    assert found.rows[0].together.p == LEAST_P


@pytest.mark.parametrize(
    "reports",
    [
        [],
        [_report([])] * 30,
        [_report(["age"])] * 30,
        [_report(["age", "sex"])] * 30,
        [_report(["age", "sex"])] * 30 + [_report(["age"], "education", "B")] * 30,
        [_report(GROUNDS)] * 30 + [_report(GROUNDS[:3])] * 30,
    ],
)
def test_marks_that_all_bear_are_no_associations_and_break_nothing(
    reports: list[CountedReport],
) -> None:
    found = crossings(reports)
    assert found.reports == sum(bool(report.grounds) for report in reports)
    assert all(row.kind is not Kind.GROUNDS for row in found.rows)


def test_fewer_together_than_would_tell_of_people_are_not_listed() -> None:
    few, enough = LEAST_TOGETHER - 1, LEAST_TOGETHER
    many = [_report(["age"], "housing") for _ in range(3000)]
    rare = [_report(["sex"], "education") for _ in range(enough)]
    assert {row.domain for row in crossings(many + rare).rows} == {"education"}
    rare = [*rare[:few], _report(["sex"]), _report(["age"], "education")]
    assert crossings(many + rare).rows == []


def test_a_municipality_stands_for_itself_where_no_district_is_named() -> None:
    whole = [
        CountedReport(("sex",), "housing", "As", None, "2024-03", "phone", None) for _ in range(20)
    ]
    divided = [_report(["age"]) for _ in range(60)] + [_report(["sex"], place="B")] * 3
    nowhere = [
        CountedReport(("sex",), "housing", town, None, "2024-03", "phone", None)
        for town in ("Genk", None)
        for _ in range(20)
    ]
    found = crossings(whole + divided + nowhere)
    places = {row.place for row in found.rows if row.kind is Kind.GROUND_DISTRICT}
    assert places == {("As", None), ("Genk", "A")}


def _by_chance(random: np.random.Generator, number: int) -> list[CountedReport]:
    """Reports whose grounds, domain and district have nothing to do with each other."""
    domains, places = random.integers(0, 4, number), random.integers(0, 8, number)
    reports = []
    for size, domain, place in zip(
        random.choice([1, 2, 3], number, p=[0.7, 0.2, 0.1]), domains, places, strict=True
    ):
        while True:  # independent odds until as many as wanted: the conditional Bernoulli law
            bears = random.random(6) < WEIGHTS / (1 + WEIGHTS)
            if bears.sum() == size:
                break
        grounds = [ground for ground, is_borne in zip(GROUNDS, bears, strict=True) if is_borne]
        reports.append(_report(grounds, f"domain_{domain}", f"place {place}"))
    return reports


def test_without_associations_no_more_than_the_stated_share_of_bureaus_is_told_of_one() -> None:
    """All are false then: the share of false ones is that of bureaus with any."""
    random = np.random.default_rng(17)
    bureaus = 150
    wrong = sum(bool(crossings(_by_chance(random, 250)).rows) for _ in range(bureaus))
    assert wrong <= stats.binom.ppf(0.999, bureaus, FALSE_SHARE)


def test_associations_that_are_there_are_found() -> None:
    random = np.random.default_rng(18)
    reports = _by_chance(random, 400)
    reports += [_report(["birth"], f"domain_{at % 4}", "place 3") for at in range(15)]
    rows = crossings(reports).rows
    assert (rows[0].kind, rows[0].ground, rows[0].place) == (
        Kind.GROUND_DISTRICT,
        "birth",
        ("Genk", "place 3"),
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_reports_changes_nothing(seed: int) -> None:
    random = np.random.default_rng(5)
    reports = _by_chance(random, 150) + [_report(GROUNDS[:2])] * 15
    mixed = [reports[at] for at in np.random.default_rng(seed).permutation(len(reports))]
    assert crossings(mixed) == crossings(reports)


@pytest.fixture
def coordinator(application: FastAPI) -> TestClient:
    day = date(2024, 3, 12)
    with application.state.runtime.database.transaction() as session:
        for domain in ("housing", "employment", "education"):
            for ground in ("age", "disability", "sex"):
                add_reports(session, 15, on=day, domain=domain, grounds=(ground,))
        add_reports(session, 12, on=day, grounds=("age", "sex"))
        add_reports(session, 20, on=date(2022, 3, 1), domain="education", grounds=("language",))
    return make_client(application, Role.COORDINATOR)


def _ask(client: TestClient, **query: str) -> dict[str, Any]:
    asked = {"from": "2024-01", "to": "2024-12"} | query
    return done(client.get(f"{V1}/signals/associations", params=asked))


def test_associations_are_read_in_three_languages(coordinator: TestClient) -> None:
    found = _ask(coordinator)
    assert found["reports"] == 147
    (row,) = found["rows"]
    assert (row["ground"], row["other_ground"], row["observed"]) == ("age", "sex", 12)
    assert row["expected"] < 6
    assert row["sentences"]["nl"].startswith("12 meldingen over leeftijd en over geslacht; naar")
    assert "d'après leurs parts" in row["sentences"]["fr"]
    assert "going by their shares" in row["sentences"]["en"]
    assert found["sentences"]["nl"].startswith(f"Van {found['tested']} combinaties komen er 1 ")
    assert _ask(coordinator, **{"from": "2024-04"})["sentences"]["en"].startswith("Too few")


def test_of_a_mass_event_the_first_report_counts_alone(
    application: FastAPI, coordinator: TestClient
) -> None:
    before = _ask(coordinator)
    with application.state.runtime.database.transaction() as session:
        event = MassEvent(id=uuid4(), title="Een affiche", created_on=date(2024, 5, 1))
        session.add(event)
        session.flush()
        ids = add_reports(
            session,
            30,
            on=date(2024, 5, 1),
            domain="education",
            grounds=("disability",),
            event_id=event.id,
        )
    assert len(ids) == 30
    after = _ask(coordinator)
    assert after["reports"] == before["reports"] + 1
    assert [row["kind"] for row in after["rows"]] == ["grounds"]


def test_restricted_cases_and_what_was_not_agreed_to_leave_no_trace_in_associations(
    application: FastAPI, coordinator: TestClient
) -> None:
    before = _ask(coordinator)
    with application.state.runtime.database.transaction() as session:
        hiding: list[dict[str, Any]] = [{"is_restricted": True}, {"consent_statistics": False}]
        for hidden in hiding:
            add_reports(
                session, 30, on=date(2024, 4, 1), domain="media", grounds=("language",), **hidden
            )
    assert _ask(coordinator) == before
    assert _ask(make_client(application, Role.ANALYST)) == before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2024-12&to=2024-01", "/query/from"),
        ("from=2024-01&to=2199-01", "/query/to"),
        ("from=2024&to=2024-02", "/query/from"),
        ("from=2024-01", "/query/to"),
        ("from=2024-01&to=2024-13", "/query/to"),
    ],
)
def test_a_question_that_cannot_be_answered_names_its_field(
    coordinator: TestClient, query: str, field: str
) -> None:
    refused = coordinator.get(f"{V1}/signals/associations?{query}")
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [field]


def test_caseworkers_may_not_read_associations(application: FastAPI) -> None:
    for role in (Role.INTAKE_WORKER, Role.CASE_MANAGER, Role.AUDITOR, Role.ADMIN):
        client = make_client(application, role)
        refused = client.get(f"{V1}/signals/associations?from=2024-01&to=2024-12")
        assert refused.status_code == 403

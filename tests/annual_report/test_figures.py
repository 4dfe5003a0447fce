"""The figures of a year against plain counting, and that they add up."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from app.annual_report.domain import (
    SEPARATOR,
    ReportFacets,
    ReportFigures,
    add,
    count_reports,
    durations,
    pairs,
)
from app.core.access import Role
from app.core.database import Database
from app.intake.domain import GroundLink, ReportStatus
from app.intake.models import MassEvent, Report
from benchmarks.made_up_years import fill
from tests.makers.identity import make_client
from tests.makers.intake import make_draft, make_report
from tests.makers.tour import add_report

YEAR = 2025


@pytest.fixture
def analyst(application: FastAPI) -> TestClient:
    return make_client(application, Role.ANALYST)


def _figures(analyst: TestClient, year: int = YEAR, **query: str) -> dict[str, Any]:
    answer = analyst.get(f"/api/v1/annual-reports/{year}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC)


def _counts(rows: list[dict[str, Any]], key: str = "code") -> dict[Any, int]:
    return {row[key]: row["reports"] for row in rows if row["reports"]}


def _make_some(database: Database, seed: int, number: int = 120) -> list[dict[str, Any]]:
    """Reports by the service, and what was put into them."""
    chance = Random(seed)
    grounds = ["age", "disability", "sex", "language", "health"]
    domains = ["housing", "employment", "education"]
    places = ["Genk", "GENK", "Hasselt", None]
    made = []
    with database.transaction() as session:
        happening = MassEvent(title="Made up", created_on=date(YEAR, 1, 1))
        session.add(happening)
        session.flush()
        for _ in range(number):
            received = date(YEAR, 1, 1) + timedelta(days=chance.randrange(-200, 420))
            facts: dict[str, Any] = {
                "received_on": received,
                "request": chance.choice(["assistance", "information", "registration"]),
                "domain": chance.choice(domains),
                "grounds": chance.sample(grounds, chance.randint(1, 3)),
                "reporter_municipality": chance.choice(places),
                "incident_municipality": chance.choice(places),
                "incident_district": chance.choice(["Winterslag", "Waterschei", None]),
                "conducts": chance.sample(["direct", "harassment"], chance.randint(0, 2)),
                "consent_statistics": chance.random() < 0.9,
                "is_event": chance.random() < 0.15,
                "answered_days": chance.choice([None, 0, 3, 10, 40]),
            }
            answered = facts["answered_days"]
            make_report(
                session,
                make_draft(
                    request=facts["request"],
                    domain=facts["domain"],
                    grounds=[(code, GroundLink.OWN) for code in facts["grounds"]],
                    conducts=facts["conducts"],
                    reporter_municipality=facts["reporter_municipality"],
                    incident_municipality=facts["incident_municipality"],
                    incident_district=facts["incident_district"],
                    consent_statistics=facts["consent_statistics"],
                ),
                received_at=_at(received),
                event_id=happening.id if facts["is_event"] else None,
                acknowledged_on=None,
                answered_on=None if answered is None else received + timedelta(days=answered),
            )
            made.append(facts)
    return made


@pytest.mark.parametrize("seed", [1, 2])
def test_every_table_equals_plain_counting(
    analyst: TestClient, database: Database, seed: int
) -> None:
    made = _make_some(database, seed)
    found = _figures(analyst)
    of_year = [m for m in made if m["received_on"].year == YEAR]
    counted = [m for m in of_year if m["consent_statistics"]]
    reports = found["figures"]["reports"]
    assert reports["total"] == len(of_year)
    assert reports["declined_statistics"] == len(of_year) - len(counted)
    assert reports["counted"] == len(counted)
    for table, field in (
        ("by_request", "request"),
        ("by_domain", "domain"),
    ):
        assert _counts(reports[table]) == Counter(m[field] for m in counted)
    for table, field in (
        ("by_reporter_municipality", "reporter_municipality"),
        ("by_incident_district", "incident_district"),
    ):
        assert _counts(reports[table], "place") == Counter(m[field] for m in counted)
    mentions = Counter(code for m in counted for code in m["grounds"])
    assert _counts(reports["by_ground"]["rows"]) == mentions
    assert reports["by_ground"]["mentions"] == mentions.total()
    assert reports["by_ground"]["reports"] == len(counted)
    assert _counts(reports["by_conduct"]) == Counter(c for m in counted for c in m["conducts"])
    assert _counts(reports["by_month"], "month") == Counter(m["received_on"].month for m in counted)
    assert {
        (row["ground"], row["domain"]): row["reports"] for row in reports["by_ground_and_domain"]
    } == Counter((code, m["domain"]) for m in counted for code in m["grounds"])
    homes = [
        m
        for m in counted
        if (m["reporter_municipality"] or "").casefold() == "genk"
        and (m["incident_municipality"] or "").casefold() == "genk"
    ]
    assert reports["by_residence_and_place"]["resident_in_town"] == len(homes)
    days = sorted(m["answered_days"] for m in counted if m["answered_days"] is not None)
    assert reports["answer"]["count"] == len(days)
    middle = (days[(len(days) - 1) // 2] + days[len(days) // 2]) / 2
    assert reports["answer"]["median_days"] == middle
    assert [year["year"] for year in found["earlier"]] == [2024, 2023, 2022, 2021]
    before = [m for m in made if m["received_on"].year == YEAR - 1]
    assert found["earlier"][0]["reports"]["total"] == len(before)


def test_mass_events_count_as_many_as_one_or_not(analyst: TestClient, database: Database) -> None:
    made = _make_some(database, 3)
    counted = [m for m in made if m["received_on"].year == YEAR and m["consent_statistics"]]
    in_event = [m for m in counted if m["is_event"]]
    assert len(in_event) > 1
    reports = {
        mode: _figures(analyst, events=mode)["figures"]["reports"]
        for mode in ("include", "exclude", "as_one")
    }
    assert sum(_counts(reports["include"]["by_domain"]).values()) == len(counted)
    without = len(counted) - len(in_event)
    assert sum(_counts(reports["exclude"]["by_domain"]).values()) == without
    # The one event begins before the year: its first report is counted there.
    begins_before = any(
        m["is_event"] and m["consent_statistics"] and m["received_on"].year < YEAR for m in made
    )
    as_one = sum(_counts(reports["as_one"]["by_domain"]).values())
    assert as_one == without + (0 if begins_before else 1)
    for mode in reports.values():
        assert mode["in_mass_events"] == len(in_event)
        assert mode["counted_without_mass_events"] == without


def test_a_duplicate_stands_in_the_total_and_in_no_table(
    analyst: TestClient, database: Database
) -> None:
    with database.transaction() as session:
        first = make_report(session, received_at=_at(date(YEAR, 3, 3)))
        make_report(
            session,
            received_at=_at(date(YEAR, 3, 4)),
            status=ReportStatus.DUPLICATE,
            duplicate_of_id=first.id,
        )
    reports = _figures(analyst)["figures"]["reports"]
    assert (reports["total"], reports["duplicates"], reports["counted"]) == (2, 1, 1)
    assert sum(_counts(reports["by_domain"]).values()) == 1


def test_what_was_open_and_what_came_and_went_add_up(
    analyst: TestClient, database: Database
) -> None:
    with database.transaction() as session:
        fill(session, last_year=YEAR, years=3, reports=150)
    found = _figures(analyst)
    years = [found["figures"], *found["earlier"]]
    for year in years:
        cases = year["cases"]
        assert cases["open_at_start"] + cases["opened"] - cases["closed"] == cases["open_at_end"]
        assert sum(row["cases"] for row in cases["by_outcome"]) == cases["closed"]
        assert sum(row["cases"] for row in cases["by_assessment"]) == cases["closed"]
        assert cases["closure"]["count"] == cases["closed"]
        longer = cases["closure"]["median_days"] or 0
        assert (cases["closure_without_holds"]["median_days"] or 0) <= longer
        reports = year["reports"]
        table = reports["by_residence_and_place"]
        assert table["total"] == reports["counted"]
        assert sum(row["reports"] for row in reports["by_month"]) == reports["counted"]
        agreements = year["resolutions"]["agreements"]
        assert sum(agreements.values()) == year["resolutions"]["agreements_reached"]
    for later, earlier in pairwise(years):
        assert later["cases"]["open_at_start"] == earlier["cases"]["open_at_end"]
    assert years[0]["cases"]["closed"] > 0
    alone = _figures(analyst, YEAR - 1)["figures"]
    assert alone == found["earlier"][0]


def test_the_number_of_statements_does_not_grow_with_the_vocabulary(
    application: FastAPI, analyst: TestClient, database: Database
) -> None:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    for engine in (database.engine, database._reader):
        event.listen(engine, "before_cursor_execute", note)
    _figures(analyst)
    statements.clear()
    _figures(analyst)
    before = len(statements)
    coordinator = make_client(application, Role.COORDINATOR)
    for number in range(20):
        body = {"code": f"new_{number}", "labels": {"nl": "n", "fr": "f", "en": "e"}}
        assert coordinator.post("/api/v1/vocabulary/grounds", json=body).status_code == 201
    _figures(analyst)
    statements.clear()
    assert len(_figures(analyst)["figures"]["reports"]["by_ground"]["rows"]) == 54
    assert len(statements) == before


def test_caseworkers_get_no_figures(application: FastAPI) -> None:
    for role in (Role.INTAKE_WORKER, Role.CASE_MANAGER, Role.AUDITOR, Role.ADMIN):
        client = make_client(application, role)
        assert client.get(f"/api/v1/annual-reports/{YEAR}").status_code == 403


def test_the_kept_codes_follow_a_change_of_grounds(
    application: FastAPI, database: Database
) -> None:
    worker = make_client(application, Role.INTAKE_WORKER)
    with database.transaction() as session:
        report = make_report(session)
        report_id, version = report.id, report.version
    body = {"grounds": [{"code": "sex"}, {"code": "age"}], "incident": {"conducts": ["direct"]}}
    answer = worker.patch(
        f"/api/v1/reports/{report_id}", json=body, headers={"If-Match": f'"{version}"'}
    )
    assert answer.status_code == 200, answer.text
    with database.snapshot() as session:
        report = session.get_one(Report, report_id)
        assert (report.ground_codes, report.conduct_codes) == ("age,sex", "direct")


_TEXT = st.sampled_from(["a", "b", "c"])
_DAY = st.dates(date(2024, 1, 1), date(2025, 12, 31)).map(date.isoformat)
_ROW = st.tuples(
    st.tuples(_TEXT, _TEXT, _TEXT, _TEXT | st.just(""), _TEXT | st.just("")),
    st.tuples(st.sets(_TEXT, min_size=1).map(lambda codes: ",".join(sorted(codes))), _TEXT),
    st.tuples(st.sets(_TEXT).map(lambda codes: ",".join(sorted(codes)))),
    st.tuples(_TEXT | st.just(""), _TEXT | st.just(""), _TEXT | st.just("")),
    st.tuples(_DAY, _DAY | st.just(""), _DAY),
    st.tuples(_DAY, _DAY | st.just(""), _DAY),
    st.tuples(_TEXT),
)


def _facets(rows: list[Any]) -> ReportFacets:
    columns = [[SEPARATOR.join(row[i]) for row in rows] for i in range(7)]
    return ReportFacets(*columns)


@given(first=st.lists(_ROW, max_size=20), second=st.lists(_ROW, max_size=20))
def test_the_figures_of_two_months_add_up_to_those_of_both(
    first: list[Any], second: list[Any]
) -> None:
    parts = [count_reports(_facets(rows), home="a") for rows in (first, second)]
    whole = count_reports(_facets(first + second), home="a")
    there, back = ReportFigures(), ReportFigures()
    for part in parts:
        add(there, part)
    for part in reversed(parts):
        add(back, part)
    assert there == whole == back
    assert whole.domain.total() == whole.number_of_grounds.total() == whole.reports
    assert whole.grounds_by_domain.total() == whole.language.total() == whole.reports
    for code, reports in whole.ground.items():
        assert sum(n for c, _, n in pairs(whole.ground_by_domain) if c == code) == reports


@given(days=st.lists(st.integers(0, 400), min_size=1, max_size=50))
def test_median_and_p90_are_those_of_the_days(days: list[int]) -> None:
    found = durations(Counter(map(str, days)))
    ordered = sorted(days)
    assert found.median_days is not None
    assert float(found.median_days) == (ordered[(len(days) - 1) // 2] + ordered[len(days) // 2]) / 2
    assert found.p90_days is not None
    assert sum(day <= found.p90_days for day in days) * 10 >= 9 * len(days)
    assert sum(day < found.p90_days for day in days) * 10 < 9 * len(days)


def test_nothing_known_is_no_duration() -> None:
    assert durations({}).median_days is None


def test_a_duplicate_that_is_withdrawn_does_not_begin_to_count(
    application: FastAPI, analyst: TestClient
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    first, second = add_report(worker), add_report(worker)
    url = f"/api/v1/reports/{second['id']}"
    body = {"decision": "duplicate", "reason": "Zelfde.", "duplicate_of": first["id"]}
    etag = {"If-Match": worker.get(url).headers["ETag"]}
    assert worker.post(f"{url}/triage", json=body, headers=etag).status_code == 200
    code = worker.post(f"{url}/receipt").json()["receipt_code"]
    nobody = TestClient(application)
    token = nobody.post("/api/v1/public/receipts/token", json={"receipt_code": code}).json()
    holder = {"Authorization": f"Bearer {token['access_token']}"}
    withdrawn = nobody.post("/api/v1/public/report/withdrawal", json={}, headers=holder)
    assert withdrawn.status_code == 200
    reports = _figures(analyst, int(first["received_on"][:4]))["figures"]["reports"]
    assert (reports["total"], reports["duplicates"], reports["counted"]) == (2, 1, 1)


def test_an_event_over_new_year_counts_as_one_in_the_year_it_began(
    analyst: TestClient, database: Database
) -> None:
    with database.transaction() as session:
        happening = MassEvent(title="Made up", created_on=date(YEAR, 1, 2))
        session.add(happening)
        session.flush()
        for day in (date(YEAR - 1, 12, 30), date(YEAR, 1, 2), date(YEAR, 1, 3)):
            make_report(session, received_at=_at(day), event_id=happening.id)
    found = _figures(analyst, events="as_one")
    for year, expected in ((found["figures"], 0), (found["earlier"][0], 1)):
        reports = year["reports"]
        assert reports["counted_with_mass_events_as_one"] == expected
        assert sum(_counts(reports["by_month"], "month").values()) == expected

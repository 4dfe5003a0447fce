"""What the yearly figures tell of the partner network, and that it adds up."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.annual_report.network_domain import (
    AgreementFact,
    PartnerFact,
    count_agreements,
    count_area,
    count_partners,
    span_of,
)
from app.core.access import Role
from app.core.database import Database
from app.intake import network as intake_network
from app.intake.models import MassEvent, Report
from app.partners.domain import Area, AreaSource, ServiceArea, TierPeriod, locate
from tests.makers.activities import add_activity, change_activity
from tests.makers.identity import make_client
from tests.makers.intake import make_draft, make_report, report_body, some_id
from tests.makers.partners import add_agreement, add_partner, change, make_partner_client
from tests.makers.referrals import answer, refer, submit
from tests.makers.tour import V1, add_report, done, in_days

YEAR = 2025
THIS_YEAR = int(in_days(0)[:4])


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def analyst(application: FastAPI) -> TestClient:
    return make_client(application, Role.ANALYST)


def _network(analyst: TestClient, year: int = YEAR, **query: str) -> dict[str, Any]:
    found = done(analyst.get(f"{V1}/annual-reports/{year}", params=query))
    network: dict[str, Any] = found["figures"]["network"]
    return network


def _counts(rows: list[dict[str, Any]], number: str, key: str = "code") -> dict[Any, int]:
    return {row[key]: row[number] for row in rows if row[number]}


def _phone(worker: TestClient, day: str, municipality: str | None, **consents: bool) -> Any:
    body = report_body(channel="phone", received_at=f"{day}T10:00:00Z")
    body["incident"] |= {"municipality": municipality, "district": None, "occurred_from": None}
    body["consents"] |= consents
    return done(worker.post(f"{V1}/reports", json=body), 201)


def _extend(worker: TestClient, *places: str, **terms: Any) -> Any:
    partner = add_partner(worker, "Gemeente Voorbeeld", kind="municipality")
    body = {"kind": "service_area", "territory": list(places)} | terms
    return add_agreement(worker, partner["id"], **body)


def test_an_agreement_from_july_counts_the_reports_from_there_from_july(
    worker: TestClient, analyst: TestClient
) -> None:
    made = _extend(worker, "Zutendaal", valid_from=f"{YEAR}-07-01")
    before = _phone(worker, f"{YEAR}-06-30", "Zutendaal")
    after = _phone(worker, f"{YEAR}-07-01", "Zutendaal")
    assert [r["service_area"]["in_area"] for r in (before, after)] == [False, True]
    _phone(worker, f"{YEAR}-03-03", "GENK")
    _phone(worker, f"{YEAR}-03-03", "Zutendaal", statistics=False)
    area = _network(analyst)["service_area"]
    assert area.pop("by_agreement") == [
        {
            "agreement_id": made["id"],
            "partner_id": made["partner_id"],
            "partner": "Gemeente Voorbeeld",
            "reports": 1,
        }
    ]
    assert area == {
        "counted": 3,
        "inside": 2,
        "in_own_municipality": 1,
        "outside": 1,
        "unknown": 0,
    }


def test_an_agreement_within_a_month_counts_by_the_day(
    worker: TestClient, analyst: TestClient
) -> None:
    """What a month keeps has no days: they are read again for the places that change in it."""
    _extend(worker, "Zutendaal", valid_from=f"{YEAR}-07-10", valid_to=f"{YEAR}-07-20")
    for day in ("07-09", "07-10", "07-20", "07-21", "08-01"):
        _phone(worker, f"{YEAR}-{day}", "zutendáál")
    _phone(worker, f"{YEAR}-07-15", "Hasselt")
    for _ in ("counted", "kept"):
        area = _network(analyst)["service_area"]
        assert (area["inside"], area["outside"]) == (2, 4)
    # The same figures stand in the answer for a later year.
    later = done(analyst.get(f"{V1}/annual-reports/{YEAR + 1}"))
    assert later["earlier"][0]["network"] == _network(analyst)
    # The agreement is changed afterwards: nothing that was kept hides it.
    agreement = _network(analyst)["service_area"]["by_agreement"][0]["agreement_id"]
    done(change(worker, f"partner-agreements/{agreement}", {"valid_from": f"{YEAR}-07-09"}))
    area = _network(analyst)["service_area"]
    assert (area["inside"], area["outside"]) == (3, 3)


@pytest.mark.parametrize("seed", [1, 2])
def test_each_report_counts_where_intake_says_it_lies(
    worker: TestClient, analyst: TestClient, database: Database, seed: int
) -> None:
    chance = Random(seed)
    places = ["Genk", "GENK", "Zutendaal", "As", "Hasselt", None]
    _extend(worker, "As", "Zutendaal", valid_from=f"{YEAR}-04-12", valid_to=f"{YEAR}-09-30")
    with database.transaction() as session:
        event = MassEvent(title="Made up", created_on=date(YEAR, 1, 1))
        session.add(event)
        session.flush()
        ids = []
        for _ in range(120):
            day = date(YEAR, 1, 1) + timedelta(days=chance.randrange(-30, 380))
            draft = make_draft(
                incident_municipality=chance.choice(places),
                reporter_municipality=chance.choice(places),
                consent_statistics=chance.random() < 0.9,
            )
            in_event = event.id if chance.random() < 0.3 else None
            received_at = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
            report = make_report(session, draft, received_at=received_at, event_id=in_event)
            ids.append(report.id)
    with database.snapshot() as session:
        reports = [session.get_one(Report, report_id) for report_id in ids]
        said = {r.id: intake_network.report_area(session, r, own="Genk").in_area for r in reports}
    counted = sorted((r for r in reports if r.consent_statistics), key=lambda r: r.received_on)
    of_year = [r for r in counted if r.received_on.year == YEAR]
    alone = [r for r in of_year if r.event_id is None]
    grouped = [r for r in counted if r.event_id is not None]
    assert grouped[0].received_on < date(YEAR, 1, 1)  # so the one event is of the year before
    for events, meant in (("include", of_year), ("exclude", alone), ("as_one", alone)):
        area = _network(analyst, events=events)["service_area"]
        expected = Counter(said[r.id] for r in meant)
        found = {True: area["inside"], False: area["outside"], None: area["unknown"]}
        assert found == {where: expected[where] for where in found}, events
        assert area["inside"] == area["in_own_municipality"] + area["by_agreement"][0]["reports"]
        assert area["inside"] + area["outside"] + area["unknown"] == area["counted"] == len(meant)


def test_an_event_counted_as_one_lies_where_its_first_report_does(
    worker: TestClient, analyst: TestClient, database: Database
) -> None:
    _extend(worker, "As", valid_from=f"{YEAR}-07-10")
    with database.transaction() as session:
        event = MassEvent(title="Made up", created_on=date(YEAR, 1, 1))
        session.add(event)
        session.flush()
        for day in (10, 11, 12):
            make_report(
                session,
                make_draft(incident_municipality="As"),
                received_at=datetime(YEAR, 7, day, 11, tzinfo=UTC),
                event_id=event.id,
            )
    for events, inside in (("include", 3), ("exclude", 0), ("as_one", 1)):
        area = _network(analyst, events=events)["service_area"]
        assert (area["inside"], area["counted"]) == (inside, inside), events


def test_three_core_group_meetings_miss_the_norm_and_a_fourth_meets_it(
    worker: TestClient, analyst: TestClient
) -> None:
    for day in ("02-03", "05-06", "09-09"):
        add_activity(worker, held_on=f"{YEAR}-{day}")
    off = add_activity(worker, held_on=f"{YEAR}-10-10")
    done(change_activity(worker, off, is_cancelled=True))
    meeting = {"kind": "core_group_meeting", "label": "core group meeting", "norm": 4}
    found = _network(analyst, lang="en")
    assert found["meetings"] == [meeting | {"held": 3, "state": "not_met"}]
    assert _counts(found["activities"], "activities") == {"core_group_meeting": 3}
    assert len(found["activities"]) == 10
    add_activity(worker, held_on=f"{YEAR}-12-31")
    found = _network(analyst, lang="en")
    assert found["meetings"] == [meeting | {"held": 4, "state": "met"}]


def test_a_norm_is_not_missed_while_the_year_runs(worker: TestClient, analyst: TestClient) -> None:
    # On the last day of a year it still runs: what is planned for that day may take place.
    today = in_days(0)
    days = [in_days(-n) for n in range(4) if in_days(-n)[:4] == today[:4]]
    for held, day in enumerate(days, 1):
        add_activity(worker, held_on=day)
        state = "met" if held == 4 else "not_due"
        [meetings] = _network(analyst, THIS_YEAR)["meetings"]
        expected = "not_met" if state == "not_due" and today.endswith("-12-31") else state
        assert (meetings["held"], meetings["state"]) == (held, expected)
    [ahead] = _network(analyst, THIS_YEAR + 1)["meetings"]
    assert (ahead["held"], ahead["state"]) == (0, "not_due")


def test_action_points_of_a_year(worker: TestClient, analyst: TestClient) -> None:
    me = worker.headers["X-Test-Account"]
    today = in_days(0)
    points = [
        {"text": "x", "owner_id": me, "due_on": today, "done_on": today},
        {"text": "x", "owner_id": me, "due_on": in_days(3)},
    ]
    add_activity(worker, held_on=today, action_points=points)
    found = _network(analyst, THIS_YEAR)["action_points"]
    assert found == {"set": 2, "done": 1, "done_in_time": 1, "overdue": 0, "open": 1}
    assert not any(_network(analyst, THIS_YEAR - 1)["action_points"].values())


def test_partners_by_kind_and_tier_new_and_ended(worker: TestClient, analyst: TestClient) -> None:
    old = add_partner(worker, "Oud", tier="network", active_from="2020-01-01")
    add_partner(worker, "Weg", active_from="2020-01-01", active_to=f"{YEAR}-06-30")
    add_partner(worker, "Nieuw", kind="school", tier="core_group", active_from=f"{YEAR}-12-31")
    add_partner(worker, "Later", active_from=f"{YEAR + 1}-01-01")
    tier = {"tier": "core_group", "tier_from": f"{YEAR}-07-01"}
    done(change(worker, f"partners/{old['id']}", tier))
    found = done(analyst.get(f"{V1}/annual-reports/{YEAR}"))
    partners = found["figures"]["network"]["partners"]
    assert (partners["in_force"], partners["new"], partners["ended"]) == (2, 1, 1)
    assert _counts(partners["by_kind"], "partners") == {"association": 1, "school": 1}
    assert _counts(partners["by_tier"], "partners") == {"core_group": 2}
    assert (len(partners["by_kind"]), len(partners["by_tier"])) == (13, 3)
    before = found["earlier"][0]["network"]["partners"]
    assert (before["in_force"], before["new"], before["ended"]) == (2, 0, 0)
    assert _counts(before["by_tier"], "partners") == {"network": 1, None: 1}


def test_agreements_in_force_begun_and_ended(worker: TestClient, analyst: TestClient) -> None:
    partner = add_partner(worker)["id"]
    add_agreement(worker, partner, valid_from="2020-01-01")
    add_agreement(worker, partner, valid_from=f"{YEAR}-01-01", valid_to=f"{YEAR}-12-31")
    add_agreement(worker, partner, kind="referral", valid_from="2020-01-01", valid_to="2020-12-31")
    agreements = _network(analyst)["agreements"]
    by_kind = {row.pop("kind"): row for row in agreements.pop("by_kind")}
    assert agreements == {"in_force": 2, "begun": 1, "ended": 1} == by_kind["cooperation"]
    assert set(by_kind) == {"cooperation", "referral", "data_sharing", "service_area"}
    assert by_kind["referral"] == {"in_force": 0, "begun": 0, "ended": 0}


def test_referrals_both_ways(application: FastAPI, worker: TestClient, analyst: TestClient) -> None:
    first, second = add_partner(worker, "Aldus"), add_partner(worker, "Beide")
    aldus = make_partner_client(application, UUID(first["id"]))
    two_grounds = add_report(worker, grounds=[{"code": "age"}, {"code": "sex"}])
    accepted = refer(worker, first["id"], report_id=two_grounds["id"])
    completed, declined = refer(worker, first["id"]), refer(worker, first["id"])
    refer(worker, second["id"])
    for referral, act in (
        (accepted, "acceptance"),
        (completed, "acceptance"),
        (completed, "completion"),
        (declined, "decline"),
    ):
        done(answer(aldus, referral["id"], act))
    submit(aldus)
    quiet = report_body(channel="phone")
    quiet["consents"]["statistics"] = False
    uncounted = done(worker.post(f"{V1}/reports", json=quiet), 201)
    refer(worker, first["id"], report_id=uncounted["id"])

    found = _network(analyst, THIS_YEAR)
    out, inward = found["referrals_out"], found["referrals_in"]
    assert (out["total"], out["answered"], out["accepted"]) == (4, 3, 2)
    assert (out["accepted_share"], out["median_days_to_answer"]) == (0.6667, 0.0)
    assert [(row["partner"], row["referrals"]) for row in out["by_partner"]] == [
        ("Aldus", 3),
        ("Beide", 1),
    ]
    by_ground = {"age": 1, "sex": 1, "national_ethnic_origin": 3}
    assert _counts(out["by_ground"], "referrals") == by_ground
    by_status = {"accepted": 1, "completed": 1, "declined": 1, "offered": 1}
    assert _counts(out["by_status"], "referrals") == by_status
    assert _counts(out["by_outcome"], "referrals") == {"helped": 1}
    assert (inward["total"], inward["answered"], inward["median_days_to_answer"]) == (1, 0, None)
    assert _counts(inward["by_status"], "referrals") == {"submitted": 1}
    for figures in (out, inward):
        for table in ("by_status", "by_partner"):
            assert sum(row["referrals"] for row in figures[table]) == figures["total"]
    last_year = _network(analyst, THIS_YEAR - 1)
    assert last_year["referrals_out"]["total"] == last_year["referrals_in"]["total"] == 0
    assert last_year["referrals_out"]["accepted_share"] is None


DAYS = st.dates(date(YEAR - 2, 1, 1), date(YEAR + 1, 12, 31))
PERIODS = st.tuples(DAYS, st.none() | st.integers(0, 500)).map(
    lambda drawn: (
        drawn[0],
        None if drawn[1] is None else drawn[0] + timedelta(days=drawn[1]),
    )
)
PARTNERS = st.lists(
    st.builds(
        lambda kind, period, tiers: PartnerFact(some_id(), "x", kind, period[0], period[1], tiers),
        st.sampled_from(["school", "police"]),
        PERIODS,
        st.lists(
            PERIODS.map(lambda period: TierPeriod("network", period[0], period[1])), max_size=1
        ),
    ),
    max_size=8,
)


@given(PARTNERS, DAYS)
def test_partners_by_kind_and_by_tier_add_up(partners: list[PartnerFact], today: date) -> None:
    found = count_partners(partners, span_of(YEAR, today=today))
    assert found.by_kind.total() == found.by_tier.total() == found.in_force


@given(st.lists(st.builds(lambda p: AgreementFact("referral", *p), PERIODS), max_size=8))
def test_what_stood_began_and_ended_balances(facts: list[AgreementFact]) -> None:
    """Over two years, but for those that end on the very last day, which still stand on it."""
    today = date(YEAR + 1, 12, 31)
    spans = [span_of(year, today=today) for year in (YEAR - 1, YEAR)]
    before, after = (count_agreements(facts, span) for span in spans)
    on_last_day = [sum(f.valid_to == span.last for f in facts) for span in spans]
    stood = before.in_force.total() - on_last_day[0] + after.begun.total() - after.ended.total()
    assert after.in_force.total() == stood + on_last_day[1]


AREAS = st.lists(
    st.builds(
        lambda place, period: Area(
            place, AreaSource.AGREEMENT, some_id(), some_id(), period[0], period[1]
        ),
        st.sampled_from(["As", "Zutendaal"]),
        PERIODS,
    ),
    max_size=5,
)


@given(AREAS, st.lists(st.tuples(DAYS, st.sampled_from(["ÀS", "zutendaal", "Genk", ""]))))
def test_every_report_lies_in_one_place(areas: list[Area], reports: list[tuple[date, str]]) -> None:
    areas = [Area("Genk", AreaSource.OWN), *areas]
    found = count_area(((day, place, 1) for day, place in reports), ServiceArea(areas))
    assert found.counted == len(reports)
    assert found.inside == sum(
        bool(place) and locate(areas, place, on=day) is not None for day, place in reports
    )


@given(AREAS, DAYS, st.integers(0, 40))
def test_a_place_is_settled_when_no_day_differs(areas: list[Area], first: date, days: int) -> None:
    """It may be called unsettled in vain, which costs a look; never settled in vain."""
    area = ServiceArea(areas)
    period = [first + timedelta(days=day) for day in range(days + 1)]
    if area.is_settled("As", first=period[0], last=period[-1]):
        assert len({area.find("As", on=day) for day in period}) == 1

"""What a partner sees of a year that is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from app.activities.domain import SETTLING_DAYS, last_settled_year
from app.annual_report import kept_years
from app.annual_report.models import KeptPartnerYear, KeptYear
from app.core.access import Role
from app.core.database import Database
from app.core.errors import InvalidInputError
from app.intake.domain import GroundLink
from app.intake.models import Report
from app.referrals.models import Referral
from benchmarks.made_up_years import fill
from tests.makers.identity import make_client
from tests.makers.intake import make_draft, make_report
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.referrals import answer, refer
from tests.makers.tour import V1, done, in_days

TODAY = date.fromisoformat(in_days(0))
YEAR = last_settled_year(TODAY)
HIDDEN = {"count": None, "suppressed": True}


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def partner_id(application: FastAPI) -> UUID:
    return new_partner(application)


@pytest.fixture
def partner(application: FastAPI, partner_id: UUID) -> TestClient:
    return make_partner_client(application, partner_id)


def _figures(partner: TestClient, **query: Any) -> dict[str, Any]:
    return done(partner.get(f"{V1}/partner/figures", params={"year": YEAR} | query))


def _forget(owner: Database) -> None:
    """As if nobody had asked yet: what the application itself cannot do."""
    with owner.transaction() as session:
        session.execute(delete(KeptPartnerYear))
        session.execute(delete(KeptYear))


def _number(count: int) -> dict[str, Any]:
    return {"count": count, "suppressed": False}


def _counts(rows: list[dict[str, Any]]) -> dict[Any, int | None]:
    """Of each row that says something else than 0."""
    assert all(row["suppressed"] is (row["count"] is None) for row in rows)
    return {row["code"]: row["count"] for row in rows if row["count"] != 0}


def _add(database: Database, number: int, domain: str, ground: str, **consents: bool) -> None:
    with database.transaction() as session:
        for _ in range(number):
            make_report(
                session,
                make_draft(domain=domain, grounds=[(ground, GroundLink.OWN)], **consents),
                received_at=datetime(YEAR, 5, 5, 11, tzinfo=UTC),
            )


def test_small_counts_and_what_they_follow_from_are_not_shown(
    database: Database, owner: Database, partner: TestClient
) -> None:
    _add(database, 12, "housing", "age")
    _add(database, 7, "employment", "age")
    reports = _figures(partner)["reports"]
    assert reports["total"] == _number(19)
    assert _counts(reports["by_domain"]) == {"housing": 12, "employment": 7}
    assert _counts(reports["by_ground"]) == {"age": 19}
    _add(database, 1, "education", "sex")
    _forget(owner)
    reports = _figures(partner)["reports"]
    assert reports["total"] == _number(20)
    assert _counts(reports["by_domain"]) == {"housing": 12, "employment": None, "education": None}
    # One ground is small and one is not: nothing of that table can be shown.
    assert {row["count"] for row in reports["by_ground"]} == {None}


def test_who_declined_statistics_cannot_be_told_from_the_total(
    database: Database, partner: TestClient
) -> None:
    _add(database, 12, "housing", "age")
    _add(database, 7, "employment", "age")
    _add(database, 1, "employment", "age", consent_statistics=False)
    reports = _figures(partner)["reports"]
    assert reports["total"] == _number(20)
    assert _counts(reports["by_domain"]) == {"housing": 12, "employment": None, None: None}
    assert reports["by_domain"][-1]["label"] == "dubbele meldingen en wie geen statistiek wil"


def test_what_is_shown_is_what_the_bureau_counts(
    application: FastAPI, database: Database, partner: TestClient
) -> None:
    with database.transaction() as session:
        fill(session, last_year=YEAR, years=1, reports=400)
    shown = _figures(partner)
    analyst = make_client(application, Role.ANALYST)
    found = done(analyst.get(f"{V1}/annual-reports/{YEAR}"))["figures"]
    assert shown["reports"]["total"]["count"] == found["reports"]["total"] == 400
    assert shown["cases_closed"]["total"]["count"] == found["cases"]["closed"]
    hidden = 0
    for rows, counted, number in (
        (shown["reports"]["by_domain"], found["reports"]["by_domain"], "reports"),
        (shown["reports"]["by_ground"], found["reports"]["by_ground"]["rows"], "reports"),
        (shown["cases_closed"]["by_outcome"], found["cases"]["by_outcome"], "cases"),
    ):
        true = {row["code"]: row[number] for row in counted}
        for row in rows:
            if row["code"] is None:
                continue
            hidden += row["suppressed"]
            assert row["suppressed"] or row["count"] == true[row["code"]]
            assert row["count"] is None or row["count"] == 0 or row["count"] >= 5
    assert hidden


def test_own_referrals_are_those_we_can_see(
    application: FastAPI,
    database: Database,
    owner: Database,
    worker: TestClient,
    partner_id: UUID,
    partner: TestClient,
) -> None:
    def of_last_year() -> None:
        with database.transaction() as session:
            for referral in session.scalars(select(Referral)):
                days = (referral.answered_on - referral.made_on).days if referral.answered_on else 0
                referral.made_on = date(YEAR, 6, 1)
                if referral.answered_on:
                    referral.answered_on = referral.made_on + timedelta(days=max(days, 3))

    offers = [refer(worker, partner_id) for _ in range(6)]
    refer(worker, new_partner(application))
    for offer in offers[:5]:
        done(answer(partner, offer["id"], "acceptance"))
    of_last_year()
    own = _figures(partner)["own_referrals"]
    # Five answered and one not: the one is hidden, and the five from which it would follow.
    assert own.pop("as_of")
    assert own == {"received": _number(6), "answered": HIDDEN, "median_days_to_answer": 3.0}
    done(answer(partner, offers[5]["id"], "acceptance"))
    of_last_year()
    _forget(owner)
    assert _figures(partner)["own_referrals"]["answered"] == _number(6)
    # For the partner a referral that was withdrawn never was: no figure may say otherwise.
    for offer in offers[:2]:
        url = f"{V1}/referrals/{offer['id']}"
        done(worker.post(f"{url}/consent-withdrawal", json={"reason": "Wil niet meer."}))
    of_last_year()
    assert _figures(partner)["own_referrals"]["answered"] == _number(6)
    _forget(owner)
    own = _figures(partner)["own_referrals"]
    assert own.pop("as_of")
    assert own == {"received": HIDDEN, "answered": HIDDEN, "median_days_to_answer": None}


def test_a_year_that_runs_is_not_shown(partner: TestClient) -> None:
    for year in (TODAY.year, TODAY.year + 1):
        answered = partner.get(f"{V1}/partner/figures", params={"year": year})
        assert answered.status_code == 422
        [error] = answered.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/query/year", "year_not_over")
    assert done(partner.get(f"{V1}/partner/figures"))["year"] == YEAR
    assert _figures(partner)["reports"]["total"] == _number(0)
    for wrong in ("0", "9999", "x"):
        assert partner.get(f"{V1}/partner/figures", params={"year": wrong}).status_code == 422


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2026, 1, 1), 2024),
        (date(2026, 2, 28), 2024),
        (date(2026, 3, 1), 2024),
        (date(2026, 3, 2), 2025),
        (date(2026, 12, 31), 2025),
    ],
)
def test_a_year_settles_after_sixty_days(database: Database, today: date, last: int) -> None:
    assert SETTLING_DAYS == 60
    assert last_settled_year(today) == last
    at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    with pytest.raises(InvalidInputError) as refused:
        kept_years.keep_year(database, last + 1, "Genk", at)
    [error] = refused.value.errors
    expected = "year_not_over" if last + 1 == today.year else "year_not_settled"
    assert (error.pointer, error.code) == ("/query/year", expected)


def test_what_was_shown_of_a_year_never_changes(
    application: FastAPI, database: Database, partner: TestClient
) -> None:
    _add(database, 12, "housing", "age")
    _add(database, 7, "employment", "age")
    first = _figures(partner)
    # One that was registered late, and one that was corrected away: neither may be told.
    _add(database, 1, "education", "sex")
    with database.transaction() as session:
        report = session.scalars(select(Report).where(Report.domain == "housing")).first()
        assert report is not None
        report.domain = "employment"
    assert _figures(partner) == first
    other = _figures(make_partner_client(application))
    assert {**other, "own_referrals": None} == {**first, "own_referrals": None}


def test_two_who_ask_first_at_once_are_shown_the_same(
    application: FastAPI, database: Database, partner_id: UUID
) -> None:
    _add(database, 12, "housing", "age")
    partners = [make_partner_client(application, partner_id) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        shown = list(pool.map(_figures, partners))
    assert all(found == shown[0] for found in shown)
    with database.snapshot() as session:
        assert len(session.scalars(select(KeptYear)).all()) == 1
        assert len(session.scalars(select(KeptPartnerYear)).all()) == 1


def test_only_partners_ask(application: FastAPI, client: TestClient, worker: TestClient) -> None:
    assert client.get(f"{V1}/partner/figures").status_code == 401
    assert worker.get(f"{V1}/partner/figures").status_code == 401
    partner = make_partner_client(application)
    assert partner.get(f"{V1}/annual-reports/{YEAR}").status_code == 401

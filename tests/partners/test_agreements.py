"""Agreements with partners: their terms, their days, their renewal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.access import Role
from app.core.database import Database
from app.partners.domain import CooperationStatus, cooperation_status, is_within
from tests.makers.identity import make_client
from tests.makers.intake import some_id
from tests.makers.partners import add_agreement, add_partner, change, wrong_fields
from tests.makers.tour import V1, done, in_days

TERMS: dict[str, Any] = {
    "kind": "data_sharing",
    "purposes": ["doorverwijzen", "cijfers delen"],
    "shared_fields": ["domain", "grounds", "needs"],
    "territory": ["As"],
    "valid_from": "2026-01-01",
    "valid_to": "2026-12-31",
    "renewal_on": "2026-11-01",
    "extends_service_area": False,
}


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def partner_id(worker: TestClient) -> str:
    return str(add_partner(worker)["id"])


def test_an_agreement_is_read_as_it_was_made(worker: TestClient, partner_id: str) -> None:
    agreement = add_agreement(worker, partner_id, **TERMS)
    assert {key: agreement[key] for key in TERMS} == TERMS
    assert done(worker.get(f"{V1}/partner-agreements/{agreement['id']}")) == agreement
    assert done(worker.get(f"{V1}/partners/{partner_id}/agreements"))["items"] == [agreement]


def test_the_status_is_that_of_today(worker: TestClient, partner_id: str) -> None:
    for first, last, status in (
        (in_days(1), None, "upcoming"),
        (in_days(0), in_days(0), "in_force"),
        (in_days(-9), None, "in_force"),
        (in_days(-9), in_days(-1), "ended"),
    ):
        found = add_agreement(worker, partner_id, valid_from=first, valid_to=last)
        assert found["status"] == status
    rows = done(worker.get(f"{V1}/partners/{partner_id}/agreements"))["items"]
    assert [row["valid_from"] for row in rows] == [in_days(1), in_days(0), in_days(-9), in_days(-9)]


@given(st.dates(), st.none() | st.dates(), st.dates())
def test_an_agreement_is_in_force_within_its_days_and_on_no_other(
    first: date, last: date | None, day: date
) -> None:
    status = cooperation_status(first, last, partner_ends_on=None, on=day)
    assert (status is CooperationStatus.IN_FORCE) is is_within(day, first, last)


@given(st.dates(), st.dates(), st.dates())
def test_an_agreement_is_in_force_no_longer_than_its_partner(
    first: date, partner_ends_on: date, day: date
) -> None:
    status = cooperation_status(first, None, partner_ends_on=partner_ends_on, on=day)
    may_be = is_within(day, first, partner_ends_on)
    assert (status is CooperationStatus.IN_FORCE) is may_be


def test_an_agreement_has_ended_when_its_partner_has(worker: TestClient, partner_id: str) -> None:
    agreement = add_agreement(worker, partner_id, valid_from=in_days(-9), valid_to=in_days(30))
    url = f"{V1}/partners/{partner_id}"
    etag = worker.get(url).headers["ETag"]
    end = {"active_to": in_days(-1)}
    done(worker.patch(url, json=end, headers={"If-Match": etag}))
    read = done(worker.get(f"{V1}/partner-agreements/{agreement['id']}"))
    (listed,) = done(worker.get(f"{url}/agreements"))["items"]
    assert (agreement["status"], read["status"], listed["status"]) == (
        "in_force",
        "ended",
        "ended",
    )
    assert read["valid_to"] == in_days(30)


@pytest.mark.parametrize(
    ("field", "value", "pointer", "code"),
    [
        ("valid_to", "2025-12-31", "/valid_to", "date_order"),
        ("renewal_on", "2027-01-01", "/renewal_on", "date_order"),
        ("renewal_on", "2025-12-31", "/renewal_on", "date_order"),
        ("territory", ["As", "AS"], "/territory/1", "duplicate"),
        ("territory", ["As\u2066"], "/territory/0", "bidi_override"),
        ("purposes", ["x", "X"], "/purposes/1", "duplicate"),
        ("shared_fields", ["needs", "needs"], "/shared_fields/1", "duplicate"),
        ("shared_fields", ["secrets"], "/shared_fields/0", "enum"),
        ("kind", "friendship", "/kind", "enum"),
    ],
)
def test_bad_terms_are_named(
    worker: TestClient, partner_id: str, field: str, value: Any, pointer: str, code: str
) -> None:
    body = TERMS | ({"renewal_on": None} if field == "valid_to" else {})
    made = add_agreement(worker, partner_id, **body)
    for answer in (
        worker.post(f"{V1}/partners/{partner_id}/agreements", json=body | {field: value}),
        change(worker, f"partner-agreements/{made['id']}", {field: value}),
    ):
        assert wrong_fields(answer) == {pointer: code}


def test_who_extends_the_area_names_a_place(worker: TestClient, partner_id: str) -> None:
    url = f"{V1}/partners/{partner_id}/agreements"
    for body in (
        {"kind": "service_area", "valid_from": "2026-07-01"},
        {"kind": "cooperation", "valid_from": "2026-07-01", "extends_service_area": True},
    ):
        assert wrong_fields(worker.post(url, json=body)) == {"/territory": "missing"}
    made = add_agreement(worker, partner_id, kind="service_area", territory=["As"])
    assert made["extends_service_area"] is True
    emptied = change(worker, f"partner-agreements/{made['id']}", {"territory": []})
    assert wrong_fields(emptied) == {"/territory": "missing"}


def test_the_store_refuses_terms_that_contradict(
    worker: TestClient, partner_id: str, database: Database
) -> None:
    add_agreement(worker, partner_id, **TERMS)
    for statement in (
        "UPDATE cooperation_agreements SET valid_to = '1900-01-01'",
        "UPDATE cooperation_agreements SET renewal_on = '1900-01-01'",
        "UPDATE cooperation_agreements SET renewal_on = '2100-01-01'",
        "UPDATE cooperation_agreements SET extends_service_area = true, territory = ''",
        "UPDATE cooperation_agreements SET kind = 'friendship'",
    ):
        with pytest.raises(IntegrityError), database.transaction() as session:
            session.execute(text(statement))


def test_a_renewal_is_due_until_it_is_settled(worker: TestClient, partner_id: str) -> None:
    made = add_agreement(worker, partner_id, valid_from=in_days(-300), renewal_on=in_days(10))
    add_agreement(worker, partner_id, valid_from=in_days(-300), renewal_on=in_days(100))

    def due() -> list[dict[str, Any]]:
        items = done(worker.get(f"{V1}/worklist"))["items"]
        return [item for item in items if item["kind"] == "renew_agreement"]

    (item,) = due()
    assert item["object_id"] == made["id"]
    assert (item["due_on"], item["reference"]) == (in_days(10), "Huurdersbond Proef")
    done(change(worker, f"partner-agreements/{made['id']}", {"renewal_on": None}))
    assert due() == []


def test_of_two_changes_at_once_one_wins(worker: TestClient, partner_id: str) -> None:
    url = f"{V1}/partner-agreements/{add_agreement(worker, partner_id)['id']}"

    def end_on(day: str) -> int:
        body = {"valid_to": day}
        return int(worker.patch(url, json=body, headers={"If-Match": '"1"'}).status_code)

    with ThreadPoolExecutor(3) as pool:
        statuses = sorted(pool.map(end_on, ["2027-01-01", "2028-01-01", "2029-01-01"]))
    assert statuses == [200, 412, 412]


def test_what_is_not_there_is_not_found(worker: TestClient, partner_id: str) -> None:
    body = {"kind": "cooperation", "valid_from": "2026-07-01"}
    assert worker.post(f"{V1}/partners/{some_id()}/agreements", json=body).status_code == 404
    assert worker.get(f"{V1}/partners/{some_id()}/agreements").status_code == 404
    assert worker.get(f"{V1}/partner-agreements/{partner_id}").status_code == 404

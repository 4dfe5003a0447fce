"""Registering, changing and finding partners."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core.access import SYSTEM, Role
from app.core.database import Database
from app.core.errors import InvalidInputError
from app.partners import service
from app.partners.domain import TierPeriod, tier_errors, tiers_after
from tests.makers.identity import make_client
from tests.makers.partners import add_partner, change, make_partner, wrong_fields
from tests.makers.tour import V1, done, in_days

CONTACT = {
    "name": "Contact Kwinkeleer",
    "function": "onthaal",
    "email": "onthaal@example.org",
    "phone": "+32 89 00 00 00",
    "wants_bulletins": True,
}


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def _found(worker: TestClient, **query: Any) -> list[str]:
    return [row["name"] for row in done(worker.get(f"{V1}/partners", params=query))["items"]]


def test_a_name_and_a_kind_are_enough(worker: TestClient) -> None:
    body = {"name": "Unia", "kind": "equality_body"}
    partner = done(worker.post(f"{V1}/partners", json=body), 201)
    assert partner["tier"] is None
    assert partner["active_from"] == in_days(0)
    assert partner["accepts_referrals"] is True
    assert partner["territory"] == partner["grounds"] == partner["contacts"] == []


def test_all_that_is_registered_is_read_again(worker: TestClient) -> None:
    fields: dict[str, Any] = {
        "tier": "core_group",
        "territory": ["Genk", "Houthalen-Helchteren"],
        "grounds": ["age", "sex"],
        "domains": ["housing"],
        "languages": ["nl", "tr"],
        "accessibility": ["sign_language", "evenings"],
        "active_from": "2026-01-01",
        "active_to": "2030-12-31",
        "accepts_referrals": False,
    }
    partner = add_partner(worker, contacts=[CONTACT], **fields)
    read = done(worker.get(f"{V1}/partners/{partner['id']}"))
    assert read == partner
    assert {key: read[key] for key in fields} == fields
    assert read["tiers"] == [{"tier": "core_group", "valid_from": "2026-01-01", "valid_to": None}]
    assert [{k: v for k, v in c.items() if k != "id"} for c in read["contacts"]] == [CONTACT]


@pytest.mark.parametrize(
    ("field", "value", "pointer", "code"),
    [
        ("kind", "nothing", "/kind", "unknown_code"),
        ("tier", "nothing", "/tier", "unknown_code"),
        ("grounds", ["age", "nothing"], "/grounds/1", "unknown_code"),
        ("domains", ["nothing"], "/domains/0", "unknown_code"),
        ("grounds", ["age", "age"], "/grounds/1", "duplicate"),
        ("territory", ["Genk", "GÉNK"], "/territory/1", "duplicate"),
        ("languages", ["nl", "nl"], "/languages/1", "duplicate"),
        ("languages", ["dutch"], "/languages/0", "string_pattern_mismatch"),
        ("accessibility", ["magic"], "/accessibility/0", "enum"),
        ("name", "Uni\u0000a", "/name", "control_character"),
        ("name", "Unia\u202e", "/name", "bidi_override"),
        ("territory", ["Genk\u202e"], "/territory/0", "bidi_override"),
        ("territory", ["Ge\nnk"], "/territory/0", "control_character"),
        ("active_to", "2000-01-01", "/active_to", "date_order"),
        (
            "contacts",
            [{"name": "A", "email": "none"}],
            "/contacts/0/email",
            "string_pattern_mismatch",
        ),
    ],
)
def test_bad_input_is_named(
    worker: TestClient, field: str, value: Any, pointer: str, code: str
) -> None:
    body = {"name": "P", "kind": "police", field: value}
    for answer in (
        worker.post(f"{V1}/partners", json=body),
        change(worker, f"partners/{add_partner(worker, 'Q')['id']}", {field: value}),
    ):
        assert wrong_fields(answer) == {pointer: code}


def test_a_name_is_given_once_whatever_its_case_and_accents(worker: TestClient) -> None:
    add_partner(worker, "Thuis Één")
    taken = worker.post(f"{V1}/partners", json={"name": "THUIS EEN", "kind": "police"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    other = add_partner(worker, "Thuis Twee")
    url = f"partners/{other['id']}"
    assert change(worker, url, {"name": "thuis een"}).json()["code"] == "name_taken"
    assert change(worker, url, {"name": "Thuis TWEE"}).status_code == 200


def test_two_who_register_one_name_at_once_make_one_partner(worker: TestClient) -> None:
    body = {"name": "Unia", "kind": "equality_body"}
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(
            pool.map(lambda _: worker.post(f"{V1}/partners", json=body).status_code, range(4))
        )
    assert statuses == [201, 409, 409, 409]


def test_of_two_changes_at_once_one_wins(worker: TestClient) -> None:
    partner = add_partner(worker)
    url = f"{V1}/partners/{partner['id']}"

    def change_to(domain: str) -> int:
        body = {"domains": [domain]}
        return int(worker.patch(url, json=body, headers={"If-Match": '"1"'}).status_code)

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(change_to, ["housing", "education", "employment", "other"]))
    assert statuses == [200, 412, 412, 412]
    assert [row["version"] for row in _history(worker, partner)] == [2, 1]
    assert worker.patch(url, json={}).status_code == 428


def _history(worker: TestClient, partner: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = done(worker.get(f"{V1}/partners/{partner['id']}/history"))[
        "items"
    ]
    return found


def test_the_history_tells_who_changed_what_without_personal_data(worker: TestClient) -> None:
    partner = add_partner(worker, contacts=[CONTACT])
    url = f"partners/{partner['id']}"
    done(change(worker, url, {"kind": "police", "territory": ["As"], "name": "Nieuwe naam"}))
    done(change(worker, url, {"contacts": [CONTACT | {"name": "Iemand Kwinkeleer"}]}))
    latest, middle, first = _history(worker, partner)
    assert middle["changes"] == {
        "name": ["Huurdersbond Proef", "Nieuwe naam"],
        "kind": ["association", "police"],
        "territory": [[], ["As"]],
    }
    assert latest["changes"] == {"contacts": [1, 1]}
    assert first["changes"]["contacts"] == [None, 1]
    assert first["changed_by_id"] == worker.headers["X-Test-Account"]
    assert "Kwinkeleer" not in str(_history(worker, partner))
    page = done(worker.get(f"{V1}/{url}/history?limit=2"))
    rest = done(worker.get(f"{V1}/{url}/history?limit=2&cursor={page['next']}"))
    assert [row["version"] for row in page["items"] + rest["items"]] == [3, 2, 1]


def test_contacts_are_replaced_as_a_whole_and_reading_them_stands_in_the_trail(
    worker: TestClient, database: Database
) -> None:
    partner = add_partner(worker, contacts=[CONTACT, CONTACT])
    done(change(worker, f"partners/{partner['id']}", {"contacts": [{"name": "Ander"}]}))
    read = done(worker.get(f"{V1}/partners/{partner['id']}"))
    assert [c["name"] for c in read["contacts"]] == ["Ander"]
    with database.snapshot() as session:
        events = session.scalars(
            select(AuditEntry.event).where(AuditEntry.object_kind == "partner")
        ).all()
        left = session.execute(text("SELECT count(*) FROM partner_contacts")).scalar()
    assert events.count(Event.PARTNER_READ) == 2  # `change` read it once to learn its version
    assert left == 1
    assert "contacts" not in done(worker.get(f"{V1}/partners"))["items"][0]


def test_the_register_is_filtered_by_what_partners_know(worker: TestClient) -> None:
    add_partner(worker, "Alles")
    add_partner(worker, "Vrouwenhuis", grounds=["sex"], languages=["tr"], kind="health_body")
    add_partner(worker, "wonen", domains=["housing"], territory=["As"], tier="network")
    assert _found(worker) == ["Alles", "Vrouwenhuis", "wonen"]
    assert _found(worker, kind="health_body") == ["Vrouwenhuis"]
    assert _found(worker, tier="network") == ["wonen"]
    # Who knows sex knows what lies below it; who names no ground knows all.
    assert _found(worker, ground="gender_identity") == ["Alles", "Vrouwenhuis", "wonen"]
    assert _found(worker, ground="age") == ["Alles", "wonen"]
    assert _found(worker, domain="education") == ["Alles", "Vrouwenhuis"]
    assert _found(worker, municipality="aS") == ["Alles", "Vrouwenhuis", "wonen"]
    assert _found(worker, municipality="Genk") == ["Alles", "Vrouwenhuis"]
    assert _found(worker, language="tr") == ["Vrouwenhuis"]
    assert _found(worker, q="VROÚW") == ["Vrouwenhuis"]
    assert _found(worker, q="%") == []


def test_the_register_shows_who_is_active_on_a_day(worker: TestClient) -> None:
    add_partner(worker, "Vroeger", active_from="2020-01-01", active_to="2021-12-31")
    add_partner(worker, "Nu", active_from="2021-12-31")
    assert _found(worker, active_on="2021-12-31") == ["Nu", "Vroeger"]
    assert _found(worker, active_on="2022-01-01") == ["Nu"]
    assert _found(worker, active_on="2019-12-31") == []


def test_pages_of_the_register_follow_each_other(worker: TestClient) -> None:
    names = ["a", "B", "é", "Zoë", "c"]
    for name in names:
        add_partner(worker, name)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = done(worker.get(f"{V1}/partners", params=query))
        seen += [row["name"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ["a", "B", "c", "é", "Zoë"]


def test_a_tier_changes_from_a_day_on(worker: TestClient) -> None:
    partner = add_partner(worker, tier="network", active_from="2025-01-01")
    url = f"partners/{partner['id']}"
    changed = done(change(worker, url, {"tier": "core_group", "tier_from": "2026-01-01"}))
    assert changed["tiers"] == [
        {"tier": "network", "valid_from": "2025-01-01", "valid_to": "2025-12-31"},
        {"tier": "core_group", "valid_from": "2026-01-01", "valid_to": None},
    ]
    assert _found(worker, tier="network", active_on="2025-12-31") == ["Huurdersbond Proef"]
    assert _found(worker, tier="network", active_on="2026-01-01") == []
    early = change(worker, url, {"tier": "network", "tier_from": "2025-06-01"})
    assert wrong_fields(early) == {"/tier_from": "overlap"}
    same_day = done(change(worker, url, {"tier": "network", "tier_from": "2026-01-01"}))
    assert [tier["tier"] for tier in same_day["tiers"]] == ["network", "network"]
    ended = done(change(worker, url, {"tier": None}))
    assert ended["tier"] is None
    assert ended["tiers"][-1]["valid_to"] == in_days(-1)


def test_tiers_are_corrected_as_a_whole(worker: TestClient) -> None:
    partner = add_partner(worker, tier="network", active_from="2025-01-01")
    url = f"partners/{partner['id']}"
    first = {"tier": "core_group", "valid_from": "2025-01-01", "valid_to": "2025-06-30"}
    second = {"tier": "network", "valid_from": "2025-07-01", "valid_to": None}
    assert done(change(worker, url, {"tiers": [second, first]}))["tiers"] == [first, second]
    overlap = change(worker, url, {"tiers": [first | {"valid_to": "2025-07-01"}, second]})
    assert wrong_fields(overlap) == {"/tiers/1": "overlap"}
    order = change(worker, url, {"tiers": [first | {"valid_to": "2024-07-01"}]})
    assert wrong_fields(order) == {"/tiers/0/valid_to": "date_order"}
    both = change(worker, url, {"tiers": [first], "tier": "network"})
    assert wrong_fields(both) == {"/tiers": "unfitting"}
    alone = change(worker, url, {"tier_from": "2026-01-01"})
    assert wrong_fields(alone) == {"/tier_from": "unfitting"}


DAYS = st.integers(0, 400).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
TIERS = st.sampled_from(["core_group", "network", None])


@given(st.lists(st.tuples(TIERS, DAYS), max_size=8))
def test_whatever_the_changes_two_tiers_never_hold_on_one_day(
    changes: list[tuple[str | None, date]],
) -> None:
    tiers: list[TierPeriod] = []
    for tier, first in changes:
        try:
            tiers = list(tiers_after(tiers, tier, first=first))
        except InvalidInputError:
            assert tiers[-1].valid_from > first
            continue
        held = next((t.tier for t in tiers if t.holds_on(first)), None)
        assert held == tier
    assert tier_errors(tiers) == []
    assert all(one.valid_from < other.valid_from for one, other in pairwise(tiers))


def test_the_store_refuses_nonsense(database: Database) -> None:
    with database.transaction() as session:
        make_partner(session, tier="network")
    for statement in (
        "UPDATE partners SET active_to = '1900-01-01'",
        "UPDATE partner_tiers SET valid_to = '1900-01-01'",
    ):
        with pytest.raises(IntegrityError), database.transaction() as session:
            session.execute(text(statement))


def test_who_ended_is_no_partner_to_refer_to(database: Database) -> None:
    with database.transaction() as session:
        partner = make_partner(session, active_from=date(2025, 1, 1), active_to=date(2025, 12, 31))
        service.require_active_on(session, SYSTEM, partner.id, "/p", on=date(2025, 12, 31))
        for day in (date(2024, 12, 31), date(2026, 1, 1)):
            with pytest.raises(InvalidInputError):
                service.require_active_on(session, SYSTEM, partner.id, "/p", on=day)
        with pytest.raises(InvalidInputError):
            service.require_active(session, SYSTEM, partner.id, "/p")


def test_only_the_coordinator_keeps_the_register(application: FastAPI, worker: TestClient) -> None:
    partner = add_partner(worker)
    colleague = make_client(application, Role.CASE_MANAGER)
    assert colleague.get(f"{V1}/partners/{partner['id']}/history").status_code == 200
    assert colleague.post(f"{V1}/partners", json={"name": "P", "kind": "police"}).status_code == 403
    assert change(colleague, f"partners/{partner['id']}", {"kind": "police"}).status_code == 403

"""Proposing partners for a report, a case, or facts."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.core.access import Role
from app.core.database import Database
from app.partners import load
from app.partners.domain import Accessibility
from app.partners.load import PartnerLoad
from app.partners.scoring import Candidate, Reason, Wanted, fit, ranked, removed_by
from tests.makers.identity import make_client
from tests.makers.intake import report_body, some_id
from tests.makers.partners import add_partner, wrong_fields
from tests.makers.tour import V1, add_case, done


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def _matches(worker: TestClient, **query: Any) -> dict[str, Any]:
    return done(worker.get(f"{V1}/partners/matches", params=query))


def _names(found: dict[str, Any]) -> list[str]:
    return [row["name"] for row in found["items"]]


def _removed(found: dict[str, Any]) -> dict[str, int]:
    return {row["filter"]: row["partners"] for row in found["removed"] if row["partners"]}


def test_who_knows_ground_domain_and_place_comes_first_with_the_reasons(
    worker: TestClient,
) -> None:
    best = add_partner(
        worker,
        "Specialist",
        tier="network",
        grounds=["sex"],
        domains=["housing"],
        territory=["Genk"],
        languages=["tr"],
        accessibility=["sign_language"],
    )
    add_partner(worker, "Voor alles")
    add_partner(worker, "Wonen", grounds=["age"], domains=["housing"])
    found = _matches(
        worker,
        ground=["gender_identity"],
        domain="housing",
        municipality="GÉNK",
        language="tr",
        needs=["sign_language", "wheelchair"],
    )
    assert _names(found) == ["Specialist", "Voor alles", "Wonen"]
    first, second, third = found["items"]
    assert (first["partner_id"], first["tier"]) == (best["id"], "network")
    assert first["score"] == 0.9
    assert first["reasons"] == [
        {"reason": "ground", "matched": ["gender_identity"]},
        {"reason": "domain", "matched": ["housing"]},
        {"reason": "place", "matched": ["genk"]},
        {"reason": "language", "matched": ["tr"]},
        {"reason": "needs", "matched": ["sign_language"]},
    ]
    assert first["unmet_needs"] == ["wheelchair"]
    assert [r["reason"] for r in second["reasons"]] == ["any_ground", "any_domain", "any_place"]
    assert [r["reason"] for r in third["reasons"]] == ["domain", "any_place"]
    assert first["load"] == {"open_referrals": 0, "median_answer_days": None}


def test_who_cannot_serve_is_not_proposed_and_the_answer_says_why(worker: TestClient) -> None:
    add_partner(worker, "Goed")
    add_partner(worker, "Vroeger", active_from="2020-01-01", active_to="2021-01-01")
    add_partner(worker, "Later", active_from="2199-01-01")
    add_partner(worker, "Vol", accepts_referrals=False)
    add_partner(worker, "Elders", territory=["As"])
    add_partner(worker, "Anders", grounds=["age"], domains=["education"], territory=["Genk"])
    found = _matches(worker, ground="sex", domain="housing", municipality="Genk")
    assert _names(found) == ["Goed", "Anders"]
    assert found["suitable"] == 2
    assert _removed(found) == {"not_active": 2, "no_referrals": 1, "outside_territory": 1}
    nothing = _matches(worker, language="tr")
    assert _names(nothing) == []
    assert _removed(nothing) == {"not_active": 2, "no_referrals": 1, "nothing_in_common": 3}


def test_alike_partners_are_ordered_by_name_and_the_best_are_shown(worker: TestClient) -> None:
    for name in ("c", "É", "a", "B"):
        add_partner(worker, name)
    assert _names(_matches(worker, domain="housing")) == ["a", "B", "c", "É"]
    shown = _matches(worker, domain="housing", limit=2)
    assert (_names(shown), shown["suitable"]) == (["a", "B"], 4)


def test_a_report_is_matched_by_what_it_says(worker: TestClient, database: Database) -> None:
    add_partner(worker, "Tolk", languages=["tr"])
    add_partner(worker, "Gebaren", accessibility=["sign_language", "interpreter", "easy_language"])
    add_partner(worker, "Elders", territory=["Hasselt"])
    body = report_body(channel="phone")
    body["reporter"]["needs"] = {
        "interpreter_language": "tr",
        "sign_language": True,
        "reading_help": True,
    }
    report = done(worker.post(f"{V1}/reports", json=body), 201)
    found = _matches(worker, report_id=report["id"])
    assert _names(found) == ["Gebaren", "Tolk"]
    reasons = [{r["reason"]: r["matched"] for r in row["reasons"]} for row in found["items"]]
    assert reasons[0]["needs"] == ["easy_language", "interpreter", "sign_language"]
    # Who speaks the language needs no interpreter.
    assert (reasons[1]["language"], reasons[1]["needs"]) == (["tr"], ["interpreter"])
    assert found["items"][1]["unmet_needs"] == ["easy_language", "sign_language"]
    assert _removed(found) == {"outside_territory": 1}
    with database.snapshot() as session:
        details = session.scalars(
            select(AuditEntry.details).where(AuditEntry.object_id == UUID(report["id"]))
        ).all()
    assert {"part": "matching"} in details


def test_a_case_is_matched_by_all_its_reports(worker: TestClient) -> None:
    ids = []
    for domain, place in (("housing", "Genk"), ("education", "As")):
        body = report_body(channel="phone")
        body["incident"] |= {"domain": domain, "municipality": place}
        ids.append(done(worker.post(f"{V1}/reports", json=body), 201)["id"])
    case = add_case(worker, *ids)
    add_partner(worker, "School", domains=["education"], territory=["As"])
    (row,) = _matches(worker, case_id=case["id"])["items"]
    matched = {r["reason"]: r["matched"] for r in row["reasons"]}
    assert (matched["domain"], matched["place"]) == (["education"], ["as"])


def test_what_is_hidden_is_not_matched(application: FastAPI, worker: TestClient) -> None:
    case = add_case(worker)
    path = f"{V1}/cases/{case['id']}"
    etag = worker.get(path).headers["ETag"]
    done(worker.patch(path, json={"is_restricted": True}, headers={"If-Match": etag}))
    colleague = make_client(application, Role.CASE_MANAGER)
    for query in (
        {"case_id": case["id"]},
        {"report_id": case["reports"][0]["id"]},
        {"case_id": str(some_id())},
        {"report_id": str(some_id())},
    ):
        answer = colleague.get(f"{V1}/partners/matches", params=query)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert worker.get(f"{V1}/partners/matches", params={"case_id": case["id"]}).status_code == 200


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({}, "/query", "one_of"),
        ({"domain": "housing", "report_id": str(some_id())}, "/query", "one_of"),
        ({"case_id": str(some_id()), "report_id": str(some_id())}, "/query", "one_of"),
        ({"ground": ["age", "nothing"]}, "/query/ground/1", "unknown_code"),
        ({"domain": "nothing"}, "/query/domain", "unknown_code"),
        ({"needs": "magic"}, "/query/needs/0", "enum"),
        ({"language": "Dutch"}, "/query/language", "string_pattern_mismatch"),
        ({"municipality": "Ge\0nk"}, "/query/municipality", "string_pattern_mismatch"),
    ],
)
def test_bad_questions_are_named(
    worker: TestClient, query: dict[str, Any], pointer: str, code: str
) -> None:
    answer = worker.get(f"{V1}/partners/matches", params=query)
    assert wrong_fields(answer) == {pointer: code}


def test_the_load_is_what_the_referring_feature_tells(
    worker: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = UUID(add_partner(worker, "Druk")["id"])
    add_partner(worker, "Vrij")

    def told(_session: Session, partner_ids: Collection[UUID]) -> dict[UUID, PartnerLoad]:
        assert len(partner_ids) == 2
        return {busy: PartnerLoad(3, 4.5)}

    monkeypatch.setattr(load, "_sources", {"test": told})
    loads = {row["name"]: row["load"] for row in _matches(worker, domain="housing")["items"]}
    assert loads["Druk"] == {"open_referrals": 3, "median_answer_days": 4.5}
    assert loads["Vrij"] == {"open_referrals": 0, "median_answer_days": None}


def test_more_partners_need_no_more_statements(worker: TestClient, database: Database) -> None:
    seen: list[str] = []
    engines = {database.engine, database._reader}

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    def statements() -> int:
        seen.clear()
        _matches(worker, domain="housing", limit=100)
        return len(seen)

    add_partner(worker, "first", tier="network")
    _matches(worker, domain="housing")  # opens connections and reads the code lists
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    one = statements()
    for number in range(20):
        add_partner(worker, f"more {number}", tier="network")
    many = statements()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    assert 0 < many == one


CODES = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3)
CANDIDATES = st.builds(
    Candidate,
    id=st.uuids(),
    name=st.just("n"),
    folded_name=st.sampled_from(["n", "m"]),
    kind=st.just("k"),
    active_from=st.dates(date(2025, 12, 30), date(2026, 1, 2)),
    active_to=st.none() | st.dates(date(2026, 1, 2), date(2026, 1, 5)),
    accepts_referrals=st.booleans(),
    territory=CODES,
    grounds=CODES,
    domains=CODES,
    languages=CODES,
    accessibility=st.lists(st.sampled_from(list(Accessibility)), unique=True),
)
WANTED = st.builds(
    Wanted,
    grounds=CODES.map(lambda codes: [(code, frozenset({code})) for code in codes]),
    domains=st.frozensets(st.sampled_from("abc")),
    municipalities=st.frozensets(st.sampled_from("abc")),
    languages=st.frozensets(st.sampled_from("abc")),
    needs=st.frozensets(st.sampled_from(list(Accessibility))),
)


@given(st.lists(CANDIDATES, max_size=6, unique_by=lambda c: c.id), WANTED, st.randoms())
def test_scores_lie_between_nothing_and_all_and_the_order_is_always_the_same(
    candidates: list[Candidate], wanted: Wanted, chance: Any
) -> None:
    fits = [fit(candidate, wanted) for candidate in candidates]
    for found in fits:
        assert 0 <= found.score <= 1
        assert bool(found.reasons) is (found.score > 0)
        assert set(found.unmet_needs) <= wanted.needs
        met = set(found.reasons.get(Reason.NEEDS, []))
        assert met | set(found.unmet_needs) == wanted.needs
    order = ranked(fits)
    chance.shuffle(fits)
    assert ranked(fits) == order


@given(CANDIDATES, WANTED)
def test_who_serves_everywhere_is_never_outside(candidate: Candidate, wanted: Wanted) -> None:
    removed = removed_by(candidate, wanted, on=date(2026, 1, 1))
    if not candidate.territory:
        assert removed != "outside_territory"
    if removed is None:
        assert candidate.accepts_referrals

"""Actions: planning, moving, what they rest on, promises, and what a year's norm counts."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.database import Database
from app.prevention.indicator_values import actions_based_on
from tests.makers.activities import add_activity
from tests.makers.identity import account_id, make_client
from tests.makers.partners import add_partner
from tests.makers.prevention import (
    accept,
    act_on,
    action_body,
    confirm_signal,
    decide,
    decide_on_signal,
    move,
    observe,
    plan,
    set_day,
    suggestions,
)
from tests.makers.signals import make_years
from tests.makers.tour import V1, add_report, done

ACTIONS = f"{V1}/prevention/actions"


@pytest.fixture
def coordinator(application: FastAPI, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    set_day(monkeypatch, "2026-11-20")
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def manager(application: FastAPI, coordinator: TestClient) -> TestClient:
    return make_client(application, Role.CASE_MANAGER)


def _change(client: TestClient, action: dict[str, Any], **changes: Any) -> Any:
    etag = client.get(f"{ACTIONS}/{action['id']}").headers["ETag"]
    return client.patch(f"{ACTIONS}/{action['id']}", json=changes, headers={"If-Match": etag})


def test_an_action_with_all_that_can_be_said_of_it(
    coordinator: TestClient, manager: TestClient
) -> None:
    partner, activity = add_partner(coordinator), add_activity(coordinator)
    said: dict[str, Any] = {
        "ground": "disability",
        "domain": "education",
        "municipality": "Genk",
        "district": "Kolderbos",
        "target_groups": ["leerkrachten", "ouders"],
        "least_heard": "Ouders die weinig Nederlands spreken, met een tolk.",
        "planned_from": "2027-01-10",
        "planned_to": "2027-03-01",
        "planned_cents": 250_000,
        "spent_cents": 0,
        "partner_ids": [partner["id"]],
        "activity_ids": [activity["id"]],
    }
    action = plan(manager, **said)
    cell = {name: said.pop(name) for name in ("ground", "domain", "municipality", "district")}
    assert action["cell"] == cell
    assert {name: action[name] for name in said} == said
    assert (action["reference"], action["status"]) == ("P-2026-00001", "planned")
    assert action["responsible_id"] == str(account_id(manager))
    assert action["allowed_moves"] == ["cancelled", "running"]
    assert action["labels"]["fr"] == "formation pour un secteur"
    assert plan(manager)["reference"] == "P-2026-00002"
    changed = done(_change(coordinator, action, spent_cents=90_000, partner_ids=[], title="Anders"))
    assert (changed["spent_cents"], changed["partner_ids"]) == (90_000, [])
    assert (changed["goals"], changed["activity_ids"]) == (action["goals"], said["activity_ids"])
    assert done(manager.get(f"{ACTIONS}/{action['id']}")) == changed


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "party"}, "/kind"),
        ({"kind": "Party!"}, "/kind"),
        ({"title": ""}, "/title"),
        ({"title": "\u202eom"}, "/title"),
        ({"goals": None}, "/goals"),
        ({"ground": "nothing"}, "/ground"),
        ({"domain": "nothing"}, "/domain"),
        ({"district": "Winterslag"}, "/municipality"),
        ({"planned_from": "2027-02-01", "planned_to": "2027-01-01"}, "/planned_to"),
        ({"planned_from": "2027-02-30"}, "/planned_from"),
        ({"planned_cents": -1}, "/planned_cents"),
        ({"planned_cents": 10**12}, "/planned_cents"),
        ({"planned_cents": 1.5}, "/planned_cents"),
        ({"responsible_id": str(uuid4())}, "/responsible_id"),
        ({"partner_ids": [str(uuid4())]}, "/partner_ids/0"),
        ({"activity_ids": [str(uuid4())]}, "/activity_ids/0"),
        ({"suggestion_ids": [str(uuid4())]}, "/suggestion_ids/0"),
        ({"signal_ids": [str(uuid4())]}, "/signal_ids/0"),
        ({"target_groups": ["x"] * 31}, "/target_groups"),
        ({"status": "completed"}, "/status"),
        ({"reference": "P-1"}, "/reference"),
    ],
)
def test_each_wrong_field_is_named(
    coordinator: TestClient, changes: dict[str, Any], pointer: str
) -> None:
    refused = coordinator.post(ACTIONS, json=action_body(**changes))
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert done(coordinator.get(ACTIONS))["items"] == []


def test_who_may_do_what(application: FastAPI, coordinator: TestClient) -> None:
    action = plan(coordinator)
    for role in (Role.INTAKE_WORKER, Role.ANALYST):
        reader = make_client(application, role)
        assert done(reader.get(f"{ACTIONS}/{action['id']}"))["title"] == action["title"]
        assert reader.post(ACTIONS, json=action_body()).status_code == 403
        assert act_on(reader, action, "moves", to="running").status_code == 403
    admin = make_client(application, Role.ADMIN)
    assert admin.get(ACTIONS).status_code == 403
    analyst = str(account_id(make_client(application, Role.ANALYST)))
    assert _change(coordinator, action, responsible_id=analyst).status_code == 422


def test_the_same_key_plans_one_action(coordinator: TestClient) -> None:
    key = {"Idempotency-Key": "plan-this-once"}
    first = coordinator.post(ACTIONS, json=action_body(), headers=key)
    assert coordinator.post(ACTIONS, json=action_body(), headers=key).json() == first.json()
    assert len(done(coordinator.get(ACTIONS))["items"]) == 1


def test_from_planned_to_completed_on_the_days_that_were_said(coordinator: TestClient) -> None:
    action = plan(coordinator)
    assert act_on(coordinator, action, "moves", to="completed").status_code == 409
    assert act_on(coordinator, action, "moves", to="running", on="2026-11-21").status_code == 422
    running = move(coordinator, action, ("running", "2026-11-02"))
    assert (running["began_on"], running["ended_on"]) == ("2026-11-02", None)
    before = act_on(coordinator, action, "moves", to="completed", on="2026-11-01")
    assert before.json()["errors"][0]["code"] == "date_order"
    completed = move(coordinator, action, ("completed", "2026-11-02"))
    assert (completed["ended_on"], completed["allowed_moves"]) == ("2026-11-02", [])
    assert act_on(coordinator, action, "moves", to="cancelled", reason="Nee.").status_code == 409


def test_calling_off_needs_a_reason_and_ends_all(coordinator: TestClient) -> None:
    action = plan(coordinator)
    assert act_on(coordinator, action, "moves", to="cancelled").status_code == 422
    off = done(act_on(coordinator, action, "moves", to="cancelled", reason="Geen geld."))
    assert (off["cancelled_on"], off["cancel_reason"]) == ("2026-11-20", "Geen geld.")
    signal = observe(coordinator)
    linked = act_on(coordinator, action, "links", signal_id=signal["id"])
    assert (linked.status_code, linked.json()["code"]) == (409, "cancelled")
    told = coordinator.post(f"{ACTIONS}/{action['id']}/results", json={"text": "Niets."})
    assert (told.status_code, told.json()["code"]) == (409, "not_begun")


def test_a_change_of_what_somebody_else_changed_is_refused(coordinator: TestClient) -> None:
    action = plan(coordinator)
    url = f"{ACTIONS}/{action['id']}"
    done(_change(coordinator, action, title="Anders"))
    old = {"If-Match": f'"{action["version"]}"'}
    assert coordinator.patch(url, json={"title": "Nog"}, headers=old).status_code == 412
    assert coordinator.patch(url, json={"title": "Nog"}).status_code == 428
    moved = coordinator.post(f"{url}/moves", json={"to": "running"}, headers=old)
    assert moved.status_code == 412
    nobody = f"{ACTIONS}/{uuid4()}"
    assert coordinator.patch(nobody, json={}, headers=old).status_code == 404


def test_an_action_rests_on_what_was_accepted_alone(coordinator: TestClient) -> None:
    for _ in range(3):
        add_report(coordinator)
    best, other = suggestions(coordinator)[:2]
    body = action_body(suggestion_ids=[best["id"]])
    assert coordinator.post(ACTIONS, json=body).status_code == 422
    done(decide(coordinator, best, "postpone", until="2027-01-01"), 201)
    refused = coordinator.post(ACTIONS, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_accepted")
    accept(coordinator, other)
    action = plan(coordinator, suggestion_ids=[other["id"]])
    assert action["cell"] == other["evidence"]["cell"]
    (held,) = [one for one in suggestions(coordinator) if one["id"] == other["id"]]
    stuck = decide(coordinator, held, "reject", reason="Toch niet.")
    assert (stuck.status_code, stuck.json()["code"]) == (409, "in_use")
    shown = done(coordinator.get(f"{V1}/prevention/suggestions/{other['id']}"))
    assert [one["reference"] for one in shown["actions"]] == [action["reference"]]
    link = action["based_on"][0]
    done(act_on(coordinator, action, f"links/{link['id']}/undoing", reason="Vergissing."))
    done(decide(coordinator, held, "reject", reason="Toch niet."), 201)


def test_links_stay_to_be_seen_and_are_made_once(coordinator: TestClient) -> None:
    signal = observe(coordinator)
    action = plan(coordinator, signal_ids=[signal["id"], signal["id"]])
    (link,) = action["based_on"]
    assert (link["signal"]["reference"], link["suggestion"]) == (signal["reference"], None)
    assert action["cell"] == signal["cell"]
    twice = act_on(coordinator, action, "links", signal_id=signal["id"])
    assert twice.json()["errors"][0]["code"] == "duplicate"
    assert act_on(coordinator, action, "links").status_code == 422
    both = act_on(coordinator, action, "links", signal_id=signal["id"], suggestion_id=str(uuid4()))
    assert both.status_code == 422
    assert act_on(coordinator, action, f"links/{link['id']}/undoing").status_code == 422
    assert act_on(coordinator, action, f"links/{uuid4()}/undoing", reason="X").status_code == 404
    undoing = f"links/{link['id']}/undoing"
    undone = done(act_on(coordinator, action, undoing, reason="Verkeerd signaal."))
    assert undone["based_on"][0]["undone_on"] == "2026-11-20"
    assert act_on(coordinator, action, undoing, reason="Nog eens.").status_code == 409
    again = done(act_on(coordinator, action, "links", signal_id=signal["id"]), 201)
    assert [one["undone_reason"] for one in again["based_on"]] == ["Verkeerd signaal.", None]


def test_a_promise_stands_in_the_worklist_until_its_owner_kept_it(
    application: FastAPI, coordinator: TestClient
) -> None:
    action = plan(coordinator)
    worker = make_client(application, Role.INTAKE_WORKER)
    body = {
        "text": "De folder nalezen.",
        "owner_id": str(account_id(worker)),
        "due_on": "2026-11-25",
    }
    url = f"{ACTIONS}/{action['id']}/action-points"
    point = done(coordinator.post(url, json=body), 201)
    (due,) = done(worker.get(f"{V1}/worklist?mine=true"))["items"]
    assert (due["kind"], due["reference"]) == ("prevention_point", action["reference"])
    kept = f"{V1}/prevention/action-points/{point['id']}/completion"
    other = make_client(application, Role.INTAKE_WORKER)
    assert other.post(kept).status_code == 403
    assert done(worker.post(kept))["done_on"] == "2026-11-20"
    assert coordinator.post(kept).status_code == 409
    assert done(worker.get(f"{V1}/worklist?mine=true"))["items"] == []
    analyst = str(account_id(make_client(application, Role.ANALYST)))
    for change, pointer in (({"owner_id": analyst}, "/owner_id"), ({"text": " "}, "/text")):
        refused = coordinator.post(url, json=body | change)
        assert refused.json()["errors"][0]["pointer"] == pointer
    shown = done(coordinator.get(f"{ACTIONS}/{action['id']}"))
    assert [one["text"] for one in shown["action_points"]] == ["De folder nalezen."]


def test_lists_are_filtered_and_paged(coordinator: TestClient) -> None:
    partner = add_partner(coordinator)
    first = plan(coordinator, domain="housing", partner_ids=[partner["id"]])
    second = plan(coordinator, kind="campaign", ground="age")
    move(coordinator, second, ("running", "2026-01-05"))
    third = plan(coordinator)
    for query, expected in (
        ("", {first["id"], second["id"], third["id"]}),
        ("status=planned", {first["id"], third["id"]}),
        ("kind=campaign", {second["id"]}),
        ("year=2026", {second["id"]}),
        ("year=2025", set()),
        ("domain=housing", {first["id"]}),
        ("ground=age", {second["id"]}),
        (f"partner={partner['id']}", {first["id"]}),
    ):
        rows = done(coordinator.get(f"{ACTIONS}?{query}"))["items"]
        assert {row["id"] for row in rows} == expected, query
    page = done(coordinator.get(f"{ACTIONS}?limit=2&count=true"))
    rest = done(coordinator.get(f"{ACTIONS}?limit=2&cursor={page['next']}"))
    assert (page["total"], len(page["items"]), len(rest["items"])) == (3, 2, 1)
    for wrong in ("ground=nothing", "year=1066", "status=burnt", "sort=title", "cursor=zzz"):
        assert coordinator.get(f"{ACTIONS}?{wrong}").status_code == 422, wrong


def test_what_counts_for_the_norm_of_a_year(
    application: FastAPI,
    database: Database,
    coordinator: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Began in the year, not called off, on a confirmed signal of the year before."""
    with database.transaction() as session:
        make_years(session)
    detected = confirm_signal(application, coordinator)
    seen, unsure = observe(coordinator), observe(coordinator, ground="age")
    decide_on_signal(coordinator, seen["id"], decision="confirm")
    decide_on_signal(coordinator, unsure["id"], decision="watch")
    set_day(monkeypatch, "2027-03-01")
    coordinator = make_client(application, Role.COORDINATOR)

    def counted() -> int:
        with database.snapshot() as session:
            return len(actions_based_on(session, 2027))

    assert counted() == 0
    for signals in ([], [unsure["id"]]):
        move(coordinator, plan(coordinator, signal_ids=signals), ("running", "2027-02-01"))
    planned = plan(coordinator, signal_ids=[detected["id"]])
    early = plan(coordinator, signal_ids=[detected["id"]])
    move(coordinator, early, ("running", "2026-12-31"))
    assert counted() == 0
    move(coordinator, planned, ("running", "2027-01-01"))
    assert counted() == 1
    both = plan(coordinator, signal_ids=[detected["id"], seen["id"]])
    move(coordinator, both, ("running", "2027-02-01"), ("completed", "2027-02-20"))
    assert counted() == 2
    rows = done(coordinator.get(f"{ACTIONS}?year=2027&signal_year=2026"))["items"]
    assert {row["id"] for row in rows} == {planned["id"], both["id"]}
    done(act_on(coordinator, planned, "moves", to="cancelled", reason="Geen lokaal."))
    assert counted() == 1
    decide_on_signal(coordinator, detected["id"], decision="watch")
    assert counted() == 1
    decide_on_signal(coordinator, seen["id"], decision="dismiss", reason="Eén zaal.")
    assert counted() == 0


def test_each_act_stands_in_the_trail(application: FastAPI, coordinator: TestClient) -> None:
    for _ in range(3):
        add_report(coordinator)
    best = suggestions(coordinator)[0]
    accept(coordinator, best)
    done(coordinator.get(f"{V1}/prevention/suggestions/{best['id']}"))
    action = plan(coordinator, suggestion_ids=[best["id"]])
    done(_change(coordinator, action, title="Anders"))
    done(act_on(coordinator, action, "links", signal_id=observe(coordinator)["id"]), 201)
    point = {"text": "Bellen.", "owner_id": str(account_id(coordinator)), "due_on": "2026-12-01"}
    done(coordinator.post(f"{ACTIONS}/{action['id']}/action-points", json=point), 201)
    move(coordinator, action, ("running", "2026-11-20"))
    done(coordinator.post(f"{ACTIONS}/{action['id']}/results", json={"text": "Goed."}), 201)
    auditor = make_client(application, Role.AUDITOR)
    for event in (
        "suggestion_read", "suggestion_decided", "action_planned", "action_read",
        "action_changed", "action_moved", "link_changed", "point_changed", "result_recorded",
    ):  # fmt: skip
        url = f"{V1}/audit-entries?event=prevention_{event}"
        assert done(auditor.get(url))["items"], event
    assert date.fromisoformat(action["based_on"][0]["linked_on"]) == date(2026, 11, 20)

"""Recording an activity, changing it, its action points."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core.access import Role
from app.core.database import Database
from app.identity.models import StaffAccount
from tests.makers.activities import activity_body, add_activity, change_activity, measurement
from tests.makers.identity import make_client
from tests.makers.partners import new_partner
from tests.makers.tour import V1, done, in_days

ACTIVITIES = f"{V1}/activities"


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def _errors(answer: Any) -> dict[str, str]:
    """pointer -> code."""
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


def _events(database: Database) -> list[Event]:
    with database.snapshot() as session:
        return list(session.scalars(select(AuditEntry.event).order_by(AuditEntry.at)))


def test_what_is_recorded_is_read_back(
    application: FastAPI, database: Database, worker: TestClient
) -> None:
    partner = str(new_partner(application))
    me = worker.headers["X-Test-Account"]
    body = activity_body(
        ended_on=in_days(-9),
        place="Stadhuis",
        partner_ids=[partner, partner],
        attendee_ids=[me],
        guests=["A. Fictief", "B. Fictief"],
        minutes="Eerste punt.\nTweede punt.",
        target_groups=["huurders"],
        figures={"participants": 12},
        action_points=[
            {"text": "Nalezen.", "owner_id": me, "due_on": in_days(3)},
            {"text": "Gedaan.", "owner_id": me, "due_on": in_days(1), "done_on": in_days(-1)},
        ],
    )
    made = done(worker.post(ACTIVITIES, json=body), 201)
    answer = worker.get(f"{ACTIVITIES}/{made['id']}")
    read = done(answer)
    assert read == made
    assert answer.headers["ETag"] == '"1"'
    assert read["reference"].startswith("A-")
    assert read["partner_ids"] == [partner]
    assert read["guests"] == ["A. Fictief", "B. Fictief"]
    assert [p["text"] for p in read["action_points"]] == ["Gedaan.", "Nalezen."]
    assert read["figures"]["participants"] == 12
    assert read["is_planned"] is False
    assert {Event.ACTIVITY_RECORDED, Event.ACTIVITY_READ} <= set(_events(database))


def test_references_count_up(worker: TestClient) -> None:
    numbers = [add_activity(worker)["reference"] for _ in range(3)]
    assert [number[-4:] for number in numbers] == ["0001", "0002", "0003"]


def test_a_change_replaces_what_is_given_and_nothing_else(
    application: FastAPI, worker: TestClient
) -> None:
    first, second = (str(new_partner(application)) for _ in range(2))
    made = add_activity(worker, partner_ids=[first], guests=["A", "B", "C"], minutes="Oud.")
    changed = done(
        change_activity(worker, made, partner_ids=[second, first], guests=["Z"], minutes=None)
    )
    assert changed["version"] == made["version"] + 1
    assert changed["partner_ids"] == sorted([first, second])
    assert changed["guests"] == ["Z"]
    assert changed["minutes"] is None
    unchanged = set(made) - {"version", "partner_ids", "guests", "minutes"}
    assert {key: changed[key] for key in unchanged} == {key: made[key] for key in unchanged}


def test_a_change_of_what_somebody_else_changed_is_refused(worker: TestClient) -> None:
    made = add_activity(worker)
    done(change_activity(worker, made, title="Eerst"))
    assert change_activity(worker, made, title="Daarna").status_code == 412
    bare = worker.patch(f"{ACTIVITIES}/{made['id']}", json={"title": "Zonder"})
    assert bare.status_code == 428
    assert worker.get(f"{ACTIVITIES}/{made['id']}").json()["title"] == "Eerst"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"kind": "no_such_kind"}, "/kind", "unknown_code"),
        ({"ended_on": "1999-01-01"}, "/ended_on", "date_order"),
        ({"held_on": "9999-12-31"}, "/held_on", "less_than_equal"),
        ({"title": "Met\u0000nul"}, "/title", "control_character"),
        ({"guests": ["Omge\u202ekeerd"]}, "/guests/0", "bidi_override"),
        ({"partner_ids": [str(uuid4())]}, "/partner_ids/0", "unknown_partner"),
        ({"attendee_ids": [str(uuid4())]}, "/attendee_ids/0", "unknown_account"),
        ({"figures": {"sample": 3}}, "/figures/sample", "not_of_this_kind"),
        ({"figures": {"participants": -1}}, "/figures/participants", "greater_than_equal"),
        ({"colour": "red"}, "/colour", "extra_forbidden"),
        (
            {"action_points": [{"text": "x", "owner_id": str(uuid4()), "due_on": "2026-01-01"}]},
            "/action_points/0/owner_id",
            "unknown_account",
        ),
        (
            {"kind": "awareness_measurement", "figures": measurement(aware=401)},
            "/figures/aware",
            "too_large",
        ),
        (
            {"kind": "awareness_measurement", "figures": {"sample": 10, "aware": 4}},
            "/figures/population",
            "missing",
        ),
    ],
)
def test_wrong_input_is_refused_and_named(
    worker: TestClient, changes: dict[str, Any], pointer: str, code: str
) -> None:
    assert _errors(worker.post(ACTIVITIES, json=activity_body(**changes)))[pointer] == code
    assert worker.get(ACTIVITIES).json()["items"] == []


def test_a_kind_that_changes_must_fit_the_figures_that_stand(worker: TestClient) -> None:
    made = add_activity(worker, figures={"participants": 12})
    answer = change_activity(worker, made, kind="awareness_measurement")
    assert _errors(answer) == {"/figures/participants": "not_of_this_kind"}
    changed = done(
        change_activity(worker, made, kind="awareness_measurement", figures=measurement())
    )
    assert changed["figures"]["aware_share"] == 0.33
    assert [g["aware_share"] for g in changed["figures"]["by_group"]] == [0.2, 0.425]


def test_a_colleague_who_left_stays_where_they_were_but_is_not_added(
    application: FastAPI, database: Database, worker: TestClient
) -> None:
    gone = make_client(application, Role.CASE_MANAGER).headers["X-Test-Account"]
    made = add_activity(worker, attendee_ids=[gone])
    with database.transaction() as session:
        for account in session.scalars(select(StaffAccount)):
            account.is_active = str(account.id) != gone
    me = worker.headers["X-Test-Account"]
    changed = done(change_activity(worker, made, attendee_ids=[gone, me]))
    assert changed["attendee_ids"] == sorted([gone, me])
    answer = worker.post(ACTIVITIES, json=activity_body(attendee_ids=[gone]))
    assert _errors(answer) == {"/attendee_ids/0": "unknown_account"}


def test_lists_are_filtered(application: FastAPI, worker: TestClient) -> None:
    partner = str(new_partner(application))
    past = add_activity(worker, held_on=in_days(-40), partner_ids=[partner])["id"]
    training = add_activity(worker, kind="training", held_on=in_days(-20))["id"]
    planned = add_activity(worker, held_on=in_days(20))["id"]
    off = add_activity(worker, held_on=in_days(30))
    done(change_activity(worker, off, is_cancelled=True))

    def ids(**wanted: str) -> list[str]:
        return [row["id"] for row in done(worker.get(ACTIVITIES, params=wanted))["items"]]

    assert ids() == [off["id"], planned, training, past]
    assert ids(kind="training") == [training]
    assert ids(partner=partner) == [past]
    assert ids(planned="true") == [planned]
    assert ids(planned="false") == [off["id"], training, past]
    assert ids(held_from=in_days(-20), held_to=in_days(20)) == [planned, training]
    first = done(worker.get(ACTIVITIES, params={"limit": 3, "count": "true"}))
    rest = done(worker.get(ACTIVITIES, params={"limit": 3, "cursor": first["next"]}))
    assert first["total"] == 4
    assert [row["id"] for row in first["items"] + rest["items"]] == ids()


def _due(worker: TestClient) -> list[dict[str, Any]]:
    items = done(worker.get(f"{V1}/worklist", params={"ahead_days": 30}))["items"]
    return [item for item in items if item["kind"] == "action_point"]


def test_an_action_point_is_due_until_it_is_done(worker: TestClient) -> None:
    made = add_activity(worker, action_points=[])
    me = worker.headers["X-Test-Account"]
    body = {"text": "Bellen.", "owner_id": me, "due_on": in_days(-1)}
    point = done(worker.post(f"{ACTIVITIES}/{made['id']}/action-points", json=body), 201)
    [item] = _due(worker)
    assert (item["reference"], item["object_kind"]) == (made["reference"], "activity")
    assert (item["object_id"], item["assignee_id"]) == (made["id"], me)
    assert item["is_overdue"] is True
    assert "Bellen" not in str(item)
    completed = done(worker.post(f"{V1}/action-points/{point['id']}/completion"))
    assert completed["done_on"] == in_days(0)
    assert _due(worker) == []
    again = worker.post(f"{V1}/action-points/{point['id']}/completion")
    assert (again.status_code, again.json()["code"]) == (409, "action_point_done")
    assert worker.post(f"{V1}/action-points/{uuid4()}/completion").status_code == 404
    # An action point is part of its activity: who read that before must read it again.
    assert change_activity(worker, made, title="Oud").status_code == 412


def test_two_who_complete_it_at_once_are_judged_one_after_the_other(worker: TestClient) -> None:
    [point] = add_activity(worker)["action_points"]
    url = f"{V1}/action-points/{point['id']}/completion"
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(worker.post, [url, url]))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


def test_many_who_record_at_once_get_each_their_own_reference(worker: TestClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: add_activity(worker), range(16)))
    assert len({activity["reference"] for activity in made}) == 16


def test_action_points_are_not_due_of_what_was_called_off(worker: TestClient) -> None:
    made = add_activity(worker)
    assert len(_due(worker)) == 1
    changed = done(change_activity(worker, made, is_cancelled=True))
    assert _due(worker) == []
    done(change_activity(worker, changed, is_cancelled=False))
    assert len(_due(worker)) == 1


def test_action_points_are_replaced_by_their_id(worker: TestClient) -> None:
    me = worker.headers["X-Test-Account"]
    drafts = [{"text": text, "owner_id": me, "due_on": in_days(5)} for text in ("Een", "Twee")]
    made = add_activity(worker, action_points=drafts)
    keep, _drop = made["action_points"]
    kept = {"id": keep["id"], "text": "Anders", "owner_id": me, "due_on": in_days(6)}
    changed = done(change_activity(worker, made, action_points=[kept, drafts[0]]))
    texts = {point["text"]: point["id"] for point in changed["action_points"]}
    assert texts.keys() == {"Een", "Anders"}
    assert texts["Anders"] == keep["id"]
    other = add_activity(worker)
    answer = change_activity(worker, other, action_points=[kept])
    assert _errors(answer) == {"/action_points/0/id": "unknown_point"}
    twice = change_activity(worker, changed, action_points=[kept, kept])
    assert _errors(twice) == {"/action_points/1/id": "unknown_point"}

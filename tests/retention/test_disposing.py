"""Disposals: two people, nothing left to read, figures as they were."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Text, func, select, type_coerce

from app.annual_report.domain import EventCounting
from app.attachments.models import Attachment
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.core.models import Base
from app.core.sealed_rows import sealed
from app.core.sealing import GONE, DataKey, destroy_key
from app.intake.models import Report
from app.resolutions.models import Negotiation
from app.retention.domain import ItemOutcome
from app.settings import Settings
from tests.makers.attachments import send_file
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.referrals import PARTNER, submit, trail_of
from tests.makers.retention import close, decide, erase, items, make_older, propose, run, today
from tests.makers.tour import V1, act_on_case, add_case, add_report, done
from tests.makers.whole_case import case_with_everything, paths_of

CANARY = "Kwinkeleer Kanarie"


@pytest.fixture
def coordinator(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def auditor(application: FastAPI) -> TestClient:
    return make_client(application, Role.AUDITOR)


def _canary_report() -> dict[str, Any]:
    body = report_body(channel="phone", wishes=CANARY)
    body["reporter"] = {
        "role": "victim",
        "is_anonymous": False,
        "name": CANARY,
        "email": "kanarie@example.org",
        "municipality": "Genk",
        "needs": {"sign_language": True, "other": CANARY},
        "self_described": {"age_band": "30-39", "origin": CANARY},
    }
    body["incident"]["narrative"] = CANARY
    return body


@pytest.fixture
def ids(application: FastAPI, coordinator: TestClient, database: Database) -> dict[str, str]:
    """A closed case with everything, and files on its report and talks."""
    found = case_with_everything(
        application, coordinator, make_client(application, Role.CASE_MANAGER), **_canary_report()
    )
    done(coordinator.post(f"{V1}/reports/{found['report']}/messages", json={"body": CANARY}), 201)
    for owner in (f"reports/{found['report']}", f"negotiations/{found['talks']}"):
        done(send_file(coordinator, f"{V1}/{owner}/attachments"), 201)
    _settle(coordinator, found)
    close(coordinator, found["case"], "negotiated_resolution")
    return found


def _settle(coordinator: TestClient, ids: dict[str, str]) -> None:
    commitment = coordinator.get(f"{V1}/commitments/{ids['commitment']}")
    body = {"status": "fulfilled", "on": today().isoformat(), "evidence": CANARY}
    url = f"{V1}/commitments/{ids['commitment']}/follow-ups"
    done(coordinator.post(url, json=body, headers={"If-Match": commitment.headers["ETag"]}), 201)
    withdrawal = f"{V1}/referrals/{ids['referral']}/withdrawal"
    etag = coordinator.get(f"{V1}/referrals/{ids['referral']}").headers["ETag"]
    done(coordinator.post(withdrawal, json={"reason": CANARY}, headers={"If-Match": etag}))


def _figures(coordinator: TestClient) -> Iterator[dict[str, Any]]:
    year = today().year
    for counting in EventCounting:
        query = {"events": counting.value}
        found = done(coordinator.get(f"{V1}/annual-reports/{year}", params=query))
        del found["as_of"]
        yield found


def _owners(database: Database, ids: dict[str, str]) -> list[UUID]:
    with database.snapshot() as session:
        talks = session.scalars(
            select(Negotiation.id).where(Negotiation.case_id == UUID(ids["case"]))
        ).all()
    return [UUID(ids["case"]), UUID(ids["report"]), *talks]


def _readable(database: Database, owners: list[UUID]) -> dict[str, int]:
    """Sealed values that stand for these owners, by column."""
    found = {}
    with database.snapshot() as session:
        for mapper in Base.registry.mappers:
            model = cast(type[Base], mapper.class_)
            if model.sealed_by is None:
                continue
            for name in sealed(model).names:
                text = type_coerce(getattr(model, name), Text)
                count = session.scalar(
                    select(func.count())
                    .select_from(model)
                    .where(getattr(model, model.sealed_by).in_(owners), text != GONE)
                )
                if count:
                    found[f"{model.__tablename__}.{name}"] = count
    return found


def test_nothing_of_a_disposed_case_can_be_read_and_its_figures_stay(
    application: FastAPI,
    database: Database,
    settings: Settings,
    coordinator: TestClient,
    auditor: TestClient,
    ids: dict[str, str],
) -> None:
    owners = _owners(database, ids)
    figures = list(_figures(coordinator))
    assert len(_readable(database, owners)) >= 20
    kept_files = {path.name for path in Path(settings.attachments_dir).rglob("*") if path.is_file()}
    assert len(kept_files) == 3
    code = done(coordinator.post(f"{V1}/reports/{ids['report']}/receipt"), 201)["receipt_code"]
    disposal = erase(coordinator, auditor, "case", ids["case"])
    assert disposal["status"] == "approved"
    assert coordinator.get(f"{V1}/cases/{ids['case']}").status_code == 200  # nothing is gone yet

    assert run(application) == {ItemOutcome.DISPOSED: 1, ItemOutcome.KEPT: 0}

    assert _readable(database, owners) == {}
    assert [path for path in Path(settings.attachments_dir).rglob("*") if path.is_file()] == []
    with database.snapshot() as session:
        wrapped = session.scalars(select(DataKey.wrapped).where(DataKey.owner_id.in_(owners)))
        assert set(wrapped) == {None}
        assert session.scalar(select(func.count(Attachment.storage_id))) == 0
    hidden = {path: coordinator.get(f"{V1}/{path}").status_code for path in paths_of(ids)}
    assert set(hidden.values()) <= {404, 422}, hidden  # matches refuse an unknown report by name
    receipt = TestClient(application).post(
        f"{V1}/public/receipts/token", json={"receipt_code": code}
    )
    assert receipt.status_code == 401
    for listed in ("cases", "reports", "referrals", "commitments", "tasks"):
        assert done(coordinator.get(f"{V1}/{listed}", params={"count": True}))["total"] == 0
    assert list(_figures(coordinator)) == figures
    year = figures[0]["figures"]
    assert year["resolutions"]["negotiated_resolutions"] == 1
    assert year["resolutions"]["commitments_due"]["fulfilled"] == 1

    done_with = done(auditor.get(f"{V1}/disposals/{disposal['id']}"))
    assert (done_with["status"], done_with["items"]["disposed"]) == ("done", 1)
    (item,) = items(auditor, disposal)
    assert item["removed"]["attachments"] == 3
    assert item["removed"]["report_messages"] == 1
    assert not item["is_anonymous"]
    assert ("disposed", "system") in [
        (entry["event"], entry["actor_kind"])
        for entry in done(auditor.get(f"{V1}/audit-entries", params={"object_id": ids["case"]}))[
            "items"
        ]
    ]


def test_a_partner_reads_nothing_of_a_report_that_was_disposed_of(
    application: FastAPI,
    coordinator: TestClient,
    auditor: TestClient,
) -> None:
    partner = make_partner_client(application, new_partner(application))
    submitted = submit(partner)
    path = f"{PARTNER}/{submitted['id']}"
    assert partner.get(path).status_code == 200
    (report,) = done(coordinator.get(f"{V1}/reports"))["items"]
    _triage(coordinator, report["id"], "register_only")
    erase(coordinator, auditor, "report", report["id"])
    run(application)
    assert partner.get(path).status_code == 404
    assert done(partner.get(PARTNER))["items"] == []


def _triage(worker: TestClient, report_id: str, decision: str) -> None:
    etag = worker.get(f"{V1}/reports/{report_id}").headers["ETag"]
    body = {"decision": decision, "reason": "Zo."}
    url = f"{V1}/reports/{report_id}/triage"
    done(worker.post(url, json=body, headers={"If-Match": etag}))


def test_one_person_alone_disposes_of_nothing(
    application: FastAPI, coordinator: TestClient, auditor: TestClient
) -> None:
    case = add_case(coordinator)
    close(coordinator, case["id"])
    disposal = propose(coordinator, "case", case["id"], basis="erasure", reason="Op verzoek.")
    alone = decide(coordinator, disposal)
    assert (alone.status_code, alone.json()["code"]) == (409, "two_people_needed")
    assert run(application)[ItemOutcome.DISPOSED] == 0
    again = coordinator.post(
        f"{V1}/disposals",
        json={
            "kind": "case",
            "subject_ids": [case["id"]],
            "basis": "erasure",
            "reason": "Nog eens.",
        },
    )
    assert again.json()["errors"][0]["pointer"] == "/subject_ids/0"
    stale = auditor.post(
        f"{V1}/disposals/{disposal['id']}/approval", json={}, headers={"If-Match": '"9"'}
    )
    assert stale.status_code == 412
    due = done(auditor.get(f"{V1}/disposals", params={"status": "proposed"}))["items"]
    assert [one["id"] for one in due] == [disposal["id"]]
    done(decide(coordinator, disposal, "rejection", reason="Toch niet."))
    late = decide(auditor, disposal | {"version": 2})
    assert (late.status_code, late.json()["code"]) == (409, "disposal_decided")
    assert coordinator.get(f"{V1}/cases/{case['id']}").status_code == 200
    manager = make_client(application, Role.CASE_MANAGER)
    assert manager.get(f"{V1}/disposals").status_code == 403


def test_what_is_held_or_taken_up_again_is_kept(
    application: FastAPI, coordinator: TestClient, auditor: TestClient
) -> None:
    held, reopened, gone = (add_case(coordinator) for _ in range(3))
    for case in (held, reopened, gone):
        close(coordinator, case["id"])
    disposal = erase(coordinator, auditor, "case", *(one["id"] for one in (held, reopened, gone)))
    hold = {
        "kind": "case",
        "subject_id": held["id"],
        "reason": "Het parket vraagt ernaar.",
        "review_on": (today() + timedelta(days=90)).isoformat(),
    }
    placed = done(coordinator.post(f"{V1}/retention/holds", json=hold), 201)
    done(act_on_case(coordinator, reopened["id"], "reopening", {"reason": "Nieuwe feiten."}))
    assert run(application) == {ItemOutcome.DISPOSED: 1, ItemOutcome.KEPT: 2}
    why = {item["reference"]: item["kept_because"] for item in items(auditor, disposal)}
    assert why == {
        held["reference"]: "held",
        reopened["reference"]: "in_use",
        gone["reference"]: None,
    }
    assert [one["id"] for one in done(coordinator.get(f"{V1}/retention/holds"))["items"]] == [
        placed["id"]
    ]
    refused = coordinator.post(
        f"{V1}/disposals",
        json={
            "kind": "case",
            "basis": "erasure",
            "reason": "x",
            "subject_ids": [held["id"], gone["id"]],
        },
    )
    assert [one["code"] for one in refused.json()["errors"]] == ["may_not_go", "may_not_go"]
    done(coordinator.post(f"{V1}/retention/holds/{placed['id']}/lifting"))
    twice = coordinator.post(f"{V1}/retention/holds/{placed['id']}/lifting")
    assert twice.json()["code"] == "hold_lifted"
    erase(coordinator, auditor, "case", held["id"])
    assert run(application)[ItemOutcome.DISPOSED] == 1
    trail = trail_of(auditor, held["id"])
    assert {"retention_held", "retention_released", "disposed"} <= {event for event, _ in trail}


@pytest.mark.parametrize(
    ("outcome", "months"), [("advice_given", 24), ("respondent_refused", 60), ("court", 120)]
)
def test_a_case_is_due_on_the_day_that_its_rule_says(
    database: Database, coordinator: TestClient, outcome: str, months: int
) -> None:
    case = add_case(coordinator)
    close(coordinator, case["id"], outcome)
    day = today()
    due_day = day.replace(year=day.year - months // 12)
    make_older(database, (day - due_day).days - 1)
    url = f"{V1}/retention/due"
    assert done(coordinator.get(url, params={"kind": "case"}))["items"] == []
    make_older(database, 1)
    (due,) = done(coordinator.get(url, params={"kind": "case"}))["items"]
    assert (due["id"], due["due_on"]) == (case["id"], day.isoformat())
    assert due["is_anonymous"]
    assert done(coordinator.get(url, params={"kind": "report"}))["items"] == []


def test_all_that_is_due_is_proposed_at_once_and_not_twice(
    application: FastAPI, database: Database, coordinator: TestClient, auditor: TestClient
) -> None:
    reports = [add_report(coordinator) for _ in range(3)]
    for report in reports[:2]:
        _triage(coordinator, report["id"], "inadmissible")
    make_older(database, 370)
    disposal = propose(coordinator, "report")
    assert disposal["items"]["waiting"] == 2  # one waits for a decision
    again = coordinator.post(f"{V1}/disposals", json={"kind": "report"})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_due")
    done(decide(auditor, disposal))
    at = clock.now()
    with database.transaction() as session:  # the answer to a later question
        session.get_one(Report, UUID(reports[0]["id"])).answered_on = today()
    assert run(application, at=at) == {ItemOutcome.DISPOSED: 1, ItemOutcome.KEPT: 1}
    why = {item["subject_id"]: item["kept_because"] for item in items(auditor, disposal)}
    assert why == {reports[0]["id"]: "not_due", reports[1]["id"]: None}


def test_what_is_proposed_does_not_hide_what_is_due_after_it(
    database: Database, coordinator: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.retention.service.MOST_ITEMS", 2)
    for _ in range(3):
        _triage(coordinator, add_report(coordinator)["id"], "inadmissible")
    make_older(database, 370)
    assert [propose(coordinator, "report")["items"]["waiting"] for _ in range(2)] == [2, 1]


def test_two_who_carry_out_at_once_dispose_of_each_once(
    application: FastAPI, coordinator: TestClient, auditor: TestClient
) -> None:
    cases = [add_case(coordinator)["id"] for _ in range(4)]
    for case in cases:
        close(coordinator, case)
    erase(coordinator, auditor, "case", *cases)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: run(application), range(2)))
    for case in cases:
        events = [event for event, _ in trail_of(auditor, case)]
        assert events.count("disposed") == 1


def test_what_was_stopped_half_way_goes_on(
    application: FastAPI,
    coordinator: TestClient,
    auditor: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = [add_case(coordinator)["id"] for _ in range(3)]
    for case in cases:
        close(coordinator, case)
    disposal = erase(coordinator, auditor, "case", *cases)
    calls = iter(range(100))

    def killed(session: Any, owner_id: UUID) -> None:
        if next(calls) == 3:
            raise RuntimeError("killed")
        destroy_key(session, owner_id)

    monkeypatch.setattr("app.retention.carrying_out.destroy_key", killed)
    with pytest.raises(RuntimeError):
        run(application)
    counts = done(auditor.get(f"{V1}/disposals/{disposal['id']}"))["items"]
    assert counts == {"waiting": 2, "disposed": 1, "kept": 0}
    monkeypatch.undo()
    assert run(application)[ItemOutcome.DISPOSED] == 2
    assert done(auditor.get(f"{V1}/disposals/{disposal['id']}"))["status"] == "done"

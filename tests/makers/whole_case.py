"""A case with all that can belong to one."""

from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.makers.attachments import send_file
from tests.makers.identity import account_id
from tests.makers.partners import new_partner
from tests.makers.referrals import refer
from tests.makers.tour import (
    V1,
    add_case,
    add_report,
    done,
    propose,
    respond,
    start_talks,
)


def case_with_everything(
    application: FastAPI, coordinator: TestClient, assignee: TestClient, **report_fields: Any
) -> dict[str, str]:
    """Ids of a case and of all that can belong to one."""
    report = add_report(coordinator, **report_fields)
    case = add_case(coordinator, report["id"])
    url = f"{V1}/cases/{case['id']}"
    task = {"title": "Bellen", "due_on": "2026-01-02", "assignee_id": str(account_id(assignee))}
    done(coordinator.post(f"{url}/tasks", json=task), 201)
    done(coordinator.post(f"{url}/notes", json={"body": "Gebeld."}), 201)
    talks = start_talks(coordinator, case["id"])
    proposal = propose(coordinator, talks)
    done(respond(coordinator, proposal["id"], talks["parties"][1]["id"], "accept"), 201)
    agreement = done(coordinator.get(f"{V1}/negotiations/{talks['id']}/agreement"))
    referral = refer(coordinator, new_partner(application), report_id=report["id"])
    file = done(send_file(coordinator, f"{url}/attachments"), 201)
    event = {"title": "Een affiche", "report_ids": [report["id"]]}
    return {
        "report": report["id"],
        "report reference": report["reference"],
        "case": case["id"],
        "case reference": case["reference"],
        "talks": talks["id"],
        "commitment": agreement["terms"][0]["commitment_id"],
        "referral": referral["id"],
        "file": file["id"],
        "event": done(coordinator.post(f"{V1}/events", json=event), 201)["id"],
    }


def paths_of(ids: dict[str, str]) -> list[str]:
    """What answers 404 when it is hidden."""
    case, report, talks = f"cases/{ids['case']}", f"reports/{ids['report']}", ids["talks"]
    return [
        case,
        *(f"{case}/{part}" for part in ("timeline", "notes", "tasks", "negotiations")),
        f"{case}/attachments",
        f"negotiations/{talks}",
        f"negotiations/{talks}/agreement",
        f"negotiations/{talks}/attachments",
        f"commitments/{ids['commitment']}",
        report,
        f"{report}/similar",
        f"{report}/attachments",
        f"referrals/{ids['referral']}",
        f"attachments/{ids['file']}",
        f"events/{ids['event']}",
        f"partners/matches?report_id={ids['report']}",
        f"partners/matches?case_id={ids['case']}",
    ]

"""Referrals by HTTP."""

from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.openapi import api_routes, declared
from app.core.access import Surface
from tests.makers.intake import report_body, some_id
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.tour import V1, add_case, add_report, done, in_days

PARTNER = f"{V1}/partner/referrals"


def consent(**changes: Any) -> dict[str, Any]:
    return {"given_on": in_days(0), "given_by": "reporter", "form": "oral"} | changes


def referral_body(partner_id: UUID | str, **changes: Any) -> dict[str, Any]:
    """Valid once it names a report or a case."""
    body: dict[str, Any] = {
        "partner_id": str(partner_id),
        "purpose": "legal_advice",
        "shared_fields": ["narrative"],
        "consent": consent(),
        "answer_by": in_days(7),
    }
    return body | changes


def refer(worker: TestClient, partner_id: UUID | str, **changes: Any) -> dict[str, Any]:
    """An offer; of a new report unless one is named."""
    if not {"report_id", "case_id"} & changes.keys():
        changes["report_id"] = add_report(worker)["id"]
    return done(worker.post(f"{V1}/referrals", json=referral_body(partner_id, **changes)), 201)


def answer(partner: TestClient, referral_id: str, act: str, body: Any = None) -> Any:
    """act: acceptance, decline, completion or messages."""
    bodies = {
        "decline": {"reason": "Geen plaats deze maand."},
        "completion": {"outcome": "helped"},
        "messages": {"body": "Wij nemen contact op."},
    }
    return partner.post(f"{PARTNER}/{referral_id}/{act}", json=body or bodies.get(act))


def submission_body(**changes: Any) -> dict[str, Any]:
    return {"client_consent": consent(form="written"), "report": report_body()} | changes


def submit(partner: TestClient, **changes: Any) -> dict[str, Any]:
    return done(partner.post(PARTNER, json=submission_body(**changes)), 201)


def foreign_ids(
    application: FastAPI, worker: TestClient, partner_id: UUID, partner: TestClient
) -> dict[str, str]:
    """Ids of everything that this partner must not tell from nothing."""
    other_id = new_partner(application)
    other = make_partner_client(application, other_id)
    case = add_case(worker)
    accepted = refer(worker, other_id, case_id=case["id"])
    done(answer(other, accepted["id"], "acceptance"))
    completed = refer(worker, other_id)
    done(answer(other, completed["id"], "acceptance"))
    done(answer(other, completed["id"], "completion"))
    withdrawn, taken_back = refer(worker, partner_id), refer(worker, partner_id)
    done(answer(partner, taken_back["id"], "acceptance"))
    done(worker.post(f"{V1}/referrals/{withdrawn['id']}/withdrawal", json={"reason": "Fout."}))
    done(worker.post(f"{V1}/referrals/{taken_back['id']}/consent-withdrawal", json={}))
    own_message = refer(worker, partner_id)
    done(answer(partner, own_message["id"], "acceptance"))
    return {
        "offered to another": refer(worker, other_id)["id"],
        "accepted by another": accepted["id"],
        "completed by another": completed["id"],
        "submitted by another": submit(other)["id"],
        "withdrawn from us": withdrawn["id"],
        "consent taken back": taken_back["id"],
        "a message of another": done(answer(other, accepted["id"], "messages"), 201)["id"],
        "a message of ours": done(answer(partner, own_message["id"], "messages"), 201)["id"],
        "a report": case["reports"][0]["id"],
        "a report referred to us": own_message["report_id"],
        "a case": case["id"],
        "another partner": str(other_id),
        "ourselves": str(partner_id),
        "nothing": str(some_id()),
    }


def routes_with_an_id(application: FastAPI) -> list[tuple[str, str, str]]:
    """(operationId, method, path) of every route of the partner's surface that names an id."""
    paths = {
        operation["operationId"]: (method.upper(), path)
        for path, operations in application.openapi()["paths"].items()
        for method, operation in operations.items()
    }
    found = []
    for route in api_routes(application):
        declaration = declared(route)
        if declaration is None or declaration.surface is not Surface.PARTNER:
            continue
        method, path = paths[route.name]
        if "{" in path:
            found.append((route.name, method, path))
    return found


def trail_of(auditor: TestClient, object_id: str) -> list[tuple[str, str]]:
    """(event, surface), the earliest first."""
    found = done(auditor.get(f"{V1}/audit-entries?object_id={object_id}&limit=100"))["items"]
    return [(entry["event"], entry["surface"]) for entry in reversed(found)]

"""Referrals by HTTP."""

from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient

from tests.makers.intake import report_body
from tests.makers.tour import V1, add_report, done, in_days

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

"""The tour's steps through referrals, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.makers.intake import report_body
from tests.makers.partners import make_partner_client
from tests.makers.referrals import PARTNER, referral_body, submission_body
from tests.makers.tour import V1

if TYPE_CHECKING:
    from tests.api.tour import Recorder


def refer_both_ways(recorder: Recorder, application: FastAPI, worker: TestClient) -> None:
    registered = recorder.send(
        worker, "POST", f"{V1}/partners", {"name": "Wetswinkel Voorbeeld", "kind": "association"}
    )
    partner = make_partner_client(application, UUID(registered["id"]))

    def offer() -> str:
        report = recorder.send(worker, "POST", f"{V1}/reports", report_body(channel="phone"))
        body = referral_body(
            registered["id"],
            report_id=report["id"],
            shared_fields=["narrative", "domain", "needs"],
        )
        return str(recorder.send(worker, "POST", f"{V1}/referrals", body)["id"])

    kept, declined, withdrawn, taken_back = (offer() for _ in range(4))
    recorder.send(worker, "GET", f"{V1}/referrals?direction=out&count=true")
    recorder.send(partner, "GET", PARTNER)
    recorder.send(partner, "POST", f"{PARTNER}/{kept}/acceptance")
    recorder.send(partner, "POST", f"{PARTNER}/{kept}/messages", {"body": "Wij bellen deze week."})
    recorder.send(
        worker, "POST", f"{V1}/referrals/{kept}/messages", {"body": "Liefst na vijf uur."}
    )
    recorder.send(partner, "GET", f"{PARTNER}/{kept}")
    recorder.send(
        partner,
        "POST",
        f"{PARTNER}/{kept}/completion",
        {"outcome": "helped", "remark": "Advies gegeven, brief meegegeven."},
    )
    recorder.send(worker, "GET", f"{V1}/referrals/{kept}")
    recorder.send(
        partner, "POST", f"{PARTNER}/{declined}/decline", {"reason": "Geen plaats deze maand."}
    )
    recorder.send(
        worker, "POST", f"{V1}/referrals/{withdrawn}/withdrawal", {"reason": "Verkeerde partner."}
    )
    recorder.send(
        worker,
        "POST",
        f"{V1}/referrals/{taken_back}/consent-withdrawal",
        {"reason": "De melder regelt het zelf."},
    )
    recorder.send(partner, "POST", PARTNER, submission_body(purpose="mediation"))
    recorder.send(partner, "GET", f"{V1}/partner/figures?lang=nl")

"""Referring within what a partner takes, where it works, and what was agreed with it."""

from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.makers.partners import (
    add_agreement,
    add_partner,
    change,
    make_partner_client,
    wrong_fields,
)
from tests.makers.referrals import PARTNER, refer, referral_body, submission_body
from tests.makers.tour import V1, add_report, done, in_days


def _wrong(worker: TestClient, partner_id: str, **changes: Any) -> dict[str, str]:
    body = referral_body(partner_id, report_id=add_report(worker)["id"], **changes)
    return wrong_fields(worker.post(f"{V1}/referrals", json=body))


def test_a_partner_that_takes_no_referrals_gets_none(worker: TestClient) -> None:
    partner = add_partner(worker, accepts_referrals=False)
    assert _wrong(worker, partner["id"]) == {"/partner_id": "takes_no_referrals"}


def test_outside_its_territory_a_partner_is_asked_for_a_reason_that_staff_sees(
    worker: TestClient,
) -> None:
    near = add_partner(worker, "Hier", territory=["genk"])
    assert refer(worker, near["id"])["outside_territory_reason"] is None
    far = add_partner(worker, "Ver", territory=["Gent", "Aalst"])
    assert _wrong(worker, far["id"]) == {"/outside_territory_reason": "outside_territory"}
    made = refer(worker, far["id"], outside_territory_reason="Woont daar nu.")
    assert made["outside_territory_reason"] == "Woont daar nu."


def test_one_agreement_in_force_must_allow_the_whole(worker: TestClient) -> None:
    partner = add_partner(worker)["id"]
    add_agreement(worker, partner, purposes=["Overleg over huisvesting"])  # limits nothing
    add_agreement(worker, partner, valid_to="2026-07-02", shared_fields=["needs"])  # has ended
    refer(worker, partner)
    add_agreement(worker, partner, shared_fields=["domain", "needs"], purposes=["mediation"])
    add_agreement(worker, partner, shared_fields=["domain", "narrative"])
    fields = ["domain", "needs", "narrative"]
    assert _wrong(worker, partner, shared_fields=fields) == {"/shared_fields/1": "not_agreed"}
    refer(worker, partner, shared_fields=["narrative"])
    refer(worker, partner, shared_fields=["needs"], purpose="mediation")


def test_a_key_counts_for_the_partner_not_for_one_of_its_clients(
    application: FastAPI, partner_id: UUID
) -> None:
    body, headers = submission_body(), {"Idempotency-Key": "one-client-one-report"}
    received = [
        done(
            make_partner_client(application, of).post(PARTNER, json=body, headers=headers),
            201,
        )["id"]
        for of in (partner_id, partner_id, None)
    ]
    assert received[0] == received[1] != received[2]


def test_what_a_partner_that_stops_still_has_is_in_the_worklist(
    application: FastAPI, worker: TestClient
) -> None:
    partner = add_partner(worker)
    client = make_partner_client(application, UUID(partner["id"]))
    referral = refer(worker, partner["id"])
    done(client.get(PARTNER))
    body = {"active_from": in_days(-2), "active_to": in_days(-1)}
    done(change(worker, f"partners/{partner['id']}", body))
    assert client.get(PARTNER).status_code == 401
    found = done(worker.get(f"{V1}/worklist?ahead_days=0"))["items"]
    assert [(item["kind"], item["object_id"]) for item in found] == [
        ("referral_partner_ends", referral["id"])
    ]
    done(worker.post(f"{V1}/referrals/{referral['id']}/withdrawal", json={"reason": "Stopt."}))
    assert done(worker.get(f"{V1}/worklist?ahead_days=0"))["items"] == []

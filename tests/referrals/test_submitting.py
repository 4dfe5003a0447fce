"""Referring in: a partner reports for a client and follows the report."""

from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.intake.models import Receipt
from tests.makers.intake import report_body
from tests.makers.referrals import (
    PARTNER,
    answer,
    consent,
    submission_body,
    submit,
)
from tests.makers.tour import V1, act_on_case, add_case, done, in_days

CANARY = "Canary Kwinkeleer"


def test_an_inbound_referral_to_a_closed_case_followed_to_the_end(
    application: FastAPI,
    client: TestClient,
    worker: TestClient,
    partner_id: UUID,
    partner: TestClient,
) -> None:
    headers = {"Idempotency-Key": "one-client-one-report"}
    body = submission_body()
    received = done(partner.post(PARTNER, json=body, headers=headers), 201)
    assert done(partner.post(PARTNER, json=body, headers=headers), 201) == received
    url = f"{PARTNER}/{received['id']}"
    seen = done(partner.get(url))
    assert seen["submission"]["report_status"] == "received"
    narrative = body["report"]["incident"]["narrative"]
    assert seen["submission"]["written"]["incident"]["narrative"] == narrative
    found = done(worker.get(f"{V1}/reports?channel=partner&count=true"))
    assert found["total"] == 1
    report = found["items"][0]
    assert report["reference"] == received["reference"]
    assert received.keys() == {"id", "reference", "acknowledge_by", "answer_by"}
    report_url = f"{V1}/reports/{report['id']}"
    code = done(worker.post(f"{report_url}/receipt"), 201)
    assert client.post(f"{V1}/public/receipts/token", json=code).status_code == 200

    # What the bureau adds stays with the bureau; what it answers to the partner does not.
    done(
        worker.patch(
            report_url,
            json={"incident": {"narrative": CANARY}, "wishes": CANARY},
            headers={"If-Match": worker.get(report_url).headers["ETag"]},
        )
    )
    done(worker.post(f"{report_url}/messages", json={"body": CANARY}), 201)
    case = add_case(worker, report["id"])
    done(worker.post(f"{V1}/cases/{case['id']}/notes", json={"body": CANARY}), 201)
    done(
        worker.post(f"{V1}/referrals/{received['id']}/messages", json={"body": "Wij bemiddelen."}),
        201,
    )
    done(answer(partner, received["id"], "messages"), 201)
    seen = done(partner.get(url))
    assert seen["submission"]["report_status"] == "case_opened"
    assert seen["submission"]["case"] == {"is_closed": False, "outcome": None}
    assert [m["body"] for m in seen["messages"]] == ["Wij bemiddelen.", "Wij nemen contact op."]
    closure = {"outcome": "court", "reason": CANARY}
    done(act_on_case(worker, case["id"], "closure", closure))
    seen = done(partner.get(url))
    assert seen["submission"]["case"] == {"is_closed": True, "outcome": "court"}
    assert CANARY not in str(seen)
    for trace in (report["id"], case["id"], case["reference"]):
        assert trace not in str(seen)
    assert done(worker.get(f"{V1}/referrals/{received['id']}"))["direction"] == "in"


def test_an_anonymous_client_keeps_the_hour(
    worker: TestClient, auditor: TestClient, partner: TestClient
) -> None:
    received = submit(partner)
    entries = done(auditor.get(f"{V1}/audit-entries?event=referral_submitted"))["items"]
    assert [e["object_id"] for e in entries] == [received["id"]]
    assert entries[0]["at"].endswith("T00:00:00Z")
    done(answer(partner, received["id"], "messages"), 201)
    done(partner.get(f"{PARTNER}/{received['id']}"))
    seen = done(worker.get(f"{V1}/referrals/{received['id']}"))
    hours = [message["sent_at"] for message in seen["messages"]]
    entries = done(auditor.get(f"{V1}/audit-entries?object_id={received['id']}"))["items"]
    hours += [entry["at"] for entry in entries]
    assert len(hours) == 5
    assert all(hour.endswith("T00:00:00Z") for hour in hours)


def test_what_is_wrong_with_a_submission_is_named_where_it_stands(partner: TestClient) -> None:
    def errors(**changes: Any) -> list[tuple[str, str]]:
        found = partner.post(PARTNER, json=submission_body(**changes))
        assert found.status_code == 422
        return [(e["pointer"], e["code"]) for e in found.json()["errors"]]

    wrong = report_body(grounds=[{"code": "nothing"}])
    wrong["incident"] |= {"domain": "nowhere", "occurred_from": in_days(2)}
    assert errors(report=wrong) == [
        ("/report/incident/domain", "unknown_code"),
        ("/report/grounds/0/code", "unknown_code"),
        ("/report/incident/occurred_from", "in_future"),
    ]
    assert errors(report=report_body(channel="web")) == [("/report/channel", "extra_forbidden")]
    assert errors(client_consent=consent(given_on=in_days(1))) == [
        ("/client_consent/given_on", "in_future")
    ]
    assert errors(client_consent=None) == [("/client_consent", "model_attributes_type")]


def test_a_client_who_withdraws_the_report_is_seen_to_have(
    client: TestClient, worker: TestClient, partner: TestClient
) -> None:
    received = submit(partner)
    report = done(worker.get(f"{V1}/reports?q={received['reference']}"))["items"][0]
    code = done(worker.post(f"{V1}/reports/{report['id']}/receipt"), 201)
    token = client.post(f"{V1}/public/receipts/token", json=code).json()["access_token"]
    done(
        client.post(
            f"{V1}/public/report/withdrawal",
            json={"reason": CANARY},
            headers={"Authorization": f"Bearer {token}"},
        )
    )
    seen = done(partner.get(f"{PARTNER}/{received['id']}"))
    assert seen["submission"]["report_status"] == "withdrawn"
    assert CANARY not in str(seen)


def test_a_partner_is_handed_no_key_to_what_its_client_is_told(
    application: FastAPI, partner: TestClient
) -> None:
    submit(partner)
    with application.state.runtime.database.snapshot() as session:
        assert session.scalars(select(Receipt)).all() == []

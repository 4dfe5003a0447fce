"""Consent taken back, by the bureau's hand or with the report: access ends at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.makers.intake import report_body
from tests.makers.partners import make_partner_client
from tests.makers.referrals import (
    PARTNER,
    answer,
    refer,
    referral_body,
    submission_body,
    trail_of,
)
from tests.makers.tour import V1, add_case, add_report, done


def test_consent_taken_back_ends_access_at_once_and_the_trail_shows_both(
    worker: TestClient, auditor: TestClient, partner_id: UUID, partner: TestClient
) -> None:
    referral = refer(worker, partner_id)
    done(answer(partner, referral["id"], "acceptance"))
    url = f"{PARTNER}/{referral['id']}"
    done(partner.get(url))
    done(worker.post(f"{V1}/referrals/{referral['id']}/consent-withdrawal", json={}))
    assert partner.get(url).status_code == 404
    assert done(partner.get(PARTNER))["items"] == []
    # Entries of one second have no order among themselves.
    trail = trail_of(auditor, referral["id"])
    assert trail.count(("referral_consent_withdrawn", "staff")) == 1
    assert trail.count(("referral_read", "partner")) == 3
    entries = done(auditor.get(f"{V1}/audit-entries?object_id={referral['id']}"))["items"]
    assert [e["event"] for e in entries if e["details"] == {"refused": True}] == ["referral_read"]


def test_a_report_that_is_withdrawn_takes_its_referrals_with_it(
    application: FastAPI,
    client: TestClient,
    worker: TestClient,
    auditor: TestClient,
    partner_id: UUID,
    partner: TestClient,
) -> None:
    received = client.post(f"{V1}/public/reports", json=report_body()).json()
    found = done(worker.get(f"{V1}/reports?q={received['reference']}"))["items"][0]
    case = add_case(worker, found["id"])
    offered = refer(worker, partner_id, report_id=found["id"])
    accepted = refer(worker, partner_id, report_id=found["id"], purpose="mediation")
    over = refer(worker, partner_id, report_id=found["id"], purpose="information")
    overridden = refer(
        worker,
        partner_id,
        report_id=found["id"],
        purpose="investigation",
        consent=None,
        override={"reason": "Gevaar.", "against_refusal": True},
    )
    done(answer(partner, accepted["id"], "acceptance"))
    done(answer(partner, over["id"], "decline"))
    token = client.post(
        f"{V1}/public/receipts/token", json={"receipt_code": received["receipt_code"]}
    ).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    done(client.post(f"{V1}/public/report/withdrawal", json={}, headers=headers))
    expected = {
        offered["id"]: "consent_withdrawn",
        accepted["id"]: "consent_withdrawn",
        over["id"]: "declined",
        overridden["id"]: "withdrawn",
    }
    rows = done(worker.get(f"{V1}/referrals?report_id={found['id']}"))["items"]
    assert {row["id"]: row["status"] for row in rows} == expected
    for referral_id, status in expected.items():
        answered = partner.get(f"{PARTNER}/{referral_id}").status_code
        assert answered == (200 if status == "declined" else 404)
    again = worker.post(f"{V1}/referrals", json=referral_body(partner_id, report_id=found["id"]))
    assert (again.status_code, again.json()["code"]) == (409, "report_withdrawn")
    # The reporter was anonymous: neither trail nor timeline tells the hour.
    trail = done(auditor.get(f"{V1}/audit-entries?object_id={accepted['id']}&limit=100"))["items"]
    hours = [e["at"] for e in trail if e["event"] == "referral_consent_withdrawn"]
    timeline = done(worker.get(f"{V1}/cases/{case['id']}/timeline"))["items"]
    hours += [e["at"] for e in timeline if e["kind"] == "referral_closed"]
    assert len(hours) == 4
    assert all(hour.endswith("T00:00:00Z") for hour in hours)


def test_consent_taken_back_while_a_partner_reads(
    application: FastAPI,
    worker: TestClient,
    auditor: TestClient,
    partner_id: UUID,
) -> None:
    """Every read that was answered is in the trail; none that began after is answered."""
    referral = refer(worker, partner_id)
    url = f"{PARTNER}/{referral['id']}"
    clients = [make_partner_client(application, partner_id) for _ in range(4)]
    done(answer(clients[0], referral["id"], "acceptance"))
    is_closed, may_close = threading.Event(), threading.Event()

    def read(client: TestClient) -> list[tuple[bool, int]]:
        """(it began after the withdrawal was answered, status)"""
        found: list[tuple[bool, int]] = []
        while len(found) < 20 and [after for after, _ in found].count(True) < 3:
            after = is_closed.is_set()
            found.append((after, client.get(url).status_code))
            if len(found) == 3:
                may_close.set()
        return found

    def close() -> None:
        assert may_close.wait(30)
        done(worker.post(f"{V1}/referrals/{referral['id']}/consent-withdrawal", json={}))
        is_closed.set()

    with ThreadPoolExecutor(5) as pool:
        reading = [pool.submit(read, client) for client in clients]
        pool.submit(close).result()
    reads = [found for future in reading for found in future.result()]
    assert {status for after, status in reads if after} <= {404}
    assert clients[0].get(url).status_code == 404
    answered = [status for _after, status in reads].count(200)
    assert answered >= 3
    entries = done(auditor.get(f"{V1}/audit-entries?object_id={referral['id']}&limit=100"))
    shown = [
        e
        for e in entries["items"]
        if e["event"] == "referral_read" and e["surface"] == "partner" and not e["details"]
    ]
    assert entries["next"] is None
    assert len(shown) == answered + 1  # accepting showed it too


def test_a_retried_message_is_one_message_and_shows_nothing_once_access_ended(
    worker: TestClient, partner_id: UUID, partner: TestClient
) -> None:
    report = add_report(worker)
    referral = refer(worker, partner_id, report_id=report["id"])
    done(answer(partner, referral["id"], "acceptance"))
    headers = {"Idempotency-Key": "a-message-of-ours"}
    url = f"{PARTNER}/{referral['id']}/messages"
    first = done(partner.post(url, json={"body": "Dag."}, headers=headers), 201)
    assert done(partner.post(url, json={"body": "Dag."}, headers=headers), 201) == first
    done(worker.post(f"{V1}/referrals/{referral['id']}/consent-withdrawal", json={}))
    again = partner.post(url, json={"body": "Dag."}, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "answer_withheld")


def test_a_retried_referral_in_is_withheld_once_consent_was_taken_back(
    worker: TestClient, partner: TestClient
) -> None:
    headers = {"Idempotency-Key": "a-client-of-ours"}
    body = submission_body()
    received = done(partner.post(PARTNER, json=body, headers=headers), 201)
    done(worker.post(f"{V1}/referrals/{received['id']}/consent-withdrawal", json={}))
    again = partner.post(PARTNER, json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "answer_withheld")

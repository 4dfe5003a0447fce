"""Referring out: what the partner sees and when, how it ends, and consent taken back."""

from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.notifications.models import OutboxMessage, WebhookEndpoint
from app.partners.domain import ReferralField
from app.partners.load import PartnerLoad
from app.referrals import queries
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.partners import add_partner, make_partner_client, new_partner
from tests.makers.referrals import PARTNER, answer, consent, refer, referral_body, submit, trail_of
from tests.makers.tour import V1, add_case, add_report, done

CANARY = "Canary Kwinkeleer"

SHARED = {
    "narrative": CANARY,
    "period": {"occurred_from": "2026-01-05", "occurred_to": "2026-01-06", "is_ongoing": False},
    "place": {"municipality": "Genk", "district": "Winterslag", "place": CANARY},
    "domain": "housing",
    "grounds": [{"code": "national_ethnic_origin", "link": "own"}],
    "conducts": ["direct"],
    "respondent": {"kind": "private_person", "name": CANARY},
    "wishes": CANARY,
    "reporter_identity": {"role": "victim", "name": CANARY},
    "reporter_contact": {
        "email": "canary@example.org",
        "phone": "+32 470 00 00 00",
        "postal": CANARY,
        "safe_contact": CANARY,
    },
    "self_description": {"age_band": "30-39", "gender": CANARY, "origin": CANARY},
    "needs": {
        "interpreter_language": "ar",
        "sign_language": True,
        "reading_help": False,
        "other": CANARY,
    },
}
"""Each field, as it must be shared of the planted report."""

PERSONAL = (CANARY, "canary@", "+32", "Winterslag", "2026-01-05", "2026-01-06", "30-39")


def _planted(worker: TestClient) -> dict[str, Any]:
    body = report_body(channel="phone", wishes=CANARY)
    body["reporter"] = {
        "role": "victim",
        "is_anonymous": False,
        "name": CANARY,
        "email": "canary@example.org",
        "phone": "+32 470 00 00 00",
        "postal": CANARY,
        "safe_contact": CANARY,
        "needs": {"interpreter_language": "ar", "sign_language": True, "other": CANARY},
        "self_described": {"age_band": "30-39", "gender": CANARY, "origin": CANARY},
    }
    body["incident"] |= {
        "narrative": CANARY,
        "place": CANARY,
        "occurred_to": "2026-01-06",
        "respondent": {"kind": "private_person", "name": CANARY},
    }
    return done(worker.post(f"{V1}/reports", json=body), 201)


def test_referring_from_the_offer_to_the_outcome_on_the_case(
    application: FastAPI,
    worker: TestClient,
    auditor: TestClient,
    partner_id: UUID,
    partner: TestClient,
) -> None:
    report = _planted(worker)
    case = add_case(worker, report["id"])
    referral = refer(
        worker,
        partner_id,
        case_id=case["id"],
        shared_fields=["narrative", "reporter_contact"],
        consent=consent(),
    )
    url = f"{PARTNER}/{referral['id']}"

    listed, preview = done(partner.get(PARTNER)), done(partner.get(url))
    for shown in (listed, preview):
        for trace in (*PERSONAL, report["id"], report["reference"], case["id"]):
            assert trace not in str(shown), trace
    assert (
        preview["preview"]
        == listed["items"][0]["preview"]
        == {
            "domain": "housing",
            "grounds": ["national_ethnic_origin"],
            "language": "nl",
            "municipality": "Genk",
            "occurred_in": "2026-01",
            "needs": {"interpreter_language": "ar", "sign_language": True, "reading_help": False},
        }
    )
    assert (preview["shared"], preview["messages"]) == (None, [])

    done(answer(partner, referral["id"], "acceptance"))
    stranger = make_partner_client(application, new_partner(application))
    assert stranger.get(url).status_code == 404
    seen = done(partner.get(url))
    assert seen["shared"] == {field: SHARED[field] for field in ("narrative", "reporter_contact")}
    assert report["reference"] not in str(seen)

    done(answer(partner, referral["id"], "messages"), 201)
    done(worker.post(f"{V1}/referrals/{referral['id']}/messages", json={"body": "Dank u."}), 201)
    bodies = [(m["direction"], m["body"]) for m in done(partner.get(url))["messages"]]
    assert bodies == [("from_partner", "Wij nemen contact op."), ("from_bureau", "Dank u.")]

    ending = {"outcome": "partly_helped", "remark": "Brief geschreven."}
    closed = done(answer(partner, referral["id"], "completion", ending))
    assert (closed["shared"], closed["messages"]) == (None, [])
    found = done(worker.get(f"{V1}/referrals?case_id={case['id']}"))["items"][0]
    assert (found["status"], found["outcome"]) == ("completed", "partly_helped")
    analyst = make_client(application, Role.ANALYST)
    year = done(analyst.get(f"{V1}/annual-reports/{referral['made_on'][:4]}"))["figures"]
    figures = year["network"]["referrals_out"]
    assert (figures["total"], figures["answered"], figures["accepted_share"]) == (1, 1, 1.0)
    assert [row["partner_id"] for row in figures["by_partner"]] == [str(partner_id)]
    assert {r["code"]: r["referrals"] for r in figures["by_outcome"]}["partly_helped"] == 1
    timeline = done(worker.get(f"{V1}/cases/{case['id']}/timeline"))["items"]
    told = {e["kind"]: e for e in timeline if e["object_id"] == referral["id"]}
    assert list(told) == ["referral_made", "referral_answered", "referral_completed"]
    assert told["referral_completed"]["details"]["outcome"] == "partly_helped"
    assert told["referral_completed"]["remark"] == "Brief geschreven."
    reads = [entry for entry in trail_of(auditor, referral["id"]) if entry[0] == "referral_read"]
    # Read three times, two acts that show it, and the stranger's try.
    assert reads.count(("referral_read", "partner")) == 6


@pytest.mark.parametrize("field", ReferralField)
def test_exactly_what_was_chosen_is_shared(
    worker: TestClient, partner_id: UUID, partner: TestClient, field: ReferralField
) -> None:
    report = _planted(worker)
    referral = refer(worker, partner_id, report_id=report["id"], shared_fields=[field.value])
    seen = done(answer(partner, referral["id"], "acceptance"))
    assert seen["shared"] == {field.value: SHARED[field]}


def test_nothing_is_shared_unless_it_is_chosen(
    worker: TestClient, partner_id: UUID, partner: TestClient
) -> None:
    report = _planted(worker)
    referral = refer(worker, partner_id, report_id=report["id"], shared_fields=[])
    seen = done(answer(partner, referral["id"], "acceptance"))
    assert seen["shared"] == {}
    assert seen["preview"]["needs"]["interpreter_language"] == "ar"
    assert not any(trace in str(seen) for trace in PERSONAL)


def test_what_was_shared_stays_as_it_was(
    worker: TestClient, partner_id: UUID, partner: TestClient
) -> None:
    report = add_report(worker)
    referral = refer(worker, partner_id, report_id=report["id"], shared_fields=["narrative"])
    before = done(answer(partner, referral["id"], "acceptance"))
    url = f"{V1}/reports/{report['id']}"
    done(
        worker.patch(
            url,
            json={"incident": {"narrative": "Nu anders.", "domain": "employment"}},
            headers={"If-Match": worker.get(url).headers["ETag"]},
        )
    )
    after = done(partner.get(f"{PARTNER}/{referral['id']}"))
    assert (after["shared"], after["preview"]) == (before["shared"], before["preview"])


def test_a_restricted_case_hides_its_referrals(application: FastAPI, partner_id: UUID) -> None:
    handler = make_client(application, Role.CASE_MANAGER)
    other = make_client(application, Role.CASE_MANAGER)
    report = add_report(handler)
    case = add_case(handler, report["id"])
    referral = refer(handler, partner_id, case_id=case["id"])
    partner = make_partner_client(application, partner_id)
    url = f"{V1}/referrals/{referral['id']}"
    assert done(other.get(f"{V1}/referrals?count=true"))["total"] == 1
    etag = handler.get(f"{V1}/cases/{case['id']}").headers["ETag"]
    handler_id = done(handler.get(f"{V1}/me"))["id"]
    done(
        handler.patch(
            f"{V1}/cases/{case['id']}",
            json={"is_restricted": True, "handler_id": handler_id},
            headers={"If-Match": etag},
        )
    )
    assert other.get(url).status_code == 404
    for act in ("withdrawal", "consent-withdrawal", "messages"):
        sent = {"body": "x"} if act == "messages" else {"reason": "x"}
        assert other.post(f"{url}/{act}", json=sent).status_code == 404, act
    for query in ("", f"&case_id={case['id']}", f"&report_id={report['id']}", "&overdue=false"):
        assert done(other.get(f"{V1}/referrals?count=true{query}"))["total"] == 0, query
    assert referral["id"] not in other.get(f"{V1}/worklist?ahead_days=60").text
    assert (
        other.post(f"{V1}/referrals", json=referral_body(partner_id, report_id=report["id"])).json()
        == other.post(
            f"{V1}/referrals", json=referral_body(partner_id, report_id=referral["id"])
        ).json()
    )
    with application.state.runtime.database.snapshot() as session:
        assert queries.load_of(session, [partner_id]) == {partner_id: PartnerLoad(0, None)}
    for who in (handler, make_client(application, Role.COORDINATOR)):
        assert done(who.get(url))["id"] == referral["id"]
        assert referral["id"] in who.get(f"{V1}/worklist?ahead_days=60").text
    assert partner.get(f"{PARTNER}/{referral['id']}").status_code == 200


def test_the_partners_webhook_is_told_of_what_happens_by_ids_only(
    database: Database, worker: TestClient, partner_id: UUID, partner: TestClient
) -> None:
    with database.transaction() as session:
        session.add(
            WebhookEndpoint(
                partner_id=partner_id,
                url="https://partner.example/hook",
                secret="whsec_x",
                created_at=clock.now(),
            )
        )
    one, two = refer(worker, partner_id)["id"], refer(worker, partner_id)["id"]
    done(answer(partner, one, "acceptance"))
    done(worker.post(f"{V1}/referrals/{one}/messages", json={"body": "Dag."}), 201)
    done(answer(partner, one, "messages"), 201)
    done(worker.post(f"{V1}/referrals/{one}/consent-withdrawal", json={}))
    done(worker.post(f"{V1}/referrals/{two}/withdrawal", json={"reason": "Dubbel."}))
    with database.snapshot() as session:
        told = session.scalars(select(OutboxMessage)).all()
        assert sorted((message.event, str(message.object_id)) for message in told) == sorted(
            [
                ("referral.offered", one),
                ("referral.offered", two),
                ("referral.message", one),
                ("referral.withdrawn", one),
                ("referral.withdrawn", two),
            ]
        )
        assert {message.body for message in told} == {None}


def test_load_for_matching(
    application: FastAPI,
    database: Database,
    worker: TestClient,
    partner_id: UUID,
    partner: TestClient,
) -> None:
    idle = new_partner(application)
    refer(worker, partner_id)
    two = refer(worker, partner_id)
    done(answer(partner, two["id"], "acceptance"))
    three = refer(worker, partner_id)
    done(answer(partner, three["id"], "decline"))
    refer(worker, partner_id)
    submit(partner)
    with database.snapshot() as session:
        assert queries.load_of(session, [partner_id, idle]) == {
            partner_id: PartnerLoad(3, 0.0),
            idle: PartnerLoad(0, None),
        }
        assert queries.load_of(session, []) == {}


def test_a_preview_names_only_a_municipality_that_the_bureau_knows(
    worker: TestClient, partner_id: UUID, partner: TestClient
) -> None:
    add_partner(worker, "Een ander", territory=["Houthalen-Helchteren"])
    typed = {
        "Jan Peeters, Kerkstraat 12": None,
        " houthalen-HELCHTEREN ": "Houthalen-Helchteren",
        "genk": "Genk",
    }
    for text, shown in typed.items():
        body = report_body(channel="phone")
        body["incident"]["municipality"] = text
        report = done(worker.post(f"{V1}/reports", json=body), 201)
        referral = refer(worker, partner_id, report_id=report["id"])
        for seen in (
            referral,
            done(partner.get(f"{PARTNER}/{referral['id']}")),
            done(partner.get(f"{PARTNER}?limit=1"))["items"][0],
        ):
            assert seen["preview"]["municipality"] == shown or seen["id"] != referral["id"]
        assert "Kerkstraat" not in partner.get(PARTNER).text

"""A no of the reporter: what it ends, and what must be given before a partner gets the report."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from app.core import clock
from app.core.clock import local_date
from app.referrals.domain import Consent, ConsentForm, ConsentGiver, Refusal
from tests.makers.intake import report_body
from tests.makers.referrals import PARTNER, answer, consent, refer, referral_body
from tests.makers.tour import V1, add_report, done, in_days

OVERRIDE = {"consent": None, "override": {"reason": "Gevaar."}}
KNOWING = {"consent": None, "override": {"reason": "Gevaar.", "against_refusal": True}}


def _refused(worker: TestClient, partner_id: UUID, **changes: Any) -> list[tuple[str, str]]:
    found = worker.post(f"{V1}/referrals", json=referral_body(partner_id, **changes))
    assert found.status_code == 422, found.text
    return [(error["pointer"], error["code"]) for error in found.json()["errors"]]


def _refuse(worker: TestClient, referral_id: str) -> Any:
    return worker.post(f"{V1}/referrals/{referral_id}/consent-withdrawal", json={})


@pytest.mark.parametrize("end", ["offered", "accepted", "declined", "completed", "withdrawn"])
def test_a_no_is_recorded_in_every_state_and_the_old_consent_serves_no_more(
    worker: TestClient, partner_id: UUID, partner: TestClient, end: str
) -> None:
    referral = refer(worker, partner_id)
    if end in ("accepted", "completed"):
        done(answer(partner, referral["id"], "acceptance"))
    if end == "completed":
        done(answer(partner, referral["id"], "completion"))
    if end == "declined":
        done(answer(partner, referral["id"], "decline"))
    if end == "withdrawn":
        done(worker.post(f"{V1}/referrals/{referral['id']}/withdrawal", json={"reason": "Fout."}))
    seen = done(_refuse(worker, referral["id"]))
    is_ended = end in ("declined", "completed", "withdrawn")
    assert seen["status"] == (end if is_ended else "consent_withdrawn")
    assert seen["refused_on"] == in_days(0)
    assert partner.get(f"{PARTNER}/{referral['id']}").status_code == 404
    assert done(partner.get(PARTNER))["items"] == []
    assert _refuse(worker, referral["id"]).status_code == 409
    of = {"report_id": referral["report_id"]}
    assert _refused(worker, partner_id, **of) == [("/consent/given_on", "consent_taken_back")]
    early = consent(given_at=f"{in_days(0)}T00:00:00+01:00")
    assert _refused(worker, partner_id, consent=early, **of) in (
        [("/consent/given_on", "consent_taken_back")],
        [("/consent/given_at", "not_on_day")],  # in summer the bureau's day began an hour before
    )


def test_consent_counts_from_the_moment_after_a_refusal() -> None:
    day = date(2026, 7, 1)
    noon = datetime.fromisoformat("2026-07-01T12:00:00+02:00")

    def given(on: date, at: datetime | None = None) -> Consent:
        return Consent(on, ConsentGiver.REPORTER, ConsentForm.ORAL, at)

    second = timedelta(seconds=1)
    refusal = Refusal(day, noon)
    assert [
        refusal.is_followed_by(consent)
        for consent in (
            given(day - timedelta(days=1)),
            given(day),
            given(day, noon),
            given(day, noon + second),
            given(day + timedelta(days=1)),
        )
    ] == [False, False, False, True, True]
    # Of a refusal of which only the day is known, no moment of that day lies after it.
    assert not Refusal(day, None).is_followed_by(given(day, noon + second))


def test_consent_lies_between_the_report_and_now(worker: TestClient, partner_id: UUID) -> None:
    report_id = add_report(worker)["id"]

    def errors(**given: Any) -> list[tuple[str, str]]:
        return _refused(worker, partner_id, report_id=report_id, consent=consent(**given))

    later = (clock.now() + timedelta(minutes=5)).isoformat()
    on = local_date(clock.now() + timedelta(minutes=5)).isoformat()
    assert errors(given_on=in_days(-1)) == [("/consent/given_on", "before_report")]
    assert errors(given_on=in_days(1)) == [("/consent/given_on", "in_future")]
    assert errors(given_at=f"{in_days(-1)}T12:00:00Z") == [("/consent/given_at", "not_on_day")]
    assert errors(given_on=on, given_at=later)[0][1] == "in_future"
    assert errors(given_at=f"{in_days(0)}T12:00:00")[0][0] == "/consent/given_at"  # no zone


def test_sharing_against_a_no_is_said_kept_and_in_the_trail(
    worker: TestClient, auditor: TestClient, partner_id: UUID, partner: TestClient
) -> None:
    of = {"report_id": refused_report(worker)}
    expected = [("/override/against_refusal", "against_refusal")]
    assert _refused(worker, partner_id, **of, **OVERRIDE) == expected
    made = refer(worker, partner_id, **of, **KNOWING)
    assert (made["override_against_refusal"], made["consent_overrules_report"]) == (True, False)
    entries = done(auditor.get(f"{V1}/audit-entries?object_id={made['id']}"))["items"]
    assert [e["details"]["against_refusal"] for e in entries if e["event"] == "referral_made"] == [
        True
    ]

    # A consent for this partner, given since, overrules what the report said.
    given = refer(worker, partner_id, **of, purpose="mediation")
    assert (given["override_against_refusal"], given["consent_overrules_report"]) == (False, True)

    # Taken back from a report that said yes to partners: a no all the same.
    willing = refer(worker, partner_id, report_id=refused_report(worker, shares=True))
    assert not willing["consent_overrules_report"]
    done(_refuse(worker, willing["id"]))
    of = {"report_id": willing["report_id"]}
    assert _refused(worker, partner_id, **of, **OVERRIDE) == expected


def refused_report(worker: TestClient, *, shares: bool = False) -> str:
    body = report_body(channel="phone")
    body["consents"] = body.get("consents", {}) | {"share_with_partners": shares}
    return str(done(worker.post(f"{V1}/reports", json=body), 201)["id"])

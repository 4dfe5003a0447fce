"""The part of the tour through talks, their agreement and what was promised."""

from typing import TYPE_CHECKING, Any

from fastapi.testclient import TestClient

from tests.makers.tour import V1, in_days

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def negotiate(recorder: "Recorder", worker: TestClient, case: dict[str, Any]) -> None:
    me = recorder.send(worker, "GET", f"{V1}/me")["id"]
    url = f"{V1}/cases/{case['id']}/negotiations"
    body = {
        "mediator_id": me,
        "parties": [
            {"role": "complainant", "name": "De melder"},
            {"role": "respondent", "name": "Immo Voorbeeld", "representative": "A. Fictief"},
        ],
        "consents": {"complainant": True, "respondent": True},
    }
    talks = recorder.send(worker, "POST", url, body)
    recorder.send(
        worker,
        "POST",
        f"{V1}/negotiations/{talks['id']}/end",
        {"reason": "respondent_refused", "remark": "Wil eerst met een advocaat spreken."},
    )
    talks = recorder.send(worker, "POST", url, body)
    complainant, respondent = (party["id"] for party in talks["parties"])
    talks_url = f"{V1}/negotiations/{talks['id']}"
    recorder.send(
        worker,
        "POST",
        f"{talks_url}/sessions",
        {
            "held_on": in_days(0),
            "party_ids": [complainant, respondent],
            "summary": "Beide partijen vertelden wat er gebeurde.",
        },
    )
    term = {
        "kind": "apology",
        "text": "Een brief met verontschuldigingen.",
        "debtor_party_id": respondent,
        "due_on": in_days(14),
    }
    proposal = recorder.send(
        worker, "POST", f"{talks_url}/proposals", {"by_party_id": complainant, "terms": [term]}
    )
    recorder.send(
        worker,
        "POST",
        f"{V1}/proposals/{proposal['id']}/responses",
        {"party_id": respondent, "response": "accept"},
    )
    recorder.send(worker, "GET", url)
    recorder.send(worker, "GET", talks_url)
    agreement = recorder.send(worker, "GET", f"{talks_url}/agreement")
    recorder.send(worker, "GET", f"{V1}/commitments?status=pending")
    commitment_url = f"{V1}/commitments/{agreement['terms'][0]['commitment_id']}"
    recorder.send(
        worker,
        "POST",
        f"{commitment_url}/follow-ups",
        {"status": "breached", "on": in_days(0), "evidence": "Geen brief ontvangen."},
    )
    recorder.send(
        worker,
        "POST",
        f"{commitment_url}/breach-decisions",
        {"decision": "court", "reason": "De melder stapt naar de rechter."},
    )
    recorder.send(worker, "GET", commitment_url)

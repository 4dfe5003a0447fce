"""Steps of the bureau's work by HTTP, for tests that need something that went a long way."""

from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient

from app.core import clock
from tests.makers.intake import report_body

V1 = "/api/v1"


def done(answer: Any, status: int = 200) -> dict[str, Any]:
    """The body of an answer that must have this status."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    found: dict[str, Any] = answer.json()
    return found


def add_report(worker: TestClient, **changes: Any) -> dict[str, Any]:
    return done(worker.post(f"{V1}/reports", json=report_body(channel="phone") | changes), 201)


def add_case(worker: TestClient, *report_ids: str, **fields: Any) -> dict[str, Any]:
    ids = list(report_ids) or [add_report(worker)["id"]]
    return done(worker.post(f"{V1}/cases", json={"report_ids": ids, **fields}), 201)


def act_on_case(
    worker: TestClient, case_id: str, act: str, body: dict[str, Any] | None = None
) -> Any:
    """An act that needs If-Match, on the case as it stands."""
    etag = worker.get(f"{V1}/cases/{case_id}").headers["ETag"]
    return worker.post(f"{V1}/cases/{case_id}/{act}", json=body or {}, headers={"If-Match": etag})


def move_case(worker: TestClient, case_id: str, *to: str) -> dict[str, Any]:
    found = {}
    for status in to:
        found = done(act_on_case(worker, case_id, "moves", {"to": status, "reason": "Next."}))
    return found


def start_talks(worker: TestClient, case_id: str, *more_parties: str) -> dict[str, Any]:
    me = worker.get(f"{V1}/me").json()["id"]
    body = {
        "mediator_id": me,
        "parties": [
            {"role": "complainant", "name": "Voorbeeld Melder"},
            {"role": "respondent", "name": "Immo Voorbeeld"},
            *({"role": "other", "name": name} for name in more_parties),
        ],
        "consents": {"complainant": True, "respondent": True},
    }
    return done(worker.post(f"{V1}/cases/{case_id}/negotiations", json=body), 201)


def in_days(days: int) -> str:
    return (clock.local_date(clock.now()) + timedelta(days=days)).isoformat()


def terms(debtor: str, *kinds: str) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "text": "Zoals besproken.", "debtor_party_id": debtor, "due_on": in_days(30)}
        for kind in kinds
    ]


def propose(worker: TestClient, talks: dict[str, Any], *kinds: str, by: int = 0) -> dict[str, Any]:
    """A proposal by party number `by`; the respondent is to keep it."""
    body = {
        "by_party_id": talks["parties"][by]["id"],
        "terms": terms(talks["parties"][1]["id"], *(kinds or ("apology",))),
    }
    return done(worker.post(f"{V1}/negotiations/{talks['id']}/proposals", json=body), 201)


def respond(worker: TestClient, proposal_id: str, party_id: str, response: str, **more: Any) -> Any:
    return worker.post(
        f"{V1}/proposals/{proposal_id}/responses",
        json={"party_id": party_id, "response": response, **more},
    )

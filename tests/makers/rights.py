"""Steps of a request of a person, for tests."""

from typing import Any

from fastapi.testclient import TestClient

from tests.makers.intake import report_body
from tests.makers.retention import today
from tests.makers.tour import V1, done

REQUESTS = f"{V1}/person-requests"


def ask(coordinator: TestClient, kind: str = "access", **fields: Any) -> dict[str, Any]:
    body = {
        "kind": kind,
        "role": "reporter",
        "received_on": today().isoformat(),
        "language": "nl",
        "name": "Voorbeeld Melder",
        "contact": "melder@example.org",
    }
    return done(coordinator.post(REQUESTS, json=body | fields), 201)


def act_on(
    coordinator: TestClient, request: dict[str, Any], act: str, body: dict[str, Any] | None = None
) -> Any:
    """On the request as it stands; `subjects` and `unmasked` are put, the others posted."""
    url = f"{REQUESTS}/{request['id']}"
    etag = coordinator.get(url).headers["ETag"]
    method = "PUT" if act in ("subjects", "unmasked") else "POST"
    return coordinator.request(method, f"{url}/{act}", json=body or {}, headers={"If-Match": etag})


def asked(
    coordinator: TestClient,
    kind: str = "access",
    *,
    reports: tuple[str, ...] = (),
    cases: tuple[str, ...] = (),
    decision: str | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """Linked, with the identity checked, and decided when a decision is given."""
    request = ask(coordinator, kind, **fields)
    subjects = {"report_ids": list(reports), "case_ids": list(cases)}
    done(act_on(coordinator, request, "subjects", subjects))
    found = done(act_on(coordinator, request, "identity", {"how": "document_seen"}))
    if decision is not None:
        body = {"decision": decision, "reason": "Nagekeken."}
        found = done(act_on(coordinator, request, "decision", body))
    return found


def named_report(**changes: Any) -> dict[str, Any]:
    """A report of somebody who says who they are."""
    body = report_body(channel="phone", **changes)
    body["reporter"] = {
        "role": "victim",
        "is_anonymous": False,
        "name": "Voorbeeld Melder",
        "email": "melder@example.org",
        "municipality": "Genk",
    }
    return body


def decide_on_report(worker: TestClient, report_id: str, decision: str = "register_only") -> Any:
    url = f"{V1}/reports/{report_id}"
    etag = worker.get(url).headers["ETag"]
    body = {"decision": decision, "reason": "Zo."}
    return worker.post(f"{url}/triage", json=body, headers={"If-Match": etag})

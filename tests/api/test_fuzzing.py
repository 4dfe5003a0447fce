"""Generated requests against every operation, as every role: no 5xx, nothing undeclared."""

from contextlib import suppress
from typing import Any, cast
from uuid import UUID

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import CheckFunction, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.core.access import Role
from tests.makers.activities import add_activity, bulletin_body
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.partners import add_agreement, add_partner, make_partner_client, new_partner
from tests.makers.referrals import refer
from tests.makers.tour import add_case, done, propose, start_talks

PARTS = 4
"""Of the operations, for several processors."""
EXAMPLES = 2
MANY_EXAMPLES = 120
"""Generated requests, good and bad ones each, for each operation and role."""

SUBJECTS = [*Role, "partner", "receipt", "nobody"]


def no_server_error(_context: Any, response: Any, case: Any) -> None:
    assert response.status_code < 500, f"{case.method} {case.path}: {response.status_code}"


CHECKS: list[CheckFunction] = [
    no_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def _subject(application: FastAPI, subject: Role | str, partner_id: UUID) -> dict[str, str]:
    """The headers of who calls."""
    if isinstance(subject, Role):
        return dict(make_client(application, subject).headers)
    if subject == "partner":
        return dict(make_partner_client(application, partner_id).headers)
    if subject == "nobody":
        return {}
    client = TestClient(application)
    code = client.post("/api/v1/public/reports", json=report_body()).json()["receipt_code"]
    token = client.post("/api/v1/public/receipts/token", json={"receipt_code": code}).json()
    return {"Authorization": f"Bearer {token['access_token']}"}


@pytest.fixture
def partner_id(application: FastAPI) -> UUID:
    return new_partner(application)


@pytest.fixture
def ids(application: FastAPI, partner_id: UUID) -> dict[str, str]:
    """Real ones, so that more than 404 is reached."""
    worker = make_client(application, Role.COORDINATOR)
    case = add_case(worker)
    talks = start_talks(worker, case["id"])
    proposal = propose(worker, talks)
    partner = done(worker.post("/api/v1/partners", json={"name": "P", "kind": "association"}), 201)
    access = f"/api/v1/partners/{partner['id']}"
    program = done(worker.post(f"{access}/clients", json={"title": "x"}), 201)
    person = done(
        worker.post(f"{access}/people", json={"name": "x", "email": "x@partner.example"}), 201
    )
    task = worker.post(
        f"/api/v1/cases/{case['id']}/tasks", json={"title": "x", "due_on": "2026-01-01"}
    ).json()
    partner = add_partner(worker, tier="network")
    activity = add_activity(worker)
    bulletin = worker.post("/api/v1/bulletins", json=bulletin_body()).json()
    calendar = worker.post("/api/v1/me/calendar").json()
    return {
        "partner_id": partner["id"],
        "agreement_id": add_agreement(worker, partner["id"])["id"],
        "report_id": case["reports"][0]["id"],
        "case_id": case["id"],
        "negotiation_id": talks["id"],
        "proposal_id": proposal["id"],
        "task_id": task["id"],
        "referral_id": refer(worker, partner_id)["id"],
        "activity_id": activity["id"],
        "action_point_id": activity["action_points"][0]["id"],
        "bulletin_id": bulletin["id"],
        "token": calendar["calendar_path"].rpartition("/")[2].removesuffix(".ics"),
        "partner_client_id": program["id"],
        "partner_person_id": person["id"],
    }


@pytest.mark.parametrize("part", range(PARTS))
def test_generated_requests_break_nothing(
    application: FastAPI, store: str, ids: dict[str, str], partner_id: UUID, part: int
) -> None:
    # One store takes every role; the other the one that may do most.
    subjects = SUBJECTS if store == "sqlite" else [Role.COORDINATOR]
    headers = [_subject(application, subject, partner_id) for subject in subjects]
    assert _send_generated(application, headers, ids, EXAMPLES, part) >= 100 * len(subjects)


@pytest.mark.torture
@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_twenty_thousand_generated_requests_break_nothing(
    application: FastAPI, ids: dict[str, str], partner_id: UUID, subject: Role | str
) -> None:
    headers = [_subject(application, subject, partner_id)]
    sent = sum(
        _send_generated(application, headers, ids, MANY_EXAMPLES, part) for part in range(PARTS)
    )
    assert sent >= 20_000


def _send_generated(
    application: FastAPI,
    headers: list[dict[str, str]],
    ids: dict[str, str],
    examples: int,
    part: int,
) -> int:
    """To every operation of one part, good and bad ones, as each; how many were sent.

    What a strategy is made of takes longer than a few requests: each is made once for all.
    """
    schema = schemathesis.openapi.from_asgi("/openapi.json", application)
    operations: list[Any] = [found.ok() for found in cast(Any, schema.get_all_operations())]
    sent = 0
    for operation in operations[part::PARTS]:
        if operation.definition.raw["operationId"] in ("log_out", "log_out_partner"):
            continue  # would end the session that all the others need
        for mode in GenerationMode:
            cases = operation.as_strategy(generation_mode=mode)
            sent += sum(_send(cases, whose, ids, examples) for whose in headers)
    return sent


def _send(cases: Any, headers: dict[str, str], ids: dict[str, str], examples: int) -> int:
    sent = 0

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def try_it(case: Any) -> None:
        nonlocal sent
        case.path_parameters |= {k: v for k, v in ids.items() if k in case.path_parameters}
        case.call_and_validate(headers=headers, checks=CHECKS)
        sent += 1

    # Nothing can be wrong about an operation that takes nothing.
    with suppress(Unsatisfiable):
        try_it()
    return sent

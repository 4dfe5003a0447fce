"""The steps of a referral: what may follow what, who may, and two at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.core.access import Role
from app.core.errors import ConflictError
from app.referrals.domain import (
    CLOSED_TO_PARTNER,
    RUNNING,
    STEPS,
    ReferralStatus,
    require_step,
)
from app.referrals.models import Referral
from tests.makers.identity import make_client
from tests.makers.partners import make_partner_client
from tests.makers.referrals import PARTNER, answer, refer, referral_body, submit
from tests.makers.tour import V1, act_on_case, add_case, add_report, done, in_days

S = ReferralStatus

ACTS = {
    "acceptance": S.ACCEPTED,
    "decline": S.DECLINED,
    "completion": S.COMPLETED,
    "withdrawal": S.WITHDRAWN,
    "consent-withdrawal": S.CONSENT_WITHDRAWN,
}
"""What each act leads to."""

BY_PARTNER = ("acceptance", "decline", "completion")
WAYS = {
    S.OFFERED: (),
    S.ACCEPTED: ("acceptance",),
    S.DECLINED: ("decline",),
    S.COMPLETED: ("acceptance", "completion"),
    S.WITHDRAWN: ("withdrawal",),
    S.CONSENT_WITHDRAWN: ("acceptance", "consent-withdrawal"),
}
"""How an offer gets into each state."""


def _act(worker: TestClient, partner: TestClient, referral_id: str, act: str) -> Any:
    if act in BY_PARTNER:
        return answer(partner, referral_id, act)
    return worker.post(f"{V1}/referrals/{referral_id}/{act}", json={"reason": "Op vraag."})


def test_every_step_that_the_table_does_not_name_is_refused() -> None:
    walked = 0
    for status, to in product(S, S):
        walked += 1
        if to in STEPS[status]:
            require_step(status, to)
        else:
            with pytest.raises(ConflictError):
                require_step(status, to)
    assert walked == len(S) ** 2 == 49
    assert {status for status in S if STEPS[status]} == RUNNING | {S.SUBMITTED}


class Steps(RuleBasedStateMachine):
    """However it goes, a referral ends once, and nothing follows its end."""

    def __init__(self) -> None:
        super().__init__()
        self.path = [S.OFFERED]

    @rule(to=st.sampled_from(S))
    def step(self, to: ReferralStatus) -> None:
        if to in STEPS[self.path[-1]]:
            require_step(self.path[-1], to)
            self.path.append(to)
        else:
            with pytest.raises(ConflictError):
                require_step(self.path[-1], to)

    @invariant()
    def it_ends(self) -> None:
        assert len(self.path) == len(set(self.path)) <= 3
        assert S.SUBMITTED not in self.path


TestSteps = Steps.TestCase
TestSteps.settings = settings(
    max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("status", WAYS)
def test_every_act_in_every_state(
    worker: TestClient, partner: TestClient, partner_id: UUID, status: ReferralStatus
) -> None:
    for act, to in ACTS.items():
        referral = refer(worker, partner_id)
        for step in WAYS[status]:
            done(_act(worker, partner, referral["id"], step))
        found = _act(worker, partner, referral["id"], act)
        if to in STEPS[status]:
            assert done(found)["status"] == to, act
        elif act == "consent-withdrawal" and status is not ReferralStatus.CONSENT_WITHDRAWN:
            assert done(found)["status"] == status, act  # what has ended keeps its status
        elif act in BY_PARTNER and status in CLOSED_TO_PARTNER:
            assert found.status_code == 404, act
        else:
            assert (found.status_code, found.json()["code"]) == (409, "step_not_allowed"), act


def test_messages_pass_only_while_the_partner_has_the_content(
    worker: TestClient, partner: TestClient, partner_id: UUID
) -> None:
    for status, way in WAYS.items():
        referral = refer(worker, partner_id)
        for step in way:
            done(_act(worker, partner, referral["id"], step))
        by_partner = answer(partner, referral["id"], "messages").status_code
        by_bureau = worker.post(
            f"{V1}/referrals/{referral['id']}/messages", json={"body": "Dag."}
        ).status_code
        expected = 201 if status is S.ACCEPTED else 409
        assert by_bureau == expected, status
        assert by_partner == (404 if status in CLOSED_TO_PARTNER else expected), status


def test_two_clients_accept_at_once_and_one_wins(
    application: FastAPI, worker: TestClient, partner_id: UUID
) -> None:
    clients = [make_partner_client(application, partner_id) for _ in range(4)]
    for _ in range(3):
        referral = refer(worker, partner_id)
        with ThreadPoolExecutor(len(clients)) as pool:
            found = list(pool.map(lambda c, i=referral["id"]: answer(c, i, "acceptance"), clients))
        assert sorted(f.status_code for f in found) == [200, 409, 409, 409]
        assert done(worker.get(f"{V1}/referrals/{referral['id']}"))["version"] == 2


def test_accepting_and_withdrawing_at_once_leaves_one_truth(
    worker: TestClient, partner: TestClient, partner_id: UUID
) -> None:
    case = add_case(worker)
    for _ in range(5):
        referral = refer(worker, partner_id, case_id=case["id"])
        with ThreadPoolExecutor(2) as pool:
            accepted = pool.submit(_act, worker, partner, referral["id"], "acceptance")
            withdrawn = pool.submit(_act, worker, partner, referral["id"], "withdrawal")
        assert done(withdrawn.result())["status"] == "withdrawn"
        assert accepted.result().status_code in (200, 404)
        assert partner.get(f"{PARTNER}/{referral['id']}").status_code == 404


def test_a_report_is_with_a_partner_for_a_purpose_once(
    worker: TestClient, partner: TestClient, partner_id: UUID
) -> None:
    report = add_report(worker)
    body = referral_body(partner_id, report_id=report["id"])
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda _: worker.post(f"{V1}/referrals", json=body).status_code, range(4))
        )
    assert sorted(found) == [201, 409, 409, 409]
    done(worker.post(f"{V1}/referrals", json=body | {"purpose": "mediation"}), 201)
    referral = worker.get(f"{V1}/referrals?status=offered").json()["items"]
    for row in referral:
        done(answer(partner, row["id"], "decline"))
    done(worker.post(f"{V1}/referrals", json=body), 201)


def test_referring_decides_on_a_report_that_waited(worker: TestClient, partner_id: UUID) -> None:
    report = add_report(worker)
    refer(worker, partner_id, report_id=report["id"])
    found = done(worker.get(f"{V1}/reports/{report['id']}"))
    assert found["status"] == "referred"
    assert [t["decision"] for t in found["triages"]] == ["refer"]
    case = add_case(worker)
    refer(worker, partner_id, case_id=case["id"])
    assert done(worker.get(f"{V1}/reports/{case['reports'][0]['id']}"))["status"] == "case_opened"


def test_what_is_late_is_in_the_worklist_until_it_is_answered(
    application: FastAPI, worker: TestClient, partner: TestClient, partner_id: UUID
) -> None:
    referral = refer(worker, partner_id, answer_by=in_days(0), result_by=in_days(1))

    def kinds() -> list[str]:
        items = done(worker.get(f"{V1}/worklist"))["items"]
        return [i["kind"] for i in items if i["object_id"] == referral["id"]]

    def overdue() -> list[str]:
        return [row["id"] for row in done(worker.get(f"{V1}/referrals?overdue=true"))["items"]]

    assert kinds() == ["referral_answer"]
    assert overdue() == []
    _age(application, referral["id"])
    assert overdue() == [referral["id"]]
    done(answer(partner, referral["id"], "acceptance"))
    assert kinds() == ["referral_result"]
    assert overdue() == [referral["id"]]
    done(answer(partner, referral["id"], "completion"))
    assert kinds() == []
    assert overdue() == []
    assert done(worker.get(f"{V1}/referrals?overdue=false"))["items"][0]["id"] == referral["id"]


def _age(application: FastAPI, referral_id: str) -> None:
    """As if it were made ten days ago."""
    with application.state.runtime.database.transaction() as session:
        row = session.get_one(Referral, UUID(referral_id))
        back = timedelta(days=10)
        row.made_on -= back
        row.answer_by = row.answer_by and row.answer_by - back
        row.result_by = row.result_by and row.result_by - back


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"report_id": None}, "/report_id", "one_of_two"),
    ({"case_id": "7aa1c1ae-477f-4746-94d3-c566f528216e"}, "/report_id", "one_of_two"),
    (
        {"report_id": None, "case_id": "7aa1c1ae-477f-4746-94d3-c566f528216e"},
        "/case_id",
        "unknown_case",
    ),
    ({"report_id": "7aa1c1ae-477f-4746-94d3-c566f528216e"}, "/report_id", "unknown_report"),
    ({"partner_id": "7aa1c1ae-477f-4746-94d3-c566f528216e"}, "/partner_id", "unknown_partner"),
    ({"consent": None}, "/consent", "one_of_two"),
    ({"override": {"reason": "x"}}, "/consent", "one_of_two"),
    ({"answer_by": in_days(-1)}, "/answer_by", "in_past"),
    ({"result_by": in_days(6)}, "/result_by", "date_order"),
    ({"shared_fields": ["narrative", "narrative"]}, "/shared_fields/1", "duplicate"),
    ({"shared_fields": ["wishes", "reporter_identity"]}, "/shared_fields/1", "anonymous"),
    ({"shared_fields": ["everything"]}, "/shared_fields/0", "enum"),
    (
        {"consent": {"given_on": in_days(1), "given_by": "reporter", "form": "oral"}},
        "/consent/given_on",
        "in_future",
    ),
    ({"purpose": "Canary"}, "/purpose", "enum"),
]


@pytest.mark.parametrize(("changes", "pointer", "code"), BAD)
def test_bad_input_is_named(
    worker: TestClient, partner_id: UUID, changes: dict[str, Any], pointer: str, code: str
) -> None:
    body = referral_body(partner_id, report_id=add_report(worker)["id"]) | changes
    found = worker.post(f"{V1}/referrals", json=body)
    assert found.status_code == 422
    assert [(e["pointer"], e["code"]) for e in found.json()["errors"]] == [(pointer, code)]
    assert "Canary" not in found.text
    assert done(worker.get(f"{V1}/referrals?count=true"))["total"] == 0


def test_of_a_case_with_several_reports_one_must_be_named(
    worker: TestClient, partner_id: UUID
) -> None:
    one, two = add_report(worker)["id"], add_report(worker)["id"]
    case = add_case(worker, one, two)
    found = worker.post(
        f"{V1}/referrals", json=referral_body(partner_id, case_id=case["id"])
    ).json()
    assert found["errors"][0]["code"] == "which_report"
    referral = refer(worker, partner_id, report_id=two)
    assert referral["case_id"] == case["id"]
    listed = done(worker.get(f"{V1}/referrals?case_id={case['id']}"))["items"]
    assert [row["id"] for row in listed] == [referral["id"]]


def test_only_the_coordinator_shares_without_consent(
    application: FastAPI, worker: TestClient, partner_id: UUID
) -> None:
    body = referral_body(
        partner_id,
        report_id=add_report(worker)["id"],
        consent=None,
        override={"reason": "Er is gevaar voor een kind.", "against_refusal": True},
    )
    manager = make_client(application, Role.CASE_MANAGER)
    assert manager.post(f"{V1}/referrals", json=body).status_code == 403
    referral = done(worker.post(f"{V1}/referrals", json=body), 201)
    assert referral["override_reason"] == "Er is gevaar voor een kind."
    found = worker.post(f"{V1}/referrals/{referral['id']}/consent-withdrawal", json={})
    assert (found.status_code, found.json()["code"]) == (409, "no_consent_given")


def test_consent_that_was_taken_back_must_be_given_anew(
    application: FastAPI, worker: TestClient, partner_id: UUID
) -> None:
    report = add_report(worker)
    referral = refer(worker, partner_id, report_id=report["id"])
    done(worker.post(f"{V1}/referrals/{referral['id']}/consent-withdrawal", json={}))
    body = referral_body(partner_id, report_id=report["id"])
    found = worker.post(f"{V1}/referrals", json=body)
    assert found.json()["errors"][0]["code"] == "consent_taken_back"
    with application.state.runtime.database.transaction() as session:
        row = session.get_one(Referral, UUID(referral["id"]))
        row.refused_on, row.refused_at = date.fromisoformat(in_days(-1)), None
    done(worker.post(f"{V1}/referrals", json=body), 201)


def test_a_closed_case_is_not_referred(worker: TestClient, partner_id: UUID) -> None:
    case = add_case(worker)
    closure = {"outcome": "court", "reason": "Klaar."}
    done(act_on_case(worker, case["id"], "closure", closure))
    found = worker.post(f"{V1}/referrals", json=referral_body(partner_id, case_id=case["id"]))
    assert (found.status_code, found.json()["code"]) == (409, "case_closed")


def test_a_referral_in_cannot_be_answered_or_withdrawn(
    worker: TestClient, partner: TestClient
) -> None:
    submitted = submit(partner)
    for act in ("acceptance", "decline", "completion", "withdrawal"):
        assert _act(worker, partner, submitted["id"], act).status_code == 409, act
    done(_act(worker, partner, submitted["id"], "consent-withdrawal"))
    assert partner.get(f"{PARTNER}/{submitted['id']}").status_code == 404

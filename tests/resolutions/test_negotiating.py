"""Talks, proposals, agreements, and whether they are kept."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.core.access import Role
from app.core.errors import ConflictError
from app.resolutions.domain import FOLLOW_UPS, CommitmentStatus, is_agreed, require_follow_up
from tests.makers.identity import make_client
from tests.makers.tour import (
    V1,
    act_on_case,
    add_case,
    done,
    in_days,
    propose,
    respond,
    start_talks,
    terms,
)


@pytest.fixture
def manager(application: FastAPI) -> TestClient:
    return make_client(application, Role.CASE_MANAGER)


@pytest.fixture
def talks(manager: TestClient) -> dict[str, Any]:
    return start_talks(manager, add_case(manager)["id"])


def _agree(manager: TestClient, talks: dict[str, Any], *kinds: str) -> list[dict[str, Any]]:
    proposal = propose(manager, talks, *kinds)
    done(respond(manager, proposal["id"], talks["parties"][1]["id"], "accept"), 201)
    agreement = done(manager.get(f"{V1}/negotiations/{talks['id']}/agreement"))
    found: list[dict[str, Any]] = agreement["terms"]
    return found


def _follow_up(manager: TestClient, term: dict[str, Any], status: str) -> Any:
    return manager.post(
        f"{V1}/commitments/{term['commitment_id']}/follow-ups",
        json={"status": status, "on": in_days(0), "evidence": "Brief gezien."},
    )


def _close(manager: TestClient, talks: dict[str, Any], outcome: str) -> Any:
    return act_on_case(
        manager, talks["case_id"], "closure", {"outcome": outcome, "reason": "Afgerond."}
    )


def test_the_agreement_stands_when_every_party_accepted_the_same_proposal(
    manager: TestClient,
) -> None:
    talks = start_talks(manager, add_case(manager)["id"], "Een derde")
    proposal = propose(manager, talks)
    one, two = talks["parties"][1]["id"], talks["parties"][2]["id"]
    assert done(respond(manager, proposal["id"], one, "accept"), 201)["status"] == "standing"
    assert manager.get(f"{V1}/negotiations/{talks['id']}/agreement").status_code == 404
    assert done(respond(manager, proposal["id"], two, "accept"), 201)["status"] == "agreed"
    case = done(manager.get(f"{V1}/cases/{talks['case_id']}"))
    assert case["status"] == "monitoring"


def test_a_counter_proposal_replaces_the_one_it_answers(
    manager: TestClient, talks: dict[str, Any]
) -> None:
    first = propose(manager, talks, "compensation")
    respondent, complainant = talks["parties"][1]["id"], talks["parties"][0]["id"]
    counter = done(
        respond(manager, first["id"], respondent, "counter", terms=terms(respondent, "training")),
        201,
    )
    assert counter["counters_id"] == first["id"]
    late = respond(manager, first["id"], complainant, "reject")
    assert (late.status_code, late.json()["code"]) == (409, "proposal_not_standing")
    assert done(respond(manager, counter["id"], complainant, "accept"), 201)["status"] == "agreed"
    agreement = done(manager.get(f"{V1}/negotiations/{talks['id']}/agreement"))
    assert [term["kind"] for term in agreement["terms"]] == ["training"]


def test_an_agreement_does_not_change_any_more(manager: TestClient, talks: dict[str, Any]) -> None:
    proposal = propose(manager, talks)
    respondent = talks["parties"][1]["id"]
    done(respond(manager, proposal["id"], respondent, "accept"), 201)
    before = manager.get(f"{V1}/negotiations/{talks['id']}/agreement").json()
    assert respond(manager, proposal["id"], respondent, "reject").status_code == 409
    body = {"by_party_id": respondent, "terms": terms(respondent, "apology")}
    again = manager.post(f"{V1}/negotiations/{talks['id']}/proposals", json=body)
    assert again.json()["code"] == "negotiation_over"
    assert manager.get(f"{V1}/negotiations/{talks['id']}/agreement").json() == before


def test_the_same_answer_twice_changes_nothing(manager: TestClient, talks: dict[str, Any]) -> None:
    proposal = propose(manager, talks)
    for party in (0, 1, 1, 0):
        done(respond(manager, proposal["id"], talks["parties"][party]["id"], "accept"), 201)
    assert len(manager.get(f"{V1}/negotiations/{talks['id']}").json()["proposals"]) == 1


def test_two_acceptances_at_once_make_one_agreement(manager: TestClient) -> None:
    talks = start_talks(manager, add_case(manager)["id"], "Een derde")
    proposal = propose(manager, talks, "apology", "training")
    parties = [talks["parties"][i]["id"] for i in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda p: respond(manager, proposal["id"], p, "accept"), parties))
    assert [a.status_code for a in answers] == [201, 201]
    assert sorted(a.json()["status"] for a in answers) == ["agreed", "standing"]
    agreement = done(manager.get(f"{V1}/negotiations/{talks['id']}/agreement"))
    assert len(agreement["terms"]) == 2


def test_accepting_while_another_counters_gives_an_agreement_or_a_counter_never_both(
    manager: TestClient,
) -> None:
    for _ in range(3):
        talks = start_talks(manager, add_case(manager)["id"])
        proposal = propose(manager, talks)
        respondent = talks["parties"][1]["id"]

        def accept(p: str = proposal["id"], r: str = respondent) -> Any:
            return respond(manager, p, r, "accept")

        def counter(p: str = proposal["id"], r: str = respondent) -> Any:
            return respond(manager, p, r, "counter", terms=terms(r, "training"))

        with ThreadPoolExecutor(2) as pool:
            accepted, countered = (f.result() for f in (pool.submit(accept), pool.submit(counter)))
        assert sorted((accepted.status_code, countered.status_code)) == [201, 409]
        found = manager.get(f"{V1}/negotiations/{talks['id']}").json()
        expected = ("agreed", 1) if accepted.status_code == 201 else ("ongoing", 2)
        assert (found["status"], len(found["proposals"])) == expected


def test_one_negotiation_at_a_time(manager: TestClient, talks: dict[str, Any]) -> None:
    body = {
        "mediator_id": talks["mediator_id"],
        "parties": [{"role": "complainant", "name": "A"}, {"role": "respondent", "name": "B"}],
        "consents": {"complainant": True},
    }
    url = f"{V1}/cases/{talks['case_id']}/negotiations"
    assert manager.post(url, json=body).json()["code"] == "negotiation_ongoing"
    done(
        manager.post(f"{V1}/negotiations/{talks['id']}/end", json={"reason": "respondent_refused"})
    )
    done(manager.post(url, json=body), 201)


def test_talks_without_agreement_end_with_their_reason(
    manager: TestClient, talks: dict[str, Any]
) -> None:
    proposal = propose(manager, talks)
    refused = _close(manager, talks, "no_agreement")
    assert refused.json()["code"] == "negotiation_ongoing"
    ended = done(
        manager.post(f"{V1}/negotiations/{talks['id']}/end", json={"reason": "no_agreement"})
    )
    assert ended["proposals"][0]["status"] == "lapsed"
    late = respond(manager, proposal["id"], talks["parties"][1]["id"], "accept")
    assert late.json()["code"] == "negotiation_over"
    assert done(_close(manager, talks, "no_agreement"))["outcome"] == "no_agreement"


def test_a_breach_without_a_decision_keeps_the_case_open(
    manager: TestClient, talks: dict[str, Any]
) -> None:
    kept, broken = _agree(manager, talks, "apology", "training")
    done(_follow_up(manager, kept, "fulfilled"), 201)
    assert _close(manager, talks, "partial_resolution").json()["code"] == "commitment_pending"
    done(_follow_up(manager, broken, "breached"), 201)
    assert _close(manager, talks, "partial_resolution").json()["code"] == "breach_undecided"
    done(
        manager.post(
            f"{V1}/commitments/{broken['commitment_id']}/breach-decisions",
            json={"decision": "accept_as_is", "reason": "De melder wil niet verder."},
        ),
        201,
    )
    assert done(_close(manager, talks, "partial_resolution"))["status"] == "closed"


def test_withdrawing_consent_stops_every_step(
    application: FastAPI, manager: TestClient, talks: dict[str, Any]
) -> None:
    proposal = propose(manager, talks)
    report_id = manager.get(f"{V1}/cases/{talks['case_id']}").json()["reports"][0]["id"]
    etag = manager.get(f"{V1}/reports/{report_id}").headers["ETag"]
    done(
        manager.patch(
            f"{V1}/reports/{report_id}",
            json={"consents": {"approach_respondent": False}},
            headers={"If-Match": etag},
        )
    )
    late = respond(manager, proposal["id"], talks["parties"][1]["id"], "accept")
    assert late.json()["code"] == "no_consent_to_approach_respondent"


@pytest.mark.parametrize(
    ("status", "to"),
    [(a, b) for a in CommitmentStatus for b in CommitmentStatus if b not in FOLLOW_UPS[a]],
)
def test_a_follow_up_that_is_not_in_the_table_is_refused(
    status: CommitmentStatus, to: CommitmentStatus
) -> None:
    with pytest.raises(ConflictError):
        require_follow_up(status, to)


@given(parties=st.sets(st.uuids(), max_size=6), accepted=st.sets(st.uuids(), max_size=6))
def test_an_agreement_needs_every_party(parties: set[Any], accepted: set[Any]) -> None:
    assert not is_agreed(parties, accepted - parties) or not parties
    if parties:
        assert is_agreed(parties, accepted | parties)
        assert not is_agreed(parties, (accepted | parties) - {next(iter(parties))})


def test_while_the_case_is_on_hold_nothing_goes_on(
    manager: TestClient, talks: dict[str, Any]
) -> None:
    proposal = propose(manager, talks)
    done(act_on_case(manager, talks["case_id"], "holds", {"reason": "Wacht."}))
    body = {
        "by_party_id": talks["parties"][0]["id"],
        "terms": terms(talks["parties"][1]["id"], "apology"),
    }
    for answer in (
        respond(manager, proposal["id"], talks["parties"][1]["id"], "accept"),
        manager.post(f"{V1}/negotiations/{talks['id']}/proposals", json=body),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "case_on_hold")
    other = add_case(manager)["id"]
    done(act_on_case(manager, other, "holds", {"reason": "Wacht."}))
    body = {
        "mediator_id": manager.get(f"{V1}/me").json()["id"],
        "parties": [{"role": "complainant", "name": "A"}, {"role": "respondent", "name": "B"}],
        "consents": {"complainant": True, "respondent": True},
    }
    refused = manager.post(f"{V1}/cases/{other}/negotiations", json=body)
    assert refused.json()["code"] == "case_on_hold"


def test_a_respondent_who_answers_has_agreed_to_talk(manager: TestClient) -> None:
    body = {
        "mediator_id": manager.get(f"{V1}/me").json()["id"],
        "parties": [{"role": "complainant", "name": "A"}, {"role": "respondent", "name": "B"}],
        "consents": {"complainant": True, "respondent": False},
    }
    case_id = add_case(manager)["id"]
    talks = done(manager.post(f"{V1}/cases/{case_id}/negotiations", json=body), 201)
    assert talks["respondent_consented_on"] is None
    proposal = propose(manager, talks)
    done(respond(manager, proposal["id"], talks["parties"][1]["id"], "accept"), 201)
    found = done(manager.get(f"{V1}/negotiations/{talks['id']}"))
    assert found["respondent_consented_on"] == in_days(0)


@pytest.mark.parametrize("status", ["breached", "partly_fulfilled"])
def test_what_was_not_wholly_kept_is_not_closed_as_wholly_resolved(
    manager: TestClient, talks: dict[str, Any], status: str
) -> None:
    [term] = _agree(manager, talks)
    done(_follow_up(manager, term, status), 201)
    if status == "breached":
        url = f"{V1}/commitments/{term['commitment_id']}/breach-decisions"
        done(manager.post(url, json={"decision": "court", "reason": "Naar de rechter."}), 201)
    refused = _close(manager, talks, "negotiated_resolution")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_all_kept")
    done(_close(manager, talks, "partial_resolution"))


def test_nothing_is_followed_up_before_it_was_agreed(
    manager: TestClient, talks: dict[str, Any]
) -> None:
    [term] = _agree(manager, talks)
    url = f"{V1}/commitments/{term['commitment_id']}/follow-ups"
    answer = manager.post(url, json={"status": "fulfilled", "on": in_days(-1)})
    assert answer.json()["errors"][0]["code"] == "date_order"


def test_the_moves_that_are_shown_are_those_that_succeed(manager: TestClient) -> None:
    case_id = add_case(manager)["id"]
    move = {"to": "negotiation", "reason": "Overleg."}
    case = done(act_on_case(manager, case_id, "moves", move))
    assert "monitoring" not in case["allowed_moves"]

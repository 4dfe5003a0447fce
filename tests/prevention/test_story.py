"""From a signal of one year to the norm of the next, as the bureau goes through it."""

from typing import Any

import pytest
from fastapi import FastAPI

from app.core.access import Role
from tests.makers.identity import make_client
from tests.makers.indicators import indicator_body, load_plan, stands
from tests.makers.partners import add_partner
from tests.makers.prevention import (
    accept,
    act_on,
    add_past,
    confirm_signal,
    move,
    plan,
    set_day,
    suggestions,
)
from tests.makers.signals import make_years
from tests.makers.tour import V1, done

NORM = indicator_body("I1", due_years=[2027, 2028], evidence="prevention_action") | {
    "computed": True,
    "computed_scope": "full",
    "norm": {
        "measure": "actions", "measure_nl": "acties", "op": ">=", "value": 1, "per": "year",
    },
}  # fmt: skip


def test_from_a_signal_to_the_norm_of_the_next_year(
    application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    with application.state.runtime.database.transaction() as session:
        make_years(session)
    set_day(monkeypatch, "2026-11-20")
    coordinator = make_client(application, Role.COORDINATOR)
    signal = confirm_signal(application, coordinator)
    school = add_partner(coordinator, domains=["education"], grounds=["disability"])

    set_day(monkeypatch, "2027-02-10")
    coordinator = make_client(application, Role.COORDINATOR)
    load_plan(coordinator, NORM, period=[2026, 2028])
    assert stands(coordinator, "I1", 2027)["state"] == "pending"
    best = suggestions(coordinator, evidence="signal")[0]
    assert best["evidence"]["signal_id"] == signal["id"]
    assert best["evidence"]["number"] == 12
    assert best["score"] == sum(term["points"] for term in best["terms"])
    assert [one["partner_id"] for one in best["partners"]] == [school["id"]]
    assert best["before"] == []
    assert accept(coordinator, best)["state"] == "accepted"

    action = plan(coordinator, kind=best["kind"], suggestion_ids=[best["id"]])
    assert action["reference"].startswith("P-2027-0000")
    assert action["cell"] == signal["cell"]
    (link,) = action["based_on"]
    assert link["suggestion"]["id"] == best["id"]
    assert (link["signal"]["reference"], link["signal"]["year"]) == (signal["reference"], 2026)
    assert stands(coordinator, "I1", 2027)["state"] == "pending"
    move(coordinator, action, ("running", "2027-02-01"))
    assert stands(coordinator, "I1", 2027)["state"] == "met"
    move(coordinator, action, ("completed", "2027-02-08"))

    with application.state.runtime.database.transaction() as session:
        add_past(session, "2027-03-10", "2027-04-10")
    set_day(monkeypatch, "2027-06-02")
    coordinator = make_client(application, Role.COORDINATOR)
    url = f"{V1}/prevention/actions/{action['id']}"
    told = {"text": "Vier scholen deden mee.", "participants": 63}
    result = done(coordinator.post(f"{url}/results", json=told), 201)
    measured: dict[str, Any] = result["measured"]
    assert measured["before_months"] == ["2026-11", "2026-12", "2027-01"]
    assert measured["after_months"] == ["2027-03", "2027-04", "2027-05"]
    assert (measured["before"], measured["after"], measured["verdict"]) == (0, 2, "too_few")
    assert "te weinig" in measured["sentences"]["nl"]
    reached = stands(coordinator, "I1", 2027)
    assert float(reached["value"]) == 1
    rows = done(coordinator.get(reached["link"]))["items"]
    assert [row["id"] for row in rows] == [action["id"]]
    (after,) = [
        one for one in suggestions(coordinator, kind=best["kind"]) if one["id"] == best["id"]
    ]
    assert after["before"][0]["reference"] == action["reference"]

    undone = act_on(coordinator, action, f"links/{link['id']}/undoing", reason="Vergissing.")
    assert done(undone)["based_on"][0]["undone_reason"] == "Vergissing."
    assert stands(coordinator, "I1", 2027)["state"] == "pending"

"""Every list reads along an index."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event, text

from app.core.access import Role
from app.core.database import Database
from tests.makers.identity import make_client
from tests.makers.partners import make_partner_client, new_partner

LISTS = [
    ("reports", {}),
    ("reports", {"status": "registered"}),
    ("reports", {"domain": "housing"}),
    ("reports", {"received_from": "2026-01-01", "received_to": "2026-02-01"}),
    ("reports", {"q": "genk"}),
    ("reports", {"q": "R-2026-1"}),
    ("reports", {"ground": "age"}),
    ("reports", {"handler": "7aa1c1ae-477f-4746-94d3-c566f528216e"}),
    ("cases", {}),
    ("cases", {"status": "open"}),
    ("cases", {"ground": "age"}),
    ("cases", {"district": "Winterslag"}),
    ("cases", {"q": "genk"}),
    ("events", {}),
    ("tasks", {}),
    ("tasks", {"mine": "true"}),
    ("commitments", {}),
    ("commitments", {"status": "pending"}),
    ("partners", {}),
    ("referrals", {}),
    ("referrals", {"status": "offered"}),
    ("referrals", {"partner": "7aa1c1ae-477f-4746-94d3-c566f528216e"}),
    ("referrals", {"case_id": "7aa1c1ae-477f-4746-94d3-c566f528216e"}),
    ("referrals", {"overdue": "true"}),
    ("partner/referrals", {}),
    ("partner/referrals", {"status": "offered"}),
    ("partners", {"active_in": "2025"}),
    ("plans", {}),
    ("partners", {"q": "bond", "kind": "association"}),
    ("partners", {"tier": "network", "ground": "age", "municipality": "Genk"}),
    ("activities", {}),
    ("activities", {"kind": "training"}),
    ("activities", {"partner": "7aa1c1ae-477f-4746-94d3-c566f528216e"}),
    ("activities", {"planned": "true"}),
    ("activities", {"kind": "training", "cancelled": "false"}),
    ("activities", {"held_from": "2026-01-01", "held_to": "2026-02-01"}),
    ("bulletins", {}),
    ("partners/{partner_id}/clients", {}),
    ("partners/{partner_id}/people", {}),
    ("person-requests", {}),
    ("person-requests", {"open": "true"}),
    ("users", {}),
    ("worklist", {}),
    ("deliveries", {}),
    ("deliveries", {"state": "dead"}),
]


@pytest.mark.parametrize(("path", "query"), LISTS)
def test_a_list_reads_along_an_index(
    application: FastAPI, database: Database, store: str, path: str, query: dict[str, str]
) -> None:
    if path.startswith("partner/"):
        client = make_partner_client(application, new_partner(application))
    else:
        client = make_client(application, Role.COORDINATOR, Role.ADMIN)
        path = path.format(partner_id=new_partner(application))
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith("SELECT") and " LIMIT " in statement:
            seen.append((statement, parameters))

    for engine in {database.engine, database._reader}:
        event.listen(engine, "before_cursor_execute", note)
    answer = client.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200
    for engine in {database.engine, database._reader}:
        event.remove(engine, "before_cursor_execute", note)
    assert seen
    with database.engine.connect() as connection:
        if store == "postgresql":
            # On tables this small a scan is cheaper: ask whether an index could serve at all.
            connection.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN " if store == "postgresql" else "EXPLAIN QUERY PLAN "
        for statement, parameters in seen:
            plan = connection.exec_driver_sql(explain + statement, parameters).all()
            lines = [str(row[-1]) for row in plan]
            scans = [
                line
                for line in lines
                if "Seq Scan" in line or (line.startswith("SCAN ") and "INDEX" not in line)
            ]
            assert scans == [], lines

"""Plans and entered values, as bodies to send and by HTTP."""

from collections.abc import Iterator
from typing import Any

from fastapi.testclient import TestClient

from tests.makers.tour import V1, done


def indicator_body(code: str = "I1", **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "code": code,
        "title": {"nl": "Vergaderingen van de werkgroep", "en": "Meetings of the working group"},
        "kind": "activity_count",
        "frequency": "yearly",
        "due_years": [2024, 2025],
        "norm": {
            "measure": "meetings",
            "measure_nl": "vergaderingen",
            "op": ">=",
            "value": 3,
            "per": "year",
        },
    }
    return body | changes


def plan_body(*indicators: dict[str, Any], **head: Any) -> dict[str, Any]:
    """A plan of 2024-2026 with one result."""
    return {
        "plan": {"title": {"nl": "Plan van de proefstad"}, "period": [2024, 2026], **head},
        "strategic": [
            {
                "code": "S1",
                "title": {"nl": "Gelijke kansen"},
                "tactical": [
                    {
                        "code": "T1",
                        "title": {"nl": "Samen werken"},
                        "operational": [
                            {
                                "code": "O1",
                                "title": {"nl": "Overleg"},
                                "results": [
                                    {
                                        "code": "R1",
                                        "title": {"nl": "Er is overleg"},
                                        "indicators": list(indicators) or [indicator_body()],
                                    }
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    }


def load_plan(worker: TestClient, *indicators: dict[str, Any], **head: Any) -> dict[str, Any]:
    return done(worker.post(f"{V1}/plans", json=plan_body(*indicators, **head)), 201)


def send_value(worker: TestClient, code: str, year: int, **fields: Any) -> Any:
    body = {"year": year, "evidence": "Verslag in het archief van de dienst."} | fields
    return worker.post(f"{V1}/indicators/{code}/values", json=body)


def read_tree(worker: TestClient, year: int, **query: Any) -> dict[str, Any]:
    return done(worker.get(f"{V1}/indicators", params={"year": year, **query}))


def in_tree(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The indicators, in the order of the plan."""
    for strategic in tree["strategic"]:
        for tactical in strategic["tactical"]:
            for operational in tactical["operational"]:
                for result in operational["results"]:
                    yield from result["indicators"]


def stands(worker: TestClient, code: str, year: int, **query: Any) -> dict[str, Any]:
    """One indicator of the tree of a year."""
    return next(one for one in in_tree(read_tree(worker, year, **query)) if one["code"] == code)

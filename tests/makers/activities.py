"""Activities and bulletins, as bodies to send and by HTTP."""

from typing import Any

from fastapi.testclient import TestClient

from tests.makers.tour import V1, done, in_days


def activity_body(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "kind": "core_group_meeting",
        "title": "Kerngroep van het voorjaar",
        "held_on": in_days(-10),
    }
    return body | changes


def add_activity(worker: TestClient, **changes: Any) -> dict[str, Any]:
    """With one action point, of the worker's own, unless `changes` say otherwise."""
    points = [
        {
            "text": "De folder nalezen.",
            "owner_id": worker.headers["X-Test-Account"],
            "due_on": in_days(7),
        }
    ]
    body = activity_body(action_points=points) | changes
    return done(worker.post(f"{V1}/activities", json=body), 201)


def change_activity(worker: TestClient, activity: dict[str, Any], **changes: Any) -> Any:
    return worker.patch(
        f"{V1}/activities/{activity['id']}",
        json=changes,
        headers={"If-Match": f'"{activity["version"]}"'},
    )


def measurement(**changes: Any) -> dict[str, Any]:
    """The figures of an awareness measurement."""
    figures: dict[str, Any] = {
        "population": 65_000,
        "sample": 400,
        "aware": 132,
        "by_group": [
            {"group": "jongeren", "sample": 90, "aware": 18},
            {"group": "ouderen", "sample": 120, "aware": 51},
        ],
    }
    return figures | changes


def bulletin_body(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "title": "Nieuws van het bureau",
        "body": "De kerngroep vergaderde.\n\nDe volgende keer is in het najaar.",
        "language": "nl",
        "audience": {"kinds": ["association"]},
    }
    return body | changes


def send_bulletin(worker: TestClient, bulletin: dict[str, Any]) -> Any:
    return worker.post(
        f"{V1}/bulletins/{bulletin['id']}/sending",
        headers={"If-Match": f'"{bulletin["version"]}"'},
    )

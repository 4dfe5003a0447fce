"""The part of the tour through prevention."""

from typing import TYPE_CHECKING, Any

from fastapi.testclient import TestClient

from tests.makers.tour import V1, in_days

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def prevent(recorder: "Recorder", coordinator: TestClient) -> None:
    """On the signal that was confirmed before."""
    recorder.send(coordinator, "GET", f"{V1}/prevention/kinds")
    [signal] = recorder.send(coordinator, "GET", f"{V1}/signals?origin=detected")["items"]
    year = signal["last_month"][:4]
    listed = recorder.send(
        coordinator, "GET", f"{V1}/prevention/suggestions?based_on_year={year}&evidence=signal"
    )
    best, other = listed["items"][:2]
    url = f"{V1}/prevention/suggestions/{best['id']}"
    recorder.send(coordinator, "GET", url)
    recorder.send(
        coordinator,
        "POST",
        f"{url}/decisions",
        {"decision": "accept", "reason": "De sportdienst wil meedoen."},
        version=best["version"],
    )
    recorder.send(
        coordinator,
        "POST",
        f"{V1}/prevention/suggestions/{other['id']}/decisions",
        {"decision": "postpone", "until": in_days(60)},
        version=other["version"],
    )
    action = recorder.send(
        coordinator,
        "POST",
        f"{V1}/prevention/actions",
        {
            "kind": best["kind"],
            "title": "Vorming voor sportclubs",
            "goals": "Begeleiders herkennen uitsluiting en weten wat te doen.",
            "target_groups": ["begeleiders van jeugdploegen"],
            "least_heard": "Ouders die weinig Nederlands spreken, met een tolk.",
            "planned_from": in_days(0),
            "planned_to": in_days(30),
            "planned_cents": 120_000,
            "suggestion_ids": [best["id"]],
        },
    )
    url = f"{V1}/prevention/actions/{action['id']}"

    def act(name: str, body: Any) -> dict[str, Any]:
        version = recorder.send(coordinator, "GET", url)["version"]
        return recorder.send(coordinator, "POST", f"{url}/{name}", body, version=version)

    recorder.send(coordinator, "GET", f"{V1}/prevention/actions?status=planned")
    recorder.send(coordinator, "PATCH", url, {"spent_cents": 40_000}, version=action["version"])
    linked = act("links", {"signal_id": signal["id"]})
    doubled = next(link for link in linked["based_on"] if link["suggestion"] is None)
    reason = {"reason": "Het voorstel zegt het al."}
    act(f"links/{doubled['id']}/undoing", reason)
    point = recorder.send(
        coordinator,
        "POST",
        f"{url}/action-points",
        {
            "text": "De lijst van clubs opvragen.",
            "owner_id": coordinator.headers["X-Test-Account"],
            "due_on": in_days(7),
        },
    )
    recorder.send(coordinator, "POST", f"{V1}/prevention/action-points/{point['id']}/completion")
    act("moves", {"to": "running"})
    act("moves", {"to": "completed"})
    told = {"text": "Elf clubs kwamen, twee maakten een afspraak.", "participants": 34}
    recorder.send(coordinator, "POST", f"{url}/results", told)

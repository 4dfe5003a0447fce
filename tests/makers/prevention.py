"""Confirmed signals, suggestions and actions, by HTTP."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.core import clock
from app.intake.domain import GroundLink, ReportStatus
from app.intake.imported import PastReport, add_past_reports
from tests.makers.intake import PERIODS, make_draft
from tests.makers.signals import look
from tests.makers.tour import V1, done


def set_day(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """Log in after it: sessions end."""
    moment = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=9)
    monkeypatch.setattr(clock, "now", lambda: moment)


def add_past(
    session: Session,
    *days: str,
    domain: str = "education",
    ground: str = "disability",
    municipality: str | None = "Hasselt",
    district: str | None = "Runkst",
    **draft: Any,
) -> list[Any]:
    """A report received on each day; ids in their order."""
    pasts = [
        PastReport(
            make_draft(
                domain=domain,
                grounds=[(ground, GroundLink.OWN)],
                incident_municipality=municipality,
                incident_district=district,
                occurred_from=date.fromisoformat(day),
                **draft,
            ),
            date.fromisoformat(day),
            ReportStatus.REGISTERED_ONLY,
            date.fromisoformat(day),
        )
        for day in days
    ]
    return list(add_past_reports(session, pasts, periods=PERIODS))


def confirm_signal(application: FastAPI, coordinator: TestClient) -> dict[str, Any]:
    """Of the rise of `make_years`, found and confirmed."""
    look(application)
    (signal,) = done(coordinator.get(f"{V1}/signals?origin=detected"))["items"]
    return decide_on_signal(coordinator, signal["id"], decision="confirm")


def decide_on_signal(coordinator: TestClient, signal_id: str, **body: Any) -> dict[str, Any]:
    url = f"{V1}/signals/{signal_id}"
    etag = {"If-Match": coordinator.get(url).headers["ETag"]}
    return done(coordinator.post(f"{url}/decisions", json=body, headers=etag), 201)


def observe(worker: TestClient, **changes: Any) -> dict[str, Any]:
    body = {
        "source": "street",
        "description": "Jongeren vertellen dat drie zalen hen niet binnenlaten.",
        "first_month": "2026-09",
        "last_month": "2026-10",
        "ground": "national_ethnic_origin",
        "domain": "culture_sport_leisure",
        "municipality": "Genk",
    }
    return done(worker.post(f"{V1}/signals", json=body | changes), 201)


def suggestions(client: TestClient, year: int = 2026, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = done(
        client.get(f"{V1}/prevention/suggestions", params={"based_on_year": year, **query})
    )["items"]
    return found


def decide(client: TestClient, suggestion: dict[str, Any], decision: str, **more: Any) -> Any:
    """On the version that was shown."""
    return client.post(
        f"{V1}/prevention/suggestions/{suggestion['id']}/decisions",
        json={"decision": decision, **more},
        headers={"If-Match": f'"{suggestion["version"]}"'},
    )


def accept(client: TestClient, suggestion: dict[str, Any]) -> dict[str, Any]:
    return done(decide(client, suggestion, "accept"), 201)


def action_body(**changes: Any) -> dict[str, Any]:
    body = {
        "kind": "sector_training",
        "title": "Vorming voor scholen",
        "goals": "Leerkrachten kennen redelijke aanpassingen.",
    }
    return body | changes


def plan(client: TestClient, **changes: Any) -> dict[str, Any]:
    return done(client.post(f"{V1}/prevention/actions", json=action_body(**changes)), 201)


def act_on(client: TestClient, action: dict[str, Any], act: str, **body: Any) -> Any:
    """A post below an action that needs If-Match, on the action as it stands."""
    url = f"{V1}/prevention/actions/{action['id']}"
    etag = client.get(url).headers["ETag"]
    return client.post(f"{url}/{act}", json=body, headers={"If-Match": etag})


def move(client: TestClient, action: dict[str, Any], *steps: tuple[str, str]) -> dict[str, Any]:
    """steps: status and day."""
    found = action
    for to, on in steps:
        found = done(act_on(client, action, "moves", to=to, on=on))
    return found

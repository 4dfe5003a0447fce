"""The part of the tour that shows activities, calendars and bulletins."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.activities.domain import last_settled_year
from tests.makers.activities import bulletin_body, measurement
from tests.makers.intake import make_report
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.tour import V1, in_days

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def take(recorder: "Recorder", application: FastAPI, worker: TestClient) -> None:
    partner = new_partner(application)
    _activities(recorder, worker, partner)
    _calendars(recorder, application, worker, partner)
    _bulletins(recorder, application, worker, partner)


def _activities(recorder: "Recorder", worker: TestClient, partner: UUID) -> None:
    me = recorder.send(worker, "GET", f"{V1}/me")["id"]
    meeting = recorder.send(
        worker,
        "POST",
        f"{V1}/activities",
        {
            "kind": "core_group_meeting",
            "title": "Kerngroep van het voorjaar",
            "held_on": in_days(-3),
            "place": "Stadhuis",
            "partner_ids": [str(partner)],
            "attendee_ids": [me],
            "guests": ["A. Fictief (Wijkhuis Voorbeeld)"],
            "minutes": "De samenwerking werd besproken.",
            "target_groups": ["huurders"],
            "figures": {"participants": 9},
            "action_points": [
                {"text": "De folder nalezen.", "owner_id": me, "due_on": in_days(14)}
            ],
        },
    )
    url = f"{V1}/activities/{meeting['id']}"
    recorder.send(worker, "GET", f"{V1}/activities?kind=core_group_meeting&count=true")
    meeting = recorder.send(worker, "GET", url)
    recorder.send(
        worker,
        "PATCH",
        url,
        {"kind": "awareness_measurement", "figures": measurement()},
        version=meeting["version"],
    )
    point = recorder.send(
        worker,
        "POST",
        f"{url}/action-points",
        {"text": "Een datum voorstellen.", "owner_id": me, "due_on": in_days(30)},
    )
    recorder.send(worker, "POST", f"{V1}/action-points/{point['id']}/completion")


def _calendars(
    recorder: "Recorder", application: FastAPI, worker: TestClient, partner: UUID
) -> None:
    recorder.send(worker, "POST", f"{V1}/partners/{partner}/calendar")
    issued = recorder.send(worker, "POST", f"{V1}/me/calendar")
    recorder.send(TestClient(application), "GET", f"{issued['calendar_path']}?lang=nl")


def _bulletins(
    recorder: "Recorder", application: FastAPI, worker: TestClient, partner: UUID
) -> None:
    year = last_settled_year(date.fromisoformat(in_days(0)))
    with application.state.runtime.database.transaction() as session:
        for _ in range(5):
            make_report(session, received_at=datetime(year, 5, 5, 11, tzinfo=UTC))
    draft = recorder.send(
        worker,
        "POST",
        f"{V1}/bulletins",
        bulletin_body(figures=[{"name": "reports.total", "year": year}]),
    )
    url = f"{V1}/bulletins/{draft['id']}"
    recorder.send(
        worker, "PATCH", url, {"audience": {"kinds": ["association"]}}, version=draft["version"]
    )
    version = recorder.send(worker, "GET", url)["version"]
    recorder.send(worker, "POST", f"{url}/sending", version=version)
    recorder.send(worker, "GET", f"{V1}/bulletins")
    reader = make_partner_client(application, partner)
    recorder.send(reader, "GET", f"{V1}/partner/bulletins")
    recorder.send(reader, "GET", f"{V1}/partner/bulletins/{draft['id']}")

"""Steps of the tour: files of reports, cases, talks, agreements and activities."""

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.makers.activities import add_activity
from tests.makers.attachments import PDF
from tests.makers.intake import report_body
from tests.makers.partners import add_agreement, add_partner
from tests.makers.tour import add_case, start_talks

if TYPE_CHECKING:
    from tests.api.tour import Recorder

V1 = "/api/v1"
FILE = ("brief.pdf", PDF)


def tour_attachments(recorder: "Recorder", application: FastAPI, worker: TestClient) -> None:
    case = add_case(worker)
    talks = start_talks(worker, case["id"])
    report_url = f"{V1}/reports/{case['reports'][0]['id']}/attachments"
    added = recorder.send(worker, "POST", report_url, file=FILE)
    recorder.send(worker, "GET", report_url)
    agreement = add_agreement(worker, add_partner(worker, "Wijkhuis Voorbeeld")["id"])
    activity = add_activity(worker)
    for owner in (
        f"cases/{case['id']}",
        f"negotiations/{talks['id']}",
        f"partner-agreements/{agreement['id']}",
        f"activities/{activity['id']}",
    ):
        recorder.send(worker, "POST", f"{V1}/{owner}/attachments", file=FILE)
        recorder.send(worker, "GET", f"{V1}/{owner}/attachments")
    recorder.send(worker, "GET", f"{V1}/attachments/{added['id']}")
    recorder.send(worker, "DELETE", f"{V1}/attachments/{added['id']}")
    somebody = TestClient(application)
    code = somebody.post(f"{V1}/public/reports", json=report_body()).json()["receipt_code"]
    token = somebody.post(f"{V1}/public/receipts/token", json={"receipt_code": code}).json()
    somebody.headers["Authorization"] = f"Bearer {token['access_token']}"
    recorder.send(somebody, "POST", f"{V1}/public/report/attachments", file=FILE)
    recorder.send(somebody, "GET", f"{V1}/public/report/attachments")

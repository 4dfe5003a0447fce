"""The part of the tour through the requests of people."""

from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from tests.makers.retention import today
from tests.makers.rights import REQUESTS, named_report
from tests.makers.tour import V1

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def ask_and_answer(recorder: "Recorder", worker: TestClient) -> None:
    report = recorder.send(worker, "POST", f"{V1}/reports", named_report())
    body = {
        "kind": "access",
        "role": "reporter",
        "received_on": today().isoformat(),
        "language": "nl",
        "name": "Voorbeeld Melder",
        "contact": "melder@example.org",
    }
    request = recorder.send(worker, "POST", REQUESTS, body)
    recorder.send(worker, "GET", f"{REQUESTS}?open=true")
    url = f"{REQUESTS}/{request['id']}"
    recorder.send(worker, "GET", url)
    recorder.send(worker, "PUT", f"{url}/subjects", {"report_ids": [report["id"]]}, version=1)
    extension = {"months": 1, "reason": "Twee dossiers, veel stukken."}
    recorder.send(worker, "POST", f"{url}/extension", extension, version=2)
    recorder.send(worker, "POST", f"{url}/identity", {"how": "document_seen"}, version=3)
    recorder.send(worker, "GET", f"{url}/export")
    recorder.send(worker, "GET", f"{url}/export.html")
    shown = {"kinds": ["partner_texts"], "reason": "Nagelezen: het gaat enkel over de melder."}
    recorder.send(worker, "PUT", f"{url}/unmasked", shown, version=4)
    decision = {"decision": "granted", "reason": "Volledige inzage, met een kopie."}
    recorder.send(worker, "POST", f"{url}/decision", decision, version=5)

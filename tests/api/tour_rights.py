"""The part of the tour through the requests of people."""

from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from tests.makers.retention import today
from tests.makers.rights import REQUESTS, asked, decide_on_report, named_report
from tests.makers.tour import V1, in_days

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
    _carry_out(recorder, worker, report["id"])


def _carry_out(recorder: "Recorder", worker: TestClient, report_id: str) -> None:
    granted = {
        kind: asked(worker, kind, reports=(report_id,), decision="granted")
        for kind in ("rectification", "erasure", "restriction")
    }
    rectification = {
        "report_id": report_id,
        "field": "name",
        "value": "Juiste Naam",
        "reason": "Verkeerd genoteerd aan de telefoon.",
    }
    url = f"{REQUESTS}/{granted['rectification']['id']}/rectifications"
    recorder.send(worker, "POST", url, rectification)
    recorder.send(worker, "GET", url)
    restriction = {"reason": "De juistheid wordt betwist.", "review_on": in_days(60)}
    url = f"{REQUESTS}/{granted['restriction']['id']}/restriction"
    recorder.send(worker, "POST", url, restriction, version=4)
    lifting = {"reason": "De juistheid is vastgesteld; de melder weet het."}
    recorder.send(worker, "POST", f"{url}/lifting", lifting, version=5)
    decide_on_report(worker, report_id)
    url = f"{REQUESTS}/{granted['erasure']['id']}/disposal"
    recorder.send(worker, "POST", url, {"reason": "Verzoek, toegestaan."}, version=4)

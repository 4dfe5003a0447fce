"""The part of the tour through holds and disposals."""

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from app.core import clock
from tests.makers.intake import report_body
from tests.makers.retention import close
from tests.makers.tour import V1

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def hold_and_dispose(recorder: "Recorder", worker: TestClient, auditor: TestClient) -> None:
    report = recorder.send(worker, "POST", f"{V1}/reports", report_body(channel="phone"))
    case = recorder.send(worker, "POST", f"{V1}/cases", {"report_ids": [report["id"]]})
    close(worker, case["id"])
    recorder.send(worker, "GET", f"{V1}/retention/schedule")
    recorder.send(worker, "GET", f"{V1}/retention/due?kind=case")
    hold = {
        "kind": "case",
        "subject_id": case["id"],
        "reason": "Het parket kan ernaar vragen.",
        "review_on": (clock.local_date(clock.now()) + timedelta(days=180)).isoformat(),
    }
    placed = recorder.send(worker, "POST", f"{V1}/retention/holds", hold)
    recorder.send(worker, "GET", f"{V1}/retention/holds")
    recorder.send(worker, "POST", f"{V1}/retention/holds/{placed['id']}/lifting")
    proposal = {
        "kind": "case",
        "basis": "erasure",
        "subject_ids": [case["id"]],
        "reason": "Verzoek om wissing van 3 maart, toegestaan.",
    }
    disposal = recorder.send(worker, "POST", f"{V1}/disposals", proposal)
    url = f"{V1}/disposals/{disposal['id']}"
    recorder.send(auditor, "GET", f"{V1}/disposals")
    recorder.send(auditor, "GET", f"{url}/items")
    recorder.send(auditor, "GET", url)
    reason = {"reason": "Eerst de termijn voor beroep afwachten."}
    recorder.send(auditor, "POST", f"{url}/rejection", reason, version=1)
    again = recorder.send(worker, "POST", f"{V1}/disposals", proposal)
    recorder.send(auditor, "POST", f"{V1}/disposals/{again['id']}/approval", version=1)

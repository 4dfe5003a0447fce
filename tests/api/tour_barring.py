"""The part of the tour through conflicts of interest."""

from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from tests.makers.identity import account_id
from tests.makers.intake import report_body
from tests.makers.tour import V1

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def bar_and_readmit(recorder: "Recorder", worker: TestClient, colleague: TestClient) -> None:
    report = recorder.send(worker, "POST", f"{V1}/reports", report_body(channel="phone"))
    whom = {"account_id": str(account_id(colleague)), "reason": "Familie van de verhuurder."}
    url = f"{V1}/reports/{report['id']}/barred"
    recorder.send(worker, "POST", url, whom)
    recorder.send(worker, "GET", url)
    recorder.send(worker, "DELETE", f"{url}/{whom['account_id']}")
    case = recorder.send(worker, "POST", f"{V1}/cases", {"report_ids": [report["id"]]})
    url = f"{V1}/cases/{case['id']}/barred"
    recorder.send(worker, "POST", url, whom)
    recorder.send(worker, "GET", url)
    recorder.send(worker, "DELETE", f"{url}/{whom['account_id']}")

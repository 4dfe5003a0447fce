"""The part of the tour through the yearly report: written, reviewed, published."""

from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from app.core import clock
from tests.makers.tour import V1

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def write_and_publish(
    recorder: "Recorder", coordinator: TestClient, analyst: TestClient, somebody: TestClient
) -> None:
    url = f"{V1}/annual-reports/{clock.local_date(clock.now()).year - 1}"
    recorder.send(coordinator, "GET", f"{url}/named-figures?lang=fr")
    section = f"{url}/narratives/reports"
    text = recorder.send(coordinator, "GET", f"{section}?lang=nl")
    body = {"text": "Het bureau kreeg {{ reports.total }} meldingen."}
    recorder.send(coordinator, "PUT", f"{section}?lang=nl", body, version=text["version"])
    resources = recorder.send(coordinator, "GET", f"{url}/resources")
    had = {"staff_hundredths": 350, "budget_cents": 24_000_000, "spent_cents": 23_150_000}
    recorder.send(coordinator, "PUT", f"{url}/resources", had, version=resources["version"])
    draft = recorder.send(analyst, "GET", f"{url}/draft")
    review = {"decision": "approve", "draft": draft["draft"], "remarks": "Nagelezen."}
    recorder.send(analyst, "POST", f"{url}/reviews", review)
    published = recorder.send(coordinator, "POST", f"{url}/publications", {"reason": None})
    recorder.send(coordinator, "GET", f"{url}/publications")
    version = f"{url}/publications/{published['version']}"
    recorder.send(coordinator, "GET", f"{version}?lang=fr")
    recorder.send(coordinator, "GET", f"{version}/difference")
    recorder.send(somebody, "GET", f"{V1}/public/annual-reports")
    year = clock.local_date(clock.now()).year - 1
    recorder.send(coordinator, "GET", f"{url}/document?format=csv&lang=en")
    recorder.send(coordinator, "GET", f"{version}/document?format=csv&lang=fr&audience=public")
    evaluation = f"{V1}/evaluations/{year - 2}-{year}/document"
    recorder.send(coordinator, "GET", f"{evaluation}?format=csv&lang=nl")
    everybody = f"{V1}/public/annual-reports/{year}/document"
    recorder.send(somebody, "GET", f"{everybody}?format=csv&lang=nl")

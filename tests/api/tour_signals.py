"""The part of the tour through signals."""

from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from app.core import clock
from app.signals.domain import month_before, month_of
from tests.makers.intake import report_body
from tests.makers.tour import V1

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def see_and_decide(recorder: "Recorder", coordinator: TestClient) -> None:
    """Two years in which little was reported about hobbies, and a month in which much was."""
    over = month_before(month_of(clock.local_date(clock.now())))
    told = {month_before(over, ago): 1 for ago in range(3, 33, 2)} | {over: 9}
    incident = report_body()["incident"] | {"domain": "culture_sport_leisure"}
    del incident["occurred_from"]
    for month, number in told.items():
        for _ in range(number):
            report = report_body(channel="phone", incident=incident)
            report["received_at"] = f"{month}-10T10:00:00Z"
            recorder.send(coordinator, "POST", f"{V1}/reports", report)
    run = recorder.send(coordinator, "POST", f"{V1}/signals/detections", {"through": over})
    recorder.send(coordinator, "GET", f"{V1}/signals/detections")
    recorder.send(coordinator, "GET", f"{V1}/signals/detections/{run['id']}")
    recorder.send(coordinator, "GET", f"{V1}/signals/detections/{run['id']}/repetition")
    found = recorder.send(coordinator, "GET", f"{V1}/signals?origin=detected&status=new")
    year = int(over[:4])
    recorder.send(coordinator, "GET", f"{V1}/signals/trends?from={year - 4}&to={year}&by=domain")
    months = f"from={month_before(over, 11)}&to={over}"
    recorder.send(coordinator, "GET", f"{V1}/signals/associations?{months}")
    url = f"{V1}/signals/{found['items'][0]['id']}"
    signal = recorder.send(coordinator, "GET", url)
    recorder.send(coordinator, "GET", f"{url}/reports")
    recorder.send(coordinator, "GET", f"{url}/chart?language=fr")
    decision = {"decision": "confirm", "reason": "Ook de sportdienst hoort het."}
    recorder.send(coordinator, "POST", f"{url}/decisions", decision, version=signal["version"])
    observation = {
        "source": "street",
        "description": "Jongeren vertellen dat drie zalen hen niet binnenlaten.",
        "first_month": over,
        "last_month": over,
        "ground": "national_ethnic_origin",
        "domain": "culture_sport_leisure",
        "municipality": "Genk",
    }
    recorder.send(coordinator, "POST", f"{V1}/signals", observation)

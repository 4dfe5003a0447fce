"""The part of the tour through the indicators of a plan."""

from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from tests.makers.indicators import indicator_body, plan_body
from tests.makers.tour import V1

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def load_and_enter(recorder: "Recorder", coordinator: TestClient) -> None:
    """A plan of one indicator, what was reached of it, and a mistake that is taken back."""
    plan = recorder.send(coordinator, "POST", f"{V1}/plans", plan_body(indicator_body("R1-I1")))
    recorder.send(coordinator, "GET", f"{V1}/plans")
    recorder.send(coordinator, "GET", f"{V1}/plans/{plan['id']}")
    url = f"{V1}/indicators/R1-I1"
    value = {
        "year": 2024,
        "value": 3,
        "evidence": "Drie verslagen van de werkgroep, in het archief van de dienst.",
        "link": "https://stad.example/werkgroep/2024",
    }
    recorder.send(coordinator, "POST", f"{url}/values", value)
    recorder.send(coordinator, "POST", f"{url}/values", value | {"year": 2025})
    withdrawal = {"year": 2025, "reason": "De verslagen waren van 2024."}
    recorder.send(coordinator, "POST", f"{url}/withdrawals", withdrawal)
    recorder.send(coordinator, "GET", f"{V1}/indicators?year=2024&lang=en")
    recorder.send(coordinator, "GET", f"{V1}/indicators/export?year=2024&format=csv")
    recorder.send(coordinator, "GET", url)

"""The partner network in the walk through every operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from tests.makers.tour import in_days

if TYPE_CHECKING:
    from tests.api.tour import Recorder

V1 = "/api/v1"


def tour_partners(recorder: Recorder, worker: TestClient) -> None:
    partner = recorder.send(
        worker,
        "POST",
        f"{V1}/partners",
        {
            "name": "Huurdersbond Voorbeeld",
            "kind": "association",
            "tier": "network",
            "territory": ["Genk", "Zutendaal"],
            "domains": ["housing"],
            "languages": ["nl", "tr"],
            "accessibility": ["interpreter", "wheelchair"],
            "contacts": [
                {"name": "A. Voorbeeld", "function": "onthaal", "email": "onthaal@example.org"}
            ],
        },
    )
    url = f"{V1}/partners/{partner['id']}"
    recorder.send(worker, "GET", f"{V1}/partners?domain=housing&municipality=genk")
    recorder.send(worker, "GET", url)
    recorder.send(
        worker,
        "PATCH",
        url,
        {"tier": "core_group", "tier_from": in_days(7)},
        version=partner["version"],
    )
    recorder.send(worker, "GET", f"{url}/history")
    agreement = recorder.send(
        worker,
        "POST",
        f"{url}/agreements",
        {
            "kind": "service_area",
            "purposes": ["meldingen van inwoners behandelen"],
            "shared_fields": ["domain", "grounds", "period"],
            "territory": ["Zutendaal"],
            "valid_from": in_days(-30),
        },
    )
    recorder.send(worker, "GET", f"{url}/agreements")
    agreement_url = f"{V1}/partner-agreements/{agreement['id']}"
    recorder.send(worker, "GET", agreement_url)
    recorder.send(
        worker,
        "PATCH",
        agreement_url,
        {"valid_to": in_days(700), "renewal_on": in_days(600)},
        version=agreement["version"],
    )
    recorder.send(worker, "GET", f"{V1}/service-area?on={in_days(0)}")
    recorder.send(
        worker,
        "GET",
        f"{V1}/partners/matches?ground=descent&domain=housing&municipality=Genk&language=tr",
    )

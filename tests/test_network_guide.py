"""What docs/network.md tells partners to write works against this bureau."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.notifications.delivery import deliver_due
from app.settings import Settings
from tests.makers.identity import make_client
from tests.makers.notifications import Receiver, with_private_hooks
from tests.makers.partner_access import make_key
from tests.makers.partners import new_partner
from tests.makers.referrals import refer
from tests.makers.tour import V1, done

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "network.md"


def _written(name: str) -> Callable[..., Any]:
    """The function of this name in the guide."""
    for block in re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL):
        if f"def {name}(" in block:
            space: dict[str, Any] = {}
            exec(block, space)  # noqa: S102  (our own page)
            found: Callable[..., Any] = space[name]
            return found
    raise AssertionError(f"the guide has no function {name}")


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def test_a_signed_login_as_written_opens_once(
    application: FastAPI, client: TestClient, worker: TestClient, settings: Settings
) -> None:
    partner_id = new_partner(application)
    made = done(worker.post(f"{V1}/partners/{partner_id}/clients", json={"title": "Ons"}), 201)
    key = make_key()
    public = key.as_dict(private=False)
    jwk = {name: public[name] for name in ("kty", "crv", "x", "y")}
    done(worker.put(f"{V1}/partner-clients/{made['id']}/key", json={"jwk": jwk}))
    form = _written("token_form")(key, made["client_id"], settings.token_url)
    assert done(client.post(f"{V1}/auth/token", data=form))["access_token"]
    assert client.post(f"{V1}/auth/token", data=form).json()["code"] == "invalid_client"


def test_a_webhook_is_verified_as_written_and_a_double_dropped(
    application: FastAPI, worker: TestClient, settings: Settings, database: Database
) -> None:
    partner_id: UUID = new_partner(application)
    private = with_private_hooks(settings)
    application.state.runtime.settings = private
    with Receiver().open() as receiver:
        hook = {"url": receiver.url()}
        made = done(worker.post(f"{V1}/partners/{partner_id}/webhooks", json=hook), 201)
        referral = refer(worker, partner_id)
        deliver_due(database, private, clock.now())
        (got,) = receiver.received
    is_news = _written("is_news")
    assert '"type":"referral.offered"' in got.body
    assert referral["id"] in got.body
    assert not is_news(made["secret"], got.body.replace("offered", "message"), got.headers)
    assert is_news(made["secret"], got.body, got.headers)
    assert not is_news(made["secret"], got.body, got.headers)


def test_the_steps_in_the_guide_are_those_of_the_bureau() -> None:
    from app.referrals.domain import ReferralEvent, ReferralStatus

    text = GUIDE.read_text("utf-8")
    for code in (*ReferralEvent, *(set(ReferralStatus) - {ReferralStatus.SUBMITTED})):
        assert f"`{code.value}`" in text, code

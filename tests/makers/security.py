"""Applications with limits of their own, and clients from anywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient

from app.api.flood import zero_bits
from app.main import create_app
from app.settings import DEFAULT_RATE_LIMITS, Settings


@contextmanager
def limited_client(settings: Settings, **changes: Any) -> Iterator[TestClient]:
    """Nobody, at an application where the limits work; `changes` are settings."""
    limits = {"rate_limits": DEFAULT_RATE_LIMITS} | changes
    application = create_app(settings.model_copy(update=limits))
    try:
        yield TestClient(application, raise_server_exceptions=False)
    finally:
        application.state.runtime.database.close()


def solve(challenge: dict[str, Any]) -> str:
    """The value of `Challenge-Answer`, by trying."""
    counter = 0
    while zero_bits(answer := f"{challenge['challenge']}.{counter}") < challenge["difficulty"]:
        counter += 1
    return answer

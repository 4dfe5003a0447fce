"""What is guarded here comes before the store: one of them is enough."""

import pytest


@pytest.fixture
def store() -> str:
    return "sqlite"

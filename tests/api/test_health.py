"""Alive is not ready."""

from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.makers.intake import report_body

NOBODY_LISTENS = "postgresql://nobody@127.0.0.1:9/none"


def test_without_its_database_the_server_lives_and_is_not_ready() -> None:
    client = TestClient(create_app(Settings(database_url=NOBODY_LISTENS, log_level="error")))
    assert client.get("/health/live").status_code == 200
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["reason"]) == (503, "database")
    answer = client.post("/api/v1/public/reports", json=report_body())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["code"] == "unavailable"

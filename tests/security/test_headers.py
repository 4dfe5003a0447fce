"""Every answer tells the browser to load, frame, keep and pass on nothing."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.headers import DEFAULTS
from app.core.access import Role
from app.settings import Settings
from tests.makers.identity import make_client
from tests.makers.security import limited_client

ANSWERS = [
    ("GET", "/health/live", 200),
    ("GET", "/api/v1/me", 401),
    ("GET", "/api/v1/nothing", 404),
    ("DELETE", "/api/v1/me", 405),
    ("GET", "/openapi.json", 200),
    ("POST", "/api/v1/public/reports", 422),
    ("GET", f"/health/live?{'a' * 5000}", 414),
    ("GET", "/api/v1/me/", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_is_safe(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    for name, value in DEFAULTS.items():
        assert answer.headers.get_list(name.decode()) == [value.decode()], name
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Server" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_a_304_and_an_answer_after_a_crash_are_safe_too(
    application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    path = worker.post("/api/v1/me/calendar").json()["calendar_path"]
    nobody = TestClient(application)
    found = nobody.get(path)
    unchanged = nobody.get(path, headers={"If-None-Match": found.headers["ETag"]})
    assert unchanged.status_code == 304

    def broken(*_arguments: object) -> None:
        raise RuntimeError("made up")

    monkeypatch.setattr("app.api.health.Health.__init__", broken)
    crashed = TestClient(application, raise_server_exceptions=False).get("/health/live")
    assert crashed.status_code == 500
    assert "made up" not in crashed.text
    for answer in (unchanged, crashed):
        for name, value in DEFAULTS.items():
            assert answer.headers[name.decode()] == value.decode()


@pytest.mark.parametrize(
    ("public_url", "held"), [("https://bureau.example", True), ("http://127.0.0.1:8000", False)]
)
def test_browsers_are_held_to_https_where_there_is_https(
    settings: Settings, public_url: str, held: bool
) -> None:
    with limited_client(settings, public_url=public_url) as client:
        headers = client.get("/health/live").headers
    assert ("Strict-Transport-Security" in headers) is held


@pytest.mark.parametrize("path", ["/api/v1/public/reports", "/api/v1/reports", "/health/live"])
def test_no_other_origin_may_read_or_send(client: TestClient, path: str) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    preflight = client.options(
        path,
        headers=origin
        | {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert preflight.status_code == 405
    for answer in (preflight, client.get(path, headers=origin)):
        assert [name for name in answer.headers if name.startswith("access-control")] == []


def test_the_documentation_page_is_served_from_here_alone(client: TestClient) -> None:
    page = client.get("/docs")
    policy = page.headers["Content-Security-Policy"]
    assert page.status_code == 200
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(sources) >= 4
    for source in sources:
        assert "//" not in source
        assert client.get(f"/{source}").status_code == 200, source
    assert "http" not in page.text
    for name in ("../settings.py", "%2e%2e%2fsettings.py", "__init__.py"):
        assert client.get(f"/docs/{name}").status_code == 404
    assert client.get("/redoc").status_code == 404

"""The tour of the README works line by line."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.server import Server, environment

ROOT = Path(__file__).resolve().parents[1]
TOUR = "## A tour in five minutes"


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    server = Server(database_url)
    server.start()
    yield server
    server.stop()


def test_the_tour_works_line_by_line(server: Server, database_url: str) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    tour = text[text.index(TOUR) :].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", tour, flags=re.DOTALL)
    assert len(blocks) >= 8
    script = "\n".join(blocks).replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
    script = script.replace(".venv/bin/bureau", f"{sys.executable} -m app.cli")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=environment(database_url),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    shown = done.stdout.splitlines()
    for expected in ("case_opened", "agreed", "fulfilled", "breached", "accept_as_is", "closed"):
        assert expected in shown
    for step in (
        "reports.total: 1",
        "reports.by_ground.mentions: 2",
        "cases.opened: 1",
        "cases.closed: 1",
        "resolutions.agreements_reached: 1",
        "resolutions.agreements.partly_kept: 1",
        "resolutions.commitments_due.fulfilled: 1",
        "resolutions.commitments_due.breached: 1",
    ):
        assert step in shown

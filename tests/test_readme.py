"""The tours of the README, and the guide for partners after them, work line by line."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from benchmarks.server import Server, environment

ROOT = Path(__file__).resolve().parents[1]
TOURS = ("## A tour in five minutes", "## A tour of the network")


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    server = Server(database_url)
    server.start()
    yield server
    server.stop()


def test_the_tours_work_line_by_line(server: Server, database_url: str) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    parts = [text[text.index(heading) :].split("\n## ")[0] for heading in TOURS]
    parts.append((ROOT / "docs" / "network.md").read_text(encoding="utf-8"))
    blocks = [b for part in parts for b in re.findall(r"```sh\n(.*?)```", part, flags=re.DOTALL)]
    assert len(blocks) >= 17
    script = "\n".join(blocks).replace(".venv/bin/bureau", f"{sys.executable} -m app.cli")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=environment(database_url) | {"BASE": f"http://127.0.0.1:{server.port}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    shown = done.stdout.splitlines()
    for expected in ("case_opened", "agreed", "fulfilled", "breached", "accept_as_is", "closed"):
        assert expected in shown
    for expected in (
        "overeenkomst.txt",
        "Steunpunt Wonen Voorbeeld",
        "Toen ik belde was het appartement nog vrij. Aan de deur niet meer.",
        "from_partner",
        "running",
        "accepted",
        "helped",
        '"referral_completed"',
        "received",
        '"action_point"',
        "3600",
        "invalid_client",
        "client",
    ):
        assert expected in shown, expected
    for step in (
        "reports.total: 1",
        "reports.by_ground.mentions: 2",
        "cases.opened: 1",
        "cases.closed: 1",
        "resolutions.agreements_reached: 1",
        "resolutions.agreements.partly_kept: 1",
        "resolutions.commitments_due.fulfilled: 1",
        "resolutions.commitments_due.breached: 1",
        "reports this year: 3",
        "referrals out: 1",
        "referrals in: 1",
    ):
        assert step in shown


def test_every_setting_stands_in_the_table() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"`BUREAU_{name.upper()}`" in text, name

"""A flood of reports: who computes passes, who cannot waits, nobody is shut out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.addresses import Pseudonyms
from app.api.flood import Arrivals, Challenges, FloodGate, SlowLane, zero_bits
from app.core import clock
from app.settings import Settings
from tests.makers.intake import report_body
from tests.makers.security import limited_client, solve

KEY = b"k" * 32
REPORTS = "/api/v1/public/reports"


class Clock:
    def __init__(self) -> None:
        self.at = 6000.0

    def __call__(self) -> float:
        return self.at


@contextmanager
def flooded(settings: Settings) -> Iterator[TestClient]:
    """One report a minute is taken unasked, and it has been."""
    with limited_client(settings, rate_limits={}, flood_reports_per_minute=1) as client:
        assert client.post(REPORTS, json=report_body()).status_code == 201
        yield client


def test_in_a_flood_a_report_needs_an_answer_and_each_answer_opens_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.flood.MOST_BITS", 10)
    monkeypatch.setattr(Challenges.__init__, "__kwdefaults__", {"least_bits": 10})
    with flooded(settings) as client:
        refused = client.post(REPORTS, content=b"never read")
        assert refused.status_code == 429
        assert refused.json()["code"] == "challenge_required"
        assert int(refused.headers["Retry-After"]) >= 20
        challenge = refused.json()["challenge"]
        headers = {"Challenge-Answer": solve(challenge)}
        assert client.post(REPORTS, json=report_body(), headers=headers).status_code == 201
        again = client.post(REPORTS, json=report_body(), headers=headers)
        assert again.status_code == 429
        assert again.json()["challenge"]["challenge"] != challenge["challenge"]


def test_who_cannot_compute_waits_and_passes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = Clock()
    monkeypatch.setattr(FloodGate.__init__, "__kwdefaults__", {"now": now})
    with flooded(settings) as client:
        for _ in range(20):
            client.post(REPORTS, json=report_body())  # the flood goes on
        wait = int(client.post(REPORTS, json=report_body()).headers["Retry-After"])
        now.at += wait
        for _ in range(20):
            TestClient(client.app, client=("203.0.113.9", 1)).post(REPORTS, json=report_body())
        assert client.post(REPORTS, json=report_body()).status_code == 201
        assert client.post(REPORTS, json=report_body()).status_code == 429  # once


def test_other_routes_stay_open_in_a_flood(settings: Settings) -> None:
    with flooded(settings) as client:
        assert client.post(REPORTS, json=report_body()).status_code == 429
        code = {"receipt_code": "0000-0000-0000-0000-0000"}
        assert client.post("/api/v1/public/receipts/token", json=code).status_code in (401, 422)
        assert client.get("/api/v1/vocabulary").status_code == 200


def _answered(challenges: Challenges, overload: float = 1.0) -> str:
    challenge, bits = challenges.make(overload)
    return solve({"challenge": challenge, "difficulty": bits})


def test_forged_cheapened_and_expired_answers_open_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    challenges = Challenges(KEY, least_bits=8)
    salt, _bits, expires, signature, counter = _answered(challenges).split(".")
    wrong: list[Any] = [
        _answered(Challenges(b"another key" * 4, least_bits=8)),
        f"{salt}.0.{expires}.{signature}.{counter}",
        f"{salt}.8.{int(expires) + 9}.{signature}.{counter}",
        f"{salt}.8.{expires}.{signature}",
        f"{salt}.8.{expires}.{signature}.{counter}.1",
        "....",
        "",
        "\xff",
        "9" * 500,
        "\u0661.8.1.1.1",
    ]
    assert [challenges.is_answered_by(answer) for answer in wrong] == [False] * len(wrong)
    answer = _answered(challenges)
    moment = clock.now() + timedelta(seconds=601)
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert not challenges.is_answered_by(answer)


def test_a_counter_that_is_too_cheap_opens_nothing_and_costs_no_chance() -> None:
    challenges = Challenges(KEY, least_bits=8)
    challenge, bits = challenges.make(1)
    counters = (f"{challenge}.{n}" for n in range(10_000))
    cheap = next(answer for answer in counters if zero_bits(answer) < bits)
    assert not challenges.is_answered_by(cheap)
    assert challenges.is_answered_by(solve({"challenge": challenge, "difficulty": bits}))


def test_the_work_grows_with_the_flood_up_to_a_bound() -> None:
    challenges = Challenges(KEY)
    bits = [challenges.make(overload)[1] for overload in (0.5, 1, 2, 4, 8, 1e9)]
    assert bits == [17, 17, 18, 19, 20, 22]


def test_a_process_with_the_same_key_takes_the_answer() -> None:
    answer = _answered(Challenges(KEY, least_bits=6))
    assert Challenges(KEY, least_bits=6).is_answered_by(answer)


def test_arrivals_slide_from_minute_to_minute() -> None:
    now = Clock()
    arrivals = Arrivals(now)
    assert [arrivals.note() for _ in range(3)] == [1, 2, 3]
    now.at += 90
    assert arrivals.note() == pytest.approx(1 + 3 * 0.5)
    now.at += 600
    assert arrivals.note() == 1


def test_places_are_fair_bounded_and_kept_for_a_while() -> None:
    now = Clock()
    lane = SlowLane(seconds_between=10, now=now)
    waits = [lane.seconds_left(str(n).encode()) for n in range(100)]
    assert waits[:3] == [20, 30, 40]
    assert max(waits) == SlowLane.MOST_WAIT
    assert lane.seconds_left(b"0") == 20  # asking again gains nothing and loses nothing
    now.at += 20
    assert lane.seconds_left(b"0") == 0
    assert lane.seconds_left(b"0") > 0
    now.at += SlowLane.MOST_WAIT + SlowLane.KEPT + 1
    assert lane.seconds_left(b"5") == 20  # the place was given up


def test_a_pseudonym_stands_for_who_waits(settings: Settings) -> None:
    with flooded(settings) as client:
        waits = {
            TestClient(client.app, client=(address, 1))
            .post(REPORTS, json=report_body())
            .headers["Retry-After"]
            for address in ("2001:db8::1", "2001:db8::2")
        }
    assert len(waits) == 1
    assert Pseudonyms(KEY).of("x") == Pseudonyms(KEY).of("x")

"""Exactly the acts committed are sent, at least once: `kill -9` in the middle of the sending."""

import pytest

from benchmarks.outbox import FAILS_ONE_IN, KILLS, drain_with_kills

LONG = 10_000
LEAST_A_SECOND = 100


@pytest.mark.parametrize("messages", [600, pytest.param(LONG, marks=pytest.mark.torture)])
def test_nothing_is_lost_and_doubles_can_be_told(database_url: str, messages: int) -> None:
    figures = drain_with_kills(database_url, messages)
    assert figures.asked == messages
    assert (figures.kills, FAILS_ONE_IN) == (KILLS, 20) == (3, 20)
    assert figures.lost == 0
    # Each kill can double what four mail connections and one endpoint had claimed.
    assert figures.doubled <= KILLS * 50
    if messages == LONG:  # of a short run the starts of the workers are the most
        assert figures.asked / figures.seconds >= LEAST_A_SECOND

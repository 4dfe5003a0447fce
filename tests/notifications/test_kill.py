"""Exactly the acts committed are sent, at least once: `kill -9` in the middle of the sending."""

from benchmarks.outbox import KILLS, drain_with_kills

MESSAGES = 600


def test_nothing_is_lost_and_doubles_can_be_told(database_url: str) -> None:
    figures = drain_with_kills(database_url, MESSAGES)
    assert figures.kills == KILLS
    assert figures.lost == 0
    # Each kill can double what four mail connections and one endpoint had claimed.
    assert figures.doubled <= KILLS * 50

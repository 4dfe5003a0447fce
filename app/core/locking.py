"""How a migration on PostgreSQL waits for a table that others use."""

LOCK_MILLISECONDS = 300
"""Every request queues behind a migration that waits for a table: it gives up before they do, lets
them by, and tries again."""

PAUSES = tuple(min(0.2 * 1.3**turn, 5) for turn in range(60))
"""Seconds between tries: about four minutes in all."""

TRY_AGAIN = frozenset({"55P03", "40P01"})
"""SQLSTATE: the lock was not to be had; a deadlock was broken."""

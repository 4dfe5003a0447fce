"""When a digest is due, and what it says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.core.clock import BUREAU_ZONE

MOST_REFERENCES = 20

Due = tuple[date, str]
"""The day by which something must be done, and the reference it concerns."""


class DigestLanguage(StrEnum):
    NL = "nl"
    FR = "fr"
    EN = "en"


@dataclass(frozen=True)
class Digest:
    subject: str
    body: str


@dataclass(frozen=True)
class _Words:
    subject: str
    overdue: str
    today: str
    more: str
    footer: str


_WORDS = {
    DigestLanguage.NL: _Words(
        subject="Wat vandaag op u wacht: {count}",
        overdue="Te laat: {count}",
        today="Vandaag: {count}",
        more="en nog {count}",
        footer="U ontvangt dit bericht omdat u er in het dossiersysteem om vroeg.",
    ),
    DigestLanguage.FR: _Words(
        subject="Ce qui vous attend aujourd'hui : {count}",
        overdue="En retard : {count}",
        today="Aujourd'hui : {count}",
        more="et encore {count}",
        footer="Vous recevez ce message parce que vous l'avez demandé dans le système.",
    ),
    DigestLanguage.EN: _Words(
        subject="What awaits you today: {count}",
        overdue="Overdue: {count}",
        today="Today: {count}",
        more="and {count} more",
        footer="You receive this message because you asked for it in the case system.",
    ),
}


def local_hour(at: datetime) -> int:
    """0..23, on the bureau's own clock."""
    return at.astimezone(BUREAU_ZONE).hour


def write_digest(due: Sequence[Due], language: DigestLanguage, *, today: date) -> Digest:
    """Counts and reference numbers only: a mail may be read by whoever holds the telephone.

    due: today or before, at least one.
    """
    words = _WORDS[language]
    lines: list[str] = []
    for heading, is_overdue in ((words.overdue, True), (words.today, False)):
        found = [reference for due_on, reference in due if (due_on < today) is is_overdue]
        if found:
            lines += [heading.format(count=len(found)), *_references(found, words), ""]
    lines.append(words.footer)
    return Digest(words.subject.format(count=len(due)), "\n".join(lines) + "\n")


def _references(due: Sequence[str], words: _Words) -> list[str]:
    """Each reference once, with how often it is due."""
    counted = list(Counter(due).items())
    lines = [
        f"  {reference}" + (f" ({count})" if count > 1 else "")
        for reference, count in counted[:MOST_REFERENCES]
    ]
    rest = len(counted) - MOST_REFERENCES
    return [*lines, f"  {words.more.format(count=rest)}"] if rest > 0 else lines

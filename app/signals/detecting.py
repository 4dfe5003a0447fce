"""From counts to alarms, in the words of the bureau; pure, so that a kept run can be repeated."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import nbinom

from app.core.code_version import code_version
from app.signals.budget import alarms, calibrate
from app.signals.counting import Counts, pack
from app.signals.domain import Cell, CountedBy, EventCounting, month_before
from app.signals.scan import ScanSettings, Score, Scores, TooShortError, scan

MOST_REPLAYED = 36
LEAST_REPLAYED = 6
"""Months of the bureau's own past by which the threshold is set."""

FORM = 1
"""Of the method: raised when the same counts would give other alarms."""


@dataclass(frozen=True)
class Asked:
    """through: "YYYY-MM", the last one looked at. false_alarms_per_month: the budget, about how
    many signals a month may be nothing but chance."""

    through: str
    counted_by: CountedBy
    event_counting: EventCounting
    false_alarms_per_month: float


@dataclass(frozen=True)
class Figures:
    """One series, over the last `window` months. lower, upper: where nine of ten such periods lie.
    bound: the count of the last month above which it is a signal, the months before as they are;
    -1: it is one without any. p: of as many by chance, for a window that was not chosen. counts: of
    all months that were looked at."""

    cell: Cell
    window: int
    observed: int
    expected: float
    lower: int
    upper: int
    bound: int | None
    p: float
    counts: Sequence[int]

    def first_month(self, last: str) -> str:
        return month_before(last, self.window - 1)


@dataclass(frozen=True)
class FoundAlarm:
    """leading: the series that explains the rise best; under: the others that it shows in."""

    leading: Figures
    under: Sequence[Figures]


@dataclass(frozen=True)
class Scanned:
    """series: how many were looked at. threshold: the score from which one is an alarm."""

    alarms: Sequence[FoundAlarm]
    series: int
    threshold: float


def fingerprint(asked: Asked, counts: Counts, completeness: Sequence[float]) -> str:
    """SHA-256, in hexadecimal, of all that the answer follows from."""
    told = {**asdict(asked), "code": code_version(FORM), "completeness": list(completeness)}
    text = json.dumps(told, sort_keys=True, default=str) + pack(counts)
    return hashlib.sha256(text.encode()).hexdigest()


def scan_counts(asked: Asked, counts: Counts, completeness: Sequence[float]) -> Scanned:
    """The alarms of the last month of `counts`.

    Raises TooShortError when there is no past to expect anything by.
    """
    month = len(counts.months) - 1
    complete = np.array(completeness)
    tables = counts.tables()
    settings = ScanSettings()
    earliest = settings.least_history + len(settings.windows) - 1
    replayed = range(max(earliest, month - MOST_REPLAYED), month)
    if len(replayed) < LEAST_REPLAYED:
        raise TooShortError(f"{month + 1} months, {earliest + LEAST_REPLAYED + 1} are needed")
    scores = scan(tables, month, settings, complete)
    threshold = calibrate(
        tables,
        replayed,
        settings,
        budget=asked.false_alarms_per_month,
        completeness=complete,
    )
    found = [
        FoundAlarm(
            _figures(counts, scores, alarm.leading, threshold),
            [_figures(counts, scores, one, threshold) for one in alarm.under],
        )
        for alarm in alarms(scores, threshold)
    ]
    return Scanned(found, len(scores), threshold)


def _figures(counts: Counts, scores: Scores, score: Score, threshold: float) -> Figures:
    within = slice(-score.window, None)
    mean = scores.mean[score.row, within]
    dispersion = float((mean * scores.dispersion[score.row, within]).sum() / mean.sum())
    size = float(mean.sum()) / (dispersion - 1)
    low, high = nbinom.interval(0.9, size, 1 / dispersion)
    at = (score.ground, score.domain, score.district)
    return Figures(
        cell=counts.cell(*at),
        window=score.window,
        observed=score.observed,
        expected=score.expected,
        lower=int(low),
        upper=int(high),
        bound=scores.bound(score.row, threshold),
        p=score.p,
        counts=counts.series(*at),
    )


def as_rows(found: Sequence[FoundAlarm]) -> list[dict[str, Any]]:
    """Alarms as the run keeps them."""
    return [
        {"leading": _row(alarm.leading), "under": [_row(one) for one in alarm.under]}
        for alarm in found
    ]


def _row(figures: Figures) -> dict[str, Any]:
    row = asdict(figures)
    row["expected"], row["p"] = round(figures.expected, 4), float(f"{figures.p:.4g}")
    row["counts"] = list(figures.counts)
    return row


def figures_of(row: Mapping[str, Any]) -> Figures:
    return Figures(**{**row, "cell": Cell(**row["cell"])})

"""The bureau's detector: which of thousands of tiny series rises, this month or since a few?

Each series is judged by evidence, not by a bound of its own: how much likelier are its last one to
four months if some reports a month came on top of what was to be expected? Methods, alternatives
and what did not help: docs/decisions/019-detection.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import special

from app.signals import evidence, laws
from app.signals.expectation import Prior, expect
from app.signals.laws import Floats
from app.signals.tables import FIXED, LEVELS, Level, Tables

Indices = NDArray[np.intp]

NO_EVIDENCE = -np.inf


class TooShortError(ValueError):
    """The history is too short for any expectation."""


@dataclass(frozen=True)
class ScanSettings:
    """windows: weight of a rise that began in the tested month, one before, two, three, as a
    logarithm. rise: reports a month on top that are looked for, at least. rise_of_cells,
    rise_of_totals: the same in standard deviations, where that is more. size_weight: how much the
    likelier a rise is held to be where more is reported, a power of the mean up to size_cap.
    least_reports: over all windows together, with fewer there is no signal. least_history: months
    before the windows. least_completeness: below, an incomplete month is judged as if complete.
    """

    windows: tuple[float, ...] = (-1.0, -0.5, 0.0, 0.3)
    rise: float = 2.0
    rise_of_cells: float = 1.0
    rise_of_totals: float = 2.0
    size_weight: float = 0.4
    size_cap: float = 1.0
    least_reports: int = 3
    least_history: int = 12
    least_completeness: float = 0.5
    prior: Prior = field(default_factory=Prior)


@dataclass(frozen=True)
class Score:
    """One series. ground, domain, district: indices, None where summed. window: months, the tested
    one included, in which observed and expected stand. p: chance of as many by the model, mid-p.
    score: logarithm of evidence for a rise. latest: count of the tested month alone.
    """

    row: int
    level: Level
    ground: int | None
    domain: int | None
    district: int | None
    window: int
    observed: int
    expected: float
    latest: int
    p: float
    score: float


@dataclass(frozen=True)
class Scores:
    """All series of one month, in the order of the levels. `scores[row]` is a Score.

    shape: grounds, domains, districts. places: rows x 3, -1 where summed. counts, mean,
    dispersion: rows x months of the windows.
    is_provisional: the tested month is too incomplete for its rises to be seen.
    """

    shape: tuple[int, int, int]
    level: Indices
    places: Indices
    counts: Floats
    mean: Floats
    dispersion: Floats
    window: Indices
    score: Floats
    settings: ScanSettings
    is_provisional: bool

    def __len__(self) -> int:
        return len(self.score)

    def __iter__(self) -> Iterator[Score]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> Score:
        window = int(self.window[row])
        ground, domain, district = (None if at < 0 else int(at) for at in self.places[row])
        return Score(
            row=row,
            level=LEVELS[self.level[row]],
            ground=ground,
            domain=domain,
            district=district,
            window=window,
            observed=int(self.counts[row, -window:].sum()),
            expected=float(self.mean[row, -window:].sum()),
            latest=int(self.counts[row, -1]),
            p=float(self.p(np.array([row]))[0]),
            score=float(self.score[row]),
        )

    def within(self, row: int) -> NDArray[np.bool_]:
        """Which of the months belong to the window of this series."""
        return np.arange(self.mean.shape[1], 0, -1) <= int(self.window[row])

    def p(self, rows: Indices | None = None) -> Floats:
        """Mid-p of each series in its window. No calibrated error rate: the window was chosen."""
        chosen = np.arange(len(self)) if rows is None else rows
        within = np.arange(self.mean.shape[1], 0, -1) <= self.window[chosen][:, None]
        counts = (self.counts[chosen] * within).sum(axis=1)
        mean = (self.mean[chosen] * within).sum(axis=1)
        variance = (self.mean[chosen] * self.dispersion[chosen] * within).sum(axis=1)
        return laws.mid_p(counts, mean, variance / mean)

    def row_of(self, places: Indices) -> int:
        """places: ground, domain, district, -1 where summed."""
        fixed = tuple(bool(at >= 0) for at in places)
        number = next(number for number, level in enumerate(LEVELS) if FIXED[level] == fixed)
        row = 0
        for size, at in zip(self.shape, places, strict=True):
            row = row * size + int(at) if at >= 0 else row
        return int(np.searchsorted(self.level, number)) + row

    def bound(self, row: int, threshold: float) -> int | None:
        """The count of the tested month above which the series alarms, the months before as they
        are. -1: it alarms without any. None: not for any count that could be."""
        most = int(1_000 + 100 * self.counts[row].max() + 100 * self.mean[row, -1])
        low, high = -1, most
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._with(row, middle) >= threshold else (middle, high)
        if self._with(row, 0) >= threshold:
            return -1
        return None if high == most else high - 1

    def _with(self, row: int, latest: int) -> float:
        counts = self.counts[row : row + 1].copy()
        counts[0, -1] = latest
        return float(self.judged(np.array([row]), counts, self.mean[row : row + 1])[0])

    def judged(self, rows: Indices, counts: Floats, mean: Floats) -> Floats:
        """Scores of these rows with other counts or means."""
        is_total = self.level[rows] >= LEVELS.index(Level.GROUND)
        return _evidence(counts, mean, self.dispersion[rows], is_total, self.settings)[0]


def scan(
    tables: Tables,
    month: int,
    settings: ScanSettings | None = None,
    completeness: Floats | None = None,
) -> Scores:
    """Every series of every table, for the month with this index and those just before.

    completeness: share of each month's reports that is in by now, 0 < c <= 1, None: all. What is
    expected is scaled by it, so that reports on their way are no fall and hide no rise.
    Raises TooShortError.
    """
    chosen = settings or ScanSettings()
    start = month + 1 - len(chosen.windows)
    if start < chosen.least_history:
        raise TooShortError(f"{start} months of history, {chosen.least_history} are needed")
    complete = np.ones(month + 1) if completeness is None else completeness[: month + 1]
    is_provisional = bool(complete[month] < chosen.least_completeness)
    complete = np.where(complete < chosen.least_completeness, 1.0, complete)
    expected = expect(tables, start, month, complete, chosen.prior)
    counts = np.concatenate(
        [
            tables.of(level)[..., start : month + 1].reshape(-1, len(chosen.windows))
            for level in LEVELS
        ]
    )
    level, places = _places(tables)
    is_total = level >= LEVELS.index(Level.GROUND)
    score, window = _evidence(counts, expected.mean, expected.dispersion, is_total, chosen)
    return Scores(
        (tables.cell.shape[0], tables.cell.shape[1], tables.cell.shape[2]),
        level,
        places,
        counts,
        expected.mean,
        expected.dispersion,
        window,
        score,
        chosen,
        is_provisional,
    )


def _places(tables: Tables) -> tuple[Indices, Indices]:
    levels, places = [], []
    for number, level in enumerate(LEVELS):
        shape = tables.shape(level)[:3]
        at = np.stack(np.unravel_index(np.arange(int(np.prod(shape))), shape), axis=1)
        levels.append(np.full(len(at), number))
        places.append(np.where(np.array(FIXED[level]), at, -1))
    return np.concatenate(levels), np.concatenate(places)


def _evidence(
    counts: Floats,
    mean: Floats,
    dispersion: Floats,
    is_total: NDArray[np.bool_],
    settings: ScanSettings,
) -> tuple[Floats, Indices]:
    """Score and window with most evidence. All arrays: series x months of the windows."""
    deviations = np.where(is_total, settings.rise_of_totals, settings.rise_of_cells)[:, None]
    rise = np.maximum(settings.rise, deviations * np.sqrt(dispersion * mean))
    by_window = evidence.of_rise(counts, mean, dispersion, rise, settings.windows)
    average = np.minimum(mean.mean(axis=1), settings.size_cap)
    score = special.logsumexp(by_window, axis=1) + settings.size_weight * np.log(average)
    few = counts.sum(axis=1) < settings.least_reports
    window = np.argmax(by_window, axis=1) + 1
    return np.where(few, NO_EVIDENCE, score), window

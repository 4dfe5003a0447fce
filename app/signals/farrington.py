"""The improved Farrington bound: above which count is this week or month unusual, given years past?

Sources: Farrington et al. 1996 (J. R. Stat. Soc. A 159:547), Noufaily et al. 2013 (Stat. Med.
32:1206). A quasi-Poisson model with trend and season blocks is fitted to the same time of earlier
years, past outbreaks weigh less in a second fit, and the bound is what the model foretells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from app.signals import fits, laws
from app.signals.laws import Floats

LEAST_YEARS_OF_TREND = 3
LEAST_MEAN = 1e-8
"""A group of zeros pushes the mean towards 0: below this it says nothing but "none so far"."""


class Bound(StrEnum):
    """How the bound is drawn from the model.

    delta: normal on the 2/3 scale. nb_plugin: quantile of the negative binomial at the mean.
    muan: the same at the upper limit of the mean.
    """

    DELTA = "delta"
    NB_PLUGIN = "nbPlugin"
    MUAN = "muan"


class Variance(StrEnum):
    """How sure the coefficients of the second fit are.

    compat: scaled like the reference software does, with prior weights where working weights
    belong. corrected: scaled by the dispersion.
    """

    COMPAT = "compat"
    CORRECTED = "corrected"


@dataclass(frozen=True)
class Settings:
    """years: how many are looked back. half_window: points to each side. periods: season blocks of
    a year, 1 uses the windows alone. skipped: latest points that are no baseline.
    weights_threshold: residuals above count less. alpha: one-sided, 0..1. trend_p: a trend less
    sure than this is left out. least_cases of the last least_points: with fewer no bound is given.
    """

    years: int = 5
    half_window: int = 3
    periods: int = 10
    skipped: int = 26
    reweights: bool = True
    weights_threshold: float = 2.58
    alpha: float = 0.01
    has_trend: bool = True
    trend_p: float = 1.0
    least_cases: int = 5
    least_points: int = 4
    bound: Bound = Bound.NB_PLUGIN
    variance: Variance = Variance.CORRECTED


@dataclass(frozen=True)
class Baseline:
    """The points a bound is drawn from. indices, labels and times have one entry for each.

    labels: season blocks, the highest that of the tested point. time: that of the tested point.
    """

    indices: NDArray[np.intp]
    labels: NDArray[np.intp]
    times: Floats
    time: float
    label: int


@dataclass(frozen=True)
class Judgement:
    """expected, bound: counts, None where not estimable. p: chance of so many, None likewise.

    is_held_back: too few cases of late for any alarm. has_settled: False where the fit was still
    moving when it was stopped.
    """

    expected: float | None
    bound: float | None
    p: float | None
    dispersion: float | None
    has_trend: bool
    is_held_back: bool
    is_alarm: bool
    has_settled: bool = True


NOT_ESTIMABLE = Judgement(None, None, None, None, False, False, False)


def baseline(
    tested: int, frequency: int, settings: Settings, dates: Sequence[date] | None = None
) -> Baseline | None:
    """Which points are looked at, and the season block of each. None: the history is too short.

    tested: index from 0. frequency: points in a year. With weekly dates the same day of earlier
    years is meant, moved to the nearest with the same weekday.
    """
    centres = _centres(tested, frequency, settings.years, dates)
    if centres is None or centres[-1] - settings.half_window < 0:
        return None
    half = settings.half_window
    labels = np.zeros(tested + 1, dtype=np.intp)
    for centre in centres:
        labels[max(centre - half, 0) : min(centre + half, tested) + 1] = settings.periods
    for later, earlier in pairwise(centres):
        _label_gap(labels, earlier + half + 1, later - half, settings.periods - 1)
    last = max(tested - settings.skipped, 0)
    indices = np.flatnonzero(labels[:last])
    if not indices.size:
        return None
    if dates is None:
        times, time = indices.astype(np.float64) + 1, tested + 1.0
    else:
        start = dates[int(indices[0])]
        times = np.array([(dates[int(index)] - start).days / 7 for index in indices])
        time = (dates[tested] - start).days / 7
    return Baseline(indices, labels[indices], times, time, settings.periods)


def _centres(
    tested: int, frequency: int, years: int, dates: Sequence[date] | None
) -> list[int] | None:
    """The tested point and the same of earlier years, latest first."""
    if dates is None:
        found = [tested - year * frequency for year in range(years + 1)]
        return found if found[-1] >= 0 else None
    place = {day: index for index, day in enumerate(dates)}
    centres = [tested]
    for year in range(1, years + 1):
        index = place.get(_years_before(dates[tested], year))
        if index is None:
            return None
        centres.append(index)
    return centres


def _years_before(day: date, years: int) -> date:
    leap_day = day.month == 2 and day.day == 29
    then = date(day.year - years, 3, 1) if leap_day else day.replace(year=day.year - years)
    shift = (day.weekday() - then.weekday() + 3) % 7 - 3
    return then + timedelta(days=shift)


def _label_gap(labels: NDArray[np.intp], start: int, end: int, blocks: int) -> None:
    """Cut start..end-1 into blocks labelled 1, 2, ..., the longer ones first."""
    length = end - start
    if blocks <= 0 or length <= 0:
        return
    short, longer = divmod(length, blocks)
    sizes = [short + (block < longer) for block in range(blocks)]
    labels[start:end] = np.repeat(np.arange(1, blocks + 1), sizes)


def design(points: Baseline, *, has_trend: bool) -> tuple[Floats, Floats]:
    """Columns of the model: 1, time, season blocks against the first; and the row foretold."""
    blocks = np.unique(points.labels)[1:]
    columns = [np.ones(points.indices.size), *(points.labels == block for block in blocks)]
    row = [1.0, *(float(block == points.label) for block in blocks)]
    if has_trend:
        columns.insert(1, points.times)
        row.insert(1, points.time)
    return np.column_stack(columns).astype(float), np.array(row)


def judge(
    counts: ArrayLike,
    tested: int,
    frequency: int,
    settings: Settings,
    *,
    dates: Sequence[date] | None = None,
    population: ArrayLike | None = None,
) -> Judgement:
    """One point of one series. counts: NaN is missing. population: same length, > 0, or None.

    A bound that cannot be had (short history, nothing but zeros) comes back as None, never as an
    error: the exact method for small counts judges then.
    """
    series = np.asarray(counts, dtype=float)
    points = baseline(tested, frequency, settings, dates)
    if points is None:
        return NOT_ESTIMABLE
    known = ~np.isnan(series[points.indices])
    points = Baseline(
        points.indices[known], points.labels[known], points.times[known], points.time, points.label
    )
    past = series[points.indices]
    if not past.any() or np.isnan(series[tested]):
        return NOT_ESTIMABLE
    people = np.ones_like(series) if population is None else np.asarray(population, dtype=float)
    offset, offset_then = np.log(people[points.indices]), float(np.log(people[tested]))
    try:
        fit, has_trend = _fit_with_trend_rule(past, points, offset, offset_then, settings)
    except (np.linalg.LinAlgError, ValueError):
        return NOT_ESTIMABLE
    if fit is None:
        return NOT_ESTIMABLE
    mean, error = fit.foretold(offset_then)
    if mean < LEAST_MEAN:
        return NOT_ESTIMABLE
    count = float(series[tested])
    bound, p = (float(found) for found in bounds(count, mean, error, fit.dispersion, settings))
    recent = series[max(tested - settings.least_points + 1, 0) : tested + 1]
    held_back = bool(np.nansum(recent) < settings.least_cases)
    is_alarm = not held_back and count > bound and count > 0
    return Judgement(
        mean,
        None if held_back else bound,
        p,
        fit.dispersion,
        has_trend,
        held_back,
        is_alarm,
        fit.has_settled,
    )


def bounds(
    count: ArrayLike, mean: ArrayLike, error: ArrayLike, dispersion: ArrayLike, settings: Settings
) -> tuple[Floats, Floats]:
    """The bound and the chance of a count as high. error: of the logarithm of the mean."""
    average, spread = np.asarray(mean, dtype=float), np.asarray(dispersion, dtype=float)
    normal = float(special.ndtri(1 - settings.alpha))
    if settings.bound is Bound.DELTA:
        tau = spread + average * np.square(error)
        scale = np.sqrt(4 / 9 * np.cbrt(average) * tau)
        bound = np.maximum(average ** (2 / 3) + normal * scale, 0) ** 1.5
        return bound, special.ndtr(-(np.cbrt(count) ** 2 - average ** (2 / 3)) / scale)
    if settings.bound is Bound.MUAN:
        average = average * np.exp(normal * np.asarray(error))
    return (
        laws.quantile(1 - settings.alpha, average, spread),
        laws.at_least(count, average, spread),
    )


@dataclass(frozen=True)
class _Fit:
    coefficients: Floats
    covariance: Floats
    dispersion: float
    freedom: int
    row: Floats
    has_settled: bool

    def foretold(self, offset: float) -> tuple[float, float]:
        mean = float(np.exp(self.row @ self.coefficients + offset))
        return mean, float(np.sqrt(self.row @ self.covariance @ self.row))

    def p_of_trend(self) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            t = self.coefficients[1] / np.sqrt(self.covariance[1, 1])
        return float(2 * stats.t.sf(abs(t), self.freedom))


def _fit_with_trend_rule(
    past: Floats, points: Baseline, offset: Floats, offset_then: float, settings: Settings
) -> tuple[_Fit | None, bool]:
    if settings.has_trend and settings.years >= LEAST_YEARS_OF_TREND:
        fit = _fit(past, *design(points, has_trend=True), offset, settings)
        if (
            fit is not None
            and fit.p_of_trend() < settings.trend_p
            and fit.foretold(offset_then)[0] <= past.max()
        ):
            return fit, True
    return _fit(past, *design(points, has_trend=False), offset, settings), False


def _fit(
    past: Floats, columns: Floats, row: Floats, offset: Floats, settings: Settings
) -> _Fit | None:
    """Two fits, the second with past outbreaks weighing less."""
    freedom = past.size - columns.shape[1]
    if freedom <= 0:
        return None
    first = fits.poisson(past, columns, offset)
    mean = first.mean
    spread = float(np.sum((past - mean) ** 2 / mean) / freedom)
    dispersion = max(1.0, spread)
    if not settings.reweights:
        return _Fit(
            first.coefficients, first.inverse * spread, dispersion, freedom, row, first.has_settled
        )
    leverage = mean * np.einsum("ni,ij,nj->n", columns, first.inverse, columns)
    weights = outbreak_weights(past, mean, dispersion, leverage, settings.weights_threshold)
    second = fits.poisson(past, columns, offset, weights)
    mean = second.mean
    dispersion = max(1.0, float(np.sum(weights * (past - mean) ** 2 / mean) / freedom))
    scale = dispersion
    if settings.variance is Variance.COMPAT:
        scale = float(np.sum(weights * ((past - mean) / mean) ** 2) / freedom)
    return _Fit(
        second.coefficients, second.inverse * scale, dispersion, freedom, row, second.has_settled
    )


def outbreak_weights(
    past: Floats, mean: Floats, dispersion: Floats | float, leverage: Floats, threshold: float
) -> Floats:
    """Weights that sum to the number of points along the last axis. A point far above its mean, by
    its Anscombe residual, gets less."""
    room = np.sqrt(np.maximum(dispersion * (1 - leverage), np.finfo(float).tiny))
    residual = 1.5 * (np.cbrt(past) ** 2 * mean ** (-1 / 6) - np.sqrt(mean)) / room
    strange = residual > threshold
    raw = np.where(strange, np.where(strange, residual, 1.0) ** -2.0, 1.0)
    return np.asarray(raw * (past.shape[-1] / raw.sum(axis=-1, keepdims=True)), dtype=float)

"""What was to be expected of thousands of tiny series, each too small for a model of its own.

A series is taken as a share of what all reports foretell: grounds, domains and districts are
fitted with trend and season, their product is the prior of each series, and its own past moves it
from there as far as its counts carry (gamma-Poisson, empirical Bayes).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from app.signals.laws import Floats
from app.signals.tables import FIXED, LEVELS, Level, Tables

STEPS = 12
SHAPES = np.geomspace(0.2, 300.0, 40)
DISPERSIONS = np.array([1.05, 1.3, 1.6, 2.0, 2.8])
LEAST_DISPERSION = 1.02
AXES = {Level.GROUND: 0, Level.DOMAIN: 1, Level.DISTRICT: 2}


@dataclass(frozen=True)
class Prior:
    """How much trend, season and past months may move: standard deviations on the logarithm.

    half_life: months after which the past counts half. clumping: variance by mean that is taken
    off when counts are weighed as evidence of a rate.
    """

    half_life: float = 48.0
    season_of_total: float = 0.2
    trend_of_total: float = 0.01
    season: float = 0.15
    trend: float = 0.002
    clumping: float = 1.4


@dataclass(frozen=True)
class Expected:
    """One row for each series, in the order of the levels, one column for each month under test.

    dispersion: variance of a count by its mean, what is not known of the mean included.
    """

    mean: Floats
    dispersion: Floats


def expect(tables: Tables, start: int, month: int, completeness: Floats, prior: Prior) -> Expected:
    """For the months start..month, from those before start.

    completeness: for each month up to this one, the share of its reports that is in, 0..1.
    """
    months = np.arange(month + 1)
    weights = 0.5 ** ((start - 1 - months[:start]) / prior.half_life)
    turn = 2 * np.pi * months / 12
    columns = np.column_stack(
        [np.ones(months.size), months - month, np.cos(turn), np.sin(turn)]
    ).astype(float)
    known = np.log(completeness)

    def fitted(counts: Floats, offset: Floats, trend: float, season: float) -> Floats:
        past = counts.reshape(-1, counts.shape[-1])[:, :start]
        penalty = np.array([0.0, trend**-2, season**-2, season**-2])
        coefficients = _ridge(past, columns[:start], penalty, weights, offset[:start])
        return np.asarray(np.exp(coefficients @ columns.T + offset), dtype=float)

    counts = {level: tables.of(level)[..., : month + 1] for level in LEVELS}
    total = fitted(counts[Level.TOTAL], known, prior.trend_of_total, prior.season_of_total)[0]
    total = np.maximum(total, 1e-9)
    shares = {
        axis: fitted(counts[level], np.log(total), prior.trend, prior.season) / total
        for level, axis in AXES.items()
    }
    found = []
    clumping = prior.clumping
    for level in LEVELS:
        mean = total.reshape(1, 1, 1, -1)
        for axis, share in shares.items():
            if FIXED[level][axis]:
                shape = [1, 1, 1, months.size]
                shape[axis] = -1
                mean = mean * share.reshape(shape)
        series = counts[level].reshape(-1, months.size)[:, :start]
        expected = np.maximum(mean.reshape(-1, months.size), 1e-9)
        observed_sum = series @ weights / clumping
        expected_sum = expected[:, :start] @ weights / clumping
        many = sum(FIXED[level]) > 1
        shape_ = _best_shape(observed_sum, expected_sum) if many else 1e-3
        evidence = shape_ + observed_sum
        expected = expected * (evidence / (shape_ + expected_sum))[:, None]
        past, tested = expected[:, :start], expected[:, start:]
        if level is Level.CELL:
            clumping_found = _pooled_dispersion(series, past)
            spread = _dispersions(series, past)[:, None]
        else:
            shared = _shared_variance(series, past, clumping_found)
            spread = clumping_found + shared * tested
        found.append((tested, np.maximum(spread + tested / evidence[:, None], LEAST_DISPERSION)))
    return Expected(
        np.concatenate([mean for mean, _ in found]),
        np.concatenate([dispersion for _, dispersion in found]),
    )


def _ridge(
    past: Floats, columns: Floats, penalty: Floats, weights: Floats, offset: Floats
) -> Floats:
    """Poisson fits of many series at once, the coefficients pulled towards 0 by the penalty."""
    exposure = float(weights @ np.exp(offset))
    coefficients = np.zeros((len(past), columns.shape[1]))
    products = columns[:, :, None] * columns[:, None, :]
    # A series without any report would run to minus infinity: half a report holds it.
    past = past + np.where(past.any(axis=1), 0.0, 0.5 / weights.sum())[:, None]
    coefficients[:, 0] = np.log(past @ weights / exposure)
    for _ in range(STEPS):
        mean = np.exp(np.clip(coefficients @ columns.T + offset, -25.0, 25.0))
        information = np.einsum("sn,nij->sij", weights * mean, products, optimize=True)
        right = (weights * (past - mean)) @ columns - coefficients * penalty
        coefficients += np.linalg.solve(information + np.diag(penalty), right[..., None])[..., 0]
    return coefficients


def _best_shape(observed: Floats, expected: Floats) -> float:
    """Shape of the gamma prior of rates against their expectation, by marginal likelihood."""
    a = SHAPES[:, None]
    likelihood = (
        special.gammaln(a + observed)
        - special.gammaln(a)
        + a * np.log(a / (a + expected))
        + special.xlogy(observed, expected / (a + expected))
    ).sum(axis=1)
    return float(SHAPES[int(np.argmax(likelihood))])


def _pooled_dispersion(past: Floats, mean: Floats) -> float:
    return max(LEAST_DISPERSION, float(((past - mean) ** 2).sum() / mean.sum()))


def _shared_variance(past: Floats, mean: Floats, dispersion: float) -> float:
    """What months have in common beyond clumping, as a variance of the rate, pooled by level."""
    extra = ((past - mean) ** 2 - dispersion * mean).sum() / (mean**2).sum()
    return max(0.0, float(extra))


def _dispersions(past: Floats, mean: Floats) -> Floats:
    """Dispersion of each series: posterior mean over a few values, their prior found by EM."""
    row, column = np.nonzero(past)
    counts, means = past[row, column], mean[row, column]
    sums = mean.sum(axis=1)
    likelihood = np.empty((DISPERSIONS.size, len(past)))
    for place, dispersion in enumerate(DISPERSIONS):
        size = means / (dispersion - 1)
        terms = special.gammaln(counts + size) - special.gammaln(size)
        terms += counts * np.log((dispersion - 1) / dispersion)
        likelihood[place] = np.bincount(row, weights=terms, minlength=len(past))
        likelihood[place] -= sums * np.log(dispersion) / (dispersion - 1)
    likelihood = np.exp(likelihood - likelihood.max(axis=0))
    share = np.full(DISPERSIONS.size, 1 / DISPERSIONS.size)
    for _ in range(30):
        posterior = share[:, None] * likelihood
        posterior /= posterior.sum(axis=0)
        share = posterior.mean(axis=1)
    return np.asarray(DISPERSIONS @ posterior, dtype=float)

"""Made-up counts with known rises, for the figures of detection.

Two kinds: a bureau's tiny monthly series, and the weekly series of Noufaily et al. 2013 (Stat. Med.
32:1206) with outbreaks as there and in Bedubourg and Le Strat 2017 (PLoS ONE 12:e0181227).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int_]

GROUNDS, DOMAINS, DISTRICTS, MONTHS = 21, 12, 10, 84
FIRST_TESTED = 72
LASTS = 4
TOTAL = 320
RISES = 36
SIZES = (1, 2, 3)


@dataclass(frozen=True)
class Rise:
    """size: reports a month on top, on average, for LASTS months from start."""

    ground: int
    domain: int
    district: int
    start: int
    size: int


@dataclass(frozen=True)
class Bureau:
    """counts, added: ground x domain x district x month."""

    counts: Whole
    added: Whole
    rises: list[Rise]


def bureau(seed: int) -> Bureau:
    """Seven years of some 320 reports a month over 2,520 cells.

    Rates: products of a few common grounds and domains with noise of 0.8 on the logarithm; seasons
    by domain, months that are good or bad for a domain or district, campaigns, drifting grounds,
    growth of 0.4 % a month, clumping of 1.05 to 1.8. Cells with more reports rise more often.
    """
    random = np.random.default_rng(seed)
    month = np.arange(MONTHS)
    rate = np.exp(random.normal(0, 0.8, (GROUNDS, DOMAINS, DISTRICTS)))
    rate *= (np.arange(1, GROUNDS + 1) ** -1.1)[:, None, None]
    rate *= (np.arange(1, DOMAINS + 1) ** -0.7)[None, :, None]
    rate *= random.dirichlet(np.full(DISTRICTS, 6.0))
    rate *= TOTAL / rate.sum()
    swing, peak = random.uniform(0, 0.3, DOMAINS), random.uniform(0, 2 * np.pi, DOMAINS)
    season = np.exp(swing[:, None] * np.cos(2 * np.pi * month / 12 + peak[:, None]))
    domain = season * random.gamma(100, 1 / 100, (DOMAINS, MONTHS))
    ground = np.exp(np.cumsum(random.normal(0, 0.02, (GROUNDS, MONTHS)), axis=1))
    district = random.gamma(60, 1 / 60, (DISTRICTS, MONTHS))
    for place, start in np.argwhere(random.random((DISTRICTS, MONTHS)) < 0.03):
        district[place, start : start + 2] *= random.uniform(1.3, 1.8)
    mean = (
        rate[..., None]
        * ground[:, None, None, :]
        * domain[None, :, None, :]
        * district[None, None, :, :]
        * np.exp(0.004 * month)
    )
    dispersion = random.choice([1.05, 1.3, 1.8], rate.shape)[..., None]
    counts = random.negative_binomial(np.maximum(mean / (dispersion - 1), 1e-9), 1 / dispersion)
    likely = np.sqrt(rate).ravel() / np.sqrt(rate).sum()
    added, rises = np.zeros_like(counts), []
    for number, cell in enumerate(random.choice(rate.size, RISES, replace=False, p=likely)):
        ground_, domain_, district_ = (int(at) for at in np.unravel_index(cell, rate.shape))
        start, size = int(random.integers(FIRST_TESTED, MONTHS - LASTS)), SIZES[number % 3]
        added[ground_, domain_, district_, start : start + LASTS] += random.poisson(size, LASTS)
        rises.append(Rise(ground_, domain_, district_, start, size))
    return Bureau(counts, added, rises)


WEEKS, FIRST_WEEK = 624, 575
PAST_OUTBREAKS = (312, 574)
PARAMETERS = (
    # level, trend, cosine, sine, dispersion
    (0.1, 0.0025, 0.6, 0.6, 1.5),
    (-2.0, 0.005, 0.1, 0.3, 2.0),
    (1.5, 0.003, 0.2, -0.4, 1.0),
    (0.5, 0.002, 0.5, 0.5, 5.0),
    (2.5, 0.001, 1.0, 0.1, 3.0),
    (3.75, 0.001, 0.1, -0.1, 1.1),
    (5.0, 0.0001, 0.05, 0.01, 1.2),
)
OUTBREAK_SIZES = range(2, 11)


@dataclass(frozen=True)
class Weekly:
    """counts, outbreak: series x weeks; the tested weeks begin at FIRST_WEEK. size: of the current
    outbreak, in standard deviations of the week it starts in."""

    counts: Whole
    outbreak: Whole
    size: Whole


def weekly(seed: int) -> Weekly:
    """42 scenarios (seven parameter sets, with and without trend, no, one or two waves a year),
    each with a current outbreak of every size, after four past ones."""
    random = np.random.default_rng(seed)
    week = np.arange(1, WEEKS + 1)
    counts, outbreaks, sizes = [], [], []
    for level, trend, cosine, sine, dispersion in PARAMETERS:
        for has_trend in (False, True):
            for waves in range(3):
                turns = 2 * np.pi * week[:, None] * np.arange(1, waves + 1) / 52
                mean = np.exp(
                    level
                    + trend * week * has_trend
                    + (cosine * np.cos(turns) + sine * np.sin(turns)).sum(axis=1)
                )
                for size in OUTBREAK_SIZES:
                    series = _clumped(random, mean, dispersion)
                    for past in random.choice([2, 3, 5, 10], 4):
                        start = int(random.integers(PAST_OUTBREAKS[0], PAST_OUTBREAKS[1] + 1))
                        series = series + _outbreak(random, mean, dispersion, start, int(past))
                    start = int(random.integers(FIRST_WEEK, WEEKS))
                    counts.append(series)
                    outbreaks.append(_outbreak(random, mean, dispersion, start, size))
                    sizes.append(size)
    return Weekly(np.array(counts), np.array(outbreaks), np.array(sizes))


def _clumped(random: np.random.Generator, mean: NDArray[np.float64], dispersion: float) -> Whole:
    if dispersion == 1:
        return random.poisson(mean)
    return random.negative_binomial(mean / (dispersion - 1), 1 / dispersion)


def _outbreak(
    random: np.random.Generator,
    mean: NDArray[np.float64],
    dispersion: float,
    start: int,
    size: int,
) -> Whole:
    cases = random.poisson(size * np.sqrt(dispersion * mean[start]))
    weeks = start + np.floor(random.lognormal(0, 0.5, cases)).astype(int)
    return np.bincount(np.minimum(weeks, WEEKS - 1), minlength=WEEKS)

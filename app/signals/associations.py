"""Do two marks stand together in more reports than their margins say? Exact, given the margins.

Two marks of different kinds (ground and domain): hypergeometric. Two of the same kind, of which
each report bears at least one (grounds): by chance a report with k of them bears any set of k with
a chance in proportion to the product of weights, which are such that each ground is borne as often
as it is (conditional Bernoulli: Chen, Dempster and Liu 1994, Biometrika 81:457). A plain crossing
would take grounds to exclude each other, since most reports bear one.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

from app.signals.laws import Floats

STEPS = 500
TOLERANCE = 1e-9
REACH = 12.0
"""Standard deviations beyond which nothing is added up: far below LEAST_P."""

LEAST_P = 1e-12
"""Smaller ones are told as this: there the sums are no longer exact."""


@dataclass(frozen=True)
class Together:
    """observed, expected: reports that bear both. p: chance of at least as many."""

    observed: int
    expected: float
    p: float


def crossed(
    both: Sequence[int], one: Sequence[int], other: Sequence[int], everything: int
) -> list[Together]:
    """Many crossings at once. both: reports that bear both marks; one, other: that bear each;
    everything: all of them."""
    here, left, right = (np.array(counts, dtype=int) for counts in (both, one, other))
    p = np.maximum(stats.hypergeom.sf(here - 1, everything, left, right), LEAST_P)
    expected = left * right / everything
    return [
        Together(int(number), float(mean), float(chance))
        for number, mean, chance in zip(here, expected, p, strict=True)
    ]


def pairs(sets: Collection[frozenset[str]]) -> dict[tuple[str, str], Together]:
    """Every pair of marks, in the order of their codes. sets: the marks of each report, >= 1."""
    borne = Counter(mark for marks in sets for mark in marks)
    sizes = Counter(len(marks) for marks in sets)
    seen = Counter(pair for marks in sets for pair in combinations(sorted(marks), 2))
    marks = sorted(borne)
    found: dict[tuple[str, str], Together] = {}
    if len(marks) < 2 or max(sizes) < 2:
        return found
    weights = fitted_weights([borne[mark] for mark in marks], sizes)
    reports = {size: sizes[size] for size in sorted(sizes) if size > 1}
    places = list(combinations(range(len(marks)), 2))
    chances = pair_chances(weights, places, list(reports))
    for (one, other), chance in zip(places, chances, strict=True):
        pair = marks[one], marks[other]
        expected = float(np.array(list(reports.values())) @ chance)
        p = _at_least(seen[pair], list(reports.values()), chance)
        found[pair] = Together(seen[pair], expected, min(1.0, max(p, LEAST_P)))
    return found


def fitted_weights(borne: Sequence[int], sizes: Counter[int]) -> Floats:
    """Weights under which each mark is borne, on average, as often as it is; their mean is 1.

    borne: reports of each mark, > 0. sizes: how many reports bear so many marks.
    """
    counts = np.array(borne, dtype=float)
    number = np.array(list(sizes.values()), dtype=float)
    size = np.array(list(sizes))
    weights: Floats = counts / counts.mean()
    for _ in range(STEPS):
        whole = _symmetric(weights, np.ones((1, weights.size)), size.max())[0]
        without = _symmetric(weights, 1 - np.eye(weights.size), size.max())
        fresh = counts / ((without[:, size - 1] / whole[size]) @ number)
        fresh /= fresh.mean()
        change = np.max(np.abs(fresh / weights - 1))
        weights = fresh
        if change < TOLERANCE:
            break
    return weights


def pair_chances(
    weights: Floats, places: Sequence[tuple[int, int]], sizes: Sequence[int]
) -> Floats:
    """Pairs x sizes: the chance that a set of that size, >= 2, holds both."""
    at, size = np.array(places), np.array(sizes)
    use = np.ones((len(places), weights.size))
    for column in (0, 1):
        use[np.arange(len(places)), at[:, column]] = 0
    whole = _symmetric(weights, np.ones((1, weights.size)), size.max())[0]
    rest = _symmetric(weights, use, size.max())[:, size - 2]
    product = weights[at[:, 0]] * weights[at[:, 1]]
    return np.asarray(np.clip(product[:, None] * rest / whole[size], 0.0, 1.0), dtype=float)


def _symmetric(weights: Floats, use: Floats, most: int) -> Floats:
    """Rows x (0..most): elementary symmetric sums of the weights that each row of `use` takes."""
    sums = np.zeros((len(use), most + 1))
    sums[:, 0] = 1
    for place, weight in enumerate(weights):
        sums[:, 1:] += weight * use[:, place : place + 1] * sums[:, :-1]
    return sums


def _at_least(observed: int, reports: Sequence[int], chances: Floats) -> float:
    """P(sum of binomials >= observed). The law of each is held where it is not nearly nothing."""
    law, start = np.ones(1), 0
    for number, chance in zip(reports, chances, strict=True):
        mean = number * chance
        reach = REACH * (np.sqrt(mean) + 1) + REACH
        low, high = max(0, int(mean - reach)), min(number, int(mean + reach) + 1)
        law = np.convolve(law, stats.binom.pmf(np.arange(low, high + 1), number, chance))
        start += low
    return float(law[max(0, observed - start) :].sum())

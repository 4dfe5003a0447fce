"""Exact judgement of small counts, where no model can be fitted: 0, 0, 0, 0, 1, 0, 4.

Two questions. Is the count more than the past foretells (gamma-Poisson prediction, with what is not
known of the rate)? And is it more than its share of all reports of the time (conditional binomial,
no prior needed)? Sources: Przyborowski and Wilenski 1940 (Biometrika 31:313), Lancaster 1961
(J. Am. Stat. Assoc. 56:223) on mid-p.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy import special, stats

from app.signals import laws

LEAST_HISTORY = 3
JEFFREYS = 0.5


class Verdict(StrEnum):
    """too_short: neither enough of a past nor a prior, so nothing is said."""

    UNUSUAL = "unusual"
    USUAL = "usual"
    TOO_SHORT = "too_short"


@dataclass(frozen=True)
class Rate:
    """What is known of a rate before its own past: mean per month, and the months it is worth."""

    mean: float
    months: float


@dataclass(frozen=True)
class Exact:
    """observed, expected, bound: of the months under test; more than the bound is unusual.

    p, mid_p: chance of so many by prediction; None when too short. p_of_share, mid_p_of_share:
    the same by share of time; None without any months before.
    """

    verdict: Verdict
    observed: int
    expected: float | None
    bound: int | None
    p: float | None
    mid_p: float | None
    p_of_share: float | None
    mid_p_of_share: float | None


def judge(
    counts: Sequence[int], *, window: int = 1, alpha: float = 0.01, prior: Rate | None = None
) -> Exact:
    """The last months of a series by those before them.

    counts: by month, whole, oldest first. window: months under test, >= 1. alpha: of the bound,
    0..1. prior: from elsewhere, such as what the totals let expect; without, one that says nothing.
    """
    past, tested = counts[:-window], counts[-window:]
    before, observed = sum(past), sum(tested)
    p_of_share, mid_p_of_share = _of_share(observed, before, window, len(past))
    if len(past) < LEAST_HISTORY and prior is None:
        return Exact(
            Verdict.TOO_SHORT, observed, None, None, None, None, p_of_share, mid_p_of_share
        )
    known = prior or Rate(0.0, 0.0)
    shape = known.mean * known.months + before + (JEFFREYS if prior is None else 0.0)
    months = known.months + len(past)
    expected, dispersion = window * shape / months, 1 + window / months
    bound = int(laws.quantile(1 - alpha, expected, dispersion))
    return Exact(
        Verdict.UNUSUAL if observed > bound else Verdict.USUAL,
        observed,
        expected,
        bound,
        float(laws.at_least(observed, expected, dispersion)),
        float(laws.mid_p(observed, expected, dispersion)),
        p_of_share,
        mid_p_of_share,
    )


def _of_share(
    observed: int, before: int, window: int, months: int
) -> tuple[float | None, float | None]:
    if months == 0:
        return None, None
    total, share = observed + before, window / (window + months)
    at_least = 1.0 if observed == 0 else float(special.betainc(observed, before + 1, share))
    more = 0.0 if before == 0 else float(special.betainc(observed + 1, before, share))
    return (at_least, (at_least + more) / 2) if total else (1.0, 1.0)


def against_the_rest(*, now: int, rest_now: int, past: int, rest_past: int) -> float:
    """Did this cell rise, or everything around it? Mid-p that its share of now would be as high if
    it were that of the past (conditional on the totals; hypergeometric).

    now, past: reports of the cell; rest: those of its district or domain without the cell.
    """
    everything, cell, period = now + rest_now + past + rest_past, now + past, now + rest_now
    law = stats.hypergeom(everything, cell, period)
    return float(law.sf(now) + law.pmf(now) / 2)

"""From scores to signals: how high is high enough, and what belongs to one rise."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from app.signals.laws import Floats
from app.signals.scan import NO_EVIDENCE, ScanSettings, Score, Scores, scan
from app.signals.tables import Tables

MOST_CHANCE = 0.01
"""Above this p nothing is a signal, however quiet the past was and whatever the budget allows."""

CERTAIN = 10.0
"""Score from which everything is a signal, however restless the past was: a bureau that has just
opened, or took over a few old reports, would otherwise hear of nothing for years."""

NEARLY_ALL = 0.75
"""Of the reports too many, that a part must hold to stand for the whole."""


@dataclass(frozen=True)
class Alarm:
    """One rise. leading: the series that explains it best. bound: count of the tested month above
    which that series alarms (see Scores.bound). under: the rest of what it explains.
    """

    leading: Score
    bound: int | None
    under: tuple[Score, ...]


def calibrate(
    tables: Tables,
    months: Iterable[int],
    settings: ScanSettings | None = None,
    *,
    budget: float = 3.0,
    completeness: Floats | None = None,
) -> float:
    """The threshold at which the bureau's own past would have given so many alarms a month.

    months: indices to replay, each judged with what came before it. budget: alarming series a
    month, nested ones counted apart; real rises of the past count in, so that it errs on the quiet
    side. Raises TooShortError, ValueError without months.
    """
    scores = [scan(tables, month, settings, completeness).score for month in months]
    if not scores:
        raise ValueError("months: none to replay")
    allowed = int(budget * len(scores))
    ranked = np.sort(np.concatenate(scores))[::-1]
    if allowed >= ranked.size:
        return float("-inf")
    # Strictly above the first that is one too many.
    return min(float(np.nextafter(ranked[allowed], np.inf)), CERTAIN)


def discoveries(p: Floats, share: float) -> NDArray[np.bool_]:
    """Which would stand if this share of what stands may be false (Benjamini and Hochberg 1995).

    p: of one month, each series once. To lay beside the budget: the p of a scan is not calibrated.
    """
    return np.asarray(stats.false_discovery_control(np.clip(p, 0.0, 1.0)) <= share, dtype=bool)


def alarms(scores: Scores, threshold: float) -> list[Alarm]:
    """Signals, the surest first; what one rise sets off in several tables is one signal.

    It is told of the smallest part that holds nearly all of it. Under it comes what no longer
    alarms once that rise is known: other tables without the excess of what they have in common with
    it, its parts when everything in it rose alike.
    """
    chance = scores.p()
    open_rows = [
        int(row)
        for row in np.lexsort((np.arange(len(scores)), -scores.score))
        if scores.score[row] >= threshold and chance[row] <= MOST_CHANCE
    ]
    found = []
    counts, mean = scores.counts.copy(), scores.mean.copy()
    while open_rows:
        first = open_rows[0]
        lead = _sharpest(scores, first)
        under, rest = [], []
        for row in open_rows:
            if row == lead:
                continue
            if row == first or _explains(scores, lead, row, counts, mean, threshold):
                under.append(scores[row])
            else:
                rest.append(row)
        open_rows = rest
        found.append(Alarm(scores[lead], scores.bound(lead, threshold), tuple(under)))
    return found


def _sharpest(scores: Scores, row: int) -> int:
    """The smallest part of `row` that holds nearly all of what it has too many; else itself.

    Three reports too many in a ground are one rise in one district if all three are of it.
    """
    within = scores.within(row)
    excess = ((scores.counts - scores.mean) * within).sum(axis=1)
    is_part = np.all((scores.places[row] < 0) | (scores.places == scores.places[row]), axis=1)
    is_enough = is_part & (excess >= NEARLY_ALL * excess[row]) & (scores.score > NO_EVIDENCE)
    parts = np.flatnonzero(is_enough)
    if len(parts) == 0:
        return row
    fixed = (scores.places[parts] >= 0).sum(axis=1)
    return int(parts[np.lexsort((parts, -scores.score[parts], -excess[parts], -fixed))[0]])


def _explains(
    scores: Scores, lead: int, row: int, counts: Floats, mean: Floats, threshold: float
) -> bool:
    """Is the alarm of `row` gone once that of `lead` is known? Changes what is left of `row`."""
    shared = _shared_row(scores, lead, row)
    if shared is None:
        return False
    within = scores.within(lead) | scores.within(row)
    if shared == row:
        ratio = scores.counts[lead][within].sum() / scores.mean[lead][within].sum()
        mean[row] = np.where(within, mean[row] * max(ratio, 1.0), mean[row])
    else:
        excess = np.where(within, np.maximum(scores.counts[shared] - scores.mean[shared], 0), 0)
        counts[row] = np.maximum(counts[row] - np.round(excess), 0)
    one = np.array([row])
    return bool(scores.judged(one, counts[one], mean[one])[0] < threshold)


def _shared_row(scores: Scores, lead: int, row: int) -> int | None:
    """The series of what two series have in common. None: nothing."""
    one, other = scores.places[lead], scores.places[row]
    if np.any((one >= 0) & (other >= 0) & (one != other)):
        return None
    return scores.row_of(np.maximum(one, other))

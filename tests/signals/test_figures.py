"""What the scan finds at three false alarms a month, on a few sets of `make bench-signals`."""

import numpy as np

from benchmarks import made_up_signals
from benchmarks.signals import Found, hits, scan_scores, threshold


def test_the_scan_finds_what_is_promised() -> None:
    """At least .28, .63 and .85 of the rises of one, two and three reports a month."""
    sets = [made_up_signals.bureau(seed) for seed in (41, 42, 43)]
    found = Found(
        [scan_scores(one.counts) for one in sets],
        [scan_scores(one.counts + one.added) for one in sets],
    )
    seen, named = hits(sets, found.risen, threshold(found, 3))
    sizes = np.array([rise.size for one in sets for rise in one.rises])
    least = {1: 0.28, 2: 0.63, 3: 0.85}
    # Thirty-six rises of a size: two standard errors below what is promised would be a defect.
    for size, share in least.items():
        assert seen[sizes == size].mean() > share - 2 * np.sqrt(share * (1 - share) / 36)
    assert seen.mean() > 0.6
    assert named.mean() > 0.55

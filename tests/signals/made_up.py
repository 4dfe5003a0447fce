"""Made-up counts of reports."""

import numpy as np

from app.signals.tables import Counts


def made_up_cells(*, seed: int, shape: tuple[int, int, int], months: int, total: float) -> Counts:
    """Counts by ground, domain, district and month. total: reports a month on average."""
    random = np.random.default_rng(seed)
    rate = random.gamma(1.0, 1.0, shape)
    rate *= total / rate.sum()
    return random.negative_binomial(
        np.broadcast_to((rate / 0.3)[..., None], (*shape, months)), 1 / 1.3
    )

"""How much likelier are these counts if something came on top of what was to be expected?

Sources: Page 1954 (Biometrika 41:100) for evidence that adds up over time, Kulldorff 1997 (Commun.
Stat. Theory Methods 26:1481) for looking back over several windows.
"""

from collections.abc import Sequence

import numpy as np
from scipy import special

from app.signals.laws import Floats


def of_rise(
    counts: Floats, mean: Floats, dispersion: Floats, rise: Floats, windows: Sequence[float]
) -> Floats:
    """Logarithms, series x windows: that the rise began in the last period, one before, and so on.

    counts, mean, dispersion (above 1), rise: series x periods, as many as windows. rise: on top of
    the mean, > 0. windows: what each beginning is given beforehand, as a logarithm.

    Both laws have the same dispersion, so that more reports are always more evidence; and each
    period is weighed by itself, so that a rise that stays tells more than as many reports at once.
    """
    excess = dispersion - 1
    size, more = mean / excess, rise / excess
    by_period = (
        special.gammaln(counts + size + more)
        - special.gammaln(counts + size)
        - special.gammaln(size + more)
        + special.gammaln(size)
        - more * np.log(dispersion)
    )
    return np.asarray(np.cumsum(by_period[:, ::-1], axis=1) + np.array(windows), dtype=float)

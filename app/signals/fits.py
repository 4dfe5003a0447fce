"""One Poisson fit by statsmodels, for all that fit a single series."""

import warnings
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from app.signals.laws import Floats

STEPS = 25
TOLERANCE = 1e-8
"""Of the deviance, relative."""


@dataclass(frozen=True)
class Fit:
    """coefficients; mean of each point; inverse information, unscaled. has_settled: the last step
    changed nothing any more."""

    coefficients: Floats
    mean: Floats
    inverse: Floats
    has_settled: bool


def poisson(
    counts: Floats | NDArray[np.int_],
    columns: Floats,
    offset: Floats,
    weights: Floats | None = None,
) -> Fit:
    """Log link. Raises ValueError or LinAlgError where nothing can be fitted, as on zeros alone."""
    model = sm.GLM(
        counts, columns, family=sm.families.Poisson(), offset=offset, var_weights=weights
    )
    with warnings.catch_warnings():
        # A series that lies on its curve is no cause for worry here.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        result = model.fit(maxiter=STEPS, tol=TOLERANCE, tol_criterion="deviance")
    return Fit(
        result.params,
        result.fittedvalues,
        result.normalized_cov_params,
        has_settled=bool(result.converged),
    )

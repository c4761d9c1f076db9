"""What each path adds to a figure: from these come means, errors and paired differences alike.

Arrays have any shape that ends with the paths, so that one path or a whole grid of simulations is scored at
once.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from inmail_credits._inputs import known_name
from inmail_credits.forecasting.monte_carlo import Floats, Sample

SUMMED: Final = ("wanted", "sent", "refused", "replied", "refunded", "expired", "forfeited", "balance")
SHARES: Final = ("run_dry", "share_sent", "share_wasted")
SCORED: Final = (*SUMMED, *SHARES)
"""The figures that simulations are compared by."""


def scores(totals: Mapping[str, Sample], name: str) -> Floats:
    """What each path adds to a figure, shape (..., paths): the mean over paths is the figure.

    ``totals`` are those of :attr:`Simulation.path_totals`. For the two shares the scores are the terms of the
    delta method; ``nan`` where the whole is 0 on every path.

    Raises:
        UnknownNameError: for a figure that is not in :data:`SCORED`.

    Example:
        >>> scores({"refused": np.array([0, 2, 1, 0])}, "run_dry").tolist()
        [0.0, 1.0, 1.0, 0.0]
    """
    name = known_name("figure of a comparison", name, SCORED)
    if name == "run_dry":
        return (totals["refused"] > 0).astype(np.float64)
    if name == "share_sent":
        return _of_whole(totals["sent"], totals["wanted"])
    if name == "share_wasted":
        received = totals["opening"] + totals["granted"] + totals["refunded"]
        return _of_whole(totals["expired"] + totals["forfeited"], received)
    return totals[name].astype(np.float64)


def means_and_errors(values: Floats) -> tuple[Floats, Floats]:
    """The mean over the last axis and its standard error; ``nan`` errors for a single path.

    Example:
        >>> means, errors = means_and_errors(np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]]))
        >>> means.tolist(), errors.round(3).tolist()
        ([2.0, 5.0], [0.577, 0.0])
    """
    paths = values.shape[-1]
    means: Floats = np.mean(values, axis=-1)
    if paths == 1:
        return means, np.full(means.shape, np.nan)
    errors: Floats = np.std(values, axis=-1, ddof=1) / np.sqrt(paths)
    return means, errors


def _of_whole(part: Sample, whole: Sample) -> Floats:
    base = np.mean(whole, axis=-1, keepdims=True, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.mean(part, axis=-1, keepdims=True, dtype=np.float64) / base
        result: Floats = ratio + (part - ratio * whole) / base
    return result

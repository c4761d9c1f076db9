"""Monte-Carlo standard errors and bounds of means, shares and ratios.

The standard error of a figure is the standard deviation it has over seeds. A share of 0 or 1 has an estimated
error of 0, which is not informative; the bounds are exact (Clopper and Pearson, 1934).

Monte-Carlo errors shrink with the number of paths. They say nothing about whether the assumed behaviour is
right.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from inmail_credits.simulation.result import mean_and_error

Sample = npt.NDArray[np.integer] | npt.NDArray[np.float64]
Floats = npt.NDArray[np.float64]

TAIL: Final = 0.025
"""What lies beyond each bound of a 95 % interval."""


def share_and_error(counts: npt.NDArray[np.integer], paths: int) -> tuple[Floats, Floats]:
    """The share of paths for each count, and its standard error; both of the shape of ``counts``.

    The error is ``nan`` for a single path.

    Example:
        >>> share, error = share_and_error(np.array([0, 50, 100]), 101)
        >>> error.round(3)
        array([0.  , 0.05, 0.01])
    """
    share = counts / np.float64(paths)
    if paths == 1:
        return share, np.full(share.shape, np.nan)
    error: Floats = np.sqrt(share * (1 - share) / (paths - 1))
    return share, error


def share_bounds(counts: npt.NDArray[np.integer], paths: int) -> tuple[Floats, Floats]:
    """Exact 95 % bounds of the share behind each count (Clopper and Pearson, 1934), each of its shape.

    Example:
        >>> low, high = share_bounds(np.array([0]), 10_000)
        >>> float(low[0]), round(float(high[0]), 6)
        (0.0, 0.000369)
    """
    counts = counts.astype(np.float64)
    low = np.where(counts > 0, betaincinv(np.maximum(counts, 1), paths - counts + 1, TAIL), 0.0)
    high = np.where(counts < paths, betaincinv(counts + 1, np.maximum(paths - counts, 1), 1 - TAIL), 1.0)
    return low, high


def ratio_and_error(part: Sample, whole: Sample) -> tuple[float, float]:
    """The ratio of the means of two paired samples of shape (n,), and its standard error.

    By the delta method: the error of the mean of ``(part - ratio * whole) / mean(whole)``. ``nan`` where
    the whole is 0.

    Example:
        >>> ratio_and_error(np.array([1, 2, 3]), np.array([2, 4, 6]))
        (0.5, 0.0)
    """
    base = float(np.mean(whole, dtype=np.float64)) if len(whole) else 0.0
    if base == 0:
        return float("nan"), float("nan")
    ratio = float(np.mean(part, dtype=np.float64)) / base
    _, error = mean_and_error(ratio_scores(part, whole))
    return ratio, error


def ratio_scores(part: Sample, whole: Sample) -> Floats:
    """What each path adds to the ratio of means, shape (n,): their mean is the ratio, their error its error.

    All ``nan`` where the whole is 0 throughout.

    Example:
        >>> ratio_scores(np.array([1, 3]), np.array([4, 4]))
        array([0.25, 0.75])
    """
    if not np.any(whole):
        return np.full(len(whole), np.nan)
    base = np.mean(whole, dtype=np.float64)
    ratio = np.mean(part, dtype=np.float64) / base
    scores: Floats = ratio + (part - ratio * whole) / base
    return scores

"""Quantiles of many reply rates known from samples: compiled, as one pair takes 10 ms in plain Python.

The same steps as :func:`~inmail_credits.simulation._engine.chances.rate_quantiles`, in the same order, so
that every bit is the same.
"""

from math import exp, expm1, log, log1p
from typing import Final

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation._engine.chances import FLAT, GRID_POINTS, QUANTILES, TAIL, rate_quantiles
from inmail_credits.simulation._engine.compiled import compiled, entry
from inmail_credits.simulation._engine.tables import ONE, Ints

Floats = npt.NDArray[np.float64]
FEW: Final = 100
"""So many pairs take less time than compiling does."""
STEP_MAX: Final = 1e12
POINTS, LOGS, AREAS, BELOW = range(4)


def quantiles_of(rates: Floats, sizes: Floats) -> Ints:
    """The quantiles of each pair of a rate, strictly between 0 and 1, and a sample size; shape (pairs, 1025).

    Example:
        >>> median = quantiles_of(np.array([0.5]), np.array([2.0]))[0, 512] / 2**32
        >>> round(float(median), 6)
        0.5
    """
    out = np.zeros((len(rates), QUANTILES), dtype=np.int64)
    if len(rates) <= FEW:
        for row, (rate, size) in enumerate(zip(rates.tolist(), sizes.tolist(), strict=True)):
            out[row] = rate_quantiles(rate, int(size))
    else:
        fill_quantiles(rates, sizes, out, np.zeros((4, GRID_POINTS + 4)))
    return out


@entry
def fill_quantiles(rates: Floats, sizes: Floats, out: Ints, work: Floats) -> None:
    """Write the quantiles of each pair into a row of ``out``; ``work`` is room for the points of one pair."""
    for row in range(len(rates)):
        a, b = rates[row] * sizes[row], (1 - rates[row]) * sizes[row]
        count = add_up(a, b, work)
        invert(work, count, out[row])


@compiled
def add_up(a: float, b: float, work: Floats) -> int:
    """Points of the logarithm of the odds, logarithms of the density, areas, their sums; how many areas."""
    points, logs, areas, below = work[POINTS], work[LOGS], work[AREAS], work[BELOW]
    low, high = end_of_logit(a, b, -1.0), end_of_logit(a, b, 1.0)
    first, last = max(low, -TAIL), min(high, TAIL)
    count = 0
    if low < first:
        points[0] = low
        count = 1
    for k in range(GRID_POINTS + 1):
        points[count] = first + (last - first) * k / GRID_POINTS
        count += 1
    if high > last:
        points[count] = high
        count += 1
    for k in range(count):
        y = points[k]
        logs[k] = -a * softplus(-y) - b * softplus(y)
    most = logs[0]
    for k in range(1, count):
        most = max(most, logs[k])
    below[0] = 0.0
    for k in range(count - 1):
        areas[k] = (points[k + 1] - points[k]) * exp(logs[k] - most) * growth(logs[k + 1] - logs[k])
        below[k + 1] = below[k] + areas[k]
    return count - 1


@compiled
def invert(work: Floats, count: int, quantiles: Ints) -> None:
    """Where the sums of areas reach each share of the whole."""
    points, logs, areas, below = work[POINTS], work[LOGS], work[AREAS], work[BELOW]
    cell = 0
    for k in range(QUANTILES):
        target = k / (QUANTILES - 1) * below[count]
        while cell < count - 1 and below[cell + 1] < target:
            cell += 1
        slope, share = logs[cell + 1] - logs[cell], (target - below[cell]) / areas[cell]
        part = share if abs(slope) < FLAT else log1p(max(share * expm1(slope), FLAT - 1)) / slope
        y = points[cell] + (points[cell + 1] - points[cell]) * part
        quantiles[k] = int(np.rint(1 / (1 + exp(-y)) * ONE)) if y > -TAIL else 0


@compiled
def growth(slope: float) -> float:
    """The mean of exp(slope x) over 0..1."""
    return expm1(slope) / slope if abs(slope) > FLAT else 1.0 + slope / 2


@compiled
def softplus(y: float) -> float:
    """The logarithm of 1 + e^y."""
    return y + log(1 + exp(-y)) if y > 0 else log(1 + exp(y))


@compiled
def end_of_logit(a: float, b: float, sign: float) -> float:
    """How far to one side the density of the logarithm of the odds is more than e^-46 of its highest."""
    mode = log(a / b)
    step = 1e-6
    while depth(a, b, mode, mode + sign * step) < TAIL and step < STEP_MAX:
        step *= 1.25
    return mode + sign * step


@compiled
def depth(a: float, b: float, mode: float, y: float) -> float:
    """How much lower the logarithm of the density is than at its mode."""
    return a * (softplus(-y) - softplus(-mode)) + b * (softplus(y) - softplus(mode))

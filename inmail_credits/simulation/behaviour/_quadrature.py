"""Means over steps by Gauss-Legendre quadrature, with the same bits on every processor."""

from collections.abc import Callable
from math import fsum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_HALF_NODES = (
    0.09501250983763744018531934, 0.28160355077925891323046050, 0.45801677765722738634241944,
    0.61787624440264374844667176, 0.75540440835500303389510119, 0.86563120238783174388046790,
    0.94457502307323257607798842, 0.98940093499164993259615417,
)  # fmt: skip
_HALF_WEIGHTS = (
    0.18945061045506849628539672, 0.18260341504492358886676367, 0.16915651939500253818931208,
    0.14959598881657673208150173, 0.12462897125553387205247628, 0.09515851168249278480992511,
    0.06225352393864789286284384, 0.02715245941175409485178057,
)  # fmt: skip
_NODES = np.array([*(-node for node in reversed(_HALF_NODES)), *_HALF_NODES])
_WEIGHTS = np.array([*reversed(_HALF_WEIGHTS), *_HALF_WEIGHTS])
"""Gauss-Legendre quadrature with 16 points on -1..1, as tabulated (Abramowitz & Stegun, table 25.4): solved
for at run time, the last bits of nodes and weights would depend on the processor."""
_GRADES = 44
"""How often the first step is halved towards 0."""


def means_over_steps(below: Callable[[Floats], Floats], steps: int, steps_per_day: int) -> Floats:
    """The mean of ``below(x)``, a distribution function of days, over each step; shape (steps,).

    The first step is graded towards 0, where distribution functions may rise steeply.

    Example:
        >>> means_over_steps(lambda days: np.minimum(days / 4, 1.0), steps=5, steps_per_day=1).round(6)
        array([0.125, 0.375, 0.625, 0.875, 1.   ])
    """
    width = 1.0 / steps_per_day
    edges = np.arange(steps + 1, dtype=np.float64) * width
    out = _means_between(below, edges) if steps > 1 else np.empty(steps)
    if steps:
        grades: Floats = np.append(0.0, width * 0.5 ** np.arange(_GRADES, -1, -1, dtype=np.float64))
        parts = _means_between(below, grades)
        out[0] = fsum((parts * np.diff(grades)).tolist()) / width
    return out


def _means_between(below: Callable[[Floats], Floats], edges: Floats) -> Floats:
    """The mean of ``below`` between each two neighbours of ``edges``."""
    low, high = edges[:-1], edges[1:]
    half = (high - low)[:, None] / 2
    at = (high + low)[:, None] / 2 + half * _NODES
    parts = below(at) * _WEIGHTS
    return np.array([fsum(row) / 2 for row in parts.tolist()])

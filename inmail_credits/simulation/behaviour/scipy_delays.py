"""Delays from SciPy: any frozen distribution that is never below 0.

SciPy itself is not imported: what is asked of a distribution is its ``cdf`` and its ``mean``.
"""

from math import isfinite
from typing import Protocol, runtime_checkable

import numpy as np
from attrs import frozen

from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation.behaviour.delays import Delay, Floats

POINTS = 64
"""Points of the midpoint rule in each step."""
_LIMIT = "a frozen SciPy distribution of numbers from 0, with a mean: scipy.stats.gamma(2, scale=1.5)"


@runtime_checkable
class FrozenDistribution(Protocol):
    """What is asked of a frozen SciPy distribution such as ``scipy.stats.gamma(2, scale=1.5)``."""

    def cdf(self, x: Floats) -> Floats:
        """The chance of at most ``x``."""

    def mean(self) -> float:
        """The mean."""


@frozen
class FromSciPy(Delay):
    """The delay, in days, of any frozen SciPy distribution that is never below 0.

    Raises:
        InvalidValueError: for something else, a distribution that goes below 0, or one without a mean.

    Example:
        >>> from scipy import stats
        >>> gamma = FromSciPy(stats.gamma(2, scale=1.5))
        >>> round(gamma.mean_days, 6), round(float(gamma.pmf(400).sum()), 6)
        (3.0, 1.0)
    """

    distribution: FrozenDistribution

    def __attrs_post_init__(self) -> None:
        try:
            mean, negative = float(self.distribution.mean()), float(self.distribution.cdf(np.array(-1e-9)))
        except (AttributeError, TypeError, ValueError):
            raise InvalidValueError("delay", self.distribution, _LIMIT) from None
        if not isfinite(mean) or not negative <= 0:
            raise InvalidValueError("delay", self.distribution, _LIMIT)

    @property
    def mean_days(self) -> float:
        """Its mean."""
        return float(self.distribution.mean())

    def below(self, days: Floats) -> Floats:
        """Its distribution function."""
        found: Floats = np.asarray(self.distribution.cdf(np.maximum(days, 0.0)), np.float64)
        return np.asarray(np.where(days > 0, found, 0.0), np.float64)

    def pmf(self, steps: int, *, steps_per_day: int = 1) -> Floats:
        """``P(floor(U + X) = k)``, by the midpoint rule with 64 points a step."""
        at = (np.arange(steps * POINTS) + 0.5) / (POINTS * steps_per_day)
        within = self.below(at).reshape(steps, POINTS).mean(axis=1)
        result: Floats = np.clip(np.diff(within, prepend=0.0), 0.0, 1.0)
        return result


def as_delay(value: object) -> Delay:
    """A delay: one of ours as it is, a frozen SciPy distribution as :class:`FromSciPy`.

    Raises:
        InvalidValueError: for anything else.

    Example:
        >>> from scipy import stats
        >>> round(as_delay(stats.expon(scale=2.0)).mean_days, 6)
        2.0
    """
    if isinstance(value, Delay):
        return value
    if isinstance(value, FrozenDistribution) and not isinstance(value, type):
        return FromSciPy(value)
    raise InvalidValueError(
        "delay", value, "a Delay, such as Exponential(mean_days=2), or a frozen SciPy distribution"
    )

"""The laws of delay that are fitted: exponential, Weibull, lognormal; each with density, survival, gradient.

A law takes ``theta``: the logarithm of a scale in days, and, but for the exponential, the logarithm of a
shape. ``days`` has shape (n,); gradients have shape (parameters, n). Formulae: Johnson, Kotz, Balakrishnan,
"Continuous Univariate Distributions", chapters 14, 19 and 21.
"""

from abc import ABC, abstractmethod
from math import exp, log, pi
from typing import ClassVar, Final

import numpy as np
from scipy import special

from inmail_credits.calibration._typing import Floats
from inmail_credits.simulation import delays

_LOG_ROOT_2PI: Final = 0.5 * log(2 * pi)
EULER: Final = 0.5772156649015329
_LOG_POWER_MAX: Final = 200.0
_SCALE_MIN, _SCALE_MAX = log(1e-6), log(1e6)
_SHAPE_MIN, _SHAPE_MAX = log(0.06), log(19.0)
_SIGMA_MIN, _SIGMA_MAX = log(0.02), log(9.9)


class Law(ABC):
    """One law of delay.

    ``theta`` may hold numbers, or arrays that broadcast with ``days``: one law for each row.
    """

    name: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]]
    bounds: ClassVar[tuple[tuple[float, float], ...]]

    @abstractmethod
    def start(self, days: Floats) -> Floats:
        """A first guess at theta from delays that were seen."""

    @abstractmethod
    def log_density(self, days: Floats, theta: Floats) -> Floats:
        """The logarithm of the density."""

    @abstractmethod
    def log_survival(self, days: Floats, theta: Floats) -> Floats:
        """The logarithm of the chance to wait longer."""

    @abstractmethod
    def density_slope(self, days: Floats, theta: Floats) -> Floats:
        """The derivatives of ``log_density`` by theta, shape (parameters, n)."""

    @abstractmethod
    def survival_slope(self, days: Floats, theta: Floats) -> Floats:
        """The derivatives of ``log_survival`` by theta, shape (parameters, n)."""

    @abstractmethod
    def median(self, theta: Floats) -> Floats:
        """The delay, in days, within which half of the answers come; of the shape of each entry of theta."""

    @abstractmethod
    def delay(self, theta: Floats) -> delays.Delay:
        """The delay of the simulation."""


class Weibull(Law):
    """Shape below 1: ever fewer answers with time."""

    name = "weibull"
    parameters = ("scale_days", "shape")
    bounds = ((_SCALE_MIN, _SCALE_MAX), (_SHAPE_MIN, _SHAPE_MAX))

    def start(self, days: Floats) -> Floats:
        """From mean and deviation of the logarithm, which is Gumbel distributed."""
        logs = np.log(days)
        shape = pi / 6**0.5 / max(float(logs.std()), 0.1)
        return np.array([float(logs.mean()) + EULER / shape, log(shape)])

    def log_density(self, days: Floats, theta: Floats) -> Floats:
        """``log k - log scale + (k - 1) log(t / scale) - (t / scale)^k``."""
        shape = np.exp(theta[1])
        ratio = np.log(days) - theta[0]
        result: Floats = theta[1] - theta[0] + (shape - 1) * ratio - _power(shape * ratio)
        return result

    def log_survival(self, days: Floats, theta: Floats) -> Floats:
        """``-(t / scale)^k``."""
        return -_power(np.exp(theta[1]) * (np.log(days) - theta[0]))

    def density_slope(self, days: Floats, theta: Floats) -> Floats:
        """``k (w - 1)`` and ``1 + k log(t / scale) (1 - w)``, with ``w = (t / scale)^k``."""
        shape = exp(theta[1])
        ratio = shape * (np.log(days) - theta[0])
        power = _power(ratio)
        return np.stack([shape * (power - 1), 1 + ratio * (1 - power)])

    def survival_slope(self, days: Floats, theta: Floats) -> Floats:
        """``k w`` and ``-k log(t / scale) w``."""
        shape = exp(theta[1])
        ratio = shape * (np.log(days) - theta[0])
        power = _power(ratio)
        return np.stack([shape * power, -ratio * power])

    def median(self, theta: Floats) -> Floats:
        """``scale (log 2)^(1 / k)``."""
        return np.asarray(np.exp(theta[0] + log(log(2)) * np.exp(-theta[1])), np.float64)

    def delay(self, theta: Floats) -> delays.Delay:
        """A Weibull delay."""
        return delays.Weibull(exp(theta[0]), exp(theta[1]))


class Exponential(Law):
    """Answers come at a constant hazard: the Weibull law of shape 1."""

    name = "exponential"
    parameters = ("mean_days",)
    bounds = ((_SCALE_MIN, _SCALE_MAX),)

    def start(self, days: Floats) -> Floats:
        """The mean."""
        return np.array([log(float(np.mean(days)))])

    def log_density(self, days: Floats, theta: Floats) -> Floats:
        """``-log mean - t / mean``."""
        result: Floats = -theta[0] - days * np.exp(-theta[0])
        return result

    def log_survival(self, days: Floats, theta: Floats) -> Floats:
        """``-t / mean``."""
        result: Floats = -days * np.exp(-theta[0])
        return result

    def density_slope(self, days: Floats, theta: Floats) -> Floats:
        """``t / mean - 1``."""
        return (days * exp(-theta[0]) - 1)[None, :]

    def survival_slope(self, days: Floats, theta: Floats) -> Floats:
        """``t / mean``."""
        return (days * exp(-theta[0]))[None, :]

    def median(self, theta: Floats) -> Floats:
        """``mean log 2``."""
        return np.asarray(np.exp(theta[0]) * log(2), np.float64)

    def delay(self, theta: Floats) -> delays.Delay:
        """An exponential delay."""
        return delays.Exponential(mean_days=exp(theta[0]))


class Lognormal(Law):
    """The logarithm of the delay is normal."""

    name = "lognormal"
    parameters = ("median_days", "sigma")
    bounds = ((_SCALE_MIN, _SCALE_MAX), (_SIGMA_MIN, _SIGMA_MAX))

    def start(self, days: Floats) -> Floats:
        """Mean and standard deviation of the logarithm."""
        logs = np.log(days)
        return np.array([float(logs.mean()), log(max(float(logs.std()), 0.1))])

    def log_density(self, days: Floats, theta: Floats) -> Floats:
        """``-log t - log sigma - z^2 / 2 - log(2 pi) / 2``."""
        logs = np.log(days)
        z = (logs - theta[0]) * np.exp(-theta[1])
        result: Floats = -logs - theta[1] - 0.5 * z * z - _LOG_ROOT_2PI
        return result

    def log_survival(self, days: Floats, theta: Floats) -> Floats:
        """``log Phi(-z)``."""
        result: Floats = special.log_ndtr((theta[0] - np.log(days)) * np.exp(-theta[1]))
        return result

    def density_slope(self, days: Floats, theta: Floats) -> Floats:
        """``z / sigma`` and ``z^2 - 1``."""
        z = (np.log(days) - theta[0]) * exp(-theta[1])
        return np.stack([z * exp(-theta[1]), z * z - 1])

    def survival_slope(self, days: Floats, theta: Floats) -> Floats:
        """``h / sigma`` and ``h z``, with ``h`` the normal density over its survival at ``z``."""
        z = (np.log(days) - theta[0]) * exp(-theta[1])
        hazard = np.exp(-0.5 * z * z - _LOG_ROOT_2PI - special.log_ndtr(-z))
        return np.stack([hazard * exp(-theta[1]), hazard * z])

    def median(self, theta: Floats) -> Floats:
        """``median``."""
        return np.asarray(np.exp(theta[0]), np.float64)

    def delay(self, theta: Floats) -> delays.Delay:
        """A lognormal delay."""
        return delays.Lognormal(median_days=exp(theta[0]), sigma=exp(theta[1]))


def _power(log_power: Floats) -> Floats:
    result: Floats = np.exp(np.minimum(log_power, _LOG_POWER_MAX))
    return result


LAWS: Final[dict[str, Law]] = {law.name: law for law in (Weibull(), Lognormal(), Exponential())}

"""Scores of forecasts: how far a forecast distribution was from what happened; the lower, the better.

All are proper: nobody scores better in the mean by stating anything but what they believe (Gneiting and
Raftery 2007). An ensemble is a sample of outcomes, one from each simulated path.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from inmail_credits._inputs import as_number, as_rate
from inmail_credits.calibration._typing import Floats
from inmail_credits.errors import InvalidValueError, UnknownNameError

ESTIMATORS: Final = ("fair", "empirical")
MEMBERS_MIN: Final = 2


def crps_ensemble(ensemble: npt.ArrayLike, observed: float, *, estimator: str = "fair") -> float:
    """The continuous ranked probability score of an ensemble, in the unit of the outcome.

    ``E|X - y| - E|X - X'| / 2``. The ``"fair"`` estimator divides the second mean by ``m (m - 1)``, so that
    the score does not depend in the mean on the number of members (Ferro 2014); the ``"empirical"`` one,
    the score of the ensemble as a distribution in itself, by ``m^2``.

    Args:
        ensemble: outcomes of the forecast, at least two; shape (m,).
        observed: what happened.
        estimator: ``"fair"`` or ``"empirical"``.

    Example:
        >>> round(crps_ensemble([0, 1, 2, 3, 5, 8], 3), 4)
        0.4
    """
    if estimator not in ESTIMATORS:
        raise UnknownNameError("estimator of the CRPS", estimator, ESTIMATORS)
    members = np.sort(_sample(ensemble))
    count = len(members)
    pairs = float(np.sum(members * (2 * np.arange(1, count + 1) - count - 1)))
    divisor = count * (count - 1) if estimator == "fair" else count * count
    return float(np.mean(np.abs(members - _finite(observed)))) - pairs / divisor


def crps_counts(chances: npt.ArrayLike, observed: int) -> float:
    """The score of a distribution of counts: the sum of ``(F(k) - [k >= y])^2``.

    Args:
        chances: the chance of 0, 1, 2, ..., as far as they matter; shape (n,).
        observed: the count that happened; one beyond the last chance adds 1 for each count in between.

    Example:
        >>> crps_counts([0.5, 0.5], 1)
        0.25
    """
    pmf: Floats = np.asarray(chances, np.float64)
    if pmf.ndim != 1 or not len(pmf) or not (pmf >= 0).all():
        raise InvalidValueError("chances", chances, "a list of numbers, 0 or more")
    below = np.append(np.cumsum(pmf), np.ones(max(0, int(observed) + 1 - len(pmf))))
    return float(np.sum((below - (np.arange(len(below)) >= observed)) ** 2))


def pinball(quantile: float, observed: float, level: float) -> float:
    """The quantile score: ``(y - q) level`` above the quantile, ``(q - y) (1 - level)`` below it.

    Example:
        >>> round(pinball(7.0, 3.0, 0.95), 4)
        0.2
    """
    level = as_rate("level", level)
    apart = _finite(observed) - _finite(quantile)
    return apart * level if apart >= 0 else -apart * (1 - level)


def interval_score(low: float, high: float, observed: float, level: float) -> float:
    """The score of a central interval: its width, and ``2 / (1 - level)`` times how far it was missed.

    Example:
        >>> round(interval_score(0.3, 7.0, 3.0, 0.9), 4)
        6.7
    """
    level = as_number("level", level, 0, 1 - 1e-9)
    missed = max(low - observed, 0.0) + max(observed - high, 0.0)
    return _finite(high) - _finite(low) + 2 / (1 - level) * missed


def brier(probability: float, happened: object) -> float:
    """The square of the distance between the probability stated, 0..1, and what happened, 0 or 1.

    Example:
        >>> round(brier(0.8, True), 4)
        0.04
    """
    probability = as_rate("probability", probability)
    return (probability - float(bool(happened))) ** 2


def pit(ensemble: npt.ArrayLike, observed: float, uniform: float) -> float:
    """The randomised probability integral transform: uniform on 0..1 if the forecast is right.

    ``P(X < y) + uniform x P(X = y)``, with ``uniform`` drawn from 0..1 by the caller; counts are often equal
    to what happened, and without it they would never look right (Czado, Gneiting and Held 2009).

    Example:
        >>> pit([0, 1, 1, 2], 1, 0.5)
        0.5
    """
    uniform = as_rate("uniform", uniform)
    members = _sample(ensemble)
    return float(np.mean(members < _finite(observed)) + uniform * np.mean(members == observed))


def _sample(ensemble: npt.ArrayLike) -> Floats:
    members: Floats = np.asarray(ensemble, np.float64)
    if members.ndim != 1 or len(members) < MEMBERS_MIN or not np.isfinite(members).all():
        raise InvalidValueError("ensemble", ensemble, f"at least {MEMBERS_MIN} finite numbers in one row")
    return members


def _finite(value: float) -> float:
    if not np.isfinite(value):
        raise InvalidValueError("outcome", value, "a finite number")
    return float(value)

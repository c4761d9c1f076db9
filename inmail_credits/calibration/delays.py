"""Delays taken from data, for :class:`~inmail_credits.simulation.Replies`.

Hours cut to whole days make answers look quicker than they are; :class:`Observed` keeps the delays as they
were measured and puts them on the grid of the simulation exactly.
"""

from collections.abc import Iterable
from math import fsum

import numpy as np
import pandas as pd
from attrs import field, frozen

from inmail_credits._inputs import as_items, as_number
from inmail_credits.calibration._typing import Floats
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation import delays
from inmail_credits.timeline import DAYS_MAX


def _delays(values: Iterable[float]) -> tuple[float, ...]:
    items = as_items("days", values, "delays in days", count_max=None)
    return tuple([as_number("delay in days", value, 0, DAYS_MAX) for value in items])


def _weights(values: Iterable[float]) -> tuple[float, ...]:
    items = as_items("weights", values, "a weight for each delay", count_max=None)
    return tuple([as_number("weight of a delay", value, 0, delays.WEIGHT_MAX) for value in items])


@frozen
class Observed(delays.Delay):
    """Delays as they were observed, in days and fractions of a day, each with a weight.

    Fields:
        days: 0 to 36,500.
        weights: 0 or more, scaled to add up to 1; all alike if left out.

    Raises:
        InvalidValueError: for no delay, one outside its limits, or weights that do not fit.

    Example:
        >>> Observed([0.5, 2.25]).pmf(4)
        array([0.25 , 0.25 , 0.375, 0.125])
        >>> Observed([0.5, 2.25]).mean_days
        1.375
    """

    days: tuple[float, ...] = field(converter=_delays)
    weights: tuple[float, ...] = field(default=(), converter=_weights)

    def __attrs_post_init__(self) -> None:
        if not self.days:
            raise InvalidValueError("observed delays", self.days, "at least one")
        if not self.weights:
            object.__setattr__(self, "weights", (1.0,) * len(self.days))
        if len(self.weights) != len(self.days) or not fsum(self.weights) > 0:
            raise InvalidValueError("weights of delays", self.weights, "one for each delay, not all 0")

    @classmethod
    def of_curve(cls, curve: pd.DataFrame) -> "Observed":
        """The delays of a Kaplan-Meier curve: its steps, scaled to those who answer.

        Young messages, which only the late answers of others can speak for, are given their due.
        """
        if not len(curve):
            raise InvalidValueError("answers of the curve", 0, "at least one")
        silent = curve["silent"].to_numpy(np.float64)
        return cls(curve["days"].tolist(), (-np.diff(silent, prepend=1.0)).clip(0).tolist())

    @property
    def mean_days(self) -> float:
        """The weighted mean."""
        total = fsum(self.weights)
        return fsum(day * weight for day, weight in zip(self.days, self.weights, strict=True)) / total

    def below(self, days: Floats) -> Floats:
        """The weight of the delays below ``x``."""
        order = np.argsort(self.days, kind="stable")
        sums = np.concatenate(([0.0], np.cumsum(np.array(self.weights)[order]))) / fsum(self.weights)
        result: Floats = np.minimum(sums, 1.0)[np.searchsorted(np.array(self.days)[order], days, side="left")]
        return result

    def pmf(self, steps: int, *, steps_per_day: int = 1) -> Floats:
        """``P(floor(U + X) = k)``: a delay of 2.25 steps takes 2 steps in 75 of 100 cases, else 3."""
        whole, part = np.divmod(np.array(self.days) * steps_per_day, 1.0)
        weight = np.array(self.weights) / fsum(self.weights)
        out = np.zeros(steps + 1)
        for at, share in ((whole, weight * (1 - part)), (whole + 1, weight * part)):
            np.add.at(out, np.minimum(at, steps).astype(np.intp), share)
        return out[:steps]

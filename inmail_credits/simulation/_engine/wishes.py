"""How many messages an outreach wants in each step, as laws that the kernels draw from."""

from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation._engine.chances import CountLaw, count_law
from inmail_credits.simulation.behaviour import Sends
from inmail_credits.simulation.behaviour.sends import DENOMINATOR_MAX, SendLaw

WEEK: Final = 7
Slots = npt.NDArray[np.uint16]


class Wishes(NamedTuple):
    """The laws that occur, and for each step which of them it has; ``slots`` has shape (steps,)."""

    laws: tuple[CountLaw, ...]
    slots: Slots
    mean: float

    @property
    def most(self) -> int:
        """The most messages that may ever be wanted in all steps together."""
        most = np.array([law.most for law in self.laws], dtype=np.int64)
        return int(most[self.slots].sum())

    @property
    def step_most(self) -> int:
        """The most that may be wanted in one step."""
        return max((law.most for law in self.laws), default=0)


@lru_cache(maxsize=256)
def wishes_of(sends: Sends, first_day: date, days: int, steps_per_day: int) -> Wishes:
    """The laws of each step of so many days from ``first_day`` on."""
    weekdays = (first_day.weekday() + np.arange(days)) % WEEK
    kinds: dict[object, int] = {}
    laws: list[CountLaw] = []
    means: list[float] = []
    keys: list[tuple[object, float]]
    if sends.law is SendLaw.FIXED:
        counts = _fixed_counts(sends, first_day, days, steps_per_day)
        keys = [("fixed", int(count)) for count in counts]
    else:
        keys = [
            ("poisson", sends.by_weekday[int(weekday)]) for weekday in weekdays for _ in range(steps_per_day)
        ]
    special = sends.holidays | {day for day, _ in sends.bursts}
    for day in range(days) if special else ():
        on = first_day + timedelta(days=day)
        if on in special:
            for part in range(steps_per_day):
                keys[day * steps_per_day + part] = (on, part)
    slots = np.zeros(days * steps_per_day, dtype=np.uint16)
    for step, key in enumerate(keys):
        if key not in kinds:
            day, part = divmod(step, steps_per_day)
            pmf = sends.pmf(first_day + timedelta(days=day), step=part, steps_per_day=steps_per_day)
            kinds[key] = len(laws)
            laws.append(count_law(pmf))
            means.append(float((np.arange(len(pmf)) * pmf).sum()))
        slots[step] = kinds[key]
    mean = float(np.array(means)[slots].sum()) if laws else 0.0
    return Wishes(tuple(laws) or (CountLaw(0, np.zeros(0, dtype=np.uint32)),), slots, mean)


def _fixed_counts(sends: Sends, first_day: date, days: int, steps_per_day: int) -> npt.NDArray[np.int64]:
    """Fixed sends of each step: as :meth:`Sends.pmf` counts them, all at once in whole numbers."""
    means = [Fraction(mean).limit_denominator(DENOMINATOR_MAX) for mean in sends.by_weekday]
    unit = lcm(*(mean.denominator for mean in means)) * steps_per_day
    a_step = [int(mean * unit) // steps_per_day for mean in means]
    week = sum(a_step) * steps_per_day
    weeks, weekday = divmod(first_day.toordinal() - 1, WEEK)
    begin = weeks * week + sum(a_step[:weekday]) * steps_per_day
    counts, before = [], begin // unit
    for day in range(days):
        for _ in range(steps_per_day):
            begin += a_step[(weekday + day) % WEEK]
            counts.append(begin // unit - before)
            before = begin // unit
    return np.array(counts, dtype=np.int64)

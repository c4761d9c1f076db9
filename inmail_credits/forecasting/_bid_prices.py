"""The dynamic programme behind the value of a credit.

Each day prospects come one after another, and for each the question is whether to write. With ``V`` the value
of what is still to come, writing to a prospect of odds ``p`` and value ``v`` is worth

    p v + r V(b) + (1 - r) V(b - 1)     against     V(b)

where ``r`` is the chance that the credit comes back. So it is worth it exactly if ``p v >= (1 - r) (V(b) -
V(b - 1))``; with a refund for every answer (R5) ``r = p``, and the index ``v p / (1 - p)`` is held against
the price of the last credit. This is the bid price of single-leg capacity control (Talluri and van Ryzin, The
Theory and Practice of Revenue Management, 2004, chapter 2) for an inventory that success gives back and age
takes.

Within a day the number of prospects is not known beforehand: after ``k`` of them another comes with the
chance ``P(N > k) / P(N >= k)``, which makes any distribution of their number exact.
"""

from collections.abc import Sequence
from math import fsum

import numpy as np
import numpy.typing as npt
from attrs import frozen

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@frozen(eq=False)
class Arrivals:
    """Who comes on a day.

    Fields:
        counts: the chance of 0, 1, 2, ... prospects; adds up to 1.
        weights: the share of each segment among them, shape (segments,); adds up to 1.
        gains: ``p v`` of each segment, in the caller's unit of value.
        returns: the chance of each segment that the credit comes back.
    """

    counts: Floats
    weights: Floats
    gains: Floats
    returns: Floats

    def hazards(self) -> list[float]:
        """The chance that another one comes after 0, 1, 2, ... of them."""
        counts = self.counts.tolist()
        at_least = [fsum(counts[k:]) for k in range(len(counts) + 1)]
        return [at_least[k + 1] / at_least[k] if at_least[k] > 0 else 0.0 for k in range(len(counts))]


@frozen(eq=False)
class Carry:
    """What time does to a balance at the start of a day: expire, then trim to the cap and grant (D6).

    ``live_max`` bounds the credits that can be live at all (those received within a lifetime), ``granted``
    come, and ``kept_max`` is the most that may be carried over so that the cap is kept.
    """

    live_max: int
    kept_max: int
    granted: int

    def apply(self, balances: Whole) -> Whole:
        """The balances after it, shape as given."""
        result: Whole = np.minimum(np.minimum(balances, self.live_max), self.kept_max) + self.granted
        return result


@frozen(eq=False)
class Solution:
    """Values and prices of each day and balance, in the caller's unit of value.

    ``to_come[t, b]`` is what is to come from day ``t`` on with ``b`` credits after the day's grant, before
    its first prospect; shape (days, credits + 1). ``prices[t, b]`` is what the last of ``b`` credits is worth
    there: ``to_come[t, b] - to_come[t, b - 1]``; ``inf`` for 0 credits, as none can be spent.
    """

    to_come: Floats
    prices: Floats


def solve(arrivals: Sequence[Arrivals], carries: Sequence[Carry], credits_max: int) -> Solution:
    """Values and prices by backward induction; nothing is worth anything after the last day.

    ``arrivals`` and ``carries`` have one for each day; ``carries[t]`` happens before the prospects of day
    ``t``. The cost grows with days x prospects a day x segments x ``credits_max``.
    """
    balances = np.arange(credits_max + 1)
    values = np.empty((len(arrivals), credits_max + 1))
    after = np.zeros(credits_max + 1)
    for day in range(len(arrivals) - 1, -1, -1):
        values[day] = _before(after, arrivals[day])
        after = values[day][np.minimum(carries[day].apply(balances), credits_max)]
    prices = np.diff(values, axis=1, prepend=np.nan)
    prices[:, 0] = np.inf
    return Solution(values, prices)


def _before(after: Floats, arrivals: Arrivals) -> Floats:
    """The values before the first prospect of a day, from those after its last."""
    value = after
    for hazard in reversed(arrivals.hazards()):
        value = (1 - hazard) * after + hazard * _met(value, arrivals)
    return value


def _met(value: Floats, arrivals: Arrivals) -> Floats:
    """The values when a prospect has come, before it is decided about; ``value`` holds those after."""
    gain, back = arrivals.gains[:, None], arrivals.returns[:, None]
    written = gain + back * value[1:] + (1 - back) * value[:-1]
    best = np.maximum(value[1:], written)
    result = value.copy()
    result[1:] = (arrivals.weights[:, None] * best).sum(axis=0)
    return result


def expected_returns(
    solution: Solution, arrivals: Sequence[Arrivals], carries: Sequence[Carry], start: int
) -> Floats:
    """The mean number of credits that come back on each day under the policy, from ``start`` credits on.

    Shape (days,).
    """
    credits_max = solution.to_come.shape[1] - 1
    balances = np.arange(credits_max + 1)
    chance = np.zeros(credits_max + 1)
    chance[start] = 1.0
    came_back = np.zeros(len(arrivals))
    for day, (today, carry) in enumerate(zip(arrivals, carries, strict=True)):
        chance = np.bincount(np.minimum(carry.apply(balances), credits_max), chance, credits_max + 1)
        writes = np.zeros((len(today.gains), credits_max + 1), dtype=np.bool_)
        writes[:, 1:] = today.gains[:, None] >= (1 - today.returns[:, None]) * solution.prices[day, 1:]
        returning = (today.weights[:, None] * today.returns[:, None] * writes).sum(axis=0)
        losing = (today.weights[:, None] * (1 - today.returns[:, None]) * writes).sum(axis=0)
        done = np.zeros(credits_max + 1)
        for hazard in today.hazards():
            done += (1 - hazard) * chance
            chance = hazard * chance
            came_back[day] += float((chance * returning).sum())
            lost = chance * losing
            chance = chance - lost
            chance[:-1] += lost[1:]
        chance = done
    return came_back

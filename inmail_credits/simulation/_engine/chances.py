"""Chances as whole numbers of 2^-32: what the kernels compare random words with.

Everything here is made of products, quotients, sums in a fixed order and functions of :mod:`math`, and then
rounded to 2^-32; so the tables, and with them every bit of a simulation, are the same on every processor.
What remains is that two C libraries may differ in the last bit of ``exp`` or ``log``: of a table of 1,000
entries that moves one by 2^-32 with odds of about one in a thousand.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from inspect import unwrap
from itertools import accumulate, pairwise
from math import exp, expm1, log, log1p
from typing import Final, NamedTuple, TypeVar

import numpy as np

from inmail_credits.plans import ReplyKind
from inmail_credits.simulation._engine.tables import (
    GUIDE_SHIFT,
    ONE,
    QUANTILE_SHIFT,
    Ints,
    Ints32,
    Words,
)
from inmail_credits.simulation.behaviour import Replies
from inmail_credits.simulation.behaviour.delays import Floats

QUANTILES: Final = (ONE >> QUANTILE_SHIFT) + 1
GRID_POINTS: Final = 8_192
TAIL: Final = 46.0
FLAT: Final = 1e-9
KEPT_ANSWERS_MAX: Final = 8_192
KEPT_CODES_MAX: Final = 1_000
"""At most 64 MiB are kept of what becomes of open messages."""
KIND_NUMBERS: Final = {kind: number for number, kind in enumerate(ReplyKind)}


R = TypeVar("R")


def _kept(function: Callable[..., R], *args: object, keep: bool = True) -> R:
    """What a function with a cache gives; anew where it is not kept, or a delay of one's own has no hash."""
    if keep:
        with suppress(TypeError):
            return function(*args)
    anew: Callable[..., R] = unwrap(function)
    return anew(*args)


class CountLaw(NamedTuple):
    """A number of messages or credits: ``least``, and one more for each threshold that a word reaches."""

    least: int
    thresholds: Words

    @property
    def most(self) -> int:
        """The largest number there may be."""
        return self.least + len(self.thresholds)


def chance(share: float) -> int:
    """A chance of 0..1 in units of 2^-32."""
    return round(share * ONE)


def count_law(pmf: Floats) -> CountLaw:
    """The law of a number whose chances of being 0, 1, 2, ... are given; each chance is right to 2^-32.

    Example:
        >>> law = count_law(np.array([0.0, 0.25, 0.75]))
        >>> law.least, (law.thresholds / 2**32).tolist()
        (1, [0.25])
    """
    below = [round(share * ONE) for share in accumulate(pmf.tolist()[:-1])]
    least = sum(threshold <= 0 for threshold in below)
    return CountLaw(least, np.array([t for t in below if 0 < t < ONE], dtype=np.uint32))


def _at_any_rate(replies: Replies) -> Replies:
    """The same for replies that differ in the rate alone, which says nothing of when and how they come."""
    if type(replies) is not Replies:
        return replies
    return Replies(rate=0.5, delay=replies.delay, kinds=replies.kinds)


class ReplyCodes(NamedTuple):
    """When and how answers come: cumulative chances of the codes ``lag * kinds + kind``, ending with ONE.

    ``guide`` says for each value of a word's first bits where to begin to search; ``names`` are the numbers
    of the kinds.
    """

    cumulative: Ints
    guide: Ints32
    names: tuple[int, ...]


def reply_codes(replies: Replies, steps: int, steps_per_day: int) -> ReplyCodes:
    """The codes of the answers that come within so many steps."""
    return _kept(_codes, _at_any_rate(replies), steps, steps_per_day)


@lru_cache(maxsize=256)
def _codes(replies: Replies, steps: int, steps_per_day: int) -> ReplyCodes:
    cumulative = cumulative_chances(replies.chances(max(steps, 1), steps_per_day=steps_per_day))
    starts = np.arange(ONE >> GUIDE_SHIFT, dtype=np.int64) << GUIDE_SHIFT
    guide = np.searchsorted(cumulative, starts, side="right").astype(np.int32)
    return ReplyCodes(cumulative, guide, tuple(KIND_NUMBERS[kind] for kind, _ in replies.kinds))


class AnswersAfter(NamedTuple):
    """When and how a message is answered that is open at the start, among those that are ever answered.

    ``before`` is the chance, in units of 2^-32, that the answer would have come by now; ``cumulative`` are
    the chances of the codes given that it did not.
    """

    before: int
    cumulative: Ints


def answers_after(replies: Replies, age_days: float, steps: int, steps_per_day: int) -> AnswersAfter:
    """The answers that come within so many steps to a message of that age.

    Kept for the next call: forecasts of one account under other plans and behaviours share its messages.
    """
    few = steps * len(replies.kinds) <= KEPT_CODES_MAX
    return _kept(_answers_after, _at_any_rate(replies), age_days, steps, steps_per_day, keep=few)


@lru_cache(maxsize=KEPT_ANSWERS_MAX)
def _answers_after(replies: Replies, age_days: float, steps: int, steps_per_day: int) -> AnswersAfter:
    before = float(replies.delay.below(np.array([age_days]))[0])
    chances: Floats = replies.chances_after(age_days, max(steps, 1), steps_per_day=steps_per_day)
    return AnswersAfter(chance(before), cumulative_chances(chances, 1 / (1 - before) if before < 1 else 0.0))


def cumulative_chances(chances: Floats, scale: float = 1.0) -> Ints:
    """Cumulative chances of shape (n + 1,): those of all entries in order, times ``scale``, and ONE."""
    sums = np.cumsum(chances.ravel() * scale)
    rounded = np.minimum(np.rint(sums * ONE), ONE).astype(np.int64)
    return np.append(rounded, ONE)


@lru_cache(maxsize=256)
def rate_quantiles(rate: float, sample_size: int) -> Ints:
    """Quantiles of a reply rate after Beta(rate n, (1 - rate) n), at k / 1024; shape (1025,).

    The density is summed over the logarithm of the odds y, where it is smooth and has one mode, whatever the
    parameters: there it is proportional to x^a (1 - x)^b. Its logarithm is taken as linear within each of
    8,192 steps of y, in the sum and in its inverse, and beyond |y| = 46, where it is linear.
    """
    a, b = rate * sample_size, (1 - rate) * sample_size
    low, high = _range_of_logit(a, b)
    first, last = max(low, -TAIL), min(high, TAIL)
    core = [first + (last - first) * k / GRID_POINTS for k in range(GRID_POINTS + 1)]
    points = [*([low] if low < first else []), *core, *([high] if high > last else [])]
    logs = [-a * _softplus(-y) - b * _softplus(y) for y in points]
    most = max(logs)
    widths = [two - one for one, two in pairwise(points)]
    areas = [
        width * exp(one - most) * _growth(two - one)
        for width, (one, two) in zip(widths, pairwise(logs), strict=True)
    ]
    below = [0.0, *accumulate(areas)]
    quantiles, cell = [], 0
    for k in range(QUANTILES):
        target = k / (QUANTILES - 1) * below[-1]
        while cell < len(areas) - 1 and below[cell + 1] < target:
            cell += 1
        slope, share = logs[cell + 1] - logs[cell], (target - below[cell]) / areas[cell]
        part = share if abs(slope) < FLAT else log1p(max(share * expm1(slope), FLAT - 1)) / slope
        y = points[cell] + widths[cell] * part
        quantiles.append(chance(1 / (1 + exp(-y))) if y > -TAIL else 0)
    return np.array(quantiles, dtype=np.int64)


def _growth(slope: float) -> float:
    """The mean of exp(slope x) over 0..1."""
    return expm1(slope) / slope if abs(slope) > FLAT else 1.0 + slope / 2


def _softplus(y: float) -> float:
    return y + log(1 + exp(-y)) if y > 0 else log(1 + exp(y))


def _range_of_logit(a: float, b: float) -> tuple[float, float]:
    """Where the density of the logarithm of the odds is more than e^-46 of its highest."""
    mode = log(a / b)

    def depth(y: float) -> float:
        return a * (_softplus(-y) - _softplus(-mode)) + b * (_softplus(y) - _softplus(mode))

    ends = []
    for sign in (-1.0, 1.0):
        step = 1e-6
        while depth(mode + sign * step) < TAIL and step < 1e12:  # noqa: PLR2004 - far enough for any sample
            step *= 1.25
        ends.append(mode + sign * step)
    return ends[0], ends[1]

"""Following the price of a credit against simpler policies, on the same prospects and answers.

    python tests/forecasting/policy_trial.py

Simulates plans day by day with exact ages, delayed answers and fresh lots for refunds; the programme behind
the prices knows neither. Every policy meets the same prospects, with the same answers after the same delays,
so that differences are taken path by path.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from inmail_credits import Plan, economies
from inmail_credits.forecasting.credit_value import CreditValue, credit_value
from inmail_credits.forecasting.prospects import Prospects, ProspectSegment

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Policy = Callable[[int, Ints, Floats], npt.NDArray[np.bool_]]
"""Day, balance and index of the prospect (one each a path) to whether to write."""

SEGMENTS = [
    ProspectSegment(odds=odds, weight=weight)
    for odds, weight in ((0.05, 30), (0.15, 35), (0.30, 25), (0.50, 10))
]
START_AT = datetime(2026, 1, 1, tzinfo=UTC)


@frozen
class Draws:
    """Who comes on each day and what they would answer: arrays of shape (days, slots, paths)."""

    comes: npt.NDArray[np.bool_]
    segment: Ints
    answers: npt.NDArray[np.bool_]
    delay: Ints

    @classmethod
    def of(cls, prospects: Prospects, days: int, paths: int, seed: int) -> "Draws":
        """Those of a seed, in the order in which they come."""
        rng = np.random.default_rng(seed)
        counts = rng.poisson(prospects.per_day, (days, 1, paths))
        slots = int(counts.max())
        segment = rng.choice(len(prospects.segments), (days, slots, paths), p=prospects.weights)
        comes = np.arange(slots)[None, :, None] < counts
        answers = rng.random(segment.shape) < prospects.odds[segment]
        delay = np.floor(rng.weibull(0.403, segment.shape) * 0.886 + rng.random(segment.shape)).astype(
            np.int64
        )
        return cls(comes, segment, answers, delay)

    def best_first(self, prospects: Prospects) -> "Draws":
        """The same people, each day's sorted by their index."""
        index = np.where(self.comes, indexes(prospects)[self.segment], -1.0)
        order = np.argsort(-index, axis=1, kind="stable")

        def sorted_(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return np.take_along_axis(array, order, 1)

        return Draws(sorted_(self.comes), sorted_(self.segment), sorted_(self.answers), sorted_(self.delay))


def indexes(prospects: Prospects) -> Floats:
    """The index of each segment."""
    return np.array([segment.index for segment in prospects.segments])


def total_value(plan: Plan, prospects: Prospects, draws: Draws, policy: Policy) -> Floats:
    """The value of the answers that each path earns, shape (paths,).

    Credits all live equally long and burn oldest first, so they form a queue: ``removed`` counts those gone.
    """
    days, slots, paths = draws.comes.shape
    life = plan.lifetime_days or days + 1
    schedule = plan.schedule(START_AT)
    grants = [0] * days
    for k in range(days):
        if 0 <= (schedule[k] - START_AT).days < days:
            grants[(schedule[k] - START_AT).days] += plan.grant_credits
    received, removed = np.zeros(paths, np.int64), np.zeros(paths, np.int64)
    ended: list[Ints] = []
    due = np.zeros((days + 1, paths), np.int64)
    value = np.zeros(paths)
    index = indexes(prospects)
    everyone = np.arange(paths)
    for day in range(days):
        if day >= life:
            removed = np.maximum(removed, ended[day - life])
        received = received + grants[day] + due[day]
        for slot in range(slots):
            balance = received - removed
            segment = draws.segment[day, slot]
            writes = draws.comes[day, slot] & (balance > 0) & policy(day, balance, index[segment])
            removed = removed + writes
            answered = writes & draws.answers[day, slot]
            value += answered * prospects.answer_values[segment]
            back = day + draws.delay[day, slot]
            received = received + (answered & (back == day))
            late = np.flatnonzero(answered & (back > day) & (back < days))
            np.add.at(due, (back[late], everyone[late]), 1)
        ended.append(received.copy())
    return value


def everybody(_day: int, _balance: Ints, index: Floats) -> npt.NDArray[np.bool_]:
    """Write to everybody while there are credits."""
    return np.ones(len(index), dtype=np.bool_)


def from_index(threshold: float) -> Policy:
    """Write to everybody from an index on."""
    return lambda _day, _balance, index: index >= threshold - 1e-12


def by_price(worth: CreditValue) -> Policy:
    """Write to whoever beats the price of the last credit."""
    prices = worth.solution.prices

    def policy(day: int, balance: Ints, index: Floats) -> npt.NDArray[np.bool_]:
        beats: npt.NDArray[np.bool_] = index >= prices[day, np.minimum(balance, prices.shape[1] - 1)]
        return beats

    return policy


@frozen
class Trial:
    """One plan: the mean value of each policy, and the gain of the price over the best of the others."""

    plan: str
    per_day: float
    first_come: float
    best_first: float
    best_threshold: float
    by_price: float
    gain: float
    error: float

    def __str__(self) -> str:
        return (
            f"| {self.plan}, {self.per_day:g} | {self.first_come:.1f} | {self.best_first:.1f} "
            f"| {self.best_threshold:.1f} | {self.by_price:.1f} "
            f"| {100 * self.gain:+.1f} % +-{100 * self.error:.2f} |"
        )


def trial(plan: Plan, per_day: float, *, days: int = 365, paths: int = 2_000, seed: int = 7) -> Trial:
    """All policies on the same paths; the threshold is the best of all there are, known afterwards."""
    prospects = Prospects(per_day=per_day, segments=SEGMENTS)
    unsorted = Draws.of(prospects, days, paths, seed)
    draws = unsorted.best_first(prospects)
    first = total_value(plan, prospects, unsorted, everybody)
    best_first = total_value(plan, prospects, draws, everybody)
    thresholds = [
        total_value(plan, prospects, draws, from_index(threshold))
        for threshold in sorted(set(indexes(prospects).tolist()))
    ]
    best = max([first, best_first, *thresholds], key=lambda values: float(values.mean()))
    worth = credit_value(plan, prospects, start=START_AT, days=days)
    priced = total_value(plan, prospects, draws, by_price(worth))
    gain = priced - best
    return Trial(
        plan=plan.name,
        per_day=per_day,
        first_come=float(first.mean()),
        best_first=float(best_first.mean()),
        best_threshold=float(max(values.mean() for values in thresholds)),
        by_price=float(priced.mean()),
        gain=float(gain.mean() / best.mean()),
        error=float(gain.std(ddof=1) / len(gain) ** 0.5 / best.mean()),
    )


CASES: Sequence[tuple[str, float]] = (
    ("career", 2),
    ("business", 0.7),
    ("business", 2),
    ("sales", 2),
    ("recruiter-lite", 2),
)

if __name__ == "__main__":
    paths = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rows = [trial(economies.LINKEDIN_2019[name], per_day, paths=paths) for name, per_day in CASES]
    head = "| plan, prospects a day | first come | best first | best fixed threshold | by price | gain |"
    sys.stdout.write("\n".join([head, "|---|---|---|---|---|---|", *map(str, rows)]) + "\n")

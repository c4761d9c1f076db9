"""What is kept of a block of paths while it runs: totals by path, sums and counts by day."""

from typing import Final

import numpy as np
import numpy.typing as npt
from attrs import frozen

from inmail_credits.plans import RefundOn, RefundTo
from inmail_credits.simulation.distribution import DailyCounts, stacked
from inmail_credits.simulation.job import Job
from inmail_credits.simulation.pending import State
from inmail_credits.simulation.stock import Stock
from inmail_credits.simulation.tables import Index

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
DAILY = ("balance", "granted", "refunded", "sent", "refused", "expired", "forfeited")
WIDE_CREDITS: Final = 1_000
LANES: Final = 4
LANE_MAX: Final = (1 << 16) - 1
ONE: Final = np.int32(1)
SUMS = ("granted", "refunded", "sent", "spent", "refused", "expired", "forfeited", "wanted")


@frozen(eq=False)
class BlockResult:
    """The record of one block; names and shapes as in :class:`~.result.Simulation`."""

    path_totals: dict[str, npt.NDArray[np.int32]]
    day_sums: dict[str, Ints]
    balances: DailyCounts
    refused_paths: Ints
    newly_dry_paths: Ints
    daily: dict[str, State]


class Recorder:
    """Counts along.

    ``counts_replies``: whether every reply must be noted; else only those that give no credit back.
    """

    def __init__(self, job: Job, width: int) -> None:
        self._job = job
        self._width = width
        self._per_day = job.steps_per_day
        dtype, days = job.state_type, job.days
        self._wanted: State = np.zeros(width, dtype=dtype)
        self._held: State = np.zeros(width, dtype=dtype)
        self._bought: State = np.zeros(width, dtype=dtype)
        self._replied = np.zeros(width, dtype=np.int32)
        self._withdrawn = np.zeros(width, dtype=np.int32)
        self._dry_day = np.full(width, -1, dtype=np.int32)
        self._never_dry: Flags = np.ones(width, dtype=np.bool_)
        self._refused_today: Flags = np.zeros(width, dtype=np.bool_)
        self._sums = {name: np.zeros(days, dtype=np.int64) for name in SUMS}
        self._held_sum = 0
        self._refused_paths = np.zeros(days, dtype=np.int64)
        self._newly_dry = np.zeros(days, dtype=np.int64)
        self._counts: list[tuple[int, Ints]] = []
        self._wide = job.opening.credits >= WIDE_CREDITS
        self._balance_sums = [width * job.opening.credits]
        self._most = width // LANES * job.wanted_max
        self._values = np.arange(1)
        self._paced = job.outreach.sends.pacing is not None
        self._daily: dict[str, list[State]] = {name: [] for name in DAILY} if job.keep_daily else {}
        plan = job.plan
        self.counts_replies = not (
            plan.refund_on is RefundOn.REPLY
            and plan.refund_to is RefundTo.FRESH
            and job.calendar.end_step == job.steps
            and not job.opening.messages
        )
        self._grants = self._grants_by_day()
        self._sums["granted"] = self._grants * width

    def sends(self, step: int, wanted: State, allowed: State, sent: State) -> bool:
        """Note the messages wanted, attempted and sent in a step; whether all that were wanted were sent."""
        day = step // self._per_day
        self._wanted += wanted
        wanted_sum = allowed_sum = total(wanted, at_most=self._most)
        if self._paced:
            allowed_sum = total(allowed, at_most=self._most)
            self._held += wanted - allowed
        refused = sent < allowed
        count = int(np.count_nonzero(refused))
        sent_sum = total(sent, at_most=self._most) if count else allowed_sum
        self._sums["wanted"][day] += wanted_sum
        self._sums["sent"][day] += sent_sum
        self._sums["spent"][day] += sent_sum
        self._sums["refused"][day] += allowed_sum - sent_sum
        if count:
            self._note_refused(day, refused, count)
        return sent_sum == wanted_sum

    def note_bought(self, step: int, bought: State) -> None:
        """Credits bought in a step, by path; they count as granted."""
        self._bought += bought
        self._sums["granted"][step // self._per_day] += total(bought)

    def note_replies(self, path: Index) -> None:
        """One reply each that comes before the end of the horizon."""
        np.add.at(self._replied, path, ONE)

    def note_withdrawn(self, path: Index) -> None:
        """One withdrawal each."""
        np.add.at(self._withdrawn, path, ONE)

    def _note_refused(self, day: int, refused: Flags, count: int) -> None:
        if self._per_day == 1:
            self._refused_paths[day] = count
        else:
            self._refused_today |= refused
        newly = np.flatnonzero(refused & self._never_dry)
        self._dry_day[newly] = day
        self._never_dry[newly] = False
        self._newly_dry[day] += len(newly)

    def close_step(self, step: int, stock: Stock) -> None:
        """Note the credits at the end of a step; at the end of a day, their distribution."""
        day, part = divmod(step, self._per_day)
        sums = self._sums
        sums["refunded"][day] += stock.refunded_sum
        sums["forfeited"][day] += stock.forfeited_sum
        if part + 1 < self._per_day:
            return
        if self._per_day > 1:
            self._refused_paths[day] = np.count_nonzero(self._refused_today)
            self._refused_today.fill(False)
        self._count(stock.balance)
        inflow = sums["granted"][day] + sums["refunded"][day] - sums["sent"][day] - sums["forfeited"][day]
        sums["expired"][day] = self._balance_sums[-2] + inflow - self._balance_sums[-1]
        if self._daily:
            self._keep_day(day, stock)

    def _count(self, balance: State) -> None:
        """Count the balances of a day; where they are large, from the lowest on."""
        low = int(balance.min()) if self._wide else 0
        counts = np.bincount(balance - low if low else balance)
        self._wide = low + len(counts) > WIDE_CREDITS
        if self._wide and not counts[0]:
            first = int(np.flatnonzero(counts)[0])
            low, counts = low + first, counts[first:]
        if len(counts) > len(self._values):
            self._values = np.arange(2 * len(counts))
        self._counts.append((low, counts))
        self._balance_sums.append(low * self._width + int(counts.dot(self._values[: len(counts)])))

    def _keep_day(self, day: int, stock: Stock) -> None:
        """Keep what was summed up so far, path by path."""
        kept = self._daily
        kept["balance"].append(stock.balance.copy())
        kept["granted"].append(self._bought + self._bought.dtype.type(self._grants[: day + 1].sum()))
        kept["refunded"].append(stock.refunded.copy())
        kept["sent"].append(stock.spent.copy())
        kept["refused"].append(self._wanted - stock.spent - self._held)
        kept["expired"].append(stock.expired.copy())
        kept["forfeited"].append(stock.forfeited.copy())

    def result(self, stock: Stock) -> BlockResult:
        """The record, when all steps are done."""
        totals = {
            "granted": self._bought.astype(np.int64) + self._grants.sum(),
            "bought": self._bought,
            "refunded": stock.refunded,
            "sent": stock.spent,
            "spent": stock.spent,
            "refused": self._wanted - stock.spent - self._held,
            "expired": stock.expired,
            "forfeited": stock.forfeited,
            "wanted": self._wanted,
            "held_back": self._held,
            "replied": self._replied if self.counts_replies else self._replied + stock.refunded,
            "withdrawn": self._withdrawn,
            "opening": np.full(self._width, self._job.opening.credits),
            "balance": stock.balance,
            "dry_day": self._dry_day,
        }
        return BlockResult(
            {name: array.astype(np.int32) for name, array in totals.items()},
            self._sums,
            stacked(self._counts),
            self._refused_paths,
            self._newly_dry,
            {name: self._differences(name) for name in self._daily},
        )

    def _differences(self, name: str) -> State:
        """Each day's own part of what was kept cumulatively, shape (days, width); balances as they are."""
        kept = np.array(self._daily[name], dtype=self._job.state_type).reshape(self._job.days, self._width)
        result: State = kept if name == "balance" else np.diff(kept, axis=0, prepend=kept.dtype.type(0))
        return result

    def _grants_by_day(self) -> Ints:
        grants = np.zeros(self._job.days, dtype=np.int64)
        for lot in self._job.calendar.lots:
            if 0 <= lot.received_step < self._job.steps:
                grants[lot.received_step // self._per_day] += lot.credits
        return grants


def total(counts: State, *, at_most: int = LANE_MAX + 1) -> int:
    """The sum of counts, none below 0; shape (n,). ``at_most`` is a bound that is known beforehand.

    Four 16-bit counts are added as one 64-bit word where no 16-bit lane can overflow; else one by one.
    """
    if (
        at_most <= LANE_MAX
        and counts.dtype == np.int16
        and len(counts) % LANES == 0
        and counts.flags.c_contiguous
    ):
        words = int(np.add.reduce(counts.view(np.uint64)))
        return (words & LANE_MAX) + (words >> 16 & LANE_MAX) + (words >> 32 & LANE_MAX) + (words >> 48)
    return int(counts.sum(dtype=np.int64))

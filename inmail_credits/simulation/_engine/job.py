"""One simulation's worth of work, its parts, and how they add up."""

from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from attrs import evolve, frozen

from inmail_credits.plans import Plan
from inmail_credits.simulation._engine import tables as t
from inmail_credits.simulation._engine.calendar import Grid
from inmail_credits.simulation._engine.compiled import told_if_slow
from inmail_credits.simulation._engine.opening import Opening
from inmail_credits.simulation._engine.prepare import Sizes
from inmail_credits.simulation.behaviour import Outreach

COLUMNS: Final = 64
"""How many different balances a day has at first; twice as many whenever they do not suffice."""


@frozen(kw_only=True, eq=False)
class Job:
    """What to simulate: ``paths`` paths of each member of the tables. It travels to other processes.

    ``opening`` travels without its account. ``key`` is that of the random numbers. ``granted`` are the
    credits granted by day, but for those bought. ``most`` bounds the credits and messages of a path; ``seat``
    is the seat that sends.
    """

    plan: Plan
    outreach: Outreach
    opening: Opening
    tables: t.Tables
    sizes: Sizes
    granted: t.Ints
    grid: Grid
    key: tuple[int, int]
    days: int
    steps_per_day: int
    paths: int
    keep_daily: bool
    most: int = t.NEVER
    seat: str | None = None

    @property
    def steps(self) -> int:
        """Steps of the whole horizon."""
        return self.days * self.steps_per_day

    def with_periods(self, cuts: t.Ints) -> "Job":
        """The same job that also keeps how flows spread over periods; ``cuts`` as in the tables."""
        return evolve(self, tables=self.tables._replace(cuts=cuts))

    def without_account(self) -> "Job":
        """The same job, lighter to send to another process."""
        return evolve(self, opening=evolve(self.opening, account=None))


class Runnable(Protocol):
    """What the kernels need of a job."""

    @property
    def tables(self) -> t.Tables: ...
    @property
    def sizes(self) -> Sizes: ...
    @property
    def steps(self) -> int: ...


class Part(NamedTuple):
    """What was kept of some of the paths: see :class:`~inmail_credits.simulation._engine.tables.Kept`."""

    paths: int
    kept: t.Kept


def room(sizes: Sizes, steps: int) -> t.Work:
    """Working memory for paths of that size."""
    messages = sizes.messages + t.MARGIN
    nodes = 2 * messages + sizes.flights
    words = max(steps, 2 * messages, 2 * sizes.flights) + 4
    return t.Work(
        words=np.zeros((2, words), dtype=np.uint32),
        steps=np.zeros((t.STEP_ROWS, steps + 1), dtype=np.int32),
        messages=np.zeros((t.MESSAGE_ROWS, messages), dtype=np.int32),
        nodes=np.zeros((t.NODE_ROWS, nodes), dtype=np.int64),
        lots=np.zeros((t.LOT_ROWS, sizes.lots), dtype=np.int64),
        senders=np.zeros((t.SENDER_ROWS, sizes.senders), dtype=np.int64),
        state=np.zeros(t.STATE, dtype=np.int64),
        received=np.zeros(steps + 2, dtype=np.int64),
        instants=np.zeros(steps, dtype=np.int64),
        flights=np.zeros((3, sizes.flights), dtype=np.int32),
    )


def empty(
    days: int,
    columns: int,
    *,
    width: int,
    daily: bool = False,
    senders: int = 0,
    together: int = 0,
    periods: int = 0,
) -> t.Kept:
    """Nothing kept yet, of so many columns; ``together`` is how many paths are added up over members."""
    return t.Kept(
        totals=np.zeros((t.TOTALS, columns), dtype=np.int32),
        sums=np.zeros((t.SUMS, days), dtype=np.int64),
        counts=np.zeros((days, width), dtype=np.int32),
        lows=np.full(days, t.NONE, dtype=np.int64),
        daily=np.zeros((t.ROWS if daily else 0, days, columns if daily else 0), dtype=np.int32),
        seats=np.zeros((3, t.SEAT_SUMS, senders), dtype=np.int64),
        together=np.zeros((together, days), dtype=np.int64),
        squares=np.zeros((t.SQUARES, periods), dtype=np.int64),
    )


def run_part(job: Job, first_path: int, paths: int) -> Part:
    """Simulate some of the paths of a job with one member."""
    kept = empty(job.days, paths, width=COLUMNS, daily=job.keep_daily, periods=len(job.tables.cuts))
    return Part(paths, run_columns(job, kept, (0, 1), (first_path, paths)))


def run_columns(job: Runnable, kept: t.Kept, members: tuple[int, int], paths: tuple[int, int]) -> t.Kept:
    """Simulate some members and paths into ``kept``; where its room does not suffice, into larger arrays."""
    if not job.steps:
        return kept
    from inmail_credits.simulation._engine import batch  # noqa: PLC0415 - it loads the compiler

    queue = int(job.tables.members[members[0], t.FORM]) == t.QUEUE
    simulate = batch.simulate_queue if queue else batch.simulate_lots
    work = room(job.sizes, job.steps)
    column, columns = 0, (members[1] - members[0]) * paths[1]
    with told_if_slow(simulate.__name__):
        while column < columns:
            column, messages = simulate(
                job.tables, work, kept, members[0], members[1] - members[0], paths[0], paths[1], column
            )
            if messages:
                work = room(job.sizes._replace(messages=max(messages, 2 * job.sizes.messages)), job.steps)
            elif column < columns:
                kept = _wider(kept)
    return kept


def _wider(kept: t.Kept) -> t.Kept:
    """The same counts with room for more balances, below and above."""
    days, width = kept.counts.shape
    lows = np.maximum(kept.lows - width // 2, 0)
    counts = np.zeros((days, 2 * width), dtype=np.int32)
    for day, shift in enumerate((kept.lows - lows).tolist()):
        counts[day, shift : shift + width] = kept.counts[day]
    return kept._replace(counts=counts, lows=lows)


Totals = npt.NDArray[np.int32]

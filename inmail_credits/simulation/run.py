"""Run a simulation: on threads or on any executor, with progress, and able to stop.

The work is cut into parts of some thousand paths. What is drawn for a path does not depend on the part it is
in, and sums of whole numbers add up in any order; so nothing of a result depends on who computed it.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from typing import Final, Protocol, TypeVar

import numpy as np

from inmail_credits._inputs import as_text, as_truth, as_whole, check_executor, check_progress
from inmail_credits.account import Account
from inmail_credits.errors import InMailCreditsError, InvalidValueError, UnsupportedTermError
from inmail_credits.facts import SEAT_LENGTH_MAX, Fact
from inmail_credits.plans import Plan
from inmail_credits.simulation._engine.calendar import Grid
from inmail_credits.simulation._engine.job import Job, Part, run_part
from inmail_credits.simulation._engine.merge import merged
from inmail_credits.simulation._engine.opening import opening_of
from inmail_credits.simulation._engine.prepare import Preparation, Who
from inmail_credits.simulation._engine.tables import ADD, CREDITS, GRANT, STEP, WHAT
from inmail_credits.simulation.behaviour import Outreach
from inmail_credits.simulation.progress_bar import progress_bar
from inmail_credits.simulation.result import Simulation
from inmail_credits.simulation.seeds import Rng, key_of, seed_sequence
from inmail_credits.timeline import DAYS_MAX

PATHS_MAX: Final = 100_000_000
STEPS_PER_DAY_MAX: Final = 1_440
COUNT_MAX: Final = 2**31 - 1
PART_STEPS: Final = 4_000_000
"""The path-steps of one part, about: some hundredths of a second, and little memory."""
SQUARES_MAX: Final = 2**62
"""What the squares of one part may add up to: they are kept in 64 bits."""
THREAD_STEPS: Final = 1_000_000
"""Below so many path-steps threads cost more than they give."""
Progress = bool | Callable[[int, int], object]


class HasPaths(Protocol):
    """A result of some paths."""

    @property
    def paths(self) -> int: ...


Result = TypeVar("Result", bound=HasPaths)
Found = TypeVar("Found")


class SimulationCancelledError(InMailCreditsError, RuntimeError):
    """A progress callback returned a false answer."""


def simulate(
    subject: Plan | Account,
    outreach: Outreach,
    *,
    start: date | None = None,
    days: int,
    paths: int = 10_000,
    rng: Rng,
    daily_paths: bool = False,
    executor: Executor | None = None,
    progress: Progress = False,
    seats: int = 1,
    steps_per_day: int = 1,
    planned: Iterable[Fact] = (),
    seat: str | None = None,
) -> Simulation:
    """Simulate what may happen to the credits of a plan, or of an account from where it stands.

    Day k, 0 to ``days - 1``, begins k local days of the outreach after ``start`` (D19), and there stand its
    sends, answers and withdrawals; with more steps a day, at the beginning of their step.
    What time alone does (grants, expiry, ends) happens at its exact instant, and so do the facts planned.
    Within a day: time first, then planned facts, answers from earlier days, purchases, sends, answers within
    the day, withdrawals.

    Args:
        subject: a plan, subscribed to at ``start``; or an account.
        outreach: the behaviour to assume.
        start: an instant, or a date (its midnight UTC). An account defaults to its latest fact's instant.
        days: how many days, 0 to 36,500.
        paths: how many paths, 0 to 100,000,000.
        rng: the seed. The same seed gives the same bits, whatever the executor; more paths or days keep the
            earlier ones. A Generator is drawn from once.
        daily_paths: also keep every path on every day; memory then grows with paths x days.
        executor: where to run parts of the paths; ``None`` for threads of this process.
        progress: ``True`` for a bar (tqdm, if it is installed), or a callable of (paths done, paths); if it
            returns a false answer other than ``None``, the simulation stops.
        seats: seats of the contract, where ``subject`` is a plan.
        steps_per_day: a finer grid for sends and answers, 1 to 1,440, a divisor of 86,400.
        planned: facts that will happen within the horizon, on every path: ``Cancelled``, ``Switched``,
            ``TermsChanged``, ``SeatsChanged``, ``SeatLimited``, ``Purchased``. A purchase is refused on the
            paths where not so many are still sold, because others were made at random.
        seat: the seat that sends, whose limit bounds what it may send (D20); ``None`` for no seat.

    Raises:
        InvalidValueError: with the value and the limit.
        RefusedError: for a planned fact that the rules do not allow in its place.
        UnsupportedTermError: for what the engine cannot do exactly.
        SimulationCancelledError: if ``progress`` said stop.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Sends
        >>> plan, sends = economies.LINKEDIN_2019["career"], Sends.fixed(per_day=1)
        >>> week = simulate(plan, Outreach(sends=sends), start=date(2026, 1, 1), days=7, paths=2, rng=7)
        >>> week.day_sums["sent"].tolist(), week.total("refused").tolist()
        ([2, 2, 2, 0, 0, 0, 0], [4, 4])
    """
    job = make_job(
        subject,
        outreach,
        start=start,
        days=days,
        paths=paths,
        rng=rng,
        daily_paths=daily_paths,
        seats=seats,
        steps_per_day=steps_per_day,
        planned=planned,
        seat=seat,
    )
    return run_job(job, executor=executor, progress=progress)


def run_job(job: Job, *, executor: Executor | None = None, progress: Progress = False) -> Simulation:
    """Run a prepared job; arguments as for :func:`simulate`."""
    check_executor(executor)
    check_progress(progress)
    return merged(job, list(watched(_results(job, executor), job.paths, progress)))


def make_job(
    subject: Plan | Account,
    outreach: Outreach,
    *,
    start: date | None = None,
    days: int,
    paths: int,
    rng: Rng,
    daily_paths: bool = False,
    seats: int = 1,
    steps_per_day: int = 1,
    planned: Iterable[Fact] = (),
    seat: str | None = None,
) -> Job:
    """Check everything and prepare what all paths share. Arguments as for :func:`simulate`."""
    if not isinstance(outreach, Outreach):
        raise InvalidValueError("outreach", outreach, "an Outreach")
    days = as_whole("days", days, 0, DAYS_MAX)
    paths = as_whole("paths", paths, 0, PATHS_MAX)
    steps_per_day = as_whole("steps_per_day", steps_per_day, 1, STEPS_PER_DAY_MAX)
    if 86_400 % steps_per_day:
        raise InvalidValueError("steps_per_day", steps_per_day, "a divisor of 86,400")
    if steps_per_day > 1 and outreach.sends.daily_max is not None:
        raise UnsupportedTermError(
            "daily_max", outreach.sends.daily_max, "use steps_per_day=1 with a daily limit"
        )
    opening = opening_of(subject, start=start, seats=seats)
    grid = Grid(opening.start, days, steps_per_day, outreach.zone)
    opening = opening.with_planned(planned, grid.begin_of_day(days))
    if seat is not None:
        seat = as_text("seat", seat, length_max=SEAT_LENGTH_MAX)
    preparation = Preparation(days, steps_per_day)
    key = key_of(seed_sequence(rng))
    preparation.add(opening, [Who(outreach, key, seat=seat)], zone=outreach.zone)
    if preparation.most > COUNT_MAX:
        raise InvalidValueError(
            "credits and messages of a path", preparation.most, f"at most {COUNT_MAX:,}; simulate fewer days"
        )
    tables = preparation.tables()
    grants = tables.events[np.isin(tables.events[:, WHAT], (GRANT, ADD))]
    granted = np.zeros(days, dtype=np.int64)
    np.add.at(granted, grants[:, STEP] // steps_per_day, grants[:, CREDITS])
    return Job(
        plan=opening.plan,
        outreach=outreach,
        opening=opening,
        tables=tables,
        sizes=preparation.sizes,
        granted=granted,
        grid=grid,
        key=key,
        days=days,
        steps_per_day=steps_per_day,
        paths=paths,
        keep_daily=as_truth("daily_paths", daily_paths),
        most=preparation.most,
        seat=seat,
    )


def _results(job: Job, executor: Executor | None) -> Iterator[Part]:
    """The parts, in the order of their paths."""
    threads = min(processors(), job.paths * job.steps // THREAD_STEPS)
    if executor is None and threads < 2:  # noqa: PLR2004 - one thread is this one
        for first, paths in _cut(job, 1):
            yield run_part(job, first, paths)
    elif executor is None:
        with ThreadPoolExecutor(threads) as pool:
            yield from in_order(pool, run_part, [(job, *part) for part in _cut(job, threads)])
    else:
        job = job.without_account()
        yield from in_order(executor, run_part, [(job, *part) for part in _cut(job, 1)])


def _cut(job: Job, workers: int) -> Iterator[tuple[int, int]]:
    """Parts of the paths: the first of each, and how many."""
    most = max(PART_STEPS // max(job.steps, 1), 1)
    if len(job.tables.cuts):
        most = min(most, max(SQUARES_MAX // max(job.most, 1) ** 2, 1))
    parts = max(-(-job.paths // most), min(workers, job.paths))
    for number in range(parts):
        first, last = job.paths * number // parts, job.paths * (number + 1) // parts
        yield first, last - first


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    executor: Executor, function: Callable[..., Found], calls: Iterable[tuple[object, ...]]
) -> Iterator[Found]:
    """The results of a function for each tuple of arguments, in their order.

    All are submitted at once. Where one fails, or nobody takes the rest, those not begun are cancelled.

    Example:
        >>> with ThreadPoolExecutor(2) as pool:
        ...     list(in_order(pool, divmod, [(7, 2), (9, 4)]))
        [(3, 1), (2, 1)]
    """
    futures: list[Future[Found]] = []
    try:
        for arguments in calls:
            futures.append(executor.submit(function, *arguments))  # noqa: PERF401 - what is in it is cancelled
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def watched(results: Iterator[Result], paths: int, progress: Progress) -> Iterator[Result]:
    """The results, with somebody told how far they are."""
    with ExitStack() as stack:
        tell: Callable[[int, int], object] | None = progress if callable(progress) else None
        if progress is True:
            tell, _ = stack.enter_context(progress_bar(paths, unit="path"))
        done = 0
        for result in results:
            done += result.paths
            yield result
            if tell:
                answer = tell(done, paths)
                if answer is not None and not answer:
                    raise SimulationCancelledError(f"stopped after {done:,} of {paths:,} paths")


__all__ = ["Progress", "Rng", "SimulationCancelledError", "make_job", "run_job", "simulate"]

"""Simulate a fleet: on threads or on any executor, with progress, and able to stop.

The work is cut into chunks of members. What is drawn for a person depends on the seed, the name and the path;
sums of whole numbers add up in any order; so nothing of a result depends on who computed it.
"""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import date
from typing import Final

from inmail_credits._inputs import as_instance, as_whole, check_executor, check_progress
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation.fleet.fleet import Fleet
from inmail_credits.simulation.fleet.job import FleetJob, Found, cut, make_fleet_job, run_chunk
from inmail_credits.simulation.fleet.result import FleetSimulation, added_up
from inmail_credits.simulation.fleet.share import cut_out
from inmail_credits.simulation.run import (
    STEPS_PER_DAY_MAX,
    THREAD_STEPS,
    Progress,
    Rng,
    in_order,
    processors,
    watched,
)
from inmail_credits.timeline import DAYS_MAX, instant

PATHS_MAX: Final = 10_000_000
TOGETHER_MAX: Final = 20_000_000
"""The most paths x days for which the balances of all members are added up by path."""
CHUNKS_A_WORKER: Final = 4


def simulate_fleet(
    fleet: Fleet,
    *,
    start: date | None = None,
    days: int,
    paths: int = 1_000,
    rng: Rng,
    executor: Executor | None = None,
    progress: Progress = False,
    steps_per_day: int = 1,
) -> FleetSimulation:
    """Simulate what may happen to the credits of every member and contract.

    People draw independently of each other: adding one, or another order, changes nothing for the others.
    Memory grows with members, and with paths x days up to 20,000,000; beyond that, the distribution by day of
    all balances together is not kept.

    Args:
        fleet: who takes part.
        start: the instant of day 0, or a date (its midnight UTC), for all that have none of their own.
        days: how many days, 0 to 36,500; each account counts them from its own start.
        paths: how many paths, 0 to 10,000,000.
        rng: the seed. The same seed gives the same bits, whatever the executor; more paths or days keep the
            earlier ones. A Generator is drawn from once.
        executor: where to run chunks of members; ``None`` for threads of this process.
        progress: ``True`` for a bar, or a callable of (paths of accounts done, paths of accounts); if it
            returns a false answer other than ``None``, the simulation stops.
        steps_per_day: a finer grid for sends and answers, 1 to 1,440, a divisor of 86,400.

    Raises:
        InvalidValueError: with the member, the field, the value and the limit.
        UnsupportedTermError: for what the engine cannot do exactly, with the member.
        SimulationCancelledError: if ``progress`` said stop.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Outreach, Sends
        >>> from inmail_credits.simulation.fleet import Member
        >>> plan = economies.LINKEDIN_2019["career"]
        >>> fleet = Fleet(
        ...     Member(name, plan, Outreach(sends=Sends.fixed(per_day=rate)))
        ...     for name, rate in (("ana", 1), ("bo", 5))
        ... )
        >>> found = simulate_fleet(fleet, start=date(2026, 1, 1), days=31, paths=2, rng=7)
        >>> found.accounts.mean_and_error("sent")[0], found.total_mean_and_error("sent")
        (array([3., 3.]), (6.0, 0.0))
    """
    as_instance("fleet", fleet, Fleet, "a Fleet")
    check_executor(executor)
    check_progress(progress)
    days = as_whole("days", days, 0, DAYS_MAX)
    paths = as_whole("paths", paths, 0, PATHS_MAX)
    steps_per_day = as_whole("steps_per_day", steps_per_day, 1, STEPS_PER_DAY_MAX)
    if 86_400 % steps_per_day:
        raise InvalidValueError("steps_per_day", steps_per_day, "a divisor of 86,400")
    job = make_fleet_job(
        fleet,
        start=None if start is None else instant(start, what="start"),
        days=days,
        paths=paths,
        rng=rng,
        steps_per_day=steps_per_day,
        together_max=TOGETHER_MAX,
    )
    found = watched(_found(job, executor), len(job.accounts) * paths, progress)
    return added_up(fleet, job, found)


def _found(job: FleetJob, executor: Executor | None) -> Iterator[Found]:
    """What was found of each chunk, in their order."""
    work = len(job.accounts) * job.paths * job.steps
    threads = min(processors(), work // THREAD_STEPS)
    if executor is None and threads < 2:  # noqa: PLR2004 - one thread is this one
        for chunk in cut(job, 1):
            yield run_chunk(job, chunk)
    elif executor is None:
        with ThreadPoolExecutor(threads) as pool:
            yield from in_order(
                pool, run_chunk, [(job, chunk) for chunk in cut(job, CHUNKS_A_WORKER * threads)]
            )
    else:  # maybe of other processes, which are sent only the tables that a chunk needs
        chunks = cut(job, CHUNKS_A_WORKER * processors())
        found = in_order(executor, run_chunk, (cut_out(job, chunk) for chunk in chunks))
        for chunk, one in zip(chunks, found, strict=True):
            yield one._replace(chunk=chunk)

"""Run a simulation: in blocks, on any executor, with progress, and able to stop.

The problem: long runs must be shared out, shown and stopped without changing a single figure. So the work
is cut into the same blocks whoever does it, and a block's figures are integers that add up in any order.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from datetime import date

import numpy as np

from inmail_credits._inputs import as_whole, check_executor, check_progress
from inmail_credits.account import Account
from inmail_credits.errors import InMailCreditsError, InvalidValueError, UnsupportedTermError
from inmail_credits.plans import Plan
from inmail_credits.simulation.behaviour import Outreach
from inmail_credits.simulation.block import run_block
from inmail_credits.simulation.calendar import calendar_of
from inmail_credits.simulation.distribution import added
from inmail_credits.simulation.draws import BLOCK_PATHS, Draws, seed_sequence
from inmail_credits.simulation.job import Job, is_queue
from inmail_credits.simulation.opening import opening_of
from inmail_credits.simulation.record import DAILY, SUMS, BlockResult
from inmail_credits.simulation.result import TOTALS, DailyPaths, Simulation
from inmail_credits.timeline import DAYS_MAX

PATHS_MAX = 100_000_000
STEPS_PER_DAY_MAX = 1_440
COUNT_MAX = 2**31 - 1
Progress = bool | Callable[[int, int], bool | None]
Rng = int | np.random.SeedSequence | np.random.Generator


class SimulationCancelledError(InMailCreditsError, RuntimeError):
    """A progress callback returned ``False``."""


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
) -> Simulation:
    """Simulate what may happen to the credits of a plan, or of an account from where it stands.

    Day k, 0 to ``days - 1``, stands at ``start`` + k x 24 h, and so do its sends, answers and withdrawals.
    What time alone does (grants, expiry, ends) happens at its exact instant. Within a day: time first, then
    answers from earlier days, purchases, sends, answers within the day, withdrawals.

    Args:
        subject: a plan, subscribed to at ``start``; or an account.
        outreach: the behaviour to assume.
        start: an instant, or a date (its midnight UTC). An account defaults to its latest fact's instant.
        days: how many days, 0 to 36,500.
        paths: how many paths, 0 to 100,000,000.
        rng: the seed. The same seed gives the same bits, whatever the executor; more paths or days keep the
            earlier ones. A Generator is drawn from once.
        daily_paths: also keep every path on every day; memory then grows with paths x days.
        executor: where to run blocks of paths; ``None`` for here and now.
        progress: ``True`` for a bar (tqdm, if it is installed), or a callable of (paths done, paths); if
            it returns ``False``, the simulation stops.
        seats: seats of the contract, where ``subject`` is a plan.
        steps_per_day: a finer grid for sends and answers, 1 to 1,440, a divisor of 86,400.

    Raises:
        InvalidValueError: with the value and the limit.
        UnsupportedTermError: for what the engine cannot do exactly.
        SimulationCancelledError: if ``progress`` said stop.
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
    )
    return run_job(job, executor=executor, progress=progress)


def run_job(job: Job, *, executor: Executor | None = None, progress: Progress = False) -> Simulation:
    """Run a prepared job; arguments as for :func:`simulate`."""
    check_executor(executor)
    check_progress(progress)
    return _merged(job, list(_watched(_results(job, executor), job.paths, progress)))


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
    block_paths: int = BLOCK_PATHS,
) -> Job:
    """Check everything and prepare what all blocks share. Arguments as for :func:`simulate`.

    ``block_paths`` paths are drawn together: another number gives another sample.
    """
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
    steps = days * steps_per_day
    job = Job(
        plan=opening.plan,
        outreach=outreach,
        opening=opening,
        calendar=calendar_of(
            opening,
            steps=steps,
            steps_per_day=steps_per_day,
            paced=outreach.sends.pacing is not None,
            buying=outreach.purchases.per_day > 0
            and opening.plan.purchase_credits_max > 0
            and not is_queue(opening.plan),
        ),
        draws=Draws(
            outreach,
            opening,
            steps=steps,
            steps_per_day=steps_per_day,
            seed=seed_sequence(rng),
            block_paths=block_paths,
        ),
        days=days,
        steps_per_day=steps_per_day,
        paths=paths,
        keep_daily=daily_paths,
    )
    if job.count_max > COUNT_MAX:
        raise InvalidValueError(
            "credits and messages of a path", job.count_max, f"at most {COUNT_MAX:,}; simulate fewer days"
        )
    return job


def _results(job: Job, executor: Executor | None) -> Iterator[BlockResult]:
    numbers = range(-(-job.paths // job.draws.block_paths))
    if executor is None:
        for number in numbers:
            yield run_block(job, number)
        return
    light = job.without_account()
    futures = [executor.submit(run_block, light, number) for number in numbers]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def _watched(results: Iterator[BlockResult], paths: int, progress: Progress) -> Iterator[BlockResult]:
    """The results, with somebody told how far they are."""
    tell = _bar(paths) if progress is True else progress
    done = 0
    for result in results:
        done += len(result.path_totals["sent"])
        yield result
        if tell and tell(done, paths) is False:
            raise SimulationCancelledError(f"stopped after {done:,} of {paths:,} paths")


def _bar(paths: int) -> Callable[[int, int], bool | None] | None:
    try:
        from tqdm.auto import tqdm  # noqa: PLC0415 - optional
    except ImportError:
        return None
    bar = tqdm(total=paths, unit="path", unit_scale=True)

    def tell(done: int, of: int) -> None:
        bar.update(done - bar.n)
        if done == of:
            bar.close()

    return tell


def _merged(job: Job, blocks: list[BlockResult]) -> Simulation:
    none = np.zeros(0, dtype=np.int32)
    zeros = np.zeros(job.days, dtype=np.int64)
    daily = None
    if job.keep_daily:
        empty = np.zeros((job.days, 0), dtype=job.state_type)
        daily = DailyPaths(
            **{
                name: np.concatenate([empty, *(block.daily[name] for block in blocks)], axis=1)
                for name in DAILY
            }
        )
    return Simulation(
        plan=job.plan,
        outreach=job.outreach,
        start=job.opening.start,
        days=job.days,
        paths=job.paths,
        seats=job.opening.seats,
        steps_per_day=job.steps_per_day,
        opening=job.opening.credits,
        path_totals={
            name: np.concatenate([none, *(block.path_totals[name] for block in blocks)]) for name in TOTALS
        },
        day_sums={name: sum((block.day_sums[name] for block in blocks), zeros) for name in SUMS},
        balances=added([block.balances for block in blocks], days=job.days),
        refused_paths=sum((block.refused_paths for block in blocks), zeros),
        dry_paths=np.cumsum(sum((block.newly_dry_paths for block in blocks), zeros)),
        daily=daily,
    )


__all__ = ["Progress", "Rng", "SimulationCancelledError", "make_job", "run_job", "simulate"]

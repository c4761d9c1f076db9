"""Fleets beside one plan: ``bench_fleet.py [accounts]`` prints cost a path-day, ratios and peak memory.

A fleet of different accounts (plan, renewal, balance, rate and volume of their own) is simulated for a year,
one path each, and beside it the same path-days of each of its plans alone. Times are processor time of one
thread, measured in turn; the last line but one is wall time, for what runs in parallel.
"""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, process_time

from inmail_credits import economies
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Replies, Sends
from inmail_credits.simulation._engine.job import run_part
from inmail_credits.simulation.fleet import Contract, Fleet, Seat, job, simulate_fleet
from inmail_credits.simulation.run import make_job

START = date(2026, 1, 31)
DAYS = 365
RUNS = 5
ACCOUNTS = 1_000_000
SAMPLE = 40_000
"""How many paths of one plan stand for all: the cost a path-day is the same from 1,000 on."""
PART = 10_000
BUDGET = 1.3
PLANS = economies.LINKEDIN_2019
TEAM = economies.LINKEDIN_2026["recruiter-corporate"]


def roster(rows: int) -> dict[str, list[object]]:
    """A frame of so many different people, 5 messages a week on average."""
    rnd = Random(1)  # noqa: S311 - a benchmark
    plans = [rnd.choice([plan.name for plan in PLANS]) for _ in range(rows)]
    return {
        "name": [f"person {row}" for row in range(rows)],
        "plan": list(plans),
        "per_week": [rnd.uniform(3, 7) for _ in range(rows)],
        "reply_rate": [rnd.uniform(0.1, 0.5) for _ in range(rows)],
        "balance": [rnd.randint(0, PLANS[name].grant_credits) for name in plans],
        "renews_on": [START + timedelta(days=rnd.randint(1, 28)) for _ in range(rows)],
    }


def seconds_of(work: Callable[[], object]) -> float:
    """The processor time it takes once."""
    begin = process_time()
    work()
    return process_time() - begin


def of_fleet(prepared: job.FleetJob) -> float:
    """Nanoseconds a path-day of a prepared fleet, on this thread."""
    chunks = job.cut(prepared, 1)
    seconds = seconds_of(lambda: [job.run_chunk(prepared, chunk) for chunk in chunks])
    return seconds / len(prepared.accounts) / prepared.paths / prepared.days * 1e9


def of_plans(days: int) -> float:
    """The same of each plan alone, the mean over the plans."""
    outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.3))
    seconds = 0.0
    for plan in PLANS:
        alone = make_job(plan, outreach, start=START, days=days, paths=SAMPLE, rng=7)
        begin = process_time()
        for first in range(0, SAMPLE, PART):
            run_part(alone, first, PART)
        seconds += process_time() - begin
    return seconds / len(PLANS) / SAMPLE / days * 1e9


def compared(name: str, prepared: job.FleetJob, runs: int) -> None:
    """Print the cost of a fleet and its ratio to that of its plans, medians of runs in turn."""
    of_fleet(prepared), of_plans(prepared.days)
    pairs = [(of_fleet(prepared), of_plans(prepared.days)) for _ in range(runs)]
    each, ratio = median(one for one, _ in pairs), median(one / two for one, two in pairs)
    sys.stdout.write(f"{name:<52} {each:>8.1f} ns/path-day {ratio:>6.2f} x (budget {BUDGET})\n")


def prepared_fleet(fleet: Fleet, days: int, paths: int) -> job.FleetJob:
    """A fleet ready to run."""
    return job.make_fleet_job(
        fleet, start=None, days=days, paths=paths, rng=7, steps_per_day=1, together_max=20_000_000
    )


def pool(seats: int) -> Fleet:
    """A contract of so many seats."""
    busy = Outreach(sends=Sends.poisson(per_week=30), replies=Replies(rate=0.3))
    plan: Plan = TEAM
    return Fleet([Contract("pool", plan, [Seat(f"seat {k}", busy) for k in range(seats)], start=START)])


def peak_mebibytes(accounts: int) -> float:
    """Peak memory of a fresh process that simulates a fleet from a frame, as Linux counts it."""
    code = (
        "import pathlib, runpy\n"
        f"bench = runpy.run_path({__file__!r})\n"
        f"fleet = bench['Fleet'].from_frame(bench['roster']({accounts}), start=bench['START'])\n"
        "bench['simulate_fleet'](fleet, days=bench['DAYS'], paths=1, rng=7)\n"
        "print(pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    told = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return int(told.stdout) / 1024


def main() -> None:
    """Print the table."""
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS
    frame = roster(accounts)
    begin = process_time()
    fleet = Fleet.from_frame(frame, start=START)
    read = process_time() - begin
    begin = process_time()
    prepared = prepared_fleet(fleet, DAYS, 1)
    sys.stdout.write(
        f"{accounts:,} different accounts: {read:.1f} s to read and check the frame, "
        f"{process_time() - begin:.1f} s to prepare\n"
    )
    compared(f"{accounts:,} different accounts, a year, 1 path", prepared, 3 if accounts > SAMPLE else RUNS)
    few = Fleet.from_frame(roster(2_000), start=START)
    compared("2,000 accounts, 90 days, 1,000 paths", prepared_fleet(few, 90, 1_000), 1)
    team = prepared_fleet(pool(2_000), 90, 10)
    of_fleet(team)
    each = of_fleet(team) / 2_000
    sys.stdout.write(f"{'a pool of 2,000 seats, 90 days, 10 paths':<52} {each:>8.1f} ns/seat-day\n")
    begin = perf_counter()
    simulate_fleet(fleet, days=DAYS, paths=1, rng=7)
    sys.stdout.write(
        f"{accounts:,} accounts, prepared and run on all threads: {perf_counter() - begin:.1f} s\n"
    )
    if Path("/proc/self/status").exists():
        sys.stdout.write(f"peak memory of it: {peak_mebibytes(accounts):,.0f} MiB (budget 2,048)\n")


if __name__ == "__main__":
    main()

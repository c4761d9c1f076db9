"""The engine beside others: ``bench_engine [quick] [--old FOLDER]`` prints ratios of medians, and memory.

The floor is what the random numbers cost that the kernel draws: one word a day, four a message, from the same
generator (Philox4x32-10), compiled. SimPy, salabim and the plain Python loop model the same account
(``other_simulators.py``). With ``--old`` an earlier release, unpacked in that folder, runs in turn with this
one. Times are processor time, but for the rows of threads, which are by the clock.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
from attrs import evolve

from inmail_credits import economies
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Replies, Sends, Withdrawals, delays, simulate
from inmail_credits.simulation._engine.compiled import entry
from inmail_credits.simulation._engine.job import run_part
from inmail_credits.simulation._engine.philox import COINS, FATES, WISHES, fill
from inmail_credits.simulation.run import make_job
from tests.benchmarks.other_simulators import (
    DAYS,
    DELAY_DAYS,
    PER_WEEK,
    RATE,
    WITHDRAWN,
    WITHDRAWN_DAYS,
    plain_year,
    salabim_year,
    simpy_year,
)

ROOT = Path(__file__).parents[2]
START = date(2026, 1, 1)
RUNS = 7
SIZES = (1, 100, 128, 1_000, 10_000, 100_000)
SMALL = (128, 1_000, 10_000)
MANY = 1_000_000
OUTREACH = Outreach(
    sends=Sends.poisson(per_week=PER_WEEK),
    replies=Replies(rate=RATE, delay=delays.Exponential(DELAY_DAYS)),
    withdrawals=Withdrawals(rate=WITHDRAWN, after_days=WITHDRAWN_DAYS),
)
TIERS = economies.get("linkedin-2019")
PLANS = [
    *(evolve(TIERS[name], cap_credits=4 * TIERS[name].grant_credits, reply_window_days=90)
      for name in ("career", "business", "recruiter-lite")),
    Plan(name="seat-150", grant_credits=150, cap_credits=600, lifetime_days=90, reply_window_days=90),
]  # fmt: skip
BUSINESS = PLANS[1]
ORIGINAL = evolve(BUSINESS, refund_to="original")
OF_A_RELEASE = """
import sys, time
from datetime import date
from attrs import evolve
from inmail_credits import economies
from inmail_credits.simulation import Outreach, Replies, Sends, Withdrawals, simulate
from {delays} import Exponential
outreach = Outreach(
    sends=Sends.poisson(per_week=5.0), replies=Replies(rate=0.27, delay=Exponential(3.0)),
    withdrawals=Withdrawals(rate=0.1, after_days=14),
)
plan = evolve(economies.get("linkedin-2019")["business"], cap_credits=60, reply_window_days=90)
for line in sys.stdin:
    to, paths = line.split()
    begin = time.process_time()
    simulate(evolve(plan, refund_to=to), outreach, start=date(2026, 1, 1), days=365, paths=int(paths), rng=7)
    print(time.process_time() - begin, flush=True)
"""
"""A program that simulates for a release, in its own process, what it is told line by line."""


def seconds_of(work: Callable[[], object]) -> float:
    """The processor time it takes once."""
    begin = process_time()
    work()
    return process_time() - begin


def beside(work: Callable[[], object], other: Callable[[], object], runs: int) -> tuple[float, float]:
    """The median time of some work, and of its ratio to other work done in turn with it."""
    work()
    other()
    times = [(seconds_of(work), seconds_of(other)) for _ in range(runs)]
    return median(one for one, _ in times), median(one / two for one, two in times)


def engine(plan: Plan, paths: int) -> Callable[[], object]:
    """A year of the engine, on as many threads as it takes by itself."""
    return lambda: simulate(plan, OUTREACH, start=START, days=DAYS, paths=paths, rng=7)


def kernel(plan: Plan, paths: int) -> Callable[[], object]:
    """The same on this thread, without what is prepared before and put together after."""
    job = make_job(plan, OUTREACH, start=START, days=DAYS, paths=paths, rng=7)
    return lambda: run_part(job, 0, paths)


@entry
def draw(key: np.ndarray, paths: int, days: int, messages: int, out: np.ndarray) -> None:
    """The words of so many paths."""
    for path in range(paths):
        fill(key, path, WISHES, days, out)
        fill(key, path, FATES, 2 * messages, out)
        fill(key, path, COINS, 2 * messages, out)


def floor(paths: int) -> Callable[[], object]:
    """The random numbers of a year."""
    messages = round(PER_WEEK / 7 * DAYS)
    key, out = np.array([1, 2], dtype=np.int64), np.zeros(4_096, dtype=np.uint32)
    return lambda: draw(key, paths, DAYS, messages, out)


def row(name: str, work: Callable[[], object], paths: int, *, share: float = 1.0, runs: int = RUNS) -> float:
    """Measure in turn with the floor; print time, nanoseconds a path-day and the ratio to the floor.

    ``share`` of the paths are really run, and the time is scaled. The floor is that of 10,000 paths.
    """
    seconds, ratio = beside(work, floor(10_000), runs)
    each = seconds / share / paths / DAYS * 1e9
    ratio *= 10_000 / (share * paths)
    sys.stdout.write(f"{name:<48} {seconds / share:>9.4f} {each:>10.1f} {ratio:>8.1f}\n")
    return ratio


def print_small(ratios: Mapping[int, float]) -> None:
    """Print what a path costs where there are few, to what it costs where there are 10,000."""
    for paths in (128, 1_000):
        cost = ratios[paths] / ratios[10_000]
        sys.stdout.write(f"{'':<48} {paths:,} paths: {cost:.2f} x the cost a path of 10,000\n")


def peak_mebibytes(paths: int) -> float:
    """Peak memory of a fresh process that simulates so many paths, as Linux counts it."""
    code = (
        "import pathlib\n"
        "from tests.benchmarks import bench_engine as bench\n"
        f"bench.engine(bench.BUSINESS, {paths})()\n"
        "print(pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return int(told.stdout) / 1024


class Release:
    """A release in a process of its own, which simulates what it is told."""

    def __init__(self, folder: Path, delays_module: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment["PYTHONPATH"] = str(folder)
        self._process = subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-P", "-c", OF_A_RELEASE.format(delays=delays_module)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def seconds(self, refund_to: str, paths: int) -> float:
        """The processor time of one simulation."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{refund_to} {paths}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


def against(old: Path) -> None:
    """Print the ratio to an earlier release, run by run in turn."""
    releases = (
        Release(ROOT, "inmail_credits.simulation.behaviour.delays"),
        Release(old, "inmail_credits.simulation.delays"),
    )
    for refund_to, own, theirs in (("fresh", "fresh", "fresh"), ("original", "original", "fresh")):
        for paths in (100, 1_000, 10_000):
            pairs = [
                (releases[0].seconds(own, paths), releases[1].seconds(theirs, paths)) for _ in range(RUNS + 1)
            ][1:]
            ratio = median(new / before for new, before in pairs)
            name = f"engine, refunds {refund_to}, {paths:,} paths"
            sys.stdout.write(f"{name:<48} {ratio:>9.2f} x the earlier release with fresh refunds\n")


def threads(paths: int) -> None:
    """Print how much quicker two threads, and two processes, are than one, by the clock."""
    plan = BUSINESS

    def clock(pool: ThreadPoolExecutor | ProcessPoolExecutor) -> float:
        begin = perf_counter()
        simulate(plan, OUTREACH, start=START, days=DAYS, paths=paths, rng=7, executor=pool)
        return perf_counter() - begin

    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(2) as two, ProcessPoolExecutor(2) as apart:
        for pool in (one, two, apart):
            clock(pool)
        times = [(clock(one), clock(two), clock(apart)) for _ in range(RUNS)]
    for place, name in ((1, "two threads"), (2, "two processes")):
        gain = median(each[0] / each[place] for each in times)
        sys.stdout.write(f"{name + f', {paths:,} paths':<48} {gain:>9.2f} x as fast as one thread\n")


def compile_seconds(plan: str) -> float:
    """The processor time of the first simulation of a fresh process with an empty cache."""
    code = (
        "import time\n"
        "from datetime import date\n"
        "from attrs import evolve\n"
        "from inmail_credits import economies\n"
        "from inmail_credits.simulation import Outreach, Replies, Sends, simulate\n"
        "outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))\n"
        f"plan = evolve(economies.get('linkedin-2019')['business'], refund_to={plan!r})\n"
        "begin = time.process_time()\n"
        "simulate(plan, outreach, start=date(2026, 1, 1), days=10, paths=1, rng=7)\n"
        "print(time.process_time() - begin)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder, "PYTHONPATH": str(ROOT)}
        told = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, env=environment
        )
    return float(told.stdout)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("quick", nargs="?", help="leave out what takes long")
    parser.add_argument("--old", type=Path, help="a folder with an earlier release")
    options = parser.parse_args()
    sys.stdout.write(f"{'a year, 5 messages a week':<48} {'seconds':>9} {'ns/p-day':>10} {'x floor':>8}\n")
    row("floor: the words drawn, 10,000 paths", floor(10_000), 10_000)
    ratios = {
        paths: row(f"engine, business, {paths:,} paths", engine(BUSINESS, paths), paths) for paths in SIZES
    }
    print_small(ratios)
    alone = {paths: row(f"kernel alone, {paths:,} paths", kernel(BUSINESS, paths), paths) for paths in SMALL}
    print_small(alone)
    prepared = median(
        seconds_of(partial(make_job, BUSINESS, OUTREACH, start=START, days=DAYS, paths=1, rng=7))
        for _ in range(20)
    )
    sys.stdout.write(f"{'of which preparation, for any number of paths':<48} {prepared:>9.4f}\n")
    for plan in PLANS:
        row(f"engine, {plan.name}, 10,000 paths", engine(plan, 10_000), 10_000)
    row("engine, business, refunds to the original lot", engine(ORIGINAL, 10_000), 10_000)
    for name, year, few in (
        ("SimPy", simpy_year, 40),
        ("salabim", salabim_year, 20),
        ("plain Python loop", plain_year, 200),
    ):
        ratio = row(
            f"{name}, {few} paths scaled", partial(year, BUSINESS, few), 10_000, share=few / 10_000, runs=3
        )
        sys.stdout.write(f"{'':<48} the engine is {ratio / ratios[10_000]:.0f} times as fast\n")
    if not options.quick:
        row(f"engine, business, {MANY:,} paths", engine(BUSINESS, MANY), MANY, runs=1)
    threads(100_000)
    if options.old is not None:
        against(options.old)
    for refund_to, name in (("fresh", "queue"), ("original", "lots")):
        sys.stdout.write(f"{f'compiling, once: {name}':<48} {compile_seconds(refund_to):>9.1f}\n")
    for many in (1_000, 100_000, *(() if options.quick else (MANY,))):
        sys.stdout.write(f"peak memory, {many:>9,} paths {peak_mebibytes(many):>24,.0f} MiB\n")


if __name__ == "__main__":
    main()

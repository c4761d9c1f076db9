"""The array engine beside others: ``bench_engine.py [quick]`` prints ratios of medians, and peak memory.

The floor is what its random numbers cost: one 16-bit integer a path-day, one for each message and one for
each answer, from the same generator (SFC64), as the engine draws them: four to a word of ``random_raw``. What
they cost through ``Generator.integers`` is printed beside it. SimPy, salabim and the plain
Python loop model the same account: monthly grants, first in first out, expiry, refunds as fresh lots,
withdrawals.
Times are wall-clock seconds; ratios of one run are what to look at.
"""

import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from random import Random
from statistics import median
from time import perf_counter

import numpy as np
import salabim
import simpy
from attrs import evolve

from inmail_credits import economies
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Replies, Sends, Withdrawals, delays, simulate

SimPyProcess = Generator[simpy.Event, object, None]
START = date(2026, 1, 1)
DAYS = 365
MONTH_DAYS = 30.4375
PER_WEEK = 5.0
RATE = 0.27
DELAY_DAYS = 3.0
WITHDRAWN = 0.1
WITHDRAWN_DAYS = 14
RUNS = 5
FLOOR_PATHS_MAX = 100_000
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


def seconds_of(work: Callable[[], object]) -> float:
    """How long it takes once."""
    start = perf_counter()
    work()
    return perf_counter() - start


def beside(work: Callable[[], object], other: Callable[[], object], runs: int) -> tuple[float, float]:
    """The median time of some work, and of its ratio to other work done in turn with it."""
    work()
    other()
    times = [(seconds_of(work), seconds_of(other)) for _ in range(runs)]
    return median(one for one, _ in times), median(one / two for one, two in times)


def engine(plan: Plan, paths: int, workers: int = 1) -> Callable[[], object]:
    """A year of the engine."""

    def work(pool: ProcessPoolExecutor | None = None) -> object:
        return simulate(plan, OUTREACH, start=START, days=DAYS, paths=paths, rng=7, executor=pool)

    if workers == 1:
        return work
    pool = ProcessPoolExecutor(workers)
    return lambda: work(pool)


def integers_a_day(paths: int) -> int:
    """How many 16-bit integers a day of that many paths takes."""
    messages = PER_WEEK / 7
    return int(paths * (1 + messages + messages * RATE))


def floor(paths: int) -> Callable[[], object]:
    """The random numbers of a year, four to a word of the generator."""
    bits = np.random.SFC64(1)
    words = -(-integers_a_day(paths) // 4)

    def work() -> None:
        for _ in range(DAYS):
            bits.random_raw(words).view(np.uint16)

    return work


def floor_of_integers(paths: int) -> Callable[[], object]:
    """The same through ``Generator.integers``."""
    generator = np.random.Generator(np.random.SFC64(1))
    count = integers_a_day(paths)

    def work() -> None:
        for _ in range(DAYS):
            generator.integers(0, 1 << 16, count, dtype=np.uint16)

    return work


class PlainAccount:
    """An account as a queue of lots, in plain Python."""

    def __init__(self, plan: Plan, rnd: Random) -> None:
        self.plan = plan
        self.random = rnd
        self.lots: deque[list[float]] = deque()
        self.made = self.refused = 0

    def receive(self, now: float, credits_: int) -> None:
        """A new lot."""
        self.lots.append([now + (self.plan.lifetime_days or DAYS), credits_])

    def expire(self, now: float) -> None:
        """Drop what is dead."""
        while self.lots and self.lots[0][0] <= now:
            self.lots.popleft()

    def grant(self, now: float) -> None:
        """Trim, then grant."""
        self.expire(now)
        excess = sum(lot[1] for lot in self.lots) + self.plan.grant_credits - (self.plan.cap_credits or 0)
        while excess > 0 and self.lots:
            taken = min(excess, self.lots[0][1])
            self.lots[0][1] -= taken
            excess -= taken
            if not self.lots[0][1]:
                self.lots.popleft()
        self.receive(now, self.plan.grant_credits)

    def send(self, now: float) -> bool:
        """Spend one credit, if there is one."""
        self.expire(now)
        if not self.lots:
            self.refused += 1
            return False
        self.lots[0][1] -= 1
        if not self.lots[0][1]:
            self.lots.popleft()
        self.made += 1
        return True

    def fate(self) -> float | None:
        """After how many days an answer comes; ``None`` for silence or a withdrawal before it."""
        if self.random.random() >= RATE:
            return None
        delay = self.random.expovariate(1 / DELAY_DAYS)
        return None if delay > WITHDRAWN_DAYS and self.random.random() < WITHDRAWN else delay


def simpy_year(plan: Plan, paths: int) -> None:
    """A year of each path as SimPy processes."""
    rnd = Random(1)  # noqa: S311 - a benchmark
    for _ in range(paths):
        env = simpy.Environment()
        account = PlainAccount(plan, rnd)

        def grants(env: simpy.Environment, account: PlainAccount) -> SimPyProcess:
            while True:
                account.grant(env.now)
                yield env.timeout(MONTH_DAYS)

        def answer(env: simpy.Environment, account: PlainAccount, delay: float) -> SimPyProcess:
            yield env.timeout(delay)
            account.receive(env.now, 1)

        def sends(env: simpy.Environment, account: PlainAccount) -> SimPyProcess:
            while True:
                yield env.timeout(account.random.expovariate(PER_WEEK / 7))
                if account.send(env.now) and (delay := account.fate()) is not None:
                    env.process(answer(env, account, delay))

        env.process(grants(env, account))
        env.process(sends(env, account))
        env.run(until=DAYS)


class SalabimGrants(salabim.Component):
    """A grant each month."""

    def setup(self, account: PlainAccount) -> None:
        self.account = account

    def process(self) -> Iterator[object]:
        while True:
            self.account.grant(self.env.now())
            yield self.hold(MONTH_DAYS)


class SalabimAnswer(salabim.Component):
    """One answer on its way."""

    def setup(self, account: PlainAccount, days: float) -> None:
        self.account, self.days = account, days

    def process(self) -> Iterator[object]:
        yield self.hold(self.days)
        self.account.receive(self.env.now(), 1)


class SalabimSends(salabim.Component):
    """Somebody who sends at random."""

    def setup(self, account: PlainAccount) -> None:
        self.account = account

    def process(self) -> Iterator[object]:
        while True:
            yield self.hold(self.account.random.expovariate(PER_WEEK / 7))
            if self.account.send(self.env.now()) and (delay := self.account.fate()) is not None:
                SalabimAnswer(account=self.account, days=delay)


def salabim_year(plan: Plan, paths: int) -> None:
    """A year of each path as salabim components."""
    salabim.yieldless(False)
    rnd = Random(1)  # noqa: S311 - a benchmark
    for _ in range(paths):
        env = salabim.Environment(trace=False)
        account = PlainAccount(plan, rnd)
        SalabimGrants(account=account)
        SalabimSends(account=account)
        env.run(till=DAYS)


def plain_year(plan: Plan, paths: int) -> None:
    """A year of each path, day by day, in plain Python."""
    rnd = Random(1)  # noqa: S311 - a benchmark
    threshold = np.exp(-PER_WEEK / 7)
    for _ in range(paths):
        account = PlainAccount(plan, rnd)
        due: list[int] = [0] * (DAYS + 1)
        for day in range(DAYS):
            if day % 30 == 0:
                account.grant(day)
            if due[day]:
                account.receive(day, due[day])
            product = rnd.random()
            while product > threshold:
                product *= rnd.random()
                if account.send(day) and (delay := account.fate()) is not None:
                    due[min(DAYS, day + int(rnd.random() + delay))] += 1


def peak_mebibytes(paths: int) -> float:
    """Peak memory of a fresh process that simulates so many paths, as Linux counts it."""
    code = (
        "import pathlib, runpy\n"
        f"bench = runpy.run_path({__file__!r})\n"
        f"bench['engine'](bench['BUSINESS'], {paths})()\n"
        "print(pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    told = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return int(told.stdout) / 1024


def row(name: str, work: Callable[[], object], paths: int, *, share: float = 1.0, runs: int = RUNS) -> float:
    """Measure in turn with the floor, and print time, nanoseconds a path-day and the ratio to the floor.

    ``share`` of the paths are really run, and the time is scaled; so is the floor above 100,000 paths.
    """
    least = min(paths, FLOOR_PATHS_MAX)
    seconds, ratio = beside(work, floor(least), runs)
    seconds, ratio = seconds / share, ratio / share * least / paths
    each = seconds / paths / DAYS * 1e9
    sys.stdout.write(f"{name:<48} {seconds:>9.3f} {each:>10.1f} {ratio:>8.1f}\n")
    return ratio


def main() -> None:
    """Print the table."""
    sizes = (1_000, 100_000) if len(sys.argv) > 1 else (1_000, 100_000, 1_000_000)
    paths = 10_000
    sys.stdout.write(f"{'a year, 5 messages a week':<48} {'seconds':>9} {'ns/p-day':>10} {'x floor':>8}\n")
    row(f"floor: raw words, {paths:,} paths", floor(paths), paths)
    row(f"Generator.integers, {paths:,} paths", floor_of_integers(paths), paths)
    business = row(f"engine, business, {paths:,} paths", engine(BUSINESS, paths), paths)
    for name, year, few in (
        ("SimPy", simpy_year, 40),
        ("salabim", salabim_year, 20),
        ("plain Python loop", plain_year, 200),
    ):
        work = partial(year, BUSINESS, few)
        ratio = row(f"{name}, business, {few} paths scaled", work, paths, share=few / paths)
        sys.stdout.write(f"{'':<48} the engine is {ratio / business:.0f} times as fast\n")
    for plan in PLANS:
        row(f"engine, {plan.name}, {paths:,} paths", engine(plan, paths), paths)
    original = evolve(BUSINESS, refund_to="original")
    row("engine, business, refunds to the original lot", engine(original, paths), paths)
    for many in sizes:
        for workers in (1, 2):
            name = f"engine, business, {many:,} paths, {workers} worker(s)"
            row(name, engine(BUSINESS, many, workers), many, runs=1 if many > FLOOR_PATHS_MAX else RUNS)
    for many in sizes:
        sys.stdout.write(f"peak memory, {many:>9,} paths {peak_mebibytes(many):>24,.0f} MiB\n")


if __name__ == "__main__":
    main()

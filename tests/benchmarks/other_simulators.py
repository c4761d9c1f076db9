"""The same account in SimPy, in salabim, and as a plain Python loop: a year, path by path.

Monthly grants, first in first out, expiry after 90 days, refunds as fresh lots, withdrawals.
"""

from collections import deque
from collections.abc import Generator, Iterator
from math import exp
from random import Random

import salabim
import simpy

from inmail_credits.plans import Plan

SimPyProcess = Generator[simpy.Event, object, None]
DAYS = 365
MONTH_DAYS = 30.4375
PER_WEEK = 5.0
RATE = 0.27
DELAY_DAYS = 3.0
WITHDRAWN = 0.1
WITHDRAWN_DAYS = 14


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
    threshold = exp(-PER_WEEK / 7)
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

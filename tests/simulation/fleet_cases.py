"""Random fleets for the campaign and the tests: members and contracts over plans, behaviours and openings."""

from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from attrs import evolve
from campaign import STARTS, own_plan, planned_facts, some_account, some_outreach

from inmail_credits.account import Account
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Purchases, Replies, Sends, Withdrawals
from inmail_credits.simulation.fleet import Contract, Fleet, Member, Seat
from inmail_credits.testing.fleet_reference import fleet_difference

ALONE = Outreach(
    sends=Sends.poisson(per_week=9),
    replies=Replies(rate=0.27),
    withdrawals=Withdrawals(rate=0.2, after_days=5),
)


class FleetCase(NamedTuple):
    """A fleet, and how it is simulated."""

    fleet: Fleet
    days: int
    paths: int
    seed: int
    steps_per_day: int

    @property
    def path_days(self) -> int:
        """How much is compared."""
        return len(self.fleet.accounts) * self.days * self.paths

    def difference(self) -> str | None:
        """What differs from the ledger, in words; ``None`` for nothing."""
        return fleet_difference(
            self.fleet,
            days=self.days,
            start=None,
            paths=self.paths,
            seed=self.seed,
            steps_per_day=self.steps_per_day,
        )


def fleet_case(seed: int) -> FleetCase:
    """The case of that seed: every other one has a contract."""
    rnd = Random(seed)  # noqa: S311 - a seed that reproduces a case
    contract = rnd.random() < 0.5
    days = rnd.choice((1, 5, 12, 35)) if contract else rnd.choice((0, 1, 5, 12))
    fleet = some_contract(seed) if contract else some_fleet(seed, days)
    return FleetCase(fleet, days, rnd.randint(1, 3), seed, steps_per_day(fleet, rnd))


def any_contract(fleet: Fleet) -> bool:
    """Whether there is a contract in a fleet."""
    return any(isinstance(one, Contract) for one in fleet)


def some_fleet(seed: int, days: int) -> Fleet:
    """A few members over all plans, openings, behaviours and planned facts of the campaign."""
    rnd = Random(seed)  # noqa: S311 - a seed that reproduces a case
    members = []
    for number in range(rnd.randint(1, 5)):
        plan = own_plan(rnd)
        start = rnd.choice(STARTS)
        outreach = some_outreach(rnd, start)
        subject = plan if rnd.random() < 0.6 else some_account(rnd, plan, start, 1)
        if isinstance(subject, Account):
            start = subject.latest_at
            if subject.subscription(at=start) is None:
                subject = plan
        planned = planned_facts(rnd, subject, start, 1, days)
        if outreach.purchases != Purchases():  # not while billing dates change
            planned = []
        members.append(Member(f"person {number}", subject, outreach, start=start, planned=planned))
    return Fleet(members)


def some_contract(seed: int) -> Fleet:
    """A contract of a few seats with behaviours, limits and spans of their own, beside a member."""
    rnd = Random(seed)  # noqa: S311 - a seed that reproduces a case
    plan = evolve(own_plan(rnd), seats_max=9)
    start = rnd.choice(STARTS)
    subject: Plan | Account = plan
    ends = False
    if rnd.random() < 0.3:
        account = some_account(rnd, plan, start, 4)
        running = account.subscription(at=account.latest_at)
        if running is not None:
            subject, start, ends = account, account.latest_at, running.ends_at is not None

    def moment() -> datetime | None:
        if ends:  # the seats of a contract that is over do not change
            return None
        return rnd.choice((None, None, start + timedelta(days=rnd.randint(1, 9), hours=rnd.choice((0, 7)))))

    seats = []
    for number in range(rnd.randint(1, 4)):
        joins, leaves = (moment(), moment()) if number else (None, None)
        if joins is not None and leaves is not None and leaves <= joins:
            leaves = None
        outreach = some_outreach(rnd, start)
        seats.append(
            Seat(f"seat {number}", outreach, limit=rnd.choice((None, None, 0, 2)), joins=joins, leaves=leaves)
        )
    here = sum(seat.joins is None for seat in seats)
    bought = None if isinstance(subject, Account) else rnd.choice((None, here + 1))
    contract = Contract("team", subject, seats, start=start, seats_bought=bought)
    return Fleet([contract, Member("alone", plan, ALONE, start=start)])


def steps_per_day(fleet: Fleet, rnd: Random) -> int:
    """One step a day, or two where nobody has a daily limit."""
    people = [one for entry in fleet for one in ((entry,) if isinstance(entry, Member) else entry.seats)]
    limited = any(one.outreach.sends.daily_max is not None for one in people)
    return 1 if limited else rnd.randint(1, 2)

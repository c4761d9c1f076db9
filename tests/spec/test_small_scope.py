"""Exhaustive small scope: every history of a few facts, at every edge, under every term a credit lives under.

Random histories meet most mistakes; these meet all that need no more than a few facts. An account is
opened, and then everything that can happen happens, at every instant of a small grid: the start, the
second grant (which is also the end of the reply window and of the billing period), the death of the first
lot, and the microsecond before each. Facts the rules refuse are tried, seen to change nothing, and not
gone on from. Histories share their beginnings: the account takes back its last fact, the oracle is copied.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from attrs import define, evolve

from inmail_credits import Account, Plan
from inmail_credits.errors import RefusedError
from inmail_credits.facts import (
    Cancelled,
    DeliveryFailed,
    Fact,
    Replied,
    Sent,
    Subscribed,
    Switched,
    Withdrawn,
)
from inmail_credits.plans import RefundOn, RefundTo
from inmail_credits.testing import Run, summed
from inmail_credits.timeline import Interval

START = datetime(2028, 1, 30, 9, tzinfo=UTC)
TICK = timedelta(microseconds=1)
GRANT_AT = START + timedelta(days=7)
DEATH_AT = START + timedelta(days=10)
GRID = (START, GRANT_AT - TICK, GRANT_AT, DEATH_AT - TICK, DEATH_AT)
HORIZON = DEATH_AT + timedelta(days=10)
MESSAGES = ("a", "b", "c")

BASE = Plan(
    name="small",
    grant_credits=2,
    grant_every=Interval(days=7),
    billing_every=Interval(days=7),
    lifetime_days=10,
)
WINDOWS = {
    "no window": BASE,
    "window": evolve(BASE, reply_window_days=7),
    "silence": evolve(BASE, reply_window_days=7, refund_on=RefundOn.SILENCE),
}
PLANS = [
    pytest.param(evolve(plan, refund_to=refund_to, cap_credits=cap), id=f"{name}, {refund_to}, {cap=}")
    for name, plan in WINDOWS.items()
    for refund_to in RefundTo
    for cap in (None, 3)
]


def letters(run: Run, plan: Plan, at: datetime) -> Iterator[Fact]:
    """Every fact that can be told at this instant, impossible ones that say something new included."""
    for message_id in run.messages:
        yield Replied(at=at, message_id=message_id)
        yield Withdrawn(at=at, message_id=message_id)
        yield DeliveryFailed(at=at, message_id=message_id)
    if len(run.messages) < len(MESSAGES):
        yield Sent(at=at, message_id=MESSAGES[len(run.messages)])
    yield Cancelled(at=at)
    yield (Subscribed if run.subscription is None else Switched)(at=at, plan=plan)


@define
class Walk:
    """A walk through all histories of up to ``depth`` facts after the opening; ``count`` of them so far."""

    plan: Plan
    depth: int
    count: int = 0
    refused: int = 0

    def through_all(self) -> None:
        """Walk from the opening on."""
        opening = Subscribed(at=START, plan=self.plan)
        run = Run()
        run.apply(opening)
        self.on_from(Account.replay([opening]), run, 0)

    def on_from(self, account: Account, run: Run, first: int) -> None:
        """Compare here, then go on with every letter at every instant from the ``first`` of the grid on."""
        self.compare(account, run)
        length = len(account)
        if length > self.depth:
            return
        for place in range(first, len(GRID)):
            for told, fact in enumerate(letters(run, self.plan, GRID[place])):
                after = run.copy()
                fact = evolve(fact, id=f"{length}-{place}-{told}")  # noqa: PLW2901 - the same, named
                if after.apply(fact):
                    account.record(fact)
                    self.on_from(account, after, place)
                    account._history.truncate(length)
                else:
                    self.must_refuse(account, fact)

    def compare(self, account: Account, run: Run) -> None:
        """See that both say the same of all that happened and of all that time will bring."""
        self.count += 1
        assert summed(account.entries) == summed(run.history), account.facts
        future = run.copy()
        future.advance(HORIZON)
        assert summed(account.entries_until(HORIZON)) == summed(future.history), account.facts

    def must_refuse(self, account: Account, fact: Fact) -> None:
        """See that an impossible fact is refused and leaves nothing behind (D15)."""
        self.refused += 1
        before = (account.entries, account.facts)
        with pytest.raises(RefusedError):
            account.record(fact)
        assert (account.entries, account.facts) == before


def walk(plan: Plan, depth: int, cases: Counter[str]) -> None:
    """Walk through all histories of one plan, and count them."""
    it = Walk(plan, depth)
    it.through_all()
    cases[f"small scope: histories of up to {depth} facts"] += it.count
    cases[f"small scope: refusals after up to {depth - 1} facts"] += it.refused


@pytest.mark.proves("D2", "D3", "D6", "D7", "D8", "D10", "D12", "D15")
@pytest.mark.parametrize("plan", PLANS)
def test_every_short_history_is_as_the_oracle_says(plan: Plan, cases: Counter[str]) -> None:
    """All histories of up to three facts after the opening, at every edge."""
    walk(plan, 3, cases)


@pytest.mark.campaign
@pytest.mark.parametrize("plan", PLANS)
def test_every_history_of_five_facts_is_as_the_oracle_says(plan: Plan, cases: Counter[str]) -> None:
    """All histories of up to five facts after the opening, at every edge."""
    walk(plan, 5, cases)

"""Rollover and expiry: R7, R8, D2 and D3."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, EntryKind, Interval, Plan, economies
from inmail_credits.errors import NoCreditError
from inmail_credits.facts import Fact
from inmail_credits.testing import Oracle, strategies, summed
from inmail_credits.testing.memory import grant_date
from inmail_credits.testing.strategies import ANCHORS, TICK, TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CAREER = economies.LINKEDIN_2019["career"]
ONCE = Plan(name="once", grant_credits=3, grant_every=Interval(months=12), lifetime_days=90)


def utc(month: int, day: int) -> datetime:
    """Nine o'clock of that day of 2026."""
    return datetime(2026, month, day, 9, tzinfo=UTC)


@pytest.mark.proves("R7")
def test_r7_what_is_not_spent_rolls_over() -> None:
    """Career: 3 on 31 January, one spent, 2 + 3 on 28 February, 8 on 31 March, 11 on 30 April."""
    account = Account.open(CAREER, at=START)
    account.send("m-1", at=utc(2, 2))
    balances = [account.balance(at=at) for at in (utc(2, 28), utc(3, 31), utc(4, 30))]
    assert balances == [5, 8, 11]


@pytest.mark.proves("R7")
@given(strategies.plans(), st.sampled_from(ANCHORS), st.integers(0, 4), st.integers(1, 6))
def test_r7_without_an_end_nothing_is_ever_lost(plan: Plan, start: datetime, sends: int, grants: int) -> None:
    """With neither age limit nor cap the balance is all that was granted less all that was sent."""
    plan = evolve(plan, grant_credits=4, lifetime_days=None, cap_credits=None, refund_on="reply")
    account = Account.open(plan, at=start)
    for number in range(sends):
        account.send(f"m-{number}", at=start)
    dates = {grant_date(plan, start, number) for number in range(1, grants + 2)}  # two may be one, in Apia
    last = sorted(dates)[grants - 1]
    assert [account.balance(at=last + tick) for tick in TICKS] == [
        4 * grants - sends,
        4 * grants + 4 - sends,
        4 * grants + 4 - sends,
    ]


@pytest.mark.proves("R8", "D2")
@pytest.mark.parametrize(
    ("lifetime_days", "end"), [(89, utc(4, 30)), (90, utc(5, 1)), (91, utc(5, 2)), (1, utc(2, 1))]
)
def test_r8_a_credit_dies_after_its_days(lifetime_days: int, end: datetime) -> None:
    """From 31 January 09:00, 89 days end on 30 April, 90 on 1 May and 91 on 2 May, at 09:00 sharp."""
    account = Account.open(evolve(ONCE, lifetime_days=lifetime_days), at=START)
    assert [account.balance(at=end + tick) for tick in TICKS] == [3, 0, 0]
    (expired,) = [entry for entry in account.entries_until(end) if entry.kind is EntryKind.EXPIRED]
    assert (expired.at, expired.credits, expired.cause) == (end, 3, Cause.AGE)


@pytest.mark.proves("R8")
def test_r8_rollover_ends_where_the_90_days_do() -> None:
    """Career: 12 credits after the fourth grant on 30 April; on 1 May the first 3 die, at 90 days."""
    account = Account.open(CAREER, at=START)
    first_ends = utc(5, 1)
    assert [account.balance(at=at) for at in (utc(4, 30), first_ends - TICK, first_ends)] == [12, 12, 9]


@pytest.mark.proves("R8")
@given(strategies.plans(seats=True), st.data())
def test_r8_every_lot_lives_its_days_and_no_longer(plan: Plan, data: st.DataObject) -> None:
    """What expires does so at receipt plus lifetime, and no credit is spent or put back at or after that."""
    history = data.draw(strategies.histories(plan=plan, seats=True))
    received: dict[int, datetime] = {}
    for entry in Account.replay(history).entries_until(history[-1].at + 100 * DAY):
        age = entry.at - received.setdefault(entry.lot, entry.at)
        if plan.lifetime_days is None:
            assert entry.kind is not EntryKind.EXPIRED
        elif entry.kind is EntryKind.EXPIRED:
            assert age == timedelta(hours=24 * plan.lifetime_days)
        else:
            assert age < timedelta(hours=24 * plan.lifetime_days)


@pytest.mark.proves("R8", "D2")
@given(st.sampled_from(ANCHORS), st.sampled_from((89, 90, 91)), st.sampled_from(TICKS), st.integers(0, 3))
def test_r8_only_what_is_left_expires(start: datetime, days: int, tick: timedelta, spent: int) -> None:
    """Of 3 credits, those spent by then do not expire; the others do, at that microsecond."""
    account = Account.open(evolve(ONCE, lifetime_days=days), at=start)
    for number in range(spent):
        account.send(f"m-{number}", at=start + tick * 0)
    statement = account.statement(start, start + timedelta(days=days) + tick + TICK)
    gone = tick >= timedelta(0)
    assert (statement.expired, statement.balance) == ((3 - spent, 0) if gone else (0, 3 - spent))


@pytest.mark.proves("D3")
def test_d3_a_dead_credit_cannot_be_spent_though_nobody_looked() -> None:
    """The account was untouched for 90 days; the next thing that happens is a send, and it is refused."""
    account = Account.open(ONCE, at=START)
    with pytest.raises(NoCreditError):
        account.send("m-1", at=START + 90 * DAY)
    assert account.send("m-1", at=START + 90 * DAY - TICK).entries[0].balance == 2


@pytest.mark.proves("D3")
@given(strategies.histories(seats=True), st.data())
def test_d3_looking_never_changes_what_happens(history: list[Fact], data: st.DataObject) -> None:
    """However often an account is asked, about whatever instant, it goes on as one that nobody asked."""
    asked = Account.replay(history[:1])
    until = history[-1].at + 100 * DAY
    for fact in history[1:]:
        at = data.draw(strategies.instants(around=[fact.at], start=history[0].at, end=until))
        asked.balance(at=at)
        asked.lots(at=at)
        asked.record(fact)
    alone = Account.replay(history)
    assert (asked.entries, repr(asked)) == (alone.entries, repr(alone))


@pytest.mark.proves("D3")
@given(strategies.histories(seats=True))
def test_d3_time_alone_brings_the_future(history: list[Fact]) -> None:
    """What is computed ahead for an instant equals what an account advanced over every boundary answers."""
    account, oracle = Account.replay(history), Oracle(history)
    until = history[-1].at + 100 * DAY
    assert summed(account.entries_until(until)) == summed(oracle.movements(until))
    for boundary in oracle.boundaries(until)[-10:]:
        step = Account.replay(history).entries_until(boundary)
        assert account.entries_until(until)[: len(step)] == step

"""What comes first at one instant, and what the cap takes: D6."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, EntryKind, Interval, Plan
from inmail_credits.facts import DeliveryFailed, Fact, Replied, Sent, Withdrawn
from inmail_credits.plans import GrantOn
from inmail_credits.testing import Oracle, strategies, summed
from inmail_credits.testing.strategies import ANCHORS, TICK, TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CAPPED = Plan(name="capped", grant_credits=15, cap_credits=45, lifetime_days=None)
TIME_ORDER = (Cause.AGE, Cause.CANCEL, Cause.CAP, Cause.SCHEDULE, Cause.SILENCE)
"""Expire, end, trim, grant, refund for silence: then the facts."""


def moved(account: Account, at: datetime) -> list[tuple[EntryKind, Cause, int]]:
    """What moved at that very instant, in order."""
    return [(e.kind, e.cause, e.credits) for e in account.entries_until(at) if e.at == at]


def utc(month: int, day: int) -> datetime:
    """Nine o'clock of that day of 2026."""
    return datetime(2026, month, day, 9, tzinfo=UTC)


@pytest.mark.proves("D6")
def test_d6_a_grant_that_would_pass_the_cap_trims_first() -> None:
    """15 a month and a cap of 45: the fourth grant forfeits the 15 of January and leaves 45."""
    account = Account.open(CAPPED, at=START)
    fourth = utc(4, 30)
    assert [account.balance(at=fourth + tick) for tick in TICKS] == [45, 45, 45]
    assert moved(account, fourth) == [
        (EntryKind.FORFEITED, Cause.CAP, 15),
        (EntryKind.GRANTED, Cause.SCHEDULE, 15),
    ]
    assert [lot.received_at for lot in account.lots(at=fourth)] == [utc(2, 28), utc(3, 31), fourth]


@pytest.mark.proves("D6")
@pytest.mark.parametrize(("spent", "forfeited"), [(0, 15), (1, 14), (14, 1), (15, 0), (16, 0)])
def test_d6_only_what_passes_the_cap_is_forfeited(spent: int, forfeited: int) -> None:
    """Of 45 before the grant, so many spent: 45 - spent + 15 against a cap of 45."""
    account = Account.open(CAPPED, at=START)
    for number in range(spent):
        account.send(f"m-{number}", at=utc(4, 1))
    assert account.statement(START, utc(4, 30) + TICK).forfeited == forfeited
    assert account.balance(at=utc(4, 30)) == 60 - spent - forfeited


@pytest.mark.proves("D6")
def test_d6_expiry_comes_before_the_trim() -> None:
    """Daily grants of 2, a life of 2 days, a cap of 4: what dies then is expired and not forfeited."""
    plan = Plan(name="daily", grant_credits=2, grant_every=Interval(days=1), lifetime_days=2, cap_credits=4)
    account = Account.open(plan, at=START)
    assert moved(account, START + 2 * DAY) == [
        (EntryKind.EXPIRED, Cause.AGE, 2),
        (EntryKind.GRANTED, Cause.SCHEDULE, 2),
    ]


@pytest.mark.proves("D6")
def test_d6_the_grant_comes_before_the_facts_of_its_instant() -> None:
    """With nothing left, a send at the instant of the grant is paid by that grant."""
    account = Account.open(Plan(name="own", grant_credits=1), at=START)
    account.send("m-1", at=START)
    account.send("m-2", at=utc(2, 28))
    assert [kind for kind, _, _ in moved(account, utc(2, 28))] == [EntryKind.GRANTED, EntryKind.SPENT]


@pytest.mark.proves("D6")
def test_d6_facts_of_one_instant_count_in_recorded_order() -> None:
    """One credit, two messages at one instant: the one recorded first is sent, told in either order."""
    opened = Account.open(Plan(name="own", grant_credits=1), at=START).facts[0]
    first = Sent(at=START + DAY, message_id="first", recorded=2)
    second = Sent(at=START + DAY, message_id="second", recorded=3)
    for told in ([opened, first, second], [second, first, opened]):
        assert [conflict.fact.id for conflict in Account.replay(told).conflicts] == ["sent:second"]


@pytest.mark.proves("D6")
def test_d6_silence_refunds_after_the_grant_and_before_the_facts() -> None:
    """A window that ends with the month: grant, then the refund, then the send that burns it."""
    plan = Plan(
        name="own", grant_credits=1, grant_every=Interval(days=7), refund_on="silence", reply_window_days=7
    )
    account = Account.open(plan, at=START)
    account.send("m-1", at=START)
    account.send("m-2", at=START + 7 * DAY)
    assert [cause for _, cause, _ in moved(account, START + 7 * DAY)] == [
        Cause.SCHEDULE,
        Cause.SILENCE,
        Cause.SEND,
    ]


@pytest.mark.proves("D6")
@given(strategies.histories(seats=True, impossible=True))
def test_d6_at_every_instant_time_comes_first_and_in_one_order(history: list[Fact]) -> None:
    """Expire, end, trim, grant, silence, and only then what facts cause."""
    entries = Account.replay(history).entries_until(history[-1].at + 100 * DAY)
    for earlier, later in pairwise(entries):
        assert earlier.at <= later.at
        if earlier.at == later.at and not later.fact_id:
            assert not earlier.fact_id
            assert TIME_ORDER.index(earlier.cause) <= TIME_ORDER.index(later.cause)


@pytest.mark.proves("D6")
@given(strategies.plans(seats=True), st.data())
def test_d6_no_grant_leaves_more_than_the_cap(plan: Plan, data: st.DataObject) -> None:
    """After every scheduled grant there is at most the cap of all seats; what was trimmed burned first."""
    plan = evolve(plan, grant_credits=2, cap_credits=data.draw(st.integers(2, 5)))
    account = Account.replay(history := data.draw(strategies.histories(plan=plan, seats=True)))
    entries = account.entries_until(history[-1].at + 100 * DAY)
    for entry in entries:
        if entry.cause is Cause.SCHEDULE and not entry.fact_id:
            running = account.subscription(at=entry.at - TICK)
            assert running is not None
            assert plan.cap_credits is not None
            assert entry.balance <= plan.cap_credits * running.seats
    for trim, following in pairwise(entries):
        if trim.cause is Cause.CAP and following.cause is not Cause.CAP:
            assert following.cause in {Cause.SCHEDULE, Cause.SEAT}
            assert following.at == trim.at


@pytest.mark.proves("D6")
@given(strategies.plans(), st.sampled_from(ANCHORS), st.data())
def test_d6_facts_of_different_messages_at_one_instant_commute(
    plan: Plan, start: datetime, data: st.DataObject
) -> None:
    """Sends, answers, withdrawals and failures of different messages, told in any order at one instant, leave
    the same balance at every instant.

    The scope is exact: fresh refunds, and credits enough for every send in whatever order. Under ``original``
    an answer may bring back a credit that dies sooner than the one a send would burn instead; shown below.
    """  # noqa: D205 - one sentence, and its scope
    plan = evolve(plan, grant_credits=4, cap_credits=None, refund_to="fresh")
    account = Account.open(plan, at=start)
    for number in range(old := data.draw(st.integers(0, 4))):
        account.send(f"old-{number}", at=start)
    at = data.draw(strategies.instants(around=account_edges(account), start=start, end=start + 200 * DAY))
    news = data.draw(st.integers(0, min(4, account.balance(at=at))))
    about = data.draw(
        st.lists(st.sampled_from((Replied, Withdrawn, DeliveryFailed)), min_size=old, max_size=old)
    )
    batch: list[Fact] = [kind(at=at, message_id=f"old-{n}") for n, kind in enumerate(about)]
    batch += [Sent(at=at, message_id=f"new-{n}") for n in range(news)]
    mixed = data.draw(st.permutations(batch))
    one, other = (Account.replay([*account.facts, *facts]) for facts in (batch, mixed))
    assert (one.conflicts, other.conflicts) == ((), ())
    for boundary in Oracle(one.facts).boundaries(at + 100 * DAY):
        assert one.balance(at=boundary) == other.balance(at=boundary)


def account_edges(account: Account) -> list[datetime]:
    """The instants at which anything happens to an account within 100 days."""
    return Oracle(account.facts).boundaries(account.latest_at + 100 * DAY)


def test_under_original_a_send_and_an_answer_do_not_commute() -> None:
    """Answered first, the old credit returns in time to be burned; sent first, it returns and dies unused."""
    plan = Plan(name="own", grant_credits=1, lifetime_days=40, refund_to="original")
    account, at = Account.open(plan, at=START), utc(3, 1)
    account.send("old", at=START)
    answer, send = Replied(at=at, message_id="old"), Sent(at=at, message_id="new")
    ends = START + 40 * DAY
    accounts = [Account.replay([*account.facts, *told]) for told in ([answer, send], [send, answer])]
    assert [each.balance(at=ends - TICK) for each in accounts] == [1, 1]
    assert [each.balance(at=ends) for each in accounts] == [1, 0]


@pytest.mark.proves("D5", "D6")
@given(strategies.plans(), st.integers(1, 400), st.data())
def test_d6_shifting_by_whole_days_shifts_everything(plan: Plan, days: int, data: st.DataObject) -> None:
    """Where dates count days of 24 hours, an account moved by whole days is the same account, later."""
    plan = evolve(
        plan,
        grant_on=GrantOn.ANNIVERSARY,
        grant_every=Interval(days=1),
        billing_every=Interval(days=7),
        zone="UTC",
    )
    history, shift = data.draw(strategies.histories(plan=plan)), days * DAY
    until = history[-1].at + 100 * DAY
    here = Account.replay(history).entries_until(until)
    there = Account.replay([evolve(fact, at=fact.at + shift) for fact in history]).entries_until(
        until + shift
    )
    assert tuple(entry._replace(at=entry.at + shift) for entry in here) == there


@pytest.mark.proves("D6")
@given(strategies.histories(seats=True, impossible=True))
def test_d6_the_ledger_and_the_oracle_move_the_same(history: list[Fact]) -> None:
    """Instant by instant, kind by kind and cause by cause, the oracle moves what the ledger moves."""
    account, until = Account.replay(history), history[-1].at + 100 * DAY
    assert summed(account.entries_until(until)) == summed(Oracle(history).movements(until))

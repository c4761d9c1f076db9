"""What a message costs, and which credit pays: R4, D4 and D15."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, EntryKind, Interval, Lot, Plan
from inmail_credits.errors import InMailCreditsError, InvalidValueError, NoCreditError, RefusedError
from inmail_credits.facts import Fact, Purchased, Replied, Sent, Subscribed, Switched
from inmail_credits.ledger.lots import Holdings
from inmail_credits.testing import Oracle, broken_bounds, broken_conservation, strategies
from inmail_credits.testing.strategies import TICK, TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ONCE = Plan(name="once", grant_credits=3, grant_every=Interval(months=12), purchase_credits_max=9)
MONTHLY = Plan(name="monthly", grant_credits=2, lifetime_days=90)


def state(account: Account) -> tuple[object, ...]:
    """All that can be seen of an account, at many instants past and future."""
    edges = [fact.at + tick for fact in account.facts for tick in TICKS]
    ahead = [account.latest_at + days * DAY for days in (1, 31, 90)]
    asked = [
        (account.balance(at=at), account.lots(at=at), account.in_flight(at=at)) for at in [*edges, *ahead]
    ]
    return account.facts, account.entries, [*map(str, account.conflicts)], asked, repr(account)


def test_entries_tell_themselves() -> None:
    """An entry reads as a line of a journal, with the message where there is one."""
    account = Account.open(ONCE, at=START)
    account.send("m-1", at=START + DAY)
    assert [str(entry) for entry in account.entries] == [
        "2026-01-31T09:00:00Z granted 3 (schedule, lot 1): 3 left",
        "2026-02-01T09:00:00Z spent 1 (send, lot 1) for 'm-1': 2 left",
    ]


@pytest.mark.proves("R4")
def test_r4_one_inmail_costs_one_credit() -> None:
    """Of 3 credits three sends leave 2, 1 and 0; the fourth is refused, with the next grant named."""
    account = Account.open(ONCE, at=START)
    left = [account.send(f"m-{n}", at=START + n * DAY).entries[0].balance for n in (1, 2, 3)]
    assert left == [2, 1, 0]
    before = state(account)
    with pytest.raises(NoCreditError) as refused:
        account.send("m-4", at=START + 4 * DAY)
    assert str(refused.value) == (
        "cannot send 'm-4' at 2026-02-04T09:00:00Z: 0 credits left; next grant 2027-01-31T09:00:00Z (3)"
    )
    assert state(account) == before


@pytest.mark.proves("R4")
def test_r4_a_credit_is_there_from_the_instant_it_is_granted() -> None:
    """With nothing left, a send one tick before the grant is refused, and at the grant it goes."""
    account = Account.open(MONTHLY, at=START)
    for number in (1, 2):
        account.send(f"m-{number}", at=START)
    grant_at = datetime(2026, 2, 28, 9, tzinfo=UTC)
    with pytest.raises(NoCreditError):
        account.send("m-3", at=grant_at - TICK)
    assert account.send("m-3", at=grant_at).entries[0].balance == 1


@pytest.mark.proves("R4")
@given(strategies.histories(seats=True, impossible=True))
def test_r4_each_possible_send_takes_one_and_no_other_is_possible(history: list[Fact]) -> None:
    """A send that stands takes exactly one credit; one that finds none, or no subscription, never stands."""
    account = Account.replay(history)
    impossible = {conflict.fact.id for conflict in account.conflicts}
    for fact in account.facts:
        if isinstance(fact, Sent) and fact.channel == "inmail":
            spent = [e for e in account.entries if e.fact_id == fact.id]
            assert [(e.kind, e.credits, e.at) for e in spent] == (
                [] if fact.id in impossible else [(EntryKind.SPENT, 1, fact.at)]
            )


@pytest.mark.proves("R4")
@given(strategies.histories())
def test_r4_a_send_is_possible_exactly_where_a_credit_is_left(history: list[Fact]) -> None:
    """At any edge: with a balance the next send lowers it by one, without one it is refused."""
    account = Account.replay(history)
    for at in Oracle(history).boundaries(history[-1].at + 100 * DAY)[-8:]:
        for tick in TICKS:
            if (when := at + tick) < account.latest_at:
                continue
            left = account.balance(at=when)
            if left:
                assert account.preview(Sent(at=when, message_id="new")).entries[0].balance == left - 1
            else:
                with pytest.raises(NoCreditError):
                    account.preview(Sent(at=when, message_id="new"))


LADDER = [(0, [2, 2, 2]), (1, [1, 2, 2]), (2, [2, 2]), (3, [1, 2]), (5, [1]), (6, [])]


@pytest.mark.proves("D4")
@pytest.mark.parametrize(("sends", "left"), LADDER)
def test_d4_the_credit_that_expires_first_burns_first(sends: int, left: list[int]) -> None:
    """Three monthly lots of 2: nothing, part of one, all of one, of two, of three, oldest first."""
    account = Account.open(MONTHLY, at=START)
    at = datetime(2026, 4, 1, tzinfo=UTC)
    for number in range(sends):
        account.send(f"m-{number}", at=at)
    assert [lot.left for lot in account.lots(at=at)] == left
    if not left:
        with pytest.raises(NoCreditError):
            account.send("too much", at=at)


@pytest.mark.proves("D4")
def test_d4_a_fresh_refund_burns_after_an_older_grant() -> None:
    """The refund of 5 February dies after the grant of 31 January, so the grant pays the next message."""
    account = Account.open(MONTHLY, at=START)
    account.send("m-1", at=START + DAY)
    account.reply("m-1", at=START + 5 * DAY)
    account.send("m-2", at=START + 6 * DAY)
    story = account.explain("m-2")
    assert story.paid_by is not None
    assert (story.paid_by.number, [lot.number for lot in story.passed_over]) == (1, [2])
    assert [lot.expires_at for lot in account.lots(at=START + 6 * DAY)] == [START + 95 * DAY]


@pytest.mark.proves("D4")
def test_d4_ties_are_broken_by_receipt_and_then_by_number() -> None:
    """Soonest end first; of one end, the earliest received; of one receipt, the lowest number."""
    soon, late = START + 89 * DAY, START + 90 * DAY
    in_order = [
        Lot(4, START + DAY, soon, 1, 1, Cause.SCHEDULE),
        Lot(9, START, late, 1, 1, Cause.REPLY),
        Lot(2, START + TICK, late, 1, 1, Cause.SCHEDULE),
        Lot(3, START + TICK, late, 1, 1, Cause.PURCHASE),
        Lot(1, START, None, 1, 1, Cause.SCHEDULE),
    ]
    for shift in range(5):
        mixed = in_order[shift:] + in_order[:shift]
        assert sorted(mixed, key=lambda lot: lot.burn_key) == in_order


Coming = list[tuple[int, int]]
"""Lots of one credit each: the day it comes, and how many days it lives."""


def wasted_in_burn_order(lots: Coming, sends: list[int]) -> int:
    """What expires unused when holdings burn in their own order; a send that finds nothing is lost."""
    holdings, expired = Holdings(), 0
    for day in range(40):
        now = START + day * DAY
        while holdings.left and holdings.first_expiry() <= now:
            expired += holdings.take_first(9)[1]
        for _, days in (lot for lot in lots if lot[0] == day):
            holdings.receive(now, 1, lifetime=days * DAY, cause=Cause.SCHEDULE)
        for _ in range(sends.count(day)):
            if holdings.left:
                holdings.take_first(1)
    return expired


def least_wasted(lots: Coming, sends: list[int]) -> int:
    """The least that can expire unused, by trying every order in which the lots could burn."""
    if not sends:
        return len(lots)
    day, *later = sends
    live = [lot for lot in lots if lot[0] <= day < lot[0] + lot[1]]
    if not live:
        return least_wasted(lots, later)
    least = len(lots)
    for lot in set(live):
        rest = lots.copy()
        rest.remove(lot)
        least = min(least, least_wasted(rest, later))
    return least


@pytest.mark.proves("D4")
@given(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from((1, 2, 3, 4, 7))), max_size=6),
    st.lists(st.integers(0, 9), max_size=6).map(sorted),
)
def test_d4_no_other_order_wastes_less(lots: Coming, sends: list[int]) -> None:
    """Of all orders in which up to six lots could burn, none lets fewer credits expire unused."""
    assert wasted_in_burn_order(lots, sends) == least_wasted(lots, sends)


def test_the_brute_force_sees_a_wasteful_order() -> None:
    """Of a lot that lives 1 day and one that lives 7, burning the longer first would waste one of two."""
    lots, sends = [(0, 7), (0, 1)], [0, 3]
    assert (least_wasted(lots, sends), least_wasted([(0, 1)], [3])) == (0, 1)
    assert wasted_in_burn_order(lots, sends) == 0


@pytest.mark.proves("D4")
@given(strategies.histories(seats=True))
def test_d4_every_send_is_paid_by_the_first_of_the_lots(history: list[Fact]) -> None:
    """The lot that paid is one that no lot left over precedes in the burn order."""
    account = Account.replay(history)
    for entry in account.entries:
        if entry.kind is EntryKind.SPENT:
            story = account.explain(entry.message_id)
            assert story.paid_by is not None
            assert story.paid_by.number == entry.lot
            assert all(story.paid_by.burn_key < lot.burn_key for lot in story.passed_over)


@pytest.mark.proves("D15")
@pytest.mark.parametrize("credits_", [-1, 0, 1.5, 1.0, True, "1", None])
def test_d15_credits_are_whole_numbers(credits_: object) -> None:
    """Negative, fractional, boolean and worded numbers of credits are refused, in plans and in purchases."""
    with pytest.raises(InvalidValueError):
        Purchased(at=START, credits=credits_)  # type: ignore[arg-type] # the point of the test
    if credits_ != 0 or isinstance(credits_, float):
        with pytest.raises(InvalidValueError):
            Plan(name="own", grant_credits=credits_)  # type: ignore[arg-type] # the point of the test


@pytest.mark.proves("D15")
@given(strategies.histories(seats=True, impossible=True))
def test_d15_credits_stay_whole_and_within_their_lots(history: list[Fact]) -> None:
    """After every step the movements add up to the balance, and no lot is below 0 or above its size."""
    account, until = Account.replay(history), history[-1].at + 100 * DAY
    entries = account.entries_until(until)
    assert broken_bounds(entries) == []
    for number, entry in enumerate(entries, 1):
        assert type(entry.credits) is int
        assert entry.balance >= 0
        assert broken_conservation(entries[:number], balance=entry.balance) == []


@pytest.mark.proves("D15")
@given(strategies.histories(seats=True), st.data())
def test_d15_a_refused_command_changes_nothing(history: list[Fact], data: st.DataObject) -> None:
    """Sends without a credit, answers to nothing, second subscriptions, facts too early: all is as it was."""
    account, twin = Account.replay(history), Account.replay(history)
    before = state(account)
    last = history[-1].at
    at = data.draw(strategies.instants(around=[last, last + 90 * DAY], start=last, end=last + 99 * DAY))
    taken = [fact for fact in history if isinstance(fact, Sent)]
    commands: list[Callable[[], object]] = [
        lambda: account.send("new", at=at),
        lambda: account.reply("never sent", at=at),
        lambda: account.withdraw("never sent", at=at),
        lambda: account.fail_delivery("never sent", at=at),
        lambda: account.purchase(1_000, at=at),
        lambda: account.record(Subscribed(at=at, plan=ONCE, id="again")),
        lambda: account.record(Switched(at=history[0].at - TICK, plan=ONCE, id="too soon")),
        lambda: account.cancel(at=history[0].at - TICK),
        lambda: account.send(taken[0].message_id if taken else "x", at=history[0].at - TICK),
    ]
    refused = 0
    for command in commands:
        try:
            command()
        except InMailCreditsError:
            refused += 1
            assert state(account) == before
        else:
            account = Account.replay(history)
    assert refused >= 5
    assert account == twin


@pytest.mark.proves("D15")
@given(strategies.histories())
def test_d15_a_refused_batch_changes_nothing(history: list[Fact]) -> None:
    """A batch whose last fact is impossible leaves none of its facts behind."""
    account = Account.replay(history)
    before, at = state(account), account.latest_at + TICK
    assume(account.balance(at=at))
    with pytest.raises(RefusedError):
        account.record(Sent(at=at, message_id="new"), Replied(at=at, message_id="never sent"))
    assert state(account) == before
    assert account.send("new", at=at).entries[0].balance == account.balance(at=at)


@pytest.mark.proves("D15")
def test_d15_refused_when_no_subscription_runs() -> None:
    """After an end at once there is neither a credit nor a subscription, and a send says so."""
    account = Account.open(evolve(ONCE, cancel_at="at_once"), at=START)
    account.cancel(at=START + DAY)
    before = state(account)
    with pytest.raises(NoCreditError, match="no subscription is running; subscribe first"):
        account.send("m", at=START + 2 * DAY)
    assert state(account) == before

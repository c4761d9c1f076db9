"""Purchases, and what subscriptions are numbered by: small facts that only a worked example pins down."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, Interval, Plan
from inmail_credits.errors import NoCreditError, SubscriptionError
from inmail_credits.facts import Purchased, Subscribed
from inmail_credits.ledger._purchases import Purchase, Purchases

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
TICKS = (-TICK, 0 * TICK, TICK)
FEBRUARY = datetime(2026, 2, 28, 9, tzinfo=UTC)
SELLING = Plan(name="selling", grant_credits=1, lifetime_days=90, purchase_credits_max=3)


def test_no_more_is_sold_than_the_plan_allows_in_one_billing_period() -> None:
    """2, then 1 of at most 3; one more is refused up to the end of the period, and sold at it."""
    account = Account.open(SELLING, at=START)
    account.purchase(2, at=START)
    account.purchase(1, at=START + TICK)
    with pytest.raises(SubscriptionError, match="sells 0 more in the billing period that ends 2026-02-28"):
        account.purchase(1, at=FEBRUARY - TICK)
    account.purchase(3, at=FEBRUARY)
    assert account.balance(at=FEBRUARY) == 8


def test_what_is_asked_for_beyond_the_rest_is_refused_as_a_whole() -> None:
    """2 where 1 is left to buy: none, and the refusal says how many."""
    account = Account.open(SELLING, at=START)
    account.purchase(2, at=START)
    with pytest.raises(SubscriptionError, match="sells 1 more"):
        account.purchase(2, at=START + TICK)
    assert account.balance(at=START + TICK) == 3


def test_a_new_subscription_sells_anew() -> None:
    """What was bought before a switch does not count after it, even at the same instant."""
    account = Account.open(SELLING, at=START)
    account.purchase(3, at=START)
    account.switch(SELLING, at=START)
    again = Purchased(at=START, credits=3, id="after the switch")
    (entry,) = account.record(again).entries
    assert (entry.cause, entry.credits, entry.balance) == (Cause.PURCHASE, 3, 4)


def test_subscriptions_are_numbered_from_one() -> None:
    """Each switch starts the next."""
    account = Account.open(SELLING, at=START)
    for number in (1, 2, 3):
        running = account.subscription(at=account.latest_at)
        assert running is not None
        assert running.number == number
        account.switch(SELLING, at=START + number * TICK)


@pytest.mark.proves("R4")
def test_a_refusal_tells_of_the_next_grant_of_all_seats() -> None:
    """2 seats of 3 credits: 6 on the next grant date."""
    plan = Plan(name="team", grant_credits=3, grant_every=Interval(months=1), seats_max=2)
    account = Account.open(plan, at=START, seats=2)
    for number in range(6):
        account.send(f"m-{number}", at=START)
    with pytest.raises(NoCreditError, match=r"next grant 2026-02-28T09:00:00Z \(6\)"):
        account.send("m-6", at=START)


def test_what_is_bought_counts_where_nothing_is_granted() -> None:
    """On a plan that grants nothing the first lot is a purchase, and counts like any other."""
    account = Account.open(Plan(name="shop", grant_credits=0, purchase_credits_max=2), at=START)
    account.purchase(2, at=START)
    with pytest.raises(SubscriptionError, match="'shop' sells 0 more in the billing period that ends"):
        account.purchase(1, at=START + TICK)


def test_the_room_left_to_buy_is_told_for_any_instant() -> None:
    """Before, at and after a purchase; whole again with the next billing period; none without a plan."""
    account = Account.open(SELLING, at=START)
    account.purchase(2, at=START + DAY)
    room = [account.purchase_room(at=START + DAY + tick) for tick in TICKS]
    assert room == [3, 1, 1]
    assert account.purchase_room(at=FEBRUARY - TICK) == 1
    assert account.purchase_room(at=FEBRUARY) == 3
    account.cancel(at=FEBRUARY)
    ends_at = account.subscription(at=FEBRUARY).ends_at  # type: ignore[union-attr]
    assert ends_at is not None
    assert [account.purchase_room(at=ends_at + tick) for tick in TICKS] == [3, 0, 0]


def test_the_room_left_to_buy_follows_late_and_refused_purchases_and_the_future() -> None:
    """Two of three bought, told late, previewed and taken back: the room is that of the facts there are."""
    account = Account.open(SELLING, at=START)
    account.purchase(1, at=START + 2 * DAY)
    account.purchase(1, at=START + DAY)
    with pytest.raises(SubscriptionError, match="sells 1 more"):
        account.purchase(2, at=START + 3 * DAY)
    account.preview(Purchased(credits=1, at=START + 3 * DAY))
    account.preview(Purchased(credits=1, at=START))
    rooms = [account.purchase_room(at=START + days * DAY) for days in (0, 1, 2, 3, 28)]
    assert rooms == [3, 2, 1, 1, 3]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 70), st.booleans()), max_size=12))
def test_the_room_left_to_buy_is_what_the_entries_of_the_period_leave(
    purchases: list[tuple[int, int, bool]],
) -> None:
    """Whatever was bought, in any order of recording, with switches between: less what its period holds."""
    account = Account.open(SELLING, at=START)
    for number, (credits, day, switched) in enumerate(purchases):
        with suppress(SubscriptionError):
            account.purchase(credits, at=START + day * DAY, id=f"p{number}")
        if switched:
            account.switch(SELLING, at=START + day * DAY, id=f"s{number}")
    order = {fact.id: number for number, fact in enumerate(account.facts)}
    for day in range(75):
        at = START + day * DAY
        running = account.subscription(at=at)
        assert running is not None
        start, _ = running.billing_period(at)
        began = max(
            n for n, fact in enumerate(account.facts) if isinstance(fact, Subscribed) and fact.at <= at
        )
        bought = [
            entry.credits
            for entry in account.entries
            if entry.cause is Cause.PURCHASE and start <= entry.at <= at and order[entry.fact_id] > began
        ]
        assert account.purchase_room(at=at) == 3 - sum(bought)


def test_the_room_left_to_buy_is_found_by_bisection() -> None:
    """After 3,000 purchases in one period, fewer than a hundred are looked at."""
    plan = Plan(name="shop", grant_credits=0, billing_every=Interval(months=12), purchase_credits_max=4_000)
    account = Account.open(plan, at=START)
    for number in range(3_000):
        account.purchase(1, at=START + number * TICK)
    looked = 0
    read = Purchases.__getitem__

    def counted(self: Purchases, index: int) -> Purchase:
        nonlocal looked
        looked += 1
        return read(self, index)

    with mock.patch.object(Purchases, "__getitem__", counted):
        assert account.purchase_room(at=START + 1_000 * TICK) == 2_999
        account.preview(Purchased(credits=1, at=START + DAY))
    assert 0 < looked < 100

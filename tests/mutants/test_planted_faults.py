"""Planted faults: each mistake a maker of such a ledger is likely to make, and the check that sees it.

A check that has never failed may check nothing. So every fault here is planted in the library itself, in
this process, and a named check must fail; without the fault the same check must pass.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from attrs import evolve
from dateutil.relativedelta import relativedelta

from inmail_credits import Account, Cause, Plan, timeline
from inmail_credits.facts import Fact, Replied, Sent, Subscribed, Withdrawn
from inmail_credits.ledger import _rules as rules
from inmail_credits.ledger import lots
from inmail_credits.ledger._ledger import Ledger
from inmail_credits.ledger.lots import BurnKey, Lot
from inmail_credits.ledger.ruling import Ruling
from inmail_credits.plans import RefundTo
from inmail_credits.testing import Oracle, broken_lots, broken_refunds, summed
from inmail_credits.timeline import Interval

Fault = Callable[[], AbstractContextManager[object]]
Check = Callable[[], None]
START = datetime(2026, 1, 31, 9, tzinfo=UTC)
TICK = timedelta(microseconds=1)
YEARLY = Interval(months=12)
PLAN = Plan(name="planted", grant_credits=2, lifetime_days=90)
ONCE = evolve(PLAN, grant_every=YEARLY)


def days(count: int) -> datetime:
    """So many days of 24 hours after the start."""
    return START + timedelta(days=count)


# The checks: laws and worked examples.


def a_credit_lives_for_ninety_days_and_not_a_microsecond_more() -> None:
    """R8, D2: 90 days of 24 hours, half-open."""
    account = Account.open(ONCE, at=START)
    assert account.balance(at=days(90) - TICK) == 2
    assert account.balance(at=days(90)) == 0


def nothing_is_live_past_its_expiry() -> None:
    """D2, D3: what is left at the instant of expiry is nothing."""
    account = Account.open(evolve(ONCE, refund_to=RefundTo.ORIGINAL), at=START)
    account.send("m", at=days(1))
    account.reply("m", at=days(90))
    at = account.latest_at
    left = [(lot.received_at, lot.expires_at, lot.left) for lot in account.lots(at=at)]
    assert not broken_lots(left, at=at, balance=account.balance(at=at))
    assert account.explain("m").settled_as is Ruling.LOT_EXPIRED


def the_credit_that_dies_first_burns_first() -> None:
    """D4: the second month's first send takes from the first month's lot."""
    account = Account.open(PLAN, at=START)
    account.send("m", at=days(40))
    paid_by = account.explain("m").paid_by
    assert paid_by is not None
    assert paid_by.received_at == START


def grant_days_return_to_the_thirty_first() -> None:
    """D5: 31 January, 28 February, 31 March, 30 April."""
    account = Account.open(PLAN, at=START)
    granted = [entry.at.day for entry in account.entries_until(days(95)) if entry.kind == "granted"]
    assert granted == [31, 28, 31, 30]


def a_message_gives_back_at_most_one_credit() -> None:
    """D8: two answers, one refund."""
    account = Account.replay(
        [
            Subscribed(at=START, plan=ONCE),
            Sent(at=days(1), message_id="m"),
            Replied(at=days(2), message_id="m"),
            Replied(at=days(3), message_id="m"),
        ]
    )
    assert not broken_refunds(account.entries)


def a_withdrawn_message_gives_nothing_back() -> None:
    """R9: an answer after the withdrawal changes nothing."""
    account = Account.open(ONCE, at=START)
    account.send("m", at=days(1))
    account.withdraw("m", at=days(2))
    account.reply("m", at=days(3))
    assert account.balance(at=days(3)) == 1


def the_oracle_says_the_same() -> None:
    """A year of sends, answers and withdrawals, with more credits than it needs, told to both."""
    facts: list[Fact] = [Subscribed(at=START, plan=evolve(PLAN, grant_credits=9))]
    for day in range(3, 300, 7):
        facts.append(Sent(at=days(day), message_id=f"m-{day}"))
        if day % 2:
            facts.append(Withdrawn(at=days(day + 1), message_id=f"m-{day}"))
        facts += [Replied(at=days(day + 2), message_id=f"m-{day}")] * (day % 3)
    account, oracle = Account.replay(facts), Oracle(facts)
    until = days(400)
    assert summed(account.entries_until(until)) == summed(oracle.movements(until))


# The faults.


def ninety_one_days() -> AbstractContextManager[object]:
    """A day too many."""
    return mock.patch.object(Plan, "lifetime", property(lambda _: timedelta(days=91)))


def up_to_and_including() -> AbstractContextManager[object]:
    """``<=`` where ``<`` belongs: live at the very instant of expiry."""

    def live(at: datetime, *, received_at: datetime, expires_at: datetime | None) -> bool:
        return received_at <= at and (expires_at is None or at <= expires_at)

    return mock.patch.object(lots, "live", live)


def last_in_first_out() -> AbstractContextManager[object]:
    """The newest credit burns first."""

    def burn_key(lot: Lot) -> BurnKey:
        end = datetime.max.replace(tzinfo=UTC)
        newness = datetime.min.replace(tzinfo=UTC) + (end - lot.received_at)
        return (newness, lot.received_at, lot.number)

    return mock.patch.object(Lot, "burn_key", property(burn_key))


@contextmanager
def months_for_days() -> Iterator[None]:
    """Three months where 90 days belong."""
    receive = lots.Holdings.receive

    def wrong(
        self: lots.Holdings, at: datetime, credits_: int, *, lifetime: timedelta | None, cause: Cause
    ) -> Lot:
        months = None if lifetime is None else at + relativedelta(months=lifetime.days // 30) - at
        return receive(self, at, credits_, lifetime=months, cause=cause)

    with mock.patch.object(lots.Holdings, "receive", wrong):
        yield


def iterated_months() -> AbstractContextManager[object]:
    """Each month counted from the one before, so that the 28th is never left."""

    def after(every: Interval, anchor: datetime, count: int) -> datetime:
        at = anchor
        for _ in range(abs(count)):
            at += relativedelta(months=every.months, days=every.days) * (1 if count > 0 else -1)
        return at

    return mock.patch.object(timeline, "_after", after)


def refund_after_withdrawal() -> AbstractContextManager[object]:
    """A withdrawal that closes nothing."""

    def withdrawn(ledger: Ledger, fact: Fact) -> Ruling:
        assert isinstance(fact, Withdrawn)
        assert fact.message_id in ledger.messages
        return Ruling.WITHDRAWN

    return mock.patch.dict(rules.RULES, {Withdrawn: withdrawn})


def double_refund() -> AbstractContextManager[object]:
    """A refund that closes nothing."""

    def settle(*_message_and_ruling: object) -> None:
        return

    return mock.patch.object(Ledger, "settle", settle)


PLANTED: list[tuple[Fault, Check]] = [
    (ninety_one_days, a_credit_lives_for_ninety_days_and_not_a_microsecond_more),
    (ninety_one_days, the_oracle_says_the_same),
    (up_to_and_including, nothing_is_live_past_its_expiry),
    (last_in_first_out, the_credit_that_dies_first_burns_first),
    (last_in_first_out, the_oracle_says_the_same),
    (months_for_days, a_credit_lives_for_ninety_days_and_not_a_microsecond_more),
    (months_for_days, the_oracle_says_the_same),
    (iterated_months, grant_days_return_to_the_thirty_first),
    (iterated_months, the_oracle_says_the_same),
    (refund_after_withdrawal, a_withdrawn_message_gives_nothing_back),
    (refund_after_withdrawal, the_oracle_says_the_same),
    (double_refund, a_message_gives_back_at_most_one_credit),
    (double_refund, the_oracle_says_the_same),
]
CHECKS = sorted({check for _, check in PLANTED}, key=lambda check: check.__name__)


def named(thing: object) -> str:
    """What a fault or a check is called."""
    return str(getattr(thing, "__name__", thing))


@pytest.mark.proves("R8", "R9", "D2", "D4", "D5", "D8")
@pytest.mark.parametrize("check", CHECKS, ids=named)
def test_every_check_passes_without_a_fault(check: Check) -> None:
    """The library as it is keeps all of them."""
    check()


@pytest.mark.parametrize(("fault", "check"), PLANTED, ids=named)
def test_every_planted_fault_is_seen(fault: Fault, check: Check) -> None:
    """The check named fails while the fault is in, and passes again when it is out."""
    with fault(), pytest.raises(AssertionError):
        check()
    check()

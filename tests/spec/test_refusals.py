"""Refusals leave no trace, wherever in time they fall; and errors are of our own classes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Interval, Plan
from inmail_credits.errors import InvalidValueError, RefusedError, UnknownMessageError
from inmail_credits.facts import Fact, Replied, Sent, Subscribed
from inmail_credits.testing import strategies
from inmail_credits.testing.strategies import TICK, TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ONCE = Plan(name="once", grant_credits=3, grant_every=Interval(months=12))


def state(account: Account) -> tuple[object, ...]:
    """All that can be seen of an account, at many instants past and future."""
    edges = [fact.at + tick for fact in account.facts for tick in TICKS]
    asked = [
        (account.balance(at=at), account.lots(at=at), account.in_flight(at=at), account.subscription(at=at))
        for at in [*edges, account.latest_at + 90 * DAY]
    ]
    return account.facts, account.entries, [*map(str, account.conflicts)], asked, repr(account)


@pytest.mark.proves("D15")
@given(strategies.histories(seats=True), st.data())
def test_d15_a_refused_late_command_changes_nothing(history: list[Fact], data: st.DataObject) -> None:
    """A late command that is refused leaves no trace, then or in what is recorded late after it."""
    account, twin = Account.replay(history), Account.replay(history)
    before, end = state(account), history[-1].at + DAY
    around = [fact.at for fact in history]
    at, then = (data.draw(strategies.instants(around=around, start=history[0].at, end=end)) for _ in "ab")
    with pytest.raises(UnknownMessageError):
        account.reply("never sent", at=at)
    assert state(account) == before
    receipts = []
    for each in (account, twin):
        try:
            receipts.append(str(each.send("new", at=then)))
        except RefusedError as error:
            receipts.append(str(error))
    assert receipts[0] == receipts[1]
    assert state(account) == state(twin)


@pytest.mark.proves("D15")
def test_d15_a_refused_late_command_does_not_move_time() -> None:
    """A refused answer of day 99 leaves the ledger as it was: a send of day 1, told next, is paid."""
    accounts = []
    for refused in (True, False):
        account = Account.open(Plan(name="p", grant_credits=2, lifetime_days=90), at=START)
        account.send("m", at=START)
        account.reply("m", at=START + 100 * DAY)
        if refused:
            with pytest.raises(UnknownMessageError):
                account.reply("never sent", at=START + 99 * DAY)
        account.send("late", at=START + DAY)
        accounts.append(account)
    assert accounts[0].balance(at=START + DAY) == 0
    assert accounts[0].entries == accounts[1].entries


@pytest.mark.proves("D15")
def test_d15_a_refused_batch_uses_up_no_number() -> None:
    """After a refused batch the next fact is numbered as if the batch had never been."""
    account, twin = Account.open(ONCE, at=START), Account.open(ONCE, at=START)
    with pytest.raises(RefusedError):
        account.record(Sent(at=START + DAY, message_id="x"), Replied(at=START + 2 * DAY, message_id="none"))
    for each in (account, twin):
        each.send("y", at=START + 3 * DAY)
    assert account == twin


def test_an_empty_account_can_be_shown() -> None:
    """An account without facts has a repr."""
    assert repr(Account()) == "<Account: no facts>"
    with pytest.raises(InvalidValueError, match="account is 'empty'"):
        _ = Account().latest_at


def test_a_history_of_billing_periods_without_a_subscription() -> None:
    """Where nobody has subscribed there are no billing periods to group by."""
    account = Account.replay([Sent(message_id="x", at=START)])
    with pytest.raises(InvalidValueError, match="grain is 'billing_period'"):
        account.history(START, START + DAY, grain="billing_period")


def test_equal_accounts_have_equal_conflicts() -> None:
    """Conflicts are values; their errors compare by content."""
    facts: list[Fact] = [Subscribed(plan=ONCE, at=START), Replied(message_id="x", at=START + TICK)]
    assert Account.replay(facts).conflicts == Account.replay(facts).conflicts


BAD: list[Callable[[Account], object]] = [
    lambda a: a.record("x"),  # type: ignore[arg-type] # the point
    lambda a: a.expiring(at=START, within="a week"),  # type: ignore[arg-type] # the point
    lambda a: a.send(["m"], at=START),  # type: ignore[arg-type] # the point
]


@pytest.mark.parametrize("command", BAD)
def test_wrong_types_are_told_in_our_own_words(command: Callable[[Account], object]) -> None:
    """No AttributeError or TypeError from inside."""
    with pytest.raises(InvalidValueError):
        command(Account.open(ONCE, at=START))

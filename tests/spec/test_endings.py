"""Cancelling and switching: D12."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, EntryKind, Interval, Plan, Ruling, economies
from inmail_credits.errors import NoCreditError, SubscriptionError
from inmail_credits.facts import Cancelled, Fact, Subscribed, Switched
from inmail_credits.plans import CancelAt, OnSwitch
from inmail_credits.testing import Oracle, strategies
from inmail_credits.testing.memory import date_of
from inmail_credits.testing.strategies import ANCHORS, TICK, TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CAREER, BUSINESS = (economies.LINKEDIN_2019[name] for name in ("career", "business"))


def utc(month: int, day: int) -> datetime:
    """Nine o'clock of that day of 2026."""
    return datetime(2026, month, day, 9, tzinfo=UTC)


@pytest.mark.proves("D12")
def test_d12_cancelled_credits_last_until_the_billing_period_ends() -> None:
    """Cancelled on 10 February: the 3 credits last until 28 February 09:00 and are then forfeited."""
    account = Account.open(CAREER, at=START)
    account.cancel(at=utc(2, 10))
    assert [account.balance(at=utc(2, 28) + tick) for tick in TICKS] == [3, 0, 0]
    assert [(e.kind, e.cause, e.credits) for e in account.entries_until(utc(12, 31))[1:]] == [
        (EntryKind.FORFEITED, Cause.CANCEL, 3)
    ]
    account.send("m-1", at=utc(2, 28) - TICK)
    with pytest.raises(NoCreditError, match="no subscription is running"):
        account.send("m-2", at=utc(2, 28))


@pytest.mark.proves("D12")
@pytest.mark.parametrize(
    ("tick", "ends_at"), [(-TICK, utc(2, 28)), (0 * TICK, utc(3, 31)), (TICK, utc(3, 31))]
)
def test_d12_a_cancellation_runs_out_the_period_it_falls_in(tick: timedelta, ends_at: datetime) -> None:
    """At the very instant a period begins it is that one that runs out, its grant included."""
    account = Account.open(CAREER, at=START)
    account.cancel(at=utc(2, 28) + tick)
    running = account.subscription(at=utc(2, 28) + tick)
    assert running is not None
    assert running.ends_at == ends_at
    assert [account.balance(at=ends_at + each) > 0 for each in TICKS] == [True, False, False]


@pytest.mark.proves("D12")
def test_d12_grants_go_on_while_a_longer_period_runs_out() -> None:
    """Billed by the year and cancelled in March, a plan grants every month until 31 January."""
    account = Account.open(evolve(CAREER, billing_every=Interval(months=12), lifetime_days=None), at=START)
    account.cancel(at=utc(3, 10))
    end = datetime(2027, 1, 31, 9, tzinfo=UTC)
    assert [account.balance(at=end + tick) for tick in TICKS] == [36, 0, 0]


@pytest.mark.proves("D12")
def test_d12_answers_after_the_end_refund_nothing() -> None:
    """A tick before the end an answer still counts, and dies with the rest; at the end none does."""
    account = Account.open(CAREER, at=START)
    for name in ("m-1", "m-2"):
        account.send(name, at=START)
    account.cancel(at=utc(2, 10))
    assert account.reply("m-1", at=utc(2, 28) - TICK).outcomes[0].ruling is Ruling.REFUNDED
    assert account.reply("m-2", at=utc(2, 28)).outcomes[0].ruling is Ruling.SUBSCRIPTION_OVER
    assert (account.balance(at=utc(2, 28)), account.in_flight(at=utc(2, 28))) == (0, ())


@pytest.mark.proves("D12", "D11")
def test_d12_nothing_comes_back_after_the_end_by_silence_or_failure() -> None:
    """Failed at the end: nothing. Silent for 7 days at the very end, or a tick before it: nothing is left."""
    account = Account.open(CAREER, at=START)
    account.send("m", at=START)
    account.cancel(at=utc(2, 10))
    assert account.fail_delivery("m", at=utc(2, 28)).outcomes[0].ruling is Ruling.SUBSCRIPTION_OVER
    for tick, came_back in ((-TICK, 1), (0 * TICK, 0), (TICK, 0)):
        account = Account.open(economies.LINKEDIN_2014["premium"], at=START)
        account.cancel(at=utc(2, 10))
        account.send("m", at=utc(2, 21) + tick)
        until = account.entries_until(utc(3, 28))
        assert sum(entry.cause is Cause.SILENCE for entry in until) == came_back
        assert account.balance(at=utc(2, 28)) == 0


@pytest.mark.proves("D12")
def test_d12_a_plan_may_end_at_once() -> None:
    """Where the plan says so, the credits go at the instant of cancelling."""
    account = Account.open(evolve(CAREER, cancel_at="at_once"), at=START)
    account.cancel(at=utc(2, 10))
    assert [account.balance(at=utc(2, 10) + tick) for tick in TICKS] == [3, 0, 0]
    assert account.subscription(at=utc(2, 10)) is None


@pytest.mark.proves("D12")
def test_d12_a_switch_forfeits_and_starts_anew() -> None:
    """From Career to Business on 10 February: 3 forfeited, 15 granted, and the next on 10 March."""
    account = Account.open(CAREER, at=START)
    account.send("m-1", at=utc(2, 1))
    account.switch(BUSINESS, at=utc(2, 10))
    assert [(e.kind, e.cause, e.credits) for e in account.entries if e.at == utc(2, 10)] == [
        (EntryKind.FORFEITED, Cause.SWITCH, 2),
        (EntryKind.GRANTED, Cause.SCHEDULE, 15),
    ]
    assert [account.balance(at=utc(2, 28) + tick) for tick in TICKS] == [15, 15, 15]
    assert [account.balance(at=utc(3, 10) + tick) for tick in TICKS] == [15, 30, 30]
    assert account.reply("m-1", at=utc(2, 11)).outcomes[0].ruling is Ruling.SUBSCRIPTION_OVER


@pytest.mark.proves("D12")
def test_d12_a_cancelled_account_switches_and_does_not_subscribe() -> None:
    """Until the end the old subscription runs: a second one is refused, a switch is possible."""
    account = Account.open(CAREER, at=START)
    account.cancel(at=utc(2, 10))
    with pytest.raises(SubscriptionError, match="switch instead"):
        account.record(Subscribed(plan=BUSINESS, at=utc(2, 28) - TICK))
    with pytest.raises(SubscriptionError, match="it is cancelled already and ends 2026-02-28T09:00:00Z"):
        account.cancel(at=utc(2, 11))
    account.preview(Switched(plan=BUSINESS, at=utc(2, 28) - TICK))
    account.record(Subscribed(plan=BUSINESS, at=utc(2, 28)))
    assert account.balance(at=utc(2, 28)) == 15


@pytest.mark.proves("D12")
@given(strategies.plans(), st.sampled_from(ANCHORS), st.integers(0, 40), st.sampled_from(TICKS))
def test_d12_after_the_end_there_is_nothing(plan: Plan, start: datetime, days: int, tick: timedelta) -> None:
    """Whatever the plan and the edge, a cancelled account is empty from the end of its period for good."""
    plan = evolve(plan, grant_credits=2, cap_credits=None)
    account, at = Account.open(plan, at=start), max(start, start + days * DAY + tick)
    account.cancel(at=at)
    number = 1
    while (end := date_of(start, plan.billing_every, number, plan.zone)) <= at:
        number += 1
    end = at if plan.cancel_at is CancelAt.AT_ONCE else end
    last = account.entries_until(end + 400 * DAY)
    assert last == account.entries_until(end)
    assert {account.balance(at=end + later * DAY) for later in (0, 1, 30, 400)} == {0}
    assert account.subscription(at=end) is None
    assert (end == at) or account.subscription(at=end - TICK) is not None


@pytest.mark.proves("D12")
@given(strategies.histories(seats=True), strategies.plans(), st.data())
def test_d12_no_credit_crosses_a_switch(history: list[Fact], plan: Plan, data: st.DataObject) -> None:
    """After a switch at any edge only the new grant is left, and no answer to an older message refunds.

    Unless the plan that is left says that refunds in flight follow.
    """
    account = Account.replay(history)
    now = account.latest_at
    at = data.draw(strategies.instants(around=[now, now + 30 * DAY], start=now, end=now + 99 * DAY))
    running = account.subscription(at=at)
    switch = Switched if running else Subscribed
    new = account.record(switch(at=at, plan=plan, id="switch"))
    assert account.balance(at=at) == plan.grant_credits
    assert [lot.received_at for lot in account.lots(at=at)] == ([at] if plan.grant_credits else [])
    assert sum(e.credits for e in new.entries if e.kind is EntryKind.GRANTED) == plan.grant_credits
    for message in account.messages(history[0].at, at):
        account.reply(message.sent.message_id, at=at + DAY)
    if running is None or running.plan.on_switch is OnSwitch.END:
        assert not [e for e in account.entries if e.at > at and e.cause is Cause.REPLY]


@pytest.mark.proves("D12")
@given(strategies.histories(seats=True))
def test_d12_credits_are_lost_to_an_end_only_where_one_is_told(history: list[Fact]) -> None:
    """A forfeit for cancelling or switching has that fact behind it, and takes all there is."""
    account = Account.replay(history)
    causes = {Cause.CANCEL: Cancelled, Cause.SWITCH: Switched}
    until = history[-1].at + 400 * DAY
    for entry in account.entries_until(until):
        if (kind := causes.get(entry.cause)) is not None:
            assert any(isinstance(fact, kind) and fact.at <= entry.at for fact in history)
    for boundary in Oracle(history).boundaries(until)[-10:]:
        assert account.subscription(at=boundary) is not None or account.balance(at=boundary) == 0


@pytest.mark.parametrize(
    ("grant_every", "billing_every", "reason"),
    [
        (1, 1, "0 credits left and no further grant: the subscription is cancelled"),
        (2, 1, "0 credits left and no further grant: the subscription is cancelled"),
        (1, 12, "0 credits left; next grant 2026-02-28T09:00:00Z (1)"),
    ],
)
@pytest.mark.proves("D12")
def test_d12_a_refused_send_tells_whether_another_grant_comes(
    grant_every: int, billing_every: int, reason: str
) -> None:
    """A grant at or after the end of the billing period does not come; one before it does."""
    plan = Plan(
        name="p",
        grant_credits=1,
        grant_every=Interval(months=grant_every),
        billing_every=Interval(months=billing_every),
    )
    start = datetime(2026, 1, 31, 9, tzinfo=UTC)
    account = Account.open(plan, at=start)
    account.send("m-1", at=start)
    account.cancel(at=start)
    with pytest.raises(NoCreditError) as refused:
        account.send("m-2", at=start)
    assert str(refused.value) == f"cannot send 'm-2' at 2026-01-31T09:00:00Z: {reason}"


@pytest.mark.proves("D12")
def test_d12_nothing_sent_before_a_switch_is_in_flight_after_it() -> None:
    """What was sent under the old plan waits for nothing any more; what is sent under the new one does."""
    plan = Plan(name="p", grant_credits=2)
    start = datetime(2026, 1, 31, 9, tzinfo=UTC)
    account = Account.open(plan, at=start)
    account.send("old", at=start)
    account.switch(evolve(plan, name="q"), at=start + timedelta(days=1))
    account.send("new", at=start + timedelta(days=2))
    in_flight = [message.sent.message_id for message in account.in_flight(at=start + timedelta(days=3))]
    assert in_flight == ["new"]
    assert [m.sent.message_id for m in account.in_flight(at=start)] == ["old"]


@pytest.mark.proves("D12")
def test_d12_no_subscription_runs_between_an_end_and_the_next_beginning() -> None:
    """At the end, after it, and up to the next subscription, though facts follow."""
    account = Account.open(CAREER, at=utc(1, 31))
    account.cancel(at=utc(2, 10))
    account.record(Subscribed(plan=CAREER, at=utc(5, 10)))
    ended = [account.subscription(at=at) is None for at in (utc(2, 27), utc(2, 28), utc(4, 1), utc(5, 10))]
    assert ended == [False, True, True, False]

"""New terms for a running subscription: D16; and the two terms of D5 and D12 that a plan may choose."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, EntryKind, Interval, Plan, Ruling, economies
from inmail_credits.errors import InvalidValueError, SubscriptionError
from inmail_credits.facts import Fact, TermsChanged
from inmail_credits.policy import diff
from inmail_credits.simulation import Outreach, Replies, Sends, simulate
from inmail_credits.testing import strategies
from inmail_credits.testing.strategies import TICKS

DAY = timedelta(days=1)
START = datetime(2026, 1, 31, 9, tzinfo=UTC)
OLD = Plan(name="old", grant_credits=10, lifetime_days=90)


def opened(plan: Plan, **messages: float) -> Account:
    """An account that sent each of these messages, so many days after its start."""
    account = Account.open(plan, at=START)
    for message_id, days in messages.items():
        account.send(message_id, at=START + days * DAY)
    return account


def ruling(account: Account, message_id: str, days: float, kind: str = "message") -> Ruling:
    """How a reply that comes so many days after the start is ruled."""
    return account.reply(message_id, at=START + days * DAY, kind=kind).outcomes[0].ruling


def grants(account: Account, days: int) -> list[tuple[str, int]]:
    """The scheduled grants of the first days: when, and how many."""
    return [
        (f"{entry.at:%m-%d %H:%M}", entry.credits)
        for entry in account.entries_until(START + days * DAY)
        if entry.cause is Cause.SCHEDULE
    ]


@pytest.mark.proves("D16")
def test_d16_nothing_moves_at_the_change_and_credits_held_keep_their_expiry() -> None:
    """No grant, no forfeit, no trim: what is held is held, and dies when it was to die."""
    account = opened(OLD)
    new = Plan(name="new", grant_credits=3, cap_credits=4, lifetime_days=10)
    before = account.lots(at=START + 5 * DAY)
    receipt = account.change_terms(new, at=START + 5 * DAY)
    assert (receipt.entries, receipt.outcomes[0].ruling) == ((), Ruling.TERMS)
    assert account.lots(at=START + 5 * DAY) == before
    assert [lot.expires_at for lot in account.lots(at=START + 27 * DAY)] == [START + 90 * DAY]


@pytest.mark.proves("D16", "D6")
def test_d16_grants_cap_and_new_lots_follow_the_new_plan_from_the_same_anchor() -> None:
    """The next date of the anchor grants the new allotment, under the new cap, for the new lifetime."""
    account = opened(OLD)
    account.change_terms(Plan(name="new", grant_credits=3, cap_credits=4, lifetime_days=10), at=START + DAY)
    grant = datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert [account.balance(at=grant + tick) for tick in TICKS] == [10, 4, 4]
    assert [(lot.left, lot.expires_at) for lot in account.lots(at=grant)] == [
        (3, grant + 10 * DAY),
        (1, START + 90 * DAY),
    ]
    running = account.subscription(at=grant)
    assert running is not None
    assert (running.number, running.started_at, running.plan.name) == (1, START, "new")


@pytest.mark.proves("D16", "D5", "D18")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, [("01-31 09:00", 10), ("02-28 09:00", 7), ("03-31 09:00", 7)]),
        ({"grant_on": "calendar"}, [("01-31 09:00", 10), ("03-01 00:00", 7), ("04-01 00:00", 7)]),
        ({"zone": "Europe/Berlin"}, [("01-31 09:00", 10), ("02-28 09:00", 7), ("03-31 08:00", 7)]),
        (
            {"grant_every": Interval(days=20)},
            [("01-31 09:00", 10), ("02-20 09:00", 7), ("03-12 09:00", 7), ("04-01 09:00", 7)],
        ),
    ],
)
def test_d16_grant_dates_are_those_of_the_new_plan_counted_from_the_anchor(
    terms: dict[str, object], expected: list[tuple[str, int]]
) -> None:
    """Monthly, by the calendar, in another zone or every 20 days: counted from the first day."""
    account = opened(OLD)
    account.change_terms(Plan(**{"name": "new", "grant_credits": 7, **terms}), at=START + 2 * DAY)  # type: ignore[arg-type]
    assert grants(account, 61) == expected


@pytest.mark.proves("D16", "D10")
def test_d16_a_message_keeps_the_window_it_was_sent_under() -> None:
    """Sent before, it may be answered for ever; sent after, for 20 days; and the other way round."""
    short = evolve(OLD, name="short", reply_window_days=20)
    for first, second, expected in (
        (OLD, short, [Ruling.REFUNDED, Ruling.WINDOW_CLOSED]),
        (short, OLD, [Ruling.WINDOW_CLOSED, Ruling.REFUNDED]),
    ):
        account = opened(first, before=1)
        account.change_terms(second, at=START + 2 * DAY)
        account.send("after", at=START + 2 * DAY)
        in_flight = [message.sent.message_id for message in account.in_flight(at=START + 25 * DAY)]
        assert in_flight == ["before" if first is OLD else "after"]
        assert [ruling(account, "before", 25), ruling(account, "after", 26)] == expected


@pytest.mark.proves("D16", "D9")
def test_d16_a_message_keeps_the_kinds_it_was_sent_under() -> None:
    """An automatic answer refunds the message sent while it counted, and not the one sent after."""
    account = opened(OLD, before=1)
    account.change_terms(evolve(OLD, name="strict", refund_kinds=["accepted"]), at=START + 2 * DAY)
    account.send("after", at=START + 3 * DAY)
    assert ruling(account, "before", 4, "automatic") is Ruling.REFUNDED
    assert ruling(account, "after", 4.5, "automatic") is Ruling.KIND_DOES_NOT_COUNT


@pytest.mark.proves("D16", "D7")
def test_d16_a_refund_after_the_change_is_a_new_lot_under_the_new_plan() -> None:
    """Its lifetime is the new one; and where the new plan says so, it rejoins the lot that paid."""
    for terms, expected in (
        ({"lifetime_days": 5}, [START + 8 * DAY, START + 90 * DAY]),
        ({"refund_to": "original"}, [START + 90 * DAY]),
    ):
        account = opened(OLD, before=1)
        account.change_terms(evolve(OLD, **terms), at=START + 2 * DAY)
        assert ruling(account, "before", 3) is Ruling.REFUNDED
        assert [lot.expires_at for lot in account.lots(at=START + 4 * DAY)] == expected


@pytest.mark.proves("D16")
def test_d16_from_2014_to_2015_as_it_happened() -> None:
    """Messages of December 2014 still come back by silence, those of January 2015 by a reply."""
    name, new_year = "recruiter-lite", datetime(2015, 1, 1, tzinfo=UTC)
    account = Account.open(economies.LINKEDIN_2014[name], at=datetime(2014, 12, 15, tzinfo=UTC))
    account.send("silent", at=new_year - 2 * DAY)
    account.send("answered", at=new_year - 2 * DAY)
    account.change_terms(economies.LINKEDIN_2015[name], at=new_year)
    account.send("new", at=new_year)
    account.send("ignored", at=new_year)
    assert account.reply("answered", at=new_year + DAY).outcomes[0].ruling is Ruling.KEPT
    assert account.reply("new", at=new_year + DAY).outcomes[0].ruling is Ruling.REFUNDED
    back = [e for e in account.entries_until(new_year + 80 * DAY) if e.kind is EntryKind.REFUNDED]
    assert [(e.message_id, e.at, e.cause) for e in back] == [
        ("new", new_year + DAY, Cause.REPLY),
        ("silent", new_year + 5 * DAY, Cause.SILENCE),
    ]
    assert (
        grants(account, 0)[-1] == ("01-15 00:00", 30)
        or account.balance(at=new_year + 14 * DAY) == 25 - 2 + 30
    )


@pytest.mark.proves("D16")
def test_d16_silences_of_different_lengths_come_in_the_order_they_are_due() -> None:
    """Sent under 10 days, then 3, then 7: each comes back when its own window ends."""
    plan = evolve(OLD, refund_on="silence", reply_window_days=10)
    account = opened(plan, ten=0)
    account.change_terms(evolve(plan, reply_window_days=3), at=START + DAY)
    account.send("three", at=START + DAY)
    account.send("three-later", at=START + 2 * DAY)
    account.change_terms(evolve(plan, reply_window_days=7), at=START + 2 * DAY)
    account.send("seven", at=START + 2 * DAY)
    back = [e for e in account.entries_until(START + 20 * DAY) if e.cause is Cause.SILENCE]
    assert [(e.message_id, (e.at - START).days) for e in back] == [
        ("three", 4),
        ("three-later", 5),
        ("seven", 9),
        ("ten", 10),
    ]


@pytest.mark.proves("D16", "D12")
def test_d16_a_cancelled_subscription_still_ends_when_it_was_to_end() -> None:
    """The end was fixed by the cancellation; the new billing period does not move it."""
    account = opened(OLD)
    account.cancel(at=START + DAY)
    account.change_terms(evolve(OLD, billing_every=Interval(months=12)), at=START + 2 * DAY)
    end = datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert [account.balance(at=end + tick) for tick in TICKS] == [10, 0, 0]


@pytest.mark.proves("D16", "D20")
def test_d16_more_seats_than_the_new_plan_has_are_refused() -> None:
    """And nothing changes; nor is there anything to change where no subscription runs."""
    team = evolve(OLD, seats_max=5)
    account = Account.open(team, at=START, seats=3)
    with pytest.raises(SubscriptionError, match="there are 3 seats, and 'old' has at most 2"):
        account.change_terms(evolve(team, seats_max=2), at=START + DAY)
    assert len(account) == 1
    account.change_terms(evolve(team, seats_max=3, grant_credits=1), at=START + DAY)
    assert grants(account, 28) == [("01-31 09:00", 30), ("02-28 09:00", 3)]
    account.cancel(at=START + 2 * DAY)
    with pytest.raises(SubscriptionError, match="no subscription is running"):
        account.change_terms(OLD, at=START + 99 * DAY)
    with pytest.raises(InvalidValueError, match="plan is 'new', but must be a Plan"):
        account.change_terms("new", at=START + DAY)  # type: ignore[arg-type]


@pytest.mark.proves("D16", "D13")
def test_d16_terms_told_late_take_their_place() -> None:
    """A change that is reported after the sends that follow it governs them all the same."""
    account = opened(OLD, before=1, after=3)
    account.reply("after", at=START + 30 * DAY)
    short = evolve(OLD, name="short", reply_window_days=20)
    account.change_terms(short, at=START + 2 * DAY)
    assert account.explain("after").settled_as is None
    assert Account.replay(account.facts) == account
    assert Account.replay(account.facts).entries == account.entries


@pytest.mark.proves("D16")
@given(strategies.histories(seats=True, impossible=True), st.data())
def test_d16_the_same_terms_again_change_nothing(history: list[Fact], data: st.DataObject) -> None:
    """Told at any edge of any history, terms that hold already move nothing, then or later."""
    account = Account.replay(history)
    at = data.draw(st.sampled_from([fact.at for fact in history])) + data.draw(st.sampled_from(TICKS))
    running = account.subscription(at=at)
    assume(running is not None)
    assert running is not None
    until = account.latest_at + 200 * DAY
    again = Account.replay([*history, TermsChanged(plan=running.plan, at=at, recorded=10_000)])
    assume(not {c.fact.id for c in again.conflicts} - {c.fact.id for c in account.conflicts})
    assert again.entries_until(until) == account.entries_until(until)
    assert again.in_flight(at=until) == account.in_flight(at=until)
    assert again.lots(at=until) == account.lots(at=until)


@pytest.mark.proves("D16")
@given(strategies.histories(), strategies.plans(), strategies.plans(), st.data())
def test_d16_new_terms_touch_nothing_that_was(
    history: list[Fact], new: Plan, other: Plan, data: st.DataObject
) -> None:
    """Lots held keep number, receipt, expiry and credits; entries before stay; replay gives the same."""
    account = Account.replay(history)
    now = account.latest_at
    assume(account.subscription(at=now) is not None)
    at = data.draw(strategies.instants(around=[now, now + 30 * DAY], start=now, end=now + 60 * DAY))
    assume(account.subscription(at=at) is not None)
    before, entries = account.lots(at=at), account.entries_until(at)
    account.record(TermsChanged(plan=new, at=at, id="new"), TermsChanged(plan=other, at=at, id="other"))
    assert account.lots(at=at) == before
    assert account.entries_until(at) == entries
    again = Account.replay(account.facts)
    assert again.entries_until(at + 200 * DAY) == account.entries_until(at + 200 * DAY)


@pytest.mark.proves("D12")
def test_d12_refunds_in_flight_end_or_follow_as_the_plan_that_is_left_says() -> None:
    """The same switch, the same answer: nothing, or a credit that lives under the new plan."""
    for on_switch, expected in (("end", Ruling.SUBSCRIPTION_OVER), ("follow", Ruling.REFUNDED)):
        plan = evolve(OLD, on_switch=on_switch)
        account = opened(plan, before=1)
        account.switch(Plan(name="new", grant_credits=2, lifetime_days=5), at=START + 2 * DAY)
        in_flight = [message.sent.message_id for message in account.in_flight(at=START + 2 * DAY)]
        assert in_flight == (["before"] if on_switch == "follow" else [])
        assert ruling(account, "before", 3) is expected
        last = account.lots(at=START + 3 * DAY)[-1]
        assert last.expires_at == START + (8 if on_switch == "follow" else 7) * DAY


@pytest.mark.proves("D12")
def test_d12_refunds_follow_through_every_switch_until_one_ends_them() -> None:
    """Each switch asks the plan it leaves; silence and failed deliveries follow like answers."""
    follow = evolve(OLD, on_switch="follow", refund_on="silence", reply_window_days=7)
    account = opened(follow, silent=1, failed=1)
    account.switch(evolve(follow, name="second", refund_on="reply"), at=START + 2 * DAY)
    account.send("in second", at=START + 2 * DAY)
    account.switch(evolve(OLD, name="third"), at=START + 3 * DAY)  # third ends them when it is left
    assert account.fail_delivery("failed", at=START + 4 * DAY).outcomes[0].ruling is Ruling.UNDELIVERED
    back = [e for e in account.entries_until(START + 8 * DAY) if e.cause is Cause.SILENCE]
    assert [(e.message_id, e.at) for e in back] == [("silent", START + 8 * DAY)]
    account.switch(OLD, at=START + 8 * DAY)
    assert ruling(account, "in second", 9) is Ruling.SUBSCRIPTION_OVER


@pytest.mark.proves("D12")
def test_d12_nothing_follows_to_a_subscription_after_an_end() -> None:
    """A cancelled subscription that ended is left by no switch: whoever subscribes anew starts anew."""
    account = opened(evolve(OLD, on_switch="follow", cancel_at="at_once"), before=1)
    account.cancel(at=START + 2 * DAY)
    account.record(*Account.open(OLD, at=START + 3 * DAY).facts)
    assert ruling(account, "before", 4) is Ruling.SUBSCRIPTION_OVER


@pytest.mark.proves("D5")
def test_d5_a_first_grant_may_be_the_share_of_the_month_that_is_left() -> None:
    """Sales Navigator on 31 January: two full allotments in a day, or 1 of 50 and then the full one."""
    full = economies.LINKEDIN_2026["sales-navigator-core"]
    share = evolve(full, first_grant="prorated")
    assert [grants(Account.open(plan, at=START), 1) for plan in (full, share)] == [
        [("01-31 09:00", 50), ("02-01 00:00", 50)],
        [("01-31 09:00", 1), ("02-01 00:00", 50)],
    ]
    local = evolve(share, zone="America/New_York")
    account = Account.open(local, at=datetime(2026, 2, 1, 2, tzinfo=UTC))  # 31 January, 21:00 there
    assert account.balance(at=datetime(2026, 2, 1, 2, tzinfo=UTC)) == 1
    with pytest.raises(InvalidValueError, match="first_grant is 'prorated', but must be 'full' where"):
        evolve(OLD, first_grant="prorated")


@pytest.mark.proves("D16")
def test_d16_under_another_economy_new_terms_are_those_of_that_economy() -> None:
    """A policy diff replaces each plan of the log, those of new terms included."""
    account = Account.open(economies.LINKEDIN_2019["business"], at=START)
    account.change_terms(economies.LINKEDIN_2026["business"], at=START + DAY)
    result = diff(account.facts, economies.LINKEDIN_2019, until=START + 125 * DAY)
    assert result.after.entries == Account.open(economies.LINKEDIN_2019["business"], at=START).entries
    assert [str(change.kind) for change in result.changes] == ["forfeited", "expired"]
    assert [(change.before, change.after) for change in result.changes] == [(15, 0), (0, 15)]


@pytest.mark.proves("D5")
def test_d5_the_engine_grants_the_same_share() -> None:
    """A plan that is simulated begins with the share of its first grant, as an account does."""
    share = evolve(economies.LINKEDIN_2026["sales-navigator-core"], first_grant="prorated")
    outreach = Outreach(sends=Sends.fixed(per_day=0), replies=Replies(rate=0.3))
    result = simulate(share, outreach, start=START, days=3, paths=2, rng=1)
    assert [round(float(granted), 6) for granted in result.day_mean("granted")] == [1, 50, 0]

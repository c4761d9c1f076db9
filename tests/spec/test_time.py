"""Instants, windows and periods: D1, D2 and D5."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Interval, Plan, economies
from inmail_credits.errors import InvalidValueError, NaiveInstantError, NoCreditError
from inmail_credits.facts import Fact, Sent
from inmail_credits.testing import Oracle, broken_lots, strategies
from inmail_credits.testing.strategies import ANCHORS, TICK, TICKS
from inmail_credits.timeline import DAY, Schedule, instant, live

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
CAREER = economies.LINKEDIN_2019["career"]
ONCE = Plan(name="once", grant_credits=3, grant_every=Interval(months=12), lifetime_days=90)
"""Three credits, and none more within the year: what is left is what is not dead yet."""

offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.proves("D1")
def test_d1_a_date_is_its_midnight_utc() -> None:
    """A date stands for 00:00 UTC of that day: at nine o'clock's subscription it is still too early."""
    account = Account.open(CAREER, at=START)
    assert account.balance(at=date(2026, 1, 31)) == 0
    assert account.balance(at=date(2026, 2, 1)) == 3
    assert Account.open(CAREER, at=date(2026, 1, 31)).latest_at == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.proves("D1")
def test_d1_other_time_zones_are_normalised_to_utc() -> None:
    """Ten o'clock in Berlin's winter is nine o'clock UTC, and is kept as that."""
    berlin = datetime(2026, 1, 31, 10, tzinfo=timezone(timedelta(hours=1)))
    account = Account.open(CAREER, at=berlin)
    assert account.latest_at == START
    assert account.latest_at.tzinfo is UTC
    assert account == Account.open(CAREER, at=START)


@pytest.mark.proves("D1")
@given(strategies.instants(), offsets)
def test_d1_the_same_instant_is_the_same_fact_in_any_time_zone(at: datetime, zone: timezone) -> None:
    """However an instant is written, the fact, its id and the answers are the same."""
    here, there = (Sent(at=when, message_id="m") for when in (at, at.astimezone(zone)))
    assert (here, here.at.tzinfo, here.at.isoformat()) == (there, UTC, there.at.isoformat())
    assert Account.open(CAREER, at=at).balance(at=at.astimezone(zone)) == 3


@pytest.mark.proves("D1")
@given(strategies.instants())
def test_d1_naive_instants_are_refused_everywhere(at: datetime) -> None:
    """No command and no question takes a datetime without a time zone, and nothing changes."""
    account, naive = Account.open(CAREER, at=ANCHORS[0]), at.replace(tzinfo=None)
    before = (account.facts, account.entries, repr(account))
    for ask in (
        lambda: Account.open(CAREER, at=naive),
        lambda: account.send("m", at=naive),
        lambda: account.cancel(at=naive),
        lambda: account.balance(at=naive),
        lambda: account.lots(at=naive),
        lambda: account.in_flight(at=naive),
        lambda: account.statement(naive, at),
        lambda: account.statement(at, naive),
    ):
        with pytest.raises(NaiveInstantError, match="has no time zone"):
            ask()
    assert (account.facts, account.entries, repr(account)) == before


@pytest.mark.proves("D2")
def test_d2_ninety_days_are_ninety_times_24_hours() -> None:
    """A credit of 31 January 09:00 lives up to 1 May 09:00, not to 30 April, three months on."""
    account = Account.open(ONCE, at=START)
    end = datetime(2026, 5, 1, 9, tzinfo=UTC)
    assert end - START == timedelta(hours=90 * 24)
    assert [account.balance(at=end + tick) for tick in TICKS] == [3, 0, 0]
    assert [account.balance(at=datetime(2026, 4, 30, 9, tzinfo=UTC) + tick) for tick in TICKS] == [3, 3, 3]


@pytest.mark.proves("D2")
@pytest.mark.parametrize(("tick", "left"), [(-TICK, 3), (0 * TICK, 0), (TICK, 0)])
def test_d2_send_query_report_and_lots_agree_at_the_edge(tick: timedelta, left: int) -> None:
    """A tick before its end a credit is spent, counted, listed and reported; from its end on it is not."""
    account = Account.open(ONCE, at=START)
    at = START + 90 * DAY + tick
    assert account.balance(at=at) == left
    assert sum(lot.left for lot in account.lots(at=at)) == left
    assert account.statement(START, at + TICK).balance == left
    if left:
        assert account.send("m", at=at).entries[0].balance == 2
    else:
        with pytest.raises(NoCreditError):
            account.send("m", at=at)


@pytest.mark.proves("D2")
@given(strategies.instants(), st.sampled_from((89, 90, 91)), st.sampled_from(TICKS))
def test_d2_one_predicate_says_what_is_live(start: datetime, days: int, tick: timedelta) -> None:
    """``received <= t < expires``, and no more: at both ends of any life, to the microsecond."""
    end = start + timedelta(days=days)
    assert live(start + tick, received_at=start, expires_at=end) is (tick >= timedelta(0))
    assert live(end + tick, received_at=start, expires_at=end) is (tick < timedelta(0))
    assert live(end + tick, received_at=start, expires_at=None)


@pytest.mark.proves("D2", "D3")
@given(strategies.histories(seats=True))
def test_d2_nothing_is_live_past_its_expiry(history: list[Fact]) -> None:
    """About every boundary of any history the lots are live, not empty, in order, and add up."""
    account, until = Account.replay(history), history[-1].at + 100 * DAY
    for boundary in Oracle(history).boundaries(until)[-12:]:
        for at in (boundary + tick for tick in TICKS):
            lots = [(lot.received_at, lot.expires_at, lot.left) for lot in account.lots(at=at)]
            assert broken_lots(lots, at=at, balance=account.balance(at=at)) == []


@pytest.mark.proves("D2")
@given(strategies.histories(), st.data())
def test_d2_statements_hold_their_first_instant_and_not_their_last(
    history: list[Fact], data: st.DataObject
) -> None:
    """What happens at a boundary is in the statement that begins there and not in the one that ends there."""
    account = Account.replay(history)
    boundary = data.draw(st.sampled_from(Oracle(history).boundaries(history[-1].at)))
    of_instant = [entry.credits for entry in account.entries if entry.at == boundary]
    before, at, after = (
        account.statement(boundary + shift, boundary + shift + TICK) for shift in (-TICK, TICK * 0, TICK)
    )
    assert sum((at.granted, at.refunded, at.spent, at.expired, at.forfeited)) == sum(of_instant)
    assert (before.balance, at.balance) == (at.opening, after.opening)


@pytest.mark.proves("D5")
@given(
    st.sampled_from(ANCHORS),
    st.one_of(
        st.integers(1, 13).map(lambda n: Interval(months=n)),
        st.integers(1, 100).map(lambda n: Interval(days=n)),
    ),
    st.data(),
)
def test_d5_periods_are_half_open_and_leave_no_gap(
    anchor: datetime, every: Interval, data: st.DataObject
) -> None:
    """About every date of a schedule an instant lies in exactly the period that begins at or before it."""
    schedule, number = Schedule(anchor, every), data.draw(st.integers(-24, 48))
    date_at = schedule[number]
    assert schedule.period(date_at) == (date_at, schedule[number + 1])
    assert schedule.period(date_at + TICK) == (date_at, schedule[number + 1])
    assert schedule.period(date_at - TICK) == (schedule[number - 1], date_at)
    assert (schedule.next_after(date_at), schedule.last_before(date_at)) == (
        schedule[number + 1],
        schedule[number - 1],
    )


@pytest.mark.proves("D5")
def test_d5_billing_periods_begin_on_the_anchors_day() -> None:
    """From 31 January 09:00 the periods begin on 28 February, 31 March and 30 April at 09:00."""
    schedule = Schedule(START, Interval(months=1))
    edge = datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert [schedule.index(edge + tick) for tick in TICKS] == [0, 1, 1]
    assert [schedule[number].day for number in (1, 2, 3)] == [28, 31, 30]


@pytest.mark.proves("D1")
@given(strategies.instants())
def test_d1_normalising_twice_is_normalising_once(at: datetime) -> None:
    """An instant that is in UTC already is left as it is."""
    assert instant(instant(at)) == at
    assert instant(at.date()) == at.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.mark.parametrize("year", [1969, 2200])
@pytest.mark.proves("D1")
def test_d1_an_instant_beyond_the_years_of_the_package_is_refused(year: int) -> None:
    """Use a limit on everything: 1970 to 2199, the first and the last instant included."""
    with pytest.raises(InvalidValueError, match="in the years 1970 to 2199"):
        instant(datetime(year, 6, 1, tzinfo=UTC))


@pytest.mark.proves("D1")
def test_d1_the_first_and_the_last_instant_are_fine() -> None:
    """Half a year outside is refused, the very edge is not."""
    first = datetime(1970, 1, 1, tzinfo=UTC)
    last = datetime(2200, 1, 1, tzinfo=UTC) - timedelta(microseconds=1)
    assert (instant(first), instant(last)) == (first, last)


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (Interval(months=1), "1 month"),
        (Interval(months=2), "2 months"),
        (Interval(days=1), "1 day"),
        (Interval(months=1_200), "1200 months"),
        (Interval(days=36_500), "36500 days"),
    ],
)
@pytest.mark.proves("D5")
def test_d5_an_interval_is_told_in_words(interval: Interval, words: str) -> None:
    """One of a unit has no s; a hundred years are the limit."""
    assert str(interval) == words


@pytest.mark.parametrize(
    ("months", "days", "what"),
    [
        (1_201, 0, "interval months is 1201"),
        (0, 36_501, "interval days is 36501"),
        (-1, 0, "interval months is -1"),
        (0, -1, "interval days is -1"),
        (0, 0, r"interval is \(0, 0\)"),
        (1, 1, r"interval is \(1, 1\)"),
    ],
)
def test_other_intervals_are_refused(months: int, days: int, what: str) -> None:
    """Months or days, one of them, up to the limit."""
    with pytest.raises(InvalidValueError, match=what):
        Interval(months=months, days=days)


@pytest.mark.proves("D2")
def test_d2_a_day_is_24_hours() -> None:
    """Days are of 24 hours, whatever the calendar."""
    start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert Interval(days=1).after(start, 1) - start == DAY == timedelta(hours=24)

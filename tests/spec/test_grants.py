"""What a subscription grants, and when: R1, R2, R3 and D5."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, EntryKind, Interval, Plan, economies
from inmail_credits.plans import GrantOn
from inmail_credits.testing import strategies
from inmail_credits.testing.memory import grant_date
from inmail_credits.testing.strategies import ANCHORS, TICK, TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
"""89 days before its third monthly grant: 90 days and 3 months are distinguished."""


def granted(account: Account, until: datetime) -> list[tuple[datetime, int]]:
    """When the schedule granted how many credits."""
    return [
        (entry.at, entry.credits) for entry in account.entries_until(until) if entry.cause is Cause.SCHEDULE
    ]


def utc(month: int, day: int, *, year: int = 2026) -> datetime:
    """Nine o'clock of that day."""
    return datetime(year, month, day, 9, tzinfo=UTC)


@pytest.mark.proves("R1")
@pytest.mark.parametrize(
    ("name", "credits_"), [("career", 3), ("business", 15), ("sales", 20), ("recruiter-lite", 30)]
)
def test_r1_each_tier_grants_its_monthly_credits(name: str, credits_: int) -> None:
    """Career grants 3 credits a month, Business 15, Sales 20 and Recruiter Lite 30."""
    account = Account.open(economies.LINKEDIN_2019[name], at=START)
    assert granted(account, utc(3, 31)) == [
        (START, credits_),
        (utc(2, 28), credits_),
        (utc(3, 31), credits_),
    ]


@pytest.mark.proves("R1")
@given(st.sampled_from(list(economies.LINKEDIN_2019)), strategies.instants())
def test_r1_a_tier_grants_the_same_whenever_it_starts(plan: Plan, start: datetime) -> None:
    """Whatever the instant, nothing is there before the subscription and one allotment from then on."""
    account = Account.open(plan, at=start)
    balances = [account.balance(at=start + tick) for tick in TICKS]
    assert balances == [0, plan.grant_credits, plan.grant_credits]


@pytest.mark.proves("R2")
def test_r2_a_corporate_plan_of_ones_own() -> None:
    """Any plan can be defined: 150 credits a seat and month, 4 seats, make 600 and then 1,200."""
    plan = Plan(name="corporate", grant_credits=150, seats_max=10)
    account = Account.open(plan, at=START, seats=4)
    assert [account.balance(at=at) for at in (START, utc(2, 28) - TICK, utc(2, 28))] == [600, 600, 1200]


@pytest.mark.proves("R2")
@given(strategies.plans(seats=True), st.sampled_from(ANCHORS), st.data())
def test_r2_any_plan_grants_its_allotment_for_each_seat(
    plan: Plan, start: datetime, data: st.DataObject
) -> None:
    """Each grant of any plan is its allotment times the seats."""
    seats = data.draw(st.integers(1, plan.seats_max))
    account = Account.open(plan, at=start, seats=seats)
    credits_ = [credits_ for _, credits_ in granted(account, start + timedelta(days=40))]
    assert set(credits_) == ({plan.grant_credits * seats} if plan.grant_credits else set())


@pytest.mark.proves("R3")
def test_r3_the_allotment_comes_every_month() -> None:
    """Business grants 15 on subscribing and 15 each month: 13 grants in the year to the day."""
    account = Account.open(economies.LINKEDIN_2019["business"], at=START)
    year = granted(account, utc(1, 31, year=2027))
    assert len(year) == 13
    assert len(granted(account, utc(1, 31, year=2027) - TICK)) == 12
    assert sum(credits_ for _, credits_ in year) == 195


@pytest.mark.proves("R3")
def test_r3_calendar_grants_come_on_the_first() -> None:
    """A plan on the calendar grants on subscribing, then on the first of each month at midnight UTC."""
    account = Account.open(Plan(name="own", grant_credits=2, grant_on="calendar"), at=START)
    midnights = [datetime(2026, month, 1, tzinfo=UTC) for month in (2, 3)]
    assert granted(account, midnights[-1]) == [(START, 2), *((at, 2) for at in midnights)]
    assert [account.balance(at=midnights[0] + tick) for tick in TICKS] == [2, 4, 4]


@pytest.mark.proves("R3", "D5")
@given(strategies.plans(), st.sampled_from(ANCHORS), st.integers(0, 200))
def test_r3_every_grant_of_the_schedule_comes_and_no_other(plan: Plan, start: datetime, days: int) -> None:
    """Up to any instant the grants are those of the dates counted from the anchor, by other arithmetic."""
    plan = evolve(plan, grant_credits=plan.grant_credits or 1, cap_credits=None)
    until = start + timedelta(days=days)
    due = {start, *(grant_date(plan, start, number) for number in range(1, days + 2))}
    granted_at = [at for at, _ in granted(Account.open(plan, at=start), until)]
    assert granted_at == sorted(at for at in due if at <= until)


@pytest.mark.proves("D5")
def test_d5_the_31st_clamps_and_returns() -> None:
    """From 31 January grants come on 28 February, 31 March, 30 April and 31 May."""
    account = Account.open(Plan(name="own", grant_credits=1), at=START)
    dates = [(at.month, at.day) for at, _ in granted(account, utc(5, 31))]
    assert dates == [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)]


@pytest.mark.proves("D5")
def test_d5_a_leap_day_returns_in_the_next_leap_year() -> None:
    """Yearly grants from 29 February 2028 come on 28 February, and on the 29th again in 2032."""
    plan = Plan(name="own", grant_credits=1, grant_every=Interval(months=12))
    account = Account.open(plan, at=utc(2, 29, year=2028))
    days = [at.day for at, _ in granted(account, utc(2, 29, year=2032))]
    assert days == [29, 28, 28, 28, 29]


@pytest.mark.proves("D5")
@given(strategies.instants(), st.integers(1, 12), st.integers(0, 40))
def test_d5_dates_are_counted_from_the_anchor(start: datetime, months: int, number: int) -> None:
    """The day of the k-th grant is the anchor's day, or the last of its month, whatever came between."""
    at = Interval(months=months).after(start, number)
    year, month = divmod(start.year * 12 + start.month - 1 + months * number, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    assert at == start.replace(year=year, month=month + 1, day=day)


@pytest.mark.proves("D5")
@given(strategies.plans(), st.sampled_from(ANCHORS))
def test_d5_no_grant_comes_a_tick_early(plan: Plan, start: datetime) -> None:
    """One microsecond before each of the first grant dates the grant is not there; at the date it is."""
    plan = evolve(plan, grant_credits=2, cap_credits=None, lifetime_days=None)
    account = Account.open(plan, at=start)
    dates = {grant_date(plan, start, number) for number in range(1, 6)}  # two may be one, in Apia
    for number, due in enumerate(sorted(dates)[:4], 1):
        assert [account.balance(at=due + tick) for tick in TICKS] == [
            2 * number,
            2 * number + 2,
            2 * number + 2,
        ]


@pytest.mark.proves("R3")
def test_r3_a_plan_of_no_credits_moves_nothing() -> None:
    """An allotment of 0 leaves no entry and no lot."""
    account = Account.open(Plan(name="own", grant_credits=0, grant_on=GrantOn.CALENDAR), at=START)
    assert account.entries_until(utc(12, 31)) == ()
    assert account.totals(before=utc(12, 31)).balance == 0
    assert not [entry for entry in account.entries if entry.kind is EntryKind.GRANTED]

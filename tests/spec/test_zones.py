"""Dates in the plan's time zone: D18, and the clock changes of four places."""

import sys
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from dateutil import tz
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, Plan, _zones
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import GrantOn
from inmail_credits.timeline import MONTHLY, Interval, Schedule, calendar_months

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Asuncion",
    "UTC",
)
TICK = timedelta(microseconds=1)
DAILY = Interval(days=1)


def utc(text: str) -> datetime:
    """An instant in UTC, written as ``2026-03-29T01:30``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def granted(plan: Plan, start: datetime, count: int) -> list[datetime]:
    """The instants of the first grants of a subscription."""
    entries = Account.open(plan, at=start).entries_until(start + timedelta(days=31 * count))
    return [entry.at for entry in entries if entry.cause is Cause.SCHEDULE][:count]


HAND_WORKED = {
    "Berlin, midnight of the first": (
        "Europe/Berlin",
        ["2026-02-28T23:00", "2026-03-31T22:00", "2026-04-30T22:00"],
    ),
    "Berlin, 02:30 on 29 March is skipped": (
        "Europe/Berlin",
        ["2026-01-29T01:30", "2026-02-28T01:30", "2026-03-29T01:30", "2026-04-29T00:30"],
    ),
    "Berlin, 02:30 on 25 October comes twice": (
        "Europe/Berlin",
        ["2026-09-25T00:30", "2026-10-25T00:30", "2026-11-25T01:30"],
    ),
    "New York, 02:30 on 8 March is skipped": (
        "America/New_York",
        ["2026-01-08T07:30", "2026-02-08T07:30", "2026-03-08T07:30", "2026-04-08T06:30"],
    ),
    "New York, 01:30 on 1 November comes twice": (
        "America/New_York",
        ["2026-10-01T05:30", "2026-11-01T05:30", "2026-12-01T06:30"],
    ),
    "Lord Howe, 01:45 on 5 April comes twice, half an hour apart": (
        "Australia/Lord_Howe",
        ["2026-03-04T14:45", "2026-04-04T14:45", "2026-05-04T15:15"],
    ),
    "Lord Howe, 02:15 on 4 October is skipped, by half an hour": (
        "Australia/Lord_Howe",
        ["2026-09-03T15:45", "2026-10-03T15:45", "2026-11-03T15:15"],
    ),
    "Apia, 30 December 2011 did not exist": (
        "Pacific/Apia",
        ["2011-11-30T19:00", "2011-12-30T19:00", "2012-01-29T19:00"],
    ),
}
"""Local times and their instants, worked out by hand from the rules of each place."""


@pytest.mark.proves("D18", "D5")
@pytest.mark.parametrize(("zone", "instants"), HAND_WORKED.values(), ids=HAND_WORKED)
def test_d18_grants_and_billing_dates_keep_their_local_time(zone: str, instants: list[str]) -> None:
    """A skipped local time is the later side of the gap, a repeated one the first of the two."""
    plan = Plan(name="local", grant_credits=5, zone=zone)
    expected = [utc(text) for text in instants]
    assert granted(plan, expected[0], len(expected)) == expected
    assert [plan.billing(expected[0])[k] for k in range(len(expected))] == expected


@pytest.mark.proves("D18")
def test_d18_an_account_opened_on_the_first_in_berlin_renews_on_the_first() -> None:
    """Under UTC the same account would renew on 28 March, in Berlin it renews on 1 April."""
    start = utc("2026-02-28T23:00")
    assert granted(Plan(name="utc", grant_credits=5), start, 2)[1] == utc("2026-03-28T23:00")
    account = Account.open(Plan(name="berlin", grant_credits=5, zone="Europe/Berlin"), at=start)
    renewal = utc("2026-03-31T22:00")
    assert [account.balance(at=renewal + tick) for tick in (-TICK, 0 * TICK, TICK)] == [5, 10, 10]


@pytest.mark.proves("D18", "D12")
def test_d18_a_cancelled_subscription_ends_on_its_local_date() -> None:
    """Billing periods are local too: cancelled in March, it ends when April begins in Berlin."""
    account = Account.open(
        Plan(name="berlin", grant_credits=5, zone="Europe/Berlin"), at=utc("2026-02-28T23:00")
    )
    account.cancel(at=utc("2026-03-10T00:00"))
    end = utc("2026-03-31T22:00")
    assert [account.balance(at=end + tick) for tick in (-TICK, 0 * TICK)] == [5, 0]


@pytest.mark.proves("D18", "R8")
@pytest.mark.parametrize("zone", ZONES)
def test_d18_a_lifetime_is_90_times_24_hours_whatever_the_zone(zone: str) -> None:
    """The zone moves dates, never the life of a credit."""
    start = utc("2026-01-15T09:00")
    account = Account.open(
        Plan(name="once", grant_credits=5, grant_every=Interval(days=365), lifetime_days=90, zone=zone),
        at=start,
    )
    end = start + timedelta(hours=90 * 24)
    assert [account.balance(at=end + tick) for tick in (-TICK, 0 * TICK)] == [5, 0]


@pytest.mark.proves("D18")
def test_d18_calendar_grants_come_at_local_midnight_of_the_first() -> None:
    """A plan that follows the calendar follows that of its zone, from whatever instant it starts."""
    plan = Plan(name="calendar", grant_credits=5, grant_on="calendar", zone="America/New_York")
    assert granted(plan, utc("2026-02-01T02:00"), 4) == [
        utc("2026-02-01T02:00"),  # still 31 January there
        utc("2026-02-01T05:00"),
        utc("2026-03-01T05:00"),
        utc("2026-04-01T04:00"),
    ]


@pytest.mark.proves("D18")
def test_d18_a_month_whose_midnight_is_skipped_begins_after_the_gap_and_the_others_at_midnight() -> None:
    """In Asunción 1 October 2017 began at 01:00; November begins at 00:00 all the same."""
    for at in ("2017-10-15T12:00", "2017-09-15T12:00"):
        months = calendar_months(utc(at), "America/Asuncion")
        starts = [months.next_after(utc("2017-09-20T00:00"))]
        starts.append(months.next_after(starts[0]))
        assert starts == [utc("2017-10-01T04:00"), utc("2017-11-01T03:00")]


@pytest.mark.proves("D18")
def test_d18_statements_by_month_day_and_billing_period_are_local() -> None:
    """Months begin at local midnight, a day has 23 hours where clocks go forward."""
    account = Account.open(
        Plan(name="berlin", grant_credits=5, zone="Europe/Berlin"), at=utc("2026-03-09T23:00")
    )
    start, end = utc("2026-03-09T23:00"), utc("2026-05-15T00:00")
    cuts = [line.start for line in account.history(start, end, grain="month")]
    assert cuts == [start, utc("2026-03-31T22:00"), utc("2026-04-30T22:00")]
    cuts = [line.start for line in account.history(start, end, grain="billing_period")]
    assert cuts == [start, utc("2026-04-09T22:00"), utc("2026-05-09T22:00")]
    days = account.history(utc("2026-03-27T23:00"), utc("2026-03-30T22:00"), grain="day")
    assert [line.start for line in days] == [
        utc("2026-03-27T23:00"),
        utc("2026-03-28T23:00"),
        utc("2026-03-29T22:00"),
    ]


@pytest.mark.proves("D18")
def test_d18_a_day_that_does_not_exist_grants_nothing_of_its_own() -> None:
    """Daily grants in Apia: the date of 30 December 2011 falls on that of the 31st, and comes once."""
    plan = Plan(name="daily", grant_credits=1, grant_every=DAILY, zone="Pacific/Apia")
    start = utc("2011-12-28T19:00")
    assert granted(plan, start, 4) == [
        start,
        utc("2011-12-29T19:00"),
        utc("2011-12-30T19:00"),
        utc("2011-12-31T19:00"),
    ]
    schedule = plan.schedule(start)
    assert schedule[2] == schedule[3] == utc("2011-12-30T19:00")
    assert schedule.index(schedule[2]) == 3
    assert schedule.last_before(schedule[3]) == schedule[1]


near_changes = st.sampled_from(
    [utc(text) for _, instants in HAND_WORKED.values() for text in instants]
    + [utc("2026-03-29T01:00"), utc("2026-10-25T01:00"), utc("2011-12-30T10:00"), utc("2017-10-01T04:00")]
)
offsets = st.integers(-48 * 60, 48 * 60).map(lambda minutes: timedelta(minutes=minutes))
instants = st.builds(lambda at, off, tick: at + off + tick * TICK, near_changes, offsets, st.integers(-1, 1))
schedules = st.builds(
    Schedule,
    instants,
    st.sampled_from([MONTHLY, Interval(months=3), DAILY, Interval(days=7)]),
    st.sampled_from(ZONES),
)


@pytest.mark.proves("D18", "D5")
@given(schedules, st.integers(-40, 40))
def test_d18_dates_are_those_of_another_implementation(schedule: Schedule, k: int) -> None:
    """Time zones of dateutil, with its own rule for local times that do not exist, say the same."""
    zone = tz.gettz(schedule.zone)
    assert zone is not None
    local = schedule.anchor.astimezone(zone).replace(tzinfo=None, fold=0)
    local += relativedelta(months=schedule.every.months * k, days=schedule.every.days * k)
    expected = tz.resolve_imaginary(local.replace(tzinfo=zone)).astimezone(UTC)
    assert schedule[k] == (expected if k else schedule.anchor)


@pytest.mark.proves("D18", "D2")
@given(schedules, instants, st.integers(-1, 1))
def test_d18_every_instant_lies_in_one_period(schedule: Schedule, at: datetime, tick: int) -> None:
    """Index, period, next and last agree at and around every date, repeated and skipped hours included."""
    at = schedule[schedule.index(at)] + tick * TICK
    k = schedule.index(at)
    assert schedule[k] <= at < schedule[k + 1]
    assert schedule.period(at) == (schedule[k], schedule[k + 1])
    assert schedule.next_after(at) == schedule[k + 1]
    assert schedule.last_before(schedule[k + 1]) == schedule[k]
    assert schedule.last_before(at) < at <= schedule.next_after(schedule.last_before(at))


@pytest.mark.proves("D18")
@given(instants, st.sampled_from(list(GrantOn)))
def test_d18_utc_under_another_name_gives_the_same_dates(start: datetime, grant_on: GrantOn) -> None:
    """The way through the time zone database and the way without it agree where the clock is UTC."""
    plan = Plan(name="own", grant_credits=5, grant_on=grant_on)
    here, there = plan.schedule(start), evolve(plan, zone="Etc/UTC").schedule(start)
    for k in range(-14, 14):
        assert here[k] == there[k]
        for tick in (-TICK, 0 * TICK, TICK):
            assert here.index(here[k] + tick) == there.index(here[k] + tick) == k - (tick < 0 * TICK)


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "Berlin",
        "Europe",
        "../Berlin",
        "/etc/localtime",
        "localtime",
        "right/UTC",
        "a" * 65,
        "A\0",
        5,
        None,
    ],
)
def test_a_name_of_no_zone_is_refused(zone: str) -> None:
    """Unknown names, folders, paths and files that mean another zone on each machine are no zones."""
    with pytest.raises(
        InvalidValueError, match=r"^zone is .*, but must be the name of an IANA time zone, su"
    ):
        Plan(name="own", grant_credits=5, zone=zone)


@pytest.fixture
def _no_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system without a time zone database, and without the tzdata package."""
    path = zoneinfo.TZPATH
    for name in ["tzdata", *(name for name in sys.modules if name.startswith("tzdata."))]:
        monkeypatch.setitem(sys.modules, name, None)
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    _zones._zone.cache_clear()
    yield
    zoneinfo.reset_tzpath(to=path)
    zoneinfo.ZoneInfo.clear_cache()
    _zones._zone.cache_clear()


@pytest.mark.usefixtures("_no_database")
def test_without_a_database_utc_works_and_the_fix_is_named() -> None:
    """Plans in UTC need none; any other zone is refused with what to install."""
    plan = Plan(name="own", grant_credits=5, zone="UTC")
    assert Account.open(plan, at=utc("2026-01-31T09:00")).balance(at=utc("2026-02-28T09:00")) == 10
    with pytest.raises(InvalidValueError, match=r"no time zone database is installed.*pip install tzdata"):
        Plan(name="own", grant_credits=5, zone="Europe/Berlin")
    with pytest.raises(InvalidValueError, match="pip install tzdata"):
        Schedule(utc("2026-01-31T09:00"), MONTHLY, "Europe/Berlin").index(utc("2026-02-28T09:00"))

"""Forecasts in a time zone: days, months and titles are local, through clock changes (D19)."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from matplotlib.figure import Figure

from inmail_credits import Account, Plan
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import (
    Forecast,
    Prospects,
    ProspectSegment,
    credit_value,
    forecast,
    pace,
    sustainable_rate,
    target,
)
from inmail_credits.simulation import Outreach, Sends

BERLIN = "Europe/Berlin"
START = datetime(2026, 2, 28, 23, tzinfo=UTC)
"""Midnight of 1 March in Berlin."""
PLAN = Plan(name="local", grant_credits=40, zone=BERLIN)


@pytest.fixture(scope="module")
def spring() -> Forecast:
    """Two months from 1 March in Berlin: 61 days, that of 29 March of 23 hours; one message a day."""
    outreach = Outreach(sends=Sends.fixed(per_day=1), zone=BERLIN)
    return forecast(PLAN, outreach, start=START, months=2, rng=7, paths=5)


def test_days_months_and_titles_are_local(spring: Forecast) -> None:
    """In UTC the forecast begins on 28 February and would have 60 whole days."""
    assert spring.simulation.days == 61
    assert (spring.simulation.dates[0], spring.simulation.dates[-1]) == (date(2026, 3, 1), date(2026, 4, 30))
    assert "2 months from 2026-03-01" in repr(spring)
    assert spring.subtitle()[1].startswith("2 months from 1 March 2026")


@pytest.mark.parametrize(
    ("grain", "counts"),
    [
        ("day", [1] * 61),
        ("week", [7] * 8 + [5]),
        ("month", [31, 30]),
        ("billing_period", [31, 30]),
    ],
)
def test_periods_hold_whole_local_days(spring: Forecast, grain: str, counts: list[int]) -> None:
    """One message a local day, through the clock change; each period is named by its first local date."""
    table = spring.flow("wanted", grain)
    assert table["wanted"].to_list() == counts
    assert table["start"].iloc[0].date() == date(2026, 3, 1)
    if grain in {"month", "billing_period"}:
        assert [start.month for start in table["start"]] == [3, 4]
        assert [start.day for start in table["start"]] == [1, 1]


def test_odds_by_billing_period_are_named_by_local_dates(spring: Forecast) -> None:
    """The plan renews at midnight in Berlin, which is the day before in UTC."""
    names = [name for name in spring.summary().index if name.startswith("run_dry_by_")]
    assert names == ["run_dry_by_2026-04-01", "run_dry_by_2026-05-01"]


def test_grants_stand_at_local_midnights_on_the_chart(spring: Forecast) -> None:
    """Both grants are drawn at the beginning of a day of the axis."""
    assert [at.isoformat() for at in spring.grants] == [
        "2026-02-28T23:00:00+00:00",
        "2026-03-31T22:00:00+00:00",
    ]
    fan = spring.plot(figure=Figure())
    marks = next(line for line in fan.get_lines() if line.get_label() == "grant").get_xdata()
    assert (np.asarray(marks) % 1 == 0).tolist() == [True, True]


def test_days_of_the_simulation_begin_at_one_local_time(spring: Forecast) -> None:
    """There is one more instant than there are days; 29 March has 23 hours."""
    starts = spring.simulation.day_starts
    assert len(starts) == 62
    lengths = {
        date_: (b - a) // timedelta(hours=1)
        for date_, a, b in zip(spring.simulation.dates, starts, starts[1:], strict=False)
    }
    assert {date_: hours for date_, hours in lengths.items() if hours != 24} == {date(2026, 3, 29): 23}


def test_until_a_date_counts_local_days() -> None:
    """To 1 April at midnight in Berlin: 31 days, one of them an hour shorter."""
    outreach = Outreach(sends=Sends.fixed(per_day=1), zone=BERLIN)
    until = datetime(2026, 3, 31, 22, tzinfo=UTC)
    one = forecast(PLAN, outreach, start=START, until=until, rng=7, paths=5)
    assert (one.simulation.days, one.horizon) == (31, "until 2026-04-01")


def test_a_sustainable_rate_is_that_of_so_many_local_days() -> None:
    """From 1 March at midnight in Berlin one month is 31 local days, and 40 credits last for 9 a week."""
    outreach = Outreach(sends=Sends.fixed(per_day=1), zone=BERLIN)
    rate = sustainable_rate(PLAN, outreach, months=1, start=START, rng=7, paths=10)
    same = sustainable_rate(PLAN, outreach, days=31, start=START, rng=7, paths=10)
    assert rate.per_week == same.per_week
    forecast_at_rate = forecast(
        PLAN,
        Outreach(sends=Sends.fixed(per_week=rate.per_week), zone=BERLIN),
        start=START,
        days=31,
        rng=7,
        paths=5,
    )
    assert forecast_at_rate.simulation.dry_paths[-1] == 0


def test_pace_ends_and_lots_die_on_local_dates() -> None:
    """90 days after 1 March, 00:00 in Berlin: 30 May, 01:00 there, and 29 May, 23:00 in UTC."""
    account = Account.open(evolve(PLAN, lifetime_days=90), at=START)
    budget = pace(account, Outreach(sends=Sends.fixed(per_day=1), zone=BERLIN), rng=7, paths=10)
    expires_at = START + timedelta(days=90)
    assert budget.deadlines[0].expires_at == expires_at
    assert budget.deadlines[0].last_useful_on == date(2026, 5, 30)
    assert budget.rate.horizon == "31 days"
    assert budget.sentence.startswith("40 credits to 1 April 2026")
    utc = pace(account, Outreach(sends=Sends.fixed(per_day=1)), rng=7, paths=10)
    assert utc.deadlines[0].last_useful_on == date(2026, 5, 29)


def test_pace_until_an_instant_covers_its_local_days() -> None:
    """To 31 March at midnight in Berlin are 30 days, one of 23 hours: that many 24 hours would miss one."""
    account = Account.open(PLAN, at=START)
    outreach = Outreach(sends=Sends.fixed(per_day=1), zone=BERLIN)
    until = datetime(2026, 3, 30, 22, tzinfo=UTC)
    budget = pace(account, outreach, until=until, rng=7, paths=10)
    assert (budget.rate.horizon, budget.until) == ("30 days", until)


def test_the_value_of_a_credit_goes_by_local_days() -> None:
    """Dates of the table, of ``on=`` and of the grants are those of the zone, through the clock change."""
    prospects = Prospects(per_day=2, segments=[ProspectSegment(odds=0.2), ProspectSegment(odds=0.6)])
    worth = credit_value(PLAN, prospects, start=START, days=61, zone=BERLIN)
    assert worth.to_frame().index[0].date() == date(2026, 3, 1)
    assert (worth.first_date, worth.day_of(date(2026, 4, 1))) == (date(2026, 3, 1), 31)
    grant = datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert worth.day_of(grant) == 31
    assert worth.day_of(grant - timedelta(seconds=1)) == 30
    assert worth.price(on=grant, balance=1) == worth.price(on=date(2026, 4, 1), balance=1)
    later = [worth.price(on=date(2026, 3, day), balance=10) for day in range(20, 32)]
    assert later == sorted(later, reverse=True)
    assert worth.price(on=date(2026, 4, 1), balance=10) > later[-1]
    assert repr(worth).startswith("<CreditValue local on 2026-03-01")
    with pytest.raises(InvalidValueError, match="within the 61 days from 2026-03-01"):
        worth.price(on=date(2026, 5, 1))


def test_targeting_takes_the_zone_on() -> None:
    """Whom to write to is decided by the same local days."""
    people = pd.DataFrame({"odds": [0.1, 0.5, 0.9]})
    advised = target(people, Account.open(PLAN, at=START), per_day=1, zone=BERLIN)
    assert (advised.worth.zone, advised.worth.first_date) == (BERLIN, date(2026, 3, 1))

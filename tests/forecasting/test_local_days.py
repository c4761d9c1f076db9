"""Forecasts in a time zone: days, months and titles are local, through clock changes (D19)."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from matplotlib.figure import Figure

from inmail_credits import Plan
from inmail_credits.forecasting import Forecast, forecast
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

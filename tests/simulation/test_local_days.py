"""D19: what people do happens on local days; credits keep exact instants."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Pacing, Replies, Sends, delays, simulate
from inmail_credits.simulation._engine.calendar import DAY_MICROSECONDS, Grid
from inmail_credits.simulation.run import make_job
from inmail_credits.testing.engine_reference import difference

HOUR = DAY_MICROSECONDS // 24
PLAN = Plan(name="p", grant_credits=100)
MONDAY_IN_BERLIN = datetime(2026, 4, 26, 22, tzinfo=UTC)
"""27 April, 00:00."""


@pytest.mark.proves("D19")
def test_working_days_holidays_and_bursts_are_dates_in_the_zone() -> None:
    """From Berlin midnight on: Monday to Friday, not on 1 May; a campaign on Wednesday; at most 3 a day."""
    sends = Sends.fixed(
        per_day=2, on="working_days", holidays=[date(2026, 5, 1)], bursts={date(2026, 4, 29): 7}, daily_max=3
    )
    berlin = Outreach(sends=sends, zone="Europe/Berlin")
    run = simulate(PLAN, berlin, start=MONDAY_IN_BERLIN, days=9, paths=1, rng=1)
    assert run.day_sums["sent"].tolist() == [2, 2, 3, 2, 0, 0, 0, 2, 2]
    assert run.dates[0] == date(2026, 4, 27)
    assert run.dates[4] == date(2026, 5, 1)


@pytest.mark.proves("D19")
@pytest.mark.parametrize(
    ("zone", "start", "hours"),
    [
        ("Europe/Berlin", datetime(2026, 3, 27, 23, tzinfo=UTC), [24, 23, 24]),
        ("Europe/Berlin", datetime(2026, 10, 23, 22, tzinfo=UTC), [24, 25, 24]),
        ("Australia/Lord_Howe", datetime(2026, 4, 3, 13, tzinfo=UTC), [24, 24.5, 24]),
        ("UTC", datetime(2026, 3, 27, 23, tzinfo=UTC), [24, 24, 24]),
    ],
    ids=["spring", "autumn", "half an hour", "utc"],
)
def test_days_are_as_long_as_the_clock_says(zone: str, start: datetime, hours: list[float]) -> None:
    """23 hours where the clock goes forward, 25 where it goes back; parts of a day share its length."""
    grid = Grid(start, 4, 1, zone)
    assert (np.diff(grid.instants) / HOUR).tolist() == hours
    parts = Grid(start, 3, 4, zone)
    np.testing.assert_array_equal(parts.instants[::4], grid.instants[:3])
    assert (np.diff(parts.instants[:9]) / HOUR).tolist() == [hours[0] / 4] * 4 + [hours[1] / 4] * 4


@pytest.mark.proves("D19")
@pytest.mark.parametrize("refund_to", ["fresh", "original"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_credits_keep_exact_instants(zone: str, refund_to: str) -> None:
    """A year over both clock changes, lives and windows of some days, caps and pacing: as the ledger."""
    plan = Plan(
        name="p",
        grant_credits=6,
        lifetime_days=20,
        reply_window_days=3,
        cap_credits=9,
        refund_to=refund_to,
        zone="Europe/Berlin",
    )
    for pacing in (None, Pacing()):
        outreach = Outreach(
            sends=Sends.poisson(per_day=1, on="working_days", pacing=pacing),
            replies=Replies(rate=0.5, delay=delays.Exponential(3.0)),
            zone=zone,
        )
        start = datetime(2026, 1, 30, 23, tzinfo=UTC)
        job = make_job(plan, outreach, start=start, days=300, paths=2, rng=3, daily_paths=True)
        assert difference(job) is None


@pytest.mark.proves("D19")
def test_a_day_without_midnight_begins_when_the_clock_goes_on() -> None:
    """Beirut's clock goes from 00:00 to 01:00 on 29 March 2026; the day begins at 01:00 and has 23 hours."""
    start = datetime(2026, 3, 26, 22, tzinfo=UTC)
    grid = Grid(start, 4, 1, "Asia/Beirut")
    begins = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(at)) for at in grid.instants]
    assert [f"{at:%d %H}" for at in begins] == ["26 22", "27 22", "28 22", "29 21"]


def test_the_zone_is_that_of_utc_unless_another_is_named() -> None:
    """And an unknown one is refused."""
    assert Outreach(sends=Sends.fixed(per_day=1)).zone == "UTC"
    with pytest.raises(
        InvalidValueError, match="zone is 'Berlin', but must be the name of an IANA time zone"
    ):
        Outreach(sends=Sends.fixed(per_day=1), zone="Berlin")

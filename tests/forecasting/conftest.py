"""What the forecasting tests share: behaviours, and a forecast with something of everything in it."""

from datetime import date

import pytest

from inmail_credits import economies
from inmail_credits.forecasting import Forecast, forecast
from inmail_credits.simulation import Outreach, Replies, Sends


@pytest.fixture(scope="session")
def recruiter() -> Outreach:
    """Five messages a week, 27 % of them answered."""
    return Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))


@pytest.fixture(scope="session")
def year(recruiter: Outreach) -> Forecast:
    """A year on Sales Navigator, where some paths run dry and some credits expire."""
    plan = economies.LINKEDIN_2019["sales"]
    return forecast(plan, recruiter, start=date(2026, 1, 31), months=12, rng=7, paths=3_000)

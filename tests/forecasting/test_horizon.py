"""How far ahead: four ways to say it, one of them at a time."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from inmail_credits import Account, economies
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import forecast
from inmail_credits.forecasting.horizon import Horizon
from inmail_credits.simulation import Outreach, Replies, Sends

START = datetime(2026, 1, 31, tzinfo=UTC)
CAREER = economies.LINKEDIN_2019["career"]
OUTREACH = Outreach(sends=Sends.poisson(per_week=2), replies=Replies(rate=0.3))


@pytest.mark.parametrize(
    ("said", "days", "label"),
    [
        ({"months": 1}, 28, "1 month"),
        ({"months": 12}, 365, "12 months"),
        ({"days": 1}, 1, "1 day"),
        ({"days": 1_000}, 1_000, "1,000 days"),
        ({"until": date(2026, 2, 1)}, 1, "until 2026-02-01"),
        ({"until": "2026-07-31"}, 181, "until 2026-07-31"),
        ({"until": START + timedelta(days=9, hours=23)}, 9, "until 2026-02-09"),
        ({"until": pd.Timestamp("2026-03-01")}, 29, "until 2026-03-01"),
        ({"horizon": "90D"}, 90, "90 days"),
        ({"horizon": " 6 w "}, 42, "6 weeks"),
        ({"horizon": "1m"}, 28, "1 month"),
        ({"horizon": "2Q"}, 181, "6 months"),
        ({"horizon": "1Y"}, 365, "1 year"),
    ],
)
def test_a_horizon_is_days_and_how_it_was_put(said: dict[str, object], days: int, label: str) -> None:
    """Months are calendar months from the start; the others are days of 24 hours."""
    assert Horizon.of(START, **said) == Horizon(days, label)  # type: ignore[arg-type] # any of the four


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "horizon is None, but must be exactly one of months=, days=, until= and horizon="),
        ({"months": 1, "days": 30}, "horizon is 'months, days', but must be exactly one"),
        ({"months": 0}, "months is 0, but must be a whole number from 1 to 1,200"),
        ({"days": 36_501}, "days is 36501, but must be a whole number from 1 to 36,500"),
        (
            {"until": START},
            "until is '2026-01-31T00:00:00Z', but must be from 1 to 36,500 days after the start",
        ),
        ({"until": date(2025, 1, 1)}, "until is '2025-01-01"),
        (
            {"horizon": "3 moons"},
            "horizon is '3 moons', but must be a number from 1 on and one of D, W, M, Q, Y",
        ),
        ({"horizon": "0D"}, "horizon is '0D'"),
        ({"horizon": "99999Y"}, "horizon is '99999Y', but must be at most 1,200 months or 36,500 days"),
        ({"horizon": 3}, "horizon is 3"),
    ],
)
def test_a_horizon_that_says_nothing_or_too_much_is_refused(said: dict[str, object], message: str) -> None:
    """With the value and the limit."""
    with pytest.raises(InvalidValueError, match=f"^{message}"):
        Horizon.of(START, **said)  # type: ignore[arg-type] # bad on purpose


def test_all_four_lead_to_the_same_forecast() -> None:
    """28 days are 28 days, however they are put."""
    account = Account.open(CAREER, at=START)
    ways = [{"months": 1}, {"days": 28}, {"until": date(2026, 2, 28)}, {"horizon": "4W"}]
    found = [forecast(account, OUTREACH, rng=7, paths=50, **way) for way in ways]  # type: ignore[arg-type]
    assert len({one.simulation.total("refused").tobytes() for one in found}) == 1
    assert "1 month from 2026-01-31" in repr(found[0])
    assert found[2].to_dict()["horizon"] == "until 2026-02-28"


def test_a_seed_that_was_drawn_is_reported_and_repeats_the_forecast() -> None:
    """Leaving out the seed loses nothing."""
    first = forecast(CAREER, OUTREACH, start=START, days=60, paths=200)
    other = forecast(CAREER, OUTREACH, start=START, days=60, paths=200)
    assert first.seed is not None
    assert first.seed != other.seed
    again = forecast(CAREER, OUTREACH, start=START, days=60, paths=200, rng=first.seed)
    assert (again.simulation.total("refused") == first.simulation.total("refused")).all()
    assert f"seed {first.seed}" in first.subtitle()[1]

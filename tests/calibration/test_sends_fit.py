"""Fits of sends: the rate, the weekdays drawn to their group as far as data call for it, the dispersion."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from inmail_credits.calibration import fit_replies, fit_sends
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation import Replies

MONDAY = date(2026, 1, 5)


def made(means: list[float], weeks: int, seed: int, spread: float = 0.0) -> tuple[pd.Series, date, date]:
    """Messages of that many weeks with these means by weekday; ``spread`` makes days differ."""
    rng = np.random.default_rng(seed)
    instants = []
    for day in range(7 * weeks):
        mean = means[day % 7] * (rng.gamma(1 / spread, spread) if spread else 1.0)
        start = datetime.combine(MONDAY + timedelta(days=day), datetime.min.time(), UTC)
        instants += [start + timedelta(seconds=float(s)) for s in rng.uniform(0, 86_400, rng.poisson(mean))]
    return pd.Series(instants), MONDAY, MONDAY + timedelta(days=7 * weeks - 1)


def test_the_rate_is_messages_over_weeks_and_its_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Ninety per cent of the intervals, within four binomial errors."""
    hits, samples = 0, 200
    for seed in range(samples):
        sent, start, end = made([2, 2, 2, 2, 2, 0, 0], 6, seed)
        fitted = fit_sends(sent, start=start, end=end)
        assert fitted.per_week == pytest.approx(len(sent) / 6)
        low, high = fitted.per_week_interval()
        hits += low <= 10 <= high
    assert abs(hits / samples - 0.9) < 4 * (0.9 * 0.1 / samples) ** 0.5


def test_weekdays_that_differ_by_chance_are_drawn_together() -> None:
    """With equal means, the fitted profile is nearer the truth than the seven averages."""
    fitted_error = observed_error = 0.0
    for seed in range(40):
        sent, start, end = made([3, 3, 3, 3, 3, 0.5, 0.5], 8, seed)
        table = fit_sends(sent, start=start, end=end).weekdays
        truth = np.array([3, 3, 3, 3, 3, 0.5, 0.5])
        fitted_error += float(((table["fitted"] - truth) ** 2).sum())
        observed_error += float(((table["observed"] - truth) ** 2).sum())
    assert fitted_error < 0.6 * observed_error


def test_weekdays_that_differ_in_truth_stay_apart() -> None:
    """A quiet Friday in a long record is left as it is."""
    sent, start, end = made([5, 5, 5, 5, 1, 0, 0], 60, 1)
    profile = fit_sends(sent, start=start, end=end).sends.by_weekday
    assert profile[4] == pytest.approx(1, abs=0.5)
    assert profile[0] == pytest.approx(5, abs=1)
    assert profile[5:] == (0.0, 0.0)


def test_counts_that_vary_more_than_poisson_counts_are_reported() -> None:
    """Bursts show in the dispersion, and the interval grows with them."""
    plain = fit_sends(made([4] * 7, 26, 1)[0])
    bursts = fit_sends(made([4] * 7, 26, 1, spread=1.0)[0])
    assert plain.dispersion == pytest.approx(1, abs=0.3)
    assert plain.notes == ()
    assert bursts.dispersion > 3
    assert "busy days come in bursts" in bursts.summary()
    assert bursts.per_week_error > 1.5 * plain.per_week_error


def test_days_are_those_of_the_zone() -> None:
    """23:30 UTC on a Sunday is a Monday in Berlin."""
    sunday = datetime(2026, 1, 4, 23, 30, tzinfo=UTC)
    sent = [sunday + timedelta(days=7 * week) for week in range(12)]
    assert fit_sends(sent).weekdays["messages"].tolist() == [0] * 6 + [12]
    assert fit_sends(sent, zone="Europe/Berlin").weekdays["messages"].tolist() == [12] + [0] * 6


def test_quiet_days_at_the_ends_count_where_the_period_is_named() -> None:
    """Without the period, a record seems to begin and end with a message."""
    sent, start, end = made([1] * 7, 4, 2)
    assert fit_sends(sent, start=start, end=end + timedelta(days=28)).per_week == pytest.approx(len(sent) / 8)


def test_holidays_are_no_quiet_days() -> None:
    """They count neither as days nor with their messages."""
    sent, start, end = made([2] * 7, 8, 3)
    days = {start + timedelta(days=day) for day in range(7)}
    fitted = fit_sends(sent, start=start, end=end, holidays=days)
    left = int((sent >= pd.Timestamp(start + timedelta(days=7), tz="UTC")).sum())
    assert fitted.per_week == pytest.approx(left / 7)
    assert "on holidays are not counted" in fitted.summary()
    assert fitted.sends.holidays == days


def test_a_fit_becomes_an_outreach() -> None:
    """With replies beside it, and in the time zone whose weekdays were counted, where that has a name."""
    sent = made([1] * 7, 4, 2)[0]
    for zone, name in (("Asia/Tokyo", "Asia/Tokyo"), ("UTC", "UTC"), (timezone(timedelta(hours=9)), "UTC")):
        fitted = fit_sends(sent, zone=zone)
        outreach = fitted.outreach(Replies(rate=0.3))
        assert outreach.sends.per_week == pytest.approx(fitted.per_week)
        assert outreach.zone == name
        replies = fit_replies(sent, [None] * len(sent), as_of=sent.max())
        assert replies.outreach(fitted) == fitted.outreach(replies)


def test_too_little_is_refused() -> None:
    """Few messages, a short period, no date."""
    sent, _, end = made([5] * 7, 4, 2)
    with pytest.raises(InvalidValueError, match="messages is 5, but must be at least 10"):
        fit_sends(sent[:5])
    with pytest.raises(
        InvalidValueError, match=r"days from 2026-\d\d-\d\d to 2026-\d\d-\d\d is 3, but must be at least 14"
    ):
        fit_sends(sent, start=end - timedelta(days=2), end=end)
    with pytest.raises(InvalidValueError, match="start is 'soon'"):
        fit_sends(sent, start="soon")  # type: ignore[arg-type] # that is the point
    with pytest.raises(InvalidValueError, match="zone is 'Mars/Olympus'"):
        fit_sends(sent, zone="Mars/Olympus")

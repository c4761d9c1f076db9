"""Behaviour takes dates, numbers and collections in every form they come in, and ignores none."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import numpy as np
import pandas as pd
import pytest

from inmail_credits import economies
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import Comparison, Forecast, Prospects, ProspectSegment, compare, forecast
from inmail_credits.simulation import (
    FollowUp,
    Outreach,
    Pacing,
    Purchases,
    Replies,
    SegmentedReplies,
    Sends,
    Withdrawals,
)
from inmail_credits.simulation.behaviour.delays import (
    Empirical,
    Exponential,
    Fixed,
    Lognormal,
    Mixture,
    Shifted,
    Weibull,
)

MAY: Final = (date(2026, 5, 1), date(2026, 5, 2))
sends: Callable[..., Sends] = Sends.poisson
replies_of: Callable[..., Replies] = Replies
"""Both are called with what a type checker would refuse."""


@pytest.mark.parametrize(
    "holidays",
    [
        pd.date_range("2026-05-01", periods=2),
        pd.Series(pd.date_range("2026-05-01", periods=2)),
        list(pd.date_range("2026-05-01", periods=2)),
        np.array(["2026-05-01", "2026-05-02"], dtype="datetime64[ns]"),
        ["2026-05-01", "2026-05-02"],
        [datetime(2026, 5, 1), datetime(2026, 5, 2)],  # noqa: DTZ001 - stand for their dates
        {date(2026, 5, 1): "Labour Day", date(2026, 5, 2): "the day after"},
    ],
    ids=lambda holidays: type(holidays).__name__,
)
def test_holidays_in_every_form_are_free(holidays: Iterable[date]) -> None:
    """A DatetimeIndex was once taken, counted and ignored."""
    found = Sends.poisson(per_day=5, on="working_days", holidays=holidays)
    assert found == Sends.poisson(per_day=5, on="working_days", holidays=MAY)
    assert {type(day) for day in found.holidays} == {date}
    assert [found.mean_on(day) for day in (*MAY, date(2026, 5, 4))] == [0.0, 0.0, 5.0]
    assert found.mean_on(pd.Timestamp("2026-05-01")) == found.mean_on("2026-05-01") == 0.0
    assert found.mean_on(np.datetime64("2026-05-04")) == 5.0


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"holidays": "2026-01-01"}, "holidays is '2026-01-01', but must be dates"),
        ({"holidays": date(2026, 1, 1)}, "holidays is .*, but must be dates"),
        ({"holidays": [pd.Timestamp("2026-05-01 09:00")]}, "holiday is .*, without a time of day"),
        ({"holidays": [pd.NaT]}, "holiday is NaT, but must be a date"),
        ({"holidays": pd.date_range("2026-05-01", periods=2, tz="UTC")}, "holiday is .* take .date"),
        ({"bursts": {"soon": 3}}, "date of a burst is 'soon', but must be a date"),
        ({"bursts": {"2026-05-04": 1.5}}, "messages of a burst is 1.5, but must be a whole number"),
        ({"bursts": [("2026-05-04", 1), (MAY[0], 1), (pd.Timestamp("2026-05-04"), 2)]}, "given once"),
        ({"bursts": "2026-05-04"}, "bursts is '2026-05-04', but must be messages by date"),
        ({"on": 3}, "on is 3, but must be 'all_days'"),
        ({"on": ["a"] * 7}, "weight of a weekday is 'a', but must be"),
        ({"daily_max": 2.5}, "daily_max is 2.5, but must be a whole number"),
        ({"prospects": "many"}, "prospects is 'many', but must be a whole number"),
        ({"pacing": True}, "pacing is True, but must be a Pacing, or None"),
        ({"follow_up": 7}, "follow_up is 7, but must be a FollowUp, or None"),
        ({"per_day": float("nan")}, "per_day is nan, but must be a number"),
    ],
)
def test_what_behaviour_cannot_use_is_refused_by_name(terms: Mapping[str, object], message: str) -> None:
    """One line with the field, the value and the fix; never characters for dates."""
    with pytest.raises(InvalidValueError, match=f"^{message}|{message}$"):
        sends(**({"per_day": 1} | dict(terms)))


@pytest.mark.parametrize(
    "bursts",
    [
        {pd.Timestamp("2026-05-04"): 10},
        {"2026-05-04": np.int64(10)},
        pd.Series([10], index=pd.DatetimeIndex(["2026-05-04"])),
        [(np.datetime64("2026-05-04"), 10)],
    ],
    ids=lambda bursts: type(bursts).__name__,
)
def test_bursts_in_every_form_are_sent(bursts: object) -> None:
    """A Timestamp for a key was once taken and ignored."""
    found = sends(per_day=0, bursts=bursts)
    assert found.bursts == ((date(2026, 5, 4), 10),)
    assert type(found.bursts[0][1]) is int
    assert found.mean_on(date(2026, 5, 4)) == 10.0


def test_numbers_of_numpy_are_stored_plain() -> None:
    """No np.float64 in a repr, and equal behaviour is equal whoever counted."""
    make: Callable[..., object] = Outreach
    found = make(
        sends=sends(per_week=np.float32(5), daily_max=np.int64(9), on=np.array([1, 1, 1, 1, 1, 0, 0])),
        replies=replies_of(
            rate=np.float64(0.25),
            sample_size=np.int64(40),
            kinds=pd.Series({"accepted": 3, "declined": 1}),
        ),
        withdrawals=Withdrawals(rate=np.float64(0.5), after_days=np.int8(9)),  # type: ignore[arg-type] # the point
        purchases=Purchases(per_day=np.float64(0.5)),
    )
    assert "np." not in repr(found)
    assert found == Outreach(
        sends=Sends.poisson(per_week=5, daily_max=9, on="weekdays"),
        replies=Replies(rate=0.25, sample_size=40, kinds={"accepted": 3, "declined": 1}),
        withdrawals=Withdrawals(rate=0.5, after_days=9),
        purchases=Purchases(per_day=0.5),
    )
    assert repr(Pacing(reserve_credits=np.int64(3), spread=np.True_)) == repr(Pacing(reserve_credits=3))  # type: ignore[arg-type] # the point
    assert repr(FollowUp(share=np.float64(0.5))) == repr(FollowUp(share=0.5))


def test_delays_take_series_and_numbers_of_numpy() -> None:
    """A sample as a Series was once a TypeError."""
    assert Empirical.of_days(pd.Series([0, 0, 1, 3])) == Empirical.of_days([0, 0, 1, 3])
    assert Empirical(np.array([6, 2, 2])) == Empirical((6, 2, 2))
    make: Callable[..., object] = Weibull
    for found in (Exponential(np.float64(2)), Lognormal(np.float64(1), np.float64(1)), make(Decimal(1))):
        assert "np." not in repr(found)
        assert "Decimal" not in repr(found)


@pytest.mark.parametrize(
    ("make", "terms", "message"),
    [
        (Empirical.of_days, ("0,1",), "days is '0,1', but must be a sample of delays"),
        (
            Empirical.of_days,
            (pd.Series([], dtype="int64"),),
            "sample of delays is \\[\\], but must be at",
        ),
        (Empirical, (None,), "weights is None, but must be weights"),
        (Mixture, (3,), "parts is 3, but must be pairs of a weight and a Delay"),
        (Mixture, (((1, "soon"),),), "delay is 'soon', but must be a Delay"),
        (Shifted, (3, Fixed(1)), "delay is Fixed\\(days=1\\), but must be an Exponential"),
        (Fixed, (np.float64(4.5),), "days is .*4.5.*, but must be a whole number"),
    ],
)
def test_delays_refuse_what_they_cannot_use(
    make: Callable[..., object], terms: tuple[object, ...], message: str
) -> None:
    """By name, in one line."""
    with pytest.raises(InvalidValueError, match=f"^{message}"):
        make(*terms)


def test_replies_refuse_what_they_cannot_use() -> None:
    """Kinds, segments and rates by name."""
    make: Callable[..., object] = Replies
    for terms, message in (
        ({"rate": 0.5, "kinds": "accepted"}, "kinds is 'accepted', but must be shares by reply kind"),
        ({"rate": 0.5, "kinds": {"maybe": 1}}, "reply kind is 'maybe', but must be one of"),
        ({"rate": 0.5, "kinds": {"accepted": None}}, "share of accepted is None, but must be"),
        ({"rate": None}, "reply rate is None, but must be a number from 0 to 1"),
        ({"rate": 0.5, "delay": 3}, "delay is 3, but must be a Delay"),
    ):
        with pytest.raises(InvalidValueError, match=f"^{message}"):
            make(**terms)
    segmented: Callable[..., object] = SegmentedReplies
    for segments, message in (
        (None, "segments is None, but must be a weight and Replies by name"),
        ({"a": 3}, "segment is 3, but must be a pair of a weight and Replies"),
        ({3: (1, Replies(rate=0.5))}, "name of a segment is 3, but must be a text"),
        ({"a": (-1, Replies(rate=0.5))}, "weight of a segment is -1, but must be a number"),
    ):
        with pytest.raises(InvalidValueError, match=f"^{message}"):
            segmented(segments=segments)


CAREER: Final = economies.LINKEDIN_2019["career"]
ONE_A_DAY: Final = Outreach(sends=Sends.fixed(per_day=1))


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"executor": 2}, "executor is 2, but must be None or an Executor"),
        ({"progress": 1}, "progress is 1, but must be True, False or a callable"),
        ({"paths": 2.5}, "paths is 2.5, but must be a whole number"),
        ({"rng": "7"}, "rng is '7', but must be a seed"),
        ({"rng": True}, "rng is True, but must be a seed"),
        ({"start": "soon"}, "start is 'soon', but must be an instant"),
        ({"months": "3"}, "months is '3', but must be a whole number"),
    ],
)
def test_a_forecast_refuses_what_it_cannot_use(terms: Mapping[str, object], message: str) -> None:
    """Before any work is done, and by name."""
    for make in (forecast, compare):
        ask: Callable[..., object] = make
        with pytest.raises(InvalidValueError, match=f"^{message}"):
            ask(CAREER, ONE_A_DAY, **({"start": MAY[0], "months": 1, "paths": 5, "rng": 7} | dict(terms)))


def test_a_forecast_takes_dates_and_numbers_in_every_form() -> None:
    """The same forecast from a text, a Timestamp, NumPy's numbers; its seed is reported as a plain number."""
    ask: Callable[..., Forecast] = forecast
    plain = ask(CAREER, ONE_A_DAY, start=date(2026, 12, 1), months=1, paths=5, rng=7)
    for start in ("2026-12-01", pd.Timestamp("2026-12-01"), np.datetime64("2026-12-01")):
        found = ask(CAREER, ONE_A_DAY, start=start, months=np.int64(1), paths=np.int32(5), rng=np.int64(7))
        assert found.to_dict() == plain.to_dict()
        assert type(found.seed) is int
    assert plain.quantiles(pd.Series([0.5])).equals(plain.quantiles((0.5,)))
    assert plain.run_dry_on(np.float64(1.0)) == date(2026, 12, 4)


def test_a_forecast_is_asked_by_name() -> None:
    """One quantile is no collection of them, and a grain is named after its parameter."""
    found = forecast(CAREER, ONE_A_DAY, start=date(2026, 12, 1), months=1, paths=5, rng=7)
    ask: Callable[..., object] = found.quantiles
    for wrong, message in ((0.5, "qs is 0.5, but must be numbers"), (["a"], "quantile is 'a', but must be")):
        with pytest.raises(InvalidValueError, match=f"^{message}"):
            ask(wrong)
    with pytest.raises(InvalidValueError, match=r"^every is 'year', but must be one of day, week"):
        found.expiries("year")


@pytest.mark.parametrize("subjects", ["linkedin-2026", economies, None, 3, [CAREER, "career"]])
def test_names_and_modules_are_no_economies(subjects: object) -> None:
    """A name is looked up with economies.get first."""
    ask: Callable[..., object] = compare
    with pytest.raises(InvalidValueError, match=r"^subject .*, but must be a Plan, an Account or an Economy"):
        ask(subjects, ONE_A_DAY, start=MAY[0], months=1, paths=5, rng=7)


@pytest.mark.parametrize(
    ("prices", "message"),
    [
        (30, "prices is 30, but must be prices a month by label"),
        ({"career": None}, "price of career is None, but must be a number"),
        ({3: 30}, "label of a price is 3, but must be a text"),
    ],
)
def test_prices_are_a_table(prices: object, message: str) -> None:
    """By the label of the subject; a Series is one too."""
    ask: Callable[..., Comparison] = compare
    with pytest.raises(InvalidValueError, match=f"^{message}"):
        ask(CAREER, ONE_A_DAY, start=MAY[0], months=1, paths=5, rng=7, prices=prices)
    found = ask(CAREER, ONE_A_DAY, start=MAY[0], months=1, paths=5, rng=7, prices=pd.Series({"career": 30}))
    assert found.prices == {"career": 30.0}


def test_prospects_are_stored_plain() -> None:
    """Odds and values of NumPy leave no trace in a repr."""
    make: Callable[..., ProspectSegment] = ProspectSegment
    people = Prospects(per_day=2, segments=[make(odds=np.float32(0.5), value=np.int64(2), name=np.str_("a"))])
    assert "np." not in repr(people)
    whole: Callable[..., object] = Prospects
    for segments, message in (
        (None, "segments is None, but must be a list"),
        ([3], "segment is 3, but must be"),
    ):
        with pytest.raises(InvalidValueError, match=f"^{message}"):
            whole(per_day=2, segments=segments)

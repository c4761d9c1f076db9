"""A balance of unknown age: the range over what its credits may be left of."""

from datetime import UTC, date, datetime, timedelta

import pytest

from inmail_credits import Account, economies
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import forecast, forecast_balance
from inmail_credits.simulation import Outreach, Replies, Sends, delays

PLAN = economies.LINKEDIN_2019["business"]
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
OUTREACH = Outreach(
    sends=Sends.poisson(per_week=2), replies=Replies(rate=0.3, delay=delays.Exponential(mean_days=3))
)


def test_each_make_up_is_the_forecast_of_its_account() -> None:
    """On the same seed, figure by figure; older credits expire sooner."""
    found = forecast_balance(
        PLAN, OUTREACH, balance=30, at=AT, renews_on=date(2026, 12, 5), months=3, paths=300, rng=7
    )
    for ages in ("newest", "spread", "oldest"):
        account = Account.from_balance(PLAN, balance=30, at=AT, renews_on=date(2026, 12, 5), ages=ages)
        alone = forecast(account, OUTREACH, start=AT, months=3, paths=300, rng=7)
        assert getattr(found, ages).summary().equals(alone.summary())
    table = found.table()
    expired = table.loc["expired"]
    assert expired["newest"] < expired["spread"] < expired["oldest"]
    assert expired["range"] == pytest.approx(expired["oldest"] - expired["newest"])
    assert "credits expire" in found.answer()
    assert repr(found).startswith("<BalanceForecast business")


def test_where_nothing_is_unknown_there_is_no_range() -> None:
    """A balance that only the grants in full can hold, or none at all."""
    for balance in (0, 45):
        found = forecast_balance(
            PLAN, OUTREACH, balance=balance, at=AT, renews_on=date(2026, 12, 5), days=60, paths=100, rng=1
        )
        assert found.table()["range"].max() == 0
        assert " to " not in found.answer()


def test_messages_in_flight_come_back_by_their_age() -> None:
    """A young message is likelier to be answered than one that has been silent for long."""
    refunds = {}
    for age in (0.1, 30.0):
        found = forecast_balance(
            PLAN,
            Outreach(sends=Sends.fixed(per_week=0), replies=OUTREACH.replies),
            balance=10,
            at=AT,
            renews_on=date(2026, 12, 5),
            open_messages={f"m-{k}": AT - timedelta(days=age) for k in range(20)},
            days=30,
            paths=2_000,
            rng=3,
        )
        refunds[age] = found.table()["newest"].to_dict()["refunded"]
    p, before = 0.3, {age: 1 - 2.718281828 ** (-age / 3) for age in refunds}
    for age, mean in refunds.items():
        expected = 20 * p * (1 - before[age]) / (1 - p * before[age])
        assert mean == pytest.approx(expected, abs=0.25)


def test_bad_arguments_are_refused_as_by_the_account() -> None:
    """A balance no grants can hold, no horizon."""
    with pytest.raises(InvalidValueError, match="balance is 46"):
        forecast_balance(PLAN, OUTREACH, balance=46, at=AT, renews_on=date(2026, 12, 5), months=3)
    with pytest.raises(InvalidValueError, match="exactly one of months="):
        forecast_balance(PLAN, OUTREACH, balance=30, at=AT, renews_on=date(2026, 12, 5))

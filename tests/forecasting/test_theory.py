"""Forecasts against exact values: perishable stock with daily grants and Poisson demand, oldest first.

The numbers are those of the shared vectors ``expiring_stock.json`` (closed forms and Markov chains).
"""

from datetime import date

import pytest

from inmail_credits import Plan
from inmail_credits.forecasting import Forecast, forecast
from inmail_credits.simulation import Outreach, Sends
from inmail_credits.timeline import Interval

Z_MAX = 4.0


def daily(grant_credits: int, lifetime_days: int, demand: float, *, months: int, paths: int) -> Forecast:
    """A plan that grants every day, under Poisson demand and without answers."""
    plan = Plan(
        name="daily",
        grant_credits=grant_credits,
        grant_every=Interval(days=1),
        lifetime_days=lifetime_days,
    )
    outreach = Outreach(sends=Sends.poisson(per_day=demand))
    return forecast(plan, outreach, start=date(2026, 1, 1), months=months, rng=2026, paths=paths)


@pytest.mark.parametrize(
    ("grant", "demand", "waste", "lost", "p_lost"),
    [(5, 5, 0.8773368488, 0.8773368488, 0.3840393452), (100, 95, 6.915739731, 1.915739731, 0.2823315733)],
)
def test_a_one_day_credit_is_a_newsvendors_paper(
    grant: int, demand: int, waste: float, lost: float, p_lost: float
) -> None:
    """Each day stands alone: waste, refusals and the odds of running dry have closed forms."""
    f = daily(grant, 1, demand, months=1, paths=4_000)
    table = f.summary().to_dict("index")
    refused = table["refused"]
    assert abs(refused["mean"] - 31 * lost) < Z_MAX * refused["error"]
    expired = table["expired"]  # those of the 31st day expire on the 32nd
    assert abs(expired["mean"] - 30 * waste) < Z_MAX * expired["error"]
    first = f.run_dry().iloc[0]
    assert abs(first["by_then"] - p_lost) < Z_MAX * first["error"]
    assert first["low"] < p_lost < first["high"]
    third = f.run_dry().iloc[2]
    assert abs(third["by_then"] - (1 - (1 - p_lost) ** 3)) < Z_MAX * third["error"]
    assert abs(third["on_that_day"] - p_lost) < Z_MAX * third["error_that_day"]


ANY_LOST_BY = (
    (1, 0.2692798443),
    (2, 0.3444728142),
    (3, 0.3799678326),
    (6, 0.4221352103),
    (9, 0.4364229231),
    (12, 0.4427241006),
)
BALANCES = (
    (1, (0, 0, 2, 5, 9)),
    (2, (0, 1, 5, 8, 14)),
    (3, (0, 3, 7, 11, 18)),
    (4, (0, 5, 9, 14, 22)),
    (5, (0, 6, 11, 17, 26)),
)


def test_run_dry_odds_by_date_are_those_of_the_markov_chain() -> None:
    """Starting empty, 20 credits a day that live 3 days, demand 18."""
    run_dry = daily(20, 3, 18, months=1, paths=8_000).run_dry()
    for day, exact in ANY_LOST_BY:
        row = run_dry.iloc[day - 1]
        assert abs(row["by_then"] - exact) < Z_MAX * row["error"], day


def test_quantiles_of_the_balance_hold_those_of_the_markov_chain() -> None:
    """In the first days hardly a credit expires, so the end of the day is the chain's end of the period."""
    table = daily(20, 3, 18, months=1, paths=8_000).quantiles().set_index(["date", "quantile"])
    for day, exact in BALANCES:
        rows = table.loc[f"2026-01-{day:02}"]
        assert (rows["low"].to_numpy() <= exact).all(), day
        assert (rows["high"].to_numpy() >= exact).all(), day
        assert (abs(rows["balance"].to_numpy() - exact) <= 1).all(), day


@pytest.mark.parametrize(
    ("lifetime_days", "issued", "lost", "expired"),
    [(1, 4.122663151, 0.8773368488, 0.8773368488), (3, 4.802881992, 0.1971180076, 0.1971180076)],
)
def test_a_later_month_is_stationary(lifetime_days: int, issued: float, lost: float, expired: float) -> None:
    """5 credits a day, demand 5: the third month's means, by the errors of whole months."""
    f = daily(5, lifetime_days, 5, months=3, paths=4_000)
    for flow, exact in (("sent", issued), ("refused", lost), ("expired", expired)):
        march = f.flow(flow, "month").iloc[2]
        assert abs(march[flow] - 31 * exact) < Z_MAX * march["error"], flow

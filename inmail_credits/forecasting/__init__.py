"""Forecasts: when credits run dry, what expires unused, and which plan to buy, each figure with its error.

Needs the extra: ``pip install 'inmail-credits[forecast]'``.

>>> from datetime import date
>>> from inmail_credits import economies
>>> from inmail_credits.simulation import Outreach, Replies, Sends
>>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
>>> plan = economies.LINKEDIN_2019["business"]
>>> forecast(plan, outreach, start=date(2026, 1, 1), months=6, rng=7, paths=1_000)
<Forecast business, 5 sends a week, 27 % answered: 6 months from 2026-01-01, 1,000 paths, runs dry ...>
"""

# `run` makes a forecast, `result` is what it answers, `summary` has its figures: begin there. Then
#
# * several at once: `comparison` of what `candidates` names, `sweep` over a grid of `cells`,
#   `sensitivity` to `variations` of a behaviour, `fleet` and `fleet_comparison` for many people;
# * decisions: `sustainable` (rate and pace), `credit_value` and `targeting`, with `prospects` and
#   `_bid_prices`; `opening_ages` where only a balance is known;
# * whether forecasts were right: `backtest`, from what was `known` then;
# * parts of a result: `periods`, `waste`, `in_flight`, `monte_carlo` for errors, `scores` for what
#   each path adds to a figure, `assumptions`, `answer` for the verdict, `labels`, `local_days`,
#   `horizon`;
# * what is shown: modules that end in `cards` and `chart`, `pictures` for files, `report` for pages.

from inmail_credits.forecasting import _extra  # noqa: F401 - first: it names the library that is missing
from inmail_credits.forecasting.backtest import backtest
from inmail_credits.forecasting.backtest_result import Backtest
from inmail_credits.forecasting.comparison import Comparison, compare
from inmail_credits.forecasting.credit_value import CreditValue, credit_value
from inmail_credits.forecasting.fleet import forecast_fleet
from inmail_credits.forecasting.fleet_comparison import FleetComparison, compare_fleets
from inmail_credits.forecasting.fleet_result import FleetForecast
from inmail_credits.forecasting.known import known_by
from inmail_credits.forecasting.opening_ages import BalanceForecast, forecast_balance
from inmail_credits.forecasting.prospects import Prospects, ProspectSegment
from inmail_credits.forecasting.result import Forecast
from inmail_credits.forecasting.run import forecast
from inmail_credits.forecasting.sensitivity import Sensitivity, sensitivity
from inmail_credits.forecasting.small_multiples import plot_plans
from inmail_credits.forecasting.sustainable import (
    LotDeadline,
    Pace,
    SustainableRate,
    pace,
    sustainable_rate,
)
from inmail_credits.forecasting.sweep import Sweep, sweep
from inmail_credits.forecasting.targeting import Advice, Targeting, target

__all__ = [
    "Advice",
    "Backtest",
    "BalanceForecast",
    "Comparison",
    "CreditValue",
    "FleetComparison",
    "FleetForecast",
    "Forecast",
    "LotDeadline",
    "Pace",
    "ProspectSegment",
    "Prospects",
    "Sensitivity",
    "SustainableRate",
    "Sweep",
    "Targeting",
    "backtest",
    "compare",
    "compare_fleets",
    "credit_value",
    "forecast",
    "forecast_balance",
    "forecast_fleet",
    "known_by",
    "pace",
    "plot_plans",
    "sensitivity",
    "sustainable_rate",
    "sweep",
    "target",
]

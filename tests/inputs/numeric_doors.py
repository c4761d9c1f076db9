"""The same for behaviour, simulations, forecasts and decisions, but for what takes arrays from the engine."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Final

import pandas as pd

from inmail_credits import economies, forecasting, simulation
from inmail_credits.forecasting import (
    Backtest,
    BalanceForecast,
    Comparison,
    CreditValue,
    FleetComparison,
    FleetForecast,
    Forecast,
    LotDeadline,
    Pace,
    Prospects,
    ProspectSegment,
    Sensitivity,
    SustainableRate,
    Sweep,
    Targeting,
    compare,
    compare_fleets,
    credit_value,
    forecast,
    forecast_fleet,
    plot_plans,
    sweep,
)
from inmail_credits.forecasting.backtest import backtest
from inmail_credits.simulation import Outreach, Replies, Sends, Simulation, delays, fleet, simulate
from inmail_credits.simulation.fleet import Contract, Fleet, FleetSimulation, Member, Seat
from tests.inputs.doors import GOOD, LATER, START, TEAM, Door, Subjects, Tables, collected

CAREER: Final = economies.LINKEDIN_2019["career"]
ONE_A_DAY: Final = Outreach(sends=Sends.fixed(per_day=1))
PEOPLE: Final = Prospects(per_day=1, segments=[ProspectSegment(odds=0.3)])
FLEET: Final = Fleet([Member("ann", CAREER, ONE_A_DAY), Member("bob", CAREER, ONE_A_DAY)])
MORE: Final[tuple[Callable[..., object], ...]] = (
    delays.Exponential,
    delays.Lognormal,
    delays.Weibull,
    delays.Geometric,
    delays.Empirical,
    delays.Fixed,
    delays.Mixture,
    delays.Shifted,
    delays.with_reminder,
    delays.Weibull.through,
    delays.Lognormal.with_mean,
    delays.Empirical.of_days,
    Sends.poisson,
    Sends.fixed,
)
VALUES: Final = (
    Simulation,
    Forecast,
    Comparison,
    CreditValue,
    Backtest,
    BalanceForecast,
    FleetSimulation,
    fleet.Estimates,
    FleetForecast,
    FleetComparison,
    Sensitivity,
    Sweep,
    LotDeadline,
    Pace,
    SustainableRate,
    Targeting,
    plot_plans,  # takes forecasts and figures of matplotlib
    backtest,
)
"""What is handed out and never taken."""
OF_THE_ENGINE: Final = {
    "pmf_after",
    "chances",
    "chances_after",
    "below",
    "plot",
    "plot_losses",
    "plot_run_dry",
    "to_html",
}
"""Methods that take arrays from the engine, or axes and files from the caller."""

NUMERIC: Final[dict[str, object]] = {
    **GOOD,
    "after_days": 3,
    "alternatives": (Replies(rate=0.2), Replies(rate=0.4)),
    "at": LATER,
    "baseline": "career",
    "by_weekday": (1,) * 7,
    "day": date(2026, 5, 4),
    "days": 9,
    "delay": delays.Exponential(1.0),
    "figure": "sent",
    "fleet": FLEET,
    "fleets": {"a": FLEET, "b": FLEET.pooled(TEAM)},
    "frame": pd.DataFrame({"name": ["ann"], "plan": ["career"], "per_week": [3.0], "reply_rate": [0.2]}),
    "kind": "message",
    "label": "career",
    "law": "poisson",
    "mean_days": 2.0,
    "members": (Member("ann", CAREER, ONE_A_DAY),),
    "median_days": 2.0,
    "name": "sent",
    "odds": 0.3,
    "on": date(2026, 2, 4),
    "other": "business",
    "outreach": ONE_A_DAY,
    "outreaches": ONE_A_DAY,
    "parts": ((1, delays.Fixed(1)),),
    "per_day": 1,
    "probability": 0.5,
    "prospects": PEOPLE,
    "quantile": 0.5,
    "quantiles": (0.5,),
    "rate": 0.3,
    "rng": 7,
    "scale_days": 2.0,
    "segments": {"a": (1, Replies(rate=0.3))},
    "sends": ONE_A_DAY.sends,
    "share": 0.5,
    "subject": CAREER,
    "subjects": (CAREER, economies.LINKEDIN_2019["business"]),
    "value": "now",
    "weights": (1, 2),
    "within_a_day": 0.5,
    "within_a_week": 0.9,
    "start": START,
    "paths": 4,
    "renews_on": date(2026, 2, 28),
    "seats": 1,
}
OWN: Final[dict[str, dict[str, object]]] = {
    "simulate": {"paths": 4, "start": START, "days": 3},
    "forecast": {"paths": 4, "start": START, "days": 3},
    "compare": {"paths": 4, "start": START, "days": 3},
    "sustainable_rate": {"paths": 20, "start": START, "days": 3},
    "pace": {"paths": 20},
    "sweep": {"per_week": 3, "reply_rate": 0.2, "paths": 4, "start": START, "days": 3},
    "sensitivity": {"paths": 4, "start": START, "days": 3},
    "forecast_balance": {"paths": 4, "days": 3},
    "forecast_fleet": {"paths": 4, "start": START, "days": 3},
    "compare_fleets": {"paths": 4, "start": START, "days": 3},
    "simulate_fleet": {"paths": 4, "start": START, "days": 3},
    "Contract": {"seats": (Seat("ann", ONE_A_DAY),)},
    "Fleet.pooled": {"subject": TEAM},
    "Fleet.__getitem__": {"name": "ann"},
    "Fleet.begins_at": {"start": START},
    "FleetSimulation.total_ratio_and_error": {"name": "share_sent"},
    "credit_value": {"days": 9, "start": START},
    "Sends.poisson": {"per_day": 1},
    "Sends.fixed": {"per_day": 1},
    "Prospects": {"segments": PEOPLE.segments},
    "target": {"prospects": pd.DataFrame({"odds": [0.1, 0.5]}), "start": START},
    "Empirical.of_days": {"days": (0, 1)},
}


@cache
def _simulation() -> Simulation:
    return simulate(CAREER, ONE_A_DAY, start=START, days=9, paths=4, rng=7)


@cache
def _forecast() -> Forecast:
    return forecast(CAREER, ONE_A_DAY, start=START, days=9, paths=4, rng=7)


@cache
def _comparison() -> Comparison:
    plans = (CAREER, economies.LINKEDIN_2019["business"])
    return compare(plans, ONE_A_DAY, start=START, days=9, paths=4, rng=7, prices={"career": 30})


@cache
def _credit_value() -> CreditValue:
    return credit_value(CAREER, PEOPLE, start=START, days=9)


@cache
def _sweep() -> Sweep:
    return sweep(CAREER, per_week=(2, 3), reply_rate=(0.1, 0.2), start=START, days=9, paths=4, rng=7)


@cache
def _fleet_forecast() -> FleetForecast:
    return forecast_fleet(FLEET, start=START, days=9, paths=4, rng=7)


@cache
def _fleet_comparison() -> FleetComparison:
    fleets = {"career": FLEET, "business": FLEET.pooled(TEAM)}
    return compare_fleets(fleets, start=START, days=9, paths=4, rng=7, prices={"career": 30, "team": 50})


SUBJECTS: Final[Subjects] = {
    Contract: lambda: Contract("acme", TEAM, [Seat("ann", ONE_A_DAY)]),
    Fleet: lambda: FLEET,
    FleetForecast: _fleet_forecast,
    FleetComparison: _fleet_comparison,
    FleetSimulation: lambda: _fleet_forecast().simulation,
    Sweep: _sweep,
    Simulation: _simulation,
    Forecast: _forecast,
    Comparison: _comparison,
    CreditValue: _credit_value,
    Replies: lambda: Replies(rate=0.3),
    Sends: lambda: ONE_A_DAY.sends,
}


def numeric_doors() -> list[Door]:
    """All of them, once each."""
    tables = Tables(NUMERIC, OWN, SUBJECTS)
    found = collected((simulation, fleet, forecasting), MORE, VALUES, tables)
    return [door for door in found if door.name.rpartition(".")[2] not in OF_THE_ENGINE]

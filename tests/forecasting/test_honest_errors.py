"""The stated Monte-Carlo errors, against what figures really do from seed to seed."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from inmail_credits import Plan
from inmail_credits.forecasting import Forecast, compare, forecast
from inmail_credits.simulation import Outreach, Replies, Sends

SEEDS = 120
PATHS = 400
PLAN = Plan(name="small", grant_credits=16, lifetime_days=25)
OUTREACH = Outreach(sends=Sends.poisson(per_week=3.5), replies=Replies(rate=0.3))
START = date(2026, 1, 1)
SPREAD = (0.74, 1.26)
"""Four standard errors around 1, for the standard deviation of 120 z values."""


@pytest.fixture(scope="module")
def repeats() -> list[Forecast]:
    """The same small forecast from 120 seeds."""
    return [forecast(PLAN, OUTREACH, start=START, months=2, rng=seed, paths=PATHS) for seed in range(SEEDS)]


def spread_of_z(values: Sequence[float], errors: Sequence[float]) -> float:
    """How far values lie from their common mean, in their own stated errors: 1 if those are honest."""
    z = (np.array(values) - np.mean(values)) / np.array(errors)
    return float(np.std(z, ddof=1))


@pytest.mark.parametrize(
    "name",
    [
        "wanted",
        "sent",
        "refused",
        "refunded",
        "expired",
        "balance",
        "share_sent",
        "share_wasted",
        "run_dry",
        "run_dry_by_2026-02-01",
    ],
)
def test_figures_scatter_as_their_errors_say(repeats: list[Forecast], name: str) -> None:
    """Over 120 seeds, the distance from the mean in stated errors has standard deviation 1."""
    rows = [next(row for row in f.figures() if row.name == name) for f in repeats]
    spread = spread_of_z([row.mean for row in rows], [row.error for row in rows])
    assert SPREAD[0] < spread < SPREAD[1]


@pytest.mark.parametrize("flow", ["refused", "expired"])
def test_periods_scatter_as_their_errors_say(repeats: list[Forecast], flow: str) -> None:
    """The errors of a whole month are not made of its days', and hold all the same."""
    rows = [f.flow(flow, "month").iloc[1] for f in repeats]
    spread = spread_of_z([row[flow] for row in rows], [row["error"] for row in rows])
    assert SPREAD[0] < spread < SPREAD[1]


def test_the_bounds_of_the_odds_hold_the_truth_nearly_always(repeats: list[Forecast]) -> None:
    """Exact 95 % bounds cover at least 95 %, give or take three standard errors of 120 tries."""
    truth = forecast(PLAN, OUTREACH, start=START, months=2, rng=999, paths=100_000).run_dry()["by_then"]
    for day in (20, 30, 58):
        held = [
            row["low"] <= truth.iloc[day] <= row["high"] for row in (f.run_dry().iloc[day] for f in repeats)
        ]
        assert np.mean(held) > 0.95 - 3 * (0.95 * 0.05 / SEEDS) ** 0.5


@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.95])
def test_the_bounds_of_quantiles_hold_the_truth_nearly_always(
    repeats: list[Forecast], quantile: float
) -> None:
    """So do the bounds of a quantile, by order statistics."""
    truth = forecast(PLAN, OUTREACH, start=START, months=2, rng=999, paths=100_000).quantiles([quantile])
    for day in (5, 20, 45):
        exact = truth["balance"].iloc[day]
        rows = [f.quantiles([quantile]).iloc[day] for f in repeats]
        held = [row["low"] <= exact <= row["high"] for row in rows]
        assert np.mean(held) > 0.95 - 3 * (0.95 * 0.05 / SEEDS) ** 0.5


def test_paired_differences_scatter_as_their_errors_say() -> None:
    """Common random numbers: the paired error is honest, and well below the unpaired one."""
    plans = [Plan(name="less", grant_credits=6), Plan(name="more", grant_credits=9)]
    rows = [
        compare(plans, OUTREACH, start=START, months=1, rng=seed, paths=PATHS)
        .differences("less")
        .to_dict("index")[("more", "sent")]
        for seed in range(SEEDS)
    ]
    spread = spread_of_z([row["difference"] for row in rows], [row["error"] for row in rows])
    assert SPREAD[0] < spread < SPREAD[1]
    assert np.mean([row["error"] / row["unpaired_error"] for row in rows]) < 0.8


def test_the_spread_of_the_first_paths_stands_for_all() -> None:
    """A large forecast measures the spread on 2,000 of its paths: the error differs by a few per cent."""
    f = forecast(PLAN, OUTREACH, start=START, months=1, rng=7, paths=20_000)
    refused = f.flow("refused")
    exact = f.simulation.mean_and_error("refused")
    assert refused["refused"].to_list() == pytest.approx([exact[0]])
    assert refused["error"].to_list() == pytest.approx([exact[1]], rel=0.08)

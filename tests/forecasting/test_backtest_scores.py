"""What a backtest reports, against the same worked out from its rows."""

import numpy as np
import pandas as pd
import pytest

from inmail_credits.forecasting import Backtest
from inmail_credits.forecasting.backtest_result import FIGURES


def of_rows(**columns: list[float]) -> Backtest:
    """A backtest of made-up rows of one figure."""
    count = len(next(iter(columns.values())))
    base = {
        "origin": pd.date_range("2026-01-01", periods=count, freq="MS", tz="UTC"),
        "figure": ["balance"] * count,
        "actual": [1.0] * count,
        "mean": [1.0] * count,
        **{f"p{level}": [2.0] * count for level in (5, 25, 50, 75, 95)},
        "crps": [1.0] * count,
        "pinball": [0.5] * count,
        "pit": [0.5] * count,
        "naive": [1.0] * count,
        "naive_crps": [2.0] * count,
    }
    return Backtest(frame=pd.DataFrame(base | columns), horizon="1M", paths=100)


def test_each_band_counts_what_lies_in_it() -> None:
    """The transform lies in the middle half, the middle eight and nine tenths."""
    pits = [0.5, 0.26, 0.74, 0.24, 0.76, 0.11, 0.89, 0.09, 0.94, 0.96]
    coverage = of_rows(pit=pits).coverage().loc["balance"]
    assert [coverage[band] for band in ("50%", "80%", "90%")] == [0.3, 0.7, 0.9]
    assert coverage["forecasts"] == len(pits)


def test_skill_is_what_the_forecast_saves() -> None:
    """A quarter of the naive distance left: three quarters saved; twice as far: -1."""
    assert of_rows(crps=[0.5, 0.5], naive_crps=[2.0, 2.0]).summary()["skill"]["balance"] == 0.75
    assert of_rows(crps=[4.0, 4.0], naive_crps=[2.0, 2.0]).summary()["skill"]["balance"] == -1.0


def test_skill_compares_only_where_there_is_a_naive_forecast() -> None:
    """The second origin has none: its own distance does not count either."""
    found = of_rows(crps=[0.5, 9.0], naive_crps=[2.0, float("nan")]).summary()
    assert found["skill"]["balance"] == 0.75
    assert found["crps"]["balance"] == pytest.approx(4.75)


def test_figures_that_never_moved_are_left_out() -> None:
    """Nothing expired, and the forecast said so: no merit in that."""
    still = of_rows(actual=[0.0, 1.0], mean=[0.0, 1.0], p95=[0.0, 2.0])
    assert still.coverage()["forecasts"]["balance"] == 1
    assert set(FIGURES) >= {"spent", "balance"}
    assert np.isnan(of_rows(naive_crps=[0.0]).summary()["skill"]["balance"])

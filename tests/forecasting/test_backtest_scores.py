"""What a backtest reports, against the same worked out from its rows."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from inmail_credits import Account, economies
from inmail_credits.calibration.scores import crps_ensemble
from inmail_credits.forecasting import Backtest, backtest, known_by
from inmail_credits.forecasting.backtest_result import BACKTESTED
from inmail_credits.forecasting.backtest_scores import scored
from inmail_credits.simulation import Outreach, Replies, Sends, simulate


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
    assert set(BACKTESTED) >= {"spent", "balance"}
    assert np.isnan(of_rows(naive_crps=[0.0]).summary()["skill"]["balance"])


OUTREACH = Outreach(sends=Sends.poisson(per_week=4), replies=Replies(rate=0.3))
SEED = np.random.SeedSequence(5)


def an_account() -> Account:
    """A message every other day, a third of them answered."""
    account = Account.open(economies.LINKEDIN_2019["business"], at=datetime(2026, 1, 1, tzinfo=UTC))
    for number in range(60):
        at = datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(days=2 * number)
        if account.balance(at=at):
            account.send(f"m-{number}", at=at)
            if number % 3 == 0:
                account.reply(f"m-{number}", at=at + timedelta(hours=5))
    return account


def test_the_scores_of_a_row_are_those_of_its_ensemble() -> None:
    """The fair CRPS, the quantiles that are counts, and a transform drawn from the seed of the origin."""
    account, start = an_account(), datetime(2026, 3, 1, tzinfo=UTC)
    rows = {
        row["figure"]: row
        for row in scored(account, known_by(account, start), start, 14, (OUTREACH,), 100, SEED)
    }
    again = np.random.SeedSequence(5)
    (own,) = again.spawn(1)
    found = simulate(known_by(account, start), OUTREACH, start=start, days=14, paths=100, rng=own)
    uniform = np.random.default_rng(again.spawn(1)[0]).random(len(BACKTESTED))
    for name, drawn in zip(BACKTESTED, uniform.tolist(), strict=True):
        row, ensemble = rows[name], found.total(name)
        actual = float(getattr(account.statement(start, start + timedelta(days=14)), name))
        assert row["actual"] == actual
        assert row["crps"] == pytest.approx(crps_ensemble(ensemble, actual, estimator="fair"))
        assert row["pit"] == pytest.approx(np.mean(ensemble < actual) + drawn * np.mean(ensemble == actual))
        assert row["p25"] == np.sort(ensemble)[24]
        assert row["p95"] == np.sort(ensemble)[94]


def test_origins_with_the_same_past_draw_anew() -> None:
    """Two origins an hour apart, no fact between: the same behaviour, other paths."""
    account = an_account()
    found = backtest(
        account,
        origins=[datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (0, 1)],
        horizon="14D",
        refit=False,
        outreach=OUTREACH,
        paths=400,
        rng=7,
    )
    means = found.frame[found.frame["figure"] == "spent"]["mean"].tolist()
    assert means[0] != means[1]
    assert means[0] == pytest.approx(means[1], abs=1)

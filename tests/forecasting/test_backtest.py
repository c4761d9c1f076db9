"""Backtests: nothing is known before it was recorded, and a forecast is scored against what happened."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from matplotlib.figure import Figure

from inmail_credits import Account
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.forecasting import Backtest, backtest, known_by
from inmail_credits.simulation import Outreach, Replies, Sends, delays
from tests.calibration.accounts import made_account

ORIGINS = (date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1))


@pytest.fixture(scope="module")
def account() -> Account:
    """Seven months on Recruiter Lite, with credits to spare."""
    return made_account(seed=3, plan="recruiter-lite", per_week=5.0, days=220)


@pytest.fixture(scope="module")
def tested(account: Account) -> Backtest:
    """Three origins, refitted."""
    return backtest(account, origins=ORIGINS, horizon="1M", paths=200, rng=7)


def test_a_fact_that_came_late_is_unknown_until_then(account: Account) -> None:
    """It counts as recorded with the facts around it, not at the instant it is about."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    before = known_by(account, at)
    assert before.latest_at <= at
    assert len(before) == sum(fact.at <= at for fact in account.facts)
    late = Account.replay(account.facts)
    late.send("late", at=datetime(2026, 2, 1, 12, tzinfo=UTC))
    assert len(known_by(late, at)) == len(before)
    assert len(known_by(late, late.latest_at)) == len(account) + 1


def test_what_happens_after_the_origin_changes_no_forecast(account: Account, tested: Backtest) -> None:
    """Without the facts of later months, the forecast of each origin is the same."""
    cut = datetime(2026, 6, 1, tzinfo=UTC)
    short = Account.replay(fact for fact in account.facts if fact.at < cut)
    again = backtest(short, origins=ORIGINS, horizon="1M", paths=200, rng=7, until=cut)
    forecasts = ["origin", "figure", "mean", "p5", "p50", "p95"]
    assert again.frame[forecasts].equals(tested.frame[forecasts])


def test_the_figures_that_happened_are_those_of_the_statement(account: Account, tested: Backtest) -> None:
    """Month by month."""
    for origin, end in zip(ORIGINS, (*ORIGINS[1:], date(2026, 6, 1)), strict=True):
        rows = tested.frame[tested.frame["origin"].dt.date == origin].set_index("figure")
        statement = account.statement(origin, end)
        for name in ("spent", "refunded", "expired", "balance"):
            assert rows.loc[name, "actual"] == getattr(statement, name)


def test_the_forecast_of_right_behaviour_beats_the_month_before() -> None:
    """On accounts of known behaviour, the CRPS is below the naive one and coverage is as stated."""
    outreach = Outreach(
        sends=Sends.poisson(per_week=5.0), replies=Replies(rate=0.3, delay=delays.Exponential(mean_days=3.0))
    )
    pits, crps, naive = [], 0.0, 0.0
    for seed in range(8):
        account = made_account(seed=seed, plan="recruiter-lite", per_week=5.0, days=220)
        found = backtest(
            account, origins=(*ORIGINS, date(2026, 6, 1)), refit=False, outreach=outreach, paths=200, rng=seed
        )
        rows = found.frame[found.frame["figure"] == "spent"]
        pits += rows["pit"].tolist()
        crps, naive = crps + rows["crps"].mean(), naive + rows["naive_crps"].mean()
    assert crps < 0.85 * naive
    inside = np.mean(np.abs(np.array(pits) - 0.5) <= 0.4)
    assert abs(inside - 0.8) < 4 * (0.8 * 0.2 / len(pits)) ** 0.5


def test_uncertainty_widens_the_bands(account: Account) -> None:
    """Two months of data leave rate and volume open; without that the bands are too narrow."""
    wide = backtest(account, origins=ORIGINS[:1], horizon="3M", paths=600, rng=7)
    narrow = backtest(account, origins=ORIGINS[:1], horizon="3M", paths=600, rng=7, uncertainty=False)
    spread = [(one.frame["p95"] - one.frame["p5"]).tolist()[0] for one in (wide, narrow)]
    assert spread[0] > 1.2 * spread[1]


def test_summary_coverage_and_chart_read_alike(tested: Backtest) -> None:
    """By figure; what never moved is left out; the chart has what happened on it."""
    table = tested.summary()
    assert {"spent", "refunded", "balance", "run_dry"} <= set(table.index)
    assert table["forecasts"].to_dict()["spent"] == 3
    assert table["crps"].to_dict()["spent"] > 0
    assert tested.coverage()[["50%", "80%", "90%"]].to_numpy().max() <= 1
    axes = tested.plot(ax=Figure().subplots())
    assert len(axes.get_xticklabels()) == 3
    with pytest.raises(UnknownNameError, match="figure of a backtest 'wanted'"):
        tested.plot("wanted")


def test_an_origin_without_data_is_left_out_with_the_reason(account: Account) -> None:
    """A week after the start there is nothing to fit."""
    found = backtest(account, origins=(date(2026, 1, 5), ORIGINS[0]), paths=100, rng=1)
    (reason,) = found.skipped.values()
    assert "at least" in reason
    assert found.frame["origin"].nunique() == 1
    none = backtest(account, origins=(date(2026, 1, 5),), paths=100, rng=1)
    assert len(none.summary()) == 0


def test_bad_requests_are_refused(account: Account) -> None:
    """A horizon beyond what is known, no origin, no behaviour, too few paths."""
    with pytest.raises(InvalidValueError, match="as far as the account is known"):
        backtest(account, origins=(account.latest_at - timedelta(days=3),), rng=1)
    with pytest.raises(InvalidValueError, match="origins"):
        backtest(account, origins=(), rng=1)
    with pytest.raises(InvalidValueError, match="outreach is None"):
        backtest(account, origins=ORIGINS, refit=False, rng=1)
    with pytest.raises(InvalidValueError, match="paths is 5"):
        backtest(account, origins=ORIGINS, paths=5, rng=1)

"""Flows by period: their errors are kept by the one simulation of the forecast, on every path."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from inmail_credits import Plan, economies
from inmail_credits.forecasting import forecast
from inmail_credits.simulation import Outreach, Pacing, Purchases, Replies, Sends, Withdrawals, simulate
from inmail_credits.simulation._engine import job as job_module
from inmail_credits.simulation._engine.job import Job
from inmail_credits.simulation.result import FLOWS
from inmail_credits.simulation.run import make_job, run_job
from inmail_credits.statements.statement import Grain

START = datetime(2026, 1, 10, 9, tzinfo=UTC)
REPLIES = Replies(rate=0.3)
CASES = {
    "queue": (
        economies.LINKEDIN_2019["business"],
        Outreach(sends=Sends.poisson(per_week=6), replies=REPLIES),
    ),
    "lots": (
        Plan(name="own", grant_credits=16, lifetime_days=25, refund_to="original", cap_credits=24),
        Outreach(
            sends=Sends.poisson(per_week=4, on="weekdays"),
            replies=REPLIES,
            withdrawals=Withdrawals(rate=0.5, after_days=5),
            zone="Europe/Berlin",
        ),
    ),
    "bought and held back": (
        Plan(name="selling", grant_credits=9, lifetime_days=60, purchase_credits_max=6, cap_credits=20),
        Outreach(
            sends=Sends.poisson(per_week=14, pacing=Pacing(reserve_credits=2)),
            replies=REPLIES,
            purchases=Purchases(per_day=0.3),
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("grain", list(Grain))
def test_spreads_are_those_of_every_path_day_by_day(case: str, grain: Grain) -> None:
    """The errors of each period are the standard deviation of what its days add up to on each path."""
    plan, outreach = CASES[case]
    f = forecast(plan, outreach, start=START, days=100, rng=7, paths=300)
    whole = simulate(plan, outreach, start=START, days=100, rng=7, paths=300, daily_paths=True)
    first_days = f.periods[grain].cuts[:, 0]
    for flow in FLOWS:
        by_period = np.add.reduceat(getattr(whole.daily, flow), first_days, axis=0, dtype=np.int64)
        expected = by_period.std(axis=1, ddof=1) / np.sqrt(300)
        assert np.allclose(f.flow(flow, grain)["error"], expected, rtol=1e-12, atol=1e-12), flow


def test_squares_fit_their_words_or_the_parts_are_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the squares of a part might pass 64 bits, it has fewer paths; the figures stay the same."""
    plan, outreach = CASES["queue"]
    cuts = np.array([[0, 20], [20, 40]])
    job = make_job(plan, outreach, start=START, days=40, paths=50, rng=7).with_periods(cuts)
    expected = run_job(job).spreads
    sizes = []
    run_part = job_module.run_part

    def watched(job: Job, first: int, paths: int) -> job_module.Part:
        sizes.append(paths)
        return run_part(job, first, paths)

    monkeypatch.setattr("inmail_credits.simulation.run.run_part", watched)
    monkeypatch.setattr("inmail_credits.simulation.run.SQUARES_MAX", 8 * job.most**2)
    small = run_job(job).spreads
    assert max(sizes) == 8
    assert {name: row.tolist() for name, row in small.items()} == {
        name: row.tolist() for name, row in expected.items()
    }


def test_nothing_is_simulated_behind_the_readers_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables, charts, plain data and sentences of a forecast run no simulation."""
    plan, outreach = CASES["queue"]
    f = forecast(plan, outreach, start=date(2026, 1, 1), months=3, rng=7, paths=100)

    def refuse(*_: object) -> None:
        raise AssertionError("a simulation was run")

    monkeypatch.setattr(job_module, "run_columns", refuse)
    with pytest.raises(AssertionError, match="was run"):
        forecast(plan, outreach, start=date(2026, 1, 1), months=3, rng=7, paths=100)
    for grain in Grain:
        f.flow("expired", grain)
    f.plot()
    f.to_dict()
    f.summary()
    f.answer()


def test_the_error_of_a_single_path_is_unknown() -> None:
    """One path has no spread."""
    plan, outreach = CASES["queue"]
    f = forecast(plan, outreach, start=date(2026, 1, 1), months=2, rng=7, paths=1)
    assert f.flow("sent", "month")["error"].isna().all()

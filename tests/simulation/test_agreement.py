"""The engine and the ledger, on the same draws: every figure of every path and day is equal."""

import runpy
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from inmail_credits import economies
from inmail_credits.plans import Plan
from inmail_credits.simulation import (
    FollowUp,
    Outreach,
    Pacing,
    Purchases,
    Replies,
    SegmentedReplies,
    Sends,
    Withdrawals,
    delays,
)
from inmail_credits.simulation.run import make_job, run_job
from inmail_credits.testing.engine_reference import difference
from inmail_credits.testing.strategies import plans

CAMPAIGN = runpy.run_path(str(Path(__file__).with_name("campaign.py")))
START = datetime(2026, 1, 31, 9, 17, tzinfo=UTC)
EVERY_PLAN = [plan for economy in economies.ALL for plan in economy]
RECRUITER = Outreach(
    sends=Sends.poisson(per_week=5),
    replies=Replies(rate=0.27, kinds={"accepted": 22, "declined": 5}),
    withdrawals=Withdrawals(rate=0.2, after_days=10),
)


@pytest.mark.parametrize("plan", EVERY_PLAN, ids=lambda plan: plan.name)
def test_agrees_with_the_ledger_on_every_plan_that_ships(plan: Plan) -> None:
    """130 days of 3 paths: grants, sends, refusals, refunds, expiries, forfeits and balance, day by day."""
    job = make_job(plan, RECRUITER, start=START, days=130, paths=3, rng=1, daily_paths=True)
    assert difference(job) is None


@given(seed=st.integers(0, 2**32))
@example(seed=1_003_141)  # a cancelled account, and an answer on its way to a lot when it ended
@example(seed=19)  # an account whose message was paid from a lot long dead
def test_agrees_with_the_ledger_on_random_cases(seed: int, cases: Counter[str]) -> None:
    """Any plan, behaviour, opening and grid of the campaign."""
    cases["engine against ledger, campaign's cases"] += 1
    assert CAMPAIGN["difference"](CAMPAIGN["case"](seed)) is None


@given(plan=plans(seats=True, shares=True), rate=st.sampled_from((0.0, 0.3, 1.0)), seed=st.integers(0, 99))
def test_agrees_with_the_ledger_on_own_plans_over_every_term(
    plan: Plan, rate: float, seed: int, cases: Counter[str]
) -> None:
    """The strategies' plans, whose terms stand about 90 days."""
    cases["engine against ledger, own plans"] += 1
    outreach = Outreach(
        sends=Sends.poisson(per_day=0.4),
        replies=Replies(rate=rate, delay=delays.Lognormal(5.0, 1.5), kinds={"accepted": 1, "declined": 1}),
        withdrawals=Withdrawals(rate=0.1, after_days=3),
    )
    job = make_job(
        plan,
        outreach,
        start=START,
        days=100,
        paths=2,
        rng=seed,
        daily_paths=True,
        seats=plan.seats_max,
    )
    assert difference(job) is None


@pytest.mark.parametrize(
    "terms",
    [
        {"pacing": Pacing(reserve_credits=1)},
        {"pacing": Pacing(spread=False, reserve_credits=2)},
        {"prospects": 5},
        {"daily_max": 1},
        {"follow_up": FollowUp(after_days=2)},
    ],
    ids=str,
)
def test_agrees_with_the_ledger_on_each_habit(terms: dict[str, object]) -> None:
    """Pacing, a finite list, a daily limit and follow-ups, one at a time."""
    outreach = Outreach(
        sends=Sends.poisson(per_day=2, **terms),  # type: ignore[arg-type]
        replies=Replies(rate=0.5, delay=delays.Exponential(2)),
    )
    for plan in (
        EVERY_PLAN[1],
        EVERY_PLAN[1].__class__(name="o", grant_credits=9, lifetime_days=20, refund_to="original"),
    ):
        job = make_job(plan, outreach, start=START, days=60, paths=4, rng=2, daily_paths=True)
        assert difference(job) is None


@pytest.mark.parametrize("refund_to", ["fresh", "original"])
def test_agrees_with_the_ledger_on_purchases_and_segments(refund_to: str) -> None:
    """Credits bought up to the limit of a billing period, for recipients who are not alike."""
    plan = Plan(
        name="shop",
        grant_credits=2,
        lifetime_days=12,
        refund_to=refund_to,
        purchase_credits_max=4,
        cap_credits=5,
    )
    outreach = Outreach(
        sends=Sends.poisson(per_day=1),
        replies=SegmentedReplies(
            segments={"quick": (2, Replies(rate=0.3)), "slow": (1, Replies(rate=0.6, delay=delays.Fixed(9)))}
        ),
        purchases=Purchases(per_day=0.4),
    )
    job = make_job(plan, outreach, start=START, days=70, paths=4, rng=2, daily_paths=True)
    assert difference(job) is None
    assert run_job(job).total("bought").max() > 4


def test_a_planted_fault_is_told_by_figure_day_and_path() -> None:
    """An engine that forgets to expire is caught."""
    quiet = Outreach(sends=Sends.fixed(per_week=1), replies=Replies(rate=0.0))
    plan = economies.LINKEDIN_2019["business"]
    job = make_job(plan, quiet, start=START, days=100, paths=1, rng=1, daily_paths=True)
    immortal = job.tables._replace(gone=np.zeros_like(job.tables.gone))
    assert difference(job) is None
    assert str(difference(evolve(job, tables=immortal))).startswith("expired on day 90, path 0")

"""Messages that never arrive (D11), and credits bought where they run short."""

from datetime import date

import numpy as np
import pytest
from attrs import evolve

from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import Plan
from inmail_credits.simulation import (
    Failures,
    FollowUp,
    Outreach,
    Purchases,
    Replies,
    Sends,
    Withdrawals,
    delays,
    simulate,
)
from inmail_credits.simulation.run import make_job
from inmail_credits.testing.engine_reference import difference

START = date(2026, 1, 31)
PLAN = Plan(name="p", grant_credits=10, lifetime_days=90)
SHOP = evolve(PLAN, grant_credits=3, purchase_credits_max=8)
SILENCE = Plan(
    name="s",
    grant_credits=9,
    refund_on="silence",
    reply_window_days=3,
    lifetime_days=20,
    refund_to="original",
)
ONE_A_DAY = Outreach(sends=Sends.fixed(per_day=1))
BUSY = Outreach(
    sends=Sends.poisson(per_day=2, follow_up=FollowUp(share=0.6, after_days=2)),
    replies=Replies(rate=0.4, delay=delays.Exponential(2.0), kinds={"accepted": 1, "declined": 1}),
    withdrawals=Withdrawals(rate=0.3, after_days=4),
)


@pytest.mark.proves("D11")
@pytest.mark.parametrize("after_days", [0, 2])
def test_the_credit_of_a_message_that_never_arrives_comes_back(after_days: int) -> None:
    """Every message fails: each credit is back so many days later, and none is answered."""
    failing = evolve(ONE_A_DAY, failures=Failures(rate=1.0, after_days=after_days), replies=Replies(rate=1.0))
    run = simulate(PLAN, failing, start=START, days=20, paths=1, rng=1)
    assert run.day_sums["refunded"].tolist() == [0] * after_days + [1] * (20 - after_days)
    assert run.day_sums["replied"].sum() == 0
    assert run.day_sums["refused"].sum() == 0


@pytest.mark.proves("D11")
def test_the_share_of_failures_is_the_rate() -> None:
    """To within four standard errors; the rest is answered at the reply rate."""
    often = Outreach(sends=Sends.fixed(per_day=5), replies=Replies(rate=0.5, delay=delays.Fixed(0)))
    plan = evolve(PLAN, grant_credits=200)
    run = simulate(plan, evolve(often, failures=Failures(rate=0.1)), start=START, days=20, paths=2_000, rng=5)
    for name, expected in (("refunded", 100 * (0.1 + 0.9 * 0.5)), ("replied", 100 * 0.9 * 0.5)):
        mean, error = run.mean_and_error(name)
        assert abs(mean - expected) < 4 * error, name


@pytest.mark.proves("D11")
@pytest.mark.parametrize("plan", [PLAN, SILENCE, evolve(SILENCE, refund_to="fresh")], ids=["reply", "o", "f"])
@pytest.mark.parametrize("after_days", [0, 1, 3, 5])
def test_agrees_with_the_ledger_on_failures(plan: Plan, after_days: int) -> None:
    """Silence that comes first, or at the same instant, settles the message (D6)."""
    failing = evolve(BUSY, failures=Failures(rate=0.5, after_days=after_days))
    job = make_job(plan, failing, start=START, days=40, paths=3, rng=2, daily_paths=True)
    assert difference(job) is None


def test_credits_are_bought_where_a_message_would_be_refused() -> None:
    """Three are granted; on day 3 five are bought, on day 8 the three that are left to sell; then none."""
    topping_up = evolve(ONE_A_DAY, purchases=Purchases(top_up_credits=5))
    run = simulate(SHOP, topping_up, start=START, days=20, paths=1, rng=1)
    assert {int(k): int(run.day_sums["bought"][k]) for k in np.flatnonzero(run.day_sums["bought"])} == {
        3: 5,
        8: 3,
    }
    assert np.flatnonzero(run.day_sums["refused"])[0] == 11
    early = evolve(ONE_A_DAY, purchases=Purchases(top_up_credits=5, below_credits=3))
    run = simulate(SHOP, early, start=START, days=20, paths=1, rng=1)
    assert np.flatnonzero(run.day_sums["bought"])[0] == 1


@pytest.mark.parametrize("below", [1, 4])
def test_agrees_with_the_ledger_on_top_ups(below: int) -> None:
    """Beside purchases at random, under caps and short lives."""
    shopping = evolve(BUSY, purchases=Purchases(per_day=0.1, top_up_credits=3, below_credits=below))
    for plan in (SHOP, evolve(SHOP, cap_credits=4, lifetime_days=9, refund_to="original")):
        job = make_job(plan, shopping, start=START, days=70, paths=3, rng=2, daily_paths=True)
        assert difference(job) is None


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Failures(rate=1.1), "failure rate is 1.1"),
        (lambda: Failures(rate=0.1, after_days=-1), "after_days is -1"),
        (lambda: Purchases(top_up_credits=-1), "top_up_credits is -1"),
        (lambda: Purchases(top_up_credits=1, below_credits=0), "below_credits is 0"),
        (lambda: Outreach(sends=Sends.fixed(per_day=1), failures=0.1), "failures is 0.1"),  # type: ignore[arg-type]
    ],
)
def test_impossible_values_are_refused(make: object, told: str) -> None:
    """With the field, the value and the limit."""
    with pytest.raises(InvalidValueError, match=told):
        make()  # type: ignore[operator]

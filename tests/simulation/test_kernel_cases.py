"""The kernel on many small cases, each a test of its own: what a fault planted in it must meet (mutants.md).

The cases are those of the campaign: a few paths of a few days, over every term, behaviour and opening. They
are quick uncompiled, which is how faults are planted.
"""

from datetime import UTC, datetime, timedelta

import campaign
import fleet_cases
import numpy as np
import pytest
from attrs import evolve

from inmail_credits.account import Account
from inmail_credits.facts import Purchased, TermsChanged
from inmail_credits.plans import Plan
from inmail_credits.simulation import (
    Failures,
    FollowUp,
    Outreach,
    Pacing,
    Purchases,
    Replies,
    Sends,
    Withdrawals,
    delays,
)
from inmail_credits.simulation._engine import lots as lots_module
from inmail_credits.simulation._engine.compiled import plain
from inmail_credits.simulation._engine.job import Job
from inmail_credits.simulation._engine.tables import COUNT, EXPIRES_AT, HELD, LEFT_IN, LOT_ROWS, ORDER, STATE
from inmail_credits.simulation.fleet import Contract, Fleet, Member, Seat
from inmail_credits.simulation.result import FLOWS
from inmail_credits.simulation.run import make_job, run_job
from inmail_credits.testing.engine_reference import difference
from inmail_credits.timeline import Interval

SEEDS = range(1, 161)
FLEETS = range(1, 41)
KEPT = range(1, 161, 4)
TEAMS = range(1, 13)
REFUNDS = range(8)
BOUGHT = range(4)
START = datetime(2026, 1, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_small_case_agrees_with_the_ledger(seed: int) -> None:
    """Path by path and day by day, and in its totals."""
    assert difference(campaign.case(seed)) is None


@pytest.mark.parametrize("seed", FLEETS)
def test_a_small_fleet_agrees_with_the_ledger(seed: int) -> None:
    """Members, contracts and their seats: sums, squares, products and balances."""
    assert fleet_cases.fleet_case(seed).difference() is None


def team_in_the_middle(seed: int) -> fleet_cases.FleetCase:
    """A contract that goes on: open messages, limits half used, other terms twice, a seat that leaves."""
    day = timedelta(days=1)
    plan = Plan(
        name="team",
        grant_credits=8,
        lifetime_days=(9, 20)[seed % 2],
        refund_to=("original", "fresh")[seed % 3 == 0],
        purchase_credits_max=6,
        seats_max=5,
        reply_window_days=6,
    )
    account = Account.open(plan, at=START, seats=3)
    for number in range(6):
        account.send(f"open-{number}", at=START + number * day / 2, seat=f"seat {number % 3}")
    for number, most in enumerate((2, 3, 9)):
        account.limit_seat(f"seat {number}", credits_max=most, at=START + 3 * day)
    people = [
        Outreach(
            sends=Sends.poisson(
                per_day=(1.5, 0.8, 2.0)[number],
                follow_up=FollowUp(share=0.8, after_days=2),
                prospects=(None, None, 7)[number],
                pacing=(None, Pacing(reserve_credits=1, spread=seed % 2 == 0), None)[number],
            ),
            replies=Replies(
                rate=0.6, delay=delays.Exponential(2.0 + number), kinds={"accepted": 2, "declined": 1}
            ),
            withdrawals=Withdrawals(rate=0.3, after_days=1 + number),
            failures=Failures(rate=(0.0, 0.2, 0.0)[number], after_days=1),
            purchases=Purchases(top_up_credits=2 * (seed % 2), below_credits=1),
        )
        for number in range(3)
    ]
    seats = [
        Seat(f"seat {number}", people[number], leaves=START + 6 * day if number == 2 else None)
        for number in range(3)
    ]
    terms = [
        TermsChanged(
            plan=evolve(plan, lifetime_days=4, refund_kinds={"accepted"}), at=START + 5 * day, id="a"
        ),
        TermsChanged(plan=evolve(plan, refund_to="fresh", grant_credits=5), at=START + 7 * day, id="b"),
    ]
    team = Contract("team", account, seats, start=START + 3 * day, planned=terms)
    alone = Member("alone", plan, people[seed % 3], start=START)
    return fleet_cases.FleetCase(Fleet([alone, team, evolve(alone, name="last")]), 14, 2, seed, 1 + seed % 2)


@pytest.mark.parametrize("seed", TEAMS)
def test_a_team_that_goes_on_agrees_with_the_ledger(seed: int) -> None:
    """Rows of the tables that begin elsewhere than at 0, and several of each."""
    assert team_in_the_middle(seed).difference() is None


@pytest.mark.parametrize("seed", REFUNDS)
def test_each_message_has_its_own_place_among_the_refunds(seed: int) -> None:
    """Open messages, new ones on one day and their follow-ups the next, all back to the lots that paid."""
    plan = Plan(
        name="p",
        grant_credits=6,
        grant_every=Interval(days=3),
        lifetime_days=9,
        refund_to="original",
        refund_on=("reply", "silence")[seed % 2],
        reply_window_days=(None, 4)[seed % 2],
    )
    account = Account.open(plan, at=START)
    for number in range(5):
        account.send(f"open-{number}", at=START + number * timedelta(hours=3))
    outreach = Outreach(
        sends=Sends.fixed(per_week=6, on=(0, 1, 0, 0, 0, 0, 0), follow_up=FollowUp(after_days=1)),
        replies=Replies(rate=(0.9, 0.4)[seed % 2], delay=delays.Geometric(0.3)),
    )
    tuesday = START + timedelta(days=3)
    terms = [
        TermsChanged(plan=evolve(plan, name="other"), at=tuesday + timedelta(days=1)),
        TermsChanged(plan=evolve(plan, refund_to="fresh"), at=tuesday + timedelta(days=4)),
    ]
    job = make_job(
        account,
        outreach,
        start=tuesday,
        days=7,
        paths=3,
        rng=seed,
        daily_paths=True,
        planned=terms if seed in {4, 6} else [],
    )
    assert difference(job) is None


@pytest.mark.parametrize("seed", BOUGHT)
def test_a_planned_purchase_needs_what_is_still_sold(seed: int) -> None:
    """Three credits twice, where four are sold in a period and some paths have bought at random."""
    plan = Plan(name="shop", grant_credits=1, lifetime_days=6, purchase_credits_max=4)
    outreach = Outreach(sends=Sends.poisson(per_day=1), purchases=Purchases(per_day=0.4))
    planned = [Purchased(credits=3, at=START + timedelta(days=days)) for days in (3, 34)]
    job = make_job(plan, outreach, start=START, days=40, paths=3, rng=seed, daily_paths=True, planned=planned)
    assert difference(job) is None


def test_silence_comes_before_a_planned_fact_of_its_instant() -> None:
    """What is refunded as the terms change lives under those before (D6, D16)."""
    plan = Plan(name="quiet", grant_credits=9, lifetime_days=20, refund_on="silence", reply_window_days=3)
    outreach = Outreach(sends=Sends.fixed(per_day=1, prospects=3), replies=Replies(rate=0.0))
    planned = [TermsChanged(plan=evolve(plan, lifetime_days=2), at=START + timedelta(days=5))]
    job = make_job(plan, outreach, start=START, days=12, paths=1, rng=1, daily_paths=True, planned=planned)
    assert difference(job) is None


def periods_of(job: Job) -> np.ndarray:
    """Three periods that leave out the last day of a longer job."""
    days = job.days
    return np.array([[0, 1], [1, days // 2], [days // 2, days - 1]] if days > 3 else [[0, days]])


@pytest.mark.parametrize("seed", KEPT)
def test_what_is_kept_of_all_paths_is_what_they_add_up_to(seed: int) -> None:
    """Balances, days with a refusal, first refusals and how flows spread over periods."""
    job = evolve(campaign.case(seed), paths=5)
    if not job.days:
        job = evolve(campaign.case(2), paths=5)
    cuts = periods_of(job)
    run = run_job(job.with_periods(cuts))
    daily = run.daily
    assert daily is not None
    for balance in range(int(daily.balance.max()) + 2):
        np.testing.assert_array_equal(run.balances.at(balance), (daily.balance == balance).sum(axis=1))
    dry = daily.refused > 0
    np.testing.assert_array_equal(run.refused_paths, dry.sum(axis=1))
    np.testing.assert_array_equal(run.dry_paths, np.logical_or.accumulate(dry, axis=0).sum(axis=1))
    for flow in FLOWS:
        days = getattr(daily, flow)
        by_period = np.array([days[first:last].sum(axis=0) for first, last in cuts])
        np.testing.assert_allclose(
            run.spreads[flow], by_period.std(axis=1, ddof=1), rtol=1e-12, atol=1e-12, err_msg=flow
        )


def test_lots_are_kept_in_burn_order() -> None:
    """Received at the same expiry into one lot, else into one of their own; taken, expired and put back."""
    new_lot, receive, put_back, take, forfeit, expire = (
        plain(getattr(lots_module, name))
        for name in ("new_lot", "receive", "put_back", "take", "forfeit", "expire")
    )
    lots, state = np.zeros((LOT_ROWS, 6), dtype=np.int64), np.zeros(STATE, dtype=np.int64)

    def now() -> tuple[list[int], list[int], int]:
        """The numbers in burn order, what each number has left, and all credits held."""
        count = state[COUNT]
        return lots[ORDER, :count].tolist(), lots[LEFT_IN, :count].tolist(), int(state[HELD])

    receive(lots, state, 2, 0)
    receive(lots, state, 1, 0)
    assert now() == ([0], [3], 3)
    receive(lots, state, 4, 9)
    receive(lots, state, 5, 9)
    assert now() == ([0, 1], [3, 9], 12)
    receive(lots, state, 1, 5)
    receive(lots, state, 1, 9)
    assert lots[EXPIRES_AT, :4].tolist() == [0, 9, 5, 9]
    assert now() == ([0, 2, 1, 3], [3, 9, 1, 1], 14)
    expire(lots, state, 0)
    assert now() == ([0, 2, 1, 3], [0, 9, 1, 1], 11)
    assert [take(lots, state, 4), take(lots, state, 4)] == [2, 1]
    assert now() == ([0, 2, 1, 3], [0, 5, 0, 1], 6)
    put_back(lots, state, 2, 1)
    assert (take(lots, state, 1), now()) == (2, ([0, 2, 1, 3], [0, 5, 0, 1], 6))
    assert (forfeit(lots, state, 2), now()) == (2, ([0, 2, 1, 3], [0, 3, 0, 1], 4))
    assert (forfeit(lots, state, 9), now()) == (4, ([0, 2, 1, 3], [0, 0, 0, 0], 0))
    number = new_lot(lots, state, 0)
    assert (number, now()) == (4, ([0, 4, 2, 1, 3], [0, 0, 0, 0, 0], 0))
    put_back(lots, state, number, 3)
    expire(lots, state, 8)
    assert now() == ([0, 4, 2, 1, 3], [0, 0, 0, 0, 0], 0)

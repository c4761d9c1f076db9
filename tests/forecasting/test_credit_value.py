"""What a credit is worth: against a published exact programme, against brute force, and in simulation."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from revmng import optimal

from inmail_credits import Account, Interval, Plan, economies
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting._bid_prices import Arrivals, Carry, Floats, expected_returns, solve
from inmail_credits.forecasting.credit_value import (
    ROUNDS,
    CreditValue,
    _outlook,
    _refunds_are_fresh,
    credit_value,
)
from inmail_credits.forecasting.prospects import Prospects, ProspectSegment
from inmail_credits.forecasting.targeting import target
from tests.forecasting.policy_trial import trial

START = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING_HAPPENS = Carry(2**40, 2**40, 0)


# Against the textbook: without refunds and without age it is single-leg capacity control.


def counts_of(mean: float, sd: float, most: int) -> Floats:
    """The discretised normal demand that the judge uses: what is beyond ``most`` counts as ``most``."""
    below = [0.0, *(NormalDist(mean, sd).cdf(k + 0.5) for k in range(most)), 1.0]
    return np.diff(below)


@pytest.mark.parametrize("capacity", [1, 7, 40, 120])
@pytest.mark.parametrize(
    "classes",
    [
        [(105, 20.3, 8.6), (83, 33.4, 15.1), (57, 45.1, 18.7), (39, 38.6, 16.1)],
        [(1, 10, 3), (0.4, 30, 9)],
        [(500, 5.5, 1.7), (480, 30, 4)],
    ],
)
def test_without_refunds_it_is_exact_single_leg_control(
    classes: Sequence[tuple[float, float, float]], capacity: int
) -> None:
    """One class a day, the cheapest first: the value equals that of an independent exact programme."""
    judge = optimal.optimal_protection_levels(classes, capacity)
    arrivals = [
        Arrivals(counts_of(mean, sd, capacity), np.ones(1), np.array([float(fare)]), np.zeros(1))
        for fare, mean, sd in sorted(classes)
    ]
    solution = solve(arrivals, [NOTHING_HAPPENS] * len(arrivals), capacity)
    assert solution.to_come[0, capacity] == pytest.approx(judge.expected_revenue, rel=1e-9)


# Against brute force: every lot with its own age.


def brute_force(plan: Plan, odds: Sequence[float], chance: float, days: int) -> float:
    """The best mean number of answers, lots kept by the days they have left; at most one prospect a day.

    Answers come at once; a refund is a fresh lot, or rejoins the lot that paid, as the plan says.
    """
    life = plan.lifetime_days or days + 1
    every = plan.grant_every.days

    @cache
    def value(day: int, lots: tuple[int, ...]) -> float:
        if day == days:
            return 0.0
        held = [*lots[1:], 0]  # by days left, fewest first; a day has passed
        if day % every == 0:
            held[life - 1] += plan.grant_credits
        keep = value(day + 1, tuple(held))
        oldest = next((place for place, left in enumerate(held) if left), None)
        if oldest is None:
            return keep
        spent = held.copy()
        spent[oldest] -= 1
        back = spent.copy()
        back[life - 1 if plan.refund_to == "fresh" else oldest] += 1
        lost, returned = value(day + 1, tuple(spent)), value(day + 1, tuple(back))
        met = [max(keep, p * (1 + returned) + (1 - p) * lost) for p in odds]
        return (1 - chance) * keep + chance * sum(met) / len(met)

    return value(0, (0,) * life)


def programme(plan: Plan, odds: Sequence[float], chance: float, days: int) -> float:
    """The programme's value of the same."""
    outlook = _outlook(plan, START, days, 1)
    p = np.array(odds)
    arrivals = [Arrivals(np.array([1 - chance, chance]), np.full(len(p), 1 / len(p)), p, p)] * days
    came_back = np.zeros(days)
    for _ in range(ROUNDS if _refunds_are_fresh(plan) else 1):
        carries = outlook.carries(came_back)
        solution = solve(arrivals, carries, outlook.credits_max(came_back))
        came_back = expected_returns(solution, arrivals, carries, 0)
    start = int(carries[0].apply(np.array([0]))[0])
    return float(solution.to_come[0, start])


ODDS = (0.1, 0.4, 0.8)


@pytest.mark.parametrize("every", [2, 3, 5])
@pytest.mark.parametrize("life", [2, 4, 7])
@pytest.mark.parametrize("grant", [1, 2])
def test_exact_ages_are_met_where_refunds_rejoin_their_lot(every: int, life: int, grant: int) -> None:
    """A balance then says all there is to know: what is left are the newest credits."""
    plan = Plan(
        name="a",
        grant_credits=grant,
        grant_every=Interval(days=every),
        lifetime_days=life,
        refund_to="original",
    )
    assert programme(plan, ODDS, 0.7, 9) == pytest.approx(brute_force(plan, ODDS, 0.7, 9), rel=1e-9)


@pytest.mark.parametrize(
    ("every", "life", "too_much"),
    [(2, 20, 1e-9), (2, 6, 0.001), (3, 9, 0.001), (3, 4, 0.015), (5, 7, 0.003), (5, 4, 0.08), (5, 3, 0.12)],
)
def test_fresh_refunds_are_overstated_by_little(every: int, life: int, too_much: float) -> None:
    """The mean number of refunds stands in for their number; exact where nothing dies of age."""
    plan = Plan(name="a", grant_credits=1, grant_every=Interval(days=every), lifetime_days=life)
    exact = brute_force(plan, ODDS, 0.7, 12)
    assert -1e-4 <= programme(plan, ODDS, 0.7, 12) / exact - 1 <= too_much


# Laws.


def value_of(plan: str = "business", per_day: float = 2.0, days: int = 120) -> CreditValue:
    """The value of a credit to somebody with four kinds of prospects."""
    segments = [ProspectSegment(odds=p, weight=w) for p, w in ((0.05, 30), (0.15, 35), (0.3, 25), (0.5, 10))]
    prospects = Prospects(per_day=per_day, segments=segments)
    return credit_value(economies.LINKEDIN_2019[plan], prospects, start=START, days=days)


@pytest.mark.parametrize("plan", ["career", "business", "sales", "recruiter-lite"])
def test_more_credits_never_have_a_higher_price(plan: str) -> None:
    """The values are concave in the balance."""
    prices = value_of(plan).solution.prices[:, 1:]
    assert np.all(np.diff(prices, axis=1) <= 1e-12)
    assert np.all(prices >= -1e-12)


def test_nearer_the_grant_never_a_higher_price() -> None:
    """Between two grants, with no expiry in between, there is ever less that a credit could still do."""
    prices = value_of(days=59).solution.prices
    for first, last, most in ((0, 30, 15), (31, 58, 30)):  # balances that can be
        assert np.all(np.diff(prices[first : last + 1, 1 : most + 1], axis=0) <= 1e-12)


@given(
    odds=st.floats(0.01, 0.99),
    value=st.floats(0.01, 100),
    balance=st.integers(1, 60),
    day=st.integers(0, 119),
)
def test_the_rule_is_the_index_against_the_price(odds: float, value: float, balance: int, day: int) -> None:
    """Writing is worth it exactly if ``v p / (1 - p)`` reaches the price."""
    worth = VALUE
    on = date.fromordinal(START.date().toordinal() + day)
    price = worth.price(on=on, balance=balance)
    index = ProspectSegment(odds=odds, value=value).index
    if index != pytest.approx(price, rel=1e-9):
        assert worth.is_worth_writing(odds=odds, value=value, on=on, balance=balance) is (index > price)


VALUE = value_of()


def test_writing_follows_from_comparing_both_futures() -> None:
    """The rule again, from the values themselves: to write is better exactly if the index beats the price."""
    values, prices = VALUE.solution.to_come, VALUE.solution.prices
    for p in (0.02, 0.1, 0.25, 0.6):
        written = p + p * values[:, 1:] + (1 - p) * values[:, :-1]
        assert np.array_equal(written > values[:, 1:] + 1e-12, p / (1 - p) > prices[:, 1:] + 1e-12 / (1 - p))


def test_sure_answers_are_always_worth_writing_to_and_nobody_without_credits() -> None:
    """An answer for certain costs nothing; an empty account can pay nothing."""
    assert VALUE.is_worth_writing(odds=1.0)
    assert VALUE.is_worth_writing(odds=1.0, value=0)
    assert not VALUE.is_worth_writing(odds=1.0, balance=0)
    assert VALUE.break_even_odds(balance=0) == 1.0
    assert VALUE.price(balance=10_000) == 0.0


def test_silence_that_refunds_turns_the_rule_round() -> None:
    """Under the rule of 2014 an answer keeps the credit: the same prospect is worth it at another price."""
    plan = economies.LINKEDIN_2014.plans[0]
    prospects = Prospects(per_day=9, segments=[ProspectSegment(odds=0.2), ProspectSegment(odds=0.6)])
    worth = credit_value(plan, prospects, start=START, days=90)
    price = worth.price(balance=3)
    assert price > 0
    for odds in (0.1, 0.5, 0.9):
        assert worth.is_worth_writing(odds=odds, balance=3) is (odds >= odds * price)


def test_an_account_is_valued_from_its_lots() -> None:
    """Credits that die soon are worth less than fresh ones, as there is less time to use them."""
    plan = Plan(name="a", grant_credits=5, grant_every=Interval(months=12), lifetime_days=90)
    account = Account.open(plan, at=START)
    prospects = Prospects(per_day=0.3, segments=[ProspectSegment(odds=0.1), ProspectSegment(odds=0.4)])
    early = credit_value(account, prospects, start=START, days=200)
    late = credit_value(account, prospects, start=date(2026, 3, 25), days=200)
    assert early.balance == late.balance == 5
    assert early.price() > late.price() >= 0
    assert early.expected_value() > late.expected_value() > 0


@pytest.mark.parametrize(("plan", "per_day"), [("career", 2.0), ("sales", 2.0)])
def test_following_the_price_beats_every_simple_policy(plan: str, per_day: float) -> None:
    """Paired over paths with exact ages and delayed answers; against every threshold too."""
    found = trial(economies.LINKEDIN_2019[plan], per_day, days=180, paths=200, seed=11)
    assert found.gain > 4 * found.error > 0
    assert found.first_come <= found.best_first < found.best_threshold < found.by_price


# Whom to write to.


def test_the_best_are_written_to_now_and_the_hopeless_never() -> None:
    """The advice falls with the odds, and every row that was given comes back."""
    people = pd.DataFrame({"odds": np.linspace(0.0, 1.0, 21), "who": list("abcdefghijklmnopqrstu")})
    account = Account.open(economies.LINKEDIN_2019["career"], at=START)
    table = target(people, account, per_day=1.0).table
    assert table["odds"].is_monotonic_decreasing
    ranks = table["advice"].map({"now": 0, "later": 1, "never": 2})
    assert ranks.is_monotonic_increasing
    assert set(ranks) == {0, 1, 2}
    assert sorted(table["who"]) == sorted(people["who"])


def test_values_count_beside_odds() -> None:
    """A small chance of something large can beat a large chance of something small."""
    people = pd.DataFrame({"odds": [0.5, 0.1], "value": [1.0, 100.0]}, index=["likely", "valuable"])
    account = Account.open(economies.LINKEDIN_2019["career"], at=START)
    assert target(people, account, per_day=1.0).table.index.to_list() == ["valuable", "likely"]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"rate": [0.5]}, "columns of prospects is .*'odds'"),
        ({"odds": []}, "rows of prospects is 0, but must be at least one"),
        ({"odds": [0.5, 1.5]}, "odds of prospect 1 is .*1.5.*, but must be a number from 0 to 1"),
        ({"odds": [0.5, None]}, "odds of prospect 1 is (nan|None)"),
        ({"odds": ["high"]}, "odds of prospect 0 is 'high'"),
        ({"odds": [0.5], "value": [-1]}, "value of prospect 0 is "),
    ],
)
def test_a_bad_row_is_named(frame: dict[str, list[object]], message: str) -> None:
    """The column, the row, the value and the limit."""
    account = Account.open(economies.LINKEDIN_2019["career"], at=START)
    with pytest.raises(InvalidValueError, match=message):
        target(pd.DataFrame(frame), account, per_day=1.0)

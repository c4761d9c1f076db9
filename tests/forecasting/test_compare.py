"""Comparing plans and behaviours: labels, paired differences, costs, the cheapest that will do."""

from datetime import UTC, datetime
from math import isnan
from typing import Any

import numpy as np
import pytest

from inmail_credits import Account, economies
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.forecasting import Comparison, compare
from inmail_credits.simulation import Outreach, Replies, Sends

START = datetime(2026, 1, 1, tzinfo=UTC)
OURS = economies.LINKEDIN_2019
SLOW, QUICK = (Outreach(sends=Sends.poisson(per_week=n), replies=Replies(rate=0.27)) for n in (3, 8))
PRICES = {"career": 30.0, "business": 60.0, "sales": 80.0, "recruiter-lite": 170.0}


@pytest.fixture(scope="module")
def tiers() -> Comparison:
    """The four tiers of 2019 at five sends a week, with prices."""
    outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
    return compare(OURS, outreach, start=START, months=6, rng=7, paths=400, prices=PRICES)


def labels(*arguments: object) -> list[str]:
    """How the candidates of a comparison are called."""
    return [*compare(*arguments, start=START, days=5, rng=7, paths=5).forecasts]  # type: ignore[arg-type]


def test_plans_of_two_economies_are_told_apart() -> None:
    """The economy stands in front where a name is used twice, and nowhere else."""
    found = labels([OURS, economies.LINKEDIN_2026], SLOW)
    assert len(found) == len(set(found)) == len(OURS) + len(economies.LINKEDIN_2026)
    assert "linkedin-2019 business" in found
    assert "linkedin-2026 business" in found
    assert labels(OURS["career"], SLOW) == ["career"]


def test_behaviours_are_compared_by_plan() -> None:
    """Every subject under every behaviour, called by both."""
    assert labels([OURS["career"], OURS["sales"]], {"slow": SLOW, "quick": QUICK}) == [
        "career slow",
        "career quick",
        "sales slow",
        "sales quick",
    ]
    assert labels(OURS["career"], [SLOW, QUICK]) == [
        "career 3 sends a week, 27 % answered",
        "career 8 sends a week, 27 % answered",
    ]


def test_labels_of_ones_own_and_accounts() -> None:
    """A mapping names anything, an account among them."""
    account = Account.open(OURS["career"], at=START)
    assert labels({"mine": account, "new": OURS["sales"]}, SLOW) == ["mine", "new"]


def test_behaviours_meet_the_same_draws() -> None:
    """More is wanted on every path where more is sent: the difference of the refused has one sign."""
    compared = compare(OURS["career"], {"slow": SLOW, "quick": QUICK}, start=START, days=90, rng=7, paths=300)
    slow, quick = (one.simulation.total("wanted") for one in compared.forecasts.values())
    assert np.all(quick >= slow)
    table = compared.differences("career slow").xs("wanted", level="figure")
    assert table["error"].iloc[0] < 0.8 * table["unpaired_error"].iloc[0]


def test_costs_follow_from_prices(tiers: Comparison) -> None:
    """A price a month, spread over the horizon, over the messages it paid for."""
    table = tiers.summary()
    days = tiers.forecasts["business"].simulation.days
    cost = 60 * days / (365.25 / 12)
    assert table["cost"]["business"] == pytest.approx(cost)
    assert table["cost_per_sent"]["business"] == pytest.approx(cost / table["sent"]["business"])
    assert table["cost_per_reply"]["business"] == pytest.approx(cost / table["replied"]["business"])


def test_candidates_without_a_price_have_no_cost() -> None:
    """Neither a cost nor a chance to be the cheapest."""
    compared = compare(OURS, SLOW, start=START, days=30, rng=7, paths=20, prices={"sales": 80})
    assert isnan(compared.summary()["cost"]["career"])
    assert compared.cheapest(sent_share=0.0) == "sales"


def test_the_cheapest_that_sends_enough(tiers: Comparison) -> None:
    """A higher bar costs more; a bar nobody meets is met by nobody."""
    shares = tiers.summary()["share_sent"]
    bars = [0.0, float(shares["career"]) + 0.01, float(shares["business"]) + 0.001]
    assert [tiers.cheapest(sent_share=bar) for bar in bars] == ["career", "business", "sales"]
    assert (
        compare(OURS["career"], QUICK, start=START, days=60, rng=7, paths=20, prices={"career": 1}).cheapest(
            sent_share=1.0
        )
        is None
    )


def test_one_beats_another_on_the_same_paths(tiers: Comparison) -> None:
    """The chances of both directions add up to 1, ties counting half."""
    chance, error = tiers.beats("business", "career")
    assert chance == pytest.approx(1.0, abs=0.01)
    back, _ = tiers.beats("career", "business")
    assert chance + back == pytest.approx(1.0)
    even, _ = tiers.beats("sales", "sales", figure="balance")
    assert (even, error >= 0) == (0.5, True)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"subjects": []}, InvalidValueError, "subjects is \\[\\], but must be at least one"),
        ({"subjects": "linkedin-2026"}, InvalidValueError, "subject 'account' is 'linkedin-2026'"),
        ({"outreaches": {}}, InvalidValueError, "outreaches is \\[\\], but must be at least one"),
        ({"outreaches": [SLOW, SLOW]}, InvalidValueError, "label of behaviours is .*used once"),
        ({"outreaches": "much"}, InvalidValueError, "outreach is 'much'"),
        ({"prices": {"gold": 1}}, UnknownNameError, "'gold'; known: career"),
        ({"prices": {"career": -1}}, InvalidValueError, "price of career is -1"),
    ],
)
def test_bad_candidates_are_refused(change: dict[str, object], error: type[Exception], message: str) -> None:
    """With what is wrong and what is known."""
    terms: dict[str, Any] = {"subjects": OURS["career"], "outreaches": SLOW, "start": START, "days": 5}
    terms |= {"rng": 7, "paths": 5}
    with pytest.raises(error, match=message):
        compare(**{**terms, **change})


def test_questions_that_cannot_be_answered_are_refused(tiers: Comparison) -> None:
    """No prices, no such candidate, no such figure."""
    with pytest.raises(InvalidValueError, match="prices is None, but must be given"):
        compare(OURS["career"], SLOW, start=START, days=5, rng=7, paths=5).cheapest()
    with pytest.raises(UnknownNameError, match="'gold'; known: career"):
        tiers.beats("gold", "career")
    with pytest.raises(UnknownNameError, match="'luck'; known: wanted"):
        tiers.beats("sales", "career", figure="luck")

"""Laws of delay: means, chances and answers are as stated, and as SciPy has them; no law is left out."""

from datetime import date
from typing import Final, Protocol

import numpy as np
import pytest
from fingerprint import LAWS
from scipy import stats

from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Replies, Sends, delays, simulate
from inmail_credits.simulation.behaviour.delays import Delay, Floats
from inmail_credits.timeline import Interval
from tests.inputs.numeric_doors import MORE

MONDAY = date(2026, 3, 2)
AMPLE = Plan(name="ample", grant_credits=500_000, grant_every=Interval(days=10_000))
DELAYS = [
    delays.Exponential(2.5),
    delays.Lognormal(1.5, 0.8),
    delays.Lognormal.with_mean(4.0),
    delays.Weibull(3.0, 0.7),
    delays.Weibull.through(within_a_day=0.65, within_a_week=0.90),
    delays.Geometric(0.3),
    delays.Empirical((5, 3, 0, 2)),
    delays.Empirical.of_days([0, 1, 1, 9]),
    delays.Fixed(4),
    delays.with_reminder(delays.Exponential(1.0), share=0.3),
    delays.Mixture(((1, delays.Fixed(2)), (3, delays.Exponential(1.0)))),
    delays.Shifted(2, delays.Exponential(1.0)),
]
"""Every law."""
ALL: Final[set[type[Delay]]] = {
    each
    for each in vars(delays).values()
    if isinstance(each, type) and issubclass(each, Delay) and "__attrs_attrs__" in vars(each)
}
"""The classes of delays one can construct."""
WITHOUT_A_FORMULA: Final[set[type[Delay]]] = {delays.Empirical, delays.Fixed, delays.Mixture, delays.Shifted}
"""Weights as they are given, a constant, and those made of others."""


class Law(Protocol):
    """What is asked of a distribution of SciPy."""

    def cdf(self, x: Floats) -> Floats:
        """The chance of at most ``x``."""

    def mean(self) -> float:
        """The mean."""


SCIPY: Final[dict[Delay, Law]] = {
    delays.Exponential(2.5): stats.expon(scale=2.5),
    delays.Lognormal(1.5, 0.8): stats.lognorm(0.8, scale=1.5),
    delays.Weibull(3.0, 0.7): stats.weibull_min(0.7, scale=3.0),
    delays.Geometric(0.3): stats.geom(0.3),
}
"""The same laws, as SciPy has them."""
GAPS: Final = np.array([1e-9, 1e-3, 0.4, 0.999, 1.5, 2.3, 6.7, 30.5, 364.5])
"""Between whole days, where the chance of less and the chance of at most are the same."""


def test_every_law_is_in_the_lists_of_the_tests() -> None:
    """Means and chances are tested for each; arguments that are wrong too; and the bits of each formula."""
    assert {type(delay) for delay in DELAYS} == ALL, "here: DELAYS"
    assert {each for each in MORE if each in ALL} == ALL, "tests/inputs/numeric_doors.py: MORE"
    formulas = ALL - WITHOUT_A_FORMULA
    assert {type(delay) for delay in LAWS} == formulas, "tests/simulation/fingerprint.py: LAWS"
    assert {type(delay) for delay in SCIPY} == formulas, "here: SCIPY"


@pytest.mark.parametrize("delay", SCIPY, ids=str)
def test_chances_and_mean_are_those_of_scipy(delay: Delay) -> None:
    """The chance of an answer below each age, and the mean in days."""
    law = SCIPY[delay]
    np.testing.assert_allclose(delay.below(GAPS), law.cdf(GAPS), rtol=1e-12, atol=1e-15)
    assert delay.below(np.array([-1.0, 0.0])).tolist() == [0.0, 0.0]
    assert delay.mean_days == pytest.approx(law.mean(), rel=1e-12)


@pytest.mark.parametrize("delay", DELAYS, ids=str)
@pytest.mark.parametrize("steps_per_day", [1, 4])
def test_delays_meet_their_stated_mean(delay: Delay, steps_per_day: int) -> None:
    """On the grid, the mean number of steps is the mean in days: floor(U + X) has the mean of X."""
    steps = 2_000 * steps_per_day
    pmf = delay.pmf(steps, steps_per_day=steps_per_day)
    tail = 1 - pmf.sum()
    assert tail < 1e-6
    assert np.arange(steps) @ pmf / steps_per_day == pytest.approx(delay.mean_days, abs=2e-3)


@pytest.mark.parametrize("delay", DELAYS, ids=str)
def test_refunds_arrive_as_the_delay_says(delay: Delay) -> None:
    """With one send on day 0 and every answer sure, the share answered by each day is the delay's own."""
    outreach = Outreach(
        sends=Sends.fixed(per_day=0, bursts={MONDAY: 1}), replies=Replies(rate=1.0, delay=delay)
    )
    paths = 20_000
    simulation = simulate(AMPLE, outreach, start=MONDAY, days=12, paths=paths, rng=5)
    expected = np.cumsum(delay.pmf(12))
    found = np.cumsum(simulation.day_sums["refunded"]) / paths
    np.testing.assert_allclose(found, expected, atol=4 * 0.5 / paths**0.5)

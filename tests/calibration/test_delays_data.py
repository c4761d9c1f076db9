"""Delays from data: hours are kept, the grid is exact, and any SciPy distribution serves."""

import numpy as np
import pytest
from scipy import stats

from inmail_credits.calibration import FromSciPy, Observed, kaplan_meier
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation import Replies, delays


def test_hours_are_not_cut_to_days() -> None:
    """The mean on the grid is that of the delays; cut to whole days it would be too small."""
    hours = np.random.default_rng(1).exponential(1.86 * 24, 5_000)
    observed = Observed(hours / 24)
    on_grid = float(np.arange(60) @ observed.pmf(60))
    assert on_grid == pytest.approx(observed.mean_days, abs=1e-3)
    assert on_grid == pytest.approx(1.86, abs=0.1)
    assert delays.Empirical.of_days([int(day) for day in hours // 24]).mean_days < on_grid - 0.3


def test_the_grid_is_exact_for_any_step() -> None:
    """Compared with a sample of sends anywhere in their step."""
    rng = np.random.default_rng(2)
    observed = Observed((0.1, 0.9, 3.4), (1, 2, 1))
    drawn = rng.choice(observed.days, 200_000, p=np.array(observed.weights) / 4)
    for steps_per_day in (1, 4):
        steps = np.floor(rng.random(200_000) + drawn * steps_per_day).astype(int)
        seen = np.bincount(steps, minlength=40)[:40] / 200_000
        assert observed.pmf(40, steps_per_day=steps_per_day) == pytest.approx(seen, abs=0.006)
    assert observed.pmf(2).sum() < 1
    assert observed.below(np.array([0.0, 0.1, 0.11, 5.0])).tolist() == [0.0, 0.0, 0.25, 1.0]


def test_a_curve_gives_young_messages_their_due() -> None:
    """Under censoring the mean of the answers seen is too small; that of the curve is not."""
    rng = np.random.default_rng(3)
    age, delay = rng.uniform(0, 20, 6_000), rng.exponential(4.0, 6_000)
    seen = delay <= age
    observed = Observed.of_curve(kaplan_meier(np.where(seen, delay, age), seen))
    assert delay[seen].mean() < 3.4
    assert observed.mean_days == pytest.approx(4.0, abs=0.3)


def test_any_frozen_distribution_serves_as_a_delay() -> None:
    """An exponential from SciPy is the exponential of the simulation."""
    ours, theirs = delays.Exponential(mean_days=2.5), FromSciPy(stats.expon(scale=2.5))
    for steps_per_day in (1, 6):
        expected = ours.pmf(30, steps_per_day=steps_per_day)
        assert theirs.pmf(30, steps_per_day=steps_per_day) == pytest.approx(expected, abs=2e-5)
    assert theirs.mean_days == ours.mean_days
    assert Replies(rate=0.3, delay=theirs).mean_delay_days == 2.5


@pytest.mark.parametrize("wrong", [stats.norm(0, 1), stats.cauchy(0, 1), stats.gamma, 3, None])
def test_what_is_no_delay_is_refused(wrong: object) -> None:
    """Below 0, without a mean, not frozen, no distribution."""
    with pytest.raises(InvalidValueError, match="a frozen SciPy distribution"):
        FromSciPy(wrong)  # type: ignore[arg-type] # that is the point


@pytest.mark.parametrize(
    "terms", [((),), ((-1.0,),), ((float("nan"),),), ((1.0,), (1.0, 2.0)), ((1.0,), (0.0,))]
)
def test_bad_observations_are_refused(terms: tuple[tuple[float, ...], ...]) -> None:
    """None, below 0, no number, weights that do not fit."""
    with pytest.raises(InvalidValueError):
        Observed(*terms)

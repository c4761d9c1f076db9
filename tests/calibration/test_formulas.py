"""Formulas of the fits, each held against one written out anew, or against a case worked by hand."""

from datetime import UTC, datetime, timedelta
from math import log

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from inmail_credits.calibration import RepliesFit, fit_replies, fit_sends
from inmail_credits.calibration._laws import LAWS
from inmail_credits.calibration.scores import crps_ensemble, pit
from inmail_credits.errors import InMailCreditsError
from inmail_credits.simulation.behaviour import SegmentedReplies

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
NOW = START + timedelta(days=400)


def messages(
    rate: float, count: int, *, seed: int, mean_days: float = 2.0
) -> tuple[list[datetime], list[datetime | None]]:
    """Messages of 300 days, some answered after an exponential delay."""
    random = np.random.default_rng(seed)
    sent = [START + timedelta(days=float(day)) for day in random.uniform(0, 300, count)]
    answered = [
        at + timedelta(days=float(random.exponential(mean_days))) if random.random() < rate else None
        for at in sent
    ]
    return sent, answered


def fitted(rate: float = 0.3, count: int = 400, law: str | None = None) -> RepliesFit:
    """A fit of such messages."""
    sent, answered = messages(rate, count, seed=3)
    return fit_replies(sent, answered, as_of=NOW, law=law)


@pytest.mark.parametrize("law", sorted(LAWS))
def test_half_of_the_answers_come_within_the_median(law: str) -> None:
    """The median that is reported is that of the delay that is simulated."""
    fit = fitted(law=law)
    middle = fit.median_interval()[0]
    assert float(fit.delay.below(np.array([middle]))[0]) == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("law", sorted(LAWS))
def test_akaikes_criterion_counts_rate_and_delay(law: str) -> None:
    """``2 k - 2 log likelihood`` with ``k`` the rate and the law's parameters."""
    fit = fitted(law=law)
    parameters = 1 + len(LAWS[law].parameters)
    assert fit.aic == pytest.approx(2 * parameters - 2 * fit.log_likelihood, abs=1e-9)
    assert len(fit.parameters) == parameters


def test_segments_weigh_as_many_as_they_sent() -> None:
    """One in ten of 900, nine in ten of 100: 18 %, not the 50 % of two equal halves."""
    few, often = messages(0.1, 900, seed=5), messages(0.9, 100, seed=6)
    sent, answered = [*few[0], *often[0]], [*few[1], *often[1]]
    names = ["few"] * 900 + ["often"] * 100
    fit = fit_replies(sent, answered, as_of=NOW, segments=names)
    chosen = fit.alternatives[100]
    assert isinstance(chosen, SegmentedReplies)
    shares = {name: segment.weight for name, segment in chosen.segments}
    assert shares["few"] / sum(shares.values()) == pytest.approx(0.9)
    rates = [each.rate for each in fit.alternatives]
    assert np.mean(rates) == pytest.approx(0.18, abs=0.03)


def test_the_interval_of_bursty_sends_is_as_wide_as_their_dispersion() -> None:
    """Ten messages every tenth day: the error grows with the root of the dispersion, and so do the draws."""
    days = [date for number in range(40) for date in [START + timedelta(days=10 * number)] * 10]
    fit = fit_sends(days, start=START.date(), end=(START + timedelta(days=399)).date())
    poisson_error = fit.per_week / len(days) ** 0.5
    assert fit.dispersion > 5
    assert fit.per_week_error == pytest.approx(poisson_error * fit.dispersion**0.5)
    drawn = np.array([each.per_week for each in fit.draws(200)])
    assert drawn.std() == pytest.approx(fit.per_week_error, rel=0.1)
    low, high = fit.per_week_interval(0.9)
    assert high - low == pytest.approx(2 * 1.645 * fit.per_week_error, rel=0.15)


def test_the_dispersion_is_pearsons() -> None:
    """The variance of daily counts over their mean, on days that are alike."""
    random = np.random.default_rng(4)
    counts = random.negative_binomial(2, 0.4, 364)
    days = [START + timedelta(days=day) for day, count in enumerate(counts.tolist()) for _ in range(count)]
    fit = fit_sends(days, start=START.date(), end=(START + timedelta(days=363)).date())
    assert fit.dispersion == pytest.approx(counts.var() / counts.mean(), rel=0.05)
    assert fit.dispersion_p < 1e-6


def test_each_weekday_with_a_mean_of_its_own_takes_a_degree_of_freedom() -> None:
    """One a day for a week, then three: 14 squares of 1 over a mean of 2 are 7, and 14 - 7 days are free."""
    days = [START + timedelta(days=day) for day in range(14) for _ in range(1 if day < 7 else 3)]
    fit = fit_sends(days)
    assert fit.dispersion == pytest.approx(1.0)
    assert fit.dispersion_p == pytest.approx(stats.chi2.sf(7, 7))


def test_an_answer_in_the_moment_of_sending_is_one() -> None:
    """It may not come before; at the same instant it may."""
    sent, answered = messages(0.3, 60, seed=8)
    answered[0] = sent[0]
    assert fit_replies(sent, answered, as_of=NOW).replied == sum(each is not None for each in answered)
    answered[0] = sent[0] - timedelta(microseconds=1)
    with pytest.raises(InMailCreditsError, match="replied_at"):
        fit_replies(sent, answered, as_of=NOW)


def test_the_two_estimators_of_the_crps_differ_by_the_spread() -> None:
    """By hand: members 0 and 2, outcome 1: 1 less half of 2 (fair, one pair) or of 1 (empirical, of four)."""
    assert crps_ensemble([0, 2], 1) == pytest.approx(0.0)
    assert crps_ensemble([0, 2], 1, estimator="fair") == pytest.approx(0.0)
    assert crps_ensemble([0, 2], 1, estimator="empirical") == pytest.approx(0.5)


def test_the_transform_of_counts_is_uniform_only_if_it_is_randomised() -> None:
    """A right forecast of counts: uniform with the draw, far from it without."""
    random = np.random.default_rng(9)
    happened, uniform = random.poisson(1.0, 2_000), random.random(2_000)
    ensemble = random.poisson(1.0, 4_000)
    pairs = list(zip(happened.tolist(), uniform.tolist(), strict=True))
    right = [pit(ensemble, float(count), drawn) for count, drawn in pairs]
    wrong = [pit(ensemble, float(count), 1.0) for count, _ in pairs]
    assert stats.kstest(right, "uniform").pvalue > 0.01
    assert stats.kstest(wrong, "uniform").pvalue < 1e-6


def test_the_mean_rate_lies_in_its_interval_and_the_interval_shrinks() -> None:
    """Four times the messages, half the width."""
    widths = []
    for count in (200, 800):
        fit = fitted(count=count)
        low, high = fit.rate_interval(0.9)
        assert low < fit.rate < high
        widths.append(high - low)
    assert widths[0] / widths[1] == pytest.approx(2.0, rel=0.15)


def test_answers_within_some_days_follow_from_rate_and_delay() -> None:
    """Of an exponential delay within its mean: ``rate (1 - 1/e)``."""
    fit = fitted(law="exponential", count=800)
    mean = float(fit.parameters["estimate"].iloc[1])
    share, low, high = fit.answered_within(mean)
    assert share == pytest.approx(fit.rate * (1 - np.exp(-1)))
    assert low < share < high
    assert fit.median_interval()[0] == pytest.approx(mean * log(2))
    assert pd.Series([low, share, high]).is_monotonic_increasing

"""What a fit hands to the simulation: rate and delay together, by segment and by kind of answer."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from inmail_credits import Plan
from inmail_credits.calibration import fit_replies, fit_sends
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import ReplyKind
from inmail_credits.simulation import Replies, Sends, UncertainReplies, simulate
from tests.calibration.test_replies_fit import AS_OF, sample


def test_replies_simulated_carry_rate_and_delay_together() -> None:
    """The slower an alternative, the higher its rate; a Beta distribution of the rate loses that."""
    fitted = fit_replies(*sample(60, 4, scale=15.0, span=40.0), as_of=AS_OF, law="exponential")
    replies = fitted.replies
    assert isinstance(replies, UncertainReplies)
    assert (len(replies.alternatives), replies.messages, replies.sample_size) == (50, 60, None)
    rates = [one.rate for one in replies.alternatives]
    slow = [one.mean_delay_days for one in replies.alternatives]
    assert np.corrcoef(rates, np.log(slow))[0, 1] > 0.5
    low, high = fitted.rate_interval(0.9)
    assert np.mean([low <= rate <= high for rate in rates]) == pytest.approx(0.9, abs=0.03)
    within = [one.rate * float(one.delay.below(np.array([7.0]))[0]) for one in replies.alternatives]
    _, below, above = fitted.answered_within(7, 0.9)
    assert np.mean([below <= share <= above for share in within]) == pytest.approx(0.9, abs=0.08)
    assert isinstance(fitted.best, Replies)
    assert (fitted.best.rate, fitted.best.delay) == (fitted.rate, fitted.delay)


def test_paths_follow_the_alternatives_of_a_fit() -> None:
    """The share answered by the end of the horizon spreads over paths as the posterior of the fit does."""
    fitted = fit_replies(*sample(60, 4, scale=15.0, span=40.0), as_of=AS_OF, law="exponential")
    plan = Plan(name="large", grant_credits=50_000, lifetime_days=None)
    sends = Sends.fixed(per_week=3_500)
    run = simulate(plan, fitted.outreach(sends), start=date(2026, 1, 1), days=28, paths=400, rng=3)
    shares = run.total("replied") / run.total("sent")
    days = np.arange(28.0)
    expected = [one.rate * float(one.delay.below(days + 0.5).mean()) for one in fitted.replies.alternatives]
    for level in (0.1, 0.5, 0.9):
        assert np.quantile(shares, level) == pytest.approx(np.quantile(expected, level), rel=0.06)


def test_each_kind_of_answer_has_its_rate_and_its_delay() -> None:
    """Refusals come in hours, acceptances in days; most messages are too young for the latter."""
    rng = np.random.default_rng(11)
    count = 3_000
    ages, kind = rng.uniform(0, 25, count), rng.random(count)
    delay = np.where(kind < 0.2, rng.exponential(8.0, count), rng.exponential(0.3, count))
    seen = (kind < 0.3) & (delay < ages)
    sent = pd.Series(AS_OF - pd.to_timedelta(ages, unit="D"))
    answered = (sent + pd.to_timedelta(delay, unit="D")).where(seen)
    kinds = [
        ("accepted" if at < 0.2 else "declined") if yes else None for at, yes in zip(kind, seen, strict=True)
    ]
    fitted = fit_replies(sent, answered, as_of=AS_OF, kinds=kinds, law="exponential")
    table = fitted.table()
    assert table.index.tolist() == ["all", "kind accepted", "kind declined"]
    for part, rate, median in (
        ("kind accepted", 0.2, 8 * np.log(2)),
        ("kind declined", 0.1, 0.3 * np.log(2)),
    ):
        row = table.loc[part]
        assert row["rate_low"] < rate < row["rate_high"], part
        assert row["median_low"] < median < row["median_high"], part
    naive = dict(fitted.kinds)[ReplyKind.ACCEPTED]
    assert naive < 0.62
    drawn = fitted.replies.alternatives
    accepted = np.mean([one.share("accepted") for one in drawn])
    assert accepted == pytest.approx(2 / 3, abs=0.03)
    assert np.mean([one.rate for one in drawn]) == pytest.approx(fitted.rate, abs=0.01)
    quick = drawn[0].chances(1)[0]
    names = [str(name) for name, _ in drawn[0].kinds]
    assert quick[names.index("declined")] > 2 * quick[names.index("accepted")]
    assert "kind declined" in fitted.summary()


def test_a_kind_with_few_answers_borrows_the_delay_of_all() -> None:
    """Its rate is fitted, its delay is that of all answers, and a note says so."""
    sent, answered = sample(200, 5)
    kinds = ["accepted"] * 200
    first = int(np.flatnonzero(answered.notna())[0])
    kinds[first] = "declined"
    fitted = fit_replies(sent, answered, as_of=AS_OF, kinds=kinds)
    rare = fitted.by_kind[ReplyKind.DECLINED]
    assert (rare.replied, rare.law, rare.delay) == (1, "assumed", fitted.delay)
    assert 0 < rare.rate < 0.03
    assert "that of all answers is used" in rare.notes[0]
    assert np.isnan(fitted.table()["median_days"].to_dict()["kind declined"])
    assert "assumed" in fitted.summary()


def test_segments_and_kinds_go_together_and_bad_columns_are_refused() -> None:
    """Each segment has its kinds; blanks of a kind are unknown ones, blanks of a segment are refused."""
    first, second = sample(300, 1, rate=0.6), sample(300, 2, rate=0.2)
    sent, answered = (pd.concat(pair, ignore_index=True) for pair in zip(first, second, strict=True))
    kinds = [["accepted", "declined", None, float("nan"), ""][place % 5] for place in range(600)]
    names = ["engineers"] * 300 + ["managers"] * 300
    fitted = fit_replies(sent, answered, as_of=AS_OF, kinds=kinds, segments=names)
    assert set(fitted.segments["engineers"].by_kind) == {ReplyKind.ACCEPTED, ReplyKind.DECLINED}
    assert fitted.replies.share("accepted") == pytest.approx(0.5, abs=0.08)
    assert len(fitted.table()) == 5
    with pytest.raises(InvalidValueError, match=r"kinds\[\d+\] is 'maybe', but must be one of accepted"):
        fit_replies(sent, answered, as_of=AS_OF, kinds=["maybe"] * 600)
    with pytest.raises(InvalidValueError, match=r"segments\[0\] is None"):
        fit_replies(sent, answered, as_of=AS_OF, segments=[None] * 600)
    with pytest.raises(InvalidValueError, match="segments is 'of length 601'"):
        fit_replies(sent, answered, as_of=AS_OF, segments=["a"] * 601)


def test_the_face_of_behaviour_fits() -> None:
    """``Replies.fit`` and ``Sends.fit`` are the fits of calibration."""
    sent, answered = sample(60, 4)
    ours, theirs = Replies.fit(sent, answered, as_of=AS_OF), fit_replies(sent, answered, as_of=AS_OF)
    assert (ours.rate, ours.delay, ours.rate_interval()) == (
        theirs.rate,
        theirs.delay,
        theirs.rate_interval(),
    )
    assert Sends.fit(sent, zone="Europe/Berlin").sends == fit_sends(sent, zone="Europe/Berlin").sends


def test_a_frozen_distribution_of_scipy_is_a_delay() -> None:
    """Given as it is; what is neither is refused, a distribution that goes below 0 too."""
    replies = Replies(rate=0.3, delay=stats.gamma(2, scale=1.5))
    assert replies.mean_delay_days == pytest.approx(3.0)
    for wrong in (3, None, "weibull", pd.Series([1.0])):
        with pytest.raises(InvalidValueError, match="a Delay, such as"):
            Replies(rate=0.3, delay=wrong)
    with pytest.raises(InvalidValueError, match="of numbers from 0"):
        Replies(rate=0.3, delay=stats.norm(0, 1))
    with pytest.raises(InvalidValueError, match="must be a frozen SciPy distribution"):
        Replies(rate=0.3, delay=stats.gamma)

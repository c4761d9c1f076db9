"""Fits of replies: equal to reference values and to lifelines, right under censoring, honest on few data."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import ExponentialFitter, KaplanMeierFitter, MixtureCureFitter, WeibullFitter
from scipy import stats

from inmail_credits.calibration import RepliesFit, fit_replies, kaplan_meier
from inmail_credits.errors import InvalidValueError, NaiveInstantError, UnknownNameError
from inmail_credits.simulation import Outreach, SegmentedReplies, Sends, delays

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "expiring_stock.json").read_text(encoding="utf-8")
)["estimation"]
AS_OF = datetime(2026, 7, 1, tzinfo=UTC)


def columns(days: list[float], replied: list[int]) -> tuple[list[datetime], list[datetime | None]]:
    """Instants with these delays and ages, as known at ``AS_OF``."""
    sent = [AS_OF - timedelta(days=day) for day in days]
    answered = [
        at + timedelta(days=day) if yes else None for at, day, yes in zip(sent, days, replied, strict=True)
    ]
    early = [at - timedelta(days=1_000) if yes else at for at, yes in zip(sent, replied, strict=True)]
    answered = [
        None if at is None else first + timedelta(days=day)
        for first, at, day in zip(early, answered, days, strict=True)
    ]
    return early, answered


def reference(law: str) -> RepliesFit:
    """The fit of the reference sample."""
    sample = VECTORS["mixture_cure"]
    return fit_replies(*columns(sample["durations"], sample["event_observed"]), as_of=AS_OF, law=law)


def sample(
    messages: int, seed: int, *, rate: float = 0.3, shape: float = 0.8, scale: float = 3.0, span: float = 60.0
) -> tuple[pd.Series, pd.Series]:
    """Messages of known truth, sent over ``span`` days up to ``AS_OF``; Weibull delays."""
    rng = np.random.default_rng(seed)
    sent = pd.Series(pd.Timestamp(AS_OF) - pd.to_timedelta(rng.uniform(0, span, messages), unit="D"))
    delay = pd.to_timedelta(scale * rng.weibull(shape, messages), unit="D")
    answered = (sent + delay).where(rng.random(messages) < rate)
    return sent, answered.where(answered <= pd.Timestamp(AS_OF))


def test_kaplan_meier_equals_the_reference_values() -> None:
    """The remission times of Freireich's patients, and the sample of the cure model."""
    classic = VECTORS["kaplan_meier"]
    curve = kaplan_meier(classic["durations"], classic["event_observed"]).set_index("days")["silent"]
    for day, expected in classic["survival"].items():
        assert curve[: float(day)].iloc[-1] == pytest.approx(expected, abs=1e-6)
    mixture = VECTORS["mixture_cure"]
    curve = kaplan_meier(mixture["durations"], mixture["event_observed"]).set_index("days")["silent"]
    for day, expected in mixture["km_at"].items():
        assert curve[: float(day)].iloc[-1] == pytest.approx(expected, abs=1e-9)


def test_the_mixture_cure_fit_equals_the_reference_values() -> None:
    """The share never answered, the scale, the shape, and the log likelihood."""
    expected = VECTORS["mixture_cure"]
    fitted = reference("exponential")
    assert fitted.messages == 200
    assert fitted.replied == expected["n_events"]
    assert 1 - fitted.rate == pytest.approx(expected["cured_fraction"], abs=1e-5)
    assert fitted.delay.mean_days == pytest.approx(expected["scale_lambda"], rel=1e-5)
    assert fitted.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-4)
    assert fitted.naive_rate == pytest.approx(expected["naive_replied_over_sent"])
    weibull = reference("weibull")
    assert 1 - weibull.rate == pytest.approx(expected["weibull"]["cured_fraction"], abs=1e-5)
    assert weibull.parameters["estimate"]["scale_days"] == pytest.approx(
        expected["weibull"]["lambda_"], rel=1e-4
    )
    assert weibull.parameters["estimate"]["shape"] == pytest.approx(expected["weibull"]["rho_"], rel=1e-4)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(2))
def test_lifelines_agrees_on_other_samples(seed: int) -> None:
    """On samples of its own making, curve, rate, scale, shape and likelihood are those of lifelines."""
    sent, answered = sample(400, seed)
    known = answered.notna().to_numpy()
    days = (
        np.where(known, answered - sent, pd.Timestamp(AS_OF) - sent).astype("m8[us]").astype(float) / 8.64e10
    )
    judge = KaplanMeierFitter().fit(days, known)
    curve = kaplan_meier(days, known)
    assert curve["silent"].to_numpy() == pytest.approx(judge.predict(curve["days"]).to_numpy(), abs=1e-12)
    for law, base in (("exponential", ExponentialFitter()), ("weibull", WeibullFitter())):
        cure = MixtureCureFitter(base_fitter=base).fit(days, known)
        fitted = fit_replies(sent, answered, as_of=AS_OF, law=law)
        assert fitted.rate == pytest.approx(1 - cure.cured_fraction_, abs=2e-4)
        assert fitted.log_likelihood == pytest.approx(cure.log_likelihood_, abs=1e-3)
        if law == "weibull":
            assert fitted.rate_error == pytest.approx(
                cure.summary.loc["cured_fraction_", "se(coef)"], rel=0.02
            )


def test_the_posterior_is_the_beta_of_the_textbook_where_nothing_is_censored() -> None:
    """Years after the last message, answers over messages is all there is to know."""
    sent, answered = sample(100, 3)
    late = AS_OF + timedelta(days=3_000)
    fitted = fit_replies(sent, answered, as_of=late, law="exponential")
    k, n = fitted.replied, fitted.messages
    exact = stats.beta(k + 0.5, n - k + 0.5)
    assert fitted.rate == pytest.approx(k / n, abs=1e-6)
    assert fitted.rate_interval(0.9) == pytest.approx((exact.ppf(0.05), exact.ppf(0.95)), abs=4e-3)
    assert fitted.beta == pytest.approx((k + 0.5, n - k + 0.5), rel=0.03)
    few, none = answered.copy(), answered.copy()
    few[few.dropna().index[3:]] = pd.NaT
    none[:] = pd.NaT
    for column, count in ((few, 3), (none, 0)):
        assumed = fit_replies(sent, column, as_of=late, prior="uniform")
        assert assumed.law == "assumed"
        assert assumed.rate == pytest.approx(count / n, abs=0.005)
        assert assumed.rate_interval(0.9) == pytest.approx(
            stats.beta(count + 1, n - count + 1).interval(0.9), abs=2e-3
        )


def test_the_law_is_chosen_by_akaike() -> None:
    """Each law is found again in a large sample made from it."""
    rng = np.random.default_rng(5)
    sent = pd.Series(pd.Timestamp(AS_OF) - pd.to_timedelta(rng.uniform(0, 90, 4_000), unit="D"))
    drawn = {
        "weibull": 2 * rng.weibull(0.5, 4_000),
        "lognormal": rng.lognormal(0.0, 1.5, 4_000),
        "exponential": rng.exponential(3.0, 4_000),
    }
    for law, days in drawn.items():
        answered = (sent + pd.to_timedelta(days, unit="D")).where(rng.random(4_000) < 0.4)
        fitted = fit_replies(sent, answered, as_of=AS_OF)
        # An exponential is a Weibull too: that one may win by chance, by less than the two of AIC.
        assert fitted.law == law or (law == "exponential" and fitted.laws["aic"].diff()[1] < 2)
        assert fitted.rate == pytest.approx(0.4, abs=0.04)


def test_answers_that_came_later_are_not_known_yet() -> None:
    """A fit as of an instant sees what was known then, whatever the columns hold."""
    sent, answered = sample(300, 8)
    then = AS_OF - timedelta(days=20)
    known = answered.where(answered <= pd.Timestamp(then))
    early = sent <= pd.Timestamp(then)
    first, second = (
        fit_replies(sent, answered, as_of=then),
        fit_replies(sent[early], known[early], as_of=then),
    )
    assert first.parameters.equals(second.parameters)
    assert first.messages == int(early.sum())


def test_the_naive_rate_is_too_low_and_the_fitted_one_is_not() -> None:
    """Half of the messages are younger than a month, and answers take ten days."""
    rates = []
    for seed in range(20):
        fitted = fit_replies(
            *sample(400, seed, rate=0.5, scale=10.0, shape=1.0), as_of=AS_OF, law="exponential"
        )
        rates.append((fitted.naive_rate, fitted.rate))
    naive, rate = np.mean(rates, axis=0)
    error = float(np.std(rates, axis=0)[1]) / 20**0.5
    assert naive < 0.44
    assert abs(rate - 0.5) < 4 * error


# messages, samples, and the span of sending in days; the rate is 0.3
COVERAGE = ((30, 100, 60.0), (120, 100, 60.0), (1_000, 50, 60.0))


def covered(messages: int, samples: int, span: float, seed: int, level: float) -> dict[str, int]:
    """How often the intervals hold the truth: of the rate, and of the share answered within 7 days."""
    hits: Counter[str] = Counter()
    within = 0.3 * -np.expm1(-((7 / 3.0) ** 0.8))
    for number in range(samples):
        fitted = fit_replies(*sample(messages, seed + number, span=span), as_of=AS_OF)
        low, high = fitted.rate_interval(level)
        hits["rate"] += low <= 0.3 <= high
        _, low, high = fitted.answered_within(7, level)
        hits["within 7 days"] += low <= within <= high
    return dict(hits)


@pytest.mark.parametrize(("messages", "samples", "span"), COVERAGE)
def test_intervals_hold_the_truth_as_often_as_they_say(
    messages: int, samples: int, span: float, cases: Counter[str]
) -> None:
    """At 30, 120 and 1,000 messages, within four binomial errors of 90 %."""
    error = (0.9 * 0.1 / samples) ** 0.5
    for what, count in covered(messages, samples, span, 1_000 * messages, 0.9).items():
        assert abs(count / samples - 0.9) < 4 * error, f"{what}: {count} of {samples}"
    cases[f"fits for coverage, n = {messages}"] += samples


def test_no_answer_all_answers_and_answers_at_once_are_fitted() -> None:
    """The edges of the rate and of the delay give an answer with an interval."""
    sent, _ = sample(50, 1)
    nobody = fit_replies(sent, pd.Series([pd.NaT] * 50, dtype="datetime64[us, UTC]"), as_of=AS_OF)
    assert (nobody.rate, nobody.law) == (0.0, "assumed")
    assert 0 < nobody.rate_interval()[1] < 0.2
    everybody = fit_replies(sent, sent + pd.Timedelta(hours=2), as_of=AS_OF + timedelta(days=1))
    assert everybody.rate == pytest.approx(1.0, abs=1e-4)
    assert everybody.rate_interval()[0] > 0.9
    at_once = fit_replies(sent, sent, as_of=AS_OF)
    assert at_once.rate == pytest.approx(1.0, abs=1e-4)
    assert 0 <= at_once.delay.mean_days < 0.01
    for fitted in (nobody, everybody, at_once):
        assert len(fitted.summary().splitlines()) > 10
        assert len(fitted.alternatives) == 200


@pytest.mark.filterwarnings("error")
def test_a_curve_that_reaches_zero_warns_of_nothing() -> None:
    """Where every message is answered, the last step of Greenwood's sum divides by zero."""
    curve = kaplan_meier([1.0, 2.0], [True, True])
    assert curve["silent"].tolist() == [0.5, 0.0]
    assert curve["error"].tolist()[1] == 0.0


def test_five_messages_are_refused() -> None:
    """Nothing is fitted from almost nothing, and the error says what to do instead."""
    sent, answered = sample(9, 1)
    with pytest.raises(InvalidValueError, match="messages sent by as_of is 9, but must be at least 10"):
        fit_replies(sent, answered, as_of=AS_OF)
    with pytest.raises(InvalidValueError, match="is 0, but must be at least 10"):
        fit_replies([], [])


def test_bad_columns_are_refused_with_their_place() -> None:
    """A naive instant, an answer before its message, a missing instant, columns of two lengths."""
    sent, answered = sample(20, 1)
    early = answered.copy()
    early[3] = sent[3] - pd.Timedelta(days=1)
    with pytest.raises(InvalidValueError, match=r"replied_at\[3\].*at or after its sending"):
        fit_replies(sent, early)
    with pytest.raises(InvalidValueError, match=r"as long as sent_at, 20"):
        fit_replies(sent, answered[:5])
    with pytest.raises(InvalidValueError, match=r"sent_at\[0\] is None"):
        fit_replies(sent.where(sent.index > 0), answered)
    with pytest.raises(InvalidValueError, match="instants with a time zone"):
        fit_replies(sent.dt.tz_localize(None), answered)
    with pytest.raises(NaiveInstantError, match=r"sent_at\[0\]"):
        fit_replies([datetime(2026, 1, 1)] * 20, [None] * 20)  # noqa: DTZ001 - that is the point
    with pytest.raises(InvalidValueError, match="a column of instants"):
        fit_replies("2026-01-01", answered)
    with pytest.raises(UnknownNameError, match="law of delay 'gamma'"):
        fit_replies(sent, answered, law="gamma")
    with pytest.raises(UnknownNameError, match="prior 'flat'"):
        fit_replies(sent, answered, prior="flat")
    with pytest.raises(InvalidValueError, match="parameter of the prior"):
        fit_replies(sent, answered, prior=(0.0, 1.0))


def test_a_fit_becomes_an_outreach_that_carries_rate_and_delay_together() -> None:
    """The alternatives have the posterior's mean and spread, and the slower the delay the higher the rate."""
    fitted = fit_replies(*sample(60, 4, scale=15.0, span=40.0), as_of=AS_OF, law="exponential")
    rates = np.array([one.rate for one in fitted.alternatives])
    slow = np.array([one.mean_delay_days for one in fitted.alternatives])
    a, b = fitted.beta
    assert rates.mean() == pytest.approx(a / (a + b), abs=0.01)
    assert rates.std() == pytest.approx((a * b / (a + b) ** 2 / (a + b + 1)) ** 0.5, rel=0.1)
    assert np.corrcoef(rates, np.log(slow))[0, 1] > 0.5
    outreach = fitted.outreach(Sends.poisson(per_week=5))
    assert isinstance(outreach, Outreach)
    assert outreach.replies.rate == pytest.approx(a / (a + b), abs=0.01)


def test_kinds_and_segments_are_split() -> None:
    """Shares of kinds among the answers; each segment has a fit of its own, and the whole mixes them."""
    first, second = sample(300, 1, rate=0.6), sample(300, 2, rate=0.2)
    sent, answered = (pd.concat(pair, ignore_index=True) for pair in zip(first, second, strict=True))
    kinds = ["accepted" if place % 4 else "declined" for place in range(600)]
    names = ["engineers"] * 300 + ["managers"] * 300
    fitted = fit_replies(sent, answered, as_of=AS_OF, kinds=kinds, segments=names)
    assert dict(fitted.kinds)["accepted"] == pytest.approx(0.75, abs=0.08)  # type: ignore[index] # an enum of text
    assert fitted.segments["engineers"].rate == pytest.approx(0.6, abs=0.12)
    assert fitted.segments["managers"].rate == pytest.approx(0.2, abs=0.1)
    assert isinstance(fitted.alternatives[0], SegmentedReplies)
    own = np.array([[part.replies.rate for _, part in one.segments] for one in fitted.alternatives])  # type: ignore[attr-defined] # they are segmented
    assert abs(np.corrcoef(own.T)[0, 1]) < 0.2
    assert "segment engineers" in fitted.summary()
    with pytest.raises(InvalidValueError, match="messages of segment 'b' is 5"):
        fit_replies(sent, answered, as_of=AS_OF, segments=["a"] * 595 + ["b"] * 5)
    with pytest.raises(InvalidValueError, match="kinds is 'of length 3'"):
        fit_replies(sent, answered, as_of=AS_OF, kinds=["accepted"] * 3)


def test_a_fit_says_when_rate_and_delay_cannot_be_told_apart() -> None:
    """All messages are younger than the typical delay."""
    fitted = fit_replies(*sample(300, 1, scale=60.0, span=20.0), as_of=AS_OF, law="exponential")
    low, high = fitted.rate_interval()
    assert high - low > 0.2
    assert "too young to tell the rate from the delay" in fitted.summary()


def test_a_summary_reads_like_that_of_a_statistics_package() -> None:
    """Data, likelihood, each parameter with its error and interval, Kaplan-Meier beside it."""
    text = reference("weibull").summary()
    for words in ("Messages", "Log likelihood", "std err", "rate", "scale_days", "shape", "Kaplan-Meier"):
        assert words in text
    assert max(map(len, text.splitlines())) <= 110


def test_a_hundred_thousand_messages_are_fitted_like_a_few() -> None:
    """Grouped delays change the fit by less than its error, by far."""
    sent, answered = sample(100_000, 6)
    fitted = fit_replies(sent, answered, as_of=AS_OF)
    assert fitted.law == "weibull"
    assert fitted.rate_error is not None
    assert abs(fitted.rate - 0.3) < 4 * fitted.rate_error
    assert isinstance(fitted.delay, delays.Weibull)
    assert fitted.delay.shape == pytest.approx(0.8, abs=0.03)

"""Behaviour: every law states its mean and meets it in samples; what is impossible is refused."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from attrs import evolve
from scipy.stats import beta

from inmail_credits.account import Account
from inmail_credits.errors import InvalidValueError, UnknownNameError, UnsupportedTermError
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
    presets,
    simulate,
)
from inmail_credits.simulation import run as simulation_run
from inmail_credits.simulation._engine.chances import count_law, rate_quantiles
from inmail_credits.simulation.behaviour.replies import ASSUMED_DELAY
from inmail_credits.simulation.result import mean_and_error
from inmail_credits.simulation.run import SimulationCancelledError
from inmail_credits.timeline import Interval

MONDAY = date(2026, 3, 2)
AMPLE = Plan(name="ample", grant_credits=500_000, grant_every=Interval(days=10_000))


def test_a_message_in_flight_is_answered_as_one_that_is_known_to_be_silent_so_far() -> None:
    """P(answer within k more days | silent for a) = rate (F(a+k) - F(a)) / (1 - rate F(a))."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    account = Account.open(AMPLE, at=at)
    account.send("m", at=at)
    outreach = Outreach(
        sends=Sends.fixed(per_day=0), replies=Replies(rate=0.6, delay=delays.Exponential(3.0))
    )
    simulation = simulate(account, outreach, start=at + timedelta(days=2), days=4, paths=20_000, rng=1)
    share, error = simulation.share_and_error("refunded")
    before, until = -np.expm1(-2 / 3), -np.expm1(-6 / 3)
    assert abs(share - 0.6 * (until - before) / (1 - 0.6 * before)) < 4 * error


@pytest.mark.parametrize(
    ("sends", "per_week"),
    [
        (Sends.poisson(per_week=5), 5),
        (Sends.poisson(per_day=1, on="working_days"), 5),
        (Sends.poisson(per_day=30), 210),
        (Sends.poisson(per_week=6, on=(3, 2, 1, 0, 0, 0, 0)), 6),
        (Sends.fixed(per_week=5, on="working_days"), 5),
        (Sends.fixed(per_week=2.5), 2.5),
        (Sends.fixed(per_day=3), 21),
        (Sends.poisson(per_week=7, daily_max=1), 7 * (1 - np.exp(-1))),
        (Sends.poisson(per_week=7, holidays=[MONDAY]), 7 - 0.25),
        (Sends.poisson(per_week=7, bursts={MONDAY: 8}), 7 + 2),
    ],
    ids=str,
)
def test_sends_meet_their_stated_mean(sends: Sends, per_week: float) -> None:
    """Over four weeks, stated day by day, and in samples."""
    days = [MONDAY + timedelta(days=k) for k in range(28)]
    assert sum(map(sends.mean_on, days)) == pytest.approx(4 * per_week)
    simulation = simulate(AMPLE, Outreach(sends=sends), start=MONDAY, days=28, paths=4_000, rng=3)
    mean, error = simulation.mean_and_error("sent")
    assert abs(mean - 4 * per_week) <= 4 * error + 1e-9
    for k in range(0, 28, 5):
        day = sends.mean_on(days[k])
        assert abs(simulation.day_mean("sent")[k] - day) <= 4 * (max(day, 0.01) / 4_000) ** 0.5


def test_weekdays_count_holidays_in_and_working_days_leave_them_out() -> None:
    """Both are Monday to Friday; only working days know holidays, and weekdays refuse them."""
    weekdays = Sends.poisson(per_week=5, on="weekdays")
    working_days = Sends.poisson(per_week=5, on="working_days", holidays=[MONDAY])
    assert weekdays.by_weekday == working_days.by_weekday == (1.0,) * 5 + (0.0,) * 2
    assert (weekdays.mean_on(MONDAY), working_days.mean_on(MONDAY)) == (1.0, 0.0)
    with pytest.raises(
        InvalidValueError, match=r"on is 'weekdays', but must be 'working_days' where holidays"
    ):
        Sends.fixed(per_week=5, on="weekdays", holidays=[MONDAY])


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({}, "per_week is None, but must be a number of messages, where per_day is not given"),
        ({"per_week": 5, "per_day": 1}, "per_day is 1, but must be left out where per_week is given"),
        ({"per_week": 5, "on": "working days"}, "on is 'working days', but must be 'all_days', 'weekdays', "),
        ({"per_week": 5, "on": (1, 2)}, r"on is \(1, 2\), but must be .* or 7 weights, Monday to Sunday"),
        ({"per_week": 5, "on": (0,) * 7}, "weights of weekdays is .*, but must be at least one above 0"),
    ],
)
@pytest.mark.parametrize("law", [Sends.poisson, Sends.fixed])
def test_a_wrong_number_or_profile_is_refused_by_name(
    law: Callable[..., Sends], terms: dict[str, object], words: str
) -> None:
    """The message names the parameter, its value and what is taken."""
    with pytest.raises(InvalidValueError, match=words):
        law(**terms)


@pytest.mark.parametrize("law", [Sends.poisson, Sends.fixed])
def test_a_parameter_that_does_not_exist_is_named_by_python(law: Callable[..., Sends]) -> None:
    """The signature is explicit: a misspelt parameter is a TypeError that names it."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'per_month'"):
        law(per_month=30)


def test_fixed_sends_on_working_days_are_one_a_day() -> None:
    """And none on a weekend."""
    simulation = simulate(
        AMPLE,
        Outreach(sends=Sends.fixed(per_week=5, on="working_days")),
        start=MONDAY,
        days=9,
        paths=1,
        rng=1,
    )
    assert simulation.day_sums["sent"].tolist() == [1, 1, 1, 1, 1, 0, 0, 1, 1]


@pytest.mark.parametrize("preset", presets.ALL, ids=lambda preset: preset.name)
def test_presets_name_their_source_and_meet_their_rate(preset: presets.Preset) -> None:
    """And what is assumed is said to be."""
    assert preset.source
    assert "assum" in preset.note
    outreach = Outreach(sends=Sends.fixed(per_day=1), replies=preset.replies)
    simulation = simulate(AMPLE, outreach, start=MONDAY, days=400, paths=2_000, rng=2)
    share = simulation.total("replied").mean() / 400
    late = preset.replies.rate * preset.replies.delay.mean_days / 400
    assert share == pytest.approx(preset.replies.rate - late, abs=0.01)


def test_presets_carry_the_observed_figures() -> None:
    """22 % accepted and 5 % declined of 121,727; 215 of 302; 1 and 4 of 5 within a week."""
    recruiter = presets.RECRUITER_INMAILS
    assert recruiter.sample_size == 121_727
    assert recruiter.replies.rate * recruiter.replies.share("accepted") == pytest.approx(0.22)
    assert recruiter.replies.rate * recruiter.replies.share("declined") == pytest.approx(0.05)
    assert presets.CONVERSATIONS_2016.replies.rate == pytest.approx(1 - 87 / 302)
    week = np.array([7.0])
    for preset, rate in ((presets.TEMPLATED, 0.2), (presets.PERSONALISED, 0.8)):
        assert preset.replies.rate * preset.replies.delay.below(week)[0] == pytest.approx(rate)


def test_an_uncertain_rate_spreads_the_paths_and_keeps_the_mean() -> None:
    """Beta(rate n, (1 - rate) n): the share answered varies by rate (1 - rate) / (n + 1) more."""
    sends, size = 20, 10
    replies = Replies(rate=0.3, delay=delays.Fixed(0), sample_size=size)
    outreach = Outreach(sends=Sends.fixed(per_day=sends), replies=replies)
    shares = simulate(AMPLE, outreach, start=MONDAY, days=1, paths=20_000, rng=4).total("replied") / sends
    mean, error = mean_and_error(shares)
    assert abs(mean - 0.3) < 4 * error
    assert shares.var() == pytest.approx(0.21 / (size + 1) * (1 - 1 / sends) + 0.21 / sends, rel=0.05)


def test_withdrawals_take_their_share_of_the_silent() -> None:
    """Of those unanswered after 3 days, 40 %; an answer on the third day still comes first."""
    outreach = Outreach(
        sends=Sends.fixed(per_day=0, bursts={MONDAY: 1}),
        replies=Replies(rate=1.0, delay=delays.Empirical((1, 0, 0, 1, 2))),
        withdrawals=Withdrawals(rate=0.4, after_days=3),
    )
    simulation = simulate(AMPLE, outreach, start=MONDAY, days=9, paths=20_000, rng=6)
    withdrawn, error = simulation.mean_and_error("withdrawn")
    assert abs(withdrawn - 0.5 * 0.4) < 4 * error
    assert simulation.mean_and_error("replied")[0] == pytest.approx(1 - withdrawn)


def test_follow_ups_go_to_the_silent_once() -> None:
    """Half answer at once; the other half are written to again, and half of these answer."""
    outreach = Outreach(
        sends=Sends.fixed(per_day=0, bursts={MONDAY: 4}, follow_up=FollowUp(after_days=2)),
        replies=Replies(rate=0.5, delay=delays.Fixed(0)),
    )
    simulation = simulate(AMPLE, outreach, start=MONDAY, days=20, paths=10_000, rng=6)
    made, error = simulation.mean_and_error("sent")
    assert abs(made - 6) < 4 * error
    assert simulation.day_mean("sent")[1] == 0
    assert abs(simulation.mean_and_error("replied")[0] - 3) < 0.05


def test_a_finite_list_ends() -> None:
    """Whatever is refused is still to be written to."""
    plan = Plan(name="p", grant_credits=2, grant_every=Interval(days=2))
    outreach = Outreach(sends=Sends.fixed(per_day=3, prospects=5))
    simulation = simulate(plan, outreach, start=MONDAY, days=10, paths=1, rng=1)
    assert simulation.day_sums["sent"].tolist()[:6] == [2, 0, 2, 0, 1, 0]
    assert simulation.total("sent").tolist() == [5]


def test_pacing_spreads_the_balance_and_keeps_a_reserve() -> None:
    """10 credits for 5 days with 2 in reserve: 2 a day, then what is left; nothing is refused."""
    plan = Plan(name="p", grant_credits=10, grant_every=Interval(days=5), lifetime_days=5)
    outreach = Outreach(sends=Sends.fixed(per_day=9, pacing=Pacing(reserve_credits=2)))
    simulation = simulate(plan, outreach, start=MONDAY, days=5, paths=1, rng=1)
    assert simulation.day_sums["sent"].tolist() == [2, 2, 2, 1, 1]
    assert simulation.total("refused").tolist() == [0]
    assert simulation.total("held_back").tolist() == [45 - 8]


@pytest.mark.parametrize(("days", "paths"), [(0, 10), (10, 0), (0, 0), (1, 1)])
def test_nothing_to_simulate_is_no_error(days: int, paths: int) -> None:
    """Zero days and zero paths have empty, well-shaped figures."""
    outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.5))
    simulation = simulate(AMPLE, outreach, start=MONDAY, days=days, paths=paths, rng=1, daily_paths=True)
    assert simulation.total("sent").shape == (paths,)
    assert simulation.balances.counts.shape[0] == days
    assert simulation.balance_quantiles([0.5]).shape == (days, 1)
    assert simulation.daily is not None
    assert simulation.daily.balance.shape == (days, paths)
    assert simulation.run_dry_by_day()[0].shape == (days,)


def test_zero_credits_refuse_everything() -> None:
    """From the first wish on."""
    plan = Plan(name="none", grant_credits=0, cap_credits=0, lifetime_days=1)
    simulation = simulate(
        plan,
        Outreach(sends=Sends.fixed(per_day=2), replies=Replies(rate=1.0)),
        start=MONDAY,
        days=3,
        paths=4,
        rng=1,
    )
    assert simulation.total("refused").tolist() == [6] * 4
    assert simulation.total("dry_day").tolist() == [0] * 4
    assert simulation.dry_paths.tolist() == [4, 4, 4]
    assert simulation.balances.at(0).tolist() == [4, 4, 4]


def test_a_reply_rate_of_1_at_once_never_runs_dry() -> None:
    """Every credit is back before the next day; a rate of 0 brings none back."""
    plan = Plan(name="p", grant_credits=2, grant_every=Interval(days=10_000))
    for rate, made in ((1.0, 20), (0.0, 2)):
        outreach = Outreach(sends=Sends.fixed(per_day=2), replies=Replies(rate=rate, delay=delays.Fixed(0)))
        simulation = simulate(plan, outreach, start=MONDAY, days=10, paths=3, rng=1)
        assert simulation.total("sent").tolist() == [made] * 3


def test_a_one_day_lifetime_wastes_what_is_not_sent_that_day() -> None:
    """3 granted a day, 2 sent a day: 1 expires a day, the next day; the last day's is still there."""
    plan = Plan(name="p", grant_credits=3, grant_every=Interval(days=1), lifetime_days=1)
    simulation = simulate(plan, Outreach(sends=Sends.fixed(per_day=2)), start=MONDAY, days=5, paths=2, rng=1)
    assert simulation.day_sums["expired"].tolist() == [0, 2, 2, 2, 2]
    assert simulation.total("balance").tolist() == [1, 1]


def test_totals_add_up_and_days_add_up_to_totals() -> None:
    """Opening + granted + refunded - spent - expired - forfeited = balance, on every path."""
    plan = Plan(name="p", grant_credits=9, cap_credits=12, lifetime_days=40)
    outreach = Outreach(sends=Sends.poisson(per_week=3), replies=Replies(rate=0.4))
    simulation = simulate(plan, outreach, start=MONDAY, days=200, paths=500, rng=1)
    total = simulation.total
    inflow = total("opening") + total("granted") + total("refunded")
    outflow = total("sent") + total("expired") + total("forfeited")
    np.testing.assert_array_equal(inflow - outflow, total("balance"))
    for name, sums in simulation.day_sums.items():
        assert sums.sum() == total(name).sum(), name
    np.testing.assert_array_equal(simulation.balances.paths, 500)


def test_quantiles_are_those_of_the_paths() -> None:
    """Streamed counts and kept paths say the same."""
    plan = Plan(name="p", grant_credits=15, lifetime_days=90)
    outreach = Outreach(sends=Sends.poisson(per_week=4), replies=Replies(rate=0.3))
    simulation = simulate(plan, outreach, start=MONDAY, days=60, paths=999, rng=1, daily_paths=True)
    assert simulation.daily is not None
    quantiles = [0.05, 0.5, 0.95]
    exact = np.quantile(simulation.daily.balance, quantiles, axis=1, method="inverted_cdf").T
    np.testing.assert_array_equal(simulation.balance_quantiles(quantiles), exact)
    low, high = simulation.balance_quantile_interval(0.5)
    assert (low <= exact[:, 1]).all()
    assert (exact[:, 1] <= high).all()
    np.testing.assert_allclose(
        simulation.balance_mean_and_error()[1], simulation.daily.balance.std(axis=1, ddof=1) / 999**0.5
    )


@pytest.mark.parametrize("pmf", [[0.3, 1e-7, 0.2, 0.5 - 1e-7], [0, 0, 1], [1], [0, 0.25, 0.75]], ids=str)
def test_a_law_of_counts_has_each_chance_to_32_bits(pmf: list[float]) -> None:
    """The thresholds cut the 2^32 words into pieces of these sizes."""
    law = count_law(np.array(pmf))
    edges = [0.0] * (law.least + 1) + (law.thresholds / 2**32).tolist() + [1.0]
    np.testing.assert_allclose(np.diff(edges), pmf[: len(edges) - 1], atol=2**-32)
    assert law.most == len(pmf) - 1


@pytest.mark.parametrize(("rate", "size"), [(0.27, 1), (0.27, 100), (0.01, 30), (0.5, 121_727), (0.999, 2)])
def test_uncertain_rates_follow_the_beta_distribution(rate: float, size: int) -> None:
    """The table of quantiles is that of SciPy's Beta(rate n, (1 - rate) n), to 1e-6 and 32 bits."""
    found = rate_quantiles(rate, size) / 2**32
    exact = beta.ppf(np.arange(len(found)) / (len(found) - 1), rate * size, (1 - rate) * size)
    np.testing.assert_allclose(found[1:-1], exact[1:-1], atol=2e-6)
    assert (np.diff(found) >= 0).all()


def test_progress_is_told_and_can_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A callable hears how many paths are done; ``False`` stops."""
    heard: list[tuple[int, int]] = []
    monkeypatch.setattr(simulation_run, "PART_STEPS", 10_000)
    outreach = Outreach(sends=Sends.poisson(per_week=5))
    simulate(
        AMPLE, outreach, start=MONDAY, days=1, paths=25_000, rng=1, progress=lambda *at: heard.append(at)
    )
    assert heard == [(8_333, 25_000), (16_666, 25_000), (25_000, 25_000)]
    with pytest.raises(SimulationCancelledError, match="stopped after 8,333 of 25,000 paths"):
        simulate(AMPLE, outreach, start=MONDAY, days=1, paths=25_000, rng=1, progress=lambda *_: False)


IMPOSSIBLE = [
    (lambda: Replies(rate=1.2), "reply rate is 1.2, but must be a number from 0 to 1"),
    (
        lambda: Replies(rate=0.5, kinds={"applause": 1}),
        "reply kind is 'applause', but must be one of accepted",
    ),
    (lambda: Replies(rate=0.5, kinds={"accepted": 0}), "at least one above 0"),
    (lambda: Replies(rate=0.5, sample_size=0), "sample_size is 0"),
    (lambda: Replies(rate=0.5, delay=3), "a Delay, such as"),
    (lambda: Withdrawals(rate=-0.1), "withdrawal rate is -0.1"),
    (lambda: Withdrawals(after_days=1.5), "after_days is 1.5"),  # type: ignore[arg-type]
    (Sends.poisson, "per_week is None"),
    (lambda: Sends.poisson(per_week=5, per_day=1), "per_day is 1, but must be left out"),
    (lambda: Sends.poisson(per_week=-1), "per_week is -1"),
    (lambda: Sends.poisson(per_day=float("nan")), "per_day is nan"),
    (lambda: Sends.poisson(per_week=5, on="sundays"), "on is 'sundays'"),
    (lambda: Sends.poisson(per_week=5, on=(0,) * 7), "at least one above 0"),
    (lambda: Sends.poisson(per_week=5, daily_max=-1), "daily_max is -1"),
    (lambda: Sends.poisson(per_week=5, bursts={MONDAY: -3}), "messages of a burst is -3"),
    (lambda: FollowUp(after_days=0), "after_days is 0"),
    (lambda: Pacing(reserve_credits=-1), "reserve_credits is -1"),
    (lambda: delays.Exponential(0), "mean_days is 0"),
    (lambda: delays.Lognormal(1.0, 0.0), "sigma is 0.0"),
    (lambda: delays.Geometric(0.0), "per_day is 0.0"),
    (lambda: delays.Empirical(()), "at least one above 0"),
    (lambda: delays.Empirical.of_days([]), "at least one delay"),
    (lambda: delays.Fixed(-1), "days is -1"),
    (lambda: delays.Weibull.through(within_a_day=0.9, within_a_week=0.8), "more than within_a_day=0.9"),
    (lambda: Outreach(sends=5), "sends is 5, but must be a Sends"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("make", "message"), IMPOSSIBLE, ids=[message for _, message in IMPOSSIBLE])
def test_impossible_behaviour_is_refused_at_construction(make: object, message: str) -> None:
    """With the value and the limit."""
    with pytest.raises(InvalidValueError, match=message.replace("(", r"\(")):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"days": -1}, "days is -1"),
        ({"paths": -1}, "paths is -1"),
        ({"paths": True}, "paths is True"),
        ({"start": None}, "start is None, but must be given where a plan is simulated"),
        ({"seats": 2}, "seats is 2"),
        ({"steps_per_day": 7}, "steps_per_day is 7, but must be a divisor of 86,400"),
        ({"outreach": 5}, "outreach is 5"),
        ({"subject": "business"}, "subject is 'business', but must be a Plan or an Account"),
        ({"rng": -3}, "rng is -3"),
        ({"rng": "7"}, "rng is '7'"),
    ],
    ids=str,
)
def test_impossible_runs_are_refused(terms: dict[str, object], message: str) -> None:
    """Before anything is drawn."""
    given: dict[str, object] = {"subject": AMPLE, "outreach": Outreach(sends=Sends.poisson(per_week=1))}
    given |= {"start": MONDAY, "days": 1, "paths": 1, "rng": 1, **terms}
    with pytest.raises(InvalidValueError, match=message):
        simulate(given.pop("subject"), given.pop("outreach"), **given)  # type: ignore[arg-type]


def test_accounts_are_refused_where_they_cannot_go_on() -> None:
    """A start before the latest fact, and no subscription."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    account = Account.open(AMPLE, at=at)
    account.send("m", at=at + timedelta(days=2))
    outreach = Outreach(sends=Sends.poisson(per_week=1))
    with pytest.raises(InvalidValueError, match="at or after the latest fact, 2026-03-04T00:00:00Z"):
        simulate(account, outreach, start=at, days=1, rng=1)
    account.cancel(at=at + timedelta(days=3))
    with pytest.raises(InvalidValueError, match="one with a subscription running at"):
        simulate(account, outreach, start=date(2080, 1, 1), days=1, rng=1)


def test_unknown_figures_are_named() -> None:
    """With those that are known."""
    simulation = simulate(
        AMPLE, Outreach(sends=Sends.poisson(per_week=1)), start=MONDAY, days=1, paths=1, rng=1
    )
    with pytest.raises(UnknownNameError, match="there is no figure 'made'; known: wanted"):
        simulation.total("made")
    with pytest.raises(UnknownNameError, match="figure of a day"):
        simulation.day_mean("balance")
    with pytest.raises(InvalidValueError, match="quantile is 1"):
        simulation.balance_quantiles([1])


def test_a_daily_limit_within_the_day_is_refused_by_name() -> None:
    """The engine never approximates."""
    outreach = Outreach(sends=Sends.poisson(per_week=1, daily_max=2))
    with pytest.raises(UnsupportedTermError, match="does not support daily_max=2; use steps_per_day=1"):
        simulate(AMPLE, outreach, start=MONDAY, days=1, paths=1, rng=1, steps_per_day=2)


SEGMENTS = {
    "quick": (3.0, Replies(rate=0.2, delay=delays.Fixed(1), kinds={"declined": 1})),
    "slow": (1.0, Replies(rate=0.8, delay=delays.Exponential(6.0), kinds={"accepted": 3, "declined": 1})),
}


def test_segments_state_the_figures_of_all_messages_together() -> None:
    """3 of 4 messages at 0.2, 1 of 4 at 0.8: 0.35 answered, 0.15 by the quick; the rest follows."""
    mixed = SegmentedReplies(segments=SEGMENTS)
    assert mixed.rate == pytest.approx(0.35)
    assert mixed.share("accepted") == pytest.approx(0.2 * 0.75 / 0.35)
    assert mixed.share("declined") == pytest.approx((0.15 + 0.2 * 0.25) / 0.35)
    assert mixed.mean_delay_days == pytest.approx((0.15 * 1 + 0.2 * 6) / 0.35)
    assert [(name, part.weight) for name, part in mixed.segments] == [("quick", 3), ("slow", 1)]
    assert evolve(mixed, sample_size=9).segments == mixed.segments
    with pytest.raises(TypeError, match="rate"):
        evolve(mixed, rate=0.7)  # type: ignore[call-arg] # it follows from the segments
    assert hash(mixed) == hash(evolve(mixed))
    joint = mixed.chances(400)
    assert joint.sum() == pytest.approx(1)
    declined, accepted = joint.T
    assert declined[1] == pytest.approx((0.15 + 0.25 * 0.2 * delays.Exponential(6.0).pmf(2)[1]) / 0.35)
    assert accepted.sum() == pytest.approx(mixed.share("accepted"))


def test_segments_answer_in_samples_as_they_say() -> None:
    """Only acceptances count under the plan: what comes back, day by day, is the slow segment's alone."""
    plan = Plan(name="a", grant_credits=500, grant_every=Interval(days=10_000), refund_kinds=["accepted"])
    outreach = Outreach(
        sends=Sends.fixed(per_day=0, bursts={MONDAY: 40}), replies=SegmentedReplies(segments=SEGMENTS)
    )
    paths = 2_000
    simulation = simulate(plan, outreach, start=MONDAY, days=12, paths=paths, rng=5)
    found = np.cumsum(simulation.day_sums["refunded"]) / paths / 40
    expected = 0.25 * 0.8 * 0.75 * np.cumsum(delays.Exponential(6.0).pmf(12))
    np.testing.assert_allclose(found, expected, atol=4 * 0.5 / (40 * paths) ** 0.5)


def test_what_is_still_unanswered_is_of_the_slow_segment() -> None:
    """Once the quick had their day, what is still unanswered is answered at the pace of the slow."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    account = Account.open(AMPLE, at=at)
    account.send("m", at=at)
    outreach = Outreach(sends=Sends.fixed(per_day=0), replies=SegmentedReplies(segments=SEGMENTS))
    simulation = simulate(account, outreach, start=at + timedelta(days=2), days=4, paths=20_000, rng=1)
    share, error = simulation.share_and_error("refunded")
    before, until = -np.expm1(-2 / 6), -np.expm1(-6 / 6)
    assert abs(share - 0.2 * (until - before) / (1 - 0.15 - 0.2 * before)) < 4 * error


def test_one_segment_is_the_same_as_none() -> None:
    """Bit for bit: the same draws, the same answers."""
    replies = Replies(rate=0.4, delay=delays.Exponential(2.0), kinds={"accepted": 1, "declined": 2})
    plain, segmented = (
        simulate(AMPLE, Outreach(sends=Sends.poisson(per_day=2), replies=each), start=MONDAY, days=9, rng=3)
        for each in (replies, SegmentedReplies(segments={"all": (2, replies)}))
    )
    np.testing.assert_array_equal(plain.total("refunded"), segmented.total("refunded"))


def test_segments_nobody_of_which_answers() -> None:
    """A rate of 0 in every segment is a rate of 0."""
    mixed = SegmentedReplies(
        segments={"a": (1, Replies(rate=0)), "b": (1, Replies(rate=0, delay=delays.Fixed(2)))}
    )
    assert mixed.rate == 0
    assert mixed.mean_delay_days == pytest.approx((ASSUMED_DELAY.mean_days + 2) / 2)
    simulation = simulate(
        AMPLE, Outreach(sends=Sends.fixed(per_day=1), replies=mixed), start=MONDAY, days=5, paths=3, rng=1
    )
    assert simulation.total("refunded").tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ({}, "weights of segments is {}, but must be at least one above 0"),
        ({"a": (0, Replies(rate=0.5))}, "must be at least one above 0"),
        ({"a": (-1, Replies(rate=0.5))}, "weight of a segment is -1"),
        ({"a": (1, 0.5)}, "replies of a segment is 0.5, but must be a Replies"),
        ({"a": (1, Replies(rate=0.5, sample_size=9))}, "sample_size of a segment is 9, but must be None"),
    ],
)
def test_impossible_segments_are_refused(segments: object, message: str) -> None:
    """With the segment, the value and the limit."""
    with pytest.raises(InvalidValueError, match=re.escape(message)):
        SegmentedReplies(segments=segments)  # type: ignore[arg-type]


SHOP = Plan(name="shop", grant_credits=0, lifetime_days=3, purchase_credits_max=100_000)


@pytest.mark.parametrize("refund_to", ["fresh", "original"])
@pytest.mark.parametrize("steps_per_day", [1, 4])
def test_purchases_meet_their_stated_mean(refund_to: str, steps_per_day: int) -> None:
    """Credits bought are granted, live as long as others, and then expire."""
    outreach = Outreach(sends=Sends.fixed(per_day=0), purchases=Purchases(per_day=1.5))
    simulation = simulate(
        evolve(SHOP, refund_to=refund_to),
        outreach,
        start=MONDAY,
        days=20,
        paths=4_000,
        rng=1,
        steps_per_day=steps_per_day,
    )
    for name, expected in (("bought", 30), ("granted", 30), ("expired", 25.5), ("balance", 4.5)):
        mean, error = simulation.mean_and_error(name)
        assert abs(mean - expected) < 4 * error, name


def test_purchases_stop_at_what_the_plan_sells_in_a_billing_period() -> None:
    """7 a billing period of 5 days; an account that bought 6 before the start has room for 1."""
    plan = evolve(SHOP, purchase_credits_max=7, billing_every=Interval(days=5), lifetime_days=None)
    outreach = Outreach(sends=Sends.fixed(per_day=0), purchases=Purchases(per_day=50))
    fresh = simulate(plan, outreach, start=MONDAY, days=11, paths=5, rng=1, daily_paths=True)
    assert fresh.daily is not None
    assert fresh.daily.granted[:, 0].tolist() == [7, 0, 0, 0, 0, 7, 0, 0, 0, 0, 7]
    account = Account.open(plan, at=MONDAY)
    account.purchase(6, at=MONDAY)
    assert [account.purchase_room(at=MONDAY + timedelta(days=days)) for days in (0, 4, 5)] == [1, 1, 7]
    later = simulate(account, outreach, start=MONDAY + timedelta(days=3), days=3, paths=5, rng=1)
    assert later.day_sums["granted"].tolist() == [5, 0, 35]


def test_a_plan_that_sells_nothing_sells_nothing() -> None:
    """However much is wanted; and what nobody wants changes no draw."""
    plan = Plan(name="a", grant_credits=5)
    wishes = Outreach(sends=Sends.poisson(per_day=1), purchases=Purchases(per_day=2))
    run = simulate(plan, wishes, start=MONDAY, days=30, paths=50, rng=1)
    plain = simulate(plan, evolve(wishes, purchases=Purchases()), start=MONDAY, days=30, paths=50, rng=1)
    assert not run.total("bought").any()
    np.testing.assert_array_equal(run.total("sent"), plain.total("sent"))


def test_impossible_purchases_are_refused() -> None:
    """With the value and the limit."""
    for per_day in (-1, 2_001, float("nan"), True):
        with pytest.raises(InvalidValueError, match="credits bought a day is"):
            Purchases(per_day=per_day)
    with pytest.raises(InvalidValueError, match="purchases is 3, but must be a Purchases"):
        Outreach(sends=Sends.fixed(per_day=0), purchases=3)  # type: ignore[arg-type]


def test_a_kind_named_twice_is_one_kind() -> None:
    """Its shares add up."""
    replies = Replies(rate=0.4, kinds=[("accepted", 1), ("accepted", 2), ("declined", 1)])
    assert (replies.share("accepted"), replies.share("declined")) == (0.75, 0.25)
    assert replies.chances(4_000).sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("refund_to", ["fresh", "original"])
def test_lists_and_caps_beyond_all_that_can_come_bound_nothing(refund_to: str) -> None:
    """However large they are, also where small figures are counted in narrow integers."""
    plan = Plan(name="a", grant_credits=5, lifetime_days=90, refund_to=refund_to)
    outreach = Outreach(sends=Sends.poisson(per_day=1), replies=Replies(rate=0.3))
    wide = evolve(outreach, sends=Sends.poisson(per_day=1, prospects=1_000_000))
    one = simulate(plan, outreach, start=MONDAY, days=60, paths=50, rng=1)
    other = simulate(evolve(plan, cap_credits=1_000_000), wide, start=MONDAY, days=60, paths=50, rng=1)
    np.testing.assert_array_equal(one.total("sent"), other.total("sent"))


@pytest.mark.parametrize("refund_to", ["fresh", "original"])
def test_more_than_can_be_counted_is_refused(refund_to: str) -> None:
    """A million credits a day are counted for 2,000 days, and refused for 2,200."""
    plan = Plan(
        name="huge",
        grant_credits=1_000_000,
        grant_every=Interval(days=1),
        lifetime_days=1,
        refund_to=refund_to,
    )
    quiet = Outreach(sends=Sends.fixed(per_day=1))
    run = simulate(plan, quiet, start=MONDAY, days=2_000, paths=1, rng=1)
    assert run.total("granted").tolist() == [2_000_000_000]
    with pytest.raises(
        InvalidValueError, match=r"credits and messages of a path is 220.*at most 2,147,483,647"
    ):
        simulate(plan, quiet, start=MONDAY, days=2_200, paths=1, rng=1)

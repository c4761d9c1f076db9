"""Facts planned within the horizon: each as the ledger rules on it, on every path and day."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from attrs import evolve

from inmail_credits import economies
from inmail_credits.account import Account
from inmail_credits.errors import (
    InvalidValueError,
    SubscriptionError,
    UnknownNameError,
    UnsupportedTermError,
)
from inmail_credits.facts import (
    Cancelled,
    Fact,
    Purchased,
    SeatLimited,
    SeatsChanged,
    Sent,
    Switched,
    TermsChanged,
)
from inmail_credits.forecasting import compare, forecast, sustainable_rate
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Pacing, Purchases, Replies, Sends, delays, simulate
from inmail_credits.simulation._engine.tables import LIMIT, WHAT
from inmail_credits.simulation.run import make_job
from inmail_credits.testing.engine_reference import difference
from inmail_credits.timeline import Interval

START = datetime(2026, 1, 31, tzinfo=UTC)
PLAN = Plan(name="p", grant_credits=10, lifetime_days=90, purchase_credits_max=8, seats_max=5)
ONE_A_DAY = Outreach(sends=Sends.fixed(per_day=1))
ANSWERED = Outreach(
    sends=Sends.poisson(per_day=1),
    replies=Replies(rate=0.5, delay=delays.Lognormal(4.0, 1.5), kinds={"accepted": 1, "declined": 1}),
)


def day(number: int, *, hours: float = 0) -> datetime:
    """The instant of a day of the horizon, or so many hours after it."""
    return START + timedelta(days=number, hours=hours)


def agrees(*facts: Fact, plan: Plan = PLAN, outreach: Outreach = ANSWERED, seat: str | None = None) -> bool:
    """Whether engine and ledger agree on 100 days of 4 paths."""
    job = make_job(
        plan, outreach, start=START, days=100, paths=4, rng=5, daily_paths=True, planned=facts, seat=seat
    )
    assert job.opening.turns
    return difference(job) is None


@pytest.mark.proves("D12")
def test_a_planned_cancellation_forfeits_at_the_end_of_its_period() -> None:
    """Cancelled on day 3: credits last until 28 February, and what is left then is forfeited."""
    run = simulate(
        PLAN, ONE_A_DAY, start=START, days=40, paths=1, rng=1, planned=[Cancelled(at=day(3, hours=5))]
    )
    assert run.day_sums["sent"].sum() == 10
    assert run.day_sums["granted"].sum() == 10
    few = evolve(ONE_A_DAY, sends=Sends.fixed(per_week=1))
    run = simulate(PLAN, few, start=START, days=40, paths=1, rng=1, planned=[Cancelled(at=day(3))])
    assert np.flatnonzero(run.day_sums["forfeited"]).tolist() == [28]
    assert agrees(Cancelled(at=day(3)))
    assert agrees(Cancelled(at=day(28)), plan=evolve(PLAN, cancel_at="at_once"))


@pytest.mark.proves("D12")
@pytest.mark.parametrize("on_switch", ["end", "follow"])
@pytest.mark.parametrize("hours", [0, 7])
def test_a_planned_switch_forfeits_and_grants_at_once(on_switch: str, hours: float) -> None:
    """Refunds in flight end with the subscription or follow it, as the plan that is left says."""
    new = Plan(name="new", grant_credits=7, lifetime_days=20, refund_to="original", cap_credits=9)
    old = evolve(PLAN, on_switch=on_switch)
    switch = Switched(plan=new, at=day(10, hours=hours))
    run = simulate(
        old, Outreach(sends=Sends.fixed(per_week=1)), start=START, days=20, rng=1, planned=[switch]
    )
    felt = 10 + (hours > 0)
    assert np.flatnonzero(run.day_sums["granted"]).tolist() == [0, felt]
    assert np.flatnonzero(run.day_sums["forfeited"]).tolist() == [felt]
    assert agrees(switch, plan=old)


@pytest.mark.proves("D16")
def test_planned_terms_hold_for_messages_sent_from_then_on() -> None:
    """Window, kinds and silence stay those a message was sent under; lots, grants and cap are new."""
    silence = Plan(
        name="s", grant_credits=4, refund_on="silence", reply_window_days=7, cap_credits=12, lifetime_days=30
    )
    strict = Plan(
        name="t",
        grant_credits=6,
        reply_window_days=4,
        refund_kinds=["accepted"],
        refund_to="original",
        lifetime_days=15,
        grant_every=Interval(days=9),
    )
    for first, second in ((silence, strict), (strict, silence), (PLAN, silence), (strict, PLAN)):
        assert agrees(TermsChanged(plan=second, at=day(12)), plan=first)
        there_and_back = (
            TermsChanged(plan=second, at=day(12, hours=3)),
            TermsChanged(plan=first, at=day(19)),
        )
        assert agrees(*there_and_back, plan=first)


@pytest.mark.proves("D20")
def test_planned_seats_and_limits() -> None:
    """A seat added brings its allotment; a limit counts what was sent since the last scheduled grant."""
    seats = (SeatsChanged(seats=3, at=day(5)), SeatsChanged(seats=1, at=day(40)))
    run = simulate(PLAN, ONE_A_DAY, start=START, days=60, paths=1, rng=1, planned=seats)
    granted = {int(k): int(run.day_sums["granted"][k]) for k in np.flatnonzero(run.day_sums["granted"])}
    assert granted == {0: 10, 5: 20, 28: 30, 59: 10}
    limit = SeatLimited(seat="ana", credits_max=4, at=day(2))
    run = simulate(PLAN, ONE_A_DAY, start=START, days=30, paths=1, rng=1, planned=[limit], seat="ana")
    assert np.flatnonzero(run.day_sums["sent"]).tolist() == [0, 1, 2, 3, 28, 29]
    lifted = SeatLimited(seat="ana", credits_max=None, at=day(50))
    paced = evolve(ANSWERED, sends=Sends.poisson(per_day=2, pacing=Pacing()))
    assert agrees(*seats, limit, lifted, seat="ana")
    assert agrees(limit, Switched(plan=PLAN, at=day(20)), seat="ana", outreach=paced)


@pytest.mark.proves("D20")
def test_an_account_brings_its_limit_and_what_the_seat_has_sent() -> None:
    """Two of three are sent before the start: one is left until the next grant."""
    account = Account.open(PLAN, at=START)
    account.limit_seat("ana", credits_max=3, at=START)
    for number in range(2):
        account.send(f"m-{number}", at=day(1), seat="ana")
    run = simulate(account, ONE_A_DAY, days=30, paths=1, rng=1, seat="ana")
    assert np.flatnonzero(run.day_sums["sent"]).tolist() == [0, 27, 28, 29]


def test_planned_purchases_add_to_those_made_at_random() -> None:
    """A purchase that is more than is still sold on a path moves nothing there."""
    bought = [Purchased(credits=5, at=day(k), id=str(k)) for k in (20, 35, 80)]
    run = simulate(PLAN, ONE_A_DAY, start=START, days=40, paths=1, rng=1, planned=bought[:1])
    assert run.day_sums["bought"][20] == 5
    shopping = evolve(ANSWERED, purchases=Purchases(per_day=0.2))
    assert agrees(*bought, outreach=shopping)
    assert agrees(*bought[:2], TermsChanged(plan=evolve(PLAN, purchase_credits_max=2), at=day(40)))
    assert agrees(TermsChanged(plan=evolve(PLAN, purchase_credits_max=2), at=day(40)), outreach=shopping)


def test_the_reference_sees_a_limit_that_the_engine_forgets() -> None:
    """A planted fault: the engine without the events of limits."""
    limit = SeatLimited(seat="ana", credits_max=4, at=day(2))
    job = make_job(
        PLAN, ANSWERED, start=START, days=30, paths=2, rng=1, daily_paths=True, planned=[limit], seat="ana"
    )
    events = job.tables.events.copy()
    events[events[:, WHAT] == LIMIT, WHAT] = -1
    assert difference(job) is None
    assert str(difference(evolve(job, tables=job.tables._replace(events=events)))).startswith("sent on day")


def test_draws_do_not_depend_on_what_is_planned() -> None:
    """Wishes are the same with and without a switch."""
    runs = [
        simulate(PLAN, ANSWERED, start=START, days=60, paths=50, rng=1, planned=planned)
        for planned in ((), [Switched(plan=PLAN, at=day(9))], [Cancelled(at=day(9))])
    ]
    for run in runs[1:]:
        np.testing.assert_array_equal(run.total("wanted"), runs[0].total("wanted"))


def test_a_forecast_takes_planned_facts() -> None:
    """The grants it shows are those of the plan after the switch."""
    switch = Switched(plan=economies.LINKEDIN_2019["career"], at=date(2026, 2, 10))
    found = forecast(PLAN, ONE_A_DAY, start=START, months=2, rng=7, paths=10, planned=[switch])
    assert [f"{at:%m-%d}" for at in found.grants] == ["01-31", "02-10", "03-10"]
    assert found.simulation.day_sums["granted"].sum() == 10 * (10 + 3 + 3)


def test_a_comparison_takes_planned_facts_by_label_or_for_all() -> None:
    """Each as its own forecast has it; a label that is not compared is named."""
    ends, kept = Cancelled(at=day(40)), {"kept": PLAN, "cancelled": PLAN}
    terms = {"start": START, "days": 90, "rng": 7, "paths": 20}

    def granted(planned: object) -> list[float]:
        found = compare(kept, ANSWERED, planned=planned, **terms)  # type: ignore[arg-type]
        return list(found.summary()["granted"])

    assert granted({"cancelled": [ends]}) == [40, 20]
    assert granted(fact for fact in [ends]) == [20, 20]
    alone = forecast(PLAN, ANSWERED, planned=[ends], **terms)  # type: ignore[arg-type]
    assert alone.simulation.total("granted").mean() == 20
    with pytest.raises(UnknownNameError, match="'gold'; known: kept, cancelled"):
        granted({"gold": [ends]})
    with pytest.raises(InvalidValueError, match="but must be a list of facts"):
        granted({"kept": ends})


def test_a_sustainable_rate_takes_planned_facts() -> None:
    """Under a plan that grants twice as much from the first day, about that of the larger plan."""
    more = TermsChanged(plan=evolve(PLAN, grant_credits=20), at=day(0))
    kept, larger = (
        sustainable_rate(PLAN, ANSWERED, start=START, days=90, rng=7, paths=200, planned=planned).per_week
        for planned in (iter([]), iter([more]))
    )
    assert 0 < kept < larger


@pytest.mark.parametrize(
    ("planned", "error", "told"),
    [
        ([Cancelled(at=day(-1))], InvalidValueError, "within the horizon, from 2026-01-31"),
        ([Cancelled(at=day(30))], InvalidValueError, "to before 2026-03-02T00:00:00Z"),
        ([Sent(message_id="m", at=day(1))], InvalidValueError, "a fact of a kind that can be planned"),
        ([Cancelled(at=day(1)), Cancelled(at=day(2))], SubscriptionError, "it is cancelled already"),
        ([Purchased(credits=9, at=day(1))], SubscriptionError, "'p' sells 8 more"),
        ([Purchased(credits=1, at=day(1))] * 2, InvalidValueError, "given once"),
        (Cancelled(at=day(1)), InvalidValueError, "planned"),
    ],
)
def test_what_cannot_be_planned_is_refused(planned: list[Fact], error: type[Exception], told: str) -> None:
    """By the simulation, or by the rules of the ledger."""
    with pytest.raises(error, match=told):
        simulate(PLAN, ONE_A_DAY, start=START, days=30, paths=1, rng=1, planned=planned)


def test_other_billing_dates_with_credits_bought_at_random_are_refused_by_name() -> None:
    """What counts as bought in a period that had begun before would depend on the path."""
    weekly = evolve(PLAN, billing_every=Interval(days=7))
    shopping = evolve(ANSWERED, purchases=Purchases(per_day=0.2))
    with pytest.raises(UnsupportedTermError, match="billing_every='7 days'"):
        agrees(TermsChanged(plan=weekly, at=day(3)), outreach=shopping)
    assert agrees(TermsChanged(plan=weekly, at=day(3)))

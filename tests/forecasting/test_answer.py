"""The verdict in words, at its edges, and how much may be sent."""

from datetime import UTC, date, datetime
from math import inf

import numpy as np
import pytest
from attrs import evolve

from inmail_credits import Account, Plan, economies
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import forecast, pace, sustainable_rate
from inmail_credits.forecasting.answer import rate_sentence
from inmail_credits.forecasting.variations import at_rate
from inmail_credits.simulation import Outreach, Replies, Sends, simulate

START = datetime(2026, 1, 1, tzinfo=UTC)
CAREER, BUSINESS = (economies.LINKEDIN_2019[name] for name in ("career", "business"))
RECRUITER = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))


def fixed(per_day: float) -> Outreach:
    """Somebody without any chance in them."""
    return Outreach(sends=Sends.fixed(per_day=per_day), replies=Replies(rate=0.0))


def answer(plan: Plan, outreach: Outreach, *, days: int = 59, paths: int = 400) -> str:
    """The verdict on a plan."""
    return forecast(plan, outreach, start=START, days=days, rng=7, paths=paths).answer()


def test_running_dry_for_certain_on_one_day() -> None:
    """3 credits at one a day: the fourth day, without a band, on every path."""
    assert answer(CAREER, fixed(1)).startswith("You run dry on 4 January 2026, on every path.")


def test_never_running_dry() -> None:
    """Nobody is refused, and what is left over is told."""
    said = answer(BUSINESS, fixed(0.1), days=365)
    assert said.startswith("You never run dry: on none of 400 paths is a message refused.")
    assert said.endswith("credits expire unused.")


def test_nobody_who_sends_runs_dry() -> None:
    """There is nothing to refuse."""
    assert answer(CAREER, fixed(0)).startswith("Nobody wants to send anything, so you never run dry.")


def test_probably_with_a_band_and_the_paths_that_never_do() -> None:
    """The date is the median of the paths that run dry, the band the middle 80 % of them."""
    f = forecast(BUSINESS, RECRUITER, start=START, months=6, rng=7, paths=2_000)
    dry = f.simulation.total("dry_day")
    days = np.sort(dry[dry >= 0])
    low, middle, high = (days[int(np.ceil(q * len(days))) - 1] for q in (0.1, 0.5, 0.9))
    said = f.answer()
    assert said.startswith("You will probably run dry on ")
    dates = f.simulation.dates
    for day in (low, middle, high):
        assert f"{dates[int(day)].day} " in said
    never = round(100 * float((dry < 0).mean()))
    assert f"; {never} of 100 paths never do." in said


@pytest.mark.parametrize(
    ("per_week", "beginning"),
    [
        (6.5, "You will almost surely run dry on "),
        (4, "You will probably not run dry: "),
        (2, "You will probably not run dry: fewer than 1 of 100 paths do, on "),
    ],
)
def test_how_sure_it_is(per_week: float, beginning: str) -> None:
    """Almost surely from 95 % on, probably from half on."""
    outreach = evolve(RECRUITER, sends=Sends.poisson(per_week=per_week))
    assert answer(BUSINESS, outreach, days=90, paths=4_000).startswith(beginning)


# How much may be sent.


def test_the_sustainable_rate_keeps_the_odds_and_a_little_more_does_not() -> None:
    """Tried again with other draws: the odds at the rate are the limit, within errors."""
    found = sustainable_rate(BUSINESS, RECRUITER, months=3, run_dry_odds=0.2, rng=7, start=START)
    assert 0 < found.error < 0.2
    odds = [
        float(
            simulate(
                BUSINESS, at_rate(RECRUITER, rate), start=START, days=90, paths=20_000, rng=99
            ).dry_paths[-1]
        )
        / 20_000
        for rate in (found.per_week - 4 * found.error, found.per_week + 4 * found.error)
    ]
    assert odds[0] < 0.2 < odds[1]


def test_a_certain_case_is_found_exactly() -> None:
    """15 credits over 59 days, two grants, no answers, even sending: 15 before the second grant."""
    found = sustainable_rate(BUSINESS, fixed(1), days=31, rng=7, start=START, paths=20)
    assert found.per_week == pytest.approx(7 * 15.5 / 31, rel=0.04)


def test_where_nothing_is_ever_refused_there_is_no_limit() -> None:
    """A plan with a credit for everything."""
    plan = Plan(name="endless", grant_credits=1_000_000)
    found = sustainable_rate(plan, RECRUITER, days=20, rng=7, start=START, paths=20)
    assert found.per_week == inf
    assert found.sentence == "The odds stay under 5 % however much you send."


def test_sentences_round_down() -> None:
    """Rounding up would break the promise."""
    assert rate_sentence(3.49, 0.05) == "To keep the odds under 5 %, send at most 3.4 a week."
    assert rate_sentence(0.0, 0.05) == "No rate keeps the odds under 5 %."


def test_a_pace_leads_to_the_next_grant() -> None:
    """Its end is the next grant, its deadlines are the lots."""
    account = Account.open(BUSINESS, at=START)
    found = pace(account, RECRUITER, rng=7, paths=500)
    assert found.until == datetime(2026, 2, 1, tzinfo=UTC)
    assert [(lot.credits, lot.last_useful_on) for lot in found.deadlines] == [(15, date(2026, 3, 31))]
    assert str(found.deadlines[0]) == "15 credits die 2026-04-01T00:00:00Z: use them by 31 March 2026"
    assert len(found.to_frame()) == 1


def test_a_pace_counts_credits_still_to_come_back() -> None:
    """Messages in flight bring credits: more may be sent than without them."""
    account, settled = (Account.open(BUSINESS, at=START) for _ in range(2))
    for number in range(10):
        for each in (account, settled):
            each.send(f"m-{number}", at=START)
        settled.withdraw(f"m-{number}", at=START)
    replying = evolve(RECRUITER, replies=Replies(rate=0.8))
    rates = [pace(each, replying, start=START, rng=7, paths=500).per_day for each in (account, settled)]
    assert rates[0] > 1.2 * rates[1]


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"run_dry_odds": 0}, "run_dry_odds is 0"),
        ({"run_dry_odds": 1}, "run_dry_odds is 1"),
        ({"paths": 9}, "paths is 9, but must be a whole number from 10"),
        ({"days": None}, "horizon is None, but must be exactly one"),
    ],
)
def test_bad_terms_are_refused_by_name(terms: dict[str, object], message: str) -> None:
    """With the value and the limit."""
    with pytest.raises(InvalidValueError, match=f"^{message}"):
        sustainable_rate(CAREER, RECRUITER, **{"days": 30, "start": START, **terms})  # type: ignore[arg-type]

"""Forecasts whose answer is plain without any simulation."""

from datetime import UTC, date, datetime, timedelta
from math import isnan

import numpy as np
import pytest

from inmail_credits import Account, Plan, economies
from inmail_credits.forecasting import forecast
from inmail_credits.simulation import Outreach, Replies, Sends
from inmail_credits.simulation.behaviour.delays import Fixed
from inmail_credits.timeline import Interval

CAREER = economies.LINKEDIN_2019["career"]
NEW_YEAR = date(2026, 1, 1)
ONE_A_DAY = Sends.fixed(per_week=7)
SILENCE = Outreach(sends=ONE_A_DAY, replies=Replies(rate=0.0))


def test_if_everybody_answers_at_once_nothing_is_ever_refused() -> None:
    """With rate 1 and no delay, one credit carries any number of single messages."""
    outreach = Outreach(sends=ONE_A_DAY, replies=Replies(rate=1.0, delay=Fixed(0)))
    summary = forecast(CAREER, outreach, start=NEW_YEAR, months=12, rng=7, paths=50).summary()["mean"]
    assert summary["sent"] == summary["wanted"] == summary["refunded"] == 365
    assert summary["refused"] == summary["run_dry"] == 0
    assert summary["share_sent"] == 1


def test_if_nobody_answers_three_credits_last_three_days() -> None:
    """With rate 0, every path runs dry on the fourth day, and exactly the grants are sent."""
    f = forecast(CAREER, SILENCE, start=NEW_YEAR, months=12, rng=7, paths=50)
    table = f.summary()
    made = table.to_dict("index")["sent"]
    assert [made[column] for column in ("mean", "error", "p5", "p50", "p95")] == [36, 0, 36, 36, 36]
    assert table.loc["refused", "mean"] == 365 - 36
    assert table.loc["refunded", "mean"] == 0
    assert f.run_dry_on(1.0) == f.run_dry_on(0.01) == date(2026, 1, 4)
    assert f.run_dry()["by_then"].iloc[:5].to_list() == [0, 0, 0, 1, 1]


def test_a_plan_without_credits_refuses_everything() -> None:
    """A forecast of refusals is a result, not an exception."""
    plan = Plan(name="none", grant_credits=0)
    f = forecast(plan, SILENCE, start=NEW_YEAR, months=1, rng=7, paths=50)
    summary = f.summary()["mean"]
    assert summary["refused"] == summary["wanted"] == 31
    assert summary["share_sent"] == 0
    assert isnan(summary["share_wasted"])
    assert set(f.quantiles()["balance"]) == {0}
    assert f.run_dry_on(1.0) == NEW_YEAR


def test_without_sends_nothing_is_refused_and_all_that_is_old_expires() -> None:
    """With no messages wanted, the forecast is what the account itself says of its future."""
    outreach = Outreach(sends=Sends.fixed(per_week=0))
    f = forecast(CAREER, outreach, start=date(2026, 1, 31), months=12, rng=7, paths=50)
    account = Account.open(CAREER, at=date(2026, 1, 31))
    end = date(2026, 1, 31) + timedelta(days=365)
    statement = account.statement(date(2026, 1, 31), end)
    summary = f.summary()
    assert statement.expired > 0
    assert summary.loc["expired", "mean"] == statement.expired
    assert summary.loc["balance", "mean"] == statement.balance
    assert summary.loc["refused", "mean"] == 0
    assert isnan(summary["mean"]["share_sent"])
    months = [s.expired for s in account.history(date(2026, 1, 31), end, grain="month")]
    assert f.expiries("month")["expired"].to_list() == months
    assert f.expiries("month")["error"].to_list() == [0.0] * len(months)


def test_a_thousand_credits_never_run_dry_and_the_bounds_say_how_unlikely() -> None:
    """No path ran dry, so the odds are 0; the bound says what 500 paths exclude."""
    f = forecast(Plan(name="big", grant_credits=1_000), SILENCE, start=NEW_YEAR, months=12, rng=7, paths=500)
    last = f.run_dry().iloc[-1]
    assert last["by_then"] == last["low"] == 0
    assert last["high"] == pytest.approx(1 - 0.025 ** (1 / 500))
    assert f.run_dry_on(0.01) is None


def test_a_probability_of_zero_is_reached_at_once() -> None:
    """A share of none of the paths has run dry on the first day already."""
    assert forecast(CAREER, SILENCE, start=NEW_YEAR, months=1, rng=7, paths=5).run_dry_on(0.0) == NEW_YEAR


def test_one_path_has_figures_and_no_errors(recruiter: Outreach) -> None:
    """A single path is one draw: whole numbers, all quantiles alike, and no error."""
    f = forecast(CAREER, recruiter, start=NEW_YEAR, months=3, rng=7, paths=1)
    made = f.summary().to_dict("index")["sent"]
    assert made["mean"] == made["p5"] == made["p95"]
    assert isnan(made["error"])
    assert isnan(f.run_dry()["error"].iloc[-1])
    assert f.expiries("month")["error"].isna().all()
    assert f.run_dry()["low"].iloc[-1] < f.run_dry()["high"].iloc[-1]


def test_an_account_is_forecast_from_where_it_stands(recruiter: Outreach) -> None:
    """Start, opening credits, plan and grant dates are the account's own."""
    account = Account.open(economies.LINKEDIN_2019["business"], at=datetime(2026, 1, 12, 9, 17, tzinfo=UTC))
    for day in range(9):
        account.send(f"m-{day}", at=datetime(2026, 1, 14 + day, 11, tzinfo=UTC))
    f = forecast(account, recruiter, months=2, rng=7, paths=200)
    assert f.simulation.start == account.latest_at
    assert f.summary().loc["opening", "mean"] == account.balance(at=account.latest_at) == 6
    assert f.grants == (datetime(2026, 2, 12, 9, 17, tzinfo=UTC), datetime(2026, 3, 12, 9, 17, tzinfo=UTC))
    assert f.flow("granted", "billing_period")["granted"].to_list() == [0, 15, 15]
    assert "run_dry_by_2026-02-12" in f.summary().index


def test_a_later_change_of_the_account_leaves_its_forecast_alone(recruiter: Outreach) -> None:
    """The errors by period are worked out on demand, from the account as it was."""
    account = Account.open(CAREER, at=NEW_YEAR)
    f = forecast(account, recruiter, months=3, rng=7, paths=200)
    fresh = forecast(account, recruiter, months=3, rng=7, paths=200)
    before = f.flow("refused")
    account.send("m-1", at=date(2026, 1, 1))
    after = fresh.flow("refused")
    assert before.equals(after)


def test_months_are_counted_from_the_start() -> None:
    """A month from 31 January ends on 28 February: 28 days (D5)."""
    f = forecast(CAREER, SILENCE, start=date(2026, 1, 31), months=1, rng=7, paths=5)
    assert f.simulation.days == 28
    assert f.quantiles([0.5])["date"].iloc[-1] == np.datetime64("2026-02-27")


def test_a_refusal_on_the_day_of_a_billing_period_counts_for_that_period() -> None:
    """28 credits last from 31 January to 27 February; the refusal of the 28th is the next period's."""
    plan = Plan(name="two-monthly", grant_credits=28, grant_every=Interval(months=2))
    f = forecast(plan, SILENCE, start=date(2026, 1, 31), months=2, rng=7, paths=5)
    odds = f.summary()["mean"]
    assert f.run_dry_on(1.0) == date(2026, 2, 28)
    assert odds["run_dry_by_2026-02-28"] == 0
    assert odds["run_dry_by_2026-03-31"] == 1

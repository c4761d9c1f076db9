"""What is lost, lot by lot, and what is still to come back."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from inmail_credits import Account, Plan, economies
from inmail_credits.forecasting import forecast
from inmail_credits.simulation import Outreach, Replies, Sends, Withdrawals, simulate
from inmail_credits.simulation.behaviour.delays import Exponential

START = datetime(2026, 1, 1, tzinfo=UTC)
BUSINESS = economies.LINKEDIN_2019["business"]
NOTHING = Outreach(sends=Sends.fixed(per_week=0))
CASES = {
    "queue": (BUSINESS, Outreach(sends=Sends.poisson(per_week=3), replies=Replies(rate=0.3))),
    "lots": (
        Plan(name="original", grant_credits=12, lifetime_days=33, refund_to="original", cap_credits=20),
        Outreach(sends=Sends.poisson(per_week=2), replies=Replies(rate=0.4), zone="Europe/Berlin"),
    ),
}


def account(messages: int = 12) -> Account:
    """Business since 20 November, with messages sent on the first days of December."""
    opened = Account.open(BUSINESS, at=datetime(2025, 11, 20, tzinfo=UTC))
    for number in range(messages):
        opened.send(f"m-{number}", at=datetime(2025, 12, 1 + number, 8, tzinfo=UTC))
    return opened


def test_a_grant_nobody_touches_dies_whole_on_its_day() -> None:
    """Without sends each grant of Business dies 90 days after it, without any doubt (R8)."""
    table = forecast(BUSINESS, NOTHING, start=START, months=6, rng=7, paths=20).waste()
    assert table["date"].dt.date.tolist() == [
        date(2026, 4, 1),
        date(2026, 5, 2),
        date(2026, 5, 30),
        date(2026, 6, 30),
    ]
    assert table["lot"].tolist() == [
        f"granted 1 {month} 2026" for month in ("January", "February", "March", "April")
    ]
    assert table["credits"].tolist() == [15.0] * 4
    assert table["error"].tolist() == [0.0] * 4
    assert table["reason"].eq("expired").all()


def test_lots_held_at_the_start_come_first() -> None:
    """An account's own lots are named as such, with what is left of them."""
    table = forecast(account(0), NOTHING, start=START, days=80, rng=7, paths=20).waste()
    assert table["lot"].tolist() == ["held at the start", "held at the start"]
    assert table["credits"].tolist() == [15.0, 15.0]
    assert table["date"].dt.date.tolist() == [date(2026, 2, 18), date(2026, 3, 20)]


@pytest.mark.parametrize("case", CASES)
def test_lots_add_up_to_all_that_is_lost(case: str) -> None:
    """Expired and forfeited rows add up to the figures of the summary; errors are those of each path."""
    plan, outreach = CASES[case]
    f = forecast(plan, outreach, start=START, days=200, rng=7, paths=300)
    table = f.waste()
    for reason in ("expired", "forfeited"):
        lost = table.loc[table["reason"] == reason, "credits"].sum()
        assert lost == pytest.approx(f.simulation.mean_and_error(reason)[0])
    daily = simulate(plan, outreach, start=START, days=200, rng=7, paths=300, daily_paths=True).daily
    assert daily is not None
    expired = table[table["reason"] == "expired"]
    by_lot = np.add.reduceat(daily.expired, f.lots.periods.cuts[:, 0], axis=0, dtype=np.int64)
    assert np.allclose(expired["credits"], by_lot.mean(axis=1))
    assert np.allclose(expired["error"], by_lot.std(axis=1, ddof=1) / 300**0.5)
    assert expired["error"].gt(0).any()


def test_what_passes_the_cap_is_lost_on_the_day_of_the_grant() -> None:
    """A full account forfeits what the next grant would put above its cap (D6)."""
    plan = Plan(name="capped", grant_credits=10, lifetime_days=None, cap_credits=25)
    table = forecast(plan, NOTHING, start=START, months=5, rng=7, paths=10).waste()
    assert table["lot"].tolist() == ["above the cap"] * 3
    assert table["reason"].tolist() == ["forfeited"] * 3
    assert table["credits"].tolist() == [5.0, 10.0, 10.0]
    assert table["date"].dt.date.tolist() == [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]


def test_a_cancelled_subscription_forfeits_at_its_end() -> None:
    """What is left when the billing period ends is forfeited (D12)."""
    opened = account(0)
    opened.cancel(at=START - timedelta(days=2))
    table = forecast(opened, NOTHING, start=START, months=2, rng=7, paths=10).waste()
    assert table["lot"].tolist() == ["end of the subscription"]
    assert table["credits"].tolist() == [30.0]
    assert table["date"].dt.date.tolist() == [date(2026, 1, 20)]


def test_nothing_lost_is_an_empty_table() -> None:
    """A horizon shorter than the life of a credit loses nothing."""
    table = forecast(BUSINESS, NOTHING, start=START, days=30, rng=7, paths=10).waste()
    assert table.empty
    assert table.columns.tolist() == ["date", "lot", "reason", "credits", "error"]


def test_open_messages_come_back_with_the_odds_that_silence_leaves() -> None:
    """A message of age a is answered yet with r (1 - F(a)) / (1 - r F(a)); in all, their sum."""
    delay = Exponential(mean_days=6)
    outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.4, delay=delay))
    f = forecast(account(), outreach, start=START, days=70, rng=7, paths=20_000)
    ages = [
        (START - datetime(2025, 12, 1 + number, 8, tzinfo=UTC)) / timedelta(days=1) for number in range(12)
    ]
    silent = np.exp(-np.array(ages) / 6)
    exact = float((0.4 * silent / (1 - 0.4 * (1 - silent))).sum())
    last = f.in_flight().iloc[-1]
    assert abs(last["by_then"] - exact) < 4 * last["by_then_error"] + 0.001
    assert last["by_then_error"] < 0.02
    assert last["to_come"] == 0


def test_the_dates_are_those_of_an_account_that_sends_nothing_more() -> None:
    """By day, with errors, and added up: the refunds of the same account without sends."""
    terms = {"replies": Replies(rate=0.5, sample_size=9), "withdrawals": Withdrawals(rate=0.5, after_days=33)}
    outreach = Outreach(sends=Sends.poisson(per_week=5), **terms)  # type: ignore[arg-type] # as named above
    alone = Outreach(sends=Sends.fixed(per_week=0), **terms)  # type: ignore[arg-type] # as named above
    table = forecast(account(), outreach, start=START, days=40, rng=7, paths=900).in_flight()
    expected = forecast(account(), alone, start=START, days=40, rng=7, paths=900)
    by_day = expected.flow("refunded", "day")
    assert np.allclose(table["refunded"], by_day["refunded"])
    assert np.allclose(table["error"], by_day["error"])
    total, error = expected.simulation.mean_and_error("refunded")
    assert table["by_then"].iloc[-1] == pytest.approx(total)
    assert table["by_then_error"].iloc[-1] == pytest.approx(error)
    assert np.allclose(table["by_then"] + table["to_come"], total)


def test_without_open_messages_nothing_comes_back() -> None:
    """A plan begins without messages: the table is there, and all 0."""
    f = forecast(BUSINESS, CASES["queue"][1], start=START, days=20, rng=7, paths=10)
    table = f.in_flight()
    assert len(table) == 20
    assert table.drop(columns="date").eq(0).all(axis=None)
    table["refunded"] = 1.0
    assert f.in_flight()["refunded"].eq(0).all()

"""What a backtest takes from an account's history: messages that cost a credit, local days, ends of days."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from inmail_credits import Account, Plan
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import backtest, forecast, known_by
from inmail_credits.forecasting.backtest import fitted
from inmail_credits.simulation import Outreach, Replies, Sends
from inmail_credits.simulation.run import SimulationCancelledError
from tests.calibration.accounts import made_account

PLAN = Plan(name="monthly", grant_credits=60, lifetime_days=90)
START = datetime(2026, 1, 1, tzinfo=UTC)


def daily(plan: Plan, days: int, *, start: datetime = START, hour: int = 12, offset: int = 0) -> Account:
    """A message a day, never answered."""
    account = Account.open(plan, at=start)
    for day in range(offset, days):
        account.send(f"m-{day}", at=start + timedelta(days=day, hours=hour))
    return account


def test_free_messages_are_not_fitted() -> None:
    """A group message is answered each time; the InMails never are, and only they cost a credit."""
    account = daily(PLAN, 60)
    for day in range(60):
        at = START + timedelta(days=day, hours=1)
        account.send(f"free-{day}", at=at, channel="group")
        account.reply(f"free-{day}", at=at + timedelta(hours=1))
    draws = fitted(account, START + timedelta(days=60), None, "UTC")
    assert max(one.replies.rate for one in draws) < 0.1
    assert np.mean([one.sends.per_week for one in draws]) == pytest.approx(7, rel=0.05)


def test_a_refused_message_was_wanted_but_says_nothing_of_replies() -> None:
    """Facts for which there was no credit count as sends; their answers, to free messages, do not."""
    plan = Plan(name="small", grant_credits=15, lifetime_days=90)
    account = Account.open(plan, at=START)
    facts = list(account.facts)
    whole = daily(PLAN, 60)
    facts += [fact for fact in whole.facts if fact.type == "sent"]
    replayed = Account.replay(facts)
    refused = [conflict.fact for conflict in replayed.conflicts]
    assert len(refused) == 29
    draws = fitted(replayed, START + timedelta(days=60), None, "UTC")
    assert np.mean([one.sends.per_week for one in draws]) == pytest.approx(7, rel=0.05)


@pytest.mark.parametrize(("zone", "free"), [("America/New_York", 6), ("Asia/Tokyo", 0), ("UTC", 6)])
def test_weekdays_are_those_of_the_zone_in_fit_and_simulation(zone: str, free: int) -> None:
    """At 20:00 UTC it is the same day in New York and the next in Tokyo: the day without messages moves."""
    account = Account.open(PLAN, at=START)
    for day in range(84):
        at = START + timedelta(days=day, hours=20)
        if at.weekday() != 6:
            account.send(f"m-{day}", at=at)
    draws = fitted(account, START + timedelta(days=84), None, zone)
    assert {one.zone for one in draws} == {zone}
    by_weekday = draws[0].sends.by_weekday
    assert min(range(7), key=by_weekday.__getitem__) == free


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_only_whole_local_days_are_counted(zone: str) -> None:
    """A message an hour: 168 a week in any zone, though the account begins and the data end within a day."""
    plan = Plan(name="large", grant_credits=10_000, lifetime_days=90)
    account = Account.open(plan, at=START)
    for hour in range(24 * 28):
        account.send(f"m-{hour}", at=START + timedelta(hours=hour))
    draws = fitted(account, START + timedelta(days=28), None, zone)
    assert np.mean([one.sends.per_week for one in draws]) == pytest.approx(168, rel=0.004)


def test_a_balance_that_is_empty_only_before_the_grant_is_empty() -> None:
    """The end of a day lies before the grant of the next midnight, in what happened as in the simulation."""
    plan = Plan(name="three", grant_credits=3, lifetime_days=90)
    account = Account.open(plan, at=START)
    for month in range(1, 7):
        last = datetime(2026, month + 1, 1, tzinfo=UTC) - timedelta(hours=12)
        for number in range(3):
            account.send(f"{month}-{number}", at=last + timedelta(minutes=number))
    outreach = Outreach(
        sends=Sends.poisson(per_week=0, bursts={date(2026, 5, 31): 3}), replies=Replies(rate=0.0)
    )
    found = backtest(
        account,
        origins=[date(2026, 5, 1)],
        horizon="1M",
        refit=False,
        outreach=outreach,
        until=date(2026, 6, 1),
        paths=100,
        rng=1,
    )
    row = found.frame.set_index("figure").loc["run_dry"]
    assert (row["mean"], row["actual"], row["naive"]) == (1.0, 1.0, 1.0)
    assert row["brier"] == 0.0


def test_the_span_before_must_be_known_to_be_a_forecast() -> None:
    """An account two months old has no quarter before: there is no naive forecast but that of the balance."""
    account = made_account(seed=1, plan="recruiter-lite", per_week=5.0, days=160)
    found = backtest(
        account, origins=[date(2026, 3, 1)], horizon="3M", until=date(2026, 6, 1), paths=100, rng=1
    )
    rows = found.frame.set_index("figure")
    assert np.isnan(rows["naive"].to_dict()["spent"])
    assert np.isnan(rows["naive_brier"].to_dict()["run_dry"])
    assert rows["naive"].to_dict()["balance"] == account.statement(START, date(2026, 3, 1)).balance
    assert np.isnan(found.summary()["skill"].to_dict()["spent"])


def test_days_are_local_across_a_clock_change() -> None:
    """A month of Berlin that holds the change has as many local days, and ends at local midnight."""
    account = made_account(seed=2, plan="recruiter-lite", per_week=6.0, days=160)
    origin = datetime(2026, 2, 28, 23, tzinfo=UTC)  # 1 March, 00:00 in Berlin
    found = backtest(account, origins=[origin], horizon="1M", zone="Europe/Berlin", paths=100, rng=1)
    end = datetime(2026, 3, 31, 22, tzinfo=UTC)
    rows = found.frame.set_index("figure")["actual"].to_dict()
    assert rows["spent"] == account.statement(origin, end).spent
    assert rows["balance"] == account.statement(origin, end).balance


def test_the_seed_may_be_left_out_and_is_reported() -> None:
    """So that the run can be repeated; progress counts origins by their paths, and may stop the run."""
    account = made_account(seed=1, plan="recruiter-lite", per_week=5.0, days=120)
    seen: list[tuple[int, int]] = []
    first = backtest(
        account, origins=[date(2026, 3, 1), date(2026, 3, 8)], paths=100,
        progress=lambda done, paths: seen.append((done, paths)),
    )  # fmt: skip
    assert seen == [(100, 200), (200, 200)]
    assert first.seed is not None
    again = backtest(account, origins=[date(2026, 3, 1), date(2026, 3, 8)], paths=100, rng=first.seed)
    assert again.frame.equals(first.frame)
    with pytest.raises(SimulationCancelledError):
        backtest(account, origins=[date(2026, 3, 1)], paths=100, progress=lambda _done, _paths: False)
    with pytest.raises(InvalidValueError, match="progress is 3"):
        backtest(account, origins=[date(2026, 3, 1)], paths=100, progress=3)  # type: ignore[arg-type] # wrong


def test_plain_data_holds_every_row() -> None:
    """What the command line prints as JSON."""
    account = made_account(seed=1, plan="recruiter-lite", per_week=5.0, days=120)
    found = backtest(account, origins=[date(2026, 1, 5), date(2026, 3, 1)], paths=100, rng=1)
    data = found.to_dict()
    assert data["seed"] == 1
    assert data["skipped"] == {"2026-01-05T00:00:00Z": next(iter(found.skipped.values()))}
    assert data["summary"]["spent"]["forecasts"] == 1  # type: ignore[index] # plain data
    assert data["forecasts"][0]["origin"] == "2026-03-01T00:00:00Z"  # type: ignore[index] # as above
    assert len(data["forecasts"]) == len(found.frame)  # type: ignore[arg-type] # as above


def test_known_by_keeps_what_was_recorded_by_then() -> None:
    """A whole account is known at its latest fact, and nothing before its first."""
    account = daily(PLAN, 30)
    assert known_by(account, account.latest_at) == account
    assert len(known_by(account, START)) == 1


def test_an_origin_before_the_account_is_left_out_and_an_empty_account_refused() -> None:
    """A reason or a refusal; with behaviour given too."""
    account = made_account(seed=1, plan="recruiter-lite", per_week=5.0, days=120)
    outreach = Outreach(sends=Sends.poisson(per_week=5.0))
    for refit in (True, False):
        found = backtest(
            account, origins=[date(2025, 6, 1)], refit=refit, outreach=outreach, paths=100, rng=1
        )
        assert len(found.skipped) == 1
        assert found.summary().empty
    with pytest.raises(InvalidValueError):
        backtest(Account.replay([]), origins=[date(2026, 3, 1)], paths=100, rng=1)
    with pytest.raises(InvalidValueError, match="zone is 'Asia/Tokyo', but must be left out"):
        backtest(
            account, origins=[date(2026, 3, 1)], refit=False, outreach=outreach, zone="Asia/Tokyo", rng=1
        )


def test_a_forecast_as_of_the_past_uses_only_what_was_known_then() -> None:
    """It equals the forecast that the account would have given then; facts that came late are unknown."""
    account = made_account(seed=1, plan="recruiter-lite", per_week=5.0, days=160)
    at = datetime(2026, 4, 1, tzinfo=UTC)
    then = Account.replay([fact for fact in account.facts if fact.at <= at])
    account.send("late", at=datetime(2026, 2, 1, 12, tzinfo=UTC))
    outreach = Outreach(sends=Sends.poisson(per_week=5.0), replies=Replies(rate=0.3))
    past = forecast(account, outreach, as_of=at, days=30, paths=100, rng=1)
    assert past.summary().equals(forecast(then, outreach, start=at, days=30, paths=100, rng=1).summary())
    assert past.simulation.start == at
    later = forecast(account, outreach, as_of=at, start=at + timedelta(days=5), days=30, paths=100, rng=1)
    assert later.simulation.start == at + timedelta(days=5)
    with pytest.raises(
        InvalidValueError, match="start is '2026-03-31T00:00:00Z', but must be at or after as_of"
    ):
        forecast(account, outreach, as_of=at, start=at - timedelta(days=1), days=30, rng=1)
    with pytest.raises(InvalidValueError, match="an Account where as_of is given"):
        forecast(PLAN, outreach, as_of=at, days=30, rng=1)


def test_the_first_answer_counts_and_origins_have_their_own_draws() -> None:
    """A later answer to the same message changes nothing; two origins alike give two forecasts."""
    account = daily(PLAN, 60)
    for day in range(0, 50, 2):
        sent = START + timedelta(days=day, hours=12)
        account.reply(f"m-{day}", at=sent + timedelta(hours=2))
        account.reply(f"m-{day}", at=sent + timedelta(days=9))
    draws = fitted(account, START + timedelta(days=60), None, "UTC")
    assert max(one.replies.mean_delay_days for one in draws) < 1
    rates = [one.replies.rate for one in draws]
    weeks = [one.sends.per_week for one in draws]
    assert rates == sorted(rates)
    assert abs(np.corrcoef(rates, weeks)[0, 1]) < 0.5


def test_what_falls_on_the_origin_itself_is_part_of_neither_forecast_nor_outcome() -> None:
    """Grants on the first of each month, capped and mortal: without messages every figure is met exactly."""
    plan = Plan(name="full", grant_credits=10, lifetime_days=59, cap_credits=15)
    account = Account.open(plan, at=START)
    found = backtest(
        account,
        origins=[date(2026, month, 1) for month in (2, 3, 4, 5)],
        horizon="6W",
        refit=False,
        outreach=Outreach(sends=Sends.fixed(per_week=0), replies=Replies(rate=0.0)),
        until=date(2026, 7, 1),
        paths=100,
        rng=1,
    )
    rows = found.frame[found.frame["figure"] != "run_dry"]
    assert rows["actual"].tolist() == rows["mean"].tolist()
    lost = rows[rows["figure"].isin(["forfeited", "expired"])]
    assert lost.groupby("figure")["actual"].sum().min() > 0

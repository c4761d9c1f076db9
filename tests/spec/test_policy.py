"""One log under other rules: what differs, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, EntryKind, Plan, economies, facts
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.policy import diff
from inmail_credits.testing import strategies

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def busy(plan: Plan) -> tuple[facts.Fact, ...]:
    """Three sends at once, one of them answered late."""
    account = Account.open(plan, at=START)
    for number in range(3):
        account.send(f"m-{number}", at=START + DAY)
    account.reply("m-0", at=START + 40 * DAY, kind="accepted")
    return account.facts


@given(strategies.plans(seats=True), st.data())
def test_a_log_under_its_own_rules_differs_in_nothing(plan: Plan, data: st.DataObject) -> None:
    """Replaying a log under the plan it has changes no movement, no sum and no refusal."""
    history = data.draw(strategies.histories(plan=plan, seats=True, impossible=True))
    result = diff(history, plan)
    assert (result.changes, result.refused, result.allowed) == ((), (), ())
    assert result.totals[0] == result.totals[1]


@given(strategies.histories(impossible=True), strategies.plans())
def test_the_changes_account_for_the_whole_difference(history: list[facts.Fact], plan: Plan) -> None:
    """The listed changes, summed by kind, are the difference of the two totals; no fact is lost."""
    most = max((f.seats for f in history if isinstance(f, facts.Subscribed)), default=1)
    result = diff(history, evolve(plan, seats_max=max(plan.seats_max, most)))
    before, after = result.totals
    for kind in EntryKind:
        listed = sum(change.after - change.before for change in result.changes if change.kind is kind)
        assert listed == getattr(after, kind) - getattr(before, kind)
    assert len(result.before) == len(result.after) == len(history)


def test_a_closed_window_keeps_the_credit() -> None:
    """Under a 30-day window an answer on day 39 gives nothing back: one refund fewer."""
    plan = Plan(name="p", grant_credits=5, lifetime_days=90)
    result = diff(busy(plan), evolve(plan, reply_window_days=30))
    (change,) = result.changes
    assert (change.kind, change.cause, change.message_id) == (EntryKind.REFUNDED, Cause.REPLY, "m-0")
    assert (change.before, change.after) == (1, 0)
    assert str(change) == "2026-03-12T09:00:00Z refunded (reply) 'm-0': 1 -> 0"


def test_a_smaller_plan_refuses_what_the_larger_paid_for() -> None:
    """With two credits for three sends the third is refused, and reported; it stays in the log."""
    plan = Plan(name="p", grant_credits=5, lifetime_days=90)
    result = diff(busy(plan), evolve(plan, grant_credits=2))
    assert [conflict.fact.id for conflict in result.refused_sends] == ["sent:m-2"]
    assert result.allowed == ()
    assert len(result.after) == len(result.before)


def test_expiry_shows_when_the_horizon_reaches_it() -> None:
    """`until` follows both accounts into the future, where the credits left expire."""
    plan = Plan(name="p", grant_credits=5, lifetime_days=90)
    near = diff(busy(plan), evolve(plan, lifetime_days=60))
    far = diff(busy(plan), evolve(plan, lifetime_days=60), until=START + 70 * DAY)
    assert [change.kind for change in near.changes] == []
    assert [(change.kind, change.before, change.after) for change in far.changes] == [
        (EntryKind.EXPIRED, 0, 2)
    ]


def test_an_unmapped_plan_name_is_refused_with_the_names_there_are() -> None:
    """A plan the other economy does not have must be mapped by the caller."""
    log = busy(economies.LINKEDIN_2019["sales"])
    with pytest.raises(UnknownNameError, match="economy 'linkedin-2026' has no plan 'sales'; known"):
        diff(log, economies.LINKEDIN_2026)
    assert (
        diff(log, economies.LINKEDIN_2026, plans={"sales": "sales-navigator-core"}).totals[1].granted == 150
    )


def test_more_seats_than_the_other_plan_allows_are_refused() -> None:
    """A contract of many seats cannot be replayed under a personal plan."""
    account = Account.open(economies.LINKEDIN_2026["recruiter-corporate"], at=START, seats=3)
    with pytest.raises(InvalidValueError, match="seats is 3, but must be at most the 1 of plan 'career'"):
        diff(account.facts, economies.LINKEDIN_2026["career"])

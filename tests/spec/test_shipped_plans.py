"""Every law on every plan that ships: the ledger, the oracle and the sums agree on all economies."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inmail_credits import Account, Plan, economies
from inmail_credits.testing import (
    Oracle,
    broken_bounds,
    broken_conservation,
    broken_lots,
    broken_refunds,
    strategies,
    summed,
)

PLANS = [
    pytest.param(plan, id=f"{economy.name}-{plan.name}") for economy in economies.ALL for plan in economy
]


@pytest.mark.parametrize("plan", PLANS)
@settings(max_examples=15)
@given(data=st.data())
def test_every_law_holds_on_every_plan_that_ships(plan: Plan, data: st.DataObject) -> None:
    """Movements, refusals, balances and lots are the oracle's, and no law is broken, now and 100 days on."""
    history = data.draw(strategies.histories(plan=plan, seats=plan.seats_max > 1, impossible=True))
    account, oracle = Account.replay(history), Oracle(history)
    end = account.latest_at + timedelta(days=100)
    entries = account.entries_until(end)
    assert summed(entries) == summed(oracle.movements(end))
    assert {conflict.fact.id for conflict in account.conflicts} == oracle.refused
    broken = broken_conservation(entries, balance=account.balance(at=end))
    assert [*broken, *broken_bounds(entries), *broken_refunds(entries)] == []
    for at in (account.latest_at, end):
        lots = [(lot.received_at, lot.expires_at, lot.left) for lot in account.lots(at=at)]
        assert lots == oracle.lots(at)
        assert broken_lots(lots, at=at, balance=account.balance(at=at)) == []


@pytest.mark.parametrize("plan", PLANS)
def test_a_year_untouched_ends_as_the_terms_say(plan: Plan) -> None:
    """With no message sent, the cap is never passed, and what was granted is held, expired or lost."""
    account = Account.open(plan, at=economies.LINKEDIN_2026.effective_on)
    end = economies.LINKEDIN_2026.effective_on + timedelta(days=364)
    totals = account.totals(before=end)
    assert totals.granted == 12 * plan.grant_credits
    assert totals.balance == totals.granted - totals.expired - totals.forfeited
    assert plan.cap_credits is None or totals.balance <= plan.cap_credits
    assert totals.balance >= 2 * plan.grant_credits

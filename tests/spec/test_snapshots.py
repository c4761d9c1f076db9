"""Snapshots and running totals are a memory aid only: whatever is kept or dropped, every answer is the same.

Totals are kept every so many entries and what was left of each lot now and then. With a stride of one to
three entries they are everywhere, so a mistake about where one belongs shows in short histories.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inmail_credits import Account, Interval, Plan
from inmail_credits.facts import Fact
from inmail_credits.ledger import _journal as journal
from inmail_credits.testing import strategies
from inmail_credits.testing.strategies import TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
AHEAD = timedelta(days=10)
Answers = dict[datetime, tuple[object, ...]]
few = settings(max_examples=settings().max_examples // 3)
histories = st.one_of(
    strategies.histories(facts_max=15), strategies.histories(facts_max=15, seats=True, impossible=True)
)


@contextmanager
def stride(entries: int) -> Iterator[None]:
    """Keep totals and snapshots every so many entries, in accounts made from here on."""
    with mock.patch.object(journal, "STRIDE", entries):
        yield


def edges(account: Account) -> list[datetime]:
    """Every instant at which anything happened or will, and one microsecond before and after."""
    ends = account.entries_until(account.latest_at + AHEAD)
    instants = {entry.at for entry in ends} | {fact.at for fact in account.facts}
    return sorted({at + tick for at in instants for tick in TICKS})


def answers(account: Account, instants: list[datetime]) -> Answers:
    """Everything that can be asked about those instants."""
    return {at: (account.balance(at=at), account.lots(at=at), account.totals(before=at)) for at in instants}


@pytest.mark.proves("D3", "D13")
@few
@given(histories)
def test_taking_or_dropping_snapshots_changes_no_answer(facts: list[Fact]) -> None:
    """At every boundary instant: with the snapshots there are, with one after each fact, and with none."""
    account, often = Account.replay(facts), Account.replay(facts[:1])
    for fact in facts[1:]:
        merge(often, fact)
        often._ledger.journal.take_snapshot()
    instants = edges(account)
    expected = answers(account, instants)
    assert answers(often, instants) == expected
    for each in (account, often):
        each._ledger.journal.drop_snapshots()
        assert answers(each, instants) == expected
        each._ledger.journal.take_snapshot()
        each._ledger.journal.take_snapshot()
        assert answers(each, instants) == expected


@pytest.mark.proves("D3")
@pytest.mark.parametrize("entries", [1, 2, 3])
@few
@given(facts=histories)
def test_how_often_totals_are_kept_changes_no_answer(entries: int, facts: list[Fact]) -> None:
    """Every one, two or three entries say the same as the usual stride, at every boundary instant."""
    account = Account.replay(facts)
    instants = edges(account)
    expected = answers(account, instants)
    with stride(entries):
        again = Account.replay(facts)
        assert answers(again, instants) == expected
        again._ledger.journal.drop_snapshots()
        assert answers(again, instants) == expected


@pytest.mark.proves("D13")
@pytest.mark.parametrize("entries", [1, 2, 3, 64])
@few
@given(data=st.data())
def test_late_facts_undo_across_snapshots(entries: int, data: st.DataObject) -> None:
    """Facts in any order of arrival take back totals and snapshots that came too early."""
    facts = data.draw(strategies.histories(facts_max=12))
    expected = Account.replay(facts)
    instants = edges(expected)
    answered = answers(expected, instants)
    with stride(entries):
        late = data.draw(st.lists(st.sampled_from(facts), unique_by=lambda fact: fact.id))
        ids = {fact.id for fact in late}
        account = Account.replay([fact for fact in facts if fact.id not in ids] or facts)
        for fact in late:
            account._ledger.journal.take_snapshot()
            merge(account, fact)
        assert account == expected
        assert account.entries == expected.entries
        assert answers(account, instants) == answered


def merge(account: Account, fact: Fact) -> None:
    """Put a late fact in its place, whether or not it is possible there yet."""
    account.record(fact, impossible="hold")


@pytest.mark.proves("D3")
@pytest.mark.parametrize("entries", [1, 2, 3])
def test_snapshots_are_taken_by_themselves_and_no_oftener_than_they_are_worth(entries: int) -> None:
    """At least a stride, and as many entries as there were lots in the last, lie between two of them."""
    plan = Plan(name="daily", grant_credits=1, grant_every=Interval(days=1))
    with stride(entries):
        account = Account.open(plan, at=START)
        account.send("m", at=START + timedelta(days=60))
        kept = account._ledger.journal._left
    assert len(kept) > 4
    for (index, left), (following, _) in pairwise(kept):
        assert max(entries, len(left)) <= following - index < 2 * max(entries, len(left)) + entries
    assert [len(left) for _, left in kept] == [index for index, _ in kept]
    assert sum(len(left) for _, left in kept) <= 2 * len(account.entries)


@pytest.mark.proves("D3", "D13")
@pytest.mark.parametrize("entries", [1, 2, 3])
def test_a_late_fact_takes_back_only_the_snapshots_after_it(entries: int) -> None:
    """Those before it stay, and new ones are taken again behind it, however the counts fall."""
    plan = Plan(name="daily", grant_credits=2, grant_every=Interval(days=1), lifetime_days=9)
    with stride(entries):
        account = Account.open(plan, at=START)
        for day in range(1, 90):
            account.send(f"m{day}", at=START + timedelta(days=day, hours=1))
        journal_ = account._ledger.journal
        before = [index for index, _ in journal_._left]
        assert max(after - index for index, after in pairwise(before)) <= 20 + 2 * entries
        account.send("late", at=START + timedelta(days=45))
        until = journal_.index(START + timedelta(days=45), inclusive=False)
        after = [index for index, _ in journal_._left]
        kept = [index for index in before if index <= until]
        assert after[: len(kept)] == kept
        assert len(after) > len(kept) > 5
        assert max(later - index for index, later in pairwise(after)) <= 20 + 2 * entries


@pytest.mark.proves("D3")
def test_a_snapshot_taken_twice_is_kept_once() -> None:
    """Nothing has moved in between; and dropping them leaves the first alone."""
    account = Account.open(Plan(name="a", grant_credits=3), at=START)
    journal_ = account._ledger.journal
    for _ in range(3):
        journal_.take_snapshot()
    assert [index for index, _ in journal_._left] == [0, 1]
    journal_.drop_snapshots()
    assert [index for index, _ in journal_._left] == [0]

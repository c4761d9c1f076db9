"""Copies are independent accounts, and what two threads do at once is refused rather than mixed up."""

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Interval, Plan
from inmail_credits.errors import ConcurrentUseError, RefusedError
from inmail_credits.facts import Fact, Sent
from inmail_credits.ledger._history import History
from inmail_credits.testing import strategies
from inmail_credits.testing.strategies import TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
PLAN = Plan(name="own", grant_credits=9, grant_every=Interval(months=12), purchase_credits_max=9)


def by_pickle(account: Account) -> Account:
    """A copy by way of its pickle."""
    back = pickle.loads(pickle.dumps(account))  # noqa: S301 - our own bytes
    assert isinstance(back, Account)
    return back


WAYS: tuple[Callable[[Account], Account], ...] = (copy.copy, copy.deepcopy, by_pickle)


def seen(account: Account) -> tuple[object, ...]:
    """All that follows from an account's facts, at many instants past and future."""
    instants = [fact.at + tick for fact in account.facts for tick in TICKS]
    asked = [
        (
            account.balance(at=at),
            account.lots(at=at),
            account.subscription(at=at),
            account.purchase_room(at=at),
        )
        for at in [*instants, account.latest_at + 100 * DAY]
    ]
    numbers = [fact.recorded for fact in account.facts]
    return account.facts, numbers, account.entries, [*map(str, account.conflicts)], asked, repr(account)


@given(strategies.histories(seats=True, impossible=True), st.sampled_from(WAYS), st.data())
def test_a_copy_and_its_original_go_their_own_ways(
    history: list[Fact], copied: Callable[[Account], Account], data: st.DataObject
) -> None:
    """Whatever is recorded in one, in time or late, the other is as it was, and both are as replayed."""
    late = data.draw(st.lists(st.sampled_from(history), max_size=4, unique_by=lambda fact: fact.id))
    ids = {fact.id for fact in late}
    original = Account.replay([fact for fact in history if fact.id not in ids] or history)
    twin = copied(original)
    before = seen(original)
    assert seen(twin) == before
    changed, kept = (original, twin) if data.draw(st.booleans()) else (twin, original)
    for fact in late:
        changed.record(fact, impossible="hold")
    changed.send("in one only", at=changed.latest_at, channel="message")
    assert seen(kept) == before
    assert seen(changed) == seen(Account.replay(changed.facts))
    for fact in late:
        kept.record(fact, impossible="hold")
    assert seen(kept) == seen(Account.replay(kept.facts))


@pytest.mark.parametrize("copied", WAYS)
def test_what_one_buys_or_sends_leaves_the_other_its_room(copied: Callable[[Account], Account]) -> None:
    """Purchases, seats' sends, messages and lots are counted apart, in time and late."""
    plan = Plan(name="team", grant_credits=9, seats_max=2, purchase_credits_max=9)
    original = Account.open(plan, at=START)
    original.limit_seat("ann", credits_max=1, at=START)
    original.purchase(2, at=START + DAY)
    twin = copied(original)
    before = seen(twin)
    original.purchase(7, at=START + 2 * DAY)
    original.send("m", at=START + 2 * DAY, seat="ann")
    original.reply("m", at=START + 3 * DAY)
    assert seen(twin) == before
    assert [each.purchase_room(at=START + 2 * DAY) for each in (original, twin)] == [0, 7]
    twin.purchase(7, at=START)
    twin.send("m", at=START, seat="ann")
    assert [each.purchase_room(at=START + 2 * DAY) for each in (original, twin)] == [0, 0]
    assert [each.balance(at=START + 3 * DAY) for each in (original, twin)] == [18, 17]


def test_an_account_without_facts_can_be_copied() -> None:
    """It stays empty, and its copy can be given facts."""
    for copied in WAYS:
        account = Account()
        twin = copied(account)
        twin.record(*Account.open(PLAN, at=START).facts)
        assert (len(account), twin.balance(at=START)) == (0, 9)


@pytest.mark.proves("D15")
@pytest.mark.parametrize(
    "intrude",
    [
        lambda account: account.send("other", at=START + DAY),
        lambda account: account.record(Sent(message_id="other", at=START + DAY)),
        lambda account: account.preview(Sent(message_id="other", at=START + DAY)),
        lambda account: account.balance(at=START),
        lambda account: account.lots(at=START + DAY),
        lambda account: account.statement(START, START + DAY),
    ],
)
def test_what_comes_while_a_command_runs_is_refused(intrude: Callable[[Account], object]) -> None:
    """The second one learns why; the first one goes on as if alone."""
    account, alone = Account.open(PLAN, at=START), Account.open(PLAN, at=START)
    record = History.record
    refused: list[Exception] = []

    def interrupted(self: History, facts: tuple[Fact, ...], *, hold: bool = False) -> object:
        try:
            intrude(account)
        except ConcurrentUseError as error:
            refused.append(error)
        return record(self, facts, hold=hold)

    with mock.patch.object(History, "record", interrupted):
        account.send("m", at=START + DAY)
    assert len(refused) == 1
    assert "hold one lock per account" in str(refused[0])
    alone.send("m", at=START + DAY)
    assert seen(account) == seen(alone)
    intrude(account)


def test_a_command_numbered_before_another_was_recorded_is_refused() -> None:
    """Two commands never get one number: the one that comes second is refused, and can be given again."""
    account = Account.open(PLAN, at=START)
    made = Sent(message_id="m", at=START, recorded=2)
    account.send("other", at=START)
    with pytest.raises(ConcurrentUseError, match=r"cannot record a fact \(sent\)"):
        account._command(made)
    assert [fact.recorded for fact in account.facts] == [1, 2]
    account.send("m", at=START)


def test_threads_without_a_lock_lose_commands_and_nothing_else() -> None:
    """Four threads send at once: what was not refused is recorded, once each, and adds up."""
    account = Account.open(Plan(name="big", grant_credits=4_000), at=START)
    barrier, sent, others = Barrier(4), list[str](), list[Exception]()

    def send(name: str) -> None:
        barrier.wait()
        for number in range(300):
            try:
                account.send(f"{name}-{number}", at=START + DAY)
            except ConcurrentUseError:
                continue
            except (RefusedError, RuntimeError, KeyError) as error:
                others.append(error)
            sent.append(f"{name}-{number}")

    threads = [Thread(target=send, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert others == []
    assert sorted(sent) == sorted(fact.message_id for fact in account.facts if isinstance(fact, Sent))
    assert len({fact.recorded for fact in account.facts}) == len(account)
    assert account.balance(at=START + DAY) == 4_000 - len(sent)
    assert seen(Account.replay(account.facts))[2] == account.entries


def test_accounts_are_equal_where_facts_and_their_numbers_are() -> None:
    """Other facts in the same places make another account, and so do the same facts under other numbers."""
    one, other = (Account.open(Plan(name="own", grant_credits=credits), at=START) for credits in (3, 4))
    assert one != other
    assert one == Account.open(Plan(name="own", grant_credits=3), at=START)
    early, late = (
        Account.replay([one.facts[0], Sent(message_id="m", at=START, recorded=number)]) for number in (1, 2)
    )
    assert early != late
    assert late != early

"""Facts that come late, twice or in another order: D13 and D14."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Interval, Plan, Ruling
from inmail_credits.errors import FactConflictError, NoCreditError, RefusedError, UnknownMessageError
from inmail_credits.facts import Fact, Purchased, Replied, Sent
from inmail_credits.ledger import _history, _rules
from inmail_credits.ledger._ledger import Ledger
from inmail_credits.testing import Oracle, strategies
from inmail_credits.testing.strategies import TICK, TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ONCE = Plan(name="once", grant_credits=1, grant_every=Interval(months=12), purchase_credits_max=9)


def seen(account: Account) -> tuple[object, ...]:
    """All that follows from an account's facts."""
    until = account.latest_at + 100 * DAY
    return account.facts, account.entries_until(until), [*map(str, account.conflicts)], repr(account)


def numbered(history: list[Fact]) -> list[Fact]:
    """The facts with their numbers counted from 1, as an account gives them."""
    return [evolve(fact, recorded=number) for number, fact in enumerate(history, 1)]


@pytest.mark.proves("D13")
def test_d13_a_late_fact_takes_its_place_and_the_impossible_is_told() -> None:
    """One credit, sent on day 5; a send of day 3 recorded later takes it, that of day 5 is a conflict."""
    account = Account.open(ONCE, at=START)
    account.send("later", at=START + 5 * DAY)
    receipt = account.send("earlier", at=START + 3 * DAY)
    assert [(conflict.fact.id, type(conflict.error)) for conflict in receipt.conflicts] == [
        ("sent:later", NoCreditError)
    ]
    assert account.conflicts == receipt.conflicts
    assert [fact.id.partition(":")[0] for fact in account.facts] == ["subscribed", "sent", "sent"]
    assert [account.balance(at=START + 3 * DAY + tick) for tick in TICKS] == [1, 0, 0]
    assert str(account.conflicts[0]) == (
        "fact 'sent:later': cannot send 'later' at 2026-02-05T09:00:00Z: "
        "0 credits left; next grant 2027-01-31T09:00:00Z (1)"
    )


@pytest.mark.proves("D13")
def test_d13_a_late_fact_can_clear_a_conflict() -> None:
    """The answer of day 4 to the earlier message, told last, gives the credit back for day 5."""
    account = Account.open(ONCE, at=START)
    account.send("later", at=START + 5 * DAY)
    account.send("earlier", at=START + 3 * DAY)
    receipt = account.reply("earlier", at=START + 4 * DAY)
    assert [conflict.fact.id for conflict in receipt.cleared] == ["sent:later"]
    assert (account.conflicts, account.balance(at=START + 5 * DAY)) == ((), 0)


@pytest.mark.proves("D13")
def test_d13_a_batch_is_all_or_nothing() -> None:
    """A late purchase and an answer to nothing: the purchase is not recorded either."""
    account = Account.open(ONCE, at=START)
    account.send("m", at=START + 5 * DAY)
    before = seen(account)
    with pytest.raises(UnknownMessageError):
        account.record(
            Purchased(at=START + DAY, credits=2), Replied(at=START + 2 * DAY, message_id="never sent")
        )
    assert seen(account) == before


@pytest.mark.proves("D13")
def test_d13_at_one_instant_the_recorded_order_counts() -> None:
    """An answer numbered before its own send, at one instant, comes too early; numbered after, it counts."""
    opened = Account.open(ONCE, at=START).facts[0]
    for number, balance in ((2, 0), (4, 1)):
        send = Sent(at=START + DAY, message_id="m", recorded=3)
        answer = Replied(at=START + DAY, message_id="m", recorded=number)
        account = Account.replay([answer, send, opened])
        assert (account.balance(at=START + DAY), len(account.conflicts)) == (balance, 1 - balance)


@pytest.mark.proves("D13")
@given(strategies.histories(seats=True, impossible=True), st.data())
def test_d13_any_order_of_arrival_is_the_same_account(history: list[Fact], data: st.DataObject) -> None:
    """Replayed in any order the facts make the same entries, the same conflicts and the same account."""
    original = Account.replay(history)
    shuffled = Account.replay(data.draw(strategies.shuffled(history)))
    assert seen(shuffled) == seen(original)
    assert shuffled == original == Account.replay(original.facts)


@pytest.mark.proves("D13")
@given(strategies.histories(seats=True, impossible=True), st.data())
def test_d13_told_late_is_as_good_as_told_in_time(history: list[Fact], data: st.DataObject) -> None:
    """A fact held back and recorded last is in its place, or refused if it is impossible there."""
    whole = Account.replay(history)
    late = data.draw(st.sampled_from(history[1:] or history))
    rest = [fact for fact in history if fact is not late]
    account = Account.replay(rest or history)
    before = seen(account)
    if late.id in {conflict.fact.id for conflict in whole.conflicts}:
        with pytest.raises(RefusedError):
            account.record(late)
        assert seen(account) == before
    else:
        receipt = account.record(late)
        assert seen(account) == seen(whole)
        assert {c.fact.id for c in receipt.conflicts} <= {c.fact.id for c in whole.conflicts}


@pytest.mark.proves("D13")
@given(strategies.histories(seats=True))
def test_d13_a_replay_split_at_any_boundary_is_one_run(history: list[Fact]) -> None:
    """Replayed up to a boundary, asked about it, and continued from there: as if it had never stopped."""
    whole = seen(Account.replay(history))
    for boundary in sorted({fact.at + tick for fact in history for tick in TICKS})[2:]:
        account = Account.replay([fact for fact in history if fact.at < boundary])
        account.balance(at=boundary)
        account.record(*(fact for fact in history if fact.at >= boundary))
        assert seen(account) == whole


@pytest.mark.proves("D13")
@given(strategies.histories(seats=True, impossible=True), st.data())
def test_d13_later_facts_never_change_an_earlier_answer(history: list[Fact], data: st.DataObject) -> None:
    """Up to a tick before the next fact, the shorter log gives every answer that the longer one gives."""
    known = data.draw(st.integers(1, len(history)))
    until = (history[known].at if known < len(history) else history[-1].at + DAY) - TICK
    short, long = Account.replay(history[:known]), Account.replay(history)
    assert short.entries_until(until) == long.entries_until(until)
    for boundary in Oracle(history).boundaries(until)[-8:]:
        for at in (boundary - TICK, boundary, min(boundary + TICK, until)):
            assert short.balance(at=at) == long.balance(at=at)
            assert short.lots(at=at) == long.lots(at=at)
            assert short.subscription(at=at) == long.subscription(at=at)
            assert short.totals(before=at) == long.totals(before=at)


@pytest.mark.proves("D14")
def test_d14_the_same_fact_twice_is_one_fact() -> None:
    """A purchase recorded twice is bought once; an answer recorded twice has no second outcome."""
    account = Account.open(ONCE, at=START)
    bought = Purchased(at=START + DAY, credits=2)
    assert len(account.record(bought).outcomes) == 1
    assert account.record(bought).facts == ()
    assert account.record(evolve(bought, recorded=77)).facts == ()
    assert (len(account), account.balance(at=START + DAY)) == (2, 3)


@pytest.mark.proves("D14")
def test_d14_one_id_with_two_contents_is_a_conflict() -> None:
    """The purchase of 2 credits cannot become one of 3: the id is taken, and nothing changes."""
    account = Account.open(ONCE, at=START)
    account.record(Purchased(at=START + DAY, credits=2, id="order-1"))
    before = seen(account)
    with pytest.raises(FactConflictError, match="fact 'order-1' is already recorded with other content"):
        account.record(Purchased(at=START + DAY, credits=3, id="order-1"))
    with pytest.raises(FactConflictError):
        Account.replay([*account.facts, Purchased(at=START + DAY, credits=3, id="order-1")])
    assert seen(account) == before


@pytest.mark.proves("D14")
@given(strategies.histories(seats=True, impossible=True), st.data())
def test_d14_repeats_change_nothing(history: list[Fact], data: st.DataObject) -> None:
    """Any facts of a log recorded again, under whatever number, are ignored, in a replay and after it."""
    again = data.draw(st.lists(st.sampled_from(history), max_size=4))
    account = Account.replay([*history, *again])
    assert seen(account) == seen(Account.replay(history))
    before = seen(account)
    receipt = account.record(*(evolve(fact, recorded=None) for fact in again))
    assert (receipt.facts, receipt.repeated) == ((), bool(again))
    assert {outcome.fact.id for outcome in receipt.outcomes} == {fact.id for fact in again}
    assert seen(account) == before


@pytest.mark.proves("D14")
@given(strategies.histories(seats=True), st.data())
def test_d14_other_content_is_a_conflict_wherever_it_comes(history: list[Fact], data: st.DataObject) -> None:
    """The same id at another instant is refused, alone and within a batch, and nothing changes."""
    account = Account.replay(history)
    before, known = seen(account), data.draw(st.sampled_from(history))
    other = evolve(known, at=known.at + data.draw(st.sampled_from((TICK, DAY))))
    with pytest.raises(FactConflictError):
        account.record(other)
    with pytest.raises(FactConflictError):
        account.record(Purchased(at=account.latest_at, credits=1, id="new"), other)
    with pytest.raises(FactConflictError):
        account.preview(other)
    assert seen(account) == before


@pytest.mark.proves("D13")
@given(data=st.data())
def test_d13_explanations_follow_late_facts(data: st.DataObject) -> None:
    """What was known of a message before a late fact is not kept after it: a replay would give the same."""
    history = numbered(data.draw(strategies.histories(facts_max=12)))
    late = data.draw(st.lists(st.sampled_from(history[1:] or history), unique_by=lambda fact: fact.id))
    account = Account.replay([fact for fact in history if fact not in late] or history)
    for fact in late:
        for message in account.messages(START - 9999 * DAY, account.latest_at):
            account.explain(message.sent.message_id)
        try:
            account.record(fact)
        except RefusedError:
            continue
    again = Account.replay(account.facts)
    for message in again.messages(START - 9999 * DAY, again.latest_at):
        message_id = message.sent.message_id
        assert str(account.explain(message_id)) == str(again.explain(message_id))


@pytest.mark.proves("D13", "D4")
def test_d13_hundreds_of_late_facts_leave_the_burn_order_as_a_replay_has_it() -> None:
    """Each one undoes and refills dozens of lots; after all of them the oldest still burns first."""
    plan = Plan(name="daily", grant_credits=2, grant_every=Interval(days=1), lifetime_days=30)
    account = Account.open(plan, at=START)
    for number in range(40):
        account.send(f"m{number}", at=START + number * DAY)
        account.send(f"n{number}", at=START + number * DAY)
    for number in range(300):
        account.send(f"free{number}", at=START + (number % 9) * DAY, channel="message")
        account.reply(f"m{number % 40}", at=START + (number % 40 + 1) * DAY + number * TICK)
    again = Account.replay(account.facts)
    for day in range(60):
        assert account.lots(at=START + day * DAY) == again.lots(at=START + day * DAY)
    assert account.entries_until(START + 90 * DAY) == again.entries_until(START + 90 * DAY)
    assert len(account._ledger.holdings._heap) <= 3 * len(account._ledger.holdings.left) + 80


@pytest.mark.proves("D13", "R8")
def test_d13_a_refund_that_never_came_leaves_no_early_end_behind() -> None:
    """A late withdrawal undoes the refund of day 5; the grant that has its number now lives its own life."""
    plan = Plan(name="tens", grant_credits=5, grant_every=Interval(days=10), lifetime_days=30)
    account = Account.open(plan, at=START)
    account.send("m", at=START + DAY)
    account.reply("m", at=START + 5 * DAY)
    account.send("n", at=START + 11 * DAY)
    assert [lot.expires_at for lot in account.lots(at=START + 11 * DAY)] == [
        START + days * DAY for days in (30, 35, 40)
    ]
    account.withdraw("m", at=START + 3 * DAY)
    assert account.lot(2).expires_at == START + 40 * DAY
    assert [account.balance(at=START + days * DAY) for days in (29, 31, 36)] == [13, 15, 15]


@pytest.mark.proves("D13")
def test_d13_what_a_seat_has_used_is_counted_once_however_late_others_are() -> None:
    """A limit of 2: one send, undone and done again for a late neighbour, leaves room for one more."""
    plan = Plan(name="team", grant_credits=9, grant_every=Interval(months=1), seats_max=3)
    account = Account.open(plan, at=START)
    account.limit_seat("ann", credits_max=2, at=START)
    account.send("first", at=START + 5 * DAY, seat="ann")
    account.send("late", at=START + 3 * DAY)
    account.send("second", at=START + 6 * DAY, seat="ann")
    with pytest.raises(NoCreditError, match="seat 'ann' has used its limit of 2"):
        account.send("third", at=START + 7 * DAY, seat="ann")
    assert account.conflicts == ()


@pytest.mark.proves("D13", "D4")
def test_d13_one_late_fact_does_not_put_all_lots_in_order_again() -> None:
    """The heap of 50 live lots is the one there was; only where most keys mean nothing is it made anew."""
    plan = Plan(name="daily", grant_credits=1, grant_every=Interval(days=1))
    account = Account.open(plan, at=START)
    account.send("m", at=START + 50 * DAY)
    heap = account._ledger.holdings._heap
    assert len(heap) == 50
    account.send("late", at=START + 49 * DAY)
    assert account._ledger.holdings._heap is heap


@pytest.mark.proves("D13")
def test_d13_a_preview_costs_what_comes_after_it_and_not_the_history() -> None:
    """Late by three facts of two thousand: a dozen are applied, to the preview and to take it back."""
    account = Account.open(Plan(name="big", grant_credits=9_000), at=START)
    for number in range(2_000):
        account.send(f"m{number}", at=START + number * TICK)
    late = Sent(message_id="late", at=START + 1_996 * TICK, recorded=0)
    applied = 0
    apply = _rules.apply

    def counted(ledger: Ledger, fact: Fact) -> Ruling:
        nonlocal applied
        applied += 1
        return apply(ledger, fact)

    before = seen(account)
    with mock.patch.object(_history, "apply", counted):
        assert account.preview(late).outcomes[0].ruling is Ruling.SPENT
    assert 0 < applied < 15
    assert seen(account) == before

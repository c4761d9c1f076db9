"""Receipts, retries and refusals: what an app keeps, and what it can answer (D13, D14, D15)."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Interval, Plan, Receipt, Ruling
from inmail_credits.errors import (
    DuplicateMessageError,
    FactConflictError,
    InvalidValueError,
    NoCreditError,
    RefusedError,
    SubscriptionError,
    UnknownMessageError,
)
from inmail_credits.facts import Fact, Purchased, Replied, Sent, Subscribed, Withdrawn
from inmail_credits.testing import strategies
from inmail_credits.testing.strategies import TICK

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
FEBRUARY = datetime(2026, 2, 28, 9, tzinfo=UTC)
TEAM = Plan(name="team", grant_credits=3, seats_max=5, purchase_credits_max=9)
YEARLY = evolve(TEAM, name="yearly", grant_every=Interval(months=12), grant_credits=1)

COMMANDS: dict[str, Callable[[Account, str], Receipt]] = {
    "send": lambda account, id_: account.send("n", at=START + 2 * DAY, id=id_),
    "reply": lambda account, id_: account.reply("m", at=START + 2 * DAY, kind="declined", id=id_),
    "withdraw": lambda account, id_: account.withdraw("m", at=START + 2 * DAY, id=id_),
    "fail_delivery": lambda account, id_: account.fail_delivery("m", at=START + 2 * DAY, id=id_),
    "purchase": lambda account, id_: account.purchase(2, at=START + 2 * DAY, id=id_),
    "cancel": lambda account, id_: account.cancel(at=START + 2 * DAY, id=id_),
    "switch": lambda account, id_: account.switch(YEARLY, at=START + 2 * DAY, seats=2, id=id_),
    "change_seats": lambda account, id_: account.change_seats(3, at=START + 2 * DAY, id=id_),
    "limit_seat": lambda account, id_: account.limit_seat("ann", credits_max=2, at=START + 2 * DAY, id=id_),
}
RETRIED = sorted(set(COMMANDS) - {"purchase"})


def an_account(plan: Plan = TEAM) -> Account:
    """A contract of one seat, with ``"m"`` sent on the first day."""
    account = Account.open(plan, at=START)
    account.send("m", at=START + DAY)
    return account


def seen(account: Account) -> tuple[object, ...]:
    """All that follows from an account's facts, their numbers included."""
    numbers = [fact.recorded for fact in account.facts]
    return account.facts, numbers, account.entries, [*map(str, account.conflicts)], repr(account)


class TestReceipts:
    """A receipt carries the facts as stored."""

    @pytest.mark.proves("D13")
    @pytest.mark.parametrize("command", sorted(COMMANDS))
    def test_every_command_tells_its_fact_as_stored(self, command: str) -> None:
        """Under its number, with its id, and equal to the account's own."""
        account = an_account()
        (outcome,) = COMMANDS[command](account, "key").outcomes
        assert outcome.fact.id == "key"
        assert outcome.fact.recorded == 3
        assert (account.facts[-1], account.facts[-1].recorded) == (outcome.fact, 3)

    @pytest.mark.proves("D13")
    def test_what_two_commands_of_one_instant_stored_replays_in_their_order(self) -> None:
        """Withdrawn, then answered, at one instant: kept from the receipts, nothing comes back either."""
        account = Account.open(TEAM, at=START)
        stored = [*account.facts]
        for receipt in (
            account.send("m", at=START + DAY),
            account.withdraw("m", at=START + DAY),
            account.reply("m", at=START + DAY),
        ):
            stored += receipt.facts
        assert [fact.recorded for fact in stored] == [1, 2, 3, 4]
        assert (
            Account.replay(reversed(stored)).balance(at=START + DAY) == 2 == account.balance(at=START + DAY)
        )

    @pytest.mark.proves("D13", "D14")
    @given(strategies.histories(seats=True, impossible=True), st.data())
    def test_receipts_kept_in_order_and_replayed_are_the_same_account(
        self, history: list[Fact], data: st.DataObject
    ) -> None:
        """However facts come: numbered or not, alone or together, late, repeated, refused or held."""
        unnumbered = data.draw(st.booleans())
        facts = [evolve(fact, recorded=None) if unnumbered else fact for fact in history]
        given = [facts[0], *data.draw(strategies.shuffled(facts[1:]))]
        account, stored = Account(), list[Fact]()
        while given:
            count = data.draw(st.integers(1, 3))
            batch, given = given[:count], given[count:]
            again = data.draw(st.lists(st.sampled_from(facts), max_size=1)) if stored else []
            held = data.draw(st.sampled_from(("hold", "refuse")))
            try:
                receipt = account.record(
                    *batch, *(f for f in again if f.id in {s.id for s in stored}), impossible=held
                )
            except RefusedError:
                continue
            stored += receipt.facts
        if stored:
            assert all(fact.recorded is not None for fact in stored)
            assert seen(Account.replay(stored)) == seen(account)

    @pytest.mark.proves("D13")
    @given(strategies.histories(seats=True, impossible=True), st.data())
    def test_a_preview_is_the_receipt_without_the_deed(
        self, history: list[Fact], data: st.DataObject
    ) -> None:
        """Late or not, held or refused: the same outcomes, and the account is as it was."""
        late = data.draw(st.lists(st.sampled_from(history), max_size=3, unique_by=lambda fact: fact.id))
        ids = {fact.id for fact in late}
        account = Account.replay([fact for fact in history if fact.id not in ids] or history)
        before, held = seen(account), data.draw(st.sampled_from(("hold", "refuse")))
        try:
            previewed = account.preview(*late, impossible=held)
        except RefusedError as error:
            assert seen(account) == before
            with pytest.raises(type(error), match="cannot"):
                account.record(*late, impossible=held)
            return
        assert seen(account) == before
        assert str(previewed) == str(account.record(*late, impossible=held))


class TestRetries:
    """The same fact again is answered with the first receipt (D14)."""

    @pytest.mark.proves("D14")
    @pytest.mark.parametrize("command", RETRIED)
    @pytest.mark.parametrize("id_", ["", "key"])
    def test_a_command_again_is_a_repeat(self, command: str, id_: str) -> None:
        """With an id or without: the first outcome, marked, and nothing has changed."""
        account = an_account()
        first = COMMANDS[command](account, id_)
        before = seen(account)
        again = COMMANDS[command](account, id_)
        assert (first.repeated, again.repeated) == (False, True)
        assert again.outcomes == (first.outcomes[0]._replace(repeated=True),)
        assert (again.entries, again.facts, again.conflicts) == (first.entries, (), ())
        assert seen(account) == before
        assert account.outcome(first.outcomes[0].fact.id) == again.outcomes[0]

    @pytest.mark.proves("D14")
    def test_purchases_are_distinct_unless_their_id_is_the_same(self) -> None:
        """3 credits and 3 credits at one instant are 6; under one key they are 3."""
        account = Account.open(TEAM, at=START)
        receipts = [account.purchase(3, at=START) for _ in range(3)]
        assert account.balance(at=START) == 12
        assert len({receipt.facts[0].id for receipt in receipts}) == 3
        assert Account.replay(account.facts).balance(at=START) == 12
        account = Account.open(TEAM, at=START)
        assert [account.purchase(3, at=START, id="order-1").repeated for _ in range(3)] == [False, True, True]
        assert account.balance(at=START) == 6

    @pytest.mark.proves("D14")
    def test_one_key_at_two_instants_is_a_conflict_that_names_the_first(self) -> None:
        """A server's clock moved on: the id is taken, and the outcome under it answers the retry."""
        account = an_account()
        account.send("n", at=START + 2 * DAY, id="key")
        retries: list[Callable[[], Receipt]] = [
            lambda: account.send("n", at=START + 3 * DAY, id="key"),
            lambda: account.send("other", at=START + 2 * DAY, id="key"),
            lambda: account.reply("n", at=START + 2 * DAY, id="key"),
        ]
        for retry in retries:
            with pytest.raises(FactConflictError) as conflict:
                retry()
            assert conflict.value.recorded == account.facts[-1]
        outcome = account.outcome("key")
        assert outcome is not None
        assert (outcome.fact.at, outcome.ruling, outcome.repeated) == (START + 2 * DAY, Ruling.SPENT, True)

    @pytest.mark.proves("D14")
    def test_a_message_id_in_use_is_refused_under_any_key_and_at_any_instant(self) -> None:
        """Later, earlier, or at the same instant under another key: it names the sending there is."""
        account = an_account()
        for at, id_ in ((START + 2 * DAY, ""), (START, "key"), (START + DAY, "key")):
            with pytest.raises(
                DuplicateMessageError, match="that id was sent 2026-02-01T09:00:00Z"
            ) as refused:
                account.send("m", at=at, id=id_)
            assert refused.value.existing == account.facts[1]
        assert len(account) == 2

    @pytest.mark.proves("D14")
    def test_a_batch_of_old_and_new_tells_them_apart(self) -> None:
        """One receipt in order of time: the sending known before is marked, the new answer is to be kept."""
        account = an_account()
        answer = Replied(message_id="m", at=START + 2 * DAY)
        receipt = account.record(answer, *account.facts[1:], answer)
        assert [(o.fact.type, o.repeated) for o in receipt.outcomes] == [("sent", True), ("replied", False)]
        assert [fact.type for fact in receipt.facts] == ["replied"]
        assert not receipt.repeated
        assert Receipt(()).repeated is False

    @pytest.mark.proves("D14", "D13")
    def test_a_fact_given_twice_counts_under_its_lowest_number(self) -> None:
        """Whichever comes first: the withdrawal of number 2 stands before the answer of number 3."""
        opened = Subscribed(plan=TEAM, at=START, recorded=0)
        sent = Sent(message_id="m", at=START, recorded=1)
        withdrawals = [Withdrawn(message_id="m", at=START, recorded=number) for number in (2, 9)]
        answer = Replied(message_id="m", at=START, recorded=3)
        for order in (withdrawals, withdrawals[::-1]):
            assert Account.replay([opened, sent, answer, *order]).balance(at=START) == 2

    @pytest.mark.proves("D13", "D14")
    def test_there_is_an_outcome_for_a_fact_in_conflict_and_none_for_an_unknown_one(self) -> None:
        """Held as a conflict it moved nothing, and says why; an id never recorded has no outcome."""
        account = Account.open(YEARLY, at=START)
        account.send("later", at=START + 5 * DAY)
        account.send("earlier", at=START + 3 * DAY)
        outcome = account.outcome("sent:later")
        assert outcome is not None
        assert (outcome.ruling, outcome.entries) == (Ruling.IMPOSSIBLE, ())
        assert outcome.error is account.conflicts[0].error
        assert account.send("later", at=START + 5 * DAY).outcomes == (outcome,)
        assert account.outcome("sent:never") is None
        with pytest.raises(InvalidValueError, match="fact id"):
            account.outcome(7)  # type: ignore[arg-type] # the point


class TestRefusals:
    """A refusal says in fields what an app has to answer."""

    @pytest.mark.proves("R4", "D15")
    def test_no_credit_left_and_when_the_next_ones_come(self) -> None:
        """Two seats: 6 credits on 28 February, the last ones gone on day 1."""
        account = Account.open(TEAM, at=START, seats=2)
        for number in range(6):
            account.send(f"m{number}", at=START + DAY)
        with pytest.raises(NoCreditError) as refused:
            account.send("one more", at=START + DAY)
        error = refused.value
        assert (error.action, error.at) == ("send 'one more'", START + DAY)
        assert (error.credits_left, error.next_grant_at, error.next_grant_credits) == (0, FEBRUARY, 6)
        assert (error.fact, error.existing) == (Sent(message_id="one more", at=START + DAY), None)
        back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        assert (back.next_grant_at, back.fact, str(back)) == (FEBRUARY, error.fact, str(error))

    @pytest.mark.proves("D12", "D15")
    def test_no_next_grant_where_none_comes(self) -> None:
        """Cancelled, the next grant date is the end; without a subscription there is none."""
        account = an_account(YEARLY)
        account.cancel(at=START + 2 * DAY)
        ended = Account.replay([Sent(message_id="free", at=START, channel="message")])
        for each in (account, ended):
            with pytest.raises(NoCreditError) as refused:
                each.send("n", at=START + 3 * DAY)
            assert (refused.value.next_grant_at, refused.value.next_grant_credits) == (None, None)

    @pytest.mark.proves("D15")
    @pytest.mark.parametrize(
        ("command", "error"),
        [
            (lambda a: a.purchase(10, at=START + 2 * DAY), SubscriptionError),
            (lambda a: a.change_seats(6, at=START + 2 * DAY), SubscriptionError),
            (lambda a: a.record(Subscribed(plan=TEAM, at=START + 2 * DAY)), SubscriptionError),
            (lambda a: a.reply("never sent", at=START + 2 * DAY), UnknownMessageError),
            (lambda a: a.send("m", at=START + 2 * DAY), DuplicateMessageError),
            (lambda a: a.record(Sent(message_id="m", at=START + 2 * DAY, id="x")), DuplicateMessageError),
        ],
    )
    def test_every_refusal_says_what_is_left(
        self, command: Callable[[Account], object], error: type[RefusedError]
    ) -> None:
        """Two credits, three more on 28 February, and the fact that was refused."""
        with pytest.raises(error) as refused:
            command(an_account())
        assert refused.value.at == START + 2 * DAY
        assert refused.value.credits_left == 2
        assert (refused.value.next_grant_at, refused.value.next_grant_credits) == (FEBRUARY, 3)
        assert getattr(refused.value.fact, "at", None) == START + 2 * DAY


class TestOrder:
    """Ties, and facts passed on from one account to another (D13)."""

    @pytest.mark.proves("D13")
    @pytest.mark.parametrize("ids", [("a", "b"), ("b", "a")])
    def test_at_equal_numbers_a_message_is_sent_before_it_is_answered(self, ids: tuple[str, str]) -> None:
        """Two logs went on from one base under the same numbers: the answer follows its message."""
        base = Account.open(TEAM, at=START).facts
        sent = Sent(message_id="m", at=START + DAY, id=ids[0], recorded=2)
        answer = Replied(message_id="m", at=START + DAY, id=ids[1], recorded=2)
        for order in ((*base, sent, answer), (*base, answer, sent)):
            account = Account.replay(order)
            assert (account.conflicts, account.balance(at=START + DAY)) == ((), 3)
            assert [fact.id for fact in account.facts[1:]] == [ids[0], ids[1]]
        account = Account.replay([*base, sent])
        assert account.record(answer).outcomes[0].ruling is Ruling.REFUNDED

    @pytest.mark.proves("D13")
    def test_what_is_about_messages_or_not_is_in_order_of_ids_at_equal_numbers(self) -> None:
        """Sendings and purchases by id; then answers, by id."""
        base = Account.open(TEAM, at=START).facts
        tied: list[Fact] = [
            Replied(message_id="m", at=START, id="a", recorded=9),
            Withdrawn(message_id="n", at=START, id="b", recorded=9),
            Sent(message_id="m", at=START, id="c", recorded=9),
            Purchased(credits=1, at=START, id="d", recorded=9),
            Sent(message_id="n", at=START, id="e", recorded=9),
        ]
        account = Account.replay([*base, *tied])
        assert [fact.id for fact in account.facts[1:]] == ["c", "d", "e", "a", "b"]
        assert account.conflicts == ()

    @pytest.mark.proves("D13")
    @given(strategies.histories(seats=True, impossible=True), st.data())
    def test_an_account_can_be_passed_on_with_its_conflicts(
        self, history: list[Fact], data: st.DataObject
    ) -> None:
        """One that has some of the facts takes the others, whatever the order, and is the same account."""
        whole = Account.replay(history)
        facts = [*whole.facts]
        count = data.draw(st.integers(1, len(facts)))
        account = Account.replay(facts[:1])
        for chunk in (data.draw(strategies.shuffled(facts[1:count])), facts):
            account.record(*chunk, impossible="hold")
        assert seen(account) == seen(whole)

    @pytest.mark.proves("D13", "D15")
    def test_a_held_fact_is_reported_and_a_refused_one_leaves_nothing(self) -> None:
        """An answer to a message unknown so far: held with its reason, until the message is recorded."""
        answer = Replied(message_id="late", at=START + 2 * DAY)
        account = an_account()
        before = seen(account)
        with pytest.raises(UnknownMessageError):
            account.record(answer)
        assert seen(account) == before
        receipt = account.record(answer, impossible="hold")
        assert receipt.outcomes[0].ruling is Ruling.IMPOSSIBLE
        assert [conflict.fact for conflict in receipt.conflicts] == [answer]
        assert receipt.conflicts == account.conflicts
        assert account.send("late", at=START + 2 * DAY - TICK).cleared == receipt.conflicts
        with pytest.raises(InvalidValueError, match="one of refuse, hold"):
            account.record(answer, impossible="ignore")

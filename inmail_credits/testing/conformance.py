"""The conformance suite: any ledger of these credits, driven side by side with the oracle.

A ledger is right only if it is right after every history, about every instant, however late, doubled or
shuffled its facts arrived. A state machine gives a subject and the oracle the same facts, at every kind of
edge: one microsecond before, at and after expiries, grants, window ends and billing ends. After each step
every law is checked and every answer compared.

A ledger of your own takes part through :class:`~inmail_credits.testing.subject.Subject`, a small adaptor; the
package's own account does so through :class:`~inmail_credits.testing.subject.AccountSubject`.

Not judged: facts of which some carry recorded numbers and some do not; a history numbers all of them or none.

Example:
    >>> from hypothesis import settings
    >>> check_conformance(AccountSubject.replay, settings=settings(max_examples=2, database=None))
"""

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from attrs import evolve
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from inmail_credits.errors import FactConflictError, RefusedError
from inmail_credits.facts import (
    DeliveryFailed,
    Fact,
    Opened,
    Replied,
    SeatLimited,
    SeatsChanged,
    Sent,
    Subscribed,
    Switched,
    TermsChanged,
)
from inmail_credits.ledger.entries import EntryKind
from inmail_credits.plans import Plan
from inmail_credits.testing import strategies
from inmail_credits.testing.laws import (
    Moved,
    broken_bounds,
    broken_conservation,
    broken_lots,
    broken_refunds,
    summed,
)
from inmail_credits.testing.memory import START_OF_TIME, LotLeft
from inmail_credits.testing.oracle import Oracle
from inmail_credits.testing.standing import (
    Standing,
    any_plan,
    any_seats,
    at_an_edge,
    failures,
    free_sends,
    old_fact,
    other_facts,
    replies,
    seat_changes,
    sends,
)
from inmail_credits.testing.strategies import TICK, TICKS
from inmail_credits.testing.subject import AccountSubject, Replay, Subject

AHEAD = timedelta(days=40)
ASKED_MAX = 8


Number = Callable[[int], int | None]
NUMBERS: tuple[Number, ...] = (lambda _: None, lambda place: place * 7_919 % 10_007, lambda place: place % 3)
"""What a history numbers its facts: not at all, out of order, or alike (D13)."""

Picture = tuple[Sequence[Fact], Sequence[Moved], AbstractSet[str], Sequence[LotLeft]]


class ConformanceMachine(Standing):
    """Tells a subject and the oracle the same facts, and holds every answer of one against the other."""

    def __init__(self, replay: Replay, cases: Counter[str]) -> None:
        super().__init__()
        self.replay = replay
        self.subject: Subject
        self.oracle: Oracle
        self.cases = cases
        self.number: Number = NUMBERS[0]

    def picture(self) -> Picture:
        """All there is to see of the subject at the latest fact."""
        subject = self.subject
        lots = subject.lots(self.latest_at)
        return list(subject.facts), list(subject.entries), set(subject.refused), list(lots)

    def name(self, fact: Fact) -> Fact:
        """The fact under an id of its own, and with the number that this history gives it."""
        named = evolve(fact, id=f"fact-{self.named}", recorded=self.number(self.named))
        self.named += 1
        return named

    def tell(self, *facts: Fact) -> None:
        """Tell new facts to both, as one batch: both take in all of them or none."""
        self.cases["conformance: commands given"] += 1
        new = [self.name(fact) for fact in facts]
        oracle = Oracle([*self.told, *new])
        before = self.picture()
        if {fact.id for fact in new} & oracle.refused:
            self.cases["conformance: commands refused"] += 1
            for command in (self.subject.preview, self.subject.record):
                self.must_refuse(command, new, RefusedError)
                self.same("the ledger after a refused command (D15)", self.picture(), before)
            return
        previewed = self.subject.preview(*new)
        self.same("the ledger after a preview", self.picture(), before)
        late = min(fact.at for fact in new) < self.latest_at
        self.cases["conformance: commands late"] += late
        recorded = self.subject.record(*new)
        self.same("what a preview told", list(previewed), list(recorded))
        self.told += new
        self.oracle = oracle

    @staticmethod
    def must_refuse(
        command: Callable[..., Sequence[Moved]], facts: Sequence[Fact], error: type[Exception]
    ) -> None:
        """See that a command is refused."""
        try:
            command(*facts)
        except error:
            return
        msg = f"{facts} should have been refused with {error.__name__}"
        raise AssertionError(msg)

    # -- what can happen ---------------------------------------------------------------------------------

    @initialize(
        plan=any_plan,
        at=st.sampled_from(strategies.ANCHORS),
        seats=any_seats,
        known=st.one_of(st.none(), st.none(), strategies.openings(seats=True)),
        number=st.sampled_from(NUMBERS),
    )
    def open(self, plan: Plan, at: datetime, seats: int, known: Opened | None, number: Number) -> None:
        """The account begins: with a subscription, or with what is known (D17)."""
        self.cases["conformance: histories"] += 1
        self.number = number
        self.begin(self.name(known or Subscribed(at=at, plan=plan, seats=min(seats, plan.seats_max))))

    def begin(self, first: Fact, *further: Fact) -> None:
        """Begin both with these facts and no others."""
        self.told = [first, *further]
        self.subject = self.replay(self.told)
        self.oracle = Oracle(self.told)

    @rule(fact=sends)
    def send(self, fact: Sent) -> None:
        """A message is sent (R4)."""
        self.tell(fact)

    @rule(fact=sends)
    def send_another(self, fact: Sent) -> None:
        """Sends are what happens most."""
        self.tell(fact)

    @rule(fact=free_sends)
    def send_free(self, fact: Sent) -> None:
        """A free message is sent (R10, R14, R15)."""
        self.tell(fact)

    @precondition(lambda self: self.any_sent())
    @rule(fact=replies)
    def reply(self, fact: Replied) -> None:
        """A message is answered (R5, D8, D9, D10)."""
        self.tell(fact)

    @precondition(lambda self: self.any_sent())
    @rule(fact=replies)
    def reply_again(self, fact: Replied) -> None:
        """Answers are what happens next most."""
        self.tell(fact)

    @precondition(lambda self: self.any_sent())
    @rule(fact=failures)
    def fail(self, fact: DeliveryFailed) -> None:
        """A delivery fails, before an answer or after one (D11)."""
        self.tell(fact)

    @rule(fact=seat_changes)
    def change_seats(self, fact: SeatsChanged) -> None:
        """Seats go up and down (D20)."""
        self.tell(fact)

    @rule(plan=any_plan, at=at_an_edge)
    def change_terms(self, plan: Plan, at: datetime) -> None:
        """The provider changes the terms (D16)."""
        self.tell(TermsChanged(at=at, plan=plan))

    @rule(fact=other_facts)
    def anything_else(self, fact: Fact) -> None:
        """A withdrawal, a failed delivery, a purchase, a cancellation, other seats, other terms."""
        self.tell(fact)

    @rule(seat=st.sampled_from(strategies.SEATS), credits_max=st.sampled_from((1, 0, 2, None)), at=at_an_edge)
    def limit_seat(self, seat: str, credits_max: int | None, at: datetime) -> None:
        """A seat is limited, or no longer."""
        self.tell(SeatLimited(at=at, seat=seat, credits_max=credits_max))

    @rule(plan=any_plan, at=at_an_edge, seats=any_seats, kind=st.sampled_from((Switched, Subscribed)))
    def change_plan(self, plan: Plan, at: datetime, seats: int, kind: type[Subscribed]) -> None:
        """The plan is switched, or a subscription starts again after the last ended (D12)."""
        self.tell(kind(at=at, plan=plan, seats=min(seats, plan.seats_max)))

    @rule(facts=st.lists(st.one_of(sends, replies, other_facts), min_size=2, max_size=4))
    def batch(self, facts: list[Fact]) -> None:
        """Several facts at once: all or nothing (D15)."""
        self.tell(*facts)

    # -- what must change nothing ------------------------------------------------------------------------

    @rule(fact=old_fact)
    def repeat(self, fact: Fact) -> None:
        """The same fact again is ignored (D14)."""
        before = self.picture()
        self.same("what a repeated fact would move", list(self.subject.preview(fact)), [])
        self.same("what a repeated fact moved", list(self.subject.record(fact)), [])
        self.same("the ledger after a repeated fact (D14)", self.picture(), before)

    @rule(fact=old_fact, later=st.sampled_from((TICK, timedelta(days=1))))
    def contradict(self, fact: Fact, later: timedelta) -> None:
        """The same id with other content is a conflict (D14)."""
        before = self.picture()
        if isinstance(fact, Opened):
            other: Fact = evolve(fact, subscriptions=fact.subscriptions + 1)
        else:
            other = evolve(fact, at=fact.at + later)
        for command in (self.subject.preview, self.subject.record):
            self.must_refuse(command, [other], FactConflictError)
        self.same("the ledger after a contradiction (D14)", self.picture(), before)

    @rule(data=st.data(), go_on=st.booleans())
    def replay_shuffled(self, data: st.DataObject, *, go_on: bool) -> None:
        """The same facts in any order of arrival make the same ledger (D13)."""
        facts = data.draw(st.permutations(self.subject.facts))
        before, kept = self.picture(), self.subject
        self.subject = self.replay(facts)
        self.same("the ledger of another order of arrival (D13)", self.picture(), before)
        if not go_on:
            self.subject = kept

    @rule(at=at_an_edge)
    def begin_again(self, at: datetime) -> None:
        """What is known at an instant stands for all before it, and changes no later answer (D17)."""
        later = [fact for fact in self.told if fact.at >= at]
        if len(later) == len(self.told) or {fact.id for fact in later} & self.oracle.refused:
            return  # nothing was before, or a message of before may be sent once more
        self.cases["conformance: accounts begun again"] += 1
        until = max(self.latest_at, at) + AHEAD
        whole, known = self.oracle, self.subject.checkpoint(at)
        self.begin(evolve(known, id=f"known-{self.named}", recorded=self.number(0)), *later)
        moved = summed(movement for movement in whole.movements(until) if movement.at >= at)
        begun = self.oracle.movements(until)
        again = summed(m for m in begun if m.at >= at and m.kind is not EntryKind.OPENING)
        self.same("the later movements of an account begun again (D17)", again, moved)
        self.same("the lots of an account begun again (D17)", self.oracle.lots(until), whole.lots(until))

    @rule()
    def take_snapshot(self) -> None:
        """What is remembered changes no answer."""
        self.subject.take_snapshot()

    @rule()
    def drop_snapshots(self) -> None:
        """What is forgotten changes no answer."""
        self.subject.drop_snapshots()

    @precondition(lambda self: bool(self.told))
    @rule(days=st.integers(0, 400))
    def look_ahead(self, days: int) -> None:
        """Asking about a far future changes nothing."""
        before = self.picture()
        self.subject.balance(self.latest_at + timedelta(days=days))
        self.same("the ledger after a question", self.picture(), before)

    # -- the laws ----------------------------------------------------------------------------------------

    @invariant()
    def movements_keep_the_laws(self) -> None:
        """Conservation, no lot below zero or above its size, at most one refund a message (R4, D8)."""
        entries = self.subject.entries
        balance = self.subject.balance(self.latest_at)
        broken = broken_conservation(entries, balance=balance)
        broken += broken_bounds(entries, self.opened) + broken_refunds(entries, self.opened)
        self.same("the laws broken", broken, [])

    @invariant()
    def movements_are_the_oracles(self) -> None:
        """Entries agree as multisets, and so do the facts that are impossible in their place (D13)."""
        subject, oracle = self.subject, self.oracle
        self.same("the movements", summed(subject.entries), summed(oracle.movements(self.latest_at)))
        self.same("the impossible facts", set(subject.refused), oracle.refused)
        self.same("the order of facts", [f.id for f in subject.facts], [f.id for f in oracle.facts])

    @invariant()
    def answers_are_the_oracles(self) -> None:
        """Balances, lots and totals about edges in the past, the present and the future (D2, D3, D4)."""
        oracle = Oracle(self.told)
        for edge in self.edges_to_ask(oracle):
            for at in (edge + tick for tick in TICKS):
                self.cases["conformance: answers compared"] += 1
                balance, lots = self.subject.balance(at), list(self.subject.lots(at))
                self.same(f"the balance at {at}", balance, oracle.balance(at))
                self.same(f"the lots at {at}", lots, oracle.lots(at))
                self.same(f"the laws broken at {at}", broken_lots(lots, at=at, balance=balance), [])
            totals = self.subject.totals(edge)
            self.same(f"the totals before {edge}", dict(totals), oracle.totals(START_OF_TIME, edge))

    def edges_to_ask(self, oracle: Oracle) -> list[datetime]:
        """A few edges about the latest fact, and a few spread over all of the past."""
        latest = self.latest_at
        past = oracle.boundaries(latest)
        future = [at for at in oracle.boundaries(latest + AHEAD) if at > latest]
        spread = past[:: max(1, len(past) // ASKED_MAX)]
        return sorted({*spread, *past[-2:], *future[:3], *future[-1:]})


def check_conformance(
    replay: Replay = AccountSubject.replay,
    *,
    settings: hypothesis_settings | None = None,
    cases: Counter[str] | None = None,
) -> None:
    """Drive a ledger and the oracle side by side through many histories.

    Args:
        replay: makes the ledger under test from facts.
        settings: how many histories and how long; Hypothesis' current ones if not given.
        cases: where to count what was run.

    Raises:
        AssertionError: with the shortest history found after which the two differ or a law is broken.
    """
    counted: Counter[str] = Counter() if cases is None else cases
    run_state_machine_as_test(
        lambda: ConformanceMachine(replay, counted),  # type: ignore[arg-type] # any factory will do
        settings=settings,
    )

"""The state machine: a ledger and the oracle are told the same facts, and every answer is compared.

A ledger is right only if it is right after every history, about every instant, however late, doubled or
shuffled its facts arrived. Facts come at every kind of edge: one microsecond before, at and after expiries,
grants, window ends and billing ends. After each step every law is checked and every answer compared.

What the ledger leaves out is left out here too. Not judged: facts of which some carry recorded numbers and
some do not; a history numbers all of them or none.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

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
from inmail_credits.testing.conformance.adapter import LedgerAdapter
from inmail_credits.testing.conformance.answers import (
    Difference,
    at_edges,
    in_facts,
    in_movements,
    rules_of_facts,
)
from inmail_credits.testing.conformance.capabilities import Capability, history_needs
from inmail_credits.testing.conformance.directed import Make
from inmail_credits.testing.conformance.failure import history
from inmail_credits.testing.conformance.standing import (
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
from inmail_credits.testing.laws import Moved, summed
from inmail_credits.testing.memory import LotLeft
from inmail_credits.testing.oracle import Oracle
from inmail_credits.testing.strategies import TICK, TICKS

AHEAD = timedelta(days=40)
ASKED_MAX = 8

Number = Callable[[int], int | None]
NUMBERS: tuple[Number, ...] = (lambda _: None, lambda place: place * 7_919 % 10_007, lambda place: place % 3)
"""What a history numbers its facts: not at all, out of order, or alike (D13)."""

Picture = tuple[int, Sequence[Fact], Sequence[Moved], AbstractSet[str], Sequence[LotLeft]]


def can(*capabilities: Capability) -> Callable[[Standing], bool]:
    """A precondition: the ledger leaves none of these out."""
    return lambda self: self.able(*capabilities)


class ConformanceMachine(Standing):
    """Tells a ledger and the oracle the same facts, and holds every answer of one against the other."""

    def __init__(self, make: Make, cases: Counter[str]) -> None:
        self.make = make
        self.subject: LedgerAdapter = make()
        super().__init__(self.subject.without)
        self.oracle: Oracle
        self.cases = cases
        self.number: Number = NUMBERS[0]

    def picture(self) -> Picture:
        """All there is to see of the ledger at the latest fact."""
        subject, at = self.subject, self.latest_at
        return (
            subject.balance(at),
            list(subject.facts()) if self.able(Capability.REPLAYS) else (),
            list(subject.movements(at)) if self.able(Capability.MOVEMENTS) else (),
            set(subject.impossible()) if self.able(Capability.LATE_FACTS) else set(),
            list(subject.lots(at)) if self.able(Capability.LOTS) else (),
        )

    def name(self, fact: Fact) -> Fact:
        """The fact under an id of its own, and with the number that this history gives it."""
        place = self.next_name()
        return evolve(fact, id=f"fact-{place}", recorded=self.number(place))

    def tell(self, *facts: Fact) -> None:
        """Tell new facts to both, as one batch: both take in all of them or none."""
        if not self.able(*history_needs([*self.told, *facts])):
            return
        self.cases["conformance: commands given"] += 1
        new = [self.name(fact) for fact in facts]
        oracle = Oracle([*self.told, *new])
        before = self.picture()
        if {fact.id for fact in new} & oracle.refused:
            self.cases["conformance: commands refused"] += 1
            for command in self.commands():
                self.must_refuse(command, new, RefusedError, rules_of_facts(new))
                self.same("D15", "the ledger after a refused command", self.picture(), before)
            return
        previewed = self.must_take(self.subject.preview, new) if self.able(Capability.PREVIEWS) else None
        self.same("D15", "the ledger after a preview", self.picture(), before)
        late = min(fact.at for fact in new) < self.latest_at
        self.cases["conformance: commands late"] += late
        recorded = self.must_take(self.subject.record, new)
        if previewed is not None:
            self.same("D15", "what a preview told", list(previewed), list(recorded))
        self.told.extend(new)
        self.oracle = oracle

    def commands(self) -> Iterator[Callable[..., Sequence[Moved] | None]]:
        """The ways to tell a fact."""
        if self.able(Capability.PREVIEWS):
            yield self.subject.preview
        yield self.subject.record

    def must_take(
        self, command: Callable[..., Sequence[Moved] | None], facts: Sequence[Fact]
    ) -> Sequence[Moved]:
        """See that a command is taken in; what it moved."""
        try:
            return command(*facts) or ()
        except (RefusedError, FactConflictError) as error:
            what = f"what becomes of {history(facts)}"
            self.fail(rules_of_facts(facts), what, f"refused ({error})", "accepted", *facts)

    def must_refuse(
        self,
        command: Callable[..., Sequence[Moved] | None],
        facts: Sequence[Fact],
        error: type[Exception],
        rules: tuple[str, ...],
    ) -> None:
        """See that a command is refused."""
        try:
            command(*facts)
        except error:
            return
        what = f"what becomes of {history(facts)}"
        self.fail(rules, what, "accepted", f"refused with {error.__name__}", *facts)

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
        self.number = number if self.able(Capability.LATE_FACTS, Capability.REPLAYS) else NUMBERS[0]
        known = known if known is not None and self.able(*history_needs([known])) else None
        self.begin(self.name(known or Subscribed(at=at, plan=plan, seats=min(seats, plan.seats_max))))

    def begin(self, first: Fact, *further: Fact) -> None:
        """Begin both with these facts and no others."""
        self.told[:] = [first, *further]
        self.subject = self.make()
        if self.able(Capability.REPLAYS):
            self.subject.replay(self.told)
        else:
            for fact in self.told:
                self.subject.record(fact)
        self.oracle = Oracle(self.told)

    @rule(fact=sends)
    def send(self, fact: Sent) -> None:
        """A message is sent (R4)."""
        self.tell(fact if self.able(Capability.SEATS) else evolve(fact, seat=None))

    @rule(fact=sends)
    def send_another(self, fact: Sent) -> None:
        """Sends are what happens most."""
        self.tell(fact if self.able(Capability.SEATS) else evolve(fact, seat=None))

    @precondition(can(Capability.FREE_CHANNELS))
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

    @precondition(lambda self: self.any_sent() and self.able(Capability.FAILED_DELIVERY))
    @rule(fact=failures)
    def fail_delivery(self, fact: DeliveryFailed) -> None:
        """A delivery fails, before an answer or after one (D11)."""
        self.tell(fact)

    @precondition(can(Capability.SEATS))
    @rule(fact=seat_changes)
    def change_seats(self, fact: SeatsChanged) -> None:
        """Seats go up and down (D20)."""
        self.tell(fact)

    @precondition(can(Capability.TERMS_CHANGES))
    @rule(plan=any_plan, at=at_an_edge)
    def change_terms(self, plan: Plan, at: datetime) -> None:
        """The provider changes the terms (D16)."""
        self.tell(TermsChanged(at=at, plan=plan))

    @rule(fact=other_facts)
    def anything_else(self, fact: Fact) -> None:
        """A withdrawal, a failed delivery, a purchase, a cancellation, other seats, other terms."""
        self.tell(fact)

    @precondition(can(Capability.SEAT_LIMITS))
    @rule(seat=st.sampled_from(strategies.SEATS), credits_max=st.sampled_from((1, 0, 2, None)), at=at_an_edge)
    def limit_seat(self, seat: str, credits_max: int | None, at: datetime) -> None:
        """A seat is limited, or no longer."""
        self.tell(SeatLimited(at=at, seat=seat, credits_max=credits_max))

    @precondition(lambda self: self.able(Capability.SWITCHING) or self.able(Capability.CANCELLING))
    @rule(plan=any_plan, at=at_an_edge, seats=any_seats, kind=st.sampled_from((Switched, Subscribed)))
    def change_plan(self, plan: Plan, at: datetime, seats: int, kind: type[Subscribed]) -> None:
        """The plan is switched, or a subscription starts again after the last ended (D12)."""
        self.tell(kind(at=at, plan=plan, seats=min(seats, plan.seats_max)))

    @precondition(can(Capability.BATCHES))
    @rule(facts=st.lists(st.one_of(sends, replies, other_facts), min_size=2, max_size=4))
    def batch(self, facts: list[Fact]) -> None:
        """Several facts at once: all or nothing (D15)."""
        self.tell(*facts)

    # -- what must change nothing ------------------------------------------------------------------------

    @precondition(can(Capability.REPEATS))
    @rule(fact=old_fact)
    def repeat(self, fact: Fact) -> None:
        """The same fact again is ignored (D14)."""
        before = self.picture()
        for command in self.commands():
            self.same("D14", "what a repeated fact moved", list(command(fact) or ()), [])
        self.same("D14", "the ledger after a repeated fact", self.picture(), before)

    @precondition(can(Capability.REPEATS))
    @rule(fact=old_fact, later=st.sampled_from((TICK, timedelta(days=1))))
    def contradict(self, fact: Fact, later: timedelta) -> None:
        """The same id with other content is a conflict (D14)."""
        before = self.picture()
        if isinstance(fact, Opened):
            other: Fact = evolve(fact, subscriptions=fact.subscriptions + 1)
        else:
            other = evolve(fact, at=fact.at + later)
        for command in self.commands():
            self.must_refuse(command, [other], FactConflictError, ("D14",))
        self.same("D14", "the ledger after a contradiction", self.picture(), before)

    @precondition(can(Capability.REPLAYS))
    @rule(data=st.data(), go_on=st.booleans())
    def replay_shuffled(self, data: st.DataObject, *, go_on: bool) -> None:
        """The same facts in any order of arrival make the same ledger (D13)."""
        facts = data.draw(st.permutations(self.subject.facts()))
        before, kept = self.picture(), self.subject
        self.subject = self.make()
        self.subject.replay(facts)
        self.same("D13", "the ledger of another order of arrival", self.picture(), before)
        if not go_on:
            self.subject = kept

    @precondition(can(Capability.CHECKPOINTS, Capability.OPENINGS))
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
        self.same("D17", "the later movements of an account begun again", again, moved)
        self.same("D17", "the lots of an account begun again", self.oracle.lots(until), whole.lots(until))

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
        self.same("D3", "the ledger after a question", self.picture(), before)

    # -- the laws ----------------------------------------------------------------------------------------

    def judge(self, differences: Iterator[Difference]) -> None:
        """Raise for the first difference, if there is one."""
        wrong = next(differences, None)
        if wrong is not None:
            self.fail(wrong.rules, wrong.what, wrong.found, wrong.expected)

    @invariant()
    def facts_are_the_oracles(self) -> None:
        """The facts that are impossible in their place, and the order of facts (D13)."""
        self.judge(in_facts(self.subject, self.oracle))

    @invariant()
    def movements_are_the_oracles(self) -> None:
        """Movements agree as multisets and keep the laws of conservation, bounds and refunds (R4, D8)."""
        self.judge(in_movements(self.subject, self.oracle, self.latest_at, self.opened))

    @invariant()
    def answers_are_the_oracles(self) -> None:
        """Balances, lots and totals about edges in the past, the present and the future (D2, D3, D4)."""
        oracle = Oracle(self.told)
        edges = self.edges_to_ask(oracle)
        self.cases["conformance: answers compared"] += len(edges) * len(TICKS)
        self.judge(at_edges(self.subject, oracle, edges, latest=self.latest_at))

    def edges_to_ask(self, oracle: Oracle) -> list[datetime]:
        """A few edges about the latest fact, and a few spread over all of the past."""
        latest = self.latest_at
        past = oracle.boundaries(latest)
        future = [at for at in oracle.boundaries(latest + AHEAD) if at > latest]
        spread = past[:: max(1, len(past) // ASKED_MAX)]
        return sorted({*spread, *past[-2:], *future[:3], *future[-1:]})

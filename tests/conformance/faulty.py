"""Ledgers with one fault each, made of the oracle: what the conformance suite must find and name.

``python -m tests.conformance.faulty`` plants three of them under a hundred seeds each.
"""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import ClassVar, Final

from attrs import evolve

from inmail_credits.errors import RefusedError
from inmail_credits.facts import (
    Cancelled,
    DeliveryFailed,
    Fact,
    MessageFact,
    Opened,
    Purchased,
    Replied,
    SeatsChanged,
    Sent,
    Subscribed,
    Switched,
    TermsChanged,
    Withdrawn,
)
from inmail_credits.ledger.entries import Cause, EntryKind
from inmail_credits.plans import Plan
from inmail_credits.testing.conformance import (
    Capability,
    LedgerAdapter,
    NotConformingError,
    check,
    check_histories,
)
from inmail_credits.testing.conformance.check import HISTORIES, STEPS_MAX, random_settings
from inmail_credits.testing.laws import Moved
from inmail_credits.testing.memory import (
    MICROSECOND,
    START_OF_TIME,
    Credit,
    LotLeft,
    Movement,
    Subscription,
    days_after,
)
from inmail_credits.testing.oracle import Oracle
from inmail_credits.testing.run import Run

LEFT_OUT: Final = frozenset({Capability.PREVIEWS, Capability.CHECKPOINTS})
NOT_LATE: Final = LEFT_OUT | {Capability.LATE_FACTS, Capability.REPLAYS}


def oracle_of(kind: type[Run], facts: Iterable[Fact]) -> Oracle:
    """The oracle of these facts, lived through by a run of that kind."""

    class Faulty(Oracle):
        def _live_through(self, facts: Sequence[Fact]) -> None:
            self.facts, self._run = tuple(facts), kind()
            begins = next((place for place, fact in enumerate(facts) if isinstance(fact, Opened)), 0)
            self.refused = {fact.id for fact in facts[:begins]}
            self.refused |= {fact.id for fact in facts[begins:] if not self._run.apply(fact)}

    return Faulty(facts)


class OracleLedger(LedgerAdapter):
    """The oracle as a ledger under test; ``kind`` is the run it lives through, which may have a fault."""

    kind: ClassVar[type[Run]] = Run
    without: AbstractSet[Capability] = LEFT_OUT

    def __init__(self) -> None:
        self.told: list[Fact] = []
        self.kept: tuple[list[Fact], Oracle] | None = None

    def oracle(self, *further: Fact) -> Oracle:
        """The oracle of what was told, and of further facts; kept until there are others."""
        facts = [*self.told, *further]
        if self.kept is None or self.kept[0] != facts:
            self.kept = (facts, oracle_of(self.kind, facts))
        return self.kept[1]

    def record(self, *facts: Fact) -> None:
        """Take in facts that are possible in their place."""
        known = {fact.id for fact in self.told}
        new = [fact for fact in facts if fact.id not in known]
        if impossible := {fact.id for fact in new} & self.oracle(*facts).refused:
            raise RefusedError(f"record {impossible}", facts[0].at, "it is impossible in its place")
        self.told += new

    def balance(self, at: datetime) -> int:
        """As the oracle tells it."""
        return self.oracle().balance(at)

    def lots(self, at: datetime) -> Sequence[LotLeft]:
        """As the oracle tells it."""
        return self.oracle().lots(at)

    def movements(self, until: datetime) -> Iterable[Moved]:
        """As the oracle tells it."""
        return self.oracle().movements(until)

    def totals(self, before: datetime) -> Mapping[EntryKind, int]:
        """As the oracle tells it."""
        return self.oracle().totals(START_OF_TIME, before)

    def impossible(self) -> AbstractSet[str]:
        """As the oracle tells it."""
        return self.oracle().refused

    def facts(self) -> Sequence[Fact]:
        """As the oracle has them, numbered as they came."""
        number = {fact.id: place for place, fact in enumerate(self.told)}
        return [
            fact if fact.recorded is not None else evolve(fact, recorded=number[fact.id])
            for fact in self.oracle().facts
        ]

    def replay(self, facts: Iterable[Fact]) -> None:
        """Take in all of them."""
        self.told = list(facts)


# -- faults ----------------------------------------------------------------------------------------------


class FourCredits(Run):
    """A grant brings a credit too many."""

    def _allot(self, credits_: int, at: datetime, fact_id: str = "") -> None:
        super()._allot(credits_ + 1, at, fact_id)


class OneSize(Run):
    """No plan grants more than 3 credits."""

    def _allot(self, credits_: int, at: datetime, fact_id: str = "") -> None:
        super()._allot(min(credits_, 3), at, fact_id)


class OnlyOnce(Run):
    """Nothing comes after the first grant."""

    def _grant(self, at: datetime) -> None:
        running = self.subscription
        if running is not None and running.next_grant_at == at:
            running.refresh(at)


class Overdraft(Run):
    """A send without a credit is taken, and costs nothing."""

    def _send(self, fact: Sent) -> bool:
        return super()._send(fact) or fact.message_id not in self.messages


class DeclinedDoesNotCount(Run):
    """A refusal is no reaction."""

    def apply(self, fact: Fact) -> bool:  # noqa: D102 - as in Run
        declined = isinstance(fact, Replied) and fact.kind == "declined"
        if declined:
            self.advance(fact.at)
            return fact.message_id in self.messages if isinstance(fact, Replied) else True
        return super().apply(fact)


class SilenceGivesBack(Run):
    """A message that is left unanswered for 30 days gives its credit back."""

    def _expire(self, at: datetime) -> None:
        super()._expire(at)
        for message_id, message in self.open_messages().items():
            if message.plan is not None and days_after(message.sent_at, 30) == at:
                self._give_back(message_id, at, Cause.SILENCE)

    def next_due(self) -> datetime | None:  # noqa: D102 - as in Run
        due = [days_after(message.sent_at, 30) for message in self.open_messages().values()]
        coming = [at for at in (super().next_due(), *due) if at is not None and at > self.now]
        return min(coming, default=None)


class NoRollover(Run):
    """A grant takes what is left of the month before."""

    def _grant(self, at: datetime) -> None:
        if self.subscription is not None and self.subscription.next_grant_at == at:
            for credit in list(self.left):
                self._take(credit, at, EntryKind.EXPIRED, Cause.AGE)
        super()._grant(at)


def living(change: Callable[[Credit], timedelta]) -> type[Run]:
    """A run whose credits live so much longer."""

    class Living(Run):
        def _put(self, credit: Credit, movement: Movement) -> None:
            if not credit.history and credit.expires_at is not None:
                credit.expires_at += change(credit)
            super()._put(credit, movement)

    return Living


def three_months(credit: Credit) -> timedelta:
    """Three months instead of 90 days."""
    month = credit.received_at.month + 2
    year, month = credit.received_at.year + month // 12, month % 12 + 1
    for day in range(credit.received_at.day, 27, -1):
        try:
            end = credit.received_at.replace(year=year, month=month, day=day)
        except ValueError:
            continue
        return end - days_after(credit.received_at, 90)
    return credit.received_at.replace(year=year, month=month) - days_after(credit.received_at, 90)


class WithdrawnGivesBack(Run):
    """A withdrawal gives the credit back."""

    def _apply_to_message(self, fact: MessageFact) -> bool:
        if isinstance(fact, Withdrawn) and fact.message_id in self.open_messages():
            self._give_back(fact.message_id, fact.at, Cause.REPLY, fact.id)
            return True
        return super()._apply_to_message(fact)


class WithdrawnStaysOpen(Run):
    """A reply after a withdrawal gives the credit back."""

    def _apply_to_message(self, fact: MessageFact) -> bool:
        if isinstance(fact, Withdrawn):
            return fact.message_id in self.messages
        return super()._apply_to_message(fact)


class EveryChannelCosts(Run):
    """Free messages cost a credit."""

    def _send(self, fact: Sent) -> bool:
        return super()._send(evolve(fact, channel="inmail"))


class WholeSeconds(Run):
    """Instants are cut to whole seconds."""

    def apply(self, fact: Fact) -> bool:  # noqa: D102 - as in Run
        return super().apply(evolve(fact, at=max(self.now, fact.at.replace(microsecond=0))))


class ExpiredAfterLooking(Run):
    """A dead credit can be spent until a grant sweeps it away."""

    def _expire(self, at: datetime) -> None:
        if self.subscription is None or self.subscription.next_grant_at == at:
            super()._expire(at)

    def next_due(self) -> datetime | None:  # noqa: D102 - as in Run
        return None if self.subscription is None else self.subscription.next_grant_at


class LastInFirstOut(Run):
    """The newest credit burns first."""

    def _send(self, fact: Sent) -> bool:
        kept = list(self.left)
        self.left.sort(key=lambda credit: (credit.received_at, credit.lot), reverse=True)
        first = self.left[:1]
        self.left[:] = [*first, *(credit for credit in kept if credit not in first)]
        sent = super()._send(fact)
        self.left.sort(key=lambda credit: credit.burn_order)
        return sent


class FirstInFirstOut(Run):
    """The credit received first burns first, whenever it expires."""

    def _send(self, fact: Sent) -> bool:
        self.left.sort(key=lambda credit: (credit.received_at, credit.lot))
        sent = super()._send(fact)
        self.left.sort(key=lambda credit: credit.burn_order)
        return sent


class FromThePrevious(Subscription):
    """Each grant date is a month after the previous one, so the 31st never returns."""

    __slots__ = ()

    @property
    def next_grant_at(self) -> datetime:  # noqa: D102 - as in Subscription
        dates = [self.start]
        every = Subscription(self.plan, self.start, 1)
        for _ in range(self.grants + 1):
            every.start, every.grants = dates[-1], 0
            dates.append(every.next_grant_at)
        return dates[-1]


class DatesFromThePrevious(Run):
    """Dates are counted from the previous one."""

    def _start(self, fact: Subscribed) -> None:
        super()._start(fact)
        if self.subscription is not None:
            self.subscription.__class__ = FromThePrevious


class TrimsAnyReceipt(Run):
    """A refund or a purchase past the cap is trimmed at once."""

    def apply(self, fact: Fact) -> bool:  # noqa: D102 - as in Run
        possible, running = super().apply(fact), self.subscription
        if (
            running is not None
            and running.plan.cap_credits is not None
            and not isinstance(fact, TermsChanged)
        ):
            for credit in self.left[: max(0, len(self.left) - running.plan.cap_credits * running.seats)]:
                self._take(credit, fact.at, EntryKind.FORFEITED, Cause.CAP)
        return possible


class NoCap(Run):
    """Grants pass the cap."""

    def _allot(self, credits_: int, at: datetime, fact_id: str = "") -> None:
        self._receive(credits_, at, EntryKind.GRANTED, Cause.SCHEDULE, fact_id=fact_id)


class RefundsRejoin(Run):
    """Every refund rejoins the lot that paid."""

    def _give_back(self, message_id: str, at: datetime, cause: Cause, fact_id: str = "") -> None:
        running = self.subscription
        if running is not None:
            plan, running.plan = running.plan, evolve(running.plan, refund_to="original")
            super()._give_back(message_id, at, cause, fact_id)
            running.plan = plan


class RefundsAreNew(Run):
    """Every refund is a new lot."""

    def _give_back(self, message_id: str, at: datetime, cause: Cause, fact_id: str = "") -> None:
        running = self.subscription
        if running is not None:
            plan, running.plan = running.plan, evolve(running.plan, refund_to="fresh")
            super()._give_back(message_id, at, cause, fact_id)
            running.plan = plan


class DoubleRefund(Run):
    """Every reply gives a credit back."""

    def _apply_to_message(self, fact: MessageFact) -> bool:
        message = self.messages.get(fact.message_id)
        if isinstance(fact, Replied) and message is not None and message.answered:
            message.settled = False
        return super()._apply_to_message(fact)


class EveryKindCounts(Run):
    """A plan's kinds of reply are not looked at."""

    def _apply_to_message(self, fact: MessageFact) -> bool:
        message = self.messages.get(fact.message_id)
        kinds = message.plan.refund_kinds if message is not None and message.plan is not None else frozenset()
        if isinstance(fact, Replied) and kinds:
            fact = evolve(fact, kind=min(kinds))
        return super()._apply_to_message(fact)


class WindowIsClosed(Run):
    """A reply at the very end of the window counts."""

    def _apply_to_message(self, fact: MessageFact) -> bool:
        message = self.messages.get(fact.message_id)
        if isinstance(fact, Replied) and message is not None and message.window_ends_at == fact.at:
            message.sent_at += MICROSECOND
        return super()._apply_to_message(fact)


class FailureIsIgnored(Run):
    """A failed delivery gives nothing back."""

    def _apply_to_message(self, fact: MessageFact) -> bool:
        if isinstance(fact, DeliveryFailed):
            return fact.message_id in self.messages or self.opened
        return super()._apply_to_message(fact)


class FailureAfterAll(Run):
    """A failed delivery gives the credit back though a reply proves that it arrived."""

    def _apply_to_message(self, fact: MessageFact) -> bool:
        message = self.messages.get(fact.message_id)
        if isinstance(fact, DeliveryFailed) and message is not None:
            message.answered = False
        return super()._apply_to_message(fact)


class EndsAtOnce(Run):
    """Every cancellation ends the subscription at once."""

    def _cancel(self, fact: Cancelled, running: Subscription) -> bool:
        running.plan = evolve(running.plan, cancel_at="at_once")
        return super()._cancel(fact, running)


class KeepsOnSwitch(Run):
    """A switch forfeits nothing."""

    def _forfeit_all(self, at: datetime, cause: Cause, fact_id: str = "") -> None:
        if cause is not Cause.SWITCH:
            super()._forfeit_all(at, cause, fact_id)


class NewTermsForAll(Run):
    """New terms hold for messages that were sent before."""

    def _change_terms(self, fact: TermsChanged, running: Subscription) -> bool:
        for message in self.open_messages().values():
            message.plan = fact.plan
        return super()._change_terms(fact, running)


class TermsGrantAtOnce(Run):
    """New terms grant at once."""

    def _change_terms(self, fact: TermsChanged, running: Subscription) -> bool:
        changed = super()._change_terms(fact, running)
        if changed:
            self._allot(fact.plan.grant_credits, fact.at, fact.id)
        return changed


class ForgetsMessages(Run):
    """An account begins without the messages that are open."""

    def _open(self, fact: Opened) -> bool:
        return super()._open(evolve(fact, messages=[]))


class InUtc(Run):
    """The zone of a plan is not looked at."""

    def apply(self, fact: Fact) -> bool:  # noqa: D102 - as in Run
        if isinstance(fact, Subscribed | TermsChanged | Opened) and isinstance(fact.plan, Plan):
            fact = evolve(fact, plan=evolve(fact.plan, zone="UTC"))
        return super().apply(fact)


class SeatsComeAgain(Run):
    """A seat that is taken away and brought back brings its allotment again."""

    def _change_seats(self, fact: SeatsChanged, running: Subscription) -> bool:
        running.seats_most = running.seats
        return super()._change_seats(fact, running)


class SellsWithoutEnd(Run):
    """More is sold than the plan says."""

    def _purchase(self, fact: Purchased, running: Subscription) -> bool:
        bought, running.bought = running.bought, []
        running.plan = evolve(running.plan, purchase_credits_max=max(5, running.plan.purchase_credits_max))
        possible = super()._purchase(fact, running)
        running.bought = [*bought, *running.bought]
        return possible


class SwitchKeepsTheAnchor(Run):
    """A switch grants, and goes on with the old dates."""

    def _start(self, fact: Subscribed) -> None:
        before = self.subscription
        super()._start(fact)
        if isinstance(fact, Switched) and before is not None and self.subscription is not None:
            self.subscription.start = before.start
            self.subscription.count_grants(fact.at)


FAULTS: Final[tuple[tuple[type[Run], str], ...]] = (
    (FourCredits, "R1"),
    (OneSize, "R2"),
    (OnlyOnce, "R3"),
    (Overdraft, "R4"),
    (DeclinedDoesNotCount, "R5"),
    (SilenceGivesBack, "R6"),
    (NoRollover, "R7"),
    (living(lambda _: timedelta(days=1)), "R8"),
    (living(lambda _: timedelta(days=-1)), "R8"),
    (living(three_months), "R8"),
    (WithdrawnGivesBack, "R9"),
    (WithdrawnStaysOpen, "R9"),
    (EveryChannelCosts, "R10"),
    (EveryChannelCosts, "R14"),
    (EveryChannelCosts, "R15"),
    (WholeSeconds, "D1"),
    (living(lambda _: MICROSECOND), "D2"),
    (living(lambda _: -MICROSECOND), "D2"),
    (ExpiredAfterLooking, "D3"),
    (LastInFirstOut, "D4"),
    (FirstInFirstOut, "D4"),
    (DatesFromThePrevious, "D5"),
    (NoCap, "D6"),
    (TrimsAnyReceipt, "D6"),
    (RefundsRejoin, "D7"),
    (RefundsAreNew, "D7"),
    (DoubleRefund, "D8"),
    (EveryKindCounts, "D9"),
    (WindowIsClosed, "D10"),
    (FailureIsIgnored, "D11"),
    (FailureAfterAll, "D11"),
    (EndsAtOnce, "D12"),
    (KeepsOnSwitch, "D12"),
    (SwitchKeepsTheAnchor, "D12"),
    (SellsWithoutEnd, "D15"),
    (NewTermsForAll, "D16"),
    (TermsGrantAtOnce, "D16"),
    (ForgetsMessages, "D17"),
    (InUtc, "D18"),
    (SeatsComeAgain, "D20"),
)
"""Faults in what facts and time do, and a rule that must be named for each."""


def ledger_with(fault: type[Run]) -> type[OracleLedger]:
    """The ledger with that fault."""
    return type(fault.__name__, (OracleLedger,), {"kind": fault})


class ByArrival(OracleLedger):
    """A fact that arrives late counts from the arrival of the latest."""

    def record(self, *facts: Fact) -> None:
        """Move late facts to the latest instant."""
        latest = max((fact.at for fact in self.told), default=START_OF_TIME)
        super().record(*(evolve(fact, at=max(fact.at, latest)) for fact in facts))


class Forgetful(OracleLedger):
    """A repeated fact is a new one; an id tells nothing."""

    def record(self, *facts: Fact) -> None:
        """Rename what is known."""
        super().record(*(evolve(fact, id=f"{fact.id}/{len(self.told)}") for fact in facts))


class HalfDone(OracleLedger):
    """A batch is recorded up to the first fact that is impossible."""

    def record(self, *facts: Fact) -> None:
        """One after the other."""
        for fact in facts:
            super().record(fact)


class FreshRefusal(OracleLedger):
    """A fact that is refused is kept, and may count later."""

    def record(self, *facts: Fact) -> None:
        """Keep it first."""
        try:
            super().record(*facts)
        except RefusedError:
            self.told += facts
            raise


LEDGERS: Final[tuple[tuple[type[OracleLedger], str], ...]] = (
    *((ledger_with(fault), rule) for fault, rule in FAULTS),
    (ByArrival, "D13"),
    (Forgetful, "D14"),
    (HalfDone, "D15"),
    (FreshRefusal, "D14"),
)
"""Ledgers with a fault, and a rule that must be named for each."""

THREE: Final = {
    "a double refund": (DoubleRefund, "D8"),
    "an expiry off by a day": (living(lambda _: timedelta(days=1)), "R8"),
    "a LIFO burn": (LastInFirstOut, "D4"),
}
"""Those that a hundred seeds are tried on."""


def main(seeds: int) -> None:
    """Print what the check finds under so many seeds, and what random histories alone would."""
    for name, (fault, rule) in THREE.items():
        make = ledger_with(fault)
        named, alone, slowest, seconds = 0, 0, 0.0, 0.0
        for seed in range(seeds):
            begun = time.perf_counter()
            try:
                check(make, seed=seed)
            except NotConformingError as error:
                named += error.failures[0].rules[0] == rule
            slowest = max(slowest, time.perf_counter() - begun)
        some = min(seeds, 10)
        for seed in range(some):
            begun = time.perf_counter()
            try:
                check_histories(make, settings=random_settings(HISTORIES, STEPS_MAX), seed=seed)
            except NotConformingError as error:
                alone += rule in error.failures[0].rules
            seconds += time.perf_counter() - begun
        print(
            f"{name}: found and named {rule} under {named} of {seeds} seeds, {slowest:.1f} s at most; "
            f"by {HISTORIES} random histories alone {alone} of {some}, {seconds / some:.0f} s on average",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)

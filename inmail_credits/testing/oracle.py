"""The oracle: a second implementation of the rulebook, slow and simple, to compare a ledger with.

Tests by the author of a ledger share the misreadings of its author, so the rules are implemented here a
second time, from the rulebook alone: every credit is an object of its own that keeps its whole history, time
passes one event at a time, and dates are computed with arithmetic of their own. Nothing is shared with the
ledger but the vocabulary: plans, facts, and the kinds and causes of entries.

The rules, in the order in which they apply at one instant (D6): credits expire (R8, D2, D3); a cancelled
subscription that ends takes what is left (D12); a grant that is due trims to the cap and is received (R3, R7,
D5, D18, D20); messages left in silence give their credit back (the rule of 2014); then the facts of that
instant, in recorded order (D13). Terms that change govern what comes after (D16); an account
may begin with what is known of it (D17). A fact that is impossible
in its place changes nothing and is listed as refused.

Refused: two facts with one id and different content (D14). Everything else is an answer.

Three layers: :class:`~inmail_credits.testing.run.Run` applies facts given in order; :class:`Oracle` puts
facts in order and answers questions about any instant, past or future; :mod:`~inmail_credits.testing.laws`
judges the movements of any ledger.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from attrs import define, evolve

from inmail_credits.errors import FactConflictError
from inmail_credits.facts import Fact, MessageFact, Opened, Sent
from inmail_credits.ledger.entries import EntryKind
from inmail_credits.testing.laws import totals_of
from inmail_credits.testing.memory import Credit, LotLeft, Movement
from inmail_credits.testing.run import Run
from inmail_credits.timeline import instant


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Facts in the order they count: by instant, then recorded number, then arrival (D13).

    Facts without a number are numbered after the largest given, as they arrive. Of one instant and number a
    message's sending comes before the facts about it, then the id decides. An opening states what was known
    just before its instant, so it comes before all facts of that instant (D17). A repeated fact is kept
    once, under its first number (D14).

    Raises:
        FactConflictError: for two facts with one id and different content.

    Example:
        >>> from inmail_credits.facts import Cancelled
        >>> late, early = (Cancelled(at=f"2026-02-{day}", id=day) for day in ("02", "01"))
        >>> [fact.id for fact in in_order([late, early, late])]
        ['01', '02']
    """

    def number(fact: Fact) -> tuple[bool, int]:
        return (fact.recorded is None, fact.recorded or 0)

    def place(fact: Fact) -> tuple[object, ...]:
        about = isinstance(fact, MessageFact) and not isinstance(fact, Sent)
        tie = ("",) if fact.recorded is None else (about, fact.id)
        return (fact.at, not isinstance(fact, Opened), *number(fact), *tie)

    told: dict[str, Fact] = {}
    for fact in sorted(facts, key=number):
        if (known := told.setdefault(fact.id, fact)) != fact:
            raise FactConflictError(fact.id, known, fact)
    return sorted(told.values(), key=place)


def lived_through(facts: Sequence[Fact]) -> tuple[Run, set[str]]:
    """A run that has lived through facts in their order, and the ids of those that were impossible.

    What stands before an opening is impossible: nothing is known of that time (D17).

    Example:
        >>> from inmail_credits.facts import Cancelled
        >>> run, impossible = lived_through([Cancelled(at="2026-02-01", id="c-1")])
        >>> impossible
        {'c-1'}
    """
    run = Run()
    begins = next((place for place, fact in enumerate(facts) if isinstance(fact, Opened)), 0)
    unknown = {fact.id for fact in facts[:begins]}
    return run, unknown | {fact.id for fact in facts[begins:] if not run.apply(fact)}


@define(eq=False, init=False)
class Oracle:
    """The account that follows from facts given in any order, computed the slow way (D13).

    Every answer about an instant takes in all that happened at that very instant. Instants after the
    last fact assume no further facts. Instants are aware datetimes, or dates for their midnight UTC.

    ``facts`` holds the facts in their order; ``refused`` the ids of those impossible in their place.

    Raises:
        FactConflictError: for two facts with one id and different content (D14).
        NaiveInstantError: for an instant without a time zone.

    Example:
        >>> from inmail_credits.facts import Sent, Subscribed
        >>> from inmail_credits.plans import Plan
        >>> plan = Plan(name="own", grant_credits=2, lifetime_days=90)
        >>> oracle = Oracle([
        ...     Sent(at=date(2026, 2, 3), message_id="m-1"),
        ...     Subscribed(at=date(2026, 2, 1), plan=plan),
        ... ])
        >>> [oracle.balance(day) for day in (date(2026, 2, 2), date(2026, 2, 3), date(2026, 3, 1))]
        [2, 1, 3]
    """

    facts: tuple[Fact, ...]
    refused: set[str]
    _arrived: list[Fact]
    _run: Run

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._arrived = list(facts)
        self._live_through(in_order(self._arrived))

    def _live_through(self, facts: Sequence[Fact]) -> None:
        self.facts = tuple(facts)
        self._run, self.refused = lived_through(facts)

    def tell(self, fact: Fact) -> bool:
        """Take in one more fact, as if it had been given last; whether it is possible in its place.

        Cheap for a fact that comes after all others and after every instant asked about; anything else
        starts over. A fact told twice changes nothing.

        Raises:
            FactConflictError: for an id already in use with other content; nothing changes.
        """
        facts = in_order([*self._arrived, fact])
        self._arrived.append(fact)
        last = tuple(facts[:-1]) == self.facts and facts[-1] is fact
        if last and fact.at >= self._run.now and not isinstance(fact, Opened):
            self.facts = tuple(facts)
            if not self._run.apply(fact):
                self.refused.add(fact.id)
        else:
            self._live_through(facts)
        return fact.id not in self.refused

    def balance(self, at: date) -> int:
        """The credits left at ``at``."""
        return len(self._left(at))

    def lots(self, at: date) -> list[LotLeft]:
        """What is left at ``at`` as (received_at, expires_at, credits left), in burn order (D4)."""
        left = Counter((credit.burn_order, credit.expires_at) for credit in self._left(at))
        return [
            (burn_order[1], expires_at, credits_)
            for (burn_order, expires_at), credits_ in sorted(left.items(), key=lambda item: item[0][0])
        ]

    def _left(self, at: date) -> list[Credit]:
        when = self._reach(at)
        return [credit for credit in self._run.credits if credit.is_left(when)]

    def movements(self, until: date) -> list[Movement]:
        """Every movement up to and including ``until``, in order; credits that moved together are one."""
        when = self._reach(until)
        together = Counter(movement for movement in self._run.history if movement.at <= when)
        return [evolve(movement, credits=credits_) for movement, credits_ in together.items()]

    def totals(self, start: date, end: date) -> dict[EntryKind, int]:
        """The credits that moved in ``start <= t < end``, for each kind."""
        begin = instant(start)
        return totals_of(m for m in self.movements(end) if begin <= m.at < instant(end))

    def refunded(self, message_id: str, until: date | None = None) -> datetime | None:
        """When the message's credit came back, by ``until`` or else by the last fact.

        ``None`` if nothing came back, a worthless refund (D7) and an unknown message included.
        """
        if until is None and not self.facts:
            return None
        for movement in self.movements(self.facts[-1].at if until is None else until):
            if movement.kind is EntryKind.REFUNDED and movement.message_id == message_id:
                return movement.at
        return None

    def boundaries(self, until: date) -> list[datetime]:
        """The instants at which anything happened up to and including ``until``: facts and movements."""
        when = instant(until)
        moved = {movement.at for movement in self.movements(when)}
        return sorted(moved | {fact.at for fact in self.facts if fact.at <= when})

    def _reach(self, at: date) -> datetime:
        when = instant(at)
        if when > self._run.now:
            self._run.advance(when)
        return when

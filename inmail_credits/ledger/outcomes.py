"""What recording facts did: an outcome for each, a receipt for all, conflicts where they cannot be (D13)."""

from typing import NamedTuple

from attrs import field, frozen

from inmail_credits._inputs import Choice
from inmail_credits._values import shown_by_field
from inmail_credits.errors import RefusedError
from inmail_credits.facts import Fact
from inmail_credits.ledger.entries import Entry
from inmail_credits.ledger.ruling import Ruling


class Impossible(Choice):
    """What becomes of a new fact that is impossible in its place."""

    REFUSE = "refuse"
    """It is refused, and nothing changes (D15): for commands."""
    HOLD = "hold"
    """It is recorded and reported as a conflict (D13): for facts that are already stored elsewhere."""


class Outcome(NamedTuple):
    """What one fact did.

    Fields:
        given: the fact as it was given; :attr:`fact` is the fact as stored.
        recorded: the number under which it is recorded.
        ruling: what was decided; :attr:`Ruling.IMPOSSIBLE` for a fact that is held as a conflict.
        entries: the movements it caused; none, if it moved no credit.
        error: why it is impossible in its place; ``None`` for all others.
        repeated: whether the fact was recorded before (D14); the other fields say what it did then, as the
            account now stands.
    """

    given: Fact
    recorded: int
    ruling: Ruling
    entries: tuple[Entry, ...]
    error: RefusedError | None = None
    repeated: bool = False

    @property
    def fact(self) -> Fact:
        """The fact as stored: under its id and its number."""
        return self.given.numbered(self.recorded)


@frozen(repr=False)
class Conflict:
    """A recorded fact that other facts make impossible (D13); it stays recorded and moves nothing.

    Fields:
        fact: the fact.
        error: why it cannot be, as it would be refused.
    """

    fact: Fact
    error: RefusedError = field(eq=str)

    __repr__ = shown_by_field

    def __str__(self) -> str:
        return f"fact {self.fact.id!r}: {self.error}"


class Receipt(NamedTuple):
    """What recording did: an outcome for each fact, in their order, and what became of others.

    Fields:
        outcomes: what each fact did. A fact that was recorded before has the outcome it had, marked
            ``repeated``.
        conflicts: the facts that are newly impossible in their place; the new ones that are held included.
        cleared: the conflicts that were there before and are gone.

    Example:
        >>> from datetime import date
        >>> from inmail_credits import Account, Plan
        >>> account = Account.open(Plan(name="own", grant_credits=3), at=date(2026, 1, 31))
        >>> first, again = (account.send("m-1", at=date(2026, 2, 2), id="request-77") for _ in range(2))
        >>> again.repeated, again.entries == first.entries, again.facts
        (True, True, ())
    """

    outcomes: tuple[Outcome, ...]
    conflicts: tuple[Conflict, ...] = ()
    cleared: tuple[Conflict, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts this newly recorded, as stored: these are to be kept. None for a repeat."""
        return tuple(outcome.fact for outcome in self.outcomes if not outcome.repeated)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of all outcomes, in their order; those of a repeat are the ones it caused before."""
        return tuple(entry for outcome in self.outcomes for entry in outcome.entries)

    @property
    def repeated(self) -> bool:
        """Whether all of it was recorded before, so that nothing has changed (D14)."""
        return bool(self.outcomes) and all(outcome.repeated for outcome in self.outcomes)

"""What recording facts did: an outcome for each, a receipt for all, conflicts where they cannot be (D13)."""

from typing import NamedTuple

from attrs import field, frozen

from inmail_credits.errors import RefusedError
from inmail_credits.facts import Fact
from inmail_credits.ledger.entries import Entry
from inmail_credits.ledger.ruling import Ruling


class Outcome(NamedTuple):
    """What one fact did: the ruling, and the entries it caused (none, if it moved no credit)."""

    fact: Fact
    ruling: Ruling
    entries: tuple[Entry, ...]


@frozen
class Conflict:
    """A recorded fact that other facts make impossible (D13); it stays in the log and moves nothing."""

    fact: Fact
    error: RefusedError = field(eq=str)

    def __str__(self) -> str:
        return f"fact {self.fact.id!r}: {self.error}"


class Receipt(NamedTuple):
    """What recording did: an outcome for each new fact, and the conflicts it newly brought about.

    ``cleared`` are conflicts that were there before and are gone.
    """

    outcomes: tuple[Outcome, ...]
    conflicts: tuple[Conflict, ...] = ()
    cleared: tuple[Conflict, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries the new facts caused, in their order."""
        return tuple(entry for outcome in self.outcomes for entry in outcome.entries)

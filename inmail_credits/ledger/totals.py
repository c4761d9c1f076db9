"""Sums of entries: what moved, by kind."""

from collections.abc import Iterable
from typing import NamedTuple

from inmail_credits.ledger.entries import Entry


class Totals(NamedTuple):
    """The sums of all entries up to some point, in credits; all 0 or more.

    Example:
        >>> Totals(granted=15, spent=4, refunded=1).balance
        12
    """

    opening: int = 0
    granted: int = 0
    refunded: int = 0
    spent: int = 0
    expired: int = 0
    forfeited: int = 0

    @property
    def balance(self) -> int:
        """``opening + granted + refunded - spent - expired - forfeited``: the identity of the ledger."""
        return self.opening + self.granted + self.refunded - self.spent - self.expired - self.forfeited

    def __sub__(self, earlier: "Totals") -> "Totals":
        return Totals(
            self.opening - earlier.opening,
            self.granted - earlier.granted,
            self.refunded - earlier.refunded,
            self.spent - earlier.spent,
            self.expired - earlier.expired,
            self.forfeited - earlier.forfeited,
        )

    def plus(self, entries: Iterable[Entry]) -> "Totals":
        """These totals and those of more entries."""
        sums = {
            "opening": self.opening,
            "granted": self.granted,
            "refunded": self.refunded,
            "spent": self.spent,
        }
        sums |= {"expired": self.expired, "forfeited": self.forfeited}
        for entry in entries:
            sums[entry.kind.value] += entry.credits
        return Totals(**sums)

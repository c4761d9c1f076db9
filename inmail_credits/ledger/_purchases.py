"""What was bought, with running sums, so that the room left to buy is found by bisection.

A plan sells so many credits in each billing period; how many are left of that at an instant must not cost a
walk through the history. Purchases are numbered from 1, in order of (subscription, instant), and kept with
the sum of all credits bought up to each.
"""

from bisect import bisect_left, bisect_right
from collections import ChainMap
from collections.abc import Iterator, MutableMapping
from datetime import datetime
from typing import NamedTuple


class Purchase(NamedTuple):
    """One purchase.

    Fields:
        subscription: the number of the subscription it was made in.
        at: when.
        credits: how many credits it brought.
        total: how many were bought in all, up to and including this one.
        lot: the number of the last lot there was after it; 0 for one that an opening states.
    """

    subscription: int
    at: datetime
    credits: int
    total: int
    lot: int


class Purchases:
    """All purchases in order, appended and undone by the ledger."""

    __slots__ = ("_count", "_made")

    def __init__(self) -> None:
        self._made: MutableMapping[int, Purchase] = {}
        self._count = 0

    def add(self, subscription: int, at: datetime, credits: int, *, lot: int) -> None:
        """Append a purchase; neither subscription nor instant is before that of the last one."""
        total = self._total(self._count) + credits
        self._count += 1
        self._made[self._count] = Purchase(subscription, at, credits, total, lot)

    def bought(self, subscription: int, start: datetime, at: datetime) -> int:
        """The credits bought in a subscription at ``start <= t <= at``."""
        last = bisect_right(self, (subscription, at), key=_place)
        return self._total(last) - self._total(bisect_left(self, (subscription, start), key=_place))

    def since(self, subscription: int, start: datetime) -> Iterator[Purchase]:
        """The purchases made in a subscription from ``start`` on."""
        first = bisect_left(self, (subscription, start), key=_place)
        return (self[index] for index in range(first, self._count))

    def undo(self, lots: int) -> None:
        """Only the first ``lots`` lots were ever received: the purchases after them were not made."""
        while self._count and self._made[self._count].lot > lots:
            self._count -= 1

    def copy(self) -> "Purchases":
        """A copy that shares nothing with this."""
        other = Purchases()
        other._made, other._count = dict(self._made), self._count
        return other

    def fork(self) -> "Purchases":
        """A copy that may go its own way; costs the same however many there are."""
        other = Purchases()
        other._made = ChainMap({}, self._made)
        other._count = self._count
        return other

    def _total(self, count: int) -> int:
        return self._made[count].total if count else 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Purchase:
        return self._made[index + 1]


def _place(purchase: Purchase) -> tuple[int, datetime]:
    return purchase.subscription, purchase.at

"""Lots and the order in which they burn.

The problem: a balance is not one number but several, each with its own end, and which one a message
takes decides how many die unused. The rule chosen is D4: the soonest expiry first, then the earliest
receipt, then the lowest number; a total order, defined here and nowhere else. It wastes no more than
any other order.

:class:`Holdings` is the mutable heart: what is left of each lot. It refuses to go below zero.
"""

from collections import ChainMap
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush

from attrs import frozen

from inmail_credits.entries import INFLOWS, Cause, Entry
from inmail_credits.timeline import live

NEVER = datetime.max.replace(tzinfo=UTC)
"""Stands in for the end of a lot that has none, when lots are put in order."""

BurnKey = tuple[datetime, datetime, int]


@frozen
class Lot:
    """What one grant or refund brought.

    Fields:
        number: 1 for the first lot of the account, counting up.
        received_at: when it came.
        expires_at: when it dies (R8); ``None`` for never.
        credits: how many it brought.
        left: how many of them are left.
        cause: what brought it.
    """

    number: int
    received_at: datetime
    expires_at: datetime | None
    credits: int
    left: int
    cause: Cause

    @property
    def burn_key(self) -> BurnKey:
        """The place of this lot in the burn order (D4); smaller burns first."""
        return (self.expires_at or NEVER, self.received_at, self.number)

    def with_left(self, left: int) -> "Lot":
        """This lot, with so many credits left."""
        return Lot(self.number, self.received_at, self.expires_at, self.credits, left, self.cause)

    def is_live(self, at: datetime) -> bool:
        """Whether its credits can be spent at that instant (D2)."""
        return live(at, received_at=self.received_at, expires_at=self.expires_at)


class Holdings:
    """What is left of each lot, ready to burn.

    ``left`` maps the number of each lot with credits to how many. Lots are numbered from 1 and kept for
    good in ``lots``, so that anything taken can be put back.
    """

    __slots__ = ("_heap", "count", "left", "lots")

    def __init__(self) -> None:
        self.lots: MutableMapping[int, Lot] = {}
        self.count = 0
        self.left: dict[int, int] = {}
        self._heap: list[BurnKey] = []

    def fork(self) -> "Holdings":
        """A copy that may go its own way; costs as much as there are lots with credits."""
        other = Holdings()
        other.lots = ChainMap({}, self.lots)
        other.count = self.count
        other.left = self.left.copy()
        other._heap = self._heap.copy()
        return other

    def first(self) -> Lot | None:
        """The lot that burns next; ``None`` when nothing is left."""
        return self.lots[self._heap[0][2]] if self._heap else None

    def first_expiry(self) -> datetime:
        """When the lot that burns next dies; the end of time if it never does or nothing is left."""
        return self._heap[0][0] if self._heap else NEVER

    def receive(self, at: datetime, credits_: int, *, lifetime: timedelta | None, cause: Cause) -> Lot:
        """Add a new lot of ``credits_`` (1 or more) that lives from ``at`` on (R8)."""
        self.count += 1
        lot = Lot(self.count, at, None if lifetime is None else at + lifetime, credits_, credits_, cause)
        self.lots[lot.number] = lot
        self.give_back(lot, credits_)
        return lot

    def give_back(self, lot: Lot, credits_: int) -> None:
        """Put credits (back) into a lot."""
        if lot.number in self.left:
            self.left[lot.number] += credits_
        else:
            self.left[lot.number] = credits_
            heappush(self._heap, lot.burn_key)

    def take_first(self, credits_max: int) -> tuple[int, int]:
        """Take up to ``credits_max`` from the lot that burns next (D4): its number, and how many it had."""
        number = self._heap[0][2]
        left = self.left[number]
        if left > credits_max:
            self.left[number] = left - credits_max
            return number, credits_max
        heappop(self._heap)
        del self.left[number]
        return number, left

    def in_burn_order(self, left: dict[int, int]) -> tuple[Lot, ...]:
        """The lots of ``left`` (credits by lot number), first to burn first (D4)."""
        keys = sorted(self.lots[number].burn_key for number in left)
        return tuple(self.lots[number].with_left(left[number]) for _, _, number in keys)

    def undo(self, entry: Entry) -> None:
        """Reverse the movement of one entry. Call :meth:`settle` when done undoing."""
        roll(self.left, entry, sign=-1)

    def settle(self, count: int) -> None:
        """Forget all but the first ``count`` lots and put those with credits in order."""
        for number in range(count + 1, self.count + 1):
            del self.lots[number]
        self.count = count
        self._heap = [self.lots[number].burn_key for number in self.left]
        heapify(self._heap)


def roll(left: dict[int, int], entry: Entry, *, sign: int = 1) -> dict[int, int]:
    """Move ``left`` (credits by lot number) by one entry, in place: forwards, or back with ``sign=-1``."""
    moved = sign * (entry.credits if entry.kind in INFLOWS else -entry.credits)
    credits_ = left.get(entry.lot, 0) + moved
    if credits_:
        left[entry.lot] = credits_
    else:
        del left[entry.lot]
    return left

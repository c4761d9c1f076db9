"""Lots and the order in which they burn.

A balance is made of lots, each with its own expiry, and which lot a message takes decides how many credits
expire unused. The order is that of D4: the soonest expiry first, then the earliest receipt, then the lowest
number; a total order, defined here and nowhere else. No other order lets fewer expire.

:class:`Holdings` is the mutable part: what is left of each lot. It refuses to go below zero.
"""

from collections import ChainMap
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from inmail_credits.ledger.entries import INFLOWS, Cause, Entry
from inmail_credits.timeline import live

NEVER = datetime.max.replace(tzinfo=UTC)
"""Stands in for the end of a lot that has none, when lots are put in order."""

KEYS_PER_LOT_MAX, SPARE_KEYS_MAX = 2, 64
"""How many keys the heap may hold for each lot with credits, and besides, before it is made anew."""

BurnKey = tuple[datetime, datetime, int]


class Lot(NamedTuple):
    """What one grant or refund brought.

    Fields:
        number: 1 for the first lot of the account, counting up.
        received_at: when it came.
        expires_at: when it expires (R8); ``None`` for never.
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

    def is_live(self, at: datetime) -> bool:
        """Whether its credits can be spent at that instant (D2)."""
        return live(at, received_at=self.received_at, expires_at=self.expires_at)


class Holdings:
    """What is left of each lot, ready to burn.

    ``left`` maps the number of each lot with credits to how many. Lots are numbered from 1 to ``count`` and
    kept for good in ``lots``, so that anything taken can be put back. The heap orders those with
    credits; undoing leaves keys in it that mean nothing any more, but never on top.
    """

    __slots__ = ("_heap", "count", "left", "lots")

    def __init__(self) -> None:
        self.lots: MutableMapping[int, Lot] = {}
        self.count: int = 0
        self.left: dict[int, int] = {}
        self._heap: list[BurnKey] = []

    def copy(self) -> "Holdings":
        """A copy that shares nothing with this; costs as much as there ever were lots."""
        other = Holdings()
        other.lots = dict(self.lots)
        other.count = self.count
        other.left = self.left.copy()
        other._heap = self._heap.copy()
        return other

    def fork(self) -> "Holdings":
        """A copy that may go its own way; costs as much as there are lots with credits."""
        other = Holdings()
        other.lots = ChainMap({}, self.lots)
        other.count = self.count
        other.left = self.left.copy()
        other._heap = self._heap.copy()
        return other

    def first_expiry(self) -> datetime:
        """When the lot that burns next expires; the end of time if it never does or nothing is left."""
        return self._heap[0][0] if self._heap else NEVER

    def receive(self, at: datetime, credits_: int, *, lifetime: timedelta | None, cause: Cause) -> Lot:
        """Add a new lot of ``credits_`` (1 or more) that lives from ``at`` on (R8)."""
        self.count += 1
        lot = Lot(self.count, at, None if lifetime is None else at + lifetime, credits_, credits_, cause)
        self.lots[lot.number] = lot
        self.give_back(lot, credits_)
        return lot

    def adopt(self, lot: Lot, left: int) -> None:
        """Take in a lot received before, with what is left of it (0 or more); its number is kept."""
        self.lots[lot.number] = lot
        if left:
            self.give_back(lot, left)

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
        self._clear_top()
        return number, left

    def in_burn_order(self, left: dict[int, int]) -> tuple[Lot, ...]:
        """The lots of ``left`` (credits by lot number), first to burn first (D4)."""
        keys = sorted(self.lots[number].burn_key for number in left)
        return tuple(self.lots[number]._replace(left=left[number]) for _, _, number in keys)

    def undo(self, entry: Entry) -> None:
        """Reverse the movement of one entry. Call :meth:`settle` when done undoing."""
        if entry.kind in INFLOWS:
            _add(self.left, entry.lot, -entry.credits)
        else:
            self.give_back(self.lots[entry.lot], entry.credits)

    def settle(self, count: int) -> None:
        """Only the first ``count`` lots were ever received: the numbers after them are free again."""
        self.count = count
        if len(self._heap) > KEYS_PER_LOT_MAX * len(self.left) + SPARE_KEYS_MAX:
            self._heap = [self.lots[number].burn_key for number in self.left]
            heapify(self._heap)
        self._clear_top()

    def _clear_top(self) -> None:
        """Drop keys from the top of the heap until it is that of a lot with credits."""
        heap, left = self._heap, self.left
        while heap and ((number := heap[0][2]) not in left or self.lots[number].burn_key != heap[0]):
            heappop(heap)


def roll(left: dict[int, int], entry: Entry) -> dict[int, int]:
    """Move ``left`` (credits by lot number) forwards by one entry, in place."""
    return _add(left, entry.lot, entry.credits if entry.kind in INFLOWS else -entry.credits)


def _add(left: dict[int, int], lot: int, credits_: int) -> dict[int, int]:
    if total := left.get(lot, 0) + credits_:
        left[lot] = total
    else:
        del left[lot]
    return left

"""The journal: every entry in order, with what is needed to ask about any instant quickly.

The problem: a balance, a statement or the lots of an instant long past must not cost a walk through the
whole history. So a snapshot (the totals, and what was left of each lot) is kept every so many entries;
a question finds its place by bisection, starts from the snapshot before it and rolls the few entries in
between. Snapshots are a memory aid only: taking or dropping them never changes an answer.
"""

from bisect import bisect_left, bisect_right
from datetime import datetime
from operator import attrgetter

from attrs import evolve, frozen

from inmail_credits.entries import Cause, Entry, EntryKind
from inmail_credits.lots import Holdings, roll

SNAPSHOT_ENTRIES_MIN = 64

_at = attrgetter("at")


@frozen
class Totals:
    """The sums of all entries up to some point, in credits; all 0 or more.

    Example:
        >>> Totals(granted=15, spent=4, refunded=1).balance
        12
    """

    granted: int = 0
    refunded: int = 0
    spent: int = 0
    expired: int = 0
    forfeited: int = 0

    @property
    def balance(self) -> int:
        """``granted + refunded - spent - expired - forfeited``: the identity the ledger lives by."""
        return self.granted + self.refunded - self.spent - self.expired - self.forfeited

    def __sub__(self, earlier: "Totals") -> "Totals":
        return Totals(
            self.granted - earlier.granted,
            self.refunded - earlier.refunded,
            self.spent - earlier.spent,
            self.expired - earlier.expired,
            self.forfeited - earlier.forfeited,
        )

    def plus(self, entries: list[Entry]) -> "Totals":
        """These totals and those of more entries."""
        sums = {"granted": self.granted, "refunded": self.refunded, "spent": self.spent}
        sums |= {"expired": self.expired, "forfeited": self.forfeited}
        for entry in entries:
            sums[entry.kind.value] += entry.credits
        return Totals(**sums)


@frozen
class Snapshot:
    """The state after the first ``index`` entries."""

    index: int
    totals: Totals
    left: dict[int, int]


class Journal:
    """Entries in order of time, appended by the ledger and never changed, only undone."""

    __slots__ = ("_next_snapshot", "_snapshots", "balance", "entries")

    def __init__(self, base: Snapshot | None = None) -> None:
        self.entries: list[Entry] = []
        self._snapshots = [base or Snapshot(0, Totals(), {})]
        self.balance = self._snapshots[0].totals.balance
        self._next_snapshot = SNAPSHOT_ENTRIES_MIN

    def post(
        self,
        at: datetime,
        kind: EntryKind,
        credits_: int,
        *,
        lot: int,
        cause: Cause,
        fact_id: str = "",
        message_id: str = "",
    ) -> None:
        """Append one entry and move the balance."""
        inflow = kind is EntryKind.GRANTED or kind is EntryKind.REFUNDED
        self.balance += credits_ if inflow else -credits_
        self.entries.append(Entry(at, kind, credits_, lot, cause, self.balance, fact_id, message_id))

    def snapshot_if_due(self, holdings: Holdings) -> None:
        """Keep a snapshot now and then: never more often than its size is worth."""
        if len(self.entries) >= self._next_snapshot:
            self.take_snapshot(holdings)

    def take_snapshot(self, holdings: Holdings) -> None:
        """Keep a snapshot of the current state."""
        index = len(self.entries)
        last = self._snapshots[-1]
        if index > last.index:
            totals = last.totals.plus(self.entries[last.index :])
            self._snapshots.append(Snapshot(index, totals, holdings.left.copy()))
        self._next_snapshot = index + max(SNAPSHOT_ENTRIES_MIN, len(holdings.left))

    def drop_snapshots(self) -> None:
        """Forget every snapshot but the first; answers stay the same, and take longer."""
        del self._snapshots[1:]

    def index(self, at: datetime, *, inclusive: bool) -> int:
        """How many entries there are up to ``at``, with those at that very instant or without."""
        return (bisect_right if inclusive else bisect_left)(self.entries, at, key=_at)

    def balance_after(self, index: int) -> int:
        """The balance after the first ``index`` entries."""
        return self.entries[index - 1].balance if index else self._snapshots[0].totals.balance

    def totals_after(self, index: int) -> Totals:
        """The totals of the first ``index`` entries."""
        snapshot = self._snapshot_before(index)
        return snapshot.totals.plus(self.entries[snapshot.index : index])

    def left_after(self, index: int) -> dict[int, int]:
        """Credits left by lot number after the first ``index`` entries."""
        snapshot = self._snapshot_before(index)
        left = snapshot.left.copy()
        for entry in self.entries[snapshot.index : index]:
            roll(left, entry)
        return left

    def undo(self, index: int, holdings: Holdings) -> None:
        """Undo all but the first ``index`` entries, moving their credits back; see :meth:`Holdings.settle`."""
        for entry in reversed(self.entries[index:]):
            holdings.undo(entry)
        del self.entries[index:]
        while self._snapshots[-1].index > index:
            del self._snapshots[-1]
        self.balance = self.balance_after(index)
        self._next_snapshot = min(self._next_snapshot, self._snapshots[-1].index + SNAPSHOT_ENTRIES_MIN)

    def fork(self, holdings: Holdings) -> "Journal":
        """An empty journal that goes on from here."""
        totals = self.totals_after(len(self.entries))
        return Journal(Snapshot(0, evolve(totals), holdings.left.copy()))

    def _snapshot_before(self, index: int) -> Snapshot:
        return self._snapshots[bisect_right(self._snapshots, index, key=attrgetter("index")) - 1]

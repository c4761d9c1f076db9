"""The journal: every entry in order, with what is needed to ask about any instant quickly.

A balance, a statement or the lots of a past instant must not cost a walk through the whole history. The
totals are kept every so many entries, and less often what was left of each lot (a snapshot); a question finds
its place by bisection, starts from the nearest of these and applies the entries in between. Taking or
dropping snapshots never changes an answer.
"""

from bisect import bisect_left, bisect_right
from datetime import datetime
from operator import attrgetter, itemgetter

from inmail_credits.ledger.entries import INFLOWS, Cause, Entry, EntryKind
from inmail_credits.ledger.lots import Holdings, roll
from inmail_credits.ledger.totals import Totals

STRIDE = 64
"""How many entries lie between two totals, and at least between two snapshots."""

_at = attrgetter("at")


class Journal:
    """Entries in order of time, appended by the ledger and never changed, only undone.

    ``balance`` is the balance after the last of them. A forked journal starts from totals of its own.
    """

    __slots__ = ("_holdings", "_left", "_next_left", "_totals", "balance", "entries")

    def __init__(self, holdings: Holdings, base: Totals | None = None) -> None:
        self.entries: list[Entry] = []
        self._holdings = holdings
        self._totals = [base or Totals()]
        self._left = [(0, holdings.left.copy())]
        self._next_left = STRIDE
        self.balance: int = self._totals[0].balance

    def post(
        self,
        at: datetime,
        kind: EntryKind,
        credits_: int,
        lot: int,
        cause: Cause,
        fact_id: str,
        message_id: str,
    ) -> None:
        """Append the entry of a movement the holdings have just made."""
        balance = self.balance + (credits_ if kind in INFLOWS else -credits_)
        self.balance = balance
        entries = self.entries
        entries.append(Entry(at, kind, credits_, lot, cause, balance, fact_id, message_id))
        if not len(entries) % STRIDE:
            self._totals.append(self._totals[-1].plus(entries[-STRIDE:]))
            if len(entries) >= self._next_left:
                self.take_snapshot()

    def take_snapshot(self) -> None:
        """Keep what is left of each lot now; done by itself, no more often than its size is worth."""
        index = len(self.entries)
        if index > self._left[-1][0]:
            self._left.append((index, self._holdings.left.copy()))
        self._next_left = index + max(STRIDE, len(self._holdings.left))

    def drop_snapshots(self) -> None:
        """Forget what was left at any time but the first; answers stay the same, and take longer."""
        del self._left[1:]

    def index(self, at: datetime, *, inclusive: bool) -> int:
        """How many entries there are up to ``at``, with those at that very instant or without."""
        return (bisect_right if inclusive else bisect_left)(self.entries, at, key=_at)

    def balance_after(self, index: int) -> int:
        """The balance after the first ``index`` entries."""
        return self.entries[index - 1].balance if index else self._totals[0].balance

    def totals_after(self, index: int) -> Totals:
        """The totals of the first ``index`` entries."""
        stride = index // STRIDE
        return self._totals[stride].plus(self.entries[stride * STRIDE : index])

    def left_after(self, index: int) -> dict[int, int]:
        """Credits left by lot number after the first ``index`` entries."""
        start, left = self._left[bisect_right(self._left, index, key=itemgetter(0)) - 1]
        left = left.copy()
        for entry in self.entries[start:index]:
            roll(left, entry)
        return left

    def undo(self, index: int) -> None:
        """Undo all but the first ``index`` entries, moving their credits back; then settle the holdings."""
        for entry in reversed(self.entries[index:]):
            self._holdings.undo(entry)
        del self.entries[index:]
        del self._totals[index // STRIDE + 1 :]
        while self._left[-1][0] > index:
            del self._left[-1]
        self._next_left = min(self._next_left, index + STRIDE)
        self.balance = self.balance_after(index)

    def copy(self, holdings: Holdings) -> "Journal":
        """A copy over a copy of the holdings; entries and snapshots are never changed, so they are shared."""
        other = Journal(holdings)
        other.entries = self.entries.copy()
        other._totals = self._totals.copy()
        other._left = self._left.copy()
        other._next_left = self._next_left
        other.balance = self.balance
        return other

    def fork(self, holdings: Holdings) -> "Journal":
        """An empty journal that goes on from here, over holdings of its own."""
        return Journal(holdings, self.totals_after(len(self.entries)))

"""How many paths end each day with each balance.

Balances are counted exactly, value by value. A contract may hold half a million credits, but on any one day
the paths differ by far less than that; so each day counts from its own lowest balance on.
"""

from collections.abc import Sequence
from math import nan

import numpy as np
import numpy.typing as npt
from attrs import frozen

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_INT64_MAX = np.iinfo(np.int64).max


@frozen(eq=False)
class DailyCounts:
    """Counts of balances by day: ``counts[k, i]`` paths end day k with ``lows[k] + i`` credits.

    ``lows`` has shape (days,), ``counts`` (days, widest spread).

    Example:
        >>> one = DailyCounts(np.array([5]), np.array([[1, 2]]))
        >>> both = added([one, DailyCounts(np.array([4]), np.array([[3]]))], days=1)
        >>> both.lows, both.counts
        (array([4]), array([[3, 1, 2]]))
    """

    lows: Ints
    counts: Ints

    @property
    def paths(self) -> Ints:
        """How many were counted on each day; shape (days,)."""
        result: Ints = self.counts.sum(axis=1)
        return result

    def at(self, balance: int) -> Ints:
        """How many paths end each day with exactly that balance; shape (days,)."""
        place = balance - self.lows
        inside = (place >= 0) & (place < self.counts.shape[1])
        found = self.counts[np.arange(len(place)), np.where(inside, place, 0)]
        return np.where(inside, found, 0)

    def moments(self) -> tuple[Floats, Floats]:
        """The mean of each day, and the sum of squares about it; ``nan`` where nothing was counted.

        Sums of whole numbers, each result rounded once: the same bits on every processor.
        """
        width, paths = self.counts.shape[1], self.paths
        fits = int(paths.max(initial=0)) * width * width <= _INT64_MAX
        values = np.arange(width, dtype=np.int64 if fits else object)
        sums, squares = (self.counts @ powers for powers in (values, values * values))
        days = list(zip(paths.tolist(), sums.tolist(), squares.tolist(), strict=True))
        means = [total / count if count else nan for count, total, _ in days]
        spreads = [
            (square * count - total * total) / count if count else nan for count, total, square in days
        ]
        return np.array(means, dtype=np.float64) + self.lows, np.array(spreads, dtype=np.float64)

    def ranked(self, ranks: Ints) -> Ints:
        """The balance of each rank, 1 for the lowest; ``ranks`` has shape (n,), the result (days, n)."""
        cumulative = np.cumsum(self.counts, axis=1)
        places = [np.searchsorted(row, ranks, side="left") for row in cumulative]
        return np.array(places, dtype=np.int64).reshape(len(self.lows), len(ranks)) + self.lows[:, None]


def trimmed(counts: DailyCounts) -> DailyCounts:
    """The same counts, each day from the lowest balance that occurs; every day has one."""
    filled = counts.counts > 0
    firsts = filled.argmax(axis=1)
    widths = counts.counts.shape[1] - filled[:, ::-1].argmax(axis=1) - firsts
    columns = firsts[:, None] + np.arange(int(widths.max(initial=1)))
    inside = columns < counts.counts.shape[1]
    taken = np.take_along_axis(counts.counts, np.where(inside, columns, 0), axis=1)
    return DailyCounts(counts.lows + firsts, np.where(inside, taken, 0))


def added(parts: Sequence[DailyCounts], *, days: int) -> DailyCounts:
    """The counts of several sets of paths together."""
    if not parts:
        return DailyCounts(np.zeros(days, dtype=np.int64), np.zeros((days, 1), dtype=np.int64))
    if len(parts) == 1:
        return parts[0]
    lows = np.min([part.lows for part in parts], axis=0)
    shifts = [part.lows - lows for part in parts]
    widest = max(
        int(shift.max(initial=0)) + part.counts.shape[1] for part, shift in zip(parts, shifts, strict=True)
    )
    counts = np.zeros((days, widest), dtype=np.int64)
    for part, shift in zip(parts, shifts, strict=True):
        for move in np.unique(shift):
            moved = np.flatnonzero(shift == move)
            counts[moved, move : move + part.counts.shape[1]] += part.counts[moved]
    return DailyCounts(lows, counts)

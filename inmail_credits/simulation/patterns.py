"""How many messages are wanted in a step and what becomes of each: two ways to draw it, both exact.

The problem: with less than one message a day, asking for a count and then for the fate of each message
costs several passes over mostly empty arrays. Where few are wanted, :class:`PatternLaw` draws the count and
the outline of all fates at once: the outline writes one digit a message, 0 for nothing, 1 for withdrawn, 2
for answered, and count and outline together are one outcome of a 16-bit look-up. Where many are wanted,
:class:`FlatLaw` draws a count for each path and a number for each message.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation.tables import CELLS, ESCAPE, U16, Floats, Index, Table, Whole

COUNT_MAX: Final = 6
"""The most messages a step that a pattern holds."""
COUNT_BITS: Final = 3
COUNT_MASK: Final = (1 << COUNT_BITS) - 1
OUTLINES: Final = 3**COUNT_MAX
_ANSWERED: Final = 2
ANSWERED_FROM: Final = (1 << COUNT_MAX) << COUNT_BITS
"""Cell values from here on hold an answer; below, and above ``COUNT_MASK``, withdrawals only."""
SEVERAL_FROM: Final = (1 + COUNT_MAX) << COUNT_BITS
SEVERAL_TO: Final = (OUTLINES - COUNT_MAX) << COUNT_BITS
"""Cell values between these hold more than one event."""
ESCAPED: Final = OUTLINES << COUNT_BITS | COUNT_MASK
ESCAPE_MASS_MAX: Final = 0.04
FLAT_MESSAGES: Final = 1 << 18

Counts = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]


class Marks(NamedTuple):
    """Messages, by the row (or path) they are in and their position there; arrays of shape (m,)."""

    row: Index
    position: Whole

    def take(self, index: Index) -> "Marks":
        """Some of them."""
        return Marks(self.row.take(index), self.position.take(index))


class Outlines(NamedTuple):
    """What is wanted, shape (rows,), and the messages that are answered or withdrawn, in order of rows.

    A row is one path on one step.
    """

    wanted: Counts
    answered: Marks
    withdrawn: Marks


class Events(NamedTuple):
    """Answers and withdrawals while they are being found, in parts of any number."""

    answered: list[Marks]
    withdrawn: list[Marks]


class Chances(NamedTuple):
    """The chance that a message is withdrawn, and that it is answered; the rest comes to nothing."""

    withdrawn: float
    answered: float

    @property
    def nothing(self) -> float:
        """What is left."""
        return max(1.0 - self.withdrawn - self.answered, 0.0)


class Streams(NamedTuple):
    """Where random numbers come from: raw 64-bit words for look-ups, doubles for what they leave open."""

    words: np.random.BitGenerator
    fates: np.random.BitGenerator
    fine: np.random.Generator


def random16(words: np.random.BitGenerator, count: int) -> U16:
    """``count`` 16-bit random numbers, four from each 64-bit word."""
    result: U16 = words.random_raw(-(-count // 4)).view(np.uint16)[:count]
    return result


class PatternLaw:
    """Count and outline by one look-up. A cell holds ``outline << 3 | count``, or ``ESCAPED``."""

    def __init__(self, pmf: Floats, chances: Chances) -> None:
        values, weights = _patterns(pmf, chances)
        self._table = Table(np.concatenate((weights, pmf[COUNT_MAX + 1 :])), coded=len(values))
        self._values = values
        self._chances = chances
        coded = self._table.cells != ESCAPE
        self._cells: Counts = np.full(CELLS, ESCAPED, dtype=np.int16)
        self._cells[coded] = values[self._table.cells[coded]]

    @staticmethod
    def suits(pmf: Floats, chances: Chances) -> bool:
        """Whether escapes are rare enough."""
        _, weights = _patterns(pmf, chances)
        return 1.0 - float(np.floor(weights * CELLS).sum()) / CELLS <= ESCAPE_MASS_MAX

    def draw(self, rows: int, streams: Streams) -> Outlines:
        """The outlines of that many rows."""
        drawn = self._cells.take(random16(streams.words, rows))
        row = np.flatnonzero(drawn > COUNT_MASK)
        found = drawn.take(row)
        crowded = self._resolve(drawn, row, found, streams.fine)
        drawn &= COUNT_MASK
        events = Events([], [])
        while len(row):
            self._first_events(row, found, events)
            more = np.flatnonzero(_several(found))
            row, found = row.take(more), _REST.take(found.take(more))
        for at, count in crowded:
            drawn[at] = count
            self._crowd(at, count, events, streams.fine)
        return Outlines(drawn, _merged(events.answered), _merged(events.withdrawn))

    def _resolve(
        self, drawn: Counts, row: Index, found: Counts, fine: np.random.Generator
    ) -> list[tuple[int, int]]:
        """Replace escapes by what they stand for; the rows, and counts, that no pattern holds."""
        escaped = np.flatnonzero(found == ESCAPED)
        if not len(escaped):
            return []
        outcomes = self._table.escapes(len(escaped), fine)
        ordinary = outcomes < len(self._values)
        found[escaped] = np.where(ordinary, self._values[np.where(ordinary, outcomes, 0)], 0)
        drawn[row[escaped]] = found[escaped]
        counts = outcomes - len(self._values) + COUNT_MAX + 1
        return [(int(row[escaped[i]]), int(counts[i])) for i in np.flatnonzero(~ordinary)]

    def _first_events(self, row: Index, found: Counts, events: Events) -> None:
        """Add the first answer of each row, or, where none is left, its first withdrawal."""
        first = Marks(row, _FIRST.take(found))
        if not self._chances.withdrawn:
            events.answered.append(first.take(np.flatnonzero(found > COUNT_MASK)))
            return
        events.answered.append(first.take(np.flatnonzero(found >= ANSWERED_FROM)))
        events.withdrawn.append(first.take(np.flatnonzero((found < ANSWERED_FROM) & (found > COUNT_MASK))))

    def _crowd(self, at: int, count: int, events: Events, fine: np.random.Generator) -> None:
        """The events of a row with more messages than a pattern holds."""
        u = fine.random(count)
        for marks, low, high in (
            (events.withdrawn, 0.0, self._chances.withdrawn),
            (events.answered, self._chances.withdrawn, self._chances.withdrawn + self._chances.answered),
        ):
            position = np.flatnonzero((u >= low) & (u < high)).astype(np.int16)
            if len(position):
                marks.append(Marks(np.full(len(position), at), position))


class FlatLaw:
    """A count for each row by look-up, then a 16-bit number for each message, refined where too coarse."""

    def __init__(self, pmf: Floats, chances: Chances) -> None:
        self._counts = Table(pmf[:-1])
        self._mean = float(np.arange(len(pmf)) @ pmf)
        self._chances = chances

    def draw(self, rows: int, streams: Streams, rates: tuple[Floats, Floats] | None = None) -> Outlines:
        """The outlines of that many rows.

        ``rates`` gives the chances (withdrawn, answered) of each row, each of shape (rows,), if they differ.
        """
        wanted = self._counts.look_up(random16(streams.words, rows), streams.fine).astype(np.int16)
        if rates is None and self._chances.nothing == 1:
            return Outlines(wanted, NO_MARKS, NO_MARKS)
        size = max(1, int(FLAT_MESSAGES / (self._mean + 1)))
        parts = [
            self._fates(wanted, low, min(low + size, rows), streams, rates) for low in range(0, rows, size)
        ]
        row, position, withdrawn = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        marks = Marks(row, position)
        return Outlines(wanted, marks.take(np.flatnonzero(~withdrawn)), marks.take(np.flatnonzero(withdrawn)))

    def _fates(
        self, wanted: Counts, low: int, high: int, streams: Streams, rates: tuple[Floats, Floats] | None
    ) -> tuple[Index, Whole, Flags]:
        counts = wanted[low:high].astype(np.intp)
        row = np.repeat(np.arange(low, high), counts)
        u = random16(streams.fates, len(row))
        if rates is None:
            nothing = self._chances.nothing
            candidates = np.flatnonzero(u >= np.floor(nothing * CELLS))
            at = row[candidates]
            of_nothing, of_withdrawn = np.full(len(at), nothing), np.full(len(at), self._chances.withdrawn)
        else:
            nothings = 1 - rates[0] - rates[1]
            candidates = np.flatnonzero(u >= np.floor(nothings * CELLS)[row])
            at = row[candidates]
            of_nothing, of_withdrawn = nothings[at], rates[0][at]
        exact = (u[candidates] + streams.fine.random(len(at))) / CELLS - of_nothing
        sure = exact >= 0
        first = np.cumsum(counts) - counts
        position = (candidates - first[at - low]).astype(np.int16)
        return at[sure], position[sure], (exact < of_withdrawn)[sure]


def _several(found: Counts) -> Flags:
    """Which cells hold more than one event: those in the middle of the ranks."""
    result: Flags = (found >= SEVERAL_FROM) & (found < SEVERAL_TO)
    return result


def _merged(parts: list[Marks]) -> Marks:
    """All parts as one, in order of rows."""
    if len(parts) <= 1:
        return parts[0] if parts else NO_MARKS
    row = np.concatenate([part.row for part in parts])
    position = np.concatenate([part.position for part in parts])
    return Marks(row, position).take(np.argsort(row, kind="stable"))


def _patterns(pmf: Floats, chances: Chances) -> tuple[Counts, Floats]:
    """Every pattern as a cell's value, and its probability; two arrays of the same shape."""
    odds = np.array([chances.nothing, chances.withdrawn, chances.answered])
    values, weights, outlines = [], [], np.ones(1)
    for count in range(min(COUNT_MAX, len(pmf) - 1) + 1):
        values.append(_RANK[: len(outlines)] << COUNT_BITS | count)
        weights.append(pmf[count] * outlines)
        outlines = np.outer(odds, outlines).ravel()
    return np.concatenate(values).astype(np.int16), np.concatenate(weights)


def _digits(outline: int) -> list[int]:
    return [outline // 3**place % 3 for place in range(COUNT_MAX)]


def _ranks() -> Index:
    """Outlines (ternary numbers) renumbered: nothing, then withdrawals only, then those with an answer.

    Those with one event come first among the withdrawals, and last among the answers.
    """

    def place(outline: int) -> tuple[bool, bool, int]:
        digits = _digits(outline)
        answered, several = _ANSWERED in digits, digits.count(0) < COUNT_MAX - 1
        return answered, several is not answered, outline

    order = sorted(range(OUTLINES), key=place)
    ranks = np.empty(OUTLINES, dtype=np.intp)
    ranks[order] = np.arange(OUTLINES)
    return ranks


def _events(ranks: Index) -> tuple[Counts, Counts]:
    """By a cell's value: the place of its first answer (or withdrawal), and the value without that event."""
    first: Counts = np.zeros(ESCAPED + 1, dtype=np.int16)
    rest: Counts = np.zeros(ESCAPED + 1, dtype=np.int16)
    for outline in range(1, OUTLINES):
        digits = _digits(outline)
        place = digits.index(max(digits))
        without = int(ranks[outline - digits[place] * 3**place])
        low = int(ranks[outline]) << COUNT_BITS
        first[low : low + COUNT_MASK + 1] = place
        rest[low : low + COUNT_MASK + 1] = without << COUNT_BITS
    return first, rest


NO_MARKS: Final = Marks(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.int16))
_RANK: Final = _ranks()
_FIRST, _REST = _events(_RANK)

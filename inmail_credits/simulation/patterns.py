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

from inmail_credits.simulation.tables import CELLS, ESCAPE, U16, Floats, Index, Table

COUNT_MAX: Final = 6
"""The most messages a step that a pattern holds."""
COUNT_BITS: Final = 3
COUNT_MASK: Final = (1 << COUNT_BITS) - 1
ESCAPED: Final = (1 << COUNT_BITS) | COUNT_MASK
ESCAPE_MASS_MAX: Final = 0.04
FLAT_MESSAGES: Final = 1 << 18

Counts = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]


class Outlines(NamedTuple):
    """What is wanted, and the messages to which something happens, in order of ``row`` and position.

    ``wanted`` has shape (rows,); the others (m,). A row is one path on one step. ``withdrawn`` tells the
    withdrawn from the answered.
    """

    wanted: Counts
    row: Index
    position: Index
    withdrawn: Flags


class Chances(NamedTuple):
    """The chance that a message is withdrawn, and that it is answered; the rest comes to nothing."""

    withdrawn: float
    answered: float


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
        weights = np.concatenate((weights, pmf[COUNT_MAX + 1 :]))
        table = Table(weights, coded=len(values))
        self._values = values
        self._table = table
        self._chances = chances
        cells = np.full(CELLS, ESCAPED, dtype=np.int16)
        cells[table.cells != ESCAPE] = values[table.cells[table.cells != ESCAPE]]
        self._cells = cells

    @staticmethod
    def suits(pmf: Floats, chances: Chances) -> bool:
        """Whether escapes are rare enough."""
        _, weights = _patterns(pmf, chances)
        return 1.0 - float(np.floor(weights * CELLS).sum()) / CELLS <= ESCAPE_MASS_MAX

    def draw(self, rows: int, streams: Streams) -> Outlines:
        """The outlines of that many rows."""
        drawn = self._cells.take(random16(streams.words, rows))
        eventful = np.flatnonzero(drawn > COUNT_MASK)
        found = drawn[eventful]
        crowded: list[tuple[int, int]] = []
        escaped = np.flatnonzero(found == ESCAPED)
        if len(escaped):
            outcomes = self._table.escapes(len(escaped), streams.fine)
            ordinary = outcomes < len(self._values)
            found[escaped] = self._values[np.where(ordinary, outcomes, 0)]
            crowded = [
                (int(eventful[escaped[i]]), int(outcomes[i]) - len(self._values) + COUNT_MAX + 1)
                for i in np.flatnonzero(~ordinary)
            ]
            drawn[eventful[escaped]] = found[escaped]
        outlines = found >> COUNT_BITS
        drawn &= COUNT_MASK
        repeats = _EVENTS[outlines]
        row = np.repeat(eventful, repeats)
        first = np.cumsum(repeats)
        place = np.arange(len(row)) + np.repeat(_OFFSETS[outlines] - first + repeats, repeats)
        result = Outlines(drawn, row, _POSITIONS[place], _WITHDRAWN[place])
        return self._with_crowded(result, crowded, streams.fine) if crowded else result

    def _with_crowded(
        self, outlines: Outlines, crowded: list[tuple[int, int]], fine: np.random.Generator
    ) -> Outlines:
        """Add the rows that want more messages than a pattern holds."""
        wanted, row, position, withdrawn = outlines
        rows, positions, flags = [], [], []
        for at, count in crowded:
            wanted[at] = count
            u = fine.random(count)
            hit = np.flatnonzero(u < self._chances.withdrawn + self._chances.answered)
            rows.append(np.full(len(hit), at))
            positions.append(hit)
            flags.append(u[hit] < self._chances.withdrawn)
        new_rows = np.concatenate(rows)
        at_index = np.searchsorted(row, new_rows)
        return Outlines(
            wanted,
            np.insert(row, at_index, new_rows),
            np.insert(position, at_index, np.concatenate(positions)),
            np.insert(withdrawn, at_index, np.concatenate(flags)),
        )


class FlatLaw:
    """A count for each row by look-up, then a 16-bit number for each message, refined where that is too coarse."""

    def __init__(self, pmf: Floats, chances: Chances) -> None:
        self._counts = Table(pmf[:-1])
        self._mean = float(np.arange(len(pmf)) @ pmf)
        self._chances = chances

    def draw(self, rows: int, streams: Streams, rates: tuple[Floats, Floats] | None = None) -> Outlines:
        """The outlines of that many rows.

        ``rates`` gives the chances (withdrawn, answered) for each row, each of shape (rows,), where they differ.
        """
        wanted = self._counts.look_up(random16(streams.words, rows), streams.fine).astype(np.int16)
        size = max(1, int(FLAT_MESSAGES / (self._mean + 1)))
        parts = [
            self._fates(wanted, low, min(low + size, rows), streams, rates) for low in range(0, rows, size)
        ]
        row, position, withdrawn = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Outlines(wanted, row, position, withdrawn)

    def _fates(
        self, wanted: Counts, low: int, high: int, streams: Streams, rates: tuple[Floats, Floats] | None
    ) -> tuple[Index, Index, Flags]:
        counts = wanted[low:high].astype(np.intp)
        row = np.repeat(np.arange(low, high), counts)
        u = random16(streams.fates, len(row))
        if rates is None:
            nothing = 1 - self._chances.withdrawn - self._chances.answered
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
        position = candidates - first[at - low]
        return at[sure], position[sure], (exact < of_withdrawn)[sure]


def _patterns(pmf: Floats, chances: Chances) -> tuple[Counts, Floats]:
    """Every pattern as a cell's value, and its probability; two arrays of the same shape."""
    odds = np.array([max(1 - chances.withdrawn - chances.answered, 0.0), chances.withdrawn, chances.answered])
    values, weights, outlines = [], [], np.ones(1)
    for count in range(min(COUNT_MAX, len(pmf) - 1) + 1):
        values.append((np.arange(len(outlines)) << COUNT_BITS) | count)
        weights.append(pmf[count] * outlines)
        outlines = np.outer(odds, outlines).ravel()
    return np.concatenate(values).astype(np.int16), np.concatenate(weights)


def _events() -> tuple[Index, Index, Index, Flags]:
    """For each outline: how many messages something happens to, where their list begins, and the lists."""
    counts, positions, withdrawn = [], [], []
    for outline in range(3**COUNT_MAX):
        digits = [outline // 3**place % 3 for place in range(COUNT_MAX)]
        places = [place for place, digit in enumerate(digits) if digit]
        counts.append(len(places))
        positions.extend(places)
        withdrawn.extend(digits[place] == 1 for place in places)
    offsets = np.concatenate(([0], np.cumsum(counts)[:-1]))
    return np.array(counts), offsets, np.array(positions), np.array(withdrawn)


_EVENTS, _OFFSETS, _POSITIONS, _WITHDRAWN = _events()

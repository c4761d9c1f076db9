"""Exact sampling at the price of a look-up.

The problem: ``Generator.poisson`` and its like cost tens of nanoseconds a draw, a look-up by a 16-bit
random number costs one, and a plain 16-bit table is wrong by up to 2^-16 in every entry. The way chosen
is the table look-up method of Marsaglia (1963), with the remainder kept: outcome i gets
``floor(p_i * 2^16)`` of the cells, the few cells left over say "escape", and an escape draws again from what
the floors cut off: from a second such table, and what escapes that too by a double. Every outcome then has
its own probability to double precision.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
U16 = npt.NDArray[np.uint16]
Index = npt.NDArray[np.intp]
Whole = npt.NDArray[np.signedinteger]
"""Small whole numbers, in a type as narrow as they allow."""

CELLS: Final = 1 << 16
ESCAPE: Final = -1


class Table:
    """A distribution over 0, 1, ..., n - 1, and n for whatever is missing to 1.

    ``pmf`` has shape (n,). Only the first ``coded`` outcomes get cells of their own (default: all): with
    ``coded`` held fixed, a longer ``pmf`` leaves every sample below the shorter one's length as it was.
    ``cells`` has shape (65536,) and holds outcomes, or ``ESCAPE``. ``levels`` tables stand behind each other.

    Example:
        >>> table = Table(np.array([0.25, 0.5]))
        >>> table.look_up(np.array([0, 20_000, 40_000, 65_535], dtype=np.uint16), np.random.default_rng(1))
        array([0, 1, 1, 2], dtype=int16)
    """

    __slots__ = ("_residual", "_rest", "cells", "escape_mass")

    def __init__(self, pmf: Floats, *, coded: int | None = None, levels: int = 2) -> None:
        pmf = np.maximum(pmf, 0.0)
        widths = np.floor(pmf * CELLS).astype(np.intp)
        if coded is not None:
            widths[coded:] = 0
        used = int(widths.sum())
        narrow = np.int16 if len(pmf) <= np.iinfo(np.int16).max else np.int32
        self.cells: Whole = np.full(CELLS, ESCAPE, dtype=narrow)
        self.cells[:used] = np.repeat(np.arange(len(pmf), dtype=narrow), widths)
        self.escape_mass = 1.0 - used / CELLS
        residual = np.maximum(pmf - widths / CELLS, 0.0)
        self._rest: Table | None = None
        if levels > 1 and self.escape_mass > 0:
            self._rest = Table(residual / self.escape_mass, coded=coded, levels=levels - 1)
        else:
            self._residual: Floats = np.cumsum(residual)

    def look_up(self, random16: U16, fine: np.random.Generator) -> Whole:
        """One outcome for each 16-bit random number, shape (m,); ``fine`` is drawn from for escapes only."""
        codes: Whole = self.cells.take(random16)
        escaped = np.flatnonzero(codes < 0)
        if len(escaped):
            codes[escaped] = self.escapes(len(escaped), fine)
        return codes

    def escapes(self, count: int, fine: np.random.Generator) -> Whole:
        """The outcomes of that many escapes, shape (count,)."""
        if self._rest is not None:
            return self._rest.look_up(fine.integers(0, CELLS, count, dtype=np.uint16), fine)
        result: Index = np.searchsorted(self._residual, fine.random(count) * self.escape_mass, side="right")
        return result

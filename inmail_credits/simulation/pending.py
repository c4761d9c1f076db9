"""Refunds that are on their way.

The problem: each answered message puts one credit into the future, a few steps or a year away, and a row
of counts for every future step would grow with the horizon. So only the steps of two windows have rows, in
a ring; what lies beyond waits in a list until its window opens.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation.tables import Index

WINDOW_STEPS: Final = 32
_ROWS: Final = 2 * WINDOW_STEPS

State = npt.NDArray[np.signedinteger]


class Pending:
    """Counts of credits by the step they come back in, each row of shape (width,).

    Example:
        >>> pending = Pending(3, np.dtype(np.int16), steps=365)
        >>> pending.add(np.array([2, 0]), np.array([1, 100]))
        >>> [int(pending.open(step).sum()) for step in (0, 1)]
        [0, 1]
    """

    __slots__ = ("_later", "_one", "_ring", "_rows", "_steps", "_until", "_width")

    def __init__(self, width: int, dtype: np.dtype[np.signedinteger], *, steps: int) -> None:
        self._width = width
        self._steps = steps
        self._rows: State = np.zeros((_ROWS, width), dtype=dtype)
        self._ring: State = self._rows.reshape(-1)
        self._one = dtype.type(1)
        self._until = 0
        self._later: list[tuple[Index, Index]] = []

    def open(self, step: int) -> State:
        """The row of this step, to be read, added to and, when done with, set to 0. Call for every step in turn."""
        if step % WINDOW_STEPS == 0:
            self._until = step + _ROWS
            waiting, self._later = self._later, []
            for place, due in waiting:
                self.add(place, due)
        return self._rows[step % _ROWS]

    def add(self, place: Index, due: Index) -> None:
        """One credit each, at ``place`` in the row of step ``due``; arrays of shape (m,).

        What is due at ``steps`` or later never comes.
        """
        if len(due) and int(due.max()) >= self._until:
            later = np.flatnonzero((due >= self._until) & (due < self._steps))
            if len(later):
                self._later.append((place[later], due[later]))
            soon = np.flatnonzero(due < self._until)
            place, due = place[soon], due[soon]
        np.add.at(self._ring, (due % _ROWS) * self._width + place, self._one)

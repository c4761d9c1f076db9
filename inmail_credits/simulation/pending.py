"""Refunds that are on their way.

The problem: each answered message puts one credit into the future, a few steps or a year away, and a row
of counts for every future step would grow with the horizon. So only the steps of two windows have rows;
when the first of them is over the second takes its place, and what lies beyond waits in a list.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation.tables import Index, Whole

WINDOW_STEPS: Final = 32
_ROWS: Final = 2 * WINDOW_STEPS

State = npt.NDArray[np.signedinteger]


class Pending:
    """Counts of credits by the step they come back in, each row of shape (width,).

    Example:
        >>> pending = Pending(3, np.dtype(np.int16), steps=365)
        >>> _ = pending.open(0)
        >>> pending.add(np.array([2, 0]), np.array([1, 100]))
        >>> pending.open(1)
        array([0, 0, 1], dtype=int16)
    """

    __slots__ = ("_flat", "_later", "_one", "_row", "_rows", "_step", "_steps", "_width")

    def __init__(self, width: int, dtype: np.dtype[np.signedinteger], *, steps: int) -> None:
        self._width = width
        self._steps = steps
        self._rows: State = np.zeros((_ROWS, width), dtype=dtype)
        self._flat: State = self._rows.reshape(-1)
        self._one = dtype.type(1)
        self._row = 0
        self._step = 0
        self._later: list[tuple[Index, Index]] = []

    def open(self, step: int) -> State:
        """The row of this step, to be read, added to and at last set to 0. Call for every step in turn."""
        self._row, self._step = step % WINDOW_STEPS, step
        if self._row == 0 and step:
            self._rows[:WINDOW_STEPS] = self._rows[WINDOW_STEPS:]
            self._rows[WINDOW_STEPS:] = 0
            waiting, self._later = self._later, []
            for place, due in waiting:
                self.add(place, due - step)
        row: State = self._rows[self._row]
        return row

    def add(self, place: Index, lag: Whole) -> None:
        """One credit each, at ``place``, ``lag`` steps after the step that is open; arrays of shape (m,).

        What is due at ``steps`` or later never comes.
        """
        if not len(lag):
            return
        if int(lag.max()) >= _ROWS - self._row:
            later = np.flatnonzero((lag >= _ROWS - self._row) & (lag < self._steps - self._step))
            if len(later):
                self._later.append((place.take(later), lag.take(later).astype(np.intp) + self._step))
            soon = np.flatnonzero(lag < _ROWS - self._row)
            place, lag = place.take(soon), lag.take(soon)
        np.add.at(
            self._flat[self._row * self._width :],
            np.multiply(lag, self._width, dtype=np.intp) + place,
            self._one,
        )

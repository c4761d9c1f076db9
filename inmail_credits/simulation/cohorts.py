"""Credits lot by lot: the kernel for plans whose refunds return to the lot that paid.

The problem: under :attr:`~inmail_credits.plans.RefundTo.ORIGINAL` a credit that comes back is as old as the
lot it left (D7), so credits are no queue: what burns first may be refilled. The way chosen: one array of
credits for each live lot, oldest first; a message remembers which lot paid by the place it has in the burn
order, and its refund is on its way to that lot, unless the lot will be dead by then, in which case it is
worthless and not even sent.
"""

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation.calendar import GRID, Operation, What
from inmail_credits.simulation.job import Job
from inmail_credits.simulation.pending import Pending, State
from inmail_credits.simulation.tables import Index, Whole

Flags = npt.NDArray[np.bool_]


class CohortStock:
    """The credits of ``width`` paths by lot; face and figures as those of :class:`~.fifo.FifoStock`.

    A lot keeps its credits in ``left[lot % slots]``, shape (slots, width); ``live`` are the numbers of the
    lots that have begun and not ended, in burn order.
    """

    def __init__(self, job: Job, width: int, silences: list[Flags]) -> None:
        calendar, dtype = job.calendar, job.state_type
        self._calendar = calendar
        self._cap = job.cap_credits
        self._silences = silences
        self._width = width
        self._slots = _slots(job)
        self._left: State = np.zeros((self._slots, width), dtype=dtype)
        self._live = [number for number, lot in enumerate(calendar.lots) if lot.received_step < 0]
        for number in self._live:
            self._left[number] = calendar.lots[number].credits
        self._expires = np.array([lot.expires_step for lot in calendar.lots], dtype=np.intp)
        self._before: State = np.zeros((self._slots, width), dtype=dtype)
        self._pending = Pending(self._slots * width, dtype, steps=job.steps)
        self._silent: dict[int, State] = {}
        self._row: State = np.zeros((self._slots, width), dtype=dtype)
        self._step = 0
        self.spent: State = np.zeros(width, dtype=dtype)
        self.balance: State = np.full(width, job.opening.credits, dtype=dtype)
        self.refunded: State = np.zeros(width, dtype=dtype)
        self.expired: State = np.zeros(width, dtype=dtype)
        self.forfeited: State = np.zeros(width, dtype=dtype)
        self.refunded_sum = 0
        self.forfeited_sum = 0

    def open_step(self, step: int) -> None:
        """Let time act up to this step, then receive the refunds that arrive with it."""
        self._step = step
        self.refunded_sum = self.forfeited_sum = 0
        for operation in self._calendar.operations[step]:
            self._act(operation)
        silent = self._silent.pop(step, None)
        if silent is not None and step < self._calendar.end_step:
            for number in self._live:
                self._receive(number, silent[number % self._slots])
        self._row = self._pending.open(step).reshape(self._slots, self._width)
        if step >= self._calendar.end_step:
            self._row.fill(0)
        self._receive_row()

    def buy(self, step: int, credits_: State) -> None:
        """Receive that many credits for each path, bought in this step."""
        number = self._calendar.purchase_lots[step]
        self._live.append(number)
        self._left[number % self._slots] = credits_
        self.balance += credits_

    def spend(self, made: State) -> None:
        """Burn that many credits of each path, no more than the balance, oldest lot first (D4)."""
        self.spent += made
        self._burn(made)

    def give_back(self, path: Index, position: Whole, lag: Whole) -> None:
        """One credit to each ``path``, ``lag`` steps on, to the lot that paid for the message.

        ``position`` is that among those just made; a negative one, ``-1 - lot``, says that the message was
        paid before the start, by that lot.
        """
        lot = self._payer(path, position)
        alive = lag < self._expires[lot] - self._step
        self._pending.add((lot % self._slots * self._width + path)[alive], lag[alive])

    def give_back_unless(self, made: State, path: Index, position: Whole, due: int) -> None:
        """In step ``due``, the credits of all messages just made but those at ``path`` and ``position``."""
        del made
        row = self._before - self._left
        np.subtract.at(row, (self._payer(path, position) % self._slots, path), row.dtype.type(1))
        for number in self._live:
            if self._expires[number] <= due:
                row[number % self._slots] = 0
        self._silent[due] = row

    def close_step(self, step: int) -> None:
        """Receive what came back within the step."""
        del step
        self._receive_row()

    def _receive_row(self) -> None:
        if self._row.any():
            for number in self._live:
                self._receive(number, self._row[number % self._slots])
            self._row.fill(0)

    def _receive(self, number: int, credits_: State) -> None:
        self._left[number % self._slots] += credits_
        self.balance += credits_
        self.refunded += credits_
        self.refunded_sum += int(credits_.sum(dtype=np.int64))

    def _burn(self, credits_: State) -> None:
        """Take so many credits, oldest lot first; remember what each lot had before."""
        self._before[:] = self._left
        self.balance -= credits_
        owed = credits_.astype(self.balance.dtype)
        for number in self._live:
            left = self._left[number % self._slots]
            taken = np.minimum(left, owed)
            left -= taken
            owed -= taken

    def _payer(self, path: Index, position: Whole) -> Index:
        """The lot that paid for the message at each path and position of those just made."""
        if not len(path):
            return np.empty(0, dtype=np.intp)
        if position[0] < 0:
            return -1 - position.astype(np.intp)
        lot = np.full(len(path), self._live[0], dtype=np.intp)
        cumulative = np.zeros(len(path), dtype=np.int64)
        for number, following in zip(self._live, self._live[1:], strict=False):
            cumulative += self._before[number % self._slots][path]
            lot[position >= cumulative] = following
        return lot

    def _act(self, operation: Operation) -> None:
        """Carry out one operation of time."""
        if operation.what is What.EXPIRE:
            if operation.lot != GRID and operation.lot in self._live:
                self._expire(operation.lot)
        elif operation.what is What.END:
            self._forfeit(self.balance.copy())
        elif operation.what is What.GRANT:
            self._grant(operation.lot)
        elif operation.lot in self._live:
            self._receive(operation.lot, self._silences[operation.message].astype(self.balance.dtype))

    def _expire(self, number: int) -> None:
        left = self._left[number % self._slots]
        self.expired += left
        self.balance -= left
        left.fill(0)
        self._live.remove(number)

    def _grant(self, number: int) -> None:
        credits_ = self._calendar.lots[number].credits
        if self._cap is not None:
            self._forfeit(np.maximum(self.balance - self.balance.dtype.type(self._cap - credits_), 0))
        self._live.append(number)
        self._left[number % self._slots] = credits_
        self.balance += self.balance.dtype.type(credits_)

    def _forfeit(self, credits_: State) -> None:
        self._burn(credits_)
        self.forfeited += credits_
        self.forfeited_sum += int(credits_.sum(dtype=np.int64))


def _slots(job: Job) -> int:
    """How many lots are ever live at once, in any order of the instants within a step."""
    lots = job.calendar.lots
    changes = np.zeros(job.steps + 2, dtype=np.int64)
    for lot in lots:
        changes[lot.received_step + 1] += 1
        changes[min(lot.expires_step, job.steps) + 1] -= 1
    live = np.cumsum(changes)
    leaving = -np.minimum(changes, 0)
    opening = sum(lot.received_step < 0 for lot in lots)
    return max(1, opening, int((live + leaving + 1).max()) + 1)

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
        self._taken: State = np.zeros((self._slots, width), dtype=dtype)
        self._pending = Pending(self._slots * width, dtype, steps=job.steps)
        self._silent: dict[int, State] = {}
        self._row: State = np.zeros((self._slots, width), dtype=dtype)
        self._returns = np.zeros(job.steps + 1, dtype=np.int64)
        self._granted: State = np.full(width, job.opening.credits, dtype=dtype)
        self._step = self._arrived = 0
        self.spent: State = np.zeros(width, dtype=dtype)
        self.balance: State = np.full(width, job.opening.credits, dtype=dtype)
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
        self._row = self._pending.open(step).reshape(self._slots, self._width)
        if step >= self._calendar.end_step:
            self._row.fill(0)
            self._returns[step] = 0
        elif silent is not None:
            self._row += silent
            self._returns[step] += silent.sum(dtype=np.int64)
        self._arrived = 0
        self._receive()

    def buy(self, step: int, credits_: State) -> None:
        """Receive that many credits for each path, bought in this step."""
        if not credits_.any():
            return
        number = self._calendar.purchase_lots[step]
        self._live.append(number)
        self._left[number % self._slots] = credits_
        self.balance += credits_
        self._granted += credits_

    def spend(self, made: State) -> None:
        """Burn that many credits of each path, no more than the balance, oldest lot first (D4)."""
        self.spent += made
        self._burn(made)

    def give_back(self, path: Index, position: Whole, lag: Whole) -> None:
        """One credit to each ``path``, ``lag`` steps on, to the lot that paid for the message.

        ``position`` is that among those just made; a negative one, ``-1 - lot``, says that the message was
        paid before the start, by that lot.
        """
        if not len(path):
            return
        live = np.array(self._live)
        payer = self._payer(path, position)
        alive = np.flatnonzero(lag < (self._expires[live] - self._step).take(payer))
        place = (live % self._slots * self._width).take(payer.take(alive)) + path.take(alive)
        lag = lag.take(alive)
        self._pending.add(place, lag)
        counts = np.bincount(lag)
        self._returns[self._step : self._step + len(counts)] += counts

    def give_back_unless(self, made: State, path: Index, position: Whole, due: int) -> None:
        """In step ``due``, the credits of all messages just made but those at ``path`` and ``position``."""
        del made
        row = self._taken.copy()
        if len(path):
            slot = np.array(self._live).take(self._payer(path, position)) % self._slots
            np.subtract.at(row, (slot, path), row.dtype.type(1))
        for number in self._live:
            if self._expires[number] <= due:
                row[number % self._slots] = 0
        self._silent[due] = row

    def close_step(self, step: int) -> None:
        """Receive what came back within the step."""
        del step
        self._receive()

    @property
    def refunded(self) -> State:
        """Credits refunded so far, by path: whatever is there and was not granted, and whatever left."""
        received: State = self.balance + self.spent + self.expired + self.forfeited
        return received - self._granted

    def _receive(self) -> None:
        """What has come back in this step and is not received yet, to the lots that paid."""
        arrived = int(self._returns[self._step]) - self._arrived
        if not arrived:
            return
        self._arrived += arrived
        self.refunded_sum += arrived
        self._left += self._row
        for number in self._live:
            self.balance += self._row[number % self._slots]
        self._row.fill(0)

    def _burn(self, credits_: State) -> None:
        """Take so many credits, oldest lot first; remember how many from each."""
        self.balance -= credits_
        owed = credits_.astype(self.balance.dtype)
        for number in self._live:
            left, taken = self._left[number % self._slots], self._taken[number % self._slots]
            np.minimum(left, owed, out=taken)
            left -= taken
            owed -= taken

    def _payer(self, path: Index, position: Whole) -> Index:
        """The place among the live lots of the one that paid for the message at each path and position.

        Of those just made; a negative position says it itself. Shape (m,), which is not 0.
        """
        if position[0] < 0:
            return -1 - position.astype(np.intp)
        place = np.zeros(len(path), dtype=np.intp)
        until = np.zeros(len(path), dtype=self.balance.dtype)
        for number in self._live[:-1]:
            until += self._taken[number % self._slots].take(path)
            place += position >= until
        return place

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
            self._return_for_silence(operation.lot, self._silences[operation.message])

    def _return_for_silence(self, number: int, returns: Flags) -> None:
        self._left[number % self._slots] += returns
        self.balance += returns
        self.refunded_sum += int(np.count_nonzero(returns))

    def _expire(self, number: int) -> None:
        left = self._left[number % self._slots]
        self.expired += left
        self.balance -= left
        left.fill(0)
        self._taken[number % self._slots].fill(0)
        self._live.remove(number)

    def _grant(self, number: int) -> None:
        credits_ = self._calendar.lots[number].credits
        if self._cap is not None:
            self._forfeit(np.maximum(self.balance - self.balance.dtype.type(self._cap - credits_), 0))
        self._live.append(number)
        self._left[number % self._slots] = credits_
        self.balance += self.balance.dtype.type(credits_)
        self._granted += self.balance.dtype.type(credits_)

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

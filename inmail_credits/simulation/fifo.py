"""Credits as two counters: the kernel for plans whose refunds are fresh lots.

The problem: a path holds several lots at once, and an array of lots for each path costs time and memory on
every step. But where every credit lives equally long, the first received is the first to expire, and so the
first to burn (D4): credits form a queue. A queue needs no lots, only how many ever came (``received``) and
how many ever left (``removed``: spent, expired or forfeited). Whatever had been received a lifetime ago must
have left by now; so expiry is ``removed = max(removed, received a lifetime ago)``, one operation on one
array (R8, D2, D3). A forfeit takes from the front of the queue too (D6), so it only adds to ``removed``.

Where credits have no end, the lot a refund returns to makes no difference, and such plans fit as well.
"""

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation.calendar import GRID, Operation, What
from inmail_credits.simulation.job import Job
from inmail_credits.simulation.pending import Pending, State
from inmail_credits.simulation.record import total
from inmail_credits.simulation.tables import Index, Whole

Flags = npt.NDArray[np.bool_]


class FifoStock:
    """The credits of ``width`` paths. ``balance``, shape (width,), is valid after opening and closing a step.

    ``refunded_sum`` and ``forfeited_sum`` are sums over the paths of what the current step brought and took;
    ``silences`` tells for each message of the opening on which paths silence gives its credit back.
    """

    def __init__(self, job: Job, width: int, silences: list[Flags]) -> None:
        calendar, dtype = job.calendar, job.state_type
        self._calendar = calendar
        self._cap = job.cap_credits
        self._silences = silences
        opening = [lot.credits for lot in calendar.lots if lot.received_step < 0]
        self._ends = np.cumsum(opening, dtype=np.int64).astype(dtype)
        self._granted = job.opening.credits
        rows = 2 if calendar.lifetime_steps is None else calendar.lifetime_steps + 1
        self._received: State = np.zeros((rows, width), dtype=dtype)
        self._received[-1] = job.opening.credits
        self._now: State = self._received[-1]
        self._base: State = np.empty(width, dtype=dtype)
        self._snapshots: dict[int, State] = {}
        self._removed: State = np.zeros(width, dtype=dtype)
        self._spent: State = np.zeros(width, dtype=dtype)
        self._forfeited: State = np.zeros(width, dtype=dtype)
        self._bought: State = np.zeros(width, dtype=dtype)
        self._pending = Pending(width, dtype, steps=job.steps)
        self._silent: dict[int, State] = {}
        self._in_flight = len(job.opening.messages) * width
        self._row: State = self._pending.open(0)
        self.balance: State = np.full(width, job.opening.credits, dtype=dtype)
        self.refunded_sum = 0
        self.forfeited_sum = 0

    def open_step(self, step: int) -> None:
        """Let time act up to this step, then receive the refunds that arrive with it."""
        self.refunded_sum = self.forfeited_sum = 0
        base = self._now
        for operation in self._calendar.operations[step]:
            base = self._act(operation, step, base)
        self._row = self._pending.open(step)
        silent = self._silent.pop(step, None)
        if step >= self._calendar.end_step:
            self._row.fill(0)
        elif silent is not None:
            self._row += silent
        self._before: State = base
        np.add(base, self._row, out=self.balance)
        self.balance -= self._removed

    def buy(self, step: int, credits_: State) -> None:
        """Receive that many credits for each path, bought in this step."""
        del step
        if self._before is not self._base:
            np.copyto(self._base, self._before)
            self._before = self._base
        self._base += credits_
        self._bought += credits_
        self.balance += credits_

    def spend(self, made: State) -> None:
        """Burn that many credits of each path, no more than the balance."""
        self._spent += made
        self._removed += made

    def give_back(self, path: Index, position: Whole, lag: Whole) -> None:
        """One credit to each ``path``, ``lag`` steps on."""
        del position
        self._in_flight += len(path)
        self._pending.add(path, lag)

    def give_back_unless(self, made: State, path: Index, position: Whole, due: int) -> None:
        """In step ``due``, the credits of all messages just made but those at ``path`` and ``position``."""
        del position
        row = made.astype(self._row.dtype)
        np.subtract.at(row, path, row.dtype.type(1))
        self._silent[due] = row
        self._in_flight += total(row)

    def close_step(self, step: int) -> None:
        """Receive what came back within the step."""
        self._now = self._received[step % len(self._received)]
        np.add(self._before, self._row, out=self._now)
        np.subtract(self._now, self._removed, out=self.balance)
        self.refunded_sum += total(self._row, at_most=self._in_flight)
        self._in_flight -= self.refunded_sum
        self._row.fill(0)

    @property
    def refunded(self) -> State:
        """Credits refunded so far, by path."""
        return self._now - self._bought - self._now.dtype.type(self._granted)

    @property
    def spent(self) -> State:
        """Credits spent so far, by path."""
        return self._spent

    @property
    def expired(self) -> State:
        """Credits expired so far, by path."""
        return self._removed - self._spent - self._forfeited

    @property
    def forfeited(self) -> State:
        """Credits forfeited so far, by path."""
        return self._forfeited.copy()

    def _act(self, operation: Operation, step: int, base: State) -> State:
        """Carry out one operation of time; what was received so far, including by it."""
        if operation.what is What.EXPIRE:
            self._expire(operation.lot, step)
            return base
        if operation.what is What.END:
            self._forfeit(base - self._removed)
            return base
        if base is not self._base:
            np.copyto(self._base, base)
        if operation.what is What.GRANT:
            credits_ = self._calendar.lots[operation.lot].credits
            if self._cap is not None:
                self._forfeit(np.maximum(self._base - self._removed - (self._cap - credits_), 0))
            self._base += self._base.dtype.type(credits_)
            self._granted += credits_
        else:
            returns = self._silences[operation.message]
            self._base += returns
            self.refunded_sum += int(np.count_nonzero(returns))
        lot = self._calendar.lots[operation.lot]
        if not lot.on_grid and lot.received_step >= 0 and lot.expires_step < self._calendar.steps:
            self._snapshots[operation.lot] = self._base.copy()
        return self._base

    def _expire(self, lot: int, step: int) -> None:
        """All that had been received when the lot came, must have left by now."""
        if lot == GRID:
            lifetime = self._calendar.lifetime_steps or 0
            gone = self._received[(step - lifetime) % len(self._received)]
        elif lot < len(self._ends):
            np.maximum(self._removed, self._ends[lot], out=self._removed)
            return
        elif lot in self._snapshots:
            gone = self._snapshots.pop(lot)
        else:
            return
        np.maximum(self._removed, gone, out=self._removed)

    def _forfeit(self, credits_: State) -> None:
        self._removed += credits_
        self._forfeited += credits_
        self.forfeited_sum += int(credits_.sum(dtype=np.int64))

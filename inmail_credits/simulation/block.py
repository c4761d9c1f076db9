"""One block of paths from the first step to the last.

The problem: the order within a step decides who gets the last credit. It is the ledger's: what time brings,
the answers from earlier steps, the purchases, the sends (follow-ups first), the answers that come within the
step, the withdrawals. The credits themselves are the stock's business (:mod:`fifo`, :mod:`cohorts`); here
people act.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from inmail_credits.plans import RefundOn
from inmail_credits.simulation.cohorts import CohortStock
from inmail_credits.simulation.draws import WITHDRAWN, Fates, Marks, StepDraws
from inmail_credits.simulation.fifo import FifoStock
from inmail_credits.simulation.job import Job, is_queue
from inmail_credits.simulation.pending import State
from inmail_credits.simulation.record import BlockResult, Recorder
from inmail_credits.simulation.stock import Stock
from inmail_credits.simulation.tables import Index, Whole

NEVER_LAG: Final = 1 << 40
Flags = npt.NDArray[np.bool_]
_NOWHERE: Final[Flags] = np.zeros(0, dtype=np.bool_)


class SecondMessages(NamedTuple):
    """The follow-ups due in one step: ``counts`` by path, and their fates in the order they are sent."""

    counts: State
    fates: Fates


class Block:
    """The first ``width`` paths of block ``number``."""

    def __init__(self, job: Job, number: int, width: int) -> None:
        self._job = job
        self._number = number
        self._width = width
        plan, outreach = job.plan, job.outreach
        self._kinds = len(outreach.replies.kinds)
        self._refund_on_reply = plan.refund_on is RefundOn.REPLY
        self._window = job.steps if job.calendar.window_steps is None else job.calendar.window_steps
        self._withdrawn_steps = job.draws.fates.withdrawn_steps
        counting = np.array(job.counting_kinds)
        lags = np.arange(max(job.steps, 1))
        counts = counting & (lags < self._window)[:, None]
        self._refund_lag = np.append(np.where(counts, lags[:, None], NEVER_LAG).ravel(), NEVER_LAG)
        self._recorder = Recorder(job, width)
        reply_lag = np.append(np.repeat(lags, self._kinds), NEVER_LAG)
        if not self._recorder.counts_replies:
            reply_lag[self._refund_lag < NEVER_LAG] = NEVER_LAG
        self._reply_lag = reply_lag
        self._plain_codes = (
            min(self._window, job.steps) if self._kinds == 1 and all(job.counting_kinds) else 0
        )
        self._stock = self._make_stock()
        self._follow_ups: dict[int, Fates] = {}
        self._made: State = np.empty(width, dtype=job.state_type)
        sends = outreach.sends
        self._left = (
            None if sends.prospects is None else np.full(width, sends.prospects, dtype=job.state_type)
        )
        self._buys = job.buys
        self._room = np.full(width, job.opening.purchase_room, dtype=np.int32)

    def run(self) -> BlockResult:
        """Simulate every step."""
        draws = self._job.draws.block(self._number)
        for step in range(self._job.steps):
            self._stock.open_step(step)
            self._act(step, next(draws))
            self._stock.close_step(step)
            self._recorder.close_step(step, self._stock)
        return self._recorder.result(self._stock)

    # -- the opening ------------------------------------------------------------------------------------

    def _make_stock(self) -> Stock:
        job, width = self._job, self._width
        silences: list[Flags] = []
        stock: Stock
        stock = FifoStock(job, width, silences) if is_queue(job.plan) else CohortStock(job, width, silences)
        for place, (path, code) in enumerate(job.draws.opening(self._number)):
            inside = np.flatnonzero(path < width)
            silences.append(self._open_message(stock, place, path.take(inside), code.take(inside)))
        return stock

    def _open_message(self, stock: Stock, place: int, path: Index, code: Index) -> Flags:
        """Send an opening message's answers on their way; on which paths its silence gives a credit back."""
        job = self._job
        window = job.calendar.message_windows[place]
        withdrawn_step = job.draws.flights[place].withdrawn_step
        replies = np.flatnonzero(code >= 0)
        answered = path.take(replies)
        due, kind = np.divmod(code.take(replies), self._kinds)
        self._recorder.note_replies(answered[due < job.steps])
        withdrawn = path[code == WITHDRAWN]
        if withdrawn_step < job.steps:
            self._recorder.note_withdrawn(withdrawn)
        counts = np.array(job.counting_kinds)[kind] & (due < window)
        if self._refund_on_reply:
            lot = np.full(int(np.count_nonzero(counts)), -1 - job.opening.messages[place].lot)
            stock.give_back(answered[counts], lot, due[counts])
            return _NOWHERE
        silent = np.ones(self._width, dtype=np.bool_)
        silent[answered[counts]] = False
        if withdrawn_step < window:
            silent[withdrawn] = False
        return silent

    # -- one step ---------------------------------------------------------------------------------------

    def _act(self, step: int, draws: StepDraws) -> None:
        width, balance = self._width, self._stock.balance
        wanted: State = draws.wanted[:width]
        answered, withdrawn = draws.answered, draws.withdrawn
        if width < self._job.draws.block_paths:
            answered = _first(answered, width)
            withdrawn = withdrawn.take(np.flatnonzero(withdrawn.row < width))
        if draws.purchases is not None and self._buys:
            self._buy(step, draws.purchases[:width])
        second = self._due_follow_ups(step)
        attempted = wanted if self._left is None else np.minimum(wanted, self._left)
        if second is not None:
            attempted = attempted + second.counts
            wanted = wanted + second.counts if self._left is None else attempted
            answered, withdrawn = self._with_second(answered, withdrawn, second)
        elif self._left is not None:
            wanted = attempted
        allowed = self._allowed(step, attempted)
        made = np.minimum(allowed, balance, out=self._made)
        if self._left is not None:
            self._left -= made if second is None else np.maximum(made - second.counts, 0).astype(made.dtype)
        self._stock.spend(made)
        all_sent = self._recorder.sends(step, wanted, allowed, made)
        if draws.follow_ups is not None:
            self._plan_follow_ups(step, _first(draws.follow_ups, width), made, second)
        self._settle(step, made, answered, withdrawn, all_sent=all_sent and self._left is None)

    def _buy(self, step: int, wanted: State) -> None:
        """Buy what is wanted, as far as the plan sells it in this billing period."""
        if step >= self._job.calendar.end_step:
            return
        if step in self._job.calendar.billing_steps:
            self._room.fill(self._job.plan.purchase_credits_max)
        bought = np.minimum(wanted, self._room).astype(self._job.state_type)
        self._room -= bought
        self._stock.buy(step, bought)
        self._recorder.note_bought(step, bought)

    def _allowed(self, step: int, attempted: State) -> State:
        """How many of the messages wanted are attempted, where the person paces themselves."""
        pacing = self._job.outreach.sends.pacing
        if pacing is None:
            return attempted
        room = np.maximum(self._stock.balance.astype(np.int64) - pacing.reserve_credits, 0)
        if pacing.spread:
            room = -(-room // self._job.calendar.next_grant_steps[step])
        return np.minimum(attempted, room).astype(attempted.dtype)

    def _settle(self, step: int, made: State, answered: Fates, withdrawn: Marks, *, all_sent: bool) -> None:
        """What becomes of the messages just made, in this step and later."""
        path, position, code = answered
        if not all_sent:
            sent = (position < made.take(path)).nonzero()[0]
            path, position, code = path.take(sent), position.take(sent), code.take(sent)
            if len(withdrawn.row):
                withdrawn = withdrawn.take((withdrawn.position < made.take(withdrawn.row)).nonzero()[0])
        if len(withdrawn.row) and step + self._withdrawn_steps < self._job.steps:
            self._recorder.note_withdrawn(withdrawn.row)
        lag = self._refund_lags(step, path, code)
        if self._refund_on_reply:
            self._stock.give_back(path, position, lag)
        elif step + self._window < self._job.steps:
            answers = lag < NEVER_LAG
            path, position = path[answers], position[answers]
            if self._withdrawn_steps < self._window:
                path = np.concatenate((path, withdrawn.row))
                position = np.concatenate((position, withdrawn.position))
            self._stock.give_back_unless(made, path, position, step + self._window)

    def _refund_lags(self, step: int, path: Index, code: Whole) -> Whole:
        """After how many steps each answer gives a credit back (or counts as one); replies are noted."""
        plain = len(code) == 0 or int(code.max()) < self._plain_codes
        if not plain or self._recorder.counts_replies:
            reply_lag = self._reply_lag.take(code, mode="clip")
            self._recorder.note_replies(path[reply_lag < self._job.steps - step])
        lag: Whole = code if plain else self._refund_lag.take(code, mode="clip")
        return lag

    # -- follow-ups -------------------------------------------------------------------------------------

    def _plan_follow_ups(self, step: int, fates: Fates, made: State, second: SecondMessages | None) -> None:
        law = self._job.outreach.sends.follow_up
        if law is None:
            return
        position = fates.position if second is None else fates.position + second.counts[fates.path]
        sent = position < made[fates.path]
        due = step + law.after_days * self._job.steps_per_day
        if due < self._job.steps:
            self._follow_ups[due] = Fates(*(array[sent] for array in fates))

    def _due_follow_ups(self, step: int) -> SecondMessages | None:
        due = self._follow_ups.pop(step, None)
        if due is None or not len(due.path):
            return None
        counts = np.bincount(due.path, minlength=self._width)
        rank = np.arange(len(due.path)) - (np.cumsum(counts) - counts)[due.path]
        return SecondMessages(counts.astype(self._job.state_type), Fates(due.path, rank, due.code))

    def _with_second(self, answered: Fates, withdrawn: Marks, second: SecondMessages) -> tuple[Fates, Marks]:
        """The fates of all messages of the step: follow-ups stand before the new ones."""
        first, fates = second.counts, second.fates
        answers, taken = fates.code >= 0, fates.code == WITHDRAWN
        return (
            Fates(
                np.concatenate((fates.path[answers], answered.path)),
                np.concatenate((fates.position[answers], answered.position + first[answered.path])),
                np.concatenate((fates.code[answers], answered.code)),
            ),
            Marks(
                np.concatenate((fates.path[taken], withdrawn.row)),
                np.concatenate((fates.position[taken], withdrawn.position + first[withdrawn.row])),
            ),
        )


def _first(fates: Fates, width: int) -> Fates:
    """Those on the first ``width`` paths."""
    inside = np.flatnonzero(fates.path < width)
    return Fates(*(array.take(inside) for array in fates))


def run_block(job: Job, number: int) -> BlockResult:
    """Simulate block ``number`` of a job."""
    width = min(job.draws.block_paths, job.paths - number * job.draws.block_paths)
    return Block(job, number, width).run()

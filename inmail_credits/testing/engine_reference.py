"""The judge of the engine: the same draws, driven path by path through the real ledger.

The compiled loops of the simulation are a second implementation of the rules. Here is a person with an
:class:`~inmail_credits.account.Account`: they look at their wishes for the step, send, are refused, get
answers and withdraw, with the very draws of the engine, worked out anew in plain Python. The entries of the
ledger then say what moved, and both must say the same, path by path and day by day. :func:`difference` is
what tests ask.

:class:`~inmail_credits.testing.engine_draws.Draws` gives what chance says of one path, and :class:`Person`
acts on it: a new term of behaviour is added to both.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from inmail_credits.account import Account
from inmail_credits.contract import seat_uses
from inmail_credits.errors import NoCreditError, SubscriptionError
from inmail_credits.facts import Purchased, Replied
from inmail_credits.ledger.entries import EntryKind
from inmail_credits.plans import ReplyKind
from inmail_credits.simulation._engine.calendar import EPOCH, MICROSECOND
from inmail_credits.simulation._engine.job import Job
from inmail_credits.simulation.result import DAILY
from inmail_credits.simulation.run import run_job
from inmail_credits.testing.engine_draws import Draws, Fate, Ints

Figures = dict[str, npt.NDArray[np.int64]]
_ENTRY_NAMES = {
    EntryKind.GRANTED: "granted",
    EntryKind.REFUNDED: "refunded",
    EntryKind.SPENT: "spent",
    EntryKind.EXPIRED: "expired",
    EntryKind.FORFEITED: "forfeited",
}
COUNTED: Final = ("wanted", "sent", "refused", "held_back", "replied", "withdrawn", "bought")
"""Figures that no kind of entry says by itself."""


class Message(NamedTuple):
    """A message to be sent: its fate and, unless it is a follow-up itself, that of its follow-up."""

    fate: Fate
    follow_up: Fate | None = None
    is_second: bool = False


class Person:
    """One path: a person with an account."""

    def __init__(self, job: Job, path: int) -> None:
        self._job = job
        self._grid = job.grid
        self._draws = Draws(job.outreach, job.grid, job.key, path)
        self._answers: dict[int, list[tuple[str, ReplyKind | None]]] = defaultdict(list)
        self._withdrawals: dict[int, list[str]] = defaultdict(list)
        self._failures: dict[int, list[str]] = defaultdict(list)
        self._follow_ups: dict[int, list[Message]] = defaultdict(list)
        self._left = job.outreach.sends.prospects
        self._numbered = 0
        self._counts: dict[str, Ints] = {name: np.zeros(job.days, dtype=np.int64) for name in COUNTED}
        self._dry_day = -1
        self._planned = [turn.fact for turn in job.opening.turns]
        self._account = self._opened()
        self._entries_before = (
            len(self._account.entries_until(job.opening.start)) if job.opening.account else 0
        )
        for place, message in enumerate(job.opening.messages):
            fate = self._draws.of_open_message(place, message)
            if fate.lag is not None:
                self._answers[fate.lag].append((message.message_id, fate.kind))
            elif fate.withdrawn:
                self._withdrawals[self._draws.withdrawn_step(message)].append(message.message_id)

    def _opened(self) -> Account:
        opening = self._job.opening
        if opening.account is None:
            return Account.open(opening.plan, at=opening.start, seats=opening.seats)
        return Account.replay(opening.account.facts)

    def live(self) -> None:
        """Go through every step."""
        for step, wishes in enumerate(self._draws.wishes()):
            self._record_planned(step)
            self._receive_answers(step)
            self._buy(step)
            self._send(step, [Message(wish.fate, wish.follow_up) for wish in wishes])
            self._receive_answers(step)
            for message_id in self._withdrawals.pop(step, ()):
                self._account.withdraw(message_id, at=self._at(step))
                self._note("withdrawn", step)

    def _at(self, step: int) -> datetime:
        return EPOCH + timedelta(microseconds=int(self._grid.instants[step]))

    def _note(self, figure: str, step: int, count: int = 1) -> None:
        self._counts[figure][step // self._job.steps_per_day] += count

    def _record_planned(self, step: int) -> None:
        """Record the facts planned up to the instant of a step; a purchase may be more than is still sold."""
        while self._planned and self._planned[0].at <= self._at(step):
            fact = self._planned.pop(0)
            try:
                self._account.record(fact)
            except SubscriptionError:
                if not isinstance(fact, Purchased):
                    raise
                continue
            if isinstance(fact, Purchased):
                self._note("bought", step, fact.credits)

    def _buy(self, step: int) -> None:
        """Buy as many credits as are wanted, or fewer, if only fewer are sold."""
        for credits_ in range(self._draws.purchases(step), 0, -1):
            purchase = Purchased(credits=credits_, at=self._at(step), id=f"simulated-purchase:{step}")
            try:
                self._account.record(purchase)
            except SubscriptionError:
                continue
            self._note("bought", step, credits_)
            return

    def _top_up(self, step: int) -> None:
        """Buy where credits run short, unless the limit of the seat is used up."""
        purchases, at = self._job.outreach.purchases, self._at(step)
        if not purchases.top_up_credits or self._account.balance(at=at) >= purchases.below_credits:
            return
        for use in seat_uses(self._account, at=at):
            if use.seat == self._job.seat and use.room == 0:
                return
        credits_ = min(purchases.top_up_credits, self._account.purchase_room(at=at))
        if credits_ > 0:
            self._account.purchase(credits_, at=at, id=f"simulated-top-up:{self._numbered}")
            self._note("bought", step, credits_)

    def _receive_answers(self, step: int) -> None:
        for message_id, kind in self._answers.pop(step, ()):
            answer = Replied(
                message_id=message_id,
                at=self._at(step),
                kind=kind or ReplyKind.MESSAGE,
                id=f"simulated-reply:{message_id}",
            )
            self._account.record(answer)
            self._note("replied", step)
        for message_id in self._failures.pop(step, ()):
            self._account.fail_delivery(message_id, at=self._at(step))

    def _send(self, step: int, new: list[Message]) -> None:
        """Send the follow-ups that are due, then the new messages, as pacing and credits allow."""
        second = self._follow_ups.pop(step, [])
        messages = [*second, *(new if self._left is None else new[: self._left])]
        self._note("wanted", step, len(messages))
        allowed = self._allowed(step, len(messages))
        self._note("held_back", step, len(messages) - allowed)
        for message in messages[:allowed]:
            if not self._send_one(step, message):
                self._note("refused", step)
                if self._dry_day < 0:
                    self._dry_day = step // self._job.steps_per_day
            elif self._left is not None and not message.is_second:
                self._left -= 1

    def _allowed(self, step: int, attempted: int) -> int:
        pacing = self._job.outreach.sends.pacing
        if pacing is None or not attempted:
            return attempted
        room = max(self._account.balance(at=self._at(step)) - pacing.reserve_credits, 0)
        if pacing.spread:
            room = -(-room // self._steps_to_next_grant(step))
        return min(attempted, room)

    def _steps_to_next_grant(self, step: int) -> int:
        """How many steps it is to the next grant, or to the end of the subscription; 1 or more."""
        at = self._at(step)
        running = self._account.subscription(at=at)
        if running is None:
            return 1
        until = running.schedule.next_after(at)
        if running.ends_at is not None:
            until = min(until, running.ends_at)
        return max(self._grid.steps_until(step, (until - EPOCH) // MICROSECOND), 1)

    def _send_one(self, step: int, message: Message) -> bool:
        self._numbered += 1
        message_id = f"simulated-{self._numbered}"
        self._top_up(step)
        try:
            self._account.send(message_id, at=self._at(step), seat=self._job.seat)
        except (NoCreditError, SubscriptionError):
            return False
        self._note("sent", step)
        per_day, outreach = self._job.steps_per_day, self._job.outreach
        if message.fate.lag is not None:
            self._answers[step + message.fate.lag].append((message_id, message.fate.kind))
        elif message.fate.failed:
            self._failures[step + outreach.failures.after_days * per_day].append(message_id)
        elif message.fate.withdrawn:
            self._withdrawals[step + outreach.withdrawals.after_days * per_day].append(message_id)
        if outreach.sends.follow_up is not None and message.follow_up is not None:
            after = outreach.sends.follow_up.after_days * per_day
            self._follow_ups[step + after].append(Message(message.follow_up, is_second=True))
        return True

    def write_down(self, days: Figures, dry_days: Ints, path: int) -> None:
        """Put what the ledger's entries and the person say into the figures."""
        for name, counts in self._counts.items():
            days[name][:, path] = counts
        dry_days[path] = self._dry_day
        last = self._at(self._grid.steps - 1)
        for entry in self._account.entries_until(last)[self._entries_before :]:
            day = self._grid.step_of((entry.at - EPOCH) // MICROSECOND) // self._job.steps_per_day
            days[_ENTRY_NAMES[entry.kind]][day, path] += entry.credits
        change = sum(
            (days[name][:, path] * sign for name, sign in _SIGNS.items()),
            np.zeros(self._job.days, dtype=np.int64),
        )
        days["balance"][:, path] = self._job.opening.credits + np.cumsum(change)


_SIGNS: Final = {"granted": 1, "refunded": 1, "spent": -1, "expired": -1, "forfeited": -1}


def reference(job: Job) -> tuple[Figures, Ints]:
    """Drive the ledger through every path of a job.

    Returns:
        The figures of each day by the names of ``DailyPaths``, each of shape (days, paths), and the first day
        with a refusal, shape (paths,).
    """
    days = {name: np.zeros((job.days, job.paths), dtype=np.int64) for name in DAILY}
    dry_days = np.full(job.paths, -1, dtype=np.int64)
    for path in range(job.paths if job.steps else 0):
        person = Person(job, path)
        person.live()
        person.write_down(days, dry_days, path)
    return days, dry_days


def difference(job: Job) -> str | None:
    """The first figure on which engine and ledger differ, in words; ``None`` if they agree on all.

    ``job`` must keep its daily paths. Nothing may differ: this is what tests and the campaign ask.
    """
    simulation = run_job(job)
    if simulation.daily is None:
        return "the job keeps no daily paths"
    days, dry_days = reference(job)
    for name, expected in days.items():
        actual: npt.NDArray[np.integer] = getattr(simulation.daily, name)
        if not np.array_equal(actual, expected):
            day, path = np.argwhere(actual != expected)[0]
            return (
                f"{name} on day {day}, path {path}: engine {actual[day, path]}, ledger {expected[day, path]}"
            )
        if name == "balance":
            continue
        if not np.array_equal(simulation.day_sums[name], expected.sum(axis=1)):
            return f"{name}: sums by day {simulation.day_sums[name]}, of the ledger's {expected.sum(axis=1)}"
        if not np.array_equal(simulation.total(name), expected.sum(axis=0)):
            return f"{name}: totals {simulation.total(name)}, of the ledger's {expected.sum(axis=0)}"
    if not np.array_equal(simulation.total("dry_day"), dry_days):
        return f"dry_day: engine {simulation.total('dry_day')}, ledger {dry_days}"
    return None

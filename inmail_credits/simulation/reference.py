"""The slow reference: the same draws, driven path by path through the real ledger.

The problem: the array engine is a second implementation of the rules, and fast code that is slightly wrong
looks right. So here is a person with an :class:`~inmail_credits.account.Account`: they look at their wishes
for the day, send, are refused, get answers and withdraw, with the very draws the engine uses. The entries of
the ledger then tell what moved, and both must say the same, path by path and day by day.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inmail_credits.account import Account
from inmail_credits.errors import NoCreditError, SubscriptionError
from inmail_credits.facts import Purchased, Replied
from inmail_credits.ledger.entries import EntryKind
from inmail_credits.plans import ReplyKind
from inmail_credits.simulation.calendar import Grid
from inmail_credits.simulation.draws import NOTHING, WITHDRAWN, StepDraws
from inmail_credits.simulation.job import Job
from inmail_credits.simulation.record import DAILY
from inmail_credits.simulation.run import run_job

Figures = dict[str, npt.NDArray[np.int64]]
_ENTRY_NAMES = {
    EntryKind.GRANTED: "granted",
    EntryKind.REFUNDED: "refunded",
    EntryKind.SPENT: "sent",
    EntryKind.EXPIRED: "expired",
    EntryKind.FORFEITED: "forfeited",
}


class Message(NamedTuple):
    """One message wanted on one path: its fate's code, and that of the follow-up silence leads to."""

    code: int
    follow_up: int | None


def reference(job: Job) -> tuple[Figures, Figures]:
    """Drive the ledger through every path of a job.

    Returns:
        The figures of each day by name of ``DailyPaths``, each of shape (days, paths), and the totals of
        each path that no kind of entry tells (wanted, held_back, replied, withdrawn, bought, dry_day), each
        of shape (paths,).
    """
    days = {name: np.zeros((job.days, job.paths), dtype=np.int64) for name in DAILY}
    totals = {
        name: np.zeros(job.paths, dtype=np.int64)
        for name in ("wanted", "held_back", "replied", "withdrawn", "bought")
    }
    totals["dry_day"] = np.full(job.paths, -1, dtype=np.int64)
    for number in range(-(-job.paths // job.draws.block_paths)):
        first = number * job.draws.block_paths
        width = min(job.draws.block_paths, job.paths - first)
        wishes, purchases = _wishes(job, number, width)
        opening = [
            dict(zip(*map(np.ndarray.tolist, fates), strict=True)) for fates in job.draws.opening(number)
        ]
        for path in range(width):
            person = Person(job, [codes.get(path, NOTHING) for codes in opening])
            person.live(wishes[path], purchases[path])
            person.tell(days, totals, first + path)
    return days, totals


def _wishes(job: Job, number: int, width: int) -> tuple[list[list[list[Message]]], list[list[int]]]:
    """The messages and the purchases wanted, by path and step."""
    wishes: list[list[list[Message]]] = [[] for _ in range(width)]
    purchases: list[list[int]] = [[] for _ in range(width)]
    for draws, _ in zip(job.draws.block(number), range(job.steps), strict=False):
        for path, messages in enumerate(_step_wishes(draws, width)):
            wishes[path].append(messages)
            purchases[path].append(0 if draws.purchases is None else int(draws.purchases[path]))
    return wishes, purchases


def _step_wishes(draws: StepDraws, width: int) -> Iterator[list[Message]]:
    codes: dict[tuple[int, int], int] = {}
    follow_ups: dict[tuple[int, int], int] = {}
    for path, position, code in zip(*(array.tolist() for array in draws.answered), strict=True):
        codes[path, position] = code
    for path, position in zip(*(array.tolist() for array in draws.withdrawn), strict=True):
        codes[path, position] = WITHDRAWN
    if draws.follow_ups is not None:
        for path, position, code in zip(*(array.tolist() for array in draws.follow_ups), strict=True):
            follow_ups[path, position] = code
    for path in range(width):
        yield [
            Message(codes.get((path, position), NOTHING), follow_ups.get((path, position)))
            for position in range(int(draws.wanted[path]))
        ]


class Person:
    """One path: a person with an account."""

    def __init__(self, job: Job, opening_codes: list[int]) -> None:
        self._job = job
        self._grid = Grid(job.opening.start, job.steps, job.steps_per_day)
        self._kinds = [kind for kind, _ in job.outreach.replies.kinds]
        self._answers: dict[int, list[tuple[str, ReplyKind]]] = defaultdict(list)
        self._withdrawals: dict[int, list[str]] = defaultdict(list)
        self._follow_ups: dict[int, list[Message]] = defaultdict(list)
        self._left = job.outreach.sends.prospects
        self._numbered = 0
        self._counts = dict.fromkeys(("wanted", "held_back", "replied", "withdrawn", "bought"), 0) | {
            "dry_day": -1
        }
        self._refused = np.zeros(job.days, dtype=np.int64)
        self._account = self._opened()
        self._entries_before = self._entries_at_start()
        for message, law, code in zip(job.opening.messages, job.draws.flights, opening_codes, strict=True):
            if code >= 0:
                lag, kind = divmod(code, len(self._kinds))
                self._answers[lag].append((message.message_id, self._kinds[kind]))
            elif code == WITHDRAWN:
                self._withdrawals[law.withdrawn_step].append(message.message_id)

    def _opened(self) -> Account:
        opening = self._job.opening
        if opening.account is None:
            return Account.open(opening.plan, at=opening.start, seats=opening.seats)
        return Account.replay(opening.account.facts)

    def _entries_at_start(self) -> int:
        opening = self._job.opening
        return 0 if opening.account is None else len(self._account.entries_until(opening.start))

    def live(self, wishes: list[list[Message]], purchases: list[int]) -> None:
        """Go through every step."""
        for step in range(self._job.steps):
            self._receive_answers(step)
            self._buy(step, purchases[step])
            self._send(step, wishes[step])
            self._receive_answers(step)
            for message_id in self._withdrawals.pop(step, ()):
                self._account.withdraw(message_id, at=self._at(step))
                self._counts["withdrawn"] += 1

    def _at(self, step: int) -> datetime:
        return self._grid.at(step)

    def _buy(self, step: int, wanted: int) -> None:
        """Buy as many credits as are wanted, or fewer, if only fewer are sold."""
        for credits_ in range(wanted, 0, -1):
            purchase = Purchased(credits=credits_, at=self._at(step), id=f"simulated-purchase:{step}")
            try:
                self._account.record(purchase)
            except SubscriptionError:
                continue
            self._counts["bought"] += credits_
            return

    def _receive_answers(self, step: int) -> None:
        for message_id, kind in self._answers.pop(step, ()):
            answer = Replied(
                message_id=message_id, at=self._at(step), kind=kind, id=f"simulated-reply:{message_id}"
            )
            self._account.record(answer)
            self._counts["replied"] += 1

    def _send(self, step: int, new: list[Message]) -> None:
        """Send the follow-ups that are due, then the new messages, as pacing and credits allow."""
        second = self._follow_ups.pop(step, [])
        wanted = new if self._left is None else new[: self._left]
        messages = [*second, *wanted]
        self._counts["wanted"] += len(messages)
        allowed = self._allowed(step, len(messages))
        self._counts["held_back"] += len(messages) - allowed
        for place, message in enumerate(messages[:allowed]):
            if not self._send_one(step, message):
                day = step // self._job.steps_per_day
                self._refused[day] += 1
                if self._counts["dry_day"] < 0:
                    self._counts["dry_day"] = day
            elif self._left is not None and place >= len(second):
                self._left -= 1

    def _allowed(self, step: int, attempted: int) -> int:
        pacing = self._job.outreach.sends.pacing
        if pacing is None:
            return attempted
        room = max(self._account.balance(at=self._at(step)) - pacing.reserve_credits, 0)
        if pacing.spread:
            room = -(-room // self._job.calendar.next_grant_steps[step])
        return min(attempted, room)

    def _send_one(self, step: int, message: Message) -> bool:
        self._numbered += 1
        message_id = f"simulated-{self._numbered}"
        try:
            self._account.send(message_id, at=self._at(step))
        except (NoCreditError, SubscriptionError):
            return False
        per_day = self._job.steps_per_day
        if message.code >= 0:
            lag, kind = divmod(message.code, len(self._kinds))
            self._answers[step + lag].append((message_id, self._kinds[kind]))
        elif message.code == WITHDRAWN:
            self._withdrawals[step + self._job.draws.fates.withdrawn_steps].append(message_id)
        law = self._job.outreach.sends.follow_up
        if law is not None and message.follow_up is not None:
            self._follow_ups[step + law.after_days * per_day].append(Message(message.follow_up, None))
        return True

    def tell(self, days: Figures, totals: Figures, path: int) -> None:
        """Write down what the ledger's entries and the person say."""
        for name, array in totals.items():
            array[path] = self._counts[name]
        if not self._job.steps:
            return
        days["refused"][:, path] = self._refused
        last = self._grid.last
        change = np.zeros(self._job.days, dtype=np.int64)
        for entry in self._account.entries_until(last)[self._entries_before :]:
            day = self._grid.first_at_or_after(entry.at) // self._job.steps_per_day
            days[_ENTRY_NAMES[entry.kind]][day, path] += entry.credits
            inflow = entry.kind in {EntryKind.GRANTED, EntryKind.REFUNDED}
            change[day] += entry.credits if inflow else -entry.credits
        days["balance"][:, path] = self._job.opening.credits + np.cumsum(change)


def difference(job: Job) -> str | None:
    """The first figure on which engine and ledger differ, in words; ``None`` if they agree on all.

    ``job`` must keep its daily paths. Nothing may differ: this is what tests and the campaign ask.
    """
    simulation = run_job(job)
    if simulation.daily is None:
        return "the job keeps no daily paths"
    days, totals = reference(job)
    for name, expected in days.items():
        actual: npt.NDArray[np.integer] = getattr(simulation.daily, name)
        if not np.array_equal(actual, expected):
            day, path = np.argwhere(actual != expected)[0]
            return (
                f"{name} on day {day}, path {path}: engine {actual[day, path]}, ledger {expected[day, path]}"
            )
        if name in simulation.day_sums and not np.array_equal(
            simulation.day_sums[name], expected.sum(axis=1)
        ):
            return f"{name}: sums by day {simulation.day_sums[name]}, of the ledger's {expected.sum(axis=1)}"
    for name, expected in totals.items():
        actual = simulation.path_totals[name]
        if not np.array_equal(actual, expected):
            path = np.flatnonzero(actual != expected)[0]
            return f"{name}, path {path}: engine {actual[path]}, ledger {expected[path]}"
    return None

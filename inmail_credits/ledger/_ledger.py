"""The ledger: the state of an account, what time alone does to it, and how to undo anything.

Credits are received, spent, given back and expire by rules that interact: a refund may be received at the
very instant another lot expires.

* Expiry, grants and forfeits follow from time (D3). At one instant they come in one order: expire, end
  of subscription, trim to the cap, grant, refunds for silence; then facts in recorded order (D6).
* Credits move through :meth:`Ledger.receive` and :meth:`Ledger.take` alone, each with an entry.
* Everything can be undone to a mark, entry by entry; that is what makes late facts (D13), previews and
  all-or-nothing batches exact.

What each kind of fact does is in :mod:`inmail_credits.ledger._rules`; order, ids and questions are the
account's business.
"""

from bisect import bisect_left
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import NamedTuple

from inmail_credits.facts import Opened
from inmail_credits.ledger._journal import Journal
from inmail_credits.ledger._purchases import Purchases
from inmail_credits.ledger.entries import Cause, EntryKind
from inmail_credits.ledger.lots import NEVER, Holdings
from inmail_credits.ledger.ruling import Ruling
from inmail_credits.ledger.subscription import Course, Message, Subscription
from inmail_credits.plans import Plan, RefundTo, SeatGrant

BEGINNING = datetime.min.replace(tzinfo=NEVER.tzinfo)


class Mark(NamedTuple):
    """A point the ledger can be undone to; there is one for each fact.

    Fields:
        entries, courses, lots, messages, settled: how many of each there were (``settled`` counts every
            change of a message).
        silences: up to which of the messages sent silence was settled.
        clock: the instant up to which time was settled.
    """

    entries: int
    courses: int
    lots: int
    messages: int
    settled: int
    silences: int
    clock: datetime


class Ledger:
    """Lots, entries, messages and the course of the subscription at one instant, ``clock``.

    ``used`` counts the credits each seat spent in each period between two scheduled grants.
    """

    __slots__ = (
        "_courses",
        "_sent_ids",
        "_settled",
        "_silences",
        "clock",
        "course",
        "holdings",
        "journal",
        "messages",
        "opening",
        "purchases",
        "used",
    )

    def __init__(self) -> None:
        self.clock: datetime = BEGINNING
        self.holdings: Holdings = Holdings()
        self.journal: Journal = Journal(self.holdings)
        self.messages: MutableMapping[str, Message] = {}
        self.course: Course = Course(None, 0, 0, NEVER)
        self.opening: Opened | None = None
        self.purchases: Purchases = Purchases()
        self.used: MutableMapping[tuple[int, str], int] = {}
        self._courses: list[Course] = []
        self._sent_ids: list[str] = []
        self._settled: list[Message] = []
        self._silences = 0

    # -- time (D3, D6) ----------------------------------------------------------------------------------

    def advance(self, at: datetime) -> None:
        """Settle all that time alone brings up to and including ``at``, instant by instant; never back."""
        while (due := self._next_due()) <= at:
            self._settle_instant(due)
        self.clock = at

    def _next_due(self) -> datetime:
        due = self.holdings.first_expiry()
        course = self.course
        if course.next_grant_at < due:
            due = course.next_grant_at
        subscription = course.subscription
        if subscription is None:
            return due
        if subscription.ends_at is not None:
            due = min(due, subscription.ends_at)
        if (
            subscription.may_await_silence
            and (message := self._next_silence(subscription)) is not None
            and message.silence_at is not None
        ):
            due = min(due, message.silence_at)
        return due

    def _settle_instant(self, at: datetime) -> None:
        """Everything due at this one instant, in the order of D6."""
        while self.holdings.first_expiry() <= at:
            self.take(at, EntryKind.EXPIRED, self.journal.balance, cause=Cause.AGE)
        subscription = self.course.subscription
        if subscription and subscription.ends_at == at:
            self.end(at, cause=Cause.CANCEL)
            subscription = None
        if subscription and self.course.next_grant_at == at:
            self.grant_on_schedule(subscription, at)
        if subscription and subscription.may_await_silence:
            while (message := self._next_silence(subscription)) is not None and message.silence_at == at:
                self.refund(
                    message, at, plan=subscription.plan, cause=Cause.SILENCE, ruling=Ruling.UNANSWERED
                )

    def _next_silence(self, subscription: Subscription) -> Message | None:
        """The unanswered message that next earns its credit back by silence, if there is one.

        Those sent since the terms last changed are due in the order of their sending. Those sent before may
        have windows of other lengths, and are compared (D16, D12).
        """
        first: Message | None = None
        first_at = NEVER
        for index in range(self._silences, len(self._sent_ids)):
            message = self.messages[self._sent_ids[index]]
            if message.sent.at >= first_at:
                break
            at = message.silence_at if subscription.answers_for(message) else None
            if at is None:
                if first is None:
                    self._silences = index + 1
                continue
            if at < first_at:
                first, first_at = message, at
            if subscription.changed_at is None or message.sent.at > subscription.changed_at:
                break
        return first

    # -- subscriptions ----------------------------------------------------------------------------------

    def end(self, at: datetime, *, cause: Cause, fact_id: str = "") -> None:
        """End the running subscription: what is left is forfeited (D12)."""
        self._take_all(at, EntryKind.FORFEITED, self.journal.balance, cause=cause, fact_id=fact_id)
        running = self.course.subscription
        ended = None if running is None else running._replace(ends_at=at)
        self._change(self.course._replace(subscription=None, next_grant_at=NEVER, ended=ended))

    def amend(self, subscription: Subscription) -> None:
        """The running subscription has other terms from here on."""
        self._change(self.course._replace(subscription=subscription))

    def change_terms(self, subscription: Subscription, at: datetime) -> None:
        """The running subscription has another plan from here on, and grants on its dates (D16)."""
        next_grant_at = subscription.schedule.next_after(at)
        self._change(self.course._replace(subscription=subscription, next_grant_at=next_grant_at))

    def _change(self, course: Course) -> None:
        self._courses.append(self.course)
        self.course = course

    def grant_on_schedule(
        self, subscription: Subscription, at: datetime, *, each: int | None = None, fact_id: str = ""
    ) -> None:
        """The allotment of all seats on a grant date, the first included (R3), and the next date (D5).

        What is carried over is first trimmed to the cap (D6, R7). ``each`` is what a seat gets where that is
        not the whole allotment.
        """
        next_grant_at = subscription.schedule.next_after(at)
        plan, seats = subscription.plan, subscription.seats
        credits_ = (plan.grant_credits if each is None else each) * seats
        self._change(Course(subscription, subscription.number, self.course.grants + 1, next_grant_at, seats))
        if plan.cap_credits is not None:
            excess = self.journal.balance + credits_ - plan.cap_credits * seats
            self._take_all(at, EntryKind.FORFEITED, excess, cause=Cause.CAP, fact_id=fact_id)
        self._grant(at, plan, credits_, cause=Cause.SCHEDULE, fact_id=fact_id)

    def seat(self, subscription: Subscription, at: datetime, *, fact_id: str) -> None:
        """The running subscription has another number of seats from here on (D20).

        Seats beyond the most there were since the last scheduled grant bring their allotment, at once where
        the plan says so. Nothing is trimmed.
        """
        seats, most_seats = subscription.seats, self.course.most_seats
        self._change(
            self.course._replace(subscription=subscription, most_seats=max(seats, most_seats)),
        )
        if seats > most_seats and subscription.plan.seat_grant is SeatGrant.AT_ONCE:
            credits_ = subscription.plan.grant_credits * (seats - most_seats)
            self._grant(at, subscription.plan, credits_, cause=Cause.SEAT, fact_id=fact_id)

    def _grant(self, at: datetime, plan: Plan, credits_: int, *, cause: Cause, fact_id: str) -> None:
        """An allotment (R3); a lot of none is not received."""
        if credits_:
            self.receive(at, EntryKind.GRANTED, credits_, plan=plan, cause=cause, fact_id=fact_id)

    def next_grant(self) -> tuple[datetime, int] | None:
        """When the next scheduled grant comes and how many credits it brings; ``None`` if none comes."""
        subscription, at = self.course.subscription, self.course.next_grant_at
        if subscription is None or (subscription.ends_at is not None and at >= subscription.ends_at):
            return None
        return at, subscription.plan.grant_credits * subscription.seats

    def purchase_room(self, at: datetime, subscription: Subscription) -> int:
        """How many credits may still be bought at ``at``: what its billing period sells, less what was."""
        start = subscription.purchases_count_from(at)
        return subscription.plan.purchase_credits_max - self.purchases.bought(subscription.number, start, at)

    def purchase(self, subscription: Subscription, at: datetime, credits_: int, *, fact_id: str) -> None:
        """Credits bought beside the allotment: a lot like any other, and less room to buy."""
        plan = subscription.plan
        self.receive(at, EntryKind.GRANTED, credits_, plan=plan, cause=Cause.PURCHASE, fact_id=fact_id)
        self.purchases.add(subscription.number, at, credits_, lot=self.holdings.count)

    # -- movements --------------------------------------------------------------------------------------

    def receive(
        self,
        at: datetime,
        kind: EntryKind,
        credits_: int,
        *,
        plan: Plan,
        cause: Cause,
        fact_id: str = "",
        message_id: str = "",
    ) -> None:
        """A new lot that lives from ``at`` on for the plan's lifetime (R8), and its entry."""
        lot = self.holdings.receive(at, credits_, lifetime=plan.lifetime, cause=cause)
        self.journal.post(at, kind, credits_, lot.number, cause, fact_id, message_id)

    def take(
        self,
        at: datetime,
        kind: EntryKind,
        credits_max: int,
        *,
        cause: Cause,
        fact_id: str = "",
        message_id: str = "",
    ) -> tuple[int, int]:
        """Take from the lot that burns next (D4), with an entry; the lot's number and how many it gave."""
        number, credits_ = self.holdings.take_first(credits_max)
        self.journal.post(at, kind, credits_, number, cause, fact_id, message_id)
        return number, credits_

    def _take_all(self, at: datetime, kind: EntryKind, credits_: int, *, cause: Cause, fact_id: str) -> None:
        """Take so many credits in burn order, or all there are."""
        while credits_ > 0 and self.journal.balance:
            credits_ -= self.take(at, kind, credits_, cause=cause, fact_id=fact_id)[1]

    # -- openings (D17) ---------------------------------------------------------------------------------

    @property
    def has_begun(self) -> bool:
        """Whether anything has happened yet: an opening must come first."""
        return bool(self._sent_ids or self._courses or self.course.subscriptions)

    def begin(
        self,
        course: Course,
        opening: Opened,
        messages: Iterable[Message],
        used: Mapping[tuple[int, str], int],
    ) -> None:
        """Take over the course, the open messages and the sends of seats that an opening states."""
        self._change(course)
        self.opening = opening
        for message in messages:
            self.messages[message.sent.message_id] = message
            self._sent_ids.append(message.sent.message_id)
        for purchase in opening.purchases:
            self.purchases.add(opening.subscriptions, purchase.at, purchase.credits, lot=0)
        self.used = dict(used)

    # -- messages ---------------------------------------------------------------------------------------

    def open(self, message: Message) -> None:
        """Take in a message that was sent."""
        self.messages[message.sent.message_id] = message
        self._sent_ids.append(message.sent.message_id)
        if message.seat_period is not None:
            self.used[message.seat_period] = self.used.get(message.seat_period, 0) + 1

    def note_answer(self, message: Message, ruling: Ruling) -> Ruling:
        """A reply came that leaves the message open, as ruled: it proves that it was delivered (D11)."""
        if not message.answered:
            self._settled.append(message)
            self.messages[message.sent.message_id] = message._replace(answered=True)
        return ruling

    def settle(self, message: Message, at: datetime, ruling: Ruling) -> None:
        """Close the matter of a message's credit, once and for good (D8)."""
        self._settled.append(message)
        self.messages[message.sent.message_id] = message.settled(at, ruling)

    def refund(
        self, message: Message, at: datetime, *, plan: Plan, cause: Cause, ruling: Ruling, fact_id: str = ""
    ) -> Ruling:
        """Give a message's credit back where the running plan wants it (R5, D7, D16), and settle it."""
        message_id = message.sent.message_id
        lot = self.holdings.lots[message.lot]
        if plan.refund_to is RefundTo.FRESH:
            self.receive(
                at, EntryKind.REFUNDED, 1, plan=plan, cause=cause, fact_id=fact_id, message_id=message_id
            )
        elif lot.is_live(at):
            self.holdings.give_back(lot, 1)
            self.journal.post(at, EntryKind.REFUNDED, 1, lot.number, cause, fact_id, message_id)
        else:
            ruling = Ruling.LOT_EXPIRED
        self.settle(message, at, ruling)
        return ruling

    def sent(self, start: datetime, end: datetime) -> Iterator[Message]:
        """The messages sent at ``start <= t <= end``, in order."""

        def sent_at(message_id: str) -> datetime:
            return self.messages[message_id].sent.at

        first = bisect_left(self._sent_ids, start, key=sent_at)
        for index in range(first, len(self._sent_ids)):
            message = self.messages[self._sent_ids[index]]
            if message.sent.at > end:
                return
            yield message

    def sent_by(self, later: "Ledger") -> Iterator[Message]:
        """All messages of this ledger, in the order they were sent, as a fork of it has them."""
        return (later.messages[message_id] for message_id in self._sent_ids)

    def unsettled(self, at: datetime, *, subscription: Subscription) -> Iterator[Message]:
        """The messages it answers for whose credit could still come back at ``at``, latest first."""
        for message_id in reversed(self._sent_ids):
            message = self.messages[message_id]
            if message.plan is None or message.sent.at > at:
                continue
            if not subscription.answers_for(message):
                return
            if (window := message.plan.reply_window) is not None and message.sent.at + window <= at:
                if subscription.changed_at is None:
                    return
            elif message.settled_at is None or message.settled_at > at:
                yield message

    # -- back and forth ---------------------------------------------------------------------------------

    def mark(self) -> Mark:
        """The present point, to come back to with :meth:`undo`."""
        return Mark(
            len(self.journal.entries),
            len(self._courses),
            self.holdings.count,
            len(self._sent_ids),
            len(self._settled),
            self._silences,
            self.clock,
        )

    def course_at(self, mark: Mark) -> Course:
        """The course there was at a mark."""
        return self._courses[mark.courses] if mark.courses < len(self._courses) else self.course

    def undo(self, mark: Mark) -> None:
        """Go back to a mark; what was done since is as if it had never been."""
        entries, courses, lots, messages, settled, self._silences, self.clock = mark
        for message in reversed(self._settled[settled:]):
            self.messages[message.sent.message_id] = message
        for message_id in self._sent_ids[messages:]:
            message = self.messages.pop(message_id)
            if message.seat_period is not None:
                self.used[message.seat_period] -= 1
        self.course = self.course_at(mark)
        del self._courses[courses:], self._settled[settled:], self._sent_ids[messages:]
        self.journal.undo(entries)
        self.holdings.settle(lots)
        self.purchases.undo(lots)
        if not courses and self.opening is not None:
            self.opening = None
            self.purchases = Purchases()

    def copy(self) -> "Ledger":
        """A ledger of the same history that shares nothing that changes."""
        other = Ledger()
        for name in self.__slots__:
            value = getattr(self, name)
            setattr(other, name, value.copy() if isinstance(value, list | dict) else value)
        other.holdings = self.holdings.copy()
        other.journal = self.journal.copy(other.holdings)
        other.purchases = self.purchases.copy()
        return other

    def fork(self) -> "Ledger":
        """A ledger that goes on from here by itself, its journal empty; no walk through history."""
        other = Ledger()
        other.clock = self.clock
        other.holdings = self.holdings.fork()
        other.journal = self.journal.fork(other.holdings)
        other.messages = ChainMap({}, self.messages)
        other.course = self.course
        other.opening = self.opening
        other.purchases = self.purchases.fork()
        other.used = ChainMap({}, self.used)
        running = self.course.subscription
        if running and running.may_await_silence:
            other._sent_ids = self._sent_ids[self._silences :]
        return other

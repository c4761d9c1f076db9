"""The oracle: the rulebook once more, slow and obvious, to hold a quick ledger against.

The problem: a ledger that is quick is clever, and cleverness hides mistakes. Tests written by the hand
that wrote the ledger share its misreadings. So the rules are written here a second time, from the
rulebook alone: every single credit is an object of its own that keeps its whole history, time passes one
event at a time, and dates are computed with arithmetic of their own. Nothing here is shared with the
ledger but the vocabulary: plans, facts, and the kinds and causes of entries.

The rules chosen, in the order they work at one instant (D6): credits expire (R8, D2, D3); a cancelled
subscription that ends takes what is left (D12); the allotment that is due trims to the cap and is
received (R3, R7, D5, D6); messages left in silence give their credit back (the rule of 2014); then the
facts of that instant, in recorded order (D13). A fact that is impossible in its place changes nothing
and is listed as refused.

What it refuses: two facts with one id and different content (D14). Everything else is an answer.

Three layers: :class:`Run` lives through facts given in order; :class:`Oracle` puts facts in order and
answers questions about any instant, past or future; the ``broken_*`` functions are laws that movements of
any ledger must keep, the oracle's own included.
"""

from bisect import insort
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from attrs import define, evolve, field, frozen

from inmail_credits.channels import Channel
from inmail_credits.entries import INFLOWS, Cause, EntryKind
from inmail_credits.errors import FactConflictError, InvalidValueError
from inmail_credits.facts import (
    Cancelled,
    DeliveryFailed,
    Fact,
    MessageFact,
    Purchased,
    Replied,
    SeatLimited,
    SeatsChanged,
    Sent,
    Subscribed,
    Switched,
    Withdrawn,
)
from inmail_credits.plans import CancelAt, GrantOn, Plan, RefundOn, RefundTo, SeatGrant
from inmail_credits.timeline import YEAR_MIN, Interval, instant

START_OF_TIME = datetime(YEAR_MIN, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
LotLeft = tuple[datetime, datetime | None, int]
"""When it was received, when it expires (``None`` for never), and how many credits are left."""


# Calendar arithmetic of its own (D2, D5).


def days_after(at: datetime, days: int) -> datetime:
    """The instant ``days`` times 24 hours after ``at`` (D2)."""
    return at + timedelta(hours=24 * days)


def date_of(anchor: datetime, every: Interval, number: int) -> datetime:
    """The date with that number, 0 or more, counted from the anchor; a month too short clamps (D5).

    Example:
        >>> [date_of(datetime(2026, 1, 31, tzinfo=UTC), Interval(months=1), n).day for n in (0, 1, 2)]
        [31, 28, 31]
    """
    if every.days:
        return days_after(anchor, every.days * number)
    year, month = divmod(anchor.year * 12 + (anchor.month - 1) + every.months * number, 12)
    day = min(anchor.day, monthrange(year, month + 1)[1])
    return anchor.replace(year=year, month=month + 1, day=day)


def grant_date(plan: Plan, start: datetime, number: int) -> datetime:
    """The scheduled grant with that number, 1 or more, of a subscription that started then (R3, D5).

    The grant on subscribing is not among them.
    """
    if plan.grant_on is GrantOn.CALENDAR:
        first = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return date_of(first, Interval(months=1), number)
    return date_of(start, plan.grant_every, number)


# What the oracle remembers.


@frozen
class Movement:
    """Credits of one lot that moved together: what an ``Entry`` says, but for the running balance.

    ``credits`` is 1 or more. Lot numbers rise in the order lots were received; only that order means
    anything. ``fact_id`` is empty where time alone is the cause.
    """

    at: datetime
    kind: EntryKind
    credits: int
    lot: int
    cause: Cause
    message_id: str = ""
    fact_id: str = ""


@define(eq=False)
class Credit:
    """One credit: the lot it came in and everything that ever happened to it."""

    lot: int
    received_at: datetime
    expires_at: datetime | None
    history: list[Movement] = field(factory=list)

    @property
    def burn_order(self) -> tuple[datetime, datetime, int]:
        """Soonest expiry (none at all last), then earliest received, then lot number (D4)."""
        return (self.expires_at or END_OF_TIME, self.received_at, self.lot)

    def is_left(self, at: datetime) -> bool:
        """Whether it was in the account then, all that happened at that very instant included."""
        past = [movement for movement in self.history if movement.at <= at]
        return bool(past) and past[-1].kind in INFLOWS


@define(eq=False)
class Subscription:
    """One running subscription and what is counted in it."""

    plan: Plan
    start: datetime
    seats: int
    ends_at: datetime | None = None
    grants: int = 0
    refreshed_at: datetime = field(init=False)
    purchases: list[Purchased] = field(factory=list)
    limits: dict[str, int | None] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.refreshed_at = self.start

    @property
    def next_grant_at(self) -> datetime:
        """When the next scheduled grant is due, if the subscription lasts."""
        return grant_date(self.plan, self.start, self.grants + 1)

    def billing_period(self, at: datetime) -> tuple[datetime, datetime]:
        """The half-open billing period that holds ``at``, counted from the start (D5, D12)."""
        every, number = self.plan.billing_every, 0
        while date_of(self.start, every, number + 1) <= at:
            number += 1
        return date_of(self.start, every, number), date_of(self.start, every, number + 1)

    def purchase_room(self, at: datetime) -> int:
        """How many credits may still be bought in the billing period that holds ``at``."""
        begin, end = self.billing_period(at)
        bought = sum(purchase.credits for purchase in self.purchases if begin <= purchase.at < end)
        return self.plan.purchase_credits_max - bought


@define(eq=False)
class Message:
    """One message that was sent; a free one has neither a credit nor a subscription."""

    sent_at: datetime
    credit: Credit | None = None
    subscription: Subscription | None = None
    seat: str | None = None
    settled: bool = False

    @property
    def window_ends_at(self) -> datetime | None:
        """The end of its reply window (D10), if it was paid for and the plan has one."""
        if self.subscription is None or self.subscription.plan.reply_window_days is None:
            return None
        return days_after(self.sent_at, self.subscription.plan.reply_window_days)


# Living through it.


@define(eq=False)
class Run:
    """An account living through time: give it facts in their order, and let time pass.

    ``credits`` holds every credit there ever was, ``left`` those in the account now in burn order,
    ``history`` every movement of every single credit.

    Raises:
        InvalidValueError: where an instant lies before ``now``.
    """

    now: datetime = START_OF_TIME
    subscription: Subscription | None = None
    credits: list[Credit] = field(factory=list)
    left: list[Credit] = field(factory=list)
    messages: dict[str, Message] = field(factory=dict)
    history: list[Movement] = field(factory=list)
    lots: int = 0

    def advance(self, to: datetime) -> None:
        """Let time pass up to and including all that time alone causes at ``to``."""
        if to < self.now:
            raise InvalidValueError("instant", to, f"at or after {self.now}, which has passed")
        while (due := self.next_due()) is not None and due <= to:
            self._expire(due)
            self._end(due)
            self._grant(due)
            self._settle_silence(due)
        self.now = to

    def next_due(self) -> datetime | None:
        """The next instant at which time alone does something, if there is one."""
        due = [credit.expires_at for credit in self.left[:1] if credit.expires_at is not None]
        if (running := self.subscription) is not None:
            due.append(running.next_grant_at)
            due += [] if running.ends_at is None else [running.ends_at]
            due += [ends_at for _, ends_at in self.awaiting_silence()]
        return min(due, default=None)

    def open_messages(self) -> dict[str, Message]:
        """Messages for which something may still come back: paid, unsettled, of the running subscription."""
        return {
            message_id: message
            for message_id, message in self.messages.items()
            if message.subscription is not None
            and message.subscription is self.subscription
            and not message.settled
        }

    def awaiting_silence(self) -> list[tuple[str, datetime]]:
        """Open messages whose silence will give the credit back, with the instant, in the order sent."""
        if self.subscription is None or self.subscription.plan.refund_on is not RefundOn.SILENCE:
            return []
        return [
            (message_id, message.window_ends_at)
            for message_id, message in self.open_messages().items()
            if message.window_ends_at is not None
        ]

    def seat_room(self, seat: str | None) -> int | None:
        """How many more the seat may send before the next scheduled grant; ``None`` for no limit."""
        if self.subscription is None or seat is None:
            return None
        limit = self.subscription.limits.get(seat)
        if limit is None:
            return None
        sent = [
            message
            for message in self.messages.values()
            if message.subscription is self.subscription
            and message.seat == seat
            and message.sent_at >= self.subscription.refreshed_at
        ]
        return limit - len(sent)

    # What time does.

    def _expire(self, at: datetime) -> None:
        for credit in list(self.left):
            if credit.expires_at is None or credit.expires_at > at:
                break  # burn order: nothing after it expires sooner
            self._take(credit, at, EntryKind.EXPIRED, Cause.AGE)

    def _end(self, at: datetime) -> None:
        if self.subscription is not None and self.subscription.ends_at == at:
            self._forfeit_all(at, Cause.CANCEL)
            self.subscription = None

    def _grant(self, at: datetime) -> None:
        running = self.subscription
        if running is not None and running.next_grant_at == at:
            running.grants += 1
            running.refreshed_at = at
            self._allot(running.seats * running.plan.grant_credits, at, Cause.SCHEDULE)

    def _settle_silence(self, at: datetime) -> None:
        for message_id, due in self.awaiting_silence():
            if due == at:
                self._give_back(message_id, at, Cause.SILENCE)

    # What facts do. Each answers whether the fact was possible.

    def apply(self, fact: Fact) -> bool:
        """Let time pass to the fact and take it in; ``False``, and nothing changed, if it is impossible."""
        self.advance(fact.at)
        if isinstance(fact, MessageFact):
            return self._apply_to_message(fact)
        running = self.subscription
        if isinstance(fact, Subscribed):
            if (running is not None) is not isinstance(fact, Switched):
                return False
            self._forfeit_all(fact.at, Cause.SWITCH, fact.id)
            self._start(fact)
            return True
        return running is not None and self._apply_to_subscription(fact, running)

    def _start(self, fact: Subscribed) -> None:
        self.subscription = Subscription(fact.plan, fact.at, fact.seats)
        self._allot(fact.seats * fact.plan.grant_credits, fact.at, Cause.SCHEDULE, fact.id)

    def _apply_to_subscription(self, fact: Fact, running: Subscription) -> bool:
        match fact:
            case Cancelled():
                return self._cancel(fact, running)
            case Purchased():
                return self._purchase(fact, running)
            case SeatsChanged():
                return self._change_seats(fact, running)
            case SeatLimited():
                running.limits[fact.seat] = fact.credits_max
                return True
            case _:
                raise InvalidValueError("fact", fact, "of a kind the rulebook knows")

    def _cancel(self, fact: Cancelled, running: Subscription) -> bool:
        if running.ends_at is not None:
            return False
        if running.plan.cancel_at is CancelAt.AT_ONCE:
            self._forfeit_all(fact.at, Cause.CANCEL, fact.id)
            self.subscription = None
        else:
            running.ends_at = running.billing_period(fact.at)[1]
        return True

    def _purchase(self, fact: Purchased, running: Subscription) -> bool:
        if fact.credits > running.purchase_room(fact.at):
            return False
        running.purchases.append(fact)
        self._receive(fact.credits, fact.at, EntryKind.GRANTED, Cause.PURCHASE, fact_id=fact.id)
        return True

    def _change_seats(self, fact: SeatsChanged, running: Subscription) -> bool:
        if fact.seats > running.plan.seats_max:
            return False
        added = fact.seats - running.seats
        running.seats = fact.seats
        if added > 0 and running.plan.seat_grant is SeatGrant.AT_ONCE:
            self._allot(added * running.plan.grant_credits, fact.at, Cause.SEAT, fact.id)
        return True

    def _apply_to_message(self, fact: MessageFact) -> bool:
        if isinstance(fact, Sent):
            return self._send(fact)
        message = self.messages.get(fact.message_id)
        if message is None:
            return False
        running = self.subscription
        if running is None or message.settled or message.subscription is not running:
            return True
        match fact:
            case Replied():
                in_time = message.window_ends_at is None or fact.at < message.window_ends_at
                if fact.kind not in running.plan.refund_kinds or not in_time:
                    return True
                message.settled = True
                if running.plan.refund_on is RefundOn.REPLY:
                    self._give_back(fact.message_id, fact.at, Cause.REPLY, fact.id)
            case Withdrawn():
                message.settled = True
            case DeliveryFailed():
                self._give_back(fact.message_id, fact.at, Cause.DELIVERY_FAILURE, fact.id)
            case _:
                raise InvalidValueError("fact", fact, "of a kind the rulebook knows")
        return True

    def _send(self, fact: Sent) -> bool:
        if fact.message_id in self.messages:
            return False
        if fact.channel is not Channel.INMAIL:
            self.messages[fact.message_id] = Message(fact.at)
            return True
        room = self.seat_room(fact.seat)
        if self.subscription is None or not self.left or (room is not None and room < 1):
            return False
        credit = self.left[0]
        self._take(credit, fact.at, EntryKind.SPENT, Cause.SEND, message_id=fact.message_id, fact_id=fact.id)
        self.messages[fact.message_id] = Message(fact.at, credit, self.subscription, fact.seat)
        return True

    # How credits move.

    def _allot(self, credits_: int, at: datetime, cause: Cause, fact_id: str = "") -> None:
        """Trim what was carried over to the cap of all seats, then receive the allotment (D6)."""
        running = self.subscription
        if running is not None and running.plan.cap_credits is not None:
            excess = len(self.left) + credits_ - running.plan.cap_credits * running.seats
            for credit in self.left[: max(excess, 0)]:
                self._take(credit, at, EntryKind.FORFEITED, Cause.CAP, fact_id=fact_id)
        self._receive(credits_, at, EntryKind.GRANTED, cause, fact_id=fact_id)

    def _give_back(self, message_id: str, at: datetime, cause: Cause, fact_id: str = "") -> None:
        """Settle a message by giving its credit back, as the plan says (D7, D8)."""
        message = self.messages[message_id]
        message.settled = True
        if message.subscription is None or message.credit is None:
            return
        if message.subscription.plan.refund_to is RefundTo.FRESH:
            self._receive(1, at, EntryKind.REFUNDED, cause, message_id=message_id, fact_id=fact_id)
            return
        credit = message.credit
        if credit.expires_at is None or at < credit.expires_at:
            self._put(credit, Movement(at, EntryKind.REFUNDED, 1, credit.lot, cause, message_id, fact_id))

    def _receive(
        self,
        credits_: int,
        at: datetime,
        kind: EntryKind,
        cause: Cause,
        *,
        message_id: str = "",
        fact_id: str = "",
    ) -> None:
        """Receive a new lot; a lot of no credits is none."""
        if credits_ == 0 or self.subscription is None:
            return
        self.lots += 1
        days = self.subscription.plan.lifetime_days
        expires_at = None if days is None else days_after(at, days)
        for _ in range(credits_):
            credit = Credit(self.lots, at, expires_at)
            self.credits.append(credit)
            self._put(credit, Movement(at, kind, 1, self.lots, cause, message_id, fact_id))

    def _forfeit_all(self, at: datetime, cause: Cause, fact_id: str = "") -> None:
        for credit in list(self.left):
            self._take(credit, at, EntryKind.FORFEITED, cause, fact_id=fact_id)

    def _put(self, credit: Credit, movement: Movement) -> None:
        insort(self.left, credit, key=lambda each: each.burn_order)
        credit.history.append(movement)
        self.history.append(movement)

    def _take(
        self,
        credit: Credit,
        at: datetime,
        kind: EntryKind,
        cause: Cause,
        *,
        message_id: str = "",
        fact_id: str = "",
    ) -> None:
        movement = Movement(at, kind, 1, credit.lot, cause, message_id, fact_id)
        self.left.remove(credit)
        credit.history.append(movement)
        self.history.append(movement)


# Asking it.


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Facts in the order they count: by instant, then recorded number, then arrival (D13).

    Facts without a number are numbered after the largest given, as they arrive. A fact told twice is
    kept once, under its first number (D14).

    Raises:
        FactConflictError: for two facts with one id and different content.
    """

    def number(fact: Fact) -> tuple[bool, int]:
        return (fact.recorded is None, fact.recorded or 0)

    told: dict[str, Fact] = {}
    for fact in sorted(facts, key=number):
        if (known := told.setdefault(fact.id, fact)) != fact:
            raise FactConflictError(fact.id, known, fact)
    return sorted(told.values(), key=lambda fact: (fact.at, number(fact)))


@define(eq=False, init=False)
class Oracle:
    """The account that follows from facts given in any order, computed the slow way (D13).

    Every answer about an instant takes in all that happened at that very instant. Instants after the
    last fact assume no further facts. Instants are aware datetimes, or dates for their midnight UTC.

    ``facts`` holds the facts in their order; ``refused`` the ids of those impossible in their place.

    Raises:
        FactConflictError: for two facts with one id and different content (D14).
        NaiveInstantError: for an instant without a time zone.

    Example:
        >>> plan = Plan(name="own", grant_credits=2, lifetime_days=90)
        >>> oracle = Oracle([
        ...     Sent(at=date(2026, 2, 3), message_id="m-1"),
        ...     Subscribed(at=date(2026, 2, 1), plan=plan),
        ... ])
        >>> [oracle.balance(day) for day in (date(2026, 2, 2), date(2026, 2, 3), date(2026, 3, 1))]
        [2, 1, 3]
    """

    facts: tuple[Fact, ...]
    refused: set[str]
    _arrived: list[Fact]
    _run: Run

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._arrived = list(facts)
        self._live_through(in_order(self._arrived))

    def _live_through(self, facts: Sequence[Fact]) -> None:
        self.facts = tuple(facts)
        self._run = Run()
        self.refused = {fact.id for fact in facts if not self._run.apply(fact)}

    def tell(self, fact: Fact) -> bool:
        """Take in one more fact, as if it had been given last; whether it is possible in its place.

        Cheap for a fact that comes after all others and after every instant asked about; anything else
        starts over. A fact told twice changes nothing.

        Raises:
            FactConflictError: for an id already in use with other content; nothing changes.
        """
        facts = in_order([*self._arrived, fact])
        self._arrived.append(fact)
        if tuple(facts[:-1]) == self.facts and facts[-1] is fact and fact.at >= self._run.now:
            self.facts = tuple(facts)
            if not self._run.apply(fact):
                self.refused.add(fact.id)
        else:
            self._live_through(facts)
        return fact.id not in self.refused

    def balance(self, at: date) -> int:
        """The credits left at ``at``."""
        return len(self._left(at))

    def lots(self, at: date) -> list[LotLeft]:
        """What is left at ``at`` as (received_at, expires_at, credits left), in burn order (D4)."""
        left = Counter((credit.burn_order, credit.expires_at) for credit in self._left(at))
        return [
            (burn_order[1], expires_at, credits_)
            for (burn_order, expires_at), credits_ in sorted(left.items(), key=lambda item: item[0][0])
        ]

    def _left(self, at: date) -> list[Credit]:
        when = self._reach(at)
        return [credit for credit in self._run.credits if credit.is_left(when)]

    def movements(self, until: date) -> list[Movement]:
        """Every movement up to and including ``until``, in order; credits that moved together are one."""
        when = self._reach(until)
        together = Counter(movement for movement in self._run.history if movement.at <= when)
        return [evolve(movement, credits=credits_) for movement, credits_ in together.items()]

    def totals(self, start: date, end: date) -> dict[EntryKind, int]:
        """The credits that moved in ``start <= t < end``, for each of the five kinds."""
        begin = instant(start)
        return totals_of(m for m in self.movements(end) if begin <= m.at < instant(end))

    def refunded(self, message_id: str, until: date | None = None) -> datetime | None:
        """When the message's credit came back, by ``until`` or else by the last fact.

        ``None`` if nothing came back, a worthless refund (D7) and an unknown message included.
        """
        if until is None and not self.facts:
            return None
        for movement in self.movements(self.facts[-1].at if until is None else until):
            if movement.kind is EntryKind.REFUNDED and movement.message_id == message_id:
                return movement.at
        return None

    def boundaries(self, until: date) -> list[datetime]:
        """The instants at which anything happened up to and including ``until``: facts and movements."""
        when = instant(until)
        moved = {movement.at for movement in self.movements(when)}
        return sorted(moved | {fact.at for fact in self.facts if fact.at <= when})

    def _reach(self, at: date) -> datetime:
        when = instant(at)
        if when > self._run.now:
            self._run.advance(when)
        return when


# Laws for the movements of any ledger.


class Moved(Protocol):
    """What the laws read of a movement; an ``Entry`` and a :class:`Movement` both have it."""

    @property
    def at(self) -> datetime: ...  # noqa: D102
    @property
    def kind(self) -> EntryKind: ...  # noqa: D102
    @property
    def credits(self) -> int: ...  # noqa: D102
    @property
    def lot(self) -> int: ...  # noqa: D102
    @property
    def cause(self) -> Cause: ...  # noqa: D102
    @property
    def message_id(self) -> str: ...  # noqa: D102


def summed(movements: Iterable[Moved]) -> Counter[tuple[datetime, EntryKind, Cause, str]]:
    """Credits moved for each (at, kind, cause, message_id): the figure two ledgers must agree on."""
    sums: Counter[tuple[datetime, EntryKind, Cause, str]] = Counter()
    for movement in movements:
        sums[movement.at, movement.kind, movement.cause, movement.message_id] += movement.credits
    return sums


def totals_of(movements: Iterable[Moved]) -> dict[EntryKind, int]:
    """Credits moved for each of the five kinds."""
    totals = dict.fromkeys(EntryKind, 0)
    for movement in movements:
        totals[movement.kind] += movement.credits
    return totals


def broken_conservation(movements: Iterable[Moved], *, balance: int) -> list[str]:
    """The law ``granted + refunded - spent - expired - forfeited = balance``; what breaks it, or nothing."""
    totals = totals_of(movements)
    net = sum(credits_ if kind in INFLOWS else -credits_ for kind, credits_ in totals.items())
    return [] if net == balance else [f"movements add up to {net}, but the balance is {balance}: {totals}"]


def broken_bounds(movements: Iterable[Moved]) -> list[str]:
    """The law that movements come in time order and no lot goes below 0 or above what it received."""
    broken = []
    sizes: dict[int, int] = {}
    left: Counter[int] = Counter()
    last: datetime | None = None
    for movement in movements:
        if last is not None and movement.at < last:
            broken.append(f"{movement} comes after {last}")
        last = movement.at
        inward = movement.kind in INFLOWS
        size = sizes.setdefault(movement.lot, movement.credits if inward else 0)
        left[movement.lot] += movement.credits if inward else -movement.credits
        if movement.credits < 1 or not 0 <= left[movement.lot] <= size:
            broken.append(f"{movement} leaves {left[movement.lot]} in a lot of {size}")
    return broken


def broken_refunds(movements: Iterable[Moved]) -> list[str]:
    """The law that a message costs one credit once and gives back at most that, later (R4, D8)."""
    broken = []
    spent: Counter[str] = Counter()
    refunded: Counter[str] = Counter()
    for movement in movements:
        if movement.kind is EntryKind.SPENT:
            spent[movement.message_id] += movement.credits
        if movement.kind is EntryKind.REFUNDED:
            refunded[movement.message_id] += movement.credits
        if not refunded[movement.message_id] <= spent[movement.message_id] <= 1 and movement.message_id:
            broken.append(
                f"{movement}: spent {spent[movement.message_id]}, refunded {refunded[movement.message_id]}"
            )
        if movement.kind in {EntryKind.SPENT, EntryKind.REFUNDED} and not movement.message_id:
            broken.append(f"{movement} names no message")
    return broken


def broken_lots(lots: Iterable[LotLeft], *, at: datetime, balance: int) -> list[str]:
    """The law that lots add up to the balance, are live (D2, D3) and not empty, in burn order (D4)."""
    listed = list(lots)
    broken = [
        f"lot {lot} is not live with credits left at {at}"
        for lot in listed
        if lot[2] < 1 or lot[0] > at or (lot[1] is not None and lot[1] <= at)
    ]
    order = [(expires_at or END_OF_TIME, received_at) for received_at, expires_at, _ in listed]
    if order != sorted(order):
        broken.append(f"not in burn order: {listed}")
    if sum(lot[2] for lot in listed) != balance:
        broken.append(f"lots do not add up to the balance of {balance}: {listed}")
    return broken

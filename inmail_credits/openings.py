"""What an account may begin with: lots, open messages, seats and purchases, as parts of ``Opened`` (D17).

They are plain values. What must fit together (a message and the lot that paid for it, a lot and the instant
the account begins) is checked by :func:`check_parts`, for :class:`inmail_credits.facts.Opened`.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from attrs import field, frozen

from inmail_credits._inputs import Choice, as_instance, as_items, as_text, as_truth, whole, whole_or_none
from inmail_credits._values import shown_by_field
from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.plans import CREDITS_MAX, Plan, RefundOn
from inmail_credits.timeline import AnyInstant, instant

LOT_NUMBER_MAX = 2**53 - 1
_FACT_ID_LENGTH_MAX = 300

T = TypeVar("T")


class LotOrigin(Choice):
    """What brought a lot that an account begins with."""

    OPENING = "opening"
    """Not known: only the balance is."""
    SCHEDULE = "schedule"
    SEAT = "seat"
    PURCHASE = "purchase"
    REPLY = "reply"
    SILENCE = "silence"
    DELIVERY_FAILURE = "delivery_failure"


class Ages(Choice):
    """How old the credits of a bare balance are taken to be: which scheduled grants they are left of."""

    NEWEST = "newest"
    """Of the latest grants: the soonest to expire burn first (D4), so these are what burning leaves."""
    OLDEST = "oldest"
    """Of the earliest grants that are still alive: the balance that expires soonest."""
    SPREAD = "spread"
    """As evenly as whole credits go over all grants that are still alive; odd ones in the latest."""


def _received_at(value: AnyInstant) -> datetime:
    return instant(value, what="received_at")


def _sent_at(value: AnyInstant) -> datetime:
    return instant(value, what="sent_at")


def _expires_at(value: "AnyInstant | None") -> datetime | None:
    return None if value is None else instant(value, what="expires_at")


@frozen(kw_only=True, repr=False)
class OpeningLot:
    """A lot that an account begins with (D17).

    Fields:
        number: its number, 1 or more; later lots are numbered on from the highest.
        received_at: when it was received; it burns by its expiry, then by this (D4).
        expires_at: when it expires, as it was received (R8, D16); ``None`` for never.
        credits: how many it brought, 1 or more.
        left: how many of them are left. 0 where it only matters that it paid for an open message.
        origin: what brought it.

    Raises:
        InvalidValueError: for a value outside its limits, ``left`` above ``credits``, or an expiry that is
            not after the receipt.
        NaiveInstantError: for an instant without a time zone.

    Example:
        >>> from datetime import UTC
        >>> start = datetime(2026, 1, 5, tzinfo=UTC)
        >>> OpeningLot(number=1, received_at=start, expires_at=None, credits=3, left=2).origin.value
        'opening'
    """

    number: int = field(validator=whole(1, LOT_NUMBER_MAX))
    received_at: datetime = field(converter=_received_at)
    expires_at: datetime | None = field(converter=_expires_at)
    credits: int = field(validator=whole(1, CREDITS_MAX))
    left: int = field(validator=whole(0, CREDITS_MAX))
    origin: LotOrigin = field(default=LotOrigin.OPENING, converter=LotOrigin)

    __repr__ = shown_by_field

    def __attrs_post_init__(self) -> None:
        if self.left > self.credits:
            raise InvalidValueError(
                "left", self.left, f"at most the {self.credits} credits that lot {self.number} brought"
            )
        if self.expires_at is not None and self.expires_at <= self.received_at:
            raise InvalidValueError(
                "expires_at", stamp(self.expires_at), f"after the receipt, {stamp(self.received_at)}, or None"
            )


@frozen(kw_only=True, repr=False)
class OpeningMessage:
    """A message whose credit may still come back when an account begins (D17).

    Fields:
        message_id: the caller's, unique in the account.
        sent_at: when it was sent.
        lot: the number of the lot that paid for it.
        seat: the seat that sent it, if one did.
        answered: whether a reply that gave nothing back stands before: it proves delivery (D11).
        plan: the plan it was sent under, where that is not the plan of the opening (D16, D12).
        fact_id: the id of the fact of its sending; ``None`` for the id that fact has by default.

    Raises:
        InvalidValueError: for a value outside its limits.
        NaiveInstantError: for an instant without a time zone.
    """

    message_id: str
    sent_at: datetime = field(converter=_sent_at)
    lot: int = field(validator=whole(1, LOT_NUMBER_MAX))
    seat: str | None = None
    answered: bool = False
    plan: Plan | None = None
    fact_id: str | None = None

    __repr__ = shown_by_field

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "message_id", as_text("message id", self.message_id))
        if self.seat is not None:
            object.__setattr__(self, "seat", as_text("seat", self.seat))
        object.__setattr__(self, "answered", as_truth("answered", self.answered))
        if self.plan is not None:
            as_instance("plan", self.plan, Plan, "a Plan or None")
        if self.fact_id is not None:
            fact_id = as_text("fact id", self.fact_id, length_max=_FACT_ID_LENGTH_MAX)
            object.__setattr__(self, "fact_id", fact_id)


@frozen(kw_only=True, repr=False)
class OpeningSeat:
    """What a seat of a contract has sent since the last scheduled grant, and its limit (D17, D20).

    Fields:
        seat: its name.
        spent: the InMails it sent in that span.
        credits_max: the most it may send in it; ``None`` for no limit.

    Raises:
        InvalidValueError: for a value outside its limits.
    """

    seat: str
    spent: int = field(default=0, validator=whole(0, CREDITS_MAX))
    credits_max: int | None = field(default=None, validator=whole_or_none(0, CREDITS_MAX))

    __repr__ = shown_by_field

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "seat", as_text("seat", self.seat))


@frozen(kw_only=True, repr=False)
class OpeningPurchase:
    """Credits bought before an account begins; they count against what the plan sells (D17).

    Fields:
        at: when they were bought.
        credits: how many, 1 or more.

    Raises:
        InvalidValueError: for a value outside its limits.
        NaiveInstantError: for an instant without a time zone.
    """

    at: datetime = field(converter=instant)
    credits: int = field(validator=whole(1, CREDITS_MAX))

    __repr__ = shown_by_field


def as_anchor(value: "AnyInstant | None") -> datetime | None:
    """The instant that dates are counted from, if there is one."""
    return None if value is None else instant(value, what="anchor_at")


def as_end(value: "AnyInstant | None") -> datetime | None:
    """The instant at which a subscription ends, if it is known."""
    return None if value is None else instant(value, what="ends_at")


def as_lots(values: Iterable[OpeningLot]) -> tuple[OpeningLot, ...]:
    """Any collection of lots as a tuple."""
    return _parts("lots", OpeningLot, values)


def as_messages(values: Iterable[OpeningMessage]) -> tuple[OpeningMessage, ...]:
    """Any collection of messages as a tuple."""
    return _parts("messages", OpeningMessage, values)


def as_purchases(values: Iterable[OpeningPurchase]) -> tuple[OpeningPurchase, ...]:
    """Any collection of purchases as a tuple."""
    return _parts("purchases", OpeningPurchase, values)


def as_seat_uses(values: Iterable[OpeningSeat]) -> tuple[OpeningSeat, ...]:
    """Any collection of seats as a tuple."""
    return _parts("seat_uses", OpeningSeat, values)


def _parts(what: str, cls: type[T], values: object) -> tuple[T, ...]:
    items = as_items(what, values, f"a list of {cls.__name__}", count_max=None)
    return tuple([as_instance(what, value, cls, f"a {cls.__name__} in each place") for value in items])


def check_parts(
    at: datetime,
    plan: Plan,
    lots: tuple[OpeningLot, ...],
    messages: tuple[OpeningMessage, ...],
    purchases: tuple[OpeningPurchase, ...],
    seat_uses: tuple[OpeningSeat, ...],
) -> None:
    """Refuse parts of an opening at ``at`` under ``plan`` that contradict each other or the instant.

    Raises:
        InvalidValueError: with the part, its value and what would fit.
    """
    _check_lots(at, lots)
    _check_messages(at, plan, {lot.number: lot for lot in lots}, messages)
    _in_order("purchases", [(purchase.at, "a purchase") for purchase in purchases], at)
    seats = [use.seat for use in seat_uses]
    if seats != sorted(set(seats)):
        raise InvalidValueError("seat_uses", seats, "ordered by name, each once")


def _check_lots(at: datetime, lots: tuple[OpeningLot, ...]) -> None:
    highest = 0
    for lot in lots:
        if lot.number <= highest:
            raise InvalidValueError("lots", lot.number, "numbers in ascending order, each once")
        highest = lot.number
        if lot.received_at > at:
            raise InvalidValueError(
                f"received_at of lot {lot.number}", stamp(lot.received_at), f"by the opening, {stamp(at)}"
            )
        if lot.left and lot.expires_at is not None and lot.expires_at < at:
            raise InvalidValueError(
                f"expires_at of lot {lot.number}",
                stamp(lot.expires_at),
                f"at or after the opening, {stamp(at)}, where credits are left",
            )


def _check_messages(
    at: datetime, plan: Plan, lots: dict[int, OpeningLot], messages: tuple[OpeningMessage, ...]
) -> None:
    _in_order("messages", [(message.sent_at, repr(message.message_id)) for message in messages], at)
    if len({message.message_id for message in messages}) < len(messages):
        counted = Counter(message.message_id for message in messages)
        raise InvalidValueError("messages", counted.most_common(1)[0][0], "each id once")
    for message in messages:
        lot, about = lots.get(message.lot), f"message {message.message_id!r}"
        if lot is None or not _was_live(lot, message.sent_at):
            raise InvalidValueError(
                f"lot of {about}", message.lot, "the number of a lot of this opening, live when it was sent"
            )
        terms = plan if message.plan is None else message.plan
        window = terms.reply_window
        if terms.refund_on is RefundOn.SILENCE and window is not None and message.sent_at + window < at:
            raise InvalidValueError(
                f"sent_at of {about}",
                stamp(message.sent_at),
                f"at most {terms.reply_window_days} days ago: silence has given its credit back before",
            )
    spent = Counter(message.lot for message in messages)
    for number, count in spent.items():
        lot = lots[number]
        if lot.left + count > lot.credits:
            raise InvalidValueError(
                f"lot {number}",
                f"{lot.left} left and {count} open messages",
                f"at most the {lot.credits} credits it brought, together",
            )


def _was_live(lot: OpeningLot, at: datetime) -> bool:
    return lot.received_at <= at and (lot.expires_at is None or at < lot.expires_at)


def _in_order(what: str, instants: list[tuple[datetime, str]], end: datetime) -> None:
    before = None
    for at, name in instants:
        if at > end or (before is not None and at < before):
            raise InvalidValueError(
                f"instant of {name} in {what}", stamp(at), f"in order, and by the opening, {stamp(end)}"
            )
        before = at

"""Facts: what happened, as reported from outside. They are all that is stored.

A fact is an immutable value with an instant, an id, and the number under which it was recorded. An account is
rebuilt, audited and merged from its facts, in whatever order they arrive: it is a function of them ordered by
(``at``, ``recorded``) (D13).

Every fact has an ``id``. Left empty it is made of the content, so that the same event reported twice is one
fact, and reported with other content is a conflict (D14). ``recorded`` is given by the account; facts without
one are numbered in the order they come.
"""

from datetime import datetime
from typing import ClassVar, Final, Self

from attrs import evolve, field, frozen

from inmail_credits._inputs import as_instance, as_text, as_whole, whole, whole_or_none
from inmail_credits._values import shown_by_field
from inmail_credits.channels import Channel
from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.openings import (
    LOT_NUMBER_MAX,
    OpeningLot,
    OpeningMessage,
    OpeningPurchase,
    OpeningSeat,
    as_anchor,
    as_end,
    as_lots,
    as_messages,
    as_purchases,
    as_seat_uses,
    check_parts,
)
from inmail_credits.plans import CREDITS_MAX, Plan, ReplyKind
from inmail_credits.timeline import instant

RECORDED_MAX = 2**53 - 1

Place = tuple[datetime, bool, int, bool, str]
"""What facts are ordered by (D13): the instant; an opening first, as it states what was known just before its
instant (D17); the recorded number; at equal numbers first sendings and all that is about no message, then
what is about one, so that no answer stands before its message; the id."""


def _channel(value: Channel | str) -> Channel:
    return value if type(value) is Channel else Channel(value)


def _reply_kind(value: ReplyKind | str) -> ReplyKind:
    return value if type(value) is ReplyKind else ReplyKind(value)


@frozen(kw_only=True, repr=False)
class Fact:
    """What all facts share: ``at`` (aware; normalised to UTC), ``id`` and ``recorded``.

    Raises:
        NaiveInstantError: if ``at`` has no time zone (D1).
        InvalidValueError: for any other value outside its limits.
    """

    type: ClassVar[str] = ""
    follows: ClassVar[bool] = False
    """Whether this is about a message sent before: at equal numbers it comes after other facts (D13)."""
    begins: ClassVar[bool] = False
    """Whether an account begins with it: it comes before all other facts of its instant (D17)."""
    at: datetime = field(converter=instant)
    id: str = ""
    recorded: int | None = field(default=None, eq=False)

    def __attrs_post_init__(self) -> None:
        if not self.type:
            raise InvalidValueError("fact", type(self).__name__, "of a kind, such as Sent or Replied")
        given = self.id
        wanted = given if type(given) is not str or given else self._default_id()
        plain = as_text("fact id", wanted, length_max=ID_LENGTH_MAX)
        if plain is not given:
            object.__setattr__(self, "id", plain)
        recorded = self.recorded
        if recorded is not None and (type(recorded) is not int or not 0 <= recorded <= RECORDED_MAX):
            object.__setattr__(self, "recorded", as_whole("recorded", recorded, 0, RECORDED_MAX))

    __repr__ = shown_by_field

    def numbered(self, recorded: int) -> Self:
        """This fact under the number ``recorded``, unless it has one already."""
        return self if self.recorded is not None else evolve(self, recorded=recorded)

    def place(self, recorded: int) -> Place:
        """Where this fact stands among others, under that number unless it has one already (D13)."""
        number = recorded if self.recorded is None else self.recorded
        return (self.at, not self.begins, number, self.follows, self.id)

    def _default_id(self) -> str:
        return f"{self.type}:{stamp(self.at)}"


@frozen(kw_only=True, repr=False)
class Subscribed(Fact):
    """A subscription starts: the plan grants at once, and on its schedule from then on (R3).

    Fields:
        plan: its terms. They travel with the fact, so that an old log replays under its own rules.
        seats: the seats of a contract, 1 to the plan's ``seats_max``.
    """

    type: ClassVar[str] = "subscribed"
    plan: Plan
    seats: int = field(default=1, validator=whole(1, CREDITS_MAX))

    def __attrs_post_init__(self) -> None:
        Fact.__attrs_post_init__(self)
        as_instance("plan", self.plan, Plan, "a Plan")
        if self.seats > self.plan.seats_max:
            raise InvalidValueError(
                "seats", self.seats, f"at most the {self.plan.seats_max} of plan {self.plan.name!r}"
            )


class Switched(Subscribed):
    """The subscription changes plan: what is left is forfeited, the new plan grants at once (D12).

    It is a :class:`Subscribed` as well; where code tells the two apart, it asks for this one first.
    """

    __slots__ = ()
    type: ClassVar[str] = "switched"


@frozen(kw_only=True, repr=False)
class TermsChanged(Fact):
    """The provider changed the terms of the running subscription (D16): ``plan`` holds from here on.

    The subscription, its anchor and its seats go on. Grant and billing dates are those of the new plan,
    counted from the same anchor; grants, cap, purchases and the lifetime and place of new lots (refunds
    included) follow it. Credits held keep the expiry they were received with, and nothing is granted or
    trimmed at once. A message keeps what decides its refund as it was sent: the window, the kinds, and
    whether a reply or silence gives the credit back.
    """

    type: ClassVar[str] = "terms_changed"
    plan: Plan

    def __attrs_post_init__(self) -> None:
        Fact.__attrs_post_init__(self)
        as_instance("plan", self.plan, Plan, "a Plan")


class Cancelled(Fact):
    """The subscription ends with its billing period, or at once, as the plan says (D12)."""

    __slots__ = ()
    type: ClassVar[str] = "cancelled"


@frozen(kw_only=True, repr=False)
class Purchased(Fact):
    """Extra credits were bought, where the plan sells them: ``credits``, 1 to 1,000,000."""

    type: ClassVar[str] = "purchased"
    credits: int = field(validator=whole(1, CREDITS_MAX))

    def _default_id(self) -> str:
        return f"{self.type}:{self.credits}:{stamp(self.at)}"


@frozen(kw_only=True, repr=False)
class MessageFact(Fact):
    """A fact about one message: ``message_id``, the caller's, unique in the account; 1 to 200 characters."""

    follows: ClassVar[bool] = True
    message_id: str

    def __attrs_post_init__(self) -> None:
        message_id = as_text("message id", self.message_id, length_max=MESSAGE_ID_LENGTH_MAX)
        if message_id is not self.message_id:
            object.__setattr__(self, "message_id", message_id)
        Fact.__attrs_post_init__(self)

    def _default_id(self) -> str:
        return f"{self.type}:{self.message_id}:{stamp(self.at)}"


@frozen(kw_only=True, repr=False)
class Sent(MessageFact):
    """A message was sent. Through the InMail channel it costs one credit (R4), through any other none.

    Fields:
        channel: the way it went; an InMail by default.
        seat: the name of the seat that sent it, of a contract; 1 to 200 characters.

    Example:
        >>> from datetime import UTC
        >>> Sent(message_id="m-1", at=datetime(2026, 2, 2, tzinfo=UTC)).id
        'sent:m-1'
    """

    type: ClassVar[str] = "sent"
    follows: ClassVar[bool] = False
    channel: Channel = field(default=Channel.INMAIL, converter=_channel)
    seat: str | None = None

    def __attrs_post_init__(self) -> None:
        MessageFact.__attrs_post_init__(self)
        if self.seat is not None:
            object.__setattr__(self, "seat", as_text("seat", self.seat, length_max=SEAT_LENGTH_MAX))

    def _default_id(self) -> str:
        return f"{self.type}:{self.message_id}"


@frozen(kw_only=True, repr=False)
class Replied(MessageFact):
    """The recipient answered, one way or another (R5, D9). Each reply is a fact of its own (D8)."""

    type: ClassVar[str] = "replied"
    kind: ReplyKind = field(default=ReplyKind.MESSAGE, converter=_reply_kind)


class Withdrawn(MessageFact):
    """The sender took the message back: nothing is refunded, then or later (R9, D8)."""

    __slots__ = ()
    type: ClassVar[str] = "withdrawn"


class DeliveryFailed(MessageFact):
    """The message never arrived: its credit comes back (D11)."""

    __slots__ = ()
    type: ClassVar[str] = "delivery_failed"


@frozen(kw_only=True, repr=False)
class SeatsChanged(Fact):
    """The contract has so many ``seats``, 1 to its plan's ``seats_max``; grants and cap follow (D20)."""

    type: ClassVar[str] = "seats_changed"
    seats: int = field(validator=whole(1, CREDITS_MAX))


@frozen(kw_only=True, repr=False)
class SeatLimited(Fact):
    """What a seat may send from one scheduled grant to the next (D20).

    Fields:
        seat: its name.
        credits_max: the most InMails, 0 to 1,000,000; ``None`` lifts the limit.
    """

    type: ClassVar[str] = "seat_limited"
    seat: str
    credits_max: int | None = field(default=None, validator=whole_or_none(0, CREDITS_MAX))

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "seat", as_text("seat", self.seat, length_max=SEAT_LENGTH_MAX))
        Fact.__attrs_post_init__(self)

    def _default_id(self) -> str:
        return f"{self.type}:{self.seat}:{stamp(self.at)}"


@frozen(kw_only=True, repr=False)
class Opened(Fact):
    """An account begins with what is known of it just before ``at`` (D17).

    What time brings at ``at`` itself (expiry, end, grant, silence: D6) follows, then the facts of that
    instant. Facts before ``at`` are refused: what happened then is unknown. A fact about a message that is
    neither among ``messages`` nor sent since is recorded and moves nothing: such a message was settled, or
    free, before.

    Fields:
        plan: the plan of the running subscription. Where none is running, that of the one that ended last:
            then ``ends_at`` is before ``at``, and there are no lots, messages, purchases and seats. ``None``
            if there was none, or if it is not known.
        anchor_at: the instant from which grant and billing dates are counted (D5): the start of the
            subscription, or any date on which its billing period begins. Needed where a plan is.
        seats: the seats of the contract.
        seats_most: the most seats there were since the last scheduled grant (D20); 0 for ``seats``.
        ends_at: when the subscription ends, if it is cancelled (D12), or has ended.
        lots: the lots with credits left, and those that paid for ``messages``, by ascending number.
        last_lot: the number of the last lot there ever was; 0 for the highest in ``lots``.
        messages: those whose credit may still come back, in the order they were sent.
        purchases: what was bought in the billing period, in order.
        seat_uses: what each seat sent since the last scheduled grant, and its limit, by name.
        subscriptions: how many subscriptions there ever were, the running one included.

    Raises:
        InvalidValueError: for a value outside its limits, or parts that contradict each other.
        NaiveInstantError: for an instant without a time zone.
    """

    type: ClassVar[str] = "opened"
    begins: ClassVar[bool] = True
    plan: Plan | None
    anchor_at: datetime | None = field(default=None, converter=as_anchor)
    seats: int = field(default=1, validator=whole(1, CREDITS_MAX))
    seats_most: int = field(default=0, validator=whole(0, CREDITS_MAX))
    ends_at: datetime | None = field(default=None, converter=as_end)
    lots: tuple[OpeningLot, ...] = field(default=(), converter=as_lots)
    last_lot: int = field(default=0, validator=whole(0, LOT_NUMBER_MAX))
    messages: tuple[OpeningMessage, ...] = field(default=(), converter=as_messages)
    purchases: tuple[OpeningPurchase, ...] = field(default=(), converter=as_purchases)
    seat_uses: tuple[OpeningSeat, ...] = field(default=(), converter=as_seat_uses)
    subscriptions: int = field(default=1, validator=whole(0, CREDITS_MAX))

    def __attrs_post_init__(self) -> None:
        Fact.__attrs_post_init__(self)
        if not self.seats_most:
            object.__setattr__(self, "seats_most", self.seats)
        highest = max((lot.number for lot in self.lots), default=0)
        if not self.last_lot:
            object.__setattr__(self, "last_lot", highest)
        if self.last_lot < highest:
            raise InvalidValueError(
                "last_lot", self.last_lot, f"at least the highest number, {highest}, or 0"
            )
        if self.plan is None:
            self._check_nothing_runs("anchor_at", "ends_at")
        else:
            self._check_subscription(as_instance("plan", self.plan, Plan, "a Plan, or None"))

    @property
    def has_ended(self) -> bool:
        """Whether the subscription it names is over: what remains of it is how its dates are counted."""
        return self.ends_at is not None and self.ends_at < self.at

    def _check_nothing_runs(self, *further: str) -> None:
        for what in (*further, "lots", "messages", "purchases", "seat_uses"):
            if value := getattr(self, what):
                raise InvalidValueError(what, value, "left out where no subscription is running")

    def _check_subscription(self, plan: Plan) -> None:
        if self.anchor_at is None:
            raise InvalidValueError("anchor_at", None, "given where a subscription is running")
        if not self.seats <= self.seats_most <= plan.seats_max:
            raise InvalidValueError(
                "seats, seats_most",
                (self.seats, self.seats_most),
                f"in that order, and at most the {plan.seats_max} of plan {plan.name!r}",
            )
        if self.has_ended:
            self._check_nothing_runs()
        if self.subscriptions < 1:
            raise InvalidValueError("subscriptions", self.subscriptions, "1 or more where one is running")
        check_parts(self.at, plan, self.lots, self.messages, self.purchases, self.seat_uses)


MESSAGE_ID_LENGTH_MAX: Final = 200
SEAT_LENGTH_MAX: Final = 200
ID_LENGTH_MAX: Final = 300

FACT_TYPES: Final[dict[str, type[Fact]]] = {
    cls.type: cls
    for cls in (
        Opened,
        Subscribed,
        Switched,
        TermsChanged,
        Cancelled,
        Purchased,
        Sent,
        Replied,
        Withdrawn,
        DeliveryFailed,
        SeatsChanged,
        SeatLimited,
    )
}
"""Every kind of fact by its name on the wire."""

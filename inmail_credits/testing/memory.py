"""What the oracle remembers: each credit an object of its own, and dates by its own arithmetic (D2, D5)."""

from calendar import monthrange
from copy import copy
from datetime import UTC, datetime, timedelta

from attrs import define, field, frozen

from inmail_credits.facts import (
    Purchased,
)
from inmail_credits.ledger.entries import INFLOWS, Cause, EntryKind
from inmail_credits.plans import GrantOn, Plan
from inmail_credits.timeline import YEAR_MIN, Interval

START_OF_TIME = datetime(YEAR_MIN, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
LotLeft = tuple[datetime, datetime | None, int]
"""When it was received, when it expires (``None`` for never), and how many credits are left."""


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
    """One running subscription and what is counted in it.

    ``refreshed_at`` is the last scheduled grant, ``seats_most`` the most seats there were since (D20).
    """

    plan: Plan
    start: datetime
    seats: int
    ends_at: datetime | None = None
    grants: int = 0
    refreshed_at: datetime = field(init=False)
    seats_most: int = field(init=False)
    purchases: list[Purchased] = field(factory=list)
    limits: dict[str, int | None] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.refreshed_at = self.start
        self.seats_most = self.seats

    def copy(self) -> "Subscription":
        """The same subscription, counted on its own from here."""
        other = copy(self)
        other.purchases, other.limits = [*self.purchases], {**self.limits}
        return other

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
    """One message that was sent; a free one has neither a credit nor a subscription.

    ``settled`` says that nothing comes back for it any more, ``answered`` that it was delivered (D11).
    """

    sent_at: datetime
    credit: Credit | None = None
    subscription: Subscription | None = None
    seat: str | None = None
    settled: bool = False
    answered: bool = False

    @property
    def window_ends_at(self) -> datetime | None:
        """The end of its reply window (D10), if it was paid for and the plan has one."""
        if self.subscription is None or self.subscription.plan.reply_window_days is None:
            return None
        return days_after(self.sent_at, self.subscription.plan.reply_window_days)

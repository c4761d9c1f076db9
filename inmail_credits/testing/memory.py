"""What the oracle remembers: each credit an object of its own, and dates by its own arithmetic (D2, D5)."""

from calendar import monthrange
from collections import Counter
from copy import copy
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import define, field, frozen

from inmail_credits.ledger.entries import INFLOWS, Cause, EntryKind
from inmail_credits.plans import FirstGrant, GrantOn, Plan
from inmail_credits.timeline import YEAR_MIN, Interval

START_OF_TIME = datetime(YEAR_MIN, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
"""The least difference between two instants."""
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
LotLeft = tuple[datetime, datetime | None, int]
"""When it was received, when it expires (``None`` for never), and how many credits are left."""


def days_after(at: datetime, days: int) -> datetime:
    """The instant ``days`` times 24 hours after ``at`` (D2)."""
    return at + timedelta(hours=24 * days)


def wall_clock(at: datetime, zone: str) -> datetime:
    """What a clock on the wall shows there then, without a time zone."""
    local = at if zone == "UTC" else at.astimezone(ZoneInfo(zone))
    return local.replace(tzinfo=None, fold=0)


def shown_at(wall: datetime, zone: str) -> datetime:
    """The instant at which a clock on the wall there shows that (D18).

    Of a time shown twice it is the first; a time that is skipped is as far behind the gap as it lies in it.

    Example:
        >>> shown_at(datetime(2026, 3, 29, 2, 30), "Europe/Berlin").isoformat()
        '2026-03-29T01:30:00+00:00'
        >>> shown_at(datetime(2026, 10, 25, 2, 30), "Europe/Berlin").isoformat()
        '2026-10-25T00:30:00+00:00'
    """
    utc = wall.replace(tzinfo=UTC)
    if zone == "UTC":
        return utc
    around = [(utc + timedelta(hours=hours)).astimezone(ZoneInfo(zone)).utcoffset() for hours in (-36, 36)]
    tried = sorted(utc - offset for offset in around if offset is not None)
    return next((at for at in tried if wall_clock(at, zone) == wall), tried[-1])


def date_of(anchor: datetime, every: Interval, number: int, zone: str = "UTC") -> datetime:
    """The date with that number, 0 or more, counted from the anchor on the calendar of the zone (D5, D18).

    A month too short clamps; days are those of the calendar, of 23 to 25 hours at a clock change.

    Example:
        >>> [date_of(datetime(2026, 1, 31, tzinfo=UTC), Interval(months=1), n).day for n in (0, 1, 2)]
        [31, 28, 31]
        >>> date_of(datetime(2026, 3, 1, tzinfo=UTC), Interval(months=1), 1, "Europe/Berlin").isoformat()
        '2026-03-31T23:00:00+00:00'
    """
    if number == 0:
        return anchor
    wall = wall_clock(anchor, zone)
    if every.days:
        return shown_at(days_after(wall, every.days * number), zone)
    year, month = divmod(wall.year * 12 + (wall.month - 1) + every.months * number, 12)
    day = min(wall.day, monthrange(year, month + 1)[1])
    return shown_at(wall.replace(year=year, month=month + 1, day=day), zone)


def grant_date(plan: Plan, start: datetime, number: int) -> datetime:
    """The scheduled grant with that number, 1 or more, of a subscription that started then (R3, D5, D18).

    The grant on subscribing is not among them.
    """
    if plan.grant_on is GrantOn.CALENDAR:
        wall = wall_clock(start, plan.zone)
        year, month = divmod(wall.year * 12 + (wall.month - 1) + number, 12)
        return shown_at(datetime(year, month + 1, 1), plan.zone)  # noqa: DTZ001 - a clock on the wall has no zone
    return date_of(start, plan.grant_every, number, plan.zone)


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


def first_allotment(plan: Plan, start: datetime) -> int:
    """What subscribing brings each seat: all of the allotment, or the share of the month's days left (D5)."""
    if plan.first_grant is FirstGrant.FULL:
        return plan.grant_credits
    today = wall_clock(start, plan.zone)
    days = monthrange(today.year, today.month)[1]
    return plan.grant_credits * (days - today.day + 1) // days


@define(eq=False)
class Subscription:
    """One running subscription and what is counted in it.

    Dates are counted from ``start``, which an opening may put at any of them (D17). ``grants`` is the number
    of the last grant date, ``seats_most`` the most seats there were since (D20), and ``sent`` what each seat
    sent since. ``bought`` tells when how many credits were bought, as far as it still counts against what the
    plan sells.
    """

    plan: Plan
    start: datetime
    seats: int
    ends_at: datetime | None = None
    grants: int = 0
    seats_most: int = field(init=False)
    bought: list[tuple[datetime, int]] = field(factory=list)
    limits: dict[str, int | None] = field(factory=dict)
    sent: Counter[str] = field(factory=Counter)

    def __attrs_post_init__(self) -> None:
        self.seats_most = self.seats

    def copy(self) -> "Subscription":
        """The same subscription, counted on its own from here."""
        other = copy(self)
        other.bought, other.limits, other.sent = [*self.bought], {**self.limits}, Counter(self.sent)
        return other

    @property
    def next_grant_at(self) -> datetime:
        """When the next scheduled grant is due, if the subscription lasts."""
        return grant_date(self.plan, self.start, self.grants + 1)

    def count_grants(self, at: datetime) -> None:
        """Take every grant date up to and including ``at`` as past; dates that fall together are one."""
        while grant_date(self.plan, self.start, self.grants) > at:
            self.grants -= 1
        while self.next_grant_at <= at:
            self.grants += 1

    def refresh(self, at: datetime) -> None:
        """Begin the counts that a scheduled grant begins anew (D20)."""
        self.count_grants(at)
        self.seats_most = self.seats
        self.sent.clear()

    def billing_period(self, at: datetime) -> tuple[datetime, datetime]:
        """The half-open billing period that holds ``at``, counted from the start (D5, D12, D18)."""

        def date(number: int) -> datetime:
            return date_of(self.start, self.plan.billing_every, number, self.plan.zone)

        number = 0
        while date(number) > at:
            number -= 1
        while date(number + 1) <= at:
            number += 1
        return date(number), date(number + 1)

    def change_plan(self, plan: Plan, at: datetime) -> None:
        """Follow other terms (D16): what was bought in billing periods that are over counts no more."""
        self.bought = self.still_counted(at)
        self.plan = plan
        self.count_grants(at)

    def still_counted(self, at: datetime) -> list[tuple[datetime, int]]:
        """What was bought and may still count: all but what came before the billing period of ``at``."""
        begin, _ = self.billing_period(at)
        return [(bought_at, credits_) for bought_at, credits_ in self.bought if bought_at >= begin]

    def purchase_room(self, at: datetime) -> int:
        """How many credits may still be bought in the billing period that holds ``at``."""
        begin, end = self.billing_period(at)
        return self.plan.purchase_credits_max - sum(
            credits_ for bought_at, credits_ in self.bought if begin <= bought_at < end
        )


@define(eq=False)
class Message:
    """One message that was sent; a free one has no credit, no subscription and no plan.

    ``plan`` is the one it was sent under (D16), ``subscription`` the one that pays back. ``settled`` says
    that nothing comes back for it any more, ``answered`` that it was delivered (D11).
    """

    sent_at: datetime
    credit: Credit | None = None
    subscription: Subscription | None = None
    plan: Plan | None = None
    settled: bool = False
    answered: bool = False

    @property
    def window_ends_at(self) -> datetime | None:
        """The end of its reply window (D10), if it was paid for and its plan has one."""
        if self.plan is None or self.plan.reply_window_days is None:
            return None
        return days_after(self.sent_at, self.plan.reply_window_days)

"""Instants, calendar intervals, and the dates of a subscription.

A month is not a number of days, a naive datetime means different instants on different machines, and
stepping from one month end to the next drifts (31 January, 28 February, 28 March ...). Therefore: instants
are aware and normalised to UTC, a ``date`` is its midnight UTC (D1); every window is half-open (D2); the
k-th date of a schedule is counted from its anchor, never from the date before it, so the 31st clamps and
returns (D5); and it is counted in local time where the schedule has a time zone (D18).
"""

from datetime import UTC, datetime, timedelta

from attrs import field, frozen
from dateutil.relativedelta import relativedelta

from inmail_credits._inputs import (
    DAYS_MAX,
    YEAR_MAX,
    YEAR_MIN,
    AnyInstant,
    as_instance,
    as_instant,
    as_whole,
    whole,
)
from inmail_credits._values import shown_by_field
from inmail_credits._zones import UTC_NAME, check_zone, from_local, to_local
from inmail_credits.errors import InvalidValueError

__all__ = [
    "DAY",
    "DAYS_MAX",
    "MONTHLY",
    "MONTHS_MAX",
    "YEAR_MAX",
    "YEAR_MIN",
    "AnyInstant",
    "Interval",
    "Schedule",
    "calendar_months",
    "instant",
    "live",
]

DAY = timedelta(days=1)
"""24 hours."""
MONTHS_MAX = 1_200


def instant(value: AnyInstant, *, what: str = "at") -> datetime:
    """The instant meant by an aware datetime, or by a date: its midnight UTC (D1).

    A pandas ``Timestamp`` and a text such as ``"2026-03-01T09:00:00+01:00"`` or ``"2026-03-01"`` are instants
    too. ``what`` names the value in an error.

    Raises:
        NaiveInstantError: for a time of day without a time zone.
        InvalidValueError: for anything else that is no instant of the years 1970 to 2199, or one with a
            fraction of a microsecond.

    Example:
        >>> from datetime import date
        >>> instant(date(2026, 3, 1)).isoformat()
        '2026-03-01T00:00:00+00:00'
        >>> instant("2026-03-01T01:00:00+01:00") == instant("2026-03-01")
        True
    """
    if type(value) is datetime and value.tzinfo is UTC and YEAR_MIN <= value.year <= YEAR_MAX:
        return value
    return as_instant(what, value)


def live(at: datetime, *, received_at: datetime, expires_at: datetime | None) -> bool:
    """Whether a lot is live: ``received_at <= at < expires_at``, the one predicate of D2 and R8.

    A lot without an end (``expires_at=None``) stays live.
    """
    return received_at <= at and (expires_at is None or at < expires_at)


@frozen(repr=False)
class Interval:
    """A calendar interval of whole months or whole days: exactly one of the two is positive.

    Raises:
        InvalidValueError: unless exactly one of ``months`` (at most 1,200) and ``days`` (at most 36,500)
            is a positive whole number.

    Example:
        >>> Interval(months=1).after(datetime(2026, 1, 31, tzinfo=UTC), 1).isoformat()
        '2026-02-28T00:00:00+00:00'
        >>> str(Interval(days=7))
        '7 days'
    """

    months: int = field(default=0, validator=whole(0, MONTHS_MAX, what="interval months"))
    days: int = field(default=0, validator=whole(0, DAYS_MAX, what="interval days"))

    __repr__ = shown_by_field

    def __attrs_post_init__(self) -> None:
        if (self.months > 0) == (self.days > 0):
            raise InvalidValueError(
                "interval", (self.months, self.days), "either months or days, one of them above 0"
            )

    def __str__(self) -> str:
        count, unit = (self.months, "month") if self.months else (self.days, "day")
        return f"{count} {unit}" + ("s" if count > 1 else "")

    def after(self, anchor: AnyInstant, count: int) -> datetime:
        """The instant ``count`` intervals after ``anchor`` (before it, if negative), counted from it (D5)."""
        return Schedule(instant(anchor, what="anchor"), self)[count]

    def count(self, anchor: AnyInstant, at: AnyInstant) -> int:
        """The largest k with ``after(anchor, k) <= at``; negative before the anchor."""
        return _count(self, instant(anchor, what="anchor"), instant(at))


def _after(every: Interval, anchor: datetime, count: int) -> datetime:
    """As :meth:`Interval.after`, also in local time without a time zone."""
    if every.days:
        return anchor + timedelta(days=every.days * count)
    return anchor + relativedelta(months=every.months * count)


def _count(every: Interval, anchor: datetime, at: datetime) -> int:
    """As :meth:`Interval.count`, also in local time without a time zone."""
    if every.days:
        return (at - anchor) // timedelta(days=every.days)
    months = (at.year - anchor.year) * 12 + at.month - anchor.month
    count = months // every.months
    return count if _after(every, anchor, count) <= at else count - 1


MONTHLY = Interval(months=1)
"""Every calendar month: how the plans that ship grant (R3)."""
COUNT_MAX = 10_000_000


@frozen(repr=False)
class Schedule:
    """The instants ``anchor + k * every`` for every whole k, counted from the anchor (D5).

    They are counted in the local time of ``zone``, an IANA name (D18). A local time that a clock change skips
    is moved to the later side of the gap, by its length; one that it repeats means the first of the two.
    ``self[0]`` is always the anchor itself. Where a clock change skips a whole day (Apia, 30 December
    2011), two dates of a daily schedule fall on one instant; :meth:`index` then gives the later one.

    Example:
        >>> monthly = Schedule(datetime(2026, 1, 31, tzinfo=UTC), MONTHLY)
        >>> [monthly[k].day for k in range(4)]
        [31, 28, 31, 30]
        >>> monthly.next_after(datetime(2026, 2, 28, tzinfo=UTC)).isoformat()
        '2026-03-31T00:00:00+00:00'
        >>> midnight = datetime(2026, 2, 28, 23, tzinfo=UTC)  # of 1 March in Berlin
        >>> berlin = Schedule(midnight, MONTHLY, "Europe/Berlin")
        >>> [berlin[k].isoformat()[:16] for k in range(3)]
        ['2026-02-28T23:00', '2026-03-31T22:00', '2026-04-30T22:00']
    """

    anchor: datetime
    every: Interval
    zone: str = UTC_NAME

    __repr__ = shown_by_field

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.anchor, datetime) or self.anchor.tzinfo is not UTC:
            object.__setattr__(self, "anchor", instant(self.anchor, what="anchor"))
        as_instance("every", self.every, Interval, "an Interval, such as Interval(months=1)")
        if type(self.zone) is not str or self.zone != UTC_NAME:
            object.__setattr__(self, "zone", check_zone("zone", self.zone))

    def __getitem__(self, k: int) -> datetime:
        if type(k) is not int:
            k = as_whole("number of a date", k, -COUNT_MAX, COUNT_MAX)
        try:
            if self.zone == UTC_NAME or k == 0:
                return _after(self.every, self.anchor, k)
            return from_local(_after(self.every, to_local(self.anchor, self.zone), k), self.zone)
        except (OverflowError, ValueError):
            raise InvalidValueError(
                "number of a date", k, "one whose date is before the year 10000"
            ) from None

    def index(self, at: AnyInstant) -> int:
        """The k whose period holds ``at``: ``self[k] <= at < self[k + 1]``."""
        at = instant(at)
        if self.zone == UTC_NAME:
            return _count(self.every, self.anchor, at)
        k = _count(self.every, to_local(self.anchor, self.zone), to_local(at, self.zone))
        while self[k] > at:  # local clocks go back and forth, so the count in local time may be one off
            k -= 1
        while self[k + 1] <= at:
            k += 1
        return k

    def period(self, at: AnyInstant) -> tuple[datetime, datetime]:
        """The half-open period that holds ``at``."""
        k = self.index(at)
        return self[k], self[k + 1]

    def next_after(self, at: AnyInstant) -> datetime:
        """The first instant of the schedule strictly after ``at``."""
        return self[self.index(at) + 1]

    def last_before(self, at: AnyInstant) -> datetime:
        """The last instant of the schedule strictly before ``at``."""
        at = instant(at)
        k = self.index(at)
        while (found := self[k]) >= at:
            k -= 1
        return found


def calendar_months(at: AnyInstant, zone: str = UTC_NAME) -> Schedule:
    """The first of each calendar month at local midnight, counted from the month of ``at``.

    Where a clock change skips that midnight (Asunción, 1 October 2017), the month begins on the later side of
    the gap (D18), and the schedule is anchored at an earlier month, so that the others begin at midnight.

    Example:
        >>> calendar_months(datetime(2026, 3, 15, 9, tzinfo=UTC))[1].isoformat()
        '2026-04-01T00:00:00+00:00'
        >>> calendar_months(datetime(2026, 3, 15, 9, tzinfo=UTC), "Europe/Berlin")[1].isoformat()
        '2026-03-31T22:00:00+00:00'
    """
    first = to_local(instant(at), check_zone("zone", zone)).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    while to_local(anchor := from_local(first, zone), zone) != first:
        first -= relativedelta(months=1)
    return Schedule(anchor, MONTHLY, zone)

"""Instants, dates and spans of time.

Where an instant is taken, a ``date`` is its midnight UTC (D1). So is what stands for a date elsewhere: a text
``YYYY-MM-DD``, and a ``Timestamp`` or ``datetime64`` at midnight without a time zone, which is how pandas and
NumPy write a date. Any other instant needs its time zone, and none may be finer than a microsecond.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol, SupportsInt, TypeAlias, cast

from inmail_credits._inputs.foreign import is_numpy, is_pandas, numpy_kind
from inmail_credits._inputs.items import as_items
from inmail_credits._inputs.numeric import as_whole
from inmail_credits.errors import InvalidValueError, NaiveInstantError, stamp


class HasItem(Protocol):
    """A NumPy scalar, such as a ``datetime64``, as a type checker sees it without NumPy."""

    def item(self) -> object: ...


AnyInstant: TypeAlias = date | str | HasItem
"""What stands for an instant: an aware datetime, as a ``Timestamp`` is; a date; a text; a ``datetime64``."""
AnyDate: TypeAlias = date | str | HasItem
"""What stands for a date: a date, a text ``YYYY-MM-DD``, a midnight without a time zone."""

YEAR_MIN, YEAR_MAX = 1970, 2199
DAYS_MAX = 36_500

_INSTANT_LIMIT: Final = (
    "an instant: an aware datetime, a date, or a text such as '2026-03-01T09:00:00Z' or '2026-03-01'"
)
_DATE_LIMIT: Final = "a date, such as date(2026, 5, 1) or '2026-05-01'"
_TICK_LIMIT: Final = "in whole microseconds; round it first, such as with Timestamp.floor('us')"
_DATE: Final = r"\d{4}-\d{2}-\d{2}"
_INSTANT: Final = r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?(Z|[+-]\d{2}:?\d{2})?"
_MICROSECOND_DIGITS: Final = 6
_NUMPY_SPAN: Final = r"timedelta64\[(\d*)(W|D|h|m|s|ms|us|ns|ps|fs|as)\]"
"""Patterns as texts: ``re`` compiles and keeps them when first used, which saves 4 % of the import."""
_NUMPY_UNITS: Final[dict[str, tuple[int, int]]] = {
    "W": (604_800_000_000, 1),
    "D": (86_400_000_000, 1),
    "h": (3_600_000_000, 1),
    "m": (60_000_000, 1),
    "s": (1_000_000, 1),
    "ms": (1_000, 1),
    "us": (1, 1),
    "ns": (1, 10**3),
    "ps": (1, 10**6),
    "fs": (1, 10**9),
    "as": (1, 10**12),
}
"""Microseconds in a unit of NumPy's, as a factor and a divisor."""


def as_instant(what: str, value: object) -> datetime:
    """A plain ``datetime`` in UTC, of the years 1970 to 2199 (D1).

    Raises:
        NaiveInstantError: for a time of day without a time zone.
        InvalidValueError: for anything else that is no instant, or one below a microsecond.

    Example:
        >>> as_instant("at", "2026-03-01T01:00:00+01:00").isoformat()
        '2026-03-01T00:00:00+00:00'
        >>> as_instant("at", date(2026, 3, 1)).isoformat()
        '2026-03-01T00:00:00+00:00'
    """
    if type(value) is not datetime or value.tzinfo is not UTC:
        value = _in_utc(what, _moment(what, value, _INSTANT_LIMIT), by_date=_writes_dates_as_midnights(value))
    if not YEAR_MIN <= value.year <= YEAR_MAX:
        raise InvalidValueError(what, stamp(value), _YEARS)
    return value


def as_date(what: str, value: object) -> date:
    """A plain ``date``.

    A midnight without a time zone stands for its date. An instant does not: which date it falls on depends
    on the place.

    Raises:
        InvalidValueError: for anything else.

    Example:
        >>> as_date("holiday", "2026-05-01"), as_date("holiday", datetime(2026, 5, 1))
        (datetime.date(2026, 5, 1), datetime.date(2026, 5, 1))
    """
    moment = value if type(value) is date else _moment(what, value, _DATE_LIMIT)
    if isinstance(moment, datetime):
        if moment.tzinfo is not None:
            raise InvalidValueError(what, value, f"{_DATE_LIMIT}; take .date() of an instant in its own zone")
        if moment.time() != time():
            raise InvalidValueError(what, value, f"{_DATE_LIMIT}, without a time of day")
        moment = moment.date()
    return moment


def as_dates(what: str, values: object) -> frozenset[date]:
    """The dates of any collection: a list, a set, a Series, a ``DatetimeIndex``, the keys of a mapping.

    ``what`` names one of them.

    Raises:
        InvalidValueError: for a text, for what is no collection, or for anything in it that is no date.

    Example:
        >>> sorted(as_dates("holiday", ["2026-05-01", date(2026, 12, 25)]))
        [datetime.date(2026, 5, 1), datetime.date(2026, 12, 25)]
    """
    items = as_items(f"{what}s", values, "dates, such as ['2026-05-01']")
    return frozenset([as_date(what, value) for value in items])


def as_timedelta(what: str, value: object, *, days_max: int = DAYS_MAX) -> timedelta:
    """A plain ``timedelta`` from 0 to ``days_max`` days of 24 hours; a whole number counts such days.

    Raises:
        InvalidValueError: for anything else, or for what is finer than a microsecond.

    Example:
        >>> as_timedelta("within", 30), as_timedelta("within", timedelta(hours=12))
        (datetime.timedelta(days=30), datetime.timedelta(seconds=43200))
    """
    limit = f"a timedelta of 0 to {days_max:,} days, or a whole number of days"
    if isinstance(value, timedelta):
        if getattr(value, "nanoseconds", 0):
            raise InvalidValueError(what, value, _TICK_LIMIT)
        span = timedelta(value.days, value.seconds, value.microseconds)
    elif numpy_kind(value) == "m" and str(value) != "NaT":
        span = _plain_span(what, value, limit)
    else:
        try:
            span = timedelta(days=as_whole(what, value, 0, days_max))
        except InvalidValueError:
            raise InvalidValueError(what, value, limit) from None
    if not timedelta(0) <= span <= timedelta(days=days_max):
        raise InvalidValueError(what, value, limit)
    return span


_YEARS: Final = f"in the years {YEAR_MIN} to {YEAR_MAX}"


def _writes_dates_as_midnights(value: object) -> bool:
    return is_pandas(value) or (is_numpy(value) and not isinstance(value, str))


def _in_utc(what: str, moment: date, *, by_date: bool) -> datetime:
    """The instant in UTC; ``by_date`` if a midnight without a time zone stands for its date."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), UTC)
    try:
        if moment.utcoffset() is not None:
            return moment.astimezone(UTC)
    except OverflowError:
        raise InvalidValueError(what, moment.isoformat(), _YEARS) from None
    except (TypeError, ValueError, NotImplementedError):
        raise InvalidValueError(what, moment, "in a time zone that knows its offset from UTC") from None
    if by_date and moment.time() == time():
        return moment.replace(tzinfo=UTC)
    raise NaiveInstantError(what, moment)


def _moment(what: str, value: object, limit: str) -> date:
    """The same as exactly a ``date`` or a ``datetime``, as yet of any time zone or none."""
    if numpy_kind(value) == "M":
        return _parsed(what, str(value), value, limit)
    if isinstance(value, str):
        return _parsed(what, str.__str__(value), value, limit)
    if not isinstance(value, date):
        raise InvalidValueError(what, value, limit)
    if not isinstance(value, datetime):
        return date(value.year, value.month, value.day)
    try:
        plain = datetime(
            value.year,
            value.month,
            value.day,
            value.hour,
            value.minute,
            value.second,
            value.microsecond,
            tzinfo=value.tzinfo,
            fold=value.fold,
        )
    except (TypeError, ValueError):  # NaT is a datetime of no date
        raise InvalidValueError(what, value, limit) from None
    if getattr(value, "nanosecond", 0):
        raise InvalidValueError(what, value, _TICK_LIMIT)
    return plain


def _parsed(what: str, text: str, value: object, limit: str) -> date:
    """A date ``YYYY-MM-DD``, or an instant in the form of RFC 3339 with its offset or without."""
    parts = re.fullmatch(_INSTANT, text, re.ASCII)
    if parts is None and re.fullmatch(_DATE, text, re.ASCII) is None:
        raise InvalidValueError(what, value, limit)
    day, clock, fraction, offset = (text, "", "", "") if parts is None else parts.groups(default="")
    if fraction[_MICROSECOND_DIGITS:].strip("0"):
        raise InvalidValueError(what, value, _TICK_LIMIT)
    try:
        if not clock:
            return date.fromisoformat(day)
        fraction = f".{fraction[:_MICROSECOND_DIGITS]:0<6}" if fraction else ""
        return datetime.fromisoformat(f"{day}T{clock}{fraction}{offset}")
    except ValueError:  # no such day or hour
        raise InvalidValueError(what, value, limit) from None


def _plain_span(what: str, value: object, limit: str) -> timedelta:
    """A NumPy ``timedelta64`` as a timedelta, by its count and its unit: its own arithmetic wraps round."""
    found = re.fullmatch(_NUMPY_SPAN, str(getattr(value, "dtype", "")), re.ASCII)
    if found is None:  # of months, of years, or of no unit
        raise InvalidValueError(what, value, limit)
    count = int(cast("Callable[[str], SupportsInt]", getattr(value, "astype", None))("int64"))
    times, over = _NUMPY_UNITS[found[2]]
    ticks, rest = divmod(count * int(found[1] or 1) * times, over)
    if rest:
        raise InvalidValueError(what, value, _TICK_LIMIT)
    try:
        return timedelta(microseconds=ticks)
    except OverflowError:
        raise InvalidValueError(what, value, limit) from None

"""Instants as exports write them: ``2026-08-01 02:00:00 UTC`` and its variants, as microseconds.

Read are ISO 8601 dates and times with `` UTC``, ``GMT``, ``Z`` or an offset behind them, the same without
any zone, the same with the slashes that spreadsheets put in (``2026/08/01 02:00:00``), the month-first form
with AM or PM of older exports (``8/1/26, 2:00 AM``), and the day-first form with full stops that spreadsheets
of some languages save (``01.08.2026 02:00``). Without a zone, an instant is one of the time zone that the
caller names. Other forms (``01/08/2026 02:00``, ``01-08-2026 02:00``) do not say whether the day or the month
comes first: they are refused, unless the caller says so.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from inmail_credits.errors import InvalidValueError
from inmail_credits.timeline import YEAR_MAX, YEAR_MIN

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
_NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
_END = (datetime(YEAR_MAX + 1, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
TEXT_MAX: Final = 40
"""The longest text that is looked at as a date."""
_NAMED_UTC = re.compile(r"\s*(?:UTC|GMT)$")
_YEAR_LAST = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s?([AaPp])\.?[Mm]\.?)?",
    re.ASCII,
)
_YEAR_FIRST = re.compile(r"(\d{4})/(\d{2})/(\d{2})\b", re.ASCII)
_NOON: Final = 12
_CENTURY: Final = 100


def zone_of(zone: str | tzinfo, *, what: str = "zone") -> tzinfo:
    """The time zone of an IANA name such as ``Europe/Berlin``, or the zone itself.

    Raises:
        InvalidValueError: for a name that is not known here.

    Example:
        >>> zone_of("UTC")
        zoneinfo.ZoneInfo(key='UTC')
    """
    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(zone)
    except (LookupError, OSError, TypeError, ValueError):
        raise InvalidValueError(what, zone, "the IANA name of a time zone, such as 'Europe/Berlin'") from None


class DateReader:
    """Reads instants, and counts how many had no zone.

    ``zone`` is the time zone of instants that name none; ``day_first`` says what dates such as ``01/08/2026``
    begin with, ``None`` that nobody knows.
    """

    def __init__(self, zone: tzinfo, *, day_first: bool | None = None) -> None:
        self.zone = zone
        self.day_first = day_first
        self.without_zone = 0

    def microseconds(self, value: object) -> int | None:
        """Microseconds since 1970 UTC, or ``None`` if it is no instant of the years 1970 to 2199."""
        try:
            if isinstance(value, str) and value.endswith(" UTC") and "." not in value[:3]:  # the usual form
                number = (datetime.fromisoformat(value[:-4]) - _NAIVE_EPOCH) // MICROSECOND
                return number if 0 <= number < _END else None
            at = self._parse(value) if isinstance(value, str) else _plain(value)
            if at is None:
                return None
            if at.tzinfo is None:
                at = at.replace(tzinfo=self.zone)
                self.without_zone += 1
            at = at.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            return None
        return (at - EPOCH) // MICROSECOND if YEAR_MIN <= at.year <= YEAR_MAX else None

    def ambiguous(self, text: str) -> bool:
        """Whether a date could be read if it were known to begin with the day or with the month."""
        match = _YEAR_LAST.fullmatch(_NAMED_UTC.sub("", text))
        return self.day_first is None and match is not None and match[2] != "." and match[8] is None

    def _parse(self, text: str) -> datetime | None:
        text = text.strip()
        if not 0 < len(text) <= TEXT_MAX:
            return None
        plain, named = _NAMED_UTC.subn("", text)
        match = _YEAR_LAST.fullmatch(plain)
        if match is None:
            at = datetime.fromisoformat(_YEAR_FIRST.sub(r"\1-\2-\3", plain))
        elif self.ambiguous(text):
            return None
        else:
            at = _year_last(match, day_first=self.day_first)
        return at.replace(tzinfo=UTC) if named and at.tzinfo is None else at


def _year_last(match: re.Match[str], *, day_first: bool | None) -> datetime:
    """A date of three numbers, the year last: unless told, days come first before full stops alone."""
    first, second, year, hour, minute, sec = (int(match[place] or 0) for place in (1, 3, 4, 5, 6, 7))
    day_leads = match[2] == "." or bool(day_first)
    day, month = (first, second) if day_leads else (second, first)
    if match[8] is not None:
        if not 1 <= hour <= _NOON:
            raise ValueError(hour)
        hour = hour % _NOON + (_NOON if match[8] in "Pp" else 0)
    year += 2000 if year < _CENTURY else 0
    return datetime(year, month, day, hour, minute, sec)  # noqa: DTZ001 - the zone is the reader's to add


def _plain(value: object) -> datetime | None:
    """A datetime of the standard library from what a DataFrame may hold; ``None`` for anything else."""
    if isinstance(value, datetime):  # a pandas Timestamp is one
        if value != value:  # noqa: PLR0124 - NaT is not equal to itself
            return None
        return datetime.combine(value.date(), value.time(), value.tzinfo).replace(fold=value.fold)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - as above
    return None

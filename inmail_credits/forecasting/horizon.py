"""How far ahead: months, days, a date, or a text such as ``"3M"``."""

import re
from datetime import date, datetime
from typing import Final

from attrs import frozen
from dateutil.relativedelta import relativedelta

from inmail_credits._inputs import as_whole
from inmail_credits._zones import UTC_NAME, to_local
from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.timeline import DAY, DAYS_MAX, instant

MONTHS_MAX: Final = 1_200
_TEXT: Final = re.compile(r"\s*([0-9]{1,5})\s*([dwmqy])\s*", re.IGNORECASE)
_UNITS: Final = {
    "d": ("day", 0, 1),
    "w": ("week", 0, 7),
    "m": ("month", 1, 0),
    "q": ("month", 3, 0),
    "y": ("year", 12, 0),
}
"""What each letter stands for: the unit's name, its months, its days."""


@frozen
class Horizon:
    """How far a forecast looks ahead: so many local days (D19), and the horizon as the caller gave it."""

    days: int
    label: str

    @classmethod
    def of(
        cls,
        start: datetime,
        *,
        months: int | None = None,
        days: int | None = None,
        until: date | None = None,
        horizon: str | None = None,
        zone: str = UTC_NAME,
    ) -> "Horizon":
        """The horizon that exactly one of the four names.

        Months are calendar months counted from the start, as billing dates are: one month from 31 January
        ends on 28 February. They are counted in ``zone``, and so are days. ``until`` is the instant, or the
        midnight UTC of the date, at which it ends. ``horizon`` is a number and a unit: ``"90D"``, ``"6W"``,
        ``"3M"``, ``"2Q"``, ``"1Y"``.

        Raises:
            InvalidValueError: for none or several of them, or a value outside its limits.

        Example:
            >>> from datetime import UTC
            >>> start = datetime(2026, 1, 31, tzinfo=UTC)
            >>> Horizon.of(start, months=1), Horizon.of(start, horizon="6W")
            (Horizon(days=28, label='1 month'), Horizon(days=42, label='6 weeks'))
            >>> Horizon.of(start, until=date(2026, 3, 1))
            Horizon(days=29, label='until 2026-03-01')
        """
        given = {"months": months, "days": days, "until": until, "horizon": horizon}
        named = [name for name, value in given.items() if value is not None]
        if len(named) != 1:
            raise InvalidValueError(
                "horizon", ", ".join(named) or None, "exactly one of months=, days=, until= and horizon="
            )
        if until is not None:
            return cls._until(start, until, zone)
        start = to_local(start, zone)
        if horizon is not None:
            return cls._parsed(start, horizon)
        if months is not None:
            return cls._ahead(start, "month", as_whole("months", months, 1, MONTHS_MAX), 1, 0)
        return cls._ahead(start, "day", as_whole("days", days, 1, DAYS_MAX), 0, 1)

    @classmethod
    def _until(cls, start: datetime, until: date, zone: str) -> "Horizon":
        end = instant(until, what="until")
        days = (to_local(end, zone) - to_local(start, zone)) // DAY
        if not 1 <= days <= DAYS_MAX:
            raise InvalidValueError(
                "until", stamp(end), f"from 1 to {DAYS_MAX:,} days after the start, {stamp(start)}"
            )
        return cls(days, f"until {to_local(end, zone).date().isoformat()}")

    @classmethod
    def _parsed(cls, start: datetime, text: str) -> "Horizon":
        found = _TEXT.fullmatch(text) if isinstance(text, str) else None
        if found is None or int(found[1]) == 0:
            raise InvalidValueError(
                "horizon", text, "a number from 1 on and one of D, W, M, Q, Y, such as '90D', '6W' or '3M'"
            )
        unit, months, days = _UNITS[found[2].lower()]
        count = int(found[1]) * (3 if found[2].lower() == "q" else 1)
        if months * int(found[1]) > MONTHS_MAX or days * int(found[1]) > DAYS_MAX:
            raise InvalidValueError("horizon", text, f"at most {MONTHS_MAX:,} months or {DAYS_MAX:,} days")
        return cls._ahead(start, unit, count, 12 if unit == "year" else min(months, 1), days)

    @classmethod
    def _ahead(cls, start: datetime, unit: str, count: int, months: int, days: int) -> "Horizon":
        """``count`` units of so many months or days."""
        label = f"{count:,} {unit}" + ("s" if count > 1 else "")
        whole_days = (start + relativedelta(months=months * count) - start) // DAY if months else days * count
        return cls(whole_days, label)

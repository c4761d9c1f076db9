"""Local time: names of time zones, and the way from an instant to a wall clock and back (D18).

Zones are those of the standard library's :mod:`zoneinfo`, which reads the time zone database of the system,
or the ``tzdata`` package where the system has none. Neither is loaded for UTC, the default of every plan.
"""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final

from inmail_credits.errors import InvalidValueError

UTC_NAME: Final = "UTC"
"""The zone that every plan has unless it names another."""

_NAME_LENGTH_MAX: Final = 64
_NOT_PLACES: Final = ("localtime", "posixrules", "posix/", "right/")
"""Files beside the zones that mean another zone on each machine, or count leap seconds."""
_A_KNOWN_ZONE: Final = "Europe/London"


def check_zone(what: str, value: object) -> str:
    """The name of a time zone of the IANA database, as a plain ``str``.

    Raises:
        InvalidValueError: for anything else. Where no time zone database is installed it names the fix.

    Example:
        >>> check_zone("zone", "Europe/Berlin")
        'Europe/Berlin'
        >>> check_zone("zone", "Berlin")
        Traceback (most recent call last):
        ...
        inmail_credits.errors.InvalidValueError: zone is 'Berlin', but must be the name of an IANA time...
    """
    if isinstance(value, str) and 0 < len(value) <= _NAME_LENGTH_MAX and not value.startswith(_NOT_PLACES):
        name = str(value)
        if name == UTC_NAME or _find(name) is not None:
            return name
        if _find(_A_KNOWN_ZONE) is None:
            raise InvalidValueError(what, value, _NO_DATABASE)
    raise InvalidValueError(what, value, _LIMIT)


def to_local(at: datetime, zone: str) -> datetime:
    """The wall clock of a zone at an instant: a naive datetime.

    Example:
        >>> to_local(datetime(2026, 7, 1, 22, tzinfo=UTC), "Europe/Berlin").isoformat()
        '2026-07-02T00:00:00'
    """
    return at.astimezone(_zone(zone)).replace(tzinfo=None, fold=0)


def from_local(wall: datetime, zone: str) -> datetime:
    """The instant, in UTC, at which a zone's wall clock shows ``wall`` (naive).

    A time that a clock change skips is later by the length of the gap; one that it repeats means the first of
    the two (D18). This is what PEP 495 defines for ``fold=0``.

    Example:
        >>> skipped, repeated = datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)
        >>> [from_local(wall, "Europe/Berlin").isoformat() for wall in (skipped, repeated)]
        ['2026-03-29T01:30:00+00:00', '2026-10-25T00:30:00+00:00']
    """
    return wall.replace(tzinfo=_zone(zone), fold=0).astimezone(UTC)


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    if name == UTC_NAME:
        return UTC
    found = _find(name)
    if found is None:  # a value made where the zone is known, and carried to where it is not
        raise InvalidValueError("zone", name, _NO_DATABASE if _find(_A_KNOWN_ZONE) is None else _LIMIT)
    return found


def _find(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - accounts in UTC never need it

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # no key, a folder, not a zone file, or not in the database
        return None


_LIMIT: Final = "the name of an IANA time zone, such as 'Europe/Berlin'"
_NO_DATABASE: Final = (
    "'UTC' where no time zone database is installed; for other zones install one: pip install tzdata"
)

"""The days of a simulation as dates and instants: local days of the outreach's time zone (D19)."""

from bisect import bisect_left
from datetime import UTC, datetime

from inmail_credits._zones import UTC_NAME, from_local, to_local
from inmail_credits.simulation import Simulation
from inmail_credits.timeline import DAY


def wall(simulation: Simulation, at: datetime) -> datetime:
    """The local time of an instant in the outreach's zone, for axes: marked as UTC, though it is local.

    By local time every day has 24 hours, so that days are evenly spaced and begin at one hour.
    """
    return to_local(at, simulation.outreach.zone).replace(tzinfo=UTC)


def wall_start(simulation: Simulation) -> datetime:
    """The local time at which day 0 begins."""
    return wall(simulation, simulation.start)


def day_start(start: datetime, day: int, zone: str) -> datetime:
    """The instant at which a day begins: the local time of the start, so many days later.

    Example:
        >>> day_start(datetime(2026, 3, 28, 23, tzinfo=UTC), 1, "Europe/Berlin").isoformat()
        '2026-03-29T22:00:00+00:00'
    """
    if zone == UTC_NAME or day == 0:
        return start + day * DAY
    return from_local(to_local(start, zone) + day * DAY, zone)


def days_until(start: datetime, end: datetime, zone: str) -> int:
    """How many days it takes from the start until ``end``, the last one begun; at least 1.

    Example:
        >>> midnight, next_one = datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)
        >>> days_until(midnight, next_one, "Europe/Berlin")
        1
    """
    local = to_local(end, zone) - to_local(start, zone)
    return max(-(-local // DAY), 1)


def first_day_from(simulation: Simulation, at: datetime) -> int:
    """The first day that begins at or after an instant; the number of days if none does."""
    return min(bisect_left(simulation.day_starts, at), simulation.days)

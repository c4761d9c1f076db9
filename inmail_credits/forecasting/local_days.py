"""The days of a simulation as dates and instants: local days of the outreach's time zone (D19)."""

from bisect import bisect_left
from datetime import UTC, datetime

from inmail_credits._zones import to_local
from inmail_credits.simulation import Simulation


def wall(simulation: Simulation, at: datetime) -> datetime:
    """The local time of an instant in the outreach's zone, for axes: marked as UTC, though it is local.

    By local time every day has 24 hours, so that days are evenly spaced and begin at one hour.
    """
    return to_local(at, simulation.outreach.zone).replace(tzinfo=UTC)


def wall_start(simulation: Simulation) -> datetime:
    """The local time at which day 0 begins."""
    return wall(simulation, simulation.start)


def first_day_from(simulation: Simulation, at: datetime) -> int:
    """The first day that begins at or after an instant; the number of days if none does."""
    return min(bisect_left(simulation.day_starts, at), simulation.days)

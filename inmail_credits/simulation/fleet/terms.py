"""What an account of a fleet begins with."""

from datetime import datetime
from typing import NamedTuple

from inmail_credits.plans import Plan
from inmail_credits.simulation._engine.opening import Opening


class Terms(NamedTuple):
    """The plan of an account, its seats, and the instant of its day 0."""

    plan: Plan
    seats: int
    start: datetime


def terms_of(opening: Opening) -> Terms:
    """Those of an opening."""
    return Terms(opening.plan, opening.seats, opening.start)

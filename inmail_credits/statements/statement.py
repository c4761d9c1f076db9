"""Statements: what moved between two instants, in sums that add up.

``opening + granted + refunded - spent - expired - forfeited = balance``, and the balance of one span is
the opening of the next, whatever the grain. The first statement of an account that begins with a balance
opens with it (D17). Windows are half-open (D2): what happens at the very end belongs to the next statement.
"""

from datetime import datetime
from typing import NamedTuple

from inmail_credits._inputs import Choice
from inmail_credits.errors import stamp
from inmail_credits.ledger.totals import Totals
from inmail_credits.timeline import Interval, Schedule, calendar_months


class Statement(NamedTuple):
    """The movements of ``start <= t < end``, in credits.

    Example:
        >>> from datetime import UTC
        >>> january, february = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2))
        >>> s = Statement(january, february, 0, Totals(granted=15, spent=4))
        >>> s.opening, s.granted, s.spent, s.balance
        (0, 15, 4, 11)
    """

    start: datetime
    end: datetime
    opening: int
    movements: Totals

    @classmethod
    def between(cls, start: datetime, end: datetime, before: Totals, after: Totals) -> "Statement":
        """The statement of ``start <= t < end`` from the totals before each of the two.

        What an account begins with in that span (D17) is its opening.
        """
        moved = after - before
        return cls(start, end, before.balance + moved.opening, moved)

    @property
    def granted(self) -> int:
        """Credits granted or bought."""
        return self.movements.granted

    @property
    def refunded(self) -> int:
        """Credits given back."""
        return self.movements.refunded

    @property
    def spent(self) -> int:
        """Credits spent on messages."""
        return self.movements.spent

    @property
    def expired(self) -> int:
        """Credits that expired."""
        return self.movements.expired

    @property
    def forfeited(self) -> int:
        """Credits lost to the cap, a cancellation or a switch."""
        return self.movements.forfeited

    @property
    def balance(self) -> int:
        """Credits left just before ``end``."""
        return self.opening + self.movements.balance - self.movements.opening

    def _repr_html_(self) -> str:
        from inmail_credits._display.html import card_html  # noqa: PLC0415 - loaded where something is shown
        from inmail_credits.statements._cards import statement_card  # noqa: PLC0415 - as above

        return card_html(statement_card(self))

    def __str__(self) -> str:
        return (
            f"{stamp(self.start)} to {stamp(self.end)}: opening {self.opening} + granted {self.granted} "
            f"+ refunded {self.refunded} - spent {self.spent} - expired {self.expired} "
            f"- forfeited {self.forfeited} = balance {self.balance}"
        )


class Grain(Choice):
    """How long one line of a history is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    BILLING_PERIOD = "billing_period"


def boundaries(start: datetime, end: datetime, schedule: Schedule) -> list[datetime]:
    """``start``, each instant of the schedule strictly between, and ``end``.

    Example:
        >>> from datetime import UTC
        >>> month = Schedule(datetime(2026, 1, 31, tzinfo=UTC), Interval(months=1))
        >>> start, end = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
        >>> [at.day for at in boundaries(start, end, month)]
        [1, 28, 31, 30, 1]
    """
    cuts = [start]
    while (cut := schedule.next_after(cuts[-1])) < end:
        cuts.append(cut)
    return [*cuts, end]


def grain_schedule(grain: Grain, start: datetime, billing: Schedule) -> Schedule:
    """Where to cut: days and weeks from ``start``, months on the first, billing periods.

    All of them in the zone of ``billing``, that of the plan (D18): a day is a local day, of 23 to 25 hours
    where clocks change.
    """
    match grain:
        case Grain.DAY:
            return Schedule(start, Interval(days=1), billing.zone)
        case Grain.WEEK:
            return Schedule(start, Interval(days=7), billing.zone)
        case Grain.MONTH:
            return calendar_months(start, billing.zone)
        case Grain.BILLING_PERIOD:
            return billing

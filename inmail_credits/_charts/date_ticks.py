"""Ticks of an axis of dates: at midnights, a day, week, month or year apart, no more than fit.

The first label and each January have the year; the others do not, so that labels stay short.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from inmail_credits.timeline import DAY, Interval

STEPS: Final = (
    *(Interval(days=days) for days in (1, 2, 7)),
    *(Interval(months=months) for months in (1, 2, 3, 6, 12, 24, 60, 120)),
)


def date_ticks(start: datetime, days: int, *, ticks_max: int) -> list[tuple[datetime, str]]:
    """Ticks from ``start`` on over so many days: their instants and labels, as close as ``ticks_max`` allows.

    Example:
        >>> [label.split() for _, label in date_ticks(datetime(2026, 11, 30, tzinfo=UTC), 90, ticks_max=5)]
        [['Dec', '2026'], ['Jan', '2027'], ['Feb']]
    """
    end = start + days * DAY
    for step in STEPS:
        ticks = _instants(start, end, step)
        if len(ticks) <= ticks_max:
            break
    return [(at, _label(at, step, first=k == 0)) for k, at in enumerate(ticks)]


def _instants(start: datetime, end: datetime, step: Interval) -> list[datetime]:
    """The midnights of the step from the first at or after ``start`` to ``end``, months on their first."""
    begin = start.date() if start.time() == time() else start.date() + timedelta(days=1)
    if step.months:
        begin = date(begin.year, 1, 1)
    anchor = datetime.combine(begin, time(), UTC)
    low = max(0, step.count(anchor, start))
    return [at for k in range(low, step.count(anchor, end) + 1) if (at := step.after(anchor, k)) >= start]


def _label(at: datetime, step: Interval, *, first: bool) -> str:
    if step.days:
        month = f"\n{at:%b %Y}" if first or at.day <= step.days else ""
        return f"{at.day}{month}"
    if step.months % 12 == 0:
        return f"{at.year}"
    year = f"\n{at.year}" if first or at.month <= step.months else ""
    return f"{at:%b}{year}"

"""What time alone will do to a member, and the instants of the steps.

Days are those of the outreach's time zone (D19), of 23 to 25 hours at a clock change; grants, expiries and
ends of subscriptions keep their exact instants. Both are put side by side here, once for all paths.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from inmail_credits._zones import UTC_NAME, from_local, to_local
from inmail_credits.ledger.lots import NEVER as NEVER_DATE
from inmail_credits.simulation._engine.opening import Opening
from inmail_credits.simulation._engine.tables import (
    BILLING,
    END,
    EXPIRE,
    GRANT,
    NEVER,
    NEVER_AT,
    NONE,
    Ints,
    Ints32,
)
from inmail_credits.timeline import DAY

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
DAY_MICROSECONDS: Final = DAY // MICROSECOND


def microseconds(at: datetime) -> int:
    """Microseconds since 1970; :data:`NEVER_AT` for the end of time."""
    return NEVER_AT if at >= NEVER_DATE else (at - EPOCH) // MICROSECOND


class Grid:
    """The instants of the steps: ``instants`` has shape (steps,), in microseconds since 1970.

    Day k begins at the local time of the start, k days later; its steps share its length evenly.
    """

    def __init__(self, start: datetime, days: int, steps_per_day: int, zone: str = UTC_NAME) -> None:
        self.start = start
        self.zone = zone
        self.steps_per_day = steps_per_day
        self.steps = days * steps_per_day
        self.width = DAY_MICROSECONDS // steps_per_day
        self.uniform = zone == UTC_NAME
        nominal = microseconds(start) + self.width * np.arange(self.steps, dtype=np.int64)
        self.instants: Ints = nominal if self.uniform else self._local_instants(days)
        self.shifts: Ints = self.instants - nominal

    def begin_of_day(self, day: int) -> datetime:
        """The instant at which a day begins: the local time of the start, so many days later (D18, D19)."""
        if self.uniform:
            return self.start + DAY * day
        return from_local(to_local(self.start, self.zone) + DAY * day, self.zone)

    @property
    def first_day(self) -> date:
        """The local date of day 0."""
        return to_local(self.start, self.zone).date()

    def _local_instants(self, days: int) -> Ints:
        begins = np.array([microseconds(self.begin_of_day(day)) for day in range(days + 1)], dtype=np.int64)
        begins[:1] = microseconds(self.start)
        lengths = np.diff(begins)
        parts = np.arange(self.steps_per_day, dtype=np.int64)
        return (begins[:-1, None] + lengths[:, None] * parts // self.steps_per_day).ravel()

    @property
    def last_at(self) -> int:
        """The instant of the last step; that before the start, if there are no steps."""
        return int(self.instants[-1]) if self.steps else microseconds(self.start) - 1

    def step_of(self, at: int) -> int:
        """The first step at or after an instant; the number of steps, if it lies beyond the last."""
        return int(np.searchsorted(self.instants, at, side="left"))

    def steps_until(self, step: int, at: int) -> int:
        """How many steps it is from one to the first at or after an instant, within the horizon or not."""
        if at <= self.last_at:
            return self.step_of(at) - step
        if self.uniform:
            return -((int(self.instants[step]) - at) // self.width)
        return self._steps_beyond(at) - step

    def _steps_beyond(self, at: int) -> int:
        day = max((at - microseconds(self.start)) // DAY_MICROSECONDS - 1, 0)
        while (begin := microseconds(self.begin_of_day(day + 1))) < at:
            day += 1
        length = begin - microseconds(self.begin_of_day(day))
        part = 0
        while begin - length + length * part // self.steps_per_day < at:
            part += 1
        return day * self.steps_per_day + part

    def sure_steps(self, length: int) -> int:
        """How many steps after any step surely lie less than ``length`` microseconds after it."""
        if self.uniform:
            return -(-length // self.width)
        later = np.searchsorted(self.instants, self.instants + length, side="left")
        found = later < self.steps
        lags = (later - np.arange(self.steps))[found]
        return int(lags.min()) if len(lags) else NEVER

    def gone(self, lifetime: int | None) -> Ints32:
        """For each step, the row of ``received`` that holds what has expired by then (see :mod:`queue`)."""
        if lifetime is None:
            return np.zeros(self.steps, dtype=np.int32)
        return self.rows_expired(lifetime, self.instants)

    def rows_expired(self, lifetime: int | None, at: Ints) -> Ints32:
        """For each instant, the row of ``received`` that holds what was received in steps a lifetime ago."""
        if lifetime is None:
            return np.zeros(len(at), dtype=np.int32)
        last = np.searchsorted(self.instants + lifetime, at, side="right") - 1
        return np.where(last >= 0, last + 2, 0).astype(np.int32)


class Event(NamedTuple):
    """A row of :data:`~inmail_credits.simulation._engine.tables.EVENT`."""

    at: int
    step: int
    what: int
    credits: int = 0
    cap: int = NONE
    mark: int = 0
    row: int = 0


def lifetime_microseconds(opening: Opening) -> int | None:
    """How long a credit lives; ``None`` for ever."""
    lifetime = opening.plan.lifetime
    return None if lifetime is None else lifetime // MICROSECOND


def grant_dates(opening: Opening, until: datetime) -> Iterator[datetime]:
    """The instants of the grants still to come, up to and including ``until``, before the end."""
    if opening.granted_until is None and opening.start <= until:
        yield opening.start
    at = opening.schedule.next_after(opening.start)
    while at <= until and at < opening.ends_at:
        yield at
        at = opening.schedule.next_after(at)


def events_of(opening: Opening, grid: Grid, *, buying: bool) -> list[Event]:
    """Grants, the end, and where credits are bought the billing periods; in the order of D6."""
    if not grid.steps:
        return []
    last = EPOCH + grid.last_at * MICROSECOND
    plan, seats = opening.plan, opening.seats
    cap = NONE if plan.cap_credits is None else plan.cap_credits * seats
    found = [(microseconds(at), GRANT, plan.grant_credits * seats, cap) for at in grant_dates(opening, last)]
    if opening.granted_until is None:
        found[0] = (found[0][0], GRANT, plan.first_grant_credits(opening.start) * seats, cap)
    if opening.ends_at <= last:
        found.append((microseconds(opening.ends_at), END, 0, NONE))
    at = opening.start
    while buying and (at := opening.billing.next_after(at)) <= last:
        found.append((microseconds(at), BILLING, 0, NONE))
    return [Event(at_, grid.step_of(at_), what, amount, most) for at_, what, amount, most in sorted(found)]


def queue_events(opening: Opening, grid: Grid, events: list[Event]) -> list[Event]:
    """The same with what the queue must know: what has expired by each event, and expiries off the steps.

    An expiry is an event of its own where the steps do not show it: that of an opening lot, that of a grant
    where another event of the same step may look at the balance first, or where a clock change puts them
    apart.
    """
    lifetime = lifetime_microseconds(opening)
    rows = grid.rows_expired(lifetime, np.array([event.at for event in events], dtype=np.int64))
    out = [event._replace(row=int(row)) for event, row in zip(events, rows, strict=True)]
    received = 0
    for lot in opening.lots:
        received += lot.credits
        at = max(microseconds(lot.expires_at), int(grid.instants[0]) if grid.steps else 0)
        if at <= grid.last_at:
            out.append(Event(at, grid.step_of(at), EXPIRE, mark=received))
    trimming = {event.step for event in events if event.what == END or event.cap != NONE}
    gone = grid.gone(lifetime)
    step, mark = NONE, 0
    for event in events:
        if event.what != GRANT or lifetime is None:
            continue
        mark = mark + event.credits if event.step == step else event.credits
        step = event.step
        at = event.at + lifetime
        ends = grid.step_of(at)
        if at <= grid.last_at and (ends in trimming or gone[ends] < step + 2):
            out.append(Event(at, ends, EXPIRE, mark=mark, row=step + 1))
    return sorted(out, key=lambda event: event[:3])


def next_grants(opening: Opening, grid: Grid) -> Ints32:
    """For each step, how many steps it is to the next grant after it, or to the end; 1 or more."""
    out = np.ones(grid.steps, dtype=np.int32)
    until = NEVER_AT * -1
    for step, at in enumerate(grid.instants.tolist()):
        if until <= at:
            here = EPOCH + at * MICROSECOND
            until = microseconds(min(opening.schedule.next_after(here), opening.ends_at))
        out[step] = min(max(grid.steps_until(step, until), 1), NEVER)
    return out

"""What time alone will do to a member, and the instants of the steps.

Days are those of the outreach's time zone (D19), of 23 to 25 hours at a clock change; grants, expiries and
ends of subscriptions keep their exact instants. Both are put side by side here, once for all paths.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from inmail_credits._zones import UTC_NAME, from_local, to_local
from inmail_credits.facts import SeatLimited
from inmail_credits.ledger.lots import NEVER as NEVER_DATE
from inmail_credits.plans import Plan
from inmail_credits.simulation._engine.opening import Opening, Span
from inmail_credits.simulation._engine.planned import Terms, Turn
from inmail_credits.simulation._engine.tables import (
    ADD,
    BILLING,
    BUY,
    END,
    EXPIRE,
    GRANT,
    LIMIT,
    NEVER,
    NEVER_AT,
    NONE,
    TERMS,
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
        self.steps: int = days * steps_per_day
        self.width: int = DAY_MICROSECONDS // steps_per_day
        self.uniform: bool = zone == UTC_NAME
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
    planned: int = 0
    mark: int = 0
    row: int = 0


def lifetime_microseconds(plan: Plan) -> int | None:
    """How long a credit lives; ``None`` for ever."""
    lifetime = plan.lifetime
    return None if lifetime is None else lifetime // MICROSECOND


def grant_dates(opening: Opening, until: datetime) -> Iterator[datetime]:
    """The instants of the grants still to come, up to and including ``until``, before the end."""
    if opening.granted_until is None and opening.start <= until:
        yield opening.start
    for span in opening.spans():
        if span.turn is not None and span.turn.granted is not None and span.turn.at <= until:
            yield span.turn.at
        yield from _scheduled(span, until)


def _scheduled(span: Span, until: datetime) -> Iterator[datetime]:
    """The grant dates of a span up to and including ``until``."""
    until = min(span.ends_at, until)
    if span.begins_at >= until:
        return
    at = span.terms.schedule.next_after(span.begins_at)
    while at <= until and at < span.terms.ends_at:
        yield at
        at = span.terms.schedule.next_after(at)


def events_of(
    opening: Opening, grid: Grid, *, buying: bool, seats: Sequence[str | None] = (None,)
) -> list[Event]:
    """Grants, the end, the planned facts, and where credits are bought the billing periods; in order (D6).

    ``buying``: whether credits are bought at random. ``seats`` are the names of the seats that send.
    """
    if not grid.steps:
        return []
    last = EPOCH + grid.last_at * MICROSECOND
    found: list[Event] = []
    if opening.granted_until is None:
        first = opening.plan.first_grant_credits(opening.start) * opening.seats
        found.append(_granted(opening.start, first, opening.terms))
    before = opening.terms
    for span in opening.spans():
        if span.begins_at > last:
            break
        if span.turn is not None:
            found += _of_turn(span.turn, before, buying=buying, seats=seats)
        found += sorted(_of_time(span, last, buying=buying))
        before = span.terms
    return [event._replace(step=grid.step_of(event.at)) for event in found]


def _granted(at: datetime, credits_: int, terms: Terms, *, planned: bool = False) -> Event:
    cap = NONE if terms.cap_credits is None else terms.cap_credits
    return Event(microseconds(at), 0, GRANT, credits_, cap, planned)


def _of_time(span: Span, last: datetime, *, buying: bool) -> Iterator[Event]:
    """What time alone brings within a span, up to and including ``last``."""
    terms, last = span.terms, min(span.ends_at, last)
    for at in _scheduled(span, last):
        yield _granted(at, terms.plan.grant_credits * terms.seats, terms)
    if span.begins_at < terms.ends_at <= last:
        yield Event(microseconds(terms.ends_at), 0, END)
    at = span.begins_at
    while buying and at < last and (at := terms.billing.next_after(at)) <= last and at < terms.ends_at:
        yield Event(microseconds(at), 0, BILLING)


def _of_turn(turn: Turn, before: Terms, *, buying: bool, seats: Sequence[str | None]) -> Iterator[Event]:
    """What a planned fact does, in the order in which the ledger does it."""
    at = microseconds(turn.at)
    if turn.ends:
        yield Event(at, 0, END, planned=1)
    if turn.is_phase:
        sold = 0 if turn.ends else before.plan.purchase_credits_max
        yield Event(at, 0, TERMS, turn.terms.plan.purchase_credits_max - sold, planned=1)
    if turn.granted is not None:
        yield _granted(turn.at, turn.granted, turn.terms, planned=True)
    if turn.added:
        yield Event(at, 0, ADD, turn.added, planned=1)
    if turn.bought:
        yield Event(at, 0, BUY, turn.bought, 0 if buying else NONE, planned=1)
    for place, seat in enumerate(seats):
        if isinstance(turn.fact, SeatLimited) and seat == turn.fact.seat:
            most = turn.fact.credits_max
            yield Event(at, 0, LIMIT, NONE if most is None else most, planned=1, mark=place)
        elif turn.granted is not None and seat is not None:
            yield Event(at, 0, LIMIT, NONE, planned=1, mark=place)


def queue_events(opening: Opening, grid: Grid, events: list[Event]) -> list[Event]:
    """The same with what the queue must know: what has expired by each event, and expiries off the steps.

    An expiry is an event of its own where the steps do not show it: that of an opening lot, that of a grant
    where another event of the same step may look at the balance first, or where a clock change puts them
    apart.
    """
    lifetime = lifetime_microseconds(opening.plan)
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
    spans = list(opening.spans())
    span, until = spans.pop(0), NEVER_AT * -1
    for step, at in enumerate(grid.instants.tolist()):
        while spans and microseconds(spans[0].begins_at) <= at:
            span, until = spans.pop(0), NEVER_AT * -1
        if until <= at:
            here = EPOCH + at * MICROSECOND
            until = microseconds(min(span.terms.schedule.next_after(here), span.terms.ends_at))
        out[step] = min(max(grid.steps_until(step, until), 1), NEVER)
    return out


def phases_begun(opening: Opening, grid: Grid) -> Ints32:
    """For each step, how many planned facts have brought other terms by then."""
    begins = [microseconds(turn.at) for turn in opening.turns if turn.is_phase]
    return np.searchsorted(np.array(begins, dtype=np.int64), grid.instants, side="right").astype(np.int32)


class Over(NamedTuple):
    """When the subscription of a message is over, and nothing comes back any more (D12).

    A reply refunds before ``step``, and silence before the instant ``at``: at one instant, silence refunds
    after a subscription ends by itself, and before a planned fact (D6).
    """

    step: int
    at: int


def over_of(opening: Opening, grid: Grid, phase: int) -> Over:
    """When it is over for messages sent after so many planned facts that brought other terms."""
    begun = 0
    for span in opening.spans():
        turn = span.turn
        if turn is not None:
            if begun >= phase and turn.ends and not turn.follows:
                return Over(grid.step_of(microseconds(turn.at)), microseconds(turn.at) + 1)
            begun += turn.is_phase
        if begun >= phase and span.begins_at < span.terms.ends_at <= span.ends_at:
            ends_at = microseconds(span.terms.ends_at)
            return Over(grid.step_of(ends_at), ends_at)
    return Over(grid.steps, NEVER_AT)

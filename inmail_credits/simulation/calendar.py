"""What time alone will do, worked out once for all paths.

The problem: days are a grid, and grants, expiries and ends of subscriptions are not: an account opened at
09:17 grants at 09:17. Between two points of the grid only time acts, and in the same way on every path; so
each step gets a short list of operations, in order of their instants and, at one instant, in that of D6:
expire, end, trim and grant, refunds for silence. The kernels carry them out on whole arrays.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from heapq import merge
from operator import itemgetter
from typing import NamedTuple

from attrs import frozen

from inmail_credits.errors import UnsupportedTermError
from inmail_credits.ledger.lots import NEVER
from inmail_credits.plans import Plan, RefundOn, RefundTo
from inmail_credits.simulation.opening import Opening
from inmail_credits.timeline import DAY

GRID = -1


class What(IntEnum):
    """The operations, in their order at one instant (D6)."""

    EXPIRE = 0
    END = 1
    GRANT = 2
    SILENCE = 3


class Operation(NamedTuple):
    """Something time does.

    ``lot`` is the number of a lot of the calendar. EXPIRE ends that lot's life (``GRID``: that of all that
    was received on the step a lifetime before) and GRANT fills it. ``message`` is the place of the opening's
    message whose silence gives its credit back.
    """

    at: datetime
    what: What
    lot: int = -1
    message: int = -1


@frozen
class CalendarLot:
    """A lot known beforehand: of the opening, a grant, a step's purchases, or an opening message's silence.

    ``credits`` is what it opens with or is granted; ``received_step`` and ``expires_step`` are the first
    steps at or after those instants (-1: received before the start; ``steps``: beyond the horizon).
    ``on_grid``: whether it is received exactly on its step.
    """

    credits: int
    received_step: int
    expires_step: int
    on_grid: bool


@frozen(kw_only=True)
class Calendar:
    """The operations of each step, and the lots they speak of; the opening's lots come first.

    ``lifetime_steps`` is a credit's life in steps (``None``: longer than the horizon); ``window_steps`` the
    reply window's length. ``end_step`` is the first step at or after the end of the subscription, or
    ``steps``. ``next_grant_steps`` tells for each step how many steps remain to the next grant after it.
    ``billing_steps`` are the steps with which new billing periods begin, ``purchase_lots`` the lots of what
    is bought in each step (none where nothing is, or where credits form a queue). ``message_windows`` is the
    first step at which an answer to each message of the opening is too late.
    """

    steps: int
    operations: tuple[tuple[Operation, ...], ...]
    lots: tuple[CalendarLot, ...]
    lifetime_steps: int | None
    window_steps: int | None
    end_step: int
    next_grant_steps: tuple[int, ...]
    billing_steps: frozenset[int]
    purchase_lots: tuple[int, ...]
    message_windows: tuple[int, ...]


class Grid:
    """The instants of the steps."""

    def __init__(self, start: datetime, steps: int, steps_per_day: int) -> None:
        self.start = start
        self.steps = steps
        self.width: timedelta = DAY / steps_per_day

    def first_at_or_after(self, at: datetime) -> int:
        """The first step at or after an instant; -1 for an instant before the start."""
        return -1 if at < self.start else -((self.start - at) // self.width)

    def on(self, at: datetime) -> bool:
        """Whether a step stands exactly there."""
        return (at - self.start) % self.width == timedelta(0)

    def at(self, step: int) -> datetime:
        """The instant of a step."""
        return self.start + self.width * step

    @property
    def last(self) -> datetime:
        """The instant of the last step."""
        return self.at(self.steps - 1)


class _Plotter:
    """Puts lots and operations on the grid."""

    def __init__(self, opening: Opening, grid: Grid) -> None:
        self._opening = opening
        self._grid = grid
        self.lots: list[CalendarLot] = []
        self.operations: list[Operation] = []

    def add(self, credits_: int, received_at: datetime | None, expires_at: datetime) -> int:
        """A lot, received then (``None``: before the start), and its expiry; the lot's number."""
        grid = self._grid
        received = -1 if received_at is None else grid.first_at_or_after(received_at)
        expires = grid.steps if expires_at > grid.last else max(grid.first_at_or_after(expires_at), 0)
        on_grid = received_at is not None and grid.on(received_at)
        self.lots.append(CalendarLot(credits_, received, expires, on_grid))
        if expires < grid.steps:
            self.operations.append(Operation(expires_at, What.EXPIRE, lot=len(self.lots) - 1))
        return len(self.lots) - 1

    def received_later(self, credits_: int, at: datetime) -> int:
        """A lot with a life of its own from then on."""
        lifetime = self._opening.plan.lifetime
        return self.add(credits_, at, NEVER if lifetime is None else at + lifetime)

    def grants_and_purchases(self, purchases: Sequence[datetime]) -> tuple[int, ...]:
        """Every grant still to come, and a lot for what is bought at these instants; the numbers of these."""
        opening = self._opening
        grant = (opening.plan.grant_credits * opening.seats, True)
        receipts = [(at, *grant) for at in _grants(opening, self._grid)]
        bought = []
        for at, credits_, granted in merge(receipts, ((at, 0, False) for at in purchases), key=itemgetter(0)):
            number = self.received_later(credits_, at)
            if granted:
                self.operations.append(Operation(at, What.GRANT, lot=number))
            else:
                bought.append(number)
        return tuple(bought)

    def silences(self) -> None:
        """The ends of the opening's reply windows, where silence gives credits back."""
        plan = self._opening.plan
        if plan.refund_on is not RefundOn.SILENCE or plan.reply_window is None:
            return
        for place, message in enumerate(self._opening.messages):
            at = message.sent_at + plan.reply_window
            if at > self._grid.last:
                continue
            number = message.lot if plan.refund_to is RefundTo.ORIGINAL else self.received_later(0, at)
            self.operations.append(Operation(at, What.SILENCE, lot=number, message=place))

    def by_step(self) -> tuple[tuple[Operation, ...], ...]:
        """The operations of each step in their order; after the end of a subscription none come."""
        steps: list[list[Operation]] = [[] for _ in range(self._grid.steps)]
        for operation in sorted(self.operations, key=lambda operation: operation[:2]):
            if operation.at < self._opening.ends_at or operation.what <= What.END:
                steps[max(self._grid.first_at_or_after(operation.at), 0)].append(operation)
        return tuple(map(tuple, steps))


def calendar_of(
    opening: Opening, *, steps: int, steps_per_day: int, paced: bool = False, buying: bool = False
) -> Calendar:
    """The calendar of so many steps from the opening on.

    ``paced`` asks for ``next_grant_steps``, ``buying`` for lots of what is bought in each step.

    Raises:
        UnsupportedTermError: if credits of the opening would outlive credits received later.
    """
    grid = Grid(opening.start, steps, steps_per_day)
    plan = opening.plan
    _check_burn_order(opening)
    plotter = _Plotter(opening, grid)
    for lot in opening.lots:
        plotter.add(lot.credits, None, lot.expires_at)
    purchase_lots = plotter.grants_and_purchases([grid.at(step) for step in range(steps if buying else 0)])
    lifetime_steps = _within(plan.lifetime_days, steps, steps_per_day)
    plotter.operations.extend(
        Operation(grid.at(step), What.EXPIRE, lot=GRID)
        for step in range(steps if lifetime_steps is None else lifetime_steps, steps)
    )
    ends = opening.ends_at <= grid.last
    if ends:
        plotter.operations.append(Operation(opening.ends_at, What.END))
    plotter.silences()
    return Calendar(
        steps=steps,
        operations=plotter.by_step(),
        lots=tuple(plotter.lots),
        lifetime_steps=lifetime_steps,
        window_steps=None if plan.reply_window_days is None else plan.reply_window_days * steps_per_day,
        end_step=grid.first_at_or_after(opening.ends_at) if ends else steps,
        next_grant_steps=_next_grants(opening, grid) if paced else (),
        billing_steps=frozenset(map(grid.first_at_or_after, _billing_dates(opening, grid))),
        purchase_lots=purchase_lots,
        message_windows=tuple(_window_end(plan, message.sent_at, grid) for message in opening.messages),
    )


def _window_end(plan: Plan, sent_at: datetime, grid: Grid) -> int:
    """The first step at which an answer to a message sent then is too late."""
    return grid.steps if plan.reply_window is None else grid.first_at_or_after(sent_at + plan.reply_window)


def _within(days: int | None, steps: int, steps_per_day: int) -> int | None:
    return None if days is None or days * steps_per_day >= steps else days * steps_per_day


def _grants(opening: Opening, grid: Grid) -> list[datetime]:
    """The instants of the grants that are still to come, in order."""
    if not grid.steps:
        return []
    grants = [] if opening.granted_until is not None else [opening.start]
    at = opening.schedule.next_after(opening.start)
    while at <= grid.last and at < opening.ends_at:
        grants.append(at)
        at = opening.schedule.next_after(at)
    return grants


def _billing_dates(opening: Opening, grid: Grid) -> Iterator[datetime]:
    """The beginnings of the billing periods after the one that holds the start."""
    at = opening.start
    while grid.steps and (at := opening.billing.next_after(at)) <= grid.last:
        yield at


def _next_grants(opening: Opening, grid: Grid) -> tuple[int, ...]:
    """For each step, how many steps it is from the next grant after it, or from the end; 1 or more."""
    out: list[int] = []
    at = opening.start
    until = opening.start
    for step in range(grid.steps):
        at = grid.at(step)
        if until <= at:
            until = min(opening.schedule.next_after(at), opening.ends_at)
        out.append(max(1, -((at - until) // grid.width)))
    return tuple(out)


def _check_burn_order(opening: Opening) -> None:
    """Credits received later must burn later: else first in is not first out."""
    lifetime = opening.plan.lifetime
    if lifetime is None:
        return
    for lot in opening.lots:
        if lot.expires_at > opening.start + lifetime:
            raise UnsupportedTermError(
                "lot of the opening that outlives later ones",
                lot.expires_at,
                "simulate from an instant when it is spent, or drive the ledger",
            )

"""What time alone will do, worked out once for all paths.

The problem: days are a grid, and grants, expiries and ends of subscriptions are not: an account opened at
09:17 grants at 09:17. Between two points of the grid only time acts, and in the same way on every path; so
each step gets a short list of operations, in order of their instants and, at one instant, in that of D6:
expire, end, trim and grant, refunds for silence. The kernels carry them out on whole arrays.
"""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from attrs import frozen

from inmail_credits.errors import UnsupportedTermError
from inmail_credits.lots import NEVER
from inmail_credits.plans import RefundOn, RefundTo
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

    ``lot`` is the number of a lot of the calendar. EXPIRE ends that lot's life (``GRID``: that of all that was
    received on the step a lifetime before) and GRANT fills it. ``message``
    is the place of the opening's message whose silence gives its credit back.
    """

    at: datetime
    what: What
    lot: int = -1
    message: int = -1


@frozen
class CalendarLot:
    """A lot known beforehand: of the opening, of a grant, or of an opening message's silence.

    ``credits`` is what it opens with or is granted; ``received_step`` and ``expires_step`` are the first
    steps at or after those instants (-1: before the start; ``steps`` or more: beyond the horizon).
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
    ``message_windows`` is the first step at which an answer to each message of the opening is too late.
    """

    steps: int
    operations: tuple[tuple[Operation, ...], ...]
    lots: tuple[CalendarLot, ...]
    lifetime_steps: int | None
    window_steps: int | None
    end_step: int
    next_grant_steps: tuple[int, ...]
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

    @property
    def last(self) -> datetime:
        """The instant of the last step."""
        return self.start + self.width * (self.steps - 1)


def calendar_of(opening: Opening, *, steps: int, steps_per_day: int, paced: bool = False) -> Calendar:
    """The calendar of so many steps from the opening on; ``paced`` asks for ``next_grant_steps``.

    Raises:
        UnsupportedTermError: if credits of the opening would outlive credits received later.
    """
    grid = Grid(opening.start, steps, steps_per_day)
    plan = opening.plan
    _check_burn_order(opening)
    lots: list[CalendarLot] = []
    operations: list[Operation] = []

    def add(credits_: int, received_at: datetime | None, expires_at: datetime) -> int:
        received = -1 if received_at is None else grid.first_at_or_after(received_at)
        expires = steps if expires_at > grid.last else grid.first_at_or_after(expires_at)
        on_grid = received_at is not None and grid.on(received_at)
        lots.append(CalendarLot(credits_, received, expires, on_grid))
        if expires < steps:
            operations.append(Operation(expires_at, What.EXPIRE, lot=len(lots) - 1))
        return len(lots) - 1

    for lot in opening.lots:
        add(lot.credits, None, lot.expires_at)
    grants = list(_grants(opening, grid))
    for at in grants:
        number = add(plan.grant_credits * opening.seats, at, _end_of_life(opening, at))
        operations.append(Operation(at, What.GRANT, lot=number))
    lifetime_steps = _within(plan.lifetime_days, steps, steps_per_day)
    for step in range(steps if lifetime_steps is None else lifetime_steps, steps):
        operations.append(Operation(grid.start + grid.width * step, What.EXPIRE, lot=GRID))
    if opening.ends_at <= grid.last:
        operations.append(Operation(opening.ends_at, What.END))
    if plan.refund_on is RefundOn.SILENCE and plan.reply_window is not None:
        for place, message in enumerate(opening.messages):
            at = message.sent_at + plan.reply_window
            if at <= grid.last:
                number = (
                    message.lot
                    if plan.refund_to is RefundTo.ORIGINAL
                    else add(0, at, _end_of_life(opening, at))
                )
                operations.append(Operation(at, What.SILENCE, lot=number, message=place))
    by_step: list[list[Operation]] = [[] for _ in range(steps)]
    for operation in sorted(operations, key=lambda operation: operation[:2]):
        if operation.at < opening.ends_at or operation.what <= What.END:
            by_step[grid.first_at_or_after(operation.at)].append(operation)
    return Calendar(
        steps=steps,
        operations=tuple(tuple(operations) for operations in by_step),
        lots=tuple(lots),
        lifetime_steps=lifetime_steps,
        window_steps=None if plan.reply_window_days is None else plan.reply_window_days * steps_per_day,
        end_step=min(steps, grid.first_at_or_after(opening.ends_at))
        if opening.ends_at <= grid.last
        else steps,
        next_grant_steps=_next_grants(opening, grid) if paced else (),
        message_windows=tuple(
            steps
            if plan.reply_window is None
            else grid.first_at_or_after(message.sent_at + plan.reply_window)
            for message in opening.messages
        ),
    )


def _within(days: int | None, steps: int, steps_per_day: int) -> int | None:
    return None if days is None or days * steps_per_day >= steps else days * steps_per_day


def _end_of_life(opening: Opening, at: datetime) -> datetime:
    lifetime = opening.plan.lifetime
    return NEVER if lifetime is None else at + lifetime


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


def _next_grants(opening: Opening, grid: Grid) -> tuple[int, ...]:
    """For each step, how many steps it is from the next grant after it, or from the end; 1 or more."""
    out: list[int] = []
    at = opening.start
    until = opening.start
    for step in range(grid.steps):
        at = grid.start + grid.width * step
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

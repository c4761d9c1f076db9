"""An opening from what a member can know: a balance, the next renewal, the messages without an answer (D17).

The balance shown to members is one number; which grants it is left of is not shown. It is therefore taken to
be left of scheduled grants that are still alive, in one of three named ways (:class:`Ages`). A balance that
such grants cannot hold is refused: refunds or purchases made it, and only lots with their instants can say
so.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import count

from inmail_credits._inputs import as_items, as_pairs, as_text, as_whole
from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.facts import Opened
from inmail_credits.openings import Ages, LotOrigin, OpeningLot, OpeningMessage
from inmail_credits.plans import CREDITS_MAX, Plan
from inmail_credits.timeline import AnyInstant, Schedule, instant, live

_PAIR = "pairs of an instant and the credits left of what was received then"


class _Lot:
    """A lot while it is being put together; ``paid`` is how many open messages it paid for."""

    def __init__(self, received_at: datetime, expires_at: datetime | None, credits_: int) -> None:
        self.received_at = received_at
        self.expires_at = expires_at
        self.credits = credits_
        self.left = 0
        self.paid = 0
        self.origin = LotOrigin.SCHEDULE


def opening_from_balance(
    plan: Plan,
    *,
    at: AnyInstant,
    balance: int | None,
    lots: object,
    renews_on: AnyInstant,
    ends_on: AnyInstant | None,
    ages: Ages | str,
    open_messages: Mapping[str, AnyInstant],
    seats: int,
) -> Opened:
    """The opening that a balance, or lots, and the open messages make; see :meth:`Account.from_balance`.

    Raises:
        InvalidValueError: for a balance that the plan's living grants cannot hold, or values that contradict
            each other.
    """
    at = instant(at)
    seats = as_whole("seats", seats, 1, plan.seats_max)
    anchor_at = instant(renews_on, what="renews_on")
    schedule = plan.schedule(anchor_at)
    if schedule[schedule.index(at)] == at:
        raise InvalidValueError(
            "at", stamp(at), "a moment before or after the grant of that instant, which the balance may hold"
        )
    if lots is not None:
        held = _given(plan, lots, at)
        total = sum(lot.left for lot in held)
        if balance is not None and balance != total:
            raise InvalidValueError("balance", balance, f"the sum of the lots, {total}, or left out")
    else:
        credits_ = as_whole("balance", balance, 0, CREDITS_MAX)
        held = _assumed(plan, credits_, at, schedule, Ages.of("ages", ages), seats)
    payers = _payers(plan, held, open_messages, schedule, seats)
    ends_at = None if ends_on is None else instant(ends_on, what="ends_on")
    if ends_at is not None and ends_at < at:
        raise InvalidValueError("ends_on", stamp(ends_at), f"at or after {stamp(at)}, or left out")
    everything = sorted(held, key=lambda lot: lot.received_at)
    number_of = {id(lot): number for number, lot in enumerate(everything, 1)}
    return Opened(
        plan=plan,
        at=at,
        anchor_at=anchor_at,
        seats=seats,
        ends_at=ends_at,
        lots=[
            OpeningLot(
                number=number_of[id(lot)],
                received_at=lot.received_at,
                expires_at=lot.expires_at,
                credits=lot.credits,
                left=lot.left,
                origin=lot.origin,
            )
            for lot in everything
        ],
        messages=[
            OpeningMessage(message_id=message_id, sent_at=sent_at, lot=number_of[id(lot)])
            for message_id, sent_at, lot in payers
        ],
    )


def _given(plan: Plan, lots: object, at: datetime) -> list[_Lot]:
    """Lots as the caller knows them; they live as the plan says (R8)."""
    held = []
    for item in as_items("lots", lots, _PAIR):
        ((received, left),) = as_pairs("lots", [item], _PAIR)
        received_at = instant(received, what="received_at")  # type: ignore[arg-type] # checked there
        left_credits = as_whole("left", left, 1, CREDITS_MAX)
        lot = _lot(plan, received_at, left_credits)
        lot.left, lot.origin = left_credits, LotOrigin.OPENING
        if not live(at, received_at=received_at, expires_at=lot.expires_at):
            raise InvalidValueError(
                "received_at", stamp(received_at), f"of credits that are alive at {stamp(at)}"
            )
        held.append(lot)
    return held


def _assumed(
    plan: Plan, balance: int, at: datetime, schedule: Schedule, ages: Ages, seats: int
) -> list[_Lot]:
    """What is left of the scheduled grants that are still alive, newest first."""
    each = plan.grant_credits * seats
    grants: list[_Lot] = []
    bound = balance if plan.cap_credits is None else min(balance, plan.cap_credits * seats)
    first = schedule.index(at)
    for k in count(first, -1):
        lot = _lot(plan, schedule[k], each)
        alive = live(at, received_at=lot.received_at, expires_at=lot.expires_at)
        if not each or not alive or (plan.lifetime is None and (first - k) * each >= bound):
            break
        grants.append(lot)
    most = len(grants) * each
    if plan.cap_credits is not None:
        most = min(most, plan.cap_credits * seats)
    if balance > most:
        raise InvalidValueError(
            "balance",
            balance,
            f"at most {most:,}, what the {len(grants)} grants of plan {plan.name!r} alive at {stamp(at)} can "
            "hold; give lots= where refunds or purchases brought more",
        )
    _fill(grants, balance, ages)
    return [lot for lot in grants if lot.left]


def _fill(grants: list[_Lot], balance: int, ages: Ages) -> None:
    """Put the balance into the grants, which stand newest first."""
    if ages is Ages.SPREAD and grants:
        share, odd = divmod(balance, len(grants))
        for index, lot in enumerate(grants):
            lot.left = share + (index < odd)
        return
    for lot in grants if ages is Ages.NEWEST else reversed(grants):
        lot.left = min(lot.credits, balance)
        balance -= lot.left


def _payers(
    plan: Plan,
    held: list[_Lot],
    open_messages: Mapping[str, AnyInstant],
    schedule: Schedule,
    seats: int,
) -> list[tuple[str, datetime, _Lot]]:
    """Which lot paid for each message: of those alive when it was sent, the first to expire with room (D4).

    Grants that are used up are added to ``held`` as far as they are needed. Where all had been used up, a
    credit that had come back paid.
    """
    sent = [
        (as_text("message id", message_id), instant(sent_at, what="sent_at"))  # type: ignore[arg-type]
        for message_id, sent_at in as_pairs(
            "open_messages", open_messages, "instants of sending by message id"
        )
    ]
    payers = []
    for message_id, sent_at in sorted(sent, key=lambda pair: pair[1]):
        _add_grants_alive(plan, held, sent_at, schedule, seats)
        able = [
            lot
            for lot in held
            if lot.left + lot.paid < lot.credits
            and live(sent_at, received_at=lot.received_at, expires_at=lot.expires_at)
        ]
        if able:
            lot = min(able, key=lambda lot: lot.received_at)
        else:
            lot = _lot(plan, sent_at, 1)
            lot.origin = LotOrigin.OPENING
            held.append(lot)
        lot.paid += 1
        payers.append((message_id, sent_at, lot))
    held[:] = [lot for lot in held if lot.left or lot.paid]
    return payers


def _add_grants_alive(plan: Plan, held: list[_Lot], at: datetime, schedule: Schedule, seats: int) -> None:
    """Add the latest grant by then, and those before it that were alive, where they are not there."""
    each = plan.grant_credits * seats
    known = {lot.received_at for lot in held}
    for k in count(schedule.index(at), -1):
        lot = _lot(plan, schedule[k], each)
        if not each or not live(at, received_at=lot.received_at, expires_at=lot.expires_at):
            return
        if lot.received_at not in known:
            held.append(lot)
        if plan.lifetime is None:
            return


def _lot(plan: Plan, received_at: datetime, credits_: int) -> _Lot:
    lifetime = plan.lifetime
    return _Lot(received_at, None if lifetime is None else received_at + lifetime, credits_)

"""What a contract of a fleet plans: seats that join and leave, and the limits they have, as facts.

The ledger says what follows from them (D20), as for any facts planned within a horizon.
"""

from collections import Counter
from datetime import datetime

from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.facts import Fact, SeatLimited, SeatsChanged
from inmail_credits.simulation.fleet.members import Contract


def planned_by(contract: Contract, seats: int, start: datetime, end: datetime) -> list[Fact]:
    """The changes of seats and the limits that fall within ``start <= at < end``, in order.

    ``seats`` is how many the contract has at the start. Those who join and leave at one instant make one
    change. A limit is set at the start, or when the seat joins.

    Raises:
        InvalidValueError: for a seat that leaves before the start, or where no seat would be left.
    """
    moves: Counter[datetime] = Counter()
    facts: list[Fact] = []
    for seat in contract.seats:
        if seat.leaves is not None and seat.leaves <= start:
            limit = f"after the start, {stamp(start)}"
            raise InvalidValueError(f"leaves of seat {seat.name!r}", stamp(seat.leaves), limit)
        joins = start if seat.joins is None else max(seat.joins, start)
        if joins > start:
            moves[joins] += 1
        if seat.leaves is not None:
            moves[seat.leaves] -= 1
        if seat.limit is not None and joins < end:
            facts.append(SeatLimited(seat=seat.name, credits_max=seat.limit, at=joins))
    for at in sorted(moves):
        seats += moves[at]
        if at >= end:
            break
        if seats < 1:
            raise InvalidValueError("seats", seats, f"at least 1 at {stamp(at)}, when seats leave")
        if moves[at]:
            facts.append(SeatsChanged(seats=seats, at=at))
    return sorted(facts, key=lambda fact: (fact.at, isinstance(fact, SeatLimited)))

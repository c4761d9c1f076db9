"""Laws that the movements of any ledger must keep, the oracle's own included."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from inmail_credits.facts import Opened
from inmail_credits.ledger.entries import INFLOWS, Cause, EntryKind
from inmail_credits.testing.memory import END_OF_TIME, LotLeft


class Moved(Protocol):
    """What the laws read of a movement; an ``Entry`` and a :class:`Movement` both have it."""

    @property
    def at(self) -> datetime: ...  # noqa: D102 - as in Entry
    @property
    def kind(self) -> EntryKind: ...  # noqa: D102 - as in Entry
    @property
    def credits(self) -> int: ...  # noqa: D102 - as in Entry
    @property
    def lot(self) -> int: ...  # noqa: D102 - as in Entry
    @property
    def cause(self) -> Cause: ...  # noqa: D102 - as in Entry
    @property
    def message_id(self) -> str: ...  # noqa: D102 - as in Entry


def summed(movements: Iterable[Moved]) -> Counter[tuple[datetime, EntryKind, Cause, str]]:
    """Credits moved for each (at, kind, cause, message_id): the figure two ledgers must agree on.

    Example:
        >>> from inmail_credits import Account, economies
        >>> account = Account.open(economies.LINKEDIN_2019["career"], at="2026-01-31")
        >>> [(kind.value, moved) for (_, kind, _, _), moved in summed(account.entries).items()]
        [('granted', 3)]
    """
    sums: Counter[tuple[datetime, EntryKind, Cause, str]] = Counter()
    for movement in movements:
        sums[movement.at, movement.kind, movement.cause, movement.message_id] += movement.credits
    return sums


def totals_of(movements: Iterable[Moved]) -> dict[EntryKind, int]:
    """Credits moved for each kind.

    Example:
        >>> from inmail_credits import Account, economies
        >>> account = Account.open(economies.LINKEDIN_2019["career"], at="2026-01-31")
        >>> totals_of(account.entries)[EntryKind.GRANTED]
        3
    """
    totals = dict.fromkeys(EntryKind, 0)
    for movement in movements:
        totals[movement.kind] += movement.credits
    return totals


def broken_conservation(movements: Iterable[Moved], *, balance: int) -> list[str]:
    """The law ``opening + granted + refunded - spent - expired - forfeited = balance``; what breaks it.

    Example:
        >>> from inmail_credits import Account, economies
        >>> account = Account.open(economies.LINKEDIN_2019["career"], at="2026-01-31")
        >>> broken_conservation(account.entries, balance=3)
        []
        >>> broken_conservation(account.entries, balance=4)[0].partition(":")[0]
        'movements add up to 3, but the balance is 4'
    """
    totals = totals_of(movements)
    net = sum(credits_ if kind in INFLOWS else -credits_ for kind, credits_ in totals.items())
    return [] if net == balance else [f"movements add up to {net}, but the balance is {balance}: {totals}"]


def broken_bounds(movements: Iterable[Moved], opened: Opened | None = None) -> list[str]:
    """The law that movements come in time order and no lot goes below 0 or above what it received.

    What lots received before the account begins is known from its opening, if it has one (D17).

    Example:
        >>> from inmail_credits import Account, economies
        >>> account = Account.open(economies.LINKEDIN_2019["career"], at="2026-01-31")
        >>> broken_bounds(account.entries)
        []
        >>> broken_bounds([account.entries[0]._replace(credits=0)])
        ['2026-01-31T00:00:00Z granted 0 (schedule, lot 1): 3 left leaves 0 in a lot of 0']
    """
    broken = []
    sizes = {} if opened is None else {lot.number: lot.credits for lot in opened.lots}
    left: Counter[int] = Counter()
    last: datetime | None = None
    for movement in movements:
        if last is not None and movement.at < last:
            broken.append(f"{movement} comes after {last}")
        last = movement.at
        inward = movement.kind in INFLOWS
        size = sizes.setdefault(movement.lot, movement.credits if inward else 0)
        left[movement.lot] += movement.credits if inward else -movement.credits
        if movement.credits < 1 or not 0 <= left[movement.lot] <= size:
            broken.append(f"{movement} leaves {left[movement.lot]} in a lot of {size}")
    return broken


def broken_refunds(movements: Iterable[Moved], opened: Opened | None = None) -> list[str]:
    """The law that a message costs one credit once and gives back at most that, later (R4, D8).

    A message of the opening, if the account has one, cost a credit before it begins (D17).

    Example:
        >>> from inmail_credits import Account, economies
        >>> account = Account.open(economies.LINKEDIN_2019["career"], at="2026-01-31")
        >>> spent = account.send("m-1", at="2026-02-02").entries
        >>> broken_refunds(spent), len(broken_refunds(spent + spent))
        ([], 1)
    """
    broken = []
    spent = Counter(() if opened is None else (message.message_id for message in opened.messages))
    refunded: Counter[str] = Counter()
    for movement in movements:
        if movement.kind is EntryKind.SPENT:
            spent[movement.message_id] += movement.credits
        if movement.kind is EntryKind.REFUNDED:
            refunded[movement.message_id] += movement.credits
        if not refunded[movement.message_id] <= spent[movement.message_id] <= 1 and movement.message_id:
            broken.append(
                f"{movement}: spent {spent[movement.message_id]}, refunded {refunded[movement.message_id]}"
            )
        if movement.kind in {EntryKind.SPENT, EntryKind.REFUNDED} and not movement.message_id:
            broken.append(f"{movement} names no message")
    return broken


def broken_lots(lots: Iterable[LotLeft], *, at: datetime, balance: int) -> list[str]:
    """The law that lots add up to the balance, are live (D2, D3) and not empty, in burn order (D4).

    Example:
        >>> from datetime import UTC
        >>> start, later = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 4))
        >>> broken_lots([(start, later, 3)], at=start, balance=3)
        []
        >>> len(broken_lots([(start, later, 3)], at=later, balance=3))
        1
    """
    listed = list(lots)
    broken = [
        f"lot {lot} is not live with credits left at {at}"
        for lot in listed
        if lot[2] < 1 or lot[0] > at or (lot[1] is not None and lot[1] <= at)
    ]
    order = [(expires_at or END_OF_TIME, received_at) for received_at, expires_at, _ in listed]
    if order != sorted(order):
        broken.append(f"not in burn order: {listed}")
    if sum(lot[2] for lot in listed) != balance:
        broken.append(f"lots do not add up to the balance of {balance}: {listed}")
    return broken

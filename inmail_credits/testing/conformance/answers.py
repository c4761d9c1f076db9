"""The answers of a ledger held against the oracle's: what differs, and which rules the difference touches."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from inmail_credits.errors import stamp
from inmail_credits.facts import (
    Cancelled,
    DeliveryFailed,
    Fact,
    MessageFact,
    Opened,
    Purchased,
    Replied,
    SeatLimited,
    SeatsChanged,
    Sent,
    Subscribed,
    Switched,
    TermsChanged,
    Withdrawn,
)
from inmail_credits.ledger.entries import Cause, EntryKind
from inmail_credits.testing.conformance.adapter import LedgerAdapter
from inmail_credits.testing.conformance.capabilities import Capability
from inmail_credits.testing.conformance.failure import listed
from inmail_credits.testing.laws import (
    broken_bounds,
    broken_conservation,
    broken_lots,
    broken_refunds,
    summed,
)
from inmail_credits.testing.memory import MICROSECOND, START_OF_TIME, Movement
from inmail_credits.testing.oracle import Oracle

TICKS: Final = (-MICROSECOND, timedelta(0), MICROSECOND)
"""About an edge: the microsecond before it, the edge, the microsecond after."""

_BY_MOVEMENT: Final[dict[tuple[EntryKind, Cause], tuple[str, ...]]] = {
    (EntryKind.OPENING, Cause.OPENING): ("D17",),
    (EntryKind.GRANTED, Cause.SCHEDULE): ("R1", "R3", "D5", "D18"),
    (EntryKind.GRANTED, Cause.SEAT): ("D20",),
    (EntryKind.GRANTED, Cause.PURCHASE): ("D15",),
    (EntryKind.SPENT, Cause.SEND): ("R4", "D4"),
    (EntryKind.REFUNDED, Cause.REPLY): ("R5", "D7", "D8", "D9", "D10"),
    (EntryKind.REFUNDED, Cause.SILENCE): ("R6", "D6"),
    (EntryKind.REFUNDED, Cause.DELIVERY_FAILURE): ("D11",),
    (EntryKind.EXPIRED, Cause.AGE): ("R8", "D2", "D4"),
    (EntryKind.FORFEITED, Cause.CAP): ("D6",),
    (EntryKind.FORFEITED, Cause.CANCEL): ("D12",),
    (EntryKind.FORFEITED, Cause.SWITCH): ("D12",),
}
_BY_FACT: Final[dict[type[Fact], tuple[str, ...]]] = {
    Opened: ("D17",),
    Subscribed: ("R1", "R2", "D12"),
    Switched: ("D12",),
    TermsChanged: ("D16",),
    Cancelled: ("D12",),
    Purchased: ("D15",),
    Sent: ("R4", "D4", "D15"),
    Replied: ("R5", "D7", "D8", "D9", "D10"),
    Withdrawn: ("R9", "D8"),
    DeliveryFailed: ("D11",),
    SeatsChanged: ("D20",),
    SeatLimited: ("D20",),
}


@frozen
class Difference:
    """Where a ledger and the oracle differ, or a law is broken, and the rules that are touched."""

    rules: tuple[str, ...]
    what: str
    found: str
    expected: str


def rules_of_facts(facts: Sequence[Fact], before: Sequence[Fact] = ()) -> tuple[str, ...]:
    """The rules that say what these facts do, after those told before them.

    Example:
        >>> from datetime import date
        >>> replies = [Replied(at=date(2026, 2, day), message_id="m") for day in (3, 4)]
        >>> rules_of_facts(replies[1:], replies[:1])
        ('D8', 'D9')
    """
    return _distinct(rule for fact in facts for rule in _rules_of(fact, before))


def _rules_of(fact: Fact, before: Sequence[Fact]) -> tuple[str, ...]:
    """Of a second fact about a message that was sent, the rules of both together."""
    if not isinstance(fact, MessageFact) or isinstance(fact, Sent):
        return _BY_FACT[type(fact)]
    earlier = {type(each) for each in before if isinstance(each, MessageFact) and _is_same(each, fact)}
    about = (earlier | {type(fact)}) - {Sent}
    if not earlier - {Sent}:
        return _BY_FACT[type(fact)]
    if DeliveryFailed in about:
        return ("D11", "D8")
    return ("R9", "D8") if Withdrawn in about else ("D8", "D9")


def _is_same(one: MessageFact, other: MessageFact) -> bool:
    return one.message_id == other.message_id and one is not other


def _rules_of_movements(moved: Iterable[tuple[EntryKind, Cause]]) -> tuple[str, ...]:
    return _distinct(rule for each in moved for rule in _BY_MOVEMENT.get(each, ("D15",)))


def _distinct(rules: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rules))


def has(adapter: LedgerAdapter, capability: Capability) -> bool:
    """Whether the ledger does not leave this out."""
    return capability not in adapter.without


def at_edges(
    adapter: LedgerAdapter, oracle: Oracle, edges: Sequence[datetime], *, latest: datetime
) -> Iterator[Difference]:
    """Balances, lots and totals about edges; those of the past only where the ledger answers them."""
    for edge in edges:
        for at in (edge + tick for tick in TICKS):
            if at >= latest or has(adapter, Capability.PAST_ANSWERS):
                yield from _at(adapter, oracle, at)
        if has(adapter, Capability.TOTALS):
            found, expected = dict(adapter.totals(edge)), oracle.totals(START_OF_TIME, edge)
            if found != expected:
                rules = _rules_about(oracle, edge - MICROSECOND)
                yield Difference(rules, f"the totals before {stamp(edge)}", str(found), str(expected))


def _at(adapter: LedgerAdapter, oracle: Oracle, at: datetime) -> Iterator[Difference]:
    balance, expected = adapter.balance(at), oracle.balance(at)
    if balance != expected or type(balance) is not int:
        what = f"the balance at {stamp(at)}"
        yield Difference(_rules_about(oracle, at), what, repr(balance), repr(expected))
    if has(adapter, Capability.LOTS):
        lots, left = list(adapter.lots(at)), oracle.lots(at)
        if lots != left:
            what = f"the list of lots at {stamp(at)}"
            only_ends = [(lot[0], lot[2]) for lot in lots] == [(lot[0], lot[2]) for lot in left]
            rules = ("R8", "D7", "D16") if only_ends else _distinct(["D4", *_rules_about(oracle, at)])
            yield Difference(rules, what, _lots(lots), _lots(left))
        if broken := broken_lots(lots, at=at, balance=balance):
            yield Difference(
                ("D2", "D3", "D4"), f"the list of broken laws at {stamp(at)}", listed(broken), "empty"
            )


def _lots(lots: Iterable[tuple[datetime, datetime | None, int]]) -> str:
    told = [
        f"{left} of {stamp(received_at)}{'' if ends is None else f' until {stamp(ends)}'}"
        for received_at, ends, left in lots
    ]
    return f"[{', '.join(told)}]"


def _rules_about(oracle: Oracle, at: datetime) -> tuple[str, ...]:
    """The rules by which something happens last up to an instant: at it, if anything does.

    Where nothing happens at it, those come first by which time moves something a microsecond later: that may
    have come too early.
    """
    told = [fact for fact in oracle.facts if fact.at <= at]
    moved = oracle.movements(at)
    when = max([fact.at for fact in told] + [movement.at for movement in moved], default=at)
    next_at = at + MICROSECOND
    early = _rules_by_time(oracle.movements(next_at), next_at) if when < at else ()
    now = [fact for fact in told if fact.at == when]
    return _distinct([*early, *rules_of_facts(now, told), *_rules_by_time(moved, when)]) or ("R3", "R4")


def _rules_by_time(moved: Iterable[Movement], at: datetime) -> tuple[str, ...]:
    return _rules_of_movements((m.kind, m.cause) for m in moved if m.at == at and not m.fact_id)


def in_movements(
    adapter: LedgerAdapter, oracle: Oracle, until: datetime, opened: Opened | None
) -> Iterator[Difference]:
    """What moved up to an instant, and the laws of conservation, bounds and refunds (R4, D8)."""
    if not has(adapter, Capability.MOVEMENTS):
        return
    movements = list(adapter.movements(until))
    found, expected = summed(movements), summed(oracle.movements(until))
    if found != expected:
        wrong = sorted({*(found - expected), *(expected - found)})
        rules = _rules_of_movements((kind, cause) for _, kind, cause, _ in wrong)
        what = f"the set of movements until {stamp(until)} that differ"
        yield Difference(rules, what, _moved(found - expected), _moved(expected - found))
    broken = broken_conservation(movements, balance=adapter.balance(until))
    broken += broken_bounds(movements, opened) + broken_refunds(movements, opened)
    if broken:
        what = f"the list of broken laws until {stamp(until)}"
        yield Difference(("R4", "D8", "D15"), what, listed(broken), "empty")


def _moved(sums: "dict[tuple[datetime, EntryKind, Cause, str], int]") -> str:
    told = [
        f"{stamp(at)} {kind.value} {credits_} ({cause.value}){f' for {message}' if message else ''}"
        for (at, kind, cause, message), credits_ in sorted(sums.items())
    ]
    return f"[{'; '.join(told)}]"


def in_facts(adapter: LedgerAdapter, oracle: Oracle) -> Iterator[Difference]:
    """The facts that are impossible in their place, and the order of facts (D13)."""
    if has(adapter, Capability.LATE_FACTS) and set(adapter.impossible()) != oracle.refused:
        found, expected = listed(adapter.impossible()), listed(oracle.refused)
        yield Difference(("D13",), "the set of impossible facts", found, expected)
    if has(adapter, Capability.REPLAYS):
        order, expected_order = [fact.id for fact in adapter.facts()], [fact.id for fact in oracle.facts]
        if order != expected_order:
            yield Difference(("D13",), "the order of facts", str(order), str(expected_order))

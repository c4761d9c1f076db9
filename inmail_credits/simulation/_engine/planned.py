"""Facts planned within the horizon: a cancellation, a switch, other terms, seats, limits, purchases.

What such a fact does to the subscription does not depend on chance, so it is recorded in a copy of the
account, and the ledger says what follows: there is one place for each rule (D6, D12, D16, D20). A
:class:`Turn` holds the answer, and the terms from then on.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import datetime
from typing import Final, NamedTuple

from attrs import evolve

from inmail_credits._inputs import as_items
from inmail_credits.account import Account
from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.facts import (
    Cancelled,
    Fact,
    Purchased,
    SeatLimited,
    SeatsChanged,
    Switched,
    TermsChanged,
)
from inmail_credits.ledger.entries import Cause, EntryKind
from inmail_credits.ledger.lots import NEVER
from inmail_credits.ledger.outcomes import Receipt
from inmail_credits.ledger.subscription import Subscription
from inmail_credits.plans import Plan
from inmail_credits.timeline import Schedule

PLANNABLE: Final = (Cancelled, Switched, TermsChanged, SeatsChanged, SeatLimited, Purchased)


class Terms(NamedTuple):
    """What holds from one planned fact to the next; ``ends_at`` is ``lots.NEVER`` if there is no end."""

    plan: Plan
    seats: int
    schedule: Schedule
    billing: Schedule
    ends_at: datetime

    @property
    def cap_credits(self) -> int | None:
        """The most that may be held after a grant, for all seats."""
        return None if self.plan.cap_credits is None else self.plan.cap_credits * self.seats


class Turn(NamedTuple):
    """A planned fact and what it does.

    Fields:
        fact: the fact.
        terms: what holds from then on.
        ends: whether a subscription ends at it, and what is left is forfeited (D12).
        follows: whether refunds in flight go on.
        granted: credits granted on schedule: the first of a new subscription; ``None`` for no such grant.
        added: credits granted to seats that are added (D20).
        bought: credits bought.
    """

    fact: Fact
    terms: Terms
    ends: bool
    follows: bool
    granted: int | None
    added: int
    bought: int

    @property
    def at(self) -> datetime:
        """The instant of the fact."""
        return self.fact.at

    @property
    def is_phase(self) -> bool:
        """Whether messages are sent under other terms from then on."""
        return isinstance(self.fact, Switched | TermsChanged)


def checked_facts(planned: Iterable[Fact], start: datetime, end: datetime) -> tuple[Fact, ...]:
    """The facts in the order of their instants, those of one instant as given.

    Raises:
        InvalidValueError: for what is no fact of a kind that can be planned, or lies outside
            ``start <= at < end``.
    """
    kinds = ", ".join(kind.__name__ for kind in PLANNABLE)
    facts = []
    for given in as_items("planned", planned, f"a list of facts: {kinds}"):
        if not isinstance(given, Fact) or type(given) not in PLANNABLE:
            raise InvalidValueError("planned", given, f"a fact of a kind that can be planned: {kinds}")
        fact = evolve(given, recorded=None)
        if not start <= fact.at < end:
            raise InvalidValueError(
                f"instant of the planned fact {fact.id!r}",
                stamp(fact.at),
                f"within the horizon, from {stamp(start)} to before {stamp(end)}",
            )
        facts.append(fact)
    return tuple(sorted(facts, key=lambda fact: fact.at))


def turns_of(account: Account, facts: Sequence[Fact]) -> tuple[Turn, ...]:
    """What the facts do to an account, which stays as it is.

    Raises:
        RefusedError: if the rules do not allow one of them in its place.
        InvalidValueError: for a fact that is recorded already, or given twice.
    """
    account, turns = copy(account), []
    for fact in facts:
        before = account.subscription(at=fact.at)
        receipt = account.record(fact)
        if receipt.repeated or before is None:
            raise InvalidValueError("planned", fact, "a fact that is not recorded yet, and given once")
        turns.append(_turn(fact, receipt, before, account.subscription(at=fact.at)))
    return tuple(turns)


def _turn(fact: Fact, receipt: Receipt, before: Subscription, after: Subscription | None) -> Turn:
    brought = {
        cause: sum(
            entry.credits
            for entry in receipt.entries
            if entry.kind is EntryKind.GRANTED and entry.cause is cause
        )
        for cause in (Cause.SCHEDULE, Cause.SEAT, Cause.PURCHASE)
    }
    renews = after is not None and after.number != before.number
    return Turn(
        fact=fact,
        terms=terms_of(before)._replace(ends_at=fact.at) if after is None else terms_of(after),
        ends=after is None or renews,
        follows=after is not None and after.follows_from <= before.number,
        granted=brought[Cause.SCHEDULE] if renews else None,
        added=brought[Cause.SEAT],
        bought=brought[Cause.PURCHASE],
    )


def terms_of(subscription: Subscription) -> Terms:
    """The terms of a subscription as it stands."""
    return Terms(
        subscription.plan,
        subscription.seats,
        subscription.schedule,
        subscription.billing,
        subscription.ends_at or NEVER,
    )

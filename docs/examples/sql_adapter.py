"""The adapter that holds ``sql_ledger.py`` against the rules: facts are commands, questions rolled back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from sql_ledger import SqlLedger
from sql_tables import EPOCH, TICK, ConflictError, Connection, ImpossibleError, Terms, micros

from inmail_credits import Plan
from inmail_credits.errors import FactConflictError, RefusedError
from inmail_credits.facts import (
    Cancelled,
    DeliveryFailed,
    Fact,
    Purchased,
    Replied,
    Sent,
    Subscribed,
    Withdrawn,
)
from inmail_credits.ledger.entries import Cause, EntryKind
from inmail_credits.testing import Movement, totals_of
from inmail_credits.testing.conformance import Capability, LedgerAdapter
from inmail_credits.testing.memory import LotLeft

C = Capability


class SqlAdapter(LedgerAdapter):
    """A new account in a database whose tables exist."""

    without = frozenset(
        {
            *(C.CALENDAR_GRANTS, C.ZONES, C.SILENCE_REFUNDS, C.SWITCHING, C.TERMS_CHANGES, C.SEATS),
            *(C.SEAT_LIMITS, C.OPENINGS, C.LATE_FACTS, C.PREVIEWS, C.REPLAYS, C.CHECKPOINTS),
        }
    )
    ledger_type = SqlLedger

    def __init__(self, connection: Connection, *, postgresql: bool) -> None:
        self.ledger = self.ledger_type(connection, str(uuid4()), postgresql=postgresql)
        self.latest = 0

    def record(self, *facts: Fact) -> None:
        """All of them in one transaction."""
        try:
            with self.ledger.transaction():
                for fact in facts:
                    if self.ledger.is_new(fact.id, repr(fact)):
                        self._command(fact, micros(fact.at))
        except ImpossibleError as error:
            raise RefusedError(f"record {facts[0].id!r}", facts[0].at, str(error)) from error
        except ConflictError as error:
            raise FactConflictError(facts[0].id, facts[0], facts[0]) from error
        self.latest = max([self.latest, *(micros(fact.at) for fact in facts)])

    def _command(self, fact: Fact, at: int) -> None:
        match fact:
            case Subscribed():
                self.ledger.subscribe(terms_of(fact.plan), at)
            case Cancelled():
                self.ledger.cancel(at)
            case Purchased():
                self.ledger.buy(fact.credits, at)
            case Sent():
                self.ledger.send(fact.message_id, at, free=fact.channel != "inmail")
            case Replied():
                self.ledger.reply(fact.message_id, at, fact.kind)
            case Withdrawn():
                self.ledger.withdraw(fact.message_id, at)
            case DeliveryFailed():
                self.ledger.fail(fact.message_id, at)
            case _:
                raise ImpossibleError(f"facts of type {fact.type} are not known")

    def balance(self, at: datetime) -> int:
        """What is left then."""
        with self.ledger.transaction(keep=False):
            return self.ledger.left(self._reach(at))

    def lots(self, at: datetime) -> Sequence[LotLeft]:
        """What is left of each lot then."""
        with self.ledger.transaction(keep=False):
            rows = self.ledger.lots(self._reach(at))
        return [
            (instant(received), None if expires is None else instant(expires), int(str(left)))
            for received, expires, left in rows
        ]

    def movements(self, until: datetime) -> Iterable[Movement]:
        """The entries, in the suite's form."""
        with self.ledger.transaction(keep=False):
            rows = self.ledger.entries(self._reach(until))
        return [
            Movement(
                instant(at),
                EntryKind(str(kind)),
                int(str(credits_)),
                int(str(lot)),
                Cause(str(cause)),
                str(message or ""),
            )
            for at, kind, cause, credits_, lot, message in rows
        ]

    def totals(self, before: datetime) -> Mapping[EntryKind, int]:
        """Sums of the entries."""
        return totals_of(self.movements(before - TICK))

    def _reach(self, at: datetime) -> int:
        self.ledger.advance(max(micros(at), self.latest))
        return micros(at)


def instant(value: object) -> datetime:
    """Microseconds as an instant."""
    return EPOCH + int(str(value)) * TICK


def terms_of(plan: Plan) -> Terms:
    """The terms of a plan as the tables have them."""
    return Terms(
        grant_credits=plan.grant_credits,
        grant_every=(plan.grant_every.months, plan.grant_every.days),
        billing_every=(plan.billing_every.months, plan.billing_every.days),
        lifetime_days=plan.lifetime_days,
        cap_credits=plan.cap_credits,
        window_days=plan.reply_window_days,
        refund_kinds=frozenset(str(kind) for kind in plan.refund_kinds),
        refunds_rejoin=plan.refund_to == "original",
        ends_at_once=plan.cancel_at == "at_once",
        purchase_max=plan.purchase_credits_max,
    )

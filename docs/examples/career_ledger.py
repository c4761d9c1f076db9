"""A ledger for the plan ``career`` alone, in order of time, and its adapter for the conformance suite."""

from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from inmail_credits.errors import RefusedError
from inmail_credits.facts import Fact, Replied, Sent, Subscribed, Withdrawn
from inmail_credits.testing.conformance import Capability, LedgerAdapter

NINETY_DAYS = timedelta(days=90)


class CareerLedger:
    """3 credits a month that live 90 days; a message's first reaction gives its credit back."""

    def __init__(self) -> None:
        self.started_at: datetime | None = None
        self.received: list[datetime] = []  # one instant for each credit given back
        self.sent: list[datetime] = []
        self.open_messages: dict[str, bool] = {}

    def left(self, at: datetime) -> int:
        """The credits left at ``at``: those received by then and alive, less what was spent of them."""
        received, grants = list(self.received), 0
        while self.started_at and (granted := self.started_at + relativedelta(months=grants)) <= at:
            received += [granted] * 3
            grants += 1
        received.sort()
        for sent_at in self.sent:  # each takes the oldest credit that lives then
            received.remove(next(each for each in received if each <= sent_at < each + NINETY_DAYS))
        return sum(each <= at < each + NINETY_DAYS for each in received)


class CareerAdapter(LedgerAdapter):
    """A new ledger for each account under test; whatever a career account never meets is left out."""

    without = frozenset(Capability)

    def __init__(self) -> None:
        self.ledger = CareerLedger()

    def record(self, *facts: Fact) -> None:
        """Take in one fact, or refuse it."""
        (fact,), ledger = facts, self.ledger
        match fact:
            case Subscribed() if ledger.started_at is None:
                ledger.started_at = fact.at
            case Sent() if fact.message_id not in ledger.open_messages and ledger.left(fact.at):
                ledger.sent.append(fact.at)
                ledger.open_messages[fact.message_id] = True
            case Replied() | Withdrawn() if fact.message_id in ledger.open_messages:
                if ledger.open_messages[fact.message_id] and isinstance(fact, Replied):
                    ledger.received.append(fact.at)
                ledger.open_messages[fact.message_id] = False
            case _:
                raise RefusedError(fact.type, fact.at, "the message is not known, or no credit is left")

    def balance(self, at: datetime) -> int:
        """The credits left at ``at``."""
        return self.ledger.left(at)

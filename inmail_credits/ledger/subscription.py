"""The values the ledger keeps of a subscription and of a message: immutable, replaced when they change."""

from datetime import datetime
from typing import NamedTuple

from inmail_credits.facts import Sent
from inmail_credits.ledger.ruling import Ruling
from inmail_credits.plans import Plan
from inmail_credits.timeline import Schedule


class Subscription(NamedTuple):
    """A running subscription: from ``started_at`` until, once cancelled, ``ends_at``.

    ``number`` counts the account's subscriptions from 1; ``schedule`` has the grant dates;
    ``first_lot`` is the number of its first lot; ``limits`` the most credits a seat may spend from one
    scheduled grant to the next.
    """

    number: int
    plan: Plan
    started_at: datetime
    seats: int
    schedule: Schedule
    first_lot: int
    limits: dict[str, int]
    ends_at: datetime | None = None

    @property
    def billing(self) -> Schedule:
        """The billing dates, counted from the start (D5)."""
        return Schedule(self.started_at, self.plan.billing_every)

    def billing_period(self, at: datetime) -> tuple[datetime, datetime]:
        """The half-open billing period that holds ``at`` (D5, D12)."""
        return self.billing.period(at)


class Course(NamedTuple):
    """Where an account stands between two changes of its subscription.

    ``subscription`` is the running one; ``subscriptions`` counts all there ever were, ``grants`` the
    scheduled grants; the next of these is due at ``next_grant_at``. ``most_seats`` is the most seats there
    were since the last of them: so many have had their allotment (D20).
    """

    subscription: Subscription | None
    subscriptions: int
    grants: int
    next_grant_at: datetime
    most_seats: int = 0


class Message(NamedTuple):
    """A sent message: the number of the lot that paid (0 if it was free) and of the subscription.

    ``seat_period`` is set where a seat sent it: a limit counts it, even one set later. ``settled_at`` and
    ``settled_as`` are what closed the matter of its credit (D8); ``None`` while it is open. ``answered`` is
    whether a reply of any kind came while it was open, which proves that it was delivered (D11).
    """

    sent: Sent
    lot: int
    subscription: int
    seat_period: tuple[int, str] | None = None
    settled_at: datetime | None = None
    settled_as: Ruling | None = None
    answered: bool = False

    @property
    def is_open(self) -> bool:
        """Whether its credit may still come back: it was paid for and nothing has settled it."""
        return self.lot > 0 and self.settled_at is None

    def settled(self, at: datetime, ruling: Ruling) -> "Message":
        """This message, with the matter closed."""
        sent, lot, subscription, seat_period, _, _, answered = self
        return Message(sent, lot, subscription, seat_period, at, ruling, answered)

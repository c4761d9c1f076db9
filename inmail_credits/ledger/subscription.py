"""The values the ledger keeps of a subscription and of a message: immutable, replaced when they change."""

from datetime import datetime
from typing import NamedTuple

from inmail_credits.facts import Sent
from inmail_credits.ledger.ruling import Ruling
from inmail_credits.plans import Plan, RefundOn
from inmail_credits.timeline import Schedule


class Subscription(NamedTuple):
    """A running subscription.

    Fields:
        number: 1 for the first of the account, counting up.
        plan: its terms.
        anchor_at: what its dates are counted from: the start, or what an opening gives for it (D17).
        started_at: when it started.
        seats: the seats of the contract; 1 for a personal plan.
        schedule: the grant dates.
        limits: the most credits a seat may spend from one scheduled grant to the next, by its name (D20).
        follows_from: it answers for messages of the subscriptions from this number on: its own, and those
            that led to it by a switch (D12).
        ends_at: when it ends, once it is cancelled; ``None`` before.
        changed_at: when the terms its messages were sent under last changed (D16); ``None`` for never.
        counted_from: where the billing period began in which its own terms last changed: what was bought in
            the periods before it counts no more; ``None`` for never.
    """

    number: int
    plan: Plan
    anchor_at: datetime
    started_at: datetime
    seats: int
    schedule: Schedule
    limits: dict[str, int]
    follows_from: int
    ends_at: datetime | None = None
    changed_at: datetime | None = None
    counted_from: datetime | None = None

    @property
    def may_await_silence(self) -> bool:
        """Whether silence may give a credit back: under the plan, or under terms there were before."""
        return self.plan.refund_on is RefundOn.SILENCE or self.changed_at is not None

    def answers_for(self, message: "Message") -> bool:
        """Whether credits of that message come back to this subscription, if they come back."""
        return message.subscription >= self.follows_from

    @property
    def billing(self) -> Schedule:
        """The billing dates, counted from the anchor (D5, D18)."""
        return self.plan.billing(self.anchor_at)

    def billing_period(self, at: datetime) -> tuple[datetime, datetime]:
        """The half-open billing period that holds ``at`` (D5, D12)."""
        return self.billing.period(at)

    def purchases_count_from(self, at: datetime) -> datetime:
        """Since when purchases count against what the plan sells in the billing period that holds ``at``."""
        start, _ = self.billing_period(at)
        return start if self.counted_from is None else max(start, self.counted_from)


class Course(NamedTuple):
    """Where an account stands between two changes of its subscription.

    ``subscription`` is the running one; ``subscriptions`` counts all there ever were, ``grants`` the
    scheduled grants; the next of these is due at ``next_grant_at``. ``most_seats`` is the most seats there
    were since the last of them: so many have had their allotment (D20). ``ended`` is the subscription that
    ended last, where none is running.
    """

    subscription: Subscription | None
    subscriptions: int
    grants: int
    next_grant_at: datetime
    most_seats: int = 0
    ended: Subscription | None = None


class Message(NamedTuple):
    """A sent message, and what became of its credit.

    Fields:
        sent: the fact of its sending.
        lot: the number of the lot that paid; 0 if it was free.
        subscription: the number of the subscription it was sent under.
        plan: the plan it was sent under, whose window and kinds of reply it keeps (D16); ``None`` if free.
        seat_period: the number of grants by then and the seat, where one sent it: a limit counts it, even
            one set later.
        settled_at: when the matter of its credit was closed (D8); ``None`` while it is open.
        settled_as: what closed it; ``None`` while it is open.
        answered: whether a reply of any kind came while it was open, which proves that it was delivered
            (D11).
    """

    sent: Sent
    lot: int
    subscription: int
    plan: Plan | None = None
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
        sent, lot, subscription, plan, seat_period, _, _, answered = self
        return Message(sent, lot, subscription, plan, seat_period, at, ruling, answered)

    @property
    def silence_at(self) -> datetime | None:
        """When silence gives its credit back, if it is still open then; ``None`` where silence does not."""
        plan = self.plan
        if plan is None or self.settled_at is not None or plan.refund_on is not RefundOn.SILENCE:
            return None
        window = plan.reply_window
        return None if window is None else self.sent.at + window

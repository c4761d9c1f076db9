"""The oracle lives through facts given in order, one event at a time."""

from bisect import insort
from collections import Counter
from datetime import datetime

from attrs import define, evolve, field

from inmail_credits.channels import Channel
from inmail_credits.errors import InvalidValueError
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
from inmail_credits.plans import CancelAt, OnSwitch, Plan, RefundOn, RefundTo, SeatGrant
from inmail_credits.testing.memory import (
    MICROSECOND,
    START_OF_TIME,
    Credit,
    Message,
    Movement,
    Subscription,
    days_after,
    first_allotment,
)


@define(eq=False)
class Run:
    """An account living through time: give it facts in their order, and let time pass.

    ``credits`` holds every credit there ever was, ``left`` those in the account now in burn order,
    ``history`` every movement of every single credit. ``begun`` says that a fact was taken in, ``opened``
    that the account begins from what was known (D17).

    Raises:
        InvalidValueError: where an instant lies before ``now``.
    """

    now: datetime = START_OF_TIME
    subscription: Subscription | None = None
    credits: list[Credit] = field(factory=list)
    left: list[Credit] = field(factory=list)
    messages: dict[str, Message] = field(factory=dict)
    history: list[Movement] = field(factory=list)
    lots: int = 0
    begun: bool = False
    opened: bool = False

    def copy(self) -> "Run":
        """A run that stands where this one does and goes its own way from here."""
        credits_ = {id(credit): evolve(credit, history=[*credit.history]) for credit in self.credits}
        known = [self.subscription, *(message.subscription for message in self.messages.values())]
        subscriptions = {id(each): each.copy() for each in known if each is not None}
        messages = {
            message_id: evolve(
                message,
                credit=credits_.get(id(message.credit)),
                subscription=subscriptions.get(id(message.subscription)),
            )
            for message_id, message in self.messages.items()
        }
        return evolve(
            self,
            subscription=subscriptions.get(id(self.subscription)),
            credits=list(credits_.values()),
            left=[credits_[id(credit)] for credit in self.left],
            messages=messages,
            history=[*self.history],
        )

    def advance(self, to: datetime) -> None:
        """Let time pass up to and including all that time alone causes at ``to``."""
        if to < self.now:
            raise InvalidValueError("instant", to, f"at or after {self.now}, which has passed")
        while (due := self.next_due()) is not None and due <= to:
            self._expire(due)
            self._end(due)
            self._grant(due)
            self._settle_silence(due)
        self.now = to

    def next_due(self) -> datetime | None:
        """The next instant at which time alone does something, if there is one."""
        due = [credit.expires_at for credit in self.left[:1] if credit.expires_at is not None]
        if (running := self.subscription) is not None:
            due.append(running.next_grant_at)
            due += [] if running.ends_at is None else [running.ends_at]
            due += [ends_at for _, ends_at in self.awaiting_silence()]
        return min(due, default=None)

    def open_messages(self) -> dict[str, Message]:
        """Messages for which something may still come back: paid, unsettled, of the running subscription."""
        return {
            message_id: message
            for message_id, message in self.messages.items()
            if message.subscription is not None
            and message.subscription is self.subscription
            and not message.settled
        }

    def awaiting_silence(self) -> list[tuple[str, datetime]]:
        """Open messages whose silence will give the credit back, with the instant, in the order sent."""
        return [
            (message_id, message.window_ends_at)
            for message_id, message in self.open_messages().items()
            if message.plan is not None
            and message.plan.refund_on is RefundOn.SILENCE
            and message.window_ends_at is not None
        ]

    def seat_room(self, seat: str | None) -> int | None:
        """How many more the seat may send before the next scheduled grant; ``None`` for no limit (D20)."""
        if self.subscription is None or seat is None:
            return None
        limit = self.subscription.limits.get(seat)
        return None if limit is None else limit - self.subscription.sent[seat]

    # What time does.

    def _expire(self, at: datetime) -> None:
        for credit in list(self.left):
            if credit.expires_at is None or credit.expires_at > at:
                break  # burn order: nothing after it expires sooner
            self._take(credit, at, EntryKind.EXPIRED, Cause.AGE)

    def _end(self, at: datetime) -> None:
        if self.subscription is not None and self.subscription.ends_at == at:
            self._forfeit_all(at, Cause.CANCEL)
            self.subscription = None

    def _grant(self, at: datetime) -> None:
        running = self.subscription
        if running is not None and running.next_grant_at == at:
            running.refresh(at)
            self._allot(running.seats * running.plan.grant_credits, at)

    def _settle_silence(self, at: datetime) -> None:
        for message_id, due in self.awaiting_silence():
            if due == at:
                self._give_back(message_id, at, Cause.SILENCE)

    # What facts do. Each answers whether the fact was possible.

    def apply(self, fact: Fact) -> bool:
        """Let time pass to the fact and take it in; ``False``, and nothing changed, if it is impossible."""
        self.advance(fact.at)
        if isinstance(fact, Opened):
            possible = self._open(fact)
        elif isinstance(fact, MessageFact):
            possible = self._apply_to_message(fact)
        elif isinstance(fact, Subscribed):
            possible = self._subscribe(fact)
        else:
            running = self.subscription
            possible = running is not None and self._apply_to_subscription(fact, running)
        self.begun |= possible
        return possible

    def _open(self, fact: Opened) -> bool:
        """Stand where the opening says, if nothing happened before, and let its own instant pass (D17)."""
        if self.begun:
            return False
        self.opened, self.lots = True, fact.last_lot
        over = fact.ends_at is not None and fact.ends_at < fact.at
        if fact.plan is not None and fact.anchor_at is not None and not over:
            running = Subscription(fact.plan, fact.anchor_at, fact.seats, fact.ends_at)
            running.count_grants(fact.at - MICROSECOND)
            running.seats_most = fact.seats_most
            running.bought = [(purchase.at, purchase.credits) for purchase in fact.purchases]
            running.limits = {use.seat: use.credits_max for use in fact.seat_uses}
            running.sent = Counter({use.seat: use.spent for use in fact.seat_uses})
            self.subscription = running
            self._open_lots(fact, running, fact.plan)
        self.advance(fact.at)
        return True

    def _open_lots(self, fact: Opened, running: Subscription, plan: Plan) -> None:
        """Receive what is left of each lot; what is not has paid for messages, the open ones among them."""
        paid: dict[int, list[Credit]] = {}
        for lot in fact.lots:
            credits_ = [Credit(lot.number, lot.received_at, lot.expires_at) for _ in range(lot.credits)]
            self.credits += credits_
            paid[lot.number] = credits_[lot.left :]
            for credit in credits_[: lot.left]:
                opening = Movement(fact.at, EntryKind.OPENING, 1, lot.number, Cause.OPENING, "", fact.id)
                self._put(credit, opening)
        for each in fact.messages:
            self.messages[each.message_id] = Message(
                each.sent_at, paid[each.lot].pop(), running, each.plan or plan, answered=each.answered
            )

    def _subscribe(self, fact: Subscribed) -> bool:
        if (self.subscription is not None) is not isinstance(fact, Switched):
            return False
        self._forfeit_all(fact.at, Cause.SWITCH, fact.id)
        self._start(fact)
        return True

    def _start(self, fact: Subscribed) -> None:
        left, running = self.subscription, Subscription(fact.plan, fact.at, fact.seats)
        if left is not None and left.plan.on_switch is OnSwitch.FOLLOW:
            for message in self.open_messages().values():
                message.subscription = running
        self.subscription = running
        self._allot(fact.seats * first_allotment(fact.plan, fact.at), fact.at, fact.id)

    def _apply_to_subscription(self, fact: Fact, running: Subscription) -> bool:
        match fact:
            case Cancelled():
                return self._cancel(fact, running)
            case Purchased():
                return self._purchase(fact, running)
            case SeatsChanged():
                return self._change_seats(fact, running)
            case TermsChanged():
                return self._change_terms(fact, running)
            case SeatLimited():
                running.limits[fact.seat] = fact.credits_max
                return True
            case _:
                raise InvalidValueError("fact", fact, "of a kind the rulebook knows")

    def _cancel(self, fact: Cancelled, running: Subscription) -> bool:
        if running.ends_at is not None:
            return False
        if running.plan.cancel_at is CancelAt.AT_ONCE:
            self._forfeit_all(fact.at, Cause.CANCEL, fact.id)
            self.subscription = None
        else:
            running.ends_at = running.billing_period(fact.at)[1]
        return True

    def _change_terms(self, fact: TermsChanged, running: Subscription) -> bool:
        """Only what comes from now on follows the new plan (D16)."""
        if running.seats > fact.plan.seats_max:
            return False
        running.change_plan(fact.plan, fact.at)
        return True

    def _purchase(self, fact: Purchased, running: Subscription) -> bool:
        if fact.credits > running.purchase_room(fact.at):
            return False
        running.bought.append((fact.at, fact.credits))
        self._receive(fact.credits, fact.at, EntryKind.GRANTED, Cause.PURCHASE, fact_id=fact.id)
        return True

    def _change_seats(self, fact: SeatsChanged, running: Subscription) -> bool:
        if fact.seats > running.plan.seats_max:
            return False
        added = fact.seats - running.seats_most
        running.seats = fact.seats
        running.seats_most = max(running.seats_most, fact.seats)
        if added > 0 and running.plan.seat_grant is SeatGrant.AT_ONCE:
            granted = added * running.plan.grant_credits
            self._receive(granted, fact.at, EntryKind.GRANTED, Cause.SEAT, fact_id=fact.id)
        return True

    def _apply_to_message(self, fact: MessageFact) -> bool:
        if isinstance(fact, Sent):
            return self._send(fact)
        message = self.messages.get(fact.message_id)
        if message is None:
            return self.opened  # it was settled, or free, before the account begins (D17)
        message.answered |= isinstance(fact, Replied)
        running = self.subscription
        plan = message.plan
        if running is None or plan is None or message.settled or message.subscription is not running:
            return True
        match fact:
            case Replied():
                in_time = message.window_ends_at is None or fact.at < message.window_ends_at
                if fact.kind not in plan.refund_kinds or not in_time:
                    return True
                message.settled = True
                if plan.refund_on is RefundOn.REPLY:
                    self._give_back(fact.message_id, fact.at, Cause.REPLY, fact.id)
            case Withdrawn():
                message.settled = True
            case DeliveryFailed() if message.answered:
                return True
            case DeliveryFailed():
                self._give_back(fact.message_id, fact.at, Cause.DELIVERY_FAILURE, fact.id)
            case _:
                raise InvalidValueError("fact", fact, "of a kind the rulebook knows")
        return True

    def _send(self, fact: Sent) -> bool:
        if fact.message_id in self.messages:
            return False
        if fact.channel is not Channel.INMAIL:
            self.messages[fact.message_id] = Message(fact.at)
            return True
        room, running = self.seat_room(fact.seat), self.subscription
        if running is None or not self.left or (room is not None and room < 1):
            return False
        credit = self.left[0]
        self._take(credit, fact.at, EntryKind.SPENT, Cause.SEND, message_id=fact.message_id, fact_id=fact.id)
        self.messages[fact.message_id] = Message(fact.at, credit, running, running.plan)
        if fact.seat is not None:
            running.sent[fact.seat] += 1
        return True

    # How credits move.

    def _allot(self, credits_: int, at: datetime, fact_id: str = "") -> None:
        """Trim what was carried over to the cap of all seats, then receive the allotment (D6)."""
        running = self.subscription
        if running is not None and running.plan.cap_credits is not None:
            excess = len(self.left) + credits_ - running.plan.cap_credits * running.seats
            for credit in self.left[: max(excess, 0)]:
                self._take(credit, at, EntryKind.FORFEITED, Cause.CAP, fact_id=fact_id)
        self._receive(credits_, at, EntryKind.GRANTED, Cause.SCHEDULE, fact_id=fact_id)

    def _give_back(self, message_id: str, at: datetime, cause: Cause, fact_id: str = "") -> None:
        """Settle a message by giving its credit back, as the plan says (D7, D8)."""
        message, running = self.messages[message_id], self.subscription
        message.settled = True
        if running is None or message.credit is None:
            return
        if running.plan.refund_to is RefundTo.FRESH:
            self._receive(1, at, EntryKind.REFUNDED, cause, message_id=message_id, fact_id=fact_id)
            return
        credit = message.credit
        if credit.expires_at is None or at < credit.expires_at:
            self._put(credit, Movement(at, EntryKind.REFUNDED, 1, credit.lot, cause, message_id, fact_id))

    def _receive(
        self,
        credits_: int,
        at: datetime,
        kind: EntryKind,
        cause: Cause,
        *,
        message_id: str = "",
        fact_id: str = "",
    ) -> None:
        """Receive a new lot; a lot of no credits is none."""
        if credits_ == 0 or self.subscription is None:
            return
        self.lots += 1
        days = self.subscription.plan.lifetime_days
        expires_at = None if days is None else days_after(at, days)
        for _ in range(credits_):
            credit = Credit(self.lots, at, expires_at)
            self.credits.append(credit)
            self._put(credit, Movement(at, kind, 1, self.lots, cause, message_id, fact_id))

    def _forfeit_all(self, at: datetime, cause: Cause, fact_id: str = "") -> None:
        for credit in list(self.left):
            self._take(credit, at, EntryKind.FORFEITED, cause, fact_id=fact_id)

    def _put(self, credit: Credit, movement: Movement) -> None:
        insort(self.left, credit, key=lambda each: each.burn_order)
        credit.history.append(movement)
        self.history.append(movement)

    def _take(
        self,
        credit: Credit,
        at: datetime,
        kind: EntryKind,
        cause: Cause,
        *,
        message_id: str = "",
        fact_id: str = "",
    ) -> None:
        movement = Movement(at, kind, 1, credit.lot, cause, message_id, fact_id)
        self.left.remove(credit)
        credit.history.append(movement)
        self.history.append(movement)

"""The rules: what each kind of fact does to the ledger, one function each, in one table.

A function either returns its :class:`Ruling`, having moved credits through the ledger, or raises a
:class:`RefusedError` before anything has moved (D15). Terms come from the plan; no rule asks a plan for
its name.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from inmail_credits import facts as f
from inmail_credits.channels import Channel
from inmail_credits.errors import (
    DuplicateMessageError,
    NoCreditError,
    RefusedError,
    SubscriptionError,
    UnknownMessageError,
    stamp,
)
from inmail_credits.ledger._ledger import Ledger
from inmail_credits.ledger._openings import begin
from inmail_credits.ledger.entries import Cause, EntryKind
from inmail_credits.ledger.ruling import Ruling
from inmail_credits.ledger.subscription import Message, Subscription
from inmail_credits.plans import CancelAt, OnSwitch, Plan, RefundOn

FactT = TypeVar("FactT", bound=f.Fact)
Rule = Callable[[Ledger, f.Fact], Ruling]


def _refusal(
    error: type[RefusedError],
    ledger: Ledger,
    fact: f.Fact,
    action: str,
    reason: str,
    existing: f.Fact | None = None,
) -> RefusedError:
    """A refusal of a fact, with what an app needs to answer: credits left, and the next grant."""
    next_grant_at, next_grant_credits = ledger.next_grant() or (None, None)
    return error(
        action,
        fact.at,
        reason,
        fact,
        ledger.journal.balance,
        next_grant_at,
        next_grant_credits,
        existing,
    )


def _running(ledger: Ledger, fact: f.Fact, action: str) -> Subscription:
    if ledger.course.subscription is None:
        reason = "no subscription is running; subscribe first"
        raise _refusal(SubscriptionError, ledger, fact, action, reason)
    return ledger.course.subscription


def _begin(ledger: Ledger, fact: f.Subscribed, left: Subscription | None = None) -> Ruling:
    """A subscription starts; ``left`` is the one a switch leaves, whose refunds may follow (D12)."""
    plan, number = fact.plan, ledger.course.subscriptions + 1
    follows = left is not None and left.plan.on_switch is OnSwitch.FOLLOW
    subscription = Subscription(
        number=number,
        plan=plan,
        anchor_at=fact.at,
        started_at=fact.at,
        seats=fact.seats,
        schedule=plan.schedule(fact.at),
        limits={},
        follows_from=left.follows_from if left and follows else number,
        changed_at=fact.at if follows else None,
    )
    each = plan.first_grant_credits(fact.at)
    ledger.grant_on_schedule(subscription, fact.at, each=each, fact_id=fact.id)
    return Ruling.GRANTED


def _subscribed(ledger: Ledger, fact: f.Subscribed) -> Ruling:
    """R3: the first grant comes with the subscription."""
    running = ledger.course.subscription
    if running is not None:
        until = f" until {stamp(running.ends_at)}" if running.ends_at else ""
        raise _refusal(
            SubscriptionError,
            ledger,
            fact,
            f"subscribe to {fact.plan.name!r}",
            f"{running.plan.name!r} is running since {stamp(running.started_at)}{until}; switch instead",
        )
    return _begin(ledger, fact)


def _switched(ledger: Ledger, fact: f.Switched) -> Ruling:
    """D12: credits are not transferable; a new anchor starts and the new plan grants at once."""
    left = _running(ledger, fact, f"switch to {fact.plan.name!r}")
    ledger.end(fact.at, cause=Cause.SWITCH, fact_id=fact.id)
    return _begin(ledger, fact, left)


def _terms_changed(ledger: Ledger, fact: f.TermsChanged) -> Ruling:
    """D16: the subscription goes on under another plan, its dates counted from the same anchor."""
    plan, action = fact.plan, f"change the terms to {fact.plan.name!r}"
    subscription = _running(ledger, fact, action)
    if subscription.seats > plan.seats_max:
        raise SubscriptionError(
            action,
            fact.at,
            f"there are {subscription.seats} seats, and {plan.name!r} has at most {plan.seats_max}",
        )
    changed = subscription._replace(
        plan=plan,
        schedule=plan.schedule(subscription.anchor_at),
        changed_at=fact.at,
        counted_from=subscription.purchases_count_from(fact.at),
    )
    ledger.change_terms(changed, fact.at)
    return Ruling.TERMS


def _cancelled(ledger: Ledger, fact: f.Cancelled) -> Ruling:
    """D12: usable to the end of the billing period, then forfeited; or at once, as the plan says."""
    subscription = _running(ledger, fact, "cancel")
    if subscription.ends_at is not None:
        reason = f"it is cancelled already and ends {stamp(subscription.ends_at)}"
        raise _refusal(SubscriptionError, ledger, fact, "cancel", reason)
    if subscription.plan.cancel_at is CancelAt.AT_ONCE:
        ledger.end(fact.at, cause=Cause.CANCEL, fact_id=fact.id)
    else:
        ledger.amend(subscription._replace(ends_at=subscription.billing_period(fact.at)[1]))
    return Ruling.ENDS


def _purchased(ledger: Ledger, fact: f.Purchased) -> Ruling:
    """Credits bought beside the allotment, up to the plan's limit for one billing period."""
    action = f"buy {fact.credits} credits"
    plan = (subscription := _running(ledger, fact, action)).plan
    room = ledger.purchase_room(fact.at, subscription)
    if fact.credits > room:
        raise _refusal(
            SubscriptionError,
            ledger,
            fact,
            action,
            f"{plan.name!r} sells {room} more in the billing period that ends "
            f"{stamp(subscription.billing_period(fact.at)[1])}",
        )
    ledger.purchase(subscription, fact.at, fact.credits, fact_id=fact.id)
    return Ruling.BOUGHT


def _sent(ledger: Ledger, fact: f.Sent) -> Ruling:
    """R4: one InMail, one credit; D4 says which. R10, R14, R15: other channels are free."""
    message_id = fact.message_id
    if message_id in ledger.messages:
        raise duplicate(ledger, fact)
    if fact.channel is not Channel.INMAIL:
        ledger.open(Message(fact, 0, 0))
        return Ruling.FREE
    subscription = ledger.course.subscription
    if subscription is None or not ledger.journal.balance:
        raise _refusal(NoCreditError, ledger, fact, f"send {message_id!r}", _why_no_credit(ledger))
    seat_period = None
    if fact.seat is not None:
        seat_period = _seat_period(ledger, fact, fact.seat, subscription.limits.get(fact.seat))
    lot, _ = ledger.take(
        fact.at, EntryKind.SPENT, 1, cause=Cause.SEND, fact_id=fact.id, message_id=message_id
    )
    ledger.open(Message(fact, lot, subscription.number, subscription.plan, seat_period))
    return Ruling.SPENT


def duplicate(ledger: Ledger, fact: f.Sent) -> RefusedError:
    """The refusal of a second message under an id that is in use."""
    earlier = ledger.messages[fact.message_id].sent
    reason = f"that id was sent {stamp(earlier.at)}; give each message an id of its own"
    return _refusal(DuplicateMessageError, ledger, fact, f"send {fact.message_id!r}", reason, earlier)


def _why_no_credit(ledger: Ledger) -> str:
    if ledger.course.subscription is None:
        return "0 credits left and no subscription is running; subscribe first"
    if (next_grant := ledger.next_grant()) is None:
        return "0 credits left and no further grant: the subscription is cancelled"
    at, credits_ = next_grant
    return f"0 credits left; next grant {stamp(at)} ({credits_})"


def _seat_period(ledger: Ledger, fact: f.Sent, seat: str, limit: int | None) -> tuple[int, str]:
    period = (ledger.course.grants, seat)
    if limit is not None and ledger.used.get(period, 0) >= limit:
        raise _refusal(
            NoCreditError,
            ledger,
            fact,
            f"send {fact.message_id!r}",
            f"seat {seat!r} has used its limit of {limit}, which resets {stamp(ledger.course.next_grant_at)}",
        )
    return period


def _known(ledger: Ledger, fact: f.MessageFact, action: str) -> Message | None:
    """The message a fact is about; ``None`` if it was sent before the account begins (D17)."""
    message = ledger.messages.get(fact.message_id)
    if message is None and ledger.opening is None:
        reason = "no such message was sent by then; record its sending first"
        raise _refusal(UnknownMessageError, ledger, fact, f"{action} {fact.message_id!r}", reason)
    return message


def _replied(ledger: Ledger, fact: f.Replied) -> Ruling:
    """R5: an answer gives the credit back, if its kind counts (D9) and it comes in time (D10), once (D8)."""
    message = _known(ledger, fact, "record a reply to")
    if message is None or not message.is_open:
        return _settled_before(message)
    terms = message.plan
    if terms is None or (plan := _plan_for(ledger, message)) is None:
        return ledger.note_answer(message, Ruling.SUBSCRIPTION_OVER)
    if fact.kind not in terms.refund_kinds:
        return ledger.note_answer(message, Ruling.KIND_DOES_NOT_COUNT)
    window = terms.reply_window
    if window is not None and fact.at >= message.sent.at + window:
        return ledger.note_answer(message, Ruling.WINDOW_CLOSED)
    if terms.refund_on is RefundOn.SILENCE:
        ledger.settle(message, fact.at, Ruling.KEPT)
        return Ruling.KEPT
    return ledger.refund(
        message, fact.at, plan=plan, cause=Cause.REPLY, ruling=Ruling.REFUNDED, fact_id=fact.id
    )


def _withdrawn(ledger: Ledger, fact: f.Withdrawn) -> Ruling:
    """R9: a withdrawn message gives nothing back; after a reply it takes nothing back (D8)."""
    message = _known(ledger, fact, "withdraw")
    if message is None or not message.is_open:
        return _settled_before(message)
    ledger.settle(message, fact.at, Ruling.WITHDRAWN)
    return Ruling.WITHDRAWN


def _delivery_failed(ledger: Ledger, fact: f.DeliveryFailed) -> Ruling:
    """D11: a message that never arrived gives its credit back, unless an earlier reply proves that it did."""
    message = _known(ledger, fact, "record the failed delivery of")
    if message is None or not message.is_open:
        return _settled_before(message)
    if (plan := _plan_for(ledger, message)) is None:
        return Ruling.SUBSCRIPTION_OVER
    if message.answered:
        return Ruling.DELIVERED
    return ledger.refund(
        message,
        fact.at,
        plan=plan,
        cause=Cause.DELIVERY_FAILURE,
        ruling=Ruling.UNDELIVERED,
        fact_id=fact.id,
    )


def _plan_for(ledger: Ledger, message: Message) -> Plan | None:
    """The plan under which a message's credit would come back now; none if its subscription is over (D12)."""
    subscription = ledger.course.subscription
    return subscription.plan if subscription and subscription.answers_for(message) else None


def _settled_before(message: Message | None) -> Ruling:
    if message is None:
        return Ruling.BEFORE_OPENING
    if not message.lot:
        return Ruling.NOT_PAID
    return Ruling.ALREADY_WITHDRAWN if message.settled_as is Ruling.WITHDRAWN else Ruling.ALREADY_SETTLED


def _seats_changed(ledger: Ledger, fact: f.SeatsChanged) -> Ruling:
    """D20: an added seat brings its allotment at once or with the next grant; none is taken back."""
    action = f"change to {fact.seats} seats"
    subscription = _running(ledger, fact, action)
    plan = subscription.plan
    if fact.seats > plan.seats_max:
        reason = f"{plan.name!r} has at most {plan.seats_max}"
        raise _refusal(SubscriptionError, ledger, fact, action, reason)
    ledger.seat(subscription._replace(seats=fact.seats), fact.at, fact_id=fact.id)
    return Ruling.SEATS


def _seat_limited(ledger: Ledger, fact: f.SeatLimited) -> Ruling:
    """D20: a seat's limit holds from one scheduled grant to the next; refunds give no room under it."""
    subscription = _running(ledger, fact, f"limit seat {fact.seat!r}")
    limits = dict(subscription.limits)
    if fact.credits_max is None:
        limits.pop(fact.seat, None)
    else:
        limits[fact.seat] = fact.credits_max
    ledger.amend(subscription._replace(limits=limits))
    return Ruling.LIMITED


def _rule(fact_type: type[FactT], rule: Callable[[Ledger, FactT], Ruling]) -> tuple[type[f.Fact], Rule]:
    return fact_type, cast("Rule", rule)


RULES: Mapping[type[f.Fact], Rule] = dict(
    (
        _rule(f.Opened, begin),
        _rule(f.Subscribed, _subscribed),
        _rule(f.Switched, _switched),
        _rule(f.TermsChanged, _terms_changed),
        _rule(f.Cancelled, _cancelled),
        _rule(f.Purchased, _purchased),
        _rule(f.Sent, _sent),
        _rule(f.Replied, _replied),
        _rule(f.Withdrawn, _withdrawn),
        _rule(f.DeliveryFailed, _delivery_failed),
        _rule(f.SeatsChanged, _seats_changed),
        _rule(f.SeatLimited, _seat_limited),
    )
)
"""The rule for each kind of fact. A message left unanswered has none: nothing comes back (R6)."""


def apply(ledger: Ledger, fact: f.Fact) -> Ruling:
    """Take in the next fact in order of time: first all that time brings, then the fact (D6).

    Raises:
        RefusedError: if the rules do not allow the fact in its place. Time has moved on, nothing else has.
    """
    ledger.advance(fact.at)
    return RULES[type(fact)](ledger, fact)

"""Openings: an account that begins with what is known, and the opening that stands for a history (D17).

:func:`begin` puts the parts of an ``Opened`` fact in their places; each lot with credits gives one entry of
the kind ``opening``, so that the entries add up. :func:`opening_of` reads the same parts from a ledger. Both
speak of the state just before an instant: what time brings at that instant follows by itself. An opening
holds what may still matter, which is what is live, and nothing else of the history.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from inmail_credits.errors import BeforeOpeningError, SubscriptionError, stamp
from inmail_credits.facts import Fact, Opened, Sent
from inmail_credits.ledger._ledger import Ledger
from inmail_credits.ledger.entries import Cause, EntryKind
from inmail_credits.ledger.lots import NEVER, Lot
from inmail_credits.ledger.ruling import Ruling
from inmail_credits.ledger.subscription import Course, Message, Subscription
from inmail_credits.openings import LotOrigin, OpeningLot, OpeningMessage, OpeningPurchase, OpeningSeat
from inmail_credits.plans import Plan

TICK = timedelta(microseconds=1)


def begin(ledger: Ledger, fact: Opened) -> Ruling:
    """The account begins with what the fact states, and goes on from there (D17).

    Raises:
        SubscriptionError: if anything was recorded before it.
    """
    if ledger.has_begun:
        raise SubscriptionError(
            "open the account",
            fact.at,
            "it has begun before; replay the opening and the facts after it by themselves",
            fact,
            ledger.journal.balance,
        )
    for lot in fact.lots:
        ledger.holdings.adopt(
            Lot(lot.number, lot.received_at, lot.expires_at, lot.credits, lot.credits, Cause(lot.origin)),
            lot.left,
        )
        if lot.left:
            ledger.journal.post(fact.at, EntryKind.OPENING, lot.left, lot.number, Cause.OPENING, fact.id, "")
    ledger.holdings.count = fact.last_lot
    plan, number = fact.plan, fact.subscriptions
    if plan is None or fact.anchor_at is None:
        ledger.begin(Course(None, number, 0, NEVER), fact, (), {})
        return Ruling.OPENED
    subscription = _subscription(fact, plan, fact.anchor_at)
    if fact.has_ended:
        ledger.begin(Course(None, number, 0, NEVER, ended=subscription), fact, (), {})
        return Ruling.OPENED
    changed = any(message.plan is not None for message in fact.messages)
    subscription = subscription._replace(changed_at=fact.at if changed else None)
    next_grant_at = subscription.schedule.next_after(fact.at - TICK)
    messages = [
        Message(
            Sent(message_id=each.message_id, at=each.sent_at, seat=each.seat, id=each.fact_id or ""),
            each.lot,
            number,
            plan if each.plan is None else each.plan,
            answered=each.answered,
        )
        for each in fact.messages
    ]
    used = {(0, use.seat): use.spent for use in fact.seat_uses}
    ledger.begin(Course(subscription, number, 0, next_grant_at, fact.seats_most), fact, messages, used)
    ledger.advance(fact.at)
    return Ruling.OPENED


def _subscription(fact: Opened, plan: Plan, anchor_at: datetime) -> Subscription:
    """The subscription that an opening states."""
    return Subscription(
        number=fact.subscriptions,
        plan=plan,
        anchor_at=anchor_at,
        started_at=min(anchor_at, fact.at),
        seats=fact.seats,
        schedule=plan.schedule(anchor_at),
        limits={use.seat: use.credits_max for use in fact.seat_uses if use.credits_max is not None},
        follows_from=fact.subscriptions,
        ends_at=fact.ends_at,
    )


def opening_of(ledger: Ledger, sent: Iterable[Message], at: datetime) -> Opened:
    """The opening at ``at`` that stands for all a ledger holds.

    Args:
        ledger: where the account stands once everything before ``at`` is settled, and nothing at it.
        sent: its messages as they then stand, in the order they were sent.
        at: the instant of the opening.
    """
    course = ledger.course
    subscription = course.subscription
    if subscription is None:
        ended = course.ended
        return Opened(
            plan=ended and ended.plan,
            at=at,
            recorded=0,
            anchor_at=ended and ended.anchor_at,
            ends_at=ended and ended.ends_at,
            last_lot=ledger.holdings.count,
            subscriptions=course.subscriptions,
        )
    plan = subscription.plan
    messages = [message for message in sent if _may_matter(message, subscription, at)]
    paid = {message.lot for message in messages}
    left = ledger.holdings.left
    lots = [ledger.holdings.lots[number] for number in sorted(paid | left.keys())]
    spent = {
        seat: count for (period, seat), count in ledger.used.items() if period == course.grants and count
    }
    return Opened(
        plan=plan,
        at=at,
        recorded=0,
        anchor_at=subscription.anchor_at,
        seats=subscription.seats,
        seats_most=course.most_seats,
        ends_at=subscription.ends_at,
        lots=[_lot(lot, left.get(lot.number, 0)) for lot in lots],
        last_lot=ledger.holdings.count,
        messages=[
            OpeningMessage(
                message_id=message.sent.message_id,
                sent_at=message.sent.at,
                lot=message.lot,
                seat=message.sent.seat,
                answered=message.answered,
                plan=None if message.plan == plan else message.plan,
                fact_id=None if message.sent.id == f"sent:{message.sent.message_id}" else message.sent.id,
            )
            for message in messages
        ],
        purchases=[
            OpeningPurchase(at=each.at, credits=each.credits)
            for each in ledger.purchases.since(subscription.number, subscription.purchases_count_from(at))
        ],
        seat_uses=[
            OpeningSeat(seat=seat, spent=spent.get(seat, 0), credits_max=subscription.limits.get(seat))
            for seat in sorted(spent.keys() | subscription.limits.keys())
        ],
        subscriptions=course.subscriptions,
    )


def _may_matter(message: Message, subscription: Subscription, at: datetime) -> bool:
    """Whether anything that comes may yet give the credit of a message back, or settle it otherwise."""
    if message.plan is None or not message.is_open or not subscription.answers_for(message):
        return False
    window = message.plan.reply_window
    return not message.answered or window is None or message.sent.at + window >= at  # silence ends at it


def _lot(lot: Lot, left: int) -> OpeningLot:
    return OpeningLot(
        number=lot.number,
        received_at=lot.received_at,
        expires_at=lot.expires_at,
        credits=lot.credits,
        left=left,
        origin=LotOrigin(lot.cause),
    )


def before_opening(fact: Fact, begins_at: datetime) -> BeforeOpeningError:
    """The refusal of a fact before the opening: what happened then is unknown (D17)."""
    reason = f"the account begins {stamp(begins_at)}, and what happened before is unknown; leave it out"
    return BeforeOpeningError(f"record the fact {fact.id!r}", fact.at, reason, fact)

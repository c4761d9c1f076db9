"""What is to be known of an account that has run, for another to begin with (D17).

A run that begins with it gives every later answer alike: a law that the tests hold both this oracle and the
ledger to.
"""

from collections import Counter
from datetime import datetime

from inmail_credits.facts import Opened
from inmail_credits.openings import OpeningLot, OpeningMessage, OpeningPurchase, OpeningSeat
from inmail_credits.testing.memory import MICROSECOND
from inmail_credits.testing.run import Run


def opening_of(run: Run, at: datetime, *, fact_id: str = "", recorded: int | None = None) -> Opened:
    """The opening at ``at`` that stands for all a run has seen before; the run is let pass to just before.

    What is settled is left out.

    Raises:
        InvalidValueError: if the run stands at ``at`` or later.

    Example:
        >>> from datetime import UTC
        >>> from inmail_credits.facts import Subscribed
        >>> from inmail_credits.plans import Plan
        >>> run, plan = Run(), Plan(name="own", grant_credits=3)
        >>> run.apply(Subscribed(at=datetime(2026, 1, 31, tzinfo=UTC), plan=plan))
        True
        >>> opening = opening_of(run, datetime(2026, 2, 2, tzinfo=UTC))
        >>> [(lot.number, lot.left) for lot in opening.lots]
        [(1, 3)]
    """
    run.advance(at - MICROSECOND)
    running = run.subscription
    if running is None:
        return Opened(at=at, id=fact_id, recorded=recorded, plan=None)
    still_open = run.open_messages()
    paid = [message.credit for message in still_open.values() if message.credit is not None]
    lots = {credit.lot: credit for credit in [*run.left, *paid]}
    brought, left = Counter(each.lot for each in run.credits), Counter(each.lot for each in run.left)
    return Opened(
        at=at,
        id=fact_id,
        recorded=recorded,
        plan=running.plan,
        seats=running.seats,
        seats_most=running.seats_most,
        anchor_at=running.start,
        ends_at=running.ends_at,
        lots=[
            OpeningLot(
                number=number,
                received_at=lot.received_at,
                expires_at=lot.expires_at,
                credits=brought[number],
                left=left[number],
            )
            for number, lot in sorted(lots.items())
        ],
        last_lot=run.lots,
        messages=[
            OpeningMessage(
                message_id=message_id,
                sent_at=message.sent_at,
                lot=credit.lot,
                answered=message.answered,
                plan=message.plan,
            )
            for message_id, message in still_open.items()
            if (credit := message.credit) is not None
        ],
        purchases=[
            OpeningPurchase(at=bought_at, credits=credits_)
            for bought_at, credits_ in running.still_counted(at)
        ],
        seat_uses=[
            OpeningSeat(seat=seat, spent=running.sent[seat], credits_max=running.limits.get(seat))
            for seat in sorted({*running.sent, *running.limits})
        ],
    )

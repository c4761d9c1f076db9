"""Directed cases: how subscriptions end, and how their terms change (D12, D16)."""

from typing import Final

from attrs import evolve

from inmail_credits.openings import OpeningLot, OpeningMessage
from inmail_credits.plans.linkedin_2019 import LINKEDIN_2019
from inmail_credits.testing.conformance.case import (
    DAY,
    TICK,
    Case,
    around,
    ask,
    cancelled,
    case,
    failed,
    on,
    plan,
    refused,
    replied,
    sent,
    subscribed,
    switched,
    terms_changed,
)
from inmail_credits.timeline import MONTHLY, Interval

BUSINESS = LINKEDIN_2019["business"]
QUARTERLY = plan(3, grant_every=MONTHLY, billing_every=Interval(months=3))
FOLLOW = plan(3, on_switch="follow")
WINDOW = plan(5, grant_every=MONTHLY, reply_window_days=90)
CAPPED = plan(3, grant_every=MONTHLY, cap_credits=4)
TEAM = plan(2, grant_every=MONTHLY, seats_max=3)
LATER_TEAM = evolve(TEAM, seat_grant="next_grant")
LOT = OpeningLot(number=4, received_at=on(-80), expires_at=on(10), credits=3, left=2)
SEVENTH = OpeningLot(number=7, received_at=on(-20), expires_at=on(70), credits=3, left=1)
MESSAGE = OpeningMessage(message_id="m", sent_at=on(-30), lot=4)
RENEWS = on(7)

CASES: Final[tuple[Case, ...]] = (
    case(
        "D12",
        "credits of a cancelled subscription are usable until its period ends",
        subscribed(),
        cancelled(1),
        sent("m", 28 * DAY - TICK),
        *around(28, 2, 0),
    ),
    case(
        "D12",
        "after the end a send is refused",
        subscribed(),
        cancelled(1),
        refused(sent("m", 28)),
        ask(28, 0),
    ),
    case(
        "D12",
        "after the end a reply gives nothing back",
        subscribed(),
        sent("m", 1),
        cancelled(2),
        replied("m", 28),
        *around(28, 2, 0),
    ),
    case(
        "D12",
        "before the end a reply gives the credit back",
        subscribed(),
        sent("m", 1),
        cancelled(2),
        replied("m", 28 * DAY - TICK),
        *around(28, 3, 0),
    ),
    case(
        "D12",
        "after the end a failed delivery gives nothing back",
        subscribed(),
        sent("m", 1),
        cancelled(2),
        failed("m", 30),
        *around(28, 2, 0),
        ask(30, 0),
    ),
    case(
        "D12",
        "grants go on until a longer billing period ends",
        subscribed(QUARTERLY),
        cancelled(1),
        *around(28, 3, 6),
        *around(59, 6, 9),
        *around(89, 9, 0),
    ),
    case(
        "D12",
        "a cancellation as a period begins runs out that period",
        subscribed(),
        cancelled(28),
        *around(28, 3, 6),
        *around(59, 6, 0),
    ),
    case(
        "D12",
        "a plan may end at once",
        subscribed(plan(3, cancel_at="at_once")),
        cancelled(1),
        *around(1, 3, 0),
    ),
    case(
        "D12",
        "a second cancellation is refused",
        subscribed(),
        cancelled(1),
        refused(cancelled(2)),
        ask(2, 3),
    ),
    case(
        "D12",
        "a second subscription is refused until the first has ended",
        subscribed(),
        cancelled(1),
        refused(subscribed(when=2)),
        subscribed(when=28),
        *around(28, 3, 3),
        *around(56, 3, 6),
    ),
    case(
        "D12",
        "a second subscription is refused while one is running",
        subscribed(),
        refused(subscribed(BUSINESS, 2)),
        ask(2, 3),
    ),
    case(
        "D12",
        "without a subscription there is nothing to cancel",
        refused(cancelled(0)),
        subscribed(when=1),
        ask(1, 3),
    ),
    case(
        "D12",
        "a switch forfeits what is left and grants at once from a new start",
        subscribed(),
        switched(BUSINESS, 20),
        *around(20, 3, 15),
        *around(28, 15, 15),
        *around(48, 15, 30),
    ),
    case(
        "D12",
        "without a subscription there is nothing to switch",
        refused(switched(BUSINESS, 0)),
        subscribed(when=1),
        ask(1, 3),
    ),
    case(
        "D12",
        "refunds in flight end with a switch",
        subscribed(),
        sent("m", 1),
        switched(BUSINESS, 2),
        replied("m", 3),
        *around(3, 15, 15),
    ),
    case(
        "D12",
        "where the plan left says so refunds follow the switch",
        subscribed(FOLLOW),
        sent("m", 1),
        switched(BUSINESS, 2),
        replied("m", 3),
        *around(3, 15, 16),
        *around(93, 46, 45),
    ),
    case(
        "D16",
        "new terms bring and take nothing at once",
        subscribed(),
        terms_changed(WINDOW, 1),
        *around(1, 3, 3),
        *around(28, 3, 8),
    ),
    case(
        "D16",
        "credits held keep the expiry they were received with",
        subscribed(),
        terms_changed(plan(3, grant_every=MONTHLY, lifetime_days=30), 1),
        *around(30, 6, 6),
        *around(58, 6, 3),
        *around(90, 6, 3),
    ),
    case(
        "D16",
        "a message keeps the window it was sent under",
        subscribed(),
        sent("m", 1),
        terms_changed(WINDOW, 2),
        replied("m", 100),
        *around(100, 15, 16),
    ),
    case(
        "D16",
        "a message sent after the change has the new window",
        subscribed(),
        terms_changed(WINDOW, 2),
        sent("m", 3),
        replied("m", 100),
        *around(100, 15, 15),
    ),
    case(
        "D16",
        "a refund's lifetime follows the new terms",
        subscribed(plan()),
        sent("m", 1),
        terms_changed(plan(lifetime_days=7), 2),
        replied("m", 3),
        *around(10, 3, 2),
    ),
    case(
        "D16",
        "a new cap trims at the next grant and not before",
        subscribed(),
        terms_changed(CAPPED, 30),
        *around(30, 6, 6),
        *around(59, 6, 4),
    ),
    case(
        "D16",
        "a cancelled subscription ends when it was to end",
        subscribed(),
        cancelled(1),
        terms_changed(QUARTERLY, 2),
        *around(28, 3, 0),
    ),
    case(
        "D16",
        "fewer seats than there are refuse the new terms",
        subscribed(TEAM, seats=3),
        refused(terms_changed(evolve(TEAM, seats_max=2), 1)),
        ask(1, 6),
        *around(28, 6, 12),
    ),
)

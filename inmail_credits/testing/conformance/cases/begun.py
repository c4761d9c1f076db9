"""Directed cases: accounts that begin from what is known, and contracts of several seats (D17, D20)."""

from typing import Final

from attrs import evolve

from inmail_credits.openings import OpeningLot, OpeningMessage, OpeningPurchase, OpeningSeat
from inmail_credits.plans.linkedin_2019 import LINKEDIN_2019
from inmail_credits.testing.conformance.capabilities import CAREER
from inmail_credits.testing.conformance.case import (
    Case,
    around,
    ask,
    case,
    failed,
    on,
    opened,
    plan,
    purchased,
    refused,
    replied,
    seat_limited,
    seats_changed,
    sent,
    subscribed,
)
from inmail_credits.timeline import MONTHLY, Interval

BUSINESS = LINKEDIN_2019["business"]
QUARTERLY = plan(3, grant_every=MONTHLY, billing_every=Interval(months=3))
FOLLOW = plan(3, on_switch="follow")
WINDOW = plan(5, grant_every=MONTHLY, reply_window_days=90)
CAPPED = plan(3, grant_every=MONTHLY, cap_credits=6)
TEAM = plan(2, grant_every=MONTHLY, seats_max=3)
LATER_TEAM = evolve(TEAM, seat_grant="next_grant")
LOT = OpeningLot(number=4, received_at=on(-80), expires_at=on(10), credits=3, left=2)
SEVENTH = OpeningLot(number=7, received_at=on(-20), expires_at=on(70), credits=3, left=1)
MESSAGE = OpeningMessage(message_id="m", sent_at=on(-30), lot=4)
RENEWS = on(7)

CASES: Final[tuple[Case, ...]] = (
    case(
        "D17",
        "an account begins with the credits that are left",
        opened(CAREER, anchor_at=RENEWS, lots=[LOT]),
        ask(0, 2),
        *around(7, 2, 5),
        *around(10, 5, 3),
    ),
    case(
        "D17",
        "the credits left burn in their order",
        opened(CAREER, anchor_at=RENEWS, lots=[LOT, SEVENTH]),
        sent("n", 1),
        *around(10, 5, 4),
        *around(70, 10, 9),
    ),
    case(
        "D17",
        "a message that was open gives its credit back",
        opened(CAREER, anchor_at=RENEWS, lots=[LOT], messages=[MESSAGE]),
        replied("m", 1),
        *around(1, 2, 3),
        *around(91, 10, 9),
    ),
    case(
        "D17",
        "a message that is not known moves nothing",
        opened(CAREER, anchor_at=RENEWS, lots=[LOT]),
        replied("before", 1),
        ask(1, 2),
    ),
    case(
        "D17",
        "what time brings at the opening's instant follows it",
        opened(
            plan(3, grant_every=MONTHLY),
            anchor_at=on(0),
            lots=[OpeningLot(number=1, received_at=on(-90), expires_at=on(0), credits=3, left=3)],
        ),
        ask(0, 3),
    ),
    case(
        "D17",
        "a fact before the opening is refused",
        opened(CAREER, anchor_at=RENEWS, lots=[LOT]),
        refused(sent("n", -1)),
        ask(0, 2),
    ),
    case(
        "D17",
        "an answer that is known proves delivery",
        opened(
            plan(3, refund_kinds=["accepted"]),
            lots=[LOT],
            messages=[evolve(MESSAGE, answered=True)],
            anchor_at=RENEWS,
        ),
        failed("m", 1),
        ask(1, 2),
    ),
    case(
        "D17",
        "purchases that are known count against what the plan sells",
        opened(
            plan(3, purchase_credits_max=5),
            anchor_at=on(-10),
            lots=[LOT],
            purchases=[OpeningPurchase(at=on(-5), credits=3)],
        ),
        refused(purchased(3, 1)),
        purchased(2, 1),
        ask(1, 4),
    ),
    case(
        "D17",
        "an account may begin without a subscription",
        opened(None),
        refused(sent("m", 1)),
        subscribed(when=2),
        ask(2, 3),
    ),
    case(
        "D17",
        "a subscription that is known to end ends",
        opened(CAREER, anchor_at=RENEWS, lots=[LOT], ends_at=RENEWS),
        *around(7, 2, 0),
    ),
    case("D20", "a grant is that of all seats", subscribed(TEAM, seats=3), ask(0, 6), *around(28, 6, 12)),
    case(
        "D20",
        "a seat added brings its allotment at once",
        subscribed(TEAM),
        seats_changed(3, 1),
        *around(1, 2, 6),
        *around(28, 6, 12),
    ),
    case(
        "D20",
        "a seat added brings its allotment with the next grant where the plan says so",
        subscribed(LATER_TEAM),
        seats_changed(3, 1),
        *around(1, 2, 2),
        *around(28, 2, 8),
    ),
    case(
        "D20",
        "a seat taken away takes nothing and brought back brings nothing",
        subscribed(TEAM, seats=2),
        seats_changed(1, 1),
        seats_changed(2, 2),
        ask(1, 4),
        *around(2, 4, 4),
    ),
    case(
        "D20",
        "a seat brought back after the next grant brings its allotment",
        subscribed(TEAM, seats=2),
        seats_changed(1, 1),
        seats_changed(2, 29),
        *around(28, 4, 6),
        *around(29, 6, 8),
    ),
    case(
        "D20",
        "more seats than the plan has are refused",
        subscribed(TEAM),
        refused(seats_changed(4, 1)),
        ask(1, 2),
    ),
    case(
        "D20",
        "the cap is that of all seats",
        subscribed(evolve(TEAM, cap_credits=3), seats=2),
        *around(28, 4, 6),
        *around(59, 6, 6),
    ),
    case(
        "D20",
        "a seat's limit counts what it sent before the limit was set",
        subscribed(TEAM, seats=3),
        sent("a", 1, seat="s"),
        seat_limited("s", 1, 2),
        refused(sent("b", 3, seat="s")),
        sent("b", 3, seat="t"),
        ask(3, 4),
    ),
    case(
        "D20",
        "a seat's limit begins anew with each scheduled grant",
        subscribed(TEAM, seats=3),
        seat_limited("s", 1, 1),
        sent("a", 2, seat="s"),
        refused(sent("b", 2, seat="s")),
        sent("b", 28, seat="s"),
        ask(28, 10),
    ),
    case(
        "D20",
        "a refund gives no room under a seat's limit",
        subscribed(TEAM, seats=3),
        seat_limited("s", 1, 1),
        sent("a", 1, seat="s"),
        replied("a", 2),
        refused(sent("b", 3, seat="s")),
        ask(3, 6),
    ),
    case(
        "D20",
        "what a seat sent is known to an account that begins",
        opened(
            TEAM,
            anchor_at=on(-10),
            lots=[LOT],
            seats=2,
            seat_uses=[OpeningSeat(seat="s", spent=1, credits_max=1)],
        ),
        refused(sent("n", 1, seat="s")),
        sent("n", 1, seat="t"),
        ask(1, 1),
    ),
)

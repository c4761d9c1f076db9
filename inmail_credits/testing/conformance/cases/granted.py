"""Directed cases: what is granted, and when (R1-R3, R7, D1, D5, D6, D18).

From 31 January 2026 monthly grants fall on days 0, 28 (28 February), 59 (31 March), 89 (30 April) and 120.
"""

from typing import Final

from inmail_credits.plans.linkedin_2019 import LINKEDIN_2019
from inmail_credits.testing.conformance.case import (
    DAY,
    TICK,
    Case,
    around,
    ask,
    cancelled,
    case,
    on,
    plan,
    purchased,
    replied,
    sent,
    subscribed,
    utc,
)
from inmail_credits.timeline import MONTHLY, Interval

LATE_ON_THE_30TH = utc("2028-01-30T23:59:59.999999")
LEAP_DAY = utc("2028-02-29T12:30:00")
WEEKLY = Interval(days=7)
CAPPED = plan(15, grant_every=MONTHLY, cap_credits=45)

CASES: Final[tuple[Case, ...]] = (
    case("R1", "career brings 3 credits", subscribed(), ask(0, 3), ask(1, 3)),
    *(
        case(
            "R1",
            f"{each.name} brings {each.grant_credits} credits a month",
            subscribed(each),
            ask(0, each.grant_credits),
            *around(28, each.grant_credits, 2 * each.grant_credits),
        )
        for each in LINKEDIN_2019
        if each.name != "career"
    ),
    case("R2", "a plan of one's own brings its own allotment", subscribed(plan(7)), ask(0, 7), ask(89, 7)),
    case(
        "R2", "a plan of one's own has its own lifetime", subscribed(plan(lifetime_days=7)), *around(7, 3, 0)
    ),
    case(
        "R2",
        "a plan may grant nothing",
        subscribed(plan(0, purchase_credits_max=2)),
        ask(0, 0),
        purchased(2, 1),
        ask(1, 2),
    ),
    case(
        "R2",
        "credits may live for ever",
        subscribed(plan(lifetime_days=None)),
        *around(90, 3, 3),
        *around(365, 3, 6),
    ),
    case("R3", "the allotment comes every month", subscribed(), *around(28, 3, 6), *around(59, 6, 9)),
    case("R3", "the allotment comes for a second year", subscribed(), *around(utc("2028-01-31T09:00"), 6, 9)),
    case("R3", "a message sent does not move the next grant", subscribed(), sent("m", 20), *around(28, 2, 5)),
    case("R3", "a plan may grant every week", subscribed(plan(2, grant_every=WEEKLY)), *around(7, 2, 4)),
    case("R7", "unspent credits roll over", subscribed(), ask(28, 6), ask(89, 12)),
    case("R7", "what is left of a month rolls over", subscribed(), sent("m", 1), ask(28, 5), ask(59, 8)),
    case(
        "D1",
        "instants are kept to the microsecond",
        subscribed(when=LATE_ON_THE_30TH),
        *around(LATE_ON_THE_30TH + 90 * DAY, 9, 6),
        ask(LATE_ON_THE_30TH + 90 * DAY + TICK, 6),
    ),
    case(
        "D1",
        "the same instant in another time zone is the same",
        subscribed(when=utc("2026-01-31T10:00:00+01:00")),
        sent("m", utc("2026-02-28T14:30:00+05:30")),
        ask(28, 5),
        *around(90, 11, 9),
    ),
    case(
        "D5",
        "the 31st clamps in a short month and returns after it",
        subscribed(),
        *around(56, 6, 6),
        *around(59, 6, 9),
        *around(87, 9, 9),
        *around(89, 9, 12),
    ),
    case(
        "D5",
        "a grant day of the 30th survives February of a leap year",
        subscribed(when=LATE_ON_THE_30TH),
        *around(utc("2028-02-29T23:59:59.999999"), 3, 6),
        *around(utc("2028-03-30T23:59:59.999999"), 6, 9),
    ),
    case(
        "D5",
        "a start on a leap day clamps to 28 February and returns to the 29th",
        subscribed(plan(2, lifetime_days=None), LEAP_DAY),
        *around(utc("2029-02-28T12:30"), 2, 4),
        *around(utc("2032-02-28T12:30"), 8, 8),
        *around(utc("2032-02-29T12:30"), 8, 10),
    ),
    case(
        "D5",
        "a calendar plan grants at once and on the first of each month",
        subscribed(plan(2, grant_every=MONTHLY, grant_on="calendar")),
        ask(0, 2),
        *around(utc("2026-02-01T00:00"), 2, 4),
        *around(utc("2026-03-01T00:00"), 4, 6),
    ),
    case(
        "D5",
        "a first grant is the share of the days left, today's included",
        subscribed(
            plan(50, grant_every=MONTHLY, grant_on="calendar", first_grant="prorated"),
            utc("2026-01-16T23:00"),
        ),
        ask(utc("2026-01-16T23:00"), 25),
        *around(utc("2026-02-01T00:00"), 25, 75),
    ),
    case(
        "D6",
        "a grant past the cap forfeits what would burn next",
        subscribed(CAPPED),
        *around(59, 30, 45),
        *around(89, 45, 45),
        *around(90, 45, 45),
        *around(118, 45, 30),
    ),
    case(
        "D6",
        "a cap trims only as far as the grant would pass it",
        subscribed(CAPPED),
        sent("m", 60),
        *around(89, 44, 45),
    ),
    case(
        "D6",
        "credits expire before a grant at the same instant is capped",
        subscribed(plan(2, grant_every=WEEKLY, lifetime_days=14, cap_credits=4)),
        *around(14, 4, 4),
        *around(21, 4, 4),
    ),
    case(
        "D6",
        "a refund may pass the cap until the next grant",
        subscribed(plan(3, grant_every=MONTHLY, cap_credits=3)),
        sent("m", 1),
        replied("m", 28.5),
        ask(28.5, 4),
        *around(59, 4, 3),
    ),
    case(
        "D6",
        "a purchase may pass the cap until the next grant",
        subscribed(plan(15, grant_every=MONTHLY, cap_credits=45, purchase_credits_max=40)),
        purchased(40, 0),
        *around(28, 55, 45),
    ),
    case(
        "D6",
        "a subscription that ends gets no grant at that instant",
        subscribed(),
        cancelled(1),
        *around(28, 3, 0),
        ask(59, 0),
    ),
    case(
        "D6",
        "a grant comes before a message of the same instant",
        subscribed(),
        sent("a", 1),
        sent("b", 1),
        sent("c", 1),
        sent("m", 28),
        *around(28, 0, 2),
    ),
    case(
        "D6",
        "credits that expire at an instant are gone for a message of that instant",
        subscribed(),
        sent("m", 90),
        ask(90, 8),
    ),
    case(
        "D18",
        "dates follow the zone of the plan through a clock change",
        subscribed(plan(15, grant_every=MONTHLY, zone="Europe/Berlin"), utc("2026-02-28T23:00")),
        *around(utc("2026-03-28T23:00"), 15, 15),
        *around(utc("2026-03-31T22:00"), 15, 30),
        *around(utc("2026-04-30T22:00"), 30, 45),
    ),
    case(
        "D18",
        "a local time that is skipped is moved past the gap",
        subscribed(plan(1, grant_every=MONTHLY, zone="Europe/Berlin"), utc("2026-01-29T01:30")),
        *around(utc("2026-03-29T01:30"), 2, 3),
        *around(utc("2026-04-29T00:30"), 3, 4),
    ),
    case(
        "D18",
        "of a local time that comes twice the first counts",
        subscribed(plan(1, grant_every=MONTHLY, zone="Europe/Berlin"), utc("2026-09-25T00:30")),
        *around(utc("2026-10-25T00:30"), 1, 2),
        *around(utc("2026-10-25T01:30"), 2, 2),
    ),
    case(
        "D18",
        "a calendar month begins at midnight of the zone",
        subscribed(plan(2, grant_every=MONTHLY, grant_on="calendar", zone="America/New_York")),
        *around(utc("2026-02-01T05:00"), 2, 4),
        *around(utc("2026-04-01T04:00"), 6, 8),
    ),
    case(
        "D18",
        "the life of a credit stays 90 times 24 hours in every zone",
        subscribed(plan(zone="Europe/Berlin"), on(0)),
        *around(90, 3, 0),
    ),
)

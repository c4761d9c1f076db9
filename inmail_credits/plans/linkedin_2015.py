"""``linkedin-2015``: the rule that replaced that of 2014, from 1 January 2015.

A reply within 90 days of sending gives the credit back, where before silence of 7 days did. The figures of
three plans are published; their allotments rose with the change. It ships to compare the two.
"""

from datetime import date
from typing import Final

from inmail_credits.plans import Economy, Plan, Source, Sureness

_BLOG = 'LinkedIn talent blog, "InMail rewards for response" (2014)'
_57013 = "help answer 57013"
_BUYING_PAGES = "help answers 437 and 57013"
_CANCEL_PAGES = "help page of 2015 and its FAQ, help answers 50 and 75"
_NOT_STATED = "not stated"
_SEATS_MAX = 100_000

_SHARED: Final = (
    Source("grant_credits", _BLOG, note="for January 2015", rule="R1"),
    Source("grant_every", _BLOG, rule="R3"),
    Source(
        "grant_on",
        _BLOG,
        Sureness.OPEN,
        "counted from the start of the subscription; the day is not named. Alternative: calendar",
        "D5",
    ),
    Source(
        "lifetime_days",
        _BLOG,
        Sureness.INFERRED,
        "credits accrued for up to 90 days before; the change names no other limit. Alternative: none",
        "R8",
    ),
    Source("cap_credits", _BLOG, Sureness.OPEN, "no cap is named besides the 90 days", "R7"),
    Source("refund_on", _BLOG, note="a reply gives the credit back, silence no longer does", rule="R5"),
    Source("reply_window_days", f"{_BLOG}, {_57013}", note="within 90 days of sending", rule="D10"),
    Source(
        "refund_kinds",
        _BLOG,
        Sureness.OPEN,
        "accepted, declined or answered; automatic replies are not mentioned. Alternative: all but automatic",
        "D9",
    ),
    Source(
        "refund_to",
        _NOT_STATED,
        Sureness.OPEN,
        "a new lot with 90 days of its own. Alternative: original, as another marketplace has it",
        "D7",
    ),
    Source(
        "purchase_credits_max",
        _BUYING_PAGES,
        Sureness.THIRD_PARTY,
        "formerly up to 10, at about 10 USD each; the plans, the period and the end of it are not stated, so "
        "each plan and each billing period. Alternative: 0",
    ),
    Source(
        "cancel_at",
        _CANCEL_PAGES,
        note="usable to the end of the billing cycle, then zero. Alternative: at_once",
        rule="D12",
    ),
    Source(
        "on_switch",
        _NOT_STATED,
        Sureness.OPEN,
        "credits do not follow; that refunds in flight end with them is our decision. Alternative: follow",
        "D12",
    ),
)
_SEATS: Final = (
    Source(
        "seats_max",
        _BLOG,
        Sureness.OPEN,
        "sold by the seat; no maximum is published, this is the most the package takes",
        "R2",
    ),
    Source(
        "seat_grant",
        _NOT_STATED,
        Sureness.OPEN,
        "a new seat brings its allotment at once. Alternative: next_grant",
        "D20",
    ),
)


def _plan(
    name: str, title: str, grant_credits: int, *, sources: tuple[Source, ...] = (), seats_max: int = 1
) -> Plan:
    return Plan(
        name=name,
        title=title,
        grant_credits=grant_credits,
        lifetime_days=90,
        reply_window_days=90,
        purchase_credits_max=10,
        seats_max=seats_max,
        sources=(*sources, *_SHARED),
    )


LINKEDIN_2015: Final = Economy(
    name="linkedin-2015",
    title="LinkedIn from 2015: replies refund",
    effective_on=date(2015, 1, 1),
    note="Replaced the rule of 2014. The figures of January 2015 are published for these three plans.",
    plans=(
        _plan("recruiter-lite", "Recruiter Lite", 30),
        _plan(
            "recruiter-professional-services",
            "Recruiter Professional Services",
            100,
            sources=_SEATS,
            seats_max=_SEATS_MAX,
        ),
        _plan("recruiter-corporate", "Recruiter Corporate", 150, sources=_SEATS, seats_max=_SEATS_MAX),
    ),
)
"""A reply within 90 days gives the credit back."""

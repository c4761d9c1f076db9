"""``linkedin-2014``: the reversed rule, in force until the end of 2014.

A credit came back when **no** reply arrived within 7 days of sending, and a reply kept it spent. It ships
to compare the two incentives: this one paid for silence, the later one pays for answers.
"""

from datetime import date
from typing import Final

from inmail_credits.plans import Economy, Plan, RefundOn, Source, Sureness

_BLOG = 'LinkedIn talent blog, "InMail rewards for response" (2014)'
_BUYING_PAGES = "help answers 437 and 57013"
_SEATS_MAX = 100_000

_SHARED: Final = (
    Source("grant_every", _BLOG, rule="R3"),
    Source(
        "grant_on",
        _BLOG,
        Sureness.OPEN,
        "counted from the start of the subscription; the day is not named. Alternative: calendar",
        "D5",
    ),
    Source("lifetime_days", _BLOG, note="credits accrued for up to 90 days", rule="R8"),
    Source("cap_credits", _BLOG, Sureness.OPEN, "no cap is named besides the 90 days", "R7"),
    Source("refund_on", _BLOG, note="silence gives the credit back, a reply keeps it spent"),
    Source("reply_window_days", _BLOG, note="7 days from sending", rule="D10"),
    Source(
        "refund_kinds",
        _BLOG,
        Sureness.OPEN,
        "every kind counts as a reply and so keeps the credit spent. Alternative: all but automatic",
        "D9",
    ),
    Source(
        "refund_to",
        _BLOG,
        Sureness.OPEN,
        "a new lot at the end of the 7 days, with 90 days of its own. Alternative: original",
        "D7",
    ),
    Source(
        "purchase_credits_max",
        _BUYING_PAGES,
        Sureness.THIRD_PARTY,
        "formerly up to 10, at about 10 USD each; the plans and the period are not stated, so each plan and "
        "each billing period. Alternative: 0",
    ),
    Source(
        "cancel_at",
        _BLOG,
        Sureness.OPEN,
        "as stated in 2015: usable until the billing period ends. Alternative: at_once",
        "D12",
    ),
    Source(
        "on_switch",
        _BLOG,
        Sureness.OPEN,
        "of a switch nothing is said; refunds in flight end with it, as later. Alternative: follow",
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
        _BLOG,
        Sureness.OPEN,
        "a new seat brings its allotment at once. Alternative: next_grant",
    ),
)


def _plan(
    name: str, title: str, grant_credits: int, *, sources: tuple[Source, ...], seats_max: int = 1
) -> Plan:
    return Plan(
        name=name,
        title=title,
        grant_credits=grant_credits,
        lifetime_days=90,
        refund_on=RefundOn.SILENCE,
        reply_window_days=7,
        purchase_credits_max=10,
        seats_max=seats_max,
        sources=(*sources, *_SHARED),
    )


_GRANT: Final = Source("grant_credits", _BLOG, rule="R1")
_GRANT_PREMIUM: Final = Source(
    "grant_credits", "third-party reports", Sureness.THIRD_PARTY, "one Premium plan, not named", "R1"
)

LINKEDIN_2014: Final = Economy(
    name="linkedin-2014",
    title="LinkedIn before 2015: silence refunds",
    effective_on=date(2014, 1, 1),
    note="Ended with 2014; when it began is not stated. A credit came back when no reply arrived in 7 days.",
    plans=(
        _plan("premium", "Premium (plan not named)", 10, sources=(_GRANT_PREMIUM,)),
        _plan("recruiter-lite", "Recruiter Lite", 25, sources=(_GRANT,)),
        _plan(
            "recruiter-professional-services",
            "Recruiter Professional Services",
            50,
            sources=(_GRANT, *_SEATS),
            seats_max=_SEATS_MAX,
        ),
        _plan(
            "recruiter-corporate",
            "Recruiter (later Recruiter Corporate)",
            50,
            sources=(_GRANT, *_SEATS),
            seats_max=_SEATS_MAX,
        ),
    ),
)
"""Silence of 7 days gives the credit back, a reply keeps it spent."""

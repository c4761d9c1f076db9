"""``linkedin-2026``: the economy of today's help pages.

Other allotments than in 2019, a cap on what accumulates, a 90-day reply window, and three families that
differ in their age limit and grant date: Premium, Sales Navigator, Recruiter. The mirrored help pages
carry no absolute date; they were read in 2026. What they leave open is a term with its alternatives named
in the note of its source.
"""

from datetime import date
from typing import Final

from inmail_credits.plans import Economy, GrantOn, Plan, Source, Sureness

_75 = "help answer 75"
_A554514 = "help a554514"
_57013 = "help answer 57013 (Sales Navigator)"
_A412114 = "Recruiter help a412114"
_A414347 = "Recruiter help a414347, a412581, a414350"
_BUYING_PAGES = "help answers 437 and 57013"
_BLOG = 'LinkedIn talent blog, "InMail rewards for response" (2014)'
_NOT_STATED = "not stated"
_SEATS_MAX = 100_000
_REPLY_WINDOW_DAYS = 90

_TRIMMED = "what passes it on the grant date is forfeited; credits given back count"

_SHARED: Final = (
    Source(
        "billing_every",
        _75,
        Sureness.INFERRED,
        "monthly billing. Under annual billing credits still come every month: alternative 12 months, which "
        "moves the end of a cancelled subscription and no grant",
        "D12",
    ),
    Source(
        "refund_to",
        _NOT_STATED,
        Sureness.OPEN,
        "a new lot with a lifetime of its own. Alternative: original, as another marketplace has it",
        "D7",
    ),
    Source(
        "cancel_at",
        "help answers 50 and 75",
        note="usable to the end of the billing cycle, then zero (so worded on the page of 2015 and its "
        'FAQ; today: "balance goes to zero"). Alternative: at_once',
        rule="D12",
    ),
    Source(
        "on_switch",
        _NOT_STATED,
        Sureness.OPEN,
        "credits are not transferable (help answers 57013, 75, a703536); that refunds in flight end with "
        "them is our decision. Alternative: follow",
        "D12",
    ),
    Source("purchase_credits_max", _BUYING_PAGES, note="credits cannot be bought; formerly up to 10"),
)


def _refund(page: str) -> tuple[Source, ...]:
    return (
        Source("refund_on", page, note="accepted, declined or answered directly", rule="R5"),
        Source("reply_window_days", page, note="within 90 days of sending", rule="D10"),
    )


_ZONE: Final = Source(
    "zone", _NOT_STATED, Sureness.OPEN, "UTC, as for Sales Navigator. Alternative: the member's own", "D18"
)
_KINDS_INFERRED: Final = Source(
    "refund_kinds",
    _57013,
    Sureness.INFERRED,
    "quick replies count (help answer 75, a412114); automatic replies count on the Sales Navigator page, "
    "others doubt it. Alternative: all but automatic",
    "D9",
)

_SEAT_GRANT: Final = Source(
    "seat_grant",
    _NOT_STATED,
    Sureness.OPEN,
    "a new seat brings its allotment at once. Alternative: next_grant",
)

# --- Premium ------------------------------------------------------------------------------------------

_PREMIUM: Final = (
    Source("grant_credits", f"{_75}, {_A554514}", rule="R1"),
    Source("grant_every", _75, rule="R3"),
    Source("grant_on", _75, note="first day of the billing cycle, counted from sign-up", rule="D5"),
    _ZONE,
    Source("lifetime_days", _A554514, rule="R8"),
    Source(
        "cap_credits",
        _75,
        note=f"{_TRIMMED} (stated of Recruiter; the same is taken for Premium)",
        rule="D6",
    ),
    *_refund(_75),
    _KINDS_INFERRED,
    *_SHARED,
)


def _premium(name: str, title: str, grant_credits: int, cap_credits: int) -> Plan:
    return Plan(
        name=name,
        title=title,
        grant_credits=grant_credits,
        cap_credits=cap_credits,
        lifetime_days=90,
        reply_window_days=_REPLY_WINDOW_DAYS,
        sources=_PREMIUM,
    )


# --- Sales Navigator ----------------------------------------------------------------------------------

_SALES_NAVIGATOR: Final = (
    Source("grant_credits", f"{_75}, {_57013}", rule="R1"),
    Source("grant_every", _57013, rule="R3"),
    Source(
        "grant_on",
        _57013,
        note="first day of the calendar month",
        rule="D5",
    ),
    Source("zone", _57013, note="UTC", rule="D18"),
    Source(
        "first_grant",
        _NOT_STATED,
        Sureness.OPEN,
        "the full allotment at once, whatever the day, so that a start on the 31st brings two within a day. "
        "Alternative: prorated",
        "D5",
    ),
    Source("lifetime_days", f"{_57013}, {_A554514}", rule="R8"),
    *_refund(_57013),
    Source(
        "refund_kinds",
        _57013,
        note="automatic replies count; others doubt it. Alternative: all but automatic",
        rule="D9",
    ),
    *_SHARED,
)
_SALES_NAVIGATOR_CAP: Final = Source(
    "cap_credits",
    _75,
    note=f"{_TRIMMED} (stated of Recruiter; the same is taken for Sales Navigator)",
    rule="D6",
)
_SALES_NAVIGATOR_TEAM: Final = (
    Source(
        "cap_credits",
        _75,
        Sureness.INFERRED,
        f"the page says Sales Navigator and no tier; per seat. {_TRIMMED} (stated of Recruiter)",
        "D6",
    ),
    Source(
        "seats_max",
        _NOT_STATED,
        Sureness.OPEN,
        "sold by the seat; no maximum is published, this is the most the package takes. That seats share one "
        "pool is stated of Recruiter only: the alternative is 1, an account for each seat",
        "R2",
    ),
    _SEAT_GRANT,
)


def _sales_navigator(name: str, title: str, *, sources: tuple[Source, ...], seats_max: int = 1) -> Plan:
    return Plan(
        name=name,
        title=title,
        grant_credits=50,
        grant_on=GrantOn.CALENDAR,
        cap_credits=150,
        lifetime_days=90,
        reply_window_days=_REPLY_WINDOW_DAYS,
        seats_max=seats_max,
        sources=(*_SALES_NAVIGATOR, *sources),
    )


# --- Recruiter ----------------------------------------------------------------------------------------

_RECRUITER: Final = (
    Source("grant_every", _A412114, rule="R3"),
    Source("grant_on", _A412114, note="monthly from the day the contract was created", rule="D5"),
    _ZONE,
    *_refund(f"{_75}, {_A412114}"),
    _KINDS_INFERRED,
    *_SHARED,
)
_RECRUITER_LITE: Final = (
    Source("grant_credits", f"{_75}, {_A554514}", rule="R1"),
    Source("cap_credits", _75, note=f"four allotments; {_TRIMMED}", rule="D6"),
    Source(
        "lifetime_days",
        _A412114,
        Sureness.INFERRED,
        "the 90 days are stated for Premium and Sales Navigator, none for Recruiter; and the cap of four "
        "allotments, three in the plans with 90 days, would hardly be reached with it. Alternative: 90",
        "R8",
    ),
)
_RECRUITER_TEAM: Final = (
    Source(
        "grant_credits",
        _BLOG,
        Sureness.THIRD_PARTY,
        "per seat; verbatim for January 2015, by third parties for today",
        "R1",
    ),
    Source("cap_credits", _A412114, note=f"four allotments, per seat; {_TRIMMED}", rule="D6"),
    Source(
        "lifetime_days", _A412114, note="no age limit is stated, only the cap. Alternative: 90", rule="R8"
    ),
    Source(
        "seats_max",
        _A414347,
        Sureness.OPEN,
        "no maximum is published, this is the most the package takes; one pool for all seats is stated",
        "R2",
    ),
    _SEAT_GRANT,
)


def _recruiter(
    name: str, title: str, grant_credits: int, *, sources: tuple[Source, ...], seats_max: int = 1
) -> Plan:
    return Plan(
        name=name,
        title=title,
        grant_credits=grant_credits,
        cap_credits=4 * grant_credits,
        lifetime_days=None,
        reply_window_days=_REPLY_WINDOW_DAYS,
        seats_max=seats_max,
        sources=(*sources, *_RECRUITER),
    )


LINKEDIN_2026: Final = Economy(
    name="linkedin-2026",
    title="LinkedIn, today's help pages (2026)",
    effective_on=date(2026, 1, 1),
    note="The pages carry no absolute date; they were read in 2026. "
    "A switch forfeits what is left and starts a new cycle that day (help answers 57013, 75, a703536; D12). "
    "A failed delivery gives the credit back (a1517489; D11).",
    plans=(
        _premium("career", "Premium Career", 5, 15),
        _premium("business", "Premium Business", 15, 45),
        _sales_navigator("sales-navigator-core", "Sales Navigator Core", sources=(_SALES_NAVIGATOR_CAP,)),
        _sales_navigator(
            "sales-navigator-advanced",
            "Sales Navigator Advanced",
            sources=_SALES_NAVIGATOR_TEAM,
            seats_max=_SEATS_MAX,
        ),
        _sales_navigator(
            "sales-navigator-advanced-plus",
            "Sales Navigator Advanced Plus",
            sources=_SALES_NAVIGATOR_TEAM,
            seats_max=_SEATS_MAX,
        ),
        _recruiter("recruiter-lite", "Recruiter Lite", 30, sources=_RECRUITER_LITE),
        _recruiter(
            "recruiter-professional-services",
            "Recruiter Professional Services",
            100,
            sources=_RECRUITER_TEAM,
            seats_max=_SEATS_MAX,
        ),
        _recruiter(
            "recruiter-corporate",
            "Recruiter Corporate",
            150,
            sources=_RECRUITER_TEAM,
            seats_max=_SEATS_MAX,
        ),
    ),
)
"""Other allotments, caps, a reply window of 90 days; each open question is a term."""

"""``linkedin-2019``: the economy as first described, and the default (R1-R9)."""

from datetime import date
from typing import Final

from inmail_credits.plans import Economy, Plan, Source, Sureness

_S0 = "article on LinkedIn messaging (2019), section on paid messages"

_SOURCES: Final = (
    Source("grant_credits", _S0, rule="R1"),
    Source("grant_every", _S0, rule="R3"),
    Source(
        "grant_on",
        _S0,
        Sureness.OPEN,
        "counted from the start of the subscription; the day is not named. Alternative: calendar",
        "D5",
    ),
    Source("lifetime_days", _S0, rule="R8"),
    Source("cap_credits", _S0, note="credits roll over; no cap is named", rule="R7"),
    Source("refund_on", _S0, note="any reaction, a refusal included", rule="R5"),
    Source("refund_kinds", _S0, Sureness.INFERRED, "any reaction: so automatic answers too", "D9"),
    Source("reply_window_days", _S0, note="no end is named", rule="D10"),
    Source(
        "refund_to",
        _S0,
        Sureness.OPEN,
        "received when the reply arrives, so it lives 90 days from then. Alternative: original",
        "D7",
    ),
    Source(
        "cancel_at",
        _S0,
        Sureness.OPEN,
        "credits stay usable until the billing period ends. Alternative: at_once",
        "D12",
    ),
    Source(
        "on_switch",
        _S0,
        Sureness.OPEN,
        "of a switch nothing is said; refunds in flight end with it. Alternative: follow",
        "D12",
    ),
)


def _plan(name: str, title: str, grant_credits: int) -> Plan:
    return Plan(name=name, title=title, grant_credits=grant_credits, lifetime_days=90, sources=_SOURCES)


LINKEDIN_2019: Final = Economy(
    name="linkedin-2019",
    title="LinkedIn, as first described (2019)",
    effective_on=date(2019, 1, 1),
    note="Unspent credits roll over and live 90 days; any reply gives the credit back.",
    plans=(
        _plan("career", "Premium Career", 3),
        _plan("business", "Premium Business", 15),
        _plan("sales", "Sales Navigator", 20),
        _plan("recruiter-lite", "Recruiter Lite", 30),
    ),
)
"""The default: any reply gives the credit back, at any time; no cap."""

"""What a ledger may leave out, and what of it a fact or a plan needs.

A ledger for one plan has no use for seats or zones. It names what it leaves out; what needs that is then not
asked of it, and the result of the check says so. What is always asked: the plan ``career`` of 2019 with
sends, replies and withdrawals in order of time, and the balance now and later (R1, R3-R9, D1-D5, D7-D9, D15).
"""

from collections.abc import Callable, Iterable
from typing import Final

from attrs import evolve

from inmail_credits._inputs import ExplainedChoice
from inmail_credits.channels import Channel
from inmail_credits.facts import (
    Cancelled,
    DeliveryFailed,
    Fact,
    Opened,
    Purchased,
    SeatLimited,
    SeatsChanged,
    Sent,
    Subscribed,
    Switched,
    TermsChanged,
)
from inmail_credits.plans import FirstGrant, GrantOn, Plan, RefundOn, RefundTo, ReplyKind
from inmail_credits.plans.linkedin_2019 import LINKEDIN_2019


class Capability(ExplainedChoice):
    """Something a ledger may leave out: a value to name it, and a sentence that says what it is.

    Example:
        >>> Capability("purchases").sentence
        'credits that are bought'
    """

    OWN_PLANS = "own_plans", "plans other than career: any allotment, interval and lifetime (R2)"
    CALENDAR_GRANTS = "calendar_grants", "grants on the first of a month, a share of the first included (D5)"
    ZONES = "zones", "dates in the time zone of the plan (D18)"
    CAPS = "caps", "a cap on what may be held after a grant (D6)"
    REPLY_KINDS = "reply_kinds", "kinds of reply that do not count (D9)"
    REPLY_WINDOWS = "reply_windows", "a window after which a reply gives nothing back (D10)"
    ORIGINAL_REFUNDS = "original_refunds", "refunds that rejoin the lot that paid (D7)"
    SILENCE_REFUNDS = "silence_refunds", "refunds where no reply comes (linkedin-2014)"
    FREE_CHANNELS = "free_channels", "messages that cost nothing (R10, R14, R15)"
    FAILED_DELIVERY = "failed_delivery", "deliveries that fail (D11)"
    PURCHASES = "purchases", "credits that are bought"
    CANCELLING = "cancelling", "subscriptions that end, and others after them (D12)"
    SWITCHING = "switching", "switches to another plan (D12)"
    TERMS_CHANGES = "terms_changes", "new terms for a running subscription (D16)"
    SEATS = "seats", "contracts of several seats (D20)"
    SEAT_LIMITS = "seat_limits", "limits on what one seat sends (D20)"
    OPENINGS = "openings", "accounts that begin from what is known (D17)"
    LATE_FACTS = "late_facts", "facts that arrive late, and those they make impossible (D13)"
    REPEATS = "repeats", "facts told again, and ids with other content (D14)"
    BATCHES = "batches", "several facts at once, all or none (D15)"
    PAST_ANSWERS = "past_answers", "answers about instants before the latest fact"
    LOTS = "lots", "what is left of each lot (D4)"
    MOVEMENTS = "movements", "every movement of credits, with kind and cause"
    TOTALS = "totals", "the credits moved before an instant, for each kind"
    PREVIEWS = "previews", "what recording facts would move, without recording them"
    REPLAYS = "replays", "the same ledger from its facts in any order of arrival (D13)"
    CHECKPOINTS = "checkpoints", "the opening that stands for all facts before an instant (D17)"


CAREER: Final = LINKEDIN_2019["career"]
"""The plan that every ledger under test must know: 3 credits a month that live 90 days (R1, R3, R8)."""

_TERMS: Final[tuple[tuple[Capability, dict[str, object]], ...]] = (
    (Capability.CALENDAR_GRANTS, {"grant_on": GrantOn.ANNIVERSARY, "first_grant": FirstGrant.FULL}),
    (Capability.ZONES, {"zone": "UTC"}),
    (Capability.CAPS, {"cap_credits": None}),
    (Capability.REPLY_KINDS, {"refund_kinds": frozenset(ReplyKind)}),
    (Capability.REPLY_WINDOWS, {"reply_window_days": None, "refund_on": RefundOn.REPLY}),
    (Capability.SILENCE_REFUNDS, {"refund_on": RefundOn.REPLY}),
    (Capability.ORIGINAL_REFUNDS, {"refund_to": RefundTo.FRESH}),
    (Capability.SEATS, {"seats_max": 1}),
)
"""The terms that a ledger without a capability has nothing to do with, and what they are then."""

_FACTS: Final[dict[type[Fact], Capability]] = {
    DeliveryFailed: Capability.FAILED_DELIVERY,
    Purchased: Capability.PURCHASES,
    Cancelled: Capability.CANCELLING,
    Switched: Capability.SWITCHING,
    TermsChanged: Capability.TERMS_CHANGES,
    SeatsChanged: Capability.SEATS,
    SeatLimited: Capability.SEAT_LIMITS,
    Opened: Capability.OPENINGS,
}


def plan_needs(plan: Plan) -> frozenset[Capability]:
    """What a plan needs of a ledger.

    Example:
        >>> sorted(plan_needs(Plan(name="own", grant_credits=15, cap_credits=45)))
        [<Capability.CAPS: 'caps'>, <Capability.OWN_PLANS: 'own_plans'>]
        >>> plan_needs(CAREER)
        frozenset()
    """
    needs = {each for each, terms in _TERMS if any(getattr(plan, term) != terms[term] for term in terms)}
    return frozenset(needs | ({Capability.OWN_PLANS} if plan != CAREER else set()))


def plan_within(plan: Plan, without: Iterable[Capability]) -> Plan:
    """The plan with the terms that a ledger leaves out as they are where nothing is said of them.

    Example:
        >>> capped = Plan(name="own", grant_credits=2, cap_credits=2)
        >>> plan_within(capped, [Capability.CAPS]) == Plan(name="own", grant_credits=2)
        True
        >>> plan_within(Plan(name="own", grant_credits=2), [Capability.OWN_PLANS]).name
        'career'
    """
    left_out = frozenset(without)
    if Capability.OWN_PLANS in left_out:
        return CAREER
    terms = {term: value for each, neutral in _TERMS if each in left_out for term, value in neutral.items()}
    with_terms: Callable[..., Plan] = evolve
    return with_terms(plan, **terms)


def fact_needs(fact: Fact) -> frozenset[Capability]:
    """What a fact needs of a ledger, wherever it stands.

    Example:
        >>> from datetime import date
        >>> [each.value for each in fact_needs(Purchased(at=date(2026, 2, 1), credits=1))]
        ['purchases']
    """
    needs = {_FACTS[type(fact)]} if type(fact) in _FACTS else set()
    if isinstance(fact, Subscribed | TermsChanged | Opened) and fact.plan is not None:
        needs |= plan_needs(fact.plan)
    if isinstance(fact, Opened):
        needs |= {each for message in fact.messages if message.plan for each in plan_needs(message.plan)}
        needs |= {Capability.SEAT_LIMITS} if fact.seat_uses else set()
        needs |= {Capability.PURCHASES} if fact.purchases else set()
        needs |= {Capability.CANCELLING} if fact.ends_at is not None or fact.plan is None else set()
    if isinstance(fact, Subscribed | Opened) and fact.seats > 1:
        needs |= {Capability.SEATS}
    if isinstance(fact, Sent):
        needs |= {Capability.FREE_CHANNELS} if fact.channel is not Channel.INMAIL else set()
        needs |= {Capability.SEATS} if fact.seat is not None else set()
    return frozenset(needs)


def history_needs(told: Iterable[Fact]) -> frozenset[Capability]:
    """What a history needs of a ledger, its facts in the order in which they are told."""
    needs: set[Capability] = set()
    known: dict[str, Fact] = {}
    latest: Fact | None = None
    subscribed = 0
    for fact in told:
        needs |= fact_needs(fact)
        needs |= {Capability.REPEATS} if fact.id in known else set()
        needs |= {Capability.LATE_FACTS} if latest is not None and fact.at < latest.at else set()
        needs |= {Capability.CANCELLING} if type(fact) is Subscribed and subscribed else set()
        subscribed += type(fact) is Subscribed
        known[fact.id] = fact
        latest = fact if latest is None or fact.at >= latest.at else latest
    return frozenset(needs)

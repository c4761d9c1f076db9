"""The figures of the economies that ship, each against the number its source gives."""

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve, fields

from inmail_credits import Account, economies
from inmail_credits.errors import UnknownNameError
from inmail_credits.plans import (
    CancelAt,
    Economy,
    FirstGrant,
    GrantOn,
    OnSwitch,
    Plan,
    RefundOn,
    RefundTo,
    ReplyKind,
    SeatGrant,
    Source,
    Sureness,
)
from inmail_credits.timeline import Interval

PLANS = [pytest.param(plan, id=f"{each.name}/{plan.name}") for each in economies.ALL for plan in each]
PLANS_2026 = list(economies.LINKEDIN_2026)


def sure(plan: Plan, term: str) -> Sureness:
    """How sure the plan's source is of a term."""
    (source,) = [source for source in plan.sources if source.term == term]
    return source.sure


@pytest.mark.proves("R1")
@pytest.mark.parametrize(
    ("name", "grant_credits"), [("career", 3), ("business", 15), ("sales", 20), ("recruiter-lite", 30)]
)
def test_r1_2019_allotments(name: str, grant_credits: int) -> None:
    """The allotments of 2019 are 3, 15, 20 and 30."""
    assert economies.LINKEDIN_2019[name].grant_credits == grant_credits


@pytest.mark.proves("R3", "R5", "R7", "R8")
@pytest.mark.parametrize("plan", economies.LINKEDIN_2019, ids=lambda plan: plan.name)
def test_2019_terms(plan: Plan) -> None:
    """In 2019 every plan grants monthly, has no cap and no reply window, and credits live 90 days."""
    assert plan.grant_every == Interval(months=1)
    assert plan.grant_on is GrantOn.ANNIVERSARY
    assert (plan.cap_credits, plan.lifetime_days, plan.reply_window_days) == (None, 90, None)
    assert plan.refund_on is RefundOn.REPLY
    assert plan.refund_kinds == {*ReplyKind}
    assert (plan.refund_to, plan.cancel_at) == (RefundTo.FRESH, CancelAt.PERIOD_END)
    assert (plan.purchase_credits_max, plan.seats_max) == (0, 1)


@pytest.mark.parametrize(
    ("name", "grant_credits", "how_sure"),
    [
        ("career", 5, "verbatim"),
        ("business", 15, "verbatim"),
        ("sales-navigator-core", 50, "verbatim"),
        ("sales-navigator-advanced", 50, "verbatim"),
        ("sales-navigator-advanced-plus", 50, "verbatim"),
        ("recruiter-lite", 30, "verbatim"),
        ("recruiter-professional-services", 100, "third party"),
        ("recruiter-corporate", 150, "third party"),
    ],
)
def test_2026_allotments(name: str, grant_credits: int, how_sure: str) -> None:
    """Today's allotments, a month and a seat."""
    plan = economies.LINKEDIN_2026[name]
    assert plan.grant_credits == grant_credits
    assert plan.grant_every == Interval(months=1)
    assert sure(plan, "grant_credits") == how_sure


@pytest.mark.proves("D6")
@pytest.mark.parametrize(
    ("name", "cap_credits", "how_sure"),
    [
        ("career", 15, "verbatim"),
        ("business", 45, "verbatim"),
        ("sales-navigator-core", 150, "verbatim"),
        ("sales-navigator-advanced", 150, "inferred"),
        ("sales-navigator-advanced-plus", 150, "inferred"),
        ("recruiter-lite", 120, "verbatim"),
        ("recruiter-professional-services", 400, "verbatim"),
        ("recruiter-corporate", 600, "verbatim"),
    ],
)
def test_d6_2026_caps(name: str, cap_credits: int, how_sure: str) -> None:
    """The most that can accumulate today, a seat."""
    plan = economies.LINKEDIN_2026[name]
    assert plan.cap_credits == cap_credits
    assert sure(plan, "cap_credits") == how_sure


@pytest.mark.parametrize(
    ("name", "lifetime_days", "how_sure"),
    [
        ("career", 90, "verbatim"),
        ("business", 90, "verbatim"),
        ("sales-navigator-core", 90, "verbatim"),
        ("sales-navigator-advanced", 90, "verbatim"),
        ("sales-navigator-advanced-plus", 90, "verbatim"),
        ("recruiter-lite", None, "inferred"),
        ("recruiter-professional-services", None, "verbatim"),
        ("recruiter-corporate", None, "verbatim"),
    ],
)
def test_2026_age_limits(name: str, lifetime_days: int | None, how_sure: str) -> None:
    """Premium and Sales Navigator credits live 90 days; for Recruiter no age limit is stated."""
    plan = economies.LINKEDIN_2026[name]
    assert plan.lifetime_days == lifetime_days
    assert sure(plan, "lifetime_days") == how_sure


@pytest.mark.parametrize(
    ("name", "grant_on"),
    [
        ("career", "anniversary"),
        ("business", "anniversary"),
        ("sales-navigator-core", "calendar"),
        ("sales-navigator-advanced", "calendar"),
        ("sales-navigator-advanced-plus", "calendar"),
        ("recruiter-lite", "anniversary"),
        ("recruiter-professional-services", "anniversary"),
        ("recruiter-corporate", "anniversary"),
    ],
)
def test_2026_grant_dates(name: str, grant_on: str) -> None:
    """Sales Navigator grants on the first of the month in UTC, the others on the anniversary."""
    assert economies.LINKEDIN_2026[name].grant_on == grant_on


@pytest.mark.parametrize(
    ("name", "team"),
    [
        ("career", False),
        ("business", False),
        ("sales-navigator-core", False),
        ("sales-navigator-advanced", True),
        ("sales-navigator-advanced-plus", True),
        ("recruiter-lite", False),
        ("recruiter-professional-services", True),
        ("recruiter-corporate", True),
    ],
)
def test_2026_seats(name: str, *, team: bool) -> None:
    """Team plans take many seats, an open figure; personal plans one."""
    plan = economies.LINKEDIN_2026[name]
    assert plan.seats_max == (100_000 if team else 1)
    if team:
        assert sure(plan, "seats_max") is Sureness.OPEN
        assert plan.seat_grant is SeatGrant.AT_ONCE
        assert sure(plan, "seat_grant") is Sureness.OPEN


@pytest.mark.proves("D9", "D10")
@pytest.mark.parametrize("plan", PLANS_2026, ids=lambda plan: plan.name)
def test_d9_d10_2026_replies(plan: Plan) -> None:
    """Today an answer of any kind, automatic ones too, refunds within 90 days of sending."""
    assert plan.refund_on is RefundOn.REPLY
    assert plan.reply_window_days == 90
    assert sure(plan, "reply_window_days") is Sureness.VERBATIM
    assert plan.refund_kinds == {"accepted", "declined", "message", "quick_reply", "automatic"}
    read_there = plan.name.startswith("sales-navigator")
    assert sure(plan, "refund_kinds") is (Sureness.VERBATIM if read_there else Sureness.INFERRED)


@pytest.mark.proves("D7", "D12")
@pytest.mark.parametrize("plan", PLANS_2026, ids=lambda plan: plan.name)
def test_d7_d12_2026_the_rest(plan: Plan) -> None:
    """Today a refund's lifetime is open, a cancelled plan runs to the period's end, nothing is sold."""
    assert plan.refund_to is RefundTo.FRESH
    assert sure(plan, "refund_to") is Sureness.OPEN
    assert plan.cancel_at is CancelAt.PERIOD_END
    assert plan.purchase_credits_max == 0
    assert plan.billing_every == Interval(months=1)
    assert sure(plan, "billing_every") is Sureness.INFERRED


@pytest.mark.parametrize(
    ("name", "grant_credits", "how_sure"),
    [
        ("premium", 10, "third party"),
        ("recruiter-lite", 25, "verbatim"),
        ("recruiter-professional-services", 50, "verbatim"),
        ("recruiter-corporate", 50, "verbatim"),
    ],
)
def test_2014_allotments(name: str, grant_credits: int, how_sure: str) -> None:
    """The allotments before 2015: 10, 25, 50 and 50 a month."""
    plan = economies.LINKEDIN_2014[name]
    assert plan.grant_credits == grant_credits
    assert sure(plan, "grant_credits") == how_sure


@pytest.mark.parametrize("plan", economies.LINKEDIN_2014, ids=lambda plan: plan.name)
def test_2014_terms(plan: Plan) -> None:
    """Before 2015 silence of 7 days refunded, credits lived 90 days, and up to 10 could be bought."""
    assert plan.refund_on is RefundOn.SILENCE
    assert plan.reply_window_days == 7
    assert plan.lifetime_days == 90
    assert plan.cap_credits is None
    assert plan.purchase_credits_max == 10
    assert sure(plan, "purchase_credits_max") is Sureness.THIRD_PARTY


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("recruiter-lite", 25, 30),
        ("recruiter-professional-services", 50, 100),
        ("recruiter-corporate", 50, 150),
    ],
)
def test_2015_allotments_beside_those_of_2014(name: str, before: int, after: int) -> None:
    """In January 2015 the allotments of the three plans rose, and each plan has one of its name before."""
    assert economies.LINKEDIN_2014[name].grant_credits == before
    assert economies.LINKEDIN_2015[name].grant_credits == after
    assert sure(economies.LINKEDIN_2015[name], "grant_credits") is Sureness.VERBATIM


@pytest.mark.proves("R5", "R6", "D10")
@pytest.mark.parametrize("name", [plan.name for plan in economies.LINKEDIN_2015])
def test_2015_reverses_the_rule_of_2014(name: str) -> None:
    """Of three messages, answered after 5 and 50 days and never, 2014 pays for the slow, 2015 for answers."""
    start = datetime(2015, 1, 1, tzinfo=UTC)
    returned = {}
    for economy in (economies.LINKEDIN_2014, economies.LINKEDIN_2015):
        account = Account.open(evolve(economy[name], lifetime_days=365), at=start)
        for message_id in ("quick", "late", "never"):
            account.send(message_id, at=start)
        account.reply("quick", at=start + timedelta(days=5))
        account.reply("late", at=start + timedelta(days=50))
        entries = account.entries_until(start + timedelta(days=89))
        returned[economy.name] = {
            entry.message_id: (entry.at - start).days for entry in entries if entry.kind == "refunded"
        }
    assert returned == {"linkedin-2014": {"late": 7, "never": 7}, "linkedin-2015": {"quick": 5, "late": 50}}


@pytest.mark.parametrize(
    ("term", "economy", "chosen", "alternative"),
    [
        ("on_switch", economies.LINKEDIN_2026, OnSwitch.END, "follow"),
        ("on_switch", economies.LINKEDIN_2015, OnSwitch.END, "follow"),
        ("refund_kinds", economies.LINKEDIN_2026, {*ReplyKind}, "all but automatic"),
        ("refund_kinds", economies.LINKEDIN_2015, {*ReplyKind}, "all but automatic"),
    ],
)
def test_a_choice_of_ours_names_its_alternative(
    term: str, economy: Economy, chosen: object, alternative: str
) -> None:
    """A term the sources leave open is our decision; its source names the other."""
    for plan in economy:
        assert getattr(plan, term) == chosen
        (source,) = [source for source in plan.sources if source.term == term]
        assert f"Alternative: {alternative}" in source.note
        assert term == "refund_kinds" or source.sure is Sureness.OPEN


@pytest.mark.parametrize("name", [p.name for p in PLANS_2026 if p.grant_on is GrantOn.CALENDAR])
def test_2026_sales_navigator_grants_in_utc_and_the_whole_allotment_at_first(name: str) -> None:
    """The page says UTC; of a start in mid-month nothing is said."""
    plan = economies.LINKEDIN_2026[name]
    assert (plan.zone, sure(plan, "zone")) == ("UTC", Sureness.VERBATIM)
    assert (plan.first_grant, sure(plan, "first_grant")) == (FirstGrant.FULL, Sureness.OPEN)


@pytest.mark.parametrize("plan", PLANS)
def test_every_term_that_is_not_a_default_has_a_source(plan: Plan) -> None:
    """A figure nobody can trace is not a figure: each term set, and the allotment, names its page."""
    told = {source.term for source in plan.sources}
    chosen = {
        term.name
        for term in fields(Plan)
        if term.name not in {"name", "title", "sources"} and getattr(plan, term.name) != term.default
    }
    assert "grant_credits" in chosen
    assert chosen <= told


@pytest.mark.parametrize("plan", PLANS)
def test_sources_speak_of_real_terms_once(plan: Plan) -> None:
    """Each source names a field of Plan, no field has two, and each has a page."""
    told = [source.term for source in plan.sources]
    assert set(told) <= {term.name for term in fields(Plan)} - {"sources"}
    assert len(told) == len(set(told))
    assert all(source.page for source in plan.sources)


OPEN_TERMS = [
    pytest.param(source, id=f"{each.name}/{plan.name}/{source.term}")
    for each in economies.ALL
    for plan in each
    for source in plan.sources
    if source.sure is Sureness.OPEN
]


@pytest.mark.parametrize("source", OPEN_TERMS)
def test_open_terms_say_what_else_could_be(source: Source) -> None:
    """What the sources leave open carries a note: the alternative, or that no figure is published."""
    assert any(word in source.note.lower() for word in ("alternative", "no maximum", "no cap"))


@pytest.mark.proves("R2")
def test_economies_are_dated_and_found_by_name() -> None:
    """Four economies ship, in order of their dates, and each is found by its name."""
    years = [2014, 2015, 2019, 2026]
    assert [each.name for each in economies.ALL] == [f"linkedin-{year}" for year in years]
    assert [each.effective_on for each in economies.ALL] == [
        date(2014, 1, 1),
        date(2015, 1, 1),
        date(2019, 1, 1),
        date(2026, 1, 1),
    ]
    for each in economies.ALL:
        assert isinstance(each, Economy)
        assert economies.get(each.name) is each


def test_an_unknown_economy_is_refused_with_those_that_ship() -> None:
    """A mistyped economy names the ones there are."""
    with pytest.raises(UnknownNameError) as caught:
        economies.get("linkedin-2025")
    known = "linkedin-2014, linkedin-2015, linkedin-2019, linkedin-2026"
    assert str(caught.value) == f"there is no economy 'linkedin-2025'; known: {known}"

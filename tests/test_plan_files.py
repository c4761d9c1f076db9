"""Plans and economies of one's own, as data and as TOML: nothing is lost, nothing unknown is let in."""

import json
from datetime import date

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import economies
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import (
    CREDITS_MAX,
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
from inmail_credits.plans.plain_data import TERMS, Json, plan_from_dict, plan_to_dict
from inmail_credits.plans.toml import economy_from_toml, economy_to_toml
from inmail_credits.timeline import DAYS_MAX, MONTHLY, Interval

# --- any plan, source and economy that construction allows --------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
names = texts.filter(bool)
intervals = st.builds(Interval, months=st.integers(1, 120)) | st.builds(Interval, days=st.integers(1, 4_000))
days = st.none() | st.integers(1, DAYS_MAX)


@st.composite
def sources(draw: st.DrawFn, /) -> Source:
    """A source of any term, as sure as may be."""
    return Source(
        draw(st.sampled_from(TERMS)),
        draw(texts),
        draw(st.sampled_from(Sureness)),
        draw(texts),
        draw(texts),
    )


@st.composite
def any_plans(draw: st.DrawFn, /) -> Plan:
    """A plan over every term, valid by construction."""
    grant_on = draw(st.sampled_from(GrantOn))
    refund_on = draw(st.sampled_from(RefundOn))
    grant_credits = draw(st.integers(0, CREDITS_MAX))
    return Plan(
        name=draw(names),
        title=draw(texts),
        grant_credits=grant_credits,
        grant_every=MONTHLY if grant_on is GrantOn.CALENDAR else draw(intervals),
        grant_on=grant_on,
        first_grant=draw(
            st.sampled_from(FirstGrant) if grant_on is GrantOn.CALENDAR else st.just(FirstGrant.FULL)
        ),
        zone=draw(st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"])),
        billing_every=draw(intervals),
        lifetime_days=draw(days),
        cap_credits=draw(st.none() | st.integers(grant_credits, CREDITS_MAX)),
        refund_on=refund_on,
        refund_kinds=frozenset(draw(st.sets(st.sampled_from(ReplyKind)))),
        reply_window_days=draw(st.integers(1, DAYS_MAX) if refund_on is RefundOn.SILENCE else days),
        refund_to=draw(st.sampled_from(RefundTo)),
        cancel_at=draw(st.sampled_from(CancelAt)),
        on_switch=draw(st.sampled_from(OnSwitch)),
        purchase_credits_max=draw(st.integers(0, CREDITS_MAX)),
        seats_max=draw(st.integers(1, CREDITS_MAX)),
        seat_grant=draw(st.sampled_from(SeatGrant)),
        sources=tuple(draw(st.lists(sources(), max_size=3))),
    )


@st.composite
def any_economies(draw: st.DrawFn, /) -> Economy:
    """An economy of up to three plans with names of their own."""
    return Economy(
        name=draw(names),
        title=draw(texts),
        effective_on=draw(st.dates(date(1, 1, 1), date(9999, 12, 31))),
        note=draw(texts),
        plans=tuple(draw(st.lists(any_plans(), max_size=3, unique_by=lambda plan: plan.name))),
    )


# --- plans as plain data ------------------------------------------------------------------------------


@pytest.mark.proves("R2")
@given(plan=any_plans())
def test_a_plan_survives_plain_data_and_json(plan: Plan) -> None:
    """Every term comes back through JSON as it was; sources stay behind."""
    data = json.loads(json.dumps(plan_to_dict(plan)))
    assert plan_from_dict(data) == evolve(plan, sources=())


@given(plan=any_plans())
def test_plain_data_name_every_term(plan: Plan) -> None:
    """A log keeps its own rules: each term is written, defaults too, and no float among them."""
    data = plan_to_dict(plan)
    assert set(data) == {term.name for term in fields(Plan)} - {"sources"}
    assert not any(isinstance(value, float | bool) for value in data.values())


def test_only_terms_that_differ_need_be_given() -> None:
    """A name and an allotment make a plan."""
    assert plan_from_dict({"name": "own", "grant_credits": 7}) == Plan(name="own", grant_credits=7)


def test_a_plan_in_plain_data() -> None:
    """The written form, in full."""
    assert plan_to_dict(economies.LINKEDIN_2026["sales-navigator-core"]) == {
        "name": "sales-navigator-core",
        "title": "Sales Navigator Core",
        "grant_credits": 50,
        "grant_every": {"months": 1},
        "grant_on": "calendar",
        "first_grant": "full",
        "zone": "UTC",
        "billing_every": {"months": 1},
        "lifetime_days": 90,
        "cap_credits": 150,
        "refund_on": "reply",
        "refund_kinds": ["accepted", "automatic", "declined", "message", "quick_reply"],
        "reply_window_days": 90,
        "refund_to": "fresh",
        "cancel_at": "period_end",
        "on_switch": "end",
        "purchase_credits_max": 0,
        "seats_max": 1,
        "seat_grant": "at_once",
    }


INTERVAL = "but must be either {months = 1} or {days = 7}, any whole number above 0"
WHOLE = "but must be a whole number from"


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"lifetime": 90}, f"term of plan 'own' is 'lifetime', but must be one of {', '.join(TERMS)}"),
        ({"sources": []}, f"term of plan 'own' is 'sources', but must be one of {', '.join(TERMS)}"),
        ({"grant_credits": "7"}, f"grant_credits of plan 'own' is '7', {WHOLE} 0 to 1,000,000"),
        ({"grant_credits": True}, f"grant_credits of plan 'own' is True, {WHOLE} 0 to 1,000,000"),
        ({"grant_credits": None}, f"grant_credits of plan 'own' is None, {WHOLE} 0 to 1,000,000"),
        ({"lifetime_days": 0}, f"lifetime_days of plan 'own' is 0, {WHOLE} 1 to 36,500"),
        ({"grant_every": "monthly"}, f"grant_every of plan 'own' is 'monthly', {INTERVAL}"),
        ({"grant_every": {"weeks": 1}}, f"grant_every of plan 'own' is {{'weeks': 1}}, {INTERVAL}"),
        ({"billing_every": {"days": 0}}, f"billing_every of plan 'own' is {{'days': 0}}, {INTERVAL}"),
        (
            {"billing_every": {"days": 1, "months": 1}},
            f"billing_every of plan 'own' is {{'days': 1, 'months': 1}}, {INTERVAL}",
        ),
        (
            {"grant_on": "monday"},
            "grant_on of plan 'own' is 'monday', but must be one of anniversary, calendar",
        ),
        (
            {"refund_to": ["fresh"]},
            "refund_to of plan 'own' is ['fresh'], but must be one of fresh, original",
        ),
        ({"refund_kinds": "message"}, "refund_kinds of plan 'own' is 'message', but must be a list"),
        (
            {"refund_kinds": ["message", "message"]},
            (
                "refund_kinds of plan 'own' is ['message', 'message'], "
                "but must be a list that names 'message' once"
            ),
        ),
        (
            {"refund_kinds": ["shrug"]},
            (
                "refund_kinds of plan 'own' is 'shrug', but must be one of "
                "accepted, declined, message, quick_reply, automatic"
            ),
        ),
        ({"title": ""}, "title of plan 'own' is '', but must be a text of 1 to 200 characters"),
        ({"title": 5}, "title of plan 'own' is 5, but must be a text of 1 to 200 characters"),
        (
            {"cap_credits": 6},
            "cap_credits of plan 'own' is 6, but must be at least the grant of 7 credits, or None",
        ),
        (
            {"refund_on": "silence"},
            "reply_window_days of plan 'own' is None, but must be given where silence gives the credit back",
        ),
        (
            {"grant_on": "calendar", "grant_every": {"days": 7}},
            "grant_every of plan 'own' is '7 days', but must be 1 month where grants follow the calendar",
        ),
    ],
    ids=str,
)
def test_wrong_terms_are_refused_with_plan_term_and_reason(terms: dict[str, Json], message: str) -> None:
    """Each wrong term names the plan, the term, the value and what it must be."""
    with pytest.raises(InvalidValueError) as caught:
        plan_from_dict({"name": "own", "grant_credits": 7, **terms})
    assert str(caught.value) == message


def test_a_plan_without_its_allotment_name_or_shape_is_refused() -> None:
    """What has no default must be given."""
    with pytest.raises(InvalidValueError, match=r"^grant_credits of plan 'own' is None, but must be given$"):
        plan_from_dict({"name": "own"})
    with pytest.raises(InvalidValueError, match=r"^name of the plan is None, but must be given$"):
        plan_from_dict({"grant_credits": 7})
    with pytest.raises(InvalidValueError, match=r"^name of the plan is 7, but must be a text of 1 to 200"):
        plan_from_dict({"grant_credits": 7, "name": 7})
    with pytest.raises(InvalidValueError, match=r"^plan is 'business', but must be a table of its terms$"):
        plan_from_dict("business")  # type: ignore[arg-type]


# --- economies in TOML --------------------------------------------------------------------------------


@pytest.mark.proves("R2")
@given(economy=any_economies())
def test_an_economy_survives_toml(economy: Economy) -> None:
    """Every plan, term, text and source comes back from TOML exactly as it was."""
    again = economy_from_toml(economy_to_toml(economy))
    assert again == economy
    assert [plan.sources for plan in again] == [plan.sources for plan in economy]


@pytest.mark.parametrize("economy", economies.ALL, ids=lambda economy: economy.name)
def test_the_economies_that_ship_survive_toml(economy: Economy) -> None:
    """Each shipped economy can be written out, edited and read back."""
    again = economy_from_toml(economy_to_toml(economy))
    assert again == economy
    assert [plan.sources for plan in again] == [plan.sources for plan in economy]


@given(text=st.text())
def test_no_text_is_anything_but_an_economy_or_refused(text: str) -> None:
    """Any text at all gives an economy or an InvalidValueError, never another exception."""
    with pytest.raises(InvalidValueError):
        economy_from_toml(text)


def test_terms_without_a_value_are_none_by_default() -> None:
    """TOML has no null: what may be None must be None when left out."""
    written = economy_to_toml(Economy(name="own", effective_on=date(2026, 1, 1), plans=[OWN]))
    for term, value in plan_to_dict(OWN).items():
        assert (f"\n{term} = " in written) == (value is not None)


OWN = Plan(name="own", grant_credits=7)
HEAD = 'name = "ours"\neffective_on = 2026-01-01\n'
PLAN = f'{HEAD}[[plans]]\nname = "own"\ngrant_credits = 7\n'
SOURCE = f'{PLAN}[[plans.sources]]\nterm = "grant_credits"\npage = "contract"\n'


def test_the_shortest_economy() -> None:
    """Four lines and a heading make an economy."""
    economy = economy_from_toml(PLAN)
    assert economy == Economy(name="ours", effective_on=date(2026, 1, 1), plans=[OWN])
    (source,) = economy_from_toml(SOURCE)["own"].sources
    assert source == Source("grant_credits", "contract")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "name = ours",
            "economy is 'name = ours', but must be TOML, but: Invalid value (at line 1, column 8)",
        ),
        (
            f"{HEAD}plans = [",
            "economy is 'plans = [', but must be TOML, but: Invalid value (at end of document)",
        ),
        (
            HEAD + 'name = "again"\n',
            (
                "economy is 'name = \"again\"', but must be TOML, but: "
                "Cannot overwrite a value (at line 3, column 15)"
            ),
        ),
        ("", "name of the economy is None, but must be given"),
        ('name = "ours"', "effective_on of economy 'ours' is None, but must be given"),
        (HEAD, "plans of economy 'ours' is None, but must be given"),
        (
            HEAD + "plan = []",
            "key of economy 'ours' is 'plan', but must be one of name, title, effective_on, note, plans",
        ),
        (
            'name = "ours"\neffective_on = "2026-01-01"\nplans = []',
            "effective_on of economy 'ours' is '2026-01-01', but must be a date such as 2026-01-01, unquoted",
        ),
        (
            'name = "ours"\neffective_on = 2026-01-01T00:00:00Z\nplans = []',
            (
                "effective_on of economy 'ours' is "
                "2026-01-01T00:00:00Z, but must be a date such as 2026-01-01, unquoted"
            ),
        ),
        (HEAD + "plans = 3", "plans of economy 'ours' is 3, but must be tables, each under [[plans]]"),
        (
            HEAD + "note = 3\nplans = []",
            "note of economy 'ours' is 3, but must be a text of 1 to 10000 characters",
        ),
        (
            PLAN + "grants = 8",
            f"term of plan 'own' is 'grants', but must be one of {', '.join(TERMS)}, sources",
        ),
        (
            PLAN + "lifetime_days = 90.0",
            "lifetime_days of plan 'own' is 90.0, but must be a whole number, a text, a list or a table",
        ),
        (
            PLAN + "lifetime_days = true",
            "lifetime_days of plan 'own' is True, but must be a whole number, a text, a list or a table",
        ),
        (
            PLAN + '[[plans]]\nname = "own"\ngrant_credits = 8',
            "plan name in economy 'ours' is 'own', but must be used once",
        ),
        (
            PLAN + "sources = 3",
            "sources of plan 'own' is 3, but must be tables, each under [[plans.sources]]",
        ),
        (
            PLAN + '[[plans.sources]]\nterm = "grant_credits"',
            "page of a source of plan 'own' is None, but must be given",
        ),
        (
            PLAN + '[[plans.sources]]\nterm = "grants"\npage = "contract"',
            f"term of a source of plan 'own' is 'grants', but must be one of {', '.join(TERMS)}",
        ),
        (
            SOURCE + "author = 1",
            "key of a source of plan 'own' is 'author', but must be one of term, page, sure, note, rule",
        ),
        (
            SOURCE + 'sure = "very"',
            (
                "sure of the source of grant_credits of plan 'own' is 'very', "
                "but must be one of verbatim, third party, inferred, open"
            ),
        ),
        (
            SOURCE + "note = 3",
            (
                "note of the source of grant_credits of plan 'own' is 3, "
                "but must be a text of 1 to 10000 characters"
            ),
        ),
    ],
)
def test_wrong_files_are_refused_with_plan_field_and_reason(text: str, message: str) -> None:
    """Each wrong file names the economy or plan, the field, the value and what it must be."""
    with pytest.raises(InvalidValueError) as caught:
        economy_from_toml(text)
    assert str(caught.value) == message


def test_what_no_file_can_hold_is_refused_when_made() -> None:
    """A lone surrogate, NUL, or a note longer than a reader takes, is refused before it is in an economy."""
    for text, message in (
        ("\ud800", "no half surrogate pairs"),
        ("a\0b", "without NUL"),
        ("x" * 10_001, "0 to 10000 characters"),
    ):
        with pytest.raises(InvalidValueError, match=f"^note is .*{message}"):
            Economy(name="own", note=text, effective_on=date(2026, 1, 1), plans=[])
        with pytest.raises(InvalidValueError, match=f"^note is .*{message}"):
            Source("grant_credits", "page", note=text)


def test_hostile_files_are_refused_like_any_other() -> None:
    """Nesting without end and a number of 5,000 digits are InvalidValueErrors too."""
    with pytest.raises(InvalidValueError, match="but must be TOML nested less deeply"):
        economy_from_toml("plans = " + "[" * 100_000)
    with pytest.raises(InvalidValueError, match="but must be TOML, but: Exceeds the limit"):
        economy_from_toml(f"{PLAN}seats_max = {'9' * 5_000}")


def test_text_is_wanted() -> None:
    """A path or bytes is not the text of a file."""
    with pytest.raises(InvalidValueError, match="but must be the text of a TOML file"):
        economy_from_toml(b"name = 1")  # type: ignore[arg-type]

"""The JSON Schema of the wire: it takes what the reader takes and refuses what the reader refuses."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from attrs import fields
from jsonschema import Draft202012Validator

from inmail_credits import Plan, wire
from inmail_credits.facts import (
    FACT_TYPES,
    Cancelled,
    DeliveryFailed,
    Fact,
    Opened,
    Purchased,
    Replied,
    SeatLimited,
    SeatsChanged,
    Sent,
    Subscribed,
    Switched,
    TermsChanged,
    Withdrawn,
)
from inmail_credits.openings import OpeningLot, OpeningMessage, OpeningPurchase, OpeningSeat
from inmail_credits.timeline import Interval
from inmail_credits.wire._versions import NEWEST

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Place: TypeAlias = tuple[str, ...]

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "fact.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
PARTS = {
    f"inmail-credits.{name}.v{NEWEST[name]}": Draft202012Validator(
        {**SCHEMA, "oneOf": [{"$ref": f"#/$defs/{name}"}]}
    )
    for name in FACT_TYPES
}
"""The schema with one part of many, for events of that type: no other part can take them. It is quicker."""
CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.jsonl"))

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
PLAN = Plan(name="own", grant_credits=3, grant_every=Interval(days=7), lifetime_days=90, cap_credits=999_999)
LOT = OpeningLot(number=7, received_at=AT, expires_at=AT + timedelta(days=90), credits=3, left=2)
FACTS: tuple[Fact, ...] = (
    Opened(
        at=AT + timedelta(days=1),
        plan=PLAN,
        anchor_at=AT,
        lots=[LOT],
        messages=[OpeningMessage(message_id="m-1", sent_at=AT, lot=7)],
        purchases=[OpeningPurchase(at=AT, credits=2)],
        seat_uses=[OpeningSeat(seat="seat-1", spent=1)],
    ),
    Subscribed(at=AT, plan=PLAN),
    Switched(at=AT, plan=PLAN),
    TermsChanged(at=AT, plan=PLAN),
    Cancelled(at=AT),
    Purchased(at=AT, credits=2),
    Sent(at=AT, message_id="m-1", seat="seat-1"),
    Replied(at=AT, message_id="m-1"),
    Withdrawn(at=AT, message_id="m-1"),
    DeliveryFailed(at=AT, message_id="m-1"),
    SeatsChanged(at=AT, seats=2),
    SeatLimited(at=AT, seat="seat-1", credits_max=2),
)
VALUES: tuple[Json, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**16,
    "",
    "other",
    "x" * 3_000,
    "2026-01-31T09:00:00",
    [],
    ["accepted"],
    ["accepted", "accepted"],
    {},
    {"months": 1},
    {"months": 1, "days": 1},
)
BEYOND_THE_SCHEMA: dict[str, list[Json]] = {
    "data.plan.cap_credits": [0],
    "data.plan.zone": ["other", "accepted", "2026-01-31T09:00:00"],
    "data.anchor_at": [None],
    "data.lots": [[]],
    "data.plan": [None],
    "data.subscriptions": [0],
}
"""A cap below the grant, parts of an opening that do not fit: JSON Schema cannot compare fields. And names
that are of no time zone."""


def event_of(fact: Fact) -> dict[str, Json]:
    """The event of a fact, as plain JSON."""
    event: dict[str, Json] = json.loads(wire.dump_line(fact))
    return event


def places(value: Json, place: Place = ()) -> Iterator[Place]:
    """Where a value has fields, at every depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*place, key)
            yield from places(inner, (*place, key))


def parent(event: dict[str, Json], place: Place) -> dict[str, Json]:
    """The object that holds the field at a place."""
    for key in place[:-1]:
        inner = event[key]
        assert isinstance(inner, dict), place
        event = inner
    return event


def schema_takes(event: dict[str, Json]) -> bool:
    """Whether the schema takes an event."""
    valid: bool = PARTS.get(str(event.get("type")), VALIDATOR).is_valid(event)
    return valid


def reader_takes(event: dict[str, Json]) -> bool:
    """Whether the reader takes an event."""
    return wire.salvage(json.dumps(event)).error is None


CASES = [pytest.param(fact, id=fact.type) for fact in FACTS]
PLACES = [
    pytest.param(fact, place, id=f"{fact.type}:{'.'.join(place)}")
    for fact in FACTS
    for place in places(event_of(fact))
]


def test_the_schema_is_one() -> None:
    """The schema itself is sound under draft 2020-12, and every fact type has its own part in it."""
    Draft202012Validator.check_schema(SCHEMA)
    older = [f"{name}_v{version}" for name in FACT_TYPES for version in range(1, NEWEST[name])]
    assert [part["$ref"] for part in SCHEMA["oneOf"]] == [f"#/$defs/{name}" for name in [*FACT_TYPES, *older]]
    assert {type(fact) for fact in FACTS} == {*FACT_TYPES.values()}


@pytest.mark.parametrize("fact", CASES)
def test_the_schema_names_every_field(fact: Fact) -> None:
    """Each field of a fact is in the schema of its type, and the schema has no other."""
    properties = SCHEMA["$defs"][fact.type]["properties"]
    assert properties["type"] == {"const": f"inmail-credits.{fact.type}.v{NEWEST[fact.type]}"}
    told = {"at", "id", *properties["data"]["properties"]}
    told |= {"message_id"} if hasattr(fact, "message_id") else set()
    told |= {"seat"} if isinstance(fact, SeatLimited) else set()
    assert told == {each.name for each in fields(type(fact))}
    assert VALIDATOR.is_valid(event_of(fact))


@pytest.mark.parametrize("log", CORPUS, ids=lambda path: path.stem)
def test_the_schema_takes_every_version_that_was_ever_written(log: Path) -> None:
    """Each line of the logs of every release is valid, by the part for its version."""
    for line in log.read_text(encoding="utf-8").removesuffix("\n").split("\n"):
        assert VALIDATOR.is_valid(json.loads(line)), line


def test_the_schema_names_every_term_of_a_plan() -> None:
    """Each term of a plan but its sources is in the schema, and is required."""
    plan = SCHEMA["$defs"]["plan"]
    terms = {each.name for each in fields(Plan)} - {"sources"}
    assert {*plan["properties"]} == {*plan["required"]} == terms


@pytest.mark.parametrize(("fact", "place"), PLACES)
def test_a_field_too_few_is_refused_by_both(fact: Fact, place: Place) -> None:
    """Without any one of its fields, at any depth, an event is no fact."""
    event = event_of(fact)
    del parent(event, place)[place[-1]]
    assert not schema_takes(event)
    assert not reader_takes(event)


@pytest.mark.parametrize("fact", CASES)
def test_a_field_too_many_is_refused_by_both(fact: Fact) -> None:
    """With one more field, at any depth, an event is no fact."""
    for holder in {place[:-1] for place in places(event_of(fact))}:
        event = event_of(fact)
        parent(event, (*holder, "colour"))["colour"] = 1
        assert not schema_takes(event), holder
        assert not reader_takes(event), holder


@pytest.mark.parametrize(("fact", "place"), PLACES)
def test_any_other_value_is_judged_alike_by_both(fact: Fact, place: Place) -> None:
    """Schema and reader agree on every value in every field, whether it is taken or refused."""
    for value in VALUES:
        event = deepcopy(event_of(fact))
        parent(event, place)[place[-1]] = value
        if value in BEYOND_THE_SCHEMA.get(".".join(place), []):
            assert not reader_takes(event)
        else:
            assert schema_takes(event) is reader_takes(event), value


@pytest.mark.parametrize(
    "change",
    [
        {"refund_on": "silence"},
        {"grant_on": "calendar"},
        {"first_grant": "prorated"},
        {"refund_on": "silence", "reply_window_days": 7},
        {"grant_on": "calendar", "grant_every": {"months": 1}},
        {"first_grant": "prorated", "grant_on": "calendar", "grant_every": {"months": 1}},
    ],
)
def test_terms_that_need_each_other_are_judged_alike_by_both(change: dict[str, Json]) -> None:
    """Silence needs a reply window, and calendar grants come monthly, for schema and reader alike."""
    event = event_of(FACTS[0])
    parent(event, ("data", "plan", "x")).update(change)
    assert schema_takes(event) is reader_takes(event) is (len(change) > 1)

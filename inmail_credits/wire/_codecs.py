"""Codecs: how the value of a field is written and read, by the type of the field.

A fact's fields are annotated, so a codec is found by type (:data:`CODECS`) and no kind of fact needs a reader
or a writer of its own. A field of a new type fails on import until it has a codec. A codec refuses what does
not have the right form; whether the value is within its limits is for the fact itself to say, once.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias, cast

from attrs import AttrsInstance, fields, frozen

from inmail_credits.channels import Channel
from inmail_credits.openings import (
    LotOrigin,
    OpeningLot,
    OpeningMessage,
    OpeningPurchase,
    OpeningSeat,
)
from inmail_credits.plans import Plan, ReplyKind
from inmail_credits.plans.plain_data import TERMS, Json, plan_from_dict, plan_to_dict
from inmail_credits.wire._strict_json import LineRefusedError, RepeatedKey, shown

Writer: TypeAlias = Callable[[object], Json]
Reader: TypeAlias = Callable[[str, object], object]

_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?Z"
)
_PLAN_ITEMS_MAX: Final = 10


@frozen
class Codec:
    """One way to write a value and to read it back; the reader gets the field's name."""

    write: Writer
    read: Reader


def write_time(at: datetime) -> str:
    """RFC 3339 in UTC with ``Z``, and no more digits than needed.

    Example:
        >>> from datetime import UTC
        >>> write_time(datetime(2026, 3, 1, 9, 0, 0, 250_000, UTC))
        '2026-03-01T09:00:00.25Z'
    """
    text = at.replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if at.microsecond else text) + "Z"


def read_time(name: str, value: object) -> datetime:
    """The instant a text names, in UTC. One spelling of the offset is taken, ``Z``, so that texts sort.

    Raises:
        LineRefusedError: for another form or offset, more digits than microseconds, or no such date.
    """
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise LineRefusedError(f"{name} is {shown(value)}, which does not exist: {error}") from None
    raise LineRefusedError(
        f"{name} is {shown(value)}, but must be an RFC 3339 time in UTC that ends in Z, with at most six "
        "digits after the point, such as '2026-01-31T09:00:00Z'"
    )


def read_text(name: str, value: object) -> str:
    """A text that can be written as UTF-8.

    Raises:
        LineRefusedError: for anything else, half of a surrogate pair included.
    """
    if not isinstance(value, str) or not value:
        raise LineRefusedError(f"{name} is {shown(value)}, but must be a text of 1 character or more")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise LineRefusedError(
            f"{name} is {shown(value)}, which holds half of a surrogate pair; write the whole character"
        )
    return value


def read_table(name: str, value: object, *, keys: frozenset[str]) -> dict[str, object]:
    """A JSON object with exactly these keys.

    Raises:
        LineRefusedError: for anything else, with the first key that is unknown, repeated or missing.
    """
    if isinstance(value, dict):
        if value.keys() == keys:
            return value
        for key in value:
            if key not in keys:
                known = ", ".join(sorted(keys))
                raise LineRefusedError(f"{name} has an unknown field {shown(key)}; remove it. Known: {known}")
        missing = next(key for key in sorted(keys) if key not in value)
        raise LineRefusedError(f"{name} has no field {missing!r}; every field is named, null for none")
    if isinstance(value, RepeatedKey):
        raise LineRefusedError(f"{name} is {value!r}; keep the one that is meant")
    raise LineRefusedError(f"{name} is {shown(value)}, but must be a JSON object")


def _read_optional_text(name: str, value: object) -> str | None:
    return None if value is None else read_text(name, value)


def _read_plan(name: str, value: object) -> Plan:
    """A plan with every term, each of them short and flat, so that refusing a bad one takes no time."""
    terms = read_table(name, value, keys=frozenset(TERMS))
    for term, given in terms.items():
        if isinstance(given, str):
            read_text(f"{name}.{term}", given)
        elif isinstance(given, list | dict) and not _is_flat(given):
            raise LineRefusedError(f"{name}.{term} is {shown(given)}, too long or too deep for any term")
    return plan_from_dict(cast("Mapping[str, Json]", terms))


def _is_flat(value: list[object] | dict[str, object]) -> bool:
    parts = value.values() if isinstance(value, dict) else value
    return len(value) <= _PLAN_ITEMS_MAX and not any(isinstance(part, list | dict) for part in parts)


def _as_it_is() -> Codec:
    """A whole number or none: the fact itself refuses every other type, with the limits."""
    return Codec(lambda value: cast("int | None", value), lambda _name, value: value)


def _choice(choices: type[StrEnum]) -> Codec:
    members = {member.value: member for member in choices}

    def read(name: str, value: object) -> StrEnum:
        if isinstance(value, str) and value in members:
            return members[value]
        raise LineRefusedError(f"{name} is {shown(value)}, but must be one of {', '.join(members)}")

    return Codec(lambda value: cast("StrEnum", value).value, read)


def _optional(codec: Codec) -> Codec:
    return Codec(
        lambda value: None if value is None else codec.write(value),
        lambda name, value: None if value is None else codec.read(name, value),
    )


def _truth() -> Codec:
    def read(name: str, value: object) -> bool:
        if type(value) is bool:
            return value
        raise LineRefusedError(f"{name} is {shown(value)}, but must be true or false")

    return Codec(lambda value: cast("bool", value), read)


def _list_of(cls: type[AttrsInstance]) -> Codec:
    """A list of objects, each with every field of the class by name."""
    parts = {each.name: _SINGLE[each.type] for each in fields(cls)}
    keys = frozenset(parts)

    def write(value: object) -> Json:
        items = cast("tuple[object, ...]", value)
        return [{part: codec.write(getattr(item, part)) for part, codec in parts.items()} for item in items]

    def read(name: str, value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise LineRefusedError(f"{name} is {shown(value)}, but must be a list")
        return tuple([read_one(f"{name}[{index}]", item) for index, item in enumerate(value)])

    def read_one(name: str, item: object) -> object:
        given = read_table(name, item, keys=keys)
        return cls(**{part: codec.read(f"{name}.{part}", given[part]) for part, codec in parts.items()})

    return Codec(write, read)


_PLAN: Final = Codec(lambda value: {**plan_to_dict(cast("Plan", value))}, _read_plan)
_INSTANT: Final = Codec(lambda value: write_time(cast("datetime", value)), read_time)

_SINGLE: Final[Mapping[object, Codec]] = {
    int: _as_it_is(),
    int | None: _as_it_is(),
    str: Codec(lambda value: cast("str", value), read_text),
    str | None: Codec(lambda value: cast("str | None", value), _read_optional_text),
    bool: _truth(),
    datetime: _INSTANT,
    datetime | None: _optional(_INSTANT),
    Plan: _PLAN,
    Plan | None: _optional(_PLAN),
    LotOrigin: _choice(LotOrigin),
    Channel: _choice(Channel),
    ReplyKind: _choice(ReplyKind),
}

CODECS: Final[Mapping[object, Codec]] = {
    **_SINGLE,
    tuple[OpeningLot, ...]: _list_of(OpeningLot),
    tuple[OpeningMessage, ...]: _list_of(OpeningMessage),
    tuple[OpeningPurchase, ...]: _list_of(OpeningPurchase),
    tuple[OpeningSeat, ...]: _list_of(OpeningSeat),
}
"""The codec for each type of field."""

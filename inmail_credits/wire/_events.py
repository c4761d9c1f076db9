"""A fact as a CloudEvents-1.0 object, and back.

``id`` and ``time`` are the fact's, ``subject`` is the message or the seat it speaks of, and ``data`` holds
all the rest, every field named even where it has its default (R2). ``type`` ends in a version of its own; one
table, :data:`EVENT_TYPES`, made of the facts' own fields, says what each type holds, and
:mod:`inmail_credits.wire._versions` brings older versions up. ``source`` names the log, not the fact, and is
checked but not kept.

Any field, type or version that is not in the table is refused: a fact of a later release would otherwise be
half understood.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from attrs import NOTHING, fields, frozen

from inmail_credits.errors import InvalidValueError
from inmail_credits.facts import FACT_TYPES, Fact
from inmail_credits.plans.plain_data import Json
from inmail_credits.wire._codecs import CODECS, Codec, read_table, read_text, read_time, write_time
from inmail_credits.wire._strict_json import LineRefusedError, shown
from inmail_credits.wire._versions import FIRST, NEWEST, upcast

Event: TypeAlias = dict[str, Json]

SOURCE: Final = "inmail-credits"
"""The source of events, unless the caller names one."""
SOURCE_LENGTH_MAX: Final = 2_000
"""The most characters of a source."""
SPEC_VERSION: Final = "1.0"
PREFIX: Final = "inmail-credits."

_URI_REFERENCE: Final = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_ATTRIBUTES: Final = frozenset({"specversion", "id", "source", "type", "time", "data"})


@frozen
class EventType:
    """What travels under one ``type``: which fact it makes, and where each of its fields is found.

    ``kind`` and ``version`` are the two parts of its ``name``. ``subject`` is the fact's field that travels
    as the event's subject, or empty if it has none. ``data`` maps the fields that travel in ``data``, in
    their newest form, to their codecs.
    """

    kind: str
    version: int
    make: Callable[..., Fact]
    subject: str
    data: dict[str, Codec]
    attributes: frozenset[str]
    data_keys: frozenset[str]

    @property
    def name(self) -> str:
        """The ``type`` as it is written."""
        return f"{PREFIX}{self.kind}.v{self.version}"


def event_from_fact(fact: Fact, source: str) -> Event:
    """The event that says all of a fact.

    Raises:
        InvalidValueError: for a fact of an unknown class, or a source that is no URI reference.

    Example:
        >>> from datetime import UTC, datetime
        >>> from inmail_credits.facts import Withdrawn
        >>> event = event_from_fact(Withdrawn(at=datetime(2026, 3, 1, tzinfo=UTC), message_id="m-1"), SOURCE)
        >>> event["type"], event["subject"], event["time"], event["data"]
        ('inmail-credits.withdrawn.v1', 'm-1', '2026-03-01T00:00:00Z', {'recorded': None})
    """
    kind = _BY_CLASS.get(type(fact))
    if kind is None:
        raise InvalidValueError("fact", fact, f"one of {', '.join(each.__name__ for each in _BY_CLASS)}")
    if not _is_source(source):
        raise InvalidValueError("source", source, _SOURCE_LIMIT)
    event: Event = {
        "specversion": SPEC_VERSION,
        "id": fact.id,
        "source": source,
        "type": kind.name,
        "time": write_time(fact.at),
        "data": {name: codec.write(getattr(fact, name)) for name, codec in kind.data.items()},
    }
    if kind.subject:
        event["subject"] = getattr(fact, kind.subject)
    return event


def fact_from_event(event: object) -> Fact:
    """The fact that a parsed event says.

    Raises:
        LineRefusedError: if the form is wrong, with the field, the value and the fix.
        InvalidValueError: if a value is outside the limits of its fact.

    Example:
        >>> fact_from_event({"type": "inmail-credits.sent.v2"})
        Traceback (most recent call last):
        ...
        inmail_credits.wire._strict_json.LineRefusedError: type is 'inmail-credits.sent.v2', a version ...
    """
    if not isinstance(event, dict):
        event = read_table("the line", event, keys=_ATTRIBUTES)  # refuses: it is no object
    kind = _event_type(event)
    if event.keys() != kind.attributes:
        _refuse_attributes(event, kind)
    if event["specversion"] != SPEC_VERSION:
        raise LineRefusedError(f"specversion is {shown(event['specversion'])}, but must be '{SPEC_VERSION}'")
    if not _is_source(event["source"]):
        raise LineRefusedError(f"source is {shown(event['source'])}, but must be {_SOURCE_LIMIT}")
    data = event["data"]
    if kind.version != NEWEST[kind.kind] and isinstance(data, dict):
        data = upcast(kind.kind, kind.version, data)
    if not isinstance(data, dict) or data.keys() != kind.data_keys:
        data = read_table("data", data, keys=kind.data_keys)
    values = {name: codec.read(name, data[name]) for name, codec in kind.data.items()}
    if kind.subject:
        values[kind.subject] = read_text("subject", event["subject"])
    return kind.make(at=read_time("time", event["time"]), id=read_text("id", event["id"]), **values)


def _event_type(event: dict[str, object]) -> EventType:
    name = event.get("type")
    if isinstance(name, str) and name in EVENT_TYPES:
        return EVENT_TYPES[name]
    if "type" not in event:
        raise LineRefusedError("the line has no field 'type'; every field is named")
    stem = name.rpartition(".")[0] if isinstance(name, str) else ""
    if versions := [known for known in EVENT_TYPES if known.rpartition(".")[0] == stem]:
        raise LineRefusedError(
            f"type is {shown(name)}, a version not known here; known: {', '.join(versions)}"
        )
    raise LineRefusedError(f"type is {shown(name)}, which is not known; known: {', '.join(EVENT_TYPES)}")


def _refuse_attributes(event: dict[str, object], kind: EventType) -> None:
    if "subject" in event and not kind.subject:
        raise LineRefusedError(f"subject is {shown(event['subject'])}, but {kind.name} has none; remove it")
    read_table("the line", event, keys=kind.attributes)


def _is_source(source: object) -> bool:
    return isinstance(source, str) and len(source) <= SOURCE_LENGTH_MAX and _is_uri_reference(source)


@lru_cache(maxsize=16)  # a log has one source, or a few
def _is_uri_reference(text: str) -> bool:
    return _URI_REFERENCE.fullmatch(text) is not None


def _subject(fact: type[Fact]) -> str:
    """The message or the seat, where the fact is about one."""
    required = {each.name for each in fields(fact) if each.default is NOTHING}
    return next((name for name in ("message_id", "seat") if name in required), "")


def _describe(fact: type[Fact], version: int) -> EventType:
    subject = _subject(fact)
    data = {each.name: CODECS[each.type] for each in fields(fact) if each.name not in {"at", "id", subject}}
    return EventType(
        kind=fact.type,
        version=version,
        make=fact,
        subject=subject,
        data=data,
        attributes=_ATTRIBUTES | {"subject"} if subject else _ATTRIBUTES,
        data_keys=frozenset(data),
    )


_SOURCE_LIMIT: Final = (
    f"a URI reference of 1 to {SOURCE_LENGTH_MAX:,} characters, such as 'inmail-credits/accounts/42'"
)
_BY_CLASS: Final[Mapping[type[Fact], EventType]] = {
    fact: _describe(fact, NEWEST[name]) for name, fact in FACT_TYPES.items()
}
_ALL: Final = tuple(
    _describe(fact, version)
    for name, fact in FACT_TYPES.items()
    for version in range(FIRST, NEWEST[name] + 1)
)

EVENT_TYPES: Final[Mapping[str, EventType]] = {kind.name: kind for kind in _ALL}
"""What each type holds, by its full name with the version."""

"""Economies of your own as TOML: read strictly, written so that reading gives the same economy.

A mistyped term must not become a default: a key that is not known is refused, with the plan, the field and
the reason (R2). The functions take and return text; the caller opens the file.

The form::

    name = "ours"
    effective_on = 2026-01-01

    [[plans]]
    name = "team"
    grant_credits = 150
    cap_credits = 600
    seats_max = 50

    [[plans.sources]]
    term = "grant_credits"
    page = "our contract, page 3"

TOML has no null: a term whose value is ``None`` (no cap, no age limit, no reply window) is left out, and
``None`` is the default of each such term.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, TypeAlias

from attrs import NOTHING, evolve, fields

from inmail_credits._inputs import as_instance, as_text
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import Economy, Plan, Source, Sureness
from inmail_credits.plans.plain_data import (
    TERMS,
    Json,
    check_choice,
    plan_from_dict,
    plan_to_dict,
    refuse_unknown_keys,
)
from inmail_credits.plans.source import NOTE_LENGTH_MAX

_ECONOMY_KEYS: Final = tuple(key.name for key in fields(Economy))
_SOURCE_KEYS: Final = tuple(key.name for key in fields(Source))
_SOURCE_REQUIRED: Final = tuple(key.name for key in fields(Source) if key.default is NOTHING)

_Table: TypeAlias = dict[str, object]


def economy_from_toml(text: str) -> Economy:
    """The economy a TOML text describes.

    Raises:
        InvalidValueError: with the plan, the field and the reason, for text that is not TOML, an unknown,
            missing or repeated name, or a value that its field does not take.

    Example:
        >>> own = economy_from_toml('''
        ... name = "ours"
        ... effective_on = 2026-01-01
        ... [[plans]]
        ... name = "weekly"
        ... grant_credits = 5
        ... grant_every = { days = 7 }
        ... ''')
        >>> own["weekly"].grant_credits, str(own["weekly"].grant_every)
        (5, '7 days')
    """
    data = _parse(text)
    where = f"economy {data['name']!r}" if isinstance(data.get("name"), str) else "the economy"
    refuse_unknown_keys(data, known=_ECONOMY_KEYS, what=f"key of {where}")
    for key in ("name", "effective_on", "plans"):
        if key not in data:
            raise InvalidValueError(f"{key} of {where}", None, "given")
    effective_on = data["effective_on"]
    if not isinstance(effective_on, date) or isinstance(effective_on, datetime):
        raise InvalidValueError(
            f"effective_on of {where}", effective_on, "a date such as 2026-01-01, unquoted"
        )
    return Economy(
        name=_text(data, "name", where),
        title=_text(data, "title", where),
        effective_on=effective_on,
        note=_text(data, "note", where),
        plans=[_plan(table) for table in _tables(data["plans"], f"plans of {where}", "[[plans]]")],
    )


def economy_to_toml(economy: Economy) -> str:
    """The economy as TOML; :func:`economy_from_toml` gives the same economy back, sources included.

    Every term is written, defaults too, so that a file keeps its own rules.

    Raises:
        InvalidValueError: for anything but an economy.

    Example:
        >>> own = Economy(name="ours", effective_on=date(2026, 1, 1), plans=[Plan(name="a", grant_credits=7)])
        >>> print(economy_to_toml(own))
        name = "ours"
        title = ""
        effective_on = 2026-01-01
        note = ""
        <BLANKLINE>
        [[plans]]
        name = "a"
        title = "A"
        grant_credits = 7
        grant_every = { months = 1 }
        ...
    """
    as_instance("economy", economy, Economy, "an Economy")
    lines = [
        _line("name", economy.name),
        _line("title", economy.title),
        f"effective_on = {economy.effective_on.isoformat()}",
        _line("note", economy.note),
    ]
    if not economy.plans:
        lines.append("plans = []")
    for plan in economy.plans:
        lines += ["", "[[plans]]"]
        lines += [_line(term, value) for term, value in plan_to_dict(plan).items() if value is not None]
        for source in plan.sources:
            lines += ["", "[[plans.sources]]"]
            lines += [_line(key, str(getattr(source, key))) for key in _SOURCE_KEYS]
    text = "\n".join(lines) + "\n"
    again = economy_from_toml(text)
    if again != economy or [plan.sources for plan in again] != [plan.sources for plan in economy]:
        raise InvalidValueError("economy", economy.name, "one whose every value a file can hold")
    return text


# --- reading ------------------------------------------------------------------------------------------


def _parse(text: str) -> _Table:
    if not isinstance(text, str):
        raise InvalidValueError("economy", text, "the text of a TOML file")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InvalidValueError("economy", f"{text[:40]}...", "TOML nested less deeply") from None
    except ValueError as error:  # also a number of more digits than Python converts
        at = re.search(r"at line (\d+)", str(error))
        lines = text.splitlines() or [""]
        line = lines[min(int(at[1]), len(lines)) - 1] if at else lines[-1]
        raise InvalidValueError("economy", line, f"TOML, but: {error}") from None


def _plan(table: _Table) -> Plan:
    name = table.get("name")
    where = f"plan {name!r}" if isinstance(name, str) else "the plan"
    refuse_unknown_keys(table, known=(*TERMS, "sources"), what=f"term of {where}")
    plan = plan_from_dict(
        {term: _plain(value, term, where) for term, value in table.items() if term != "sources"}
    )
    tables = _tables(table.get("sources", []), f"sources of {where}", "[[plans.sources]]")
    return evolve(plan, sources=tuple(_source(source, where) for source in tables))


def _source(table: _Table, where: str) -> Source:
    refuse_unknown_keys(table, known=_SOURCE_KEYS, what=f"key of a source of {where}")
    for key in _SOURCE_REQUIRED:
        if key not in table:
            raise InvalidValueError(f"{key} of a source of {where}", None, "given")
    about = f"the source of {table['term']} of {where}"
    if table["term"] not in TERMS:
        raise InvalidValueError(f"term of a source of {where}", table["term"], f"one of {', '.join(TERMS)}")
    if "sure" in table:
        check_choice(f"sure of {about}", table["sure"], Sureness)
    texts = {key: _text(table, key, about) for key in table if key != "sure"}
    return Source(**texts, sure=Sureness(str(table.get("sure", Sureness.VERBATIM))))


def _tables(value: object, what: str, form: str) -> list[_Table]:
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise InvalidValueError(what, value, f"tables, each under {form}")
    return value


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key, "")
    if value != "":
        as_text(f"{key} of {where}", value, length_max=NOTE_LENGTH_MAX)
    return str(value)


def _plain(value: object, term: str, where: str) -> Json:
    if isinstance(value, list):
        return [_plain(item, term, where) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, term, where) for key, item in value.items()}
    if isinstance(value, int | str) and not isinstance(value, bool):
        return value
    raise InvalidValueError(f"{term} of {where}", value, "a whole number, a text, a list or a table")


# --- writing ------------------------------------------------------------------------------------------


def _line(key: str, value: Json) -> str:
    return f"{key} = {_value(value)}"


def _value(value: Json) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(_line(key, item) for key, item in value.items())} }}"
    return str(value)


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's, with DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

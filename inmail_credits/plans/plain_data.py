"""A plan as plain data, and back.

A log outlives the release that wrote it, and the defaults of :class:`Plan` may change: :func:`plan_to_dict`
names every term, defaults included, and the plan that is read back equals the plan that was written (R2).
Plain data are whole numbers, texts, lists, dicts and ``None``, which JSON and TOML can hold.

Sources are left out: they say where a figure was found, not what it does. Reading is strict: an unknown
term, a value of the wrong type or an impossible combination is refused with the plan and the term.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from attrs import NOTHING, fields

from inmail_credits._inputs import Choice, as_instance, as_text
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import Plan, ReplyKind
from inmail_credits.timeline import Interval

Json: TypeAlias = "str | int | list[Json] | dict[str, Json] | None"
"""Plain data: no float, as credits are whole (D15)."""

TERMS: Final[tuple[str, ...]] = tuple(term.name for term in fields(Plan) if term.name != "sources")
"""The names of a plan's terms, in the order of their declaration."""

_REQUIRED: Final = tuple(term.name for term in fields(Plan) if term.default is NOTHING)


def plan_to_dict(plan: Plan) -> dict[str, Json]:
    """Every term of a plan but its sources, as plain data.

    An interval is ``{"months": 1}`` or ``{"days": 7}``, a choice its value, reply kinds a sorted list.

    Example:
        >>> data = plan_to_dict(Plan(name="team", grant_credits=150, refund_kinds=["message", "declined"]))
        >>> data["grant_credits"], data["grant_every"], data["lifetime_days"], data["refund_kinds"]
        (150, {'months': 1}, None, ['declined', 'message'])
    """
    as_instance("plan", plan, Plan, "a Plan")
    return {term: _plain(term, getattr(plan, term)) for term in TERMS}


def plan_from_dict(data: Mapping[str, Json]) -> Plan:
    """The plan that the data describe. Terms that are left out take their defaults; it has no sources.

    Raises:
        InvalidValueError: with the plan, the term and the reason, for an unknown or missing term, a value
            of the wrong type, or terms that contradict each other.

    Example:
        >>> plan_from_dict({"name": "weekly", "grant_credits": 5, "grant_every": {"days": 7}}).title
        'Weekly'
        >>> plan_from_dict({"name": "weekly", "grant_credits": "5"})
        Traceback (most recent call last):
        ...
        inmail_credits.errors.InvalidValueError: grant_credits of plan 'weekly' is '5', but must be a whole...
    """
    if not isinstance(data, Mapping):
        raise InvalidValueError("plan", data, "a table of its terms")
    where = _where(data)
    refuse_unknown_keys(data, known=TERMS, what=f"term of {where}")
    for term in _REQUIRED:
        if term not in data:
            raise InvalidValueError(f"{term} of {where}", None, "given")
    make: Callable[..., Plan] = Plan  # checks every value itself
    try:
        return make(**{term: _READERS.get(term, _as_is)(term, value) for term, value in data.items()})
    except InvalidValueError as error:
        raise InvalidValueError(f"{error.what} of {where}", error.value, error.limit) from None


def refuse_unknown_keys(data: Mapping[str, object], *, known: tuple[str, ...], what: str) -> None:
    """Refuse the first key that is not known, naming those that are.

    Raises:
        InvalidValueError: for that key.

    Example:
        >>> refuse_unknown_keys({"note": ""}, known=("name", "note"), what="key of the economy")
    """
    for key in data:
        if key not in known:
            raise InvalidValueError(what, key, f"one of {', '.join(known)}")


def check_choice(what: str, value: object, choices: type[Choice]) -> None:
    """Refuse anything but the value of one of the choices.

    Raises:
        InvalidValueError: naming them.

    Example:
        >>> check_choice("kind", "declined", ReplyKind)
    """
    if not isinstance(value, str) or value not in tuple(choices):
        raise InvalidValueError(what, value, f"one of {', '.join(choices)}")


def _where(data: Mapping[str, Json]) -> str:
    name = data.get("name")
    return f"plan {name!r}" if isinstance(name, str) else "the plan"


def _plain(term: str, value: object) -> Json:
    if isinstance(value, Interval):
        return {"months": value.months} if value.months else {"days": value.days}
    if isinstance(value, frozenset):
        return [*sorted(str(kind) for kind in value)]
    if isinstance(value, Choice):
        return value.value
    if value is None or isinstance(value, int | str):
        return value
    raise InvalidValueError(term, value, "a value with a plain form")


def _as_is(_term: str, value: Json) -> object:
    return value


def _text(term: str, value: Json) -> object:
    return as_text(term, value)


def _interval(term: str, value: Json) -> object:
    limit = "either {months = 1} or {days = 7}, any whole number above 0"
    if not isinstance(value, dict) or len(value) != 1:
        raise InvalidValueError(term, value, limit)
    ((unit, count),) = value.items()
    if unit not in {"months", "days"} or type(count) is not int or count < 1:
        raise InvalidValueError(term, value, limit)
    return Interval(months=count) if unit == "months" else Interval(days=count)


def _choice(choices: type[Choice]) -> Callable[[str, Json], object]:
    def read(term: str, value: Json) -> object:
        check_choice(term, value, choices)
        return value

    return read


def _reply_kinds(term: str, value: Json) -> object:
    if not isinstance(value, list):
        raise InvalidValueError(term, value, "a list")
    for item in value:
        check_choice(term, item, ReplyKind)
        if value.count(item) > 1:
            raise InvalidValueError(term, value, f"a list that names {item!r} once")
    return value


_READERS: Final[dict[str, Callable[[str, Json], object]]] = {
    "name": _text,
    "title": _text,
    "grant_every": _interval,
    "billing_every": _interval,
    "zone": _text,
    "refund_kinds": _reply_kinds,
    **{term.name: _choice(type(term.default)) for term in fields(Plan) if isinstance(term.default, Choice)},
}

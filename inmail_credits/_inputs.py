"""Checks of single values, shared by every class that takes input.

attrs' own validators put the whole ``Attribute`` in the message and take ``True`` for a number; these
raise one :class:`~inmail_credits.errors.InvalidValueError` with the name, the value and the limit.
"""

from collections.abc import Callable
from enum import StrEnum
from math import isfinite

from attrs import Attribute

from inmail_credits.errors import InvalidValueError


def check_whole(what: str, value: object, low: int, high: int) -> None:
    """Refuse anything but an ``int`` (no ``bool``, no ``1.0``) from ``low`` to ``high``."""
    if type(value) is not int or not low <= value <= high:
        raise InvalidValueError(what, value, f"a whole number from {low:,} to {high:,}")


def check_number(what: str, value: object, low: float, high: float = float("inf")) -> None:
    """Refuse anything but a finite number from ``low`` to ``high``."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not low <= value <= high
        or not isfinite(value)
    ):
        limit = (
            f"a number from {low:g} to {high:g}" if isfinite(high) else f"a finite number, {low:g} or more"
        )
        raise InvalidValueError(what, value, limit)


def check_rate(what: str, value: object) -> None:
    """Refuse anything but a number from 0 to 1."""
    check_number(what, value, 0, 1)


def check_text(what: str, value: object, *, length_max: int = 200) -> None:
    """Refuse anything but a non-empty ``str`` of at most ``length_max`` characters."""
    if not isinstance(value, str) or not 0 < len(value) <= length_max:
        raise InvalidValueError(what, value, f"a text of 1 to {length_max} characters")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidValueError(what, value, "text that UTF-8 can hold: no half surrogate pairs")


class Choice(StrEnum):
    """A closed set of named values; an unknown one is refused with the names there are."""

    @classmethod
    def _missing_(cls, value: object) -> "Choice":
        words = "".join(f" {c.lower()}" if c.isupper() else c for c in cls.__name__).strip()
        raise InvalidValueError(words, value, f"one of {', '.join(cls)}")


def whole(low: int, high: int) -> Callable[[object, "Attribute[int]", int], None]:
    """An attrs validator: a whole number from ``low`` to ``high``."""

    def validate(_instance: object, attribute: "Attribute[int]", value: int) -> None:
        check_whole(attribute.name, value, low, high)

    return validate


def whole_or_none(low: int, high: int) -> Callable[[object, "Attribute[int | None]", int | None], None]:
    """An attrs validator: a whole number from ``low`` to ``high``, or ``None``."""

    def validate(_instance: object, attribute: "Attribute[int | None]", value: int | None) -> None:
        if value is not None:
            check_whole(attribute.name, value, low, high)

    return validate

"""Whole numbers, numbers and rates."""

from collections.abc import Callable
from math import inf, isfinite
from operator import index
from typing import Final

from attrs import Attribute

from inmail_credits._inputs.foreign import numpy_kind
from inmail_credits.errors import InvalidValueError

_EXACT: Final = frozenset({("decimal", "Decimal"), ("fractions", "Fraction")})
"""Types of the standard library that hold numbers, by name, as importing them takes time."""


def as_whole(what: str, value: object, low: int, high: int) -> int:
    """A plain ``int`` from ``low`` to ``high``.

    NumPy's whole numbers are converted, and its floats where they are exactly whole, as the sum of a column
    with gaps is. A ``bool`` and a Python ``float`` are refused: credits are whole numbers (D15).

    Raises:
        InvalidValueError: for anything else.

    Example:
        >>> as_whole("credits", 3, 1, 10)
        3
        >>> as_whole("credits", 3.0, 1, 10)
        Traceback (most recent call last):
        ...
        inmail_credits.errors.InvalidValueError: credits is 3.0, but must be a whole number from 1 to 10
    """
    number = value if type(value) is int else _plain_whole(value)
    if number is None or not low <= number <= high:
        raise InvalidValueError(what, value, f"a whole number from {low:,} to {high:,}")
    return number


def _plain_whole(value: object) -> int | None:
    if isinstance(value, int):
        return None if isinstance(value, bool) else int.__add__(value, 0)
    match numpy_kind(value):
        case "i" | "u":
            return index(value)  # type: ignore[arg-type] # NumPy's whole numbers have an index
        case "f" if (number := float(value)).is_integer():  # type: ignore[arg-type] # and its floats a float
            return int(number)
    return None


def as_number(what: str, value: object, low: float, high: float = inf) -> float:
    """A plain, finite ``float`` from ``low`` to ``high``.

    Whole numbers, NumPy's numbers, ``Decimal`` and ``Fraction`` are converted; a ``bool`` is refused.

    Raises:
        InvalidValueError: for anything else.

    Example:
        >>> as_number("messages a week", 5, 0)
        5.0
    """
    number = value if type(value) is float else _plain_number(value)
    if number is None or not low <= number <= high or not isfinite(number):
        limit = (
            f"a number from {low:g} to {high:g}" if isfinite(high) else f"a finite number, {low:g} or more"
        )
        raise InvalidValueError(what, value, limit)
    return number


def as_rate(what: str, value: object) -> float:
    """A plain ``float`` from 0 to 1.

    Raises:
        InvalidValueError: for anything else.

    Example:
        >>> as_rate("reply rate", 0.27)
        0.27
    """
    return as_number(what, value, 0, 1)


def _plain_number(value: object) -> float | None:
    known = (
        (isinstance(value, int | float) and not isinstance(value, bool))
        or numpy_kind(value) in {"i", "u", "f"}
        or (type(value).__module__, type(value).__name__) in _EXACT
    )
    if not known:
        return None
    try:
        return float(value)  # type: ignore[arg-type] # all of these have a float
    except (OverflowError, ValueError):  # beyond any float, or a signalling NaN
        return None


def whole(low: int, high: int, *, what: str = "") -> Callable[[object, "Attribute[int]", int], None]:
    """An attrs validator: a whole number from ``low`` to ``high``, stored as a plain ``int``.

    ``what`` names the field in an error, if its own name does not say enough.
    """

    def validate(instance: object, attribute: "Attribute[int]", value: int) -> None:
        plain = as_whole(what or attribute.name, value, low, high)
        if plain is not value:
            object.__setattr__(instance, attribute.name, plain)

    return validate


def whole_or_none(low: int, high: int) -> Callable[[object, "Attribute[int | None]", int | None], None]:
    """An attrs validator: ``None``, or a whole number from ``low`` to ``high``, stored as a plain ``int``."""
    check = whole(low, high)

    def validate(instance: object, attribute: "Attribute[int | None]", value: int | None) -> None:
        if value is not None:
            check(instance, attribute, value)  # type: ignore[arg-type] # of the same field

    return validate


def number(
    low: float, high: float = inf, *, what: str = ""
) -> Callable[[object, "Attribute[float]", float], None]:
    """An attrs validator: a number from ``low`` to ``high``, stored as a ``float``; ``what`` as above."""

    def validate(instance: object, attribute: "Attribute[float]", value: float) -> None:
        plain = as_number(what or attribute.name, value, low, high)
        if plain is not value:
            object.__setattr__(instance, attribute.name, plain)

    return validate


def rate(*, what: str = "") -> Callable[[object, "Attribute[float]", float], None]:
    """An attrs validator: a number from 0 to 1, stored as a plain ``float``; names as for ``whole``."""
    return number(0, 1, what=what)

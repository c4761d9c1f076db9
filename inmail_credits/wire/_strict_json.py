"""Strict JSON: one text in, one value out, or the reason why not.

Python's reader takes ``NaN``, keeps the last of two equal keys, rounds long decimals, and raises errors of
its own on thousands of digits or brackets. A log that loses a key without an error loses a fact.

A number that is no whole number of a sane size becomes an :class:`OddNumber`, and an object that repeats a
key a :class:`RepeatedKey`. No field takes either, so whoever reads the field refuses it by name. What is not
JSON at all is refused here, with its column.
"""

from json import JSONDecodeError, JSONDecoder
from reprlib import Repr
from typing import Final

from attrs import field, frozen

DIGITS_MAX: Final = 17
"""The longest whole number taken, its sign included: more than any field needs."""

_SHOWN_MAX: Final = 60
_REASON_MAX: Final = 1_000


@frozen
class LineRefusedError(ValueError):
    """Why a line is no fact; the caller knows its number."""

    reason: str


@frozen
class OddNumber:
    """A number that no field takes, as it was written: ``1.0``, ``1e3``, ``NaN``, a thousand digits."""

    text: str

    def __repr__(self) -> str:
        length = len(self.text)
        return self.text if length <= _SHOWN_MAX else f"{self.text[:20]}... ({length:,} characters)"


@frozen
class RepeatedKey:
    """An object in which this key stands more than once."""

    key: str = field(repr=False)

    def __repr__(self) -> str:
        return f"an object in which {shown(self.key)} stands twice"


def parse(text: str) -> object:
    """The value that one JSON text describes.

    Raises:
        LineRefusedError: if the text is not JSON.
        RecursionError: if it is nested too deeply to read.

    Example:
        >>> parse('{"seats": 2, "credits": 1.0}')
        {'seats': 2, 'credits': 1.0}
        >>> parse('{"seats": 2, "seats": 3}')
        an object in which 'seats' stands twice
    """
    try:
        value: object = _DECODER.decode(text)
    except JSONDecodeError as error:
        problem = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
        place = f"column {error.colno} of {len(text.rstrip())}, {_around(text, error.pos)}"
        raise LineRefusedError(
            f"not JSON: {problem} at {place}; a line is one JSON object and no more"
        ) from None
    return value


def shown(value: object) -> str:
    """A value for a message: short whatever it is, and printable.

    Example:
        >>> shown(None), shown(True), shown("x" * 100)
        ('null', 'true', "'xxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxx'")
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    try:
        text = _SHORT.repr(value)
    except Exception:  # noqa: BLE001 - the repr is the caller's, and a message must come out
        return f"<{type(value).__name__}>"
    return text if text.isprintable() else " ".join(text.split())


def clipped(reason: str) -> str:
    """A reason of at most 1,000 characters: a name of any length may be in it.

    Example:
        >>> len(clipped("x" * 5_000))
        1000
    """
    return reason if len(reason) <= _REASON_MAX else reason[: _REASON_MAX - 3] + "..."


def _short() -> Repr:
    short = Repr()
    short.maxlevel = 2
    short.maxstring = short.maxother = _SHOWN_MAX
    return short


def _whole(text: str) -> int | OddNumber:
    return int(text) if len(text) <= DIGITS_MAX else OddNumber(text)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object] | RepeatedKey:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    keys = [key for key, _ in pairs]
    return RepeatedKey(next(key for key in keys if keys.count(key) > 1))


def _around(text: str, position: int) -> str:
    if position >= len(text.rstrip()):
        return f"where the line ends, after {text.rstrip()[-20:]!r}"
    return f"before {text[position : position + 20].rstrip()!r}"


_SHORT: Final = _short()
_DECODER: Final = JSONDecoder(
    parse_int=_whole, parse_float=OddNumber, parse_constant=OddNumber, object_pairs_hook=_object
)

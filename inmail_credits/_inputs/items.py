"""Collections: anything that can be gone through once, and tables of pairs."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

from inmail_credits._inputs.foreign import is_pandas
from inmail_credits.errors import InvalidValueError

ITEMS_MAX: Final = 100_000
"""The most items of a collection that is a term: dates, weights, choices."""
_PAIR: Final = 2


def as_items(what: str, values: object, limit: str, *, count_max: int | None = ITEMS_MAX) -> Iterator[object]:
    """What any collection holds, one by one; of a mapping its keys. A text is no collection.

    ``limit`` says what the collection must be; ``count_max=None`` takes any number of items.

    Raises:
        InvalidValueError: for a text, for what cannot be gone through, or for more than ``count_max`` items.

    Example:
        >>> list(as_items("facts", (1, 2), "facts"))
        [1, 2]
    """
    if isinstance(values, str | bytes | bytearray) or not isinstance(values, Iterable):
        raise InvalidValueError(what, values, limit)
    try:
        items = iter(values)
    except TypeError:  # an array of no dimension
        raise InvalidValueError(what, values, limit) from None
    return items if count_max is None else _bounded(what, items, count_max)


def _bounded(what: str, items: Iterator[object], count_max: int) -> Iterator[object]:
    yield from islice(items, count_max)
    for _ in items:
        raise InvalidValueError(f"number of {what}", f"{count_max:,} and more", f"at most {count_max:,}")


def as_pairs(what: str, values: object, limit: str) -> list[tuple[object, object]]:
    """The pairs of a mapping, of a Series (index and value), or of any collection of pairs.

    Raises:
        InvalidValueError: for anything else.

    Example:
        >>> as_pairs("bursts", {"2026-05-04": 10}, "messages by date")
        [('2026-05-04', 10)]
    """
    table = getattr(values, "items", None) if isinstance(values, Mapping) or is_pandas(values) else None
    if callable(table):
        values = table()
    pairs: list[tuple[object, object]] = []
    for item in as_items(what, values, limit):
        if not isinstance(item, tuple | list) or len(item) != _PAIR:
            raise InvalidValueError(f"item of {what}", item, f"a pair; {what} must be {limit}")
        pairs.append((item[0], item[1]))
    return pairs

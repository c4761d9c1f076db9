"""The columns of a frame, checked: each distinct value once, through the doors all input passes.

A frame is a pandas DataFrame, or a mapping of columns by name; pandas is not imported. A value that is
missing (``None``, ``NaN``, ``NaT``, ``pd.NA`` or an empty text) takes the default of its column.
"""

from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar, cast

import numpy as np
import numpy.typing as npt
from attrs import frozen

from inmail_credits._inputs import as_items, as_number, as_text
from inmail_credits.errors import InMailCreditsError, InvalidValueError
from inmail_credits.simulation.fleet.members import naming

Ints = npt.NDArray[np.int64]
Column = npt.NDArray[np.generic]
T = TypeVar("T")
U = TypeVar("U")
ROWS_MAX: Final = 10_000_000


@frozen(eq=False)
class Coded(Generic[T]):
    """A checked column: the distinct values, and the number of that of each row; shape (rows,)."""

    values: list[T]
    codes: Ints

    def __getitem__(self, row: int) -> T:
        return self.values[int(self.codes[row])]


def columns_of(frame: object, known: tuple[str, ...]) -> dict[str, Column]:
    """The columns by name, all of one length.

    Raises:
        InvalidValueError: for something that is no frame, a column that is unknown or there twice, or columns
            of different lengths.
    """
    limit = "a DataFrame, or a mapping of columns by name, such as {'name': [...], 'plan': [...]}"
    names = list(as_items("columns", _names(frame, limit), limit))
    found: dict[str, Column] = {}
    for name in names:
        if name not in known:
            raise InvalidValueError("column", name, f"one of: {', '.join(known)}")
        if str(name) in found:
            raise InvalidValueError("column", name, "there once")
        found[str(name)] = _array(cast("Mapping[object, object]", frame)[name], str(name))
    lengths = {name: len(column) for name, column in found.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidValueError("lengths of columns", lengths, "all alike")
    return found


def _names(frame: object, limit: str) -> object:
    if isinstance(frame, Mapping):
        return list(frame)
    if not hasattr(frame, "columns") or not hasattr(frame, "__getitem__"):
        raise InvalidValueError("frame", frame, limit)
    return frame.columns


def _array(column: object, name: str) -> Column:
    to_numpy = getattr(column, "to_numpy", None)
    array = to_numpy() if callable(to_numpy) else None
    if not isinstance(array, np.ndarray):
        items = list(as_items(f"column {name!r}", column, "a list of values", count_max=ROWS_MAX))
        array = np.empty(len(items), dtype=object)
        array[:] = items
    if array.ndim != 1:
        raise InvalidValueError("column", name, "there once, one value a row")
    return array


def names_of(column: Column) -> list[str]:
    """The names of the people: texts, one a row.

    Raises:
        InvalidValueError: for a row without one, or what is no text.
    """
    found = []
    for row, name in enumerate(column.tolist()):
        if is_missing(name):
            raise InvalidValueError(f"name in row {row}", name, "a text: every person has a name")
        found.append(as_text(f"name in row {row}", name))
    return found


def coded(
    columns: Mapping[str, Column],
    name: str,
    check: Callable[[object], T],
    people: list[str],
    *,
    default: T,
    required: bool = False,
) -> Coded[T]:
    """One column, checked value by value; without it, all rows have the default.

    ``people`` are the names of the rows, for errors; ``required``: a value that is missing is an error.

    Raises:
        InvalidValueError: of the first row whose value is refused, with the name of the person; and other
            errors as ``check`` raises them.
    """
    rows = len(people)
    if name not in columns:
        return Coded([default], np.zeros(rows, dtype=np.int64))
    values, first_rows, codes = _distinct(columns[name], name, people)
    checked: list[T] = []
    for value, row in zip(values, first_rows, strict=True):
        if is_missing(value) and not required:
            checked.append(default)
            continue
        try:
            checked.append(check(value))
        except InMailCreditsError:
            with naming(people[row]):
                check(value)
            raise
    return Coded(checked, codes)


def coded_numbers(
    columns: Mapping[str, Column],
    name: str,
    people: list[str],
    *,
    high: float,
    default: float = 0.0,
    required: bool = False,
) -> Coded[float]:
    """A column of numbers from 0 to ``high``; one of NumPy's types is checked all at once.

    Raises:
        InvalidValueError: as :func:`coded`.
    """
    column = columns.get(name)
    if column is not None and column.dtype.kind in "iuf":
        numbers = column.astype(np.float64)
        if bool(np.all((numbers >= 0) & (numbers <= high))):
            values, codes = np.unique(numbers, return_inverse=True)
            return Coded(values.tolist(), codes)

    def check(value: object) -> float:
        return as_number(name, value, 0, high)

    return coded(columns, name, check, people, default=default, required=required)


def pairs(one: Coded[T], other: Coded[U]) -> Coded[tuple[T, U]]:
    """Two columns as one: the pairs that occur."""
    both, codes = np.unique(one.codes * len(other.values) + other.codes, return_inverse=True)
    first, second = np.divmod(both, len(other.values))
    values = [(one.values[i], other.values[j]) for i, j in zip(first.tolist(), second.tolist(), strict=True)]
    return Coded(values, codes)


def _distinct(column: Column, name: str, people: list[str]) -> tuple[list[object], list[int], Ints]:
    """Distinct values in the order of their first rows, these rows, and the number of the value of each."""
    if column.dtype.kind in "iufbM":
        plain = column.view(np.int64) if column.dtype.kind == "M" else column
        _, firsts, codes = np.unique(plain, return_index=True, return_inverse=True, equal_nan=True)
        order = np.argsort(firsts, kind="stable")
        numbers = np.empty(len(order), dtype=np.int64)
        numbers[order] = np.arange(len(order))
        firsts = firsts[order]
        return list(column[firsts]), firsts.tolist(), numbers[codes]
    known: dict[tuple[type, object], int] = {}
    rows: list[int] = []
    numbers = np.empty(len(column), dtype=np.int64)
    for row, value in enumerate(column.tolist()):
        try:
            number = known.setdefault((type(value), value), len(known))
        except TypeError:
            with naming(people[row]):
                raise InvalidValueError(name, value, "one plain value") from None
        if number == len(rows):
            rows.append(row)
        numbers[row] = number
    return [value for _, value in known], rows, numbers


def is_missing(value: object) -> bool:
    """Whether a cell is empty.

    Example:
        >>> is_missing(float("nan")), is_missing(""), is_missing(0)
        (True, True, False)
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    try:
        return bool(value != value)  # noqa: PLR0124 - true of NaN and NaT alone
    except (TypeError, ValueError):  # pd.NA has no truth
        return type(value).__name__ == "NAType"

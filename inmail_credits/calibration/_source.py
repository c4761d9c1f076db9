"""Open what a caller hands over as a table: a path, a file object, a zip as downloaded, or a DataFrame.

Rows are read one at a time, so memory does not depend on the length of the file. The encoding follows from
a byte-order mark, or is UTF-8; bytes that are not become half surrogate pairs. The delimiter
(comma, semicolon, tab, bar) and the line of the header are those under which the required columns are found:
exports may begin with a few lines of notes.
"""

import csv
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import partial
from io import SEEK_CUR, SEEK_END, BytesIO, TextIOWrapper
from itertools import chain, islice
from os import PathLike, fspath
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Final, cast

import pandas as pd
from attrs import define, field

from inmail_credits.calibration._first_bytes import ZIP, encoding, foreign
from inmail_credits.errors import InMailCreditsError, InvalidValueError, UnreadableTableError

if TYPE_CHECKING:
    from _csv import Reader

Source = str | PathLike[str] | IO[bytes] | IO[str] | pd.DataFrame
"""What the readers take."""

HEADER_LINES_MAX: Final = 20
"""How many lines may stand before the end of the header."""
LINE_LENGTH_MAX: Final = 4 * 2**20
PEEK_BYTES: Final = 2**16
RECORD_LINES_MAX: Final = 200
"""A record over more lines than that probably lacks the end of a quotation."""
NOTES_MAX: Final = 10
_NAMES_SHOWN, _NAME_SHOWN = 15, 40
_DELIMITERS = (",", ";", "\t", "|")
_WORKBOOK = "[Content_Types].xml"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class Notes(list[str]):
    """Notes, of which a broken file makes many: only the first ten are kept."""

    def append(self, note: str) -> None:
        """Keep the note, as long as there are few."""
        if len(self) < NOTES_MAX:
            super().append(note)


@define
class Table:
    """An open table: its name, the place of each column by plain name, and its rows.

    ``rows`` yields the line a row begins on and its fields; ``None`` in place of the fields where the row
    cannot be read. ``notes`` grows while the rows are read. ``reached`` tells, from the line of the row read
    last, how far that is of ``size``: in bytes, or rows of a DataFrame; in lines of a size that is 0 where
    the length cannot be known.
    """

    name: str
    columns: dict[str, int]
    width: int
    rows: Iterator[tuple[int, Sequence[str] | None]]
    notes: Notes = field(factory=Notes)
    size: int = 0
    reached: Callable[[int], int] = int


def plain_name(name: object) -> str:
    """A column name in lower case, with single spaces.

    Example:
        >>> plain_name(" Sender_Profile  URL")
        'sender profile url'
    """
    return " ".join(str(name).replace("_", " ").casefold().split())


@contextmanager
def open_table(
    source: Source,
    *,
    member: str,
    required: Collection[str],
    renamed: Mapping[str, str] | None,
) -> Iterator[Table]:
    """Open a table that has the ``required`` columns (plain names).

    ``member`` is the file wanted from a zip. ``renamed`` maps the names in the table to those known here.

    Raises:
        UnreadableTableError: if it is empty, lacks a column, or is damaged.
        OSError: if the file cannot be opened.
    """
    names = {plain_name(old): plain_name(new) for old, new in (renamed or {}).items()}
    if isinstance(source, pd.DataFrame):
        yield _frame_table(source, required, names)
        return
    with ExitStack() as stack:
        table = Table(name="the file", columns={}, width=0, rows=iter(()))
        try:
            stream = _stream(table, source, member, stack)
            _find_header(table, _lines(stream, stack), required, names)
            yield table
        except InMailCreditsError:  # that somebody stopped the reading is a RuntimeError too
            raise
        except _BROKEN as error:
            if type(error) is RuntimeError and "encrypted" not in str(error):
                raise
            raise UnreadableTableError(table.name, 1, f"the zip file cannot be read: {error}") from None
        except UnicodeDecodeError as error:
            raise UnreadableTableError(table.name, 1, f"the text cannot be decoded: {error}") from None


def _frame_table(frame: pd.DataFrame, required: Collection[str], names: Mapping[str, str]) -> Table:
    columns = _places([plain_name(name) for name in frame.columns], names)
    missing = [name for name in required if name not in columns]
    if missing:
        raise UnreadableTableError("DataFrame", 0, _lacking(missing, list(frame.columns)))
    dates = {place for name, place in columns.items() if "date" in name.split()}
    values = [
        _cells(frame.iloc[:, place], kept=date if place in dates else str) for place in range(frame.shape[1])
    ]
    rows = enumerate(zip(*values, strict=True), start=1)
    return Table(
        name="DataFrame", columns=columns, width=frame.shape[1], rows=iter(rows), size=frame.shape[0]
    )


def _cells(column: pd.Series, *, kept: type) -> list[object]:
    """The cells of a column: those of type ``kept`` as they are, others as text, empty for a missing one."""
    missing = column.isna().tolist()
    return [
        "" if gone is True else cell if isinstance(cell, kept) else str(cell)
        for cell, gone in zip(column.tolist(), missing, strict=True)
    ]


def _stream(table: Table, source: object, member: str, stack: ExitStack) -> IO[bytes] | IO[str]:
    """The stream of a path or file object, or of a zip's member; the table gets its name and size."""
    if isinstance(source, str | PathLike):
        path = Path(fspath(source))
        stream: IO[bytes] | IO[str] = stack.enter_context(path.open("rb"))
        table.name = path.name
    elif hasattr(source, "read") and hasattr(source, "readline"):
        stream = cast("IO[bytes] | IO[str]", source)
        given = getattr(source, "name", "")
        if isinstance(given, str) and given:
            table.name = PurePath(given).name
    else:
        raise InvalidValueError("source", source, "a path, an open file or a DataFrame")
    if isinstance(stream.read(0), str):
        _measure(table, cast("IO[bytes]", getattr(stream, "buffer", stream)))
        return stream
    head, binary = _peek(cast("IO[bytes]", stream))
    if head.startswith(ZIP):
        return _unzipped(table, binary, member, stack)
    if (what := foreign(head)) is not None:
        raise UnreadableTableError(table.name, 1, f"this is {what}")
    _measure(table, binary)
    return binary


def _measure(table: Table, stream: IO[bytes]) -> None:
    """Note how long a stream is, and how to ask it where it is; nothing where it does not tell."""
    try:
        here = stream.tell()
        table.size = stream.seek(0, SEEK_END)
        stream.seek(here)
    except (AttributeError, OSError, ValueError):
        return
    table.reached = lambda _line: stream.tell()


def _peek(stream: IO[bytes]) -> tuple[bytes, IO[bytes]]:
    """The first bytes of a stream, and a stream that still has them."""
    if hasattr(stream, "peek"):
        return bytes(stream.peek(PEEK_BYTES)), stream
    if not stream.seekable():
        stream = BytesIO(stream.read())
    head = stream.read(PEEK_BYTES)
    stream.seek(-len(head), SEEK_CUR)
    return head, stream


def _unzipped(table: Table, stream: IO[bytes], member: str, stack: ExitStack) -> IO[bytes]:
    if not stream.seekable():
        stream = BytesIO(stream.read())
    try:
        archive = stack.enter_context(zipfile.ZipFile(stream))
        files = [each for each in archive.infolist() if not each.is_dir()]
        found = [each for each in files if _is_named(each.filename, member)]
        if len(found) == 1:
            unpacked = stack.enter_context(archive.open(found[0].filename))
            table.name = f"{table.name}/{member}"
            table.size, table.reached = found[0].file_size, lambda _line: unpacked.tell()
            return unpacked
    except ValueError as error:  # a damaged directory points before the beginning of the file
        raise zipfile.BadZipFile(str(error)) from None
    names = [each.filename for each in found or files]
    if _WORKBOOK in names:
        raise UnreadableTableError(table.name, 1, "this is a workbook of Excel: save it as CSV UTF-8")
    what = f"{len(found)} files named {member}" if found else f"no file named {member}"
    raise UnreadableTableError(table.name, 1, f"the zip file holds {what}; found {_shown(names)}")


def _is_named(path: str, member: str) -> bool:
    """Whether that is the file wanted, in whatever folder but that in which macOS keeps a shadow of each."""
    parts = PurePath(path).parts
    return bool(parts) and parts[-1].casefold() == member.casefold() and parts[0] != "__MACOSX"


def _lines(stream: IO[bytes] | IO[str], stack: ExitStack) -> Iterator[str]:
    """The lines of the stream as text, without a byte-order mark; one too long is cut."""
    if isinstance(stream.read(0), str):
        text = cast("IO[str]", stream)
    else:
        head, binary = _peek(cast("IO[bytes]", stream))
        newline = None if b"\n" not in head and b"\r" in head else ""  # line ends of old systems
        text = TextIOWrapper(binary, encoding(head), "surrogateescape", newline=newline)
        stack.callback(text.detach)
    lines = iter(partial(text.readline, LINE_LENGTH_MAX), "")
    first = next(lines, "").removeprefix("\ufeff")
    return chain([first] if first else [], lines)


def _find_header(
    table: Table, lines: Iterator[str], required: Collection[str], names: Mapping[str, str]
) -> None:
    """Fill in the columns and rows of ``table``: the header is the first record with all required names."""
    first = list(islice(lines, HEADER_LINES_MAX))
    if not any(line.strip() for line in first):
        raise UnreadableTableError(table.name, 1, "the file is empty")
    nearest: tuple[int, list[str], list[str]] | None = None
    for delimiter in _DELIMITERS:
        for line, record in _records(csv.reader(first, delimiter=delimiter)):
            columns = _places([plain_name(name) for name in record or ()], names)
            missing = [name for name in required if name not in columns]
            if record and not missing:
                reader = csv.reader(chain(first, lines), delimiter=delimiter)
                records = _records(reader)
                while next(records)[0] < line:
                    pass
                table.columns, table.width = columns, len(record)
                table.rows = _rows(records, reader, table)
                return
            if nearest is None or len(missing) < len(nearest[1]):
                nearest = line, missing, record or []
    line, missing, record = nearest or (1, list(required), [])
    raise UnreadableTableError(table.name, line, _lacking(missing, record))


def _places(names: Sequence[str], renamed: Mapping[str, str]) -> dict[str, int]:
    """The place of each column; the first one where a name stands twice."""
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(renamed.get(name, name), place)
    return places


def _lacking(missing: Collection[str], found: Sequence[object]) -> str:
    wanted = ", ".join(repr(name.upper()) for name in missing)
    return (
        f"no column {wanted}; found {_shown(found)}. Where the columns have other names, "
        "say which is which: columns={'its name': 'the name here'} (on the command line --column)"
    )


def _shown(names: Sequence[object]) -> str:
    """Some names, cut to a length that can be read."""
    shown = ", ".join(repr(str(name)[:_NAME_SHOWN]) for name in names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{shown or 'none'}{more}"


def _records(reader: "Reader") -> Iterator[tuple[int, list[str] | None]]:
    """The line each record begins on, and the record; ``None`` for one that breaks the format."""
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, None
            continue
        if record:
            yield line, record


def _rows(
    records: Iterator[tuple[int, list[str] | None]], reader: "Reader", table: Table
) -> Iterator[tuple[int, list[str] | None]]:
    """The records after the header, each as wide as the header; ``None`` for one of another width."""
    width = table.width
    for line, record in records:
        if record is None or reader.line_num - line > RECORD_LINES_MAX:
            table.notes.append(
                f"lines {line} to {reader.line_num} were read as one row; "
                "a quotation mark is missing, or too many"
            )
        if record is not None and len(record) != width:
            yield line, record[:width] if len(record) > width and not any(record[width:]) else None
        else:
            yield line, record

"""Lines: a log written and read one fact at a time, with the number of the line that is wrong.

The problem: the end of a log is where crashes strike, and one bad line must neither hide the good ones
before it nor be skipped. The rules chosen: a line ends in a line feed and in nothing else; ``str`` and
UTF-8 ``bytes`` are both read; the first line that is wrong ends the reading with
:class:`~inmail_credits.errors.WireError`, after everything before it was handed out.

What is refused besides what :mod:`inmail_credits.wire._events` refuses: no lines at all, empty lines,
carriage returns, a byte order mark, bytes that are not UTF-8, and a line beyond :data:`LINE_LENGTH_MAX`.
"""

from collections.abc import Iterable, Iterator
from json import JSONEncoder
from typing import Final, NoReturn

from attrs import frozen

from inmail_credits.errors import InMailCreditsError, InvalidValueError, WireError
from inmail_credits.facts import Fact
from inmail_credits.wire._events import SOURCE, event_from_fact, fact_from_event
from inmail_credits.wire._strict_json import LineRefusedError, clipped, parse, shown

LINE_LENGTH_MAX: Final = 65_536
"""The longest line read, in bytes or characters with its line feed: 64 KiB, the size CloudEvents asks every
consumer to take. The longest line a fact can make is about a fifth of it."""

_ENCODER: Final = JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, sort_keys=True, separators=(",", ":")
)
_CUT_OFF: Final = (
    "It is the last line and has no line feed, so it was cut off; salvage() gives what is before it"
)
_OTHER_LINE_BREAKS: Final = ("\x85", "\u2028", "\u2029")


@frozen
class Salvaged:
    """What could be read of a log: the facts before the first wrong line, and what is wrong with it.

    ``error`` is ``None`` if the whole log was read.
    """

    facts: tuple[Fact, ...]
    error: WireError | None


def dump_line(fact: Fact, *, source: str = SOURCE) -> str:
    r"""One fact as one line of JSON, the line feed included.

    Keys are sorted and no spaces are written, so that equal facts make equal lines. No line break but the
    last occurs, not even one that only ``str.splitlines`` knows.

    Args:
        fact: of one of the kinds in :data:`inmail_credits.facts.FACT_TYPES`.
        source: a URI reference of 1 to 2,000 characters that names the log.

    Raises:
        InvalidValueError: if the line could not be read back: an unknown class of fact, or a source that
            is no URI reference.

    Example:
        >>> from datetime import UTC, datetime
        >>> from inmail_credits.facts import Cancelled
        >>> dump_line(Cancelled(at=datetime(2026, 3, 1, tzinfo=UTC), id="c-1", recorded=7))
        '{"data":{"recorded":7},"id":"c-1","source":"inmail-credits","specversion":"1.0",...}\n'
    """
    line = _ENCODER.encode(event_from_fact(fact, source))
    if not line.isascii():
        for line_break in _OTHER_LINE_BREAKS:
            line = line.replace(line_break, f"\\u{ord(line_break):04x}")
    return line + "\n"


def dumps(facts: Iterable[Fact], *, source: str = SOURCE) -> str:
    """Facts as lines, in the order given; an empty text for none. :func:`loads` gives them back.

    Raises:
        InvalidValueError: as for :func:`dump_line`.

    Example:
        >>> from datetime import UTC, datetime
        >>> from inmail_credits.facts import Cancelled
        >>> facts = [Cancelled(at=datetime(2026, month, 1, tzinfo=UTC)) for month in (3, 4)]
        >>> loads(dumps(facts)) == facts
        True
    """
    return "".join(dump_line(fact, source=source) for fact in facts)


def read(lines: Iterable[str | bytes]) -> Iterator[Fact]:
    """The facts on these lines, one by one; every fact before a wrong line is yielded first.

    Memory does not grow with the number of lines. Lines may come with their line feeds, as from a file
    opened in binary mode, or without, as from ``split``.

    Raises:
        WireError: at the first line that is wrong, counted from 1, or if there are no lines.
        InvalidValueError: if ``lines`` is one whole text; :func:`loads` reads that.

    Example:
        >>> from itertools import islice
        >>> from datetime import UTC, datetime
        >>> from inmail_credits.facts import Cancelled
        >>> line = dump_line(Cancelled(at=datetime(2026, 3, 1, tzinfo=UTC)))
        >>> facts = read([line, "rubbish"])
        >>> next(facts).id
        'cancelled:2026-03-01T00:00:00Z'
        >>> next(facts)
        Traceback (most recent call last):
        ...
        inmail_credits.errors.WireError: line 2: not JSON: expecting value at column 1 of 7, ...
    """
    if isinstance(lines, str | bytes):
        raise InvalidValueError("lines", shown(lines), "lines one by one; loads() reads a whole text")
    return _read(lines)


def loads(text: str | bytes) -> list[Fact]:
    """All facts of a log, or none of them.

    Raises:
        WireError: at the first line that is wrong; :func:`salvage` keeps what comes before it.

    Example:
        >>> loads("")
        Traceback (most recent call last):
        ...
        inmail_credits.errors.WireError: line 1: there are no facts; ...
    """
    return list(_read(_split(text)))


def salvage(text: str | bytes) -> Salvaged:
    """What a damaged log still says: the facts before the first wrong line, and the error there.

    Example:
        >>> from datetime import UTC, datetime
        >>> from inmail_credits.facts import Cancelled
        >>> line = dump_line(Cancelled(at=datetime(2026, 3, 1, tzinfo=UTC)))
        >>> salvaged = salvage(line + line[:40])
        >>> len(salvaged.facts), salvaged.error.line
        (1, 2)
    """
    facts = []
    try:
        for fact in _read(_split(text)):
            facts.append(fact)  # noqa: PERF402 - a list made at once would be lost with the error
    except WireError as error:
        return Salvaged(tuple(facts), error.with_traceback(None))
    return Salvaged(tuple(facts), None)


def _split(text: str | bytes) -> Iterator[str | bytes]:
    """The lines of a text, each with its line feed; only a line feed ends one."""
    start, length = 0, len(text)
    while start < length:
        end = (text.find("\n", start) if isinstance(text, str) else text.find(b"\n", start)) + 1 or length
        yield text[start:end]
        start = end


def _read(lines: Iterable[str | bytes]) -> Iterator[Fact]:
    number = 0
    rest = iter(lines)
    for number, line in enumerate(rest, 1):
        try:
            fact = _fact(line)
        except LineRefusedError as error:
            _refuse(number, line, error.reason, rest)
        except InvalidValueError as error:
            _refuse(number, line, f"{error.what} is {shown(error.value)}, but must be {error.limit}", rest)
        except InMailCreditsError as error:
            _refuse(number, line, str(error), rest)
        yield fact
    if not number:
        raise WireError(1, "there are no facts; a log has at least one line, a subscription")


def _refuse(number: int, line: object, reason: str, rest: Iterator[object]) -> NoReturn:
    """Say what is wrong with a line; if it is the last and has no line feed, it was cut off."""
    reason = clipped(reason)
    if isinstance(line, str | bytes) and not _is_ended(line) and next(rest, None) is None:
        reason = f"{reason}. {_CUT_OFF}"
    raise WireError(number, reason) from None


def _is_ended(line: str | bytes) -> bool:
    return line.endswith("\n") if isinstance(line, str) else line.endswith(b"\n")


def _fact(line: str | bytes) -> Fact:
    if not isinstance(line, str):
        line = _decoded(line)
    if len(line) > LINE_LENGTH_MAX:
        raise LineRefusedError(f"{len(line):,} characters long; a line has at most {LINE_LENGTH_MAX:,}")
    if "\r" in line:
        raise LineRefusedError("holds a carriage return; end lines in a line feed alone")
    text = line.removesuffix("\n")
    if "\n" in text:
        raise LineRefusedError("holds a line feed inside; give one line at a time")
    if text.startswith("\ufeff"):
        raise LineRefusedError("begins with a byte order mark; write UTF-8 without one")
    if not text or text.isspace():
        raise LineRefusedError("empty; remove it")
    try:
        return fact_from_event(parse(text))
    except RecursionError:
        raise LineRefusedError("nested too deeply; a fact needs no more than four levels") from None


def _decoded(line: bytes) -> str:
    if not isinstance(line, bytes):
        raise LineRefusedError(f"an object of type {type(line).__name__}, but must be a str or bytes")
    if len(line) > LINE_LENGTH_MAX:
        raise LineRefusedError(f"{len(line):,} bytes long; a line has at most {LINE_LENGTH_MAX:,}")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise LineRefusedError(
            f"not UTF-8: byte 0x{line[error.start]:02x} at position {error.start + 1} of {len(line)}; "
            "write UTF-8"
        ) from None

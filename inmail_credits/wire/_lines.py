"""Lines: a log written and read one fact at a time, with the number of the line that is wrong.

A line ends in a line feed and in nothing else; ``str`` and UTF-8 ``bytes`` are both read; the first line that
is wrong ends the reading with :class:`~inmail_credits.errors.WireError`, after everything before it was
handed out.

Refused besides what :mod:`inmail_credits.wire._events` refuses: no lines at all, empty lines, carriage
returns, a byte order mark, bytes that are not UTF-8, a line beyond :data:`LINE_LENGTH_MAX`, and a line whose
chain does not follow from the line before (:mod:`inmail_credits.wire._chain`).
"""

from collections.abc import Iterable, Iterator
from json import JSONEncoder
from typing import Final, NoReturn, cast

from inmail_credits._inputs import as_items
from inmail_credits.errors import InMailCreditsError, InvalidValueError, WireError
from inmail_credits.facts import Fact
from inmail_credits.wire._chain import START, Links, chained, is_head, split
from inmail_credits.wire._events import SOURCE, event_from_fact, fact_from_event
from inmail_credits.wire._strict_json import LineRefusedError, clipped, parse, shown

LINE_LENGTH_MAX: Final = 16_777_216
"""The longest line read or written, in bytes or characters with its line feed: 16 MiB, an opening of some
100,000 lots or open messages. Other facts stay within the 64 KiB that CloudEvents asks of all."""

_LENGTH_SURE: Final = LINE_LENGTH_MAX // 4
"""No text of so many characters has too many bytes: UTF-8 needs at most four for one."""
_ENCODER: Final = JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, sort_keys=True, separators=(",", ":")
)
_OTHER_LINE_BREAKS: Final = ("\x85", "\u2028", "\u2029")


def dump_line(fact: Fact, *, source: str = SOURCE, after: str | None = None) -> str:
    r"""One fact as one line of JSON, the line feed included.

    Keys are sorted and no spaces are written, so that equal facts make equal lines. No line break but the
    last occurs, not even one that only ``str.splitlines`` knows.

    Args:
        fact: of one of the kinds in :data:`inmail_credits.facts.FACT_TYPES`.
        source: a URI reference of 1 to 2,000 characters that names the log.
        after: to write a chain, the head of the log so far (:func:`head`), ``""`` for its first line.

    Raises:
        InvalidValueError: if the line could not be read back: an unknown class of fact, a source that is no
            URI reference, an ``after`` that is no head, or more bytes than :data:`LINE_LENGTH_MAX`.

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
    line = (line if after is None else chained(line, checked_head("after", after))) + "\n"
    if len(line) > _LENGTH_SURE and len(line.encode()) > LINE_LENGTH_MAX:
        raise InvalidValueError(
            f"the line of fact {fact.id!r}", f"{len(line):,} characters", f"at most {LINE_LENGTH_MAX:,} bytes"
        )
    return line


def dumps(facts: Iterable[Fact], *, source: str = SOURCE, after: str | None = None) -> str:
    """Facts as lines, in the order given; an empty text for none. :func:`loads` gives them back.

    ``after`` writes a chain, as for :func:`dump_line`: ``""`` for a log that begins here.

    Raises:
        InvalidValueError: as for :func:`dump_line`.

    Example:
        >>> from datetime import UTC, datetime
        >>> from inmail_credits.facts import Cancelled
        >>> facts = [Cancelled(at=datetime(2026, month, 1, tzinfo=UTC)) for month in (3, 4)]
        >>> loads(dumps(facts)) == facts == loads(dumps(facts, after=""))
        True
    """
    lines = []
    for fact in as_items("facts", facts, "facts, such as those of an account", count_max=None):
        line = dump_line(cast("Fact", fact), source=source, after=after)
        if after is not None:
            after = split(line)[0]
        lines.append(line)
    return "".join(lines)


def head(log: str | bytes) -> str:
    """The head of a chained log, or of its last line: what the next line follows; ``""`` for an empty text.

    Raises:
        InvalidValueError: if the last line has no chain.

    Example:
        >>> from datetime import UTC, datetime
        >>> from inmail_credits.facts import Cancelled
        >>> log = dumps([Cancelled(at=datetime(2026, 3, 1, tzinfo=UTC))], after="")
        >>> len(head(log)), head("")
        (64, '')
    """
    line = last_line(log)
    chain, _ = split(line)
    if line and chain is None:
        raise InvalidValueError("last line of the log", shown(line), "one with a chain")
    return chain or START


def read(lines: Iterable[str | bytes], *, after: str = START, ends: str | None = None) -> Iterator[Fact]:
    """The facts on these lines, one by one; every fact before a wrong line is yielded first.

    Memory does not grow with the number of lines. Lines may come with their line feeds, as from a file
    opened in binary mode, or without, as from ``split``.

    Args:
        lines: of a log.
        after: where the lines continue a chained log: the head of what is before them.
        ends: the head that was kept of a chained log, so that lines missing at its end are noticed.

    Raises:
        WireError: at the first line that is wrong, counted from 1, or if there are no lines.
        InvalidValueError: if ``lines`` is one whole text (:func:`loads` reads that), or a head is none.

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
    one_by_one = as_items("lines", lines, "lines, such as a file in binary mode", count_max=None)
    return read_lines(
        cast("Iterator[str | bytes]", one_by_one),
        checked_head("after", after),
        None if ends is None else checked_head("ends", ends),
    )


def loads(text: str | bytes, *, after: str = START, ends: str | None = None) -> list[Fact]:
    """All facts of a log, or none of them. ``after`` and ``ends`` as for :func:`read`.

    Raises:
        WireError: at the first line that is wrong; :func:`salvage` keeps what comes before it.

    Example:
        >>> loads("")
        Traceback (most recent call last):
        ...
        inmail_credits.errors.WireError: line 1: there are no facts; ...
    """
    if not isinstance(text, str | bytes):
        raise InvalidValueError("text", shown(text), "a str or bytes; read() takes lines one by one")
    return list(read(split_lines(text), after=after, ends=ends))


def checked_head(what: str, value: str) -> str:
    """A head of a chain as given.

    Raises:
        InvalidValueError: for anything else.
    """
    if not is_head(value):
        raise InvalidValueError(what, value, 'the head of a chained log: 64 hexadecimal digits, or ""')
    return value


def last_line(log: str | bytes) -> str:
    """The last line of a log without its line feed; bytes that are not UTF-8 are replaced."""
    if not isinstance(log, str | bytes):
        raise InvalidValueError("log", shown(log), "a str or bytes")
    end = log[-LINE_LENGTH_MAX - 1 :]
    text = end if isinstance(end, str) else end.decode(errors="replace")
    return text.removesuffix("\n").rpartition("\n")[2]


def split_lines(text: str | bytes) -> Iterator[str | bytes]:
    """The lines of a text, each with its line feed; only a line feed ends one."""
    start, length = 0, len(text)
    while start < length:
        end = (text.find("\n", start) if isinstance(text, str) else text.find(b"\n", start)) + 1 or length
        yield text[start:end]
        start = end


def read_lines(lines: Iterable[str | bytes], after: str, ends: str | None) -> Iterator[Fact]:
    """The facts of :func:`read`."""
    number = byte = 0
    links = Links(after)
    rest = iter(lines)
    for number, line in enumerate(rest, 1):
        try:
            fact = read_line(line, number, links)
        except LineRefusedError as error:
            _refuse(number, byte, line, error.reason, rest)
        yield fact
        byte += size_of(line)
    if not number:
        raise WireError(1, "there are no facts; a log has at least one line, a subscription")
    if ends is not None and ends != links.head:
        raise WireError(
            number, f"the log ends here, but its head is not {ends}: lines are missing after it", byte
        )


def read_line(line: str | bytes, number: int, links: Links) -> Fact:
    """The fact on one line, checked to follow from the lines before.

    Raises:
        LineRefusedError: for every reason there is.
    """
    try:
        text = _text(line)
        chain, body = split(text)
        fact = fact_from_event(parse(body))
        links.check(number, chain, body)
    except RecursionError:
        raise LineRefusedError("nested too deeply; a fact needs no more than four levels") from None
    except InvalidValueError as error:
        raise LineRefusedError(f"{error.what} is {shown(error.value)}, but must be {error.limit}") from None
    except InMailCreditsError as error:
        raise LineRefusedError(str(error)) from None
    return fact


def size_of(line: str | bytes) -> int:
    """The bytes of a line in UTF-8, with its line feed."""
    if isinstance(line, bytes) or line.isascii():
        size = len(line)
    else:
        size = len(line.encode(errors="surrogatepass"))
    return size if is_ended(line) else size + 1


def _refuse(number: int, byte: int, line: object, reason: str, rest: Iterator[object]) -> NoReturn:
    """Say what is wrong with a line; if it is the last and has no line feed, it was cut off."""
    reason = clipped(reason)
    if isinstance(line, str | bytes) and not is_ended(line) and next(rest, None) is None:
        reason = f"{reason}. {cut_off(byte)}"
    raise WireError(number, reason, byte) from None


def cut_off(byte: int) -> str:
    """What to say of a last line without its line feed that is wrong; whole lines end at ``byte``."""
    return (
        f"It is the last line and has no line feed, so it was cut off; whole lines end at byte {byte:,}, and "
        "salvage() gives what is before it"
    )


def is_ended(line: str | bytes) -> bool:
    """Whether a line has its line feed."""
    return line.endswith("\n") if isinstance(line, str) else line.endswith(b"\n")


def _text(line: str | bytes) -> str:
    """The text of a line without its line feed, if it has the form of one."""
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
    return text


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

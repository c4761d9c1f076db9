"""The only place that opens files: what a command reads and where it will write, checked before its work."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from inmail_credits import wire
from inmail_credits.errors import InvalidValueError
from inmail_credits.facts import Fact
from inmail_credits.timeline import instant

PICTURE_FORMATS: Final = (".png", ".svg", ".pdf")
PAGE_FORMATS: Final = (".html", ".htm")
LOG_FORMATS: Final = (".jsonl", ".ndjson")
HEADER_BYTES: Final = 1_000
"""Within so many bytes the header of an export is recognised."""


def read_bytes(path: str, *, what: str) -> bytes:
    """The content of a file, or of standard input for ``-``; ``what`` names the argument in an error.

    Raises:
        InvalidValueError: for no name, or the name of a folder.
        OSError: for a file that does not exist or must not be read.
    """
    if path == "-":
        return sys.stdin.buffer.read()
    if not path or Path(path).is_dir():
        raise InvalidValueError(what, path, "the name of a file, or - for standard input")
    return Path(path).read_bytes()


def read_text(path: str, *, what: str) -> str:
    """The same as text in UTF-8."""
    return read_bytes(path, what=what).decode("utf-8")


def read_facts(path: str, *, what: str) -> list[Fact]:
    """The facts of a log of JSON lines.

    Raises:
        InvalidValueError: for an export of messages in its place.
        WireError: for a damaged log.
    """
    content = read_bytes(path, what=what)
    if content.startswith(b"PK\x03\x04") or b"CONVERSATION ID" in content[:HEADER_BYTES].upper():
        limit = "a log of facts, which calibrate --log makes of an export"
        raise InvalidValueError(what, path, limit)
    return wire.loads(content)


def check_picture(path: str, *, what: str) -> None:
    """Refuse a name under which no picture can be written, before the work that would be lost with it.

    Raises:
        InvalidValueError: for a name without one of the known endings, a folder, or a name in a folder that
            does not exist; for a place that must not be written to.

    Example:
        >>> check_picture("fan.txt", what="--png")
        Traceback (most recent call last):
        ...
        inmail_credits.errors.InvalidValueError: --png is 'fan.txt', but must be a file that ends in .png...
    """
    check_output(path, what=what, formats=PICTURE_FORMATS)


def check_output(path: str, *, what: str, formats: Sequence[str]) -> None:
    """The same for a file that ends in one of ``formats``."""
    file = Path(path)
    if file.suffix.lower() not in formats:
        endings = f"{', '.join(formats[:-1])} or {formats[-1]}"
        raise InvalidValueError(what, path, f"a file that ends in {endings}")
    if file.is_dir():
        raise InvalidValueError(what, path, "a file, but it is a folder; give a name inside it")
    if not file.parent.is_dir():
        raise InvalidValueError(what, path, f"in a folder that exists; make {str(file.parent)!r} first")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise InvalidValueError(what, path, "in a place that may be written to")


def parse_instant(text: str, *, what: str) -> datetime:
    """An instant in RFC 3339 with its offset, or a date: its midnight UTC (D1).

    Example:
        >>> parse_instant("2026-03-01T01:00:00+01:00", what="--at").isoformat()
        '2026-03-01T00:00:00+00:00'
    """
    return instant(text, what=what)


def start_or_today(text: str | None) -> datetime:
    """The instant that ``--start`` names, or today's midnight UTC."""
    return today() if text is None else parse_instant(text, what="--start")


def today() -> datetime:
    """Midnight UTC of the current day: the one look at the clock in this package."""
    return instant(datetime.now(UTC).date())

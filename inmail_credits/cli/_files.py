"""The only place that opens files: reading what a command is given, with one clear error."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from inmail_credits import wire
from inmail_credits.errors import InMailCreditsError, InvalidValueError
from inmail_credits.facts import Fact
from inmail_credits.timeline import instant


def read_bytes(path: str) -> bytes:
    """The content of a file, or of standard input for ``-``."""
    return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()


def read_text(path: str) -> str:
    """The same as text in UTF-8."""
    return read_bytes(path).decode("utf-8")


def read_facts(path: str) -> list[Fact]:
    """The facts of a log of JSON lines."""
    return wire.loads(read_bytes(path))


def parse_instant(text: str) -> datetime:
    """An instant in RFC 3339 with its offset, or a date: its midnight UTC.

    Example:
        >>> parse_instant("2026-03-01T01:00:00+01:00").isoformat()
        '2026-03-01T00:00:00+00:00'
    """
    try:
        if len(text) == len("2026-03-01"):
            return instant(date.fromisoformat(text))
        return instant(datetime.fromisoformat(text))
    except InMailCreditsError:
        raise
    except ValueError:
        raise InvalidValueError(
            "instant", text, "a date such as 2026-03-01, or an instant such as 2026-03-01T00:00:00Z"
        ) from None


def today() -> datetime:
    """Midnight UTC of the current day: the one look at the clock in this package."""
    return instant(datetime.now(UTC).date())

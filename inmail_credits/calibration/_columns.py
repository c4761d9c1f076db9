"""The rows of an export as columns of numbers, some 40 bytes a message: no text is kept but names and ids."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
from attrs import define, field

from inmail_credits.calibration._dates import EPOCH, MICROSECOND, TEXT_MAX, DateReader
from inmail_credits.calibration._people import UNKNOWN, People
from inmail_credits.calibration._source import Table
from inmail_credits.calibration._typing import Longs, Whole

REQUIRED: Final = ("conversation id", "from", "date")
OPTIONAL: Final = (
    "to",
    "sender profile url",
    "recipient profile urls",
    "subject",
    "content",
    "folder",
    "is message draft",
    "is conversation draft",
)
SUBJECT: Final = 1
AUTOMATIC: Final = 2
BAD_ROW = "the number of fields is not that of the header, or quotation marks are broken"
NO_CONVERSATION = "no conversation id"
NO_SENDER = "no sender"
NO_DATE = "no date"
BAD_DATE = "a date that cannot be read"
AMBIGUOUS = "a date that may be day first or month first; say day_first="
TOO_EARLY = "a date before LinkedIn began, 5 May 2003"
TOO_LATE = "later than as_of"
DRAFT = "a draft"
HEADER = "the header again"
_YES = {"yes", "true", "1", "y"}
_LOOKED_AT = 240
"""How many characters of an answer are looked at for an automatic reply."""
FOLDER_LENGTH_MAX: Final = 40
FOREVER: Final = 2**62
_BEGUN: Final = (datetime(2003, 5, 5, tzinfo=UTC) - EPOCH) // MICROSECOND
DAMAGES: Final = (BAD_ROW, BAD_DATE, AMBIGUOUS, TOO_EARLY, NO_SENDER, NO_CONVERSATION)
"""Reasons that are the file's fault: nothing is known of such a row."""


@define
class Columns:
    """One entry a message in each column; ``at`` is in microseconds since 1970, ``text`` a hash.

    ``unread`` is the first date that could not be read, as it is written.
    """

    conversation: Whole = field(factory=lambda: array("q"))
    at: Whole = field(factory=lambda: array("q"))
    sender: Whole = field(factory=lambda: array("q"))
    recipient: Whole = field(factory=lambda: array("q"))
    flags: Whole = field(factory=lambda: array("b"))
    text: Whole = field(factory=lambda: array("q"))
    folder: Whole = field(factory=lambda: array("q"))
    line: Whole = field(factory=lambda: array("q"))
    conversations: dict[str, int] = field(factory=dict)
    folders: dict[str, int] = field(factory=dict)
    people: People = field(factory=People)
    left_out: dict[str, Whole] = field(factory=dict)
    rows: int = 0
    unread: str = ""

    def leave_out(self, reason: str, lines: Sequence[int]) -> None:
        """Note rows that are not used."""
        if len(lines):
            self.left_out.setdefault(reason, array("q")).extend(lines)

    def leave_out_from(self, at: int, reason: str) -> None:
        """Take out the messages from that instant on, microseconds since 1970."""
        places = [place for place, each in enumerate(self.at) if each >= at]
        self.leave_out(reason, [self.line[place] for place in places])
        for name in ("conversation", "at", "sender", "recipient", "flags", "text", "folder", "line"):
            column = getattr(self, name)
            for place in reversed(places):
                del column[place]


def looks_automatic(content: str) -> bool:
    """Whether the beginning of an answer reads like an automatic one; a hint, in a few languages.

    Example:
        >>> looks_automatic("I am out of the office until Monday."), looks_automatic("Sounds good!")
        (True, False)
    """
    text = content[:_LOOKED_AT].casefold()
    return (
        "automatic" in text
        and ("automatic reply" in text or "automatic response" in text or "automatische antwort" in text)
    ) or (
        "auto-reply" in text
        or "autoreply" in text
        or ("office" in text and ("out of the office" in text or "out of office" in text))
        or ("leave" in text and (" on leave" in text or "parental leave" in text or "annual leave" in text))
        or "abwesenheit" in text
        or "absence du bureau" in text
        or "fuera de la oficina" in text
    )


def read_columns(
    table: Table, rows: Iterator[tuple[int, Sequence[str] | None]], dates: DateReader, until: int | None
) -> Columns:
    """Read the rows of a table; those after ``until`` (microseconds since 1970) are left out."""
    columns = Columns()
    take = _taker(columns, table, dates, FOREVER if until is None else until)
    for line, row in rows:
        columns.rows += 1
        reason = BAD_ROW if row is None else take(line, row)
        if reason is not None:
            columns.left_out.setdefault(reason, array("q")).append(line)
    return columns


def _taker(
    columns: Columns, table: Table, dates: DateReader, until: int
) -> Callable[[int, Sequence[str]], str | None]:
    """A function that takes one row in, or gives the reason why it is left out."""
    conversation_at, from_at, date_at = (table.columns[name] for name in REQUIRED)
    places = [table.columns.get(name, -1) for name in OPTIONAL]
    to_at, url_at, urls_at, subject_at, content_at, folder_at, draft_at, conversation_draft_at = places
    drafts = tuple(at for at in (draft_at, conversation_draft_at) if at >= 0)
    person, recipient, read_date = columns.people.number, columns.people.recipient, dates.microseconds
    conversations, folders = columns.conversations, columns.folders

    def take(line: int, row: Sequence[str]) -> str | None:
        for draft in drafts:
            if row[draft].strip().casefold() in _YES:
                return DRAFT
        at = read_date(row[date_at])
        if at is None or at < _BEGUN:
            return TOO_EARLY if at is not None else _unread(columns, dates, row[date_at])
        name = row[conversation_at].strip()
        if not name:
            return NO_CONVERSATION
        sender = person("" if url_at < 0 else row[url_at], row[from_at])
        if sender == UNKNOWN:
            return NO_SENDER
        if at > until:
            return TOO_LATE
        content = "" if content_at < 0 else row[content_at]
        subject = "" if subject_at < 0 else row[subject_at]
        columns.conversation.append(conversations.setdefault(name, len(conversations)))
        columns.at.append(at)
        columns.sender.append(sender)
        columns.recipient.append(
            recipient("" if urls_at < 0 else row[urls_at], "" if to_at < 0 else row[to_at])
        )
        columns.flags.append(
            (SUBJECT if subject.strip() else 0) | (AUTOMATIC if looks_automatic(content) else 0)
        )
        columns.text.append(hash((subject, content)))
        folder = "" if folder_at < 0 else row[folder_at].strip().upper()[:FOLDER_LENGTH_MAX]
        columns.folder.append(folders.setdefault(folder, len(folders)))
        columns.line.append(line)
        return None

    return take


def _unread(columns: Columns, dates: DateReader, written: object) -> str:
    """Why a date was not read."""
    text = written.strip() if isinstance(written, str) else str(written)
    if text.casefold() == "date":
        return HEADER
    if not text or text == "NaT":
        return NO_DATE
    columns.unread = columns.unread or text[:TEXT_MAX]
    return AMBIGUOUS if dates.ambiguous(text) else BAD_DATE


def numbers(values: Whole) -> Longs:
    """An array of the standard library as one of NumPy."""
    return np.array(values, np.int64)

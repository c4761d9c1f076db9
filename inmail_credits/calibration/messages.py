"""Read the ``messages.csv`` of a member's data export: one row for each conversation opened.

The export tells neither which messages were InMails nor who owns the archive. A subject on the first message
is a hint at an InMail, no more; the owner is the person who takes part in the most conversations, unless
``me`` says who it is. Nothing is sent anywhere, and no text of a message is kept; names and profile
addresses become hashed ids.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo

import numpy as np
import pandas as pd
from attrs import frozen

from inmail_credits._inputs import as_items, as_truth
from inmail_credits.calibration._columns import DAMAGES, REQUIRED, Columns, numbers, read_columns
from inmail_credits.calibration._conversations import NOT_MINE, conversations, ordered
from inmail_credits.calibration._dates import EPOCH, MICROSECOND, DateReader, zone_of
from inmail_credits.calibration._instants import DAY_MICROSECONDS
from inmail_credits.calibration._people import UNKNOWN
from inmail_credits.calibration._progress import watched
from inmail_credits.calibration._source import Source, Table, open_table
from inmail_credits.calibration._typing import Values
from inmail_credits.calibration.facts import MessageFacts, facts_of
from inmail_credits.calibration.report import ReadReport
from inmail_credits.channels import Channel
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation.run import Progress
from inmail_credits.timeline import instant

MEMBER = "messages.csv"
SALT_BYTES_MAX = 64
JUMP_DAYS = 366
"""A latest message so long after the one before it is noted: its date may be wrong."""
STRAY_MAX, STRAY_RATIO = 3, 10
"""At most so many messages after such a gap are left out, if there are so many times as many before it."""
DAMAGED_MAX = 0.1
"""A greater share of rows that cannot be read is noted."""
STRAY = f"more than {JUMP_DAYS} days after all others; give as_of= if the date is right"


@frozen(kw_only=True, eq=False)
class Messages:
    r"""What :func:`read_linkedin_messages` found.

    Fields:
        frame: one row for each conversation that the owner opened with one person, by ``sent_at``:
            ``conversation``, ``person`` (hashed ids; empty for a person the export hides), ``nth_to_person``
            (1 for the first conversation opened with that person), ``sent_at``, ``answered_at`` and
            ``answered_in_person_at`` (the first answer that does not look automatic; UTC, NaT for none),
            ``replied``, ``automatic`` (whether the first answer looks automatic), ``subject`` (whether the
            first message has one), ``sent_before_answer`` (messages of the owner before the first answer, or
            all), ``messages`` (of both), ``folder``, ``channel`` (``"inmail"`` or ``"unknown"``) and
            ``channel_sure`` (``"hint"`` or ``"none"``).
        report: which rows were used, and which were left out, and why.
        as_of: the instant up to which the archive is known: as given, or that of its latest message.

    Example:
        >>> from io import StringIO
        >>> archive = StringIO(
        ...     "CONVERSATION ID,FROM,TO,DATE,SUBJECT,CONTENT\n"
        ...     "1,Ada,Bob,2026-08-01 02:00:00 UTC,A role,Hello\n"
        ...     "1,Bob,Ada,2026-08-02 02:00:00 UTC,,Thanks\n"
        ...     "2,Ada,Eve,2026-08-03 02:00:00 UTC,,Hello\n"
        ... )
        >>> messages = read_linkedin_messages(archive)
        >>> messages.frame[["replied", "subject", "channel"]].values.tolist()
        [[True, True, 'inmail'], [False, False, 'unknown']]
        >>> print(messages.report)
        the file: 3 rows read, 3 used, 0 left out
    """

    frame: pd.DataFrame
    report: ReadReport
    as_of: datetime

    def facts(
        self,
        *,
        channel: Channel | str | Values | Mapping[str, object] | None = None,
        hints: bool = False,
    ) -> MessageFacts:
        """The facts of an account that follow from the conversations whose channel is known.

        Args:
            channel: the channel of all conversations (``"inmail"``), of each row of ``frame``, or by the id
                of the conversation; ``None``, ``"unknown"`` and a missing id are not known.
            hints: whether a conversation of unknown channel whose first message has a subject is taken for
                an InMail. That is a guess, and is noted as one.

        Raises:
            InvalidValueError: for what is no channel, a column of another length, an id that is not there.

        Example:
            >>> from io import StringIO
            >>> from inmail_credits import economies
            >>> from inmail_credits.calibration.examples import example_archive
            >>> messages = read_linkedin_messages(StringIO(example_archive(40)), me="Maya Haddad")
            >>> messages.facts()
            <MessageFacts 0 conversations, 0 facts, 40 left out>
            >>> found = messages.facts(channel="inmail")
            >>> plan = economies.LINKEDIN_2026["sales-navigator-core"]
            >>> account = found.account(plan, at="2026-01-01T00:00:00Z")
            >>> found.sent, len(account.messages("2026-01-01T00:00:00Z", "2026-08-01T00:00:00Z"))
            (40, 40)
        """
        return facts_of(self.frame, channel=channel, hints=hints)

    def __repr__(self) -> str:
        replied = int(self.frame["replied"].sum())
        opened = f"{len(self.frame):,} conversations opened"
        return f"<Messages {opened}, {replied:,} answered by {self.as_of:%Y-%m-%d}>"


def read_linkedin_messages(
    source: Source,
    *,
    me: str | Iterable[str] | None = None,
    as_of: datetime | None = None,
    zone: str | tzinfo = "UTC",
    day_first: bool | None = None,
    columns: Mapping[str, str] | None = None,
    salt: bytes = b"",
    progress: Progress = False,
) -> Messages:
    r"""Read a member's messages from the export.

    Args:
        source: the path of ``messages.csv`` or of the zip as downloaded, an open file, or a DataFrame.
        me: the owner of the archive, by name or profile URL, or by all of them where there were several in
            the years of the archive; left out, the person in most conversations.
        as_of: leave out all that is later. Left out itself, it is the instant of the latest message, where up
            to three that come more than a year after all others count as misdated and are left out.
        zone: the time zone of dates that name none.
        day_first: whether dates such as 02/03/2026 14:05, which spreadsheets save, begin with the day. Left
            out, such rows are left out, and dates with AM or PM begin with the month.
        columns: where the table's columns have other names: ``{"VON": "FROM", ...}``.
        salt: at most 64 bytes that go into the hashed ids. Without it, whoever knows a profile address can
            compute its id.
        progress: ``True`` for a bar on standard error, or a callable of (bytes read, bytes), of rows where it
            is a DataFrame, and of (lines read, 0) where the length cannot be known; if it returns anything
            false but ``None``, the reading stops.

    Raises:
        UnreadableTableError: with the line, if this is no such table, or nobody can be told to own it.
        OSError: if the file cannot be opened.
        InvalidValueError: for any other argument outside its limits.
        SimulationCancelledError: if ``progress`` said stop.

    Example:
        >>> from io import StringIO
        >>> export = StringIO(
        ...     "CONVERSATION ID,FROM,TO,DATE,SUBJECT,CONTENT\n"
        ...     "1,Ana,Bo,2026-03-02 09:00:00 UTC,A role,Hello\n"
        ...     "1,Bo,Ana,2026-03-03 10:30:00 UTC,,Thank you\n"
        ...     "2,Ana,Cy,2026-03-05 09:00:00 UTC,A role,Hello\n"
        ... )
        >>> found = read_linkedin_messages(export, me="Ana")
        >>> found
        <Messages 2 conversations opened, 1 answered by 2026-03-05>
        >>> found.frame["replied"].tolist()
        [True, False]
    """
    until = None if as_of is None else (instant(as_of, what="as_of") - EPOCH) // MICROSECOND
    check_salt(salt)
    named = _names(me)
    day_first = None if day_first is None else as_truth("day_first", day_first)
    dates = DateReader(zone_of(zone), day_first=day_first)
    with open_table(source, member=MEMBER, required=REQUIRED, renamed=columns) as table:
        found = read_columns(table, watched(table, progress), dates, until)
        if until is None:
            _leave_out_strays(found)
        order = ordered(table.name, found, named)
        frame = _with_channel(conversations(found, order, salt))
        latest = EPOCH + int(max(found.at)) * MICROSECOND
        report = _report(table, found, dates)
    return Messages(frame=frame, report=report, as_of=latest if as_of is None else instant(as_of))


def _names(me: str | Iterable[str] | None) -> tuple[str, ...]:
    """The names and addresses of the owner; none if nobody gave any."""
    if me is None:
        return ()
    limit = "a name or a profile URL, or several of one person"
    names = (me,) if isinstance(me, str) else tuple(as_items("me", me, limit))
    for name in names or ("",):
        if not isinstance(name, str) or not name.strip():
            raise InvalidValueError("me", me, limit)
    return tuple(map(str, names))


def _leave_out_strays(found: Columns) -> None:
    """Leave out a few messages long after all others: one wrong date would make every silence look long."""
    at = np.sort(numbers(found.at))
    gaps = np.flatnonzero(np.diff(at) > JUMP_DAYS * DAY_MICROSECONDS)
    if gaps.size:
        after = len(at) - 1 - int(gaps[-1])
        if after <= STRAY_MAX and len(at) - after >= STRAY_RATIO * after:
            found.leave_out_from(int(at[gaps[-1] + 1]), STRAY)


def check_salt(salt: object) -> None:
    """Refuse anything but at most 64 bytes."""
    if not isinstance(salt, bytes) or len(salt) > SALT_BYTES_MAX:
        raise InvalidValueError("salt", salt, f"at most {SALT_BYTES_MAX} bytes")


def _with_channel(frame: pd.DataFrame) -> pd.DataFrame:
    """A guess at the channel: a subject on the first message hints at an InMail; nothing else does."""
    frame["channel"] = np.where(frame["subject"], str(Channel.INMAIL), "unknown")
    frame["channel_sure"] = np.where(frame["subject"], "hint", "none")
    return frame


def _report(table: Table, found: Columns, dates: DateReader) -> ReadReport:
    left_out = {reason: tuple(lines) for reason, lines in found.left_out.items()}
    used = found.rows - sum(map(len, left_out.values()))
    return ReadReport(
        source=table.name,
        rows=found.rows,
        used=used,
        left_out=left_out,
        notes=(*table.notes, *_notes(found, dates)),
    )


def _notes(found: Columns, dates: DateReader) -> Iterator[str]:
    """What else to keep in mind."""
    damaged = sum(len(found.left_out.get(reason, ())) for reason in DAMAGES)
    if damaged > DAMAGED_MAX * found.rows:
        yield f"{damaged:,} of {found.rows:,} rows cannot be read; rates from the others may be far off"
    if found.unread:
        yield f"the first date that cannot be read is {found.unread!r}"
    if dates.without_zone:
        yield f"{dates.without_zone:,} dates name no time zone and were read as {dates.zone}"
    if max(found.recipient) == min(found.recipient) == UNKNOWN:
        yield "no recipients are named: conversations of several people show by their senders only"
    if NOT_MINE in found.left_out:
        yield (
            "the owner takes no part in some conversations; where they are the owner's under another name "
            "or address, say both: me=['one', 'other'] (--me twice on the command line)"
        )
    if found.people.repaired:
        yield f"{found.people.repaired:,} names are not UTF-8 and were read as Windows-1252"
    at = np.sort(numbers(found.at))
    gaps = np.diff(at, prepend=at[0])
    place = int(np.argmax(gaps))
    if (days := int(gaps[place]) // DAY_MICROSECONDS) > JUMP_DAYS:
        before, after = (EPOCH + int(at[each]) * MICROSECOND for each in (place - 1, place))
        yield (
            f"there is no message for {days:,} days, {before:%Y-%m-%d} to {after:%Y-%m-%d}, and "
            f"{len(at) - place:,} after them; where their dates are wrong, as_of= leaves them out"
        )

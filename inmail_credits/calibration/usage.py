"""Read the usage report of a Recruiter contract: one row for each seat and period.

What the report counts: InMails sent, free ones included; answers within 30 days of sending, in UTC, up to 48
hours late. So the answers of the last 30 days of a report are still to come, and its rate is of all messages,
not of those that cost a credit.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

import numpy as np
import pandas as pd
from attrs import define, field, frozen

from inmail_credits._display.numbers import count
from inmail_credits.calibration._columns import AMBIGUOUS, BAD_DATE, BAD_ROW, NO_DATE
from inmail_credits.calibration._people import hashed
from inmail_credits.calibration._progress import watched
from inmail_credits.calibration._source import Source, open_table
from inmail_credits.calibration.messages import check_salt
from inmail_credits.calibration.report import ReadReport
from inmail_credits.errors import UnreadableTableError
from inmail_credits.simulation.run import Progress
from inmail_credits.timeline import YEAR_MAX, YEAR_MIN

MEMBER: Final = "usage.csv"
REQUIRED: Final = ("inmails sent", "start date", "end date")
COUNTED: Final = ("inmails sent", "inmails accepted", "inmails declined")
COUNT_MAX: Final = 10**9
NO_COUNT = "a count that cannot be read"
UNORDERED = "an end before its start"
TOO_MANY = "more answers than messages: those of an earlier period are among them"


@frozen(kw_only=True, eq=False)
class Usage:
    r"""What :func:`read_recruiter_usage` found.

    Fields:
        frame: one row for each seat and period: ``seat`` (a hashed id; empty where the report names none),
            ``start_on``, ``end_on`` (dates, both included), ``sent``, ``accepted``, ``declined``,
            ``replied`` (the sum of the two).
        report: which rows were used, and which were left out, and why.

    Example:
        >>> from io import StringIO
        >>> usage = read_recruiter_usage(StringIO(
        ...     "Seat holder name,InMails sent,InMails accepted,InMails declined,Start date,End date\n"
        ...     'Ada,"1,200",264,60,2026-01-01,2026-01-31\n'
        ... ))
        >>> usage.frame[["sent", "accepted", "declined", "replied"]].values.tolist()
        [[1200, 264, 60, 324]]
    """

    frame: pd.DataFrame
    report: ReadReport

    def __repr__(self) -> str:
        sent, replied = int(self.frame["sent"].sum()), int(self.frame["replied"].sum())
        rows = count(len(self.frame), "row")
        return f"<Usage {rows}: {sent:,} sent, {replied:,} answered within 30 days>"


@define
class _Found:
    rows: int = 0
    lines: list[int] = field(factory=list)
    seats: list[str] = field(factory=list)
    counts: list[tuple[int, ...]] = field(factory=list)
    dates: list[tuple[object, object]] = field(factory=list)
    left_out: dict[str, list[int]] = field(factory=dict)


def read_recruiter_usage(
    source: Source,
    *,
    day_first: bool | None = None,
    columns: Mapping[str, str] | None = None,
    salt: bytes = b"",
    progress: Progress = False,
) -> Usage:
    r"""Read the usage report of a Recruiter contract.

    Args:
        source: the path of the CSV or of a zip that holds ``usage.csv``, an open file, or a DataFrame.
        day_first: whether dates such as 02/03/2026 begin with the day. Left out, a date of the file that can
            be read in one way only tells; where none does, such rows are left out.
        columns: where the table's columns have other names: ``{"Gesendet": "InMails sent", ...}``.
        salt: at most 64 bytes that go into the hashed ids of seats.
        progress: as for :func:`read_linkedin_messages`.

    Raises:
        UnreadableTableError: with the line, if this is no such table, or no row of it can be used.
        OSError: if the file cannot be opened.
        InvalidValueError: for any other argument outside its limits.

    Example:
        >>> from io import StringIO
        >>> report = StringIO(
        ...     "Seat holder name,Start date,End date,InMails sent,InMails accepted,InMails declined\n"
        ...     "Ana,2026-03-01,2026-03-31,20,5,1\n"
        ... )
        >>> read_recruiter_usage(report)
        <Usage 1 row: 20 sent, 6 answered within 30 days>
    """
    check_salt(salt)
    with open_table(source, member=MEMBER, required=REQUIRED, renamed=columns) as table:
        found = _Found()
        seat_at = table.columns.get("seat id", table.columns.get("seat holder name", -1))
        counts_at = [table.columns.get(name, -1) for name in COUNTED]
        dates_at = table.columns["start date"], table.columns["end date"]
        for line, row in watched(table, progress):
            found.rows += 1
            if row is None:
                found.left_out.setdefault(BAD_ROW, []).append(line)
                continue
            counts = [0 if at < 0 else _count(row[at]) for at in counts_at]
            if None in counts:
                found.left_out.setdefault(NO_COUNT, []).append(line)
                continue
            found.lines.append(line)
            found.counts.append(tuple(count or 0 for count in counts))
            found.seats.append(row[seat_at].strip() if seat_at >= 0 else "")
            found.dates.append((row[dates_at[0]], row[dates_at[1]]))
        if not found.rows:
            raise UnreadableTableError(table.name, 1, "there is no row below the header")
        first = _day_first(found.dates) if day_first is None else day_first
        frame = _frame(found, day_first=first, salt=salt)
        if not len(frame):
            reason, lines = next(iter(found.left_out.items()))
            raise UnreadableTableError(table.name, lines[0], f"no row can be used; here: {reason}")
        report = ReadReport(
            source=table.name,
            rows=found.rows,
            used=len(frame),
            left_out={reason: tuple(lines) for reason, lines in found.left_out.items()},
            notes=(*table.notes, *_notes(frame)),
        )
    return Usage(frame=frame, report=report)


def _frame(found: _Found, *, day_first: bool | None, salt: bytes) -> pd.DataFrame:
    kept: list[int] = []
    periods: list[tuple[date, date]] = []
    for place, written in enumerate(found.dates):
        period = _period(written, day_first=day_first)
        if isinstance(period, str):
            found.left_out.setdefault(period, []).append(found.lines[place])
        else:
            kept.append(place)
            periods.append(period)
    counts = np.array([found.counts[place] for place in kept], np.int64).reshape(-1, len(COUNTED))
    seats = [found.seats[place] for place in kept]
    return pd.DataFrame(
        {
            "seat": [hashed(seat, salt) if seat else "" for seat in seats],
            "start_on": pd.Series([start for start, _ in periods], dtype=object),
            "end_on": pd.Series([end for _, end in periods], dtype=object),
            "sent": counts[:, 0],
            "accepted": counts[:, 1],
            "declined": counts[:, 2],
            "replied": counts[:, 1] + counts[:, 2],
        }
    )


def _notes(frame: pd.DataFrame) -> tuple[str, ...]:
    more = int((frame["replied"] > frame["sent"]).sum())
    return (f"{more:,} rows: {TOO_MANY}",) if more else ()


def _count(text: str) -> int | None:
    plain = text.strip().replace(",", "").replace("\u00a0", "").replace("'", "")
    plain = plain.removesuffix(".0")
    if plain in {"", "-"}:
        return 0
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= len(str(COUNT_MAX)) else None


def _period(written: tuple[object, object], *, day_first: bool | None) -> tuple[date, date] | str:
    dates = []
    for each in written:
        text = each.strip() if isinstance(each, str) else each
        if text == "":
            return NO_DATE
        on = _date(text, day_first=day_first)
        if on is None:
            return AMBIGUOUS if day_first is None and _slashes(text) else BAD_DATE
        if not YEAR_MIN <= on.year <= YEAR_MAX:
            return BAD_DATE
        dates.append(on)
    return (dates[0], dates[1]) if dates[0] <= dates[1] else UNORDERED


def _slashes(value: object) -> tuple[int, int, int] | None:
    """The three numbers of a date with slashes."""
    parts = value.split("/") if isinstance(value, str) else []
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):  # noqa: PLR2004 - day, month, year
        return None
    first, second, year = (int(part) for part in parts)
    return first, second, year + 2000 if len(parts[2]) == 2 else year  # noqa: PLR2004 - two digits of a year


def _date(value: object, *, day_first: bool | None) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    numbers = _slashes(value)
    try:
        if numbers is None:
            return datetime.fromisoformat(str(value)[:10]).date()
        if day_first is None:
            return None
        first, second, year = numbers
        return date(year, second, first) if day_first else date(year, first, second)
    except ValueError:
        return None


def _day_first(written: Sequence[tuple[object, object]]) -> bool | None:
    """Whether days come first, as far as the dates of the file tell; ``None`` if they do not, or disagree."""
    months = 12
    numbers = [found for pair in written for each in pair if (found := _slashes(each)) is not None]
    day = any(first > months for first, _, _ in numbers)
    month = any(second > months for _, second, _ in numbers)
    return day if day != month else None

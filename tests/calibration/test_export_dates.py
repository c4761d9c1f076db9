"""Dates of an export: every form that says which day it is, and what is left out by line."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from inmail_credits.calibration.examples import ME, START, as_csv, row
from inmail_credits.errors import InvalidValueError, UnreadableTableError
from tests.calibration.test_messages import PLAIN, ROWS, adds_up, read


def test_dates_without_a_zone_are_read_in_the_zone_that_is_named() -> None:
    """And the report says so."""
    text = as_csv([row("1", ME, "Ana", START), row("2", ME, "Ben", START)]).replace(" UTC", "")
    messages = read(text, zone="America/New_York")
    assert messages.frame["sent_at"].dt.hour.tolist() == [13, 13]
    assert messages.report.notes == ("2 dates name no time zone and were read as America/New_York",)


def test_month_first_dates_of_older_exports_are_read() -> None:
    """With AM or PM, the month comes first; noon and midnight are where they belong."""
    dates = ("8/1/26, 2:05 PM", "8/2/2026, 12:05 AM", "8/3/26 12:05 PM")
    rows = [row(str(number), ME, f"P {number}", START, DATE=text) for number, text in enumerate(dates)]
    assert [str(at) for at in read(as_csv(rows)).frame["sent_at"]] == [
        "2026-08-01 14:05:00+00:00",
        "2026-08-02 00:05:00+00:00",
        "2026-08-03 12:05:00+00:00",
    ]


def test_day_first_dates_with_full_stops_are_read() -> None:
    """As spreadsheets in German and other languages save them; with a zone or without."""
    dates = ("01.08.2026 14:05", "2.8.2026, 00:05:30", "03.08.2026 12:05:00 UTC")
    rows = [row(str(number), ME, f"P {number}", START, DATE=text) for number, text in enumerate(dates)]
    assert [str(at) for at in read(as_csv(rows)).frame["sent_at"]] == [
        "2026-08-01 14:05:00+00:00",
        "2026-08-02 00:05:30+00:00",
        "2026-08-03 12:05:00+00:00",
    ]
    wrong = [*rows, row("9", ME, "Ana", START, DATE="32.08.2026 14:05")]
    assert dict(read(as_csv(wrong), me=ME).report.left_out) == {"a date that cannot be read": (5,)}


def test_dates_that_do_not_say_which_is_the_month_are_left_out_by_line() -> None:
    """01/08/2026 may be either: nothing is guessed, and the date is shown."""
    rows = [
        row("1", ME, "Ana", START),
        row("2", ME, "Ben", START, DATE="01/08/2026 02:00"),
        row("3", ME, "Al", START, DATE=""),
    ]
    report = read(as_csv(rows), me=ME).report
    assert dict(report.left_out) == {
        "a date that may be day first or month first; say day_first=": (3,),
        "no date": (4,),
    }
    assert "the first date that cannot be read is '01/08/2026 02:00'" in report.notes


def test_dates_saved_by_a_spreadsheet_are_read_once_it_is_known_what_comes_first() -> None:
    """With slashes or hyphens, two digits or four of a year, AM or PM; the year first needs no telling."""
    for text, day_first in (
        ("01/08/2026 14:05", True),
        ("1-8-26 14:05:00", True),
        ("1/8/2026, 2:05 PM", True),
        ("8/1/2026 14:05", False),
        ("8/1/26, 2:05 PM", None),
        ("2026/08/01 14:05:00", None),
        ("01.08.26 14:05", None),
        ("01.08.2026 14:05", False),
    ):
        rows = [row(str(number), ME, f"P {number}", START, DATE=text) for number in range(2)]
        found = read(as_csv(rows), me=ME, day_first=day_first).frame["sent_at"]
        assert {str(at) for at in found} == {"2026-08-01 14:05:00+00:00"}, text
    with pytest.raises(InvalidValueError, match="day_first"):
        read(PLAIN, day_first="yes")


def test_dates_before_there_was_such_a_site_are_left_out() -> None:
    """A date of 1970 is a program's zero; it would stretch the years of sending."""
    rows = [*ROWS, row("old", ME, "Ana", START, DATE="1970-01-01 00:00:00 UTC")]
    text = as_csv(rows)
    messages = read(text)
    assert messages.report.left_out["a date before LinkedIn began, 5 May 2003"] == (text.count("\n"),)
    pd.testing.assert_frame_equal(messages.frame, read(PLAIN).frame)
    assert adds_up(messages)


def test_a_year_without_a_message_is_noted_wherever_it_is() -> None:
    """Several messages of wrong dates, or an honest pause: the volume of a week is not what it looks like."""
    late = [row(f"l{n}", ME, f"P {n}", datetime(2031, 1, 1 + n, tzinfo=UTC)) for n in range(6)]
    notes = read(as_csv([*late, *ROWS])).report.notes
    assert len(notes) == 1
    assert notes[0].startswith("there is no message for ")
    assert "to 2031-01-01, and 6 after them; where their dates are wrong, as_of=" in notes[0]
    assert read(as_csv([*late, *ROWS]), as_of=datetime(2027, 1, 1, tzinfo=UTC)).report.notes == ()


def test_an_archive_of_the_future_is_used_as_far_as_it_was_known_then() -> None:
    """Dates after ``as_of`` are left out by line; where all are, the refusal says so."""
    with pytest.raises(UnreadableTableError, match=r"x later than as_of \(first on line 2\)"):
        read(PLAIN, as_of=datetime(2020, 1, 1, tzinfo=UTC))


def test_a_date_far_in_the_future_is_noted_or_left_out() -> None:
    """It would make every silent message look old; one among many is left out with its line."""
    far = row("2", ME, "Ben", datetime(2099, 1, 1, tzinfo=UTC))
    rows = [row("1", ME, "Ana", START), far]
    assert "to 2099-01-01, and 1 after them" in str(read(as_csv(rows)).report)
    messages = read(as_csv([far, *ROWS]))
    assert messages.report.left_out[
        "more than 366 days after all others; give as_of= if the date is right"
    ] == (2,)
    pd.testing.assert_frame_equal(messages.frame, read(PLAIN).frame)
    assert messages.as_of == read(PLAIN).as_of
    assert adds_up(messages)
    kept = read(as_csv([far, *ROWS]), as_of=datetime(2100, 1, 1, tzinfo=UTC))
    assert len(kept.frame) == 61
    late = [row(f"l{n}", ME, f"P {n}", datetime(2099, 1, 1 + n, tzinfo=UTC)) for n in range(4)]
    assert len(read(as_csv([*late, *ROWS])).frame) == 64

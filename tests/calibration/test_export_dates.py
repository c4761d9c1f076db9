"""Dates of an export: every form that says which day it is, and what is left out by line."""

from datetime import UTC, datetime

import pandas as pd

from inmail_credits.calibration.examples import ME, START, as_csv, row
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
    """01/08/2026 may be either: nothing is guessed."""
    rows = [
        row("1", ME, "Ana", START),
        row("2", ME, "Ben", START, DATE="01/08/2026 02:00"),
        row("3", ME, "Al", START, DATE=""),
    ]
    report = read(as_csv(rows), me=ME).report
    assert dict(report.left_out) == {"a date that cannot be read": (3,), "no date": (4,)}


def test_a_date_far_in_the_future_is_noted_or_left_out() -> None:
    """It would make every silent message look old; one among many is left out with its line."""
    far = row("2", ME, "Ben", datetime(2099, 1, 1, tzinfo=UTC))
    rows = [row("1", ME, "Ana", START), far]
    assert "days after the one before it" in str(read(as_csv(rows)).report)
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

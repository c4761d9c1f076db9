"""The reader of Recruiter usage reports: counts by seat and period, or the line at fault."""

import io
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits.calibration import Usage, read_recruiter_usage
from inmail_credits.errors import InMailCreditsError, UnreadableTableError

HEADER = "Seat holder name,Seat id,InMails sent,InMails accepted,InMails declined,Start date,End date"


def read(*lines: str, **terms: object) -> Usage:
    """Read a report given by its lines below the header."""
    text = "\n".join([HEADER, *lines])
    return read_recruiter_usage(io.BytesIO(text.encode()), **terms)  # type: ignore[arg-type] # by keyword


def test_counts_and_periods_are_read_as_written() -> None:
    """Answers are those accepted and those declined."""
    usage = read('Ada,7,"1,200",264,60,2026-01-01,2026-01-31', "Bob,8,100,20,1,2026-01-01,2026-01-31")
    assert usage.frame[["sent", "accepted", "declined", "replied"]].to_numpy().tolist() == [
        [1200, 264, 60, 324],
        [100, 20, 1, 21],
    ]
    assert usage.frame["start_on"].tolist() == [date(2026, 1, 1)] * 2
    assert "Ada" not in usage.frame.to_csv()
    assert usage.frame["seat"].nunique() == 2
    assert usage.report.rows == usage.report.used == 2


def test_dates_with_slashes_are_read_where_the_file_tells_their_order() -> None:
    """A 31 among them says which number is the day; otherwise the caller does, or they are left out."""
    assert read("A,1,9,1,1,1/1/2026,1/31/2026").frame["end_on"].tolist() == [date(2026, 1, 31)]
    assert read("A,1,9,1,1,1/2/2026,28/2/2026").frame["start_on"].tolist() == [date(2026, 2, 1)]
    unclear = "A,1,9,1,1,1/2/2026,2/2/2026"
    assert read(unclear, day_first=True).frame["start_on"].tolist() == [date(2026, 2, 1)]
    assert read(unclear, day_first=False).frame["start_on"].tolist() == [date(2026, 1, 2)]
    with pytest.raises(UnreadableTableError, match=r"line 2: no row can be used; here: .*day_first="):
        read(unclear)


def test_rows_that_cannot_be_read_are_left_out_by_line() -> None:
    """A total without dates, a count that is none, an end before its start."""
    usage = read(
        "Ada,7,12,3,1,2026-01-01,2026-01-31",
        "Total,,12,3,1,,",
        "Bob,8,many,3,1,2026-01-01,2026-01-31",
        "Cid,9,12,3,1,2026-02-01,2026-01-31",
        "Dan,10,12",
    )
    assert usage.report.used == 1
    assert sorted(line for lines in usage.report.left_out.values() for line in lines) == [3, 4, 5, 6]
    assert usage.report.to_frame()["line"].tolist() == [3, 4, 5, 6]


def test_more_answers_than_messages_are_noted() -> None:
    """Answers to an earlier period's messages may be counted in a quiet one."""
    assert "earlier period" in str(read("Ada,7,2,3,1,2026-01-01,2026-01-31").report)


def test_a_frame_is_read_like_a_file() -> None:
    """With dates of any kind."""
    frame = pd.DataFrame(
        {
            "InMails sent": [10, 20],
            "InMails accepted": [1.0, 2.0],
            "InMails declined": [0, 1],
            "Start date": pd.to_datetime(["2026-01-01", "2026-02-01"]),
            "End date": [date(2026, 1, 31), date(2026, 2, 28)],
        }
    )
    assert read_recruiter_usage(frame).frame["replied"].tolist() == [1, 3]


def assert_one_line(error: InMailCreditsError) -> None:
    """An error of ours says something, in one line."""
    assert len(str(error).splitlines()) == 1


@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_lines_give_an_answer_or_a_refusal(lines: list[str]) -> None:
    """Never a traceback."""
    try:
        report = read(*[line.encode("utf-8", "replace").decode() for line in lines]).report
        assert report.rows == report.used + sum(map(len, report.left_out.values()))
    except InMailCreditsError as error:
        assert_one_line(error)

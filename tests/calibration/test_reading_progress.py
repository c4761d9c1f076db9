"""Progress while a file is read: how far of how much, and a false answer that stops."""

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from inmail_credits.calibration import Source, read_linkedin_messages, read_recruiter_usage
from inmail_credits.calibration.examples import archive, as_csv
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation.run import SimulationCancelledError

ROWS = archive(200, seed=4)
TEXT = as_csv(ROWS)
BYTES = TEXT.encode()


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report every 50 rows."""
    monkeypatch.setattr("inmail_credits.calibration._progress.ROWS_EACH", 50)


class Pipe(io.RawIOBase):
    """A stream that cannot go back."""

    def __init__(self, content: bytes) -> None:
        self.stream = io.BytesIO(content)

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer."""
        return self.stream.readinto(buffer)  # type: ignore[arg-type] # as it is called


def zipped() -> io.BytesIO:
    """The zip as downloaded."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive_:
        archive_.writestr("messages.csv", TEXT)
    out.seek(0)
    return out


def on_disk(folder: Path) -> Path:
    """The file itself."""
    path = folder / "messages.csv"
    path.write_bytes(BYTES)
    return path


SOURCES: dict[str, tuple[Callable[[Path], Source], int]] = {
    "a path": (on_disk, len(BYTES)),
    "a zip": (lambda _folder: zipped(), len(BYTES)),
    "bytes in memory": (lambda _folder: io.BytesIO(BYTES), len(BYTES)),
    "a text in memory": (lambda _folder: io.StringIO(TEXT), len(TEXT)),
    "a text on bytes": (lambda _folder: io.TextIOWrapper(io.BytesIO(BYTES), "utf-8", newline=""), len(BYTES)),
    "a frame": (lambda _folder: pd.DataFrame(ROWS).fillna(""), len(ROWS)),
}


@pytest.mark.parametrize("name", SOURCES)
def test_it_goes_up_to_the_size_of_what_is_read(name: str, tmp_path: Path) -> None:
    """In bytes, in characters of a text in memory, in rows of a frame; and changes nothing."""
    make, size = SOURCES[name]
    heard: list[tuple[int, int]] = []
    found = read_linkedin_messages(make(tmp_path), progress=lambda done, of: heard.append((done, of)))
    done = [each for each, _ in heard]
    assert len(heard) > 2
    assert done == sorted(done)
    assert done[0] < size
    assert heard[-1] == (size, size)
    assert {of for _, of in heard} == {size}
    pd.testing.assert_frame_equal(found.frame, read_linkedin_messages(io.StringIO(TEXT)).frame)


def test_lines_are_counted_where_the_length_cannot_be_known() -> None:
    """Of a pipe."""
    heard: list[tuple[int, int]] = []
    pipe = io.BufferedReader(Pipe(BYTES))
    read_linkedin_messages(pipe, progress=lambda done, of: heard.append((done, of)))
    last = TEXT.rindex(ROWS[-1]["CONVERSATION ID"])
    assert heard[-1] == (TEXT[:last].count("\n") + 1, 0)
    assert heard[0][0] < heard[-1][0]


@pytest.mark.parametrize("answer", [False, 0, np.False_, ""])
def test_any_false_answer_but_none_stops(answer: object) -> None:
    """At the first report."""
    heard: list[int] = []

    def callback(done: int, _size: int) -> object:
        heard.append(done)
        return answer

    with pytest.raises(SimulationCancelledError, match=f"of {len(TEXT):,}"):
        read_linkedin_messages(io.StringIO(TEXT), progress=callback)
    assert len(heard) == 1


def test_what_is_no_progress_is_refused() -> None:
    """By both readers."""
    usage = "InMails sent,Start date,End date\n1,2026-01-01,2026-01-31\n"
    for reader, text in ((read_linkedin_messages, TEXT), (read_recruiter_usage, usage)):
        with pytest.raises(InvalidValueError, match="progress"):
            reader(io.StringIO(text), progress="yes")  # type: ignore[arg-type] # on purpose


def test_a_usage_report_is_told_too() -> None:
    """To its end."""
    usage = "InMails sent,Start date,End date\n1,2026-01-01,2026-01-31\n"
    heard: list[tuple[int, int]] = []
    read_recruiter_usage(io.StringIO(usage), progress=lambda done, of: heard.append((done, of)))
    assert heard == [(len(usage), len(usage))]


def test_a_bar_is_shown_for_what_takes_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the name of what is read; without tqdm the reading goes on without one."""
    monkeypatch.setattr("inmail_credits.calibration._progress.DELAY_SECONDS", 0.0)
    read_linkedin_messages(io.StringIO(TEXT), progress=True)
    assert "the file: 100%" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "tqdm", None)
    read_linkedin_messages(io.StringIO(TEXT), progress=True)
    assert capsys.readouterr().err == ""

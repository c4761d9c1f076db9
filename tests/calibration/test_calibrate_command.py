"""The command ``calibrate``: from a file to the fits, as text, JSON and picture; one line where it cannot."""

import json
from pathlib import Path

import pytest

from inmail_credits.calibration.examples import ME, example_archive
from inmail_credits.cli import main


@pytest.fixture
def export(tmp_path: Path) -> str:
    """A made-up archive in a file."""
    path = tmp_path / "messages.csv"
    path.write_text(example_archive(200), encoding="utf-8", newline="")
    return str(path)


def test_the_fits_are_printed(export: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The report of the reading, the replies, the sends."""
    assert main(["calibrate", export, "--me", ME]) == 0
    text = capsys.readouterr().out
    for words in ("rows read", "Replies: mixture cure model", "Sends: Poisson", "Monday"):
        assert words in text


def test_json_and_picture(export: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers that a program reads, and a file that is a PNG."""
    picture = tmp_path / "fit.png"
    assert main(["calibrate", export, "--json", "--png", str(picture), "--zone", "Europe/Berlin"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["replies"]["messages"] == 200
    assert found["replies"]["rate_90"][0] < found["replies"]["rate"] < found["replies"]["rate_90"][1]
    assert sum(found["sends"]["by_weekday"]) == pytest.approx(found["sends"]["per_week"])
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_read_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The wrong file, no file, an unknown zone, too few messages."""
    wrong, few = tmp_path / "wrong.csv", tmp_path / "few.csv"
    wrong.write_text("a,b\n1,2\n", encoding="utf-8")
    few.write_text(example_archive(5), encoding="utf-8", newline="")
    for arguments in ([str(wrong)], [str(tmp_path / "none.csv")], [str(few), "--zone", "Mars"], [str(few)]):
        assert main(["calibrate", *arguments]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1

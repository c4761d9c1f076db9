"""The command ``calibrate``: from a file to the fits, as text, JSON and picture; one line where it cannot."""

import json
import zipfile
from pathlib import Path

import pytest

from inmail_credits import Account, wire
from inmail_credits.calibration import read_linkedin_messages
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


def test_a_log_leads_from_the_export_to_a_backtest(
    export: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each conversation of the fits is an InMail of an account on the plan; the export itself is no log."""
    log = tmp_path / "facts.jsonl"
    words = ["calibrate", export, "--me", ME, "--log", str(log)]
    plan = ["--plan", "sales-navigator-core", "--economy", "linkedin-2026"]
    assert main([*words, *plan]) == 0
    assert "facts; for 0 messages there was no credit on sales-navigator-core" in capsys.readouterr().out
    account = Account.replay(wire.loads(log.read_bytes()))
    messages = read_linkedin_messages(export, me=ME)
    assert len(account.facts) == 1 + 200 + int(messages.frame["replied"].sum())
    assert account.facts[0].at.date() == messages.frame["sent_at"].min().date()
    assert main(["backtest", str(log), "--paths", "100", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["skipped"] == {}
    assert main([*words, *plan, "--only-inmails", "--opened-on", "2026-03-01", "--json"]) == 0
    assert "wrote" in capsys.readouterr().err
    account = Account.replay(wire.loads(log.read_bytes()))
    after = messages.frame[messages.frame["subject"] & (messages.frame["sent_at"] >= "2026-03-01")]
    assert len(account.messages("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")) == len(after)


def test_a_log_needs_a_plan_and_a_plan_a_log(
    export: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And its name an ending; an export where a log is wanted is refused with the way to one."""
    log = str(tmp_path / "facts.jsonl")
    for words, match in (
        (["--log", log], "--plan is None, but must be given with --log"),
        (["--plan", "career"], "--plan is 'career', but must be left out without --log"),
        (["--opened-on", "2026-01-01"], "must be left out without --log"),
        (["--log", str(tmp_path / "facts.csv"), "--plan", "career"], "ends in .jsonl or .ndjson"),
        (["--log", log, "--plan", "gold"], "gold"),
    ):
        assert main(["calibrate", export, *words]) == 2
        error = capsys.readouterr().err
        assert match in error
        assert len(error.splitlines()) == 1
    zipped = tmp_path / "export.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(export, "messages.csv")
    for path in (export, str(zipped)):
        for command in (
            ["backtest", path],
            ["replay", path],
            ["forecast", "--sends-per-week", "1", "--facts", path],
        ):
            assert main(command) == 2
            assert "a log of facts, which calibrate --log makes of an export" in capsys.readouterr().err

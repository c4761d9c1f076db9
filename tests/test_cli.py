"""The command line, run as a stranger would: what it prints, what it refuses, and with which status."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inmail_credits import Account, economies, wire
from inmail_credits.cli import main
from inmail_credits.facts import Sent

FORECAST = ["forecast", "--sends-per-week", "5", "--start", "2026-01-01", "--months", "1", "--paths", "20"]
START = datetime(2026, 1, 31, 9, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A small log: two sends, one answered, one withdrawn."""
    account = Account.open(economies.LINKEDIN_2019["career"], at=START)
    account.send("m-1", at=START + timedelta(days=1))
    account.send("m-2", at=START + timedelta(days=2))
    account.reply("m-1", at=START + timedelta(days=3), kind="declined")
    account.withdraw("m-2", at=START + timedelta(days=4))
    path = tmp_path / "facts.jsonl"
    path.write_text(wire.dumps(account.facts), encoding="utf-8")
    return path


def test_plans_shows_every_economy_with_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    """All economies, their terms and who says so."""
    assert main(["plans"]) == 0
    text = capsys.readouterr().out
    for name in ("linkedin-2014", "linkedin-2019", "linkedin-2026", "recruiter-corporate"):
        assert name in text
    assert "[verbatim] help answer 75" in text


def test_plans_as_json_has_every_term_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    """The same for programs."""
    assert main(["plans", "--economy", "linkedin-2019", "--json"]) == 0
    (economy,) = json.loads(capsys.readouterr().out)
    assert [plan["grant_credits"] for plan in economy["plans"]] == [3, 15, 20, 30]
    assert {"term", "page", "sure", "note"} <= economy["plans"][0]["sources"][0].keys()


def test_replay_tells_the_balance_and_where_it_lies(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three granted, two spent, one back: two left, in two lots."""
    assert main(["replay", str(log), "--at", "2026-02-10"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("2 credits at 2026-02-10T00:00:00Z (on Premium Career; 5 facts)")
    assert "granted 3 + refunded 1 - spent 2 - expired 0 - forfeited 0" in text
    assert "2026-05-01T09:00:00Z" in text


def test_replay_as_json_adds_up(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The totals of the JSON make its balance."""
    assert main(["replay", str(log), "--at", "2026-03-01T00:00:00Z", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    totals = told["totals"]
    assert told["balance"] == 5
    assert totals["granted"] + totals["refunded"] - totals["spent"] - totals["expired"] == told["balance"]
    assert sum(lot["left"] for lot in told["lots"]) == told["balance"]


def test_replay_of_a_log_with_an_impossible_fact_says_so_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fact is printed with the reason; the others are printed as usual."""
    account = Account.open(economies.LINKEDIN_2019["career"], at=START)
    sends = [Sent(message_id=f"m-{number}", at=START, recorded=number + 5) for number in range(4)]
    path = tmp_path / "facts.jsonl"
    path.write_text(wire.dumps([*account.facts, *sends]), encoding="utf-8")
    assert main(["replay", str(path)]) == 1
    text = capsys.readouterr().out
    assert "1 facts are impossible where they stand" in text
    assert (
        "cannot send 'm-3' at 2026-01-31T09:00:00Z: 0 credits left; next grant 2026-02-28T09:00:00Z (3)"
        in text
    )


def test_diff_lays_two_economies_side_by_side(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Career grants 3 in 2019 and 5 in 2026."""
    assert main(["diff", str(log), "--to", "linkedin-2026"]) == 0
    text = capsys.readouterr().out
    assert "granted            3              5          +2" in text
    assert main(["diff", str(log), "--to", "linkedin-2014", "--map", "career=premium", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["totals"]["granted"] == [3, 10]


def test_forecast_prints_a_row_for_each_plan_and_draws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every tier, every reply figure, with errors; and a PNG that is one."""
    png = tmp_path / "fan.png"
    words = ["forecast", "--sends-per-week", "5", "--reply-rate", "0.27", "--replies", "conversations-2016"]
    words += ["--start", "2026-01-01", "--months", "2", "--paths", "200", "--png", str(png)]
    assert main(words) == 0
    text = capsys.readouterr().out
    for name in ("career", "business", "sales", "recruiter-lite"):
        assert text.count(f"\n  {name} ") == 2
    assert "+-" in text
    assert "302 conversations" in text
    assert "career, business, sales, recruiter-lite: reply rate taken as exact; open: grant_on" in text
    assert png.read_bytes().startswith(b"\x89PNG")


def test_forecast_repeats_itself_for_one_seed(capsys: pytest.CaptureFixture[str]) -> None:
    """The same seed prints the same figures, another one others."""
    words = ["forecast", "--plan", "business", "--sends-per-week", "5", "--reply-rate", "0.27", "--start"]
    words += ["2026-01-01", "--months", "2", "--paths", "500", "--json", "--seed"]
    told = []
    for seed in ("1", "1", "2"):
        assert main([*words, seed]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1] != told[2]


def test_forecast_of_a_log_goes_on_from_its_latest_fact(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An account's own credits and messages are where the forecast starts."""
    words = ["forecast", "--facts", str(log), "--sends-per-week", "1", "--months", "1", "--paths", "100"]
    assert main(words) == 0
    assert "1 months from 2026-02-04" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["plans", "--economy", "linkedin-1999"],
            "there is no economy 'linkedin-1999'; known: linkedin-2014",
        ),
        (["replay", "no-such-file"], "No such file or directory: 'no-such-file'"),
        (["diff", "-", "--to", "linkedin-2026", "--map", "sales"], "--map is 'sales', but must be OLD=NEW"),
        (["forecast", "--sends-per-week", "5", "--plan", "gold"], "'gold'; known: career, business"),
        (["forecast", "--sends-per-week", "-1"], "is -1"),
        (
            ["forecast", "--sends-per-week", "5", "--reply-rate", "1.2"],
            "reply rate is 1.2, but must be a number from 0 to 1",
        ),
        (
            ["forecast", "--sends-per-week", "5", "--replies", "mine"],
            "there is no replies preset 'mine'; known: recruiter-inmails",
        ),
        (
            ["forecast", "--sends-per-week", "5", "--start", "soon"],
            "--start is 'soon', but must be an instant: an aware datetime, a date",
        ),
        (["forecast", "--sends-per-week", "5", "--start", "2026-01-01T09:00"], "has no time zone"),
    ],
)
def test_bad_input_gets_one_line_and_status_2(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong, on standard error; nothing on standard output; never a traceback."""
    monkeypatch.setattr("inmail_credits.cli._diff.read_facts", lambda *_, **__: [])
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.startswith("inmail-credits: ")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(("content", "line"), [(b"", "no facts"), (b'{"specversion":"1.0"', "line 1")])
def test_an_empty_or_cut_off_log_is_refused_with_its_line(
    content: bytes, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that is empty or ends in the middle of a fact is refused by line."""
    path = tmp_path / "facts.jsonl"
    path.write_bytes(content)
    assert main(["replay", str(path)]) == 2
    assert line in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["replay", ""], "FACTS is '', but must be the name of a file, or - for standard input"),
        (["replay", "FOLDER"], "but must be the name of a file, or - for standard input"),
        (["replay", "LOG", "--at", ""], "--at is '', but must be an instant"),
        (["diff", "LOG", "--file", ""], "--file is '', but must be the name of a file"),
        (["diff", "LOG", "--to", "linkedin-2026", "--until", ""], "--until is '', but must be an instant"),
        (["plans", "--file", ""], "--file is '', but must be the name of a file"),
        (["plans", "--economy", ""], "there is no economy ''"),
        ([*FORECAST, "--facts", ""], "--facts is '', but must be the name of a file"),
        ([*FORECAST, "--start", ""], "--start is '', but must be an instant"),
        ([*FORECAST, "--file", ""], "--file is '', but must be the name of a file"),
        (
            [*FORECAST, "--facts", "LOG", "--plan", "sales"],
            "--plan is 'sales', but must be left out with --facts",
        ),
        ([*FORECAST, "--png", ""], "--png is '', but must be a file that ends in .png, .svg or .pdf"),
        (
            [*FORECAST, "--png", "x.txt"],
            "--png is 'x.txt', but must be a file that ends in .png",
        ),
        ([*FORECAST, "--png", "FOLDER"], "but must be a file that ends in .png, .svg or .pdf"),
        (
            [*FORECAST, "--png", "FOLDER/folder.png"],
            "but must be a file, but it is a folder; give a name",
        ),
        ([*FORECAST, "--png", "FOLDER/none/x.png"], "but must be in a folder that exists; make '"),
    ],
)
def test_files_are_checked_before_any_work(
    words: list[str],
    message: str,
    log: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An empty name is not the same as none, and a picture that cannot be drawn costs no simulation."""
    (tmp_path / "folder.png").mkdir()
    monkeypatch.setattr(
        "inmail_credits.forecasting.forecast", lambda *_, **__: pytest.fail("it has begun to work")
    )
    named = [word.replace("FOLDER", str(tmp_path)).replace("LOG", str(log)) for word in words]
    assert main(named) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert message in captured.err


def test_a_picture_in_a_locked_folder_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is there, but must not be written to."""
    monkeypatch.setattr("os.access", lambda *_: False)
    assert main([*FORECAST, "--png", str(tmp_path / "fan.png")]) == 2
    assert "but must be in a place that may be written to" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".svg", ".pdf", ".PNG"])
def test_a_picture_may_be_of_other_formats(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the message names can be drawn."""
    picture = tmp_path / f"fan{ending}"
    assert main([*FORECAST, "--plan", "career", "--png", str(picture)]) == 0
    assert f"wrote {picture}" in capsys.readouterr().out
    assert picture.stat().st_size > 1_000


def test_ctrl_c_is_one_line_and_status_130(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped run says so, without a traceback."""

    def stop(_facts: object) -> Account:
        raise KeyboardInterrupt

    monkeypatch.setattr("inmail_credits.account.Account.replay", stop)
    assert main(["replay", str(log)]) == 130
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "inmail-credits: stopped\n")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
@pytest.mark.parametrize("words", [["plans", "--json"], ["plans", "--economy", "linkedin-2019"]])
def test_a_broken_pipe_is_quiet(words: list[str]) -> None:
    """`inmail-credits plans | head -1` prints one line, and nothing about a pipe when Python ends."""
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        result = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-P", "-m", "inmail_credits", *words],
            stdout=write_end,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=buffered,
        )
    finally:
        os.close(write_end)
    assert (result.returncode, result.stderr) == (0, "")


def test_the_package_runs_as_a_module() -> None:
    """`python -m inmail_credits` is the command."""
    result = subprocess.run(
        [sys.executable, "-m", "inmail_credits", "plans", "--economy", "linkedin-2019"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "recruiter-lite" in result.stdout

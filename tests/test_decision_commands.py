"""The commands ``pace`` and ``value``, and the pages of the three that draw one chart."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from inmail_credits import Account, economies, wire
from inmail_credits.cli import main
from inmail_credits.forecasting import pace, target
from inmail_credits.simulation import Outreach, Replies, Sends

KNOWN = ["--plan", "business", "--balance", "12", "--renews-on", "2026-12-05", "--start", "2026-11-20"]
PACE = ["pace", *KNOWN, "--reply-rate", "0.27", "--paths", "200"]
BUSINESS = economies.LINKEDIN_2019["business"]


@pytest.fixture
def prospects(tmp_path: Path) -> Path:
    """Three people, one of whom is worth ten times as much."""
    file = tmp_path / "prospects.csv"
    file.write_text("\ufeffname,odds,value,town\nana,0.35,1,Rome\nbo,0.05,10,\ncy,0.6,1,Oslo\n", "utf-8")
    return file


def known() -> Account:
    """What the words above say."""
    return Account.from_balance(BUSINESS, balance=12, at=date(2026, 11, 20), renews_on=date(2026, 12, 5))


def test_the_pace_is_that_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a balance, and of a log."""
    assert main([*PACE, "--json"]) == 0
    outreach = Outreach(sends=Sends.poisson(per_week=1), replies=Replies(rate=0.27))
    expected = pace(known(), outreach, start=date(2026, 11, 20), rng=7, paths=200)
    assert json.loads(capsys.readouterr().out) == expected.to_dict()
    assert main(PACE) == 0
    assert capsys.readouterr().out == f"{expected}\n"


def test_the_pace_of_a_log_begins_at_its_latest_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of the plan is given twice."""
    account = Account.open(BUSINESS, at=date(2026, 1, 1))
    account.send("m", at=date(2026, 1, 9))
    log = tmp_path / "facts.jsonl"
    log.write_text(wire.dumps(account.facts), "utf-8")
    assert main(["pace", "--facts", str(log), "--reply-rate", "0.2", "--paths", "50", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["at"] == "2026-01-09T00:00:00Z"
    assert main(["pace", "--facts", str(log), "--balance", "3", "--reply-rate", "0.2"]) == 2
    assert "--balance is 3, but must be left out with --facts" in capsys.readouterr().err


def test_the_value_ranks_the_people_of_the_list(prospects: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the library does, by name; columns of one's own are kept."""
    words = ["value", str(prospects), "--per-day", "2", *KNOWN]
    assert main([*words, "--json"]) == 0
    frame = pd.read_csv(prospects, encoding="utf-8-sig").set_index("name")
    expected = target(frame, known(), per_day=2, start=date(2026, 11, 20))
    assert json.loads(capsys.readouterr().out) == expected.to_dict()
    assert main([*words, "--rows", "1"]) == 0
    printed = capsys.readouterr().out
    assert "cy   60 %" in printed or "cy  60 %" in printed
    assert "... and 2 more" in printed


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: not a CSV file with a header"),
        ("name,chance\nana,0.3\n", "columns of prospects"),
        ("name,odds\nana,2\n", "odds of prospect 'ana' is 2"),
    ],
)
def test_a_list_that_is_none_is_refused_in_one_line(
    prospects: Path, content: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the line or the person."""
    prospects.write_text(content, "utf-8")
    assert main(["value", str(prospects), "--per-day", "2", *KNOWN]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--reply-rate", "0.2"], "--plan is None, but must be given where there is no log"),
        (["--reply-rate", "0.2", "--plan", "gold"], "no plan 'gold'"),
        (["--reply-rate", "0.2", "--plan", "business", "--balance", "3"], "--renews-on is None"),
        ([*KNOWN, "--reply-rate", "2"], "must be a number from 0 to 1"),
        ([*KNOWN, "--reply-rate", "0.2", "--html", "a.txt"], "a file that ends in .html"),
    ],
)
def test_what_a_pace_does_not_know_is_asked_for(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit status 2."""
    assert main(["pace", *words]) == 2
    assert said in capsys.readouterr().err


def test_pictures_and_pages_are_written(
    tmp_path: Path, prospects: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each page has what was printed and a chart, and fetches nothing."""
    roster = tmp_path / "roster.csv"
    roster.write_text("name,plan,per_week,reply_rate\nana,career,2,0.31\nbo,recruiter-lite,9,0.22\n", "utf-8")
    team = ["team", str(roster), "--start", "2026-01-01", "--months", "1", "--paths", "20"]
    sweep = ["sweep", "--plan", "career", "--per-week", "1", "3", "--reply-rate", "0.1", "0.4"]
    for words in (
        PACE,
        team,
        [*team, "--pool", "recruiter-corporate", "--pool-economy", "linkedin-2026"],
        ["value", str(prospects), "--per-day", "2", *KNOWN],
        [*sweep, "--start", "2026-01-01", "--months", "1", "--paths", "20"],
    ):
        png, html = tmp_path / f"{words[0]}.png", tmp_path / f"{words[0]}.html"
        assert main([*words, "--png", str(png), "--html", str(html)]) == 0
        printed = capsys.readouterr().out
        assert printed.endswith(f"wrote {png}\nwrote {html}\n")
        assert png.read_bytes()[1:4] == b"PNG"
        page = html.read_text("utf-8")
        assert printed.splitlines()[0] in page
        assert "<svg" in page or "data:image" in page
        assert 'src="http' not in page

"""The command ``sweep``, and presets with the size of their sample."""

import json
from datetime import date
from pathlib import Path

import pytest

from inmail_credits import economies
from inmail_credits.cli import main
from inmail_credits.forecasting import sweep

WORDS = ["sweep", "--plan", "career", "--per-week", "1", "3", "--reply-rate", "0.1", "0.4"]
REST = ["--start", "2026-01-01", "--months", "2", "--paths", "50"]


def test_the_grid_is_that_of_the_library(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The JSON has every cell of the library's sweep; the picture is drawn."""
    picture = tmp_path / "map.png"
    assert main([*WORDS, *REST, "--json", "--png", str(picture)]) == 0
    found = json.loads(capsys.readouterr().out)
    expected = sweep(
        economies.LINKEDIN_2019["career"],
        per_week=[1, 3],
        reply_rate=[0.1, 0.4],
        start=date(2026, 1, 1),
        months=2,
        paths=50,
        rng=7,
    ).to_frame()
    assert found["sent"] == expected["sent"].tolist()
    assert found["run_dry_error"] == expected["run_dry_error"].tolist()
    assert picture.read_bytes()[1:4] == b"PNG"


def test_the_table_has_a_row_a_rate_and_a_column_a_volume(capsys: pytest.CaptureFixture[str]) -> None:
    """A figure that does not exist is refused in one line, with those that do."""
    assert main([*WORDS, *REST, "--figure", "sent"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split("  ")[1] == "reply rate"
    assert [line.split()[0] for line in lines[2:4]] == ["10", "40"]
    assert main([*WORDS, *REST, "--figure", "luck"]) == 2
    assert "no figure of a sweep 'luck'" in capsys.readouterr().err


def test_a_preset_says_on_how_many_messages_it_rests(capsys: pytest.CaptureFixture[str]) -> None:
    """Recruiter InMails were 121,727; the rate is not taken as exact."""
    words = ["forecast", "--plan", "career", "--sends-per-week", "2", "--replies", "recruiter-inmails"]
    assert main([*words, *REST]) == 0
    text = capsys.readouterr().out
    assert "121,727 messages" in text
    assert "taken as exact" not in text

"""The command ``compare``: plans beside each other, with their prices."""

import json
from pathlib import Path

import pytest

from inmail_credits.cli import main

WORDS = ["compare", "--per-week", "5", "--reply-rate", "0.27", "--start", "2026-01-01", "--months", "2"]
PRICES = ["--paths", "200", "--prices", "career=30", "business=60", "sales=80", "recruiter-lite=170"]


def test_a_plan_a_row_with_its_cost_and_the_cheapest_that_is_enough(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Four plans, their costs, one verdict; a picture and a page beside it."""
    picture, page = tmp_path / "compared.png", tmp_path / "compared.html"
    extra = ["--sent-share", "0.9", "--png", str(picture), "--html", str(page)]
    assert main([*WORDS, *PRICES, *extra]) == 0
    text = capsys.readouterr().out
    for plan in ("career", "business", "sales", "recruiter-lite"):
        assert f"  {plan} " in text
    assert "Cheapest that sends 90 % of the messages wanted: sales." in text
    assert picture.read_bytes()[1:4] == b"PNG"
    assert "<html" in page.read_text(encoding="utf-8")


def test_economies_side_by_side_keep_their_labels_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """Plans of one name are called by their economies; without prices there is no verdict."""
    words = ["--economy", "linkedin-2014", "linkedin-2015", "--paths", "20", "--json"]
    assert main([*WORDS, *words]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(set(found["plan"])) == len(found["plan"])
    assert found["cheapest"] is None
    assert {"sent", "sent_error", "run_dry", "run_dry_error"} <= found.keys()


def test_a_price_of_a_plan_that_is_not_compared_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and status 2."""
    assert main([*WORDS, "--paths", "20", "--prices", "gold=30"]) == 2
    assert "'gold'" in capsys.readouterr().err


def test_a_plan_without_a_price_has_no_cost(capsys: pytest.CaptureFixture[str]) -> None:
    """A hyphen stands where there is nothing to show."""
    assert main([*WORDS, "--paths", "20", "--prices", "business=60"]) == 0
    text = capsys.readouterr().out
    (career,) = (line.split() for line in text.splitlines() if line.startswith("  career "))
    assert career[-3:] == ["-", "-", "-"]
    assert "nan" not in text

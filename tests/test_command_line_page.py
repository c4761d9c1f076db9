"""The page of the command line shows every command there is."""

import re
from pathlib import Path

import pytest

from inmail_credits.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "command-line.md"


def commands(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The names that ``inmail-credits --help`` lists."""
    with pytest.raises(SystemExit):
        main(["--help"])
    return re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.MULTILINE)


def test_every_command_has_a_section_with_an_example_and_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The sections are executed when the site is built."""
    page = PAGE.read_text(encoding="utf-8")
    names = commands(capsys)
    assert {"plans", "forecast", "diff"} < set(names)
    for name in names:
        (section,) = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
        assert f'run("{name} --help")' in section
        assert len(re.findall(rf'run\("{name} ', section)) > 1
        assert f"[`{name}`](#{name})" in page

"""The survivors that ``docs/mutants.md`` explains."""

import re
from pathlib import Path

import pytest

import inmail_credits

PAGE = Path(__file__).parents[2] / "docs" / "mutants.md"
EXPLAINED = re.findall(r"^- ([\w.]+): `(.+)` -> `.+`$", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("module", "line"), sorted(set(EXPLAINED)))
def test_what_is_explained_stands_in_the_code(module: str, line: str) -> None:
    """A line that has changed since is explained by nothing, and its mutants are to be tried again."""
    code = Path(inmail_credits.__file__).parent.joinpath(*module.split(".")).with_suffix(".py")
    assert line in [each.strip() for each in code.read_text("utf-8").splitlines()]

"""The notebooks run from top to bottom, and so does the page of the command line."""

import re
import warnings
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

DOCS = Path(__file__).parents[1] / "docs"
PAGES = (*sorted((DOCS / "notebooks").glob("*.md")), DOCS / "command-line.md")
CELL = re.compile(r"^```\{code-cell\}\n(?::tags:.*\n\n)?(.*?)^```", re.MULTILINE | re.DOTALL)


def cells(page: Path) -> list[str]:
    """The code of a page, cell by cell."""
    return CELL.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [page for page in PAGES if cells(page)], ids=lambda page: page.stem)
def test_a_notebook_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, in an empty folder; what is ours must not warn."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    with mpl.rc_context({"backend": "agg"}), warnings.catch_warnings():
        warnings.simplefilter("error")
        for number, code in enumerate(cells(page), 1):
            exec(compile(code, f"{page.name}, cell {number}", "exec"), names)  # noqa: S102 - our own page
    plt.close("all")


def test_every_notebook_is_in_the_gallery_and_ends_in_words() -> None:
    """A question as its title, cells, and what follows from them at the end."""
    gallery = (DOCS / "notebooks" / "index.md").read_text(encoding="utf-8")
    notebooks = [page for page in (DOCS / "notebooks").glob("*.md") if page.stem != "index"]
    assert len(notebooks) == 7
    for page in notebooks:
        text = page.read_text(encoding="utf-8")
        title = re.search(r"^# (.*)$", text, re.MULTILINE)
        assert title is not None
        assert f"[{title[1]}]({page.name})" in gallery
        assert len(cells(page)) >= 4
        assert not text.rstrip().endswith("```")

"""The pages name files that exist, and link to pages that exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
SET_PHRASES = re.compile(r"^The (problem|rules? chosen):|\bthe face\b|what people do\b", re.MULTILINE)
"""Openings and figures of speech that the docstrings and pages do without."""
FOLDERS = ("inmail_credits/", "tests/", "docs/", ".ci/")
NAMED = re.compile(r"`([^`\s]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TREE = re.compile(r"^```\{toctree\}\n(.*?)^```", re.MULTILINE | re.DOTALL)


def outside_code(page: Path) -> str:
    """The text of a page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def named_files(page: Path) -> Iterator[str]:
    """Paths of this repository that a page names in backquotes."""
    for name in NAMED.findall(outside_code(page)):
        if name.startswith(FOLDERS):
            yield name


def missing_files(page: Path) -> list[str]:
    """Those of them that are not there; a name with ``*`` needs one file that it matches."""
    return [name for name in named_files(page) if not any(ROOT.glob(name.rstrip("/")))]


def missing_links(page: Path) -> list[str]:
    """Relative links to a file that is not there."""
    targets = [target for target in LINK.findall(outside_code(page)) if "://" not in target]
    return [target for target in targets if not (page.parent / target.partition("#")[0]).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_and_links_only_what_exists(page: Path) -> None:
    """A file that is moved or renamed is moved or renamed in the pages as well."""
    assert missing_files(page) == []
    assert missing_links(page) == []


def test_the_guide_for_contributors_names_the_files_of_every_recipe() -> None:
    """Five recipes, each with the files to touch: three or more that exist."""
    text = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    recipes = {part.splitlines()[0]: part for part in text.split("\n### ")[1:]}
    assert list(recipes) == ["A plan term", "A delay law", "A figure", "A fact kind", "An economy"]
    for title, recipe in recipes.items():
        files = {name for name in NAMED.findall(recipe) if name.startswith(FOLDERS)}
        assert len(files) >= 3, title


def in_contents(page: Path) -> Iterator[Path]:
    """The pages that the tables of contents of a page name."""
    for tree in TREE.findall(page.read_text(encoding="utf-8")):
        for line in tree.splitlines():
            if line and not line.startswith(":"):
                yield from (each.resolve() for each in page.parent.glob(f"{line}.*"))


def test_every_page_is_in_the_contents_of_the_site() -> None:
    """The site begins with ``docs/index.md``; what no table of contents names is not reached from it."""
    pages = {page.resolve() for page in PAGES} - {ROOT / "README.md", ROOT / "docs" / "index.md"}
    assert sorted(pages - {named for page in PAGES for named in in_contents(page)}) == []


def test_every_page_of_docs_is_linked_from_the_readme_or_from_another_page() -> None:
    """A page that nothing links to is not read."""
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target
    }
    linked |= {named for page in PAGES for named in in_contents(page)} | {ROOT / "docs" / "index.md"}
    assert [page.name for page in PAGES if page.name != "README.md" and page.resolve() not in linked] == []


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    """The check itself: it sees a wrong name and a wrong link, and leaves blocks of code alone."""
    page = tmp_path / "page.md"
    page.write_text(
        "`inmail_credits/no_such.py` and `inmail_credits/account.py`, [gone](no-such.md)\n"
        "```python\n`inmail_credits/in_code.py`\n```\n",
        encoding="utf-8",
    )
    assert missing_files(page) == ["inmail_credits/no_such.py"]
    assert missing_links(page) == ["no-such.md"]


def test_every_decision_has_its_alternatives_weighed_and_is_listed() -> None:
    """Numbered from 1 without a gap, each with a table of two alternatives or more, each in the list."""
    notes = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(note.name[:4]) for note in notes] == list(range(1, len(notes) + 1))
    listed = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for note in notes:
        text = note.read_text(encoding="utf-8")
        assert re.findall(r"^#+ (.*)", text, flags=re.MULTILINE)[1:] == [
            "Question",
            "Decision",
            "Alternatives weighed",
            "What follows",
        ], note.name
        weighed = text.partition("| alternative | for | against |\n|---|---|---|\n")[2]
        assert weighed.partition("\n\n")[0].count("\n") >= 1, note.name
        assert f"decisions/{note.name}" in listed, note.name


SOURCES = sorted((ROOT / "inmail_credits").rglob("*.py"))


@pytest.mark.parametrize("path", [*SOURCES, *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_has_a_set_phrase(path: Path) -> None:
    """Plain technical English: no module opens with a phrase that all modules could open with."""
    assert SET_PHRASES.findall(path.read_text(encoding="utf-8")) == []


def test_a_set_phrase_is_found() -> None:
    """The check itself."""
    assert SET_PHRASES.search("Summary.\n\nThe problem: it is hard.") is not None
    assert SET_PHRASES.search("Solves the problem: yes") is None

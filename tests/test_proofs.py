"""Every rule is proven, every proof names a rule, and each rule is in the code and on its page.

The test sources are read, not imported, so that a test file that fails to import is still counted, and the
check itself takes no time.
"""

import ast
import importlib.util
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
RULES_PAGE = TESTS.parent / "docs" / "rules.md"
IDS = frozenset([*(f"R{number}" for number in range(1, 17)), *(f"D{number}" for number in range(1, 21))])
"""The ids of the rulebook: sixteen rules and the decisions."""
UNKNOWN = "a new decision is first counted in IDS (tests/test_proofs.py) and stated in docs/rules.md"

TITLE = re.compile(r"^### ([RD]\d+) ", re.MULTILINE)
ROW = re.compile(r"^\| ([RD]\d+) \| [^|]+ \| (S\d(?:, S\d)*|decision) \|$", re.MULTILINE)
ANY_ID = re.compile(r"\b[RD]\d{1,2}\b")
MARK = "proves"


def marks(source: str) -> dict[str, list[str]]:
    """What each test of a source proves, by the name of the test; a class's marks count for its tests."""
    found: dict[str, list[str]] = {}

    def visit(nodes: Iterable[ast.stmt], inherited: list[str]) -> None:
        for node in nodes:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                own = [*inherited, *(each for mark in node.decorator_list for each in _ids_of(mark))]
                if isinstance(node, ast.ClassDef):
                    visit(node.body, own)
                elif node.name.startswith("test_") and own:
                    found[node.name] = own

    visit(ast.parse(source).body, [])
    return found


def _ids_of(mark: ast.expr) -> list[str]:
    """The ids a decorator names; a starred argument is left to the test that has it."""
    if not (isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == MARK):
        return []
    return [str(each.value) for each in mark.args if isinstance(each, ast.Constant)]


@cache
def all_marks() -> dict[str, list[str]]:
    """What each test of the project proves, by file and name."""
    return {
        f"{path.relative_to(TESTS)}::{name}": ids
        for path in sorted(TESTS.rglob("test_*.py"))
        for name, ids in marks(path.read_text(encoding="utf-8")).items()
    }


@cache
def code_ids() -> set[str]:
    """The ids that the package names where it implements them; the oracle and its like do not count."""
    spec = importlib.util.find_spec("inmail_credits")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    sources = [path for path in package.rglob("*.py") if "testing" not in path.relative_to(package).parts]
    return {each for path in sources for each in ANY_ID.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("pattern", [TITLE, ROW], ids=["headings", "table"])
def test_the_page_states_every_rule_once(pattern: re.Pattern[str]) -> None:
    """Each id has one heading and one row with its source, and there are no others."""
    stated = [match.group(1) for match in pattern.finditer(RULES_PAGE.read_text(encoding="utf-8"))]
    assert sorted(stated) == sorted(IDS), UNKNOWN


def test_every_rule_is_shown_by_an_example() -> None:
    """Under each heading there is an example that is run."""
    page = RULES_PAGE.read_text(encoding="utf-8")
    heads = [*TITLE.finditer(page)]
    ends = [page.find("\n## ", head.end()) for head in heads]
    nexts = [*(head.start() for head in heads[1:]), len(page)]
    for head, following, end in zip(heads, nexts, ends, strict=True):
        text = page[head.end() : min(following, end if end >= 0 else len(page))]
        assert ">>> " in text, f"{head.group(1)} has no example"
        assert re.search(r"Source:\s", text), f"{head.group(1)} has no source"


@pytest.mark.parametrize("rule", sorted(IDS))
def test_every_rule_is_proven_and_in_the_code(rule: str) -> None:
    """An id without a marked test, or that no module names, is a rule nobody keeps."""
    assert [name for name, ids in all_marks().items() if rule in ids], f"no test proves {rule}"
    assert rule in code_ids(), f"no module names {rule}"


def test_no_proof_names_an_unknown_rule() -> None:
    """A mark that names no id of the rulebook proves nothing."""
    unknown = {name: ids for name, ids in all_marks().items() if not IDS.issuperset(ids)}
    assert unknown == {}, UNKNOWN


def test_the_code_names_no_unknown_rule() -> None:
    """An id in the code that the rulebook does not have is a slip."""
    assert code_ids() - IDS == set(), UNKNOWN


def test_an_id_in_a_tests_name_is_among_its_marks() -> None:
    """A test called after a rule proves that rule."""
    for name, ids in all_marks().items():
        named = {each.upper() for each in re.findall(r"(?<=_)[rd]\d{1,2}(?=_)", name.rpartition("::")[2])}
        assert named <= set(ids), f"{name} is not marked with {named - set(ids)}"


EXAMPLE = """
@pytest.mark.proves("R8", "D2")
@given(instants())
def test_one(): ...

@pytest.mark.proves("R4")
class TestAll:
    @pytest.mark.proves("D4")
    def test_two(self): ...
    def helper(self): ...

def test_three(): ...
"""


def test_the_marks_are_read_as_they_are_written() -> None:
    """On functions, on classes for their methods, and nowhere else."""
    assert marks(EXAMPLE) == {"test_one": ["R8", "D2"], "test_two": ["R4", "D4"]}
    assert marks(EXAMPLE.replace('"R8", ', "")) == {"test_one": ["D2"], "test_two": ["R4", "D4"]}

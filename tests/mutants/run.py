"""Mutation testing: faults planted one at a time by Cosmic Ray's operators, and the tests that must see them.

Cosmic Ray says what can be changed and changes it; running every mutant in a fresh interpreter would take
hours, so each runs in a fork of this process, which has pytest and Hypothesis loaded and the package not.
Which tests run a line is found first; a mutant is given those that run its line, the quickest first. It is
killed when a test fails or time runs out; one that cannot even be imported is stillborn and not counted. A
survivor must be explained, word for word, in ``docs/mutants.md``; one that is not fails the run.

    python tests/mutants/run.py [module ...]
"""

import ast
import doctest
import os
import pickle
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from time import monotonic, process_time
from types import CodeType, FrameType, ModuleType
from typing import Protocol, TypeAlias, cast

import hypothesis.stateful
import pytest
from attrs import define, field, frozen
from dateutil import relativedelta

ROOT = Path(__file__).parents[2]
EXPLAINED = ROOT / "docs" / "mutants.md"
CORE = (
    "tests/spec/test_refunds.py",
    "tests/spec/test_contracts.py",
    "tests/spec/test_endings.py",
    "tests/spec/test_purchases.py",
    "tests/spec/test_seat_report.py",
    "tests/test_vectors_credit_grants.py",
    "tests/spec/test_time.py",
    "tests/spec/test_grants.py",
    "tests/spec/test_order.py",
    "tests/spec/test_receipts.py",
    "tests/spec/test_refusals.py",
    "tests/spec/test_zones.py",
    "tests/spec/test_copies.py",
    "tests/spec/test_lifetime.py",
    "tests/spec/test_statements.py",
    "tests/spec/test_snapshots.py",
    "tests/spec/test_conformance.py",
    "tests/spec/test_late_facts.py",
    "tests/spec/test_terms.py",
    "tests/spec/test_spending.py",
    "tests/spec/test_openings.py",
)
WIRE = (
    "tests/wire/test_versions.py",
    "tests/wire/test_lines.py",
    "tests/wire/test_chain.py",
    "tests/wire/test_faults.py",
    "tests/wire/test_schema.py",
)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
"""What examples may leave open, as in every test run."""
MODULES = {
    "ledger.entries": CORE,
    "timeline": CORE,
    "ledger.lots": CORE,
    "ledger._journal": CORE,
    "ledger._rules": CORE,
    "ledger._ledger": CORE,
    "ledger._openings": CORE,
    "ledger._purchases": CORE,
    "ledger._history": CORE,
    "account": CORE,
    "wire._chain": WIRE,
    "wire._codecs": WIRE,
    "wire._events": WIRE,
    "wire._lines": WIRE,
    "wire._salvage": WIRE,
    "wire._strict_json": WIRE,
    "wire._versions": WIRE,
}
"""The modules in which faults are planted, each with the tests that must see them."""
FIRST_TESTS = 12
"""How many tests are run before the rest is collected."""
SECONDS_MAX, WAIT_SECONDS_MAX = 60, 900
"""The most a mutant may take, in seconds of the processor's time and in seconds by the clock."""
LOADED = (pytest, hypothesis.stateful, relativedelta)
STILLBORN, TIMEOUT = 97, "timeout"
Tracer: TypeAlias = Callable[[FrameType, str, object], "Tracer"]
REPLACED = re.compile(
    r"core/(?!ReplaceBinaryOperator|ReplaceBreak|ReplaceComparisonOperator_\w*Is)"
    r"|core/ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_FloorDiv|FloorDiv_Mul|Mod_Mul|BitOr_BitAnd|Pow_Mul)$"
    r"|core/ReplaceComparisonOperator_(Is_IsNot|IsNot_Is)$"
)
"""Of the replacements of an arithmetic operator one each: the others die of the same tests. Identity is only
turned round: it stands between members of an enum and beside ``None``, where it is equality."""


class Operator(Protocol):
    """What is used of a Cosmic Ray operator."""

    def mutation_positions(self, node: object) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Where it can be applied."""


class CosmicRay(Protocol):
    """What is used of Cosmic Ray, which has no types."""

    def operator_names(self) -> Sequence[str]:
        """All operators there are."""

    def get_operator(self, name: str) -> type[Operator]:
        """One of them."""

    def mutate_code(self, code: str, operator: Operator, occurrence: int) -> str | None:
        """The code with the operator applied at one of its places; ``None`` past the last."""


@frozen
class Mutant:
    """One planted fault."""

    module: str
    operator: str
    code: str
    before: str
    after: str
    lines: range
    """The lines of the unharmed code that are changed."""

    def __str__(self) -> str:
        return f"{self.module}: `{self.before}` -> `{self.after}`"


@define
class Planted(MetaPathFinder):
    """Imports one module with other code than its file has."""

    name: str
    path: str
    code: str

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module, if it is the one."""
        if fullname != self.name:
            return None
        return spec_from_file_location(fullname, self.path, loader=PlantedLoader(self))


class PlantedLoader(SourceFileLoader):
    """Compiles the planted code."""

    def __init__(self, planted: Planted) -> None:
        super().__init__(planted.name, planted.path)
        self.planted = planted

    def get_code(self, fullname: str) -> CodeType:
        """The planted code, compiled."""
        assert fullname == self.planted.name
        return compile(self.planted.code, self.planted.path, "exec")


def folder() -> Path:
    """Where the package is installed."""
    spec = find_spec("inmail_credits")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def path_of(module: str) -> Path:
    """The file of a module named within the package, such as ``ledger.lots``."""
    return folder().joinpath(*module.split(".")).with_suffix(".py")


def mutants(module: str) -> Iterator[Mutant]:
    """Every mutant of a module."""
    plugins = cast("CosmicRay", import_module("cosmic_ray.plugins"))
    mutating = cast("CosmicRay", import_module("cosmic_ray.mutating"))
    code = path_of(module).read_text("utf-8")
    seen = {code}
    for name in filter(REPLACED.match, plugins.operator_names()):
        occurrence = 0
        try:
            operator = plugins.get_operator(name)()
        except TypeError:  # it wants arguments: not one of the plain ones
            continue
        while (mutated := mutating.mutate_code(code, operator, occurrence)) is not None:
            occurrence += 1
            if mutated not in seen:
                seen.add(mutated)
                yield Mutant(module, name, mutated, *changed(code, mutated))


def changed(code: str, mutated: str) -> tuple[str, str, range]:
    """The lines that differ, without their indentation, and the numbers they have in ``code``."""
    before, after = code.splitlines(), mutated.splitlines()
    same_start = next(n for n, lines in enumerate(zip(before, after, strict=False)) if lines[0] != lines[1])
    end = same_start + 1 + len(after) - len(before)
    new = " ".join(line.strip() for line in after[same_start:end])
    return before[same_start].strip(), new, range(same_start + 1, same_start + 2)


@define
class Chosen:
    """A pytest plugin: of all tests that are collected only these run, in this order."""

    tests: tuple[str, ...]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Choose and put in order."""
        place = {test: number for number, test in enumerate(self.tests)}
        items[:] = sorted(
            (item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid]
        )


@define
class Watched:
    """Which tests run each statement of a module, and how long each test takes.

    ``imported`` has the lines that importing the module runs: a fault there may show in any test. As a pytest
    plugin it takes both down while the tests run.
    """

    path: str
    seconds: dict[str, float] = field(factory=dict)
    tests_by_line: dict[int, list[str]] = field(factory=dict)
    imported: set[int] = field(factory=set)

    @classmethod
    def of(cls, module: str) -> "Watched":
        """Watch the tests of a module, in a fork; an empty one if they fail."""
        watched = cls(str(path_of(module)))
        reading, writing = os.pipe()
        if not (child := os.fork()):
            silence()
            name = f"inmail_credits.{module}"
            with watched.watch(watched.imported):
                import_module("inmail_credits.wire")
            sound = not doctest.testmod(import_module(name), optionflags=FLAGS).failed and not run_tests(
                MODULES[module], watched
            )
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(watched if sound else cls(watched.path), pipe)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            found: Watched = pickle.load(pipe)  # noqa: S301 - our own bytes
        os.waitpid(child, 0)
        return found

    @contextmanager
    def watch(self, lines: set[int]) -> Iterator[None]:
        """Add the lines of the module that run to ``lines``."""

        def in_module(frame: FrameType, _event: str, _arg: object) -> Tracer:
            lines.add(frame.f_lineno)
            return in_module

        def anywhere(frame: FrameType, _event: str, _arg: object) -> Tracer | None:
            return in_module if frame.f_code.co_filename == self.path else None

        sys.settrace(anywhere)
        try:
            yield
        finally:
            sys.settrace(None)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Take down what one test runs, and how long it takes."""
        lines: set[int] = set()
        start = process_time()
        with self.watch(lines):
            yield
        self.seconds[item.nodeid] = process_time() - start
        for line in lines:
            self.tests_by_line.setdefault(line, []).append(item.nodeid)

    def seeing(self, lines: range) -> list[str]:
        """The tests that run a statement which has one of these lines, the quickest first."""
        around = statement(Path(self.path).read_text("utf-8"), lines)
        if self.imported.intersection(around):
            found = set(self.seconds)
        else:
            found = {test for line in around for test in self.tests_by_line.get(line, ())}
        return sorted(found, key=self.seconds.__getitem__)


def statement(code: str, lines: range) -> range:
    """The lines of the smallest statement that holds these; of one with a body, the lines before it."""
    around = range(1, len(code.splitlines()) + 1)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.stmt) and node.end_lineno is not None:
            first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
            body = getattr(node, "body", None)
            last = max(first, body[0].lineno - 1) if body else node.end_lineno
            if first <= lines.start and lines[-1] <= last and last - first < len(around):
                around = range(first, last + 1)
    return around


def silence() -> None:
    """Print nothing any more."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)


def run_tests(tests: Sequence[str], plugin: object) -> int:
    """Run some tests quietly, up to the first failure."""
    quick = [
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=",
        "--import-mode=importlib",
        "--assert=plain",
    ]
    files = [str(ROOT / test) for test in tests]
    return int(pytest.main([*quick, "-m", "not campaign", "--rootdir", str(ROOT), *files], plugins=[plugin]))


def tried(mutant: Mutant, watched: Watched) -> int | str:
    """Run the tests on a mutant in a fork: 0 if they pass, else the exit code, or ``"timeout"``."""
    if not (tests := watched.seeing(mutant.lines)):
        return 0
    if not (child := os.fork()):
        signal.setitimer(signal.ITIMER_PROF, SECONDS_MAX)
        signal.alarm(WAIT_SECONDS_MAX)
        silence()
        os._exit(lived(mutant, tests))
    _, status = os.waitpid(child, 0)
    return TIMEOUT if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def lived(mutant: Mutant, tests: Sequence[str]) -> int:
    """In the fork: plant the fault, import the package, run the tests."""
    name = f"inmail_credits.{mutant.module}"
    sys.meta_path.insert(0, Planted(name, str(path_of(mutant.module)), mutant.code))
    try:
        import_module("inmail_credits.wire")
    except BaseException:  # noqa: BLE001 - whatever it is, it cannot be imported
        return STILLBORN
    for chosen in (tests[:FIRST_TESTS], tests[FIRST_TESTS:]):
        files = [file for file in MODULES[mutant.module] if any(test.startswith(file) for test in chosen)]
        if files and (result := run_tests(files, Chosen(tuple(chosen)))):
            return result
    return doctest.testmod(import_module(name), optionflags=FLAGS).failed


def main(modules: Sequence[str]) -> int:
    """Try every mutant of the modules; 0 if each was killed or is explained."""
    os.environ["HYPOTHESIS_PROFILE"] = "mutants"
    assert PathFinder.find_spec("inmail_credits") is not None
    explained = EXPLAINED.read_text("utf-8") if EXPLAINED.exists() else ""
    counts: Counter[str] = Counter()
    unexplained = []
    for module in modules:
        start, own, watched = monotonic(), Counter[str](), Watched.of(module)
        if not watched.seconds:
            print(f"The tests of {module} fail without any mutant; mend that first.")
            return 2
        for mutant in mutants(module):
            result = tried(mutant, watched)
            outcome = {0: "survived", STILLBORN: "stillborn"}.get(cast("int", result), "killed")
            if outcome == "survived":
                known = str(mutant) in explained
                outcome = "equivalent" if known else outcome
                unexplained += [] if known else [mutant]
                print(f"  {'explained' if known else 'SURVIVED'}  {mutant}", flush=True)
            own[outcome] += 1
        counts += own
        print(f"{module:<18} {told(own)} in {monotonic() - start:.0f} s", flush=True)
    print(f"{'all':<18} {told(counts)}")
    return 1 if unexplained else 0


def told(counts: Counter[str]) -> str:
    """The score: of the mutants that can be imported, how many were killed."""
    tried_ = counts.total() - counts["stillborn"]
    return (
        f"{tried_:>4} mutants: {counts['killed']} killed, {counts['equivalent']} explained in "
        f"docs/mutants.md, {counts['survived']} survived; score {counts['killed'] / max(tried_, 1):.1%}"
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:] or tuple(MODULES)))

"""Mutation testing of the kernel: the faults of :mod:`run`, planted in the loops that Numba compiles.

The kernel runs uncompiled, on the cases of ``tests/simulation/test_kernel_cases.py``; what the ledger says of
each is worked out once. A fault is planted in a fork of this process by giving the functions of its module
the code of the mutant, so that nothing is imported again, and each mutant costs some hundredths of a second
until a case tells it from the ledger.

    python -P -m tests.mutants.kernel [module ...]
"""

import os
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from time import monotonic, process_time
from types import FrameType, FunctionType, ModuleType
from typing import TypeVar

from attrs import define, field

from tests.mutants.run import EXPLAINED, ROOT, Mutant, Tracer, mutants, path_of, silence, statement, told

MODULES = ("loop", "lots", "settle", "queue", "draws", "recorder", "batch")
"""The modules in which faults are planted: all that stands between the draws and what is kept of a path."""
SECONDS_MORE, TIMES_MAX = 0.5, 3
"""A mutant may take so many seconds, and so many times what its cases take without a fault."""
COMPILING = "core/RemoveDecorator"
"""The decorators of the kernel mean nothing where nothing is compiled: they stay."""
Case = Callable[[], None]
Found = TypeVar("Found")


def cases() -> Iterator[Case]:
    """The cases, each of which raises an error where the kernel is wrong."""
    import campaign  # noqa: PLC0415 - it loads the package
    import fleet_cases  # noqa: PLC0415
    import test_kernel_cases as tests  # noqa: PLC0415

    from inmail_credits.testing import engine_reference, fleet_reference  # noqa: PLC0415

    campaign.case, fleet_cases.fleet_case = cache(campaign.case), cache(fleet_cases.fleet_case)
    tests.team_in_the_middle = cache(tests.team_in_the_middle)
    engine_reference.reference = cache(engine_reference.reference)
    fleet_reference._lived = by_first(fleet_reference._lived)
    for test, seeds in (
        (tests.test_a_small_case_agrees_with_the_ledger, tests.SEEDS),
        (tests.test_what_is_kept_of_all_paths_is_what_they_add_up_to, tests.KEPT),
        (tests.test_a_small_fleet_agrees_with_the_ledger, tests.FLEETS),
        (tests.test_each_message_has_its_own_place_among_the_refunds, tests.REFUNDS),
        (tests.test_a_planned_purchase_needs_what_is_still_sold, tests.BOUGHT),
        (tests.test_a_team_that_goes_on_agrees_with_the_ledger, tests.TEAMS),
    ):
        yield from (partial(test, seed) for seed in seeds)
    yield tests.test_silence_comes_before_a_planned_fact_of_its_instant
    yield tests.test_lots_are_kept_in_burn_order


def by_first(function: Callable[..., Found]) -> Callable[..., Found]:
    """The function, called once for each object that is its first argument."""
    found: dict[int, Found] = {}

    def remembered(first: object, *others: object) -> Found:
        if id(first) not in found:
            found[id(first)] = function(first, *others)
        return found[id(first)]

    return remembered


@define
class Watched:
    """Which cases run each line of the modules, and how long each takes."""

    files: frozenset[str]
    seconds: list[float] = field(factory=list)
    cases_by_line: dict[tuple[str, int], list[int]] = field(factory=dict)

    def run(self, case: Case) -> None:
        """Run a case, and take down what it runs."""
        number, lines = len(self.seconds), set[tuple[str, int]]()

        def in_module(frame: FrameType, _event: str, _arg: object) -> Tracer:
            lines.add((frame.f_code.co_filename, frame.f_lineno))
            return in_module

        def anywhere(frame: FrameType, _event: str, _arg: object) -> Tracer | None:
            return in_module if frame.f_code.co_filename in self.files else None

        sys.settrace(anywhere)
        try:
            case()
        finally:
            sys.settrace(None)
        start = process_time()  # without what the first run remembers
        case()
        self.seconds.append(process_time() - start)
        for line in lines:
            self.cases_by_line.setdefault(line, []).append(number)

    def seeing(self, path: Path, lines: range) -> list[int]:
        """The cases that run a statement which has one of these lines, the quickest first."""
        around = statement(path.read_text("utf-8"), lines)
        found = {case for line in around for case in self.cases_by_line.get((str(path), line), ())}
        return sorted(found, key=self.seconds.__getitem__)


def plant(mutant: Mutant, module: ModuleType) -> None:
    """Give the functions of a module, which others may have imported by name, the code of a mutant."""
    faulty = vars(ModuleType(module.__name__))
    exec(compile(mutant.code, str(module.__file__), "exec"), faulty)  # noqa: S102 - our own code
    for name, value in faulty.items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            getattr(module, name).__code__ = value.__code__
        elif isinstance(value, int):
            setattr(module, name, value)


def tried(mutant: Mutant, module: ModuleType, chosen: Sequence[Case], seconds: float) -> str:
    """Run the cases on a mutant in a fork: whether it ``"survived"``."""
    if not (child := os.fork()):
        signal.setitimer(signal.ITIMER_PROF, SECONDS_MORE + TIMES_MAX * seconds)
        silence()
        warnings.simplefilter("ignore")
        try:
            plant(mutant, module)
            for case in chosen:
                case()
        except BaseException:  # noqa: BLE001 - whatever it is, it is seen
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return "killed" if status else "survived"


def main(modules: Sequence[str]) -> int:
    """Try every mutant of the modules; 0 if each was killed or is explained."""
    os.environ["INMAIL_CREDITS_COMPILE"] = "0"  # before the package is loaded
    sys.path.insert(0, str(ROOT / "tests" / "simulation"))
    names = [f"simulation._engine.{module}" for module in modules]
    ready = list(cases())
    watched = Watched(frozenset(str(path_of(name)) for name in names))
    for case in ready:
        watched.run(case)
    print(f"{len(ready)} cases, {sum(watched.seconds):.1f} s of processor time in all", flush=True)
    explained = EXPLAINED.read_text("utf-8")
    counts: Counter[str] = Counter()
    for name in names:
        start, own, module = monotonic(), Counter[str](), import_module(f"inmail_credits.{name}")
        for mutant in mutants(name):
            if mutant.operator == COMPILING:
                continue
            numbers = watched.seeing(path_of(name), mutant.lines)
            seconds = sum(watched.seconds[number] for number in numbers)
            outcome = tried(mutant, module, [ready[number] for number in numbers], seconds)
            if outcome == "survived":
                outcome = "equivalent" if str(mutant) in explained else outcome
                print(f"  {outcome}  {mutant}", flush=True)
            own[outcome] += 1
        counts += own
        print(f"{name:<28} {told(own)} in {monotonic() - start:.0f} s", flush=True)
    print(f"{'all':<28} {told(counts)}")
    return 1 if counts["survived"] else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:] or MODULES))

"""The layout is the architecture: imports point one way."""

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

LAYERS = (
    {"errors", "_inputs", "_display", "_extras", "_values"},
    {"timeline", "_zones", "plans", "channels", "reach"},
    {"facts", "openings", "_from_balance"},
    {"ledger"},
    {"statements", "account", "contract", "policy"},
    {"wire", "testing"},
    {
        "_charts",
        "simulation",
        "calibration",
        "testing.engine_draws",
        "testing.engine_reference",
        "testing.fleet_crew",
        "testing.fleet_reference",
    },
    {"forecasting"},
    {"cli", "__main__"},
)
CORE_MAY_IMPORT = {"attrs", "dateutil", "inmail_credits"} | set(sys.stdlib_module_names)
NOT_IN_CORE = {"_charts", "simulation", "calibration", "forecasting", "cli", "__main__", "testing"}
ORACLE_MAY_IMPORT = tuple(
    f"inmail_credits.{name}."
    for name in ("errors", "facts", "openings", "plans", "channels", "reach", "timeline", "testing")
)
"""What the oracle takes as given: the facts, the terms of plans, and time."""
ORACLE_SHARES = {f"inmail_credits.ledger.entries.{name}" for name in ("EntryKind", "Cause", "INFLOWS")}
"""Names of movements, which have no behaviour."""
IMPURE = {"random", "time", "os", "pathlib", "io", "secrets", "socket", "subprocess"}


def package_root() -> Path:
    """Where the package under test lies."""
    spec = find_spec("inmail_credits")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def imports_of(path: Path, *, package: str = "inmail_credits") -> set[str]:
    """The full names a file imports, in functions and under conditions too; relative ones made absolute.

    ``package`` is the package the file lies in.
    """
    imports: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            imports |= {f"{origin}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            (name,) = node.args
            assert isinstance(name, ast.Constant), f"{path.name} imports what only the run decides"
            imports.add(str(name.value))
    return imports


def part_of(module: str) -> str:
    """The part a module of the package belongs to: the longest beginning of its name that a layer names."""
    names = module.split(".")
    beginnings = [".".join(names[:length]) for length in range(len(names), 0, -1)]
    return next((each for each in beginnings if any(each in layer for layer in LAYERS)), names[0])


def modules() -> dict[str, set[str]]:
    """Each module of the package, without the package's own name, and what it imports."""
    root = package_root()
    found = {}
    for path in sorted(root.rglob("*.py")):
        names = path.relative_to(root).with_suffix("").parts
        package = ".".join(["inmail_credits", *names[:-1]])
        if names != ("__init__",):
            found[".".join(names).removesuffix(".__init__")] = imports_of(path, package=package)
    return found


MODULES = modules()
CORE = {
    module: found for module, found in MODULES.items() if part_of(module).split(".")[0] not in NOT_IN_CORE
}


def layer_of(part: str) -> int:
    """The number of the layer a part belongs to."""
    return next(number for number, layer in enumerate(LAYERS) if part in layer)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_lies_in_one_layer(module: str) -> None:
    """A new room is given its place before anything may be put in it."""
    assert sum(part_of(module) in layer for layer in LAYERS) == 1, f"no layer names {module}"


@pytest.mark.parametrize("module", MODULES)
def test_a_part_imports_from_its_own_layer_or_below(module: str) -> None:
    """Facts flow to entries to statements, behaviour to simulation to forecasts; never back."""
    for name in MODULES[module]:
        package, _, rest = name.partition(".")
        target = part_of(rest)
        if package == "inmail_credits" and any(target in layer for layer in LAYERS):
            assert layer_of(target) <= layer_of(part_of(module)), f"{module} imports {name}, above it"


@pytest.mark.parametrize("module", CORE)
def test_the_core_needs_attrs_and_dateutil_only(module: str) -> None:
    """The core has no dependency besides the two, reads no clock, and touches nothing outside."""
    packages = {name.partition(".")[0] for name in CORE[module]}
    assert packages <= CORE_MAY_IMPORT, module
    assert not packages & IMPURE, module


def oracle_modules() -> set[str]:
    """The modules that the oracle is made of: it, and all of ``testing`` that it imports, directly or not."""
    reached, waiting = set(), {"testing.oracle"}
    while waiting:
        module = waiting.pop()
        reached.add(module)
        names = {name.removeprefix("inmail_credits.") for name in MODULES[module]}
        nearest = {name if name in MODULES else name.rpartition(".")[0] for name in names}
        waiting |= {each for each in nearest if each.startswith("testing") and each in MODULES} - reached
    return reached


def test_the_oracle_is_made_of_more_than_one_module() -> None:
    """What follows is about all of them: at least these."""
    assert oracle_modules() >= {f"testing.{name}" for name in ("oracle", "run", "memory", "laws")}


@pytest.mark.parametrize("module", sorted(oracle_modules()))
def test_the_oracle_never_sees_the_ledger(module: str) -> None:
    """The oracle is independent of what it judges: it is given facts and plans, and shares only names."""
    ours = {name for name in MODULES[module] if name.split(".")[0] == "inmail_credits"}
    strangers = {name for name in ours if not name.startswith(ORACLE_MAY_IMPORT)}
    assert strangers <= ORACLE_SHARES, f"{module} imports {sorted(strangers - ORACLE_SHARES)}"


PLANTED = """
import inmail_credits.ledger
from .run import Run
from .. import account
from ..ledger import lots
def later():
    from inmail_credits.ledger._ledger import Ledger
    importlib.import_module("inmail_credits.statements")
"""


def test_imports_are_seen_however_they_are_written(tmp_path: Path) -> None:
    """Relative, in a function, or by a call: each is an import."""
    file = tmp_path / "oracle.py"
    file.write_text(PLANTED, encoding="utf-8")
    assert imports_of(file, package="inmail_credits.testing") == {
        "inmail_credits.ledger",
        "inmail_credits.testing.run.Run",
        "inmail_credits.account",
        "inmail_credits.ledger.lots",
        "inmail_credits.ledger._ledger.Ledger",
        "inmail_credits.statements",
    }


def test_importing_the_core_loads_no_numpy() -> None:
    """`import inmail_credits` stays quick: no numerical library is loaded by it."""
    heavy = "{'numpy', 'pandas', 'scipy', 'matplotlib', 'hypothesis', 'argparse'}"
    code = f"import sys, inmail_credits; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert result.stdout.strip() == "[]"

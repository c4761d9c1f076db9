"""The layout is the architecture: imports point one way."""

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

LAYERS = (
    {"errors", "_inputs"},
    {"timeline", "plans", "channels", "reach"},
    {"facts"},
    {"ledger"},
    {"statements", "account", "contract", "policy"},
    {"wire", "testing"},
    {"simulation", "calibration"},
    {"forecasting"},
    {"cli", "__main__"},
)
CORE_MAY_IMPORT = {"attrs", "dateutil", "inmail_credits"} | set(sys.stdlib_module_names)
NOT_IN_CORE = {"simulation", "calibration", "forecasting", "cli", "__main__", "testing"}
IMPURE = {"random", "time", "os", "pathlib", "io", "secrets", "socket", "subprocess"}


def package_root() -> Path:
    """Where the package under test lies."""
    spec = find_spec("inmail_credits")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def imports_of(path: Path) -> set[str]:
    """The full names a file imports."""
    imports: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports |= {f"{node.module}.{alias.name}" for alias in node.names}
    return imports


def modules() -> list[tuple[str, set[str]]]:
    """Each file of the package: the part it belongs to, and what it imports."""
    root = package_root()
    found = [
        (path.relative_to(root).parts[0].removesuffix(".py"), imports_of(path))
        for path in sorted(root.rglob("*.py"))
    ]
    return [(part, imports) for part, imports in found if part != "__init__"]


def layer_of(part: str) -> int:
    """The number of the layer a part belongs to."""
    return next(number for number, layer in enumerate(LAYERS) if part in layer)


@pytest.mark.parametrize(("part", "imports"), modules())
def test_a_part_imports_from_its_own_layer_or_below(part: str, imports: set[str]) -> None:
    """Facts flow to entries to statements, behaviour to simulation to forecasts; never back."""
    for name in imports:
        package, _, rest = name.partition(".")
        target = rest.split(".")[0]
        if package == "inmail_credits" and any(target in layer for layer in LAYERS):
            assert layer_of(target) <= layer_of(part), f"{part} imports {name}, which lies above it"


@pytest.mark.parametrize(("part", "imports"), [found for found in modules() if found[0] not in NOT_IN_CORE])
def test_the_core_needs_attrs_and_dateutil_only(part: str, imports: set[str]) -> None:
    """The core has no dependency besides the two, reads no clock, and touches nothing outside."""
    packages = {name.partition(".")[0] for name in imports}
    assert packages <= CORE_MAY_IMPORT, part
    assert not packages & IMPURE, part


def test_the_oracle_never_sees_the_ledger() -> None:
    """The oracle is independent of what it judges: it shares the names of movements, nothing else."""
    seen = imports_of(package_root() / "testing" / "oracle.py")
    judged = tuple(f"inmail_credits.{part}" for part in ("ledger", "account", "statements"))
    assert {name for name in seen if name.startswith(judged)} == {"inmail_credits.ledger.entries.EntryKind"}


def test_importing_the_core_loads_no_numpy() -> None:
    """`import inmail_credits` stays quick: no numerical library is loaded by it."""
    heavy = "{'numpy', 'pandas', 'scipy', 'matplotlib', 'hypothesis', 'argparse'}"
    code = f"import sys, inmail_credits; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert result.stdout.strip() == "[]"

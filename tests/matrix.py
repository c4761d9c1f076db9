"""The tests on every CPython that can be found, with the newest and with the lowest declared dependencies.

``matrix.py [--python 3.12] [--versions lowest] [pytest arguments ...]`` builds the wheel once, installs it
into an environment of its own for each leg (below ``build/matrix``), runs the tests there, and prints one
table. Where there is no such interpreter, the row says so, and whether the dependencies have wheels for it.
The lowest version of a dependency is the lowest declared one that has a wheel for the interpreter: a release
older than an interpreter has none.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
BUILD: Final = ROOT / "build" / "matrix"
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
RESOLUTIONS: Final = {"newest": "highest", "lowest": "lowest-direct"}
SHOWN: Final = (
    "attrs",
    "python-dateutil",
    "numpy",
    "numba",
    "scipy",
    "pandas",
    "matplotlib",
    "pytest",
    "hypothesis",
)
WHAT_TO_TEST: Final = ("tests", "docs", "README.md", "inmail_credits", "-n", "auto", "--dist", "worksteal")
COUNTS: Final = re.compile(
    r"^=*\s*((?:\d+ \w+,? ?)*\d+ (?:passed|failed|errors?)\b(?:,? ?\d+ \w+)*) in [\d.:() hms]+=*$",
    re.MULTILINE,
)
ASK_WHO: Final = "import sys; print(sys.version.split()[0]); print(sys.executable)"


class Leg(NamedTuple):
    """One row of the table."""

    python: str
    versions: str
    packages: dict[str, str]
    outcome: str
    passed: bool


def uv(*args: str | Path) -> str:
    """Run uv, and give what it prints; its own words of failure are shown.

    Raises:
        subprocess.CalledProcessError: where uv fails.
    """
    command = [sys.executable, "-m", "uv", "--quiet", "--no-progress", *map(str, args)]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


def candidates(python: str) -> list[str]:
    """Where a CPython of that minor version may be: this one, on the path, and what pyenv has."""
    found = [sys.executable, shutil.which(f"python{python}") or ""]
    pyenv = shutil.which("pyenv")
    if pyenv:
        asked = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False)  # noqa: S603
        versions = Path(asked.stdout.strip(), "versions")
        found += [str(each / "bin" / "python") for each in sorted(versions.glob(f"{python}.*"), reverse=True)]
    return [each for each in found if each]


def interpreter(python: str) -> tuple[str, str] | None:
    """The full version and the executable of a CPython of that minor version; ``None`` if none is found."""
    for each in candidates(python):
        try:
            asked = subprocess.run([each, "-c", ASK_WHO], capture_output=True, text=True, check=True)  # noqa: S603
        except (OSError, subprocess.CalledProcessError):
            continue
        version, executable = asked.stdout.split("\n")[:2]
        if version.startswith(f"{python}."):
            return version, executable
    return None


def shown(frozen: str) -> dict[str, str]:
    """The versions that the table shows, of lines ``name==version``."""
    versions = dict(line.strip().split("==") for line in frozen.splitlines() if line.count("==") == 1)
    return {name: versions[name] for name in SHOWN if name in versions}


def wanted(versions: str) -> list[str]:
    """The words that ask uv for the direct dependencies, newest or lowest."""
    which = ["--resolution", RESOLUTIONS[versions], "--only-binary", ":all:"]
    return ["pyproject.toml", "--extra", "forecast", "--group", "test", *which]


def prepare(executable: str, versions: str, home: Path, wheel: Path) -> Path:
    """An environment with those versions and the wheel; its interpreter."""
    shutil.rmtree(home, ignore_errors=True)
    uv("venv", "--python", executable, home)
    python = next(
        path for path in (home / "bin" / "python", home / "Scripts" / "python.exe") if path.exists()
    )
    into = ("pip", "install", "--python", python)
    uv(*into, "--requirements", *wanted(versions))
    uv(*into, "--no-deps", wheel)
    return python


def run_tests(python: Path, arguments: Sequence[str]) -> tuple[str, bool]:
    """The counts that pytest closes with, and whether all went well; what it prints passes through."""
    command = [str(python), "-P", "-m", "pytest", *arguments]
    printed = []
    environment = {"HYPOTHESIS_PROFILE": "matrix"} | os.environ
    with subprocess.Popen(  # noqa: S603 - our own code
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as running:
        for line in running.stdout or ():
            sys.stdout.write(line)
            printed.append(line)
    counts = COUNTS.findall("".join(printed))
    return (
        counts[-1].strip() if counts else f"no result, exit code {running.returncode}"
    ), not running.returncode


def unavailable(python: str, versions: str) -> Leg:
    """The row of an interpreter that is not found: whether its dependencies can be had at all."""
    try:
        lines = uv("pip", "compile", "--python-version", python, "--no-header", *wanted(versions))
    except subprocess.CalledProcessError:
        return Leg(python, versions, {}, "failed: dependencies cannot be resolved", passed=False)
    return Leg(python, versions, shown(lines), "skipped: no such interpreter here; resolved", passed=True)


def leg(python: str, versions: str, wheel: Path, arguments: Sequence[str]) -> Leg:
    """Install and test one combination."""
    found = interpreter(python)
    if found is None:
        return unavailable(python, versions)
    version, executable = found
    print(f"\n=== CPython {version}, {versions} versions ===", flush=True)
    try:
        prepared = prepare(executable, versions, BUILD / f"{python}-{versions}", wheel)
    except subprocess.CalledProcessError:
        return Leg(version, versions, {}, "failed: cannot be installed", passed=False)
    outcome, passed = run_tests(prepared, arguments)
    return Leg(version, versions, shown(uv("pip", "freeze", "--python", prepared)), outcome, passed=passed)


def table(legs: Sequence[Leg]) -> str:
    """The legs, one a line."""
    heads = ("CPython", "versions", *SHOWN, "outcome")
    rows = [
        (each.python, each.versions, *(each.packages.get(name, "-") for name in SHOWN), each.outcome)
        for each in legs
    ]
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (heads, *rows)
    )


def main() -> int:
    """Run the legs asked for; 1 if any failed or none could be run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", action="append", choices=[*PYTHONS, "this"], help="default: all")
    parser.add_argument("--versions", action="append", choices=RESOLUTIONS, help="default: both")
    asked, arguments = parser.parse_known_args()
    this = f"{sys.version_info.major}.{sys.version_info.minor}"
    pythons = [this if each == "this" else each for each in asked.python or PYTHONS]
    uv("build", "--wheel", "--out-dir", BUILD / "wheel", "--clear")
    (wheel,) = (BUILD / "wheel").glob("*.whl")
    legs = [
        leg(python, versions, wheel, arguments or WHAT_TO_TEST)
        for python in pythons
        for versions in asked.versions or RESOLUTIONS
    ]
    print(f"\n{table(legs)}", flush=True)
    tested = [each for each in legs if "passed" in each.outcome]
    return int(not tested or not all(each.passed for each in legs))


if __name__ == "__main__":
    sys.exit(main())

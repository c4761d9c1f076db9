"""The wheel and the sdist as built, in environments with nothing else: ``packages.py``, or ``make packages``.

The sdist is built, and the wheel from it. Each extra is then installed from the wheel alone, with the newest
and with the lowest versions it declares, into an environment of its own (below ``build/packages``), and does
what it is for, away from this repository. Printed with it: what the files weigh, beside their budgets.
"""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import ZipFile

from tests.matrix import RESOLUTIONS, ROOT, uv

BUILD: Final = ROOT / "build" / "packages"
BUDGETS_KB: Final = {".whl": 600, ".gz": 4_000}
"""Above what its modules weigh (563 kB), so that growth is noticed and decided on."""

CORE: Final = """
import sys
from datetime import date
import inmail_credits, inmail_credits.wire as wire
from inmail_credits import Account, economies
account = Account.open(economies.LINKEDIN_2019["career"], at=date(2026, 1, 5))
account.send("m", at=date(2026, 1, 6))
assert account.balance(at=date(2026, 1, 7)) == 2
assert wire.loads(wire.dumps(account.facts)) == list(account.facts)
assert not {"numpy", "numba", "pandas"} & set(sys.modules)
"""
MISSING: Final = """
import importlib
for name, extra in (("simulation", "simulation"), ("forecasting", "forecast"), ("calibration", "forecast")):
    try:
        importlib.import_module(f"inmail_credits.{name}")
    except ImportError as error:
        assert f"inmail-credits[{extra}]" in str(error), error
    else:
        raise SystemExit(f"inmail_credits.{name} was loaded without its libraries")
"""
SIMULATION: Final = """
import sys
from datetime import date
from inmail_credits import economies
from inmail_credits.simulation import Outreach, Replies, Sends, simulate
outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
s = simulate(economies.LINKEDIN_2019["business"], outreach, start=date(2026, 1, 1), days=90, paths=200, rng=7)
assert (s.total("sent") + s.total("refused") == s.total("wanted")).all()
assert "pandas" not in sys.modules
"""
FORECAST: Final = """
import matplotlib
matplotlib.use("Agg")
from datetime import date
from inmail_credits import economies
from inmail_credits.calibration import fit_replies
from inmail_credits.forecasting import forecast
from inmail_credits.simulation import Outreach, Replies, Sends
outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
plan = economies.LINKEDIN_2019["business"]
f = forecast(plan, outreach, start=date(2026, 1, 1), months=3, rng=7, paths=200)
print(f.answer())
f.plot()
"""
COMMANDS: Final = {
    "": (["plans"],),
    "simulation": (["plans"],),
    "forecast": (
        [
            "forecast",
            "--sends-per-week",
            "5",
            "--reply-rate",
            "0.27",
            "--paths",
            "200",
            "--months",
            "3",
            "--start",
            "2026-01-01",
            "--png",
            "fan.png",
        ],
    ),
}
CODE: Final = {
    "": CORE + MISSING,
    "simulation": CORE + SIMULATION,
    "forecast": CORE + SIMULATION.replace('assert "pandas" not in sys.modules\n', "") + FORECAST,
}


class Leg(NamedTuple):
    """One row of the table."""

    extra: str
    versions: str
    packages: int
    outcome: str


def weights(folder: Path) -> list[str]:
    """A line for each file that is too heavy, or holds what it should not, or lacks what it should hold."""
    wrong = []
    for file in sorted(folder.glob("inmail_credits-*")):
        kilobytes, budget = file.stat().st_size / 1_000, BUDGETS_KB[file.suffix]
        print(f"{file.name}: {kilobytes:,.0f} kB, at most {budget:,}")
        if kilobytes > budget:
            wrong.append(f"{file.name} weighs {kilobytes:,.0f} kB")
        names = contents(file)
        wrong += [f"{file.name} holds {name}" for name in names if not belongs(name, file.suffix)]
        wrong += [
            f"{file.name} lacks {needed}"
            for needed in ("inmail_credits/py.typed", "inmail_credits/wire/__init__.py", "LICENSE")
            if not any(name.endswith(needed) for name in names)
        ]
    return wrong


def belongs(name: str, suffix: str) -> bool:
    """Whether a file has its place there: in a wheel modules, the mark of their types, and what pip needs."""
    if "__pycache__" in name or ".venv" in name:
        return False
    return suffix != ".whl" or name.endswith((".py", "/py.typed")) or ".dist-info/" in name


def contents(file: Path) -> list[str]:
    """The names of the files in a wheel or an sdist."""
    if file.suffix == ".whl":
        with ZipFile(file) as wheel:
            return wheel.namelist()
    with tarfile.open(file) as sdist:
        return sdist.getnames()


def leg(extra: str, versions: str, wheel: Path) -> Leg:
    """Install one extra with those versions, and use it."""
    home = BUILD / f"{extra or 'core'}-{versions}"
    shutil.rmtree(home, ignore_errors=True)
    uv("venv", "--python", sys.executable, home)
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / "python"
    declared = ["pyproject.toml", *(["--extra", extra] if extra else [])]
    which = ["--resolution", RESOLUTIONS[versions], "--only-binary", ":all:"]
    uv("pip", "install", "--python", python, "--requirements", *declared, *which)
    uv("pip", "install", "--python", python, "--no-deps", wheel)
    work = home / "work"
    work.mkdir()
    runs = [[str(python), "-I", "-c", CODE[extra]]]
    runs += [[str(scripts / "inmail-credits"), *words] for words in COMMANDS[extra]]
    outcome = "works"
    for run in runs:
        done = subprocess.run(run, cwd=work, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        if done.returncode:
            outcome = "failed"
            print(done.stdout, done.stderr, sep="\n")
    return Leg(
        extra or "(core)", versions, len(uv("pip", "freeze", "--python", python).splitlines()) - 1, outcome
    )


def main() -> int:
    """Build, weigh, install and use; 1 if anything is not as it should be."""
    shutil.rmtree(BUILD, ignore_errors=True)
    uv("build", "--out-dir", BUILD / "dist")
    wrong = weights(BUILD / "dist")
    (wheel,) = (BUILD / "dist").glob("*.whl")
    legs = [leg(extra, versions, wheel) for extra in CODE for versions in RESOLUTIONS]
    print(f"\n{'extra':<12}{'versions':<10}{'packages beside':>16}  outcome")
    for each in legs:
        print(f"{each.extra:<12}{each.versions:<10}{each.packages:>16}  {each.outcome}")
    print(*wrong, sep="\n")
    return int(bool(wrong) or any(each.outcome != "works" for each in legs))


if __name__ == "__main__":
    sys.exit(main())

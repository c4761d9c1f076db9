"""What ``import inmail_credits`` costs beside the two libraries it needs, each in a fresh interpreter."""

import os
import subprocess
import sys
from statistics import median
from time import perf_counter

RUNS = 15
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""As installed: with byte code."""
NEEDED = "import attrs, dateutil.relativedelta"


def seconds(code: str) -> float:
    """The median time of a fresh interpreter that runs ``code``."""
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, env=ENVIRONMENT)  # noqa: S603 - our own code
        times.append(perf_counter() - start)
    return median(times)


def main() -> None:
    """Print the table."""
    bare = seconds("pass")
    needed = seconds(NEEDED) - bare
    ours = seconds("import inmail_credits") - bare
    print(f"{'import':<40}{'ms':>8}{'ratio':>8}")
    print(f"  {NEEDED.removeprefix('import '):<38}{needed * 1e3:>8.0f}{1:>8.2f}")
    print(f"  {'inmail_credits':<38}{ours * 1e3:>8.0f}{ours / needed:>8.2f}   (budget 1.50)")


if __name__ == "__main__":
    main()

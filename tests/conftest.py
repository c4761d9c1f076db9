"""What all tests share: Hypothesis profiles, and a count of the cases that were run."""

import os
from collections import Counter
from typing import Protocol

import pytest
from hypothesis import HealthCheck, Phase, settings


class WorkerController(Protocol):
    """What pytest-xdist hands over for a worker that is done."""

    config: pytest.Config


os.environ.setdefault("MPLBACKEND", "Agg")  # charts open no window

CASES = pytest.StashKey[Counter[str]]()
SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "ci",
    derandomize=True,
    max_examples=60,
    stateful_step_count=20,
    deadline=None,
    database=None,
    suppress_health_check=SLOW_IS_FINE,
)
settings.register_profile(  # what another version changes is seen in few cases
    "matrix", parent=settings.get_profile("ci"), max_examples=15
)
settings.register_profile(
    "dev", max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=SLOW_IS_FINE
)
settings.register_profile(
    "campaign",
    max_examples=1_000,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=SLOW_IS_FINE,
)
settings.register_profile(
    "mutants",
    parent=settings.get_profile("ci"),
    max_examples=9,
    stateful_step_count=15,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


def pytest_configure(config: pytest.Config) -> None:
    """Start counting."""
    config.stash[CASES] = Counter()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of pytest-xdist: hand the count over."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        counted = session.config.stash[CASES]
        output["cases"] = dict(counted)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    """Add up what the workers of pytest-xdist counted."""
    output = getattr(node, "workeroutput", {})
    counted = node.config.stash[CASES]
    counted.update(output.get("cases", {}))


@pytest.fixture(scope="session")
def cases(pytestconfig: pytest.Config) -> Counter[str]:
    """Where a test counts what it ran, by name; printed at the end of the run."""
    return pytestconfig.stash[CASES]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell how many cases were run, so that the number can be quoted."""
    counted = config.stash[CASES]
    if counted:
        terminalreporter.section("cases run")
    for name, count in sorted(counted.items()):
        terminalreporter.write_line(f"{count:>12,}  {name}")

"""The class that pytest users subclass: each directed case is a test, skips have reasons, failures a rule."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
MINE = """
from career_ledger import CareerAdapter
from inmail_credits.testing.pytest_suite import LedgerConformance

class TwoRefunds(CareerAdapter):
    def record(self, *facts):
        super().record(*facts)
        if facts[0].type == "replied":
            self.ledger.open_messages[facts[0].message_id] = True

class TestRight(LedgerConformance):
    histories, seed = 3, 1

    def subject(self):
        return CareerAdapter()

class TestWrong(TestRight):
    def subject(self):
        return TwoRefunds()

class TestForgotten(LedgerConformance):
    pass
"""


def run_pytest(folder: Path, *arguments: str) -> str:
    """What pytest prints of a file of a user's own, in a process of its own."""
    (folder / "test_mine.py").write_text(MINE, encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(EXAMPLES), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-P", "-m", "pytest", "-rsfE", "-p", "no:cacheprovider", *arguments]
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(  # noqa: S603 - our own words
        command, capture_output=True, text=True, check=False, cwd=folder, env=environment
    )
    return done.stdout


def test_a_right_ledger_passes_and_what_it_leaves_out_is_skipped_with_the_reason(tmp_path: Path) -> None:
    """No failure; the reasons name capabilities; edges and random histories are tests too."""
    printed = run_pytest(tmp_path, "-v", "-k", "TestRight")
    assert (
        "test_mine.py::TestRight::test_case[R8-a-credit-lives-90-days-which-are-not-three-months] PASSED"
        in printed
    )
    assert "left out: own_plans, reply_windows, silence_refunds" in printed
    assert "test_mine.py::TestRight::test_edges PASSED" in printed
    assert "test_mine.py::TestRight::test_histories PASSED" in printed
    assert "FAILED" not in printed


def test_a_fault_fails_the_tests_of_its_rule_by_name(tmp_path: Path) -> None:
    """``-k "D8-"`` chooses a rule; the failure names rule, case and history."""
    printed = run_pytest(tmp_path, "-k", "TestWrong and D8-")
    assert "FAILED test_mine.py::TestWrong::test_case[D8-a-second-reply-gives-nothing-back]" in printed
    assert "D8, case 'a second reply gives nothing back': the balance at" in printed
    assert "2026-02-03T09:00:00Z replied message_id='m'" in printed
    assert "2 failed" in printed


def test_a_class_without_a_subject_says_what_is_missing(tmp_path: Path) -> None:
    """The one method that has to be written."""
    printed = run_pytest(tmp_path, "-k", "TestForgotten and test_edges")
    assert "TestForgotten has no subject(); define it, and return a new ledger from it" in printed

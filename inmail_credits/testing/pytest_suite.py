"""The conformance suite as pytest users expect it: a class to subclass, each directed case a test of its own.

Needs pytest and Hypothesis.

Example:
    >>> from inmail_credits.testing.conformance import AccountAdapter, LedgerAdapter
    >>> class TestMyLedger(LedgerConformance):
    ...     def subject(self) -> LedgerAdapter:
    ...         return AccountAdapter()
"""

from typing import ClassVar

import pytest

from inmail_credits.testing.conformance.adapter import LedgerAdapter
from inmail_credits.testing.conformance.case import Case
from inmail_credits.testing.conformance.cases import CASES
from inmail_credits.testing.conformance.check import HISTORIES, STEPS_MAX, check_histories, random_settings
from inmail_credits.testing.conformance.directed import run_case, run_edges
from inmail_credits.testing.conformance.failure import NotConformingError


class LedgerConformance:
    """Subclass it as ``class TestMyLedger(LedgerConformance)`` and return a new ledger from :meth:`subject`.

    Each directed case is a test, ``test_case[R8-a-credit-lives-...]``, skipped where the ledger leaves out
    what it needs; ``pytest -k "R8-"`` runs those of one rule. Edges and random histories are one test each.

    Attributes:
        histories: how many random histories are tried.
        steps: how many steps each of them has at most.
        seed: of the random histories; ``None`` for other ones in each run.
    """

    histories: ClassVar[int] = HISTORIES
    steps: ClassVar[int] = STEPS_MAX
    seed: ClassVar[int | None] = None

    def subject(self) -> LedgerAdapter:
        """A new ledger, to which nothing has happened."""
        msg = f"{type(self).__name__} has no subject(); define it, and return a new ledger from it"
        raise NotImplementedError(msg)

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
    def test_case(self, case: Case) -> None:
        """The ledger does in a directed case what its rule says."""
        if left_out := case.needs & frozenset(self.subject().without):
            pytest.skip(f"left out: {', '.join(sorted(left_out))}")
        failure = run_case(case, self.subject)
        if failure is not None:
            raise NotConformingError((failure,))

    def test_edges(self) -> None:
        """The ledger and the oracle say the same after each directed case, about every edge."""
        asked = [case for case in CASES if case.needs.isdisjoint(self.subject().without)]
        failures = [failure for case in asked if (failure := run_edges(case, self.subject)) is not None]
        if failures:
            raise NotConformingError(tuple(failures))

    def test_histories(self) -> None:
        """The ledger and the oracle say the same after random histories at every kind of edge."""
        check_histories(self.subject, settings=random_settings(self.histories, self.steps), seed=self.seed)

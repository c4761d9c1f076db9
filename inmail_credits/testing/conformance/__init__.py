"""The conformance suite: any ledger of these credits, held against the rules and the oracle.

Write an adapter, a subclass of :class:`LedgerAdapter`, and give it to :func:`check`; or subclass
:class:`~inmail_credits.testing.pytest_suite.LedgerConformance`, which makes a test of each directed case.
Needs Hypothesis; the class needs pytest.

Directed cases come first, a few facts for each rule; then random histories at every kind of edge, beside the
oracle. A failure names the rule, the case and the history. What a ledger leaves out it names as a
:class:`Capability`, and the result names it too.
"""

from inmail_credits.testing.conformance.adapter import AccountAdapter, LedgerAdapter
from inmail_credits.testing.conformance.capabilities import CAREER, Capability
from inmail_credits.testing.conformance.case import Ask, Case, Result, Step, Tell
from inmail_credits.testing.conformance.cases import CASES
from inmail_credits.testing.conformance.check import Conformance, check, check_histories
from inmail_credits.testing.conformance.directed import run_case, run_edges
from inmail_credits.testing.conformance.failure import Failure, NotConformingError

__all__ = [
    "CAREER",
    "CASES",
    "AccountAdapter",
    "Ask",
    "Capability",
    "Case",
    "Conformance",
    "Failure",
    "LedgerAdapter",
    "NotConformingError",
    "Result",
    "Step",
    "Tell",
    "check",
    "check_histories",
    "run_case",
    "run_edges",
]

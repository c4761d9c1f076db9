"""The account conforms to the rules: every directed case, then every rule at once after many histories."""

from collections import Counter

import pytest

from inmail_credits.testing.conformance import AccountAdapter, LedgerAdapter, check_histories
from inmail_credits.testing.pytest_suite import LedgerConformance

EVERY_RULE = ("R3", "R4", "R5", "R6", "R7", "R8", "R9")
EVERY_DECISION = tuple(f"D{number}" for number in range(2, 16))


class TestAccount(LedgerConformance):
    """Each directed case as a test of its own."""

    histories = 2

    def subject(self) -> LedgerAdapter:
        """An account to which nothing has happened."""
        return AccountAdapter()


@pytest.mark.proves(*EVERY_RULE, *EVERY_DECISION)
def test_the_account_conforms_to_the_oracle(cases: Counter[str]) -> None:
    """Through late, repeated and shuffled facts, snapshots and previews, both say the same of any instant."""
    check_histories(AccountAdapter, counts=cases)

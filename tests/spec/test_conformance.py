"""The account conforms to the oracle: every rule at once, after every step of many histories."""

from collections import Counter

import pytest

from inmail_credits.testing.conformance import AccountAdapter, check_histories

EVERY_RULE = ("R3", "R4", "R5", "R6", "R7", "R8", "R9")
EVERY_DECISION = tuple(f"D{number}" for number in range(2, 16))


@pytest.mark.proves(*EVERY_RULE, *EVERY_DECISION)
def test_the_account_conforms_to_the_oracle(cases: Counter[str]) -> None:
    """Through late, repeated and shuffled facts, snapshots and previews, both say the same of any instant."""
    check_histories(AccountAdapter, counts=cases)

"""The package's own account keeps every directed case, and each is a test of its own."""

from inmail_credits.testing.conformance import AccountAdapter, LedgerAdapter
from inmail_credits.testing.pytest_suite import LedgerConformance


class TestAccount(LedgerConformance):
    """Few random histories: the test of conformance tries more, and counts them."""

    histories = 2

    def subject(self) -> LedgerAdapter:
        """An account to which nothing has happened."""
        return AccountAdapter()

"""A ledger as the conformance suite sees it, and the package's own account in that shape."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol

from attrs import define

from inmail_credits.account import Account
from inmail_credits.facts import Fact, Opened
from inmail_credits.ledger.entries import EntryKind
from inmail_credits.ledger.outcomes import Receipt
from inmail_credits.testing.laws import Moved
from inmail_credits.testing.memory import LotLeft


class Subject(Protocol):
    """A ledger as the suite sees it: facts go in, answers about any instant come out."""

    @property
    def facts(self) -> Sequence[Fact]:
        """All facts taken in, each with the number under which it was recorded."""

    @property
    def entries(self) -> Sequence[Moved]:
        """Every movement up to the latest fact, in order of time."""

    @property
    def refused(self) -> AbstractSet[str]:
        """The ids of facts that later arrivals made impossible in their place (D13)."""

    def record(self, *facts: Fact) -> Sequence[Moved]:
        """Take in all of these facts or none, and tell what they moved (D13, D14, D15).

        Raises:
            RefusedError: if one of the new facts is impossible in its place.
            FactConflictError: for a known id with other content.
        """

    def preview(self, *facts: Fact) -> Sequence[Moved]:
        """Tell what :meth:`record` would, without doing it."""

    def balance(self, at: datetime) -> int:
        """The credits left at ``at``, past or future."""

    def lots(self, at: datetime) -> Sequence[LotLeft]:
        """What is left of each lot at ``at``, in burn order (D4)."""

    def totals(self, before: datetime) -> Mapping[EntryKind, int]:
        """The credits moved before ``before``, for each kind."""

    def checkpoint(self, at: datetime) -> Opened:
        """The opening that stands for all facts before ``at`` (D17)."""

    def take_snapshot(self) -> None:
        """Remember the present state, if the ledger has such a memory; answers stay the same."""

    def drop_snapshots(self) -> None:
        """Forget remembered states, if the ledger has any; answers stay the same."""


Replay = Callable[[Iterable[Fact]], Subject]
"""Makes the ledger that follows from facts given in any order of arrival (D13)."""


def _moved(receipt: Receipt) -> Sequence[Moved]:
    """What the new facts moved; a repeat tells of what was moved before."""
    return [entry for outcome in receipt.outcomes if not outcome.repeated for entry in outcome.entries]


@define
class AccountSubject:
    """The package's own account as a :class:`Subject`."""

    account: Account

    @classmethod
    def replay(cls, facts: Iterable[Fact]) -> "AccountSubject":
        """The account these facts make."""
        return cls(Account.replay(facts))

    @property
    def facts(self) -> Sequence[Fact]:
        """As the account has them."""
        return self.account.facts

    @property
    def entries(self) -> Sequence[Moved]:
        """As the account has them."""
        return self.account.entries

    @property
    def refused(self) -> AbstractSet[str]:
        """The ids of the account's conflicts."""
        return {conflict.fact.id for conflict in self.account.conflicts}

    def record(self, *facts: Fact) -> Sequence[Moved]:
        """As the account does it."""
        return _moved(self.account.record(*facts))

    def preview(self, *facts: Fact) -> Sequence[Moved]:
        """As the account does it."""
        return _moved(self.account.preview(*facts))

    def balance(self, at: datetime) -> int:
        """As the account tells it."""
        return self.account.balance(at=at)

    def lots(self, at: datetime) -> Sequence[LotLeft]:
        """As the account tells it."""
        return [(lot.received_at, lot.expires_at, lot.left) for lot in self.account.lots(at=at)]

    def totals(self, before: datetime) -> Mapping[EntryKind, int]:
        """As the account tells it."""
        totals = self.account.totals(before=before)
        return {
            EntryKind.OPENING: totals.opening,
            EntryKind.GRANTED: totals.granted,
            EntryKind.REFUNDED: totals.refunded,
            EntryKind.SPENT: totals.spent,
            EntryKind.EXPIRED: totals.expired,
            EntryKind.FORFEITED: totals.forfeited,
        }

    def checkpoint(self, at: datetime) -> Opened:
        """As the account does it."""
        return self.account.checkpoint(at=at)

    def take_snapshot(self) -> None:
        """In the journal."""
        self.account._ledger.journal.take_snapshot()  # noqa: SLF001 - a memory aid no caller should need

    def drop_snapshots(self) -> None:
        """In the journal."""
        self.account._ledger.journal.drop_snapshots()  # noqa: SLF001 - as above

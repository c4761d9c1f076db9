"""A ledger as the conformance suite sees it, and the package's own account in that shape."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from attrs import define, field

from inmail_credits.account import Account
from inmail_credits.facts import Fact, Opened
from inmail_credits.ledger.entries import EntryKind
from inmail_credits.ledger.outcomes import Receipt
from inmail_credits.testing.conformance.capabilities import Capability
from inmail_credits.testing.laws import Moved
from inmail_credits.testing.memory import LotLeft


class LedgerAdapter:
    """A ledger under test: facts go in, answers about any instant come out.

    Subclass it: :meth:`record` and :meth:`balance` are always needed, the others belong to a capability that
    can be named in ``without`` instead. A new adapter is an account to which nothing has happened.

    Attributes:
        without: what the ledger leaves out; nothing by default.
    """

    without: AbstractSet[Capability] = frozenset()

    def record(self, *facts: Fact) -> Sequence[Moved] | None:
        """Take in all of these facts or none; one at a time unless the ledger has ``BATCHES`` (D15).

        Instants are aware and in UTC, credits whole numbers. With ``LATE_FACTS`` a fact may be earlier than
        the latest one, with ``REPEATS`` one may come again (D13, D14).

        Returns:
            With ``PREVIEWS``, the movements that the new facts caused in their place.

        Raises:
            RefusedError: if one of the new facts is impossible in its place; nothing has changed.
            FactConflictError: with ``REPEATS``, for a known id with other content; nothing has changed.
        """
        raise NotImplementedError

    def balance(self, at: datetime) -> int:
        """The credits left at ``at``, all that happens at that instant included; asking changes nothing.

        ``at`` is at or after the latest fact, unless the ledger has ``PAST_ANSWERS``.
        """
        raise NotImplementedError

    def lots(self, at: datetime) -> Sequence[LotLeft]:
        """With ``LOTS``: (received_at, expires_at, credits left) of each lot that has some, in burn order."""
        raise NotImplementedError

    def movements(self, until: datetime) -> Iterable[Moved]:
        """With ``MOVEMENTS``: all movements up to and including ``until``, in order of time."""
        raise NotImplementedError

    def totals(self, before: datetime) -> Mapping[EntryKind, int]:
        """With ``TOTALS``: the credits moved before ``before``, for each kind; 0 where none moved."""
        raise NotImplementedError

    def impossible(self) -> AbstractSet[str]:
        """With ``LATE_FACTS``: the ids of facts that later arrivals made impossible in their place (D13)."""
        raise NotImplementedError

    def preview(self, *facts: Fact) -> Sequence[Moved]:
        """With ``PREVIEWS``: what :meth:`record` would return or raise; nothing changes."""
        raise NotImplementedError

    def facts(self) -> Sequence[Fact]:
        """With ``REPLAYS``: all facts taken in, in their order, with the numbers they have there (D13)."""
        raise NotImplementedError

    def replay(self, facts: Iterable[Fact]) -> None:
        """With ``REPLAYS``: on a new account, take in facts in any order, impossible ones included (D13).

        Facts with a recorded number keep it.
        """
        raise NotImplementedError

    def checkpoint(self, at: datetime) -> Opened:
        """With ``CHECKPOINTS``: the opening that stands for all facts before ``at`` (D17)."""
        raise NotImplementedError

    def take_snapshot(self) -> None:
        """Remember the present state, if the ledger has such a memory; answers stay the same."""

    def drop_snapshots(self) -> None:
        """Forget remembered states, if the ledger has any; answers stay the same."""


def _moved(receipt: Receipt) -> Sequence[Moved]:
    """What the new facts moved; a repeat tells of what was moved before."""
    return [entry for outcome in receipt.outcomes if not outcome.repeated for entry in outcome.entries]


@define(eq=False)
class AccountAdapter(LedgerAdapter):
    """The package's own account as a ledger under test; it leaves nothing out."""

    account: Account = field(factory=Account)

    def record(self, *facts: Fact) -> Sequence[Moved]:
        """As the account does it."""
        return _moved(self.account.record(*facts))

    def balance(self, at: datetime) -> int:
        """As the account tells it."""
        return self.account.balance(at=at)

    def lots(self, at: datetime) -> Sequence[LotLeft]:
        """As the account tells it."""
        return [(lot.received_at, lot.expires_at, lot.left) for lot in self.account.lots(at=at)]

    def movements(self, until: datetime) -> Iterable[Moved]:
        """As the account has them up to its latest fact, and as it foresees them after it."""
        account = self.account
        return (
            account.entries if len(account) and until == account.latest_at else account.entries_until(until)
        )

    def totals(self, before: datetime) -> Mapping[EntryKind, int]:
        """As the account tells it."""
        totals = self.account.totals(before=before)
        return {kind: getattr(totals, kind.value) for kind in EntryKind}

    def impossible(self) -> AbstractSet[str]:
        """The ids of the account's conflicts."""
        return {conflict.fact.id for conflict in self.account.conflicts}

    def preview(self, *facts: Fact) -> Sequence[Moved]:
        """As the account does it."""
        return _moved(self.account.preview(*facts))

    def facts(self) -> Sequence[Fact]:
        """As the account has them."""
        return self.account.facts

    def replay(self, facts: Iterable[Fact]) -> None:
        """As the account does it."""
        self.account = Account.replay(facts)

    def checkpoint(self, at: datetime) -> Opened:
        """As the account does it."""
        return self.account.checkpoint(at=at)

    def take_snapshot(self) -> None:
        """In the journal."""
        self.account._ledger.journal.take_snapshot()  # noqa: SLF001 - a memory aid no caller should need

    def drop_snapshots(self) -> None:
        """In the journal."""
        self.account._ledger.journal.drop_snapshots()  # noqa: SLF001 - as above

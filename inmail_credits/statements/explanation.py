"""Why a message cost what it cost, and what became of its credit, from the entries."""

from datetime import datetime
from typing import NamedTuple

from inmail_credits.errors import RefusedError, stamp
from inmail_credits.facts import MessageFact
from inmail_credits.ledger._ledger import Ledger
from inmail_credits.ledger.entries import Entry, EntryKind
from inmail_credits.ledger.lots import Lot
from inmail_credits.ledger.ruling import Ruling
from inmail_credits.ledger.subscription import Message


class Explanation(NamedTuple):
    """What became of the credit of one message.

    Fields:
        message_id: which message.
        sent_at: when it was sent.
        paid_by: the lot that paid, as it was just before; ``None`` if the channel was free. For a message
            sent before the account begins (D17) it is the lot as it stood then.
        passed_over: the other lots with credits then, in burn order: they expire later (D4).
        returned: the entry that gave the credit back; ``None`` if none did.
        settled_as: how the matter was closed; ``None`` while the credit may still come back.
        settled_at: when it was.
        events: each fact about the message, with the ruling on it (or the error, if it is impossible).
    """

    message_id: str
    sent_at: datetime
    paid_by: Lot | None
    passed_over: tuple[Lot, ...]
    returned: Entry | None
    settled_as: Ruling | None
    settled_at: datetime | None
    events: tuple[tuple[MessageFact, Ruling | RefusedError], ...]

    def _repr_html_(self) -> str:
        from inmail_credits._display.html import card_html  # noqa: PLC0415 - loaded where something is shown
        from inmail_credits.statements._cards import explanation_card  # noqa: PLC0415 - as above

        return card_html(explanation_card(self))

    def __str__(self) -> str:
        lines = [f"message {self.message_id!r}"]
        if self.paid_by is not None and all(ruling is not Ruling.SPENT for _, ruling in self.events):
            paid = _lot(self.paid_by, "when it begins")
            lines.append(f"  {stamp(self.sent_at)} sent, before the account begins: paid by {paid}")
        for fact, ruling in self.events:
            decided = ruling.sentence if isinstance(ruling, Ruling) else ruling
            lines.append(f"  {stamp(fact.at)} {fact.type}: {decided}")
            if ruling is Ruling.SPENT and self.paid_by is not None:
                others = len(self.passed_over)
                why = f"the first of {others + 1} to expire" if others else "the only one left"
                lines.append(f"    paid by {_lot(self.paid_by)}, {why} (D4)")
        if self.returned is not None:
            lines.append(
                f"  {stamp(self.returned.at)} back in lot {self.returned.lot} ({self.returned.cause})"
            )
        elif self.settled_as is None and self.paid_by is not None:
            lines.append("  no answer so far: nothing has come back (R6)")
        return "\n".join(lines)


def _lot(lot: Lot, when: str = "before") -> str:
    end = "never expires" if lot.expires_at is None else f"expires {stamp(lot.expires_at)}"
    return f"lot {lot.number} ({lot.cause} {stamp(lot.received_at)}, {end}, {lot.left} left {when})"


def explain(
    message: Message, events: tuple[tuple[MessageFact, Ruling | RefusedError], ...], ledger: Ledger
) -> Explanation:
    """Explain a message from the ledger's journal."""
    lots: tuple[Lot, ...] = ()
    returned = None
    if message.lot:
        journal, sent = ledger.journal, message.sent
        spent = _find(ledger, sent.at, EntryKind.SPENT, sent.message_id)
        if spent < len(journal.entries):
            lots = ledger.holdings.in_burn_order(journal.left_after(spent))
        else:
            lots = (_at_opening(ledger, message.lot),)
        if message.settled_at is not None:
            found = _find(ledger, message.settled_at, EntryKind.REFUNDED, sent.message_id)
            returned = journal.entries[found] if found < len(journal.entries) else None
    return Explanation(
        message.sent.message_id,
        message.sent.at,
        lots[0] if lots else None,
        lots[1:],
        returned,
        message.settled_as,
        message.settled_at,
        events,
    )


def _at_opening(ledger: Ledger, number: int) -> Lot:
    """A lot with what was left of it when the account began."""
    parts = () if ledger.opening is None else ledger.opening.lots
    left = next((part.left for part in parts if part.number == number), 0)
    return ledger.holdings.lots[number]._replace(left=left)


def _find(ledger: Ledger, at: datetime, kind: EntryKind, message_id: str) -> int:
    """The index of the entry of that kind about that message at that instant; the end if there is none."""
    entries = ledger.journal.entries
    index = ledger.journal.index(at, inclusive=False)
    while index < len(entries) and entries[index].at == at:
        if entries[index].kind is kind and entries[index].message_id == message_id:
            return index
        index += 1
    return len(entries)

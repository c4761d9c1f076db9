"""Entries: what follows from the facts, one for each movement of credits.

They add up: ``opening + granted + refunded - spent - expired - forfeited = balance``, after every entry.
Nothing but an entry ever moves a credit, so the entries are at once the history, the proof and the undo log.
"""

from datetime import datetime
from typing import NamedTuple

from inmail_credits._inputs import Choice
from inmail_credits.errors import stamp


class EntryKind(Choice):
    """Which way credits moved."""

    OPENING = "opening"
    """What an account begins with (D17)."""
    GRANTED = "granted"
    """In: an allotment, a seat's share, or credits bought (R1, R3)."""
    REFUNDED = "refunded"
    """In: a credit that came back (R5, D11)."""
    SPENT = "spent"
    """Out: one InMail (R4)."""
    EXPIRED = "expired"
    """Out: unused at the end of the lot's life (R8)."""
    FORFEITED = "forfeited"
    """Out: before that end, by cap, cancellation or switch (D6, D12)."""


class Cause(Choice):
    """Why they moved."""

    OPENING = "opening"
    """The account begins with it; before is unknown (D17)."""
    SCHEDULE = "schedule"
    """The allotment of the plan (R3)."""
    PURCHASE = "purchase"
    """Credits were bought."""
    SEAT = "seat"
    """A seat joined the contract."""
    SEND = "send"
    """One InMail, one credit (R4)."""
    REPLY = "reply"
    """An answer that counts (R5, D9, D10)."""
    SILENCE = "silence"
    """No answer by the end of the window: the rule of 2014."""
    DELIVERY_FAILURE = "delivery_failure"
    """The message never arrived (D11)."""
    AGE = "age"
    """The lot's life is over (R8, D2)."""
    CAP = "cap"
    """The grant would have passed the plan's cap (D6)."""
    CANCEL = "cancel"
    """The subscription ended (D12)."""
    SWITCH = "switch"
    """Credits do not follow to another plan (D12)."""


class Entry(NamedTuple):
    """One movement of credits.

    Fields:
        at: the instant, UTC.
        kind: which way.
        credits: how many, 1 or more.
        lot: the number of the lot they moved in or out of.
        cause: why.
        balance: the credits left in the account after it.
        fact_id: the fact behind it; empty where time alone is the cause.
        message_id: the message concerned, if one is.
    """

    at: datetime
    kind: EntryKind
    credits: int
    lot: int
    cause: Cause
    balance: int
    fact_id: str = ""
    message_id: str = ""

    def __str__(self) -> str:
        about = f" for {self.message_id!r}" if self.message_id else ""
        moved = f"{self.kind} {self.credits} ({self.cause}, lot {self.lot})"
        return f"{stamp(self.at)} {moved}{about}: {self.balance} left"


INFLOWS = frozenset({EntryKind.OPENING, EntryKind.GRANTED, EntryKind.REFUNDED})
"""The kinds that add to the balance; the others take from it."""

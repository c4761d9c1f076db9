"""The ledger: facts in, entries out.

:mod:`~inmail_credits.ledger.entries`, :mod:`~inmail_credits.ledger.lots` and
:mod:`~inmail_credits.ledger.outcomes` are the values it hands out. Inside, ``_rules`` says what each kind of
fact does, ``_ledger`` keeps the state and what time alone does to it, ``_journal`` keeps the entries, and
``_history`` keeps the facts in their order (D13). Use it through :class:`inmail_credits.Account`.
"""

from inmail_credits.ledger.entries import Cause, Entry, EntryKind
from inmail_credits.ledger.lots import Lot
from inmail_credits.ledger.outcomes import Conflict, Impossible, Outcome, Receipt
from inmail_credits.ledger.ruling import Ruling
from inmail_credits.ledger.subscription import Message, Subscription
from inmail_credits.ledger.totals import Totals

__all__ = [
    "Cause",
    "Conflict",
    "Entry",
    "EntryKind",
    "Impossible",
    "Lot",
    "Message",
    "Outcome",
    "Receipt",
    "Ruling",
    "Subscription",
    "Totals",
]

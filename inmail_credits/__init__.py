"""LinkedIn's InMail credit economy: a ledger to trust, and forecasts to decide by.

The core (everything named here) is pure: it takes instants from the caller, reads no clock, touches no
file, and needs only attrs and python-dateutil. Simulation lives in :mod:`inmail_credits.simulation`,
forecasts in :mod:`inmail_credits.forecasting` (``pip install 'inmail-credits[forecast]'``).

Economies are loaded when first asked for: a ledger of one's own plans does without them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from inmail_credits import errors, facts
from inmail_credits.account import Account
from inmail_credits.channels import Channel
from inmail_credits.ledger.entries import Cause, Entry, EntryKind
from inmail_credits.ledger.lots import Lot
from inmail_credits.ledger.outcomes import Conflict, Outcome, Receipt
from inmail_credits.ledger.ruling import Ruling
from inmail_credits.plans import Plan, ReplyKind
from inmail_credits.statements.statement import Grain, Statement
from inmail_credits.timeline import Interval

if TYPE_CHECKING:
    from inmail_credits.plans import Economy, economies

__all__ = [
    "Account",
    "Cause",
    "Channel",
    "Conflict",
    "Economy",
    "Entry",
    "EntryKind",
    "Grain",
    "Interval",
    "Lot",
    "Outcome",
    "Plan",
    "Receipt",
    "ReplyKind",
    "Ruling",
    "Statement",
    "economies",
    "errors",
    "facts",
]


def __getattr__(name: str) -> object:
    if name == "economies":
        return import_module("inmail_credits.plans.economies")
    if name == "Economy":
        return import_module("inmail_credits.plans.economy").Economy
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

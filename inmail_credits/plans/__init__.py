"""Plans and economies: the rules of the credit economy as data (R1, R2).

A :class:`Plan` says how credits are granted and every term they live under; an :class:`Economy` is a named,
dated collection of plans. Those that ship are in :mod:`inmail_credits.plans.economies`, one file each.

:class:`Economy` is loaded when first asked for: a ledger needs plans only.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from inmail_credits.plans.plan import CREDITS_MAX, Plan
from inmail_credits.plans.source import Source, Sureness
from inmail_credits.plans.terms import (
    CancelAt,
    FirstGrant,
    GrantOn,
    OnSwitch,
    RefundOn,
    RefundTo,
    ReplyKind,
    SeatGrant,
)

if TYPE_CHECKING:
    from inmail_credits.plans.economy import Economy

__all__ = [
    "CREDITS_MAX",
    "CancelAt",
    "Economy",
    "FirstGrant",
    "GrantOn",
    "OnSwitch",
    "Plan",
    "RefundOn",
    "RefundTo",
    "ReplyKind",
    "SeatGrant",
    "Source",
    "Sureness",
]


def __getattr__(name: str) -> object:
    if name == "Economy":
        return import_module("inmail_credits.plans.economy").Economy
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

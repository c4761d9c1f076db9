"""Who can be written to, through which channel, at what cost, and how long a text may be (R10-R16)."""

from inmail_credits.reach._reach import (
    INMAIL_COST_CREDITS,
    PREFERENCE,
    Closed,
    Degree,
    Membership,
    Option,
    Page,
    Reach,
    Recipient,
    reach,
)
from inmail_credits.reach._text_limits import TEXT_LIMITS, TextLimit, check_text_limits

__all__ = [
    "INMAIL_COST_CREDITS",
    "PREFERENCE",
    "TEXT_LIMITS",
    "Closed",
    "Degree",
    "Membership",
    "Option",
    "Page",
    "Reach",
    "Recipient",
    "TextLimit",
    "check_text_limits",
    "reach",
]

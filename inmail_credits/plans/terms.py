"""The choices a plan makes where sources differ or are silent, with their alternatives (D7, D9, D12)."""

from inmail_credits._inputs import Choice


class ReplyKind(Choice, what="kind"):
    """How a recipient answered (D9)."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    MESSAGE = "message"
    QUICK_REPLY = "quick_reply"
    AUTOMATIC = "automatic"


class GrantOn(Choice):
    """Which day the allotment comes (R3)."""

    ANNIVERSARY = "anniversary"
    """Counted from the instant of subscribing (D5)."""
    CALENDAR = "calendar"
    """On subscribing, and from then on the first of each calendar month at midnight UTC."""


class RefundOn(Choice):
    """What gives a credit back."""

    REPLY = "reply"
    """An answer of a kind that counts (R5), inside the reply window if there is one (D10)."""
    SILENCE = "silence"
    """No answer of a kind that counts inside the reply window: the rule before 2015, reversed."""


class RefundTo(Choice):
    """Where a credit that is given back lives on (D7)."""

    FRESH = "fresh"
    """A new lot, received when the reply arrives, with a lifetime of its own."""
    ORIGINAL = "original"
    """The lot that paid, with that lot's expiry; worth nothing once that has passed."""


class CancelAt(Choice):
    """When a cancelled subscription and its credits end (D12)."""

    PERIOD_END = "period_end"
    AT_ONCE = "at_once"


class SeatGrant(Choice):
    """When a seat added to a contract brings its allotment."""

    AT_ONCE = "at_once"
    NEXT_GRANT = "next_grant"

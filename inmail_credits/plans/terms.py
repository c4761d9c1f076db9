"""The choices a plan makes where sources differ or are silent, with their alternatives (D5, D7, D9, D12)."""

from inmail_credits._inputs import Choice


class ReplyKind(Choice, what="kind"):
    """How a recipient answered (D9)."""

    ACCEPTED = "accepted"
    """They are interested."""
    DECLINED = "declined"
    """They are not."""
    MESSAGE = "message"
    """A text of their own."""
    QUICK_REPLY = "quick_reply"
    """A ready-made text."""
    AUTOMATIC = "automatic"
    """Sent by no person, such as an out-of-office note."""


class GrantOn(Choice):
    """Which day the allotment comes (R3)."""

    ANNIVERSARY = "anniversary"
    """Counted from the instant of subscribing (D5)."""
    CALENDAR = "calendar"
    """On subscribing, and from then on the first of each calendar month at midnight in the plan's zone."""


class FirstGrant(Choice):
    """What a subscription to a plan that grants on calendar dates brings at its start (D5)."""

    FULL = "full"
    """The whole allotment, whatever the day of the month."""
    PRORATED = "prorated"
    """The share of the days of that month that are left, the first day included; rounded down."""


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
    """With the billing period they are cancelled in."""
    AT_ONCE = "at_once"
    """At the instant of the cancellation."""


class OnSwitch(Choice):
    """What becomes of refunds in flight when the subscription is switched to another plan (D12)."""

    END = "end"
    """They end with the subscription: nothing comes back for its messages."""
    FOLLOW = "follow"
    """They follow to the new subscription, and live there under its terms."""


class SeatGrant(Choice):
    """When a seat added to a contract brings its allotment (D20)."""

    AT_ONCE = "at_once"
    """When it is added, as far as the seats exceed the most there were since the last scheduled grant."""
    NEXT_GRANT = "next_grant"
    """With the next scheduled grant."""

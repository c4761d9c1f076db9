"""What the ledger decides about a fact, and the rule each decision rests on.

A ruling has a short value for programs, such as ``"spent"``, and beside it a sentence for people.
"""

from inmail_credits._inputs import ExplainedChoice


class Ruling(ExplainedChoice):
    """What the ledger decided about a fact: a value to store and match, and its sentence.

    Example:
        >>> Ruling("window_closed").sentence
        'the reply came at or after the end of the reply window (D10)'
        >>> Ruling.SPENT == "spent"
        True
    """

    GRANTED = "granted", "the plan granted its allotment (R3)"
    ENDS = "ends", "the subscription ends, and its credits with it (D12)"
    OPENED = "opened", "the account begins with what is known (D17)"
    TERMS = "terms", "the subscription goes on under other terms (D16)"
    BOUGHT = "bought", "the credits were bought"
    SEATS = "seats", "the contract has another number of seats"
    LIMITED = "limited", "the seat has another limit"
    SPENT = "spent", "one credit was spent (R4)"
    FREE = "free", "the channel is free: no credit was spent (R10, R14, R15)"
    WITHDRAWN = "withdrawn", "withdrawn: its credit will not come back (R9)"
    REFUNDED = "refunded", "the credit came back (R5)"
    UNDELIVERED = "undelivered", "it was never delivered: the credit came back (D11)"
    DELIVERED = "delivered", "an earlier reply proves that it was delivered; nothing comes back (D11)"
    UNANSWERED = "unanswered", "no answer came in time: under this plan the credit came back"
    KEPT = "kept", "answered in time: under this plan the credit stays spent"
    NOT_PAID = "not_paid", "no credit was spent, so none comes back"
    KIND_DOES_NOT_COUNT = (
        "kind_does_not_count",
        "this kind of reply does not count under the plan (D9)",
    )
    WINDOW_CLOSED = "window_closed", "the reply came at or after the end of the reply window (D10)"
    ALREADY_SETTLED = (
        "already_settled",
        "the message was already settled; one refund per message, ever (D8)",
    )
    ALREADY_WITHDRAWN = (
        "already_withdrawn",
        "the message was withdrawn before; nothing comes back (R9, D8)",
    )
    LOT_EXPIRED = "lot_expired", "the credit rejoined its lot, whose life is over: worth nothing (D7)"
    IMPOSSIBLE = "impossible", "it is impossible in its place; it stays recorded and moves nothing (D13)"
    BEFORE_OPENING = (
        "before_opening",
        "sent before the account begins, and not open then: nothing moves (D17)",
    )
    SUBSCRIPTION_OVER = (
        "subscription_over",
        "the subscription it was sent under is over; nothing comes back (D12)",
    )

"""What the ledger decides about a fact, and the rule each decision rests on."""

from enum import StrEnum


class Ruling(StrEnum):
    """What the ledger decided about a fact, and the rule it rests on."""

    GRANTED = "the plan granted its allotment (R3)"
    ENDS = "the subscription ends, and its credits with it (D12)"
    BOUGHT = "the credits were bought"
    SEATS = "the contract has another number of seats"
    LIMITED = "the seat has another limit"
    SPENT = "one credit was spent (R4)"
    FREE = "the channel is free: no credit was spent (R10, R14, R15)"
    WITHDRAWN = "withdrawn: its credit will not come back (R9)"
    REFUNDED = "the credit came back (R5)"
    UNDELIVERED = "it was never delivered: the credit came back (D11)"
    UNANSWERED = "no answer came in time: under this plan the credit came back"
    KEPT = "answered in time: under this plan the credit stays spent"
    NOT_PAID = "no credit was spent, so none comes back"
    KIND_DOES_NOT_COUNT = "this kind of reply does not count under the plan (D9)"
    WINDOW_CLOSED = "the reply came at or after the end of the reply window (D10)"
    ALREADY_SETTLED = "the message was already settled; one refund per message, ever (D8)"
    ALREADY_WITHDRAWN = "the message was withdrawn before; nothing comes back (R9, D8)"
    LOT_EXPIRED = "the credit rejoined its lot, whose life is over: worth nothing (D7)"
    SUBSCRIPTION_OVER = "the subscription it was sent under is over; nothing comes back (D12)"

"""Accounts, statements and explanations as cards, for notebooks."""

from datetime import datetime
from typing import TYPE_CHECKING

from inmail_credits._display.card import Card, Table
from inmail_credits._display.numbers import count

if TYPE_CHECKING:
    from inmail_credits.account import Account
    from inmail_credits.statements.explanation import Explanation
    from inmail_credits.statements.statement import Statement

SIGNS = {"granted": 1, "refunded": 1, "spent": -1, "expired": -1, "forfeited": -1}
LOTS_MAX = 20
"""How many lots a card shows."""


def minute(at: datetime) -> str:
    """An instant in a card, to the minute.

    Example:
        >>> from datetime import UTC
        >>> minute(datetime(2026, 3, 1, 9, 30, 12, tzinfo=UTC))
        '2026-03-01 09:30'
    """
    return f"{at:%Y-%m-%d %H:%M}"


def account_card(account: "Account") -> Card:
    """The balance at the latest fact, and the lots it lies in, soonest to expire first."""
    if not account.facts:
        return Card(title="Account without facts")
    at = account.latest_at
    running = account.subscription(at=at)
    lots = account.lots(at=at)
    rows = [
        (
            str(lot.number),
            str(lot.left),
            minute(lot.received_at),
            "never" if lot.expires_at is None else minute(lot.expires_at),
            str(lot.cause),
        )
        for lot in lots[:LOTS_MAX]
    ]
    plan = "no subscription" if running is None else running.plan.title or running.plan.name
    table = Table(headers=("lot", "left", "received (UTC)", "expires (UTC)", "from"), rows=rows)
    balance = account.balance(at=at)
    return Card(
        title=f"{count(balance, 'credit')} ({plan}) at {minute(at)} UTC",
        tables=[table] if rows else [],
        notes=[
            count(len(account), "fact"),
            *([f"... and {len(lots) - LOTS_MAX} more lots"] if len(lots) > LOTS_MAX else []),
            *(str(conflict) for conflict in account.conflicts[:LOTS_MAX]),
        ],
    )


def statement_card(statement: "Statement") -> Card:
    """The movements of a stretch of time, adding up to the balance."""
    rows = [
        ("opening", str(statement.opening)),
        *(
            (name, f"{sign * getattr(statement, name):+d}")
            for name, sign in (
                ("granted", 1),
                ("refunded", 1),
                ("spent", -1),
                ("expired", -1),
                ("forfeited", -1),
            )
            if getattr(statement, name)
        ),
        ("balance", str(statement.balance)),
    ]
    title = f"{minute(statement.start)} to {minute(statement.end)} UTC"
    return Card(title=title, tables=[Table(headers=("credits", ""), rows=rows)])


def explanation_card(explanation: "Explanation") -> Card:
    """What became of the credit of a message, line by line."""
    first, *lines = str(explanation).splitlines()
    return Card(title=first, notes=[line.strip() for line in lines])

"""The tables of ``sql_ledger.py``, the terms of a subscription, and what is needed of a connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from dateutil.relativedelta import relativedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1) // TICK

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS credit_accounts (account_id TEXT PRIMARY KEY)",
    """CREATE TABLE IF NOT EXISTS credit_requests (
        account_id TEXT NOT NULL, request_id TEXT NOT NULL, content TEXT NOT NULL,
        PRIMARY KEY (account_id, request_id)
    )""",
    """CREATE TABLE IF NOT EXISTS credit_subscriptions (
        account_id TEXT NOT NULL, number INTEGER NOT NULL, started_at BIGINT NOT NULL, ends_at BIGINT,
        is_over INTEGER NOT NULL DEFAULT 0, grants INTEGER NOT NULL DEFAULT 0,
        grant_credits INTEGER NOT NULL, grant_months INTEGER NOT NULL, grant_days INTEGER NOT NULL,
        billing_months INTEGER NOT NULL, billing_days INTEGER NOT NULL,
        lifetime_days INTEGER, cap_credits INTEGER, window_days INTEGER, refund_kinds TEXT NOT NULL,
        refunds_rejoin INTEGER NOT NULL, ends_at_once INTEGER NOT NULL, purchase_max INTEGER NOT NULL,
        PRIMARY KEY (account_id, number)
    )""",
    """CREATE TABLE IF NOT EXISTS credit_purchases (
        account_id TEXT NOT NULL, subscription INTEGER NOT NULL, at BIGINT NOT NULL, credits INTEGER NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS credit_lots (
        account_id TEXT NOT NULL, lot INTEGER NOT NULL, received_at BIGINT NOT NULL, expires_at BIGINT,
        remaining INTEGER NOT NULL CHECK (remaining >= 0),
        PRIMARY KEY (account_id, lot)
    )""",
    """CREATE TABLE IF NOT EXISTS credit_messages (
        account_id TEXT NOT NULL, message_id TEXT NOT NULL, sent_at BIGINT NOT NULL,
        subscription INTEGER, lot INTEGER, is_open INTEGER NOT NULL, is_answered INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (account_id, message_id)
    )""",
    """CREATE TABLE IF NOT EXISTS credit_entries (
        entry {serial}, account_id TEXT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL, cause TEXT NOT NULL,
        lot INTEGER NOT NULL, credits INTEGER NOT NULL CHECK (credits > 0), message_id TEXT
    )""",
)

Row = tuple[object, ...]


class Cursor(Protocol):
    """What is needed of a cursor of the DB-API."""

    def fetchone(self) -> Row | None:
        """The next row."""

    def fetchall(self) -> list[Row]:
        """The rows that are left."""


class Connection(Protocol):
    """What ``sqlite3`` and ``psycopg`` connections in autocommit mode have in common."""

    def execute(self, query: str, parameters: Sequence[object] = ..., /) -> Cursor:
        """Run one statement."""


class ImpossibleError(Exception):
    """What is asked is impossible; nothing has changed once the transaction is rolled back."""


class ConflictError(Exception):
    """A request id that is known with other content."""


@dataclass(frozen=True)
class Terms:
    """The terms of a subscription; an interval is (months, days), one of them 0."""

    grant_credits: int
    grant_every: tuple[int, int]
    billing_every: tuple[int, int]
    lifetime_days: int | None
    cap_credits: int | None
    window_days: int | None
    refund_kinds: frozenset[str]
    refunds_rejoin: bool
    ends_at_once: bool
    purchase_max: int


@dataclass(frozen=True)
class Subscription:
    """A row of subscriptions."""

    number: int
    started_at: int
    ends_at: int | None
    grants: int
    terms: Terms

    def date(self, every: tuple[int, int], count: int) -> int:
        """The date of that number, counted from the start, so that the 31st returns (D5)."""
        months, days = every
        start = EPOCH + self.started_at * TICK
        return micros(start + relativedelta(months=months * count) + timedelta(days=days * count))

    def billing_period(self, at: int) -> tuple[int, int]:
        """The half-open billing period that holds an instant."""
        count = 0
        while self.date(self.terms.billing_every, count + 1) <= at:
            count += 1
        return self.date(self.terms.billing_every, count), self.date(self.terms.billing_every, count + 1)


def micros(at: datetime) -> int:
    """An instant as whole microseconds since 1970."""
    return (at - EPOCH) // TICK

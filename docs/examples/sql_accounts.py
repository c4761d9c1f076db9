"""Accounts of InMail credits in a SQL database: a table of facts, and a row a subscriber to lock.

Runs on SQLite and PostgreSQL as it stands; ``docs/embedding.md`` explains each step. The facts are all that
is stored. An account is replayed from them and kept in memory until somebody else has written.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol, cast

from inmail_credits import Account, Plan, Receipt, wire
from inmail_credits.facts import Fact, Sent, Subscribed

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS inmail_accounts (
        account_id TEXT PRIMARY KEY,
        version BIGINT NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS inmail_facts (
        account_id TEXT NOT NULL REFERENCES inmail_accounts (account_id),
        fact_id TEXT NOT NULL,
        recorded BIGINT NOT NULL,
        message_id TEXT,
        archived INTEGER NOT NULL DEFAULT 0,
        line TEXT NOT NULL,
        PRIMARY KEY (account_id, fact_id)
    )""",
    "CREATE INDEX IF NOT EXISTS inmail_facts_live ON inmail_facts (account_id, archived, recorded)",
    "CREATE INDEX IF NOT EXISTS inmail_facts_sent ON inmail_facts (account_id, message_id)",
)


class Cursor(Protocol):
    """What is needed of a cursor of the DB-API."""

    def fetchone(self) -> tuple[object, ...] | None:
        """The next row."""

    def fetchall(self) -> list[tuple[object, ...]]:
        """The rows that are left."""


class Connection(Protocol):
    """What ``sqlite3`` and ``psycopg`` connections have in common."""

    def execute(self, query: str, parameters: Sequence[object] = ..., /) -> Cursor:
        """Run one statement."""

    def close(self) -> None:
        """Close it."""


class UnknownAccountError(LookupError):
    """No account of that id was opened."""

    def __str__(self) -> str:
        return f"there is no account {self.args[0]!r}; open it first"


class UsedIdError(ValueError):
    """A fact has an id, or sends a message, that a fact before the checkpoint had."""

    def __str__(self) -> str:
        new, old = self.args
        return f"fact {new!r} has the id or the message of {old!r}, before the checkpoint; give it another"


class SeveralCommandsError(ValueError):
    """A command recorded more than the facts of the receipt it returned."""

    def __str__(self) -> str:
        return "a run is one command; record facts that belong together with one account.record(...)"


class SqlAccounts:
    """Accounts in one database, through one connection: make one of these for each thread.

    The connection must be in autocommit mode (SQLite: ``isolation_level=None``, psycopg:
    ``autocommit=True``), since transactions begin and end here. ``postgresql=False`` speaks SQLite.
    """

    def __init__(self, connection: Connection, *, postgresql: bool) -> None:
        self._connection = connection
        self._postgresql = postgresql
        self._kept: dict[str, tuple[int, Account]] = {}

    def create_tables(self) -> None:
        """Create the tables where they do not exist."""
        for statement in SCHEMA:
            self.execute(statement)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def open(self, account_id: str, plan: Plan, *, at: datetime) -> None:
        """Open an account; the same again is no error, with other terms it is a conflict."""
        with self._transaction():
            self.execute(
                "INSERT INTO inmail_accounts VALUES (?, 0) ON CONFLICT (account_id) DO NOTHING", account_id
            )
            version, _ = self._locked(account_id)
            subscribed = Subscribed(plan=plan, at=at, id="opened")
            opened = self.execute(
                "SELECT line FROM inmail_facts WHERE account_id = ? AND fact_id = ?",
                account_id,
                subscribed.id,
            ).fetchone()
            if opened is None:
                self._append(account_id, version, Account.replay([subscribed]).facts)
            else:  # a repeat or a conflict
                Account.replay(wire.loads(cast("str", opened[0]))).record(subscribed)

    def run(self, account_id: str, command: Callable[[Account], Receipt]) -> Receipt:
        """Run one command on an account that is locked meanwhile, and store the facts of its receipt.

        Either the facts are committed, or nothing has changed: a refusal leaves the account as it was, and
        after any other failure the account in memory, which may be ahead of the database, is dropped.
        """
        with self._transaction():
            version, account = self._locked(account_id)
            known = len(account)
            try:
                receipt = command(account)
            finally:
                if len(account) != known:  # from here to the commit it is ahead of the database
                    self._kept.pop(account_id)
            if len(account) != known + len(receipt.facts):
                raise SeveralCommandsError
            version = self._append(account_id, version, receipt.facts)
        self._kept[account_id] = (version, account)
        return receipt

    def read(self, account_id: str) -> Account:
        """The account as last committed, to ask questions of; do not record facts on it."""
        row = self.execute("SELECT version FROM inmail_accounts WHERE account_id = ?", account_id).fetchone()
        return self._loaded(account_id, row)[1]

    def checkpoint(self, account_id: str, *, at: datetime) -> None:
        """Replace the facts before ``at`` by one that stands for them; the old ones are kept, not loaded.

        Where no fact lies before ``at``, as in a second run, nothing changes.
        """
        with self._transaction():
            version, account = self._locked(account_id)
            gone = [fact.id for fact in account.facts if fact.at < at]
            if not gone:
                return
            for fact_id in gone:
                self.execute(
                    "UPDATE inmail_facts SET archived = 1 WHERE account_id = ? AND fact_id = ?",
                    account_id,
                    fact_id,
                )
            self._append(account_id, version, [account.checkpoint(at=at)])
        self._kept.pop(account_id, None)

    # -- inside -----------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.execute("BEGIN" if self._postgresql else "BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            self.execute("ROLLBACK")
            raise

    def _locked(self, account_id: str) -> tuple[int, Account]:
        """The version of an account and the account; nobody else gets it before the transaction ends."""
        query = "SELECT version FROM inmail_accounts WHERE account_id = ?"
        if self._postgresql:  # SQLite's BEGIN IMMEDIATE has locked the whole file
            query += " FOR UPDATE"
        return self._loaded(account_id, self.execute(query, account_id).fetchone())

    def _loaded(self, account_id: str, row: tuple[object, ...] | None) -> tuple[int, Account]:
        if row is None:
            raise UnknownAccountError(account_id)
        version = cast("int", row[0])
        kept = self._kept.get(account_id)
        if kept is not None and kept[0] == version:
            return kept
        lines = self.execute(
            "SELECT line FROM inmail_facts WHERE account_id = ? AND archived = 0 ORDER BY recorded",
            account_id,
        ).fetchall()
        account = Account.replay(wire.read(cast("str", line) for (line,) in lines)) if lines else Account()
        self._kept[account_id] = (version, account)
        return version, account

    def _append(self, account_id: str, version: int, facts: Sequence[Fact]) -> int:
        """Store new facts under the numbers the account gave them; the version after that."""
        for fact in facts:
            message_id = fact.message_id if isinstance(fact, Sent) else None
            used = self.execute(
                """SELECT fact_id FROM inmail_facts
                WHERE account_id = ? AND archived = 1 AND (fact_id = ? OR message_id = ?)""",
                account_id,
                fact.id,
                message_id,
            ).fetchone()
            if used is not None:
                raise UsedIdError(fact.id, used[0])
            self.execute(
                """INSERT INTO inmail_facts (account_id, fact_id, recorded, message_id, line)
                VALUES (?, ?, ?, ?, ?)""",
                account_id,
                fact.id,
                fact.recorded,
                message_id,
                wire.dump_line(fact),
            )
        if facts:
            self.execute(
                "UPDATE inmail_accounts SET version = ? WHERE account_id = ?", version + 1, account_id
            )
        return version + bool(facts)

    def execute(self, query: str, *parameters: object) -> Cursor:
        """Run one statement, its parameters written ``?``."""
        return self._connection.execute(query.replace("?", "%s") if self._postgresql else query, parameters)

"""Databases to embed the ledger in: a file of SQLite, or a PostgreSQL server of the tests' own.

Run as a program, ``python databases.py TARGET ACTION MESSAGE KEY`` sends one message in a process of its own
and writes what came of it; ``ACTION`` is ``send``, or ``die``: to be killed between insert and commit.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Final, TypeVar

from sql_accounts import Cursor, SqlAccounts

from inmail_credits import Account, Receipt
from inmail_credits.errors import InMailCreditsError

EXAMPLES: Final = Path(__file__).parents[2] / "docs" / "examples"
DEBIAN: Final = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of the server, off the path."""
OPENED: Final[list[SqlAccounts]] = []
AccountsT = TypeVar("AccountsT", bound=SqlAccounts)
AT: Final = datetime(2026, 2, 2, 9, tzinfo=UTC)


class Doomed(SqlAccounts):
    """Accounts whose process is killed when it comes to commit."""

    def execute(self, query: str, *parameters: object) -> Cursor:
        """Run a statement, or die."""
        if query == "COMMIT":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(query, *parameters)


def accounts(target: str) -> SqlAccounts:
    """The accounts in a database."""
    return connected(target, SqlAccounts)


def connected(target: str, kind: type[AccountsT]) -> AccountsT:
    """The accounts in a database: a path for SQLite, a connection string for PostgreSQL."""
    if target.startswith("host="):
        opened = kind(import_module("psycopg").connect(target, autocommit=True), postgresql=True)
    else:
        opened = kind(sqlite3.connect(target, isolation_level=None, timeout=60), postgresql=False)
    OPENED.append(opened)
    return opened


def close_all() -> None:
    """Close every connection that was opened here."""
    while OPENED:
        OPENED.pop().close()


def server_programs() -> Path | None:
    """The folder of PostgreSQL's programs; ``None`` where the server is not installed."""
    found = shutil.which("pg_ctl")
    return (
        Path(found).parent
        if found
        else max((each.parent for each in DEBIAN.glob("*/bin/pg_ctl")), default=None)
    )


@contextmanager
def server(programs: Path, folder: Path) -> Iterator[str]:
    """A PostgreSQL server of its own in a new folder, on a socket there; its connection string."""
    as_user: list[str] = []
    if os.getuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(programs / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)  # noqa: S603 - our own words

    run("initdb", "--username", "tests", "--auth", "trust", "--no-sync")
    settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run("pg_ctl", "start", "--wait", "--log", str(folder / "log"), "-o", settings)
    try:
        yield f"host={folder} user=tests dbname=postgres"
    finally:
        run("pg_ctl", "stop", "--mode", "immediate")


def worker(target: str, action: str, message_id: str, key: str) -> "subprocess.Popen[str]":
    """This file as a process of its own."""
    command = [sys.executable, __file__, target, action, message_id, key]
    path = os.pathsep.join(filter(None, (str(EXAMPLES), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603 - our own


def main(target: str, action: str, message_id: str, key: str) -> str:
    """Send one message, or die trying."""
    stored = connected(target, Doomed if action == "die" else SqlAccounts)

    def send(account: Account) -> Receipt:
        return account.send(message_id, at=AT, id=key)

    try:
        receipt = stored.run("a-1", send)
    except InMailCreditsError as error:
        return type(error).__name__
    return "repeated" if receipt.repeated else "sent"


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:]))

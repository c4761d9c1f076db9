"""The second example of the docs: a ledger in SQL tables keeps the rules, and five faults in it are found."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib import import_module
from typing import Any
from unittest import mock

import pytest
import sql_ledger
from dateutil.relativedelta import relativedelta
from sql_adapter import SqlAdapter
from sql_ledger import SqlLedger
from sql_tables import DAY, EPOCH, TICK, Cursor, Subscription, micros

from inmail_credits.testing.conformance import (
    CASES,
    Capability,
    LedgerAdapter,
    NotConformingError,
    check,
    run_case,
)
from inmail_credits.testing.pytest_suite import LedgerConformance

Make = Callable[[], LedgerAdapter]


@pytest.fixture(scope="session")
def sqlite() -> Iterator[Make]:
    """A maker of accounts in one database of SQLite."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    SqlLedger(connection, "", postgresql=False).create_tables()
    yield lambda: SqlAdapter(connection, postgresql=False)
    connection.close()


@pytest.fixture(scope="session")
def postgres(postgresql: str) -> Iterator[Make]:
    """A maker of accounts in one database of PostgreSQL."""
    connection: Any = import_module("psycopg").connect(postgresql, autocommit=True)
    SqlLedger(connection, "", postgresql=True).create_tables()
    yield lambda: SqlAdapter(connection, postgresql=True)
    connection.close()


class TestSqlite(LedgerConformance):
    """Every directed case a test of its own, on SQLite."""

    histories = 5

    @pytest.fixture(autouse=True)
    def _connected(self, sqlite: Make) -> None:
        self.make = sqlite

    def subject(self) -> LedgerAdapter:
        """A new account."""
        return self.make()


def test_on_postgresql_every_directed_case_is_kept(postgres: Make) -> None:
    """The same statements, the other dialect."""
    asked = [case for case in CASES if case.needs.isdisjoint(SqlAdapter.without)]
    failures = [failure for case in asked if (failure := run_case(case, postgres)) is not None]
    assert [str(failure) for failure in failures] == []
    assert len({case.rule for case in asked}) > 25


def test_what_is_left_out_is_named(sqlite: Make) -> None:
    """The result tells what was not asked, and why."""
    result = check(sqlite, histories=0, cases=CASES[:40])
    assert Capability.SILENCE_REFUNDS in result.left_out
    assert "left out: calendar_grants" in str(result)
    assert all(not case.needs.isdisjoint(result.left_out) for case in result.not_asked)


# -- five faults -------------------------------------------------------------------------------------------


def the_newest_burns_first() -> AbstractContextManager[object]:
    """D4: the statement orders lots the other way round."""
    return mock.patch.object(sql_ledger, "BURN_ORDER", "received_at DESC, lot DESC")


def a_day_too_many() -> AbstractContextManager[object]:
    """R8: the statement that finds dead lots, and the one that asks when the next dies, are a day late."""
    late = mock.patch.object(sql_ledger, "EXPIRED", f"expires_at + {DAY} <= ?")
    run = SqlLedger._run

    def wrong(self: SqlLedger, query: str, *parameters: object) -> Cursor:
        return run(self, query.replace("MIN(expires_at)", f"MIN(expires_at + {DAY})"), *parameters)

    stack = ExitStack()
    stack.enter_context(late)
    stack.enter_context(mock.patch.object(SqlLedger, "_run", wrong))
    return stack


def no_message_is_settled() -> AbstractContextManager[object]:
    """D8: the update that settles a message is forgotten, so each reply gives a credit back."""
    return mock.patch.object(SqlLedger, "_settle")


def dates_from_the_previous() -> AbstractContextManager[object]:
    """D5: each date is counted from the previous one, so the 31st never returns."""

    def date(self: Subscription, every: tuple[int, int], count: int) -> int:
        months, days = every
        at = EPOCH + self.started_at * TICK
        for _ in range(count):
            at += relativedelta(months=months, days=days)
        return micros(at)

    return mock.patch.object(Subscription, "date", date)


@contextmanager
def half_a_transaction() -> Iterator[None]:
    """D15: what comes before an impossible command is committed."""
    run, begin, keeps = SqlLedger._run, SqlLedger.transaction, [True]

    def wrong(self: SqlLedger, query: str, *parameters: object) -> Cursor:
        return run(self, "COMMIT" if query == "ROLLBACK" and keeps[-1] else query, *parameters)

    def transaction(self: SqlLedger, *, keep: bool = True) -> AbstractContextManager[None]:
        keeps.append(keep)
        return begin(self, keep=keep)

    with (
        mock.patch.object(SqlLedger, "_run", wrong),
        mock.patch.object(SqlLedger, "transaction", transaction),
    ):
        yield


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (the_newest_burns_first, "D4"),
        (a_day_too_many, "R8"),
        (no_message_is_settled, "D8"),
        (dates_from_the_previous, "D5"),
        (half_a_transaction, "D15"),
    ],
)
def test_a_fault_is_found_and_named(
    sqlite: Make, fault: Callable[[], AbstractContextManager[object]], rule: str
) -> None:
    """By the directed cases, which name the rule that is broken."""
    with fault(), pytest.raises(NotConformingError) as caught:
        check(sqlite, histories=0)
    assert (rule,) in {failure.rules for failure in caught.value.failures}, str(caught.value)

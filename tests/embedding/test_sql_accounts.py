"""The example of the docs: accounts in a SQL database lose nothing and hand nothing out twice."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sql_accounts import Cursor, SeveralCommandsError, SqlAccounts, UsedIdError

from inmail_credits import Account, Plan, Receipt
from inmail_credits.errors import FactConflictError, NoCreditError
from inmail_credits.facts import Sent
from tests.embedding.databases import AT, accounts, close_all, connected, worker

PLAN = Plan(name="own", grant_credits=1, lifetime_days=90)
BETTER = Plan(name="own-2027", grant_credits=5, lifetime_days=90)
OPENED_AT = AT - timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with one open account of one credit."""
    where: str = str(tmp_path / "accounts.db")
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql")
        accounts(where).execute("DROP TABLE IF EXISTS inmail_facts, inmail_accounts")
    stored = accounts(where)
    stored.create_tables()
    stored.open("a-1", PLAN, at=OPENED_AT)
    yield where
    close_all()


class FullDisk(SqlAccounts):
    """Accounts on a disk that is full when it comes to commit."""

    is_full = True

    def execute(self, query: str, *parameters: object) -> Cursor:
        """Run a statement, or fail."""
        if query == "COMMIT" and self.is_full:
            raise OSError("the disk is full")
        return super().execute(query, *parameters)


def sending(message_id: str, key: str = "", *, days: int = 0) -> Callable[[Account], Receipt]:
    """A command that sends a message."""
    return lambda account: account.send(message_id, at=AT + timedelta(days=days), id=key)


def outcomes(target: str, jobs: list[tuple[str, str, str]]) -> list[str]:
    """What came of each job, all run at once in processes of their own."""
    workers = [worker(target, *job) for job in jobs]
    return [each.communicate(timeout=120)[0].strip() for each in workers]


def test_a_message_is_sent_and_answered_by_whoever_has_the_account(target: str) -> None:
    """Two holders of the same account see each other's facts, and neither needs to be told."""
    one, other = accounts(target), accounts(target)
    one.run("a-1", sending("m-1"))
    other.run("a-1", lambda account: account.reply("m-1", at=AT + timedelta(hours=1)))
    one.run("a-1", sending("m-2", days=1))
    assert one.read("a-1") == other.read("a-1") == accounts(target).read("a-1")
    assert [fact.recorded for fact in other.read("a-1").facts] == [1, 2, 3, 4]


def test_an_account_that_was_read_is_kept_until_somebody_writes(target: str) -> None:
    """A question costs one row where nothing has changed since the last."""
    one, other = accounts(target), accounts(target)
    before = one.read("a-1")
    assert one.read("a-1") is before
    other.run("a-1", sending("m-1"))
    assert one.read("a-1") is not before
    assert one.read("a-1").balance(at=AT) == 0


def test_of_two_processes_that_want_the_last_credit_one_gets_it(target: str) -> None:
    """The row of the account is locked from the question to the commit."""
    found = outcomes(target, [("send", "m-1", "key-1"), ("send", "m-2", "key-2")])
    assert sorted(found) == ["NoCreditError", "sent"]
    assert accounts(target).read("a-1").balance(at=AT) == 0


def test_one_key_six_times_at_once_is_one_message(target: str) -> None:
    """Five of six processes get the receipt of the first, marked as a repeat."""
    found = outcomes(target, [("send", "m-1", "key-1")] * 6)
    assert Counter(found) == {"sent": 1, "repeated": 5}
    assert len(accounts(target).read("a-1")) == 2


def test_a_process_killed_before_the_commit_has_changed_nothing(target: str) -> None:
    """What it had appended is rolled back, the lock is gone, and the retry is the first time."""
    dying = worker(target, "die", "m-1", "key-1")
    dying.communicate(timeout=120)
    assert dying.returncode == -signal.SIGKILL
    assert len(accounts(target).read("a-1")) == 1
    assert outcomes(target, [("send", "m-1", "key-1")]) == ["sent"]


def test_after_a_failed_commit_the_account_in_memory_is_dropped(target: str) -> None:
    """It had the fact already, and the database has not: it must not answer again."""
    stored = connected(target, FullDisk)
    stored.read("a-1")
    with pytest.raises(OSError, match="the disk is full"):
        stored.run("a-1", sending("m-1"))
    stored.is_full = False
    assert len(stored.read("a-1")) == 1
    assert not stored.run("a-1", sending("m-1")).repeated


def test_a_refusal_and_a_conflict_store_nothing(target: str) -> None:
    """The caller gets the ledger's own error, and the account is as it was."""
    stored = accounts(target)
    stored.run("a-1", sending("m-1", "key-1"))
    with pytest.raises(NoCreditError):
        stored.run("a-1", sending("m-2", "key-2"))
    with pytest.raises(FactConflictError):
        stored.run("a-1", sending("m-3", "key-1"))
    with pytest.raises(FactConflictError):
        stored.open("a-1", BETTER, at=OPENED_AT)
    stored.open("a-1", PLAN, at=OPENED_AT)
    assert len(stored.read("a-1")) == len(accounts(target).read("a-1")) == 2


def test_a_run_is_one_command(target: str) -> None:
    """What a second command did would be in no receipt; nothing is stored, nor kept in memory."""
    stored = accounts(target)

    def sent_and_answered(account: Account) -> Receipt:
        account.send("m-1", at=AT)
        return account.reply("m-1", at=AT + timedelta(hours=1))

    def sent_twice(account: Account) -> Receipt:
        account.send("m-1", at=AT)
        return account.send("m-2", at=AT)

    stored.run("a-1", lambda account: account.record(Sent(message_id="m-0", at=AT - timedelta(hours=1))))
    stored.run("a-1", lambda account: account.reply("m-0", at=AT - timedelta(minutes=1)))
    for command, error in ((sent_and_answered, SeveralCommandsError), (sent_twice, NoCreditError)):
        with pytest.raises(error):
            stored.run("a-1", command)
        assert len(stored.read("a-1")) == len(accounts(target).read("a-1")) == 3


def test_an_unknown_account_is_refused_by_name(target: str) -> None:
    """Nothing is opened by accident."""
    with pytest.raises(LookupError, match="there is no account 'a-2'; open it first"):
        accounts(target).run("a-2", sending("m-1"))


def test_a_checkpoint_replaces_the_facts_before_it(target: str) -> None:
    """Later answers stay; only the fact that stands for the history is loaded; the history is still there."""
    stored = accounts(target)
    stored.run("a-1", sending("m-1"))
    stored.run("a-1", lambda account: account.reply("m-1", at=AT + timedelta(days=2)))
    before = stored.read("a-1")
    stored.checkpoint("a-1", at=AT + timedelta(days=1))
    after = accounts(target).read("a-1")
    assert len(after) == 2
    for days in (2, 30, 91, 120):
        assert after.balance(at=AT + timedelta(days=days)) == before.balance(at=AT + timedelta(days=days))
    stored.run("a-1", sending("m-2", days=3))
    assert stored.execute("SELECT count(*) FROM inmail_facts").fetchone() == (5,)


def test_a_fact_of_the_instant_of_a_checkpoint_stays(target: str) -> None:
    """The opening is the account just before its instant."""
    stored = accounts(target)
    stored.run("a-1", sending("m-1"))
    stored.checkpoint("a-1", at=AT)
    assert stored.read("a-1").balance(at=AT) == 0
    assert [fact.type for fact in stored.read("a-1").facts] == ["opened", "sent"]


def test_a_checkpoint_with_nothing_before_it_changes_nothing(target: str) -> None:
    """Be it the second run of a job, or an account that is younger than the checkpoint."""
    stored = accounts(target)
    stored.checkpoint("a-1", at=OPENED_AT)
    assert [fact.id for fact in stored.read("a-1").facts] == ["opened"]
    for _ in range(2):
        stored.checkpoint("a-1", at=AT)
        assert stored.execute("SELECT count(*) FROM inmail_facts").fetchone() == (2,)


def test_ids_from_before_a_checkpoint_are_not_used_again(target: str) -> None:
    """The account has forgotten them (D17); the table has not."""
    stored = accounts(target)
    stored.run("a-1", sending("m-1", "key-1"))
    stored.run("a-1", lambda account: account.reply("m-1", at=AT + timedelta(hours=1)))
    stored.checkpoint("a-1", at=AT + timedelta(days=1))
    for message_id, key in (("m-1", "key-2"), ("m-2", "key-1")):
        with pytest.raises(UsedIdError, match=f"fact '{key}' has the id or the message of 'key-1'"):
            stored.run("a-1", sending(message_id, key, days=2))
        assert len(stored.read("a-1")) == len(accounts(target).read("a-1")) == 1
    stored.open("a-1", PLAN, at=OPENED_AT)
    with pytest.raises(FactConflictError):
        stored.open("a-1", BETTER, at=OPENED_AT)


def test_subscribers_move_to_new_terms_once(target: str) -> None:
    """A migration that is run again, after a crash in the middle, finds its own facts and repeats nothing."""
    stored = accounts(target)
    stored.open("a-2", PLAN, at=OPENED_AT)

    def move(account: Account) -> Receipt:
        return account.change_terms(BETTER, at=AT, id="terms-2027")

    assert not stored.run("a-1", move).repeated
    assert [stored.run(account_id, move).repeated for account_id in ("a-1", "a-2")] == [True, False]
    assert stored.read("a-2").balance(at=AT + timedelta(days=35)) == 1 + 5


def test_accounts_are_independent(target: str) -> None:
    """The same message id and key in two accounts are two messages."""
    stored = accounts(target)
    stored.open("a-2", PLAN, at=OPENED_AT)
    for account_id in ("a-1", "a-2"):
        assert not stored.run(account_id, sending("m-1", "key-1")).repeated

"""Versions of the wire: logs of every release are read and mean what they meant."""

import json
from datetime import datetime
from pathlib import Path
from typing import TypedDict, cast

import pytest

from inmail_credits import Account, wire
from inmail_credits.errors import WireError
from inmail_credits.facts import FACT_TYPES
from inmail_credits.timeline import instant
from inmail_credits.wire._events import EVENT_TYPES
from inmail_credits.wire._versions import NEWEST, UPCASTS

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.jsonl"))


class Answers(TypedDict):
    """What the release that wrote a log answered."""

    facts: int
    conflicts: list[str]
    settled: dict[str, str | None]
    balances: dict[str, int]


def account_of(log: Path) -> Account:
    """The account of a log."""
    with log.open("rb") as lines:
        return Account.replay(wire.read(lines))


@pytest.mark.parametrize("log", CORPUS, ids=lambda path: path.stem)
def test_a_log_of_an_earlier_release_means_what_it_meant(log: Path) -> None:
    """Facts, conflicts, settlements and balances are those that the release itself gave."""
    answers = cast("Answers", json.loads(log.with_suffix(".answers.json").read_text(encoding="utf-8")))
    account = account_of(log)
    assert len(account) == answers["facts"]
    assert [conflict.fact.id for conflict in account.conflicts] == answers["conflicts"]
    messages = account.messages(account.facts[0].at, account.latest_at)
    settled = {m.sent.message_id: m.settled_as.name if m.settled_as else None for m in messages}
    assert settled == answers["settled"]
    balances = {at: account.balance(at=instant(datetime_of(at))) for at in answers["balances"]}
    assert balances == answers["balances"]


@pytest.mark.parametrize("log", CORPUS, ids=lambda path: path.stem)
def test_a_log_of_an_earlier_release_is_written_in_todays_form(log: Path) -> None:
    """Every line is of the newest version of its type, and reads back as the same account."""
    account = account_of(log)
    written = wire.dumps(account.facts)
    assert Account.replay(wire.loads(written)) == account
    newest = {f"inmail-credits.{name}.v{version}" for name, version in NEWEST.items()}
    assert {json.loads(line)["type"] for line in written.splitlines()} <= newest


def test_the_corpus_holds_every_version_of_every_type() -> None:
    """A version that was ever written has a log that holds it."""
    held = {
        json.loads(line)["type"]
        for log in CORPUS
        for line in log.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    }
    assert held == set(EVENT_TYPES)


def test_a_version_that_is_not_known_is_refused_by_line() -> None:
    """A later version is not guessed at."""
    line = CORPUS[0].read_text(encoding="utf-8").partition("\n")[0]
    beyond = NEWEST["subscribed"] + 1
    with pytest.raises(
        WireError, match=rf"^line 1: type is 'inmail-credits.subscribed.v{beyond}', a version"
    ):
        wire.loads(line.replace("subscribed.v1", f"subscribed.v{beyond}"))


@pytest.mark.parametrize("name", [name for name in FACT_TYPES if name in UPCASTS])
def test_an_older_version_holds_nothing_of_a_later_one(name: str) -> None:
    """A version means one form: a term that came later is refused in an event of the version before."""
    log = next(log for log in CORPUS if f"inmail-credits.{name}.v1" in log.read_text(encoding="utf-8"))
    fact = next(fact for fact in account_of(log).facts if fact.type == name)
    newest = wire.dump_line(fact)
    for version in range(1, NEWEST[name]):
        with pytest.raises(WireError, match=r"^line 1: plan has an unknown field .*; remove it, or name"):
            wire.loads(newest.replace(f"{name}.v{NEWEST[name]}", f"{name}.v{version}"))


def datetime_of(text: str) -> datetime:
    """An instant of the corpus."""
    return datetime.fromisoformat(text)

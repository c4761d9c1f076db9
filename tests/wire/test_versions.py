"""Versions of the wire: logs of every release are read and mean what they meant."""

import json
from pathlib import Path
from typing import cast

import pytest

from inmail_credits import Account, wire
from inmail_credits.errors import WireError
from inmail_credits.facts import FACT_TYPES
from inmail_credits.wire._events import EVENT_TYPES
from inmail_credits.wire._strict_json import LineRefusedError
from inmail_credits.wire._versions import NEWEST, UPCASTS, _with_plan_terms
from tests.wire.answers import PLACES, Answers, account_of, answers_of, main

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.jsonl"))


@pytest.mark.parametrize("log", CORPUS, ids=lambda path: path.stem)
def test_a_log_of_an_earlier_release_means_what_it_meant(log: Path) -> None:
    """Facts, conflicts, settlements and balances are those that the release itself gave."""
    answers = cast("Answers", json.loads(log.with_suffix(".answers.json").read_text(encoding="utf-8")))
    assert answers_of(account_of(log), answers["balances"]) == answers


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
    assert held == set(EVENT_TYPES), "a new version needs a log of its own: tests/wire/corpus/README.md"


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


def test_a_new_term_is_added_to_every_plan_that_an_event_carries() -> None:
    """Those of the messages of an opening too, where they were sent under another plan."""
    step = _with_plan_terms(bonus=0)
    old: dict[str, object] = {"plan": {"name": "a"}, "messages": [{"plan": {"name": "b"}}, {"plan": None}]}
    new: dict[str, object] = {
        "plan": {"name": "a", "bonus": 0},
        "messages": [{"plan": {"name": "b", "bonus": 0}}, {"plan": None}],
    }
    assert step(dict(old)) == new
    for data in (new, {"plan": None, "messages": new["messages"]}):
        with pytest.raises(LineRefusedError, match="plan has an unknown field 'bonus'; remove it, or name"):
            step(data)
    odd: list[dict[str, object]] = [{"plan": 3, "messages": 3}, {"plan": None, "messages": [3]}]
    for data in odd:
        assert step(dict(data)) == data, "left to whoever reads the fields"


def test_answers_are_written_once(tmp_path: Path) -> None:
    """For a log without answers: those that this release gives. What is there is left as it is."""
    log = tmp_path / CORPUS[0].name
    log.write_bytes(CORPUS[0].read_bytes())
    main([str(log)])
    answers = cast("Answers", json.loads(log.with_suffix(".answers.json").read_text(encoding="utf-8")))
    assert answers_of(account_of(log), answers["balances"]) == answers
    assert len(answers["balances"]) > PLACES
    with pytest.raises(FileExistsError):
        main([str(log)])

"""What the ledger answers about a log of the corpus.

``python -m tests.wire.answers LOG...`` writes the answers of this release beside each log that has none.
"""

import json
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypedDict

from inmail_credits import Account, wire
from inmail_credits.errors import stamp
from inmail_credits.timeline import instant

PLACES: Final = 10
BEYOND: Final = timedelta(days=100)
"""How far past its last fact a log is asked about: past the life of every credit that lives 90 days."""


class Answers(TypedDict):
    """The number of facts, the ids in conflict, how each message was settled, and some balances."""

    facts: int
    conflicts: list[str]
    settled: dict[str, str | None]
    balances: dict[str, int]


def account_of(log: Path) -> Account:
    """The account of a log."""
    with log.open("rb") as lines:
        return Account.replay(wire.read(lines))


def answers_of(account: Account, instants: Iterable[str]) -> Answers:
    """What an account answers, its balance at these instants."""
    messages = account.messages(account.facts[0].at, account.latest_at)
    return {
        "facts": len(account),
        "conflicts": [conflict.fact.id for conflict in account.conflicts],
        "settled": {m.sent.message_id: m.settled_as.name if m.settled_as else None for m in messages},
        "balances": {at: account.balance(at=instant(datetime.fromisoformat(at))) for at in instants},
    }


def instants_of(account: Account) -> list[str]:
    """The instants of the facts, and others evenly up to some time past the last."""
    start, end = account.facts[0].at, account.latest_at + BEYOND
    even = [start + (end - start) * k / PLACES for k in range(1, PLACES + 1)]
    return [stamp(at) for at in sorted({*(fact.at for fact in account.facts), *even})]


def main(logs: Iterable[str]) -> None:
    """Write what is missing; answers that an earlier release gave are never written anew."""
    for log in map(Path, logs):
        account = account_of(log)
        text = json.dumps(answers_of(account, instants_of(account)), indent=1, sort_keys=True)
        with log.with_suffix(".answers.json").open("x", encoding="utf-8") as file:
            file.write(f"{text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

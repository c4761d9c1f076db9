"""The vectors of ``docs/vectors``: every directed case as plain data, its answers given by the oracle.

``python -m tests.conformance.vectors`` writes them anew. Instants are texts of one width, in UTC and to the
microsecond, so that they sort as they are; all numbers are whole.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final, TypeAlias

from attrs import fields

from inmail_credits.facts import Fact
from inmail_credits.openings import OpeningLot, OpeningMessage, OpeningPurchase, OpeningSeat
from inmail_credits.plans import Plan
from inmail_credits.plans.plain_data import plan_to_dict
from inmail_credits.testing.conformance import CASES, Ask, Case, Result
from inmail_credits.testing.conformance.directed import AHEAD
from inmail_credits.testing.conformance.failure import RULES
from inmail_credits.testing.memory import MICROSECOND
from inmail_credits.testing.oracle import Oracle

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

FOLDER: Final = Path(__file__).parents[2] / "docs" / "vectors"


LINE_MAX: Final = 200
"""Up to this length an object is written in one line."""


def text_of(at: datetime) -> str:
    """An instant as the vectors have it.

    Example:
        >>> from datetime import UTC
        >>> text_of(datetime(2026, 1, 31, 9, tzinfo=UTC))
        '2026-01-31T09:00:00.000000Z'
    """
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Vectors:
    """The vectors of one rule; plans are kept apart and named in the order in which they are met."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        self.plans: dict[str, Json] = {}

    def data(self) -> dict[str, Json]:
        """All there is to write."""
        cases: list[Json] = [self.case(case) for case in CASES if case.rule == self.rule]
        return {"rule": self.rule, "statement": RULES[self.rule], "plans": self.plans, "cases": cases}

    def case(self, case: Case) -> Json:
        """One case, with what the oracle says of it."""
        told: list[Fact] = []
        steps: list[Json] = []
        for step in case.steps:
            if isinstance(step, Ask):
                steps.append(_answer(Oracle(told), step.at))
                continue
            facts: list[Json] = [self.fact(fact) for fact in step.facts]
            steps.append({"tell": facts, "result": step.result.value})
            told += step.facts if step.result is Result.ACCEPTED else ()
        oracle, latest = Oracle(told), max(fact.at for fact in told)
        later = _later(oracle, latest)
        until = max([latest, *later])
        return {
            "id": case.id,
            "name": case.name,
            "needs": [each.value for each in sorted(case.needs)],
            "steps": steps,
            "later": [{"ask": text_of(at), "balance": oracle.balance(at)} for at in later],
            "movements": [
                {
                    "at": text_of(moved.at),
                    "kind": moved.kind.value,
                    "cause": moved.cause.value,
                    "credits": moved.credits,
                    "message_id": moved.message_id or None,
                }
                for moved in oracle.movements(until)
            ],
            "impossible": [*sorted(oracle.refused)],
        }

    def fact(self, fact: Fact) -> dict[str, Json]:
        """A fact: its type, and every field but the recorded number: the order of telling stands for it."""
        names = [each.name for each in fields(type(fact)) if each.name != "recorded"]
        return {"type": fact.type} | {name: self.value(getattr(fact, name)) for name in names}

    def value(self, value: object) -> Json:
        """A value as plain data; a plan by its name among the plans."""
        if isinstance(value, Plan):
            plan: dict[str, Json] = {**plan_to_dict(value)}
            names = [name for name, known in self.plans.items() if known == plan]
            name = names[0] if names else f"P{len(self.plans) + 1}"
            self.plans[name] = plan
            return name
        if isinstance(value, datetime):
            return text_of(value)
        if isinstance(value, Enum):
            return str(value.value)
        if isinstance(value, tuple):
            return [self.value(each) for each in value]
        if isinstance(value, OpeningLot | OpeningMessage | OpeningPurchase | OpeningSeat):
            return {each.name: self.value(getattr(value, each.name)) for each in fields(type(value))}
        assert value is None or isinstance(value, str | int), value
        return value


def _answer(oracle: Oracle, at: datetime) -> dict[str, Json]:
    return {
        "ask": text_of(at),
        "balance": oracle.balance(at),
        "lots": [
            [text_of(received_at), None if expires_at is None else text_of(expires_at), credits_]
            for received_at, expires_at, credits_ in oracle.lots(at)
        ],
    }


def _later(oracle: Oracle, latest: datetime) -> list[datetime]:
    """A microsecond before each edge after the latest fact, and the edge."""
    edges = [at for at in oracle.boundaries(latest + AHEAD) if at > latest]
    return [at for edge in edges for at in (edge - MICROSECOND, edge) if at >= latest]


def lines(data: Json) -> Iterator[str]:
    """JSON with one object a line where it is small, for people to read and diffs to be short."""
    flat = json.dumps(data, ensure_ascii=False)
    if len(flat) <= LINE_MAX or not isinstance(data, list | dict) or not data:
        yield flat
        return
    opening, closing = ("{", "}") if isinstance(data, dict) else ("[", "]")
    yield opening
    parts: list[tuple[str, Json]] = (
        [(f"{json.dumps(key)}: ", each) for key, each in data.items()]
        if isinstance(data, dict)
        else [("", each) for each in data]
    )
    for number, (head, part) in enumerate(parts, 1):
        inner = list(lines(part))
        inner[0] = head + inner[0]
        inner[-1] += "," if number < len(parts) else ""
        yield from (f" {line}" for line in inner)
    yield closing


def files() -> Mapping[str, str]:
    """Every file of vectors by its name, as it must be stored."""
    return {f"{rule}.json": "\n".join(lines(Vectors(rule).data())) + "\n" for rule in RULES}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")

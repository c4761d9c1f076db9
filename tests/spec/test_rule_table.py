"""Every kind of fact has one name, one rule, an event type, and a place in the oracle."""

import inspect
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from inmail_credits import facts
from inmail_credits.ledger._rules import RULES
from inmail_credits.plans import Plan
from inmail_credits.testing import Oracle
from inmail_credits.wire._events import EVENT_TYPES

AT = datetime(2026, 3, 1, tzinfo=UTC)
PLAN = Plan(name="any", grant_credits=5)
KINDS = sorted(facts.FACT_TYPES.values(), key=lambda kind: kind.type)


def kinds_defined(base: type[facts.Fact] = facts.Fact) -> Iterator[type[facts.Fact]]:
    """The classes of facts that have a name of their own, wherever below ``Fact`` they stand."""
    for kind in base.__subclasses__():
        if kind.__module__ == facts.__name__ and "type" in vars(kind):
            yield kind
        yield from kinds_defined(kind)


def test_every_kind_of_fact_is_listed_by_its_name() -> None:
    """A class that is not in the list could be recorded and never written."""
    assert set(kinds_defined()) == set(KINDS)
    assert [name for name, kind in facts.FACT_TYPES.items() if name != kind.type] == []


def test_the_rule_table_and_the_kinds_of_fact_agree() -> None:
    """Each kind has a rule, and each rule a kind."""
    assert set(RULES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_a_rule_takes_the_kind_it_stands_for(kind: type[facts.Fact]) -> None:
    """No two rows of the table are exchanged: the rule's signature names the kind, and no other has it."""
    taken = [each.annotation for each in inspect.signature(RULES[kind]).parameters.values()]
    assert taken[1] is kind
    assert [each for each in KINDS if RULES[each] is RULES[kind]] == [kind]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_a_kind_of_fact_can_be_written(kind: type[facts.Fact]) -> None:
    """There is an event type for it."""
    assert [name for name in EVENT_TYPES if name.split(".")[1] == kind.type]


def example(kind: type[facts.Fact]) -> facts.Fact:
    """A fact of that kind, made of what its signature asks for."""
    known: dict[str, object] = {
        "at": AT, "plan": PLAN, "message_id": "m-1", "credits": 2, "seats": 3, "seat": "s", "kind": "message",
    }  # fmt: skip
    wanted = [each for each in inspect.signature(kind).parameters.values() if each.default is each.empty]
    dated = {"anchor_at": AT} if kind is facts.Opened else {}  # asked for only where a subscription runs
    return kind(**{each.name: known[each.name] for each in wanted}, **dated)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_the_oracle_knows_every_kind_of_fact(kind: type[facts.Fact]) -> None:
    """It allows or refuses a fact of each kind, after a subscription, and fails over none."""
    subscribed = facts.Subscribed(at=datetime.combine(date(2026, 1, 1), AT.timetz()), plan=PLAN)
    Oracle([subscribed, example(kind)]).balance(AT)

"""The vectors of the docs: as the oracle gives them, kept by the account, and of use outside Python."""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from inmail_credits import Account
from inmail_credits.errors import FactConflictError, RefusedError
from inmail_credits.facts import FACT_TYPES, Fact
from inmail_credits.openings import OpeningLot, OpeningMessage, OpeningPurchase, OpeningSeat
from inmail_credits.plans import Plan
from inmail_credits.plans.plain_data import plan_from_dict
from inmail_credits.testing.conformance import CASES, Capability
from inmail_credits.testing.conformance.failure import RULES
from tests.conformance.vectors import FOLDER, files, text_of
from tests.test_proofs import IDS

SCHEMA: Final = json.loads((FOLDER.parent / "vectors.schema.json").read_text(encoding="utf-8"))
VALIDATOR: Final = Draft202012Validator(SCHEMA)
STORED: Final[Mapping[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
VECTORS: Final = [
    pytest.param(data["plans"], case, id=case["id"]) for data in STORED.values() for case in data["cases"]
]
NOT_ABOUT_THE_LEDGER: Final = {"R11", "R12", "R13", "R16", "D19"}
"""Of these the ledger knows nothing: which channels are open, and what people do."""
PARTS: Final[Mapping[str, Callable[..., object]]] = {
    "lots": OpeningLot,
    "messages": OpeningMessage,
    "purchases": OpeningPurchase,
    "seat_uses": OpeningSeat,
}
INSTANTS: Final = {"at", "anchor_at", "ends_at", "sent_at", "received_at", "expires_at"}

Object = dict[str, Any]


def read_value(name: str, value: object, plans: Mapping[str, Plan]) -> object:
    """A value of a vector as the package has it."""
    if isinstance(value, list):
        return [PARTS[name](**read_fields(part, plans)) for part in value]
    if name == "plan" and isinstance(value, str):
        return plans[value]
    return datetime.fromisoformat(value) if name in INSTANTS and isinstance(value, str) else value


def read_fields(data: Object, plans: Mapping[str, Plan]) -> Object:
    """The fields of an object of a vector."""
    return {name: read_value(name, value, plans) for name, value in data.items()}


def read_fact(data: Object, plans: Mapping[str, Plan]) -> Fact:
    """A fact of a vector."""
    make: Callable[..., Fact] = FACT_TYPES[data["type"]]
    return make(**read_fields({name: value for name, value in data.items() if name != "type"}, plans))


def become(account: Account, facts: list[Fact]) -> str:
    """What an account makes of facts."""
    try:
        account.record(*facts)
    except RefusedError:
        return "refused"
    except FactConflictError:
        return "conflict"
    return "accepted"


def test_the_vectors_stored_are_those_the_oracle_gives() -> None:
    """Made anew they are the same, to the letter; there are no others.

    Where this fails, a case or a plan term changed. If that is meant, run
    ``python -m tests.conformance.vectors``.
    """
    stored = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    fresh = files()
    assert set(stored) == set(fresh)
    assert [name for name in fresh if stored[name] != fresh[name]] == []


def test_every_rule_about_the_ledger_has_vectors() -> None:
    """The ids of the rulebook without those of which a ledger knows nothing."""
    assert set(RULES) == IDS - NOT_ABOUT_THE_LEDGER, "inmail_credits/testing/conformance/failure.py: RULES"
    assert set(STORED) == set(RULES), "run python -m tests.conformance.vectors"
    assert sum(len(data["cases"]) for data in STORED.values()) == len(CASES)


@pytest.mark.parametrize("rule", STORED)
def test_the_vectors_have_the_form_of_their_schema(rule: str) -> None:
    """Each file is valid, and what its cases need are capabilities by name."""
    assert [error.message for error in VALIDATOR.iter_errors(STORED[rule])] == []
    assert {need for case in STORED[rule]["cases"] for need in case["needs"]} <= {*Capability}


def without_a_balance(data: Object) -> None:
    """A question without the answer."""
    step = next(step for step in data["cases"][0]["steps"] if "ask" in step)
    del step["balance"]


def a_float(data: Object) -> None:
    """Half a credit."""
    data["cases"][0]["later"][0]["balance"] = 0.5


def a_local_time(data: Object) -> None:
    """An instant with another offset."""
    data["cases"][0]["later"][0]["ask"] = "2026-05-01T09:00:00.000000+01:00"


def an_unknown_fact(data: Object) -> None:
    """A fact of a type that there is not."""
    data["cases"][0]["steps"][0]["tell"][0]["type"] = "gifted"


def a_missing_term(data: Object) -> None:
    """A plan that leaves a term to the reader."""
    del data["plans"]["P1"]["lifetime_days"]


@pytest.mark.parametrize(
    "damage", [without_a_balance, a_float, a_local_time, an_unknown_fact, a_missing_term]
)
def test_the_schema_refuses_what_is_damaged(damage: Callable[[Object], None]) -> None:
    """The check itself."""
    data = deepcopy(STORED["R8"])
    damage(data)
    assert not VALIDATOR.is_valid(data)


@pytest.mark.proves(*RULES)
@pytest.mark.parametrize(("plans", "case"), VECTORS)
def test_the_account_keeps_a_vector(plans: Mapping[str, Object], case: Object) -> None:
    """Read from the file alone: results, balances, lots, movements and impossible facts."""
    known = {name: plan_from_dict(terms) for name, terms in plans.items()}
    account = Account()
    for step in case["steps"]:
        if "tell" in step:
            assert become(account, [read_fact(fact, known) for fact in step["tell"]]) == step["result"], step
            continue
        at = datetime.fromisoformat(step["ask"])
        lots = [
            [text_of(lot.received_at), lot.expires_at and text_of(lot.expires_at), lot.left]
            for lot in account.lots(at=at)
        ]
        assert (account.balance(at=at), lots) == (step["balance"], step["lots"]), step
    for step in case["later"]:
        assert account.balance(at=datetime.fromisoformat(step["ask"])) == step["balance"], step
    until = max([account.latest_at, *(datetime.fromisoformat(step["ask"]) for step in case["later"])])
    moved, expected = Counter[tuple[object, ...]](), Counter[tuple[object, ...]]()
    for entry in account.entries_until(until):
        key = text_of(entry.at), entry.kind.value, entry.cause.value, entry.message_id or None
        moved[key] += entry.credits
    for movement in case["movements"]:
        expected[*(movement[each] for each in ("at", "kind", "cause", "message_id"))] += movement["credits"]
    assert moved == expected
    assert sorted(conflict.fact.id for conflict in account.conflicts) == case["impossible"]


# -- in another language -----------------------------------------------------------------------------------


def run_in_node(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """What the runner of the vectors prints in Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed: the vectors are not tried in another language")
    command = [node, str(FOLDER / "run.mjs"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def test_a_ledger_in_javascript_keeps_the_vectors_it_has_the_capabilities_for() -> None:
    """Those of career in order of time; the rest is counted as not asked."""
    asked = sum(not case.needs for case in CASES)
    done = run_in_node()
    assert done.stdout == f"{asked} passed, 0 failed, {len(CASES) - asked} not asked for what they need\n"
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("90 * 86_400_000", "91 * 86_400_000", "R8 (a credit lives 90 days)"),
        ("&& this.open.get(fact.message_id)) this", ") this", "D8 (one refund a message)"),
        ("Math.min(day, last)", "Math.min(day, 28)", "D5 (billing dates)"),
        ("received.sort()", "received.sort().reverse()", "D4 (burn order)"),
    ],
    ids=["a day too many", "a double refund", "dates that do not return", "the newest first"],
)
def test_a_fault_in_the_javascript_ledger_is_found_and_named(
    tmp_path: Path, right: str, wrong: str, named: str
) -> None:
    """The vectors find in another language what the cases find in Python."""
    source = (FOLDER / "career.mjs").read_text(encoding="utf-8")
    assert source.count(right) == 1
    faulty = tmp_path / "faulty.mjs"
    faulty.write_text(source.replace(right, wrong), encoding="utf-8")
    done = run_in_node(str(faulty))
    assert named in done.stdout, done.stderr
    assert done.returncode == 1

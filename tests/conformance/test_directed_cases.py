"""The directed cases are right, tell each rule from its near misses, and cannot be passed by luck."""

import inspect
import re
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from career_ledger import CareerAdapter

from inmail_credits.errors import FactConflictError, RefusedError
from inmail_credits.facts import Fact, Replied
from inmail_credits.testing.conformance import (
    CASES,
    AccountAdapter,
    Ask,
    Capability,
    Case,
    LedgerAdapter,
    NotConformingError,
    Result,
    Tell,
    check,
    check_histories,
    run_case,
    run_edges,
)
from inmail_credits.testing.conformance.check import random_settings
from inmail_credits.testing.conformance.failure import RULES, history
from inmail_credits.testing.run import Run
from tests.conformance.faulty import LEDGERS, FourCredits, OracleLedger, ledger_with, living

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([RD]\d+) \| ([^|]+) \| (?:S\d|decision)", re.MULTILINE)
LINES_MAX = 4
"""The opening of an account and three lines."""


def ids(case: Case) -> str:
    """What a case is called."""
    return case.id


@pytest.mark.proves(*RULES)
@pytest.mark.parametrize("case", CASES, ids=ids)
def test_a_case_is_as_the_oracle_says(case: Case) -> None:
    """The figures were worked out by hand from the rule: the oracle, made apart from them, agrees."""
    assert run_case(case, OracleLedger) is None


def test_the_oracle_agrees_with_itself_about_every_edge() -> None:
    """The ledger that faults are planted in has none."""
    assert [str(run_edges(case, OracleLedger)) for case in CASES if run_edges(case, OracleLedger)] == []


def test_every_rule_about_the_ledger_has_cases() -> None:
    """Each of the rules has one at least, each id is used once, and none is about another rule."""
    assert {case.rule for case in CASES} == set(RULES)
    assert max(Counter(case.id for case in CASES).values()) == 1


def test_the_rules_are_called_what_the_page_calls_them() -> None:
    """A failure states the rule in the words of the page."""
    page = dict(ROW.findall((ROOT / "docs" / "rules.md").read_text(encoding="utf-8")))
    assert {rule: page[rule] for rule in RULES} == RULES


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_a_history_is_an_opening_and_at_most_three_lines(case: Case) -> None:
    """A failure can be read at once."""
    told = [fact for step in case.steps if isinstance(step, Tell) for fact in step.facts]
    assert len(history(told)) <= LINES_MAX


class Lucky(LedgerAdapter):
    """Does with every fact what the case says it must, and says the same balance whenever it is asked."""

    without = frozenset(Capability)

    def __init__(self, case: Case, balance: int) -> None:
        self.results = [step.result for step in case.steps if isinstance(step, Tell)]
        self.constant = balance

    def record(self, *facts: Fact) -> None:
        """Accepted, refused or contradicted, as it should be."""
        result = self.results.pop(0)
        if result is Result.REFUSED:
            raise RefusedError("record", facts[0].at, "as it happens")
        if result is Result.CONFLICT:
            raise FactConflictError(facts[0].id, facts[0], facts[0])

    def balance(self, at: datetime) -> int:
        """Always the same."""
        assert at.tzinfo is not None
        return self.constant


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_no_case_is_passed_by_luck(case: Case) -> None:
    """No balance that is said whenever it is asked passes a case and its edges, all results being right."""
    for balance in {step.balance for step in case.steps if isinstance(step, Ask)}:
        failures = [run(case, partial(Lucky, case, balance)) for run in (run_case, run_edges)]
        assert any(failures), f"{case} is passed by a ledger that always says {balance}"


class Accepting(OracleLedger):
    """Refuses nothing: what is impossible moves nothing."""

    def record(self, *facts: Fact) -> None:
        """Take in all of them."""
        self.told += facts


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES
        if any(isinstance(s, Tell) and s.result is not Result.ACCEPTED for s in case.steps)
    ],
    ids=ids,
)
def test_a_refusal_that_is_not_made_is_found(case: Case) -> None:
    """A ledger that takes in what it must refuse fails where that is refused."""
    failure = run_case(case, Accepting)
    assert failure is not None
    assert "what becomes of" in failure.what


@pytest.mark.parametrize(("make", "rule"), LEDGERS, ids=[f"{rule}-{make.__name__}" for make, rule in LEDGERS])
def test_a_planted_fault_is_found_and_named(make: type[OracleLedger], rule: str) -> None:
    """The rule that the fault breaks is among those that the directed cases name, with a history."""
    with pytest.raises(NotConformingError) as caught:
        check(make, histories=0)
    named = {each for failure in caught.value.failures for each in failure.rules}
    assert rule in named
    assert "the history:\n    20" in str(caught.value)


class TwoRefunds(CareerAdapter):
    """Every reply gives a credit back."""

    def record(self, *facts: Fact) -> None:
        """Forget that the message was settled."""
        super().record(*facts)
        if isinstance(facts[0], Replied):
            self.ledger.open_messages[facts[0].message_id] = True


@pytest.mark.parametrize("seed", range(5))
def test_random_histories_alone_find_a_double_refund_and_show_it_in_four_lines(seed: int) -> None:
    """An opening, a message and two replies: what is not needed is left out, whatever the seed."""
    with pytest.raises(NotConformingError) as caught:
        check_histories(TwoRefunds, settings=random_settings(100, 25), seed=seed)
    (failure,) = caught.value.failures
    assert [fact.type for fact in failure.facts] == ["subscribed", "sent", "replied", "replied"]
    assert failure.rules[0] == "D8"
    assert failure.case == "a random history"


@pytest.mark.parametrize(
    ("fault", "rule"),
    [(FourCredits, "R1"), (living(lambda _: timedelta(days=1)), "R8")],
    ids=["grant", "end"],
)
def test_random_histories_alone_find_a_wrong_lot_at_once(fault: type[Run], rule: str) -> None:
    """A history is made as short as it can be: one line; a wrong expiry is told from a wrong burn order."""
    with pytest.raises(NotConformingError) as caught:
        check_histories(ledger_with(fault), settings=random_settings(5, 10), seed=1)
    (failure,) = caught.value.failures
    assert rule in failure.rules
    assert len(failure.facts) == 1


class BalancesOnly(OracleLedger):
    """Says balances and no more; its credits die a day early."""

    kind = living(lambda _: timedelta(days=-1))
    without = OracleLedger.without | {Capability.LOTS, Capability.MOVEMENTS, Capability.TOTALS}


def test_random_histories_alone_name_the_rule_of_what_came_too_early() -> None:
    """What is missing just before an edge was moved by what is due there, rather than by what was before.

    Each seed finds the fault; which history shows it, and so whether an earlier rule is named first,
    depends on the version of Hypothesis.
    """
    named = []
    for seed in range(5):
        with pytest.raises(NotConformingError) as caught:
            check_histories(BalancesOnly, settings=random_settings(20, 25), seed=seed)
        named.append(caught.value.failures[0].rules[0])
    assert "R8" in named


def test_every_rule_has_a_planted_fault() -> None:
    """No rule's cases are trusted that have never failed."""
    assert {rule for _, rule in LEDGERS} == set(RULES)


def test_a_ledger_for_one_plan_takes_part() -> None:
    """An adapter of fewer than 60 lines; what it leaves out is named, and what is left is asked."""
    assert len(inspect.getsource(CareerAdapter).splitlines()) < 60
    result = check(CareerAdapter, histories=20, seed=1)
    assert result.left_out == frozenset(Capability)
    assert {"R1", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "D2", "D3", "D4", "D5", "D7", "D8"} <= {
        *result.rules
    }
    assert "left out: batches, calendar_grants" in str(result)


def test_an_answer_that_is_neither_given_nor_left_out_is_named() -> None:
    """A forgotten method is reported as such, with the way out."""

    class Forgotten(AccountAdapter):
        def lots(self, at: datetime) -> list[tuple[datetime, datetime | None, int]]:
            raise NotImplementedError

    with pytest.raises(NotConformingError, match="or named in `without`"):
        check(Forgotten, histories=0)


def test_an_error_of_the_ledgers_own_is_a_failure_of_the_case() -> None:
    """The suite goes on with the next case, and names the error."""

    class Broken(AccountAdapter):
        def balance(self, at: datetime) -> int:
            raise KeyError(at)

    with pytest.raises(NotConformingError, match=r"raised is KeyError.* must be a RefusedError or") as caught:
        check(Broken, histories=0)
    assert len(caught.value.failures) > 100


def test_the_page_lists_every_capability() -> None:
    """What can be left out, in the words of the code."""
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", page, flags=re.MULTILINE)
    assert rows == [(capability.value, capability.sentence) for capability in Capability]


def test_the_page_counts_what_there_is() -> None:
    """Cases asked and not asked, and faults."""
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    asked = sum(not case.needs for case in CASES)
    assert f"{asked} passed, 0 failed, {len(CASES) - asked} not asked for what they need" in page
    assert f"faulty.py`): {len(LEDGERS)} in all" in page

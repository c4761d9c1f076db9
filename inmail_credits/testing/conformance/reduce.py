"""A failing random history made short: facts are left out one by one, as long as the ledger still fails."""

from collections.abc import Sequence

from attrs import evolve

from inmail_credits.facts import Fact
from inmail_credits.testing.conformance.answers import rules_of_facts
from inmail_credits.testing.conformance.case import Case, Result, Tell
from inmail_credits.testing.conformance.directed import Make, run_case, run_edges
from inmail_credits.testing.conformance.failure import Failure
from inmail_credits.testing.oracle import Oracle


def shortest(failure: Failure, make: Make) -> Failure:
    """The failure after as few of its facts as are needed for the ledger to differ from the oracle.

    A failure that does not show when its facts are told once more in their order of arrival stays as it is:
    it is about a preview, a repeat or another order.
    """
    facts = failure.facts
    found = _failing(facts, failure, make)
    if found is None:
        return failure
    place = len(facts)
    while place > 0:
        place -= 1
        fewer = (*facts[:place], *facts[place + 1 :])
        if (shorter := _failing(fewer, failure, make)) is not None:
            facts, found, place = fewer, shorter, min(place + 1, len(fewer))
    return found


def _failing(facts: Sequence[Fact], failure: Failure, make: Make) -> Failure | None:
    """What is wrong after these facts, told one by one; ``None`` if nothing is."""
    told: list[Fact] = []
    steps: list[Tell] = []
    for fact in facts:
        possible = fact.id not in Oracle([*told, fact]).refused
        steps.append(Tell((fact,), Result.ACCEPTED if possible else Result.REFUSED))
        told += [fact] if possible else []
    case = Case(failure.rules[0], failure.case, tuple(steps))
    wrong = run_case(case, make)
    if wrong is not None:
        return evolve(wrong, rules=rules_of_facts(wrong.facts[-1:], wrong.facts[:-1]))
    return run_edges(case, make)

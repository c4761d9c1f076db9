"""The check of a ledger: every directed case first, then random histories beside the oracle."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from attrs import field, frozen
from hypothesis import HealthCheck, Phase
from hypothesis import seed as with_seed
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from inmail_credits.testing.conformance.capabilities import Capability
from inmail_credits.testing.conformance.case import Case
from inmail_credits.testing.conformance.cases import CASES
from inmail_credits.testing.conformance.directed import Make, run_case, run_edges
from inmail_credits.testing.conformance.failure import Failure, NotConformingError
from inmail_credits.testing.conformance.machine import ConformanceMachine
from inmail_credits.testing.conformance.reduce import shortest

HISTORIES: Final = 50
"""How many random histories are tried where nothing else is said."""
STEPS_MAX: Final = 25
"""How many steps each has at most."""


@frozen
class Conformance:
    """What was asked of a ledger, all of which it answered rightly.

    Fields:
        cases: the directed cases it was asked.
        left_out: what it leaves out.
        not_asked: the directed cases that need what it leaves out.
        counts: what the random histories were made of, by name.
    """

    cases: tuple[Case, ...]
    left_out: frozenset[Capability]
    not_asked: tuple[Case, ...]
    counts: Counter[str] = field(factory=Counter)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules of which at least one case was asked."""
        return tuple(dict.fromkeys(case.rule for case in self.cases))

    def __str__(self) -> str:
        left_out = ", ".join(sorted(self.left_out)) or "nothing"
        histories = self.counts["conformance: histories"]
        return (
            f"kept: {len(self.cases)} directed cases of {len(self.rules)} rules, "
            f"{histories} random histories\n"
            f"left out: {left_out}\n"
            f"not asked for that: {len(self.not_asked)} directed cases"
        )


def check(
    make: Make,
    *,
    histories: int = HISTORIES,
    steps: int = STEPS_MAX,
    seed: int | None = None,
    cases: Sequence[Case] | None = None,
) -> Conformance:
    """Check a ledger: every directed case that it has the capabilities for, then random histories.

    Args:
        make: makes a new ledger: the class of an adapter, or any callable that returns one.
        histories: how many random histories are tried, 0 or more.
        steps: how many steps each of them has at most.
        seed: of the random histories; without one they differ from run to run.
        cases: the directed cases; :data:`CASES`, which is all of them, if not given.

    Returns:
        What was asked, and what not because the ledger leaves it out.

    Raises:
        NotConformingError: with every directed case of which a step fails, those of the rule that is broken
            most first; or if none does, with every one that fails at an edge; or if none does, with the
            shortest random history found after which the ledger and the oracle differ.

    Example:
        >>> from inmail_credits.testing.conformance.adapter import AccountAdapter
        >>> print(check(AccountAdapter, histories=2, seed=1))
        kept: ... directed cases of 31 rules, ... random histories
        left out: nothing
        not asked for that: 0 directed cases
    """
    left_out = frozenset(make().without)
    cases = CASES if cases is None else cases
    asked = [case for case in cases if case.needs.isdisjoint(left_out)]
    for run in (run_case, run_edges):
        failures = [failure for case in asked if (failure := run(case, make)) is not None]
        if failures:
            raise NotConformingError(_tellingly(failures, asked))
    counts: Counter[str] = Counter()
    if histories:
        check_histories(make, settings=random_settings(histories, steps), seed=seed, counts=counts)
    not_asked = [case for case in cases if not case.needs.isdisjoint(left_out)]
    return Conformance(tuple(asked), left_out, tuple(not_asked), counts)


def _tellingly(failures: Sequence[Failure], asked: Sequence[Case]) -> tuple[Failure, ...]:
    """Failures, those first that are about the rule of which the largest share of cases fails."""
    cases = Counter(case.rule for case in asked)
    failed = Counter(failure.rules[0] for failure in failures)

    def share(failure: Failure) -> float:
        rule = failure.rules[0]
        return failed[rule] / max(1, cases[rule])

    return tuple(sorted(failures, key=share, reverse=True))


def random_settings(histories: int, steps: int) -> hypothesis_settings:
    """Settings for so many histories of so many steps, which keep no memory of earlier runs.

    Shrinking is left to :func:`check_histories`, which is quicker at it.
    """
    return hypothesis_settings(
        max_examples=histories,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def check_histories(
    make: Make,
    *,
    settings: hypothesis_settings | None = None,
    seed: int | None = None,
    counts: Counter[str] | None = None,
) -> None:
    """Drive a ledger and the oracle side by side through many random histories.

    Args:
        make: makes a new ledger.
        settings: how many histories and how long; Hypothesis' current ones if not given.
        seed: of the histories; ``None`` for Hypothesis' own.
        counts: where to count what was run.

    Raises:
        NotConformingError: with the shortest history found after which the two differ or a law is broken.

    Example:
        >>> from hypothesis import settings
        >>> from inmail_credits.testing.conformance import AccountAdapter
        >>> counts = Counter()
        >>> few = settings(max_examples=2, stateful_step_count=5, deadline=None, database=None)
        >>> check_histories(AccountAdapter, settings=few, seed=1, counts=counts)
        >>> counts["conformance: histories"] > 0
        True
    """
    __tracebackhide__ = True  # pytest shows the test and the failure, and not these lines between
    counted: Counter[str] = Counter() if counts is None else counts

    def machine() -> RuleBasedStateMachine:
        return ConformanceMachine(make, counted)

    factory = machine if seed is None else with_seed(seed)(machine)
    try:
        run_state_machine_as_test(factory, settings=settings)  # type: ignore[arg-type] # any factory will do
    except NotConformingError as error:
        raise NotConformingError(tuple(shortest(failure, make) for failure in error.failures)) from None

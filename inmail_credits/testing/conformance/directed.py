"""One directed case, run against a ledger: step by step, then about every edge there is."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import define, field

from inmail_credits.errors import FactConflictError, RefusedError, stamp
from inmail_credits.facts import Fact, Opened
from inmail_credits.testing.conformance.adapter import LedgerAdapter
from inmail_credits.testing.conformance.answers import Difference, at_edges, has, in_facts, in_movements
from inmail_credits.testing.conformance.capabilities import Capability
from inmail_credits.testing.conformance.case import Ask, Case, Result, Tell
from inmail_credits.testing.conformance.failure import Failure
from inmail_credits.testing.laws import Moved, summed
from inmail_credits.testing.oracle import Oracle

AHEAD: Final = timedelta(days=125)
"""How far after its last fact a case is asked about: past the end of every credit it knows."""
Make = Callable[[], LedgerAdapter]
"""Makes a new ledger, to which nothing has happened."""


def run_case(case: Case, make: Make) -> Failure | None:
    """The first step of a case that a new ledger of that make does wrongly; ``None`` if there is none.

    Example:
        >>> from inmail_credits.testing.conformance import CASES, AccountAdapter
        >>> run_case(CASES[0], AccountAdapter) is None
        True
    """
    trial = _Trial(case, make, make())
    wrong = next(trial.guarded(trial.steps()), None)
    return None if wrong is None else trial.failure(wrong)


def run_edges(case: Case, make: Make) -> Failure | None:
    """The first answer that differs from the oracle's about an edge of a case; ``None`` if there is none.

    Asked are balances, lots, movements and whatever the ledger does not leave out, from the first fact to
    long after the last; of the facts in another order of arrival as well (D13), and of an account that begins
    again from what is known after the last (D17).

    Example:
        >>> from inmail_credits.testing.conformance import CASES, AccountAdapter
        >>> run_edges(CASES[0], AccountAdapter) is None
        True
    """
    trial = _Trial(case, make, make())
    wrong = next(trial.guarded(trial.edges()), None)
    return None if wrong is None else trial.failure(wrong)


@define
class _Trial:
    """A case under way: the ledger, and what it has been told so far, the refused facts included."""

    case: Case
    make: Make
    adapter: LedgerAdapter
    told: list[Fact] = field(factory=list)
    accepted: list[Fact] = field(factory=list)

    def steps(self) -> Iterator[Difference]:
        """What is wrong with the steps of the case, in their order."""
        for step in self.case.steps:
            yield from self._ask(step) if isinstance(step, Ask) else self._tell(step)

    def edges(self) -> Iterator[Difference]:
        """What is wrong after the case about any edge."""
        for _ in self.steps():
            pass
        yield from self._sweep()

    def guarded(self, differences: Iterator[Difference]) -> Iterator[Difference]:
        """The differences; an error of the ledger's own is one, and ends them."""
        try:
            yield from differences
        except NotImplementedError as error:
            what = "an answer that is not left out"
            yield self._wrong(what, f"not implemented ({error!r})", "given, or named in `without`")
        except Exception as error:  # noqa: BLE001 - whatever a ledger raises here is a failure of it
            due = "a RefusedError or a FactConflictError where one is due, and nothing else"
            yield self._wrong("what the ledger raised", repr(error), due)

    def failure(self, wrong: Difference) -> Failure:
        """A difference with the case and what has been told."""
        return Failure(wrong.rules, self.case.name, wrong.what, wrong.found, wrong.expected, tuple(self.told))

    def _wrong(self, what: str, found: str, expected: str) -> Difference:
        return Difference((self.case.rule,), what, found, expected)

    def _ask(self, step: Ask) -> Iterator[Difference]:
        found = self.adapter.balance(step.at)
        if found != step.balance or type(found) is not int:
            yield self._wrong(f"the balance at {stamp(step.at)}", repr(found), repr(step.balance))

    def _tell(self, step: Tell) -> Iterator[Difference]:
        self.told += step.facts
        names = ", ".join(fact.id for fact in step.facts)
        commands = [self.adapter.preview] if has(self.adapter, Capability.PREVIEWS) else []
        moved = []
        for command in (*commands, self.adapter.record):
            result, why, movements = _outcome(command, step.facts)
            moved.append(summed(movements))
            if result is not step.result:
                by = "" if command == self.adapter.record else " by a preview"
                yield self._wrong(f"what becomes of {names}{by}", f"{result.value}{why}", step.result.value)
        if commands and moved[0] != moved[1]:
            yield self._wrong(f"what {names} moved", str(moved[1]), f"what a preview told: {moved[0]}")
        if step.result is Result.ACCEPTED:
            self.accepted += step.facts

    def _sweep(self) -> Iterator[Difference]:
        """Every edge from the first fact to long after the last; the same of the facts in another order."""
        oracle, told = Oracle(self.accepted), self.accepted
        if not told:
            return
        latest = max(fact.at for fact in told)
        opened = next((fact for fact in told if isinstance(fact, Opened)), None)
        until = latest + AHEAD
        edges = oracle.boundaries(until)
        for adapter in (self.adapter, *self._replayed()):
            yield from at_edges(adapter, oracle, edges, latest=latest)
            yield from in_movements(adapter, oracle, latest, opened)
            yield from in_movements(adapter, oracle, until, opened)
            yield from in_facts(adapter, oracle)
        yield from self._begun_again(oracle, latest)

    def _replayed(self) -> Iterator[LedgerAdapter]:
        if has(self.adapter, Capability.REPLAYS):
            again = self.make()
            again.replay(reversed(self.adapter.facts()))
            yield again

    def _begun_again(self, oracle: Oracle, latest: datetime) -> Iterator[Difference]:
        """An account that begins from what is known after the last fact, and its later answers (D17)."""
        if oracle.refused or not {Capability.CHECKPOINTS, Capability.OPENINGS}.isdisjoint(
            self.adapter.without
        ):
            return
        at = latest + timedelta(days=1)
        again = self.make()
        again.record(self.adapter.checkpoint(at))
        edges = [edge for edge in oracle.boundaries(at + AHEAD) if edge > at]
        for edge in edges:
            found, expected = again.balance(edge), oracle.balance(edge)
            if found != expected:
                what = f"the balance at {stamp(edge)}, begun again from the checkpoint at {stamp(at)},"
                yield self._wrong(what, repr(found), repr(expected))


def _outcome(
    command: Callable[..., Sequence[Moved] | None], facts: Sequence[Fact]
) -> tuple[Result, str, Sequence[Moved]]:
    """What a command made of facts, why, and what it says they moved."""
    try:
        return Result.ACCEPTED, "", command(*facts) or ()
    except RefusedError as error:
        return Result.REFUSED, f" ({error})", ()
    except FactConflictError as error:
        return Result.CONFLICT, f" ({error})", ()

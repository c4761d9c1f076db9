"""The log: facts in their order, and the ledger that follows from them.

The problem: facts arrive late, twice and out of order, and one of several may be refused. The rules
chosen: facts stand in order of (``at``, ``recorded``) (D13); a late one is put in its place by undoing the
ledger to there and applying anew all that follows. The same fact twice is one fact, the same id with
other content a conflict (D14). What is refused leaves no trace (D15); what becomes impossible in its
place stays, moves nothing, and is told.
"""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import cast

from attrs import evolve

from inmail_credits.errors import FactConflictError, InvalidValueError, RefusedError
from inmail_credits.facts import Fact, MessageFact
from inmail_credits.ledger._ledger import ENTRIES, Ledger, Mark
from inmail_credits.ledger._rules import apply
from inmail_credits.ledger.entries import Entry
from inmail_credits.ledger.outcomes import Conflict, Outcome, Receipt
from inmail_credits.ledger.ruling import Ruling

Place = tuple[datetime, int, str]
"""Where a fact stands: its instant, its recorded number, its id."""
Placed = tuple[Place, Fact]


class Log:
    """Facts in order; beside each its place, the mark before it and the ruling on it.

    ``impossible`` holds, by fact id, the facts that are impossible in their place.
    """

    __slots__ = (
        "_about",
        "_ids",
        "_next_recorded",
        "facts",
        "impossible",
        "ledger",
        "marks",
        "places",
        "rulings",
    )

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.facts: list[Fact] = []
        self.places: list[Place] = []
        self.marks: list[Mark] = []
        self.rulings: list[Ruling | RefusedError] = []
        self.impossible: dict[str, Conflict] = {}
        self._ids: dict[str, Fact] = {}
        self._about: dict[str, tuple[int, ...]] = {}
        self._next_recorded = 1

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Log":
        """The log these facts make, in whatever order they come."""
        log = cls()
        log.append(sorted(log._unseen(facts)), strict=False)
        return log

    def numbered(self) -> tuple[Fact, ...]:
        """The facts in order, each with the number under which it was recorded."""
        return tuple(
            fact if fact.recorded is not None else evolve(fact, recorded=place[1])
            for fact, place in zip(self.facts, self.places, strict=True)
        )

    def about(self, message_id: str) -> tuple[tuple[MessageFact, Ruling | RefusedError], ...]:
        """The facts about a message in order, each with the ruling on it."""
        indexes = self._about.get(message_id, ())
        return tuple((cast("MessageFact", self.facts[index]), self.rulings[index]) for index in indexes)

    @property
    def next_recorded(self) -> int:
        """The number the next fact gets."""
        return self._next_recorded

    def record(self, facts: tuple[Fact, ...]) -> Receipt:
        """Record new facts, each in its place; all of them or none (D13, D14, D15)."""
        if len(facts) == 1 and (place := self._place_at_end(facts[0])) is not None:
            return Receipt((self._append_one(place, facts[0]),))
        new = sorted(self._unseen(facts))
        if not new:
            return Receipt(())
        start = bisect_left(self.places, new[0][0])
        tail = list(zip(self.places[start:], self.facts[start:], strict=True))
        before, next_recorded = self.impossible.copy(), self._next_recorded
        self.truncate(start)
        try:
            self._merge(new, tail)
        except RefusedError:
            self.truncate(start)
            self.append(tail, strict=False)
            self._next_recorded = next_recorded
            raise
        return Receipt(
            tuple(self._outcome(bisect_left(self.places, place)) for place, _ in new),
            tuple(conflict for id_, conflict in self.impossible.items() if id_ not in before),
            tuple(conflict for id_, conflict in before.items() if id_ not in self.impossible),
        )

    def preview(self, facts: tuple[Fact, ...]) -> Receipt:
        """What :meth:`record` would do and raise, without doing it."""
        new = sorted(self._unseen(facts))
        if new and self.places and new[0][0] < self.places[-1]:
            return Log.of(self.numbered()).record(facts)
        ledger = self.ledger.fork()
        outcomes = []
        for _, fact in new:
            start = len(ledger.journal.entries)
            ruling = apply(ledger, fact)
            outcomes.append(Outcome(fact, ruling, _caused(fact, ledger.journal.entries[start:])))
        return Receipt(tuple(outcomes))

    def _place_at_end(self, fact: Fact) -> Place | None:
        """The place of a new fact after all others; ``None`` if it is known, or belongs before one."""
        _check_fact(fact)
        if fact.id in self._ids:
            return None
        place = (fact.at, self._next_recorded if fact.recorded is None else fact.recorded, fact.id)
        return None if self.places and place < self.places[-1] else place

    def _unseen(self, facts: Iterable[Fact]) -> list[tuple[Place, Fact]]:
        """The facts not yet recorded, each with its place; equal repeats are dropped (D14)."""
        new: dict[str, Fact] = {}
        for fact in facts:
            _check_fact(fact)
            known = self._ids.get(fact.id) or new.get(fact.id)
            if known is None:
                new[fact.id] = fact
            elif known != fact:
                raise FactConflictError(fact.id, known, fact)
        number = max((fact.recorded + 1 for fact in new.values() if fact.recorded is not None), default=0)
        unnumbered = count(max(number, self._next_recorded))
        return [
            ((fact.at, next(unnumbered) if fact.recorded is None else fact.recorded, fact.id), fact)
            for fact in new.values()
        ]

    def _append_one(self, place: Place, fact: Fact) -> Outcome:
        """Apply a fact at the end; if it is refused, nothing has changed."""
        ledger = self.ledger
        mark = ledger.mark()
        try:
            ruling = apply(ledger, fact)
        except RefusedError:
            ledger.undo(mark)
            raise
        self._note(place, fact, mark, ruling)
        return Outcome(fact, ruling, _caused(fact, ledger.journal.entries[mark[ENTRIES] :]))

    def append(self, facts: Iterable[tuple[Place, Fact]], *, strict: bool) -> None:
        """Apply facts in order at the end; those that are impossible are noted, unless ``strict``."""
        for place, fact in facts:
            mark = self.ledger.mark()
            try:
                ruling: Ruling | RefusedError = apply(self.ledger, fact)
            except RefusedError as error:
                if strict:
                    self.ledger.undo(mark)
                    raise
                ruling = error.with_traceback(None)
                self.impossible[fact.id] = Conflict(fact, error)
            self._note(place, fact, mark, ruling)

    def _merge(self, new: list[tuple[Place, Fact]], tail: list[tuple[Place, Fact]]) -> None:
        """Apply new facts and the facts that come after the first of them, in their joint order."""
        strangers = {fact.id for _, fact in new}
        for item in sorted([*new, *tail], key=lambda placed: placed[0]):
            self.append([item], strict=item[1].id in strangers)

    def _note(self, place: Place, fact: Fact, mark: Mark, ruling: Ruling | RefusedError) -> None:
        self.facts.append(fact)
        self.places.append(place)
        self.marks.append(mark)
        self.rulings.append(ruling)
        self._ids[fact.id] = fact
        if isinstance(fact, MessageFact):
            about = self._about
            about[fact.message_id] = (*about.get(fact.message_id, ()), len(self.places) - 1)
        if place[1] >= self._next_recorded:
            self._next_recorded = place[1] + 1

    def truncate(self, start: int) -> None:
        """Take back all facts from the one at ``start`` on."""
        if start == len(self.facts):
            return
        self.ledger.undo(self.marks[start])
        for fact in self.facts[start:]:
            del self._ids[fact.id]
            self.impossible.pop(fact.id, None)
            if isinstance(fact, MessageFact):
                self._about[fact.message_id] = self._about[fact.message_id][:-1]
        del self.facts[start:], self.places[start:], self.marks[start:], self.rulings[start:]

    def _outcome(self, index: int) -> Outcome:
        fact, ruling = self.facts[index], self.rulings[index]
        if isinstance(ruling, RefusedError):
            raise ruling
        start = self.marks[index][ENTRIES]
        end = self.marks[index + 1][ENTRIES] if index + 1 < len(self.marks) else None
        return Outcome(fact, ruling, _caused(fact, self.ledger.journal.entries[start:end]))


def _caused(fact: Fact, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple([entry for entry in entries if entry.fact_id == fact.id])


def _check_fact(fact: Fact) -> None:
    if not isinstance(fact, Fact):
        raise InvalidValueError("fact", fact, "a Fact, such as Sent(message_id=..., at=...)")

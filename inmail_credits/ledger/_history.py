"""The history: facts in their order, and the ledger that follows from them.

Facts arrive late, twice and out of order, and one of several may be refused. Facts stand in order of
(``at``, ``recorded``) (D13); a late one is put in its place by undoing the ledger to there and applying
anew all that follows. The same fact twice is one fact, the same id with other content a conflict (D14).
What is refused leaves no trace (D15); what becomes impossible in its place stays, moves nothing, and is
reported.

Every fact, whether recorded, replayed or previewed, is applied by :meth:`History._apply` and described by
:meth:`History._outcome`; a preview records and takes back.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count
from typing import Final, cast

from attrs import evolve

from inmail_credits._inputs import as_items
from inmail_credits.errors import FactConflictError, InvalidValueError, RefusedError
from inmail_credits.facts import FACT_TYPES, Fact, MessageFact
from inmail_credits.ledger._ledger import Ledger, Mark
from inmail_credits.ledger._rules import apply
from inmail_credits.ledger.outcomes import Conflict, Outcome, Receipt
from inmail_credits.ledger.ruling import Ruling

Place = tuple[datetime, int, str]
"""Where a fact stands: its instant, its recorded number, its id."""
Placed = tuple[Place, Fact]
_KINDS: Final = dict.fromkeys(FACT_TYPES.values())


class History:
    """Facts in order; beside each its place, the mark before it and the ruling on it.

    ``impossible`` holds, by fact id, the facts that are impossible in their place. ``_latest_about`` has
    the index of the latest fact about each message, ``_earlier`` for each fact the index of the one before
    about the same message (-1 for none).
    """

    __slots__ = (
        "_earlier",
        "_ids",
        "_latest_about",
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
        self._latest_about: dict[str, int] = {}
        self._earlier: list[int] = []
        self._next_recorded = 1

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "History":
        """The history these facts make, in whatever order they come."""
        history = cls()
        given = as_items("facts", facts, "facts, such as those of wire.loads(text)", count_max=None)
        for place, fact in sorted(history._unseen(given)):
            history._apply(place, fact, strict=False)
        return history

    def numbered(self) -> tuple[Fact, ...]:
        """The facts in order, each with the number under which it was recorded."""
        return tuple(
            fact if fact.recorded is not None else evolve(fact, recorded=place[1])
            for fact, place in zip(self.facts, self.places, strict=True)
        )

    def about(self, message_id: str) -> tuple[tuple[MessageFact, Ruling | RefusedError], ...]:
        """The facts about a message in order, each with the ruling on it."""
        events = []
        index = self._latest_about.get(message_id, -1)
        while index >= 0:
            events.append((cast("MessageFact", self.facts[index]), self.rulings[index]))
            index = self._earlier[index]
        return tuple(reversed(events))

    @property
    def next_recorded(self) -> int:
        """The number the next fact gets."""
        return self._next_recorded

    # -- facts in ---------------------------------------------------------------------------------------

    def record(self, facts: tuple[Fact, ...]) -> Receipt:
        """Record new facts, each in its place; all of them or none (D13, D14, D15)."""
        if len(facts) == 1 and (place := self._place_at_end(facts[0])) is not None:
            self._apply(place, facts[0], strict=True)
            return Receipt((self._outcome(len(self.facts) - 1),))
        new = sorted(self._unseen(facts))
        if not new:
            return Receipt(())
        before = self.impossible.copy()
        self._insert(new)
        return Receipt(
            tuple(self._outcome(bisect_left(self.places, place)) for place, _ in new),
            tuple(conflict for id_, conflict in self.impossible.items() if id_ not in before),
            tuple(conflict for id_, conflict in before.items() if id_ not in self.impossible),
        )

    def preview(self, facts: tuple[Fact, ...]) -> Receipt:
        """What :meth:`record` would do and raise, without doing it: it is done and taken back.

        The cost grows with the facts that come after the first of the new ones, not with the history.
        """
        new = sorted(self._unseen(facts))
        if not new:
            return Receipt(())
        start = bisect_left(self.places, new[0][0])
        tail = self._placed_from(start)
        next_recorded = self._next_recorded
        receipt = self.record(facts)
        self._restore(start, tail, next_recorded)
        return receipt

    def _insert(self, new: Sequence[Placed]) -> None:
        """Apply new facts and those that come after the first of them, in their joint order."""
        start = bisect_left(self.places, new[0][0])
        tail, next_recorded = self._placed_from(start), self._next_recorded
        strangers = {fact.id for _, fact in new}
        self.truncate(start)
        try:
            for place, fact in sorted([*new, *tail], key=_place):
                self._apply(place, fact, strict=fact.id in strangers)
        except RefusedError:
            self._restore(start, tail, next_recorded)
            raise

    def _restore(self, start: int, tail: Iterable[Placed], next_recorded: int) -> None:
        """Make the facts from ``start`` on those of ``tail`` again."""
        self.truncate(start)
        for place, fact in tail:
            self._apply(place, fact, strict=False)
        self._next_recorded = next_recorded

    def _placed_from(self, start: int) -> list[Placed]:
        return list(zip(self.places[start:], self.facts[start:], strict=True))

    def _place_at_end(self, fact: Fact) -> Place | None:
        """The place of a new fact after all others; ``None`` if it is known, or belongs before one."""
        _checked(fact)
        if fact.id in self._ids:
            return None
        place = (fact.at, self._next_recorded if fact.recorded is None else fact.recorded, fact.id)
        return None if self.places and place < self.places[-1] else place

    def _unseen(self, facts: Iterable[object]) -> list[Placed]:
        """The facts not yet recorded, each with its place; equal repeats are dropped (D14)."""
        new: dict[str, Fact] = {}
        for given in facts:
            fact = _checked(given)
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

    # -- one fact ---------------------------------------------------------------------------------------

    def _apply(self, place: Place, fact: Fact, *, strict: bool) -> None:
        """Apply a fact at the end; one that is impossible is refused if ``strict``, otherwise noted."""
        mark = self.ledger.mark()
        try:
            ruling: Ruling | RefusedError = apply(self.ledger, fact)
        except RefusedError as error:
            if strict:
                self.ledger.undo(mark)
                raise
            ruling = error.with_traceback(None)
            self.impossible[fact.id] = Conflict(fact, error)
        if isinstance(fact, MessageFact):
            self._earlier.append(self._latest_about.get(fact.message_id, -1))
            self._latest_about[fact.message_id] = len(self.facts)
        else:
            self._earlier.append(-1)
        self.facts.append(fact)
        self.places.append(place)
        self.marks.append(mark)
        self.rulings.append(ruling)
        self._ids[fact.id] = fact
        if place[1] >= self._next_recorded:
            self._next_recorded = place[1] + 1

    def truncate(self, start: int) -> None:
        """Take back all facts from the one at ``start`` on."""
        if start == len(self.facts):
            return
        self.ledger.undo(self.marks[start])
        for index in range(len(self.facts) - 1, start - 1, -1):
            fact = self.facts[index]
            del self._ids[fact.id]
            self.impossible.pop(fact.id, None)
            if isinstance(fact, MessageFact):
                if (earlier := self._earlier[index]) < 0:
                    del self._latest_about[fact.message_id]
                else:
                    self._latest_about[fact.message_id] = earlier
        for column in (self.facts, self.places, self.marks, self.rulings, self._earlier):
            del column[start:]

    def _outcome(self, index: int) -> Outcome:
        """What the fact at ``index`` did."""
        fact, ruling = self.facts[index], self.rulings[index]
        if isinstance(ruling, RefusedError):
            raise ruling
        start = self.marks[index].entries
        end = self.marks[index + 1].entries if index + 1 < len(self.marks) else None
        entries = self.ledger.journal.entries[start:end]
        return Outcome(fact, ruling, tuple([entry for entry in entries if entry.fact_id == fact.id]))


def _place(placed: Placed) -> Place:
    return placed[0]


def _checked(fact: object) -> Fact:
    if type(fact) not in _KINDS:  # a class of one's own has no rule and no form on the wire
        raise InvalidValueError("fact", fact, f"a fact: one of {', '.join(kind.__name__ for kind in _KINDS)}")
    return cast("Fact", fact)

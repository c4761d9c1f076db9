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
from threading import Lock
from typing import Final, cast

from inmail_credits._inputs import as_items
from inmail_credits.errors import FactConflictError, InvalidValueError, RefusedError, stamp
from inmail_credits.facts import FACT_TYPES, Fact, MessageFact, Opened, Place
from inmail_credits.ledger._ledger import Ledger, Mark
from inmail_credits.ledger._openings import TICK, before_opening, opening_of
from inmail_credits.ledger._rules import apply
from inmail_credits.ledger.entries import Entry
from inmail_credits.ledger.outcomes import Conflict, Outcome, Receipt
from inmail_credits.ledger.ruling import Ruling

Placed = tuple[Place, Fact]
_KINDS: Final = dict.fromkeys(FACT_TYPES.values())


class History:
    """Facts in order, as given; beside each its place, the mark before it and the ruling on it.

    A fact without a number has it in its place only, and gets it where it is handed out: facts are many, and
    most of them are never asked for again.

    ``impossible`` holds, by fact id, the facts that are impossible in their place. ``_latest_about`` has
    the index of the latest fact about each message, ``_earlier`` for each fact the index of the one before
    about the same message (-1 for none). ``next_recorded`` is the number the next fact gets. ``_begins`` is
    the place of the opening, before which facts are refused (D17). ``recording`` is locked while facts are
    recorded or previewed.
    """

    __slots__ = (
        "_begins",
        "_earlier",
        "_latest_about",
        "_places_by_id",
        "facts",
        "impossible",
        "ledger",
        "marks",
        "next_recorded",
        "places",
        "recording",
        "rulings",
    )

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.facts: list[Fact] = []
        self.places: list[Place] = []
        self.marks: list[Mark] = []
        self.rulings: list[Ruling | RefusedError] = []
        self.impossible: dict[str, Conflict] = {}
        self._places_by_id: dict[str, Place] = {}
        self._latest_about: dict[str, int] = {}
        self._earlier: list[int] = []
        self.next_recorded = 1
        self._begins: Place | None = None
        self.recording = Lock()

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "History":
        """The history these facts make, in whatever order they come."""
        history = cls()
        given = as_items("facts", facts, "facts, such as those of wire.loads(text)", count_max=None)
        placed = sorted(history._unseen(given))
        history._begins = next((place for place, fact in placed if isinstance(fact, Opened)), None)
        for place, fact in placed:
            history._apply(place, fact, strict=False)
        return history

    def copy(self) -> "History":
        """A history of the same facts that shares nothing that changes; nothing is applied again."""
        other = History()
        for name in self.__slots__:
            value = getattr(self, name)
            if name != "recording":
                setattr(other, name, value.copy() if isinstance(value, list | dict) else value)
        other.ledger = self.ledger.copy()
        return other

    def numbered(self) -> tuple[Fact, ...]:
        """The facts in order, each with the number under which it was recorded."""
        return tuple(fact.numbered(place[2]) for place, fact in zip(self.places, self.facts, strict=True))

    def get(self, fact_id: str) -> Fact | None:
        """The recorded fact of that id, as stored."""
        place = self._places_by_id.get(fact_id)
        return None if place is None else self.facts[self._index(place)].numbered(place[2])

    def outcome(self, fact_id: str) -> Outcome | None:
        """What the recorded fact of that id did, as things stand."""
        place = self._places_by_id.get(fact_id)
        return None if place is None else self._outcome(self._index(place), repeated=True)

    def _index(self, place: Place) -> int:
        return bisect_left(self.places, place)

    def about(self, message_id: str) -> tuple[tuple[MessageFact, Ruling | RefusedError], ...]:
        """The facts about a message in order, each with the ruling on it."""
        events = []
        index = self._latest_about.get(message_id, -1)
        while index >= 0:
            events.append((cast("MessageFact", self.facts[index]), self.rulings[index]))
            index = self._earlier[index]
        return tuple(reversed(events))

    # -- facts in ---------------------------------------------------------------------------------------

    def record(self, facts: Sequence[Fact], *, hold: bool = False) -> Receipt:
        """Record facts, each in its place; all of them or none (D13, D14, D15).

        Those known before are reported as repeats. New ones that are impossible in their place are refused,
        or with ``hold`` recorded as conflicts.
        """
        if len(facts) == 1 and not hold and (receipt := self._record_at_end(facts[0])) is not None:
            return receipt
        new = sorted(self._unseen(facts))
        known = {self._places_by_id[fact.id] for fact in facts if fact.id in self._places_by_id}
        before = self.impossible.copy()
        if new:
            self._insert(new, hold=hold)
        places = sorted([*(place for place, _ in new), *known])
        return Receipt(
            tuple(self._outcome(self._index(each), repeated=each in known) for each in places),
            tuple(conflict for id_, conflict in self.impossible.items() if id_ not in before),
            tuple(conflict for id_, conflict in before.items() if id_ not in self.impossible),
        )

    def preview(self, facts: Sequence[Fact], *, hold: bool = False) -> Receipt:
        """What :meth:`record` would do and raise, without doing it: it is done and taken back.

        The cost grows with the facts that come after the first of the new ones, not with the history.
        """
        new = sorted(self._unseen(facts))
        if not new:
            return self.record(facts)
        start = bisect_left(self.places, new[0][0])
        tail, counters = self._placed_from(start), (self.next_recorded, self._begins)
        receipt = self.record(facts, hold=hold)
        self._restore(start, tail, counters)
        return receipt

    def opening_at(self, at: datetime) -> Opened:
        """The opening that stands for all facts before ``at`` (D17).

        The cost grows with the facts from ``at`` on, which are taken back and applied again, and with the
        messages there ever were.

        An opening at ``at`` itself is that opening.

        Raises:
            InvalidValueError: if nothing is known of the time before ``at``.
        """
        start = bisect_left(self.places, at, key=_at)
        if not start:
            first = self.facts[0] if self.facts else None
            if isinstance(first, Opened) and first.at == at:
                return first
            raise InvalidValueError("at", stamp(at), "after the first fact: before it nothing is known")
        tail, counters = self._placed_from(start), (self.next_recorded, self._begins)
        self.truncate(start)
        then = self.ledger.fork()
        then.advance(at - TICK)
        opening = opening_of(then, self.ledger.sent_by(then), at)
        self._restore(start, tail, counters)
        return opening

    def _insert(self, new: Sequence[Placed], *, hold: bool) -> None:
        """Apply new facts and those that come after the first of them, in their joint order."""
        start = bisect_left(self.places, new[0][0])
        tail, counters = self._placed_from(start), (self.next_recorded, self._begins)
        strangers = {fact.id for _, fact in new}
        self.truncate(start)
        try:
            for place, fact in sorted([*new, *tail], key=_place):
                self._apply(place, fact, strict=fact.id in strangers and not hold)
        except RefusedError:
            self._restore(start, tail, counters)
            raise

    def _restore(self, start: int, tail: Iterable[Placed], before: tuple[int, Place | None]) -> None:
        """Make the facts from ``start`` on those of ``tail`` again, and the counters as before."""
        self.truncate(start)
        self._begins = before[1]
        for place, fact in tail:
            self._apply(place, fact, strict=False)
        self.next_recorded = before[0]

    def _placed_from(self, start: int) -> list[Placed]:
        return list(zip(self.places[start:], self.facts[start:], strict=True))

    def _record_at_end(self, fact: Fact) -> Receipt | None:
        """Record a new fact after all others, quickly; ``None`` if it is known, or belongs before one."""
        _checked(fact)
        if fact.id in self._places_by_id:
            return None
        place = fact.place(self.next_recorded)
        if self.places and place < self.places[-1]:
            return None
        self._apply(place, fact, strict=True)
        ruling = cast("Ruling", self.rulings[-1])  # it was not refused
        return Receipt(
            (Outcome(fact, place[2], ruling, self._caused(fact.id, self.marks[-1].entries, None)),)
        )

    def _unseen(self, facts: Iterable[object]) -> list[Placed]:
        """The facts not yet recorded, each with its place; repeats are dropped (D14).

        A fact that is given several times counts under the lowest of its numbers, so that the order in
        which facts are given makes no difference (D13).
        """
        new: dict[str, Fact] = {}
        for given in facts:
            fact = _checked(given)
            known = self.get(fact.id) or new.get(fact.id)
            if known is None:
                new[fact.id] = fact
            elif known != fact:
                raise FactConflictError(fact.id, known, fact)
            elif fact.id in new and fact.recorded is not None and fact.recorded < _number(known):
                new[fact.id] = fact
        number = max((fact.recorded + 1 for fact in new.values() if fact.recorded is not None), default=0)
        unnumbered = count(max(number, self.next_recorded))
        return [
            (fact.place(next(unnumbered) if fact.recorded is None else fact.recorded), fact)
            for fact in new.values()
        ]

    # -- one fact ---------------------------------------------------------------------------------------

    def _apply(self, place: Place, fact: Fact, *, strict: bool) -> None:
        """Apply a fact at the end; one that is impossible is refused if ``strict``, otherwise noted."""
        mark = self.ledger.mark()
        try:
            if self._begins is not None and place < self._begins:
                raise before_opening(fact, self._begins[0])
            ruling: Ruling | RefusedError = apply(self.ledger, fact)
        except RefusedError as error:
            if strict:
                self.ledger.undo(mark)
                raise
            ruling = error.with_traceback(None)
            self.impossible[fact.id] = Conflict(fact.numbered(place[2]), error)
        if isinstance(fact, MessageFact):
            self._earlier.append(self._latest_about.get(fact.message_id, -1))
            self._latest_about[fact.message_id] = len(self.facts)
        else:
            self._earlier.append(-1)
        if isinstance(fact, Opened) and self._begins is None and isinstance(ruling, Ruling):
            self._begins = place
        self.facts.append(fact)
        self.places.append(place)
        self.marks.append(mark)
        self.rulings.append(ruling)
        self._places_by_id[fact.id] = place
        if place[2] >= self.next_recorded:
            self.next_recorded = place[2] + 1

    def truncate(self, start: int) -> None:
        """Take back all facts from the one at ``start`` on."""
        if start == len(self.facts):
            return
        self.ledger.undo(self.marks[start])
        for index in range(len(self.facts) - 1, start - 1, -1):
            fact = self.facts[index]
            del self._places_by_id[fact.id]
            self.impossible.pop(fact.id, None)
            if isinstance(fact, MessageFact):
                if (earlier := self._earlier[index]) < 0:
                    del self._latest_about[fact.message_id]
                else:
                    self._latest_about[fact.message_id] = earlier
        for column in (self.facts, self.places, self.marks, self.rulings, self._earlier):
            del column[start:]

    def _outcome(self, index: int, *, repeated: bool = False) -> Outcome:
        """What the fact at ``index`` did."""
        fact, recorded, ruling = self.facts[index], self.places[index][2], self.rulings[index]
        if isinstance(ruling, RefusedError):
            return Outcome(fact, recorded, Ruling.IMPOSSIBLE, (), ruling, repeated)
        marks = self.marks
        end = marks[index + 1].entries if index + 1 < len(marks) else None
        caused = self._caused(fact.id, marks[index].entries, end)
        return Outcome(fact, recorded, ruling, caused, None, repeated)

    def _caused(self, fact_id: str, start: int, end: int | None) -> tuple[Entry, ...]:
        """The entries of a fact, which stand from the mark before it up to the next."""
        return tuple([entry for entry in self.ledger.journal.entries[start:end] if entry.fact_id == fact_id])


def _number(fact: Fact) -> float:
    return float("inf") if fact.recorded is None else fact.recorded


def _at(place: Place) -> datetime:
    return place[0]


def _place(placed: Placed) -> Place:
    return placed[0]


def _checked(fact: object) -> Fact:
    if isinstance(fact, list | tuple):
        raise InvalidValueError("fact", fact, "one fact; several are arguments of their own: record(*facts)")
    if type(fact) not in _KINDS:  # a class of one's own has no rule and no form on the wire
        raise InvalidValueError("fact", fact, f"a fact: one of {', '.join(kind.__name__ for kind in _KINDS)}")
    return cast("Fact", fact)

"""Several people on one account: one path of a contract, driven through the real ledger.

Each is a :class:`~inmail_credits.testing.engine_reference.Person` with draws of their own; all share one
account, and what is to come of their messages.
"""

# ruff: noqa: SLF001 - the people of a crew share what a person has

from collections import Counter, defaultdict
from datetime import datetime
from typing import NamedTuple

import numpy as np
from attrs import evolve

from inmail_credits.facts import Fact
from inmail_credits.ledger.entries import EntryKind
from inmail_credits.plans import Plan
from inmail_credits.simulation._engine.calendar import EPOCH, MICROSECOND
from inmail_credits.simulation._engine.job import Job
from inmail_credits.simulation.fleet.contracts import planned_by
from inmail_credits.simulation.fleet.keys import Keys
from inmail_credits.simulation.fleet.members import Contract, Member
from inmail_credits.simulation.run import make_job
from inmail_credits.testing.engine_reference import Figures, Message, Person

NUMBERS = 1_000_000
"""How many messages a person may send: the numbers of the next person begin there."""


class Seated(NamedTuple):
    """A person, and the steps from and up to which they are there."""

    person: Person
    joins: int
    leaves: int


class Crew:
    """One path of a member or a contract."""

    def __init__(self, one: Member | Contract, jobs: list[Job], path: int) -> None:
        self._job = jobs[0]
        seats = (None,) if isinstance(one, Member) else one.seats
        self.people: list[Seated] = [
            Seated(Person(job, path), *_steps(job, None if seat is None else (seat.joins, seat.leaves)))
            for job, seat in zip(jobs, seats, strict=True)
        ]
        self._lead = lead = self.people[0].person
        self._follow_ups: dict[int, list[Message]] = defaultdict(list)
        self._owners: dict[int, list[int]] = defaultdict(list)
        self._did = {name: Counter[int]() for name in ("wanted", "held_back", "sent", "refused", "refunded")}
        for place, (person, _, _) in enumerate(self.people):
            person._numbered = place * NUMBERS
            person._account = lead._account
            person._answers, person._failures = lead._answers, lead._failures
            person._withdrawals, person._counts = lead._withdrawals, lead._counts
            person._follow_ups = self._follow_ups

    def live(self) -> None:
        """Go through every step."""
        draws = [list(person._draws.wishes(joins, leaves)) for person, joins, leaves in self.people]
        for step in range(self._job.steps):
            self._lead._record_planned(step)
            self._lead._receive_answers(step)
            self._lead._buy(step)
            self._send(step, [[Message(wish.fate, wish.follow_up) for wish in own[step]] for own in draws])
            self._lead._receive_answers(step)
            for message_id in self._lead._withdrawals.pop(step, ()):
                self._lead._account.withdraw(message_id, at=self._lead._at(step))
                self._lead._note("withdrawn", step)

    def _send(self, step: int, new: list[list[Message]]) -> None:
        """The follow-ups of all in the order of their first messages, then what each wants, seat by seat."""
        waiting = [*zip(self._owners.pop(step, []), self._follow_ups.pop(step, []), strict=True)]
        for place, messages in enumerate(new):
            left = self.people[place].person._left
            waiting += [(place, message) for message in (messages if left is None else messages[:left])]
        room: dict[int, int] = {}
        for place, message in waiting:
            person, _, leaves = self.people[place]
            self._note("wanted", place, step)
            if place not in room:
                room[place] = person._allowed(step, NUMBERS)
            room[place] -= 1
            if room[place] < 0:
                self._note("held_back", place, step)
            elif not self._send_one(person, place, step, message, leaves):
                self._note("refused", place, step)
            else:
                self._did["sent"][place] += 1
                if person._left is not None and not message.is_second:
                    person._left -= 1

    def _send_one(self, person: Person, place: int, step: int, message: Message, leaves: int) -> bool:
        follow_up = person._job.outreach.sends.follow_up
        if follow_up is not None and message.follow_up is not None:
            again = step + follow_up.after_days * self._job.steps_per_day
            if again >= leaves:
                message = message._replace(follow_up=None)
        sent = person._send_one(step, message)
        if sent and message.follow_up is not None and follow_up is not None:
            self._owners[step + follow_up.after_days * self._job.steps_per_day].append(place)
        return sent

    def _note(self, figure: str, place: int, step: int) -> None:
        self._did[figure][place] += 1
        self._lead._note(figure, step)

    def write_down(self, days: Figures, people: Figures, path: int) -> None:
        """Put what the ledger's entries and the people say into the figures."""
        self._lead.write_down(days, np.zeros(path + 1, dtype=np.int64), path)
        last = self._lead._at(self._job.steps - 1)
        for entry in self._lead._account.entries_until(last)[self._lead._entries_before :]:
            name, _, number = entry.message_id.rpartition("-")
            if entry.kind is EntryKind.REFUNDED:
                place = (int(number) - 1) // NUMBERS if name == "simulated" else 0
                self._did["refunded"][place] += entry.credits
        for name, counts in self._did.items():
            people[name][:, path] = [counts[place] for place in range(len(self.people))]


def _steps(job: Job, there: tuple[datetime | None, datetime | None] | None) -> tuple[int, int]:
    """From and up to which step a seat is there."""
    joins, leaves = (None, None) if there is None else there
    return 0 if joins is None else _step(job, joins), job.steps if leaves is None else _step(job, leaves)


def _step(job: Job, at: datetime) -> int:
    """The first step at or after an instant."""
    return job.grid.step_of((at - EPOCH) // MICROSECOND)


def jobs_of(
    one: Member | Contract, keys: Keys, start: datetime | None, days: int, paths: int, steps_per_day: int
) -> list[Job]:
    """A job for each person: of one account, and what is planned for it; with their behaviour and key."""
    people = [one] if isinstance(one, Member) else list(one.seats)
    zone = people[0].outreach.zone
    begin = start if one.start is None else one.start
    planned: tuple[Fact, ...] = one.planned
    seats = 1
    if isinstance(one, Contract):
        plain = make_job(one.subject, people[0].outreach, start=begin, days=0, paths=0, rng=0)
        at = plain.opening.start
        seats = one.seats_at(at) if isinstance(one.subject, Plan) else plain.opening.seats
        whole = make_job(
            one.subject,
            people[0].outreach,
            start=begin,
            days=days,
            paths=paths,
            rng=0,
            steps_per_day=steps_per_day,
            seats=seats if isinstance(one.subject, Plan) else 1,
        )
        planned += tuple(planned_by(one, seats, at, whole.grid.begin_of_day(days)))
    jobs = []
    for person in people:
        job = make_job(
            one.subject,
            evolve(person.outreach, zone=zone, purchases=people[0].outreach.purchases),
            start=begin,
            days=days,
            paths=paths,
            rng=0,
            steps_per_day=steps_per_day,
            seats=seats if isinstance(one.subject, Plan) else 1,
            planned=planned,
            seat=None if isinstance(one, Member) else person.name,
        )
        jobs.append(evolve(job, key=keys.of(person.name)))
    return jobs

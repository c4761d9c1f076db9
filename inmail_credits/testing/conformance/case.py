"""Directed cases: a few facts chosen for one rule, and what must be true between and after them.

A case is a sequence of steps. Facts are told with the result they must have; balances are asked at instants
that tell the rule from its near misses, with the figure worked out by hand from the text of the rule. What a
case needs of a ledger follows from its facts.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve, field, frozen

from inmail_credits._inputs import Choice
from inmail_credits.channels import Channel
from inmail_credits.facts import (
    Cancelled,
    DeliveryFailed,
    Fact,
    Opened,
    Purchased,
    Replied,
    SeatLimited,
    SeatsChanged,
    Sent,
    Subscribed,
    Switched,
    TermsChanged,
    Withdrawn,
)
from inmail_credits.plans import Plan, ReplyKind
from inmail_credits.testing.conformance.capabilities import CAREER, Capability, history_needs
from inmail_credits.timeline import Interval

START: Final = datetime(2026, 1, 31, 9, tzinfo=UTC)
"""Where cases start unless they say otherwise: three months are 89 days, and the next month has no 31st."""
DAY: Final = timedelta(days=1)
TICK: Final = timedelta(microseconds=1)
YEARLY: Final = Interval(months=12)

When = datetime | timedelta | float
"""An instant, or how long after :data:`START`; a number is of days of 24 hours."""


class Result(Choice):
    """What must become of facts that are told."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """A ``RefusedError``, and nothing has changed (D15)."""
    CONFLICT = "conflict"
    """A ``FactConflictError``, and nothing has changed (D14)."""


@frozen
class Tell:
    """Facts to be recorded together, and what must become of them."""

    facts: tuple[Fact, ...]
    result: Result = Result.ACCEPTED


@frozen
class Ask:
    """The balance that must be left at an instant."""

    at: datetime
    balance: int


Step = Tell | Ask
"""What a case consists of."""


@frozen
class Case:
    """A directed case.

    Fields:
        rule: the id of the rule it is about, such as ``"R8"``.
        name: what must hold, in words.
        steps: what is told and asked, in order.
        needs: what it needs of a ledger.
    """

    rule: str
    name: str
    steps: tuple[Step, ...]
    needs: frozenset[Capability] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "needs", _needs_of(self.steps))

    @property
    def id(self) -> str:
        """The rule and the name as one word, such as ``R8-a-credit-lives-90-days``."""
        return "-".join([self.rule, *re.sub("[^a-zA-Z0-9 ]", "", self.name).split()])

    @property
    def told(self) -> tuple[Fact, ...]:
        """All facts of the case that must be accepted, in the order in which they are told."""
        tells = [step for step in self.steps if isinstance(step, Tell) and step.result is Result.ACCEPTED]
        return tuple(fact for step in tells for fact in step.facts)

    def __str__(self) -> str:
        return f"{self.rule}, {self.name}"


def _needs_of(steps: Iterable[Step]) -> frozenset[Capability]:
    needs: set[Capability] = set()
    told: list[Fact] = []
    for step in steps:
        if isinstance(step, Ask):
            late = told and step.at < max(fact.at for fact in told)
            needs |= {Capability.PAST_ANSWERS} if late else set()
            continue
        needs |= {Capability.BATCHES} if len(step.facts) > 1 else set()
        told += step.facts
        needs |= history_needs(told)
        if step.result is not Result.ACCEPTED:
            told = told[: -len(step.facts)]
    return frozenset(needs)


# -- how cases are written -------------------------------------------------------------------------------


def on(when: When) -> datetime:
    """The instant meant.

    Example:
        >>> on(90).isoformat(), on(90 * DAY - TICK).isoformat()
        ('2026-05-01T09:00:00+00:00', '2026-05-01T08:59:59.999999+00:00')
    """
    if isinstance(when, datetime):
        return when
    return START + (when if isinstance(when, timedelta) else timedelta(days=when))


def utc(text: str) -> datetime:
    """The instant that an ISO 8601 text names; UTC where it names no offset."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def case(rule: str, name: str, *steps: Step | Fact) -> Case:
    """A case; a fact stands for telling it and seeing it accepted. Facts without an id are named in order.

    Where facts come in order of time, what is asked about an instant before the latest is asked before it, so
    that a ledger which has no answers about the past can be asked.
    """
    named: list[Step] = []
    count = 0

    def with_id(fact: Fact) -> Fact:
        nonlocal count
        count += 1
        return evolve(fact, id=f"fact-{count}") if fact.id.partition(":")[0] == fact.type else fact

    for step in steps:
        if isinstance(step, Fact):
            named.append(Tell((with_id(step),)))
        elif isinstance(step, Tell):
            named.append(evolve(step, facts=tuple(with_id(fact) for fact in step.facts)))
        else:
            named.append(step)
    return Case(rule, name, tuple(_in_time(named)))


def _in_time(steps: Sequence[Step]) -> list[Step]:
    told_at = [fact.at for step in steps if isinstance(step, Tell) for fact in step.facts]
    if told_at != sorted(told_at):
        return list(steps)
    ordered: list[Step] = []
    for step in steps:
        later = (
            place
            for place, before in enumerate(ordered)
            if isinstance(step, Ask) and isinstance(before, Tell) and before.facts[0].at > step.at
        )
        ordered.insert(next(later, len(ordered)), step)
    return ordered


def ask(when: When, balance: int) -> Ask:
    """The balance must be this then."""
    return Ask(on(when), balance)


def around(when: When, before: int, at: int) -> tuple[Ask, Ask]:
    """The balance must be ``before`` a microsecond before an instant, and ``at`` at it."""
    return ask(on(when) - TICK, before), ask(when, at)


def refused(*facts: Fact) -> Tell:
    """The facts must be refused."""
    return Tell(facts, Result.REFUSED)


def conflict(fact: Fact) -> Tell:
    """The fact must be refused as contradicting the recorded one of its id."""
    return Tell((fact,), Result.CONFLICT)


def together(*facts: Fact) -> Tell:
    """The facts must be accepted as one batch."""
    return Tell(facts)


def plan(grant_credits: int = 3, **terms: object) -> Plan:
    """A plan of one's own: yearly grants of 3 credits that live 90 days, where it does not say otherwise."""
    usual: dict[str, object] = {"name": "own", "grant_every": YEARLY, "lifetime_days": 90}
    make: type = Plan
    made: Plan = make(grant_credits=grant_credits, **{**usual, **terms})
    return made


def subscribed(terms: Plan = CAREER, when: When = 0, seats: int = 1) -> Subscribed:
    """A subscription starts."""
    return Subscribed(at=on(when), plan=terms, seats=seats)


def sent(
    message_id: str, when: When, *, channel: str = "inmail", seat: str | None = None, id: str = ""
) -> Sent:
    """A message is sent."""
    return Sent(at=on(when), message_id=message_id, channel=Channel(channel), seat=seat, id=id)


def replied(message_id: str, when: When, kind: str = "message", *, id: str = "") -> Replied:
    """A message is answered."""
    return Replied(at=on(when), message_id=message_id, kind=ReplyKind(kind), id=id)


def withdrawn(message_id: str, when: When) -> Withdrawn:
    """A message is withdrawn."""
    return Withdrawn(at=on(when), message_id=message_id)


def failed(message_id: str, when: When) -> DeliveryFailed:
    """A delivery fails."""
    return DeliveryFailed(at=on(when), message_id=message_id)


def purchased(credits: int, when: When) -> Purchased:
    """Credits are bought."""
    return Purchased(at=on(when), credits=credits)


def cancelled(when: When) -> Cancelled:
    """The subscription is cancelled."""
    return Cancelled(at=on(when))


def switched(terms: Plan, when: When, seats: int = 1) -> Switched:
    """The plan is switched."""
    return Switched(at=on(when), plan=terms, seats=seats)


def terms_changed(terms: Plan, when: When) -> TermsChanged:
    """The provider changes the terms."""
    return TermsChanged(at=on(when), plan=terms)


def seats_changed(seats: int, when: When) -> SeatsChanged:
    """The contract has another number of seats."""
    return SeatsChanged(at=on(when), seats=seats)


def seat_limited(seat: str, credits_max: int | None, when: When) -> SeatLimited:
    """A seat is limited."""
    return SeatLimited(at=on(when), seat=seat, credits_max=credits_max)


def opened(terms: Plan | None, when: When = 0, **known: object) -> Opened:
    """An account begins from what is known."""
    make: type = Opened
    fact: Opened = make(at=on(when), plan=terms, **({"anchor_at": on(when)} if terms else {}) | known)
    return fact

"""Where a ledger under test stands, and what can be reported to it next: facts at every kind of edge."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NoReturn

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from inmail_credits import economies
from inmail_credits.facts import (
    Cancelled,
    DeliveryFailed,
    Fact,
    Opened,
    Purchased,
    Replied,
    SeatsChanged,
    Sent,
    TermsChanged,
    Withdrawn,
)
from inmail_credits.plans import Plan, ReplyKind
from inmail_credits.testing import strategies
from inmail_credits.testing.conformance.capabilities import CAREER, Capability, plan_within
from inmail_credits.testing.conformance.failure import Failure, NotConformingError
from inmail_credits.testing.oracle import in_order, lived_through
from inmail_credits.testing.run import Run
from inmail_credits.testing.strategies import TICKS

SHIPPED_CREDITS_MAX = 15


class Standing(RuleBasedStateMachine):
    """The facts a ledger was given so far, and the edges and messages that further facts may be about."""

    def __init__(self, without: AbstractSet[Capability] = frozenset()) -> None:
        super().__init__()
        self.without = without
        """What the ledger leaves out; nothing that needs it is reported."""
        self.told: list[Fact] = []
        self.named: int = 0
        """How many facts were given a name so far."""

    def next_name(self) -> int:
        """The number of the next fact that is given a name."""
        self.named += 1
        return self.named - 1

    def able(self, *capabilities: Capability) -> bool:
        """Whether the ledger leaves none of these out."""
        return self.without.isdisjoint(capabilities)

    def fail(self, rules: tuple[str, ...], what: str, found: str, expected: str, *further: Fact) -> NoReturn:
        """Raise a ``NotConformingError`` with the facts so far, as they arrived, and further ones."""
        failure = Failure(rules, "a random history", what, found, expected, (*self.told, *further))
        raise NotConformingError((failure,))

    def same(self, rule: str, what: str, found: object, expected: object) -> None:
        """Raise a ``NotConformingError`` with the facts so far, unless both are equal."""
        if found != expected:
            self.fail((rule,), what, str(found), str(expected))

    @property
    def latest_at(self) -> datetime:
        """The instant of the latest fact."""
        return max(fact.at for fact in self.told)

    def run_through(self) -> Run:
        """A run of the oracle that has lived through all facts and stands at the latest."""
        return lived_through(in_order(self.told))[0]

    def plans(self) -> st.SearchStrategy[Plan]:
        """Plans of the terms that the ledger knows."""
        if not self.able(Capability.OWN_PLANS):
            return st.just(CAREER)
        return all_plans.map(lambda plan: plan_within(plan, self.without)) if self.without else all_plans

    def moments(self) -> st.SearchStrategy[datetime]:
        """Instants at an edge: mostly going on from the latest fact, now and then before it."""
        run = self.run_through()
        groups = strategies.next_instants(run)
        if self.able(Capability.LATE_FACTS):
            groups += [self.late_moments(run)] * 3
        return st.one_of([st.sampled_from(group) for group in groups])

    def late_moments(self, run: Run) -> list[datetime]:
        """Every edge there has been, one microsecond before and after included."""
        edges: set[datetime | None] = {movement.at for movement in run.history}
        edges |= {fact.at for fact in self.told}
        edges |= {credit.expires_at for credit in run.credits}
        edges |= {message.window_ends_at for message in run.messages.values()}
        return sorted(at + tick for at in edges if at is not None and at <= run.now for tick in TICKS)

    def new_messages(self) -> st.SearchStrategy[str]:
        """A message id not yet used; now and then one that is."""
        new = f"m-{self.named}"
        return st.sampled_from([new, new, new, new, *self.known_messages()[:1]])

    def old_messages(self) -> st.SearchStrategy[str]:
        """The id of a message that was sent; now and then of none."""
        known = self.known_messages()
        return st.sampled_from([*reversed(known), *known, "m-unknown"])

    def any_sent(self) -> bool:
        """Whether there is a message to speak of."""
        return bool(self.known_messages())

    def known_messages(self) -> list[str]:
        """The ids of messages that were sent, those that the account began with first."""
        begun_with = [] if self.opened is None else [message.message_id for message in self.opened.messages]
        return [*begun_with, *(fact.message_id for fact in self.told if isinstance(fact, Sent))]

    @property
    def opened(self) -> Opened | None:
        """The opening the account begins with, if there is one (D17)."""
        return next((fact for fact in self.told if isinstance(fact, Opened)), None)


def _shipped_plans() -> list[Plan]:
    return [
        plan for economy in economies.ALL for plan in economy if plan.grant_credits <= SHIPPED_CREDITS_MAX
    ]


own_plans: st.SearchStrategy[Plan] = strategies.plans(seats=True, shares=True)
all_plans: st.SearchStrategy[Plan] = st.one_of(
    own_plans, own_plans, own_plans, st.sampled_from(_shipped_plans())
)
any_seat: st.SearchStrategy[str | None] = st.sampled_from((None, *strategies.SEATS))
any_kind: st.SearchStrategy[ReplyKind] = st.sampled_from(ReplyKind)
any_seats: st.SearchStrategy[int] = st.integers(1, strategies.SEATS_MAX)

machine: st.SearchStrategy[Standing] = st.runner()
any_plan: st.SearchStrategy[Plan] = machine.flatmap(lambda self: self.plans())
at_an_edge: st.SearchStrategy[datetime] = machine.flatmap(lambda self: self.moments())
old_message: st.SearchStrategy[str] = machine.flatmap(lambda self: self.old_messages())
new_message: st.SearchStrategy[str] = machine.flatmap(lambda self: self.new_messages())
old_fact: st.SearchStrategy[Fact] = machine.flatmap(lambda self: st.sampled_from(self.told))

sends: st.SearchStrategy[Sent] = st.builds(Sent, at=at_an_edge, message_id=new_message, seat=any_seat)
free_sends: st.SearchStrategy[Sent] = st.builds(
    Sent, at=at_an_edge, message_id=new_message, channel=st.sampled_from(strategies.FREE_CHANNELS)
)
replies: st.SearchStrategy[Replied] = st.builds(Replied, at=at_an_edge, message_id=old_message, kind=any_kind)
failures: st.SearchStrategy[DeliveryFailed] = st.builds(DeliveryFailed, at=at_an_edge, message_id=old_message)
seat_changes: st.SearchStrategy[SeatsChanged] = st.builds(SeatsChanged, at=at_an_edge, seats=any_seats)
other_facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(Withdrawn, at=at_an_edge, message_id=old_message),
    failures,
    st.builds(Purchased, at=at_an_edge, credits=st.integers(1, 3)),
    st.builds(Cancelled, at=at_an_edge),
    seat_changes,
    st.builds(TermsChanged, at=at_an_edge, plan=any_plan),
)

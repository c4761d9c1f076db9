"""Exhaustive small scope: every history of a few facts, at every edge, under every term a credit lives under.

Random histories meet most mistakes; these meet all that need no more than a few facts. An account is
opened, and then everything that can happen happens, at every instant of a small grid: the start, the
second grant (which is also the end of the reply window and of the billing period, but where a night has 23
hours), the death of the first lot, and the microsecond before each. Messages, terms that change and seats are
walked through apart. Facts the rules refuse are tried, seen to change nothing, and not
gone on from. Histories share their beginnings: the account takes back its last fact, the oracle is copied.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from attrs import define, evolve, field

from inmail_credits import Account, Plan
from inmail_credits.errors import RefusedError
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
from inmail_credits.ledger.entries import EntryKind
from inmail_credits.openings import OpeningLot, OpeningMessage, OpeningPurchase, OpeningSeat
from inmail_credits.plans import OnSwitch, RefundOn, RefundTo, ReplyKind, SeatGrant
from inmail_credits.testing import Run, summed
from inmail_credits.testing.memory import grant_date
from inmail_credits.timeline import Interval

START = datetime(2028, 1, 30, 9, tzinfo=UTC)
DEATH_AT = START + timedelta(days=10)
BEFORE_SUMMER = datetime(2028, 3, 20, 9, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MESSAGES = ("a", "b", "c")

BASE = Plan(
    name="small",
    grant_credits=2,
    grant_every=Interval(days=7),
    billing_every=Interval(days=7),
    lifetime_days=10,
)
WINDOWS = {
    "no window": BASE,
    "window": evolve(BASE, reply_window_days=7),
    "silence": evolve(BASE, reply_window_days=7, refund_on=RefundOn.SILENCE),
}
PLANS = [
    pytest.param(evolve(plan, refund_to=refund_to, cap_credits=cap), id=f"{name}, {refund_to}, {cap=}")
    for name, plan in WINDOWS.items()
    for refund_to in RefundTo
    for cap in (None, 3)
]


OTHER = Plan(
    name="other",
    grant_credits=1,
    grant_every=Interval(days=3),
    billing_every=Interval(days=3),
    lifetime_days=6,
    cap_credits=2,
    refund_to=RefundTo.ORIGINAL,
    on_switch=OnSwitch.FOLLOW,
    seats_max=2,
)
"""What terms change to, where they do."""

KINDS = ("accepted", "message")
TEAM = evolve(BASE, grant_credits=1, cap_credits=2, seats_max=3, purchase_credits_max=1)

Letters = Callable[[Run, Plan, datetime], Iterator[Fact]]


def about_messages(run: Run, _: Plan, at: datetime) -> Iterator[Fact]:
    """All that can be told of messages, one more of them included."""
    for message_id in run.messages:
        yield Replied(at=at, message_id=message_id)
        yield Withdrawn(at=at, message_id=message_id)
        yield DeliveryFailed(at=at, message_id=message_id)
    if len(run.messages) < len(MESSAGES):
        yield Sent(at=at, message_id=MESSAGES[len(run.messages)])


def messages_of_two_kinds(run: Run, plan: Plan, at: datetime) -> Iterator[Fact]:
    """Messages whose answers may be of a kind that does not count, and terms that change."""
    yield from about_messages(run, plan, at)
    for message_id in run.messages:
        yield Replied(at=at, message_id=message_id, kind=ReplyKind.AUTOMATIC)
    yield TermsChanged(at=at, plan=OTHER)


def ends(run: Run, plan: Plan, at: datetime) -> Iterator[Fact]:
    """A cancellation, and another subscription."""
    yield Cancelled(at=at)
    yield (Subscribed if run.subscription is None else Switched)(at=at, plan=plan)


def messages_and_ends(run: Run, plan: Plan, at: datetime) -> Iterator[Fact]:
    """Every fact that can be told of a personal account, impossible ones that say something new included."""
    yield from about_messages(run, plan, at)
    yield from ends(run, plan, at)


def messages_and_terms(run: Run, plan: Plan, at: datetime) -> Iterator[Fact]:
    """Messages under terms that change to others and back, and a switch from the others (D16, D12)."""
    yield from about_messages(run, plan, at)
    yield TermsChanged(at=at, plan=OTHER)
    yield TermsChanged(at=at, plan=plan)
    yield Switched(at=at, plan=plan)


def seats(run: Run, plan: Plan, at: datetime) -> Iterator[Fact]:
    """Seats up and down and limited, what they send and buy, and terms that allow fewer of them (D20)."""
    for count in (1, 2, 3):
        yield SeatsChanged(at=at, seats=count)
    yield SeatLimited(at=at, seat="s", credits_max=1)
    yield Sent(at=at, message_id=f"m-{len(run.messages)}", seat="s")
    yield Purchased(at=at, credits=1)
    yield TermsChanged(at=at, plan=evolve(plan, seat_grant=SeatGrant.AT_ONCE, seats_max=2))


def grid(plan: Plan, start: datetime) -> list[datetime]:
    """The start, the next grant, a week and the death of the first lot, and the microsecond before each."""
    edges = {grant_date(plan, start, 1)}
    if plan.seats_max == 1:
        edges |= {start + timedelta(days=7), start + timedelta(days=10)}
    return sorted({start, *edges, *(edge - TICK for edge in edges)})


@define
class Walk:
    """A walk through all histories of up to ``depth`` facts after the opening; ``count`` of them so far."""

    plan: Plan
    letters: Letters
    depth: int
    first: Fact
    grid: list[datetime] = field(init=False)
    count: int = 0
    refused: int = 0

    def __attrs_post_init__(self) -> None:
        self.grid = grid(self.plan, self.first.at)

    def through_all(self) -> None:
        """Walk from the opening on."""
        run = Run()
        run.apply(self.first)
        self.on_from(Account.replay([self.first]), run, 0)

    def on_from(self, account: Account, run: Run, first: int) -> None:
        """Compare here, then go on with every letter at every instant from the ``first`` of the grid on."""
        self.compare(account, run)
        length = len(account)
        if length > self.depth:
            return
        for place in range(first, len(self.grid)):
            for told, fact in enumerate(self.letters(run, self.plan, self.grid[place])):
                after = run.copy()
                fact = evolve(fact, id=f"{length}-{place}-{told}")  # noqa: PLW2901 - the same, named
                if after.apply(fact):
                    account.record(fact)
                    self.on_from(account, after, place)
                    account._history.truncate(length)
                else:
                    self.must_refuse(account, fact)

    def compare(self, account: Account, run: Run) -> None:
        """See that both say the same of all that happened and of all that time will bring."""
        self.count += 1
        assert summed(account.entries) == summed(run.history), account.facts
        future = run.copy()
        horizon = self.grid[-1] + timedelta(days=10)
        future.advance(horizon)
        assert summed(account.entries_until(horizon)) == summed(future.history), account.facts

    def must_refuse(self, account: Account, fact: Fact) -> None:
        """See that an impossible fact is refused and leaves nothing behind (D15)."""
        self.refused += 1
        before = (account.entries, account.facts)
        with pytest.raises(RefusedError):
            account.record(fact)
        assert (account.entries, account.facts) == before


SCOPES = [
    *(pytest.param(plan.values[0], messages_and_ends, START, id=str(plan.id)) for plan in PLANS),
    *(
        pytest.param(plan, messages_and_terms, START, id=f"terms change, {name}")
        for name, plan in WINDOWS.items()
    ),
    *(
        pytest.param(evolve(TEAM, seat_grant=seat_grant), seats, START, id=f"seats, {seat_grant}")
        for seat_grant in SeatGrant
    ),
]


@define
class CheckpointWalk(Walk):
    """A walk that compares what follows from each history with what follows from its checkpoints (D17)."""

    def compare(self, account: Account, run: Run) -> None:
        """See that any one more fact does the same after a checkpoint, at each later instant of the grid."""
        for at in self.grid:
            if at <= run.now:
                continue
            self.count += 1
            begun = Run()
            begun.apply(account.checkpoint(at=at))
            for fact in self.letters(run, self.plan, at):
                runs = (run.copy(), begun.copy())
                assert len({each.apply(fact) for each in runs}) == 1, (account.facts, at, fact)
                for each in runs:
                    each.advance(at + timedelta(days=20))
                whole, short = (
                    summed(m for m in each.history if m.at >= at and m.kind is not EntryKind.OPENING)
                    for each in runs
                )
                assert whole == short, (account.facts, at, fact)


def walk(
    plan: Plan, letters: Letters, start: datetime, depth: int, cases: Counter[str], first: Fact | None = None
) -> None:
    """Walk through all histories of one scope, and count them; they begin with a subscription if not told."""
    it = Walk(plan, letters, depth, first or Subscribed(at=start, plan=plan))
    it.through_all()
    cases[f"small scope: histories of up to {depth} facts"] += it.count
    cases[f"small scope: refusals after up to {depth - 1} facts"] += it.refused


@pytest.mark.proves("D2", "D3", "D6", "D7", "D8", "D10", "D11", "D12", "D15", "D16", "D18", "D20")
@pytest.mark.parametrize(("plan", "letters", "start"), SCOPES)
def test_every_short_history_is_as_the_oracle_says(
    plan: Plan, letters: Letters, start: datetime, cases: Counter[str]
) -> None:
    """All histories of up to three facts after the opening, at every edge."""
    walk(plan, letters, start, 3, cases)


@pytest.mark.proves("D2", "D5", "D18")
def test_every_short_history_through_a_night_of_23_hours_is_as_the_oracle_says(cases: Counter[str]) -> None:
    """All histories of up to two facts: the grant comes an hour before the week is over."""
    walk(evolve(BASE, zone="Europe/Berlin"), messages_and_ends, BEFORE_SUMMER, 2, cases)


def known(plan: Plan) -> Opened:
    """What is known at the start: a lot of 2 with 1 left, which dies as it begins, and 2 of another.

    Messages "a" and "b" are open, the first sent a week before under other terms, the second answered.
    """
    born = START - timedelta(days=10)
    return Opened(
        at=START,
        plan=plan,
        anchor_at=START + timedelta(days=7),
        lots=[
            OpeningLot(number=3, received_at=born, expires_at=START, credits=2, left=1),
            OpeningLot(number=5, received_at=START - TICK, expires_at=DEATH_AT - TICK, credits=3, left=2),
        ],
        messages=[
            OpeningMessage(message_id="a", sent_at=START - timedelta(days=7), lot=3, plan=WINDOWS["silence"]),
            OpeningMessage(message_id="b", sent_at=START - TICK, lot=5, answered=True),
        ],
    )


@pytest.mark.proves("D17", "D6", "D11", "D16")
@pytest.mark.parametrize("plan", PLANS)
def test_every_short_history_from_what_is_known_is_as_the_oracle_says(
    plan: Plan, cases: Counter[str]
) -> None:
    """All histories of up to two facts after an opening whose instant brings an end, a grant and silence."""
    walk(plan, messages_and_ends, START, 2, cases, known(plan))


@pytest.mark.proves("D17", "D11", "D16", "D20")
@pytest.mark.parametrize(
    ("plan", "letters"),
    [
        *((evolve(plan, refund_kinds=KINDS), messages_of_two_kinds) for plan in WINDOWS.values()),
        (evolve(TEAM, seat_grant=SeatGrant.AT_ONCE), seats),
    ],
    ids=[*WINDOWS, "seats"],
)
def test_every_checkpoint_of_a_short_history_leads_to_the_same(
    plan: Plan, letters: Letters, cases: Counter[str]
) -> None:
    """All histories of up to two facts, each checkpoint on the grid, and any one fact after it."""
    it = CheckpointWalk(plan, letters, 2, Subscribed(at=START, plan=plan))
    it.through_all()
    cases["small scope: checkpoints of histories of up to 2 facts"] += it.count


@pytest.mark.proves("D17", "D20")
def test_every_short_history_of_seats_from_what_is_known_is_as_the_oracle_says(cases: Counter[str]) -> None:
    """All histories of up to two facts: of at most 2 seats 1 is left, and seat "s" has sent all it may."""
    plan = evolve(TEAM, seat_grant=SeatGrant.AT_ONCE)
    first = Opened(
        at=START,
        plan=plan,
        seats=1,
        seats_most=2,
        anchor_at=START - timedelta(days=3),
        lots=[OpeningLot(number=2, received_at=START - TICK, expires_at=None, credits=3, left=3)],
        purchases=[OpeningPurchase(at=START - TICK, credits=1)],
        seat_uses=[OpeningSeat(seat="s", spent=1, credits_max=1)],
    )
    walk(plan, seats, START, 2, cases, first)


@pytest.mark.campaign
@pytest.mark.parametrize(("plan", "letters", "start"), SCOPES)
def test_every_history_of_five_facts_is_as_the_oracle_says(
    plan: Plan, letters: Letters, start: datetime, cases: Counter[str]
) -> None:
    """All histories of up to five facts after the opening, at every edge."""
    walk(plan, letters, start, 5, cases)

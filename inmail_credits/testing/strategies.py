"""Hypothesis strategies: plans over every term, instants at every edge, histories valid by construction.

Rules about time fail at their edges, which uniform instants do not meet: in most tests a lifetime of 91 days,
or of three months, cannot be distinguished from one of 90. So time here moves from edge to edge: one
microsecond before, at, and after every expiry, grant, window end and billing end, and every month end;
accounts start where a month is no number of days.

A history is valid by construction: each fact is drawn from those that are possible where the account stands,
so nothing is filtered away. The oracle's :class:`~inmail_credits.testing.Run` says where it stands. Facts
carry ids of their own and recorded numbers, so that a history means the same in whatever order its facts
arrive.

Refused: more seats or facts than a slow oracle can follow (``facts_max`` up to 1,000).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from attrs import define, evolve, field
from hypothesis import strategies as st

from inmail_credits._inputs import as_whole
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
from inmail_credits.plans import (
    CancelAt,
    FirstGrant,
    GrantOn,
    OnSwitch,
    Plan,
    RefundOn,
    RefundTo,
    ReplyKind,
    SeatGrant,
)
from inmail_credits.testing.memory import MICROSECOND, Subscription, date_of, grant_date
from inmail_credits.testing.openings import opening_of
from inmail_credits.testing.oracle import lived_through
from inmail_credits.testing.run import Run
from inmail_credits.timeline import MONTHLY, Interval

TICK = MICROSECOND
TICKS = (-TICK, timedelta(0), TICK)
STEPS = (
    timedelta(0),
    TICK,
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=6),
    timedelta(days=28),
    timedelta(days=31),
)
GRANT_CREDITS_MAX = 4
LIFETIMES_DAYS = (90, 89, 91, 1, 2, 7, 30, None)
WINDOWS_DAYS = (None, 1, 7, 30, 89, 90, 91)
REFUND_KINDS = (
    frozenset(ReplyKind),
    frozenset(ReplyKind),
    frozenset({ReplyKind.ACCEPTED, ReplyKind.MESSAGE}),
    frozenset({ReplyKind.DECLINED}),
    frozenset[ReplyKind](),
)
GRANT_INTERVALS = (MONTHLY, Interval(days=7), Interval(days=1))
BILLING_INTERVALS = (MONTHLY, Interval(months=3), Interval(days=7), Interval(days=30))
ZONES = ("UTC", "UTC", "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
SEATS = ("seat-1", "seat-2")
SEATS_MAX = 3
PURCHASE_MAX = 5
EDGES_MAX = 3
FREE_CHANNELS = tuple(channel for channel in Channel if channel is not Channel.INMAIL)
FACTS_MAX = 1_000

ANCHORS = (
    datetime(2026, 1, 31, 9, tzinfo=UTC),  # three months are 89 days
    datetime(2028, 1, 30, 23, 59, 59, 999_999, tzinfo=UTC),  # 91
    datetime(2028, 1, 1, tzinfo=UTC),  # 91
    datetime(2028, 2, 29, 12, 30, tzinfo=UTC),  # 90, as from every 29 February; its next grants differ
    datetime(2026, 8, 31, tzinfo=UTC),  # 91
    datetime(2027, 11, 30, 6, tzinfo=UTC),  # 91
    datetime(2026, 3, 15, 17, 45, 12, 345_678, tzinfo=UTC),  # 92
    datetime(2026, 2, 28, 23, tzinfo=UTC),  # 92; midnight of 1 March in Berlin
    datetime(2026, 3, 28, 1, 30, tzinfo=UTC),  # 92; 02:30 in Berlin, which the next night skips
    datetime(2026, 10, 24, 0, 30, tzinfo=UTC),  # 92; 02:30 in Berlin, which the next night has twice
    datetime(2011, 12, 28, 10, tzinfo=UTC),  # 91; midnight in Apia, where the day after the next is skipped
)
"""Starts of an account: month ends, a leap day, the first of a year, clock changes to come.

Ninety days are rarely three months from them.
"""

History = list[Fact]
T = TypeVar("T")


def _pick(draw: st.DrawFn, options: Sequence[T]) -> T:
    """One of the options, the first the simplest: ``sampled_from``, without a new strategy for each list."""
    return options[draw(st.integers(0, len(options) - 1))]


def instants(
    around: Iterable[datetime] = (),
    *,
    start: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    end: datetime = datetime(2029, 1, 1, tzinfo=UTC),
) -> st.SearchStrategy[datetime]:
    """Instants in ``start <= t < end``, mostly at edges.

    The edges are the instants ``around``, the :data:`ANCHORS`, the midnights that end and begin a month,
    and ``start`` and ``end``, each with the microsecond before and after it.

    Raises:
        InvalidArgument: when drawn, if ``start`` is not before ``end``.
    """
    month_edges = [
        first + timedelta(days=day)
        for first in (
            date_of(start.replace(day=1, hour=0, minute=0, second=0, microsecond=0), MONTHLY, number)
            for number in range((end.year - start.year) * 12 + end.month - start.month + 1)
        )
        for day in (-3, -2, -1, 0)
    ]
    edges = [*around, start, end, *ANCHORS]
    near = [edge + tick for edge in edges for tick in TICKS if start <= edge + tick < end]
    months = [edge + tick for edge in month_edges for tick in TICKS if start <= edge + tick < end]
    anywhere = st.datetimes(
        start.replace(tzinfo=None), (end - TICK).replace(tzinfo=None), timezones=st.just(UTC)
    )
    return st.one_of([st.sampled_from(each) for each in (near, months) if each] + [anywhere])


@st.composite
def plans(draw: st.DrawFn, *, seats: bool = False, shares: bool = False) -> Plan:
    """Own plans over every term: grants of 0 to 4 credits, lifetimes and windows about 90 days and short.

    Args:
        draw: given by Hypothesis.
        seats: whether the plan may have up to 3 seats; otherwise it has 1.
        shares: whether the first grant may be a share of the allotment; otherwise it is whole.
    """
    grant_credits = _pick(draw, (2, 3, 1, GRANT_CREDITS_MAX, 2, 3, 0))
    grant_on = _pick(draw, tuple(GrantOn))
    refund_on = _pick(draw, (RefundOn.REPLY, RefundOn.REPLY, RefundOn.SILENCE))
    windows = WINDOWS_DAYS if refund_on is RefundOn.REPLY else WINDOWS_DAYS[1:]
    return Plan(
        name="own",
        grant_credits=grant_credits,
        grant_every=MONTHLY if grant_on is GrantOn.CALENDAR else _pick(draw, GRANT_INTERVALS),
        grant_on=grant_on,
        first_grant=_pick(draw, tuple(FirstGrant)[: 2 if shares and grant_on is GrantOn.CALENDAR else 1]),
        zone=_pick(draw, ZONES),
        billing_every=_pick(draw, BILLING_INTERVALS),
        lifetime_days=_pick(draw, LIFETIMES_DAYS),
        cap_credits=_pick(draw, (None, *(grant_credits + more for more in (0, 1, 2, 4)))),
        refund_on=refund_on,
        refund_kinds=_pick(draw, REFUND_KINDS),
        reply_window_days=_pick(draw, windows),
        refund_to=_pick(draw, tuple(RefundTo)),
        cancel_at=_pick(draw, tuple(CancelAt)),
        on_switch=_pick(draw, tuple(OnSwitch)),
        purchase_credits_max=_pick(draw, (0, 1, 3)),
        seats_max=draw(st.integers(1, SEATS_MAX)) if seats else 1,
        seat_grant=_pick(draw, tuple(SeatGrant)),
    )


@st.composite
def histories(
    draw: st.DrawFn,
    plan: Plan | None = None,
    *,
    facts_max: int = 12,
    seats: bool = False,
    impossible: bool = False,
    opened: bool = False,
) -> History:
    """The facts of one account, in order: 1 to ``facts_max``, the first of them its subscription.

    Every fact is possible where it stands, unless ``impossible`` is set: then sends without a credit,
    answers to messages never sent, second subscriptions and the like are among them.

    Args:
        draw: given by Hypothesis.
        plan: the plan of every subscription; ``None`` draws one for each.
        facts_max: 1 to 1,000.
        seats: whether drawn plans have several seats, and seats are added, taken and limited.
        impossible: whether facts may be impossible in their place.
        opened: whether the first fact may be an opening (D17) instead, even of an account that has ended.

    Raises:
        InvalidValueError: when drawn, for ``facts_max`` outside its bounds.
    """
    facts_max = as_whole("facts_max", facts_max, 1, FACTS_MAX)
    own = plans(seats=seats, shares=True) if plan is None else st.just(plan)
    story = _Story(draw, own, seats=seats, impossible=impossible)
    if opened and _pick(draw, (False, True)):
        story.happen(draw(openings(plan, seats=seats)))
    else:
        story.happen(story.subscribed(_pick(draw, ANCHORS)))
    further = st.integers(0, facts_max - 1)
    for _ in range(max(draw(further), draw(further))):
        at = _pick(draw, _pick(draw, next_instants(story.run)))
        story.run.advance(at)
        story.happen(story.next_fact(at))
    return story.facts


@st.composite
def openings(draw: st.DrawFn, plan: Plan | None = None, *, seats: bool = False) -> Opened:
    """What is known of an account at some edge of a history of up to 8 facts that is no longer known (D17).

    Now and then its dates are counted from another instant than they were, be it to come. Its messages are
    named ``before-0`` and on, its fact ``fact-0``, recorded as 0.

    Args:
        draw: given by Hypothesis.
        plan: as for :func:`histories`.
        seats: as for :func:`histories`.
    """
    run, _ = lived_through(draw(histories(plan, facts_max=8, seats=seats)))
    at = _pick(draw, _pick(draw, next_instants(run)))
    known = opening_of(run, max(at, run.now + TICK), fact_id="fact-0", recorded=0)
    messages = [evolve(each, message_id=f"before-{n}") for n, each in enumerate(known.messages)]
    shift = _pick(draw, (None, None, None, timedelta(0), timedelta(days=10), timedelta(days=-40)))
    anchor_at = known.anchor_at if shift is None or known.plan is None else known.at + shift
    return evolve(known, messages=messages, anchor_at=anchor_at)


def shuffled(facts: Sequence[Fact]) -> st.SearchStrategy[History]:
    """The same facts in any order of arrival; their recorded numbers still say what came first (D13)."""
    return st.permutations(facts)


def next_instants(run: Run) -> list[list[datetime]]:
    """Instants worth going on to from where the run stands, grouped by the edge they are near.

    No group is empty, and no instant lies before ``run.now``.
    """
    messages = list(run.messages.values())
    edges: list[Iterable[datetime | None]] = [
        (credit.expires_at for credit in run.left),
        (message.credit.expires_at for message in messages if message.credit is not None),
        (message.window_ends_at for message in messages),
        () if run.subscription is None else _dates(run.subscription, run.now),
        _month_edges(run.now),
    ]
    groups = [[run.now + step for step in STEPS]] * 3
    for group in edges:
        coming = sorted({edge for edge in group if edge is not None and edge + TICK >= run.now})
        near = [edge + tick for edge in coming[:EDGES_MAX] for tick in TICKS]
        groups.append([at for at in near if at >= run.now])
    return [group for group in groups if group]


def _dates(running: Subscription, now: datetime) -> list[datetime | None]:
    """The grants and billing ends about to come, those at ``now`` included."""
    grants = (grant_date(running.plan, running.start, running.grants + k) for k in (0, 1, 2))
    return [*grants, *running.billing_period(now), running.ends_at]


def _month_edges(now: datetime) -> list[datetime]:
    """The midnights that begin the last three days of this month and the first of the next."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = date_of(first, MONTHLY, 1)
    return [following - timedelta(days=days) for days in (3, 2, 1, 0)]


@define(eq=False)
class _Story:
    """A history being made up: what can happen next, and how it is told."""

    draw: st.DrawFn
    own: st.SearchStrategy[Plan]
    seats: bool
    impossible: bool
    run: Run = field(factory=Run)
    facts: History = field(factory=list)

    def _pick(self, options: Sequence[T]) -> T:
        return _pick(self.draw, options)

    def happen(self, fact: Fact) -> None:
        self.run.apply(fact)
        self.facts.append(fact)

    def next_fact(self, at: datetime) -> Fact:
        """One of the facts that are possible now, the common ones more often."""
        running, anything = self.run.subscription, self.impossible
        told: list[Callable[[datetime], Fact]] = []
        if anything or (running is not None and self.run.left and self._seats_with_room()):
            told += [self.sent] * 6
        if anything or self.run.messages:
            told += [self.replied] * (6 if self.run.open_messages() else 1) + [self.withdrawn]
            told += [self.failed] * 2
        if anything or (running is not None and running.purchase_room(at) > 0):
            told += [self.purchased]
        if running is not None and self.seats:
            told += [self.seats_changed] * 2 + [self.seat_limited]
        if anything or running is None:
            told += [self.subscribed] * (1 if anything else 3)
        if anything or running is not None:
            told += [self.switched]
            told += [self.terms_changed]
        if anything or (running is not None and running.ends_at is None):
            told += [self.cancelled]
        told += [self.sent_free]
        return self._pick(told)(at)

    def _id(self) -> str:
        return f"fact-{len(self.facts)}"

    def _seats_with_room(self) -> list[str | None]:
        seats = (None, *SEATS) if self.seats else (None,)
        if self.impossible:
            return list(seats)
        return [seat for seat in seats if (room := self.run.seat_room(seat)) is None or room > 0]

    def _new_message(self) -> str:
        new = f"m-{len(self.facts)}"
        return self._pick((new, new, new, *list(self.run.messages)[:1])) if self.impossible else new

    def _old_message(self) -> str:
        ids = [*reversed(self.run.open_messages())] * 3 + [*self.run.messages]
        return self._pick([*ids, "m-unknown"] if self.impossible else ids)

    def subscribed(self, at: datetime) -> Fact:
        plan = self.draw(self.own)
        seats = self.draw(st.integers(1, min(plan.seats_max, SEATS_MAX))) if self.seats else 1
        return Subscribed(at=at, id=self._id(), recorded=len(self.facts), plan=plan, seats=seats)

    def switched(self, at: datetime) -> Fact:
        plan = self.draw(self.own)
        seats = self.draw(st.integers(1, min(plan.seats_max, SEATS_MAX))) if self.seats else 1
        return Switched(at=at, id=self._id(), recorded=len(self.facts), plan=plan, seats=seats)

    def terms_changed(self, at: datetime) -> Fact:
        plan, running = self.draw(self.own), self.run.subscription
        if running is not None and running.seats > plan.seats_max and not self.impossible:
            plan = evolve(plan, seats_max=running.seats)
        return TermsChanged(at=at, id=self._id(), recorded=len(self.facts), plan=plan)

    def cancelled(self, at: datetime) -> Fact:
        return Cancelled(at=at, id=self._id(), recorded=len(self.facts))

    def purchased(self, at: datetime) -> Fact:
        room = 0 if self.run.subscription is None else self.run.subscription.purchase_room(at)
        most = max(1, min(room, PURCHASE_MAX) + (1 if self.impossible else 0))
        credits_ = self.draw(st.integers(1, most))
        return Purchased(at=at, id=self._id(), recorded=len(self.facts), credits=credits_)

    def sent(self, at: datetime) -> Fact:
        seat = self._pick(self._seats_with_room())
        return Sent(at=at, id=self._id(), recorded=len(self.facts), message_id=self._new_message(), seat=seat)

    def sent_free(self, at: datetime) -> Fact:
        channel = self._pick(FREE_CHANNELS)
        return Sent(
            at=at, id=self._id(), recorded=len(self.facts), message_id=self._new_message(), channel=channel
        )

    def replied(self, at: datetime) -> Fact:
        kind = self._pick(tuple(ReplyKind))
        return Replied(
            at=at, id=self._id(), recorded=len(self.facts), message_id=self._old_message(), kind=kind
        )

    def withdrawn(self, at: datetime) -> Fact:
        return Withdrawn(at=at, id=self._id(), recorded=len(self.facts), message_id=self._old_message())

    def failed(self, at: datetime) -> Fact:
        return DeliveryFailed(at=at, id=self._id(), recorded=len(self.facts), message_id=self._old_message())

    def seats_changed(self, at: datetime) -> Fact:
        seats_max = 1 if self.run.subscription is None else self.run.subscription.plan.seats_max
        most = min(seats_max, SEATS_MAX) + (1 if self.impossible else 0)
        return SeatsChanged(
            at=at, id=self._id(), recorded=len(self.facts), seats=self.draw(st.integers(1, most))
        )

    def seat_limited(self, at: datetime) -> Fact:
        seat, credits_max = self._pick(SEATS), self._pick((1, 0, 2, None))
        return SeatLimited(at=at, id=self._id(), recorded=len(self.facts), seat=seat, credits_max=credits_max)

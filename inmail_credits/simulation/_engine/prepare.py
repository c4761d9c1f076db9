"""From plans, accounts and behaviours to the tables of the kernels."""

from collections.abc import Hashable, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inmail_credits._zones import UTC_NAME
from inmail_credits.contract import seat_uses
from inmail_credits.errors import UnsupportedTermError
from inmail_credits.ledger.lots import NEVER as NEVER_DATE
from inmail_credits.plans import Plan, RefundOn, RefundTo
from inmail_credits.simulation._engine import tables as t
from inmail_credits.simulation._engine.calendar import (
    MICROSECOND,
    Event,
    Grid,
    events_of,
    lifetime_microseconds,
    microseconds,
    next_grants,
    over_of,
    phases_begun,
    queue_events,
)
from inmail_credits.simulation._engine.chances import (
    KIND_NUMBERS,
    QUANTILES,
    CountLaw,
    answers_after,
    chance,
    count_law,
    rate_quantiles,
    reply_codes,
)
from inmail_credits.simulation._engine.opening import Opening, OpenMessage
from inmail_credits.simulation._engine.wishes import wishes_of
from inmail_credits.simulation.behaviour import Outreach, Replies, UncertainReplies
from inmail_credits.timeline import DAY

Key = tuple[int, int]
Row = tuple[int, ...]
IntRow = npt.NDArray[np.integer]


class Who(NamedTuple):
    """A sender: what they do, the key of their random numbers, from and up to which step, and the seat."""

    outreach: Outreach
    key: Key
    joins: int = 0
    leaves: int = t.NEVER
    seat: str | None = None


class Sizes(NamedTuple):
    """How much room one path needs. ``messages`` is a guess, the others are bounds."""

    messages: int
    lots: int
    senders: int
    flights: int

    def together(self, other: "Sizes") -> "Sizes":
        """Room for either."""
        return Sizes(*map(max, self, other))


class _Stack:
    """Rows of one table; equal rows with a key are kept once."""

    def __init__(self) -> None:
        self.rows: list[IntRow] = []
        self._numbers: dict[Hashable, int] = {}

    def number(self, row: IntRow) -> int:
        """The number of a row that is there already, or is added."""
        key = row.tobytes()
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            self.rows.append(row)
        return self._numbers[key]

    def ints(self, width: int) -> t.Ints:
        """All rows; one of zeros, if there are none."""
        if not self.rows:
            return np.zeros((1, width), dtype=np.int64)
        return np.array(self.rows, dtype=np.int64).reshape(len(self.rows), width)

    def ints32(self, width: int) -> t.Ints32:
        """The same in 32 bits."""
        return self.ints(width).astype(np.int32)


class Preparation:
    """Collects members; :meth:`tables` gives the arrays. Behaviours and calendars alike are shared."""

    def __init__(self, days: int, steps_per_day: int) -> None:
        self.days: int = days
        self.steps_per_day: int = steps_per_day
        self.steps: int = days * steps_per_day
        self.sizes: Sizes = Sizes(0, 1, 1, 0)
        self.most: int = 0
        self._rows: dict[str, list[Row]] = {name: [] for name in _WIDTHS}
        self._thresholds: list[npt.NDArray[np.uint32]] = []
        self._threshold_count = 0
        self._cumulative: list[t.Ints] = []
        self._cumulative_count = 0
        self._codes: dict[int, tuple[int, int]] = {}
        self._kept: list[object] = []
        self._guides, self._slots, self._shifts, self._gone = _Stack(), _Stack(), _Stack(), _Stack()
        self._next_grants, self._terms_of, self._quantiles = _Stack(), _Stack(), _Stack()
        self._behaviours: dict[tuple[int, date], int] = {}
        self._grids: dict[tuple[datetime, str], Grid] = {}

    # -- members ----------------------------------------------------------------------------------------

    def add(self, opening: Opening, who: Sequence[Who], *, zone: str = UTC_NAME) -> None:
        """One account or contract, and those who send on it: the first of them also buys."""
        grid = self._grid(opening.start, zone)
        lead = who[0].outreach
        sold = any(span.terms.plan.purchase_credits_max for span in opening.spans())
        buys = sold and (lead.purchases.per_day > 0 or lead.purchases.top_up_credits > 0)
        if buys:
            check_billing(opening)
        limits = _limits(opening, who)
        events = events_of(opening, grid, buying=buys, seats=[one.seat for one in who])
        queue = len(who) == 1 and not buys and limits[0] == (t.NONE, 0) and is_queue(opening, lead)
        first_sender = len(self._rows["senders"])
        messages = 0.0
        on = grid.first_day
        for one, limit in zip(who, limits, strict=True):
            behaviour, mean = self._behaviour(one.outreach, on)
            messages += mean
            self._rows["senders"].append((*one.key, behaviour, one.joins, one.leaves, *limit))
        flights = [self._flight(opening, message, lead, grid) for message in opening.messages]
        rows = queue_events(opening, grid, events) if queue else events
        gone = (
            grid.gone(lifetime_microseconds(opening.plan)) if queue else np.zeros(self.steps, dtype=np.int32)
        )
        paced = any(one.outreach.sends.pacing is not None for one in who)
        pacing = next_grants(opening, grid) if paced else np.ones(self.steps, dtype=np.int32)
        self._rows["members"].append(
            (
                t.QUEUE if queue else t.LOTS,
                first_sender,
                len(who),
                opening.credits,
                microseconds(opening.start),
                grid.width,
                self._shifts.number(grid.shifts),
                self._gone.number(gone),
                self._next_grants.number(pacing),
                self._phases(opening, grid),
                self._terms_of.number(phases_begun(opening, grid)),
                *self._span("events", rows),
                *self._span("lots", [(lot.credits, microseconds(lot.expires_at)) for lot in opening.lots]),
                *self._span("flights", flights),
                opening.purchase_room,
            )
        )
        self._note(opening, who, events, messages, on)

    def _grid(self, start: datetime, zone: str) -> Grid:
        if (start, zone) not in self._grids:
            self._grids[start, zone] = Grid(start, self.days, self.steps_per_day, zone)
        return self._grids[start, zone]

    def _note(self, opening: Opening, who: Sequence[Who], events: list[Event], mean: float, on: date) -> None:
        """How much room a path of this member needs, and the most it can come to."""
        lots = len(opening.lots) + len(events) + 2 * self.steps + len(opening.messages) + 4
        guess = int(mean + 8 * mean**0.5) + 64
        self.sizes = self.sizes.together(Sizes(guess, lots, len(who), len(opening.messages)))
        lead = who[0].outreach
        wanted = 0
        for one in who:
            most = wishes_of(one.outreach.sends, on, self.days, self.steps_per_day).most
            wanted += most * (2 if one.outreach.sends.follow_up else 1)
        periods = 1 + len(opening.turns) + sum(event.what == t.BILLING for event in events)
        sold = max(span.terms.plan.purchase_credits_max for span in opening.spans())
        bought = opening.purchase_room + sold * periods
        if not lead.purchases.top_up_credits:
            at_random = count_law(lead.purchases.pmf(steps_per_day=self.steps_per_day))
            bought = min(bought, at_random.most * self.steps)
        granted = sum(event.credits for event in events if event.what in {t.GRANT, t.ADD, t.BUY})
        self.most = max(self.most, opening.credits + granted + bought + wanted + len(opening.messages))

    def _span(self, name: str, rows: Sequence[Row]) -> tuple[int, int]:
        first = len(self._rows[name])
        self._rows[name].extend(rows)
        return first, first + len(rows)

    def _phases(self, opening: Opening, grid: Grid) -> int:
        """The row of the terms at the start; those that planned facts bring follow it."""
        plans = [opening.plan, *(turn.terms.plan for turn in opening.turns if turn.is_phase)]
        mortal = any(plan.lifetime is not None for plan in plans)
        mortal = mortal or any(lot.expires_at is not NEVER_DATE for lot in opening.lots)
        rows = []
        for number, plan in enumerate(plans):
            lifetime = lifetime_microseconds(plan)
            window = None if plan.reply_window is None else plan.reply_window // MICROSECOND
            row = (
                t.NONE if lifetime is None else lifetime,
                t.NEVER_AT if window is None else window,
                t.NEVER if window is None else grid.sure_steps(window),
                plan.refund_on is RefundOn.SILENCE,
                plan.refund_to is RefundTo.ORIGINAL and mortal,
                _counting(plan),
                plan.purchase_credits_max,
                *over_of(opening, grid, number),
            )
            rows.append(row)
        return self._span("phases", rows)[0]

    # -- behaviours -------------------------------------------------------------------------------------

    def _behaviour(self, outreach: Outreach, on: date) -> tuple[int, float]:
        """The number of a behaviour, and how many messages it wants on average."""
        sends = outreach.sends
        wishes = wishes_of(sends, on, self.days, self.steps_per_day)
        key = (id(outreach), on)
        if key not in self._behaviours:
            self._kept.append(outreach)
            self._behaviours[key] = len(self._rows["behaviours"])
            first_law = len(self._rows["laws"])
            for law in wishes.laws:
                self._law(law)
            purchases = t.NONE
            if outreach.purchases.per_day > 0:
                purchases = self._law(count_law(outreach.purchases.pmf(steps_per_day=self.steps_per_day)))
            first_reply, replies, quantiles = self._replies(outreach.replies)
            follow_up, pacing = sends.follow_up, sends.pacing
            row = (
                first_law,
                len(wishes.laws),
                self._slots.number(wishes.slots),
                first_reply,
                replies,
                quantiles,
                chance(outreach.withdrawals.rate),
                min(outreach.withdrawals.after_days * self.steps_per_day, t.NEVER - 1),
                0 if follow_up is None else chance(follow_up.share),
                0 if follow_up is None else min(follow_up.after_days * self.steps_per_day, t.NEVER - 1),
                chance(outreach.failures.rate),
                min(outreach.failures.after_days * self.steps_per_day, t.NEVER - 1),
                t.NONE if sends.prospects is None else sends.prospects,
                t.NONE if pacing is None else pacing.reserve_credits,
                pacing is not None and pacing.spread,
                purchases,
                outreach.purchases.top_up_credits,
                outreach.purchases.below_credits if outreach.purchases.top_up_credits else 0,
            )
            self._rows["behaviours"].append(row)
        return self._behaviours[key], wishes.mean

    def reply_row(self, replies: Replies) -> Row:
        """The row of the law of some replies, for others that differ in the rate alone."""
        return self._rows["replies"][self._replies(replies)[0]]

    def slots_row(self, slots: IntRow) -> int:
        """The row that says which law of counts each step has."""
        return self._slots.number(slots)

    def _law(self, law: CountLaw) -> int:
        self._thresholds.append(law.thresholds)
        number = self._span("laws", [(law.least, self._threshold_count, len(law.thresholds))])[0]
        self._threshold_count += len(law.thresholds)
        return number

    def _replies(self, replies: Replies) -> tuple[int, int, int]:
        """The first law of replies, how many there are, and the row of rates (NONE: the rate is known)."""
        alternatives = replies.alternatives if isinstance(replies, UncertainReplies) else (replies,)
        first = len(self._rows["replies"])
        for one in alternatives:
            codes = reply_codes(one, self.steps, self.steps_per_day)
            begin, guide = self._cumulated(codes.cumulative, codes.guide)
            names = codes.names + (0,) * (t.NAMES_MAX - len(codes.names))
            self._rows["replies"].append(
                (chance(one.rate), begin, len(codes.cumulative) - 1, len(codes.names), guide, *names)
            )
        quantiles = t.NONE
        if replies.sample_size is not None and 0 < replies.rate < 1:
            quantiles = self._quantiles.number(rate_quantiles(replies.rate, replies.sample_size))
        return first, len(alternatives), quantiles

    def _cumulated(self, cumulative: t.Ints, guide: t.Ints32) -> tuple[int, int]:
        """Where cumulative chances stand, and the row of their guide; the same array is kept once."""
        if id(cumulative) not in self._codes:
            self._kept.append(cumulative)
            self._codes[id(cumulative)] = (self._append(cumulative), self._guides.number(guide))
        return self._codes[id(cumulative)]

    def _append(self, cumulative: t.Ints) -> int:
        begin = self._cumulative_count
        self._cumulative.append(cumulative)
        self._cumulative_count += len(cumulative)
        return begin

    # -- messages open at the start ---------------------------------------------------------------------

    def _flight(self, opening: Opening, message: OpenMessage, outreach: Outreach, grid: Grid) -> Row:
        replies, plan = outreach.replies, message.plan
        alternatives = replies.alternatives if isinstance(replies, UncertainReplies) else (replies,)
        first_law = len(self._rows["flight_laws"])
        age_days = (opening.start - message.sent_at) / DAY
        for one in alternatives:
            before, cumulative = answers_after(one, age_days, self.steps, self.steps_per_day)
            row = (before, self._append(cumulative), len(cumulative) - 1)
            self._rows["flight_laws"].append(row)
        window_at = t.NEVER_AT
        if plan.reply_window is not None:
            window_at = microseconds(message.sent_at + plan.reply_window)
        silent_until = message.sent_at + DAY * outreach.withdrawals.after_days
        withdrawn_step = t.NONE
        if silent_until >= opening.start:
            withdrawn_step = grid.step_of(microseconds(silent_until))
        return (
            message.lot,
            first_law,
            window_at,
            withdrawn_step,
            _counting(plan),
            plan.refund_on is RefundOn.SILENCE,
        )

    # -- the arrays -------------------------------------------------------------------------------------

    def tables(self) -> t.Tables:
        """All that was added."""
        numbers = {
            name: np.array(self._rows[name], dtype=np.int64).reshape(-1, width)
            for name, width in _WIDTHS.items()
        }
        empty = np.zeros(0, dtype=np.uint32)
        return t.Tables(
            **numbers,
            thresholds=np.concatenate([empty, *self._thresholds]),
            cumulative=np.concatenate([np.zeros(0, dtype=np.int64), *self._cumulative]),
            guides=self._guides.ints32(t.ONE >> t.GUIDE_SHIFT),
            slots=self._slots.ints32(self.steps),
            shifts=self._shifts.ints(self.steps),
            gone=self._gone.ints32(self.steps),
            next_grants=self._next_grants.ints32(self.steps),
            terms_of=self._terms_of.ints32(self.steps),
            quantiles=self._quantiles.ints(QUANTILES),
            grid=np.array([self.days, self.steps_per_day], dtype=np.int64),
            cuts=np.zeros((0, 2), dtype=np.int64),
        )


_WIDTHS = {
    "members": t.PURCHASE_ROOM + 1,
    "senders": t.SEAT_USED + 1,
    "behaviours": t.TOP_UP_BELOW + 1,
    "laws": t.THRESHOLDS + 1,
    "replies": t.NAMES + t.NAMES_MAX,
    "phases": t.OVER_AT + 1,
    "events": t.ROW + 1,
    "lots": t.LOT_EXPIRES_AT + 1,
    "flights": t.OPEN_ON_SILENCE + 1,
    "flight_laws": t.FLIGHT_CODES + 1,
}
"""The tables of numbers, and how many columns each has."""


def _counting(plan: Plan) -> int:
    """A bit for each kind of reply that counts (D9)."""
    return sum(1 << KIND_NUMBERS[kind] for kind in plan.refund_kinds)


def check_billing(opening: Opening) -> None:
    """Whether the engine can tell how many credits are sold, where they are bought at random.

    Raises:
        UnsupportedTermError: for other billing dates within a subscription: what counts as bought in a period
            that had begun before would depend on the path.
    """
    spans = list(opening.spans())
    for before, span in pairwise(spans):
        if span.turn is not None and not span.turn.ends and span.terms.billing != before.terms.billing:
            raise UnsupportedTermError(
                "billing_every",
                str(span.terms.plan.billing_every),
                "plan a change to terms with the billing dates there are, or leave purchases out",
            )


def _limits(opening: Opening, who: Sequence[Who]) -> list[tuple[int, int]]:
    """The limit of each sender (NONE), and what the seat has sent of it (D20)."""
    account = opening.account
    if account is None or all(one.seat is None for one in who):
        return [(t.NONE, 0)] * len(who)
    uses = {use.seat: use for use in seat_uses(account, at=opening.start)}
    found = []
    for one in who:
        use = None if one.seat is None else uses.get(one.seat)
        limit = t.NONE if use is None or use.credits_max is None else use.credits_max
        found.append((limit, 0 if use is None else use.spent))
    return found


def is_queue(opening: Opening, outreach: Outreach) -> bool:
    """Whether the quick form applies: one lifetime for all credits, refunds for replies, plain sends."""
    plan, sends = opening.plan, outreach.sends
    if opening.turns:
        return False
    if any(
        terms.refund_on is not RefundOn.REPLY for terms in (plan, *(each.plan for each in opening.messages))
    ):
        return False
    if sends.pacing is not None or sends.prospects is not None or sends.follow_up is not None:
        return False
    if outreach.failures.rate:
        return False
    if plan.lifetime is None:
        mortal = any(lot.expires_at is not NEVER_DATE for lot in opening.lots)
        return plan.refund_to is RefundTo.FRESH or not mortal
    latest = opening.start + plan.lifetime
    return plan.refund_to is RefundTo.FRESH and all(lot.expires_at <= latest for lot in opening.lots)

"""A plan: one subscription's terms as data.

Tiers, caps, lifetimes and refunds differ by plan, by year and by contract. Every term a credit lives under
is a field of :class:`Plan`; the ledger and the simulation read terms and never ask a plan for its name
(R1, R2). Where a source leaves a term open, the term is a choice named in :mod:`inmail_credits.plans.terms`.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import timedelta

from attrs import field, frozen

from inmail_credits._inputs import as_instance, as_items, as_text, whole, whole_or_none
from inmail_credits._values import shown_by_field
from inmail_credits._zones import UTC_NAME, check_zone, to_local
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans.source import Source
from inmail_credits.plans.terms import (
    CancelAt,
    FirstGrant,
    GrantOn,
    OnSwitch,
    RefundOn,
    RefundTo,
    ReplyKind,
    SeatGrant,
)
from inmail_credits.timeline import (
    DAYS_MAX,
    MONTHLY,
    AnyInstant,
    Interval,
    Schedule,
    calendar_months,
    instant,
)

CREDITS_MAX = 1_000_000
"""The most credits, and the most seats, that any term or fact may name."""


def _reply_kinds(values: Iterable[ReplyKind | str]) -> frozenset[ReplyKind]:
    items = as_items("refund_kinds", values, f"a list of: {', '.join(ReplyKind)}")
    return frozenset([ReplyKind.of("refund_kinds", value) for value in items])


def _sources(values: Iterable[Source]) -> tuple[Source, ...]:
    items = as_items("sources", values, "a list of Source")
    return tuple([as_instance("source", value, Source, "a Source") for value in items])


@frozen(kw_only=True, repr=False)
class Plan:
    """One subscription's terms: what it grants and what its credits live under (R1-R9, D4-D12, D18).

    Credits are those of one seat, days have 24 hours, intervals go by the calendar.

    Fields:
        name: the key in its economy, such as ``"business"``.
        title: the name people know, such as ``"Premium Business"``.
        grant_credits: the allotment of each grant, 0 to 1,000,000 (R1, R3).
        grant_every: the interval between grants (R3, D5).
        grant_on: the subscriber's anniversary, or calendar dates.
        first_grant: the whole first allotment, or a share; a share only where grants follow the calendar.
        zone: the IANA time zone in which grant and billing dates are counted (D18).
        billing_every: the billing period, which a cancellation runs out (D12).
        lifetime_days: days until a credit expires (R8); ``None`` for no age limit.
        cap_credits: the most that may be held after a grant (D6); ``None`` for no cap.
        refund_on: what gives a credit back: a reply (R5), or silence (the rule of 2014).
        refund_kinds: the kinds of reply that count as an answer (D9).
        reply_window_days: days from sending within which an answer counts (D10); ``None`` for no end.
        refund_to: the lot a returned credit lives in (D7).
        cancel_at: when a cancelled subscription ends (D12).
        on_switch: what becomes of this plan's refunds in flight when it is left by a switch (D12).
        purchase_credits_max: the most that may be bought in one billing period; 0 for none.
        seats_max: the most seats of one contract; 1 for a personal plan.
        seat_grant: when a seat added mid-period brings its allotment.
        sources: where each figure comes from; not compared, as they do not change what a plan does.

    Raises:
        InvalidValueError: with the field, the value and the limit.

    Example:
        >>> team = Plan(name="team", grant_credits=150, cap_credits=600, lifetime_days=None, seats_max=50)
        >>> team.title, team.refund_to.value
        ('Team', 'fresh')
    """

    name: str
    title: str = ""
    grant_credits: int = field(validator=whole(0, CREDITS_MAX))
    grant_every: Interval = MONTHLY
    grant_on: GrantOn = field(default=GrantOn.ANNIVERSARY, converter=GrantOn)
    first_grant: FirstGrant = field(default=FirstGrant.FULL, converter=FirstGrant)
    zone: str = UTC_NAME
    billing_every: Interval = MONTHLY
    lifetime_days: int | None = field(default=None, validator=whole_or_none(1, DAYS_MAX))
    cap_credits: int | None = field(default=None, validator=whole_or_none(0, CREDITS_MAX))
    refund_on: RefundOn = field(default=RefundOn.REPLY, converter=RefundOn)
    refund_kinds: frozenset[ReplyKind] = field(default=frozenset(ReplyKind), converter=_reply_kinds)
    reply_window_days: int | None = field(default=None, validator=whole_or_none(1, DAYS_MAX))
    refund_to: RefundTo = field(default=RefundTo.FRESH, converter=RefundTo)
    cancel_at: CancelAt = field(default=CancelAt.PERIOD_END, converter=CancelAt)
    on_switch: OnSwitch = field(default=OnSwitch.END, converter=OnSwitch)
    purchase_credits_max: int = field(default=0, validator=whole(0, CREDITS_MAX))
    seats_max: int = field(default=1, validator=whole(1, CREDITS_MAX))
    seat_grant: SeatGrant = field(default=SeatGrant.AT_ONCE, converter=SeatGrant)
    sources: tuple[Source, ...] = field(default=(), converter=_sources, eq=False, repr=False)

    __repr__ = shown_by_field

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "name", as_text("plan name", self.name))
        if type(self.title) is str and not self.title:
            object.__setattr__(self, "title", self.name.replace("-", " ").replace("_", " ").title())
        object.__setattr__(self, "title", as_text("plan title", self.title))
        object.__setattr__(self, "zone", check_zone("zone", self.zone))
        for what in ("grant_every", "billing_every"):
            as_instance(what, getattr(self, what), Interval, "an Interval")
        if self.grant_on is GrantOn.CALENDAR and self.grant_every != MONTHLY:
            raise InvalidValueError(
                "grant_every", str(self.grant_every), "1 month where grants follow the calendar"
            )
        if self.first_grant is FirstGrant.PRORATED and self.grant_on is not GrantOn.CALENDAR:
            raise InvalidValueError(
                "first_grant", self.first_grant.value, "'full' where grants follow the anniversary"
            )
        if self.cap_credits is not None and self.cap_credits < self.grant_credits:
            raise InvalidValueError(
                "cap_credits",
                self.cap_credits,
                f"at least the grant of {self.grant_credits} credits, or None",
            )
        if self.refund_on is RefundOn.SILENCE and self.reply_window_days is None:
            raise InvalidValueError("reply_window_days", None, "given where silence gives the credit back")

    @property
    def lifetime(self) -> timedelta | None:
        """How long a credit lives from its receipt (R8): days of 24 hours (D2)."""
        return None if self.lifetime_days is None else timedelta(days=self.lifetime_days)

    @property
    def reply_window(self) -> timedelta | None:
        """How long after sending an answer counts (D10)."""
        return None if self.reply_window_days is None else timedelta(days=self.reply_window_days)

    def _repr_html_(self) -> str:
        from inmail_credits._display.html import card_html  # noqa: PLC0415 - loaded where something is shown
        from inmail_credits.plans._cards import plan_card  # noqa: PLC0415 - as above

        return card_html(plan_card(self))

    def schedule(self, start: AnyInstant) -> Schedule:
        """The grant dates of a subscription; its first grant is at ``start`` itself (R3, D5, D18)."""
        if self.grant_on is GrantOn.CALENDAR:
            return calendar_months(instant(start, what="start"), self.zone)
        return Schedule(instant(start, what="start"), self.grant_every, self.zone)

    def billing(self, start: AnyInstant) -> Schedule:
        """The instants at which the billing periods of a subscription begin (D12, D18)."""
        return Schedule(instant(start, what="start"), self.billing_every, self.zone)

    def first_grant_credits(self, start: AnyInstant) -> int:
        """What a subscription brings each seat at ``start``: the allotment, or the share of it (D5).

        Prorated, it is ``grant_credits * days_left // days_of_the_month``, in local days, today's included.

        Example:
            >>> from datetime import UTC, datetime
            >>> plan = Plan(name="sales", grant_credits=50, grant_on="calendar", first_grant="prorated")
            >>> [plan.first_grant_credits(datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 16, 31)]
            [50, 25, 1]
        """
        if self.first_grant is FirstGrant.FULL:
            return self.grant_credits
        local = to_local(instant(start, what="start"), self.zone)
        days = monthrange(local.year, local.month)[1]
        return self.grant_credits * (days - local.day + 1) // days

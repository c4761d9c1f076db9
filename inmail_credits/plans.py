"""Plans and economies: the rules of the credit economy as data.

The problem: tiers, caps, lifetimes and refunds differ by plan, by year and by contract, and a rule that
is an ``if`` on a plan's name cannot be read, compared or changed. So every term a credit lives under is
a field of :class:`Plan`, and an :class:`Economy` is a dated, named collection of plans. The ledger and
the simulation read terms; they never ask a plan for its name (R1, R2).

Where a source leaves a term open, the term is a choice named here, with its alternatives.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from attrs import field, frozen

from inmail_credits._checks import Choice, check_text, whole, whole_or_none
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.timeline import DAYS_MAX, MONTHLY, Interval, Schedule

CREDITS_MAX = 1_000_000


class ReplyKind(Choice):
    """How a recipient answered (D9)."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    MESSAGE = "message"
    QUICK_REPLY = "quick_reply"
    AUTOMATIC = "automatic"


class GrantOn(Choice):
    """Which day the allotment comes (R3)."""

    ANNIVERSARY = "anniversary"
    """Counted from the instant of subscribing (D5)."""
    CALENDAR = "calendar"
    """On subscribing, and from then on the first of each calendar month at midnight UTC."""


class RefundOn(Choice):
    """What gives a credit back."""

    REPLY = "reply"
    """An answer of a kind that counts (R5), inside the reply window if there is one (D10)."""
    SILENCE = "silence"
    """No answer of a kind that counts inside the reply window: the rule before 2015, reversed."""


class RefundTo(Choice):
    """Where a credit that is given back lives on (D7)."""

    FRESH = "fresh"
    """A new lot, received when the reply arrives, with a lifetime of its own."""
    ORIGINAL = "original"
    """The lot that paid, with that lot's expiry; worth nothing once that has passed."""


class CancelAt(Choice):
    """When a cancelled subscription and its credits end (D12)."""

    PERIOD_END = "period_end"
    AT_ONCE = "at_once"


class SeatGrant(Choice):
    """When a seat added to a contract brings its allotment."""

    AT_ONCE = "at_once"
    NEXT_GRANT = "next_grant"


class Sureness(Choice):
    """How well a figure is known."""

    VERBATIM = "verbatim"
    """Read word for word on the page named, or on a public mirror of it."""
    THIRD_PARTY = "third party"
    """Told by somebody else."""
    INFERRED = "inferred"
    """Follows from other statements on the page named."""
    OPEN = "open"
    """Not found, or the sources conflict: a decision of this package."""


@frozen
class Source:
    """Where the figure of one term comes from, and how sure it is.

    ``term`` is the name of the :class:`Plan` field it speaks of; ``rule`` the R or D id it rests on.
    """

    term: str
    page: str
    sure: Sureness = field(default=Sureness.VERBATIM, converter=Sureness)
    note: str = ""
    rule: str = ""


def _reply_kinds(values: Iterable[ReplyKind | str]) -> frozenset[ReplyKind]:
    if isinstance(values, str):
        raise InvalidValueError("refund_kinds", values, f"a list of: {', '.join(ReplyKind)}")
    return frozenset(ReplyKind(value) for value in values)


@frozen(kw_only=True)
class Plan:
    """One subscription's terms: what it grants and what its credits live under (R1-R9, D4-D12).

    Fields, in credits per seat, days of 24 hours, or calendar intervals:
        name: the key in its economy, such as ``"business"``.
        title: the name people know, such as ``"Premium Business"``.
        grant_credits: the allotment of each grant, 0 to 1,000,000 (R1, R3).
        grant_every: the interval between grants (R3, D5).
        grant_on: the subscriber's anniversary, or calendar dates.
        billing_every: the billing period, which a cancellation runs out (D12).
        lifetime_days: days until a credit expires (R8); ``None`` for no age limit.
        cap_credits: the most that may be held after a grant (D6); ``None`` for no cap.
        refund_on: what gives a credit back: a reply (R5), or silence (the rule of 2014).
        refund_kinds: the kinds of reply that count as an answer (D9).
        reply_window_days: days from sending within which an answer counts (D10); ``None`` for no end.
        refund_to: the lot a returned credit lives in (D7).
        cancel_at: when a cancelled subscription ends (D12).
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
    billing_every: Interval = MONTHLY
    lifetime_days: int | None = field(default=None, validator=whole_or_none(1, DAYS_MAX))
    cap_credits: int | None = field(default=None, validator=whole_or_none(0, CREDITS_MAX))
    refund_on: RefundOn = field(default=RefundOn.REPLY, converter=RefundOn)
    refund_kinds: frozenset[ReplyKind] = field(default=frozenset(ReplyKind), converter=_reply_kinds)
    reply_window_days: int | None = field(default=None, validator=whole_or_none(1, DAYS_MAX))
    refund_to: RefundTo = field(default=RefundTo.FRESH, converter=RefundTo)
    cancel_at: CancelAt = field(default=CancelAt.PERIOD_END, converter=CancelAt)
    purchase_credits_max: int = field(default=0, validator=whole(0, CREDITS_MAX))
    seats_max: int = field(default=1, validator=whole(1, CREDITS_MAX))
    seat_grant: SeatGrant = field(default=SeatGrant.AT_ONCE, converter=SeatGrant)
    sources: tuple[Source, ...] = field(default=(), converter=tuple[Source, ...], eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_text("plan name", self.name)
        if not self.title:
            object.__setattr__(self, "title", self.name.replace("-", " ").replace("_", " ").title())
        check_text("plan title", self.title)
        for what in ("grant_every", "billing_every"):
            if not isinstance(getattr(self, what), Interval):
                raise InvalidValueError(what, getattr(self, what), "an Interval")
        if self.grant_on is GrantOn.CALENDAR and self.grant_every != MONTHLY:
            raise InvalidValueError(
                "grant_every", str(self.grant_every), "1 month where grants follow the calendar"
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

    def schedule(self, start: datetime) -> Schedule:
        """The grant dates of a subscription; its first grant is at ``start`` itself (R3, D5)."""
        if self.grant_on is GrantOn.CALENDAR:
            return Schedule(start.replace(day=1, hour=0, minute=0, second=0, microsecond=0), MONTHLY)
        return Schedule(start, self.grant_every)


@frozen(kw_only=True)
class Economy:
    """A named, dated, sourced collection of plans (R2).

    Example:
        >>> own = Economy(name="ours", effective_on=date(2026, 1, 1), plans=[Plan(name="a", grant_credits=7)])
        >>> own["a"].grant_credits, "b" in own
        (7, False)
        >>> own["b"]
        Traceback (most recent call last):
        ...
        inmail_credits.errors.UnknownNameError: there is no plan of economy 'ours' 'b'; known: a
    """

    name: str
    title: str = ""
    effective_on: date
    note: str = ""
    plans: tuple[Plan, ...] = field(converter=tuple[Plan, ...])

    def __attrs_post_init__(self) -> None:
        check_text("economy name", self.name)
        if type(self.effective_on) is not date:
            raise InvalidValueError("effective_on", self.effective_on, "a date")
        for plan in self.plans:
            if not isinstance(plan, Plan):
                raise InvalidValueError(f"plan of economy {self.name!r}", plan, "a Plan")
        names = [plan.name for plan in self.plans]
        for name in names:
            if names.count(name) > 1:
                raise InvalidValueError(f"plan name in economy {self.name!r}", name, "used once")

    def __getitem__(self, name: str) -> Plan:
        for plan in self.plans:
            if plan.name == name:
                return plan
        raise UnknownNameError(
            f"plan of economy {self.name!r}", name, tuple(plan.name for plan in self.plans)
        )

    def __contains__(self, name: object) -> bool:
        return any(plan.name == name for plan in self.plans)

    def __iter__(self) -> Iterator[Plan]:
        return iter(self.plans)

    def __len__(self) -> int:
        return len(self.plans)

"""Where a simulation starts: from a plan, or from an account as it stands."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from attrs import evolve, frozen

from inmail_credits.account import Account
from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.facts import Fact
from inmail_credits.ledger.lots import NEVER
from inmail_credits.plans import Plan
from inmail_credits.simulation._engine.planned import Terms, Turn, checked_facts, turns_of
from inmail_credits.timeline import Schedule, instant


@frozen
class OpenLot:
    """Credits left in a lot, and its end (``lots.NEVER`` for none). An empty one may be refunded to."""

    credits: int
    expires_at: datetime


@frozen
class OpenMessage:
    """A message whose credit may still come back.

    ``lot`` is the place of the lot that paid, ``plan`` the plan it was sent under (D16).
    """

    message_id: str
    sent_at: datetime
    lot: int
    plan: Plan


class Span(NamedTuple):
    """From one planned fact to the next: ``turn`` begins it, or nothing but the start does.

    What time alone brings after ``begins_at`` and up to ``ends_at``, included, falls under its terms: at one
    instant time comes before facts (D6).
    """

    turn: Turn | None
    terms: Terms
    begins_at: datetime
    ends_at: datetime


@frozen(kw_only=True)
class Opening:
    """The state at ``start``, before the facts of day 0, and what is planned from then on.

    Fields:
        plan: the terms at the start.
        seats: seats of the contract.
        start: the instant of day 0, UTC.
        schedule: the grant dates.
        billing: the dates on which billing periods begin.
        purchase_room: how many credits may still be bought in the billing period that holds ``start``.
        granted_until: grants up to and including this instant are in ``lots``; ``None`` for none yet: the
            subscription starts, and grants, at ``start``.
        ends_at: the end of a cancelled subscription; ``lots.NEVER`` if it goes on.
        lots: in burn order (D4).
        messages: those in flight, in the order they were sent.
        account: the account it was taken from, if there is one.
        turns: the facts planned, in order, and what they do.
    """

    plan: Plan
    seats: int
    start: datetime
    schedule: Schedule
    billing: Schedule
    purchase_room: int
    granted_until: datetime | None
    ends_at: datetime
    lots: tuple[OpenLot, ...]
    messages: tuple[OpenMessage, ...]
    account: Account | None
    turns: tuple[Turn, ...] = ()

    @property
    def terms(self) -> Terms:
        """What holds at the start."""
        return Terms(self.plan, self.seats, self.schedule, self.billing, self.ends_at)

    def spans(self) -> Iterator[Span]:
        """The time from the start on, cut at the planned facts."""
        turn, terms, begins_at = None, self.terms, self.start
        for following in self.turns:
            yield Span(turn, terms, begins_at, following.at)
            turn, terms, begins_at = following, following.terms, following.at
        yield Span(turn, terms, begins_at, NEVER)

    def with_planned(self, planned: Iterable[Fact], end: datetime) -> "Opening":
        """The same with facts planned before ``end``.

        Raises:
            InvalidValueError: for what cannot be planned, or not then.
            RefusedError: if the rules do not allow one of the facts in its place.
        """
        facts = checked_facts(planned, self.start, end)
        if not facts:
            return self
        account = self.account or Account.open(self.plan, at=self.start, seats=self.seats)
        return evolve(self, turns=turns_of(account, facts))

    @property
    def credits(self) -> int:
        """The credits of all lots."""
        return sum(lot.credits for lot in self.lots)


def opening_of(subject: Plan | Account, *, start: date | None, seats: int) -> Opening:
    """The opening of a plan that starts then, or of an account as it stands then.

    Raises:
        InvalidValueError: for a plan without a start, more seats than the plan has, a start before the
            account's latest fact, or an account without a running subscription.
    """
    if isinstance(subject, Plan):
        return _of_plan(subject, start=start, seats=seats)
    if not isinstance(subject, Account):
        raise InvalidValueError("subject", subject, "a Plan or an Account")
    return _of_account(subject, start=start)


def _of_plan(plan: Plan, *, start: date | None, seats: int) -> Opening:
    if start is None:
        raise InvalidValueError("start", None, "given where a plan is simulated")
    if type(seats) is not int or not 1 <= seats <= plan.seats_max:
        raise InvalidValueError(
            "seats", seats, f"a whole number from 1 to the {plan.seats_max} of plan {plan.name!r}"
        )
    at = instant(start, what="start")
    return Opening(
        plan=plan,
        seats=seats,
        start=at,
        schedule=plan.schedule(at),
        billing=plan.billing(at),
        purchase_room=plan.purchase_credits_max,
        granted_until=None,
        ends_at=NEVER,
        lots=(),
        messages=(),
        account=None,
    )


def _of_account(account: Account, *, start: date | None) -> Opening:
    at = account.latest_at if start is None else instant(start, what="start")
    if at < account.latest_at:
        raise InvalidValueError(
            "start", stamp(at), f"at or after the latest fact, {stamp(account.latest_at)}"
        )
    subscription = account.subscription(at=at)
    if subscription is None:
        raise InvalidValueError("account", account, f"one with a subscription running at {stamp(at)}")
    live = {lot.number: lot for lot in account.lots(at=at)}
    flights = account.in_flight(at=at)
    paid = {message.lot: account.lot(message.lot)._replace(left=0) for message in flights}
    lots = {**paid, **live}
    ordered = sorted(lots.values(), key=lambda lot: lot.burn_key)
    place = {lot.number: index for index, lot in enumerate(ordered)}
    return Opening(
        plan=subscription.plan,
        seats=subscription.seats,
        start=at,
        schedule=subscription.schedule,
        billing=subscription.billing,
        purchase_room=account.purchase_room(at=at),
        granted_until=at,
        ends_at=subscription.ends_at or NEVER,
        lots=tuple(OpenLot(lot.left, lot.expires_at or NEVER) for lot in ordered),
        messages=tuple(
            OpenMessage(
                message.sent.message_id,
                message.sent.at,
                place[message.lot],
                message.plan or subscription.plan,
            )
            for message in flights
        ),
        account=account,
    )

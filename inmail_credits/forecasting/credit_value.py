"""What a credit is worth: the price that a prospect has to beat.

A credit spent on somebody who answers comes back, one spent on silence is gone. So whom to write to depends
on what else the credit could do before the next grant, and before it dies of age. :func:`credit_value` works
that out by dynamic programming over days and balances (:mod:`inmail_credits.forecasting._bid_prices`):
writing to a prospect of odds ``p`` and value ``v`` is worth it exactly if ``v p >= (1 - p) x price``.

What is approximated, and where it is exact:

* Answers are taken to come at once. A credit in flight is missing for the days that its answer takes.
* Only the balance is followed, not the age of each lot. Credits burn oldest first (D4), so those left are the
  newest ones, and a balance can never be larger than what was received within a lifetime. Where nothing is
  refunded, or refunds rejoin their lot, that bound is known and the programme is exact. Where a refund is a
  fresh lot (D7), the mean number of refunds stands in for their number. Against brute force with exact ages
  that overstates the value by nothing that shows where a credit outlives three grants, by up to 1.4 % where
  it outlives one grant by a third, and by up to 12 % where it dies before the next.
* Prospects come independently from day to day, and one not written to on the day is not met again.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd
from attrs import frozen
from matplotlib.axes import Axes

from inmail_credits._charts.theme import Colors, Options
from inmail_credits._display.card import Card
from inmail_credits._display.numbers import SMALLEST, count, price
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import as_date, as_number, as_rate, as_whole
from inmail_credits._zones import UTC_NAME, check_zone, to_local
from inmail_credits.account import Account
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import credit_value_chart, decision_cards
from inmail_credits.forecasting._bid_prices import Arrivals, Carry, Floats, Solution, expected_returns, solve
from inmail_credits.forecasting.local_days import day_start, days_until
from inmail_credits.forecasting.prospects import VALUE_MAX, Prospects
from inmail_credits.ledger.lots import Lot
from inmail_credits.plans import Plan, RefundOn, RefundTo
from inmail_credits.timeline import DAY, Schedule, instant

DAYS_MAX: Final = 3_660
CREDITS_MAX: Final = 5_000
ROUNDS: Final = 3
"""How often the mean number of refunds is worked out anew from the policy it led to."""
_NO_LIMIT: Final = 2**40


@frozen(kw_only=True, eq=False, repr=False)
class CreditValue(Shown):
    """What :func:`credit_value` found.

    Fields:
        plan: the terms the credits live under.
        prospects: who could be written to.
        start: the instant of day 0, UTC; day k begins k local days later (D19).
        balance: the credits held on day 0, after the grant of that instant, if there is one.
        solution: values and prices by day and balance.
        zone: the time zone of the days.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.forecasting.prospects import ProspectSegment
        >>> segments = [ProspectSegment(odds=odds) for odds in (0.05, 0.15, 0.3, 0.5)]
        >>> prospects = Prospects(per_day=2, segments=segments)
        >>> worth = credit_value(economies.LINKEDIN_2019["business"], prospects, start=date(2026, 1, 1))
        >>> worth
        <CreditValue business on 2026-01-01: the last of 15 credits is worth 0.4..., write from odds of 3... %
        on>
        >>> worth.is_worth_writing(odds=0.5), worth.is_worth_writing(odds=0.05)
        (True, False)
    """

    plan: Plan
    prospects: Prospects
    start: datetime
    balance: int
    solution: Solution
    zone: str = UTC_NAME

    @property
    def days(self) -> int:
        """How many days it looks ahead."""
        return int(self.solution.to_come.shape[0])

    @property
    def first_date(self) -> date:
        """The date of day 0, in the zone."""
        return to_local(self.start, self.zone).date()

    def day_of(self, on: date) -> int:
        """The number of the day that a date of the zone names, or that holds an instant.

        Raises:
            InvalidValueError: outside the horizon.
        """
        if isinstance(on, datetime):
            day = (to_local(instant(on, what="on"), self.zone) - to_local(self.start, self.zone)) // DAY
        else:
            day = (as_date("on", on) - self.first_date).days
        if not 0 <= day < self.days:
            raise InvalidValueError("on", on, f"within the {self.days} days from {self.first_date}")
        return day

    def price(self, *, on: date | None = None, balance: int | None = None) -> float:
        """What the last of so many credits is worth, in the unit of the prospects' values.

        ``on`` is a date of the zone or an instant, within the horizon, by default its start; ``balance`` the
        credits held then, by default that of the start. ``inf`` for no credits at all, 0 for more than can
        be used.

        Raises:
            InvalidValueError: outside the horizon, or for a number of credits below 0.
        """
        day = 0 if on is None else self.day_of(on)
        left = self.balance if balance is None else as_whole("balance", balance, 0, 10**9)
        prices = self.solution.prices[day]
        return float(prices[left]) if left < len(prices) else 0.0

    def break_even_odds(
        self, *, value: float = 1.0, on: date | None = None, balance: int | None = None
    ) -> float:
        """The odds from which somebody of that value is worth a credit: ``price / (value + price)``.

        1 where no credit is left: nobody can be written to.
        """
        value = as_number("value", value, 0, VALUE_MAX)
        price = self.price(on=on, balance=balance)
        if price == float("inf"):
            return 1.0
        return price / (value + price) if price > 0 else 0.0

    def is_worth_writing(
        self,
        *,
        odds: float,
        value: float = 1.0,
        on: date | None = None,
        balance: int | None = None,
    ) -> bool:
        """Whether to spend a credit on a prospect: ``value x odds >= (1 - odds) x price``."""
        odds = as_rate("odds", odds)
        value = as_number("value", value, 0, VALUE_MAX)
        price = self.price(on=on, balance=balance)
        return price < float("inf") and value * odds >= (1 - _returned(self.plan, odds)) * price

    def expected_value(self) -> float:
        """What is to come under this policy over the horizon, from the balance of the start; in values."""
        return float(self.solution.to_come[0, min(self.balance, self.solution.to_come.shape[1] - 1)])

    def to_frame(self) -> pd.DataFrame:
        """The price of the last credit: one row a date, one column for each balance from 1 on."""
        dates = pd.date_range(self.first_date, periods=self.days, freq="D", name="date")
        prices = self.solution.prices[:, 1:]
        return pd.DataFrame(
            prices, index=dates, columns=pd.RangeIndex(1, prices.shape[1] + 1, name="credits")
        )

    def plot(
        self,
        ax: Axes | None = None,
        *,
        balances: Sequence[int] = (1, 3, 5, 10, 20, 40),
        legend: bool = True,
        title: bool | str = True,
        colors: Colors | None = None,
    ) -> Axes:
        """The break-even odds of the days ahead for some balances: write to whoever is above the line.

        Args:
            ax: axes to draw into; without any, those of a new figure of pyplot.
            balances: a line each; those there cannot be are left out.
            legend: ``False`` for none.
            title: ``False`` for none, or a text of one's own.
            colors: colours by role: ``fan``, of the lines, darker for fewer credits.

        Returns:
            The axes.
        """
        return credit_value_chart.draw(self, ax, balances, Options(legend=legend, title=title, colors=colors))

    def answer(self) -> str:
        """The odds from which to write on the first day, in a sentence."""
        value = self.prospects.mean_value
        odds = self.break_even_odds(value=value)
        if self.balance == 0:
            return "No credit is left: nobody can be written to."
        whom = (
            "to anybody"
            if odds < SMALLEST / 2
            else f"to whoever answers with odds of {100 * odds:.1f} % or more"
        )
        last = f"the last of {count(self.balance, 'credit')} is worth {price(self.price(), value)}"
        return f"Write {whom}: {last}."

    def _card(self) -> Card:
        return decision_cards.value_card(self)

    def __repr__(self) -> str:
        odds = self.break_even_odds(value=self.prospects.mean_value)
        return (
            f"<CreditValue {self.plan.name} on {self.first_date}: the last of {self.balance} credits is "
            f"worth {self.price():.3g}, write from odds of {100 * odds:.1f} % on>"
        )


def credit_value(
    subject: Plan | Account,
    prospects: Prospects,
    *,
    start: date | None = None,
    days: int = 365,
    seats: int = 1,
    zone: str = UTC_NAME,
) -> CreditValue:
    """What a credit of a plan or account is worth on each day ahead, for each balance.

    Args:
        subject: a plan, subscribed to at ``start``; or an account, from ``start`` (its latest fact) on.
        prospects: who could be written to, and how many come a day.
        start: an instant, or a date (its midnight UTC).
        days: how far to look ahead, 1 to 3,660; credits left at the end are worth nothing, so look well
            beyond the days that are to be decided about.
        seats: seats of the contract, where ``subject`` is a plan.
        zone: the time zone whose days are counted (D19): an IANA name.

    Raises:
        InvalidValueError: with the value and the limit; also for more than 5,000 credits at once.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.forecasting.prospects import ProspectSegment
        >>> segments = [ProspectSegment(odds=0.2), ProspectSegment(odds=0.6)]
        >>> prospects = Prospects(per_day=1, segments=segments)
        >>> career = economies.LINKEDIN_2019["career"]
        >>> worth = credit_value(career, prospects, start=date(2026, 1, 1), days=90)
        >>> worth.price(balance=1) > worth.price(balance=3) > 0
        True
    """
    days = as_whole("days", days, 1, DAYS_MAX)
    if not isinstance(prospects, Prospects):
        raise InvalidValueError("prospects", prospects, "Prospects(per_day=..., segments=[...])")
    outlook = _outlook(subject, start, days, seats, check_zone("zone", zone))
    plan = outlook.plan
    arrivals = [_arrivals(plan, prospects)] * outlook.days
    came_back = np.zeros(outlook.days)
    credits_max = outlook.credits_max(np.zeros(outlook.days))
    for _ in range(ROUNDS if _refunds_are_fresh(plan) else 1):
        carries = outlook.carries(came_back)
        credits_max = max(credits_max, outlook.credits_max(came_back))
        if credits_max > CREDITS_MAX:
            raise InvalidValueError(
                "credits at once", credits_max, f"at most {CREDITS_MAX:,}; value one seat"
            )
        solution = solve(arrivals, carries, credits_max)
        came_back = expected_returns(solution, arrivals, carries, outlook.opening)
    first = int(carries[0].apply(np.array([outlook.opening]))[0])
    return CreditValue(
        plan=plan,
        prospects=prospects,
        start=outlook.start,
        balance=first,
        solution=solution,
        zone=outlook.zone,
    )


def _arrivals(plan: Plan, prospects: Prospects) -> Arrivals:
    odds = prospects.odds
    returns = np.array([_returned(plan, each) for each in odds.tolist()])
    return Arrivals(prospects.counts(), prospects.weights, odds * prospects.answer_values, returns)


def _returned(plan: Plan, odds: float) -> float:
    """The chance that the credit of a message comes back (R5; under the rule of 2014, by silence)."""
    if not plan.refund_kinds:
        return 0.0
    return odds if plan.refund_on is RefundOn.REPLY else 1 - odds


def _refunds_are_fresh(plan: Plan) -> bool:
    return plan.refund_to is RefundTo.FRESH and plan.lifetime_days is not None


@frozen(eq=False)
class _Outlook:
    """What time will do: the lots there are, the grants to come, and the terms."""

    plan: Plan
    seats: int
    start: datetime
    days: int
    lots: tuple[Lot, ...]
    grants: tuple[datetime, ...]
    zone: str

    @property
    def opening(self) -> int:
        return sum(lot.left for lot in self.lots)

    def carries(self, came_back: Floats) -> list[Carry]:
        """What each day begins with, if so many credits come back on each day on average."""
        plan = self.plan
        amount = plan.grant_credits * self.seats
        out = []
        before = self.start - timedelta(microseconds=1)
        for day in range(self.days):
            at = day_start(self.start, day, self.zone)
            granted = amount * sum(before < grant <= at for grant in self.grants)
            kept = _NO_LIMIT
            if granted and plan.cap_credits is not None:
                kept = max(plan.cap_credits * self.seats - granted, 0)
            out.append(Carry(self._live_max(at, before, day, came_back), kept, granted))
            before = at
        return out

    def _live_max(self, at: datetime, before: datetime, day: int, came_back: Floats) -> int:
        """The most that can be live then, the grants of that very day left out."""
        lifetime = self.plan.lifetime
        if lifetime is None:
            return _NO_LIMIT
        left = sum(lot.left for lot in self.lots if lot.expires_at is None or lot.expires_at > at)
        granted = sum(grant <= before and grant + lifetime > at for grant in self.grants)
        back = came_back[max(0, day - lifetime // DAY) : day].sum() if _refunds_are_fresh(self.plan) else 0.0
        return left + granted * self.plan.grant_credits * self.seats + round(float(back))

    def credits_max(self, came_back: Floats) -> int:
        """The largest balance there can be on any day, and one more."""
        balance = most = self.opening
        for carry in self.carries(came_back):
            balance = min(balance, carry.live_max, carry.kept_max) + carry.granted
            most = max(most, balance)
        return most + 1


def _outlook(
    subject: Plan | Account, start: date | None, days: int, seats: int, zone: str = UTC_NAME
) -> _Outlook:
    if isinstance(subject, Account):
        if seats != 1:
            raise InvalidValueError("seats", seats, "left out where an account is valued: it has its own")
        at = subject.latest_at if start is None else instant(start, what="start")
        running = subject.subscription(at=at)
        if running is None:
            raise InvalidValueError(
                "account", subject, f"one with a subscription running at {at.isoformat()}"
            )
        until = day_start(at, days, zone)
        if running.ends_at is not None and running.ends_at < until:
            until = running.ends_at
        grants = _between(running.schedule, at, until)
        ahead = days_until(at, until, zone)
        return _Outlook(running.plan, running.seats, at, ahead, subject.lots(at=at), grants, zone)
    if not isinstance(subject, Plan):
        raise InvalidValueError("subject", subject, "a Plan or an Account")
    if start is None:
        raise InvalidValueError("start", None, "given where a plan is valued")
    seats = as_whole("seats", seats, 1, subject.seats_max)
    at = instant(start, what="start")
    grants = (at, *_between(subject.schedule(at), at, day_start(at, days, zone)))
    return _Outlook(subject, seats, at, days, (), grants, zone)


def _between(schedule: Schedule, after: datetime, before: datetime) -> tuple[datetime, ...]:
    """The dates of a schedule strictly between two instants."""
    dates = []
    at = schedule.next_after(after)
    while at < before:
        dates.append(at)
        at = schedule.next_after(at)
    return tuple(dates)

"""How much may be sent: a rate that keeps the odds of running dry low, and the pace to the next grant.

The rate is found by bisection on common random numbers: every rate meets the same draws, on which a higher
rate wants at least as many messages on every path and day, so that the odds rise steadily with it.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from math import inf, isfinite, nan, sqrt
from typing import Final

import pandas as pd
from attrs import field, frozen
from matplotlib.axes import Axes

from inmail_credits._charts.theme import Colors, Options
from inmail_credits._display.card import Card
from inmail_credits._display.numbers import count
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import as_instance, as_number, as_whole
from inmail_credits._zones import UTC_NAME, to_local
from inmail_credits.account import Account
from inmail_credits.errors import InvalidValueError, stamp
from inmail_credits.facts import Fact
from inmail_credits.forecasting import decision_cards, pace_chart
from inmail_credits.forecasting.answer import rate_sentence
from inmail_credits.forecasting.horizon import Horizon
from inmail_credits.forecasting.labels import day_label
from inmail_credits.forecasting.local_days import day_start, days_until
from inmail_credits.forecasting.run import begin_of
from inmail_credits.forecasting.variations import at_rate
from inmail_credits.ledger.lots import NEVER
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, simulate
from inmail_credits.simulation.fleet.members import as_planned
from inmail_credits.simulation.run import Rng
from inmail_credits.simulation.seeds import fresh_seed, plain_seed, seed_sequence

PATHS: Final = 2_000
STEPS: Final = 12
"""Halvings of the bracket: the rate is found to about 1 part in 4,000 of it."""
PER_WEEK_MAX: Final = 7_000.0


@frozen(kw_only=True)
class SustainableRate(Shown):
    """The most that may be sent.

    Fields:
        per_week: messages wanted a week at most; ``inf`` if no rate up to 7,000 a week passes the limit.
        error: its Monte-Carlo standard error: that of the odds, divided by how steeply they rise with the
            rate.
        run_dry_odds: the limit on the odds of running dry.
        horizon: over what time.
        paths, seed: to repeat it.

    Example:
        >>> SustainableRate(
        ...     per_week=3.42, error=0.04, run_dry_odds=0.05, horizon="6 months", paths=2_000, seed=7
        ... )
        <SustainableRate 3.42+-0.04 a week: at most 5 % run dry within 6 months; 2,000 paths, seed 7>
    """

    per_week: float
    error: float
    run_dry_odds: float
    horizon: str
    paths: int
    seed: int | None

    @property
    def sentence(self) -> str:
        """The same in a sentence."""
        return rate_sentence(self.per_week, self.run_dry_odds)

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON; ``per_week`` is ``None`` where there is no limit."""
        return {
            "per_week": self.per_week if isfinite(self.per_week) else None,
            "error": self.error if isfinite(self.error) else None,
            "run_dry_odds": self.run_dry_odds,
            "horizon": self.horizon,
            "paths": self.paths,
            "seed": self.seed,
        }

    def _card(self) -> Card:
        return decision_cards.rate_card(self)

    def __repr__(self) -> str:
        seed = "" if self.seed is None else f", seed {self.seed}"
        return (
            f"<SustainableRate {self.per_week:.2f}+-{self.error:.2f} a week: at most "
            f"{100 * self.run_dry_odds:g} % run dry within {self.horizon}; {self.paths:,} paths{seed}>"
        )


def sustainable_rate(
    subject: Plan | Account,
    outreach: Outreach,
    *,
    run_dry_odds: float = 0.05,
    months: int | None = None,
    days: int | None = None,
    until: date | None = None,
    horizon: str | None = None,
    rng: Rng | None = None,
    start: date | None = None,
    paths: int = PATHS,
    seats: int = 1,
    planned: Iterable[Fact] = (),
) -> SustainableRate:
    """The most messages a week that keep the odds of a refused send below a limit.

    The outreach says when and how messages are sent; its weekdays are scaled together. How far ahead is said
    as for :func:`~inmail_credits.forecasting.forecast`.

    Args:
        subject: a plan, subscribed to at ``start``; or an account.
        outreach: the behaviour to scale.
        run_dry_odds: the limit, above 0 and below 1.
        months: how far ahead; exactly one of this and the next three.
        days: so many local days of the outreach (D19).
        until: an instant or date to end at.
        horizon: a text such as ``"3M"``.
        rng: the seed; drawn and reported if left out.
        start: as for ``forecast``.
        paths: how many paths each rate is tried on.
        seats: seats of the contract, where ``subject`` is a plan.
        planned: facts that will happen within the horizon, as for ``forecast``.

    Raises:
        InvalidValueError: with the value and the limit.
        RefusedError: for a planned fact that the rules do not allow in its place.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Replies, Sends
        >>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
        >>> business = economies.LINKEDIN_2019["business"]
        >>> rate = sustainable_rate(business, outreach, months=6, rng=7, start=date(2026, 1, 1), paths=500)
        >>> 2 < rate.per_week < 4
        True
    """
    as_instance("outreach", outreach, Outreach, "an Outreach")
    limit = as_number("run_dry_odds", run_dry_odds, 1e-6, 1 - 1e-6)
    paths = as_whole("paths", paths, 10, 1_000_000)
    begin = begin_of(subject, start)
    ahead = Horizon.of(begin, months=months, days=days, until=until, horizon=horizon, zone=outreach.zone)
    seed = fresh_seed() if rng is None else plain_seed(rng)
    draws = seed_sequence(seed)
    facts = as_planned(planned)

    def odds(per_week: float) -> float:
        """The share of paths that run dry at that rate."""
        simulation = simulate(
            subject,
            at_rate(outreach, per_week),
            start=begin,
            days=ahead.days,
            paths=paths,
            rng=draws,
            seats=seats,
            planned=facts,
        )
        return float(simulation.dry_paths[-1]) / paths

    per_week = _largest(odds, limit, start=max(outreach.sends.per_week, 1.0))
    error = inf if per_week == 0 else nan if per_week == inf else _error(odds, per_week, limit, paths)
    return SustainableRate(
        per_week=per_week,
        error=error,
        run_dry_odds=limit,
        horizon=ahead.label,
        paths=paths,
        seed=seed if isinstance(seed, int) else None,
    )


def _largest(odds: Callable[[float], float], limit: float, *, start: float) -> float:
    """The largest rate whose odds do not pass the limit."""
    low, high = 0.0, start
    while odds(high) <= limit:
        low, high = high, 2 * high
        if high > PER_WEEK_MAX:
            return inf
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if odds(middle) <= limit else (low, middle)
    return low


def _error(odds: Callable[[float], float], per_week: float, limit: float, paths: int) -> float:
    """The standard error of the rate: that of the odds there, over their slope."""
    step = max(0.1 * per_week, 0.05)
    slope = (odds(per_week + step) - odds(max(per_week - step, 0.0))) / (2 * step)
    return sqrt(limit * (1 - limit) / paths) / slope if slope > 0 else inf


@frozen(kw_only=True)
class LotDeadline:
    """When some credits die: the last day on which they are of use.

    Fields:
        credits: how many.
        expires_at: the instant they die.
        last_useful_on: the last date, in the outreach's zone, on which they can still be spent.
    """

    credits: int
    expires_at: datetime
    last_useful_on: date

    def __str__(self) -> str:
        by = day_label(self.last_useful_on)
        return f"{self.credits} credits die {stamp(self.expires_at)}: use them by {by}"


@frozen(kw_only=True, repr=False)
class Pace(Shown):
    """How many messages a day to the next grant, and which credits die when.

    Fields:
        at: from when.
        until: the next grant, or the instant asked for.
        credits: the balance now.
        rate: the most a week that keeps the odds of running dry before then below the limit, with its error.
        deadlines: the lots that die, soonest first.
        zone: the time zone of dates.
    """

    at: datetime
    until: datetime
    credits: int
    rate: SustainableRate
    deadlines: tuple[LotDeadline, ...] = field(converter=tuple[LotDeadline, ...])
    zone: str = UTC_NAME

    @property
    def per_day(self) -> float:
        """Messages a day on average."""
        return self.rate.per_week / 7

    def to_frame(self) -> pd.DataFrame:
        """The deadlines: one row a lot, with ``credits``, ``expires_at`` and ``last_useful_on``."""
        rows = [(lot.credits, lot.expires_at, lot.last_useful_on) for lot in self.deadlines]
        return pd.DataFrame(rows, columns=["credits", "expires_at", "last_useful_on"])

    @property
    def sentence(self) -> str:
        """The budget in a sentence."""
        until = day_label(to_local(self.until, self.zone).date())
        odds = f"the odds of running dry under {100 * self.rate.run_dry_odds:g} %"
        if not isfinite(self.per_day):
            return f"{count(self.credits, 'credit')} to {until}: any number of messages keeps {odds}"
        return (
            f"{count(self.credits, 'credit')} to {until}: {self.per_day:.2g} messages a day "
            f"({self.rate.per_week:.1f} a week) keep {odds}"
        )

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON; ``per_day`` is ``None`` where there is no limit."""
        return {
            "at": stamp(self.at),
            "until": stamp(self.until),
            "credits": self.credits,
            "per_day": self.per_day if isfinite(self.per_day) else None,
            "rate": self.rate.to_dict(),
            "deadlines": [
                {
                    "credits": lot.credits,
                    "expires_at": stamp(lot.expires_at),
                    "last_useful_on": str(lot.last_useful_on),
                }
                for lot in self.deadlines
            ],
            "zone": self.zone,
        }

    def plot(
        self,
        ax: Axes | None = None,
        *,
        legend: bool = True,
        title: bool | str = True,
        colors: Colors | None = None,
    ) -> Axes:
        """The messages that may be sent by each day, beside the credits, and when credits die.

        Args:
            ax: axes to draw into; without any, those of a new figure of pyplot.
            legend: ``False`` for none.
            title: ``False`` for none, or a text of one's own.
            colors: colours by role: ``sent``, ``balance`` and ``expired``.

        Returns:
            The axes.
        """
        return pace_chart.draw(self, ax, Options(legend=legend, title=title, colors=colors))

    def _card(self) -> Card:
        return decision_cards.pace_card(self)

    def __repr__(self) -> str:
        return f"<Pace {self.sentence}>"


def pace(
    account: Account,
    outreach: Outreach,
    *,
    until: date | None = None,
    start: date | None = None,
    run_dry_odds: float = 0.1,
    rng: Rng | None = None,
    paths: int = PATHS,
) -> Pace:
    """A daily budget to the next grant, credits that are still to come back included.

    Args:
        account: whose credits, with its messages in flight.
        outreach: when and how messages are sent and answered; its rate is what is looked for.
        until: to when; by default the next grant, or the end of a cancelled subscription.
        start: from when: an instant or a date; by default the account's latest fact.
        run_dry_odds: the odds of running dry before then that are accepted.
        rng: the seed; drawn and reported if left out.
        paths: how many paths each rate is tried on.

    Raises:
        InvalidValueError: for an account without a running subscription, or a value outside its limits.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Replies, Sends
        >>> account = Account.open(economies.LINKEDIN_2019["business"], at=date(2026, 1, 1))
        >>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
        >>> budget = pace(account, outreach, rng=7, paths=500)
        >>> 0.2 < budget.per_day < 0.8, budget.deadlines[0].last_useful_on
        (True, datetime.date(2026, 3, 31))
    """
    if not isinstance(account, Account):
        raise InvalidValueError("account", account, "an Account")
    as_instance("outreach", outreach, Outreach, "an Outreach")
    begin = begin_of(account, start)
    running = account.subscription(at=begin)
    if running is None:
        raise InvalidValueError("account", account, f"one with a subscription running at {stamp(begin)}")
    if until is not None:
        ahead = Horizon.of(begin, until=until, zone=outreach.zone)
        end = day_start(begin, ahead.days, outreach.zone)
    else:
        end = min(running.schedule.next_after(begin), running.ends_at or NEVER)
    days = days_until(begin, end, outreach.zone)
    rate = sustainable_rate(
        account, outreach, run_dry_odds=run_dry_odds, days=days, rng=rng, start=begin, paths=paths
    )
    deadlines = [
        LotDeadline(
            credits=lot.left,
            expires_at=lot.expires_at,
            last_useful_on=to_local(lot.expires_at - timedelta.resolution, outreach.zone).date(),
        )
        for lot in account.lots(at=begin)
        if lot.expires_at is not None
    ]
    return Pace(
        at=begin,
        until=end,
        credits=account.balance(at=begin),
        rate=rate,
        deadlines=deadlines,
        zone=outreach.zone,
    )

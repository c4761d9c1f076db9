"""A forecast from a bare balance, over what is not known of it: which grants its credits are left of.

A member sees one number. Credits of the latest grants live longest, those of the earliest grants alive expire
soonest; what the truth may be lies between. So the account is forecast three times, on the same draws: with
the balance left of the newest grants, of the oldest, and spread over all (:class:`Ages`, D17).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import numpy as np
import pandas as pd
from attrs import frozen

from inmail_credits._display.card import Card
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import as_whole
from inmail_credits.account import Account
from inmail_credits.forecasting import decision_cards
from inmail_credits.forecasting.labels import percent
from inmail_credits.forecasting.progress import shared_progress
from inmail_credits.forecasting.result import Forecast
from inmail_credits.forecasting.run import PATHS_MAX, forecast
from inmail_credits.openings import Ages
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach
from inmail_credits.simulation.run import Progress, Rng
from inmail_credits.simulation.seeds import fresh_seed, plain_seed, seed_sequence
from inmail_credits.timeline import AnyInstant, instant

ORDER: Final = (Ages.NEWEST, Ages.SPREAD, Ages.OLDEST)
NAMES: Final = tuple(str(ages) for ages in ORDER)
RUN_DRY: Final = "run_dry"


@frozen(kw_only=True, eq=False, repr=False)
class BalanceForecast(Shown):
    """What :func:`forecast_balance` found: the same forecast for each way the balance may be made up.

    Fields:
        newest: with the balance left of the latest grants.
        spread: left of all grants alive, as evenly as whole credits go.
        oldest: left of the earliest grants alive.
    """

    newest: Forecast
    spread: Forecast
    oldest: Forecast

    def table(self) -> pd.DataFrame:
        """The mean of each figure for each make-up, and how far they lie apart.

        Indexed by figure as :meth:`Forecast.summary`; columns ``newest``, ``spread``, ``oldest``, ``range``
        (the largest less the smallest), ``error`` (the largest Monte-Carlo error of the three) and ``unit``.
        The three meet the same draws, so the range is far less uncertain than its ends.
        """
        tables = [one.summary() for one in (self.newest, self.spread, self.oldest)]
        means = pd.DataFrame({name: table["mean"] for name, table in zip(NAMES, tables, strict=True)})
        means["range"] = means.max(axis=1) - means.min(axis=1)
        means["error"] = np.max([table["error"].to_numpy(np.float64) for table in tables], axis=0)
        means["unit"] = tables[0]["unit"]
        return means

    def answer(self) -> str:
        """The range in one sentence: the odds to run dry, and what expires."""
        means = self.table()[list(NAMES)].T
        dry, expired = means[RUN_DRY].tolist(), means["expired"].tolist()
        odds = _between(percent(min(dry)), percent(max(dry)))
        lost = _between(f"{min(expired):.1f}", f"{max(expired):.1f}")
        return f"Whatever the age of the credits: runs dry on {odds} of paths, {lost} credits expire."

    def _card(self) -> Card:
        return decision_cards.balance_card(self)

    def __repr__(self) -> str:
        return f"<BalanceForecast {self.newest.simulation.plan.name}, {self.newest.horizon}: {self.answer()}>"


def _between(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def forecast_balance(
    plan: Plan,
    outreach: Outreach,
    *,
    balance: int,
    at: AnyInstant,
    renews_on: AnyInstant,
    open_messages: Mapping[str, AnyInstant] | None = None,
    seats: int = 1,
    ends_on: AnyInstant | None = None,
    months: int | None = None,
    days: int | None = None,
    until: date | None = None,
    horizon: str | None = None,
    paths: int = 10_000,
    rng: Rng | None = None,
    progress: Progress = False,
) -> BalanceForecast:
    """Forecast from a balance whose credits are of unknown age, with the range over it.

    Args:
        plan: the plan of the running subscription.
        outreach: the behaviour to assume.
        balance: credits left at ``at``.
        at: the instant at which all this is known, and the forecasts begin.
        renews_on: a date on which the billing period begins, such as the next one.
        open_messages: the instant of sending of each message whose credit may still come back, by id.
        seats: the seats of a contract.
        ends_on: when a cancelled subscription ends.
        months: how far ahead, as for :func:`~inmail_credits.forecasting.forecast`; or instead of it
        days: so many local days;
        until: the instant or date at which to end;
        horizon: a text such as ``"3M"``.
        paths: simulated paths of each of the three.
        rng: the seed, which they share; left out, one is drawn and reported by each.
        progress: as for :func:`~inmail_credits.forecasting.forecast`.

    Raises:
        InvalidValueError: as for :meth:`Account.from_balance` and ``forecast``.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Replies, Sends
        >>> found = forecast_balance(
        ...     economies.LINKEDIN_2019["business"],
        ...     Outreach(sends=Sends.fixed(per_week=1), replies=Replies(rate=0.0)),
        ...     balance=30,
        ...     at=date(2026, 11, 20),
        ...     renews_on=date(2026, 12, 5),
        ...     months=2,
        ...     paths=10,
        ...     rng=7,
        ... )
        >>> found.table()[["newest", "spread", "oldest"]].loc["expired"].tolist()
        [9.0, 14.0, 24.0]
    """
    as_whole("paths", paths, 1, PATHS_MAX)
    chosen = fresh_seed() if rng is None else plain_seed(rng)
    seed = chosen if isinstance(chosen, int) else seed_sequence(chosen)
    start: datetime = instant(at)
    found: dict[str, Forecast] = {}
    with shared_progress(progress, paths * len(ORDER)) as part_of:
        for ages in ORDER:
            account = Account.from_balance(
                plan,
                balance=balance,
                at=start,
                renews_on=renews_on,
                ages=ages,
                open_messages=open_messages,
                seats=seats,
                ends_on=ends_on,
            )
            found[str(ages)] = forecast(
                account,
                outreach,
                start=start,
                months=months,
                days=days,
                until=until,
                horizon=horizon,
                paths=paths,
                rng=seed,
                progress=part_of(f"{plan.name}, {ages}"),
            )
    return BalanceForecast(newest=found["newest"], spread=found["spread"], oldest=found["oldest"])

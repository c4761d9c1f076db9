"""A forecast of a fleet: tables by person, by account, by contract, by day and in sum, with their errors.

Figures have the names of :data:`~inmail_credits.simulation.figures.FIGURES`; beside each stands its
Monte-Carlo standard error, in a column with ``_error`` after the name.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from math import nan
from typing import Final

import numpy as np
import pandas as pd
from attrs import frozen
from matplotlib.axes import Axes

from inmail_credits._charts.theme import Colors, Options
from inmail_credits._display.card import Card
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import as_number, as_pairs, as_text, known_name
from inmail_credits._zones import to_local
from inmail_credits.forecasting import fleet_chart
from inmail_credits.forecasting.fleet_answer import fleet_sentences
from inmail_credits.forecasting.fleet_cards import fleet_card
from inmail_credits.forecasting.monte_carlo import Floats
from inmail_credits.forecasting.plain_data import Plain, plain_value
from inmail_credits.simulation.figures import COUNTED, figure
from inmail_credits.simulation.fleet import Contract, Estimates, FleetSimulation
from inmail_credits.simulation.fleet.terms import Terms
from inmail_credits.simulation.result import mean_and_error

PRICE_MAX: Final = 1e9
DAYS_A_MONTH: Final = 365.25 / 12
"""By which a price a month is spread over the horizon."""
OF_PEOPLE: Final = ("wanted", "sent", "refused", "held_back", "refunded")
OF_ACCOUNTS: Final = tuple(one.name for one in COUNTED)
QUANTILES: Final = (0.05, 0.50, 0.95)


@frozen(kw_only=True, eq=False, repr=False)
class FleetForecast(Shown):
    """What :func:`~inmail_credits.forecasting.forecast_fleet` found.

    Fields:
        simulation: the sums behind every figure.
        horizon: how far ahead, as the caller put it, such as ``"3 months"``.
        seed: the seed, if it was a plain number.
        zone: the time zone of the dates: that of whoever starts first.
        prices: what a seat costs a month, by the name of its plan, where the caller said so.

    Example:
        >>> from datetime import date
        >>> from inmail_credits.forecasting import forecast_fleet
        >>> from inmail_credits.simulation.fleet import Fleet
        >>> people = {
        ...     "name": ["ana", "bo", "cy"],
        ...     "plan": ["career", "recruiter-corporate", "recruiter-corporate"],
        ...     "economy": ["linkedin-2019", "linkedin-2026", "linkedin-2026"],
        ...     "per_week": [2, 10, 60],
        ...     "reply_rate": [0.3, 0.2, 0.4],
        ...     "contract": [None, "team", "team"],
        ... }
        >>> f = forecast_fleet(Fleet.from_frame(people), start=date(2026, 1, 1), months=2, rng=7, paths=200)
        >>> f
        <FleetForecast of 3 people: 1 account, 1 contract; 2 months, 200 paths, sends ...>
        >>> f.by_person()["account"].tolist(), f.by_contract().index.tolist()
        (['ana', 'team', 'team'], ['team'])
    """

    simulation: FleetSimulation
    horizon: str
    seed: int | None
    zone: str
    prices: Mapping[str, float]

    def by_person(self) -> pd.DataFrame:
        """One row a person, indexed by name.

        Columns ``account`` (the contract, or the person), ``plan``; ``wanted``, ``sent``, ``refused``,
        ``held_back`` (messages) and ``refunded`` (credits that came back for their messages), ``share_sent``
        and ``run_dry`` (the share of paths with a refused message of theirs), each with its error.
        """
        found = self.simulation
        terms = [found.terms[place] for place in found.fleet.account_of.tolist()]
        accounts = found.fleet.accounts
        table: dict[str, object] = {
            "account": [accounts[place] for place in found.fleet.account_of.tolist()],
            "plan": [one.plan.name for one in terms],
        }
        table |= _columns(found.people, OF_PEOPLE, ("share_sent",))
        return pd.DataFrame(table, index=pd.Index(found.fleet.people, name="person"))

    def by_account(self) -> pd.DataFrame:
        """One row an account or contract, indexed by name: every figure of its messages and credits.

        Columns ``plan``, ``people``, ``seats``; the figures of :data:`FIGURES` that are counted, and
        ``share_sent``, ``share_wasted`` and ``run_dry``, each with its error; where prices are known
        ``cost`` over the horizon, ``cost_per_sent`` and ``cost_per_reply``.
        """
        found = self.simulation
        people = np.bincount(found.fleet.account_of, minlength=len(found.terms))
        table: dict[str, object] = {
            "plan": [one.plan.name for one in found.terms],
            "people": people,
            "seats": [one.seats for one in found.terms],
        }
        table |= _columns(found.accounts, OF_ACCOUNTS, ("share_sent", "share_wasted"))
        if self.prices:
            cost = self._costs()
            table["cost"] = cost
            for name, of in (("cost_per_sent", "sent"), ("cost_per_reply", "replied")):
                messages = found.accounts.mean_and_error(of)[0]
                table[name] = np.divide(cost, messages, out=np.full(len(cost), nan), where=messages > 0)
        return pd.DataFrame(table, index=pd.Index(found.fleet.accounts, name="account"))

    def by_contract(self) -> pd.DataFrame:
        """The rows of :meth:`by_account` that are contracts, indexed by the name of the contract."""
        table = self.by_account()
        chosen = [isinstance(one, Contract) for one in self.simulation.fleet.entries]
        own = len(table) - len(chosen)
        return table[[False] * own + chosen].rename_axis("contract")

    def summary(self) -> pd.DataFrame:
        """All accounts together: one row a figure, with ``mean``, ``error``, quantiles over paths, ``unit``.

        Beside the figures of a forecast ``accounts_run_dry``: how many accounts had a message refused. The
        quantiles are those of the sums of each path.
        """
        found = self.simulation
        rows = [
            (name, *found.total_mean_and_error(name), *_quantiles(found.total(name)), str(figure(name).unit))
            for name in OF_ACCOUNTS
        ]
        dry = found.total("dry_accounts")
        rows.append(("accounts_run_dry", *mean_and_error(dry), *_quantiles(dry), "accounts"))
        rows += [
            (name, *found.total_ratio_and_error(name), nan, nan, nan, str(figure(name).unit))
            for name in ("share_sent", "share_wasted")
        ]
        if self.prices:
            cost = float(self._costs().sum())
            rows.append(("cost", cost, 0.0, cost, cost, cost, "money"))
            for name, of in (("cost_per_sent", "sent"), ("cost_per_reply", "replied")):
                mean = found.total_mean_and_error(of)[0]
                rows.append((name, cost / mean if mean else nan, nan, nan, nan, nan, "money"))
        columns = ["figure", "mean", "error", "p5", "p50", "p95", "unit"]
        return pd.DataFrame(rows, columns=columns).set_index("figure")

    def by_day(self) -> pd.DataFrame:
        """One row a day, all accounts together, indexed by ``date`` (by ``day``, if accounts start apart).

        Columns: the mean over paths of each flow of the day and of the balance at its end; and quantiles of
        that balance, ``balance_p5``, ``balance_p50`` and ``balance_p95``, where they are kept.
        """
        found = self.simulation
        table = pd.DataFrame({name: found.day_mean(name) for name in found.day_sums})
        if found.balances is not None:
            levels = found.balance_quantiles(QUANTILES)
            for place, quantile in enumerate(QUANTILES):
                table[f"balance_p{round(100 * quantile)}"] = levels[:, place]
        starts = {one.start for one in found.terms}
        if len(starts) > 1:
            return table.rename_axis("day")
        first = to_local(starts.pop(), self.zone).date()
        dates = [first + timedelta(days=day) for day in range(found.days)]
        return table.set_index(pd.DatetimeIndex(dates, name="date"))

    def answer(self) -> str:
        """The verdict: how much of what is wanted can be sent, who runs out of credits, what is lost."""
        return fleet_sentences(self.simulation, self.horizon)

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON: the answer, the sum, contracts, people and what it was computed with."""
        found = self.simulation
        return {
            "answer": self.answer(),
            "horizon": self.horizon,
            "days": found.days,
            "paths": found.paths,
            "seed": self.seed,
            "people": _plain(self.by_person()),
            "contracts": _plain(self.by_contract()),
            "sum": _plain(self.summary()),
        }

    def _costs(self) -> Floats:
        """What each account costs over the horizon; ``nan`` without a price."""
        months = self.simulation.days / DAYS_A_MONTH
        return np.array(
            [self.prices.get(one.plan.name, nan) * one.seats * months for one in self.simulation.terms],
            dtype=np.float64,
        )

    def __repr__(self) -> str:
        found = self.simulation
        shown = repr(found.fleet).removeprefix("<Fleet").removesuffix(">")
        share, _ = found.total_ratio_and_error("share_sent")
        return (
            f"<FleetForecast{shown}; {self.horizon}, {found.paths:,} paths, "
            f"sends {100 * share:.1f} % of what is wanted>"
        )

    def plot(
        self,
        ax: Axes | None = None,
        *,
        legend: bool = True,
        title: bool | str = True,
        colors: Colors | None = None,
    ) -> Axes:
        """What each person can send of what is wanted: a point a person.

        Args:
            ax: axes to draw into; without any, those of a new figure of pyplot.
            legend: ``False`` for none.
            title: ``False`` for none, or a text of one's own.
            colors: colours by role: ``sent``, ``refused``, ``expired`` and ``forfeited``, one a fleet.

        Returns:
            The axes.
        """
        options = Options(legend=legend, title=title, colors=colors)
        return fleet_chart.draw(
            {"people": self}, ax, f"What each of {len(self.simulation.fleet):,} people can send", options
        )

    def _card(self) -> Card:
        return fleet_card(self)


def checked_prices(prices: Mapping[str, float] | None, terms: Iterable[Terms]) -> dict[str, float]:
    """Prices a month of a seat by the name of its plan.

    Raises:
        UnknownNameError: for a plan that nobody has.
        InvalidValueError: for a price that is none.
    """
    known = tuple(dict.fromkeys(one.plan.name for one in terms))
    plain: dict[str, float] = {}
    for plan, price in as_pairs("prices", {} if prices is None else prices, "prices a month by plan"):
        name = known_name("plan of the fleet", as_text("plan of a price", plan), known)
        plain[name] = as_number(f"price of {name}", price, 0, PRICE_MAX)
    return plain


def _columns(found: Estimates, names: tuple[str, ...], ratios: tuple[str, ...]) -> dict[str, Floats]:
    """Figures and ratios with their errors."""
    columns: dict[str, Floats] = {}
    for name in names:
        columns[name], columns[f"{name}_error"] = found.mean_and_error(name)
    for name in ratios:
        columns[name], columns[f"{name}_error"] = found.ratio_and_error(name)
    columns["run_dry"], columns["run_dry_error"] = found.run_dry()
    return columns


def _quantiles(sample: np.ndarray) -> tuple[float, float, float]:
    p5, p50, p95 = np.quantile(sample, QUANTILES, method="inverted_cdf")
    return float(p5), float(p50), float(p95)


def _plain(table: pd.DataFrame) -> dict[str, dict[str, Plain]]:
    """A table as plain data: a mapping for each row, by its label."""
    return {
        str(label): {str(name): plain_value(value) for name, value in row.items()}
        for label, row in table.to_dict("index").items()
    }

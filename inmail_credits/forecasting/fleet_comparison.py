"""Fleets compared on common wishes: the same people on accounts of their own, on one pool, on other plans.

All are simulated with one seed. What a person wants and gets as answers follows from the seed and the name,
so the same people want the same in each fleet, and differences are taken path by path.
"""

from collections.abc import Mapping
from concurrent.futures import Executor
from datetime import date

import numpy as np
import pandas as pd
from attrs import evolve, field, frozen
from matplotlib.axes import Axes

from inmail_credits._charts.theme import Colors, Options
from inmail_credits._display.card import Card
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import as_instance, as_rate, as_text, known_name
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import fleet_chart
from inmail_credits.forecasting.fleet import forecast_fleet
from inmail_credits.forecasting.fleet_cards import fleets_card
from inmail_credits.forecasting.fleet_result import FleetForecast, checked_prices
from inmail_credits.forecasting.monte_carlo import Floats, ratio_scores
from inmail_credits.forecasting.scores import SUMMED
from inmail_credits.simulation.fleet import Fleet
from inmail_credits.simulation.fleet.result import SHARES
from inmail_credits.simulation.result import mean_and_error
from inmail_credits.simulation.run import Progress, Rng
from inmail_credits.simulation.seeds import fresh_seed, plain_seed, seed_sequence


@frozen(kw_only=True, eq=False, repr=False)
class FleetComparison(Shown):
    """What :func:`compare_fleets` found: the forecast of each fleet, by its label, in the order given."""

    forecasts: Mapping[str, FleetForecast]
    prices: Mapping[str, float] = field(factory=dict)

    def summary(self) -> pd.DataFrame:
        """One row a fleet, indexed by label; beside each figure a column with ``_error`` after its name.

        Where prices are known also ``cost`` over the horizon, ``cost_per_sent`` and ``cost_per_reply``.
        """
        rows = []
        for one in self.forecasts.values():
            table = one.summary()
            means, errors = table["mean"].to_dict(), table["error"].to_dict()
            row: dict[str, float] = {"accounts": float(len(one.simulation.terms))}
            for name in (*SUMMED, *SHARES, "accounts_run_dry"):
                row[name], row[f"{name}_error"] = means[name], errors[name]
            for name in ("cost", "cost_per_sent", "cost_per_reply") if self.prices else ():
                row[name] = means[name]
            rows.append(row)
        return pd.DataFrame(rows, index=pd.Index(list(self.forecasts), name="fleet"))

    def differences(self, baseline: str) -> pd.DataFrame:
        """What each other fleet changes against ``baseline``: one row a fleet and figure.

        Indexed by ``fleet`` and ``figure``. Columns: ``difference`` (fleet minus baseline) and ``error``,
        paired path by path; ``unpaired_error``, what it would be between independent runs.

        Raises:
            UnknownNameError: naming the fleets that were compared.
        """
        base = self.forecasts[known_name("compared fleet", baseline, self.forecasts)]
        rows = []
        for label, one in self.forecasts.items():
            for name in (*SUMMED, *SHARES) if label != baseline else ():
                ours, theirs = _scores(one, name), _scores(base, name)
                difference, error = mean_and_error(ours - theirs)
                unpaired = float(np.hypot(mean_and_error(ours)[1], mean_and_error(theirs)[1]))
                rows.append((label, name, difference, error, unpaired))
        columns = ["fleet", "figure", "difference", "error", "unpaired_error"]
        return pd.DataFrame(rows, columns=columns).set_index(["fleet", "figure"])

    def by_person(self, figure: str = "share_sent") -> pd.DataFrame:
        """A figure of each person, one column a fleet: who gains, and who loses.

        Raises:
            UnknownNameError: for a figure that people have none of.
        """
        columns: dict[str, pd.Series] = {}
        for label, one in self.forecasts.items():
            table = one.by_person()
            columns[label] = table[known_name("figure of people", figure, list(table.columns[2:]))]
        return pd.DataFrame(columns).rename_axis("person")

    def cheapest(self, *, sent_share: float = 0.95) -> str | None:
        """The label of the cheapest fleet that sends at least that share of the messages wanted.

        ``None`` if none does.

        Raises:
            InvalidValueError: where no prices are known, or for a share that is not 0 to 1.
        """
        sent_share = as_rate("sent_share", sent_share)
        if not self.prices:
            raise InvalidValueError(
                "prices", None, "given: compare_fleets(..., prices={plan: price a month})"
            )
        table = self.summary()
        enough = table[(table["share_sent"] >= sent_share) & table["cost"].notna()]
        return None if enough.empty else str(enough["cost"].idxmin())

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return {label: one.to_dict() for label, one in self.forecasts.items()}

    def __repr__(self) -> str:
        return f"<FleetComparison of {', '.join(self.forecasts)}>"

    def plot(
        self,
        ax: Axes | None = None,
        *,
        legend: bool = True,
        title: bool | str = True,
        colors: Colors | None = None,
    ) -> Axes:
        """What each person can send of what is wanted, under each fleet: a point a person and fleet.

        Args:
            ax: axes to draw into; without any, those of a new figure of pyplot.
            legend: ``False`` for none.
            title: ``False`` for none, or a text of one's own.
            colors: colours by role: ``sent``, ``refused``, ``expired`` and ``forfeited``, one a fleet.

        Returns:
            The axes.
        """
        options = Options(legend=legend, title=title, colors=colors)
        return fleet_chart.draw(self.forecasts, ax, "What each person can send", options)

    def _card(self) -> Card:
        return fleets_card(self)


def compare_fleets(
    fleets: Mapping[str, Fleet],
    *,
    months: int | None = None,
    days: int | None = None,
    until: date | None = None,
    horizon: str | None = None,
    rng: Rng | None = None,
    start: date | None = None,
    paths: int = 1_000,
    prices: Mapping[str, float] | None = None,
    executor: Executor | None = None,
    progress: Progress = False,
) -> FleetComparison:
    """Forecast several fleets on the same wishes and answers.

    Args:
        fleets: the fleets by label, such as ``{"own plans": fleet, "one pool": fleet.pooled(plan)}``.
        months: how far ahead, as for :func:`~inmail_credits.forecasting.forecast_fleet`; or
        days: instead of it,
        until: instead of it,
        horizon: instead of it.
        rng: the seed; drawn and reported if left out.
        start: an instant or a date, for all that have no start of their own.
        paths: how many paths of each.
        prices: what a seat costs a month, by the name of its plan.
        executor: where to run; ``None`` for threads of this process.
        progress: as for ``forecast_fleet``, for one fleet after the other.

    Raises:
        InvalidValueError: for no fleets, or something else; and as for ``forecast_fleet``.
        UnknownNameError: for a price of a plan that nobody has.

    Example:
        >>> from inmail_credits import economies
        >>> people = {
        ...     "name": ["ana", "bo"],
        ...     "plan": ["recruiter-lite", "recruiter-lite"],
        ...     "per_week": [2, 20],
        ...     "reply_rate": [0.3, 0.2],
        ... }
        >>> own = Fleet.from_frame(people)
        >>> pool = own.pooled(economies.LINKEDIN_2026["recruiter-corporate"])
        >>> both = compare_fleets(
        ...     {"own plans": own, "one pool": pool}, start=date(2026, 1, 1), months=2, rng=7, paths=100
        ... )
        >>> both.differences("own plans").loc[("one pool", "wanted")].tolist()[:2]
        [0.0, 0.0]
    """
    as_instance("fleets", fleets, Mapping, "fleets by label, such as {'own plans': fleet}")  # type: ignore[type-abstract]
    if not fleets:
        raise InvalidValueError("fleets", {}, "at least one")
    seed = fresh_seed() if rng is None else plain_seed(rng)
    seed = seed if isinstance(seed, int) else seed_sequence(seed)
    forecasts: dict[str, FleetForecast] = {}
    for label, fleet in fleets.items():
        as_instance(f"fleet {label!r}", fleet, Fleet, "a Fleet")
        forecasts[as_text("label", label)] = forecast_fleet(
            fleet,
            months=months,
            days=days,
            until=until,
            horizon=horizon,
            rng=seed,
            start=start,
            paths=paths,
            executor=executor,
            progress=progress,
        )
    terms = [one for forecast in forecasts.values() for one in forecast.simulation.terms]
    price_of = checked_prices(prices, terms)
    priced = {label: evolve(one, prices=price_of) for label, one in forecasts.items()}
    return FleetComparison(forecasts=priced, prices=price_of)


def _scores(one: FleetForecast, name: str) -> Floats:
    """What each path adds to a figure, shape (paths,)."""
    found = one.simulation
    if name in SHARES:
        part, whole = SHARES[name]
        return ratio_scores(found.total(part), found.total(whole))
    return found.total(name).astype(np.float64)

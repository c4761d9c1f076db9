"""Plans compared on common random numbers.

All plans are simulated with one seed, and the draws do not depend on the plan: on each path they have the
same messages wanted and the same answers. Differences are taken path by path, so that the chance common to
both plans cancels, and the error of a difference is below that between independent runs.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from datetime import date
from html import escape
from typing import Final

import numpy as np
import pandas as pd
from attrs import frozen
from matplotlib.figure import Figure

from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.forecasting import chart, comparison_chart
from inmail_credits.forecasting.labels import distinct
from inmail_credits.forecasting.monte_carlo import Floats, ratio_scores
from inmail_credits.forecasting.progress import shared_progress
from inmail_credits.forecasting.result import Forecast
from inmail_credits.forecasting.run import forecast
from inmail_credits.forecasting.seeds import checked_seed, fresh_seed
from inmail_credits.forecasting.summary import received, wasted
from inmail_credits.plans import Economy, Plan
from inmail_credits.simulation import Outreach, Simulation
from inmail_credits.simulation.result import mean_and_error
from inmail_credits.simulation.run import Progress, Rng

COUNTED: Final = ("wanted", "sent", "refused", "refunded", "expired", "forfeited", "balance")
SHARES: Final = ("run_dry", "share_sent", "share_wasted")


@frozen(kw_only=True, eq=False, repr=False)
class Comparison:
    """What :func:`compare_plans` found: the forecast of each plan, by its name, in the order given."""

    forecasts: Mapping[str, Forecast]

    def summary(self) -> pd.DataFrame:
        """One row a plan, indexed by plan; beside each figure a column with ``_error`` after its name.

        Figures: ``wanted``, ``sent``, ``refused`` (messages), ``refunded``, ``expired``, ``forfeited``,
        ``balance`` (credits), ``run_dry`` (share of paths with a refused send), ``share_sent`` (of the
        messages wanted) and ``share_wasted`` (of the credits received, those expired or forfeited).
        """
        rows = []
        for one in self.forecasts.values():
            row: dict[str, float] = {"granted": one.simulation.mean_and_error("granted")[0]}
            for name in (*COUNTED, *SHARES):
                row[name], row[f"{name}_error"] = mean_and_error(scores(one.simulation, name))
            rows.append(row)
        return pd.DataFrame(rows, index=pd.Index(list(self.forecasts), name="plan"))

    def differences(self, baseline: str) -> pd.DataFrame:
        """What each other plan changes against ``baseline``: one row a plan and figure.

        Indexed by ``plan`` and ``figure``. Columns: ``difference`` (plan minus baseline), ``error`` (paired,
        path by path), and ``unpaired_error`` (what it would be between independent runs).

        Raises:
            UnknownNameError: naming the plans that were compared.
        """
        if baseline not in self.forecasts:
            raise UnknownNameError("compared plan", baseline, tuple(self.forecasts))
        base = self.forecasts[baseline].simulation
        rows = []
        for plan, one in self.forecasts.items():
            for name in (*COUNTED, *SHARES) if plan != baseline else ():
                ours, theirs = scores(one.simulation, name), scores(base, name)
                difference, error = mean_and_error(ours - theirs)
                unpaired = float(np.hypot(mean_and_error(ours)[1], mean_and_error(theirs)[1]))
                rows.append((plan, name, difference, error, unpaired))
        columns = ["plan", "figure", "difference", "error", "unpaired_error"]
        return pd.DataFrame(rows, columns=columns).set_index(["plan", "figure"])

    def assumptions(self) -> pd.DataFrame:
        """What each forecast rests on: one row a plan and assumption.

        Indexed by ``plan`` and ``assumption``; columns as of :meth:`Forecast.assumptions`.
        """
        return pd.concat({name: one.assumptions() for name, one in self.forecasts.items()}, names=["plan"])

    def plot(self, figure: Figure | None = None) -> Figure:
        """What becomes of the messages wanted and of the credits received under each plan."""
        target = chart.new_chart(10, 2.4 + 0.62 * len(self.forecasts)) if figure is None else figure
        forecasts = list(self.forecasts.values())
        titles = distinct([one.title for one in forecasts], [*self.forecasts])
        rows = [
            comparison_chart.Row(label=title.replace(": ", "\n"), simulation=one.simulation)
            for title, one in zip(titles, forecasts, strict=True)
        ]
        comparison_chart.draw(target, rows, forecasts[0].subtitle())
        return target

    def __repr__(self) -> str:
        first = next(iter(self.forecasts.values()))
        plans, paths = ", ".join(self.forecasts), first.simulation.paths
        return f"<Comparison of {plans}: {first.behaviour}, {paths:,} paths>"

    def _repr_html_(self) -> str:
        lines = [*next(iter(self.forecasts.values())).subtitle()]
        lines += [f"{name} rests on: {one.rests_on}" for name, one in self.forecasts.items()]
        table = self.summary().to_html(float_format="{:,.4g}".format)
        return f"<p>{'<br>'.join(map(escape, lines))}</p>{table}"


def compare_plans(
    plans: Economy | Iterable[Plan],
    outreach: Outreach,
    *,
    months: int | None = None,
    days: int | None = None,
    until: date | None = None,
    horizon: str | None = None,
    rng: Rng | None = None,
    start: date,
    paths: int = 10_000,
    seats: int = 1,
    executor: Executor | None = None,
    progress: Progress = False,
) -> Comparison:
    """Forecast each plan on the same paths. Arguments as for :func:`~inmail_credits.forecasting.forecast`.

    Plans are identified by name; each must be there once. ``seats`` count for plans that have so many.
    ``progress`` counts the paths of all plans together, in one bar.

    Raises:
        InvalidValueError: for no plans, or two of one name; and as for ``forecast``.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Replies, Sends
        >>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
        >>> compared = compare_plans(
        ...     economies.LINKEDIN_2019, outreach, start=date(2026, 1, 1), months=3, rng=7, paths=500
        ... )
        >>> compared.summary()["granted"].to_dict()
        {'career': 9.0, 'business': 45.0, 'sales': 60.0, 'recruiter-lite': 90.0}
    """
    chosen = tuple(plans)
    names = [plan.name for plan in chosen]
    if not chosen or len(set(names)) < len(names):
        raise InvalidValueError("plans", names, "at least one plan, each name once")
    seed = fresh_seed() if rng is None else rng if isinstance(rng, int) else checked_seed(rng)
    with shared_progress(progress, paths * len(chosen)) as part_of:
        return Comparison(
            forecasts={
                plan.name: forecast(
                    plan,
                    outreach,
                    months=months,
                    days=days,
                    until=until,
                    horizon=horizon,
                    rng=seed,
                    start=start,
                    paths=paths,
                    seats=seats,
                    executor=executor,
                    progress=part_of(plan.name),
                )
                for plan in chosen
            }
        )


def scores(simulation: Simulation, name: str) -> Floats:
    """What each path adds to a figure of the summary, shape (paths,): their mean is the figure.

    For the two shares these are the terms of the delta method; ``nan`` where the whole is 0.
    """
    if name == "run_dry":
        return (simulation.total("refused") > 0).astype(np.float64)
    if name == "share_sent":
        return ratio_scores(simulation.total("sent"), simulation.total("wanted"))
    if name == "share_wasted":
        return ratio_scores(wasted(simulation), received(simulation))
    return simulation.total(name).astype(np.float64)

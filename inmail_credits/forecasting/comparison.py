"""Plans and behaviours compared on common random numbers.

All are simulated with one seed, and the draws do not depend on the plan: on each path plans have the same
messages wanted and the same answers. Differences are taken path by path, so that the chance common to
both plans cancels, and the error of a difference is below that between independent runs.
"""

from collections.abc import Mapping
from concurrent.futures import Executor
from datetime import date
from itertools import product
from math import nan
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from attrs import field, frozen
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Colors, Options
from inmail_credits._display.card import Card
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import as_number, as_pairs, as_rate, as_text, as_whole, check_progress, known_name
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import comparison_chart
from inmail_credits.forecasting.candidates import (
    Outreaches,
    Planned,
    Subjects,
    labelled_outreaches,
    labelled_subjects,
    planned_by_label,
)
from inmail_credits.forecasting.cards import comparison_card
from inmail_credits.forecasting.labels import distinct
from inmail_credits.forecasting.progress import shared_progress
from inmail_credits.forecasting.result import Forecast
from inmail_credits.forecasting.run import PATHS_MAX, forecast
from inmail_credits.forecasting.scores import SCORED, scores
from inmail_credits.plans import Plan
from inmail_credits.simulation.result import mean_and_error
from inmail_credits.simulation.run import Progress, Rng
from inmail_credits.simulation.seeds import fresh_seed, plain_seed, seed_sequence

DAYS_A_MONTH: Final = 365.25 / 12
"""By which a price a month is spread over the horizon."""
PRICE_MAX: Final = 1e9


@frozen(kw_only=True, eq=False, repr=False)
class Comparison(Shown):
    """What :func:`compare` found: the forecast of each candidate, by its label, in the order given.

    ``prices`` is what a month of each costs, by label, where the caller said so.
    """

    forecasts: Mapping[str, Forecast]
    prices: Mapping[str, float] = field(factory=dict)

    def summary(self) -> pd.DataFrame:
        """One row a candidate, indexed by label; beside each figure a column with ``_error`` after its name.

        Figures: ``wanted``, ``sent``, ``refused``, ``replied`` (messages), ``refunded``, ``expired``,
        ``forfeited``, ``balance`` (credits), ``run_dry`` (share of paths with a refused send),
        ``share_sent`` (of the messages wanted) and ``share_wasted`` (of the credits received, those
        expired or forfeited). Where prices are known, ``cost`` over the horizon, ``cost_per_sent`` and
        ``cost_per_reply``: the cost over the mean number of messages; ``nan`` without a price.
        """
        rows = []
        for label, one in self.forecasts.items():
            row: dict[str, float] = {"granted": one.simulation.mean_and_error("granted")[0]}
            for name in SCORED:
                row[name], row[f"{name}_error"] = mean_and_error(scores(one.simulation.path_totals, name))
            if self.prices:
                cost = self.prices.get(label, nan) * one.simulation.days / DAYS_A_MONTH
                row |= {"cost": cost, "cost_per_sent": _over(cost, row["sent"])}
                row["cost_per_reply"] = _over(cost, row["replied"])
            rows.append(row)
        return pd.DataFrame(rows, index=pd.Index(list(self.forecasts), name="plan"))

    def differences(self, baseline: str) -> pd.DataFrame:
        """What each other plan changes against ``baseline``: one row a plan and figure.

        Indexed by ``plan`` and ``figure``. Columns: ``difference`` (plan minus baseline), ``error`` (paired,
        path by path), and ``unpaired_error`` (what it would be between independent runs).

        Raises:
            UnknownNameError: naming the plans that were compared.
        """
        base = self._of(baseline).simulation.path_totals
        rows = []
        for plan, one in self.forecasts.items():
            for name in SCORED if plan != baseline else ():
                ours, theirs = scores(one.simulation.path_totals, name), scores(base, name)
                difference, error = mean_and_error(ours - theirs)
                unpaired = float(np.hypot(mean_and_error(ours)[1], mean_and_error(theirs)[1]))
                rows.append((plan, name, difference, error, unpaired))
        columns = ["plan", "figure", "difference", "error", "unpaired_error"]
        return pd.DataFrame(rows, columns=columns).set_index(["plan", "figure"])

    def beats(self, label: str, other: str, *, figure: str = "sent") -> tuple[float, float]:
        """The chance that one candidate has more of a figure than another on the same path, and its error.

        Ties count half, so that the chances of both directions add up to 1.

        Raises:
            UnknownNameError: for a label that was not compared, or a figure that is none.
        """
        ours, theirs = (scores(self._of(name).simulation.path_totals, figure) for name in (label, other))
        return mean_and_error((ours > theirs) + 0.5 * (ours == theirs))

    def cheapest(self, *, sent_share: float = 0.95) -> str | None:
        """The label of the cheapest candidate that sends at least that share of the messages wanted.

        ``None`` if none does. Candidates without a price are not considered.

        Raises:
            InvalidValueError: where no prices are known, or for a share that is not 0 to 1.
        """
        sent_share = as_rate("sent_share", sent_share)
        if not self.prices:
            raise InvalidValueError("prices", None, "given: compare(..., prices={label: price a month})")
        table = self.summary()
        enough = [
            (price, label) for label, price in self.prices.items() if table["share_sent"][label] >= sent_share
        ]
        return min(enough)[1] if enough else None

    def _of(self, label: str) -> Forecast:
        return self.forecasts[known_name("compared candidate", label, self.forecasts)]

    def assumptions(self) -> pd.DataFrame:
        """What each forecast rests on: one row a plan and assumption.

        Indexed by ``plan`` and ``assumption``; columns as of :meth:`Forecast.assumptions`.
        """
        return pd.concat({name: one.assumptions() for name, one in self.forecasts.items()}, names=["plan"])

    def plot(
        self,
        ax: Axes | None = None,
        *,
        show: str = "messages",
        figure: Figure | SubFigure | None = None,
        legend: bool = True,
        title: bool | str = True,
        colors: Colors | None = None,
    ) -> Axes:
        """What becomes of the messages wanted and of the credits received under each candidate.

        Args:
            ax: axes to draw one of the two into.
            show: ``"messages"`` or ``"credits"``; or ``"run_dry"``, the odds by each day, a curve each.
            figure: an empty figure to draw both into, or the messages alone if it is small; without either,
                a new one of pyplot.
            legend: ``False`` for none.
            title: ``False`` for none, or a text of one's own.
            colors: colours by role, such as ``{"sent": "seagreen", "refused": "crimson"}``.

        Returns:
            The axes of the messages, or those given.

        Raises:
            UnknownNameError: for a role or a kind of chart there is not.
        """
        show = known_name("kind of chart", show, (*comparison_chart.PARTS, "run_dry"))
        options = Options(legend=legend, title=title, colors=colors)
        forecasts = list(self.forecasts.values())
        titles = distinct([one.title for one in forecasts], [*self.forecasts])
        rows = [
            comparison_chart.Row(label=label, title=text.replace(": ", "\n"), simulation=one.simulation)
            for label, text, one in zip(self.forecasts, titles, forecasts, strict=True)
        ]
        if show == "run_dry":
            axes = canvas.axes_of(ax)
            return comparison_chart.draw_run_dry(axes, rows, self.subtitle()[0], options)
        if ax is not None:
            return comparison_chart.draw_alone(canvas.axes_of(ax), rows, show, self.subtitle()[0], options)
        target = canvas.new_figure(10, 2.4 + 0.62 * len(rows)) if figure is None else figure
        return comparison_chart.draw(target, rows, self.subtitle(), options)

    def __repr__(self) -> str:
        first = next(iter(self.forecasts.values()))
        plans, paths = ", ".join(self.forecasts), first.simulation.paths
        return f"<Comparison of {plans}: {first.behaviour}, {paths:,} paths>"

    def _card(self) -> Card:
        return comparison_card(self)

    def subtitle(self) -> tuple[str, ...]:
        """The behaviour, if all have the same; and the horizon, the number of paths and the seed."""
        heads = [one.subtitle() for one in self.forecasts.values()]
        behaviours = dict.fromkeys(behaviour for behaviour, _ in heads)
        first = next(iter(behaviours)) if len(behaviours) == 1 else f"{len(behaviours)} behaviours"
        return first, heads[0][1]

    def to_frame(self) -> pd.DataFrame:
        """The same as :meth:`summary`, tidy: one row a candidate and figure, ``value`` and ``error``.

        Indexed by ``plan`` and ``figure``; costs and what is granted for sure have no error.
        """
        table = self.summary()
        errors = {name: f"{name}_error" for name in table.columns if f"{name}_error" in table.columns}
        names = [name for name in table.columns if not name.endswith("_error")]
        rows = [
            (label, name, table[name][label], table[errors[name]][label] if name in errors else nan)
            for label in table.index
            for name in names
        ]
        columns = ["plan", "figure", "value", "error"]
        return pd.DataFrame(rows, columns=columns).set_index(["plan", "figure"])

    def to_html(self, path: str | Path | None = None) -> str:
        """The comparison as one self-contained page of HTML; written to ``path`` if one is given.

        Raises:
            OSError: where the file cannot be written.
        """
        from inmail_credits.forecasting import report  # noqa: PLC0415 - it draws comparisons

        text = report.comparison_report(self)
        if path is not None:
            report.write(path, text)
        return text


def compare(
    subjects: Subjects,
    outreaches: Outreaches,
    *,
    months: int | None = None,
    days: int | None = None,
    until: date | None = None,
    horizon: str | None = None,
    rng: Rng | None = None,
    start: date | None = None,
    paths: int = 10_000,
    seats: int = 1,
    planned: Planned = (),
    prices: Mapping[str, float] | None = None,
    executor: Executor | None = None,
    progress: Progress = False,
) -> Comparison:
    """Forecast plans, behaviours, or both on the same draws.

    Args:
        subjects: a plan, an account, an economy, or several of them; with labels of one's own if a
            mapping. Plans of one name are told apart by their economies, ``"linkedin-2019 business"``.
        outreaches: one behaviour, or several; with labels of one's own if a mapping. Every subject is
            forecast under every behaviour.
        months: how far ahead, as for :func:`~inmail_credits.forecasting.forecast`; or
        days: instead of it,
        until: instead of it,
        horizon: instead of it.
        rng: the seed; drawn and reported if left out.
        start: an instant or a date. An account defaults to its latest fact's instant.
        paths: how many paths of each.
        seats: seats of the contract, where a subject is a plan.
        planned: facts that will happen within the horizon, as for ``forecast``: those of every subject, or a
            mapping from the label of a subject to its own.
        prices: what each subject costs a month, by the label of the subject, in any currency.
        executor: where to run; ``None`` for threads of this process.
        progress: ``True`` for one bar over all of them, or a callable.

    Raises:
        InvalidValueError: for no subjects or behaviours, or labels that are used twice; and as for
            ``forecast``.
        UnknownNameError: for a price or planned facts of a subject that is not there.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Outreach, Replies, Sends
        >>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
        >>> compared = compare(
        ...     economies.LINKEDIN_2019, outreach, start=date(2026, 1, 1), months=3, rng=7, paths=500,
        ...     prices={"career": 30, "business": 60, "sales": 80, "recruiter-lite": 170},
        ... )
        >>> compared.summary()["granted"].to_dict()
        {'career': 9.0, 'business': 45.0, 'sales': 60.0, 'recruiter-lite': 90.0}
        >>> compared.cheapest(sent_share=0.85)
        'business'

        The same account kept, and cancelled:

        >>> from inmail_credits import Account
        >>> from inmail_credits.facts import Cancelled
        >>> account = Account.open(economies.LINKEDIN_2019["business"], at=date(2026, 1, 1))
        >>> ends = {"cancelled": [Cancelled(at=date(2026, 2, 15))]}
        >>> compared = compare(
        ...     {"kept": account, "cancelled": account}, outreach, months=3, rng=7, paths=500, planned=ends
        ... )
        >>> compared.summary()["granted"].to_dict()
        {'kept': 30.0, 'cancelled': 15.0}
    """
    labelled = labelled_subjects(subjects)
    behaviours = labelled_outreaches(outreaches)
    price_of = _checked_prices(prices, tuple(labelled))
    planned_of = planned_by_label(planned, tuple(labelled))
    paths = as_whole("paths", paths, 1, PATHS_MAX)
    check_progress(progress)
    seed = fresh_seed() if rng is None else plain_seed(rng)
    seed = seed if isinstance(seed, int) else seed_sequence(seed)
    monthly: dict[str, float] = {}
    forecasts: dict[str, Forecast] = {}
    with shared_progress(progress, paths * len(labelled) * len(behaviours)) as part_of:
        for (name, subject), (behaviour, outreach) in product(labelled.items(), behaviours.items()):
            label = " ".join(filter(None, (name, behaviour)))
            forecasts[label] = forecast(
                subject,
                outreach,
                months=months,
                days=days,
                until=until,
                horizon=horizon,
                rng=seed,
                start=start,
                paths=paths,
                seats=seats if isinstance(subject, Plan) else 1,
                planned=planned_of.get(name, ()),
                executor=executor,
                progress=part_of(label),
            )
            if name in price_of:
                monthly[label] = price_of[name]
    return Comparison(forecasts=forecasts, prices=monthly)


def _checked_prices(prices: Mapping[str, float] | None, known: tuple[str, ...]) -> dict[str, float]:
    plain: dict[str, float] = {}
    for label, price in as_pairs("prices", {} if prices is None else prices, "prices a month by label"):
        name = known_name("compared subject", as_text("label of a price", label), known)
        plain[name] = as_number(f"price of {name}", price, 0, PRICE_MAX)
    return plain


def _over(cost: float, messages: float) -> float:
    return cost / messages if messages > 0 else nan

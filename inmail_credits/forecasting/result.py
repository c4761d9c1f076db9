"""A forecast: the figures of a simulation as tables, charts and plain data.

Each question (how many messages are sent, when credits run dry, what expires) has a tidy table with the
Monte-Carlo error beside every figure. A refused message is a figure here, not an exception.

Dates are those of the outreach's time zone (D19), by default UTC. The row of a date is about the day that
begins on it, at the hour the forecast starts.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from textwrap import wrap
from typing import Final

import numpy as np
import pandas as pd
from attrs import asdict, frozen
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Colors, Options, theme_of
from inmail_credits._display.card import Card
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import as_items, as_rate
from inmail_credits.errors import stamp
from inmail_credits.forecasting import fan_chart
from inmail_credits.forecasting.answer import run_dry_sentence, waste_sentence
from inmail_credits.forecasting.assumptions import assumption_table, assumptions, rests_on
from inmail_credits.forecasting.cards import forecast_card
from inmail_credits.forecasting.labels import day_label, percent
from inmail_credits.forecasting.monte_carlo import share_and_error, share_bounds
from inmail_credits.forecasting.periods import Periods
from inmail_credits.forecasting.plain_data import plain_columns, plain_rows
from inmail_credits.forecasting.summary import Row, summary_rows, summary_table
from inmail_credits.forecasting.waste import LotPeriods, waste_table
from inmail_credits.simulation import Simulation
from inmail_credits.statements.statement import Grain, boundaries
from inmail_credits.timeline import DAY, Schedule

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
LINE_MAX: Final = 130
"""Characters in a line below a title."""


@frozen(kw_only=True, eq=False, repr=False)
class Forecast(Shown):
    """What :func:`~inmail_credits.forecasting.forecast` found.

    Fields:
        simulation: the arrays behind every figure.
        horizon: how far ahead, as the caller put it, such as ``"6 months"``.
        seed: the seed, if it was a plain number.
        title: the plan in one line.
        behaviour: the outreach in one line, with the number of messages the reply rate was observed on.
        billing: the billing periods.
        grants: the grants of the horizon.
        periods: the days, weeks, months and billing periods of the horizon.
        lots: the days from the expiry of each lot to that of the next.
        coming_back: what :meth:`in_flight` gives.

    Example:
        >>> from datetime import date
        >>> from inmail_credits import economies
        >>> from inmail_credits.forecasting import forecast
        >>> from inmail_credits.simulation import Outreach, Replies, Sends
        >>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
        >>> plan = economies.LINKEDIN_2019["career"]
        >>> f = forecast(plan, outreach, start=date(2026, 1, 1), months=3, rng=7, paths=500)
        >>> f
        <Forecast career, 5 sends a week, 27 % answered: 3 months from 2026-01-01, ...>
        >>> mean, error = f.summary().loc["granted", ["mean", "error"]]
        >>> float(mean), float(error)
        (9.0, 0.0)
    """

    simulation: Simulation
    horizon: str
    seed: int | None
    title: str
    behaviour: str
    billing: Schedule
    grants: tuple[datetime, ...]
    periods: Mapping[Grain, Periods]
    lots: LotPeriods
    coming_back: pd.DataFrame

    def figures(self) -> list[Row]:
        """The rows of :meth:`summary`, as values."""
        return summary_rows(self.simulation, self._period_ends())

    def summary(self) -> pd.DataFrame:
        """Every figure of the whole horizon: mean, Monte-Carlo error, quantiles over paths, unit.

        Indexed by figure; columns ``mean``, ``error``, ``p5``, ``p50``, ``p95``, ``unit``. Odds have no
        quantiles. The two shares are of all paths together, their quantiles those of each path's own. The row
        ``reply_rate`` is the rate assumed: it spreads as far as its ``sample_size`` says. ``attrs`` of the
        table has :attr:`rests_on`.
        """
        table = summary_table(self.figures())
        table.attrs["rests_on"] = self.rests_on
        return table

    @property
    def rests_on(self) -> str:
        """How sure the reply rate is, and the terms of the plan that are open or inferred, in one line."""
        return rests_on(self.simulation.plan, self.simulation.outreach)

    def assumptions(self) -> pd.DataFrame:
        """The same as a table: the reply rate, the delay if it is the default, and each unsure term.

        Indexed by assumption; columns ``value``, ``basis`` (how sure it is), ``page`` and ``note``.
        """
        return assumption_table(assumptions(self.simulation.plan, self.simulation.outreach))

    def answer(self) -> str:
        """The verdict in two sentences: when it runs dry, how sure that is, and what is lost unused.

        The band holds the middle 80 % of the dates on the paths that run dry. How much may be sent instead is
        a question for :func:`~inmail_credits.forecasting.sustainable_rate`.
        """
        return f"{run_dry_sentence(self.simulation)} {waste_sentence(self.simulation)}"

    def quantiles(self, qs: Iterable[float] = QUANTILES) -> pd.DataFrame:
        """The balance at the end of each day: one row a date and quantile.

        Columns ``date``, ``quantile``, ``balance`` (the smallest that at least that share of paths does
        not exceed), and ``low`` and ``high``, between which the true quantile lies with 95 % confidence.

        Raises:
            InvalidValueError: for a quantile that is not strictly between 0 and 1.
        """
        items = as_items("qs", qs, "numbers strictly between 0 and 1, such as (0.1, 0.5)")
        chosen = [as_rate("quantile", q) for q in items]
        levels = self.simulation.balance_quantiles(chosen)
        bounds = [self.simulation.balance_quantile_interval(q) for q in chosen]
        lows = [low for low, _ in bounds]
        highs = [high for _, high in bounds]
        return pd.DataFrame(
            {
                "date": self._dates().repeat(len(chosen)),
                "quantile": np.tile(np.array(chosen, dtype=np.float64), self.simulation.days),
                "balance": levels.ravel(),
                "low": np.array(lows, dtype=np.int64).T.ravel(),
                "high": np.array(highs, dtype=np.int64).T.ravel(),
            }
        )

    def run_dry(self) -> pd.DataFrame:
        """The odds of a refused send, by date.

        Columns ``date``; ``by_then``, the share of paths with a refused send by the end of that day, with
        its ``error`` and exact 95 % bounds ``low`` and ``high``; ``on_that_day``, the share with one on it,
        and ``error_that_day``.
        """
        simulation = self.simulation
        by_then, error = share_and_error(simulation.dry_paths, simulation.paths)
        low, high = share_bounds(simulation.dry_paths, simulation.paths)
        on_that_day, error_that_day = share_and_error(simulation.refused_paths, simulation.paths)
        return pd.DataFrame(
            {
                "date": self._dates(),
                "by_then": by_then,
                "error": error,
                "low": low,
                "high": high,
                "on_that_day": on_that_day,
                "error_that_day": error_that_day,
            }
        )

    def run_dry_on(self, probability: float) -> date | None:
        """The first date by whose end that share of paths (0..1) has run dry; ``None`` if it never has."""
        probability = as_rate("probability", probability)
        paths = self.simulation.paths
        days = np.flatnonzero(self.simulation.dry_paths >= probability * paths - 1e-9)
        return self.simulation.dates[int(days[0])] if len(days) else None

    def expiries(self, every: Grain | str = Grain.DAY) -> pd.DataFrame:
        """Credits that expire unused in each day, week, month or billing period.

        Columns ``start`` (the period's first date), ``expired`` (mean credits) and ``error``.
        """
        return self.flow("expired", every)

    def waste(self) -> pd.DataFrame:
        """Credits expected to be lost unused within the horizon, lot by lot, in the order of dates.

        Columns ``date``, on which they die; ``lot``, such as ``"granted 1 January 2026"`` or ``"held at the
        start"``; ``reason``, ``"expired"`` or ``"forfeited"``; ``credits``, the mean over paths; and
        ``error``. Credits refunded after a grant and before the next die between the expiries of the two,
        and are counted with the first. Credits alive at the end of the horizon are in no row.
        """
        return waste_table(self.simulation, self.lots, self.periods[Grain.DAY])

    def in_flight(self) -> pd.DataFrame:
        """Credits that the messages open at the start still bring back within the horizon, by date.

        Columns ``date``; ``refunded``, the mean number that come back on it, and ``error``; ``by_then``, the
        mean number up to its end, and ``by_then_error``; and ``to_come``, the mean number after it. All 0
        for a plan, or an account without open messages.
        """
        return self.coming_back.copy()

    def flow(self, name: str, every: Grain | str = Grain.BILLING_PERIOD) -> pd.DataFrame:
        """The mean and error of a flow (``sent``, ``refused``, ``expired`` ...) in each period.

        Raises:
            UnknownNameError: for another flow.
        """
        return self.periods[Grain.of("every", every)].table(self.simulation, name)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        figure: Figure | SubFigure | None = None,
        legend: bool = True,
        title: bool | str = True,
        colors: Colors | None = None,
    ) -> Axes:
        """The fan chart of the balance, the odds of having run dry, and the losses of each billing period.

        Args:
            ax: axes to draw the fan alone into.
            figure: an empty figure to draw all three panels into, or the fan alone if it is lower than
                4.5 inches; without either, a new one of pyplot.
            legend: ``False`` for none.
            title: ``False`` for none, or a text of one's own.
            colors: colours by role, such as ``{"fan": "seagreen", "refused": "crimson"}``.

        Returns:
            The axes of the fan. ``axes.figure.savefig("fan.png")`` saves the whole figure.

        Raises:
            UnknownNameError: for a role there is not, naming those there are.
        """
        options = Options(legend=legend, title=title, colors=colors)
        if ax is not None:
            return fan_chart.draw_fan_alone(
                canvas.axes_of(ax), self.simulation, self.title, self.grants, options
            )
        target = canvas.new_figure(10, 8) if figure is None else figure
        labels = fan_chart.Labels(title=self.title, lines=self._lines(), period="billing period")
        return fan_chart.draw_all(target, self.simulation, labels, self._bars(), self.grants, options)

    def plot_run_dry(
        self, ax: Axes | None = None, *, title: bool | str = True, colors: Colors | None = None
    ) -> Axes:
        """The share of paths that have run dry by each day, with its 95 % bounds; as :meth:`plot`."""
        axes = canvas.axes_of(ax)
        theme = theme_of(axes, colors)
        fan_chart.draw_run_dry(axes, self.simulation, theme)
        canvas.draw_title(axes, title, self.title, theme)
        return axes

    def plot_losses(
        self,
        ax: Axes | None = None,
        *,
        legend: bool = True,
        title: bool | str = True,
        colors: Colors | None = None,
    ) -> Axes:
        """Messages refused and credits expired in each billing period, with 95 % bounds; as :meth:`plot`."""
        axes = canvas.axes_of(ax)
        theme = theme_of(axes, colors)
        fan_chart.draw_losses(axes, self.simulation, self._bars(), "billing period", theme, legend=legend)
        canvas.draw_title(axes, title, self.title, theme)
        return axes

    def to_html(self, path: str | Path | None = None) -> str:
        """The forecast as one self-contained page of HTML; written to ``path`` if one is given.

        Verdict, charts, tables, assumptions with their sources, seed and version. It fetches nothing, suits
        light and dark, and prints to a page or two.

        Raises:
            OSError: where the file cannot be written.
        """
        from inmail_credits.forecasting import report  # noqa: PLC0415 - it draws forecasts

        text = report.forecast_report(self)
        if path is not None:
            report.write(path, text)
        return text

    def to_frame(self) -> pd.DataFrame:
        """The same as :meth:`summary`."""
        return self.summary()

    def to_dict(self) -> dict[str, object]:
        """The forecast as plain data for JSON: texts, numbers, lists; ``None`` for what is not a number."""
        simulation = self.simulation
        half_by = self.run_dry_on(0.5)
        return {
            "plan": simulation.plan.name,
            "title": self.title,
            "behaviour": self.behaviour,
            "reply_rate": simulation.outreach.replies.rate,
            "reply_sample_size": simulation.outreach.replies.sample_size,
            "rests_on": self.rests_on,
            "assumptions": [asdict(one) for one in assumptions(simulation.plan, simulation.outreach)],
            "start": stamp(simulation.start),
            "horizon": self.horizon,
            "days": simulation.days,
            "paths": simulation.paths,
            "seats": simulation.seats,
            "seed": self.seed,
            "figures": plain_rows(self.figures()),
            "half_run_dry_on": None if half_by is None else half_by.isoformat(),
            "run_dry": plain_columns(self.run_dry()),
            "quantiles": plain_columns(self.quantiles()),
            "expiries": plain_columns(self.expiries(Grain.BILLING_PERIOD)),
            "refusals": plain_columns(self.flow("refused", Grain.BILLING_PERIOD)),
        }

    def _period_ends(self) -> list[datetime]:
        """The ends of the billing periods within the horizon, its own end included if it is one."""
        starts = self.simulation.day_starts
        return boundaries(starts[0], starts[-1] + DAY, self.billing)[1:-1]

    def _dates(self) -> pd.DatetimeIndex:
        return pd.DatetimeIndex(self.simulation.dates)

    def subtitle(self) -> tuple[str, str]:
        """The behaviour; and the horizon, the number of paths and the seed, for the lines below a title."""
        simulation = self.simulation
        seed = "" if self.seed is None else f", seed {self.seed}"
        span = f"{self.horizon} from {day_label(simulation.dates[0])}"
        return self.behaviour, f"{span}; {simulation.paths:,} simulated paths{seed}"

    def _bars(self) -> fan_chart.Bars:
        refused, expired = self.flow("refused"), self.flow("expired")
        return fan_chart.Bars(
            starts=self.periods[Grain.BILLING_PERIOD].starts,
            refused=tuple(refused["refused"]),
            expired=tuple(expired["expired"]),
            errors=(tuple(refused["error"]), tuple(expired["error"])),
        )

    def _lines(self) -> tuple[str, ...]:
        """The lines below a title."""
        return (*self.subtitle(), *wrap(f"rests on: {self.rests_on}", LINE_MAX))

    def __repr__(self) -> str:
        s = self.simulation
        dry = percent(float(s.dry_paths[-1]) / s.paths)
        return (
            f"<Forecast {s.plan.name}, {self.behaviour}: {self.horizon} from {s.dates[0]}, "
            f"{s.paths:,} paths, runs dry {dry}; {self.rests_on}>"
        )

    def _card(self) -> Card:
        return forecast_card(self)

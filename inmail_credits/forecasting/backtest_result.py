"""The outcome of a backtest: each forecast beside what happened, scores, coverage, and a chart."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from attrs import field, frozen
from matplotlib.axes import Axes

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Colors, theme_of
from inmail_credits._display.card import Card
from inmail_credits._display.shown import Shown
from inmail_credits._inputs import known_name
from inmail_credits.errors import stamp
from inmail_credits.forecasting import decision_cards
from inmail_credits.forecasting.plain_data import plain_value

BACKTESTED: Final = ("spent", "refunded", "expired", "forfeited", "balance")
LEVELS: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
BANDS: Final = (0.5, 0.8, 0.9)


@frozen(kw_only=True, eq=False, repr=False)
class Backtest(Shown):
    """What :func:`~inmail_credits.forecasting.backtest.backtest` found.

    Fields:
        frame: one row for each origin and figure: ``origin``, ``figure``, ``actual``, ``mean`` and quantiles
            ``p5`` to ``p95`` of the forecast, ``crps`` (fair), ``pinball`` (mean over the quantiles), ``pit``
            (randomised), ``naive`` (the figure of the span before, as long; NaN where the account does not
            reach back so far) and ``naive_crps``. Rows of ``run_dry`` have the odds of an empty balance at
            the end of a day, ``brier``, ``naive_brier``.
        horizon: how far each forecast looked ahead.
        paths: simulated paths for each origin.
        seed: the seed, if it was a plain number.
        skipped: origins left out, with the reason.
    """

    frame: pd.DataFrame
    horizon: str
    paths: int
    seed: int | None = None
    skipped: Mapping[datetime, str] = field(factory=dict)

    def __repr__(self) -> str:
        origins = self.frame["origin"].nunique() if len(self.frame) else 0
        return f"<Backtest of {origins} forecasts of {self.horizon}, {len(self.skipped)} origins left out>"

    def _card(self) -> Card:
        return decision_cards.backtest_card(self)

    def coverage(self) -> pd.DataFrame:
        """How often the 50, 80 and 90 % bands held what happened; by figure.

        A band holds it if its randomised PIT is in there, so bands of counts are as wide as they say. A
        figure that neither the forecast nor the account ever moved is left out.
        """
        moved = self._moved()
        inside = {f"{band:.0%}": (moved["pit"] - 0.5).abs() <= band / 2 for band in BANDS}
        table = pd.DataFrame(inside).groupby(moved["figure"], sort=False).mean()
        table.insert(0, "forecasts", moved.groupby("figure", sort=False).size())
        return table

    def summary(self) -> pd.DataFrame:
        """Coverage, mean CRPS and pinball score by figure, beside the CRPS of "as in the span before".

        ``skill`` is the share of the naive score that the forecast saves, over the origins that have a naive
        forecast: 1 is perfect, 0 no better. The row ``run_dry`` has Brier scores in place of the CRPS.
        """
        moved = self._moved()
        table = self.coverage()
        for name in ("crps", "naive_crps", "pinball"):
            table[name] = moved.groupby("figure", sort=False)[name].mean()
        table["skill"] = [self._skill(moved[moved["figure"] == figure]) for figure in table.index]
        dry = self.frame[self.frame["figure"] == "run_dry"] if len(self.frame) else self.frame
        if len(dry):
            scores = pd.DataFrame({"crps": dry["brier"], "naive_crps": dry["naive_brier"]})
            table.loc["run_dry", ["forecasts", "crps", "naive_crps", "skill"]] = [
                len(dry),
                scores["crps"].mean(),
                scores["naive_crps"].mean(),
                self._skill(scores),
            ]
        table["forecasts"] = table["forecasts"].astype(int)
        return table

    @staticmethod
    def _skill(rows: pd.DataFrame) -> float:
        """The share of the naive score that is saved, over the rows that have one; NaN if none has."""
        both = rows[["crps", "naive_crps"]].dropna().mean()
        naive = float(both["naive_crps"])
        return 1 - float(both["crps"]) / naive if naive > 0 else float("nan")

    def to_dict(self) -> dict[str, object]:
        """The backtest as plain data for JSON: the summary, each forecast, and the origins left out."""
        rows = self.frame.astype({"origin": object}) if len(self.frame) else self.frame
        return {
            "horizon": self.horizon,
            "paths": self.paths,
            "seed": self.seed,
            "summary": {
                str(figure): {str(name): plain_value(value) for name, value in row.items()}
                for figure, row in self.summary().astype(object).to_dict("index").items()
            },
            "forecasts": [
                {
                    str(name): stamp(value.to_pydatetime())
                    if isinstance(value, pd.Timestamp)
                    else plain_value(value)
                    for name, value in row.items()
                }
                for row in rows.to_dict("records")
            ],
            "skipped": {stamp(origin): reason for origin, reason in self.skipped.items()},
        }

    def _moved(self) -> pd.DataFrame:
        if not len(self.frame):
            return pd.DataFrame(columns=["figure", "pit", "crps", "naive_crps", "pinball"])
        rows = self.frame[self.frame["figure"] != "run_dry"]
        still = (rows["actual"] == 0) & (rows["p95"] == 0) & (rows["mean"] == 0)
        return rows[~still]

    def plot(
        self,
        figure: str = "balance",
        ax: Axes | None = None,
        *,
        legend: bool = True,
        title: bool | str = True,
        colors: Colors | None = None,
    ) -> Axes:
        """Draw the 90 and 50 % bands of each forecast, and what happened.

        Args:
            figure: which one: ``spent``, ``refunded``, ``expired``, ``forfeited`` or ``balance``.
            ax: axes to draw into; without any, those of a new figure of pyplot.
            legend: ``False`` for none.
            title: ``False`` for none, or a text of one's own.
            colors: colours by role: ``fitted`` (the bands), ``observed`` (what happened).

        Returns:
            The axes.

        Raises:
            UnknownNameError: for a figure that is not scored, or a role there is not.
        """
        figure = known_name("figure of a backtest", figure, BACKTESTED)
        axes = canvas.axes_of(ax)
        theme = theme_of(axes, colors)
        rows = self.frame[self.frame["figure"] == figure]
        at = np.arange(len(rows))
        thick = min(7.0, 0.5 * canvas.POINTS_AN_INCH * canvas.width_of(axes) / max(len(rows), 1))
        for low, high, width, share in (("p5", "p95", 0.5, 0.45), ("p25", "p75", 1.0, 1.0)):
            bounds = rows[low].to_numpy(float), rows[high].to_numpy(float)
            label = "90 % band" if low == "p5" else "50 % band"
            axes.vlines(at, *bounds, color=theme.pale("fitted", share), linewidth=width * thick, label=label)
        happened, before = rows["actual"].to_numpy(float), rows["naive"].to_numpy(float)
        size = max(2.5, min(6.0, thick + 2))
        edge, color = theme.background, theme["observed"]
        axes.plot(
            at, happened, "o", markersize=size, color=color, markeredgecolor=edge, label="what happened"
        )
        axes.plot(at, before, "x", markersize=size, color=theme.quiet, label="as in the span before")
        canvas.style(axes, theme)
        _origin_ticks(axes, list(rows["origin"]))
        canvas.y_label(axes, f"{figure} (credits, {self.horizon} ahead)", theme)
        if legend:
            canvas.legend_inside(axes, theme)
        canvas.draw_title(axes, title, f"Forecast and outcome: {figure}", theme)
        return axes


def _origin_ticks(axes: Axes, origins: list[datetime]) -> None:
    """As many dates of origins as there is room for, upright enough not to touch."""
    every = max(1, -(-len(origins) // max(1, int(canvas.width_of(axes) / 0.3))))
    shown = range(0, len(origins), every)
    axes.set_xticks(list(shown), [f"{origins[k]:%Y-%m-%d}" for k in shown], rotation=60, fontsize="x-small")

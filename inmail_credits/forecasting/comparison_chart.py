"""The charts of a comparison: what became of messages and credits, and the odds of having run dry."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Options, Theme, theme_of
from inmail_credits.forecasting import fan_chart
from inmail_credits.forecasting.labels import percent
from inmail_credits.forecasting.local_days import wall_start
from inmail_credits.simulation import Simulation
from inmail_credits.simulation.figures import figure as figure_named

BAR: Final = 0.56
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "messages": ("sent", "held_back", "refused"),
    "credits": ("spent", "balance", "expired", "forfeited"),
}
"""The figures that each kind of bar is made of."""
AXIS: Final = {
    "messages": "messages wanted, mean over paths",
    "credits": "credits received, mean over paths",
}
DASHES: Final = ("-", "--", "-.", ":")
LINE_ROLES: Final = ("sent", "refused", "expired", "forfeited")
"""The colours of curves, in order; each round of four has another dash."""


@frozen
class Row:
    """One candidate: what to call it, and its simulation."""

    label: str
    simulation: Simulation


def draw(figure: Figure | SubFigure, rows: Sequence[Row], lines: Sequence[str], options: Options) -> Axes:
    """Draw both kinds of bars into an empty figure, the first candidate on top; the axes of the messages."""
    narrow = figure.bbox.width / figure.dpi < fan_chart.NARROW + 1
    shape = (2, 1) if narrow else (1, 2)
    messages: Axes
    messages, credits_ = figure.subplots(*shape, sharey=True)
    theme = theme_of(messages, options.colors)
    for axes, kind in ((messages, "messages"), (credits_, "credits")):
        _bars(axes, rows, kind, theme)
        if options.legend:
            place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
            canvas.draw_legend(axes, theme, ncols=2, **place)
    _name_rows(messages, rows, theme)
    _note_odds(messages, rows, theme)
    if options.title is not False:
        text = "\n".join(lines) if options.title is True else options.title
        figure.suptitle(
            text, x=0.01, ha="left", fontsize="small", color=theme.ink, linespacing=1.35, wrap=True
        )
    return messages


def draw_alone(axes: Axes, rows: Sequence[Row], kind: str, title: str, options: Options) -> Axes:
    """Draw one kind of bars into axes of the caller's, with a legend below them."""
    theme = theme_of(axes, options.colors)
    _bars(axes, rows, kind, theme)
    _name_rows(axes, rows, theme)
    if kind == "messages":
        _note_odds(axes, rows, theme)
    if options.legend:
        canvas.legend_inside(axes, theme)
    canvas.draw_title(axes, options.title, title, theme)
    return axes


def draw_run_dry(axes: Axes, rows: Sequence[Row], title: str, options: Options) -> Axes:
    """Draw the share of paths that have run dry by each day, a curve a candidate."""
    theme = theme_of(axes, options.colors)
    for place, row in enumerate(rows):
        days = canvas.day_numbers(wall_start(row.simulation), row.simulation.days)[1:]
        axes.plot(
            days,
            row.simulation.run_dry_by_day()[0],
            color=theme[LINE_ROLES[place % len(LINE_ROLES)]],
            linestyle=DASHES[(place + place // len(LINE_ROLES)) % len(DASHES)],
            linewidth=1.7,
            label=row.label.partition("\n")[0],
        )
    fan_chart.odds_axis(axes, rows[0].simulation, theme)
    if options.legend:
        canvas.legend_inside(axes, theme)
    canvas.draw_title(axes, options.title, title, theme)
    return axes


def _name_rows(axes: Axes, rows: Sequence[Row], theme: Theme) -> None:
    axes.set_yticks(range(len(rows)), [row.label for row in rows], fontsize="small", color=theme.ink)
    axes.set_ylim(len(rows) - 0.5, -0.5)


def _note_odds(axes: Axes, rows: Sequence[Row], theme: Theme) -> None:
    """The odds of running dry at the end of each bar, with room for them."""
    for place, row in enumerate(rows):
        dry, _ = row.simulation.share_and_error("refused")
        total = sum(row.simulation.mean_and_error(name)[0] for name in PARTS["messages"])
        axes.annotate(
            f"runs dry:\n{percent(dry)}",
            (total, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize="x-small",
            color=theme.ink,
        )
    low, high = axes.get_xlim()
    axes.set_xlim(low, high * 1.12 + 0.5 * high / max(canvas.width_of(axes), 1.0))


def _bars(axes: Axes, rows: Sequence[Row], kind: str, theme: Theme) -> None:
    """One stacked bar a candidate; parts that are 0 under every one are left out."""
    left = np.zeros(len(rows))
    for name in PARTS[kind]:
        values = np.array([row.simulation.mean_and_error(name)[0] for row in rows])
        if np.any(values > 0):
            label = figure_named(name).label
            bars = axes.barh(range(len(rows)), values, BAR, left=left, color=theme[name], label=label)
            for bar in bars:
                bar.set(edgecolor=theme.background, linewidth=0.6)
        left += values
    canvas.style(axes, theme)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x", color=theme.faint, linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    canvas.x_label(axes, AXIS[kind], theme)

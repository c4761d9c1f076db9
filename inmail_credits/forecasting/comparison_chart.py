"""The charts of a comparison: what became of messages and credits, and the odds of having run dry."""

from collections.abc import Sequence
from textwrap import shorten, wrap
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
NOTE_INCHES: Final = {"\n": 0.5, " ": 1.1}
"""The room for odds beside bars, in two lines or in one."""
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "messages": ("sent", "held_back", "refused"),
    "credits": ("spent", "balance", "expired", "forfeited"),
}
"""The figures that each kind of bar is made of."""
AXIS: Final = {
    "messages": "messages wanted, mean over paths",
    "credits": "credits received, mean over paths",
}
SHARE: Final = 0.55
"""The widest titles, as a share of the axes; instead of wider ones the labels of the tables are shown."""
LINE: Final = 1.25
"""The height of a line of text, in sizes of its font."""
FILLED: Final = 0.75
"""The share of the height of axes that is left for bars."""
LETTERS_MIN: Final = 8
"""The letters of a name that are shown even where there is no room."""
LEGEND_ROWS_MAX: Final = 4
DASHES: Final = ("-", "--", "-.", ":")
LINE_ROLES: Final = ("sent", "refused", "expired", "forfeited")
"""The colours of curves, in order; each round of four has another dash."""


@frozen
class Row:
    """One candidate: its label in tables, a title with a second line, and its simulation."""

    label: str
    title: str
    simulation: Simulation


def draw(figure: Figure | SubFigure, rows: Sequence[Row], lines: Sequence[str], options: Options) -> Axes:
    """Draw both kinds of bars into an empty figure, the first candidate on top; the axes of the messages.

    Into a small figure the messages alone are drawn.
    """
    narrow = figure.bbox.width / figure.dpi < fan_chart.NARROW + 1
    if narrow and figure.bbox.height / figure.dpi < fan_chart.LOW:
        return draw_alone(figure.subplots(), rows, "messages", lines[0], options)
    shape = (2, 1) if narrow else (1, 2)
    messages: Axes
    messages, credits_ = figure.subplots(*shape, sharey=True)
    theme = theme_of(messages, options.colors)
    for axes, kind in ((messages, "messages"), (credits_, "credits")):
        _bars(axes, rows, kind, theme)
        if options.legend:
            place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
            canvas.draw_legend(axes, theme, ncols=1 if narrow else 2, **place)
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
    titles = [row.title.partition("\n")[0] for row in rows]
    columns = canvas.legend_columns(axes, max(map(len, titles)), len(titles))
    short = len(rows) > LEGEND_ROWS_MAX * columns
    letters = max(LETTERS_MIN, canvas.letters_of(axes) - canvas.LEGEND_LETTERS)
    for place, row in enumerate(rows):
        days = canvas.day_numbers(wall_start(row.simulation), row.simulation.days)[1:]
        axes.plot(
            days,
            row.simulation.run_dry_by_day()[0],
            color=theme.line(LINE_ROLES[place % len(LINE_ROLES)]),
            linestyle=DASHES[(place + place // len(LINE_ROLES)) % len(DASHES)],
            linewidth=1.7,
            label=shorten(row.label, letters, placeholder="...") if short else titles[place],
        )
    fan_chart.odds_axis(axes, rows[0].simulation, theme)
    if options.legend:
        canvas.legend_inside(axes, theme)
    canvas.draw_title(axes, options.title, title, theme)
    return axes


def _lines_a_row(axes: Axes, rows: Sequence[Row]) -> int:
    """How many lines of small text there is room for beside each bar; at least 1."""
    room = FILLED * canvas.height_of(axes) * canvas.POINTS_AN_INCH / len(rows)
    return max(1, int(room / (LINE * canvas.points("small"))))


def _name_rows(axes: Axes, rows: Sequence[Row], theme: Theme) -> None:
    """Title and second line of each candidate where there is room, or the title, or what tables call it."""
    most = _lines_a_row(axes, rows)
    letters = max(LETTERS_MIN, int(SHARE * canvas.letters_of(axes)))
    names = [row.title.split("\n")[:most] for row in rows]
    if max(len(line) for lines in names for line in lines) > letters:
        names = [wrap(row.label, letters, max_lines=most, placeholder="...") for row in rows]
    axes.set_yticks(
        range(len(rows)), ["\n".join(lines) for lines in names], fontsize="small", color=theme.ink
    )
    axes.set_ylim(len(rows) - 0.5, -0.5)


def _note_odds(axes: Axes, rows: Sequence[Row], theme: Theme) -> None:
    """The odds of running dry at the end of each bar, with room for them."""
    between = "\n" if _lines_a_row(axes, rows) > 1 else " "
    for place, row in enumerate(rows):
        dry, _ = row.simulation.share_and_error("refused")
        total = sum(row.simulation.mean_and_error(name)[0] for name in PARTS["messages"])
        axes.annotate(
            f"runs dry:{between}{percent(dry)}",
            (total, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize="x-small",
            color=theme.ink,
        )
    low, high = axes.get_xlim()
    inches = NOTE_INCHES[between] / max(canvas.width_of(axes), 1.0)
    axes.set_xlim(low, high * 1.12 + inches * high)


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

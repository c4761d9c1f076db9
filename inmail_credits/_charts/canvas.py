"""Figures, frames, titles, legends, and axes of dates, alike in all charts.

With axes of the caller's, a chart keeps to them: one short title, a legend inside. In a figure of its own it
has a bold title with lines below it. Both can be left out or replaced: ``title=False``, ``title="mine"``,
``legend=False``.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from textwrap import fill
from typing import Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.ticker import MaxNLocator

from inmail_credits._charts.date_ticks import date_ticks
from inmail_credits._charts.theme import Theme
from inmail_credits._inputs import as_instance

LINES: Final = 1.35
POINTS_AN_INCH: Final = 72.0
EM: Final = 0.56
"""The width of a letter, in sizes of the font: means of 0.47 to 0.56 were measured over titles."""
BOLD_EM: Final = 0.62
"""The same of a bold one, of 0.54 to 0.63."""
LEGEND_LETTERS: Final = 8
"""The room that a legend takes beside its texts, in letters."""
LABEL_INCHES: Final = 0.5
"""The room a label of a date takes along an axis."""

Days = npt.NDArray[np.float64]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where Matplotlib counts days from."""


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of pyplot, so many inches wide and high, laid out so that nothing is clipped."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 - its global state is loaded for a figure of its own only

    return plt.figure(figsize=(width, height), layout="constrained")


def axes_of(ax: Axes | None, width: float = 7.0, height: float = 4.0) -> Axes:
    """The axes given, or those of a new figure.

    Raises:
        InvalidValueError: for something else, such as a Figure or an array of axes.
    """
    if ax is None:
        return new_figure(width, height).subplots()
    return as_instance("ax", ax, Axes, "Axes of Matplotlib, such as those of figure.subplots()")


def points(size: float | str) -> float:
    """A font size in points, relative ones by the ``rcParams`` in force.

    Example:
        >>> points(9)
        9.0
    """
    return float(FontProperties(size=size).get_size_in_points())


def root_figure(axes: Axes) -> Figure | None:
    """The figure that axes are in, also where they lie in a part of it; with any Matplotlib from 3.9 on."""
    holder = axes.get_figure()
    return holder.figure if isinstance(holder, SubFigure) else holder


def width_of(axes: Axes) -> float:
    """The width of axes in inches, before any layout."""
    figure = root_figure(axes)
    return 6.0 if figure is None else float(axes.get_window_extent().width / figure.dpi)


def letters_of(axes: Axes) -> int:
    """How many small letters fit into the width of axes, before any layout."""
    return int(width_of(axes) * POINTS_AN_INCH / (EM * points("small")))


def height_of(axes: Axes) -> float:
    """The height of axes in inches, before any layout."""
    figure = root_figure(axes)
    return 3.0 if figure is None else float(axes.get_window_extent().height / figure.dpi)


def headroom(axes: Axes, rows: int) -> float:
    """By what to multiply the height of the data so that a legend of so many rows fits above them.

    Example:
        >>> headroom(Figure(figsize=(4, 2.5)).subplots(), 0)
        1.0
    """
    taken = min(rows * 1.75 * points("small") / POINTS_AN_INCH / height_of(axes), 0.6)
    return 1 / (1 - taken)


def legend_columns(axes: Axes, longest: int, entries: int) -> int:
    """How many entries of a legend fit side by side, if the longest has so many letters; at least 1."""
    entry = (longest * EM + 4.0) * points("small")
    return max(1, min(entries, int(width_of(axes) * POINTS_AN_INCH / entry)))


def day_numbers(start: datetime, days: int) -> Days:
    """Matplotlib's numbers of the beginning of each day and of the end of the last; shape (days + 1,)."""
    return (start - EPOCH) / timedelta(days=1) + np.arange(days + 1, dtype=np.float64)


def style(axes: Axes, theme: Theme) -> None:
    """Quiet frames and a grid of horizontal lines."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(theme.quiet)
    axes.grid(visible=False, axis="x")
    axes.grid(visible=True, axis="y", color=theme.faint, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize="small", color=theme.quiet, labelcolor=theme.ink)


def y_label(axes: Axes, text: str, theme: Theme) -> None:
    """Name the y axis, in small letters."""
    axes.set_ylabel(text, fontsize="small", color=theme.ink)


def x_label(axes: Axes, text: str, theme: Theme) -> None:
    """Name the x axis, in small letters."""
    axes.set_xlabel(text, fontsize="small", color=theme.ink)


def date_axis(axes: Axes, start: datetime, days: int) -> None:
    """Dates from ``start`` on along x, as many labels as there is room for."""
    edges = day_numbers(start, days)
    margin = 0.004 * days
    axes.set_xlim(edges[0] - margin, edges[-1] + margin)
    ticks = date_ticks(start, days, ticks_max=max(2, int(width_of(axes) / LABEL_INCHES)))
    axes.set_xticks([float(day_numbers(at, 0)[0]) for at, _ in ticks], [label for _, label in ticks])


def whole_numbers(axes: Axes) -> None:
    """Whole numbers, from 0 on, along y."""
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=True, min_n_ticks=2))
    axes.set_ylim(bottom=0)


def draw_title(axes: Axes, title: bool | str, default: str, theme: Theme) -> None:  # noqa: FBT001 - as callers of plot() give it
    """A title over the axes, flush left, broken into lines that fit."""
    if title is False:
        return
    size = points("medium")
    letters = max(12, int(width_of(axes) * POINTS_AN_INCH / (EM * size)))
    text = default if title is True else str(title)
    axes.set_title(
        "\n".join(fill(line, letters) for line in text.split("\n")),
        loc="left",
        fontsize=size,
        color=theme.ink,
    )


def draw_heading(
    axes: Axes,
    title: bool | str,  # noqa: FBT001 - as above
    default: str,
    lines: Sequence[str],
    theme: Theme,
    *,
    room: float = 0.0,
) -> None:
    """A bold title over a whole figure, smaller lines below it, ``room`` points of space for a legend."""
    if title is False:
        return
    size = points("small")
    letters = int(width_of(axes) * POINTS_AN_INCH / (EM * size))
    rest = "\n".join(fill(line, letters) for line in lines)
    pad = 7.0 + room
    axes.set_title(rest, loc="left", pad=pad, fontsize=size, color=theme.quiet, linespacing=LINES)
    bold = points("large")
    axes.annotate(
        fill(
            default if title is True else str(title), int(width_of(axes) * POINTS_AN_INCH / (BOLD_EM * bold))
        ),
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, pad + LINES * size * (rest.count("\n") + 1) + 3),
        textcoords="offset points",
        fontsize=bold,
        fontweight="bold",
        color=theme.ink,
        va="bottom",
    )


def draw_legend(axes: Axes, theme: Theme, **place: object) -> Legend:
    """A small legend without a frame."""
    looks = {"frameon": False, "fontsize": "small", "labelcolor": theme.ink, "handlelength": 1.6}
    return axes.legend(**{**looks, **place})


def legend_inside(axes: Axes, theme: Theme) -> None:
    """A legend in the upper part of the axes, and room for it above the data."""
    _, labels = axes.get_legend_handles_labels()
    columns = legend_columns(axes, max(map(len, labels)), len(labels))
    low, high = axes.get_ylim()
    axes.set_ylim(low, low + (high - low) * headroom(axes, -(-len(labels) // columns)))
    draw_legend(axes, theme, loc="upper left", ncols=columns, borderaxespad=0.1, columnspacing=1.0)


def short_date(at: date) -> str:
    """A date for a label inside a chart.

    Example:
        >>> short_date(date(2026, 3, 1))
        '1 Mar 2026'
    """
    return f"{at.day} {at:%b %Y}"

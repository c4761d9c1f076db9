"""What all charts share: a figure that notebooks show, colours, text sizes, axes of dates.

pyplot keeps figures in global state, and notebooks do not show a ``Figure`` made without it. A :class:`Chart`
is a ``Figure`` with the PNG that notebooks ask for; no global state is touched. Colours are those of Okabe
and Ito (2008), which are distinct under the common forms of colour blindness.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from inmail_credits.forecasting.date_ticks import date_ticks

BLUE_PALE: Final = "#cfe2f1"
BLUE_LIGHT: Final = "#8dbbdf"
BLUE: Final = "#0072b2"
BLUE_DARK: Final = "#08456e"
VERMILION: Final = "#d55e00"
VERMILION_PALE: Final = "#fae3d4"
ORANGE: Final = "#e69f00"
GREY: Final = "#8a8a8a"
GREY_PALE: Final = "#e8e8e8"
INK: Final = "#222222"
INK_LIGHT: Final = "#555555"

TITLE_SIZE: Final = 13.0
TEXT_SIZE: Final = 9.5
SMALL_SIZE: Final = 8.5
LINES: Final = 1.35
DPI: Final = 150

Days = npt.NDArray[np.float64]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where Matplotlib counts days from."""


class Chart(Figure):
    """A Matplotlib figure that a notebook shows as a picture; ``savefig`` writes it to a file.

    Example:
        >>> chart = Chart(figsize=(4, 3))
        >>> chart._repr_png_()[1:4]
        b'PNG'
    """

    def _repr_png_(self) -> bytes:
        picture = BytesIO()
        self.savefig(picture, format="png", dpi=DPI)
        return picture.getvalue()


def new_chart(width: float, height: float) -> Chart:
    """An empty chart of that many inches, laid out so that nothing is clipped."""
    return Chart(figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white")


def day_numbers(start: datetime, days: int) -> Days:
    """Matplotlib's numbers of the beginning of each day and of the end of the last; shape (days + 1,)."""
    return (start - EPOCH) / timedelta(days=1) + np.arange(days + 1, dtype=np.float64)


def style(axes: Axes) -> None:
    """Quiet frames and grid, small text."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.grid(axis="y", color=GREY_PALE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=SMALL_SIZE, colors=INK_LIGHT, labelcolor=INK)


def date_axis(axes: Axes, start: datetime, days: int, *, ticks_max: int = 14) -> None:
    """Dates from ``start`` on along x."""
    edges = day_numbers(start, days)
    margin = 0.004 * days
    axes.set_xlim(edges[0] - margin, edges[-1] + margin)
    ticks = date_ticks(start, days, ticks_max=ticks_max)
    axes.set_xticks([float(day_numbers(at, 0)[0]) for at, _ in ticks], [label for _, label in ticks])


def whole_numbers(axes: Axes) -> None:
    """Whole numbers, from 0 on, along y."""
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=2))
    axes.set_ylim(bottom=0)


def title(axes: Axes, first: str, rest: Sequence[str], *, room: float = 0.0) -> None:
    """A title over the axes, flush left: a line in bold, smaller lines below it, ``room`` points of space."""
    pad = 7.0 + room
    axes.set_title(
        "\n".join(rest), loc="left", pad=pad, fontsize=TEXT_SIZE, color=INK_LIGHT, linespacing=LINES
    )
    axes.annotate(
        first,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, pad + LINES * TEXT_SIZE * len(rest) + 2),
        textcoords="offset points",
        fontsize=TITLE_SIZE,
        fontweight="bold",
        color=INK,
        va="bottom",
    )


def figure_of(axes: Axes) -> Figure:
    """The figure that holds the axes, through any sub-figures."""
    holder = axes.figure
    while isinstance(holder, SubFigure):
        holder = holder.figure
    return holder


def short_date(at: datetime) -> str:
    """A date for a label inside a chart.

    Example:
        >>> short_date(datetime(2026, 3, 1))
        '1 Mar 2026'
    """
    return f"{at.day} {at:%b %Y}"


def day_at(start: datetime, day: int) -> datetime:
    """The instant the simulation's day of that number begins."""
    return start + timedelta(days=day)

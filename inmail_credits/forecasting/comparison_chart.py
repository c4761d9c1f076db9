"""The chart of a comparison: the messages wanted and the credits received, by what became of them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inmail_credits.forecasting import chart
from inmail_credits.forecasting.labels import percent
from inmail_credits.simulation import Simulation
from inmail_credits.simulation.figures import figure as figure_named

BAR: Final = 0.56
MESSAGES: Final = (
    ("sent", chart.BLUE),
    ("held_back", chart.BLUE_LIGHT),
    ("refused", chart.VERMILION),
)
CREDITS: Final = (
    ("spent", chart.BLUE),
    ("balance", chart.BLUE_LIGHT),
    ("expired", chart.GREY),
    ("forfeited", chart.INK),
)
Parts = Sequence[tuple[str, str]]
"""Names of figures, with their colours."""


@frozen
class Row:
    """One plan: what to call it, and its simulation."""

    label: str
    simulation: Simulation


def draw(figure: Figure, rows: Sequence[Row], lines: Sequence[str]) -> None:
    """Draw both panels into an empty figure, the first plan on top."""
    messages, credits_ = figure.subplots(1, 2, sharey=True)
    _bars(messages, rows, MESSAGES)
    _bars(credits_, rows, CREDITS)
    messages.set_yticks(range(len(rows)), [row.label for row in rows], fontsize=chart.TEXT_SIZE)
    messages.invert_yaxis()
    messages.set_xlabel("messages wanted (mean of all paths)", fontsize=chart.TEXT_SIZE)
    credits_.set_xlabel("credits received, refunds included (mean of all paths)", fontsize=chart.TEXT_SIZE)
    for place, row in enumerate(rows):
        dry, _ = row.simulation.share_and_error("refused")
        total = sum(row.simulation.mean_and_error(name)[0] for name, _ in MESSAGES)
        messages.annotate(
            f"runs dry: {percent(dry)}",
            (total, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=chart.SMALL_SIZE,
            color=chart.INK,
        )
    low, high = messages.get_xlim()
    messages.set_xlim(low, high * 1.28)
    figure.suptitle(
        "\n".join(lines), x=0.01, ha="left", fontsize=chart.TEXT_SIZE, color=chart.INK, linespacing=1.35
    )


def _bars(axes: Axes, rows: Sequence[Row], parts: Parts) -> None:
    """One stacked bar a plan; parts that are 0 under every plan are left out."""
    left = np.zeros(len(rows))
    for name, color in parts:
        values = np.array([row.simulation.mean_and_error(name)[0] for row in rows])
        if np.any(values > 0):
            axes.barh(range(len(rows)), values, BAR, left=left, color=color, label=figure_named(name).label)
        left += values
    chart.style(axes)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=chart.GREY_PALE, linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        frameon=False,
        fontsize=chart.SMALL_SIZE,
        borderaxespad=0.2,
    )

"""The heat map of a sweep: one figure over volume and reply rate, with labelled contour lines.

The colours rise in lightness with the figure, also in grey print and for those who see few colours (cividis,
Nunez, Anderton and Renslow, 2018). Lines are white on a dark edge, so that they show on every colour.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patheffects import Stroke, withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import theme_of
from inmail_credits.forecasting.labels import percent
from inmail_credits.forecasting.monte_carlo import Floats
from inmail_credits.simulation.figures import Unit, figure

COLORS: Final = "cividis"
SHARE_CONTOURS: Final = (0.05, 0.2, 0.5, 0.8, 0.95)
CONTOURS_AN_INCH: Final = 1.0
"""How many lines a figure that is no share gets, about: what is wide has room for their labels."""
SHARES: Final = (Unit.SHARE, Unit.ODDS)


def draw(
    table: pd.DataFrame,
    name: str,
    *,
    ax: Axes | None,
    contours: Sequence[float] | None,
    legend: bool,
    title: bool | str,
    subject: str,
) -> Axes:
    """Draw a table of reply rates (rows) and volumes (columns), both ascending, into axes or new ones.

    ``subject`` is what the table is of, the second line of the title.
    """
    axes = canvas.axes_of(ax, 7, 4.5)
    shown = figure(name.removesuffix("_error"))
    share = shown.unit in SHARES
    volumes, rates = table.columns.to_numpy(dtype=float), table.index.to_numpy(dtype=float)
    values = table.to_numpy(dtype=float)
    norm = Normalize(0.0, 1.0) if share and not name.endswith("_error") else None
    mesh = axes.pcolormesh(volumes, 100 * rates, values, shading="nearest", cmap=COLORS, norm=norm)
    mesh.set_edgecolor("face")
    levels = _levels(values, contours, share=share, most=int(CONTOURS_AN_INCH * canvas.width_of(axes)))
    _contours(axes, volumes, 100 * rates, values, levels, share=share)
    theme = theme_of(axes)
    canvas.x_label(axes, "messages wanted a week", theme)
    canvas.y_label(axes, "reply rate", theme)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda rate, _: percent(rate / 100)))
    axes.tick_params(labelsize="small")
    axes.set_xticks(_ticks_within(axes.get_xticks(), volumes))
    axes.set_yticks(_ticks_within(axes.get_yticks(), 100 * rates))
    label = shown.label + (", error" if name.endswith("_error") else "")
    canvas.draw_title(axes, title, f"{label}\n{subject}", theme)
    if legend:
        bar = axes.figure.colorbar(
            mesh, ax=axes, format=FuncFormatter(lambda value, _: percent(value)) if share else None
        )
        bar.set_label("" if title is True else label, fontsize="small")
        bar.ax.tick_params(labelsize="small")
        bar.outline.set_visible(False)
    return axes


def _ticks_within(ticks: Floats, swept: Floats) -> list[float]:
    """Those between the lowest and the highest value swept: beyond them cells end, and nothing was run."""
    return [float(tick) for tick in ticks if swept[0] <= tick <= swept[-1]]


def _levels(values: Floats, given: Sequence[float] | None, *, share: bool, most: int) -> list[float]:
    """The contour levels that the values reach on both sides."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if given is not None:
        wanted = list(given)
    elif share:
        wanted = list(SHARE_CONTOURS)
    else:
        wanted = [float(level) for level in MaxNLocator(nbins=max(2, most) + 1).tick_values(low, high)]
    return sorted(level for level in set(wanted) if low < level < high)


def _contours(
    axes: Axes,
    volumes: Floats,
    rates: Floats,
    values: Floats,
    levels: list[float],
    *,
    share: bool,
) -> None:
    if not levels:
        return
    lines = axes.contour(volumes, rates, values, levels=levels, colors="white", linewidths=1.2)
    lines.set_path_effects([withStroke(linewidth=2.4, foreground="black")])
    texts = axes.clabel(lines, fmt=lambda level: percent(level) if share else f"{level:,g}", fontsize="small")
    for text in texts:
        text.set_path_effects(
            [Stroke(linewidth=2.0, foreground="black"), withStroke(linewidth=2.0, foreground="black")]
        )

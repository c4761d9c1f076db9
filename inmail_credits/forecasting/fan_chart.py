"""The fan chart: quantiles of the balance, the share of paths that have run dry, and the losses by period.

Bands hold 50 % and 90 % of the paths on each day; a line for the expected balance would show a path that
never happens. The panels below show the odds of having run dry by each day, and what is refused and what
expires.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from inmail_credits.forecasting import chart
from inmail_credits.forecasting.labels import percent
from inmail_credits.forecasting.local_days import wall, wall_start
from inmail_credits.forecasting.monte_carlo import share_bounds
from inmail_credits.simulation import Simulation
from inmail_credits.simulation.figures import figure as figure_named

GRANTS_MARKED_MAX: Final = 40
BAR_MAX: Final = 0.06
"""The widest bar, as a share of the axis."""
LEGEND_ROOM: Final = 18.0
"""Points between the title and the axes, for the legend."""
HALF: Final = 0.5


@frozen(kw_only=True)
class Bars:
    """Means a period for the lowest panel: where each bar stands and how high; tuples of one length."""

    starts: tuple[datetime, ...]
    refused: tuple[float, ...]
    expired: tuple[float, ...]
    errors: tuple[tuple[float, ...], tuple[float, ...]]


@frozen(kw_only=True)
class Labels:
    """The texts of a chart: the title's bold line, the lines below it, and what the periods are called."""

    title: str
    lines: tuple[str, ...]
    period: str


def draw_all(
    figure: Figure, simulation: Simulation, labels: Labels, bars: Bars, grants: Sequence[datetime]
) -> None:
    """Draw the three panels into an empty figure."""
    fan, dry, loss = figure.subplots(3, 1, sharex=True, height_ratios=(3.2, 1.5, 1.35))
    draw_fan(fan, simulation, grants)
    chart.title(fan, labels.title, labels.lines, room=LEGEND_ROOM)
    draw_run_dry(dry, simulation)
    draw_losses(loss, simulation, bars, labels.period)
    for axes in (fan, dry):
        axes.tick_params(labelbottom=False)
    figure.align_ylabels([fan, dry, loss])


def draw_fan(axes: Axes, simulation: Simulation, grants: Sequence[datetime], *, legend: bool = True) -> None:
    """Draw the bands and the median of the balance at the end of each day, and mark the grants."""
    start = wall_start(simulation)
    days = chart.day_numbers(start, simulation.days)
    levels = simulation.balance_quantiles((0.05, 0.25, 0.5, 0.75, 0.95))
    p5, p25, p50, p75, p95 = np.vstack([levels, levels[-1:]]).T
    axes.fill_between(days, p5, p95, step="post", color=chart.BLUE_PALE, linewidth=0, label="90 % of paths")
    axes.fill_between(days, p25, p75, step="post", color=chart.BLUE_LIGHT, linewidth=0, label="50 % of paths")
    axes.step(days, p50, where="post", color=chart.BLUE_DARK, linewidth=1.6, label="median")
    chart.style(axes)
    chart.whole_numbers(axes)
    axes.set_ylim(0, max(1.0, float(p95.max())) * 1.06)
    _mark_grants(axes, [wall(simulation, grant) for grant in grants])
    chart.date_axis(axes, start, simulation.days)
    axes.set_ylabel("balance at the end of\neach day (credits)", fontsize=chart.TEXT_SIZE)
    if legend:
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.006, 1.0),
            borderaxespad=0.2,
            ncols=4,
            frameon=False,
            fontsize=chart.SMALL_SIZE,
        )


def draw_run_dry(axes: Axes, simulation: Simulation) -> None:
    """Draw the share of paths with a refused send by the end of each day, with its 95 % bounds."""
    start = wall_start(simulation)
    days = chart.day_numbers(start, simulation.days)[1:]
    share, _ = simulation.run_dry_by_day()
    low, high = share_bounds(simulation.dry_paths, simulation.paths)
    axes.fill_between(days, 0, share, color=chart.VERMILION_PALE, linewidth=0)
    axes.fill_between(days, low, high, color=chart.VERMILION, alpha=0.35, linewidth=0)
    axes.plot(days, share, color=chart.VERMILION, linewidth=1.6, label="have run dry")
    chart.style(axes)
    chart.date_axis(axes, start, simulation.days)
    axes.set_ylim(0, 1.04)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.set_ylabel("paths that have\nrun dry (%)", fontsize=chart.TEXT_SIZE)
    _mark_half(axes, simulation, days, share)


def draw_losses(axes: Axes, simulation: Simulation, bars: Bars, period: str) -> None:
    """Draw the mean number of refused sends and of credits expired unused in each period."""
    start = wall_start(simulation)
    left = np.array([chart.day_numbers(wall(simulation, at), 0)[0] for at in bars.starts])
    end = chart.day_numbers(start, simulation.days)[-1]
    width = np.diff(left, append=end)
    bar = np.minimum(0.36 * width, BAR_MAX * simulation.days)
    kinds = (
        (figure_named("refused").label, bars.refused, bars.errors[0], chart.VERMILION, -0.54),
        (figure_named("expired").label, bars.expired, bars.errors[1], chart.GREY, 0.54),
    )
    for name, heights, errors, color, place in kinds:
        at = left + width / 2 + place * bar
        axes.bar(at, heights, bar, color=color, label=name)
        axes.errorbar(at, heights, 1.96 * np.array(errors), fmt="none", ecolor=chart.INK, elinewidth=0.8)
    chart.style(axes)
    chart.date_axis(axes, start, simulation.days)
    top = max(*bars.refused, *bars.expired)
    axes.set_ylim(0, max(1.0, top * 1.35))
    axes.set_ylabel(f"messages, credits\n(per {period})", fontsize=chart.TEXT_SIZE)
    axes.legend(loc="upper right", ncols=2, frameon=False, fontsize=chart.SMALL_SIZE, borderaxespad=0.1)


def _mark_grants(axes: Axes, grants: Sequence[datetime]) -> None:
    if not 0 < len(grants) <= GRANTS_MARKED_MAX:
        return
    at = [chart.day_numbers(grant, 0)[0] for grant in grants]
    axes.plot(
        at,
        np.zeros(len(at)),
        linestyle="none",
        marker="^",
        markersize=6,
        color=chart.ORANGE,
        markeredgecolor="white",
        markeredgewidth=0.6,
        clip_on=False,
        zorder=5,
        label="grant",
    )


def _mark_half(axes: Axes, simulation: Simulation, days: chart.Days, share: chart.Days) -> None:
    """Name the day half of the paths have run dry by, or else the share at the end."""
    dry = np.flatnonzero(share >= HALF)
    if len(dry):
        day = int(dry[0])
        on = chart.short_date(chart.day_at(wall_start(simulation), day))
        at, note = (days[day], share[day]), f"half of all paths by {on}"
    else:
        at, note = (days[-1], share[-1]), f"{percent(float(share[-1]))} by the end"
    right = at[0] - days[0] > 0.6 * (days[-1] - days[0])
    axes.plot(
        *at, marker="o", markersize=5, color=chart.VERMILION, markeredgecolor="white", clip_on=False, zorder=5
    )
    axes.annotate(
        note,
        at,
        xytext=(-9 if right else 9, 7 if right else -4),
        textcoords="offset points",
        ha="right" if right else "left",
        va="bottom" if right else "top",
        fontsize=chart.SMALL_SIZE,
        color=chart.INK,
    )

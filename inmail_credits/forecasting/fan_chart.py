"""The fan chart: quantiles of the balance, the share of paths that have run dry, and the losses by period.

Bands hold 50 % and 90 % of the paths; a line for the expected balance would show a path that never happens.
The panels below show the odds of having run dry by each day, and what is refused and what expires; a figure
too low for three panels has the first alone. Where
grants stand too close to tell their steps apart, over many years or in small axes, the balance is drawn as it
stands before each grant only, and losses as lines.
"""

from collections.abc import Sequence
from datetime import datetime
from textwrap import fill
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import PercentFormatter

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Options, Theme, theme_of
from inmail_credits.forecasting.labels import percent
from inmail_credits.forecasting.local_days import first_day_from, wall, wall_start
from inmail_credits.forecasting.monte_carlo import share_bounds
from inmail_credits.simulation import Simulation
from inmail_credits.simulation.figures import figure as figure_named

GRANTS_AN_INCH_MAX: Final = 5.0
"""Above it the steps of single days are not drawn."""
MARKS_MAX: Final = 40
BAR_MAX: Final = 0.06
"""The widest bar, as a share of the axis."""
BAR_POINTS_MIN: Final = 2.5
"""The narrowest bar; lines are drawn instead of narrower ones."""
LEGEND_ROOM: Final = 18.0
"""Points between the title and the axes, for the legend."""
NARROW: Final = 5.0
"""Inches below which a legend needs a second row."""
LOW: Final = 4.5
"""Inches of height below which there is no room for three panels."""
SHORT_LABELS: Final = 7.5
"""Inches of height below which the lower panels have short labels."""
LETTERS: Final = 12
"""The longest line of a short label."""
WIDE, MIDDLE = 0.28, 0.58
"""How much of the colour is in the bands of 90 % and of 50 %."""
HALF: Final = 0.5
BOUND: Final = 1.96


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
    figure: Figure | SubFigure,
    simulation: Simulation,
    labels: Labels,
    bars: Bars,
    grants: Sequence[datetime],
    options: Options,
) -> Axes:
    """Draw the three panels into an empty figure, or the fan alone into a low one; the axes of the fan."""
    height = figure.bbox.height / figure.dpi
    if height < LOW:
        return draw_fan_alone(figure.subplots(), simulation, labels.title, grants, options)
    fan: Axes
    fan, dry, loss = figure.subplots(3, 1, sharex=True, height_ratios=(3.2, 1.5, 1.35))
    theme = theme_of(fan, options.colors)
    draw_fan(fan, simulation, grants, theme)
    room = 0.0
    if options.legend:
        narrow = canvas.width_of(fan) < NARROW
        place = {"loc": "lower left", "bbox_to_anchor": (-0.006, 1.0), "borderaxespad": 0.2}
        canvas.draw_legend(fan, theme, ncols=2 if narrow else 4, **place)
        room = LEGEND_ROOM * (2 if narrow else 1)
    canvas.draw_heading(fan, options.title, labels.title, labels.lines, theme, room=room)
    draw_run_dry(dry, simulation, theme)
    draw_losses(loss, simulation, bars, labels.period, theme, legend=options.legend)
    if height < SHORT_LABELS:
        canvas.y_label(dry, "run dry (%)", theme)
        canvas.y_label(loss, fill(f"per {labels.period}", LETTERS), theme)
    for axes in (fan, dry):
        axes.tick_params(labelbottom=False)
    figure.align_ylabels([fan, dry, loss])
    return fan


def draw_fan_alone(
    axes: Axes, simulation: Simulation, title: str, grants: Sequence[datetime], options: Options
) -> Axes:
    """Draw the fan into axes of the caller's, with its legend inside, above the data."""
    theme = theme_of(axes, options.colors)
    draw_fan(axes, simulation, grants, theme)
    if options.legend:
        canvas.legend_inside(axes, theme)
    canvas.draw_title(axes, options.title, title, theme)
    return axes


def shows_every_day(axes: Axes, grants: Sequence[datetime]) -> bool:
    """Whether grants stand far enough apart to draw the balance of each day, not that before each grant."""
    return len(grants) <= GRANTS_AN_INCH_MAX * canvas.width_of(axes)


def draw_fan(axes: Axes, simulation: Simulation, grants: Sequence[datetime], theme: Theme) -> None:
    """Draw the bands and the median of the balance, and mark the grants."""
    start = wall_start(simulation)
    every_day = shows_every_day(axes, grants)
    days, levels = _daily(simulation) if every_day else _before_grants(simulation, grants)
    p5, p25, p50, p75, p95 = levels.T
    step: Literal["post"] | None = "post" if every_day else None
    wide, middle = theme.pale("fan", WIDE), theme.pale("fan", MIDDLE)
    axes.fill_between(days, p5, p95, step=step, color=wide, linewidth=0, label="90 % of paths")
    axes.fill_between(days, p25, p75, step=step, color=middle, linewidth=0, label="50 % of paths")
    drawstyle = "steps-post" if every_day else "default"
    line = theme.strong("fan", 0.45)
    axes.plot(days, p50, drawstyle=drawstyle, color=line, linewidth=1.6, label="median")
    canvas.style(axes, theme)
    canvas.whole_numbers(axes)
    axes.set_ylim(0, max(1.0, float(p95.max())) * 1.06)
    if every_day:
        _mark_grants(axes, [wall(simulation, grant) for grant in grants], theme)
    canvas.date_axis(axes, start, simulation.days)
    when = "at the end of\neach day" if every_day else "before\neach grant"
    canvas.y_label(axes, f"balance {when} (credits)", theme)


def draw_run_dry(axes: Axes, simulation: Simulation, theme: Theme) -> None:
    """Draw the share of paths with a refused send by the end of each day, with its 95 % bounds."""
    days = canvas.day_numbers(wall_start(simulation), simulation.days)[1:]
    share, _ = simulation.run_dry_by_day()
    low, high = share_bounds(simulation.dry_paths, simulation.paths)
    axes.fill_between(days, 0, share, color=theme.pale("refused", 0.18), linewidth=0)
    axes.fill_between(days, low, high, color=theme["refused"], alpha=0.35, linewidth=0)
    axes.plot(days, share, color=theme["refused"], linewidth=1.6, label="have run dry")
    odds_axis(axes, simulation, theme)
    _mark_half(axes, simulation, days, share, theme)


def odds_axis(axes: Axes, simulation: Simulation, theme: Theme) -> None:
    """Dates along x, and odds from 0 to 100 % along y."""
    canvas.style(axes, theme)
    canvas.date_axis(axes, wall_start(simulation), simulation.days)
    axes.set_ylim(0, 1.04)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    canvas.y_label(axes, "paths that have\nrun dry (%)", theme)


def draw_losses(
    axes: Axes, simulation: Simulation, bars: Bars, period: str, theme: Theme, *, legend: bool = True
) -> None:
    """Draw the mean number of refused sends and of credits expired unused in each period."""
    left = np.array([canvas.day_numbers(wall(simulation, at), 0)[0] for at in bars.starts])
    end = canvas.day_numbers(wall_start(simulation), simulation.days)[-1]
    width = np.diff(left, append=end)
    top = 1.0
    bar = np.minimum(0.36 * width, BAR_MAX * simulation.days)
    narrowest = float(np.median(bar)) / simulation.days * canvas.width_of(axes) * canvas.POINTS_AN_INCH
    kinds = (
        ("refused", bars.refused, bars.errors[0], -0.54),
        ("expired", bars.expired, bars.errors[1], 0.54),
    )
    for name, heights, errors, place in kinds:
        label, spread = figure_named(name).label, BOUND * np.array(errors)
        top = max(top, 1.05 * float(np.max(np.add(heights, spread))))
        if narrowest < BAR_POINTS_MIN:
            _line(axes, left + width / 2, np.array(heights), spread, theme.line(name), label)
            continue
        at = left + width / 2 + place * bar
        axes.bar(at, heights, bar, color=theme[name], label=label)
        axes.errorbar(at, heights, spread, fmt="none", ecolor=theme.ink, elinewidth=0.8)
    canvas.style(axes, theme)
    canvas.date_axis(axes, wall_start(simulation), simulation.days)
    axes.set_ylim(0, top)
    canvas.y_label(axes, f"messages, credits\n(per {period})", theme)
    if legend:
        canvas.legend_inside(axes, theme)


def _line(
    axes: Axes,
    at: npt.NDArray[np.float64],
    heights: npt.NDArray[np.float64],
    spread: npt.NDArray[np.float64],
    color: str,
    label: str,
) -> None:
    axes.fill_between(at, heights - spread, heights + spread, color=color, alpha=0.3, linewidth=0)
    axes.plot(at, heights, color=color, linewidth=1.4, label=label)


LEVELS: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


def _daily(simulation: Simulation) -> tuple[canvas.Days, npt.NDArray[np.int64]]:
    """The beginning of each day and the end of the last, with the quantiles of each day."""
    levels = simulation.balance_quantiles(LEVELS)
    return canvas.day_numbers(wall_start(simulation), simulation.days), np.vstack([levels, levels[-1:]])


def _before_grants(
    simulation: Simulation, grants: Sequence[datetime]
) -> tuple[canvas.Days, npt.NDArray[np.int64]]:
    """The ends of the days before grants, and of the last day, with their quantiles."""
    before = {first_day_from(simulation, grant) - 1 for grant in grants} - {-1}
    days = np.array(sorted(before | {simulation.days - 1}), dtype=np.intp)
    numbers = canvas.day_numbers(wall_start(simulation), simulation.days)
    return numbers[days + 1], simulation.balance_quantiles(LEVELS)[days]


def _mark_grants(axes: Axes, grants: Sequence[datetime], theme: Theme) -> None:
    if not 0 < len(grants) <= MARKS_MAX:
        return
    at = [canvas.day_numbers(grant, 0)[0] for grant in grants]
    axes.plot(
        at,
        np.zeros(len(at)),
        linestyle="none",
        marker="^",
        markersize=6,
        color=theme["grant"],
        markeredgecolor=theme.background,
        markeredgewidth=0.6,
        clip_on=False,
        zorder=5,
        label="grant",
    )


def _mark_half(
    axes: Axes, simulation: Simulation, days: canvas.Days, share: canvas.Days, theme: Theme
) -> None:
    """Name the day half of the paths have run dry by, or else the share at the end."""
    dry = np.flatnonzero(share >= HALF)
    if len(dry):
        on = simulation.dates[int(dry[0])]
        at = (days[int(dry[0])], share[int(dry[0])])
        note = f"half of all paths\nby {canvas.short_date(on)}"
    else:
        at, note = (days[-1], share[-1]), f"{percent(float(share[-1]))} by the end"
    right = at[0] - days[0] > 0.5 * (days[-1] - days[0])
    high = share[-1] > HALF
    color, edge = theme["refused"], theme.background
    axes.plot(*at, marker="o", markersize=5, color=color, markeredgecolor=edge, clip_on=False, zorder=5)
    axes.annotate(
        note,
        at,
        xytext=(-9 if right else 9, 7 if right else -4),
        textcoords="offset points",
        ha="right" if right else "left",
        va="bottom" if right or not high else "top",
        fontsize="small",
        color=theme.ink,
    )

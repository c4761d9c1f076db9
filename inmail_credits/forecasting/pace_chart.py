"""The chart of a pace: how many messages by each day, beside the credits there are, and when they die."""

from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Options, theme_of
from inmail_credits._zones import to_local
from inmail_credits.forecasting.local_days import days_until

if TYPE_CHECKING:
    from inmail_credits.forecasting.sustainable import Pace


EDGE: Final = 0.08
"""The share of the axis, at its end, within which a label stands to the left of its line."""
LINE_TO: Final = 0.7
"""The height of those lines, as a share of the axes: the legend is above."""


def draw(pace: "Pace", ax: Axes | None, options: Options) -> Axes:
    """A rising line of messages, a level line of the credits held; when credits die, so when to use them."""
    axes = canvas.axes_of(ax, 8, 4)
    theme = theme_of(axes, options.colors)
    begin = _wall(pace.at, pace.zone)
    days = max(days_until(pace.at, pace.until, pace.zone), 1)
    numbers = canvas.day_numbers(begin, days)
    held = theme.line("balance")
    axes.axhline(pace.credits, color=held, linewidth=1.4, linestyle="--", label="credits held")
    if isfinite(pace.per_day):
        low, high = ((pace.rate.per_week + step * pace.rate.error) / 7 for step in (-1.96, 1.96))
        since = np.arange(len(numbers))
        axes.plot(numbers, pace.per_day * since, color=theme["sent"], linewidth=2, label="messages by then")
        axes.fill_between(
            numbers, max(low, 0.0) * since, high * since, color=theme["sent"], alpha=0.2, linewidth=0
        )
    for place, lot in enumerate(lot for lot in pace.deadlines if lot.expires_at <= pace.until):
        at = float(numbers[0]) + (_wall(lot.expires_at, pace.zone) - begin).total_seconds() / 86_400
        label = "credits die" if place == 0 else None
        color = theme.line("expired")
        axes.axvline(at, ymax=LINE_TO, color=color, linewidth=1.4, linestyle=":", label=label)
        beside = numbers[-1] - at > EDGE * days
        axes.annotate(
            f"{lot.credits:,} by {lot.last_useful_on.day} {lot.last_useful_on:%b}",
            (at, 0.03),
            xycoords=("data", "axes fraction"),
            xytext=(1 if beside else -1, 0),
            textcoords="offset points",
            rotation="vertical",
            ha="left" if beside else "right",
            fontsize="small",
            color=theme.ink,
            path_effects=[withStroke(linewidth=2.5, foreground=theme.background)],
        )
    canvas.style(axes, theme)
    canvas.date_axis(axes, begin, days)
    axes.set_ylim(bottom=0)
    canvas.y_label(axes, "messages", theme)
    if options.legend:
        canvas.legend_inside(axes, theme)
    canvas.draw_title(axes, options.title, pace.sentence, theme)
    return axes


def _wall(at: datetime, zone: str) -> datetime:
    return to_local(at, zone).replace(tzinfo=UTC)

"""The chart of a pace: how many messages by each day, beside the credits there are, and when they die."""

from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Options, theme_of
from inmail_credits._zones import to_local
from inmail_credits.forecasting.labels import count, day_label
from inmail_credits.forecasting.local_days import days_until

if TYPE_CHECKING:
    from inmail_credits.forecasting.sustainable import Pace


def draw(pace: "Pace", ax: Axes | None, options: Options) -> Axes:
    """A rising line of messages, a level line of the credits held, a mark where credits die."""
    axes = canvas.axes_of(ax, 8, 4)
    theme = theme_of(axes, options.colors)
    begin = _wall(pace.at, pace.zone)
    days = max(days_until(pace.at, pace.until, pace.zone), 1)
    numbers = canvas.day_numbers(begin, days)
    axes.axhline(pace.credits, color=theme["balance"], linewidth=1.2, linestyle="--", label="credits held")
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
        axes.axvline(at, color=theme["expired"], linewidth=1.2, linestyle=":", label=label)
        axes.annotate(
            f"{count(lot.credits, 'credit')}\n{day_label(lot.last_useful_on)}",
            (at, 0.02),
            xycoords=("data", "axes fraction"),
            ha="right",
            fontsize="small",
            color=theme["expired"],
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

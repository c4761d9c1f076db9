"""The chart of what a credit is worth: from which odds on to write, by date and balance.

The odds fall from grant to grant. Where grants stand too close to tell, over many years or in small axes,
their mean over as many days as lie between two grants is drawn.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Options, Theme, theme_of
from inmail_credits._display.numbers import count
from inmail_credits._zones import to_local
from inmail_credits.forecasting import fan_chart

if TYPE_CHECKING:
    from inmail_credits.forecasting.credit_value import CreditValue

DASHES: Final = ("-", "--")
DAYS_A_MONTH: Final = 30.44
PALEST: Final = 0.7


def draw(worth: "CreditValue", ax: Axes | None, balances: Sequence[int], options: Options) -> Axes:
    """A line for each balance, the darkest for the fewest credits."""
    axes = canvas.axes_of(ax, 8, 4)
    theme = theme_of(axes, options.colors)
    frame = worth.to_frame()
    value = worth.prospects.mean_value
    shown = [balance for balance in balances if balance in frame.columns]
    begin = to_local(worth.start, worth.zone).replace(tzinfo=UTC)
    days = canvas.day_numbers(begin, worth.days)[:-1]
    every = worth.plan.grant_every
    period = round(every.days + every.months * DAYS_A_MONTH)
    smooth = worth.days > fan_chart.GRANTS_AN_INCH_MAX * canvas.width_of(axes) * period
    starts = np.arange(0, worth.days, period if smooth else 1)
    lengths = np.diff(starts, append=worth.days)
    for place, balance in enumerate(shown):
        prices = frame[balance].to_numpy(float)
        odds = prices / (value + prices)
        axes.plot(
            days[starts] + (lengths - 1) / 2,
            np.add.reduceat(odds, starts) / lengths,
            color=_shade(theme, place, len(shown)),
            linestyle=DASHES[place % len(DASHES)],
            linewidth=1.5,
            label=count(balance, "credit"),
        )
    canvas.style(axes, theme)
    canvas.date_axis(axes, begin, worth.days)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    canvas.y_label(axes, "write from odds of (%)" + (f"\nmean of {period} days" if smooth else ""), theme)
    if options.legend:
        canvas.legend_inside(axes, theme)
    canvas.draw_title(
        axes, options.title, f"{worth.plan.title or worth.plan.name}: odds from which to write", theme
    )
    return axes


def _shade(theme: Theme, place: int, lines: int) -> str:
    """From mixed with the text's colour to mixed with the background's, in equal steps."""
    share = place / max(lines - 1, 1)
    if share < 0.5:  # noqa: PLR2004 - the middle is the colour itself
        return theme.strong("fan", 0.4 + 1.2 * share)
    return theme.pale("fan", 1 - (1 - PALEST) * 2 * (share - 0.5))

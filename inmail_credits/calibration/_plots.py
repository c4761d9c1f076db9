"""Charts of fits: what was observed, and what was fitted to it."""

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Options, theme_of

if TYPE_CHECKING:
    from inmail_credits.calibration.replies import RepliesFit
    from inmail_credits.calibration.sends import SendsFit

POINTS: Final = 200
NEARLY_ALL: Final = 0.95
"""The share of the answers that came, of which the chart shows twice the time."""
HEADROOM: Final = 1.3
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def plot_replies(fit: "RepliesFit", ax: Axes | None, options: Options) -> Axes:
    """The share of messages answered by age: Kaplan-Meier, the fit, and its 90 % band."""
    axes = canvas.axes_of(ax)
    theme = theme_of(axes, options.colors)
    longest = _shown_days(fit)
    days = longest * np.linspace(0, 1, POINTS) ** 2
    low, high = fit.answered_by(days, np.array([0.05, 0.95]))
    band = theme.pale("fitted", 0.35)
    axes.fill_between(days, low, high, color=band, linewidth=0, label="90 % interval of the fit")
    fitted = fit.rate * fit.delay.below(days)
    axes.plot(days, fitted, color=theme["fitted"], linewidth=1.6, label=f"fitted, {fit.law} delay")
    curve = fit.kaplan_meier[fit.kaplan_meier["days"] <= longest]
    steps = np.concatenate(([0.0], curve["days"].to_numpy(), [longest]))
    answered = 1 - np.concatenate(([1.0], curve["silent"].to_numpy()))
    answered = np.append(answered, answered[-1])
    observed = "observed (Kaplan-Meier)"
    axes.step(steps, answered, where="post", color=theme["observed"], linewidth=1.2, label=observed)
    canvas.style(axes, theme)
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, longest)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    canvas.x_label(axes, "days since the message was sent", theme)
    canvas.y_label(axes, "messages answered (%)", theme)
    if options.legend:
        canvas.draw_legend(axes, theme, loc="lower right")
    default = f"{100 * fit.rate:.1f} % of {fit.messages:,} messages answered in the end"
    canvas.draw_title(axes, options.title, default, theme)
    return axes


def _shown_days(fit: "RepliesFit") -> float:
    """So many days that nearly all answers take less than half of them; at most what was watched."""
    curve, watched = fit.kaplan_meier, float(fit.waits.days.max())
    if not len(curve):
        return watched
    answered = 1 - curve["silent"].to_numpy(np.float64)
    nearly_all = curve["days"].to_numpy(np.float64)[answered >= NEARLY_ALL * answered[-1]][0]
    return min(watched, 2 * float(nearly_all)) or watched


def plot_sends(fit: "SendsFit", ax: Axes | None, options: Options) -> Axes:
    """Messages a day by weekday: observed with its standard error, and as fitted."""
    axes = canvas.axes_of(ax)
    theme = theme_of(axes, options.colors)
    at = np.arange(7)
    table = fit.weekdays
    observed, error = table["observed"].to_numpy(np.float64), table["error"].to_numpy(np.float64)
    axes.bar(at, fit.sends.by_weekday, 0.62, color=theme.pale("fitted", 0.35), label="fitted")
    axes.errorbar(at, observed, error, fmt="o", color=theme["observed"], label="observed, +- its error")
    canvas.style(axes, theme)
    axes.set_xticks(at, WEEKDAYS)
    axes.set_ylim(0, max(0.1, HEADROOM * float(np.max(observed + error, initial=0.0))))
    canvas.y_label(axes, "messages a day", theme)
    if options.legend:
        canvas.draw_legend(axes, theme, loc="upper right", ncols=2)
    canvas.draw_title(axes, options.title, f"{fit.per_week:.1f} messages a week", theme)
    return axes

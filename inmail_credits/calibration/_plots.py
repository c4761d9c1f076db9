"""Charts of fits: what was observed, and what was fitted to it."""

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

if TYPE_CHECKING:
    from inmail_credits.calibration.replies import RepliesFit
    from inmail_credits.calibration.sends import SendsFit

POINTS: Final = 200
BLUE, ORANGE, BAND = "#0b4f8a", "#d55e00", "#9ecae1"
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt  # noqa: PLC0415 - its global state is loaded for a chart of its own only

    return plt.subplots(layout="constrained")[1]


def plot_replies(fit: "RepliesFit", ax: Axes | None) -> Axes:
    """The share of messages answered by age: Kaplan-Meier, the fit, and its 90 % band."""
    axes = _axes(ax)
    longest = float(fit.waits.days.max())
    days = longest * np.linspace(0, 1, POINTS) ** 2
    low, high = fit.answered_by(days, np.array([0.05, 0.95]))
    axes.fill_between(days, low, high, color=BAND, linewidth=0, label="90 % interval of the fit")
    fitted = fit.rate * fit.delay.below(days)
    axes.plot(days, fitted, color=BLUE, linewidth=1.6, label=f"fitted, {fit.law} delay")
    curve = fit.kaplan_meier
    steps = np.concatenate(([0.0], curve["days"].to_numpy(), [longest]))
    answered = 1 - np.concatenate(([1.0], curve["silent"].to_numpy()))
    answered = np.append(answered, answered[-1])
    axes.step(steps, answered, where="post", color=ORANGE, linewidth=1.2, label="observed (Kaplan-Meier)")
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, longest)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.set_xlabel("days since the message was sent")
    axes.set_ylabel("messages answered")
    axes.legend(loc="lower right", frameon=False)
    return axes


def plot_sends(fit: "SendsFit", ax: Axes | None) -> Axes:
    """Messages a day by weekday: observed with its standard error, and as fitted."""
    axes = _axes(ax)
    at = np.arange(7)
    table = fit.weekdays
    observed = table["observed"].to_numpy(np.float64)
    axes.bar(at, fit.sends.by_weekday, 0.62, color=BAND, label="fitted")
    axes.errorbar(at, observed, table["error"].to_numpy(np.float64), fmt="o", color=ORANGE, label="observed")
    axes.set_xticks(at, WEEKDAYS)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("messages a day")
    axes.legend(loc="upper right", frameon=False)
    return axes

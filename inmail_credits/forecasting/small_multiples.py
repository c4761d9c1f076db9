"""Many forecasts on one page: a row for each plan, a column for each behaviour, a small fan in each panel."""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import chart, fan_chart
from inmail_credits.forecasting.labels import day_label, percent
from inmail_credits.forecasting.result import Forecast

PANELS_MAX: Final = 60
HALF: Final = 0.5


def plot_plans(forecasts: Sequence[Forecast], *, figure: Figure | None = None) -> Figure:
    """The fan charts of several forecasts on one figure: plans down, behaviours across.

    All must begin on one day and look equally far ahead. Each panel has its own scale of credits, and tells
    the odds of having run dry by the end. Drawn into ``figure``, or into a new one.

    Raises:
        InvalidValueError: for no forecasts, more than 60 panels, or different horizons.

    Example:
        >>> from datetime import date
        >>> from inmail_credits import economies
        >>> from inmail_credits.forecasting import compare_plans
        >>> from inmail_credits.simulation import Outreach, Replies, Sends
        >>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
        >>> compared = compare_plans(
        ...     economies.LINKEDIN_2019, outreach, start=date(2026, 1, 1), months=1, rng=7, paths=100
        ... )
        >>> len(plot_plans(list(compared.forecasts.values())).axes)
        4
    """
    plans = list(dict.fromkeys(one.title for one in forecasts))
    behaviours = list(dict.fromkeys(one.behaviour for one in forecasts))
    _check(forecasts, len(plans) * len(behaviours))
    target = (
        chart.new_chart(1.2 + 5.2 * max(len(behaviours), 1.4), 1.5 + 1.85 * len(plans))
        if figure is None
        else figure
    )
    panels = target.subplots(len(plans), len(behaviours), sharex=True, squeeze=False)
    for axes in panels.flat:
        axes.set_visible(False)
    for one in forecasts:
        row, column = plans.index(one.title), behaviours.index(one.behaviour)
        _draw_panel(panels[row, column], one, first_column=column == 0)
    target.align_ylabels(list(panels[:, 0]))
    _draw_head(target, forecasts[0], panels[0, 0])
    return target


def _draw_panel(axes: Axes, one: Forecast, *, first_column: bool) -> None:
    simulation = one.simulation
    axes.set_visible(True)
    fan_chart.draw_fan(axes, simulation, one.grants, legend=False)
    chart.date_axis(axes, simulation.start, simulation.days, ticks_max=8)
    axes.set_ylabel("credits" if first_column else "", fontsize=chart.TEXT_SIZE)
    plan, _, grant = one.title.partition(": ")
    axes.set_title(
        f"{plan}, {grant}\n{one.behaviour}", loc="left", fontsize=chart.SMALL_SIZE, color=chart.INK
    )
    axes.set_title(_odds(one), loc="right", fontsize=chart.SMALL_SIZE, color=chart.VERMILION)


def _odds(one: Forecast) -> str:
    share, _ = one.simulation.share_and_error("refused")
    half_by = one.run_dry_on(HALF)
    words = f"runs dry: {percent(share)}"
    return words if half_by is None else f"{words}\nhalf by {half_by.day} {half_by:%b %Y}"


def _draw_head(figure: Figure, first: Forecast, axes: Axes) -> None:
    figure.suptitle(
        "InMail credits left at the end of each day",
        x=0.01,
        ha="left",
        fontsize=chart.TITLE_SIZE,
        fontweight="bold",
        color=chart.INK,
    )
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower left",
        title=f"{first.subtitle()[1]}; runs dry: share of paths with a refused send",
        title_fontsize=chart.TEXT_SIZE,
        alignment="left",
        ncols=len(labels),
        frameon=False,
        fontsize=chart.TEXT_SIZE,
    )


def _check(forecasts: Sequence[Forecast], panels: int) -> None:
    if not forecasts or panels > PANELS_MAX:
        raise InvalidValueError("number of panels", panels, f"from 1 to {PANELS_MAX}")
    spans = {(one.simulation.start, one.simulation.days) for one in forecasts}
    if len(spans) > 1:
        words = sorted(f"{days} days from {day_label(start)}" for start, days in spans)
        raise InvalidValueError("horizons of the forecasts", words, "all the same")

"""Several forecasts in one figure: a row for each plan, a column for each behaviour, a fan in each panel."""

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from inmail_credits._charts import canvas
from inmail_credits._charts.theme import Colors, Theme, theme_of
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting import fan_chart
from inmail_credits.forecasting.labels import day_label, distinct, percent
from inmail_credits.forecasting.local_days import wall_start
from inmail_credits.forecasting.result import Forecast
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach

PANELS_MAX: Final = 60
LINE_MAX: Final = 100
HEADING: Final = "InMail credits left"
DAILY: Final = f"{HEADING} at the end of each day"
BEFORE_GRANTS: Final = f"{HEADING} before each grant"
Panels: TypeAlias = npt.NDArray[np.object_]
"""Axes in rows and columns."""
NEXT_LINE: Final = "\n"
HALF: Final = 0.5


def plot_plans(
    forecasts: Sequence[Forecast],
    *,
    figure: Figure | SubFigure | None = None,
    legend: bool = True,
    title: bool | str = True,
    colors: Colors | None = None,
) -> Panels:
    """The fan charts of several forecasts on one figure: plans down, behaviours across.

    All must begin on one day and look equally far ahead. Each panel has its own scale of credits and the odds
    of having run dry by the end. Each forecast has a panel of its own: plans of one title are marked with
    their names.

    Args:
        forecasts: 1 to 60 of them.
        figure: an empty figure to draw into; a new one of pyplot if left out.
        legend: ``False`` for none.
        title: ``False`` for no title over all panels, or a text of one's own.
        colors: colours by role, such as ``{"fan": "seagreen"}``.

    Returns:
        The axes, an array of shape (plans, behaviours), as ``plt.subplots`` gives them.

    Raises:
        InvalidValueError: for no forecasts, more than 60 panels, or different horizons.

    Example:
        >>> from datetime import date
        >>> from inmail_credits import economies
        >>> from inmail_credits.forecasting import compare
        >>> from inmail_credits.simulation import Outreach, Replies, Sends
        >>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
        >>> compared = compare(
        ...     economies.LINKEDIN_2019, outreach, start=date(2026, 1, 1), months=1, rng=7, paths=100
        ... )
        >>> from matplotlib.figure import Figure
        >>> plot_plans(list(compared.forecasts.values()), figure=Figure()).shape
        (4, 1)
    """
    rows, columns = _places(forecasts)
    plans, behaviours = max(rows, default=-1) + 1, max(columns, default=-1) + 1
    _check(forecasts, plans * behaviours)
    target = canvas.new_figure(*_size(plans, behaviours)) if figure is None else figure
    panels: Panels = target.subplots(plans, behaviours, sharex=True, squeeze=False)
    theme = theme_of(panels[0, 0], colors)
    every: list[Axes] = panels.ravel().tolist()
    for axes in every:
        axes.set_visible(False)
    for one, text, row, column in zip(
        forecasts, _titles(forecasts, rows, columns), rows, columns, strict=True
    ):
        _draw_panel(panels[row, column], one, text, theme, first_column=column == 0)
    target.align_ylabels(list(panels[:, 0]))
    if title is not False:
        heading = _heading(every[0], forecasts) if title is True else title
        target.suptitle(heading, x=0.01, ha="left", fontsize="large", fontweight="bold", color=theme.ink)
    if legend:
        _draw_legend(target, forecasts[0], panels[rows[0], columns[0]], theme)
    return panels


def figure_size(forecasts: Sequence[Forecast]) -> tuple[float, float]:
    """The width and height in inches that the panels of these forecasts need."""
    rows, columns = _places(forecasts)
    return _size(max(rows, default=0) + 1, max(columns, default=0) + 1)


def _size(plans: int, behaviours: int) -> tuple[float, float]:
    return 1.2 + 5.2 * max(behaviours, 1.4), 1.5 + 1.85 * plans


def _places(forecasts: Sequence[Forecast]) -> tuple[list[int], list[int]]:
    """The row and the column of each forecast, no two in one place.

    A row is a plan with its seats, a column a behaviour; a forecast of the same plan and behaviour as an
    earlier one, of another account for example, has a row of its own.
    """
    rows: dict[tuple[Plan, int, int], int] = {}
    columns: dict[Outreach, int] = {}
    seen: Counter[tuple[Plan, int, Outreach]] = Counter()
    places = []
    for one in forecasts:
        plan, seats, outreach = one.simulation.plan, one.simulation.seats, one.simulation.outreach
        column = columns.setdefault(outreach, len(columns))
        row = rows.setdefault((plan, seats, seen[plan, seats, outreach]), len(rows))
        seen[plan, seats, outreach] += 1
        places.append((row, column))
    return [row for row, _ in places], [column for _, column in places]


def _titles(forecasts: Sequence[Forecast], rows: Sequence[int], columns: Sequence[int]) -> list[str]:
    """What stands over each panel: plan and behaviour, each marked where two different ones read alike."""
    plans = {row: (one.title, one.simulation.plan.name) for one, row in zip(forecasts, rows, strict=True)}
    behaviours = {column: one.behaviour for one, column in zip(forecasts, columns, strict=True)}
    titles = _distinct(plans)
    under = _distinct({column: (label, f"behaviour {column + 1}") for column, label in behaviours.items()})
    return [
        f"{titles[row].replace(': ', ', ', 1)}\n{under[column]}"
        for row, column in zip(rows, columns, strict=True)
    ]


def _distinct(labels: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """From labels and names by place to labels that differ, by place."""
    order = sorted(labels)
    return dict(
        zip(order, distinct([labels[at][0] for at in order], [labels[at][1] for at in order]), strict=True)
    )


def _heading(axes: Axes, forecasts: Sequence[Forecast]) -> str:
    """What the panels show, which are alike in width."""
    daily = {fan_chart.shows_every_day(axes, one.grants) for one in forecasts}
    if len(daily) > 1:
        return HEADING
    return DAILY if True in daily else BEFORE_GRANTS


def _draw_panel(axes: Axes, one: Forecast, text: str, theme: Theme, *, first_column: bool) -> None:
    axes.set_visible(True)
    fan_chart.draw_fan(axes, one.simulation, one.grants, theme)
    canvas.y_label(axes, "credits" if first_column else "", theme)
    odds, letters = _odds(one), canvas.letters_of(axes)
    if _longest(text) + _longest(odds) < letters:
        axes.set_title(odds, loc="right", fontsize="small", color=theme.strong("refused", 0.75))
    else:
        text = f"{text}{NEXT_LINE}{odds.replace(NEXT_LINE, ', ')}"
    title = NEXT_LINE.join(fill(line, letters) for line in text.split(NEXT_LINE))
    axes.set_title(title, loc="left", fontsize="small", color=theme.ink)


def _longest(text: str) -> int:
    """The letters of the longest line."""
    return max(map(len, text.split(NEXT_LINE)))


def _odds(one: Forecast) -> str:
    share, _ = one.simulation.share_and_error("refused")
    half_by = one.run_dry_on(HALF)
    odds = f"runs dry: {percent(share)}"
    return odds if half_by is None else f"{odds}\nhalf by {half_by.day} {half_by:%b %Y}"


def _draw_legend(figure: Figure | SubFigure, first: Forecast, axes: Axes, theme: Theme) -> None:
    handles, labels = axes.get_legend_handles_labels()
    inches = figure.bbox.width / figure.dpi
    room = int(inches * canvas.POINTS_AN_INCH / (canvas.EM * canvas.points("small")))
    what = f"{first.subtitle()[1]}; runs dry: share of paths with a refused send"
    head = fill(what, min(LINE_MAX, room))
    figure.legend(
        handles,
        labels,
        loc="outside lower left",
        title=head,
        title_fontsize="small",
        alignment="left",
        ncols=max(1, min(len(labels), room // (max(map(len, labels)) + canvas.LEGEND_LETTERS))),
        frameon=False,
        fontsize="small",
        labelcolor=theme.ink,
    )


def _check(forecasts: Sequence[Forecast], panels: int) -> None:
    if not forecasts or panels > PANELS_MAX:
        raise InvalidValueError("number of panels", panels, f"from 1 to {PANELS_MAX}")
    spans = {(wall_start(one.simulation), one.simulation.days) for one in forecasts}
    if len(spans) > 1:
        horizons = sorted(f"{days} days from {day_label(start)}" for start, days in spans)
        raise InvalidValueError("horizons of the forecasts", horizons, "all the same")

"""The figures of a forecast, each with its Monte-Carlo error: one row a figure.

The problem: a mean alone hides that one future in ten runs dry in the first month, and a figure without
its error hides that it came from so many paths. So each row has the mean over futures and its standard
error, and, where it is a number of each future, what 5, 50 and 95 % of the futures do not exceed.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import numpy as np
import pandas as pd
from attrs import frozen

from inmail_credits.forecasting.monte_carlo import Sample, ratio_and_error, share_and_error
from inmail_credits.simulation import Simulation
from inmail_credits.simulation.result import mean_and_error
from inmail_credits.timeline import DAY

COUNTED: Final = (
    ("messages wanted", "wanted", "messages"),
    ("sends made", "made", "messages"),
    ("sends refused", "refused", "messages"),
    ("sends held back", "held", "messages"),
    ("messages answered", "replied", "messages"),
    ("messages withdrawn", "withdrawn", "messages"),
    ("credits at the start", "opening", "credits"),
    ("credits granted", "granted", "credits"),
    ("credits bought", "bought", "credits"),
    ("credits refunded", "refunded", "credits"),
    ("credits expired unused", "expired", "credits"),
    ("credits forfeited", "forfeited", "credits"),
    ("credits at the end", "closing", "credits"),
)
"""Name, total of the simulation, unit. Made sends are credits spent; credits bought are granted too."""
SHARE_MADE: Final = "share of wanted sends made"
SHARE_WASTED: Final = "share of credits wasted"
RUN_DRY: Final = "odds of running dry"
QUANTILES: Final = (0.05, 0.50, 0.95)
COLUMNS: Final = ("mean", "error", "p5", "p50", "p95", "unit")


@frozen
class Figure:
    """One row: the mean, its Monte-Carlo standard error, and quantiles over futures (``nan`` for none)."""

    name: str
    mean: float
    error: float
    p5: float
    p50: float
    p95: float
    unit: str


def figures(simulation: Simulation, period_ends: Sequence[datetime]) -> list[Figure]:
    """Every figure of a simulation, with the odds of having run dry by each of ``period_ends``.

    An end that falls within a day of the simulation counts that whole day.
    """
    counted = [_counted(name, simulation.total(total), unit) for name, total, unit in COUNTED]
    made, wanted = simulation.total("made"), simulation.total("wanted")
    shares = [
        _share(SHARE_MADE, made, wanted),
        _share(SHARE_WASTED, wasted(simulation), received(simulation)),
    ]
    return [*counted, *shares, *_run_dry(simulation, period_ends)]


def received(simulation: Simulation) -> Sample:
    """Credits each path had at all: those at the start, those granted and those refunded; shape (paths,)."""
    return simulation.total("opening") + simulation.total("granted") + simulation.total("refunded")


def wasted(simulation: Simulation) -> Sample:
    """Credits of each path that expired unused or were forfeited; shape (paths,)."""
    return simulation.total("expired") + simulation.total("forfeited")


def summary(rows: Sequence[Figure]) -> pd.DataFrame:
    """The figures as a table indexed by figure, with the columns of :data:`COLUMNS`."""
    index = pd.Index([row.name for row in rows], name="figure")
    table = {column: [getattr(row, column) for row in rows] for column in COLUMNS}
    return pd.DataFrame(table, index=index)


def run_dry_by(end: date) -> str:
    """The name of the figure: odds of having run dry by that date.

    Example:
        >>> run_dry_by(date(2026, 2, 1))
        'odds of running dry by 2026-02-01'
    """
    return f"{RUN_DRY} by {end.isoformat()}"


def _counted(name: str, sample: Sample, unit: str) -> Figure:
    mean, error = mean_and_error(sample)
    return Figure(name, mean, error, *_quantiles(sample), unit)


def _share(name: str, part: Sample, whole: Sample) -> Figure:
    """The share of all futures together; the quantiles are those of each one's own, if it has one."""
    some = whole > 0
    own = part[some] / whole[some]
    return Figure(name, *ratio_and_error(part, whole), *_quantiles(own), "share")


def _run_dry(simulation: Simulation, period_ends: Sequence[datetime]) -> list[Figure]:
    days = [min(-((simulation.start - end) // DAY), simulation.days) - 1 for end in period_ends]
    names = [RUN_DRY, *(run_dry_by(end.date()) for end in period_ends)]
    share, error = share_and_error(simulation.dry_paths[[simulation.days - 1, *days]], simulation.paths)
    none = float("nan")
    return [
        Figure(name, float(share[i]), float(error[i]), none, none, none, "odds")
        for i, name in enumerate(names)
    ]


def _quantiles(sample: Sample) -> tuple[float, float, float]:
    if len(sample) == 0:
        return (float("nan"),) * 3
    p5, p50, p95 = np.quantile(sample, QUANTILES, method="inverted_cdf")
    return float(p5), float(p50), float(p95)

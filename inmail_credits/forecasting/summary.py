"""The summary of a forecast: one row a figure, each with its Monte-Carlo standard error.

Names, units and labels are those of :data:`~inmail_credits.simulation.figures.FIGURES`. A row has the mean
over paths and its standard error, and, where the figure is a number of each path, what 5, 50 and 95 % of
the paths do not exceed. The odds of running dry have one more row for each end of a billing period. The last
row is the reply rate that was assumed: its quantiles are those of the rates that paths draw, all alike if it
is taken as exact.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import numpy as np
import pandas as pd
from attrs import frozen
from scipy.special import betaincinv

from inmail_credits.forecasting.local_days import first_day_from, wall
from inmail_credits.forecasting.monte_carlo import Sample, ratio_and_error, share_and_error
from inmail_credits.simulation import Replies, Simulation, UncertainReplies
from inmail_credits.simulation.figures import COUNTED, Figure, figure
from inmail_credits.simulation.result import mean_and_error

SHARE_SENT: Final = figure("share_sent")
SHARE_WASTED: Final = figure("share_wasted")
RUN_DRY: Final = figure("run_dry")
QUANTILES: Final = (0.05, 0.50, 0.95)
COLUMNS: Final = ("mean", "error", "p5", "p50", "p95", "unit")


@frozen
class Row:
    """One figure: its name, label and unit, its mean and the Monte-Carlo standard error of that mean.

    ``p5``, ``p50`` and ``p95`` are quantiles over paths; ``nan`` for a figure that a single path has none of.
    """

    name: str
    label: str
    unit: str
    mean: float
    error: float
    p5: float
    p50: float
    p95: float


def summary_rows(simulation: Simulation, period_ends: Sequence[datetime]) -> list[Row]:
    """Every figure of a simulation, with the odds of having run dry by each of ``period_ends``.

    An end that falls within a day of the simulation counts that whole day.
    """
    sent, wanted = simulation.total("sent"), simulation.total("wanted")
    return [
        *(_counted(one, simulation.total(one.name)) for one in COUNTED),
        _share(SHARE_SENT, sent, wanted),
        _share(SHARE_WASTED, wasted(simulation), received(simulation)),
        *_run_dry(simulation, period_ends),
        _reply_rate(simulation.outreach.replies),
    ]


def received(simulation: Simulation) -> Sample:
    """Credits each path had at all: opening, granted and refunded; shape (paths,)."""
    return simulation.total("opening") + simulation.total("granted") + simulation.total("refunded")


def wasted(simulation: Simulation) -> Sample:
    """Credits of each path that expired or were forfeited; shape (paths,)."""
    return simulation.total("expired") + simulation.total("forfeited")


def summary_table(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as a table indexed by the figure's name, with the columns of :data:`COLUMNS`."""
    index = pd.Index([row.name for row in rows], name="figure")
    table = {column: [getattr(row, column) for row in rows] for column in COLUMNS}
    return pd.DataFrame(table, index=index)


def run_dry_by(end: date) -> str:
    """The name of the odds of having run dry by that date.

    Example:
        >>> run_dry_by(date(2026, 2, 1))
        'run_dry_by_2026-02-01'
    """
    return f"{RUN_DRY.name}_by_{end.isoformat()}"


def _counted(one: Figure, sample: Sample) -> Row:
    return Row(one.name, one.label, str(one.unit), *mean_and_error(sample), *_quantiles(sample))


def _share(one: Figure, part: Sample, whole: Sample) -> Row:
    """The share of all paths together; the quantiles are those of each path's own share, if it has one."""
    some = whole > 0
    own = part[some] / whole[some]
    return Row(one.name, one.label, str(one.unit), *ratio_and_error(part, whole), *_quantiles(own))


def _run_dry(simulation: Simulation, period_ends: Sequence[datetime]) -> list[Row]:
    days = [first_day_from(simulation, end) - 1 for end in period_ends]
    dates = [wall(simulation, end).date() for end in period_ends]
    names = [RUN_DRY.name, *map(run_dry_by, dates)]
    labels = [RUN_DRY.label, *(f"{RUN_DRY.label} by {day.isoformat()}" for day in dates)]
    share, error = share_and_error(simulation.dry_paths[[simulation.days - 1, *days]], simulation.paths)
    none = (float("nan"),) * 3
    return [
        Row(name, label, str(RUN_DRY.unit), float(share[i]), float(error[i]), *none)
        for i, (name, label) in enumerate(zip(names, labels, strict=True))
    ]


def _reply_rate(replies: Replies) -> Row:
    """The rate as given; the quantiles of its alternatives, or of Beta(rate * n, (1 - rate) * n)."""
    n, rate = replies.sample_size, replies.rate
    spread = np.full(len(QUANTILES), rate)
    if isinstance(replies, UncertainReplies):
        spread = np.quantile([one.rate for one in replies.alternatives], QUANTILES, method="inverted_cdf")
    elif n is not None and 0 < rate < 1:
        spread = betaincinv(rate * n, (1 - rate) * n, np.array(QUANTILES))
    return Row("reply_rate", "reply rate assumed", "share", rate, 0.0, *map(float, spread))


def _quantiles(sample: Sample) -> tuple[float, float, float]:
    if len(sample) == 0:
        return (float("nan"),) * 3
    p5, p50, p95 = np.quantile(sample, QUANTILES, method="inverted_cdf")
    return float(p5), float(p50), float(p95)

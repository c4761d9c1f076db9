"""Flows by day, week, month or billing period, each with its Monte-Carlo error.

The days of one path depend on each other, so the error of a month does not follow from those of its days: the
spread of a flow is measured over whole periods, path by path. The simulation of a forecast keeps it for the
periods of every grain, so that no table has to simulate again.
"""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
from attrs import evolve, frozen

from inmail_credits._inputs import known_name
from inmail_credits.forecasting.local_days import wall
from inmail_credits.simulation import Simulation
from inmail_credits.simulation._engine.calendar import Grid
from inmail_credits.simulation.result import FLOWS
from inmail_credits.statements.statement import Grain, boundaries, grain_schedule
from inmail_credits.timeline import Schedule

Days = npt.NDArray[np.int64]


@frozen(eq=False)
class Periods:
    """The periods of one grain that begin on a day of a simulation.

    ``starts`` are the instants they begin; ``cuts`` the first day of each and the day after its last, shape
    (periods, 2); ``place`` is where they stand among the periods of all grains.
    """

    starts: tuple[datetime, ...]
    cuts: Days
    place: slice

    def table(self, simulation: Simulation, flow: str) -> pd.DataFrame:
        """One row a period: ``start``, the mean of the flow, and its ``error``; ``nan`` for a single path.

        Raises:
            UnknownNameError: for a flow that is not in :data:`~inmail_credits.simulation.result.FLOWS`.
        """
        flow = known_name("flow", flow, FLOWS)
        mean = np.add.reduceat(simulation.day_mean(flow), self.cuts[:, 0])
        error = simulation.spreads[flow][self.place] / np.sqrt(simulation.paths)
        starts = pd.DatetimeIndex([wall(simulation, at).date() for at in self.starts])
        return pd.DataFrame({"start": starts, flow: mean, "error": error})


def periods_by_grain(grid: Grid, days: int, billing: Schedule) -> dict[Grain, Periods]:
    """The periods of every grain, of a simulation over that grid.

    The first begins with the simulation, the last may be cut short. Days, weeks and months are those of the
    grid's time zone (D19), billing periods those of the plan.
    """
    starts = [grid.begin_of_day(day) for day in range(days + 1)]
    local = evolve(billing, zone=grid.zone)
    found: dict[Grain, Periods] = {}
    begin = 0
    for grain in Grain:
        schedule = billing if grain is Grain.BILLING_PERIOD else grain_schedule(grain, starts[0], local)
        at = boundaries(starts[0], starts[-1], schedule)[:-1]
        first_days = np.array([min(bisect_left(starts, cut), days) for cut in at], dtype=np.int64)
        ends = np.append(first_days[1:], days)
        kept = np.flatnonzero(ends > first_days)
        cuts = np.stack([first_days[kept], ends[kept]], axis=1)
        found[grain] = Periods(tuple(at[k] for k in kept), cuts, slice(begin, begin + len(kept)))
        begin += len(kept)
    return found


def all_cuts(periods: Mapping[Grain, Periods]) -> Days:
    """The first and last days of all of them, in the order of their places; shape (periods, 2)."""
    return np.concatenate([one.cuts for one in periods.values()])

"""Flows by day, week, month or billing period, each with its Monte-Carlo error.

The days of one path depend on each other, so the error of a month does not follow from those of its days: the
spread of a flow is measured over whole periods, path by path. That needs every path on every day, so it is
measured on the first 2,000 paths when it is first asked for. The means are those of all paths.
"""

from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from attrs import evolve, frozen

from inmail_credits._inputs import known_name
from inmail_credits.forecasting.local_days import first_day_from, wall
from inmail_credits.simulation import Simulation
from inmail_credits.simulation.result import FLOWS, DailyPaths
from inmail_credits.statements.statement import Grain, boundaries, grain_schedule
from inmail_credits.timeline import Schedule

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.intp]

SPREAD_PATHS_MAX: Final = 2_000


@frozen(eq=False)
class Periods:
    """The periods of one grain that begin on a day of a simulation.

    ``starts`` are the instants they begin, ``first_days`` the days of the simulation, shape (periods,).
    """

    starts: tuple[datetime, ...]
    first_days: Days

    @classmethod
    def of(cls, simulation: Simulation, grain: Grain, billing: Schedule) -> "Periods":
        """The periods of that grain; the first begins with the simulation, the last may be cut short.

        Days, weeks and months are those of the outreach's time zone (D19), billing periods those of the plan.
        """
        starts = simulation.day_starts
        local = evolve(billing, zone=simulation.outreach.zone)
        schedule = billing if grain is Grain.BILLING_PERIOD else grain_schedule(grain, starts[0], local)
        cuts = boundaries(starts[0], starts[-1], schedule)[:-1]
        first_days = np.array([first_day_from(simulation, cut) for cut in cuts], dtype=np.intp)
        kept = np.flatnonzero(np.diff(first_days, append=simulation.days) > 0)
        return cls(tuple(cuts[k] for k in kept), first_days[kept])

    def table(self, simulation: Simulation, daily: DailyPaths | None, flow: str) -> pd.DataFrame:
        """One row a period: ``start``, the mean of the flow, and its ``error``.

        ``daily`` has some of the paths on every day; without any the errors are ``nan``.

        Raises:
            UnknownNameError: for a flow that is not in :data:`~inmail_credits.simulation.result.FLOWS`.
        """
        flow = known_name("flow", flow, FLOWS)
        mean = np.add.reduceat(simulation.day_mean(flow), self.first_days)
        error = self._spread(daily, flow) / np.sqrt(simulation.paths)
        starts = pd.DatetimeIndex([wall(simulation, at).date() for at in self.starts])
        return pd.DataFrame({"start": starts, flow: mean, "error": error})

    def _spread(self, daily: DailyPaths | None, flow: str) -> Floats:
        """The standard deviation over paths in each period, shape (periods,); ``nan`` for a single path."""
        by_day: npt.NDArray[np.signedinteger] | None = getattr(daily, flow, None)
        if by_day is None or by_day.shape[1] == 1:
            return np.full(len(self.first_days), np.nan)
        by_period = np.add.reduceat(by_day, self.first_days, axis=0, dtype=np.int64)
        spread: Floats = np.std(by_period, axis=1, ddof=1, dtype=np.float64)
        return spread

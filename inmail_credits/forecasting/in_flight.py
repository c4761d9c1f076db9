"""Credits that the messages open at the start still bring back, by date.

The fates of those messages do not depend on what else is sent. So an outreach that sends nothing more, on the
same draws, shows what they alone bring back; it is simulated together with the forecast, where any message is
open.
"""

from typing import Final

import numpy as np
import pandas as pd
from attrs import evolve

from inmail_credits.forecasting.monte_carlo import Floats
from inmail_credits.forecasting.periods import Days
from inmail_credits.simulation import Outreach, Sends, Simulation
from inmail_credits.simulation.behaviour.outreach import Purchases

COLUMNS: Final = ("date", "refunded", "error", "by_then", "by_then_error", "to_come")


def quiet(outreach: Outreach) -> Outreach:
    """The same outreach, but nothing more is sent or bought.

    Example:
        >>> quiet(Outreach(sends=Sends.poisson(per_week=5))).sends.per_week
        0.0
    """
    return evolve(outreach, sends=Sends.fixed(per_week=0), purchases=Purchases())


def in_flight_cuts(days: int) -> Days:
    """Each day by itself, then from the start to the end of each day; shape (2 x days, 2)."""
    day = np.arange(days, dtype=np.int64)
    return np.concatenate([np.stack([day, day + 1], axis=1), np.stack([0 * day, day + 1], axis=1)])


def in_flight_table(simulation: Simulation, quiet_one: Simulation | None) -> pd.DataFrame:
    """One row a date, with the columns of :data:`COLUMNS`; all 0 where no message was open."""
    days = simulation.days
    refunded: Floats = np.zeros(days)
    errors: Floats = np.zeros(2 * days)
    if quiet_one is not None:
        refunded = quiet_one.day_mean("refunded")
        errors = quiet_one.spreads["refunded"] / np.sqrt(quiet_one.paths)
    by_then = np.cumsum(refunded)
    return pd.DataFrame(
        {
            "date": pd.DatetimeIndex(simulation.dates),
            "refunded": refunded,
            "error": errors[:days],
            "by_then": by_then,
            "by_then_error": errors[days:],
            "to_come": (by_then[-1] if days else 0.0) - by_then,
        }
    )

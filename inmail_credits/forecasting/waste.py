"""What is lost unused, lot by lot: the expiry of each grant with what was refunded after it, and forfeits.

Credits burn soonest expiry first (D4), and a refund lives as long as a grant (D7): between the expiry of one
grant and that of the next die the refunds received between the two grants. So the days of a horizon are cut
at the expiries of the lots known beforehand, those held at the start and the grants to come; what dies from
one cut up to the next belongs to one row.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from attrs import frozen

from inmail_credits._zones import to_local
from inmail_credits.forecasting.labels import day_label
from inmail_credits.forecasting.monte_carlo import Floats
from inmail_credits.forecasting.periods import Days, Periods
from inmail_credits.ledger.lots import NEVER
from inmail_credits.plans import Plan
from inmail_credits.simulation import Simulation
from inmail_credits.simulation._engine.calendar import Grid
from inmail_credits.simulation._engine.opening import Opening

COLUMNS: Final = ("date", "lot", "reason", "credits", "error")
HELD: Final = "held at the start"
TRIMMED: Final = "above the cap"
ENDED: Final = "end of the subscription"


@frozen(eq=False)
class LotPeriods:
    """The days from the expiry of each lot up to that of the next.

    Fields:
        lots: which lot each row is about.
        periods: the days of each row.
        end_day: the day on which the subscription ends; the number of days if it does not.
    """

    lots: tuple[str, ...]
    periods: Periods
    end_day: int


def lot_periods(
    opening: Opening, grants: Sequence[datetime], grid: Grid, days: int, *, place: int
) -> LotPeriods:
    """The lots that expire within the horizon; ``place`` is where their periods begin among all."""
    starts = [grid.begin_of_day(day) for day in range(days)]
    expiries = [(lot.expires_at, HELD) for lot in opening.lots if lot.expires_at < NEVER]
    for at in grants:
        lifetime = _plan_at(opening, at).lifetime
        if lifetime is not None and at < NEVER - lifetime:
            label = f"granted {day_label(to_local(at, grid.zone).date())}"
            expiries.append((at + lifetime, label))
    labels: dict[int, list[str]] = {}
    instants: dict[int, datetime] = {}
    for at, label in sorted(expiries):
        day = bisect_left(starts, at)
        if day < days and at < opening.ends_at:
            labels.setdefault(day, []).append(label)
            instants.setdefault(day, at)
    first = np.array(list(labels), dtype=np.int64)
    last = np.append(first, days)[1:]
    periods = Periods(
        tuple(instants.values()), np.stack([first, last], axis=1), slice(place, place + len(first))
    )
    lots = tuple(", ".join(dict.fromkeys(own)) for own in labels.values())
    return LotPeriods(lots, periods, bisect_left(starts, opening.ends_at))


def _plan_at(opening: Opening, at: datetime) -> Plan:
    """The terms that credits granted then live under, planned changes of terms included."""
    plan = opening.plan
    for span in opening.spans():
        if span.turn is not None and span.begins_at <= at:
            plan = span.terms.plan
    return plan


def waste_table(simulation: Simulation, lots: LotPeriods, by_day: Periods) -> pd.DataFrame:
    """One row a lot that expires, and one a day on which credits are forfeited; in the order of dates."""
    dates = simulation.dates
    rows = [
        (dates[first], lot, "expired", mean, error)
        for first, lot, mean, error in zip(
            lots.periods.cuts[:, 0].tolist(),
            lots.lots,
            _sums(simulation.day_mean("expired"), lots.periods.cuts).tolist(),
            _errors(simulation, "expired", lots.periods).tolist(),
            strict=True,
        )
    ]
    forfeited = simulation.day_mean("forfeited").tolist()
    errors = _errors(simulation, "forfeited", by_day).tolist()
    capped = TRIMMED if simulation.plan.cap_credits is not None else ""
    rows += [
        (dates[day], ENDED if day == lots.end_day else capped, "forfeited", mean, errors[day])
        for day, mean in enumerate(forfeited)
        if mean > 0
    ]
    rows.sort(key=lambda row: row[0])
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.assign(date=pd.DatetimeIndex(table["date"]))


def _sums(by_day: Floats, cuts: Days) -> Floats:
    """What a figure adds up to in each period."""
    below = np.concatenate([[0.0], np.cumsum(by_day)])
    result: Floats = below[cuts[:, 1]] - below[cuts[:, 0]]
    return result


def _errors(simulation: Simulation, flow: str, periods: Periods) -> Floats:
    result: Floats = simulation.spreads[flow][periods.place] / np.sqrt(simulation.paths)
    return result

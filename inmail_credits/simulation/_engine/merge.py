"""Parts of a simulation put together: sums add up in any order, paths stand side by side."""

from collections.abc import Sequence
from math import nan, sqrt

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation._engine import tables as t
from inmail_credits.simulation._engine.job import Job, Part
from inmail_credits.simulation.distribution import DailyCounts, added, trimmed
from inmail_credits.simulation.result import DAILY, DailyPaths, Simulation

Rows = npt.NDArray[np.integer]
KEPT = {
    "wanted": t.WANTED,
    "held_back": t.HELD_BACK,
    "sent": t.SENT,
    "replied": t.REPLIED,
    "withdrawn": t.WITHDRAWN,
    "bought": t.BOUGHT,
    "refunded": t.REFUNDED,
    "forfeited": t.FORFEITED,
}
"""The figures that the kernels keep; the others follow from them."""


def merged(job: Job, parts: Sequence[Part]) -> Simulation:
    """The result of all parts, in the order of their paths."""
    totals = np.concatenate(
        [np.zeros((t.TOTALS, 0), dtype=np.int32), *(p.kept.totals for p in parts)], axis=1
    )
    sums = np.zeros((t.SUMS, job.days), dtype=np.int64)
    for part in parts:
        sums += part.kept.sums
    opening, paths = job.opening.credits, job.paths
    granted = int(job.granted.sum())
    last = totals[t.FINAL_BALANCE] if job.days else np.full(paths, opening, dtype=np.int32)
    figures = complete(totals, opening=np.int32(opening), granted=np.int32(granted), last=last)
    day_sums = complete(
        sums,
        opening=np.concatenate([[opening * paths], sums[t.BALANCE, :-1]])[: job.days],
        granted=job.granted * paths,
        last=sums[t.BALANCE],
    )
    figures["opening"] = np.full(paths, opening, dtype=np.int32)
    figures["balance"] = last
    figures["dry_day"] = totals[t.DRY_DAY] if job.days else np.full(paths, t.NONE, dtype=np.int32)
    counts = [DailyCounts(p.kept.lows, p.kept.counts.astype(np.int64)) for p in parts if p.paths and job.days]
    balances = added(counts, days=job.days)
    return Simulation(
        plan=job.plan,
        outreach=job.outreach,
        start=job.opening.start,
        days=job.days,
        paths=paths,
        seats=job.opening.seats,
        steps_per_day=job.steps_per_day,
        opening=opening,
        path_totals={name: array.astype(np.int32, copy=False) for name, array in figures.items()},
        day_sums={name: array.astype(np.int64, copy=False) for name, array in day_sums.items()},
        balances=trimmed(balances) if counts else balances,
        refused_paths=sums[t.REFUSED_PATHS],
        dry_paths=np.cumsum(sums[t.DRY_PATHS]),
        daily=_daily(job, parts) if job.keep_daily else None,
        spreads=spreads(job.tables.cuts, sums, [part.kept.squares for part in parts], paths),
    )


def spreads(
    cuts: t.Ints, sums: t.Ints, squares: Sequence[t.Ints], paths: int
) -> dict[str, npt.NDArray[np.float64]]:
    """The standard deviation over paths of each flow in each period, shape (periods,); by name of the flow.

    Computed in whole numbers and rounded once, so that it does not depend on how the paths were parted.
    Nothing where no periods were asked for, ``nan`` for fewer than two paths.
    """
    if not len(cuts):
        return {}
    totals = np.concatenate([np.zeros((t.SUMS, 1), dtype=np.int64), np.cumsum(sums, axis=1)], axis=1)
    by_period = (totals[:, cuts[:, 1]] - totals[:, cuts[:, 0]]).astype(object)
    balance = np.concatenate([[0], sums[t.BALANCE]]).astype(object)
    rows = {name: by_period[row] for name, row in KEPT.items()}
    rows["refused"] = rows["wanted"] - rows["held_back"] - rows["sent"]
    change = balance[cuts[:, 1]] - balance[cuts[:, 0]]
    rows["expired"] = rows["refunded"] + rows["bought"] - rows["sent"] - rows["forfeited"] - change
    numbers = KEPT | {"refused": t.REFUSED, "expired": t.EXPIRED}
    square = sum((one.astype(object) for one in squares), np.zeros((t.SQUARES, len(cuts)), dtype=object))
    found: dict[str, npt.NDArray[np.float64]] = {}
    for name, row in numbers.items():
        about = [
            int(total_square * paths - total * total)
            for total_square, total in zip(square[row], rows[name], strict=True)
        ]
        found[name] = np.array([spread_of(one, paths) for one in about], dtype=np.float64)
    found["spent"], found["granted"] = found["sent"], found["bought"]
    return found


def spread_of(about: int, paths: int) -> float:
    """The standard deviation of so many numbers; ``about`` is n times their sum of squares about the mean."""
    return sqrt(about / (paths * (paths - 1))) if paths > 1 else nan


def complete(
    rows: Rows, *, opening: Rows | np.int32, granted: Rows | np.int32, last: Rows
) -> dict[str, Rows]:
    """All figures of the rows kept.

    Refused is what was wanted and neither sent nor held back; expired what is missing to the balance.
    """
    figures: dict[str, Rows] = {name: rows[row] for name, row in KEPT.items()}
    figures["refused"] = figures["wanted"] - figures["held_back"] - figures["sent"]
    figures["spent"] = figures["sent"]
    figures["granted"] = granted + figures["bought"]
    left = opening + figures["granted"] + figures["refunded"] - figures["sent"] - figures["forfeited"]
    figures["expired"] = left - last
    return figures


def _daily(job: Job, parts: Sequence[Part]) -> DailyPaths:
    """Every path on every day."""
    none = np.zeros((t.ROWS, job.days, 0), dtype=np.int32)
    rows = np.concatenate([none, *(part.kept.daily for part in parts)], axis=2)
    balance = rows[t.BALANCE]
    before = np.concatenate([np.full((1, job.paths), job.opening.credits, dtype=np.int32), balance])[
        : job.days
    ]
    figures = complete(rows, opening=before, granted=job.granted[:, None].astype(np.int32), last=balance)
    figures["balance"] = balance
    return DailyPaths(**{name: figures[name].astype(np.int32) for name in DAILY})

"""What a simulation found: totals of each path, and distributions of each day.

Balances are small whole numbers, so a count of each value on each day holds their distribution exactly:
quantiles are exact, and memory grows with paths and with days, not with their product.

Every mean comes with its Monte-Carlo standard error; a quantile with the interval its count supports.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from inmail_credits._inputs import as_items, as_rate, as_whole, known_name
from inmail_credits._zones import UTC_NAME, from_local, to_local
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import Plan
from inmail_credits.simulation import figures
from inmail_credits.simulation.behaviour import Outreach
from inmail_credits.simulation.distribution import DailyCounts
from inmail_credits.simulation.figures import COUNTED
from inmail_credits.timeline import DAY

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Daily = npt.NDArray[np.int32]

FLOWS: Final = tuple(figure.name for figure in figures.FLOWS)
"""The names of the figures that are summed by day."""
TOTALS: Final = (*(figure.name for figure in COUNTED), "dry_day")
"""The names of the figures of each path. ``dry_day`` is the first day with a refused message, -1 if there is
none.
"""
DAILY: Final = (*FLOWS, "balance")
"""The names of the figures of each path and day."""
TOTAL_MAX: Final = 2**31 - 1
"""The largest total of a path: a 32-bit whole number."""
TWO_SIDED_Z: Final = 1.959963984540054


@frozen(kw_only=True, eq=False)
class DailyPaths:
    """Every path on every day: kept only if asked for.

    Each field has shape (days, paths). ``balance`` is that at the end of the day.
    """

    wanted: Daily
    sent: Daily
    refused: Daily
    held_back: Daily
    replied: Daily
    withdrawn: Daily
    granted: Daily
    bought: Daily
    refunded: Daily
    spent: Daily
    expired: Daily
    forfeited: Daily
    balance: Daily


@frozen(kw_only=True, eq=False)
class Simulation:
    """The outcome of :func:`~inmail_credits.simulation.run.simulate`.

    Fields:
        plan: the terms simulated under.
        outreach: the behaviour assumed.
        start: the instant of day 0, UTC; day k begins k local days later.
        days: how many days.
        paths: how many paths.
        seats: seats of the contract.
        opening: credits at ``start``, before anything happens.
        path_totals: by name of :data:`TOTALS`, an integer array of shape (paths,).
        day_sums: by name of :data:`FLOWS`, the sum over paths on each day, shape (days,).
        balances: how many paths end each day with each balance.
        refused_paths: how many paths had a send refused on each day, shape (days,).
        dry_paths: how many paths had a send refused on that day or before, shape (days,).
        daily: every path on every day, if ``daily_paths=True``; else ``None``.
        spreads: by name of :data:`FLOWS`, the standard deviation over paths in each of the periods that a
            forecast asked for, shape (periods,); else empty.
    """

    plan: Plan
    outreach: Outreach
    start: datetime
    days: int
    paths: int
    seats: int
    steps_per_day: int
    opening: int
    path_totals: dict[str, npt.NDArray[np.int32]] = field(repr=False)
    day_sums: dict[str, Ints] = field(repr=False)
    balances: DailyCounts = field(repr=False)
    refused_paths: Ints = field(repr=False)
    dry_paths: Ints = field(repr=False)
    daily: DailyPaths | None = field(default=None, repr=False)
    spreads: dict[str, Floats] = field(factory=dict, repr=False)

    @property
    def dates(self) -> list[date]:
        """The date of each day, in the time zone of the outreach (D19)."""
        first = to_local(self.start, self.outreach.zone).date()
        return [first + timedelta(days=k) for k in range(self.days)]

    @property
    def day_starts(self) -> tuple[datetime, ...]:
        """The instants at which the days begin, and that at which the last one ends: ``days`` + 1 of them.

        A day begins at the local time of the start, so many days later (D18, D19).
        """
        zone = self.outreach.zone
        if zone == UTC_NAME:
            return tuple(self.start + k * DAY for k in range(self.days + 1))
        first = to_local(self.start, zone)
        return (self.start, *(from_local(first + k * DAY, zone) for k in range(1, self.days + 1)))

    def total(self, name: str) -> npt.NDArray[np.int32]:
        """The figure of that name of each path; shape (paths,).

        Raises:
            UnknownNameError: for a name that is not in :data:`TOTALS`.
        """
        return self.path_totals[known_name("figure", name, TOTALS)]

    def mean_and_error(self, name: str) -> tuple[float, float]:
        """The mean over paths of a total, and its standard error; ``nan`` where there are too few paths."""
        return mean_and_error(self.total(name))

    def share_and_error(self, name: str, *, at_least: int = 1) -> tuple[float, float]:
        """The share of paths whose total is ``at_least`` that much, and its standard error."""
        least = as_whole("at_least", at_least, -TOTAL_MAX, TOTAL_MAX)
        return _share(int(np.count_nonzero(self.total(name) >= least)), self.paths)

    def day_mean(self, name: str) -> Floats:
        """The mean over paths of a flow on each day; shape (days,)."""
        result: Floats = self.day_sums[known_name("figure of a day", name, FLOWS)] / max(self.paths, 1)
        return result

    def balance_mean_and_error(self) -> tuple[Floats, Floats]:
        """The mean balance at the end of each day and its standard error; two arrays of shape (days,)."""
        mean, spread = self.balances.moments()
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(spread / np.float64(self.paths - 1) / np.float64(self.paths))
        return mean, error

    def balance_quantiles(self, quantiles: Sequence[float]) -> Ints:
        """Exact quantiles of the balance at the end of each day; shape (days, quantiles).

        The quantile q is the smallest balance that at least a share q of the paths do not pass. Zero paths
        have none: all -1.
        """
        items = as_items("quantiles", quantiles, "numbers strictly between 0 and 1, such as (0.1, 0.5)")
        return self._ranked(np.array([_checked(q) for q in items], dtype=np.float64))

    def balance_quantile_interval(self, quantile: float) -> tuple[Ints, Ints]:
        """The bounds between which the true quantile lies with 95 % confidence; each of shape (days,).

        Distribution-free: the quantiles 1.96 standard errors of a rank to either side.
        """
        quantile = _checked(quantile)
        half = TWO_SIDED_Z * (quantile * (1 - quantile) / max(self.paths, 1)) ** 0.5
        bounds = self._ranked(np.clip(np.array([quantile - half, quantile + half]), 0.0, 1.0))
        return bounds[:, 0], bounds[:, 1]

    def run_dry_by_day(self) -> tuple[Floats, Floats]:
        """The share of paths that had a send refused by the end of each day, and its standard error."""
        shares = [_share(int(count), self.paths) for count in self.dry_paths]
        return np.array([share for share, _ in shares]), np.array([error for _, error in shares])

    def empty_by_day(self) -> tuple[Floats, Floats]:
        """The share of paths with no credit left at the end of each day, and its standard error."""
        shares = [_share(int(count), self.paths) for count in self.balances.at(0)]
        return np.array([share for share, _ in shares]), np.array([error for _, error in shares])

    def _ranked(self, quantiles: Floats) -> Ints:
        if self.paths == 0:
            return np.full((self.days, len(quantiles)), -1, dtype=np.int64)
        ranks = np.clip(np.ceil(quantiles * self.paths - 1e-9), 1, self.paths).astype(np.int64)
        return self.balances.ranked(ranks)


def mean_and_error(sample: npt.NDArray[np.integer] | Floats) -> tuple[float, float]:
    """The mean of a sample of shape (n,) and the standard error of that mean; ``nan`` where n is too small.

    Example:
        >>> mean, error = mean_and_error(np.array([1, 2, 3]))
        >>> mean, round(error, 6)
        (2.0, 0.57735)
    """
    if len(sample) == 0:
        return float("nan"), float("nan")
    mean = float(np.mean(sample, dtype=np.float64))
    if len(sample) == 1:
        return mean, float("nan")
    return mean, float(np.std(sample, ddof=1, dtype=np.float64) / np.sqrt(len(sample)))


def _share(count: int, paths: int) -> tuple[float, float]:
    if paths == 0:
        return float("nan"), float("nan")
    share = count / paths
    error = (share * (1 - share) / (paths - 1)) ** 0.5 if paths > 1 else float("nan")
    return share, error


def _checked(quantile: object) -> float:
    plain = as_rate("quantile", quantile)
    if not 0 < plain < 1:
        raise InvalidValueError("quantile", quantile, "strictly between 0 and 1")
    return plain

"""What a simulation of a fleet found: by person, by account, and in sum, each figure with its error.

Of each account and each seat sums over paths are kept, and sums of squares; so memory grows with members, not
with members x paths. Of all accounts together the totals of each path are kept, and if there is room their
balances by day.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from inmail_credits._inputs import as_items, as_rate, known_name
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation._engine import tables as t
from inmail_credits.simulation._engine.merge import complete
from inmail_credits.simulation.fleet.fleet import Fleet
from inmail_credits.simulation.fleet.job import ACCOUNT_FIGURES, SEAT_FIGURES, FleetJob, Found
from inmail_credits.simulation.fleet.terms import Terms
from inmail_credits.simulation.result import FLOWS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SHARES: Final = {"share_sent": ("sent", "wanted"), "share_wasted": ("wasted", "received")}
"""Ratios of figures: the part and the whole."""


@frozen(kw_only=True, eq=False)
class Estimates:
    """Sums over paths of one row a person or account, and what follows from them.

    Arrays have the shape (rows,); those of several figures stand under the figure's name.

    Fields:
        paths: how many paths.
        sums: the sum over paths.
        squares: the sum of squares.
        products: for each of the ratios ``share_sent`` and ``share_wasted``, the sum of part times whole.
        dry: on how many paths a message was refused.
    """

    paths: int
    sums: dict[str, Ints] = field(repr=False)
    squares: dict[str, Ints] = field(repr=False)
    products: dict[str, Ints] = field(repr=False)
    dry: Ints = field(repr=False)

    def mean_and_error(self, name: str) -> tuple[Floats, Floats]:
        """The mean over paths of a figure in each row, and its standard error (``nan`` for one path).

        Raises:
            UnknownNameError: for a figure that is not among ``sums``.
        """
        name = known_name("figure", name, self.sums)
        return self.sums[name] / np.float64(max(self.paths, 1)), np.sqrt(self.variance(name))

    def variance(self, name: str) -> Floats:
        """The square of the standard error of a mean, in each row."""
        sums, squares = self.sums[name].astype(np.float64), self.squares[name].astype(np.float64)
        return _mean_variance(squares - sums * sums / max(self.paths, 1), self.paths)

    def ratio_and_error(self, name: str) -> tuple[Floats, Floats]:
        """A ratio of means in each row, and its standard error by the delta method; ``nan`` for 0 of 0.

        Raises:
            UnknownNameError: for a ratio that is not among ``products``.
        """
        name = known_name("ratio", name, self.products)
        part, whole = SHARES[name]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = self.sums[part] / self.sums[whole]
            base = self.sums[whole] / np.float64(max(self.paths, 1))
            error = np.sqrt(self.ratio_variance(name, ratio)) / base
        return ratio, error

    def ratio_variance(self, name: str, ratio: Floats) -> Floats:
        """The variance of the mean of ``part - ratio x whole`` in each row."""
        part, whole = SHARES[name]
        squares = self.squares[part] - 2 * ratio * self.products[name] + ratio * ratio * self.squares[whole]
        rest = self.sums[part] - ratio * self.sums[whole]
        return _mean_variance(squares - rest * rest / max(self.paths, 1), self.paths)

    def run_dry(self) -> tuple[Floats, Floats]:
        """The share of paths with a refused message in each row, and its standard error."""
        share = self.dry / np.float64(max(self.paths, 1))
        return share, np.sqrt(_mean_variance(share * (1 - share) * self.paths, self.paths))


def _mean_variance(squares: Floats, paths: int) -> Floats:
    """The variance of a mean, from the sum of squares about it, which rounding may take just below 0."""
    if paths < 2:  # noqa: PLR2004 - one path says nothing about the spread
        return np.full(squares.shape, np.nan)
    result: Floats = np.maximum(squares, 0.0) / (paths - 1) / paths
    return result


@frozen(kw_only=True, eq=False)
class FleetSimulation:
    """The outcome of :func:`~inmail_credits.simulation.fleet.simulate_fleet`.

    Fields:
        fleet: who took part.
        terms: the plan, the seats and the instant of day 0 of each account, in the order of the fleet.
        days: how many days.
        paths: how many paths.
        steps_per_day: how many steps a day.
        accounts: the figures of each account or contract, in the order of the fleet.
        people: what each person did, in the order of ``fleet.people``: wanted, held_back, sent, refused and
            refunded.
        path_totals: sums over all accounts by figure, of shape (paths,); ``dry_accounts`` is how many of them
            had a message refused.
        day_sums: sums over all accounts and paths of each flow, and of the balance, shape (days,).
        balances: the balances of all accounts together, shape (paths, days); ``None`` where paths x days
            exceed 20,000,000.
    """

    fleet: Fleet
    terms: tuple[Terms, ...] = field(repr=False)
    days: int
    paths: int
    steps_per_day: int
    accounts: Estimates = field(repr=False)
    people: Estimates = field(repr=False)
    path_totals: dict[str, Ints] = field(repr=False)
    day_sums: dict[str, Ints] = field(repr=False)
    balances: Ints | None = field(repr=False)

    def total(self, name: str) -> Ints:
        """The sum of a figure over all accounts on each path; shape (paths,).

        Raises:
            UnknownNameError: naming those known.
        """
        return self.path_totals[known_name("figure", name, self.path_totals)]

    def total_mean_and_error(self, name: str) -> tuple[float, float]:
        """The mean over paths of the sum over all accounts, and its standard error.

        Accounts are independent of each other, so their variances add up: that estimate is steadier than the
        spread of the sums of a few paths.

        Raises:
            UnknownNameError: naming those known.
        """
        known_name("figure", name, self.accounts.sums)
        mean = float(self.accounts.sums[name].sum()) / max(self.paths, 1)
        return mean, float(np.sqrt(self.accounts.variance(name).sum()))

    def total_ratio_and_error(self, name: str) -> tuple[float, float]:
        """``share_sent`` or ``share_wasted`` of all accounts together, and its standard error.

        Raises:
            UnknownNameError: for another name.
        """
        part, whole = SHARES[known_name("ratio", name, SHARES)]
        base = float(self.accounts.sums[whole].sum())
        if base == 0:
            return float("nan"), float("nan")
        ratio = float(self.accounts.sums[part].sum()) / base
        variance = self.accounts.ratio_variance(name, np.full(len(self.terms), ratio)).sum()
        return ratio, float(np.sqrt(variance)) / (base / self.paths)

    def day_mean(self, name: str) -> Floats:
        """The mean over paths of the sum over all accounts on each day; shape (days,).

        For a flow that of the day, for ``balance`` that at its end.

        Raises:
            UnknownNameError: naming those known.
        """
        result: Floats = self.day_sums[known_name("figure of a day", name, self.day_sums)] / np.float64(
            max(self.paths, 1)
        )
        return result

    def balance_quantiles(self, quantiles: Sequence[float]) -> Ints:
        """Quantiles over paths of all balances together at the end of each day; shape (days, quantiles).

        The quantile q is the smallest sum that at least a share q of the paths do not pass.

        Raises:
            InvalidValueError: for a quantile that is not between 0 and 1, no paths, or balances not kept.
        """
        items = as_items("quantiles", quantiles, "numbers strictly between 0 and 1, such as (0.1, 0.5)")
        chances = np.array([as_rate("quantile", item) for item in items], dtype=np.float64)
        if np.any((chances <= 0) | (chances >= 1)):
            raise InvalidValueError("quantiles", list(quantiles), "strictly between 0 and 1")
        if self.balances is None:
            raise InvalidValueError(
                "paths x days",
                self.paths * self.days,
                "at most 20,000,000 where quantiles of all balances together are wanted",
            )
        if not self.paths:
            raise InvalidValueError("paths", 0, "at least 1")
        ranks = np.clip(np.ceil(chances * self.paths - 1e-9), 1, self.paths).astype(np.int64) - 1
        result: Ints = np.sort(self.balances, axis=0)[ranks].T
        return result


def added_up(fleet: Fleet, job: FleetJob, parts: Iterable[Found]) -> FleetSimulation:
    """The result of all chunks; they may come in any order."""
    accounts, rows = len(job.accounts), len(ACCOUNT_FIGURES)
    sums, squares = np.zeros((2, rows, accounts), dtype=np.int64)
    products, dry = np.zeros((2, accounts), dtype=np.int64), np.zeros(accounts, dtype=np.int64)
    seats = np.zeros((3, t.SEAT_SUMS, len(job.tables.senders)), dtype=np.int64)
    by_path = np.zeros((rows, job.paths), dtype=np.int64)
    dry_accounts = np.zeros(job.paths, dtype=np.int64)
    days = np.zeros((t.SUMS, job.days), dtype=np.int64)
    together = np.zeros((job.paths if job.together else 0, job.days), dtype=np.int64)
    for part in parts:
        first, count, first_path, paths = part.chunk
        place = job.accounts[first : first + count]
        on = slice(first_path, first_path + paths)
        sums[:, place] += part.sums
        squares[:, place] += part.squares
        products[:, place] += part.products
        dry[place] += part.dry
        by_path[:, on] += part.by_path
        dry_accounts[on] += part.dry_members
        days += part.days
        if job.together:
            together[on] += part.together
        if part.seats.shape[2]:
            sender = int(job.tables.members[first, t.FIRST_SENDER])
            seats[:, :, sender : sender + part.seats.shape[2]] += part.seats
    estimates = Estimates(
        paths=job.paths,
        sums=dict(zip(ACCOUNT_FIGURES, sums, strict=True)),
        squares=dict(zip(ACCOUNT_FIGURES, squares, strict=True)),
        products=dict(zip(SHARES, products, strict=True)),
        dry=dry,
    )
    return FleetSimulation(
        fleet=fleet,
        terms=job.terms,
        days=job.days,
        paths=job.paths,
        steps_per_day=job.steps_per_day,
        accounts=estimates,
        people=_people(job, estimates, seats, fleet.place),
        path_totals={**dict(zip(ACCOUNT_FIGURES, by_path, strict=True)), "dry_accounts": dry_accounts},
        day_sums=_by_day(job, days),
        balances=together if job.together else None,
    )


def _people(job: FleetJob, accounts: Estimates, seats: Ints, place: Ints | None) -> Estimates:
    """What each person did: of those with an account of their own, what the account says.

    ``place`` says which sender each person is, if not all in order.
    """
    members = job.tables.members
    alone = members[:, t.SENDERS] == 1
    sender, account = members[alone, t.FIRST_SENDER], job.accounts[alone]
    for number, name in enumerate(SEAT_FIGURES):
        seats[0, number, sender] = accounts.sums[name][account]
        seats[1, number, sender] = accounts.squares[name][account]
    seats[0, t.SEAT_DRY, sender] = accounts.dry[account]
    seats[2, SEAT_FIGURES.index("sent"), sender] = accounts.products["share_sent"][account]
    if place is not None:
        seats = seats[:, :, place]
    return Estimates(
        paths=job.paths,
        sums=dict(zip(SEAT_FIGURES, seats[0], strict=False)),
        squares=dict(zip(SEAT_FIGURES, seats[1], strict=False)),
        products={"share_sent": seats[2, SEAT_FIGURES.index("sent")]},
        dry=seats[0, t.SEAT_DRY],
    )


def _by_day(job: FleetJob, days: Ints) -> dict[str, Ints]:
    opening = int(job.tables.members[:, t.OPENING].sum()) * job.paths
    figures = complete(
        days,
        opening=np.concatenate([[opening], days[t.BALANCE, :-1]])[: job.days],
        granted=job.granted_by_day * job.paths,
        last=days[t.BALANCE],
    )
    return {**{name: figures[name].astype(np.int64) for name in FLOWS}, "balance": days[t.BALANCE]}

"""The judge of fleets: every account of a fleet by itself, driven through the real ledger.

Each member and contract is simulated in plain Python on the draws that belong to the names of its people, as
in :mod:`~inmail_credits.testing.engine_reference`; sums over paths, over accounts and over days must be equal
to those of the engine, which has them all in one table. :func:`fleet_difference` is what tests ask.
"""

from datetime import datetime

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation.fleet import Contract, Fleet, FleetSimulation, Member, simulate_fleet
from inmail_credits.simulation.fleet.job import ACCOUNT_FIGURES, SEAT_FIGURES
from inmail_credits.simulation.fleet.keys import Keys
from inmail_credits.simulation.result import DAILY
from inmail_credits.testing.engine_reference import Figures
from inmail_credits.testing.fleet_crew import Crew, jobs_of

Ints = npt.NDArray[np.int64]
_RATIOS = {"share_sent": ("sent", "wanted"), "share_wasted": ("wasted", "received")}
_FLOWS = tuple(name for name in ACCOUNT_FIGURES if name not in {"opening", "balance", "wasted", "received"})


def fleet_difference(
    fleet: Fleet, *, days: int, start: datetime | None, paths: int, seed: int, steps_per_day: int = 1
) -> str | None:
    """The first figure on which engine and ledger differ, in words; ``None`` if they agree on all."""
    found = simulate_fleet(fleet, days=days, start=start, paths=paths, rng=seed, steps_per_day=steps_per_day)
    keys = Keys(seed)
    together = np.zeros((paths, days), dtype=np.int64)
    by_day = {name: np.zeros(days, dtype=np.int64) for name in (*_FLOWS, "balance")}
    by_path = {name: np.zeros(paths, dtype=np.int64) for name in ACCOUNT_FIGURES}
    for place, one in enumerate(fleet):
        lived, people, opening = _lived(one, keys, days, start, paths, steps_per_day)
        totals = _totals(lived, opening, paths)
        told = _of_account(found, place, totals) or _of_people(found, place, people)
        if told is not None:
            return f"{one.name}: {told}"
        for name in ACCOUNT_FIGURES:
            by_path[name] += totals[name]
        for name in by_day:
            by_day[name] += lived[name].sum(axis=1)
        together += lived["balance"].T
    return _in_sum(found, by_path, by_day, together)


def _lived(
    one: Member | Contract, keys: Keys, days: int, start: datetime | None, paths: int, steps_per_day: int
) -> tuple[Figures, Figures, int]:
    """What the ledger says of an account: by day and path, by person and path, and what it begins with."""
    jobs = jobs_of(one, keys, start, days, paths, steps_per_day)
    lived = {name: np.zeros((days, paths), dtype=np.int64) for name in DAILY}
    people = {name: np.zeros((len(jobs), paths), dtype=np.int64) for name in SEAT_FIGURES}
    for path in range(paths if days else 0):
        crew = Crew(one, jobs, path)
        crew.live()
        crew.write_down(lived, people, path)
    return lived, people, jobs[0].opening.credits


def _totals(lived: Figures, opening: int, paths: int) -> dict[str, Ints]:
    """The figures of each path."""
    totals = {name: lived[name].sum(axis=0) for name in _FLOWS}
    balance = lived["balance"]
    totals["opening"] = np.full(paths, opening, dtype=np.int64)
    totals["balance"] = balance[-1] if len(balance) else totals["opening"]
    totals["wasted"] = totals["expired"] + totals["forfeited"]
    totals["received"] = totals["opening"] + totals["granted"] + totals["refunded"]
    return totals


def _of_account(found: FleetSimulation, place: int, totals: dict[str, Ints]) -> str | None:
    """What differs in the sums of one account."""
    for name in ACCOUNT_FIGURES:
        sums, squares = int(found.accounts.sums[name][place]), int(found.accounts.squares[name][place])
        expected = int(totals[name].sum()), int((totals[name] ** 2).sum())
        if (sums, squares) != expected:
            return f"{name}: engine {sums} (squares {squares}), ledger {expected[0]} ({expected[1]})"
    for name, (part, whole) in _RATIOS.items():
        product = int(found.accounts.products[name][place])
        if product != int((totals[part] * totals[whole]).sum()):
            return f"{name}: engine {product}, ledger {int((totals[part] * totals[whole]).sum())}"
    dry = int((totals["refused"] > 0).sum())
    if found.accounts.dry[place] != dry:
        return f"dry: engine {found.accounts.dry[place]}, ledger {dry}"
    return None


def _of_people(found: FleetSimulation, place: int, people: Figures) -> str | None:
    """What differs in the sums of the people of one account."""
    numbers = np.flatnonzero(found.fleet.account_of == place).tolist()
    estimates = found.people
    for seat, number in enumerate(numbers):
        name = found.fleet.people[number]
        for figure in SEAT_FIGURES:
            values = people[figure][seat]
            engine = int(estimates.sums[figure][number]), int(estimates.squares[figure][number])
            if engine != (int(values.sum()), int((values**2).sum())):
                return f"{name}, {figure}: engine {engine}, ledger {values}"
        product = int((people["sent"][seat] * people["wanted"][seat]).sum())
        if estimates.products["share_sent"][number] != product:
            return f"{name}: engine {estimates.products['share_sent'][number]}, ledger {product}"
        if estimates.dry[number] != int((people["refused"][seat] > 0).sum()):
            return f"{name}, dry: engine {estimates.dry[number]}, ledger {people['refused'][seat]}"
    return None


def _in_sum(
    found: FleetSimulation, by_path: dict[str, Ints], by_day: dict[str, Ints], together: Ints
) -> str | None:
    """What differs in the sums over all accounts."""
    for name, expected in by_path.items():
        if not np.array_equal(found.total(name), expected):
            return f"all, {name} by path: engine {found.total(name)}, ledger {expected}"
    for name, expected in by_day.items():
        if not np.array_equal(found.day_sums[name], expected):
            return f"all, {name} by day: engine {found.day_sums[name]}, ledger {expected}"
    if found.balances is None or not np.array_equal(found.balances, together):
        return "all, balances by path and day"
    return None

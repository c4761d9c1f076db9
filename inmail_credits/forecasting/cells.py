"""Many subjects and behaviours simulated together, on one set of draws.

A *cell* is one subject under one behaviour. All cells are members of one set of tables and share one key of
random numbers, so that on each path they meet the same draws, whatever differs between them. A cell gives the
same figures as a simulation of its own would from that seed.
"""

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from attrs import frozen

from inmail_credits._inputs import as_whole, check_executor, check_progress
from inmail_credits.errors import InvalidValueError
from inmail_credits.forecasting.candidates import Subject
from inmail_credits.forecasting.monte_carlo import Floats
from inmail_credits.forecasting.scores import SCORED, means_and_errors, scores
from inmail_credits.plans.plan import CREDITS_MAX
from inmail_credits.simulation import Outreach
from inmail_credits.simulation._engine import tables as t
from inmail_credits.simulation._engine.job import empty, run_columns
from inmail_credits.simulation._engine.merge import complete
from inmail_credits.simulation._engine.opening import Opening, opening_of
from inmail_credits.simulation._engine.prepare import Preparation, Sizes, Who
from inmail_credits.simulation.run import (
    COUNT_MAX,
    PART_STEPS,
    Progress,
    in_order,
    processors,
    watched,
)
from inmail_credits.simulation.seeds import Rng, key_of, seed_sequence

Totals = dict[str, npt.NDArray[np.integer]]
Figures = dict[str, tuple[Floats, Floats]]
PARTS: Final = 8
"""In how many parts at least an executor of the caller's gets the cells; it does not say how many it has."""


class Cell(NamedTuple):
    """A plan or account under a behaviour; ``seats`` where it is a plan."""

    subject: Subject
    outreach: Outreach
    seats: int = 1


@frozen(kw_only=True, eq=False)
class CellJob:
    """The cells prepared: ``paths`` paths of ``days`` days of each member of the tables.

    ``opening`` and ``granted`` are the credits of each at the start, and those granted by schedule; shape
    (cells,).
    """

    tables: t.Tables
    sizes: Sizes
    days: int
    paths: int
    opening: t.Ints
    granted: t.Ints

    @property
    def steps(self) -> int:
        """Steps of the horizon: a day each."""
        return self.days

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.opening)

    def parts(self, workers: int) -> list[tuple[int, int]]:
        """Runs of cells of one form, of about equal work: the first of each and the one after its last."""
        most = max(PART_STEPS // max(self.days * self.paths, 1), 1)
        size = max(min(most, -(-self.cells // workers)), 1)
        forms = self.tables.members[:, t.FORM]
        edges = [0, *(np.flatnonzero(np.diff(forms)) + 1).tolist(), self.cells]
        return [
            (first, min(first + size, last))
            for begin, last in itertools.pairwise(edges)
            for first in range(begin, last, size)
        ]


def prepare_cells(cells: Sequence[Cell], *, start: datetime, days: int, paths: int, rng: Rng) -> CellJob:
    """The tables of all cells, each from ``start`` on, with one key.

    Raises:
        InvalidValueError: for credits and messages beyond what a path can count.
    """
    key = key_of(seed_sequence(rng))
    preparation = Preparation(days, 1)
    openings: dict[tuple[int, int], Opening] = {}
    credits_ = []
    for subject, outreach, seats_given in cells:
        seats = as_whole("seats", seats_given, 1, CREDITS_MAX)
        own = (id(subject), seats)
        if own not in openings:
            openings[own] = opening_of(subject, start=start, seats=seats)
        preparation.add(openings[own], [Who(outreach, key)], zone=outreach.zone)
        credits_.append(openings[own].credits)
    if preparation.most > COUNT_MAX:
        raise InvalidValueError(
            "credits and messages of a path", preparation.most, f"at most {COUNT_MAX:,}; simulate fewer days"
        )
    tables = preparation.tables()
    grants = np.where(tables.events[:, t.WHAT] == t.GRANT, tables.events[:, t.CREDITS], 0)
    sums = np.concatenate([[0], np.cumsum(grants)])
    return CellJob(
        tables=tables,
        sizes=preparation.sizes,
        days=days,
        paths=paths,
        opening=np.array(credits_, dtype=np.int64),
        granted=sums[tables.members[:, t.LAST_EVENT]] - sums[tables.members[:, t.FIRST_EVENT]],
    )


def cell_totals(job: CellJob, first: int, last: int) -> Totals:
    """Simulate the cells from ``first`` up to ``last``: figures by name, shape (cells, paths)."""
    cells = last - first
    kept = run_columns(job, empty(job.days, cells * job.paths, width=0), (first, last), (0, job.paths))
    rows = kept.totals.reshape(t.TOTALS, cells, job.paths)
    opening, granted = job.opening[first:last, None], job.granted[first:last, None]
    figures = complete(rows, opening=opening, granted=granted, last=rows[t.FINAL_BALANCE])
    figures["opening"] = np.broadcast_to(opening, rows.shape[1:])
    figures["balance"] = rows[t.FINAL_BALANCE]
    return figures


class Part(NamedTuple):
    """Means and errors of the figures of some cells, each of shape (cells,), and their paths."""

    figures: Figures
    paths: int


def run_part(job: CellJob, first: int, last: int) -> Part:
    """Simulate the cells from ``first`` up to ``last``."""
    totals = cell_totals(job, first, last)
    return Part({name: means_and_errors(scores(totals, name)) for name in SCORED}, (last - first) * job.paths)


def run_cells(job: CellJob, *, executor: Executor | None = None, progress: Progress = False) -> Figures:
    """Means and errors of all cells, each of shape (cells,), in their order.

    Raises:
        SimulationCancelledError: if ``progress`` gave a false answer other than ``None``.
    """
    check_executor(executor)
    check_progress(progress)
    found = list(watched(_results(job, executor), job.cells * job.paths, progress))
    return {
        name: (
            np.concatenate([part.figures[name][0] for part in found]),
            np.concatenate([part.figures[name][1] for part in found]),
        )
        for name in SCORED
    }


def _results(job: CellJob, executor: Executor | None) -> Iterator[Part]:
    """The parts in the order of their cells."""
    if executor is None:
        with ThreadPoolExecutor(processors()) as pool:
            yield from in_order(pool, run_part, [(job, *part) for part in job.parts(processors())])
    else:
        yield from in_order(executor, run_part, [(job, *part) for part in job.parts(PARTS)])

"""A fleet as tables of the kernels, cut into chunks of members or of paths, and what is kept of a chunk."""

from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from attrs import frozen

from inmail_credits.errors import InvalidValueError, UnsupportedTermError
from inmail_credits.facts import Fact
from inmail_credits.plans import Plan
from inmail_credits.simulation._engine import tables as t
from inmail_credits.simulation._engine.calendar import Grid, microseconds
from inmail_credits.simulation._engine.job import empty, run_columns
from inmail_credits.simulation._engine.merge import complete
from inmail_credits.simulation._engine.opening import opening_of
from inmail_credits.simulation._engine.prepare import Preparation, Sizes, Who
from inmail_credits.simulation.behaviour import Outreach
from inmail_credits.simulation.figures import COUNTED
from inmail_credits.simulation.fleet.contracts import planned_by
from inmail_credits.simulation.fleet.fleet import Fleet
from inmail_credits.simulation.fleet.keys import Keys
from inmail_credits.simulation.fleet.members import Contract, Member, Seat, naming
from inmail_credits.simulation.fleet.roster_rows import RosterRows
from inmail_credits.simulation.fleet.terms import Terms, terms_of
from inmail_credits.simulation.seeds import Rng

COUNT_MAX: Final = 2**31 - 1
CHUNK_STEPS: Final = 4_000_000
"""The path-steps of one chunk, about."""
CHUNK_COLUMNS: Final = 50_000
"""The most paths of members in one chunk."""
ACCOUNT_FIGURES: Final = (*(figure.name for figure in COUNTED), "wasted", "received")
"""What is summed of each account: the figures of a path, the credits expired or forfeited (wasted), and those
it had at all (received: opening, granted and refunded).
"""
SEAT_FIGURES: Final = ("wanted", "held_back", "sent", "refused", "refunded")
"""What is summed of each seat, in the order of the kernel."""


@frozen(kw_only=True, eq=False)
class FleetJob:
    """What to simulate: ``paths`` paths of each member of the tables. It travels to other processes.

    Fields:
        accounts: the account of each row of the table of members; shape (accounts,).
        granted: the credits of the scheduled grants of each row; shape (accounts,).
        granted_by_day: those of all together; shape (days,).
        terms: the plan, the seats and the instant of day 0 of each account, in the order of the fleet.
        together: whether the balances of all are added up by path and day.
    """

    tables: t.Tables
    sizes: Sizes
    accounts: t.Ints
    granted: t.Ints
    granted_by_day: t.Ints
    terms: tuple[Terms, ...]
    days: int
    steps_per_day: int
    paths: int
    together: bool

    @property
    def steps(self) -> int:
        """Steps of the whole horizon."""
        return self.days * self.steps_per_day


class Chunk(NamedTuple):
    """Rows of the table of members, and paths: the first of each, and how many."""

    first_member: int
    members: int
    first_path: int
    paths: int


class Found(NamedTuple):
    """What was found of a chunk, as sums of whole numbers.

    ``sums`` and ``squares`` have shape (ACCOUNT_FIGURES, members); ``products`` (2, members): of sent and
    wanted, of wasted and received; ``dry`` (members,): paths with a refusal. ``by_path`` has shape
    (ACCOUNT_FIGURES, paths): sums over members; ``dry_members`` (paths,); ``days``, ``together`` and
    ``seats`` are as in :class:`~inmail_credits.simulation._engine.tables.Kept`.
    """

    chunk: Chunk
    sums: t.Ints
    squares: t.Ints
    products: t.Ints
    dry: t.Ints
    by_path: t.Ints
    dry_members: t.Ints
    days: t.Ints
    together: t.Ints
    seats: t.Ints

    @property
    def paths(self) -> int:
        """How many paths of members were simulated."""
        return self.chunk.members * self.chunk.paths


def make_fleet_job(
    fleet: Fleet,
    *,
    days: int,
    start: datetime | None,
    paths: int,
    rng: Rng,
    steps_per_day: int,
    together_max: int,
) -> FleetJob:
    """Prepare a fleet; the arguments are checked already, except for what only a member's error can say.

    Raises:
        InvalidValueError: with the member, the field, the value and the limit.
        UnsupportedTermError: for what the engine cannot do exactly.
    """
    keys = Keys(rng)
    preparation = Preparation(days, steps_per_day)
    terms: list[Terms] = []
    rows = None
    if fleet.roster is not None:
        rows = RosterRows(preparation, fleet.roster, start)
        terms += rows.terms
        check_most(rows.most)
    for one in fleet.entries:
        with naming(one.name, what="contract" if isinstance(one, Contract) else "member"):
            terms.append(_add(preparation, one, keys, start))
            check_most(preparation.most)
    most = preparation.most if rows is None else max(preparation.most, rows.most)
    if most**2 * max(paths, 1) > np.iinfo(np.int64).max:
        limit = f"at most {np.iinfo(np.int64).max // most**2:,} for accounts and a horizon of this size"
        raise InvalidValueError("paths", paths, limit)
    tables, sizes = preparation.tables(), preparation.sizes
    if rows is not None:
        tables, sizes = rows.tables(tables, keys), rows.sizes(sizes)
    members = tables.members
    order = np.lexsort((np.arange(len(members)), members[:, t.FORM], members[:, t.SENDERS] > 1))
    granted, by_day = _granted(tables, order, days, steps_per_day)
    return FleetJob(
        tables=tables._replace(members=np.ascontiguousarray(members[order])),
        sizes=sizes,
        accounts=order,
        granted=granted,
        granted_by_day=by_day,
        terms=tuple(terms),
        days=days,
        steps_per_day=steps_per_day,
        paths=paths,
        together=paths * days <= together_max,
    )


def _add(preparation: Preparation, one: Member | Contract, keys: Keys, start: datetime | None) -> Terms:
    """Add an account to the tables; its terms."""
    begin = start if one.start is None else one.start
    people = (one,) if isinstance(one, Member) else one.seats
    for person in people:
        check_daily_max(person.outreach, preparation.steps_per_day)
    zone = people[0].outreach.zone
    opening = opening_of(one.subject, start=begin, seats=1)
    grid = Grid(opening.start, preparation.days, preparation.steps_per_day, zone)
    end = grid.begin_of_day(preparation.days)
    planned: list[Fact] = []
    if isinstance(one, Member):
        who = [Who(one.outreach, keys.of(one.name))]
    else:
        if isinstance(one.subject, Plan):
            opening = opening_of(one.subject, start=begin, seats=one.seats_at(opening.start))
        planned = planned_by(one, opening.seats, opening.start, end)
        who = [_sender(seat, keys, grid) for seat in one.seats]
    opening = opening.with_planned([*one.planned, *planned], end)
    preparation.add(opening, who, zone=zone)
    return terms_of(opening)


def _sender(seat: Seat, keys: Keys, grid: Grid) -> Who:
    """A seat: it sends from the first step at or after it joins up to that at or after it leaves."""
    joins = 0 if seat.joins is None else grid.step_of(microseconds(seat.joins))
    leaves = t.NEVER if seat.leaves is None else grid.step_of(microseconds(seat.leaves))
    return Who(seat.outreach, keys.of(seat.name), joins, leaves, seat.name)


def check_most(most: int) -> None:
    """Totals of a path are 32-bit whole numbers.

    Raises:
        InvalidValueError: for an account that might have more.
    """
    if most > COUNT_MAX:
        limit = f"at most {COUNT_MAX:,}; simulate fewer days or fewer seats"
        raise InvalidValueError("credits and messages of a path", most, limit)


def check_daily_max(outreach: Outreach, steps_per_day: int) -> None:
    """A daily limit needs one step a day.

    Raises:
        UnsupportedTermError: otherwise.
    """
    if steps_per_day > 1 and outreach.sends.daily_max is not None:
        raise UnsupportedTermError(
            "daily_max", outreach.sends.daily_max, "use steps_per_day=1 with a daily limit"
        )


def _granted(tables: t.Tables, order: t.Ints, days: int, steps_per_day: int) -> tuple[t.Ints, t.Ints]:
    """Scheduled credits of each row, and of all together by day."""
    events, members = tables.events, tables.members[order]
    credits_ = np.where(np.isin(events[:, t.WHAT], (t.GRANT, t.ADD)), events[:, t.CREDITS], 0)
    before = np.concatenate([[0], np.cumsum(credits_)])
    first, last = members[:, t.FIRST_EVENT], members[:, t.LAST_EVENT]
    users = np.zeros(len(events) + 1, dtype=np.int64)
    np.add.at(users, first, 1)
    np.add.at(users, last, -1)
    by_day = np.zeros(days, dtype=np.int64)
    some = np.flatnonzero(credits_)
    np.add.at(by_day, events[some, t.STEP] // steps_per_day, (credits_ * np.cumsum(users)[:-1])[some])
    return before[last] - before[first], by_day


def cut(job: FleetJob, workers: int) -> list[Chunk]:
    """The work in chunks of members, or of paths where they are many; each of one form of keeping credits."""
    chunks: list[Chunk] = []
    if not job.paths:
        return chunks
    most = max(min(CHUNK_STEPS // max(job.steps, 1), CHUNK_COLUMNS), 1)
    columns = len(job.accounts) * job.paths
    most = max(min(most, -(-columns // max(workers, 1))), 1)
    members = job.tables.members
    kinds = members[:, t.FORM] + 2 * (members[:, t.SENDERS] > 1)
    bounds = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(members)]
    for low, high in pairwise(bounds):
        a_time = max(most // job.paths, 1)
        parts = 1 if a_time > 1 else -(-job.paths // most)
        for first in range(low, high, a_time):
            count = min(a_time, high - first)
            for number in range(parts):
                begin, end = job.paths * number // parts, job.paths * (number + 1) // parts
                chunks.append(Chunk(first, count, begin, end - begin))
    return chunks


def run_chunk(job: FleetJob, chunk: Chunk) -> Found:
    """Simulate one chunk."""
    rows = slice(chunk.first_member, chunk.first_member + chunk.members)
    members = job.tables.members[rows]
    several = bool(members[0, t.SENDERS] > 1)
    senders = 0
    if several:
        senders = int(members[-1, t.FIRST_SENDER] + members[-1, t.SENDERS] - members[0, t.FIRST_SENDER])
    columns = chunk.members * chunk.paths
    kept = empty(
        job.days,
        columns,
        width=0,
        senders=senders,
        together=chunk.paths if job.together else 0,
    )
    kept = run_columns(job, kept, (chunk.first_member, rows.stop), (chunk.first_path, chunk.paths))
    opening = np.repeat(members[:, t.OPENING], chunk.paths)
    last = kept.totals[t.FINAL_BALANCE] if job.days else opening
    figures = complete(
        kept.totals.astype(np.int64),
        opening=opening,
        granted=np.repeat(job.granted[rows], chunk.paths),
        last=last,
    )
    figures |= {"opening": opening, "balance": last}
    figures["wasted"] = figures["expired"] + figures["forfeited"]
    figures["received"] = opening + figures["granted"] + figures["refunded"]
    shape = (len(ACCOUNT_FIGURES), chunk.members, chunk.paths)
    values = np.array([figures[name] for name in ACCOUNT_FIGURES], dtype=np.int64).reshape(shape)
    place = {name: number for number, name in enumerate(ACCOUNT_FIGURES)}
    refused = values[place["refused"]] > 0
    return Found(
        chunk=chunk,
        sums=values.sum(axis=2),
        squares=np.einsum("fmp,fmp->fm", values, values),
        products=np.array(
            [
                np.einsum("mp,mp->m", values[place[part]], values[place[whole]])
                for part, whole in (("sent", "wanted"), ("wasted", "received"))
            ]
        ),
        dry=refused.sum(axis=1),
        by_path=values.sum(axis=1),
        dry_members=refused.sum(axis=0),
        days=kept.sums,
        together=kept.together,
        seats=kept.seats,
    )

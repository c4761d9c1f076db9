"""The part of a fleet's tables that one chunk needs: what is sent to another process."""

from typing import TypeVar

import numpy as np
from attrs import evolve

from inmail_credits.simulation._engine import tables as t
from inmail_credits.simulation.fleet.job import Chunk, FleetJob

Table = TypeVar("Table", t.Ints, t.Words)


def cut_out(job: FleetJob, chunk: Chunk) -> tuple[FleetJob, Chunk]:
    """The same work with the rows it needs of the tables that grow with the fleet.

    Those are the members, their senders, behaviours, laws and thresholds, laws of replies and quantiles of
    rates. The others are shared by many members and sent whole.
    """
    tables = job.tables
    rows = slice(chunk.first_member, chunk.first_member + chunk.members)
    members = tables.members[rows].copy()
    senders, members[:, t.FIRST_SENDER] = _taken(
        tables.senders, members[:, t.FIRST_SENDER], members[:, t.SENDERS]
    )
    behaviours, senders[:, t.BEHAVIOUR] = _taken(tables.behaviours, senders[:, t.BEHAVIOUR])
    laws, behaviours[:, t.FIRST_LAW] = _taken(tables.laws, behaviours[:, t.FIRST_LAW], behaviours[:, t.LAWS])
    thresholds, laws[:, t.FIRST_THRESHOLD] = _taken(
        tables.thresholds, laws[:, t.FIRST_THRESHOLD], laws[:, t.THRESHOLDS]
    )
    replies, behaviours[:, t.FIRST_REPLY] = _taken(
        tables.replies, behaviours[:, t.FIRST_REPLY], behaviours[:, t.REPLIES]
    )
    sampled = np.flatnonzero(behaviours[:, t.QUANTILES] >= 0)
    quantiles, behaviours[sampled, t.QUANTILES] = _taken(tables.quantiles, behaviours[sampled, t.QUANTILES])
    part = tables._replace(
        members=members,
        senders=senders,
        behaviours=behaviours,
        laws=laws,
        thresholds=thresholds,
        replies=replies,
        quantiles=quantiles,
    )
    light = evolve(
        job,
        tables=part,
        accounts=job.accounts[rows],
        granted=job.granted[rows],
        granted_by_day=job.granted_by_day[:0],
        terms=(),
    )
    return light, chunk._replace(first_member=0)


def _taken(table: Table, firsts: t.Ints, lengths: t.Ints | None = None) -> tuple[Table, t.Ints]:
    """The rows from each of ``firsts`` on, each range once, and where each range stands among them."""
    sizes = np.ones(len(firsts), dtype=np.int64) if lengths is None else lengths
    begins, place = np.unique(firsts, return_inverse=True)
    widths = np.zeros(len(begins), dtype=np.int64)
    np.maximum.at(widths, place, sizes)
    offsets = np.cumsum(widths) - widths
    picked = np.repeat(begins - offsets, widths) + np.arange(int(widths.sum()))
    return table[picked], offsets[place]

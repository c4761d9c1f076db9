"""Simulation: what may happen to an account, path by path, under stated behaviour.

``behaviour`` holds the assumptions about sending and answering, as values. :func:`simulate` runs paths of
one plan or account; ``result``, ``distribution`` and ``figures`` say what comes of it. ``fleet`` does the
same for many people. ``run`` prepares a job for ``_engine``, which has an order of reading of its own.

>>> from datetime import date
>>> from inmail_credits import economies
>>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
>>> simulation = simulate(
...     economies.LINKEDIN_2019["career"], outreach, start=date(2026, 1, 1), days=90, paths=1_000, rng=7
... )
>>> mean, error = simulation.mean_and_error("sent")
"""

from inmail_credits.simulation import _extra  # noqa: F401 - first: it names the library that is missing
from inmail_credits.simulation.behaviour import (
    Failures,
    FollowUp,
    Outreach,
    Pacing,
    Purchases,
    Replies,
    SegmentedReplies,
    Sends,
    UncertainReplies,
    Withdrawals,
    delays,
    presets,
)
from inmail_credits.simulation.result import Simulation
from inmail_credits.simulation.run import simulate

__all__ = [
    "Failures",
    "FollowUp",
    "Outreach",
    "Pacing",
    "Purchases",
    "Replies",
    "SegmentedReplies",
    "Sends",
    "Simulation",
    "UncertainReplies",
    "Withdrawals",
    "delays",
    "presets",
    "simulate",
]

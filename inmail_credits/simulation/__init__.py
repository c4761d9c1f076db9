"""Simulation: what may happen to an account, path by path, under behaviour that is yours to state.

>>> from datetime import date
>>> from inmail_credits import economies
>>> outreach = Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27))
>>> simulation = simulate(
...     economies.LINKEDIN_2019["career"], outreach, start=date(2026, 1, 1), days=90, paths=1_000, rng=7
... )
>>> mean, error = simulation.mean_and_error("sent")
"""

from inmail_credits.simulation import delays, presets
from inmail_credits.simulation.behaviour import Outreach, Purchases, Replies, Withdrawals
from inmail_credits.simulation.result import Simulation
from inmail_credits.simulation.run import simulate
from inmail_credits.simulation.segments import SegmentedReplies
from inmail_credits.simulation.sends import FollowUp, Pacing, Sends

__all__ = [
    "FollowUp",
    "Outreach",
    "Pacing",
    "Purchases",
    "Replies",
    "SegmentedReplies",
    "Sends",
    "Simulation",
    "Withdrawals",
    "delays",
    "presets",
    "simulate",
]

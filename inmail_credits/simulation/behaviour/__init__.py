"""Behaviour: how people send and answer, as values that state their means and can be fitted and compared."""

from inmail_credits.simulation.behaviour import delays, presets
from inmail_credits.simulation.behaviour.outreach import Failures, Outreach, Purchases, Withdrawals
from inmail_credits.simulation.behaviour.replies import Replies, UncertainReplies
from inmail_credits.simulation.behaviour.segments import Segment, SegmentedReplies
from inmail_credits.simulation.behaviour.sends import FollowUp, Pacing, Sends

__all__ = [
    "Failures",
    "FollowUp",
    "Outreach",
    "Pacing",
    "Purchases",
    "Replies",
    "Segment",
    "SegmentedReplies",
    "Sends",
    "UncertainReplies",
    "Withdrawals",
    "delays",
    "presets",
]

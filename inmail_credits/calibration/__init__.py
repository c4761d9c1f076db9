"""Calibration: from records of messages to behaviour, with its uncertainty.

Needs the extra: ``pip install 'inmail-credits[forecast]'``.
"""

# In order of reading. `messages` and `usage` read exports: `_source` opens them, `_dates`, `_people`
# and `_columns` understand a row, `_conversations` makes conversations of messages, `report` counts
# what was left out. `fitting` fits replies by the mixture of `_mixture` over the laws of `_laws`;
# `replies` is such a fit, its uncertainty is from `_posterior` and `_alternatives`; `survival` is the
# curve without a law. `sends` fits sends. `facts` makes an account's facts of conversations, `scores`
# judges forecasts, `examples` makes archives of known truth.

from inmail_credits.calibration import _extra  # noqa: F401 - first: it tells which library is missing
from inmail_credits.calibration._source import Source
from inmail_credits.calibration._typing import Values
from inmail_credits.calibration.delays import Observed
from inmail_credits.calibration.facts import MessageFacts
from inmail_credits.calibration.fitting import fit_replies
from inmail_credits.calibration.messages import Messages, read_linkedin_messages
from inmail_credits.calibration.replies import RepliesFit
from inmail_credits.calibration.report import ReadReport
from inmail_credits.calibration.sends import SendsFit, fit_sends
from inmail_credits.calibration.survival import kaplan_meier
from inmail_credits.calibration.usage import Usage, read_recruiter_usage
from inmail_credits.simulation.behaviour.scipy_delays import FromSciPy

__all__ = [
    "FromSciPy",
    "MessageFacts",
    "Messages",
    "Observed",
    "ReadReport",
    "RepliesFit",
    "SendsFit",
    "Source",
    "Usage",
    "Values",
    "fit_replies",
    "fit_sends",
    "kaplan_meier",
    "read_linkedin_messages",
    "read_recruiter_usage",
]

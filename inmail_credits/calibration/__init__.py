"""Calibration: from records of messages to behaviour, with its uncertainty.

Needs the extra: ``pip install 'inmail-credits[forecast]'``.
"""

from inmail_credits.calibration import _extra  # noqa: F401 - first: it tells which library is missing
from inmail_credits.calibration._source import Source
from inmail_credits.calibration.messages import Messages, read_linkedin_messages
from inmail_credits.calibration.report import ReadReport
from inmail_credits.calibration.usage import Usage, read_recruiter_usage

__all__ = ["Messages", "ReadReport", "Source", "Usage", "read_linkedin_messages", "read_recruiter_usage"]

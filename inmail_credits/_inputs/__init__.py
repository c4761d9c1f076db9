"""The one door for input: every value a caller gives is converted to a plain Python value here, or refused.

Values come from forms, databases, NumPy and pandas. One that only resembles the right one (a ``Timestamp`` in
a set of dates, ``np.int64`` for ``int``) would be accepted, kept as it is, and misread later. Each function
here takes the name of a field and a value, and returns exactly a ``datetime``, ``date``, ``timedelta``,
``int``, ``float`` or ``str``, or raises one :class:`~inmail_credits.errors.InvalidValueError` with the name,
the value and what is accepted.

NumPy and pandas are recognised by the types of the values they make; neither is imported.
"""

from inmail_credits._inputs.choices import Choice, ExplainedChoice
from inmail_credits._inputs.dates import (
    DAYS_MAX,
    YEAR_MAX,
    YEAR_MIN,
    AnyDate,
    AnyInstant,
    as_date,
    as_dates,
    as_instant,
    as_timedelta,
)
from inmail_credits._inputs.items import ITEMS_MAX, as_items, as_pairs
from inmail_credits._inputs.numeric import (
    as_number,
    as_rate,
    as_whole,
    number,
    rate,
    whole,
    whole_or_none,
)
from inmail_credits._inputs.objects import as_instance, as_truth, check_executor, check_progress, truth
from inmail_credits._inputs.text import as_text, known_name

__all__ = [
    "DAYS_MAX",
    "ITEMS_MAX",
    "YEAR_MAX",
    "YEAR_MIN",
    "AnyDate",
    "AnyInstant",
    "Choice",
    "ExplainedChoice",
    "as_date",
    "as_dates",
    "as_instance",
    "as_instant",
    "as_items",
    "as_number",
    "as_pairs",
    "as_rate",
    "as_text",
    "as_timedelta",
    "as_truth",
    "as_whole",
    "check_executor",
    "check_progress",
    "known_name",
    "number",
    "rate",
    "truth",
    "whole",
    "whole_or_none",
]

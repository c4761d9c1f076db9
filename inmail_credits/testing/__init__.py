"""What a ledger of these credits can be tested with: a slow oracle, laws, and Hypothesis strategies.

The oracle and the laws need nothing but this package. The strategies need Hypothesis, so they are a
module of their own: ``from inmail_credits.testing import strategies``.

Example:
    >>> from datetime import date
    >>> from inmail_credits.facts import Subscribed
    >>> from inmail_credits.plans import Plan
    >>> subscribed = Subscribed(at=date(2026, 1, 31), plan=Plan(name="own", grant_credits=3))
    >>> Oracle([subscribed]).balance(date(2026, 2, 28))
    6
"""

# `memory`, `run` and `oracle` are the oracle, in that order of reading; `laws` judges the movements
# of any ledger. `conformance` asks a ledger of others about every rule, `pytest_suite` does so as a
# class of tests. `engine_draws`, `engine_reference`, `fleet_reference` and `fleet_crew` drive the
# ledger with the draws of the simulation.

from inmail_credits.testing.laws import (
    Moved,
    broken_bounds,
    broken_conservation,
    broken_lots,
    broken_refunds,
    summed,
    totals_of,
)
from inmail_credits.testing.memory import Credit, LotLeft, Message, Movement, Subscription
from inmail_credits.testing.openings import opening_of
from inmail_credits.testing.oracle import Oracle, in_order, lived_through
from inmail_credits.testing.run import Run

__all__ = [
    "Credit",
    "LotLeft",
    "Message",
    "Moved",
    "Movement",
    "Oracle",
    "Run",
    "Subscription",
    "broken_bounds",
    "broken_conservation",
    "broken_lots",
    "broken_refunds",
    "in_order",
    "lived_through",
    "opening_of",
    "summed",
    "totals_of",
]

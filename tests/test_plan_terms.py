"""Every term of a plan varies wherever plans are drawn at random.

Ledger, oracle and engine are compared on drawn plans. A term that the drawn plans never have is compared by
nothing: the ledger and the oracle may differ on it, and the engine may leave it out in silence.
"""

from collections.abc import Callable
from random import Random
from typing import Final

import pytest
from attrs import fields
from campaign import own_plan
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from inmail_credits.plans import Plan
from inmail_credits.testing import strategies
from inmail_credits.testing.conformance.capabilities import _TERMS
from tests.test_plan_files import any_plans

DRAWS: Final = 400
OF_ANY_PLAN: Final = frozenset(
    {"grant_credits", "grant_every", "billing_every", "lifetime_days", "cancel_at", "on_switch"}
    | {"purchase_credits_max", "seat_grant"}
)
"""Terms of any plan of one's own, and those that matter only to facts that are capabilities themselves."""
TEXTS: Final = frozenset({"name", "title", "sources"})
"""What says nothing about credits."""


def drawn(plans: st.SearchStrategy[Plan]) -> list[Plan]:
    """So many plans of a strategy, the same ones in every run."""
    found: list[Plan] = []

    @settings(max_examples=DRAWS, derandomize=True, database=None, phases=[Phase.generate], deadline=None)
    @given(plans)
    def take(plan: Plan) -> None:
        found.append(plan)

    take()
    return found


SOURCES: Final[dict[str, Callable[[], list[Plan]]]] = {
    "inmail_credits/testing/strategies.py: plans (ledger against oracle)": lambda: drawn(
        strategies.plans(seats=True, shares=True)
    ),
    "tests/simulation/campaign.py: own_plan (engine against ledger)": lambda: [
        own_plan(Random(seed))  # noqa: S311 - a test's draws
        for seed in range(DRAWS)
    ],
    "tests/test_plan_files.py: any_plans (TOML and plain data)": lambda: drawn(any_plans()),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_term_varies_where_plans_are_drawn(source: str) -> None:
    """Each term has two values at least among the plans drawn."""
    plans = SOURCES[source]()
    terms = [term.name for term in fields(Plan) if term.name not in TEXTS]
    same = [name for name in terms if len({getattr(plan, name) for plan in plans}) == 1]
    assert same == [], f"plans drawn by {source} have one value only of {', '.join(same)}; draw more"


def test_every_term_belongs_to_something_that_a_ledger_may_leave_out() -> None:
    """A ledger that does not know a term must not be asked about it, be it by a random plan."""
    left_out = {name for _, terms in _TERMS for name in terms}
    terms = {term.name for term in fields(Plan)} - TEXTS
    assert terms - left_out == OF_ANY_PLAN, (
        "a new term goes into _TERMS of testing/conformance/capabilities.py, or into OF_ANY_PLAN here"
    )

"""The directed cases: for every rule about the ledger, histories that tell it from its near misses."""

from typing import Final

from inmail_credits.testing.conformance.case import Case
from inmail_credits.testing.conformance.cases import arrival, begun, contracts, granted, returned, spent


def _rank(case: Case) -> tuple[bool, int]:
    return (case.rule.startswith("D"), int(case.rule[1:]))


CASES: Final[tuple[Case, ...]] = tuple(
    sorted(
        (*granted.CASES, *spent.CASES, *returned.CASES, *contracts.CASES, *begun.CASES, *arrival.CASES),
        key=_rank,
    )
)
"""All of them, ordered by rule: R1 first, D20 last."""

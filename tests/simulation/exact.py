"""Exact figures for any parameters: a Markov chain for constant grants, capped or not, and closed forms.

The vectors hold exact values for some parameters; this says what they are for others. It knows nothing of
the package. Under constant grants and oldest-first issue only the oldest lot carried over is ever a part of
one, so the number of credits carried tells everything, and the chain has one dimension.
"""

from math import exp, factorial

import numpy as np
import numpy.typing as npt
from scipy.stats import poisson

Floats = npt.NDArray[np.float64]
FIGURES = ("sent", "refused", "expired", "forfeited", "with a refusal", "left over")


def constant_grant(
    credits_: int, lifetime: int, rate: float, *, cap: int | None, low: int, high: int
) -> dict[str, float]:
    """The mean of each of ``FIGURES`` over the periods from ``low`` up to ``high``, from empty.

    Each period: trim what is carried to the cap, grant ``credits_``, Poisson(``rate``) sends, expiry of what
    is left in its ``lifetime``-th period.
    """
    most = (lifetime - 1) * credits_
    carried = np.arange(most + 1)
    forfeited = np.maximum(carried + credits_ - cap, 0) if cap is not None else np.zeros(most + 1)
    opening = (carried - forfeited + credits_).astype(int)
    moves = np.zeros((most + 1, most + 1))
    expired = np.zeros(most + 1)
    for state, stock in enumerate(opening):
        left = np.arange(stock, 0, -1)
        chances = poisson.pmf(stock - left, rate)
        np.add.at(moves[state], np.minimum(left, most), chances)
        moves[state, 0] += poisson.sf(stock - 1, rate)
        expired[state] = chances @ np.maximum(left - most, 0)
    refused = rate * poisson.sf(opening - 1, rate) - opening * poisson.sf(opening, rate)
    law = np.zeros(most + 1)
    law[0] = 1.0
    sums = dict.fromkeys(FIGURES, 0.0)
    for period in range(high):
        after = law @ moves
        if period >= low:
            sums["sent"] += float(rate - law @ refused)
            sums["refused"] += float(law @ refused)
            sums["expired"] += float(law @ expired)
            sums["forfeited"] += float(law @ forfeited)
            sums["with a refusal"] += float(law @ poisson.sf(opening, rate))
            sums["left over"] += float(after @ carried)
        law = after
    return {name: total / (high - low) for name, total in sums.items()}


def erlang_b(servers: int, load: float) -> float:
    """The share of sends refused where every credit comes back: Erlang's loss formula."""
    terms = [load**k / factorial(k) for k in range(servers + 1)]
    return terms[-1] / sum(terms)


def random_arrivals(arrivals: float, sends: float, lifetime: float) -> tuple[float, float]:
    """The shares of sends refused and of credits expired where single credits come at random.

    (a - s) / (a e^((a-s)T) - s) and that times e^((a-s)T): Kaspi & Perry (1983), Graves (1982).
    """
    if arrivals == sends:
        refused = 1 / (1 + arrivals * lifetime)
        return refused, refused
    grown = exp((arrivals - sends) * lifetime)
    refused = (arrivals - sends) / (arrivals * grown - sends)
    return refused, refused * grown

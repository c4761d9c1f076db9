"""Exact figures for any parameters: a Markov chain for constant grants, capped or not, and closed forms.

The vectors hold exact values for some parameters; this says what they are for others. It knows nothing of
the package. Under constant grants and oldest-first issue only the oldest lot carried over is ever a part of
one, so the number of credits carried tells everything, and the chain has one dimension.
"""

from math import ceil, exp, factorial, log, pi

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, poisson

Floats = npt.NDArray[np.float64]
FIGURES = ("sent", "refused", "expired", "forfeited", "with a refusal", "left over")


STATES_MAX = 500
"""Beyond that many states the chain is not asked how soon it comes to rest: it takes long."""


class Chain:
    """The credits carried into each period under constant grants, oldest-first issue and Poisson sends.

    Each period: trim what is carried to the cap, grant ``credits_``, Poisson(``rate``) sends, expiry of what
    is left in its ``lifetime``-th period. Arrays have an entry for each number carried, 0 to ``most``.
    """

    def __init__(self, credits_: int, lifetime: int, rate: float, *, cap: int | None) -> None:
        self.most = (lifetime - 1) * credits_
        self.rate = rate
        self.carried = np.arange(self.most + 1)
        self.forfeited: Floats = np.zeros(self.most + 1)
        if cap is not None:
            self.forfeited = np.maximum(self.carried + credits_ - cap, 0).astype(np.float64)
        self.opening = (self.carried - self.forfeited + credits_).astype(int)
        self.moves = np.zeros((self.most + 1, self.most + 1))
        self.expired = np.zeros(self.most + 1)
        for state, stock in enumerate(self.opening):
            left = np.arange(stock, 0, -1)
            chances = poisson.pmf(stock - left, rate)
            np.add.at(self.moves[state], np.minimum(left, self.most), chances)
            self.moves[state, 0] += poisson.sf(stock - 1, rate)
            self.expired[state] = chances @ np.maximum(left - self.most, 0)

    def at_rest(self) -> Floats:
        """The stationary law."""
        states = self.most + 1
        equations = np.vstack((self.moves.T - np.eye(states), np.ones(states)))
        law: Floats = np.linalg.lstsq(equations, np.append(np.zeros(states), 1.0), rcond=None)[0]
        return law


def constant_grant(
    credits_: int, lifetime: int, rate: float, *, cap: int | None, low: int, high: int
) -> dict[str, float]:
    """The mean of each of ``FIGURES`` over the periods from ``low`` up to ``high``, from empty."""
    chain = Chain(credits_, lifetime, rate, cap=cap)
    opening, moves = chain.opening, chain.moves
    refused = rate * poisson.sf(opening - 1, rate) - opening * poisson.sf(opening, rate)
    law = np.zeros(chain.most + 1)
    law[0] = 1.0
    sums = dict.fromkeys(FIGURES, 0.0)
    for period in range(high):
        after = law @ moves
        if period >= low:
            sums["sent"] += float(rate - law @ refused)
            sums["refused"] += float(law @ refused)
            sums["expired"] += float(law @ chain.expired)
            sums["forfeited"] += float(law @ chain.forfeited)
            sums["with a refusal"] += float(law @ poisson.sf(opening, rate))
            sums["left over"] += float(after @ chain.carried)
        law = after
    return {name: total / (high - low) for name, total in sums.items()}


def periods_to_rest(credits_: int, lifetime: int, rate: float, *, share: float) -> int:
    """Periods from empty until the law of the credits carried is within ``share`` of the one at rest.

    To these comes a lifetime, as nothing expires before. The distance is the total variation, which never
    grows. A chain of many states is not followed: the walk without drift bounds it.
    """
    if (lifetime - 1) * credits_ >= STATES_MAX:
        return ceil(lifetime + walk_to_rest((lifetime - 1) * credits_, rate, share=share))
    chain = Chain(credits_, lifetime, rate, cap=None)
    law, rest = np.zeros(chain.most + 1), chain.at_rest()
    law[0] = 1.0
    periods = 0
    while np.abs(law - rest).sum() / 2 > share:
        law = law @ chain.moves
        periods += 1
    return lifetime + periods


def walk_to_rest(highest: float, variance: float, *, share: float) -> float:
    """How long a stock that moves at random between 0 and ``highest`` remembers where it began.

    ``variance`` is that of its change in a unit of time. Reflected Brownian motion without drift forgets at
    the rate ``pi^2 variance / (2 highest^2)``, with a drift sooner (Harrison 1985, chapter 5); a walk in
    steps overshoots each of the two ends by 0.5826 standard deviations (Siegmund 1979).
    """
    if highest == 0:
        return 0.0
    return float(log(1 / share) * 2 * (highest + 2 * 0.5826 * variance**0.5) ** 2 / (pi**2 * variance))


def refunds_to_rest(
    credits_: float, lifetime: float, rate: float, answered: float, per_period: float, *, share: float
) -> int:
    """The same with refunds, ``answered`` of the messages, each with chance ``per_period`` in a period.

    The sum of three parts: a lifetime; the walk of the stock, which refunds of refunds make higher by
    1 / (1 - answered); and the messages in flight, which decline by the factor
    ``1 - per_period (1 - answered)`` a period even if each credit that comes back is spent at once.
    """
    highest = (lifetime - 1) * credits_ / (1 - answered)
    flights = log(1 / share) / (per_period * (1 - answered))
    return ceil(lifetime + walk_to_rest(highest, rate, share=share) + flights)


def still_in_flight(law: str, mean: float, time: float) -> float:
    """The share of a steady flow of messages in flight now that is still in flight after ``time``.

    ``E[(X - t)+] / E[X]`` of the delay X, in closed form: exponential, or lognormal of sigma 1.
    """
    if law == "exponential":
        return exp(-time / mean)
    z = log(mean / time) - 0.5
    return float(norm.cdf(z + 1) - time / mean * norm.cdf(z))


def loop_to_rest(law: str, mean: float, credits_: int, load: float, *, share: float) -> int:
    """Days until the closed loop of ``credits_``, all free at first, refuses as it will for ever.

    What is missing is what would by then still be in flight, had messages been sent for ever; relative to the
    figure it counts at most ``credits_``-fold, the greatest elasticity of Erlang's formula in its load. Under
    a fixed delay the first rush comes back as one, and again: each time weaker by the elasticity of what is
    accepted, ``E (B - a (1 - E)) / (1 - E)``, which nears 1 where the load exceeds the credits.
    """
    if law == "fixed":
        refused = erlang_b(credits_, load)
        echo = refused * (credits_ - load * (1 - refused)) / (1 - refused)
        return ceil(mean * (1 + log(share) / log(echo)))
    days = ceil(mean)
    while still_in_flight(law, mean, days) * credits_ > share:
        days = ceil(days * 1.05)
    return days


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

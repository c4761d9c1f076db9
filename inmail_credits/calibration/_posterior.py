"""What the rate and the delay may be, jointly: draws from their posterior distribution, without chance.

The posterior of (logit of the rate, theta) is approximated by a multivariate Student t at its peak, drawn
from a low-discrepancy sequence (additive recurrence with the generalised golden ratio, Roberts 2018), and
corrected by importance weights; the proposal is refitted to the weighted draws twice. The same data give the
same draws. The law's theta has a weak prior: the scale is lognormal around a day (its logarithm of standard
deviation 3), the shape lognormal around 1 (of standard deviation 1).
"""

from typing import Final

import numpy as np
from attrs import frozen
from scipy import special

from inmail_credits._inputs import as_number
from inmail_credits.calibration._laws import Law
from inmail_credits.calibration._mixture import (
    LOGIT_MAX,
    Data,
    curvature,
    inverse,
    log_likelihood,
    log_likelihoods,
    maximum,
)
from inmail_credits.calibration._typing import Floats
from inmail_credits.errors import InvalidValueError, UnknownNameError

DRAWS: Final = 2_048
DRAWS_OF_MANY: Final = 512
MANY: Final = 500
"""From so many messages on, fewer draws are as good: the proposal is close."""
ROUNDS: Final = 3
FREEDOM: Final = 5.0
THETA_SPREADS: Final = (3.0, 1.0)
PRIORS: Final = {"jeffreys": (0.5, 0.5), "uniform": (1.0, 1.0)}
"""Named priors of the rate, as parameters of a Beta distribution."""


def prior_of(prior: str | tuple[float, float]) -> tuple[str, float, float]:
    """The name and the parameters of a prior, by name or as two numbers above 0.

    Example:
        >>> prior_of("jeffreys"), prior_of((2.0, 8.0))
        (('jeffreys', 0.5, 0.5), ('given', 2.0, 8.0))
    """
    if isinstance(prior, str):
        if prior not in PRIORS:
            raise UnknownNameError("prior", prior, tuple(PRIORS))
        return prior, *PRIORS[prior]
    if not isinstance(prior, tuple) or len(prior) != 2:  # noqa: PLR2004 - a pair
        raise InvalidValueError("prior", prior, f"one of {', '.join(PRIORS)}, or two numbers above 0")
    first, second = (as_number("parameter of the prior", number, 1e-3, 1e9) for number in prior)
    return "given", first, second


@frozen(eq=False)
class Posterior:
    """Weighted draws.

    Fields:
        rate: shape (draws,).
        theta: the law's parameters, shape (draws, parameters of the law).
        weight: adds up to 1, shape (draws,).
    """

    rate: Floats
    theta: Floats
    weight: Floats

    @property
    def effective_draws(self) -> float:
        """How many draws of equal weight these are worth: ``1 / sum of squared weights``."""
        return 1.0 / float(np.sum(self.weight**2))

    @property
    def mean_rate(self) -> float:
        """The mean of the rate."""
        return float(self.weight @ self.rate)

    def quantiles(self, values: Floats, levels: Floats) -> Floats:
        """Weighted quantiles of values, one for each draw."""
        order = np.argsort(values, kind="stable")
        middle = np.cumsum(self.weight[order]) - self.weight[order] / 2
        result: Floats = np.interp(levels, middle, values[order])
        return result

    def beta(self) -> tuple[float, float]:
        """The Beta distribution with the mean and variance of the rate."""
        mean = self.mean_rate
        variance = float(self.weight @ (self.rate - mean) ** 2)
        size = max(mean * (1 - mean) / max(variance, 1e-300) - 1, 1e-3)
        return mean * size, (1 - mean) * size

    def spread(self, count: int) -> tuple[Floats, Floats]:
        """Rates and thetas of ``count`` draws of equal weight: systematic resampling in order of the rate."""
        order = np.argsort(self.rate, kind="stable")
        at = np.searchsorted(np.cumsum(self.weight[order]), (np.arange(count) + 0.5) / count)
        chosen = order[np.minimum(at, len(order) - 1)]
        return self.rate[chosen], self.theta[chosen]


def posterior(law: Law, sample: Data, prior: tuple[float, float], start: Floats) -> Posterior:
    """Weighted draws from the posterior of rate and theta; ``start`` is a point near its peak."""
    bounds = [(-LOGIT_MAX, LOGIT_MAX), *law.bounds]

    def objective(parameters: Floats) -> tuple[float, Floats]:
        value, gradient = log_likelihood(law, sample, parameters)
        more = float(_log_priors(parameters[None, :], prior)[0])
        return value + more, gradient + _prior_slope(parameters, prior)

    inner = np.clip(start, [low + 0.1 for low, _ in bounds], [high - 0.1 for _, high in bounds])
    inner[0] = np.clip(inner[0], -6.0, 6.0)
    centre = maximum(objective, [inner], bounds)
    shape = inverse(-curvature(objective, centre))
    shape = np.eye(len(centre)) * 0.25 if shape is None else shape
    low, high = np.array(bounds).T
    count = DRAWS if sample.messages < MANY else DRAWS_OF_MANY
    for _ in range(ROUNDS):
        draws, log_proposal = _student(centre, shape, count)
        draws = np.clip(draws, low, high)
        log_weight = log_likelihoods(law, sample, draws) + _log_priors(draws, prior) - log_proposal
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        found = Posterior(special.expit(draws[:, 0]), draws[:, 1:], weight)
        if found.effective_draws > count / 2:
            break
        centre = np.sum(weight[:, None] * draws, axis=0)
        apart = draws - centre
        shape = np.sum(weight[:, None, None] * apart[:, :, None] * apart[:, None, :], axis=0)
        shape += 1e-9 * np.eye(len(centre))
    return found


def _log_priors(parameters: Floats, prior: tuple[float, float]) -> Floats:
    """The logarithm of the prior density of (logit, theta), up to a constant, for each row."""
    logit, theta = parameters[:, 0], parameters[:, 1:]
    spreads = np.array(THETA_SPREADS[: theta.shape[1]])
    result: Floats = prior[0] * special.log_expit(logit) + prior[1] * special.log_expit(-logit)
    result -= 0.5 * np.sum((theta / spreads) ** 2, axis=1)
    return result


def _prior_slope(parameters: Floats, prior: tuple[float, float]) -> Floats:
    """The gradient of the logarithm of the prior density at one point."""
    rate = float(special.expit(parameters[0]))
    spreads = np.array(THETA_SPREADS[: len(parameters) - 1])
    return np.concatenate(([prior[0] * (1 - rate) - prior[1] * rate], -parameters[1:] / spreads**2))


def _student(centre: Floats, shape: Floats, count: int) -> tuple[Floats, Floats]:
    """Draws from a multivariate Student t, and the logarithm of its density up to a constant."""
    dimensions = len(centre)
    uniform = _sequence(count, dimensions + 1)
    normal = special.ndtri(uniform[:, :dimensions])
    chi = 2 * special.gammaincinv(FREEDOM / 2, uniform[:, dimensions])
    standard = normal * np.sqrt(FREEDOM / chi)[:, None]
    root = np.linalg.cholesky(shape)
    draws = centre + np.sum(standard[:, None, :] * root, axis=2)
    distance = np.sum(standard**2, axis=1)
    return draws, -0.5 * (FREEDOM + dimensions) * np.log1p(distance / FREEDOM)


def _sequence(count: int, dimensions: int) -> Floats:
    """Points spread evenly over the unit cube, shape (count, dimensions): ``(i + 1/2) a`` modulo 1."""
    ratio = 2.0
    for _ in range(60):  # the root of x^(d + 1) = x + 1
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    steps = ratio ** -np.arange(1.0, dimensions + 1)
    return (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1.0


def posterior_of_rate(below: Floats, replies: int, prior: tuple[float, float]) -> Posterior:
    """The posterior of the rate alone, where the delay is assumed.

    Args:
        below: for each silent message, the chance that an answer would have come by its age; shape (n,).
        replies: how many messages were answered.
        prior: the parameters of the Beta prior.

    The likelihood of rate ``p`` is ``p^replies x product of (1 - p below)``, on a grid of ``DRAWS`` logits.
    """
    logit = np.linspace(-LOGIT_MAX, LOGIT_MAX, DRAWS)
    rate = special.expit(logit)
    level, count = np.unique(np.round(below, 4), return_counts=True)
    value = (replies + prior[0]) * special.log_expit(logit) + prior[1] * special.log_expit(-logit)
    value += np.log1p(-np.minimum(rate[:, None] * level, 1 - 1e-12)) @ count
    weight = np.exp(value - value.max())
    return Posterior(rate, np.empty((DRAWS, 0)), weight / weight.sum())

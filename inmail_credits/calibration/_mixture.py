"""The mixture cure model: a share of messages is ever answered, after a random delay; the others never are.

With rate ``p``, density ``f`` and survival ``S`` of the delay, a message answered after ``t`` days gives
``log p + log f(t)`` to the log likelihood, and one that is ``a`` days old and silent ``log(1 - p + p S(a))``:
it may never be answered, or not yet. (Boag 1949; Maller and Zhou, "Survival Analysis with Long-Term
Survivors", 1996.) Parameters are the logit of ``p`` and the law's ``theta``.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from attrs import frozen
from scipy import special

from inmail_credits.calibration._laws import Law
from inmail_credits.calibration._typing import Bools, Floats

LOGIT_MAX: Final = 16.0
"""Rates are looked for from ``expit(-16)`` to ``expit(16)``: from 1e-7 to 1 - 1e-7."""
STEP: Final = 1e-5
GAIN_MIN: Final = 1e-10
STEPS_MAX: Final = 60
DAMPING, DAMPING_MAX = 1e-8, 1e12
GROUPED_FROM: Final = 20_000
GRAIN: Final = 0.01
"""From so many messages on, delays that differ by less than 1 % are counted together."""
CELLS_MAX: Final = 500_000
"""How many densities are computed at once."""

Objective = Callable[[Floats], tuple[float, Floats]]


@frozen(eq=False)
class Data:
    """Delays of answers and ages of silent messages, in days, each with how often it stands."""

    answered: Floats
    answered_count: Floats
    silent: Floats
    silent_count: Floats

    @property
    def messages(self) -> int:
        """All messages."""
        return round(float(self.answered_count.sum() + self.silent_count.sum()))

    @property
    def replies(self) -> int:
        """The answered ones."""
        return round(float(self.answered_count.sum()))


def data(days: Floats, replied: Bools) -> Data:
    """The delays and ages of messages; grouped where they are many."""
    return Data(*_grouped(days[replied]), *_grouped(days[~replied]))


def _grouped(days: Floats) -> tuple[Floats, Floats]:
    if len(days) < GROUPED_FROM:
        return days, np.ones(len(days))
    level, count = np.unique(np.round(np.log(days) / GRAIN), return_counts=True)
    return np.exp(level * GRAIN), count.astype(np.float64)


def log_likelihood(law: Law, data: Data, parameters: Floats) -> tuple[float, Floats]:
    """The log likelihood at (logit of the rate, theta), and its gradient."""
    logit, theta = float(parameters[0]), parameters[1:]
    rate = float(special.expit(logit))
    log_f = law.log_density(data.answered, theta)
    survival = np.exp(law.log_survival(data.silent, theta))
    silent = np.maximum(1 - rate + rate * survival, 1e-300)
    value = np.sum(data.answered_count * (special.log_expit(logit) + log_f))
    value += np.sum(data.silent_count * np.log(silent))
    weight = data.silent_count / silent
    by_logit = data.replies * (1 - rate) + rate * (1 - rate) * np.sum(weight * (survival - 1))
    by_theta = np.sum(law.density_slope(data.answered, theta) * data.answered_count, axis=1)
    by_theta += np.sum(law.survival_slope(data.silent, theta) * (weight * rate * survival), axis=1)
    return float(value), np.concatenate(([by_logit], by_theta))


def log_likelihoods(law: Law, data: Data, parameters: Floats) -> Floats:
    """The log likelihood at each row of ``parameters``, shape (rows,)."""
    out = np.empty(len(parameters))
    rows = max(1, CELLS_MAX // max(1, len(data.answered) + len(data.silent)))
    for first in range(0, len(parameters), rows):
        some = parameters[first : first + rows]
        theta = some[:, 1:].T[:, :, None]
        rate = special.expit(some[:, :1])
        silent = np.maximum(1 - rate + rate * np.exp(law.log_survival(data.silent, theta)), 1e-300)
        log_f = law.log_density(data.answered, theta) + special.log_expit(some[:, :1])
        values = np.sum(log_f * data.answered_count, axis=1)
        out[first : first + rows] = values + np.sum(np.log(silent) * data.silent_count, axis=1)
    return out


def maximum(objective: Objective, starts: list[Floats], bounds: list[tuple[float, float]]) -> Floats:
    """The parameters that make the objective largest: the best end of Newton's method from several starts.

    Steps are damped until they gain (Levenberg 1944; Marquardt 1963). With three parameters this is quicker
    than a general optimiser, whose calls of BLAS wait for each other's threads.
    """
    ends = [_climbed(objective, start, *np.array(bounds).T) for start in starts]
    return max(ends, key=lambda end: objective(end)[0])


def _climbed(objective: Objective, start: Floats, low: Floats, high: Floats) -> Floats:
    at: Floats = np.clip(start, low, high)
    value, gradient = objective(at)
    damping = DAMPING
    for _ in range(STEPS_MAX):
        matrix = -curvature(objective, at)
        gain = -1.0
        while gain < 0 and damping < DAMPING_MAX:
            covariance = inverse(matrix + damping * np.diag(np.maximum(np.abs(np.diag(matrix)), 1.0)))
            if covariance is not None:
                following = np.clip(at + (covariance * gradient).sum(axis=1), low, high)
                gain = objective(following)[0] - value
            damping *= 10
        if gain < 0:
            break
        damping = max(damping / 1_000, DAMPING)
        at = following
        value, gradient = objective(at)
        if gain < GAIN_MIN:
            break
    return at


def curvature(objective: Objective, at: Floats) -> Floats:
    """The matrix of second derivatives, by central differences of the gradient."""
    matrix = np.empty((len(at), len(at)))
    for row, step in enumerate(STEP * np.eye(len(at))):
        matrix[row] = (objective(at + step)[1] - objective(at - step)[1]) / (2 * STEP)
    return np.asarray(0.5 * (matrix + matrix.T), np.float64)


def inverse(matrix: Floats) -> Floats | None:
    """The inverse of a positive definite matrix; ``None`` if it is not one."""
    try:
        np.linalg.cholesky(matrix)
        result = np.asarray(np.linalg.inv(matrix), np.float64)
    except np.linalg.LinAlgError:
        return None
    return result if np.isfinite(result).all() else None


@frozen(eq=False)
class Fit:
    """A law fitted by maximum likelihood.

    Fields:
        law: the law.
        parameters: the logit of the rate, and theta.
        value: the log likelihood there.
        covariance: of the parameters; ``None`` where the likelihood has no peak inside its bounds.
    """

    law: Law
    parameters: Floats
    value: float
    covariance: Floats | None

    @property
    def rate(self) -> float:
        """The rate of answers, in the end; 1 or 0 at the bounds."""
        logit = float(self.parameters[0])
        return float(special.expit(logit)) if abs(logit) < LOGIT_MAX - 1e-3 else float(logit > 0)

    @property
    def aic(self) -> float:
        """Akaike's criterion: ``2 k - 2 log likelihood``; the lower, the better."""
        return 2.0 * len(self.parameters) - 2.0 * self.value


def fit(law: Law, sample: Data) -> Fit:
    """Fit a law to a sample with at least one answer."""

    def objective(parameters: Floats) -> tuple[float, Floats]:
        return log_likelihood(law, sample, parameters)

    share = sample.replies / sample.messages
    theta = law.start(np.repeat(sample.answered, np.minimum(sample.answered_count, 1_000).astype(int)))
    theta = np.clip(theta, *np.array(law.bounds).T)
    longer = theta + np.eye(len(theta))[0] * 1.5
    starts = [
        np.concatenate(([special.logit(min(max(rate, 0.001), 0.999))], guess))
        for rate, guess in ((share, theta), ((1 + share) / 2, longer))
    ]
    bounds = [(-LOGIT_MAX, LOGIT_MAX), *law.bounds]
    best = maximum(objective, starts, bounds)
    inside = all(low < value < high for value, (low, high) in zip(best, bounds, strict=True))
    covariance = inverse(-curvature(objective, best)) if inside else None
    return Fit(law=law, parameters=best, value=objective(best)[0], covariance=covariance)

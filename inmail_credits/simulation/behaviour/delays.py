"""How long a recipient takes to answer.

Answers come at any moment of the day, and the simulation steps in whole days (or finer steps). A delay ``X``
measured in continuous time is put on the grid as ``floor(U + X)``, with ``U`` uniform within the step the
message was sent in: sends fall anywhere in a step, and an answer belongs to the step it falls in. The
thinning of Poisson sends into answered and outstanding ones is then exact at the end of every step, whatever
the step.

A delay that is known in whole days only (geometric, empirical, fixed) stays on its day.

Exponentials, logarithms and powers are taken value by value, by :mod:`math`: NumPy's own have other last bits
on other processors, and the same seed must give the same bits everywhere.

Every delay states its mean; tests compare it with samples.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from math import erf, exp, expm1, fsum, gamma, log, sqrt

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from inmail_credits._inputs import (
    as_instance,
    as_items,
    as_number,
    as_pairs,
    as_rate,
    as_whole,
    number,
    whole,
)
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation.behaviour._quadrature import means_over_steps
from inmail_credits.timeline import DAYS_MAX

Floats = npt.NDArray[np.float64]

DELAY_DAYS_MIN, DELAY_DAYS_MAX = 1e-6, float(DAYS_MAX)
WEIGHT_MAX = 1e100
"""Weights are added up, and the sum must be finite."""
SIGMAS = (0.01, 10.0)
SHAPES = (0.05, 20.0)


class Delay(ABC):
    """The time from a message to its answer, for messages that are answered."""

    @property
    @abstractmethod
    def mean_days(self) -> float:
        """The mean delay, in days, before it is put on the grid."""

    @abstractmethod
    def below(self, days: Floats) -> Floats:
        """``P(X < x)`` for each ``x`` in days (any shape), 0 for ``x <= 0``."""

    @abstractmethod
    def pmf(self, steps: int, *, steps_per_day: int = 1) -> Floats:
        """The chance of an answer 0, 1, ... ``steps - 1`` steps after the step of sending; shape (steps,).

        What is missing to 1 comes later. Asking for more steps never changes the first ones.
        """

    def pmf_after(self, age_days: float, steps: int, *, steps_per_day: int = 1) -> Floats:
        """The same for a message that is already ``age_days`` old and unanswered; shape (steps,).

        Entry k is the chance, among all messages that get an answer, of one in step k from now; divide by
        ``1 - below(age_days)`` for the chance given that none came so far.
        """
        edges = age_days + np.arange(steps + 1) / steps_per_day
        return np.clip(np.diff(self.below(edges)), 0.0, 1.0)


class _Continuous(Delay):
    """A delay with a density."""

    def pmf(self, steps: int, *, steps_per_day: int = 1) -> Floats:
        """``P(floor(U + X) = d)`` by integrating the distribution function over each step."""
        within = np.minimum(means_over_steps(self.below, steps, steps_per_day), 1.0)
        return np.clip(np.diff(within, prepend=0.0), 0.0, 1.0)


class _WholeDays(Delay):
    """A delay of whole days."""

    @abstractmethod
    def _day_pmf(self, days: int) -> Floats:
        """The chance of exactly 0, 1, ... ``days - 1`` days; shape (days,)."""

    def pmf(self, steps: int, *, steps_per_day: int = 1) -> Floats:
        """The chance of each day, on the first step of the day's distance."""
        out = np.zeros(steps)
        days = -(-steps // steps_per_day)
        out[::steps_per_day] = self._day_pmf(days)
        return out

    def below(self, days: Floats) -> Floats:
        """``P(X < x)``."""
        whole_days = np.ceil(np.maximum(days, 0.0)).astype(np.intp)
        longest = int(whole_days.max(initial=0))
        cumulative = np.concatenate(([0.0], np.cumsum(self._day_pmf(longest))))
        result: Floats = np.minimum(cumulative, 1.0)[whole_days]
        return result


def _one_minus_exp(exponents: Floats) -> Floats:
    """``1 - exp(-x)`` for each ``x`` of an array of any shape, by the C library and not by vector units.

    NumPy's own ``expm1`` has other last bits on processors with AVX-512.
    """
    values = [-expm1(-x) for x in exponents.ravel().tolist()]
    return np.array(values, dtype=np.float64).reshape(exponents.shape)


def _weights(values: Iterable[float]) -> tuple[float, ...]:
    items = as_items("weights", values, "weights for 0, 1, 2, ... days")
    return tuple([as_number("weight of a delay", value, 0, WEIGHT_MAX) for value in items])


def _parts(values: Iterable[tuple[float, Delay]]) -> tuple[tuple[float, Delay], ...]:
    return tuple(
        [
            (
                as_number("weight of a delay", weight, 0, WEIGHT_MAX),
                as_instance("delay", delay, Delay, "a Delay, such as Exponential(mean_days=2)"),  # type: ignore[type-abstract] # any of them
            )
            for weight, delay in as_pairs("parts", values, "pairs of a weight and a Delay")
        ]
    )


@frozen
class Exponential(_Continuous):
    """Answers come at a constant hazard.

    Example:
        >>> Exponential(mean_days=2.0).pmf(3).round(4)
        array([0.2131, 0.3096, 0.1878])
    """

    mean_days: float = field(validator=number(DELAY_DAYS_MIN, DELAY_DAYS_MAX))

    def below(self, days: Floats) -> Floats:
        """``1 - exp(-x / mean)``."""
        return _one_minus_exp(np.maximum(days, 0.0) / self.mean_days)


@frozen
class Lognormal(_Continuous):
    """The logarithm of the delay is normal: most answers soon, a long tail.

    ``median_days`` is exp(mu); ``sigma`` is the standard deviation of the logarithm, in 0.01..10.

    Example:
        >>> round(Lognormal(median_days=1.0, sigma=1.0).mean_days, 4)
        1.6487
        >>> round(Lognormal.with_mean(4.0, sigma=1.0).mean_days, 4)
        4.0
    """

    median_days: float = field(validator=number(DELAY_DAYS_MIN, DELAY_DAYS_MAX))
    sigma: float = field(default=1.0, validator=number(*SIGMAS))

    @classmethod
    def with_mean(cls, mean_days: float, *, sigma: float = 1.0) -> "Lognormal":
        """The lognormal delay of that mean."""
        mean_days = as_number("mean_days", mean_days, DELAY_DAYS_MIN, DELAY_DAYS_MAX)
        sigma = as_number("sigma", sigma, *SIGMAS)
        return cls(mean_days / exp(sigma * sigma / 2), sigma)

    @property
    def mean_days(self) -> float:
        """``median * exp(sigma^2 / 2)``."""
        return self.median_days * exp(self.sigma**2 / 2)

    def below(self, days: Floats) -> Floats:
        """The normal distribution function of the logarithm."""
        out = np.zeros(days.shape)
        positive = days > 0
        middle, spread = log(self.median_days), self.sigma * sqrt(2.0)
        out[positive] = [0.5 * (1.0 + erf((log(x) - middle) / spread)) for x in days[positive].tolist()]
        return out


@frozen
class Weibull(_Continuous):
    """``P(X < x) = 1 - exp(-(x / scale)^shape)``; a ``shape`` below 1 means ever fewer answers with time.

    Example:
        >>> Weibull.through(within_a_day=0.65, within_a_week=0.90)
        Weibull(scale_days=0.886..., shape=0.403...)
    """

    scale_days: float = field(validator=number(DELAY_DAYS_MIN, DELAY_DAYS_MAX))
    shape: float = field(default=1.0, validator=number(*SHAPES))

    @classmethod
    def through(cls, *, within_a_day: float, within_a_week: float) -> "Weibull":
        """The Weibull delay with these two shares of answers within 1 and within 7 days."""
        within_a_day = as_number("within_a_day", within_a_day, 1e-6, 1 - 1e-6)
        within_a_week = as_number("within_a_week", within_a_week, 1e-6, 1 - 1e-6)
        if within_a_day >= within_a_week:
            raise InvalidValueError("within_a_week", within_a_week, f"more than within_a_day={within_a_day}")
        day, week = -log(1 - within_a_day), -log(1 - within_a_week)
        shape = log(week / day) / log(7)
        return cls(day ** (-1 / shape), shape)

    @property
    def mean_days(self) -> float:
        """``scale * Gamma(1 + 1 / shape)``."""
        return self.scale_days * gamma(1 + 1 / self.shape)

    def below(self, days: Floats) -> Floats:
        """``1 - exp(-(x / scale)^shape)``."""
        scaled = (np.maximum(days, 0.0) / self.scale_days).ravel().tolist()
        powers = np.array([x**self.shape for x in scaled]).reshape(days.shape)
        return _one_minus_exp(powers)


@frozen
class Geometric(_WholeDays):
    """Each day after sending, an answer comes with the same chance; never on the day itself.

    ``per_day`` is that chance, above 0 and at most 1; the mean is ``1 / per_day`` days.

    Example:
        >>> Geometric(0.5).pmf(4)
        array([0.   , 0.5  , 0.25 , 0.125])
    """

    per_day: float = field(validator=number(1e-6, 1))

    @property
    def mean_days(self) -> float:
        """``1 / per_day``."""
        return 1 / self.per_day

    def _day_pmf(self, days: int) -> Floats:
        stays = 1 - self.per_day
        out = np.array([self.per_day * stays ** max(day - 1, 0) for day in range(days)])
        out[:1] = 0.0
        return out


@frozen
class Empirical(_WholeDays):
    """Weights for 0, 1, 2, ... days, as counted in data; they are scaled to add up to 1.

    Example:
        >>> Empirical((6, 2, 2)).pmf(4)
        array([0.6, 0.2, 0.2, 0. ])
        >>> Empirical.of_days([0, 0, 1, 3]).mean_days
        1.0
    """

    weights: tuple[float, ...] = field(converter=_weights)

    def __attrs_post_init__(self) -> None:
        if not sum(self.weights) > 0:
            raise InvalidValueError("weights of delays", self.weights, "at least one above 0")
        if len(self.weights) > DAYS_MAX:
            raise InvalidValueError("number of weights", len(self.weights), f"at most {DAYS_MAX:,}")

    @classmethod
    def of_days(cls, days: Iterable[int]) -> "Empirical":
        """The delays of a sample, in whole days, each 0 or more; a list, an array or a Series of them."""
        items = as_items("days", days, "a sample of delays in whole days", count_max=None)
        sample = [as_whole("delay in days", day, 0, DAYS_MAX - 1) for day in items]
        if not sample:
            raise InvalidValueError("sample of delays", sample, "at least one delay")
        return cls(tuple(float(count) for count in np.bincount(np.asarray(sample))))

    @property
    def mean_days(self) -> float:
        """The weighted mean."""
        return fsum(day * weight for day, weight in enumerate(self.weights)) / fsum(self.weights)

    def _day_pmf(self, days: int) -> Floats:
        out = np.zeros(max(days, len(self.weights)))
        out[: len(self.weights)] = np.asarray(self.weights) / fsum(self.weights)
        result: Floats = out[:days]
        return result


@frozen
class Fixed(_WholeDays):
    """Every answer comes after the same number of whole days; 0 is the same day.

    Example:
        >>> Fixed(1).pmf(3)
        array([0., 1., 0.])
    """

    days: int = field(validator=whole(0, DAYS_MAX))

    @property
    def mean_days(self) -> float:
        """That number."""
        return float(self.days)

    def _day_pmf(self, days: int) -> Floats:
        out = np.zeros(days)
        out[self.days : self.days + 1] = 1.0
        return out


@frozen
class Mixture(Delay):
    """A share of the answers follows each of several delays.

    Example:
        >>> Mixture(((0.75, Fixed(0)), (0.25, Fixed(4)))).mean_days
        1.0
    """

    parts: tuple[tuple[float, Delay], ...] = field(converter=_parts)

    def __attrs_post_init__(self) -> None:
        if not sum(weight for weight, _ in self.parts) > 0:
            raise InvalidValueError("weights of delays", self.parts, "at least one above 0")

    @property
    def _shares(self) -> tuple[tuple[float, Delay], ...]:
        total = fsum(weight for weight, _ in self.parts)
        return tuple((weight / total, delay) for weight, delay in self.parts)

    @property
    def mean_days(self) -> float:
        """The weighted mean."""
        return fsum(share * delay.mean_days for share, delay in self._shares)

    def below(self, days: Floats) -> Floats:
        """The weighted ``P(X < x)``."""
        out = np.zeros(days.shape)
        for share, delay in self._shares:
            out += share * delay.below(days)
        return out

    def pmf(self, steps: int, *, steps_per_day: int = 1) -> Floats:
        """The weighted chances."""
        out = np.zeros(steps)
        for share, delay in self._shares:
            out += share * delay.pmf(steps, steps_per_day=steps_per_day)
        return out


@frozen
class Shifted(_Continuous):
    """A continuous delay that starts only ``after_days`` whole days after sending."""

    after_days: int = field(validator=whole(0, DAYS_MAX))
    delay: Exponential | Lognormal | Weibull = field()

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.delay, Exponential | Lognormal | Weibull):
            raise InvalidValueError("delay", self.delay, "an Exponential, a Lognormal or a Weibull")

    @property
    def mean_days(self) -> float:
        """``after_days`` and the mean of the other."""
        return self.after_days + self.delay.mean_days

    def below(self, days: Floats) -> Floats:
        """``P(X < x - after_days)``."""
        return self.delay.below(days - self.after_days)


def with_reminder(delay: Delay, *, share: float, after_days: int = 3, mean_days: float = 0.5) -> Mixture:
    """A delay with a bump at the reminder that the recipient gets (within 3 days: help answers 75, 57013).

    A ``share`` of the answers, 0..1, is prompted by the reminder: ``after_days`` and an exponential time of
    mean ``mean_days`` after sending. How large the share is has no published source: it is yours to say.

    Example:
        >>> with_reminder(Exponential(1.0), share=0.2).mean_days
        1.5
    """
    share = as_rate("share", share)
    return Mixture(((1 - share, delay), (share, Shifted(after_days, Exponential(mean_days)))))

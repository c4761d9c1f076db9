"""How many messages a person wants to send, day by day.

The problem: people send on working days, stop on holidays, run campaigns, have so many names on the list
and save credits for later. Each of these is a field of :class:`Sends`; what chance decides (how many are
wanted on a day) is one probability vector a day, so that the engine can sample it exactly by table.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from math import exp, floor, fsum, lgamma, log
from typing import TypedDict, Unpack

import numpy as np
from attrs import field, frozen

from inmail_credits._inputs import Choice, check_number, check_rate, check_whole
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import CREDITS_MAX
from inmail_credits.simulation.delays import Floats
from inmail_credits.timeline import DAYS_MAX

PER_DAY_MAX = 2_000
WORKING_DAYS = "working days"
ALL_DAYS = "all days"
_WEEK = 7
_PROFILES = {WORKING_DAYS: (1.0,) * 5 + (0.0,) * 2, ALL_DAYS: (1.0,) * 7}
_NEGLIGIBLE = 1e-18


class SendLaw(Choice):
    """How the number of messages wanted on a day varies."""

    FIXED = "fixed"
    """As even as whole numbers allow."""
    POISSON = "poisson"
    """Independent from day to day."""


@frozen(kw_only=True)
class Pacing:
    """Spread the balance over the days to the next grant, and keep a reserve.

    On each day at most ``ceil((balance - reserve_credits) / days to the next grant)`` messages are
    attempted (without ``spread``: ``balance - reserve_credits``). The others are held back: they are
    wanted, but neither made nor refused.
    """

    reserve_credits: int = 0
    spread: bool = True

    def __attrs_post_init__(self) -> None:
        check_whole("reserve_credits", self.reserve_credits, 0, CREDITS_MAX)


@frozen(kw_only=True)
class FollowUp:
    """Write again to those who stay silent: a ``share`` (0..1) of them, ``after_days`` after the message.

    A follow-up is another InMail: it costs a credit and is answered like the first one; it is not followed
    up in its turn. Where recipients are of several segments, it may reach any of them. (Recruiter allows 3 to
    28 days, 7 by default: help a1457303.)
    """

    share: float = 1.0
    after_days: int = 7

    def __attrs_post_init__(self) -> None:
        check_rate("share", self.share)
        check_whole("after_days", self.after_days, 1, DAYS_MAX)


class SendTerms(TypedDict, total=False):
    """The terms of :class:`Sends` besides how many: see its fields."""

    holidays: Iterable[date]
    bursts: Mapping[date, int]
    daily_max: int | None
    prospects: int | None
    pacing: Pacing | None
    follow_up: FollowUp | None


def _dates(dates: Iterable[date]) -> frozenset[date]:
    return frozenset(dates)


def _numbers(numbers: Iterable[float]) -> tuple[float, ...]:
    return tuple(numbers)


def _sorted_bursts(bursts: Mapping[date, int] | Iterable[tuple[date, int]]) -> tuple[tuple[date, int], ...]:
    return tuple(sorted(bursts.items() if isinstance(bursts, Mapping) else bursts))


@frozen(kw_only=True)
class Sends:
    """How many InMails a person wants to send each day. Build it with :meth:`poisson` or :meth:`fixed`.

    Fields:
        law: how the number varies from day to day.
        by_weekday: mean messages a day, Monday to Sunday; 7 numbers of 0..2,000.
        holidays: dates without messages.
        bursts: extra messages on campaign days, by date: that many, surely.
        daily_max: the most wanted on one day; ``None`` for no limit.
        prospects: how many people there are to write to at all; ``None`` for no end. A refused or held
            message is still to be written; one made is done with. Follow-ups do not count.
        pacing: how the person saves credits; ``None`` to send as long as there are any.
        follow_up: whether silent recipients are written to again; ``None`` for no.

    Raises:
        InvalidValueError: with the field, the value and the limit.

    Example:
        >>> sends = Sends.poisson(per_week=5, on="working days", holidays=[date(2026, 5, 1)])
        >>> sends.per_week, sends.mean_on(date(2026, 5, 1))
        (5.0, 0.0)
        >>> Sends.fixed(per_week=7, on="working days").by_weekday
        (1.4, 1.4, 1.4, 1.4, 1.4, 0.0, 0.0)
    """

    law: SendLaw = field(converter=SendLaw)
    by_weekday: tuple[float, ...] = field(converter=_numbers)
    holidays: frozenset[date] = field(default=frozenset(), converter=_dates)
    bursts: tuple[tuple[date, int], ...] = field(default=(), converter=_sorted_bursts)
    daily_max: int | None = None
    prospects: int | None = None
    pacing: Pacing | None = None
    follow_up: FollowUp | None = None

    def __attrs_post_init__(self) -> None:
        if len(self.by_weekday) != _WEEK:
            raise InvalidValueError("by_weekday", self.by_weekday, "7 numbers, Monday to Sunday")
        for mean in self.by_weekday:
            check_number("messages a day", mean, 0, PER_DAY_MAX)
        for _, messages in self.bursts:
            check_whole("messages of a burst", messages, 0, PER_DAY_MAX)
        if self.daily_max is not None:
            check_whole("daily_max", self.daily_max, 0, CREDITS_MAX)
        if self.prospects is not None:
            check_whole("prospects", self.prospects, 0, CREDITS_MAX)

    @classmethod
    def poisson(
        cls,
        *,
        per_week: float | None = None,
        per_day: float | None = None,
        on: str | Iterable[float] = ALL_DAYS,
        **terms: Unpack[SendTerms],
    ) -> "Sends":
        """A Poisson number each day, with that mean a week, or a day that is sent on.

        ``on`` is ``"all days"``, ``"working days"`` or a profile: 7 weights, Monday to Sunday.
        """
        return cls(law=SendLaw.POISSON, by_weekday=_by_weekday(per_week, per_day, on), **terms)

    @classmethod
    def fixed(
        cls,
        *,
        per_week: float | None = None,
        per_day: float | None = None,
        on: str | Iterable[float] = ALL_DAYS,
        **terms: Unpack[SendTerms],
    ) -> "Sends":
        """The same without chance: as even as whole messages allow."""
        return cls(law=SendLaw.FIXED, by_weekday=_by_weekday(per_week, per_day, on), **terms)

    @property
    def per_week(self) -> float:
        """Mean messages wanted in a week without holidays, bursts or limits."""
        return fsum(self.by_weekday)

    def mean_on(self, day: date) -> float:
        """Mean messages wanted on that date, with its holiday, burst and daily limit.

        The sum of ``k * P(k messages)``, rounded once; without a daily limit, of the law's own mean.
        """
        if self.law is SendLaw.POISSON and self.daily_max is None:
            mean = 0.0 if day in self.holidays else self.by_weekday[day.weekday()]
            return mean + dict(self.bursts).get(day, 0)
        return fsum(k * p for k, p in enumerate(self.pmf(day).tolist()))

    def pmf(self, day: date, *, step: int = 0, steps_per_day: int = 1) -> Floats:
        """The chance of 0, 1, 2, ... messages wanted in one step of that date; shape: as long as it needs.

        ``step`` counts from 0 to ``steps_per_day - 1``. A burst falls in the first step of its date; a
        daily limit bounds each step, so it asks for one step a day.
        """
        burst = dict(self.bursts).get(day, 0) if step == 0 else 0
        if day in self.holidays:
            pmf = np.ones(1)
        elif self.law is SendLaw.FIXED:
            count = self._count_until(day, step + 1, steps_per_day) - self._count_until(
                day, step, steps_per_day
            )
            pmf = np.zeros(count + 1)
            pmf[count] = 1.0
        else:
            pmf = poisson_pmf(self.by_weekday[day.weekday()] / steps_per_day)
        if burst:
            pmf = np.concatenate((np.zeros(burst), pmf))
        if self.daily_max is not None and len(pmf) > self.daily_max + 1:
            pmf = np.append(pmf[: self.daily_max], fsum(pmf[self.daily_max :].tolist()))
        return pmf

    def _count_until(self, day: date, steps: int, steps_per_day: int) -> int:
        """Messages from the first Monday of the calendar until ``steps`` steps into that date."""
        means = [Fraction(mean).limit_denominator(10_000) for mean in self.by_weekday]
        weeks, weekday = divmod(day.toordinal() - 1, _WEEK)
        return floor(
            weeks * sum(means) + sum(means[:weekday]) + means[weekday] * Fraction(steps, steps_per_day)
        )


def poisson_pmf(mean: float) -> Floats:
    """The Poisson probabilities of 0, 1, 2, ..., as far as any is above 1e-18, scaled to add up to 1.

    Example:
        >>> poisson_pmf(1.0)[:3].round(4)
        array([0.3679, 0.3679, 0.1839])
    """
    if mean <= 0:
        return np.ones(1)
    high = int(mean + 12 * mean**0.5 + 40)
    pmf = np.array([exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(high)])
    pmf = pmf[: int(np.flatnonzero(pmf > _NEGLIGIBLE)[-1]) + 1]
    result: Floats = pmf / fsum(pmf.tolist())
    return result


def _by_weekday(
    per_week: float | None, per_day: float | None, on: str | Iterable[float]
) -> tuple[float, ...]:
    weights = _PROFILES.get(on) if isinstance(on, str) else tuple(on)
    if weights is None or len(weights) != _WEEK:
        raise InvalidValueError("on", on, f"{ALL_DAYS!r}, {WORKING_DAYS!r} or 7 weights, Monday to Sunday")
    for weight in weights:
        check_number("weight of a weekday", weight, 0)
    if not any(weights):
        raise InvalidValueError("weights of weekdays", weights, "at least one above 0")
    if (per_week is None) == (per_day is None):
        raise InvalidValueError("per_week, per_day", (per_week, per_day), "one of the two")
    if per_day is not None:
        check_number("per_day", per_day, 0, PER_DAY_MAX)
        days = sum(weight > 0 for weight in weights)
        per_week = per_day * days
    check_number("per_week", per_week, 0, PER_DAY_MAX * _WEEK)
    total = fsum(weights)
    return tuple((per_week or 0.0) * weight / total for weight in weights)

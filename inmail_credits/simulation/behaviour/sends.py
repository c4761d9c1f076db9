"""How many messages a person wants to send, day by day.

People send on working days, stop on holidays, run campaigns, have a limited number of names on the list
and save credits for later. Each of these is a field of :class:`Sends`; what chance decides (how many are
wanted on a day) is one probability vector a day, so that the engine can sample it exactly by table.
"""

from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from fractions import Fraction
from math import floor, fsum
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

from inmail_credits._inputs import (
    AnyDate,
    Choice,
    as_date,
    as_dates,
    as_instance,
    as_items,
    as_number,
    as_pairs,
    as_whole,
    rate,
    truth,
    whole,
    whole_or_none,
)
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import CREDITS_MAX
from inmail_credits.simulation.behaviour.delays import Floats
from inmail_credits.simulation.behaviour.week_profile import (
    DAYS_OF_WEEK,
    PER_DAY_MAX,
    WeekProfile,
    means_by_weekday,
)
from inmail_credits.timeline import DAYS_MAX

if TYPE_CHECKING:
    from inmail_credits.calibration import SendsFit, Values

SECONDS_OF_DAY = 86_400
DENOMINATOR_MAX = 10_000
_NEGLIGIBLE = 1e-18


class SendLaw(Choice, what="law"):
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

    reserve_credits: int = field(default=0, validator=whole(0, CREDITS_MAX))
    spread: bool = field(default=True, validator=truth)


@frozen(kw_only=True)
class FollowUp:
    """Write again to those who stay silent: a ``share`` (0..1) of them, ``after_days`` after the message.

    A follow-up is another InMail: it costs a credit and is answered like the first one; it is not followed
    up in its turn. Where recipients are of several segments, it may reach any of them. (Recruiter allows 3 to
    28 days, 7 by default: help a1457303.)
    """

    share: float = field(default=1.0, validator=rate())
    after_days: int = field(default=7, validator=whole(1, DAYS_MAX))


Bursts = Mapping[date, int] | Mapping[str, int] | Iterable[tuple[AnyDate, int]]


def _dates(dates: Iterable[AnyDate]) -> frozenset[date]:
    return as_dates("holiday", dates)


def _holidays_on(on: str | Iterable[float], holidays: Iterable[AnyDate]) -> frozenset[date]:
    """The holidays, which ``"weekdays"`` does not have."""
    dates = _dates(holidays)
    if dates and isinstance(on, str) and on == WeekProfile.WEEKDAYS:
        raise InvalidValueError(
            "on", str(on), "'working_days' where holidays are given: 'weekdays' are sent on, holiday or not"
        )
    return dates


def _numbers(numbers: Iterable[float]) -> tuple[float, ...]:
    items = as_items("by_weekday", numbers, "7 numbers, Monday to Sunday")
    return tuple([as_number("messages a day", mean, 0, PER_DAY_MAX) for mean in items])


def _sorted_bursts(bursts: Bursts) -> tuple[tuple[date, int], ...]:
    pairs = as_pairs("bursts", bursts, "messages by date, such as {'2026-05-04': 10}")
    plain: dict[date, int] = {}
    for day, messages in pairs:
        on = as_date("date of a burst", day)
        if on in plain:
            raise InvalidValueError("date of a burst", on.isoformat(), "given once")
        plain[on] = as_whole("messages of a burst", messages, 0, PER_DAY_MAX)
    return tuple(sorted(plain.items()))


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
        >>> sends = Sends.poisson(per_week=5, on="working_days", holidays=[date(2026, 5, 1)])
        >>> sends.per_week, sends.mean_on(date(2026, 5, 1))
        (5.0, 0.0)
        >>> Sends.fixed(per_week=7, on="working_days").by_weekday
        (1.4, 1.4, 1.4, 1.4, 1.4, 0.0, 0.0)
    """

    law: SendLaw = field(converter=SendLaw)
    by_weekday: tuple[float, ...] = field(converter=_numbers)
    holidays: frozenset[date] = field(default=frozenset(), converter=_dates)
    bursts: tuple[tuple[date, int], ...] = field(default=(), converter=_sorted_bursts)
    daily_max: int | None = field(default=None, validator=whole_or_none(0, CREDITS_MAX))
    prospects: int | None = field(default=None, validator=whole_or_none(0, CREDITS_MAX))
    pacing: Pacing | None = None
    follow_up: FollowUp | None = None

    def __attrs_post_init__(self) -> None:
        if len(self.by_weekday) != DAYS_OF_WEEK:
            raise InvalidValueError("by_weekday", self.by_weekday, "7 numbers, Monday to Sunday")
        if self.pacing is not None:
            as_instance("pacing", self.pacing, Pacing, "a Pacing, or None")
        if self.follow_up is not None:
            as_instance("follow_up", self.follow_up, FollowUp, "a FollowUp, or None")

    @classmethod
    def poisson(
        cls,
        *,
        per_week: float | None = None,
        per_day: float | None = None,
        on: str | Iterable[float] = WeekProfile.ALL_DAYS,
        holidays: Iterable[AnyDate] = (),
        bursts: Bursts = (),
        daily_max: int | None = None,
        prospects: int | None = None,
        pacing: Pacing | None = None,
        follow_up: FollowUp | None = None,
    ) -> "Sends":
        """A Poisson number each day, independent of the other days.

        Args:
            per_week: mean messages a week without holidays, 0 to 14,000; or else
            per_day: mean messages a day that is sent on, 0 to 2,000.
            on: ``"all_days"``; ``"weekdays"``: Monday to Friday, holidays among them; ``"working_days"``:
                Monday to Friday without ``holidays``; or a profile: 7 weights, Monday to Sunday.
            holidays: dates without messages, in any collection of dates, Timestamps or texts ``YYYY-MM-DD``,
                or as the keys of a mapping; refused with ``on="weekdays"``.
            bursts: as the field of :class:`Sends`, like those below.
            daily_max: most on one day.
            prospects: people to write to at all.
            pacing: how credits are saved.
            follow_up: whether the silent are written to again.

        Raises:
            InvalidValueError: with the field, the value and the limit.
        """
        return cls(
            law=SendLaw.POISSON,
            by_weekday=means_by_weekday(per_week, per_day, on),
            holidays=_holidays_on(on, holidays),
            bursts=bursts,
            daily_max=daily_max,
            prospects=prospects,
            pacing=pacing,
            follow_up=follow_up,
        )

    @classmethod
    def fixed(
        cls,
        *,
        per_week: float | None = None,
        per_day: float | None = None,
        on: str | Iterable[float] = WeekProfile.ALL_DAYS,
        holidays: Iterable[AnyDate] = (),
        bursts: Bursts = (),
        daily_max: int | None = None,
        prospects: int | None = None,
        pacing: Pacing | None = None,
        follow_up: FollowUp | None = None,
    ) -> "Sends":
        """The same number each week, as even over its days as whole messages allow.

        Arguments and errors as for :meth:`poisson`.
        """
        return cls(
            law=SendLaw.FIXED,
            by_weekday=means_by_weekday(per_week, per_day, on),
            holidays=_holidays_on(on, holidays),
            bursts=bursts,
            daily_max=daily_max,
            prospects=prospects,
            pacing=pacing,
            follow_up=follow_up,
        )

    @staticmethod
    def fit(
        sent_at: "Values",
        *,
        zone: str | tzinfo = "UTC",
        start: date | None = None,
        end: date | None = None,
        holidays: Iterable[date] = (),
    ) -> "SendsFit":
        """Sends fitted to the instants of messages: the rate and its profile of weekdays.

        The same as :func:`inmail_credits.calibration.fit_sends`, which says what each argument is; it needs
        the extra ``forecast``.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> sent = [datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=day) for day in range(56)]
            >>> round(Sends.fit(sent, end=date(2026, 3, 1)).per_week, 2)
            7.0
        """
        from inmail_credits.calibration import fit_sends  # noqa: PLC0415 - pandas and SciPy only here

        return fit_sends(sent_at, zone=zone, start=start, end=end, holidays=holidays)

    @property
    def per_week(self) -> float:
        """Mean messages wanted in a week without holidays, bursts or limits."""
        return fsum(self.by_weekday)

    def mean_on(self, day: AnyDate) -> float:
        """Mean messages wanted on that date, with its holiday, burst and daily limit.

        The sum of ``k * P(k messages)``, rounded once; without a daily limit, of the law's own mean.
        """
        day = as_date("day", day)
        if self.law is SendLaw.POISSON and self.daily_max is None:
            mean = 0.0 if day in self.holidays else self.by_weekday[day.weekday()]
            return mean + dict(self.bursts).get(day, 0)
        return fsum(k * p for k, p in enumerate(self.pmf(day).tolist()))

    def pmf(self, day: AnyDate, *, step: int = 0, steps_per_day: int = 1) -> Floats:
        """The chance of 0, 1, 2, ... messages wanted in one step of that date; shape: as long as it needs.

        ``step`` counts from 0 to ``steps_per_day - 1``. A burst falls in the first step of its date; a
        daily limit bounds each step, so it asks for one step a day.
        """
        day = as_date("day", day)
        steps_per_day = as_whole("steps_per_day", steps_per_day, 1, SECONDS_OF_DAY)
        step = as_whole("step", step, 0, steps_per_day - 1)
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
        means = [Fraction(mean).limit_denominator(DENOMINATOR_MAX) for mean in self.by_weekday]
        weeks, weekday = divmod(day.toordinal() - 1, DAYS_OF_WEEK)
        return floor(
            weeks * sum(means) + sum(means[:weekday]) + means[weekday] * Fraction(steps, steps_per_day)
        )


def poisson_pmf(mean: float) -> Floats:
    """The Poisson probabilities of 0, 1, 2, ..., as far as any is above 1e-18, scaled to add up to 1.

    By the ratio of neighbours, outwards from the mode: products, quotients and a sum rounded once, which are
    the same on every processor.

    Example:
        >>> poisson_pmf(1.0)[:3].round(4)
        array([0.3679, 0.3679, 0.1839])
    """
    if mean <= 0:
        return np.ones(1)
    mode = int(mean)
    up, down = [1.0], []
    while up[-1] > _NEGLIGIBLE:
        up.append(up[-1] * mean / (mode + len(up)))
    weight = 1.0
    for k in range(mode, 0, -1):
        weight *= k / mean
        down.append(weight)
    weights = [*reversed(down), *up[:-1]]
    total = fsum(weights)
    pmf = np.array(weights) / total
    result: Floats = pmf[: int(np.flatnonzero(pmf > _NEGLIGIBLE)[-1]) + 1]
    return result

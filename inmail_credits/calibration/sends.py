"""Fit sends: how many messages a week, on which weekdays, and whether a Poisson law fits.

Seven averages from a few weeks are noisy, so each weekday is drawn towards its group, working days or the
weekend, as far as the data call for: the mean of a weekday has a Gamma prior around its group's mean, whose
spread is estimated from the data (empirical Bayes; Robbins 1956). Counts that vary more than Poisson counts
would are reported: the simulated law is Poisson, so such a fit understates busy and quiet days.
"""

from collections.abc import Iterable
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from attrs import evolve, frozen
from scipy import optimize, special

from inmail_credits._inputs import as_rate
from inmail_credits._zones import UTC_NAME
from inmail_credits.calibration._dates import zone_of
from inmail_credits.calibration._instants import MISSING, instants, local_days
from inmail_credits.calibration._sends_summary import sends_summary
from inmail_credits.calibration._typing import Floats, Longs, Values
from inmail_credits.calibration.fitting import check_size
from inmail_credits.calibration.replies import LEVEL
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation import Outreach, Replies, Sends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from inmail_credits._charts.theme import Colors
    from inmail_credits.calibration.replies import RepliesFit

WEEK: Final = 7
WORKING: Final = 5
DAYS_MIN: Final = 14
"""A profile of weekdays needs two weeks at least."""
OVERDISPERSED: Final = 0.01
"""The chance of the Poisson law to vary so much, below which the fit is called overdispersed."""
_PRIOR_SHAPE = 0.5
_LOG_STRENGTH = (-4.0, 12.0)


@frozen(kw_only=True, eq=False, repr=False)
class SendsFit:
    """Sends fitted to data. Made by :func:`fit_sends`.

    Fields:
        messages: messages of the period.
        start_on, end_on: the first and the last local date of the period, both included.
        zone: the time zone of those dates.
        sends: the fitted behaviour: Poisson, with the shrunken profile of weekdays.
        per_week: messages a week of no holidays.
        per_week_error: its standard error; wider where counts are overdispersed.
        weekdays: by weekday (0 is Monday): ``days`` observed, ``messages``, ``observed`` messages a day,
            its ``error``, and ``fitted``.
        dispersion: the variance of daily counts over what Poisson counts would have: 1 where they are.
        dispersion_p: the chance that Poisson counts vary so much.
        notes: what else to keep in mind, one sentence each.
    """

    messages: int
    start_on: date
    end_on: date
    zone: tzinfo
    sends: Sends
    per_week: float
    per_week_error: float
    weekdays: pd.DataFrame
    dispersion: float
    dispersion_p: float
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        low, high = self.per_week_interval()
        return (
            f"<SendsFit {self.per_week:.1f} a week (90 %: {low:.1f} to {high:.1f}), "
            f"from {self.messages:,} messages, {self.start_on} to {self.end_on}>"
        )

    def per_week_interval(self, level: float = LEVEL) -> tuple[float, float]:
        """The interval of messages a week, by the Gamma posterior with Jeffreys' prior.

        Where counts are overdispersed, it is as wide as that of correspondingly fewer messages.
        """
        level = as_rate("level", level)
        shape, scale = self._gamma()
        low, high = (scale * special.gammaincinv(shape, at) for at in ((1 - level) / 2, (1 + level) / 2))
        return float(low), float(high)

    def draws(self, count: int) -> tuple[Sends, ...]:
        """Sends of equal weight whose rates are the middle quantiles of the posterior; the profile is kept.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> found = fit_sends([datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=d) for d in range(28)])
            >>> [round(sends.per_week) for sends in found.draws(3)]
            [6, 7, 8]
        """
        shape, scale = self._gamma()
        levels = (np.arange(count) + 0.5) / count
        factors = special.gammaincinv(shape, levels) * scale / self.per_week
        return tuple(
            evolve(self.sends, by_weekday=tuple(factor * mean for mean in self.sends.by_weekday))
            for factor in factors.tolist()
        )

    def _gamma(self) -> tuple[float, float]:
        """Shape and scale of the posterior of messages a week."""
        messages = self.messages / max(1.0, self.dispersion)
        return messages + _PRIOR_SHAPE, self.per_week / messages

    def outreach(self, replies: "Replies | RepliesFit") -> Outreach:
        """An outreach with these sends, and with replies as given or fitted.

        Its time zone is that of the fit, where that has an IANA name, or else UTC.
        """
        return Outreach(
            sends=self.sends,
            replies=replies if isinstance(replies, Replies) else replies.replies,
            zone=getattr(self.zone, "key", None) or UTC_NAME,
        )

    def summary(self) -> str:
        """The fit as a table, to be printed."""
        return sends_summary(self)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        legend: bool = True,
        title: bool | str = True,
        colors: "Colors | None" = None,
    ) -> "Axes":
        """Draw messages a day by weekday, observed and fitted.

        Args:
            ax: the axes to draw into; left out, those of a new figure of pyplot.
            legend: ``False`` for none.
            title: ``False`` for none, or a text of one's own.
            colors: colours by role: ``fitted`` and ``observed``.

        Returns:
            The axes.
        """
        from inmail_credits._charts.theme import Options  # noqa: PLC0415 - as above
        from inmail_credits.calibration._plots import plot_sends  # noqa: PLC0415 - Matplotlib only here

        return plot_sends(self, ax, Options(legend=legend, title=title, colors=colors))


def fit_sends(
    sent_at: Values,
    *,
    zone: str | tzinfo = "UTC",
    start: date | None = None,
    end: date | None = None,
    holidays: Iterable[date] = (),
) -> SendsFit:
    """Fit how many messages are sent: the rate and its profile of weekdays.

    Args:
        sent_at: the instant of each message: a Series, an array or a list of aware datetimes.
        zone: the time zone whose dates count.
        start: the first date of the period; by default that of the first message.
        end: the last date of the period, included; by default that of the last message. Name both where
            they are known: a period that begins and ends with a message makes the rate a little too high.
        holidays: dates without messages; they count neither as days nor as quiet ones.

    Raises:
        InvalidValueError: for fewer than 10 messages, or a period under 14 days.
        NaiveInstantError: for an instant without time zone.

    Example:
        >>> from datetime import UTC, datetime, timedelta
        >>> monday = datetime(2026, 1, 5, 9, tzinfo=UTC)
        >>> sent = [monday + timedelta(days=day) for day in range(56) if day % 7 < 5]
        >>> found = fit_sends(sent, end=date(2026, 3, 1))
        >>> round(found.per_week, 3), [round(mean, 3) for mean in found.sends.by_weekday]
        (5.0, [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    """
    where = zone_of(zone)
    sent = instants(sent_at, what="sent_at")
    if (missing := np.flatnonzero(sent == MISSING)).size:
        raise InvalidValueError(f"sent_at[{missing[0]}]", None, "an instant: every message was sent")
    check_size("messages", len(sent))
    days = local_days(sent, where)
    first = int(days.min()) if start is None else _day(start, "start")
    last = int(days.max()) if end is None else _day(end, "end")
    if last - first + 1 < DAYS_MIN:
        raise InvalidValueError(
            f"days from {_date(first)} to {_date(last)}",
            max(last - first + 1, 0),
            f"at least {DAYS_MIN}, to tell one weekday from another",
        )
    days = days[(days >= first) & (days <= last)]
    check_size("messages of the period", len(days))
    free = {_day(day, "holiday") for day in holidays}
    counted = np.array([day for day in range(first, last + 1) if day not in free])
    on_holidays = int(np.isin(days, list(free)).sum())
    counts = np.bincount(days - first, minlength=last - first + 1)[counted - first]
    return _fit(counted, counts, where, (first, last), frozenset(map(_date, free)), on_holidays)


def _fit(
    days: Longs, counts: Longs, zone: tzinfo, period: tuple[int, int], holidays: frozenset[date], lost: int
) -> SendsFit:
    weekday = (days + 3) % WEEK  # 1970-01-01 was a Thursday
    exposure = np.bincount(weekday, minlength=WEEK)
    messages = np.bincount(weekday, counts.astype(np.float64), minlength=WEEK).astype(np.float64)
    fitted = _shrunken(messages, exposure)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.where(exposure > 0, messages / exposure, np.nan)
        error = np.where(exposure > 0, np.sqrt(messages) / exposure, np.nan)
    dispersion, chance = _dispersion(counts, observed[weekday], parameters=int((messages > 0).sum()))
    per_week = float(fitted.sum())
    total = int(messages.sum())
    notes = []
    if chance < OVERDISPERSED:
        notes.append(
            f"daily counts vary {dispersion:.1f} times as much as Poisson counts: busy days come in bursts, "
            "which a forecast with these sends understates"
        )
    if lost:
        notes.append(f"{lost:,} messages on holidays are not counted")
    return SendsFit(
        messages=total,
        start_on=_date(period[0]),
        end_on=_date(period[1]),
        zone=zone,
        sends=Sends.poisson(per_week=per_week, on=tuple(fitted.tolist()), holidays=holidays),
        per_week=per_week,
        per_week_error=per_week * (max(dispersion, 1.0) / total) ** 0.5,
        weekdays=pd.DataFrame(
            {"days": exposure, "messages": messages, "observed": observed, "error": error, "fitted": fitted}
        ),
        dispersion=dispersion,
        dispersion_p=chance,
        notes=tuple(notes),
    )


def _shrunken(messages: Floats, exposure: Longs) -> Floats:
    """The mean of each weekday, drawn towards its group; the sum over a full week is kept.

    With ``n`` messages on ``d`` days and a Gamma prior of shape ``k`` and mean ``m``, the posterior mean is
    ``(n + k) / (d + k / m)``. ``k`` makes the counts of all weekdays most likely (negative binomial).
    """
    group = np.arange(WEEK) >= WORKING
    means = np.zeros(WEEK)
    for part in (group, ~group):
        means[part] = messages[part].sum() / max(int(exposure[part].sum()), 1)
    seen = (exposure > 0) & (means > 0)
    if seen.sum() < 2:  # noqa: PLR2004 - one weekday has nothing to be drawn to
        return means
    n, expected = messages[seen], (exposure * means)[seen]

    def surprise(log_strength: float) -> float:
        k = float(np.exp(log_strength))
        terms = special.gammaln(n + k) - special.gammaln(k) - k * np.log1p(expected / k)
        return -float(np.sum(terms - n * np.log(k + expected)))

    k = float(np.exp(optimize.minimize_scalar(surprise, bounds=_LOG_STRENGTH, method="bounded").x))
    out = means.copy()
    out[seen] = (n + k) / (exposure[seen] + k / means[seen])
    total = float((means * np.ones(WEEK)).sum())
    return out * (total / float(out.sum()))


def _dispersion(counts: Longs, means: Floats, *, parameters: int) -> tuple[float, float]:
    """Pearson's chi square of daily counts over its degrees of freedom, and the chance of so large a one."""
    known = means > 0
    freedom = int(known.sum()) - parameters
    if freedom < 1:
        return 1.0, 1.0
    chi_square = float(np.sum((counts[known] - means[known]) ** 2 / means[known]))
    return chi_square / freedom, float(special.chdtrc(freedom, chi_square))


def _day(value: object, what: str) -> int:
    """A date as days since 1970."""
    if isinstance(value, pd.Timestamp) or hasattr(value, "hour"):
        raise InvalidValueError(what, value, "a date, without a time of day")
    if not isinstance(value, date):
        raise InvalidValueError(what, value, "a date")
    return value.toordinal() - date(1970, 1, 1).toordinal()


def _date(day: int) -> date:
    return date.fromordinal(day + date(1970, 1, 1).toordinal())

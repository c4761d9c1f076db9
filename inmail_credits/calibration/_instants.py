"""Columns of instants and of delays, from whatever holds them, as plain arrays."""

from datetime import datetime, tzinfo
from typing import Final

import numpy as np
import pandas as pd
from attrs import evolve, frozen

from inmail_credits.calibration._dates import EPOCH, MICROSECOND
from inmail_credits.calibration._typing import Bools, Floats, Longs, Values
from inmail_credits.errors import InvalidValueError
from inmail_credits.timeline import instant

DAY_MICROSECONDS: Final = 86_400 * 10**6
MISSING: Final = np.iinfo(np.int64).min
_RESOLUTIONS = (DAY_MICROSECONDS, 3_600 * 10**6, 60 * 10**6, 10**6)


def instants(values: Values, *, what: str) -> Longs:
    """Microseconds since 1970 UTC, shape (n,); ``MISSING`` for ``None`` and ``NaT``.

    Raises:
        NaiveInstantError: for an instant without a time zone.
        InvalidValueError: for anything else that is no instant, with its place.
    """
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise InvalidValueError(what, values, "a column of instants: a Series, an array, a list")
    column = pd.Series(values) if isinstance(values, np.ndarray | pd.Index) else values
    if isinstance(column, pd.Series) and column.dtype.kind == "M":
        if getattr(column.dtype, "tz", None) is None:
            if not len(column.dropna()):
                return np.full(len(column), MISSING)
            first = column.dropna().iloc[0]
            limit = "instants with a time zone: say which with .dt.tz_localize('UTC')"
            raise InvalidValueError(what, str(first), limit)
        plain = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
        numbers: Longs = plain.astype(np.int64)  # NaT is the least number there is
        return numbers
    return np.array([_one(value, f"{what}[{place}]") for place, value in enumerate(column)], np.int64)


def _one(value: object, what: str) -> int:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return MISSING
    return microseconds(value, what=what)


def microseconds(value: object, *, what: str) -> int:
    """The microseconds since 1970 of one instant."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").astype(object)
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime(warn=False)
    return (instant(value, what=what) - EPOCH) // MICROSECOND  # type: ignore[arg-type] # it refuses others


def moment(number: int) -> datetime:
    """The instant of that many microseconds since 1970."""
    return EPOCH + number * MICROSECOND


def local_days(numbers: Longs, zone: tzinfo) -> Longs:
    """The local date of each instant, as days since 1970; shape (n,)."""
    column = pd.Series(numbers.astype("datetime64[us]")).dt.tz_localize("UTC").dt.tz_convert(zone)
    return column.dt.tz_localize(None).to_numpy().astype("datetime64[D]").astype(np.int64)


@frozen(eq=False)
class Waits:
    """How long each message waited for its answer, as known at one instant.

    Fields:
        days: the delay of an answer, or the age of a message that has none; above 0; shape (n,).
        ages: the age of each message at that instant, in days; above 0; shape (n,).
        replied: whether there was an answer by then; shape (n,).
        kept: the places of these messages among those given; the others were sent later.
        given: how many were given.
        as_of: that instant, in microseconds since 1970.
        resolution_days: the unit in which the instants are written; shorter delays count as half of it.
    """

    days: Floats
    ages: Floats
    replied: Bools
    kept: Longs
    given: int
    as_of: int
    resolution_days: float

    def at(self, places: Longs) -> "Waits":
        """Those of some of the messages, by their places here."""
        return evolve(
            self,
            days=self.days[places],
            ages=self.ages[places],
            replied=self.replied[places],
            kept=self.kept[places],
        )

    def counting(self, chosen: Bools) -> "Waits":
        """The waits for an answer of one sort: a message answered otherwise waits for it until now."""
        return evolve(self, days=np.where(chosen, self.days, self.ages), replied=chosen)


def waits(sent_at: Values, replied_at: Values, as_of: datetime | None) -> Waits:
    """The delays and ages of messages as known at ``as_of``; by default at the latest instant given.

    Raises:
        InvalidValueError: for columns of different length, a message without an instant of sending, or an
            answer before its message.
    """
    sent, replied = instants(sent_at, what="sent_at"), instants(replied_at, what="replied_at")
    if len(sent) != len(replied):
        raise InvalidValueError("replied_at", f"of length {len(replied)}", f"as long as sent_at, {len(sent)}")
    if (missing := np.flatnonzero(sent == MISSING)).size:
        raise InvalidValueError(f"sent_at[{missing[0]}]", None, "an instant: every message was sent")
    if (early := np.flatnonzero((replied != MISSING) & (replied < sent))).size:
        at = int(early[0])
        limit = f"at or after its sending, {moment(int(sent[at])).isoformat()}"
        raise InvalidValueError(f"replied_at[{at}]", moment(int(replied[at])).isoformat(), limit)
    latest = int(max(sent.max(initial=0), replied.max(initial=0)))
    until = latest if as_of is None else microseconds(as_of, what="as_of")
    kept = np.flatnonzero(sent <= until)
    replied_given = replied
    sent, replied = sent[kept], replied[kept]
    known = (replied != MISSING) & (replied <= until)
    unit = _resolution(np.concatenate([sent, replied[known]]))
    ages = np.maximum(until - sent, unit // 2) / DAY_MICROSECONDS
    delays = np.maximum(np.where(known, replied, until) - sent, unit // 2) / DAY_MICROSECONDS
    return Waits(
        days=delays,
        ages=ages,
        replied=known,
        kept=kept,
        given=len(replied_given),
        as_of=until,
        resolution_days=unit / DAY_MICROSECONDS,
    )


def _resolution(numbers: Longs) -> int:
    """The largest usual unit of which all instants are multiples, in microseconds; at least 2."""
    return next((unit for unit in _RESOLUTIONS if not (numbers % unit).any()), 2)

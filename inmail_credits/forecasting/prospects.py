"""Prospects: people one could write to, what an answer of theirs is worth, and how many come a day."""

from collections.abc import Iterable
from math import exp, fsum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from attrs import field, frozen

from inmail_credits._inputs import as_instance, as_items, as_text, number, rate
from inmail_credits.errors import InvalidValueError

Floats = npt.NDArray[np.float64]

PER_DAY_MAX: Final = 100.0
VALUE_MAX: Final = 1e12
SEGMENTS_MAX: Final = 1_000
_NEGLIGIBLE: Final = 1e-12
COLUMNS: Final = ("odds", "value")


@frozen(kw_only=True)
class ProspectSegment:
    """People who are alike: the odds that they answer, what an answer is worth, and their share.

    Fields:
        odds: the chance of an answer, 0..1.
        value: what an answer is worth, 0 or more, in any unit of one's own; 1 counts answers.
        weight: the share among the prospects, relative to the other segments; above 0.
        name: what to call them; may be empty.
    """

    odds: float = field(validator=rate())
    value: float = field(default=1.0, validator=number(0, VALUE_MAX))
    weight: float = field(default=1.0, validator=number(1e-12, 1e12))
    name: str = ""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "name", as_text("name", self.name, length_min=0))

    @property
    def index(self) -> float:
        """``v p / (1 - p)``: the price of a credit up to which writing is worth it; ``inf`` for sure answers.

        Example:
            >>> ProspectSegment(odds=0.5, value=3).index
            3.0
        """
        return float("inf") if self.odds == 1 else self.value * self.odds / (1 - self.odds)


def _segments(values: Iterable[ProspectSegment]) -> tuple[ProspectSegment, ...]:
    items = as_items("segments", values, "a list of ProspectSegment(odds=...)", count_max=None)
    return tuple(
        [as_instance("segment", each, ProspectSegment, "a ProspectSegment(odds=...)") for each in items]
    )


@frozen(kw_only=True)
class Prospects:
    """Who could be written to in the days ahead: a Poisson number a day, each of one of the segments.

    Fields:
        per_day: the mean number of new prospects a day, 0..100. One not written to on the day is not met
            again.
        segments: who they are, at least one.

    Raises:
        InvalidValueError: with the field, the value and the limit.

    Example:
        >>> prospects = Prospects(per_day=2, segments=[ProspectSegment(odds=0.1), ProspectSegment(odds=0.5)])
        >>> prospects.mean_odds
        0.3
    """

    per_day: float = field(validator=number(0, PER_DAY_MAX))
    segments: tuple[ProspectSegment, ...] = field(converter=_segments)

    def __attrs_post_init__(self) -> None:
        if not 1 <= len(self.segments) <= SEGMENTS_MAX:
            raise InvalidValueError(
                "number of segments", len(self.segments), f"from 1 to {SEGMENTS_MAX:,}; group the prospects"
            )

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, per_day: float) -> "Prospects":
        """Prospects like those of a frame: one row a person, or a segment.

        Columns ``odds`` and, if an answer of one is worth more than of another, ``value``; ``weight`` where a
        row stands for several. ``per_day`` such people come a day. Rows alike are put together; of more than
        1,000 kinds of rows the odds are rounded to per cent first.

        Raises:
            InvalidValueError: for a frame without ``odds``, without rows, or with a value outside its limits,
                naming the row.

        Example:
            >>> frame = pd.DataFrame({"odds": [0.1, 0.1, 0.5]})
            >>> [round(segment.weight, 2) for segment in Prospects.from_frame(frame, per_day=2).segments]
            [2.0, 1.0]
        """
        table = checked_frame(frame)
        if len(table.drop_duplicates(list(COLUMNS))) > SEGMENTS_MAX:
            table["odds"] = table["odds"].round(2)
        weights: dict[tuple[float, float], list[float]] = {}
        for odds, value, weight in zip(table["odds"], table["value"], table["weight"], strict=True):
            weights.setdefault((float(odds), float(value)), []).append(float(weight))
        segments = [
            ProspectSegment(odds=odds, value=value, weight=fsum(weights[odds, value]))
            for odds, value in sorted(weights)
        ]
        return cls(per_day=per_day, segments=segments)

    @property
    def weights(self) -> Floats:
        """The share of each segment, shape (segments,); adds up to 1."""
        total = fsum(segment.weight for segment in self.segments)
        return np.array([segment.weight / total for segment in self.segments])

    @property
    def odds(self) -> Floats:
        """The odds of each segment, shape (segments,)."""
        return np.array([segment.odds for segment in self.segments])

    @property
    def answer_values(self) -> Floats:
        """The value of an answer of each segment, shape (segments,)."""
        return np.array([segment.value for segment in self.segments])

    @property
    def mean_odds(self) -> float:
        """The mean odds over all prospects."""
        return round(fsum((self.weights * self.odds).tolist()), 12)

    @property
    def mean_value(self) -> float:
        """The mean value of an answer over all prospects."""
        return round(fsum((self.weights * self.answer_values).tolist()), 12)

    def counts(self) -> Floats:
        """The chance of 0, 1, 2, ... prospects on a day; adds up to 1, what is beyond 1e-12 left out."""
        return poisson(self.per_day)


def poisson(mean: float) -> Floats:
    """The Poisson distribution of that mean, from 0 on, cut where less than 1e-12 is left; adds up to 1.

    Example:
        >>> [round(chance, 4) for chance in poisson(1.0)[:3].tolist()]
        [0.3679, 0.3679, 0.1839]
    """
    chances = [exp(-mean)]
    while len(chances) <= mean or chances[-1] > _NEGLIGIBLE:
        chances.append(chances[-1] * mean / len(chances))
    total = fsum(chances)
    return np.array([chance / total for chance in chances])


def checked_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of prospects with the columns ``odds``, ``value`` and ``weight`` as numbers, each row checked.

    Raises:
        InvalidValueError: naming the column and the row.
    """
    if not isinstance(frame, pd.DataFrame):
        raise InvalidValueError("prospects", type(frame).__name__, "a DataFrame with a column 'odds'")
    if "odds" not in frame.columns:
        raise InvalidValueError(
            "columns of prospects",
            list(map(str, frame.columns)),
            "'odds' and, if wanted, 'value' and 'weight'",
        )
    if frame.empty:
        raise InvalidValueError("rows of prospects", 0, "at least one")
    table = pd.DataFrame(index=frame.index)
    for column, low, high in (("odds", 0.0, 1.0), ("value", 0.0, VALUE_MAX), ("weight", 1e-12, 1e12)):
        given = frame[column] if column in frame.columns else pd.Series(1.0, index=frame.index)
        numbers = pd.to_numeric(given, errors="coerce").astype(float)
        for row in _rows_outside(numbers, low, high):
            raise InvalidValueError(
                f"{column} of prospect {frame.index[row]!r}",
                given.astype(object).iloc[row],
                f"a number from {low:g} to {high:g}",
            )
        table[column] = numbers
    return table


def _rows_outside(numbers: "pd.Series[float]", low: float, high: float) -> Iterable[int]:
    return np.flatnonzero(~((numbers >= low) & (numbers <= high)).to_numpy()).tolist()

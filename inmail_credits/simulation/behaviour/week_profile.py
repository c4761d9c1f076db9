"""On which days of the week messages are sent, and how many on each.

A profile is seven weights, Monday to Sunday; three have a name. How many messages the profile shares out is
given for a week, or for a day that is sent on.
"""

from collections.abc import Iterable
from math import fsum

from inmail_credits._inputs import Choice, as_items, as_number
from inmail_credits.errors import InvalidValueError

PER_DAY_MAX = 2_000
DAYS_OF_WEEK = 7
WEIGHT_MAX = 1e100


class WeekProfile(Choice):
    """The profiles that have a name."""

    ALL_DAYS = "all_days"
    """Monday to Sunday, each alike."""
    WEEKDAYS = "weekdays"
    """Monday to Friday, each alike, holidays among them: no holidays may be given."""
    WORKING_DAYS = "working_days"
    """Monday to Friday, each alike, except the holidays given."""

    @property
    def weights(self) -> tuple[float, ...]:
        """Seven weights, Monday to Sunday."""
        return (1.0,) * DAYS_OF_WEEK if self is WeekProfile.ALL_DAYS else (1.0,) * 5 + (0.0,) * 2


def means_by_weekday(
    per_week: float | None, per_day: float | None, on: str | Iterable[float]
) -> tuple[float, ...]:
    """Mean messages on each day of the week, Monday to Sunday.

    Args:
        per_week: messages a week, 0 to 14,000; or else
        per_day: messages a day that is sent on, 0 to 2,000.
        on: a name of :class:`WeekProfile`, or seven weights of 0 or more, one of them above 0.

    Raises:
        InvalidValueError: for both or neither of the two numbers; with the value and the limit.

    Example:
        >>> means_by_weekday(None, 2, "weekdays")
        (2.0, 2.0, 2.0, 2.0, 2.0, 0.0, 0.0)
        >>> means_by_weekday(6, None, (2, 1, 0, 0, 0, 0, 0))
        (4.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    """
    weights = _weights(on)
    if per_week is not None and per_day is not None:
        raise InvalidValueError("per_day", per_day, "left out where per_week is given")
    if per_day is not None:
        per_week = as_number("per_day", per_day, 0, PER_DAY_MAX) * sum(weight > 0 for weight in weights)
    if per_week is None:
        raise InvalidValueError("per_week", per_week, "a number of messages, where per_day is not given")
    per_week = as_number("per_week", per_week, 0, PER_DAY_MAX * DAYS_OF_WEEK)
    total = fsum(weights)
    return tuple(per_week * weight / total for weight in weights)


def _weights(on: str | Iterable[float]) -> tuple[float, ...]:
    if isinstance(on, str):
        return _named(on).weights
    items = as_items("on", on, f"{_names()} or 7 weights, Monday to Sunday")
    weights = tuple([as_number("weight of a weekday", weight, 0, WEIGHT_MAX) for weight in items])
    if len(weights) != DAYS_OF_WEEK:
        raise InvalidValueError("on", on, f"{_names()} or 7 weights, Monday to Sunday")
    if not any(weights):
        raise InvalidValueError("weights of weekdays", weights, "at least one above 0")
    return weights


def _named(on: str) -> WeekProfile:
    try:
        return WeekProfile(on)
    except InvalidValueError:
        raise InvalidValueError("on", on, f"{_names()} or 7 weights, Monday to Sunday") from None


def _names() -> str:
    return ", ".join(repr(profile.value) for profile in WeekProfile)

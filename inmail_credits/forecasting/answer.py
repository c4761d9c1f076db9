"""A verdict in a sentence: when it runs dry, how sure that is, and what is lost."""

from collections.abc import Callable
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from inmail_credits.forecasting.labels import MONTHS, day_label
from inmail_credits.simulation import Simulation

BAND: Final = (0.1, 0.9)
"""The quantiles of the 80 % band of dates."""
PROBABLY: Final = 0.5
ALMOST: Final = 0.95
NAMED_PATHS: Final = 100
"""Paths of how many the rare ones are counted out of."""
WASTE_NAMED: Final = 0.5
"""Credits lost on average from which on they are worth a sentence."""


def run_dry_sentence(simulation: Simulation) -> str:
    """When credits run out: the median date with an 80 % band, and how many paths never do.

    A path runs dry on the first day on which a message cannot be sent. The quantiles are over the paths that
    do.
    """
    wanted, dry = simulation.total("wanted"), simulation.total("dry_day")
    if not np.any(wanted > 0):
        return "Nobody wants to send anything, so you never run dry."
    days = np.sort(dry[dry >= 0])
    share = len(days) / simulation.paths
    never = _out_of_hundred(1 - share)
    if share == 0:
        return f"You never run dry: on none of {simulation.paths:,} paths is a message refused."
    when = _dates(simulation, days)
    if share == 1:
        return f"You run dry {when}, on every path."
    if share >= ALMOST:
        return f"You will almost surely run dry {when}; {never} never do."
    if share >= PROBABLY:
        return f"You will probably run dry {when}; {never} never do."
    return f"You will probably not run dry: {_out_of_hundred(share)} do, {when}."


def waste_sentence(simulation: Simulation) -> str:
    """What expires or is forfeited on average, or that next to nothing is."""
    expired, _ = simulation.mean_and_error("expired")
    forfeited, _ = simulation.mean_and_error("forfeited")
    return lost_unused(expired, forfeited, _credits)


def lost_unused(expired: float, forfeited: float, shown: Callable[[float], str]) -> str:
    """The sentence about so many credits, on average; ``shown`` writes a number of them.

    Example:
        >>> lost_unused(3.0, 0.0, lambda amount: f"{amount:.0f} credits")
        'On average 3 credits expire unused.'
    """
    if expired + forfeited < WASTE_NAMED:
        return "Next to nothing is lost unused."
    parts = [
        f"{shown(amount)} {what}"
        for amount, what in ((expired, "expire unused"), (forfeited, "are forfeited"))
        if amount >= WASTE_NAMED
    ]
    return f"On average {' and '.join(parts)}."


def rate_sentence(per_week: float, odds: float) -> str:
    """How much may be sent so that the odds of running dry stay below a limit.

    Example:
        >>> rate_sentence(3.42, 0.05)
        'To keep the odds under 5 %, send at most 3.4 a week.'
        >>> rate_sentence(float("inf"), 0.05)
        'The odds stay under 5 % however much you send.'
    """
    if per_week == float("inf"):
        return f"The odds stay under {100 * odds:g} % however much you send."
    if per_week < 0.05:  # noqa: PLR2004 - rounds to 0.0
        return f"No rate keeps the odds under {100 * odds:g} %."
    return f"To keep the odds under {100 * odds:g} %, send at most {np.floor(per_week * 10) / 10:.1f} a week."


def _dates(simulation: Simulation, days: npt.NDArray[np.integer]) -> str:
    low, middle, high = (
        int(day) for day in np.quantile(days, (BAND[0], 0.5, BAND[1]), method="inverted_cdf")
    )
    dates = simulation.dates
    if low == high:
        return f"on {day_label(dates[middle])}"
    return f"on {day_label(dates[middle])} (80 %: {_span(dates[low], dates[high])})"


def _span(first: date, last: date) -> str:
    """Two dates in as few words as they need."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_label(last)}"
    if first.year == last.year:
        return f"{first.day} {MONTHS[first.month - 1]} to {day_label(last)}"
    return f"{day_label(first)} to {day_label(last)}"


def _out_of_hundred(share: float) -> str:
    count = round(share * NAMED_PATHS)
    if count == 0:
        return f"fewer than 1 of {NAMED_PATHS} paths"
    if count == NAMED_PATHS:
        return f"more than 99 of {NAMED_PATHS} paths"
    return f"{count} of {NAMED_PATHS} paths"


def _credits(amount: float) -> str:
    shown = f"{amount:,.0f}" if amount >= 10 else f"{amount:.1f}"  # noqa: PLR2004 - two digits are enough
    return f"{shown} credit" + ("" if shown in {"1", "1.0"} else "s")

"""The figures of a simulation and of a forecast: the one table of their names, units and labels.

Arrays, tables, charts, JSON and the command line all take names, units and labels from :data:`FIGURES`, so a
figure is added here first. A name is what a program writes (``simulation.total("sent")``,
``forecast.flow("sent")``, ``summary().loc["sent"]``, ``to_dict()["figures"]["sent"]``); a label is what a
person reads.

The credits add up on every path: ``opening + granted + refunded - spent - expired - forfeited = balance``.
Credits bought are granted too. The messages add up as well: ``wanted = sent + refused + held_back``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from inmail_credits._inputs import Choice, known_name


class Unit(Choice):
    """What a figure counts."""

    MESSAGES = "messages"
    CREDITS = "credits"
    SHARE = "share"
    """Of a whole, 0 to 1."""
    ODDS = "odds"
    """Of an event: the share of paths on which it happens, 0 to 1."""


class Kind(Choice):
    """How a figure relates to the days of the horizon."""

    FLOW = "flow"
    """Happens on days; the total is the sum over the days."""
    LEVEL = "level"
    """Stands at an instant: the beginning or the end of the horizon."""
    RATIO = "ratio"
    """Follows from the totals of many paths."""


@frozen
class Figure:
    """One figure.

    Fields:
        name: the name that programs use, everywhere.
        unit: what it counts.
        kind: whether it adds up over days.
        label: the name that people read.
    """

    name: str
    unit: Unit
    kind: Kind
    label: str


FIGURES: Final = (
    Figure("wanted", Unit.MESSAGES, Kind.FLOW, "messages wanted"),
    Figure("sent", Unit.MESSAGES, Kind.FLOW, "messages sent"),
    Figure("refused", Unit.MESSAGES, Kind.FLOW, "messages refused"),
    Figure("held_back", Unit.MESSAGES, Kind.FLOW, "messages held back"),
    Figure("replied", Unit.MESSAGES, Kind.FLOW, "messages replied to"),
    Figure("withdrawn", Unit.MESSAGES, Kind.FLOW, "messages withdrawn"),
    Figure("opening", Unit.CREDITS, Kind.LEVEL, "opening credits"),
    Figure("granted", Unit.CREDITS, Kind.FLOW, "credits granted"),
    Figure("bought", Unit.CREDITS, Kind.FLOW, "credits bought"),
    Figure("refunded", Unit.CREDITS, Kind.FLOW, "credits refunded"),
    Figure("spent", Unit.CREDITS, Kind.FLOW, "credits spent"),
    Figure("expired", Unit.CREDITS, Kind.FLOW, "credits expired"),
    Figure("forfeited", Unit.CREDITS, Kind.FLOW, "credits forfeited"),
    Figure("balance", Unit.CREDITS, Kind.LEVEL, "balance at the end"),
    Figure("share_sent", Unit.SHARE, Kind.RATIO, "share of messages wanted that are sent"),
    Figure("share_wasted", Unit.SHARE, Kind.RATIO, "share of credits received that expire or are forfeited"),
    Figure("run_dry", Unit.ODDS, Kind.RATIO, "odds of running dry"),
)
"""Every figure, in the order of tables. A path has *run dry* when a message was refused on it."""

COUNTED: Final = tuple(figure for figure in FIGURES if figure.kind is not Kind.RATIO)
"""The figures that every path has a whole number of."""
FLOWS: Final = tuple(figure for figure in FIGURES if figure.kind is Kind.FLOW)
"""The figures that add up over days."""

_BY_NAME: Final[Mapping[str, Figure]] = MappingProxyType({figure.name: figure for figure in FIGURES})


def figure(name: str) -> Figure:
    """The figure of that name.

    Raises:
        UnknownNameError: naming the figures there are.

    Example:
        >>> figure("held_back").label, str(figure("held_back").unit)
        ('messages held back', 'messages')
        >>> figure("made")
        Traceback (most recent call last):
        ...
        inmail_credits.errors.UnknownNameError: there is no figure 'made'; known: wanted, sent, ...
    """
    return _BY_NAME[known_name("figure", name, _BY_NAME)]

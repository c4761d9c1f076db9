"""Where a figure of a plan comes from, and how sure it is."""

from attrs import field, frozen

from inmail_credits._inputs import Choice, as_text
from inmail_credits._values import shown_by_field

NOTE_LENGTH_MAX = 10_000
"""The most characters of a page or a note."""


class Sureness(Choice, what="sure"):
    """How well a figure is known."""

    VERBATIM = "verbatim"
    """Read word for word on the page named, or on a public mirror of it."""
    THIRD_PARTY = "third party"
    """Stated by somebody other than the provider."""
    INFERRED = "inferred"
    """Follows from other statements on the page named."""
    OPEN = "open"
    """Not found, or the sources conflict: a decision of this package."""


@frozen(repr=False)
class Source:
    """Where the figure of one term comes from, and how sure it is.

    Fields:
        term: the name of the field of :class:`Plan` that it speaks of.
        page: where it is stated.
        sure: how well it is known.
        note: what else is to be said, such as the alternative to what is open; at most 1,000 characters.
        rule: the R or D id it rests on, if one.

    Example:
        >>> Source("grant_credits", "our contract, page 3").sure.value
        'verbatim'
    """

    term: str
    page: str
    sure: Sureness = field(default=Sureness.VERBATIM, converter=Sureness)
    note: str = ""
    rule: str = ""

    __repr__ = shown_by_field

    def __attrs_post_init__(self) -> None:
        for name, length_min in (("term", 1), ("page", 0), ("note", 0), ("rule", 0)):
            text = as_text(name, getattr(self, name), length_min=length_min, length_max=NOTE_LENGTH_MAX)
            object.__setattr__(self, name, text)

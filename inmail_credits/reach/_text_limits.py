"""How long the texts of a message may be, as data.

Only published limits are checked (R11 for the note; the help pages of 2026 for an InMail): a channel without
a published limit takes every text.

A character is a Unicode code point, as ``len`` counts; no source says how LinkedIn counts emoji.
"""

from collections.abc import Iterable
from typing import Final

from attrs import field, frozen

from inmail_credits._inputs import as_instance, as_items, as_text, whole
from inmail_credits.channels import Channel
from inmail_credits.errors import InvalidValueError

LENGTH_MAX: Final = 1_000_000
TEXTS: Final = ("note", "subject", "body")


@frozen
class TextLimit:
    """The most characters one text of a channel may have, and the page that says so.

    Raises:
        InvalidValueError: for an unknown channel or text, or a length outside 0 to 1,000,000.

    Example:
        >>> TextLimit("invitation", "note", 200, "our own rule").length_max
        200
    """

    channel: Channel = field(converter=Channel)
    text: str
    length_max: int = field(validator=whole(0, LENGTH_MAX))
    page: str = ""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.text, str) or self.text not in TEXTS:
            raise InvalidValueError("text", self.text, f"one of {', '.join(TEXTS)}")
        object.__setattr__(self, "text", as_text("text", self.text))
        object.__setattr__(self, "page", as_text("page", self.page, length_min=0))


TEXT_LIMITS: Final = (
    TextLimit(Channel.INVITATION, "note", 299, "R11: article on LinkedIn messaging (2019)"),
    TextLimit(Channel.INMAIL, "subject", 200, "help page a554514 (2026)"),
    TextLimit(Channel.INMAIL, "body", 2_000, "help page a554514 (2026)"),
)
"""The limits that are published."""


def check_text_limits(
    channel: Channel | str,
    *,
    note: str | None = None,
    subject: str | None = None,
    body: str | None = None,
    limits: Iterable[TextLimit] = TEXT_LIMITS,
) -> None:
    """Refuse a text that is longer than its channel allows, or that its channel does not carry.

    Args:
        channel: the channel the texts go through.
        note: the note of an invitation.
        subject: the subject line.
        body: the text itself.
        limits: the limits to hold them to.

    Raises:
        InvalidValueError: for an unknown channel; for a text too long, with its length, the limit, its
            source and how much to cut; for a text the channel does not carry, naming those it does.
            Nothing is raised for a channel without limits.

    Example:
        >>> check_text_limits(Channel.INVITATION, note="Hello")
        >>> check_text_limits(Channel.INVITATION, note="x" * 300)
        Traceback (most recent call last):
        ...
        inmail_credits.errors.InvalidValueError: length of the invitation note is 300, but must be at most
        299 characters (R11: article on LinkedIn messaging (2019)): cut 1
    """
    channel = Channel(channel)
    given = as_items("limits", limits, "a list of TextLimit")
    known = [as_instance("limit", limit, TextLimit, "a TextLimit") for limit in given]
    of_channel = {limit.text: limit for limit in known if limit.channel is channel}
    if not of_channel:
        return
    for name, text in zip(TEXTS, (note, subject, body), strict=True):
        if text is None:
            continue
        if name not in of_channel:
            raise InvalidValueError(f"text of the channel {channel}", name, f"one of {', '.join(of_channel)}")
        if not isinstance(text, str):
            raise InvalidValueError(f"{channel} {name}", text, "a text")
        limit = of_channel[name]
        if len(text) > limit.length_max:
            cut = len(text) - limit.length_max
            raise InvalidValueError(
                f"length of the {channel} {name}",
                len(text),
                f"at most {limit.length_max:,} characters ({limit.page}): cut {cut:,}",
            )

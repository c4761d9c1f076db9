"""A chain of hashes through a log: optional to write, verified where present.

A line can carry ``chain``, the SHA-256 of the line before it (its ``chain``) and of its own text. A changed
byte, a missing, doubled or moved line then breaks the chain at that line or the next. What a chain cannot
show from inside is a log that lost its last lines: keep the head, the ``chain`` of the last line, elsewhere.
It finds damage and mistakes; it does not authenticate, since whoever rewrites a log can chain it anew.

A log is chained from its first line to its last, or not at all. The member stands first in its line, as
sorted keys put it, and covers every byte that follows it.
"""

import re
from hashlib import sha256
from typing import Final

from inmail_credits.wire._strict_json import LineRefusedError, shown

START: Final = ""
"""What the first line of a chained log follows."""

_LINK: Final = re.compile(r'\{"chain":"([0-9a-f]{64})",')
_HEAD: Final = re.compile(r"[0-9a-f]{64}")


def is_head(text: object) -> bool:
    """Whether a value can be the head of a chain: 64 hexadecimal digits, or the start, an empty text."""
    return isinstance(text, str) and (text == START or _HEAD.fullmatch(text) is not None)


def link(body: str, after: str) -> str:
    """The hash of a line's text without its chain, following the line whose chain is ``after``.

    Example:
        >>> link('{"data":{}}', "")[:8], link('{"data":{}}', "")[:8] == link('{"data":{} }', "")[:8]
        ('f7bf0a91', False)
    """
    return sha256(f"{after}\n{body}".encode()).hexdigest()


def chained(body: str, after: str) -> str:
    """A line's text with its chain in front."""
    return f'{{"chain":"{link(body, after)}",{body[1:]}'


def split(text: str) -> tuple[str | None, str]:
    """The chain that a line carries, or ``None``, and its text without it."""
    found = _LINK.match(text)
    return (found[1], "{" + text[found.end() :]) if found else (None, text)


class Links:
    """Checks line after line that each follows from the one before."""

    __slots__ = ("_any", "head")

    def __init__(self, after: str) -> None:
        self.head = after
        self._any = after != START
        """Whether lines before are chained."""

    def check(self, number: int, chain: str | None, body: str) -> None:
        """Take in the next line.

        Raises:
            LineRefusedError: if it does not follow from the line before.
        """
        if chain is None:
            if self._any:
                raise LineRefusedError(
                    "has no chain, but the lines before it have; a log has it on all lines"
                )
            return
        if number > 1 and not self._any:
            raise LineRefusedError(
                "has a chain, but the lines before it have none; a log has it on all lines"
            )
        if chain != link(body, self.head):
            before = f"the line before it, {shown(self.head)}" if self._any else "the start of a log"
            raise LineRefusedError(
                f"its chain does not follow from {before}: this line was changed, or lines before it are "
                "missing, doubled or moved"
            )
        self.head = chain
        self._any = True

"""What a damaged log still says, and how to write on after one.

Crashes strike the end of a log, damage any place. What comes before the first wrong line is intact; whole
lines behind it are facts too, but what they follow is not known, so they are handed out apart.
"""

from collections.abc import Iterable

from attrs import frozen

from inmail_credits.errors import InvalidValueError, WireError
from inmail_credits.facts import Fact
from inmail_credits.wire._chain import START, Links, split
from inmail_credits.wire._events import SOURCE
from inmail_credits.wire._lines import (
    checked_head,
    cut_off,
    dumps,
    is_ended,
    last_line,
    read_line,
    size_of,
    split_lines,
)
from inmail_credits.wire._strict_json import LineRefusedError, clipped, shown


@frozen
class Salvaged:
    """What could be read of a log.

    Fields:
        facts: those before the first wrong line.
        error: what is wrong with that line; ``None`` if the whole log was read.
        intact_bytes: where the intact part ends, in bytes of UTF-8: the line feed of its last line included.
        apart: the whole lines behind the first wrong one, as (line, fact). Lines may be missing between.
        errors: what is wrong with each wrong line, the first included.
    """

    facts: tuple[Fact, ...]
    error: WireError | None
    intact_bytes: int = 0
    apart: tuple[tuple[int, Fact], ...] = ()
    errors: tuple[WireError, ...] = ()

    def __str__(self) -> str:
        if self.error is None:
            return f"{len(self.facts):,} facts, intact"
        return (
            f"{len(self.facts):,} facts in {self.intact_bytes:,} intact bytes, {len(self.errors):,} wrong "
            f"lines, {len(self.apart):,} facts on whole lines behind; {self.error}"
        )


def salvage(text: str | bytes, *, after: str = START) -> Salvaged:
    r"""What a damaged log still says: the facts before the first wrong line, and those behind it, apart.

    Where the log is chained, a line behind a wrong one must follow from the chain its neighbour carries.
    ``after`` as for :func:`~inmail_credits.wire.read`.

    Example:
        >>> from datetime import UTC, datetime
        >>> from inmail_credits.facts import Cancelled
        >>> from inmail_credits.wire import dump_line
        >>> lines = [dump_line(Cancelled(at=datetime(2026, month, 1, tzinfo=UTC))) for month in (3, 4, 5)]
        >>> salvaged = salvage(lines[0] + lines[1][:40] + "\n" + lines[2])
        >>> len(salvaged.facts), salvaged.error.line, salvaged.intact_bytes == len(lines[0])
        (1, 2, True)
        >>> [(line, fact.at.month) for line, fact in salvaged.apart]
        [(3, 5)]
    """
    if not isinstance(text, str | bytes):
        raise InvalidValueError("text", shown(text), "a str or bytes")
    links = Links(checked_head("after", after))
    facts: list[Fact] = []
    apart: list[tuple[int, Fact]] = []
    errors: list[WireError] = []
    byte = intact = 0
    for number, line in enumerate(split_lines(text), 1):
        try:
            fact = read_line(line, number, links)
        except LineRefusedError as error:
            errors.append(WireError(number, _reason(error, line, byte), byte))
            links = _links_behind(line)
        else:
            if errors:
                apart.append((number, fact))
            else:
                facts.append(fact)
                intact = byte + size_of(line) - (not is_ended(line))
        byte += size_of(line)
    if not byte:
        errors.append(WireError(1, "there are no facts; a log has at least one line, a subscription"))
    return Salvaged(tuple(facts), errors[0] if errors else None, intact, tuple(apart), tuple(errors))


def continued(log: str | bytes, facts: Iterable[Fact], *, source: str = SOURCE) -> str:
    r"""The text to append to a log so that these facts follow it.

    It begins with a line feed where the last line lacks its own, and it continues the chain where the last
    line carries one. The end of the log is enough: its last line, whole.

    Raises:
        WireError: if the last line is no whole fact; cut the log to ``salvage(log).intact_bytes`` first.

    Example:
        >>> from datetime import UTC, datetime
        >>> from inmail_credits.facts import Cancelled
        >>> from inmail_credits.wire import dumps, loads
        >>> first, second = (Cancelled(at=datetime(2026, month, 1, tzinfo=UTC)) for month in (3, 4))
        >>> log = dumps([first]).removesuffix("\n")  # a crash took the line feed
        >>> loads(log + continued(log, [second])) == [first, second]
        True
    """
    line = last_line(log)
    if not line:
        return dumps(facts, source=source)
    chain, body = split(line)
    try:
        read_line(body, 1, Links(START))
    except LineRefusedError as error:
        raise WireError(
            1,
            f"the last line of the log is no whole fact ({error.reason}); cut the log to "
            "salvage(log).intact_bytes first",
        ) from None
    return ("" if is_ended(log) else "\n") + dumps(facts, source=source, after=chain)


def _reason(error: LineRefusedError, line: str | bytes, byte: int) -> str:
    reason = clipped(error.reason)
    return reason if is_ended(line) else f"{reason}. {cut_off(byte)}"


def _links_behind(line: str | bytes) -> Links:
    """How the line behind a wrong one is checked: from the chain that the wrong one carries, if it does."""
    chain, _ = split(last_line(line))
    return Links(chain or START)

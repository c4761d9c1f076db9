"""Every error this package raises, in one hierarchy.

An error says what failed, the value, the limit and the fix, in one sentence. Each class is also the
nearest builtin, so ``except ValueError`` keeps working in code that knows nothing of this package.
All are built positionally and pickle, also by what sets their attributes one by one, such as Dask: a frozen
class would refuse that. They are written out, as attrs would take longer to make their classes than all of
this file takes otherwise.
"""

from datetime import datetime

from attrs import AttrsInstance, fields

SHOWN_MAX = 60
"""How much of a value a message shows where it shows several."""
VALUE_SHOWN_MAX = 200
"""How much of the one value that is refused."""


def shown(value: object, *, length_max: int = VALUE_SHOWN_MAX) -> str:
    """A value as a message shows it: its repr on one line, cut to ``length_max`` characters.

    A value whose repr fails, such as a number of more digits than Python writes, is shown by its type.

    Example:
        >>> shown("m-1"), shown("x" * 100, length_max=5), shown(10**5000)
        ("'m-1'", "'xxxx...", '<int>')
    """
    try:
        text = stamp(value) if type(value) is datetime and value.tzinfo is not None else repr(value)
    except Exception:  # noqa: BLE001 - the repr is the caller's, and a message must come out
        return f"<{type(value).__name__}>"
    text = text if text.isprintable() and len(text) <= length_max else " ".join(text.split())
    return text if len(text) <= length_max else f"{text[:length_max]}..."


class InMailCreditsError(Exception):
    """The base of every error this package raises on purpose."""


class InvalidValueError(InMailCreditsError, ValueError):
    """A value is outside what its place allows.

    Example:
        >>> str(InvalidValueError("reply rate", 1.2, "a number from 0 to 1"))
        'reply rate is 1.2, but must be a number from 0 to 1'
    """

    def __init__(self, what: str, value: object, limit: str) -> None:
        super().__init__(what, value, limit)
        self.what = what
        self.value = value
        self.limit = limit

    def __str__(self) -> str:
        return f"{self.what} is {shown(self.value)}, but must be {self.limit}"


class NaiveInstantError(InMailCreditsError, ValueError):
    """An instant carries no time zone (D1)."""

    def __init__(self, what: str, value: datetime) -> None:
        super().__init__(what, value)
        self.what = what
        self.value = value

    def __str__(self) -> str:
        return (
            f"{self.what} is {self.value.isoformat()}, which has no time zone. "
            f"Say which one it is in, for example {self.value.isoformat()}+00:00 "
            "(datetime(..., tzinfo=UTC))"
        )


class UnknownNameError(InMailCreditsError, LookupError):
    """A name (a plan, an economy, a preset) is not among those known.

    ``owner`` is where it was looked for, if that has a name of its own.

    Example:
        >>> str(UnknownNameError("plan", "gold", ("career", "business"), "economy 'mine'"))
        "economy 'mine' has no plan 'gold'; known: career, business"
    """

    def __init__(self, what: str, name: str, known: tuple[str, ...], owner: str = "") -> None:
        super().__init__(what, name, known, owner)
        self.what = what
        self.name = name
        self.known = known
        self.owner = owner

    def __str__(self) -> str:
        if self.owner:
            return f"{self.owner} has no {self.what} {shown(self.name)}; known: {', '.join(self.known)}"
        return f"there is no {self.what} {shown(self.name)}; known: {', '.join(self.known)}"


class RefusedError(InMailCreditsError, RuntimeError):
    """A command that the rules do not allow; the account is exactly as it was (D15).

    Fields:
        action: what was asked, such as ``"send 'm-9'"``.
        at: the instant of it.
        reason: why not, and what would help.
        fact: the fact that was refused; ``None`` where no fact was offered.
        credits_left: the credits left at ``at``; ``None`` where no fact was offered.
        next_grant_at: when the next scheduled grant comes; ``None`` if none comes, or no fact was offered.
        next_grant_credits: how many credits it brings.
        existing: the recorded fact that is in the way, such as the sending under the same message id.
    """

    def __init__(
        self,
        action: str,
        at: datetime,
        reason: str,
        fact: AttrsInstance | None = None,
        credits_left: int | None = None,
        next_grant_at: datetime | None = None,
        next_grant_credits: int | None = None,
        existing: AttrsInstance | None = None,
    ) -> None:
        super().__init__(action, at, reason, fact, credits_left, next_grant_at, next_grant_credits, existing)
        self.action = action
        self.at = at
        self.reason = reason
        self.fact = fact
        self.credits_left = credits_left
        self.next_grant_at = next_grant_at
        self.next_grant_credits = next_grant_credits
        self.existing = existing

    def __str__(self) -> str:
        return f"cannot {self.action} at {stamp(self.at)}: {self.reason}"


class NoCreditError(RefusedError):
    """A send found no live credit (R4), or the seat's monthly limit was reached."""


class DuplicateMessageError(RefusedError):
    """A second message under an id that is already in use."""


class UnknownMessageError(RefusedError):
    """A reply, withdrawal or failed delivery of a message that was not sent by then."""


class SubscriptionError(RefusedError):
    """The subscription does not allow it: none is running, or one already is (D12)."""


class BeforeOpeningError(RefusedError):
    """A fact before the instant at which the account begins: what happened then is unknown (D17)."""


class ConcurrentUseError(InMailCreditsError, RuntimeError):
    """Two threads used one account at once without a lock; the one that came second has changed nothing."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action

    def __str__(self) -> str:
        return (
            f"cannot {self.action}: another thread is recording in this account; "
            "hold one lock per account around its commands and questions"
        )


class FactConflictError(InMailCreditsError, ValueError):
    """A fact id that is already recorded, with other content (D14).

    Fields:
        fact_id: the id.
        recorded: the fact that has it.
        offered: the one that was to be recorded under it.
    """

    def __init__(self, fact_id: str, recorded: AttrsInstance, offered: AttrsInstance) -> None:
        super().__init__(fact_id, recorded, offered)
        self.fact_id = fact_id
        self.recorded = recorded
        self.offered = offered

    def __str__(self) -> str:
        differing = ", ".join(
            f"{field.name} {shown(getattr(self.recorded, field.name, None), length_max=SHOWN_MAX)} recorded, "
            f"{shown(getattr(self.offered, field.name, None), length_max=SHOWN_MAX)} offered"
            for field in fields(type(self.offered))
            if field.eq
            and getattr(self.recorded, field.name, None) != getattr(self.offered, field.name, None)
        )
        return (
            f"fact {self.fact_id!r} is already recorded with other content "
            f"({differing or 'of another type'}); give the new fact an id of its own"
        )


class WireError(InMailCreditsError, ValueError):
    """A line that is not a fact; nothing before it is lost. ``byte`` is where the line begins, from 0."""

    def __init__(self, line: int, reason: str, byte: int = 0) -> None:
        super().__init__(line, reason, byte)
        self.line = line
        self.reason = reason
        self.byte = byte

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class UnreadableTableError(InMailCreditsError, ValueError):
    """A table of records (an export, a CSV, a DataFrame) that cannot be read, with the line at fault.

    Example:
        >>> str(UnreadableTableError("messages.csv", 1, "no column 'DATE'"))
        "messages.csv, line 1: no column 'DATE'"
    """

    def __init__(self, source: str, line: int, reason: str) -> None:
        super().__init__(source, line, reason)
        self.source = source
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source}, line {self.line}: {self.reason}"


class UnsupportedTermError(InMailCreditsError, ValueError):
    """The engine does not know a term of this plan; it never approximates in silence."""

    def __init__(self, term: str, value: object, fix: str) -> None:
        super().__init__(term, value, fix)
        self.term = term
        self.value = value
        self.fix = fix

    def __str__(self) -> str:
        return f"the engine does not support {self.term}={self.value!r}; {self.fix}"


def stamp(at: datetime) -> str:
    """An instant as people and logs read it: RFC 3339 in UTC, in whole seconds or microseconds.

    Example:
        >>> from datetime import UTC
        >>> stamp(datetime(2026, 3, 1, 9, tzinfo=UTC))
        '2026-03-01T09:00:00Z'
    """
    return at.isoformat().replace("+00:00", "Z")

"""Who is in a fleet: people with accounts of their own, and contracts whose seats share one pool.

A person is known by name: the random numbers of a person follow from the seed and the name alone. So the same
person wants the same messages and gets the same answers whoever else is in the fleet, in whatever order, on
an account of their own or on a seat of a contract.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from attrs import field, frozen

from inmail_credits._inputs import as_instance, as_items, as_text, as_whole, whole_or_none
from inmail_credits.account import Account
from inmail_credits.errors import (
    InvalidValueError,
    NaiveInstantError,
    RefusedError,
    UnknownNameError,
    UnsupportedTermError,
)
from inmail_credits.facts import Fact
from inmail_credits.plans import CREDITS_MAX, Plan
from inmail_credits.simulation.behaviour import Outreach
from inmail_credits.timeline import AnyInstant, instant

SEATS_MAX: Final = CREDITS_MAX
_SUBJECT: Final = "a Plan or an Account"


def _start(value: AnyInstant | None) -> datetime | None:
    return None if value is None else instant(value, what="start")


def _joins(value: AnyInstant | None) -> datetime | None:
    return None if value is None else instant(value, what="joins")


def _leaves(value: AnyInstant | None) -> datetime | None:
    return None if value is None else instant(value, what="leaves")


def as_planned(values: Iterable[Fact]) -> tuple[Fact, ...]:
    """A collection of planned facts, each checked to be one."""
    items = as_items("planned", values, "a list of facts")
    return tuple([as_instance("planned fact", value, Fact, "a fact") for value in items])


@frozen
class Member:
    """A person with an account of their own.

    Fields:
        name: who it is; each name once in a fleet.
        subject: a plan, subscribed to at the start; or an account as it stands.
        outreach: what the person does.
        start: the instant of day 0 of this account; ``None`` for that of the simulation, and where that has
            none, for the latest fact of an account.
        planned: facts that will happen within the horizon, as for
            :func:`~inmail_credits.simulation.simulate`: a cancellation, a switch, other terms, a purchase.

    Raises:
        InvalidValueError: with the member, the field, the value and the limit.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Sends
        >>> Member("ana", economies.LINKEDIN_2019["career"], Outreach(sends=Sends.poisson(per_week=2))).name
        'ana'
    """

    name: str
    subject: Plan | Account
    outreach: Outreach
    start: datetime | None = field(default=None, converter=_start, kw_only=True)
    planned: tuple[Fact, ...] = field(default=(), converter=as_planned, kw_only=True)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "name", as_text("name of a member", self.name))
        with naming(self.name):
            if not isinstance(self.subject, Plan | Account):
                raise InvalidValueError("subject", self.subject, _SUBJECT)
            as_instance("outreach", self.outreach, Outreach, "an Outreach")


@frozen
class Seat:
    """A person on a seat of a contract.

    Fields:
        name: who it is; each name once in a fleet, those of members included.
        outreach: what the person does. Their days are those of the contract's first seat.
        limit: the most messages the seat may send from one scheduled grant to the next (D20); ``None`` for no
            limit.
        joins: the instant at which the seat is added; ``None`` for one that is there at the start.
        leaves: the instant at which it is removed; ``None`` for never.

    Raises:
        InvalidValueError: with the seat, the field, the value and the limit.
    """

    name: str
    outreach: Outreach
    limit: int | None = field(default=None, validator=whole_or_none(0, CREDITS_MAX), kw_only=True)
    joins: datetime | None = field(default=None, converter=_joins, kw_only=True)
    leaves: datetime | None = field(default=None, converter=_leaves, kw_only=True)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "name", as_text("name of a seat", self.name))
        with naming(self.name):
            as_instance("outreach", self.outreach, Outreach, "an Outreach")
            if self.joins is not None and self.leaves is not None and self.leaves <= self.joins:
                raise InvalidValueError("leaves", self.leaves, "after the seat joins")


def _seats(values: Iterable[Seat]) -> tuple[Seat, ...]:
    items = as_items("seats", values, "a list of Seat", count_max=SEATS_MAX)
    return tuple([as_instance("seat", value, Seat, "a Seat") for value in items])


@frozen
class Contract:
    """A contract: one pool of credits for the people on its seats.

    Grants and the cap grow with the number of seats (D20): a seat that joins adds one, one that leaves takes
    one away. Within a step the seats send in the order given. The days and the time zone of all are those of
    the first seat, who buys for all, and is taken to have sent the messages that are open in an account.

    Fields:
        name: what it is called; each name once in a fleet.
        subject: a plan, subscribed to at the start; or an account as it stands.
        seats: the people on it.
        start: the instant of day 0, as for a :class:`Member`.
        seats_bought: how many seats the contract has at the start, if more than people are there: an empty
            seat brings its allotment as well. An account has its own.
        planned: facts that will happen within the horizon, as for a :class:`Member`, beside the seats that
            join and leave and their limits.

    Raises:
        InvalidValueError: with the contract, the field, the value and the limit.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Sends
        >>> plan = economies.LINKEDIN_2026["recruiter-corporate"]
        >>> busy = Outreach(sends=Sends.poisson(per_week=40))
        >>> contract = Contract("team", plan, [Seat("ana", busy, limit=100), Seat("bo", busy)])
        >>> [seat.name for seat in contract.seats]
        ['ana', 'bo']
    """

    name: str
    subject: Plan | Account
    seats: tuple[Seat, ...] = field(converter=_seats)
    start: datetime | None = field(default=None, converter=_start, kw_only=True)
    seats_bought: int | None = field(default=None, validator=whole_or_none(1, SEATS_MAX), kw_only=True)
    planned: tuple[Fact, ...] = field(default=(), converter=as_planned, kw_only=True)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "name", as_text("name of a contract", self.name))
        with naming(self.name, what="contract"):
            if not isinstance(self.subject, Plan | Account):
                raise InvalidValueError("subject", self.subject, _SUBJECT)
            if not self.seats:
                raise InvalidValueError("seats", [], "at least one Seat")
            if isinstance(self.subject, Account) and self.seats_bought is not None:
                raise InvalidValueError(
                    "seats_bought", self.seats_bought, "left out where the subject is an account"
                )

    def seats_at(self, start: datetime) -> int:
        """How many seats the contract has at its start.

        Raises:
            InvalidValueError: for fewer than people are there.
        """
        here = sum(seat.joins is None or seat.joins <= start for seat in self.seats)
        bought = max(here, 1) if self.seats_bought is None else self.seats_bought
        return as_whole("seats_bought", bought, max(here, 1), SEATS_MAX)


@contextmanager
def naming(name: str, *, what: str = "member") -> Iterator[None]:
    """Add who it is about to the message of an error.

    Example:
        >>> with naming("ana"):
        ...     raise InvalidValueError("limit", -1, "0 or more")
        Traceback (most recent call last):
        ...
        inmail_credits.errors.InvalidValueError: member 'ana': limit is -1, but must be 0 or more
    """
    try:
        yield
    except InvalidValueError as error:
        raise InvalidValueError(f"{what} {name!r}: {error.what}", error.value, error.limit) from None
    except NaiveInstantError as error:
        raise NaiveInstantError(f"{what} {name!r}: {error.what}", error.value) from None
    except UnsupportedTermError as error:
        raise UnsupportedTermError(error.term, error.value, f"{error.fix} ({what} {name!r})") from None
    except RefusedError as error:
        raise type(error)(f"{error.action} ({what} {name!r})", *error.args[1:]) from None
    except UnknownNameError as error:
        owner = f"{what} {name!r}: {error.owner}" if error.owner else f"{what} {name!r}"
        raise UnknownNameError(error.what, error.name, error.known, owner) from None


def check_once(what: str, names: Iterable[str]) -> None:
    """Refuse a name that is there twice.

    Raises:
        InvalidValueError: naming it.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidValueError(what, name, "used once in a fleet")
        seen.add(name)

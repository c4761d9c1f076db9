"""A fleet: many members and contracts, simulated together."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Self, cast

import numpy as np
import numpy.typing as npt

from inmail_credits._inputs import as_instance, as_items, as_pairs, as_text
from inmail_credits.account import Account
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.plans import Economy, Plan
from inmail_credits.simulation.behaviour import Replies
from inmail_credits.simulation.behaviour.outreach import NO_REPLIES
from inmail_credits.simulation.fleet.frame import DEFAULT_ECONOMY, read_frame
from inmail_credits.simulation.fleet.members import Contract, Member, Seat, check_once, naming
from inmail_credits.simulation.fleet.roster import Roster
from inmail_credits.timeline import AnyInstant, instant

Ints = npt.NDArray[np.int64]
MEMBERS_MAX: Final = 10_000_000


class Fleet:
    """Members and contracts, each person under a name of their own.

    Args:
        members: :class:`Member` and :class:`Contract` values, at least one.

    Raises:
        InvalidValueError: for none, something else, or a name that is used twice.

    Example:
        >>> from inmail_credits import economies
        >>> from inmail_credits.simulation import Outreach, Sends
        >>> plan = economies.LINKEDIN_2019["career"]
        >>> fleet = Fleet(
        ...     Member(name, plan, Outreach(sends=Sends.poisson(per_week=rate)))
        ...     for name, rate in (("ana", 2), ("bo", 5))
        ... )
        >>> fleet, fleet["bo"].outreach.sends.per_week
        (<Fleet of 2 people: 2 accounts>, 5.0)
    """

    def __init__(self, members: Iterable[Member | Contract]) -> None:
        limit = "a list of Member and Contract"
        entries = tuple(_checked(one) for one in as_items("members", members, limit, count_max=MEMBERS_MAX))
        if not entries:
            raise InvalidValueError("members", [], "at least one Member or Contract")
        self._set(None, entries, None)

    def _set(self, roster: Roster | None, entries: tuple[Member | Contract, ...], place: Ints | None) -> None:
        """Take the rows of a roster, then the entries; ``place`` says where each person is among these."""
        own = [] if roster is None else roster.names
        people = [*own, *(name for one in entries for name in _people(one))]
        self.roster: Roster | None = roster
        self.entries: tuple[Member | Contract, ...] = entries
        self.place: Ints | None = place
        self.people: tuple[str, ...] = tuple(
            people if place is None else [people[number] for number in place.tolist()]
        )
        check_once("name of a member", self.people)
        check_once("name of an account", self.accounts)

    @classmethod
    def from_frame(
        cls,
        frame: object,
        *,
        start: AnyInstant | None = None,
        economy: Economy | str = DEFAULT_ECONOMY,
        replies: Replies = NO_REPLIES,
    ) -> Self:
        """A fleet from a table: a row a person.

        Args:
            frame: a DataFrame, or a mapping of columns by name. Columns: ``name``, ``plan``, ``per_week``
                (mean messages wanted a week) and ``reply_rate`` (0 to 1); and where they are wanted
                ``economy`` (of the plan), ``on`` (``all_days`` or ``weekdays``), ``sample_size`` (on how many
                messages the rate was observed), ``withdraw_rate``, ``withdraw_after_days``, ``zone``,
                ``start``, ``balance`` and ``renews_on`` (of an account that runs already), ``contract`` (the
                row is a seat of it), and for such rows ``seats_bought``, ``limit``, ``joins`` and ``leaves``.
                A cell that is empty takes the default.
            start: the start of rows that have none of their own.
            economy: where plans are looked up in rows without an economy: an Economy, or a name that ships.
            replies: the delay and the kinds of all replies, and the sample size of rows that have none; its
                rate is not used.

        Raises:
            InvalidValueError: with the person, the column, the value and the limit; for a column that is
                missing or not known.
            UnknownNameError: for a plan that its economy does not have.

        Example:
            >>> roster = {
            ...     "name": ["ana", "bo", "cy"],
            ...     "plan": ["career", "recruiter-lite", "recruiter-lite"],
            ...     "per_week": [2, 9, 12],
            ...     "reply_rate": [0.3, 0.25, 0.4],
            ... }
            >>> fleet = Fleet.from_frame(roster)
            >>> fleet, fleet["bo"].outreach.replies.rate
            (<Fleet of 3 people: 3 accounts>, 0.25)
            >>> Fleet.from_frame({**roster, "reply_rate": [0.3, 25, 0.4]})
            Traceback (most recent call last):
            ...
            inmail_credits.errors.InvalidValueError: member 'bo': reply_rate is 25, but must be a number ...
        """
        as_instance("replies", replies, Replies, "a Replies")
        read = read_frame(frame, start=start, economy=economy, replies=replies)
        fleet = cls.__new__(cls)
        fleet._set(read.roster if len(read.roster) else None, tuple(read.contracts), read.place)  # noqa: SLF001 - it is one of ours
        return fleet

    def __len__(self) -> int:
        """How many people there are."""
        return len(self.people)

    def __iter__(self) -> Iterator[Member | Contract]:
        """Members and contracts, in the order of ``accounts``."""
        if self.roster is not None:
            yield from (self.roster.member(row) for row in range(len(self.roster)))
        yield from self.entries

    def __getitem__(self, name: str) -> Member | Seat:
        name = as_text("member", name)
        if self.roster is not None and name in self.roster.names:
            return self.roster.member(self.roster.names.index(name))
        for entry in self.entries:
            for one in (entry,) if isinstance(entry, Member) else entry.seats:
                if one.name == name:
                    return one
        raise UnknownNameError("member", name, self.people[:10], "the fleet")

    def __repr__(self) -> str:
        accounts = len(self.accounts)
        contracts = sum(isinstance(one, Contract) for one in self.entries)
        parts = [(accounts - contracts, "account"), (contracts, "contract")]
        shown = ", ".join(f"{count:,} {what}{'s' * (count != 1)}" for count, what in parts if count)
        return f"<Fleet of {len(self):,} people: {shown}>"

    @property
    def accounts(self) -> tuple[str, ...]:
        """The names of the accounts: members with an account of their own, then contracts.

        A fleet that was made of members and contracts keeps their order.
        """
        own = () if self.roster is None else self.roster.names
        return (*own, *(one.name for one in self.entries))

    @property
    def account_of(self) -> Ints:
        """The number of the account of each person, in the order of ``people``; shape (people,)."""
        own = 0 if self.roster is None else len(self.roster)
        sizes = [1 if isinstance(one, Member) else len(one.seats) for one in self.entries]
        numbers = np.concatenate([np.arange(own), own + np.repeat(np.arange(len(sizes)), sizes)])
        return numbers.astype(np.int64) if self.place is None else numbers[self.place].astype(np.int64)

    def begins_at(self, start: AnyInstant | None = None) -> tuple[datetime, str]:
        """The earliest start, and the time zone of whoever starts then.

        ``start`` is that of those without their own.

        Raises:
            InvalidValueError: for a plan without a start, with the member.
        """
        given = None if start is None else instant(start, what="start")
        found = []
        for name, subject, own, zone in self._starting():
            begin = own or given
            if begin is None and isinstance(subject, Account):
                begin = subject.latest_at
            if begin is None:
                with naming(name):
                    raise InvalidValueError("start", None, "given where a plan is simulated")
            found.append((begin, zone))
        return min(found, key=lambda one: one[0])

    def _starting(self) -> Iterator[tuple[str, Plan | Account, datetime | None, str]]:
        """Who starts with what, when and in which zone; of rows that are alike one."""
        if self.roster is not None:
            first_rows = np.unique(self.roster.subjects.codes, return_index=True)[1].tolist()
            for one, row in zip(self.roster.subjects.values, first_rows, strict=True):
                yield self.roster.names[row], one.subject, one.start, one.zone
        for entry in self.entries:
            person = entry if isinstance(entry, Member) else entry.seats[0]
            yield entry.name, entry.subject, entry.start, person.outreach.zone

    def pooled(
        self,
        subject: Plan | Account,
        *,
        name: str = "pool",
        start: AnyInstant | None = None,
        seats_bought: int | None = None,
        limits: Mapping[str, int] | None = None,
    ) -> Self:
        """The same people on the seats of one contract: what they want and get as answers stays the same.

        Args:
            subject: the plan of the contract, or its account.
            name: what the contract is called.
            start: as of a :class:`Contract`.
            seats_bought: as of a :class:`Contract`.
            limits: the limit of a seat by the name of the person, for those who have one.

        Raises:
            InvalidValueError: for what a :class:`Contract` refuses.
            UnknownNameError: for a limit of somebody who is not in the fleet.
        """
        pairs = [] if limits is None else as_pairs("limits", limits, "whole numbers by the name of a person")
        limit_of = {as_text("member", person): limit for person, limit in pairs}
        if unknown := next((person for person in limit_of if person not in self.people), None):
            raise UnknownNameError("member", unknown, self.people[:10], "the fleet")
        everyone = [one for entry in self for one in ((entry,) if isinstance(entry, Member) else entry.seats)]
        if self.place is not None:
            everyone = [everyone[number] for number in self.place.tolist()]
        seats = [
            Seat(
                one.name,
                one.outreach,
                limit=cast(
                    "int | None", limit_of.get(one.name, None if isinstance(one, Member) else one.limit)
                ),
                joins=None if isinstance(one, Member) else one.joins,
                leaves=None if isinstance(one, Member) else one.leaves,
            )
            for one in everyone
        ]
        contract = Contract(as_text("name", name), subject, seats, start=start, seats_bought=seats_bought)
        return type(self)([contract])


def _checked(one: object) -> Member | Contract:
    if not isinstance(one, Member | Contract):
        raise InvalidValueError("member", one, "a Member or a Contract")
    return one


def _people(one: Member | Contract) -> Iterator[str]:
    if isinstance(one, Member):
        yield one.name
    else:
        yield from (seat.name for seat in one.seats)

"""A fleet from a frame: a row a person.

A row with a ``contract`` is a seat of it; the others are accounts of their own.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

import numpy as np
from attrs import frozen

from inmail_credits._inputs import as_rate, as_text, as_whole, known_name
from inmail_credits._zones import UTC_NAME, check_zone
from inmail_credits.account import Account
from inmail_credits.errors import InvalidValueError, shown
from inmail_credits.plans import CREDITS_MAX, Economy, Plan, economies
from inmail_credits.simulation.behaviour import Replies, Withdrawals
from inmail_credits.simulation.behaviour.replies import SAMPLE_SIZE_MAX
from inmail_credits.simulation.behaviour.week_profile import DAYS_OF_WEEK, PER_DAY_MAX
from inmail_credits.simulation.fleet.columns import (
    Coded,
    Column,
    Ints,
    coded,
    coded_numbers,
    columns_of,
    names_of,
    pairs,
)
from inmail_credits.simulation.fleet.members import SEATS_MAX, Contract, Seat, naming
from inmail_credits.simulation.fleet.roster import Roster, Subject, outreach_of
from inmail_credits.timeline import DAYS_MAX, AnyInstant, instant

COLUMNS: Final = (
    "name",
    "plan",
    "economy",
    "per_week",
    "on",
    "reply_rate",
    "sample_size",
    "withdraw_rate",
    "withdraw_after_days",
    "zone",
    "start",
    "balance",
    "renews_on",
    "contract",
    "seats_bought",
    "limit",
    "joins",
    "leaves",
)
"""The columns there may be."""
REQUIRED: Final = ("name", "plan", "per_week", "reply_rate")
PROFILES: Final = ("all_days", "weekdays")
DEFAULT_ECONOMY: Final = "linkedin-2019"
_OF_SEATS: Final = ("seats_bought", "limit", "joins", "leaves")


T = TypeVar("T")


class Read(NamedTuple):
    """A frame as a roster of own accounts, contracts, and for each row its place among the people.

    People are numbered: those of the roster first, then the seats of the contracts.
    """

    roster: Roster
    contracts: list[Contract]
    place: Ints


@frozen(eq=False)
class Rows:
    """The checked columns of a frame; ``opening`` is the balance and the renewal of each row."""

    names: list[str]
    plans: Coded[Plan]
    starts: Coded[datetime | None]
    zones: Coded[str]
    sends: Coded[tuple[str, float]]
    replies: Coded[tuple[float, int | None]]
    withdrawals: Coded[Withdrawals]
    openings: Coded[tuple[int | None, datetime | None]]
    contracts: Coded[str | None]
    seats_bought: Coded[int | None]
    limits: Coded[int | None]
    joins: Coded[datetime | None]
    leaves: Coded[datetime | None]


def read_frame(frame: object, *, start: AnyInstant | None, economy: Economy | str, replies: Replies) -> Read:
    """The people of a frame; arguments and errors as for :meth:`Fleet.from_frame`."""
    rows = _rows(frame, start, economy, replies)
    seated = np.array([one is not None for one in rows.contracts.values])[rows.contracts.codes]
    alone, seats = np.flatnonzero(~seated), np.flatnonzero(seated)
    _check_no_seat_terms(rows, alone)
    groups: dict[int, list[int]] = {}
    for row, code in zip(seats.tolist(), rows.contracts.codes[seats].tolist(), strict=True):
        groups.setdefault(code, []).append(row)
    contracts = [_contract(rows, own, replies) for own in groups.values()]
    order = np.array([*alone.tolist(), *(row for own in groups.values() for row in own)], dtype=np.int64)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return Read(_roster(rows, alone, replies), contracts, place)


def _rows(frame: object, start: AnyInstant | None, economy: Economy | str, law: Replies) -> Rows:
    """Every column, checked."""
    columns = columns_of(frame, COLUMNS)
    for name in REQUIRED:
        if name not in columns:
            limit = f"those needed, {', '.join(REQUIRED)}: {name!r} is missing"
            raise InvalidValueError("columns", list(columns), limit)
    names = names_of(columns["name"])
    if not names:
        raise InvalidValueError("rows of the frame", 0, "at least 1: a person a row")

    def column(name: str, check: Callable[[object], T], default: T, *, required: bool = False) -> Coded[T]:
        return coded(columns, name, check, names, default=default, required=required)

    def whole(name: str, low: int, high: int, default: int | None = None) -> Coded[int | None]:
        return column(name, lambda value: as_whole(name, value, low, high), default)

    def moment(name: str, default: datetime | None = None) -> Coded[datetime | None]:
        return column(name, lambda value: instant(value, what=name), default)  # type: ignore[arg-type] # a door

    return Rows(
        names=names,
        plans=_plans(columns, names, economy),
        starts=moment("start", None if start is None else instant(start, what="start")),
        zones=column("zone", lambda value: check_zone("zone", value), UTC_NAME),
        sends=pairs(
            column("on", lambda value: known_name("on", value, PROFILES), PROFILES[0]),
            coded_numbers(columns, "per_week", names, high=PER_DAY_MAX * DAYS_OF_WEEK, required=True),
        ),
        replies=pairs(
            coded_numbers(columns, "reply_rate", names, high=1, required=True),
            whole("sample_size", 1, SAMPLE_SIZE_MAX, law.sample_size),
        ),
        withdrawals=_withdrawals(columns, names),
        openings=pairs(whole("balance", 0, CREDITS_MAX), moment("renews_on")),
        contracts=column("contract", lambda value: as_text("contract", value), None),
        seats_bought=whole("seats_bought", 1, SEATS_MAX),
        limits=whole("limit", 0, CREDITS_MAX),
        joins=moment("joins"),
        leaves=moment("leaves"),
    )


def _plans(columns: dict[str, Column], names: list[str], economy: Economy | str) -> Coded[Plan]:
    """The plan of each row, by its name and that of its economy."""
    own = economy if isinstance(economy, Economy) else economies.get(economy)

    def known(value: object) -> Economy:
        return own if value == own.name else economies.get(value)  # type: ignore[arg-type] # a door

    both = pairs(
        coded(columns, "economy", known, names, default=own),
        coded(columns, "plan", lambda value: as_text("plan", value), names, default="", required=True),
    )
    plans: list[Plan] = []
    for (where, name), row in zip(both.values, _firsts(both.codes), strict=True):
        with naming(names[row]):
            plans.append(where[name])
    return Coded(plans, both.codes)


def _withdrawals(columns: dict[str, Column], names: list[str]) -> Coded[Withdrawals]:
    none = Withdrawals()
    both = pairs(
        coded(columns, "withdraw_rate", lambda value: as_rate("withdraw_rate", value), names, default=0.0),
        coded(
            columns,
            "withdraw_after_days",
            lambda value: as_whole("withdraw_after_days", value, 0, DAYS_MAX),
            names,
            default=none.after_days,
        ),
    )
    return Coded([Withdrawals(rate=rate, after_days=after) for rate, after in both.values], both.codes)


def _firsts(codes: Ints) -> list[int]:
    """The first row of each number."""
    firsts: list[int] = np.unique(codes, return_index=True)[1].tolist()
    return firsts


def _check_no_seat_terms(rows: Rows, alone: Ints) -> None:
    """Refuse what only a seat of a contract may have."""
    for name, column in (
        ("seats_bought", rows.seats_bought),
        ("limit", rows.limits),
        ("joins", rows.joins),
        ("leaves", rows.leaves),
    ):
        given = np.array([value is not None for value in column.values])[column.codes[alone]]
        if np.any(given):
            row = int(alone[int(np.argmax(given))])
            with naming(rows.names[row]):
                raise InvalidValueError(name, column[row], "left out where there is no contract")


def _roster(rows: Rows, alone: Ints, law: Replies) -> Roster:
    """The rows that are accounts of their own."""

    def some(column: Coded[T]) -> Coded[T]:
        return Coded(column.values, column.codes[alone])

    parts = pairs(pairs(some(rows.plans), some(rows.starts)), pairs(some(rows.openings), some(rows.zones)))
    subjects = []
    for (terms, more), place in zip(parts.values, _firsts(parts.codes), strict=True):
        (plan, start), (opening, zone) = terms, more
        with naming(rows.names[int(alone[place])]):
            subjects.append(Subject(_subject(plan, start, opening, seats=1), start, zone))
    return Roster(
        names=[rows.names[row] for row in alone.tolist()],
        subjects=Coded(subjects, parts.codes),
        sends=some(rows.sends),
        replies=some(rows.replies),
        withdrawals=some(rows.withdrawals),
        law=law,
    )


def _subject(
    plan: Plan, start: datetime | None, opening: tuple[int | None, datetime | None], *, seats: int
) -> Plan | Account:
    """The plan, or the account that a balance makes."""
    balance, renews_on = opening
    if balance is None and renews_on is None:
        return plan
    if balance is None or renews_on is None:
        missing = "balance" if balance is None else "renews_on"
        raise InvalidValueError(missing, None, "given where the other of balance and renews_on is")
    if start is None:
        raise InvalidValueError("start", None, "given where balance is: the instant at which it is known")
    return Account.from_balance(plan, at=start, balance=balance, renews_on=renews_on, seats=seats)


def _contract(rows: Rows, own: list[int], law: Replies) -> Contract:
    """The rows of one contract, which must agree on what the pool is."""
    name = str(rows.contracts[own[0]])
    with naming(name, what="contract"):
        plan = _common("plan", [rows.plans[row] for row in own])
        start = _common("start", [rows.starts[row] for row in own])
        balance = _common("balance", [rows.openings[row][0] for row in own])
        renews_on = _common("renews_on", [rows.openings[row][1] for row in own])
        bought = _common("seats_bought", [rows.seats_bought[row] for row in own])
        if plan is None:
            raise InvalidValueError("plan", None, "given")
        seats = [
            Seat(
                rows.names[row],
                outreach_of(rows.sends[row], rows.replies[row], rows.withdrawals[row], rows.zones[row], law),
                limit=rows.limits[row],
                joins=rows.joins[row],
                leaves=rows.leaves[row],
            )
            for row in own
        ]
    contract = Contract(name, plan, seats, start=start, seats_bought=bought)
    with naming(name, what="contract"):
        if balance is None and renews_on is None:
            return contract
        count = 1 if start is None else contract.seats_at(start)
        account = _subject(plan, start, (balance, renews_on), seats=count)
    return Contract(name, account, seats, start=start)


def _common(what: str, values: Sequence[T | None]) -> T | None:
    """What all rows of a contract say, those that say nothing left aside."""
    said = [value for value in values if value is not None]
    for value in said:
        if value != said[0]:
            one, first = (each.name if isinstance(each, Plan) else each for each in (value, said[0]))
            raise InvalidValueError(what, one, f"{shown(first)}, as in the first row of the contract")
    return said[0] if said else None

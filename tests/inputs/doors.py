"""Every public function and constructor of the core, with a value that each of its parameters takes."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cached_property
from types import ModuleType
from typing import Final, TypeAlias

from attrs import frozen

import inmail_credits
from inmail_credits import Account, Economy, Interval, Plan, economies, facts, ledger, plans, policy, wire
from inmail_credits import reach as reach_package
from inmail_credits import statements as statements_package
from inmail_credits.contract import SeatUse, seat_uses
from inmail_credits.errors import NoCreditError
from inmail_credits.ledger import Cause, Conflict, Entry, Lot, Outcome, Receipt, Ruling, Totals
from inmail_credits.plans import plain_data, toml
from inmail_credits.plans.plain_data import plan_to_dict
from inmail_credits.plans.toml import economy_to_toml
from inmail_credits.timeline import Schedule, calendar_months, instant

Subject: TypeAlias = Callable[[], object]

START: Final = datetime(2026, 1, 31, 9, tzinfo=UTC)
LATER: Final = datetime(2026, 2, 5, 9, tzinfo=UTC)
TEAM: Final = Plan(
    name="team", grant_credits=5, seats_max=3, purchase_credits_max=50, lifetime_days=90, cap_credits=50
)
LOT: Final = Lot(1, START, None, 3, 3, Cause.SCHEDULE)
SENT: Final = facts.Sent(at=START, message_id="m-0")


def an_account() -> Account:
    """A team of two seats with a limited seat, messages sent and answered."""
    account = Account.open(TEAM, at=START, seats=2)
    account.limit_seat("ann", credits_max=4, at=START)
    account.send("m-0", at=START, seat="ann")
    account.send("m-1", at=LATER)
    account.reply("m-0", at=LATER)
    return account


GOOD: Final[dict[str, object]] = {
    "account": None,  # made anew for each call
    "action": "send 'm'",
    "after": START,
    "allowed": (),
    "anchor": START,
    "at": LATER + timedelta(days=1),
    "balance": 3,
    "before": LATER,
    "billing_every": Interval(months=1),
    "cancel_at": "at_once",
    "cap_credits": 50,
    "cause": Cause.SCHEDULE,
    "channel": "inmail",
    "changes": (),
    "cleared": (),
    "closed": (),
    "conflicts": (),
    "cost_credits": 1,
    "count": 2,
    "credits": 2,
    "credits_max": 3,
    "data": plan_to_dict(TEAM),
    "days": 0,
    "degree": "2nd",
    "economy": economies.LINKEDIN_2019,
    "effective_on": date(2026, 1, 1),
    "end": LATER,
    "entries": (),
    "error": NoCreditError("send 'm'", START, "no credit"),
    "events": (),
    "every": Interval(months=1),
    "expires_at": None,
    "fact": facts.Sent(at=LATER, message_id="m-7"),
    "facts": (facts.Sent(at=LATER, message_id="m-7"),),
    "grain": "month",
    "grant_credits": 5,
    "grant_every": Interval(months=1),
    "grant_on": "anniversary",
    "id": "x-1",
    "item": "career",
    "k": 1,
    "key": "career",
    "kind": "message",
    "left": 3,
    "lifetime_days": 90,
    "limits": (),
    "line": wire.dump_line(SENT),
    "lines": (wire.dump_line(SENT),),
    "lot": 1,
    "map": {},
    "membership": "premium",
    "message_id": "m-1",
    "months": 1,
    "name": "linkedin-2019",
    "note": "",
    "number": 1,
    "opening": 0,
    "options": (),
    "other": None,
    "outcomes": (),
    "page": "any",
    "passed_over": (),
    "plan": TEAM,
    "plans": (TEAM,),
    "reason": "because",
    "received_at": START,
    "recipient": reach_package.Recipient(degree="2nd"),
    "recorded": None,
    "refund_kinds": ("message",),
    "refund_on": "reply",
    "refund_to": "fresh",
    "rule": "R1",
    "ruling": next(iter(Ruling)),
    "seat": "ann",
    "seat_grant": "at_once",
    "seats": 2,
    "source": "inmail-credits",
    "spent": 1,
    "start": START,
    "sure": "verbatim",
    "term": "grant_credits",
    "text": wire.dumps([SENT]),
    "title": "",
    "to": economies.LINKEDIN_2026,
    "until": LATER,
    "value": "message",
    "within": 30,
    "zone": "UTC",
    "default": 0,
    "length_max": 100,
    "fact_id": "sent:m-0",
    "log": wire.dumps([SENT]),
    "renews_on": date(2026, 3, 5),
    "expect": None,
}
"""A value that is taken under each name of a parameter, where the parameter has no default."""

OWN: Final[dict[str, dict[str, object]]] = {
    "TextLimit": {"text": "note"},
    "head": {"log": ""},
    "economy_from_toml": {
        "text": economy_to_toml(Economy(name="a", effective_on=START.date(), plans=[TEAM]))
    },
    "Account.switch": {"plan": TEAM},
    "Account.from_balance": {"balance": 3, "open_messages": {"m-1": START}, "ends_on": date(2026, 4, 5)},
    "Opened": {"anchor_at": START, "lots": (), "seats": 2},
    "SeatUse": {"seat": "ann"},
    "Interval": {"months": 1},
    "diff": {"to": TEAM},
    "Economy.__getitem__": {"name": "career"},
    "refuse_unknown_keys": {"data": {"a": 1}, "known": ("a",), "what": "key"},
    "check_choice": {"what": "kind", "value": "message", "choices": plans.ReplyKind},
    "instant": {"value": START},
}
"""The same for one function, where a name means something else."""

SUBJECTS: Final[dict[type, Subject]] = {
    Account: an_account,
    Economy: lambda: economies.LINKEDIN_2019,
    Interval: lambda: Interval(months=1),
    Plan: lambda: TEAM,
    Schedule: lambda: Schedule(START, Interval(months=1), "Europe/Berlin"),
}
"""An object of each class whose methods take input."""

VALUES: Final = (
    Entry,
    Lot,
    Outcome,
    Receipt,
    Conflict,
    Totals,
    SeatUse,
    ledger.Message,
    ledger.Subscription,
    statements_package.Explanation,
    statements_package.Statement,
)
"""What is handed out and never taken: its constructor keeps what it is given."""

MODULES: Final[tuple[ModuleType, ...]] = (
    inmail_credits,
    plans,
    economies,
    ledger,
    statements_package,
    reach_package,
    wire,
)
MORE: Final[tuple[Callable[..., object], ...]] = (
    *facts.FACT_TYPES.values(),
    facts.Fact,
    facts.MessageFact,
    instant,
    calendar_months,
    seat_uses,
    policy.diff,
    toml.economy_from_toml,
    toml.economy_to_toml,
    plain_data.plan_from_dict,
    plain_data.plan_to_dict,
    Schedule,
)
"""Public functions of modules that hand nothing on through ``__all__``."""


_NO_INPUT: Final = {"self", "cls", "what", "progress"}
"""A label for messages is the program's own, and what a callback raises is the caller's."""

Subjects: TypeAlias = Mapping[type, Subject]


@frozen
class Tables:
    """Good values by the name of a parameter; for some doors others; and what makes an object of a class."""

    good: Mapping[str, object]
    own: Mapping[str, Mapping[str, object]]
    subjects: Subjects


@frozen
class Door:
    """One public callable: how to call it, the parameters that take input, and where good values are found.

    ``subject`` makes the object it is called on, if it is a method.
    """

    name: str
    call: Callable[..., object]
    tables: Tables
    subject: Subject | None = None

    @cached_property
    def signature(self) -> inspect.Signature:
        """How it is called."""
        return inspect.signature(self.call)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of those that take input."""
        if isinstance(self.call, type) and issubclass(self.call, Enum):
            return ("value",)
        return tuple(name for name in self.signature.parameters if name not in _NO_INPUT)

    def arguments(self) -> dict[str, object]:
        """Good values for all required parameters, and for others that are listed for this door."""
        own = self.tables.own.get(self.name, {})
        return {
            name: an_account() if name == "account" else own[name] if name in own else self.tables.good[name]
            for name, parameter in self.signature.parameters.items()
            if name in self.parameters and (parameter.default is parameter.empty or name in own)
        }


def _methods(cls: type, tables: Tables) -> Iterator[Door]:
    for name in dir(cls):
        if name.startswith("_") and name not in {"__getitem__", "__contains__", "__eq__"}:
            continue
        method = inspect.getattr_static(cls, name)
        if isinstance(method, classmethod):
            yield Door(f"{cls.__name__}.{name}", getattr(cls, name), tables)
        elif inspect.isfunction(method):
            yield Door(f"{cls.__name__}.{name}", method, tables, tables.subjects[cls])


def collected(
    modules: Iterable[ModuleType],
    more: Iterable[Callable[..., object]],
    values: Iterable[object],
    tables: Tables,
) -> list[Door]:
    """Every callable that the modules hand on, ``more`` beside them, and the methods of the subjects.

    ``values`` are left out: classes that are handed out and never taken, whose constructors keep what they
    are given.
    """
    handed_on = [getattr(module, name) for module in modules for name in module.__all__]
    public = dict.fromkeys([*filter(callable, handed_on), *more])
    found = {
        call.__qualname__: Door(call.__qualname__, call, tables) for call in public if call not in values
    }
    for cls in tables.subjects:
        found |= {door.name: door for door in _methods(cls, tables)}
    return [door for door in found.values() if door.parameters]


def doors() -> list[Door]:
    """Those of the core."""
    return collected(MODULES, MORE, VALUES, Tables(GOOD, OWN, SUBJECTS))

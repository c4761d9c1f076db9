"""Any object at any door: it is taken, or refused by an error of ours, and the account is as it was.

Readers of exports and fits have tests of their own for hostile input, in ``tests/calibration``.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Interval, ReplyKind, economies
from inmail_credits.errors import InMailCreditsError
from inmail_credits.facts import Replied, Sent, Subscribed
from tests.inputs.doors import TEAM, Door, an_account, doors
from tests.inputs.numeric_doors import numeric_doors

DOORS: Final = [*doors(), *numeric_doors()]


class OwnSent(Sent):
    """A fact of one's own class."""

    __slots__ = ()


class OwnText(str):
    """A text of one's own class."""

    __slots__ = ()


class Hostile:
    """An object whose repr, comparison and truth all fail."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment] # part of the hostility

    def __repr__(self) -> str:
        raise RuntimeError

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    def __bool__(self) -> bool:
        raise RuntimeError


START: Final = datetime(2026, 1, 31, 9, tzinfo=UTC)


def itself(thing: object) -> object:
    """The same thing."""
    return thing


THINGS: Final[tuple[object, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    2,
    10**9,
    10**30,
    10**5000,
    -(10**5000),
    1.0,
    0.5,
    -0.5,
    1e308,
    float("nan"),
    float("inf"),
    1 + 2j,
    Decimal("0.5"),
    Decimal("sNaN"),
    Fraction(1, 3),
    "",
    "m-1",
    "career",
    "message",
    "2026-02-06",
    "2026-02-06T09:00:00Z",
    "2026-02-06T09:00:00",
    "a\0b",
    "\ud800",
    "x" * 1000,
    b"",
    b"m-1",
    bytearray(b"m-1"),
    [],
    [1, 2],
    ["message"],
    (),
    (START, START),
    set(),
    frozenset({ReplyKind.MESSAGE}),
    {},
    {"a": 1},
    {START.date(): 3},
    range(3),
    object,
    int,
    print,
    len,
    ...,
    NotImplemented,
    Hostile(),
    Hostile,
    ValueError("x"),
    Account,
    START,
    START.date(),
    START.time(),
    time(9),
    datetime(2026, 1, 1),  # noqa: DTZ001 - one of the objects
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))),
    datetime(2026, 2, 6, 9, tzinfo=ZoneInfo("Europe/Berlin")),
    date.min,
    date.max,
    timedelta(0),
    timedelta(days=3),
    timedelta.max,
    timedelta.min,
    Interval(days=7),
    TEAM,
    economies,
    economies.LINKEDIN_2019,
    Sent(message_id="m-9", at=START),
    OwnSent(message_id="m-9", at=START),
    Subscribed(plan=TEAM, at=START),
    [Sent(message_id="m-9", at=START), None],
    [Subscribed(plan=TEAM, at=START)],
    ReplyKind.MESSAGE,
    OwnText("m-1"),
    np.int64(2),
    np.uint8(2),
    np.float32(0.5),
    np.float64("nan"),
    np.bool_(True),
    np.str_("m-1"),
    np.bytes_(b"m-1"),
    np.complex64(1),
    np.datetime64("2026-02-06"),
    np.datetime64("2026-02-06T09:00"),
    np.datetime64("NaT", "us"),
    np.timedelta64(3, "D"),
    np.timedelta64("NaT", "us"),
    np.timedelta64(1, "Y"),
    np.array(2),
    np.array([1, 2]),
    np.array([], dtype=np.int64),
    np.array(["message", "declined"]),
    np.array([[1, 2], [3, 4]]),
    np.array([None, "x"], dtype=object),
    np.array(["2026-02-06"], dtype="datetime64[D]"),
    np.zeros(2, dtype=[("a", "i4")])[0],
    pd.NA,
    pd.NaT,
    pd.Timestamp("2026-02-06"),
    pd.Timestamp("2026-02-06 09:00", tz="Europe/Berlin"),
    pd.Timestamp("2026-02-06T00:00:00.000000900", tz="UTC"),
    pd.Timedelta("3D"),
    pd.Period("2026-02", "M"),
    pd.Interval(0, 1),
    pd.Series([1, 2]),
    pd.Series([0.5], index=["message"]),
    pd.Series([3], index=pd.DatetimeIndex(["2026-02-06"])),
    pd.Series([], dtype="float64"),
    pd.Series(["message", None]),
    pd.date_range("2026-02-06", periods=3),
    pd.Index(["message"]),
    pd.DataFrame({"a": [1, 2]}),
    pd.Categorical(["message"]),
)
"""Objects that callers have been seen to pass, and worse."""
ZOO: Final[tuple[Callable[[], object], ...]] = (
    *[partial(itself, thing) for thing in THINGS],
    lambda: iter([1, 2]),
    lambda: (number for number in [START]),
    an_account,
    lambda: lambda: None,
)
"""The same, and those that change with use, each made when it is thrown."""


def objects() -> st.SearchStrategy[object]:
    """Objects of every kind, nested in collections, and those of the zoo."""
    numbers = st.integers() | st.floats() | st.decimals() | st.fractions() | st.complex_numbers()
    times = (
        st.datetimes() | st.datetimes(timezones=st.timezones()) | st.dates() | st.times() | st.timedeltas()
    )
    texts = st.text(max_size=20) | st.binary(max_size=20) | st.characters()
    scalars = (
        st.none() | st.booleans() | numbers | times | texts | st.sampled_from(ZOO).map(lambda make: make())
    )
    plain = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.dates()
    return st.one_of(
        scalars,
        st.lists(scalars, max_size=4),
        st.lists(scalars, max_size=4).map(tuple),
        st.frozensets(plain, max_size=4),
        st.dictionaries(plain, scalars, max_size=4),
        st.lists(st.tuples(plain, scalars), max_size=3),
        st.lists(st.integers(-5, 5) | st.floats(), min_size=1, max_size=4).map(np.array),
        st.lists(st.datetimes(), min_size=1, max_size=3).map(pd.Series),
        st.lists(st.text(max_size=3), min_size=1, max_size=3).map(pd.Series),
    )


OBJECTS: Final = objects()


def consumed(result: object) -> None:
    """Go through what is yielded lazily, so that it cannot fail later."""
    if isinstance(result, Iterator):
        for _ in islice(result, 1_000):
            pass


def throw(door: Door, thrown: dict[str, object], *, strict: bool = False) -> None:
    """Call a door with some of its parameters replaced; only an error of ours may come out, in one line.

    Whatever comes out, an account that was refused something is as it was before. If ``strict``, nothing may
    be refused.
    """
    arguments = door.arguments() | thrown
    subject = None if door.subject is None else door.subject()
    positional = [] if subject is None else [subject]
    for name, parameter in door.signature.parameters.items():
        if name in arguments and parameter.kind is parameter.VAR_POSITIONAL:
            given_ = arguments.pop(name)
            positional += [given_] if name in thrown or not isinstance(given_, tuple) else [*given_]
        elif name in arguments and parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(arguments.pop(name))
    accounts = [each for each in (subject, *arguments.values()) if isinstance(each, Account)]
    before = [(each.facts, each.entries, each.conflicts, repr(each)) for each in accounts]
    try:
        consumed(door.call(*positional, **arguments))
    except InMailCreditsError as error:
        message = str(error)
        assert message
        assert not strict, message
        assert "\n" not in message
        assert "Attribute(" not in message
        assert [(each.facts, each.entries, each.conflicts, repr(each)) for each in accounts] == before


@pytest.mark.parametrize("door", DOORS, ids=[door.name for door in DOORS])
def test_every_door_is_open_to_what_it_is_for(door: Door) -> None:
    """The good values are taken, so that what the tests below see refused is the object thrown."""
    if door.name in {"Fact", "MessageFact", "Account.send"} or door.parameters == ("value",):
        return  # never made; tried below; tried with values of its own
    throw(door, {}, strict=True)


@pytest.mark.proves("D15")
@pytest.mark.parametrize("door", DOORS, ids=[door.name for door in DOORS])
def test_every_object_of_the_zoo_is_taken_or_refused(door: Door, cases: Counter[str]) -> None:
    """Each object for each parameter, the others good: no raw exception, and nothing changed by a refusal."""
    for name in door.parameters:
        for make in ZOO:
            throw(door, {name: make()})
            cases["objects thrown at the doors, from the zoo"] += 1


@pytest.mark.proves("D15")
@given(data=st.data())
def test_random_objects_are_taken_or_refused(data: st.DataObject, cases: Counter[str]) -> None:
    """Objects of any kind for any of the parameters at once."""
    for door in data.draw(st.lists(st.sampled_from(DOORS), min_size=5, max_size=20)):
        names = data.draw(st.sets(st.sampled_from(door.parameters), min_size=1, max_size=3))
        throw(door, {name: data.draw(OBJECTS) for name in sorted(names)})
        cases["objects thrown at the doors, at random"] += len(names)


def test_the_messages_of_a_reply_stay_plain() -> None:
    """A text of one's own class is stored as a plain text, so that equal facts have equal lines."""
    replied = Replied(message_id=OwnText("m"), at=START, id=OwnText("r"), kind=OwnText("declined"))
    assert {type(replied.message_id), type(replied.id)} == {str}
    assert replied.kind is ReplyKind.DECLINED

"""The wire under faults: logs cut off, damaged, swapped, repeated, or of another time."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeAlias

import pytest
from attrs import fields
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Economy, Plan, wire
from inmail_credits.errors import FactConflictError, InMailCreditsError, WireError
from inmail_credits.facts import Cancelled, Fact, Purchased, Replied, SeatLimited, Sent, Subscribed
from inmail_credits.testing import strategies
from inmail_credits.timeline import Interval

Table: TypeAlias = dict[str, object]

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
PLAN = Plan(
    name="team", grant_credits=4, cap_credits=9, lifetime_days=90, seats_max=3, purchase_credits_max=5
)
FACTS: tuple[Fact, ...] = (
    Subscribed(at=AT, plan=PLAN, seats=2, recorded=1),
    SeatLimited(at=AT, seat="Zoë", credits_max=3, recorded=2),
    Sent(at=AT + timedelta(days=1, microseconds=250), message_id="m-漢", seat="Zoë", recorded=3),
    Replied(at=AT + timedelta(days=2), message_id="m-漢", kind="declined", recorded=4),
    Purchased(at=AT + timedelta(days=2), credits=2, recorded=5),
    Cancelled(at=AT + timedelta(days=3), recorded=6),
)
LINES = [wire.dump_line(fact).encode() for fact in FACTS]
LOG = b"".join(LINES)


def every_value(facts: Sequence[Fact]) -> list[tuple[object, ...]]:
    """All that facts hold, ``recorded`` included, which facts do not compare."""
    return [(type(fact), *(getattr(fact, each.name) for each in fields(type(fact)))) for fact in facts]


# A log that is cut off.


def test_a_cut_at_any_byte_is_told_or_loses_nothing() -> None:
    """Cut anywhere, a log gives each of its whole lines, and an error at the line that was cut.

    A cut just before a line feed leaves that line whole. A cut just after one leaves a shorter log, which
    nothing tells from a log that was meant so, unless it is empty.
    """
    for cut in range(len(LOG)):
        log = LOG[:cut]
        whole = log.count(b"\n")
        rest = log.rpartition(b"\n")[2]
        if rest + b"\n" in LINES:
            whole, rest = whole + 1, b""
        salvaged = wire.salvage(log)
        assert every_value(salvaged.facts) == every_value(FACTS[:whole]), log
        if rest:
            assert salvaged.error is not None, log
            assert salvaged.error.line == whole + 1, log
            assert "so it was cut off" in str(salvaged.error), log
        else:
            assert (salvaged.error is None) == (whole > 0), log


def test_a_log_that_lost_its_beginning_is_refused() -> None:
    """A tail that starts inside the first line is refused at line 1, wherever it starts."""
    for start in range(1, len(LINES[0])):
        error = wire.salvage(LOG[start:]).error
        assert error is not None, start
        assert error.line == 1, start
        assert "so it was cut off" not in str(error), start


def test_what_reads_line_by_line_has_all_facts_before_the_error() -> None:
    """A reader that takes facts one by one keeps each fact before the cut; one that takes all gets none."""
    log = LOG[:-20]
    reading = wire.read(log.splitlines(keepends=True))
    assert tuple(islice(reading, len(FACTS) - 1)) == FACTS[:-1]
    with pytest.raises(WireError, match=r"^line 6: .* it was cut off"):
        next(reading)
    with pytest.raises(WireError, match=r"^line 6: "):
        wire.loads(log)


def test_a_whole_log_is_salvaged_without_an_error() -> None:
    """Salvaging a sound log is reading it."""
    assert wire.salvage(LOG) == wire.Salvaged(FACTS, None, intact_bytes=len(LOG))
    assert wire.salvage("").facts == ()


# A log that is damaged.


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_is_refused_in_its_line_or_changes_its_fact(bit: int) -> None:
    """Any bit of any byte flipped: an error in that line, or a fact that differs; the rest is untouched.

    The source is no part of a fact, so that damage to it alone, if it stays a URI reference, is no loss.
    """
    for position in range(len(LOG)):
        damaged = bytearray(LOG)
        damaged[position] ^= 1 << bit
        line = LOG[:position].count(b"\n")
        salvaged = wire.salvage(bytes(damaged))
        before, after = every_value(FACTS[:line]), every_value(FACTS[line + 1 :])
        found = every_value(salvaged.facts)
        assert found[:line] == before
        if salvaged.error is not None:
            assert (salvaged.error.line, len(found)) == (line + 1, line), damaged
            continue
        assert found[line + 1 :] == after
        assert found[line] != every_value(FACTS)[line] or _source(damaged, line) != "inmail-credits", damaged


def _source(log: bytes | bytearray, line: int) -> str:
    source: str = json.loads(log.split(b"\n")[line])["source"]
    return source


@pytest.mark.parametrize("bit", [0, 1])
def test_an_account_of_a_damaged_log_raises_no_error_from_inside(bit: int) -> None:
    """What a damaged log still says is an account, with conflicts perhaps, or an error of this package."""
    for position in range(len(LOG)):
        damaged = bytearray(LOG)
        damaged[position] ^= 1 << bit
        facts = wire.salvage(bytes(damaged)).facts
        if all(abs(fact.at - AT) < timedelta(days=3_653) for fact in facts):
            try:
                account = Account.replay(facts)
            except InMailCreditsError:
                continue
            assert len(account) == len({fact.id for fact in facts})


@given(st.binary(max_size=300), st.integers(0, len(LOG)))
def test_bytes_of_any_kind_in_any_place_never_break_the_reader(noise: bytes, position: int) -> None:
    """Noise anywhere in a log: the lines before it are read, and nothing but a wire error is raised."""
    salvaged = wire.salvage(LOG[:position] + noise + LOG[position:])
    line = LOG[:position].count(b"\n")
    assert every_value(salvaged.facts)[:line] == every_value(FACTS)[:line]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data(), JSON)
def test_any_value_in_any_place_is_read_or_refused_by_line(data: st.DataObject, value: object) -> None:
    """Whatever JSON stands for whatever field, at any depth, the answer is a fact or a wire error."""
    event = json.loads(data.draw(st.sampled_from(LINES)))
    place = event
    for name in ("data", "plan", "grant_every"):
        if name in place and data.draw(st.booleans()):
            place = place[name]
    place[data.draw(st.sampled_from([*place, "colour"]))] = value
    salvaged = wire.salvage(json.dumps(event))
    assert len(salvaged.facts) == (salvaged.error is None)


@pytest.mark.parametrize("field", ["recorded", "seats", "grant_credits", "lifetime_days"])
@pytest.mark.parametrize("digits", [17, 18, 19, 4_300, 4_301, 60_000])
def test_huge_integers_are_refused(field: str, digits: int) -> None:
    """No number of digits is too much for the reader: it is refused without being computed."""
    event = LINES[0].decode()
    name, _, _ = event.partition(f'"{field}":')
    rest = event[len(name) + len(field) + 3 :].lstrip("0123456789")
    with pytest.raises(WireError, match=f"^line 1: .*{field}.* is .*999"):
        wire.loads(f'{name}"{field}":{"9" * digits}{rest}\n')


@pytest.mark.parametrize("depth", [2, 10, 500, 900, 990, 1_000, 5_000])
@pytest.mark.parametrize("brackets", ["[]", '{"a":}'])
@pytest.mark.parametrize("place", ["type", "time", "data", "recorded", "plan", "refund_kinds", "grant_every"])
def test_deep_nesting_is_refused_at_any_depth(place: str, brackets: str, depth: int) -> None:
    """Brackets without end, closed or not, in whatever field, are refused like any other damage."""
    deep = brackets[:-1] * depth
    event = json.loads(LINES[0])
    _holder(event, place)[place] = "the place"
    line = json.dumps(event)
    for value in (deep, f"{deep}1{brackets[-1] * depth}"):
        with pytest.raises(WireError, match=r"^line 1: ") as caught:
            wire.loads(line.replace('"the place"', value) + "\n")
        assert len(str(caught.value)) < 1_200


def _holder(event: Table, name: str) -> Table:
    data = event["data"]
    assert isinstance(data, dict)
    plan = data["plan"]
    assert isinstance(plan, dict)
    return next(each for each in (event, data, plan) if name in each)


# Lines in another order, or more than once.


@pytest.mark.proves("D13")
@given(st.data())
def test_swapped_lines_make_the_same_account(data: st.DataObject) -> None:
    """Lines in any order make the same account: each fact has its place by its instant and number."""
    account = Account.replay(data.draw(strategies.histories(seats=True, impossible=True)))
    lines = wire.dumps(account.facts).splitlines(keepends=True)
    swapped = data.draw(st.permutations(lines))
    back = Account.replay(wire.loads("".join(swapped)))
    assert back == account
    assert back.entries == account.entries


@pytest.mark.proves("D14")
@given(st.data())
def test_repeated_lines_make_the_same_account(data: st.DataObject) -> None:
    """A log appended to itself, in part or in whole, makes the same account: a fact recorded twice is one."""
    account = Account.replay(data.draw(strategies.histories(seats=True)))
    lines = wire.dumps(account.facts).splitlines(keepends=True)
    repeated = lines + data.draw(st.lists(st.sampled_from(lines)))
    back = Account.replay(wire.loads("".join(repeated)))
    assert back == account
    assert back.entries == account.entries


@pytest.mark.proves("D14")
def test_a_repeated_line_that_differs_is_a_conflict() -> None:
    """One id with two contents is no repetition: replaying the log names the id and both contents."""
    other = wire.dump_line(Purchased(at=FACTS[4].at, id=FACTS[4].id, credits=3))
    with pytest.raises(FactConflictError, match="is already recorded with other content"):
        Account.replay(wire.loads(LOG + other.encode()))


def test_a_line_lost_from_the_middle_is_told_by_what_needs_it() -> None:
    """A reply whose message is gone is kept and reported as a conflict, not dropped."""
    facts = wire.loads(b"".join(LINES[:2] + LINES[3:]))
    (conflict,) = Account.replay(facts).conflicts
    assert conflict.fact == FACTS[3]


# A log of another time.

OLD_LOG = (
    '{"data":{"plan":{"billing_every":{"months":1},"cancel_at":"period_end","cap_credits":21,'
    '"grant_credits":7,"grant_every":{"days":10},"grant_on":"anniversary","lifetime_days":45,'
    '"name":"career","purchase_credits_max":0,"refund_kinds":["accepted"],"refund_on":"reply",'
    '"refund_to":"original","reply_window_days":9,"seat_grant":"at_once","seats_max":1,'
    '"title":"Career of old"},"recorded":1,"seats":1},"id":"subscribed:2026-01-31T09:00:00Z",'
    '"source":"inmail-credits","specversion":"1.0","time":"2026-01-31T09:00:00Z",'
    '"type":"inmail-credits.subscribed.v1"}\n'
    '{"data":{"channel":"inmail","recorded":2,"seat":null},"id":"sent:m-1","source":"inmail-credits",'
    '"specversion":"1.0","subject":"m-1","time":"2026-02-01T00:00:00.5Z","type":"inmail-credits.sent.v1"}\n'
    '{"data":{"kind":"declined","recorded":3},"id":"replied:m-1:2026-02-02T00:00:00Z",'
    '"source":"inmail-credits","specversion":"1.0","subject":"m-1","time":"2026-02-02T00:00:00Z",'
    '"type":"inmail-credits.replied.v1"}\n'
)
"""A log as version 1 writes it. It must be read, and written so, by every later release."""


@pytest.mark.proves("R2")
def test_an_old_log_replays_under_its_own_rules() -> None:
    """The plan of the log rules, whatever a plan of that name says in the catalogue of today."""
    today = Economy(
        name="today", effective_on=AT.date(), plans=[Plan(name="career", grant_credits=100, lifetime_days=1)]
    )
    account = Account.replay(wire.loads(OLD_LOG))
    plan = Plan(
        name="career",
        title="Career of old",
        grant_credits=7,
        grant_every=Interval(days=10),
        lifetime_days=45,
        cap_credits=21,
        reply_window_days=9,
        refund_kinds=["accepted"],
        refund_to="original",
    )
    subscription = account.subscription(at=AT)
    assert subscription is not None
    assert subscription.plan == plan
    assert subscription.plan != today["career"]
    assert account.balance(at=AT + timedelta(days=3)) == 6  # of 7; "declined" gave nothing back then
    assert account.balance(at=AT + timedelta(days=10)) == 13
    assert account.balance(at=AT + timedelta(days=30)) == 21  # the cap of then


def test_version_1_is_written_in_the_newest_form() -> None:
    """What is read of an old log is written as it was, but for the terms that plans had not then."""
    newest = OLD_LOG.replace("subscribed.v1", "subscribed.v2")
    newest = newest.replace('"grant_credits"', '"first_grant":"full","grant_credits"')
    newest = newest.replace('"purchase_credits_max"', '"on_switch":"end","purchase_credits_max"')
    newest = newest.replace('"Career of old"}', '"Career of old","zone":"UTC"}')
    assert wire.dumps(wire.loads(OLD_LOG)) == newest

"""The wire: what is written is read back exactly, and what is wrong is refused by line, field and fix."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from inmail_credits import Account, Plan, economies, wire
from inmail_credits.channels import Channel
from inmail_credits.errors import InvalidValueError, WireError
from inmail_credits.facts import (
    RECORDED_MAX,
    Cancelled,
    DeliveryFailed,
    Fact,
    MessageFact,
    Opened,
    Purchased,
    Replied,
    SeatLimited,
    SeatsChanged,
    Sent,
    Subscribed,
    Switched,
    TermsChanged,
    Withdrawn,
)
from inmail_credits.openings import (
    LotOrigin,
    OpeningLot,
    OpeningMessage,
    OpeningPurchase,
    OpeningSeat,
)
from inmail_credits.plans import CREDITS_MAX, ReplyKind
from inmail_credits.testing import strategies
from inmail_credits.timeline import YEAR_MAX, YEAR_MIN
from inmail_credits.wire._events import EVENT_TYPES
from inmail_credits.wire._versions import NEWEST

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
SENT = wire.dump_line(Sent(at=AT, message_id="m-1", recorded=2))
SUBSCRIBED = wire.dump_line(Subscribed(at=AT, plan=economies.LINKEDIN_2019["career"], recorded=1))
CANCELLED = wire.dump_line(Cancelled(at=AT, recorded=3))
SCHEMA = Path(__file__).parents[2] / "docs" / "fact.schema.json"

FactT = TypeVar("FactT", bound=Fact)


def texts(length_max: int) -> st.SearchStrategy[str]:
    """Texts of every script, with quotes, line breaks and control characters; short ones, and the longest."""
    awkward = st.sampled_from('"\\/\n\r\t\x01\x1c\x7f\x85\u2028\u2029\ufeff\u0301é漢😀{}[],:')
    return st.one_of(
        st.text(awkward, min_size=1, max_size=8),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20),
        st.just("x" * length_max),
    )


def plans() -> st.SearchStrategy[Plan]:
    """Plans over every term, with names and titles of any text."""
    return st.builds(
        lambda plan, name, title: evolve(plan, name=name, title=title),
        strategies.plans(seats=True),
        texts(200),
        texts(200),
    )


@st.composite
def openings(draw: st.DrawFn) -> Fact:
    """Openings with lots, messages, purchases and seats, and those without a subscription."""
    at = draw(strategies.instants())
    if draw(st.booleans()):
        return Opened(
            at=at, plan=None, last_lot=draw(st.integers(0, 9)), subscriptions=draw(st.integers(0, 3))
        )
    day = timedelta(days=1)
    lots = [
        OpeningLot(
            number=number,
            received_at=at - draw(st.integers(1, 9)) * day,
            expires_at=draw(st.sampled_from([None, at, at + 80 * day])),
            credits=9,
            left=draw(st.integers(0, 5)),
            origin=draw(st.sampled_from(LotOrigin)),
        )
        for number in range(10, 10 + draw(st.integers(1, 3)))
        if draw(st.booleans())
    ]
    plan = evolve(draw(plans()), refund_on="reply")
    messages = [
        OpeningMessage(
            message_id=f"{draw(texts(100))}-{number}",
            sent_at=lot.received_at,
            lot=lot.number,
            seat=draw(st.none() | texts(200)),
            answered=draw(st.booleans()),
            plan=plan if draw(st.booleans()) else None,
            fact_id=draw(st.none() | texts(200)),
        )
        for number, lot in enumerate(lots)
    ]
    return Opened(
        at=at,
        plan=plan,
        anchor_at=at - draw(st.integers(-9, 9)) * day,
        ends_at=draw(st.sampled_from([None, at, at + day])),
        lots=lots,
        messages=sorted(messages, key=lambda message: message.sent_at),
        purchases=[OpeningPurchase(at=at - day, credits=2)],
        seat_uses=[OpeningSeat(seat=draw(texts(200)), spent=draw(st.integers(0, 3)))],
        recorded=draw(st.none() | st.integers(0, 3)),
    )


FIRST, LAST = datetime(YEAR_MIN, 1, 1), datetime(YEAR_MAX, 12, 31, 23, 59, 59, 999_999)  # noqa: DTZ001 - the strategy adds UTC


def facts() -> st.SearchStrategy[Fact]:
    """Facts of every kind, at any instant, with and without an id of their own and a recorded number."""
    whole = st.sampled_from([1, 2, CREDITS_MAX])
    seat, message_id = texts(200), texts(200)

    def told(make: Callable[..., FactT], **values: st.SearchStrategy[object]) -> st.SearchStrategy[FactT]:
        at = st.one_of(strategies.instants(), st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
        recorded = st.sampled_from([None, 0, 1, 7, RECORDED_MAX])
        return st.builds(make, at=at, id=texts(300), recorded=recorded, **values)

    return st.one_of(
        openings(),
        told(Subscribed, plan=plans()),
        told(Switched, plan=plans()),
        told(TermsChanged, plan=plans()),
        told(Cancelled),
        told(Purchased, credits=whole),
        told(Sent, message_id=message_id, channel=st.sampled_from(Channel), seat=st.none() | seat),
        told(Replied, message_id=message_id, kind=st.sampled_from(ReplyKind)),
        told(Withdrawn, message_id=message_id),
        told(DeliveryFailed, message_id=message_id),
        told(SeatsChanged, seats=whole),
        told(SeatLimited, seat=seat, credits_max=st.sampled_from([None, 0, 1, CREDITS_MAX])),
    )


def every_value(fact: Fact) -> tuple[object, ...]:
    """All that a fact holds, ``recorded`` included, which facts do not compare."""
    return (type(fact), *(getattr(fact, each.name) for each in fields(type(fact))))


def refusal(text: str | bytes) -> str:
    """What is said of a log that is not read."""
    with pytest.raises(WireError) as caught:
        wire.loads(text)
    return str(caught.value)


# What is written is read back.


@given(st.lists(facts(), min_size=1, max_size=6))
def test_facts_come_back_exactly(told: list[Fact]) -> None:
    """Every field of every kind of fact survives the wire, to the microsecond and in the recorded order."""
    back = wire.loads(wire.dumps(told))
    assert back == told
    assert [every_value(fact) for fact in back] == [every_value(fact) for fact in told]


@given(facts())
def test_writing_what_was_read_gives_the_same_line(fact: Fact) -> None:
    """Equal facts make equal lines: writing is a function of the fact alone."""
    line = wire.dump_line(fact)
    assert wire.dump_line(next(wire.read([line]))) == line


@given(facts())
def test_a_line_is_one_line_for_every_reader(fact: Fact) -> None:
    """The line feed at the end is the only line break of any kind, and the line is far within the limit."""
    line = wire.dump_line(fact)
    assert line.splitlines() == [line[:-1]]
    assert len(line.encode()) < 65_536 / 4


@given(facts())
def test_a_line_is_a_cloud_event_with_sorted_keys_and_whole_numbers(fact: Fact) -> None:
    """The event names its type with a version and its subject; keys are sorted and no float is written."""

    def refuse_float(text: str) -> float:
        raise AssertionError(text)

    line = wire.dump_line(fact)
    event = json.loads(line, parse_float=refuse_float, parse_constant=refuse_float)
    assert (
        line
        == json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")).translate(
            {ord(each): f"\\u{ord(each):04x}" for each in "\x85\u2028\u2029"}
        )
        + "\n"
    )
    assert (event["specversion"], event["id"], event["source"]) == ("1.0", fact.id, "inmail-credits")
    assert event["type"] == f"inmail-credits.{fact.type}.v{NEWEST[fact.type]}"
    assert event["time"].endswith("Z")
    if isinstance(fact, MessageFact):
        assert event["subject"] == fact.message_id
    elif isinstance(fact, SeatLimited):
        assert event["subject"] == fact.seat
    else:
        assert "subject" not in event


@given(facts())
def test_the_schema_takes_every_fact_that_is_written(fact: Fact) -> None:
    """`docs/fact.schema.json` describes what is written, so others may read it by the schema."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(wire.dump_line(fact)))


@given(strategies.histories(seats=True, impossible=True))
def test_an_account_comes_back(history: list[Fact]) -> None:
    """An account replayed from its log is the same account, conflicts and entries included."""
    account = Account.replay(history)
    back = Account.replay(wire.loads(wire.dumps(account.facts)))
    assert back == account
    assert back.entries == account.entries
    assert [str(conflict) for conflict in back.conflicts] == [str(conflict) for conflict in account.conflicts]


@pytest.mark.proves("D14")
def test_a_log_meets_the_facts_it_was_written_from() -> None:
    """A fact from a log is the same fact as the one in memory, whose plan knows its sources as well."""
    plan = economies.LINKEDIN_2019["career"]
    account = Account.open(plan, at=AT)
    (back,) = wire.loads(wire.dumps(account.facts))
    assert plan.sources
    assert isinstance(back, Subscribed)
    assert back.plan.sources == ()
    assert account.record(back).facts == ()


MOST = "most 16,777,216"


@pytest.mark.parametrize(
    ("microsecond", "written"),
    [(0, "09:00:00Z"), (1, "09:00:00.000001Z"), (500_000, "09:00:00.5Z"), (120_300, "09:00:00.1203Z")],
)
def test_times_have_no_more_digits_than_needed(microsecond: int, written: str) -> None:
    """A time ends in Z and drops the zeros at its end; it is read back to the microsecond."""
    fact = Cancelled(at=AT.replace(microsecond=microsecond))
    line = wire.dump_line(fact)
    assert f'"time":"2026-01-31T{written}"' in line
    assert wire.loads(line) == [fact]


def test_the_source_is_the_callers() -> None:
    """The source names the log; it is written as given, checked on reading, and not part of the fact."""
    fact = Cancelled(at=AT)
    line = wire.dump_line(fact, source="https://crm.example/accounts/42?x=%20")
    assert '"source":"https://crm.example/accounts/42?x=%20"' in line
    assert wire.loads(line) == [fact]


def test_any_json_of_the_same_meaning_is_read() -> None:
    """The order of keys, spaces and escapes are the writer's own affair."""
    event = json.loads(SENT)
    line = json.dumps(dict(reversed(event.items())), indent=None) + " \n"
    assert wire.loads(line.replace("m-1", "\\u006d-1")) == wire.loads(SENT)


def test_text_and_bytes_files_and_lists_are_read(tmp_path: Path) -> None:
    """Lines come as text or UTF-8, from a file opened in binary mode, or from a list without line feeds."""
    told: list[Fact] = [Sent(at=AT, message_id="Zoë 漢\u2028😀"), Cancelled(at=AT)]
    text = wire.dumps(told)
    path = tmp_path / "facts.jsonl"
    path.write_bytes(text.encode())
    with path.open("rb") as file:
        assert list(wire.read(file)) == told
    assert wire.loads(text) == wire.loads(text.encode()) == told
    assert list(wire.read(text.splitlines())) == told
    assert list(wire.read(text.removesuffix("\n").encode().split(b"\n"))) == told


def test_reading_is_lazy() -> None:
    """A log without an end can be read: no line is taken before its fact is asked for."""

    def endless() -> Iterator[str]:
        while True:
            yield SENT

    assert len(list(islice(wire.read(endless()), 100))) == 100


# What is not written.


@pytest.mark.parametrize("code", [0xD800, 0xDFFF])
def test_half_of_a_surrogate_pair_makes_no_fact(code: int) -> None:
    """A text that is no UTF-8 is found while the fact is made, not in the log years later."""
    half = chr(code)
    with pytest.raises(InvalidValueError) as caught:
        Sent(at=AT, message_id=f"m-{half}", id="s-1")
    assert str(caught.value) == (
        f"message id is {f'm-{half}'!r}, but must be text that UTF-8 can hold: no half surrogate pairs"
    )


def test_a_fact_of_another_class_is_not_written() -> None:
    """Only the kinds of fact that can be read back are written."""

    class Own(Cancelled):
        __slots__ = ()

    with pytest.raises(InvalidValueError, match=r"^fact is Own\(.*, but must be one of Opened, Sub"):
        wire.dump_line(Own(at=AT, id="f-1"))


@pytest.mark.parametrize("source", ["", "a b", "a\n", "ü", "100%", "x" * 2_001])
def test_a_source_is_a_uri_reference(source: str) -> None:
    """A source with spaces, other letters, or a bare percent sign is refused with an example."""
    with pytest.raises(InvalidValueError, match="a URI reference of 1 to 2,000 characters, such as"):
        wire.dump_line(Cancelled(at=AT), source=source)


# What is not read: lines.


@pytest.mark.parametrize("nothing", ["", b""])
def test_refuses_a_log_without_facts(nothing: str | bytes) -> None:
    """An empty log is a lost log, not an account without facts."""
    assert refusal(nothing) == "line 1: there are no facts; a log has at least one line, a subscription"
    with pytest.raises(WireError, match=r"^line 1: there are no facts"):
        list(wire.read([]))


CUT_OFF = (
    ". It is the last line and has no line feed, so it was cut off; whole lines end at byte 195, and "
    "salvage() gives what is before it"
)
ONE_OBJECT = "; a line is one JSON object and no more"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{SENT}\n{SENT}", "line 2: empty; remove it"),
        (f"{SENT}\n", "line 2: empty; remove it"),
        (f"{SENT} \t\n", "line 2: empty; remove it"),
        ("\ufeff" + SENT, "line 1: begins with a byte order mark; write UTF-8 without one"),
        (SENT.replace("\n", "\r\n"), "line 1: holds a carriage return; end lines in a line feed alone"),
        (SENT.encode() + b"\xff\n", "line 2: not UTF-8: byte 0xff at position 1 of 2; write UTF-8"),
        (SENT.encode("utf-16"), "line 1: not UTF-8: byte 0xff at position 1 of 391; write UTF-8"),
        (
            "rubbish\n",
            f"line 1: not JSON: expecting value at column 1 of 7, before 'rubbish'{ONE_OBJECT}",
        ),
        (
            SENT + SENT[:30] + "\n",
            "line 2: not JSON: unterminated string starting at column 29 of 30, before '\"r'" + ONE_OBJECT,
        ),
        (
            SENT + SENT[:30],
            "line 2: not JSON: unterminated string starting at column 29 of 30, before '\"r'"
            + ONE_OBJECT
            + CUT_OFF,
        ),
        (
            SENT[:-2] + "\n",
            "line 1: not JSON: expecting ',' delimiter at column 194 of 193, where the line ends, after "
            "'ail-credits.sent.v1\"'" + ONE_OBJECT,
        ),
        (
            SENT[:-1] + SENT,
            'line 1: not JSON: extra data at column 195 of 388, before \'{"data":{"channel":"\'' + ONE_OBJECT,
        ),
        ("[]\n", "line 1: the line is [], but must be a JSON object"),
        ("null\n", "line 1: the line is null, but must be a JSON object"),
        ("x" * wire.LINE_LENGTH_MAX + "\n", f"line 1: 16,777,217 characters long; a line has at {MOST}"),
        (b"x" * wire.LINE_LENGTH_MAX + b"\n", f"line 1: 16,777,217 bytes long; a line has at {MOST}"),
        ("[" * 60_000 + "\n", "line 1: nested too deeply; a fact needs no more than four levels"),
        ('{"a":' * 10_000 + "\n", "line 1: nested too deeply; a fact needs no more than four levels"),
    ],
)
def test_refuses_a_line_that_is_no_event(text: str | bytes, message: str) -> None:
    """Each line is one JSON object in UTF-8 that ends in a line feed; the refusal names the line."""
    assert refusal(text) == message


def test_refuses_items_that_are_no_lines() -> None:
    """A whole text, an item with several lines, and an item that is no text are distinguished and refused."""
    with pytest.raises(InvalidValueError, match=r"lines one by one; loads\(\) reads a whole text"):
        wire.read(SENT)
    with pytest.raises(WireError, match=r"^line 1: holds a line feed inside; give one line at a time$"):
        list(wire.read([SENT + SENT]))
    with pytest.raises(WireError, match=r"^line 2: an object of type bytearray, but must be a str or bytes$"):
        list(wire.read([SENT, bytearray(b"x")]))  # type: ignore[list-item] # the mistake under test


def test_only_the_last_line_is_called_cut_off() -> None:
    """Lines without line feeds are no sign of a cut while others follow."""
    line = SENT.removesuffix("\n")
    with pytest.raises(WireError) as caught:
        list(wire.read([line, line[:-5], line]))
    assert caught.value.line == 2
    assert "cut off" not in str(caught.value)


def test_a_line_at_the_limit_is_read() -> None:
    """The limit is the last length that is allowed, line feed included."""
    spaces = " " * (wire.LINE_LENGTH_MAX - len(SENT))
    assert wire.loads(spaces + SENT) == wire.loads(SENT)
    assert refusal(" " + spaces + SENT) == f"line 1: 16,777,217 characters long; a line has at {MOST}"


def test_a_long_opening_is_written_and_read_and_one_too_long_is_not_written() -> None:
    """Ten thousand lots make a line of a megabyte; a line that no reader takes is not written."""
    at = datetime(2026, 5, 1, tzinfo=UTC)
    lots = [
        OpeningLot(number=number, received_at=at, expires_at=None, credits=1, left=1)
        for number in range(1, 10_001)
    ]
    opening = Opened(at=at, plan=Plan(name="own", grant_credits=1), anchor_at=at, lots=lots)
    line = wire.dump_line(opening)
    assert len(line) > 1_000_000
    assert wire.loads(line) == [opening]
    seats = [OpeningSeat(seat=f"{number:06}{'x' * 190}") for number in range(80_000)]
    with pytest.raises(InvalidValueError, match=r"^the line of fact 'opened:.*' is '.*', but must be"):
        wire.dump_line(evolve(opening, lots=[], seat_uses=seats))


# What is not read: fields.

RECORDED = ", but must be a whole number from 0 to 9,007,199,254,740,991"
TIME = (
    ", but must be an RFC 3339 time in UTC that ends in Z, with at most six digits after the point, "
    "such as '2026-01-31T09:00:00Z'"
)
CHANNELS = ", but must be one of message, invitation, introduction, group, open_profile, inmail, answer, "
TYPES = ", ".join(EVENT_TYPES)
FORM = ", but must be a text of 1 character or more"
SOURCE = ", but must be a URI reference of 1 to 2,000 characters, such as 'inmail-credits/accounts/42'"
LONG = "'xxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxx'"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"recorded":2', '"recorded":2.0', f"recorded is 2.0{RECORDED}"),
        ('"recorded":2', '"recorded":2e3', f"recorded is 2e3{RECORDED}"),
        ('"recorded":2', '"recorded":NaN', f"recorded is NaN{RECORDED}"),
        ('"recorded":2', '"recorded":-Infinity', f"recorded is -Infinity{RECORDED}"),
        ('"recorded":2', '"recorded":true', f"recorded is true{RECORDED}"),
        ('"recorded":2', '"recorded":"2"', f"recorded is '2'{RECORDED}"),
        ('"recorded":2', '"recorded":-1', f"recorded is -1{RECORDED}"),
        ('"recorded":2', f'"recorded":{RECORDED_MAX + 1}', f"recorded is {RECORDED_MAX + 1}{RECORDED}"),
        (
            '"recorded":2',
            f'"recorded":{"9" * 60_000}',
            f"recorded is 99999999999999999999... (60,000 characters){RECORDED}",
        ),
        (
            '"recorded":2',
            '"recorded":2,"recorded":3',
            "data is an object in which 'recorded' stands twice; keep the one that is meant",
        ),
        ('"recorded":2,', "", "data has no field 'recorded'; every field is named, null for none"),
        (
            '"recorded":2',
            '"recorded":2,"colour":7',
            "data has an unknown field 'colour'; remove it. Known: channel, recorded, seat",
        ),
        ('{"channel":"inmail","recorded":2,"seat":null}', "[]", "data is [], but must be a JSON object"),
        ('"seat":null', '"seat":7', f"seat is 7{FORM}"),
        ('"seat":null', '"seat":""', f"seat is ''{FORM}"),
        (
            '"seat":null',
            '"seat":"\\ud800"',
            "seat is '\\ud800', which holds half of a surrogate pair; write the whole character",
        ),
        ('"inmail"', '"pigeon"', f"channel is 'pigeon'{CHANNELS}applicant"),
        ('"inmail"', '["inmail"]', f"channel is ['inmail']{CHANNELS}applicant"),
        ('"inmail"', "null", f"channel is null{CHANNELS}applicant"),
        ('00Z"', '00"', f"time is '2026-01-31T09:00:00'{TIME}"),
        ('00Z"', '00+00:00"', f"time is '2026-01-31T09:00:00+00:00'{TIME}"),
        ('00Z"', '00-05:00"', f"time is '2026-01-31T09:00:00-05:00'{TIME}"),
        ('00Z"', '00.1234567Z"', f"time is '2026-01-31T09:00:00.1234567Z'{TIME}"),
        ('00Z"', '60Z"', f"time is '2026-01-31T09:00:60Z'{TIME}"),
        ("T09", "T24", f"time is '2026-01-31T24:00:00Z'{TIME}"),
        ("6-01-31T", "\u0666-01-31T", f"time is '202\u0666-01-31T09:00:00Z'{TIME}"),
        ("T09", "T\u0660\u0669", f"time is '2026-01-31T\u0660\u0669:00:00Z'{TIME}"),
        (
            "01-31T",
            "02-30T",
            "time is '2026-02-30T09:00:00Z', which does not exist: day is out of range for month",
        ),
        ('"2026-01-31T09:00:00Z"', "1769850000", f"time is 1769850000{TIME}"),
        (
            "sent.v1",
            "sent.v2",
            "type is 'inmail-credits.sent.v2', a version not known here; known: inmail-credits.sent.v1",
        ),
        ("sent.v1", "bent.v1", f"type is 'inmail-credits.bent.v1', which is not known; known: {TYPES}"),
        ('"inmail-credits.sent.v1"', "7", f"type is 7, which is not known; known: {TYPES}"),
        ('"type"', '"kind"', "the line has no field 'type'; every field is named"),
        ('"1.0"', '"0.3"', "specversion is '0.3', but must be '1.0'"),
        ('"1.0"', "1.0", "specversion is 1.0, but must be '1.0'"),
        (':"inmail-credits"', ':"in mail"', f"source is 'in mail'{SOURCE}"),
        (':"inmail-credits"', ":null", f"source is null{SOURCE}"),
        ('"sent:m-1"', '""', f"id is ''{FORM}"),
        ('"sent:m-1"', "7", f"id is 7{FORM}"),
        ("sent:m-1", "x" * 301, f"fact id is {LONG}, but must be a text of 1 to 300 characters"),
        ('"id":"sent:m-1",', "", "the line has no field 'id'; every field is named, null for none"),
        (
            '"id"',
            '"id":"a","id"',
            "the line is an object in which 'id' stands twice; keep the one that is meant",
        ),
        (
            '"time"',
            '"traceparent":"00","time"',
            (
                "the line has an unknown field 'traceparent'; remove it. "
                "Known: data, id, source, specversion, subject, time, type"
            ),
        ),
        ('"subject":"m-1"', '"subject":null', f"subject is null{FORM}"),
        (
            ':"m-1"',
            f':"{"x" * 201}"',
            f"message id is {LONG}, but must be a text of 1 to 200 characters",
        ),
        (
            '"subject":"m-1",',
            "",
            "the line has no field 'subject'; every field is named, null for none",
        ),
    ],
)
def test_refuses_a_field_of_a_message(old: str, new: str, message: str) -> None:
    """A refusal names the field, shows the value, and says what would do."""
    assert old in SENT
    assert refusal(CANCELLED + SENT.replace(old, new, 1)) == f"line 2: {message}"


TERMS = ", ".join(sorted(term.name for term in fields(Plan) if term.name != "sources"))
INTERVAL = "but must be either {months = 1} or {days = 7}, any whole number above 0"


@pytest.mark.proves("R2")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"grant_credits":3',
            '"grant_credits":3.0',
            "grant_credits of plan 'career' is 3.0, but must be a whole number from 0 to 1,000,000",
        ),
        (
            '"grant_credits":3,',
            "",
            "plan has no field 'grant_credits'; every field is named, null for none",
        ),
        (
            '"lifetime_days":90,',
            "",
            "plan has no field 'lifetime_days'; every field is named, null for none",
        ),
        (
            '"grant_credits":3',
            '"grant_credits":3,"bonus":1',
            f"plan has an unknown field 'bonus'; remove it. Known: {TERMS}",
        ),
        (
            '"name":"career"',
            '"name":"career","name":"b"',
            "plan is an object in which 'name' stands twice; keep the one that is meant",
        ),
        (
            '{"months":1}',
            '{"weeks":1}',
            f"billing_every of plan 'career' is {{'weeks': 1}}, {INTERVAL}",
        ),
        (
            '{"months":1}',
            '{"months":true}',
            f"billing_every of plan 'career' is {{'months': True}}, {INTERVAL}",
        ),
        (
            '{"months":1}',
            '{"months":[1]}',
            "plan.billing_every is {'months': [1]}, too long or too deep for any term",
        ),
        (
            '"cap_credits":null',
            '"cap_credits":2',
            "cap_credits of plan 'career' is 2, but must be at least the grant of 3 credits, or None",
        ),
        (
            '"refund_kinds":["accepted"',
            '"refund_kinds":["bribe"',
            (
                "refund_kinds of plan 'career' is 'bribe', but must be one of accepted, declined, message, "
                "quick_reply, automatic"
            ),
        ),
        (
            '"refund_kinds":[',
            f'"refund_kinds":[{"1," * 9_000}',
            "plan.refund_kinds is [1, 1, 1, 1, 1, 1, ...], too long or too deep for any term",
        ),
        (
            '"refund_kinds":[',
            f'"refund_kinds":[{"[" * 900}{"]" * 900},',
            (
                "plan.refund_kinds is [[[...]], 'accepted', 'automatic', 'declined', 'message', "
                "'quick_reply'], too long or too deep for any term"
            ),
        ),
        (
            '"reply"',
            '"silence"',
            (
                "reply_window_days of plan 'career' is null, but must be given where silence gives the "
                "credit back"
            ),
        ),
        (
            '"career"',
            '"\\udfff"',
            "plan.name is '\\udfff', which holds half of a surrogate pair; write the whole character",
        ),
        ('"seats":1', '"seats":2', "seats is 2, but must be at most the 1 of plan 'career'"),
        ('"seats":1', '"seats":0', "seats is 0, but must be a whole number from 1 to 1,000,000"),
    ],
)
def test_refuses_a_plan_that_is_not_whole(old: str, new: str, message: str) -> None:
    """Every term of a plan must be there and be allowed: a default of today is no term of yesterday."""
    assert old in SUBSCRIBED
    assert refusal(SUBSCRIBED.replace(old, new, 1)) == f"line 1: {message}"


def test_refuses_a_subject_where_there_is_none() -> None:
    """A subject on a fact about no message and no seat would be lost, so it is refused."""
    line = CANCELLED.replace('"time"', '"subject":"m-1","time"')
    assert refusal(line) == "line 1: subject is 'm-1', but inmail-credits.cancelled.v1 has none; remove it"


def test_a_refusal_is_short_whatever_the_line_holds() -> None:
    """A damaged line of 64 KiB does not fill the log file of the reader."""
    name = "x" * 60_000
    line = SUBSCRIBED.replace('"career"', f'"{name}"').replace('"seats":1', '"seats":0')
    assert len(refusal(line)) < 1_200


# Many lines.


@pytest.mark.campaign
def test_a_million_lines() -> None:
    """A million facts are read one by one, none lost, and a wrong last line is found by its number."""
    count = 1_000_000
    tail = SENT.split("m-1")

    def lines() -> Iterator[str]:
        for number in range(count):
            yield f"m-{number}".join(tail)
        yield "rubbish\n"

    reading = wire.read(lines())
    for number, fact in enumerate(islice(reading, count)):
        assert fact.id == f"sent:m-{number}"
    with pytest.raises(WireError, match=r"^line 1000001: not JSON"):
        next(reading)


def test_facts_of_a_second_apart_stay_in_their_order() -> None:
    """Recorded numbers order the facts of one instant after any journey."""
    account = Account.open(economies.LINKEDIN_2019["business"], at=AT)
    for number in range(5):
        account.send(f"m-{number}", at=AT + timedelta(seconds=1))
    back = Account.replay(reversed(wire.loads(wire.dumps(account.facts))))
    assert [fact.id for fact in back.facts] == [fact.id for fact in account.facts]

"""The one door for input: what stands for an instant, a date, a number or a text, and what is refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from inmail_credits import Account, Cause, Channel, EntryKind, Grain, Interval, ReplyKind, economies, wire
from inmail_credits._inputs import (
    Choice,
    as_date,
    as_dates,
    as_instance,
    as_instant,
    as_items,
    as_number,
    as_pairs,
    as_rate,
    as_text,
    as_timedelta,
    as_truth,
    as_whole,
    check_executor,
    check_progress,
)
from inmail_credits.errors import InMailCreditsError, InvalidValueError, NaiveInstantError, shown
from inmail_credits.facts import Fact, MessageFact, Purchased, Replied, Sent
from inmail_credits.timeline import instant

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
CAREER = economies.LINKEDIN_2019["career"]
FIRST_OF_MARCH = datetime(2026, 3, 1, tzinfo=UTC)


class NoOffset(tzinfo):
    """A time zone that does not say how far from UTC it is."""

    def utcoffset(self, at: datetime | None, /) -> timedelta:
        """Nothing."""
        raise NotImplementedError

    def dst(self, at: datetime | None, /) -> timedelta:
        """Nothing."""
        raise NotImplementedError

    def tzname(self, at: datetime | None, /) -> str:
        """Nothing."""
        raise NotImplementedError


class Text(str):
    """A text of one's own class."""

    __slots__ = ()


def refusal(convert: Callable[[str, object], object], value: object) -> str:
    """The one line that says why a value is refused; the value itself is put aside."""
    with pytest.raises(InMailCreditsError) as refused:
        convert("field", value)
    message = str(refused.value)
    assert message.startswith("field is ")
    assert "\n" not in message
    return message


# Instants (D1).


@pytest.mark.proves("D1")
@pytest.mark.parametrize(
    "value",
    [
        date(2026, 3, 1),
        FIRST_OF_MARCH,
        datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 3, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")),
        pd.Timestamp("2026-03-01", tz="UTC"),
        pd.Timestamp("2026-03-01 01:00", tz="Europe/Berlin"),
        pd.Timestamp("2026-03-01"),
        np.datetime64("2026-03-01"),
        np.datetime64("2026-03-01T00:00:00"),
        np.datetime64("2026-03-01T00:00:00.000000000"),
        np.array("2026-03-01", dtype="datetime64[D]"),
        "2026-03-01",
        "2026-03-01T00:00:00Z",
        "2026-03-01 01:00+01:00",
        "2026-03-01T00:00:00.000000000Z",
        "2026-02-28T19:00:00-0500",
        np.str_("2026-03-01"),
    ],
)
def test_what_stands_for_an_instant_becomes_a_plain_datetime_in_utc(value: object) -> None:
    """One instant, however it is written; never a Timestamp, a datetime64 or another zone."""
    at = as_instant("at", value)
    assert (at, type(at), at.tzinfo) == (FIRST_OF_MARCH, datetime, UTC)


@pytest.mark.proves("D1")
@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 3, 1),  # noqa: DTZ001 - the point
        datetime(2026, 3, 1, 9),  # noqa: DTZ001 - the point
        pd.Timestamp("2026-03-01 09:00"),
        np.datetime64("2026-03-01T09:00"),
        "2026-03-01T00:00:00",
    ],
)
def test_a_time_of_day_needs_its_time_zone(value: object) -> None:
    """What is naive is refused, a midnight that is no pandas or NumPy date included."""
    with pytest.raises(NaiveInstantError, match=r"^at is 2026-03-01T0.*, which has no time zone"):
        as_instant("at", value)


YEARS = "must be in the years 1970 to 2199"
TICKS = "must be in whole microseconds"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "an aware datetime, a date"),
        (pd.NaT, "field is NaT, but must be an instant"),
        (np.datetime64("NaT", "us"), "an aware datetime, a date"),
        (float("nan"), "an aware datetime, a date"),
        (1_767_225_600, "an aware datetime, a date"),
        (True, "an aware datetime, a date"),
        ([FIRST_OF_MARCH], "an aware datetime, a date"),
        (pd.Series([FIRST_OF_MARCH]), "an aware datetime, a date"),
        (np.array(["2026-03-01"], dtype="datetime64[D]"), "an aware datetime, a date"),
        ("", "an aware datetime, a date"),
        ("2026-13-01", "an aware datetime, a date"),
        ("2026-02-30T09:00:00Z", "an aware datetime, a date"),
        ("20260301", "an aware datetime, a date"),
        ("2026-W09-7", "an aware datetime, a date"),
        ("2026-03", "an aware datetime, a date"),
        ("\u0662\u0660\u0662\u0666-03-01", "an aware datetime, a date"),  # ARABIC-INDIC DIGITS
        ("2026-03-01T24:00:00Z", "an aware datetime, a date"),
        (b"2026-03-01", "an aware datetime, a date"),
        (np.datetime64("2026-03"), "an aware datetime, a date"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), YEARS),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))), YEARS),
        (datetime(1969, 12, 31, tzinfo=UTC), YEARS),
        (date(2200, 1, 1), YEARS),
        (pd.Timestamp("2026-02-02T00:00:00.000000900", tz="UTC"), TICKS),
        ("2026-02-02T00:00:00.0000009Z", TICKS),
        (np.datetime64("2026-02-02T00:00:00.000000900"), TICKS),
        (datetime(2026, 3, 1, tzinfo=NoOffset()), "a time zone that knows its offset"),
    ],
)
def test_what_is_no_instant_is_refused_in_one_line(value: object, message: str) -> None:
    """Nothing missing, nothing outside the years, nothing below a microsecond, and no raw exception."""
    assert message in refusal(as_instant, value)


def test_an_instant_below_a_microsecond_never_reaches_a_log() -> None:
    """It would be written and could not be read back, so the whole account would be lost."""
    account = Account.open(CAREER, at=START)
    before = (account.facts, account.entries)
    fine = pd.Timestamp("2026-02-02T00:00:00.000000900", tz="UTC")
    with pytest.raises(InvalidValueError, match="whole microseconds"):
        account.send("m-1", at=fine)
    assert (account.facts, account.entries) == before
    account.send(np.str_("m-1"), at=fine.floor("us"), seat=np.str_("ann"))
    sent = account.facts[-1]
    assert isinstance(sent, Sent)
    assert {type(sent.at), type(sent.message_id), type(sent.id)} == {datetime, str}
    assert type(sent.seat) is str
    assert Account.replay(wire.loads(wire.dumps(account.facts))) == account


# Dates and collections of them.


@pytest.mark.parametrize(
    "value",
    [
        date(2026, 5, 1),
        datetime(2026, 5, 1),  # noqa: DTZ001 - stands for its date
        pd.Timestamp("2026-05-01"),
        np.datetime64("2026-05-01"),
        np.datetime64("2026-05-01T00:00:00.000000000"),
        "2026-05-01",
    ],
)
def test_what_stands_for_a_date_becomes_a_plain_date(value: object) -> None:
    """A midnight without a time zone is how pandas writes a date."""
    day = as_date("holiday", value)
    assert (day, type(day)) == (date(2026, 5, 1), date)


@pytest.mark.parametrize(
    "value",
    [
        None,
        pd.NaT,
        "1 May",
        20_260_501,
        datetime(2026, 5, 1, 9),  # noqa: DTZ001 - the point
        pd.Timestamp("2026-05-01 09:00"),
        pd.Timestamp("2026-05-01", tz="Europe/Berlin"),
        START,
        "2026-05-01T00:00:00Z",
    ],
)
def test_what_is_no_date_is_refused(value: object) -> None:
    """An instant is none: which date it falls on depends on the place."""
    assert "must be a date, such as date(2026, 5, 1) or '2026-05-01'" in refusal(as_date, value)


TWO_DAYS = frozenset({date(2026, 5, 1), date(2026, 5, 2)})


@pytest.mark.parametrize(
    "values",
    [
        pd.date_range("2026-05-01", periods=2),
        pd.Series(pd.date_range("2026-05-01", periods=2)),
        pd.Series(["2026-05-01", "2026-05-02"]),
        np.array(["2026-05-01", "2026-05-02"], dtype="datetime64[D]"),
        [datetime(2026, 5, 1), "2026-05-02"],  # noqa: DTZ001 - stands for its date
        (day for day in TWO_DAYS),
        {date(2026, 5, 1): "Labour Day", date(2026, 5, 2): "the day after"},
    ],
    ids=lambda values: type(values).__name__,
)
def test_any_collection_of_dates_is_taken(values: object) -> None:
    """Series, DatetimeIndex, array, generator, and the keys of a table of holidays."""
    days = as_dates("holiday", values)
    assert days == TWO_DAYS
    assert {type(day) for day in days} == {date}


@pytest.mark.parametrize("values", ["2026-01-01", b"2026-01-01", date(2026, 1, 1), None, 3, np.array(3)])
def test_a_text_or_a_single_date_is_no_collection(values: object) -> None:
    """The characters of a text would be ten dates."""
    with pytest.raises(InvalidValueError, match=r"^holidays is .*, but must be dates, such as"):
        as_dates("holiday", values)


def test_one_wrong_date_is_named() -> None:
    """Whatever is left over is refused, never ignored."""
    with pytest.raises(InvalidValueError, match=r"^holiday is 'soon', but must be a date"):
        as_dates("holiday", ["2026-05-01", "soon"])


def test_a_collection_without_end_is_refused() -> None:
    """A generator that never stops is cut off with the limit."""
    days = iter(lambda: date(2026, 5, 1), None)
    with pytest.raises(
        InvalidValueError, match="number of holidays is '100,000 and more', but must be at most"
    ):
        as_dates("holiday", days)


# Whole numbers, numbers, rates (D15).


@pytest.mark.proves("D15")
@pytest.mark.parametrize(
    "value",
    [
        3,
        np.int64(3),
        np.int8(3),
        np.uint32(3),
        np.array(3),
        np.float64(3.0),
        np.float32(3.0),
        pd.Series([1, 2]).sum(),
        pd.Series([1.0, None, 2.0]).sum(),
        pd.Series([3]).iloc[0],
        pd.array([3, None], dtype="Int64")[0],
    ],
)
def test_a_whole_number_of_numpy_or_pandas_becomes_a_plain_int(value: object) -> None:
    """A sum of pandas is one, also where gaps have made it a float."""
    number = as_whole("credits", value, 1, 10)
    assert (number, type(number)) == (3, int)


@pytest.mark.proves("D15")
@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        np.True_,
        1.0,
        np.float64(1.5),
        np.float64("nan"),
        np.float64("inf"),
        pd.NA,
        "1",
        Decimal(1),
        Fraction(1),
        1 + 0j,
        [1],
        np.array([1]),
        np.array([1, 2]),
        pd.Series([1]),
        np.timedelta64(1, "D"),
        np.datetime64("1970-01-02"),
        0,
        11,
        10**5000,
    ],
    ids=lambda value: shown(value, length_max=30),
)
def test_what_is_no_whole_number_in_range_is_refused(value: object) -> None:
    """No bool, no fraction, no text, no array, and no number too long to print."""
    assert "but must be a whole number from 1 to 10" in refusal(
        lambda what, v: as_whole(what, v, 1, 10), value
    )


@pytest.mark.parametrize(
    "value",
    [0.25, np.float32(0.25), np.float64(0.25), np.array(0.25), Decimal("0.25"), Fraction(1, 4)],
)
def test_a_rate_becomes_a_plain_float(value: object) -> None:
    """No np.float64 in a repr later."""
    rate = as_rate("rate", value)
    assert (rate, type(rate)) == (0.25, float)
    assert type(as_number("mean", np.int32(5), 0)) is float


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        np.True_,
        float("nan"),
        np.float32("nan"),
        float("inf"),
        1.5,
        -1,
        10**5000,
        Decimal("sNaN"),
        "0.5",
        0.5 + 0j,
        np.complex64(0.5),
        pd.NA,
        pd.Series([0.5]),
        np.array([0.5]),
    ],
    ids=lambda value: shown(value, length_max=30),
)
def test_what_is_no_rate_is_refused(value: object) -> None:
    """Nothing missing, nothing complex, nothing of several values."""
    assert "but must be a number from 0 to 1" in refusal(as_rate, value)


def test_numbers_of_numpy_pass_the_doors_of_facts_and_plans() -> None:
    """What pandas sums return is taken where whole numbers are asked for, and stored plain."""
    bought = Purchased(at=START, credits=np.int64(5), recorded=np.int32(3))  # type: ignore[arg-type] # the point
    assert (type(bought.credits), type(bought.recorded)) == (int, int)
    months = Interval(months=np.int16(2))  # type: ignore[arg-type] # the point
    assert repr(months) == "Interval(months=2, days=0)"


# Texts, spans, choices and the rest.


def test_a_text_becomes_a_plain_str() -> None:
    """np.str_ and a class of one's own are texts like any other."""
    for value in (np.str_("m-1"), Text("m-1")):
        text = as_text("id", value)
        assert (text, type(text)) == ("m-1", str)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("a\0b", "field is 'a\\x00b', but must be a text without NUL characters (code point 0)"),
        ("\ud800", "text that UTF-8 can hold: no half surrogate pairs"),
        ("", "a text of 1 to 200 characters"),
        ("x" * 201, "a text of 1 to 200 characters"),
        ([], "field is [], but must be a text of 1 to 200 characters"),
        (b"m-1", "a text of 1 to 200 characters"),
        (None, "a text of 1 to 200 characters"),
    ],
    ids=lambda value: shown(value, length_max=20),
)
def test_what_no_database_can_hold_is_refused(value: object, message: str) -> None:
    """NUL, half surrogate pairs, nothing, and what is no text."""
    assert message in refusal(as_text, value)


@pytest.mark.parametrize("bad", ["a\0", "\udfff", [], None, 7])
def test_ids_of_facts_are_checked(bad: object) -> None:
    """A fact id, a message id and a seat are texts; an empty list is not the same as no id."""
    make: Callable[..., object] = Sent
    for terms in ({"message_id": "m", "id": bad}, {"message_id": bad}, {"message_id": "m", "seat": bad or 1}):
        with pytest.raises(InvalidValueError):
            make(at=START, **terms)


@pytest.mark.parametrize(
    "value",
    [
        30,
        np.int64(30),
        timedelta(days=30),
        pd.Timedelta("30D"),
        np.timedelta64(30, "D"),
        np.timedelta64(720, "h"),
    ],
)
def test_a_span_is_a_timedelta_or_a_whole_number_of_days(value: object) -> None:
    """``within=30`` means 30 days."""
    span = as_timedelta("within", value)
    assert (span, type(span)) == (timedelta(days=30), timedelta)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (timedelta.max, "a timedelta of 0 to 36,500 days, or a whole number of days"),
        (timedelta(-1), "a timedelta of 0 to 36,500 days"),
        (-1, "a timedelta of 0 to 36,500 days"),
        (1.5, "a timedelta of 0 to 36,500 days"),
        (pd.NaT, "a timedelta of 0 to 36,500 days"),
        (np.timedelta64("NaT", "us"), "a timedelta of 0 to 36,500 days"),
        (np.timedelta64(1, "M"), "a timedelta of 0 to 36,500 days"),
        (np.timedelta64(1, "Y"), "a timedelta of 0 to 36,500 days"),
        (np.timedelta64(2**62, "D"), "a timedelta of 0 to 36,500 days"),
        (np.timedelta64(2**62, "W"), "a timedelta of 0 to 36,500 days"),
        (np.array([3]).view("m8")[0], "a timedelta of 0 to 36,500 days"),
        (pd.Timedelta(nanoseconds=1), "whole microseconds"),
        (np.timedelta64(1, "ns"), "whole microseconds"),
        ("30 days", "a timedelta of 0 to 36,500 days"),
    ],
)
def test_what_is_no_span_is_refused(value: object, message: str) -> None:
    """Without end, backwards, missing, of months, or too fine."""
    assert message in refusal(as_timedelta, value)


def test_expiring_takes_days() -> None:
    """The question "what expires within 30 days" needs no import."""
    account = Account.open(CAREER, at=START)
    (lot,) = account.lots(at=START)
    assert lot.expires_at is not None
    at = lot.expires_at - timedelta(days=30)
    found = account.expiring(at=at, within=30)
    assert found == account.expiring(at=at, within=timedelta(days=30))
    assert lot.number in {each.number for each in found}
    assert lot.number not in {each.number for each in account.expiring(at=at, within=29)}
    with pytest.raises(InvalidValueError, match=r"^within is .*a timedelta of 0 to 36,500 days"):
        account.expiring(at=at, within=timedelta.max)


@pytest.mark.parametrize(
    "value", [None, [], np.array(["inmail", "group"]), pd.Series(["inmail"]), 3, "pigeon"]
)
def test_an_unknown_choice_is_refused_with_the_field_and_the_choices(value: object) -> None:
    """Also an array, whose comparison has no truth value."""
    with pytest.raises(InvalidValueError, match=r"^channel is .*, but must be one of message, invitation"):
        Sent(at=START, message_id="m", channel=value)  # type: ignore[arg-type] # the point
    with pytest.raises(InvalidValueError, match=r"^kind is .*, but must be one of accepted, declined"):
        Replied(at=START, message_id="m", kind=value)  # type: ignore[arg-type] # the point
    with pytest.raises(InvalidValueError, match=r"^way is "):
        Channel.of("way", value)


def test_every_closed_set_is_of_one_family() -> None:
    """Kinds of entries and causes are choices too: an unknown one is refused with those there are."""
    for choices in (Cause, EntryKind, Grain, ReplyKind, Channel):
        assert issubclass(choices, Choice)
        with pytest.raises(InvalidValueError, match="but must be one of"):
            choices("nonsense")


@pytest.mark.parametrize("value", [1, "True", None, np.int8(1), np.array([True])])
def test_a_truth_value_is_true_or_false(value: object) -> None:
    """Numbers and texts are neither."""
    assert as_truth("hidden", np.True_) is True
    assert "must be True or False" in refusal(as_truth, value)


def test_pairs_come_from_mappings_series_and_lists() -> None:
    """A Series gives its index and its values."""
    expected = [("a", 1), ("b", 2)]
    for values in ({"a": 1, "b": 2}, pd.Series([1, 2], index=["a", "b"]), expected):
        assert as_pairs("bursts", values, "messages by date") == expected
    for wrong in ("ab", 3, ["ab"], [1], pd.Series(["ab"]).array, None):
        with pytest.raises(InvalidValueError):
            as_pairs("bursts", wrong, "messages by date")


def test_executors_and_progress_are_known_by_what_they_can_do() -> None:
    """Whatever submits is an executor, a number of workers is none."""
    check_executor(None)
    with pytest.raises(InvalidValueError, match=r"^executor is 2, but must be None or an Executor"):
        check_executor(2)
    for value in (True, False, None, print):
        check_progress(value)
    with pytest.raises(InvalidValueError, match=r"^progress is 1, but must be True, False or a callable"):
        check_progress(1)
    assert list(as_items("facts", iter([1]), "facts")) == [1]
    with pytest.raises(InvalidValueError, match=r"^plan is 3, but must be a text"):
        as_instance("plan", 3, str, "a text")


# Facts that are none.


class OwnSent(Sent):
    """A fact of one's own class."""

    __slots__ = ()


def test_a_fact_of_an_unknown_class_is_refused() -> None:
    """It has no rule in the ledger and no form on the wire."""
    account = Account.open(CAREER, at=START)
    before = (account.facts, account.entries)
    own = OwnSent(message_id="m", at=START)
    for command in (account.record, account.preview, lambda fact: Account.replay([fact])):
        with pytest.raises(
            InvalidValueError, match=r"^fact is OwnSent\(.*, but must be a fact: one of Opened, Sub"
        ):
            command(own)
    assert (account.facts, account.entries) == before


def test_a_list_of_facts_is_no_fact() -> None:
    """The fix is named: facts are arguments of their own."""
    account = Account.open(CAREER, at=START)
    told = [Sent(message_id="m", at=START)]
    for command in (account.record, account.preview):
        for several in (told, tuple(told)):
            with pytest.raises(InvalidValueError, match=r"must be one fact; .*: record\(\*facts\)$"):
                command(several)  # type: ignore[arg-type]
    account.record(*told)
    assert len(account) == 2


def test_a_fact_of_no_kind_is_refused() -> None:
    """The bases of the kinds are not facts."""
    with pytest.raises(InvalidValueError, match=r"^fact is 'Fact', but must be of a kind, such as Sent"):
        Fact(at=START)
    with pytest.raises(InvalidValueError, match=r"^fact is 'MessageFact', but must be of a kind"):
        MessageFact(at=START, message_id="m")


@pytest.mark.parametrize("facts", [None, 3, "facts", b"", START])
def test_what_is_no_collection_of_facts_is_refused(facts: object) -> None:
    """A log as text is read by wire.loads first."""
    with pytest.raises(
        InvalidValueError, match=r"^facts is .*, but must be facts, such as those of wire.loads"
    ):
        Account.replay(facts)  # type: ignore[arg-type] # the point


def test_explanations_are_asked_by_a_text() -> None:
    """A list is no message id, and no TypeError."""
    with pytest.raises(InvalidValueError, match=r"^message id is \[\], but must be a text"):
        Account.open(CAREER, at=START).explain([])  # type: ignore[arg-type] # the point


# What is shown of a value.


def test_a_message_is_one_line_whatever_the_value() -> None:
    """A Series, a number of 5,000 digits and an object whose repr fails are shown in one line."""

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    for value in (pd.Series(range(100)), 10**5000, Broken(), "x\n" * 500, pd.DataFrame({"a": [1, 2]})):
        message = str(InvalidValueError("field", value, "another"))
        assert "\n" not in message
        assert len(message) < 300
    assert shown(10**5000) == "<int>"
    assert instant("2026-03-01") == FIRST_OF_MARCH

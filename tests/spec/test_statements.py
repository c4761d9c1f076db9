"""Statements, histories, forewarnings, explanations and previews: what can be asked, and that it adds up."""

import pickle
import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, Cause, EntryKind, Grain, Interval, Plan, Ruling, economies
from inmail_credits.errors import InvalidValueError, NoCreditError, RefusedError, UnknownMessageError
from inmail_credits.facts import Fact, Opened, Purchased, Replied, Sent
from inmail_credits.ledger.totals import Totals
from inmail_credits.testing import Oracle, strategies, totals_of
from inmail_credits.testing.strategies import TICK, TICKS

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BUSINESS = economies.LINKEDIN_2019["business"]
ONCE = Plan(name="once", grant_credits=3, grant_every=Interval(months=12), lifetime_days=90)


def utc(month: int, day: int) -> datetime:
    """Nine o'clock of that day of 2026."""
    return datetime(2026, month, day, 9, tzinfo=UTC)


def busy() -> Account:
    """Fifteen a month; three sent in February, one of them answered, one withdrawn."""
    account = Account.open(BUSINESS, at=START)
    for number in (1, 2, 3):
        account.send(f"m-{number}", at=utc(2, number))
    account.reply("m-1", at=utc(2, 9))
    account.withdraw("m-2", at=utc(2, 10))
    return account


def test_a_statement_tells_what_moved_and_adds_up() -> None:
    """February of a Business account: 15 + 15 + 1 - 3 = 28; on 1 May the 12 left of January's die, of age."""
    account = busy()
    february = account.statement(date(2026, 2, 1), date(2026, 3, 1))
    assert str(february) == (
        "2026-02-01T00:00:00Z to 2026-03-01T00:00:00Z: opening 15 + granted 15 "
        "+ refunded 1 - spent 3 - expired 0 - forfeited 0 = balance 28"
    )
    assert account.statement(date(2026, 5, 1), date(2026, 5, 2)).expired == 12


@pytest.mark.proves("D2")
@given(strategies.histories(seats=True, impossible=True), st.data())
def test_statements_add_up_and_agree_with_the_oracle(history: list[Fact], data: st.DataObject) -> None:
    """Between any two edges: opening + in - out = balance, and every column is the oracle's figure."""
    account, oracle = Account.replay(history), Oracle(history)
    edges = [at + tick for at in oracle.boundaries(history[-1].at + 100 * DAY) for tick in TICKS]
    for _ in range(4):
        start, end = sorted(data.draw(st.tuples(st.sampled_from(edges), st.sampled_from(edges))))
        told = account.statement(start, end)
        moved = oracle.totals(start, end)
        assert told.movements == Totals(**{kind.value: moved[kind] for kind in EntryKind})
        assert told.opening == oracle.balance(start - TICK)
        assert told.balance == oracle.balance(end - TICK) or start == end


@pytest.mark.parametrize(
    ("grain", "cuts"),
    [
        (Grain.DAY, [utc(2, 26), utc(2, 27), utc(2, 28), utc(3, 1), utc(3, 2)]),
        (Grain.WEEK, [utc(2, 26), utc(3, 2)]),
        (Grain.MONTH, [utc(2, 26), datetime(2026, 3, 1, tzinfo=UTC), utc(3, 2)]),
        (Grain.BILLING_PERIOD, [utc(2, 26), utc(2, 28), utc(3, 2)]),
    ],
)
def test_a_history_is_cut_by_its_grain(grain: Grain, cuts: list[datetime]) -> None:
    """Days and weeks count from the start, months begin on the first, billing periods on their own dates."""
    history = busy().history(cuts[0], cuts[-1], grain=grain)
    assert [line.start for line in history] == cuts[:-1]
    assert [line.end for line in history] == cuts[1:]


@pytest.mark.proves("D2")
@given(strategies.histories(seats=True), st.sampled_from(Grain), st.data())
def test_a_history_is_contiguous_and_adds_up(history: list[Fact], grain: Grain, data: st.DataObject) -> None:
    """At every grain each line opens where the last one closed, and the lines sum to one statement."""
    account, end = Account.replay(history), history[-1].at + 40 * DAY
    edges = [at + tick for at in Oracle(history).boundaries(end) for tick in TICKS]
    start = data.draw(st.sampled_from(edges))
    until = data.draw(st.sampled_from([at for at in edges if at >= start]))
    lines = account.history(start, until, grain=grain)
    assert (lines[0].start, lines[-1].end) == (start, until)
    for earlier, later in pairwise(lines):
        assert (earlier.end, earlier.balance) == (later.start, later.opening)
        assert earlier.start < earlier.end
    whole = account.statement(start, until)
    assert lines[0].opening == whole.opening
    assert sum((line.movements.balance for line in lines), lines[0].opening) == whole.balance
    for kind in set(EntryKind) - {EntryKind.OPENING}:  # an opening is a level: it does not add up
        assert sum(getattr(line, kind.value) for line in lines) == getattr(whole, kind.value)


def test_an_empty_span_is_one_line_of_nothing() -> None:
    """From an instant to itself nothing moves; backwards is refused, with both ends named."""
    account = busy()
    (line,) = account.history(START, START)
    assert (line.opening, line.movements, line.balance) == (0, Totals(), 0)
    with pytest.raises(InvalidValueError) as refused:
        account.statement(utc(2, 2), utc(2, 1))
    assert str(refused.value) == (
        "end is '2026-02-01T09:00:00Z', but must be at or after the start, 2026-02-02T09:00:00Z"
    )


@pytest.mark.proves("R8")
@pytest.mark.parametrize("days", [89, 90, 91])
def test_expiring_lists_what_dies_within_a_span(days: int) -> None:
    """A lot that dies at the very end of the span is in it: by then nobody can spend it."""
    account = Account.open(ONCE, at=START)
    dying = account.expiring(at=START, within=days * DAY)
    assert [lot.left for lot in dying] == ([] if days == 89 else [3])
    assert account.expiring(at=START, within=90 * DAY - TICK) == ()
    assert account.expiring(at=START + 90 * DAY, within=DAY) == ()


@pytest.mark.proves("R8")
@given(strategies.histories(seats=True), st.data())
def test_expiring_foretells_what_expires_if_nothing_else_happens(
    history: list[Fact], data: st.DataObject
) -> None:
    """The lots foretold are those whose life ends by then; what expires of today's lots is among them."""
    account, within = Account.replay(history), data.draw(st.sampled_from((1, 30, 89, 90, 91))) * DAY
    now = account.latest_at
    dying = account.expiring(at=now, within=within)
    assert dying == tuple(lot for lot in account.lots(at=now) if not lot.is_live(now + within))
    foretold = {lot.number: lot.left for lot in dying}
    for entry in account.entries_until(now + within)[len(account.entries) :]:
        if entry.kind is EntryKind.EXPIRED and entry.lot in {lot.number for lot in account.lots(at=now)}:
            assert entry.credits <= foretold[entry.lot] + sum(
                e.credits
                for e in account.entries_until(entry.at)
                if e.kind is EntryKind.REFUNDED and e.lot == entry.lot
            )


@pytest.mark.proves("R6", "D10")
def test_in_flight_are_the_messages_whose_credit_may_still_come_back() -> None:
    """Of three messages one was answered and one withdrawn; the third is in flight, as all were before."""
    account = busy()
    ids = [[m.sent.message_id for m in account.in_flight(at=at)] for at in (utc(2, 2), utc(2, 8), utc(2, 10))]
    assert ids == [["m-1", "m-2"], ["m-1", "m-2", "m-3"], ["m-3"]]
    assert account.in_flight(at=utc(2, 9) - TICK)[0].sent.message_id == "m-1"
    assert account.in_flight(at=utc(2, 9))[0].sent.message_id == "m-2"


@pytest.mark.proves("R6", "D10")
@given(strategies.histories(seats=True))
def test_in_flight_agrees_with_the_oracle(history: list[Fact]) -> None:
    """After the last fact, in flight is what the slow account keeps open inside its window."""
    account = Account.replay(history)
    now = account.latest_at
    oracle = Oracle(history)
    oracle.balance(now)
    open_now = [
        name
        for name, message in oracle._run.open_messages().items()
        if message.window_ends_at is None or message.window_ends_at > now
    ]
    assert [message.sent.message_id for message in account.in_flight(at=now)] == open_now


@pytest.mark.proves("D4")
def test_an_explanation_tells_the_story_of_one_credit() -> None:
    """Which lot paid, why that one, when it came back: as text and as values."""
    account = busy()
    account.send("m-4", at=utc(3, 1))
    assert str(account.explain("m-1")) == (
        "message 'm-1'\n"
        "  2026-02-01T09:00:00Z sent: one credit was spent (R4)\n"
        "    paid by lot 1 (schedule 2026-01-31T09:00:00Z, expires 2026-05-01T09:00:00Z, 15 left before), "
        "the only one left (D4)\n"
        "  2026-02-09T09:00:00Z replied: the credit came back (R5)\n"
        "  2026-02-09T09:00:00Z back in lot 2 (reply)"
    )
    assert "the first of 3 to expire (D4)" in str(account.explain("m-4"))
    assert str(account.explain("m-3")).endswith("no answer so far: nothing has come back (R6)")
    withdrawn = account.explain("m-2")
    assert (withdrawn.settled_as, withdrawn.settled_at, withdrawn.returned) == (
        Ruling.WITHDRAWN,
        utc(2, 10),
        None,
    )
    with pytest.raises(
        UnknownMessageError, match="cannot explain 'm-9' at 2026-03-01T09:00:00Z: no such message"
    ):
        account.explain("m-9")


@given(strategies.histories(seats=True, impossible=True))
def test_explanations_agree_with_the_entries(history: list[Fact]) -> None:
    """For every message: the lot that paid and the credit that came back are those of the entries."""
    account = Account.replay(history)
    spent = {e.message_id: e for e in account.entries if e.kind is EntryKind.SPENT}
    back = {e.message_id: e for e in account.entries if e.kind is EntryKind.REFUNDED}
    for message in account.messages(history[0].at - DAY, history[-1].at):
        name = message.sent.message_id
        story = account.explain(name)
        assert (story.paid_by.number if story.paid_by else None) == (
            spent[name].lot if name in spent else None
        )
        assert story.returned == back.get(name)
        assert len(story.events) == sum(getattr(f, "message_id", None) == name for f in history)


@pytest.mark.proves("D15")
def test_a_preview_tells_and_does_nothing() -> None:
    """What a send, an answer or a late purchase would do is reported; the account is as it was."""
    account = busy()
    before = (account.facts, account.entries, repr(account))
    told = account.preview(Sent(at=utc(2, 20), message_id="m-4"))
    assert [(entry.kind, entry.lot, entry.balance) for entry in told.entries] == [(EntryKind.SPENT, 1, 12)]
    early = account.preview(Replied(at=utc(2, 4), message_id="m-3"))
    assert [(entry.kind, entry.balance) for entry in early.entries] == [(EntryKind.REFUNDED, 13)]
    with pytest.raises(RefusedError):
        account.preview(Purchased(at=utc(2, 20), credits=1))
    assert (account.facts, account.entries, repr(account)) == before


@pytest.mark.proves("D13", "D15")
@given(strategies.histories(seats=True, impossible=True), st.data())
def test_a_preview_is_what_recording_then_does(history: list[Fact], data: st.DataObject) -> None:
    """For any fact, in time or late: the same entries and conflicts, or the same refusal, and no trace."""
    fact = data.draw(st.sampled_from(history[1:] or history))
    account = Account.replay([each for each in history if each is not fact] or history)
    before = (account.facts, account.entries, repr(account))

    def told(ask: str) -> list[str]:
        try:
            receipt = account.preview(fact) if ask == "preview" else account.record(fact)
        except RefusedError as error:
            return [str(error)]
        return [*map(str, (*receipt.entries, *receipt.conflicts, *receipt.cleared))]

    foretold = told("preview")
    assert (account.facts, account.entries, repr(account)) == before
    assert told("record") == foretold


@pytest.mark.proves("D15")
@given(strategies.histories(seats=True, impossible=True))
def test_entries_add_up_after_every_step(history: list[Fact]) -> None:
    """Granted + refunded - spent - expired - forfeited = balance, after each entry, to the last credit."""
    account = Account.replay(history)
    entries = account.entries_until(history[-1].at + 100 * DAY)
    running = Totals()
    for entry in entries:
        running = running.plus([entry])
        assert running.balance == entry.balance >= 0
        assert entry.credits >= 1
    assert running == Totals(**{kind.value: credits_ for kind, credits_ in totals_of(entries).items()})
    assert running.balance == account.balance(at=history[-1].at + 100 * DAY)


def test_entries_read_as_sentences() -> None:
    """Each entry says when, what, why, of which lot, for whom, and what is left."""
    account = busy()
    assert [str(entry) for entry in account.entries[:2]] == [
        "2026-01-31T09:00:00Z granted 15 (schedule, lot 1): 15 left",
        "2026-02-01T09:00:00Z spent 1 (send, lot 1) for 'm-1': 14 left",
    ]
    assert account.entries[-1].cause is Cause.REPLY


def test_the_future_is_told_without_being_kept() -> None:
    """Asking about next year neither moves the account nor adds entries to it."""
    account = busy()
    before = account.entries
    assert account.balance(at=datetime(2027, 1, 31, 9, tzinfo=UTC)) == 45
    assert account.entries == before
    with pytest.raises(NoCreditError):
        Account.open(ONCE, at=START).send("m", at=date(2026, 12, 1))


def test_a_lot_is_found_by_its_number() -> None:
    """Any lot ever received, spent ones included, with what is left of it; an unknown number is refused."""
    account = busy()
    assert account.lot(1) == account.lots(at=account.latest_at)[0]
    single = Account.open(ONCE, at=START)
    single.send("m", at=START)
    assert (single.lot(1).credits, single.lot(1).left) == (3, 2)
    for number in (0, 2, True):
        with pytest.raises(InvalidValueError, match=r"lot is .* from 1 to 1"):
            single.lot(number)


def test_a_ruling_has_a_value_for_programs_and_a_sentence_for_people() -> None:
    """A value is a short name, unlike all others, and finds its ruling again; the sentence is text."""
    values = [ruling.value for ruling in Ruling]
    assert all(re.fullmatch("[a-z_]+", value) for value in values)
    assert values == [ruling.name.lower() for ruling in Ruling]
    assert [Ruling(value) for value in values] == [*Ruling]
    assert len({ruling.sentence for ruling in Ruling}) == len(values)
    assert all(" " in ruling.sentence for ruling in Ruling)
    assert (str(Ruling.SPENT), Ruling.SPENT.sentence) == ("spent", "one credit was spent (R4)")
    assert [pickle.loads(pickle.dumps(ruling)) for ruling in Ruling] == [*Ruling]  # noqa: S301 - our own bytes


@given(strategies.histories(seats=True), st.integers(-40, 100))
def test_every_lot_shown_can_be_asked_for(history: list[Fact], days: int) -> None:
    """Past or future: the lots of an instant, one by one; a number that comes later is refused."""
    account = Account.replay(history)
    at = account.latest_at + timedelta(days=days)
    lots = account.lots(at=at)
    assert tuple(account.lot(lot.number, at=at) for lot in lots) == lots
    assert all(account.lot(lot.number) == lot for lot in account.lots(at=account.latest_at))
    with pytest.raises(InvalidValueError, match="lot is"):
        account.lot(10_000, at=at)


def test_a_lot_that_comes_later_is_refused_with_its_instant() -> None:
    """The grant of February is no lot of January."""
    account = Account.open(Plan(name="own", grant_credits=2), at=START)
    account.send("m", at=utc(3, 1))
    assert account.lot(1, at=START).left == 2
    assert account.lot(1, at=utc(3, 1)).left == account.lot(1).left == 1
    with pytest.raises(InvalidValueError, match="received by 2026-01-31T09:00:00Z; lot 2 comes later"):
        account.lot(2, at=START)


def test_a_history_without_a_subscription_is_cut_in_utc() -> None:
    """Where nobody has subscribed there are weeks and months, and no billing periods."""
    account = Account.replay([Opened(plan=None, at=date(2026, 1, 31))])
    lines = account.history(date(2026, 1, 15), date(2026, 3, 15), grain="month")
    assert [line.start.day for line in lines] == [15, 1, 1]
    with pytest.raises(InvalidValueError, match="grain is 'billing_period', but must be another where"):
        account.history(date(2026, 1, 15), date(2026, 3, 15), grain="billing_period")

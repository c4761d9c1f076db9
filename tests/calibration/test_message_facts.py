"""From conversations to facts: only where the channel is known, and what is not is listed."""

import io
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from attrs import evolve

from inmail_credits import Account, Channel, economies
from inmail_credits.calibration import Messages, read_linkedin_messages
from inmail_credits.calibration.examples import ME, START, Truth, archive, as_csv, row
from inmail_credits.errors import InvalidValueError
from inmail_credits.facts import Replied, Sent
from inmail_credits.forecasting import backtest
from inmail_credits.plans import ReplyKind

PLAN = economies.LINKEDIN_2019["recruiter-lite"]
OPENED = datetime(2026, 1, 1, tzinfo=UTC)


def read(rows: list[dict[str, str]]) -> Messages:
    """Messages from rows of an export."""
    return read_linkedin_messages(io.BytesIO(as_csv(rows).encode()), me=ME)


@pytest.fixture(scope="module")
def messages() -> Messages:
    """A made-up archive of 120 conversations."""
    return read(archive(120, seed=4, truth=Truth(automatic=0.1)))


def test_nothing_becomes_a_fact_without_a_channel(messages: Messages) -> None:
    """Each conversation is listed; the hint of a subject is used only if asked for, and noted."""
    none = messages.facts()
    assert none.facts == ()
    assert none.left_out == {"the channel is not known": tuple(messages.frame["conversation"])}
    hinted = messages.facts(hints=True)
    subjects = int(messages.frame["subject"].sum())
    assert hinted.sent == subjects == 120 - len(hinted.left_out["the channel is not known"])
    assert f"{subjects} conversations were taken for InMails" in hinted.notes[0]
    assert "the channel is not known (" in str(hinted)


def test_facts_are_those_of_the_frame(messages: Messages) -> None:
    """One sending a conversation at its instant, the first answer, and a person's after a machine's."""
    found = messages.facts(channel=Channel.INMAIL)
    frame = messages.frame.set_index("conversation")
    sent = [fact for fact in found.facts if isinstance(fact, Sent)]
    assert {fact.message_id: pd.Timestamp(fact.at) for fact in sent} == frame["sent_at"].to_dict()
    replies = [fact for fact in found.facts if isinstance(fact, Replied)]
    first = {fact.message_id: fact for fact in reversed(replies)}
    answered = frame["answered_at"].dropna()
    assert {name: pd.Timestamp(fact.at) for name, fact in first.items()} == answered.to_dict()
    automatic = frame.index[frame["automatic"]]
    assert {name for name, fact in first.items() if fact.kind is ReplyKind.AUTOMATIC} == set(automatic)
    both = frame.index[frame["automatic"] & frame["answered_in_person_at"].notna()]
    assert len(both) > 0
    assert len(replies) == len(first) + len(both)
    assert [fact.at for fact in found.facts] == sorted(fact.at for fact in found.facts)


def test_an_account_is_replayed_from_them(messages: Messages) -> None:
    """It spends a credit for each InMail and none for other channels; what came before it is left out."""
    channels = ["inmail" if place % 2 else "group" for place in range(120)]
    account = messages.facts(channel=channels).account(PLAN, at=OPENED)
    statement = account.statement(OPENED, datetime(2026, 8, 1, tzinfo=UTC))
    assert isinstance(account, Account)
    assert not account.conflicts
    assert statement.spent == 60
    answered = int(messages.frame["replied"][[bool(place % 2) for place in range(120)]].sum())
    assert statement.refunded == answered
    later = datetime(2026, 4, 1, tzinfo=UTC)
    short = messages.facts(channel="inmail").account(PLAN, at=later)
    assert len(short.messages(later, datetime(2026, 8, 1, tzinfo=UTC))) == int(
        (messages.frame["sent_at"] >= later).sum()
    )


def test_such_an_account_can_be_tested_back() -> None:
    """From the file to a score."""
    rows = archive(300, seed=9)
    account = read(rows).facts(channel="inmail").account(economies.LINKEDIN_2026["recruiter-lite"], at=OPENED)
    found = backtest(account, origins=[datetime(2026, 4, 1, tzinfo=UTC)], paths=100, rng=1)
    assert found.frame["figure"].tolist()[0] == "spent"


def test_messages_written_again_are_noted() -> None:
    """What a second message to somebody silent cost is not in the export."""
    rows = [
        row("1", ME, "Ann", START, SUBJECT="A role"),
        row("1", ME, "Ann", START + timedelta(days=8)),
        row("2", ME, "Bob", START),
    ]
    found = read(rows).facts(channel="inmail")
    assert (found.sent, len(found.facts)) == (2, 2)
    assert found.notes == (
        "in 1 InMail conversations more was written before the answer; only the first message is a fact",
    )


@pytest.mark.parametrize(
    ("channel", "match"),
    [
        ("mail", "channel is 'mail', but must be one of message"),
        (["inmail"], "channel is 'of length 1', but must be one for each of the 120 conversations"),
        ({"nobody": "inmail"}, "conversation of a channel is 'nobody'"),
        (3, "channel is 3"),
        (["fax"] * 120, r"channel\[0\] is 'fax'"),
    ],
)
def test_bad_channels_are_refused(messages: Messages, channel: object, match: str) -> None:
    """What is no channel, a column of another length, an id that is not there."""
    with pytest.raises(InvalidValueError, match=match):
        messages.facts(channel=channel)  # type: ignore[arg-type] # that is the point


def test_what_is_not_known_may_be_written_in_several_ways(messages: Messages) -> None:
    """``None``, NaN, an empty text, ``"unknown"``, an id that is missing."""
    column = [[None, float("nan"), "", "unknown", "inmail"][place % 5] for place in range(120)]
    assert messages.facts(channel=pd.Series(column, dtype=object)).sent == 24
    first = messages.frame["conversation"][0]
    assert messages.facts(channel={first: "inmail"}).sent == 1


def test_messages_are_open_until_they_are_answered_or_too_old() -> None:
    """Within the plan's reply window, or 90 days; of InMails alone, and as known at that instant."""
    at = START + timedelta(days=100)
    rows = [
        row("old", ME, "Ana", START),
        row("young", ME, "Ben", START + timedelta(days=60)),
        row("answered", ME, "Cy", START + timedelta(days=60)),
        row("answered", "Cy", ME, START + timedelta(days=61)),
        row("later", ME, "Di", START + timedelta(days=60)),
        row("later", "Di", ME, START + timedelta(days=101)),
        row("free", ME, "Ed", START + timedelta(days=60)),
    ]
    messages = read(rows)
    frame = messages.frame.assign(name=["old", "young", "answered", "later", "free"])
    ids = dict(zip(frame["name"], frame["conversation"], strict=True))
    found = messages.facts(channel={ids[name]: "inmail" for name in ids if name != "free"})
    windows: dict[int | None, set[str]] = {
        None: {"young", "later"},
        30: set(),
        41: {"young", "later"},
        101: {"old", "young", "later"},
    }
    for days, names in windows.items():
        waiting = found.open_messages(evolve(PLAN, reply_window_days=days), at=at)
        assert set(waiting) == {ids[name] for name in names}, days
    assert waiting[ids["old"]] == START
    with pytest.raises(InvalidValueError, match="plan"):
        found.open_messages("business", at=at)  # type: ignore[arg-type] # on purpose

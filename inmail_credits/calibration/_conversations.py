"""From messages to conversations: one row for each that the archive's owner opened with one person."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from attrs import frozen

from inmail_credits.calibration._columns import AUTOMATIC, SUBJECT, Columns, numbers
from inmail_credits.calibration._people import SEVERAL, UNKNOWN, hashed, owners
from inmail_credits.calibration._typing import Bools, Longs
from inmail_credits.errors import UnreadableTableError

GROUP: Final = "a conversation of several people"
OPENED_BY_OTHER: Final = "a conversation that somebody else opened"
ALONE: Final = "a conversation with oneself"
NOT_MINE: Final = "a conversation without the owner of the archive"
REPEATED: Final = "the same message again"
NAT: Final = np.datetime64("NaT", "us")


@frozen
class Ordered:
    """Messages by conversation and time: for each its number in the file's columns; where each begins.

    ``sender`` and ``recipient`` name the owner by ``owner`` alone.
    """

    message: Longs
    start: Longs
    owner: int
    sender: Longs
    recipient: Longs


def ordered(source: str, columns: Columns, me: Sequence[str]) -> Ordered:
    """Put messages in order and find the owner; repeated messages are left out.

    ``me`` are the owner's names and addresses, as far as they are known. Exports list the newest message
    first or last. Messages of one second stay in the order that the file follows otherwise.
    """
    conversation, at = numbers(columns.conversation), numbers(columns.at)
    joined = np.append(columns.people.joined(), [SEVERAL, UNKNOWN])  # the last two stand for themselves
    sender, recipient = joined[numbers(columns.sender)], joined[numbers(columns.recipient)]
    mine = _owners(source, columns, me, conversation, sender, recipient)
    sender, recipient = (np.where(np.isin(each, mine), mine[0], each) for each in (sender, recipient))
    place = np.arange(len(at))
    within = conversation[1:] == conversation[:-1]
    steps = np.diff(at)[within]
    newest_first = np.count_nonzero(steps < 0) > np.count_nonzero(steps > 0)
    message = np.lexsort((-place if newest_first else place, at, conversation))
    message = message[_first_of_each(columns, message, sender)]
    changes = np.diff(conversation[message], prepend=-1) != 0
    return Ordered(
        message=message,
        start=np.flatnonzero(changes),
        owner=mine[0],
        sender=sender,
        recipient=recipient,
    )


def _first_of_each(columns: Columns, message: Longs, sender: Longs) -> Bools:
    """Which messages are not the repetition of another: same conversation, instant, sender and text."""
    keys = pd.DataFrame(
        {
            "conversation": numbers(columns.conversation)[message],
            "at": numbers(columns.at)[message],
            "sender": sender[message],
            "text": numbers(columns.text)[message],
        }
    )
    again = keys.duplicated().to_numpy()
    columns.leave_out(REPEATED, numbers(columns.line)[message[again]].tolist())
    return ~again


def _owners(
    source: str, columns: Columns, me: Sequence[str], conversation: Longs, sender: Longs, recipient: Longs
) -> list[int]:
    count = len(columns.people.keys)
    if not len(columns.conversation):
        raise UnreadableTableError(source, 1, _nothing(columns))
    pairs = np.concatenate(
        [conversation * count + sender, (conversation * count + recipient)[recipient >= 0]]
    )
    threads = np.bincount(np.unique(pairs) % count, minlength=count)
    return owners(source, columns.people, threads, me)


def _nothing(columns: Columns) -> str:
    if not columns.rows:
        return "there is no row below the header"
    reasons = ", ".join(
        f"{len(lines):,} x {reason} (first on line {lines[0]})" for reason, lines in columns.left_out.items()
    )
    unread = f"; the first such date is {columns.unread!r}" if columns.unread else ""
    return f"none of the {columns.rows:,} rows can be used: {reasons}{unread}"


def conversations(columns: Columns, order: Ordered, salt: bytes) -> pd.DataFrame:
    """One row for each conversation that the owner opened with one person; the others are left out."""
    message, start = order.message, order.start
    number = np.repeat(np.arange(len(start)), np.diff(start, append=len(message)))
    mine = order.sender[message] == order.owner
    kept = _kept(columns, order, mine, number)
    place = np.arange(len(message))
    first_answer = _first(~mine, number, len(start))
    flags = numbers(columns.flags)[message]
    automatic = (flags & AUTOMATIC) > 0
    first_personal = _first(~mine & ~automatic, number, len(start))
    before = mine & (place < first_answer[number])
    at = numbers(columns.at)[message]
    frame = pd.DataFrame(
        {
            "conversation": [hashed(name, salt) for name in _names(columns, message[start[kept]])],
            "person": _people(columns, order, kept, number, mine, salt),
            "sent_at": at[start[kept]].astype("datetime64[us]"),
            "answered_at": _at(at, first_answer[kept]),
            "answered_in_person_at": _at(at, first_personal[kept]),
            "replied": first_answer[kept] < len(message),
            "automatic": _at_or_false(automatic, first_answer[kept]),
            "subject": (flags[start[kept]] & SUBJECT) > 0,
            "sent_before_answer": np.bincount(number[before], minlength=len(start))[kept],
            "messages": np.diff(start, append=len(message))[kept],
            "folder": np.array([*columns.folders, ""], object)[numbers(columns.folder)[message[start[kept]]]],
        }
    )
    for name in ("sent_at", "answered_at", "answered_in_person_at"):
        frame[name] = frame[name].dt.tz_localize("UTC")
    frame = frame.sort_values(["sent_at", "conversation"], ignore_index=True)
    known = frame["person"] != ""
    frame.insert(2, "nth_to_person", 1)
    frame.loc[known, "nth_to_person"] = frame[known].groupby("person").cumcount() + 1
    return frame


def _kept(columns: Columns, order: Ordered, mine: Bools, number: Longs) -> Longs:
    """The conversations that the result rests on; the rows of all others are left out with their reason."""
    count = len(order.start)
    recipient = order.recipient[order.message]
    several = np.bincount(number, recipient == SEVERAL, minlength=count) > 0
    other = np.where(mine, -1, order.sender[order.message])
    highest = np.full(count, -1)
    np.maximum.at(highest, number, other)
    several |= np.bincount(number, (other >= 0) & (other != highest[number]), minlength=count) > 0
    opened = mine[order.start]
    reached = recipient == order.owner
    to_others = np.bincount(number, ~reached & (recipient != UNKNOWN), minlength=count) > 0
    alone = (highest < 0) & ~to_others & (np.bincount(number, reached, minlength=count) > 0)
    absent = np.bincount(number, mine | reached, minlength=count) == 0
    for reason, chosen in (
        (GROUP, several),
        (ALONE, alone),
        (NOT_MINE, absent & ~several),
        (OPENED_BY_OTHER, ~opened & ~absent & ~several),
    ):
        rows = order.message[chosen[number]]
        columns.leave_out(reason, np.sort(numbers(columns.line)[rows]).tolist())
    return np.flatnonzero(opened & ~several & ~alone)


def _first(chosen: Bools, number: Longs, count: int) -> Longs:
    """The place of the first chosen message of each conversation; their number where there is none."""
    out = np.full(count, len(chosen), np.int64)
    places = np.flatnonzero(chosen)[::-1]
    out[number[places]] = places
    return out


def _at(at: Longs, place: Longs) -> "np.ndarray[tuple[int], np.dtype[np.datetime64]]":
    out = np.full(len(place), NAT)
    known = place < len(at)
    out[known] = at[place[known]].astype("datetime64[us]")
    return out


def _at_or_false(values: Bools, place: Longs) -> Bools:
    out = np.zeros(len(place), bool)
    known = place < len(values)
    out[known] = values[place[known]]
    return out


def _names(columns: Columns, messages: Longs) -> list[str]:
    names = list(columns.conversations)
    return [names[number] for number in numbers(columns.conversation)[messages].tolist()]


def _people(
    columns: Columns, order: Ordered, kept: Longs, number: Longs, mine: Bools, salt: bytes
) -> list[str]:
    """The hashed id of the other person: the first other sender, or else the first recipient."""
    place = np.minimum(_first(~mine, number, len(order.start))[kept], len(mine) - 1)
    answered = ~mine[place] & (number[place] == kept)
    to = order.recipient[order.message[order.start[kept]]]
    person = np.where(answered, order.sender[order.message[place]], to)
    return [columns.people.hashed(each, salt) if each >= 0 else "" for each in person.tolist()]

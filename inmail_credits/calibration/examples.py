"""Made-up archives of messages, of known truth, to try the readers and fits on.

Nobody's messages are in them. The same seed gives the same archive, whatever the version of NumPy.
"""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import log
from random import Random
from typing import Final

from attrs import frozen

HEADER: Final = (
    "CONVERSATION ID",
    "CONVERSATION TITLE",
    "FROM",
    "SENDER PROFILE URL",
    "TO",
    "RECIPIENT PROFILE URLS",
    "DATE",
    "SUBJECT",
    "CONTENT",
    "FOLDER",
    "ATTACHMENTS",
    "IS MESSAGE DRAFT",
    "IS CONVERSATION DRAFT",
)
ME: Final = "Maya Haddad"
START: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
FIRST: Final = ("Ana", "Ben", "Chloé", "Dan", "Eve", "Faruk", "Grace", "Hal")
LAST: Final = ("Silva", "Ode", "Moretti", "O'Neill", "Jónsdóttir", "Kaya", "Li")
_WORKING_DAYS = 5
_SUBJECTS = 0.8
_AUTOMATIC_DELAY = timedelta(minutes=1)


@frozen(kw_only=True)
class Truth:
    """What an archive is made from.

    Fields:
        rate: the share of conversations that a person answers in the end.
        scale_days, shape: of the Weibull delay of those answers.
        automatic: the share answered at once by a machine.
        until: when the archive was exported: later answers are not in it.
    """

    rate: float = 0.3
    scale_days: float = 2.0
    shape: float = 0.7
    automatic: float = 0.0
    until: datetime = START + timedelta(days=180)


def example_archive(conversations: int = 1_500, *, seed: int = 7, truth: Truth | None = None) -> str:
    """The text of a made-up ``messages.csv``: conversations that ``ME`` opened, and others among them.

    Example:
        >>> text = example_archive(20)
        >>> text.splitlines()[0][:40]
        'CONVERSATION ID,CONVERSATION TITLE,FROM,'
    """
    return as_csv(archive(conversations, seed=seed, truth=truth))


def url(name: str) -> str:
    """A profile address for a name."""
    return f"https://www.linkedin.com/in/{name.lower().replace(' ', '-')}"


def row(conversation: str, sender: str, to: str, at: datetime, **more: str) -> dict[str, str]:
    """One message as the newest exports have it; several recipients are parted by semicolons."""
    return {
        "CONVERSATION ID": conversation,
        "FROM": sender,
        "SENDER PROFILE URL": url(sender),
        "TO": to,
        "RECIPIENT PROFILE URLS": ",".join(url(name) for name in to.split(";")),
        "DATE": f"{at:%Y-%m-%d %H:%M:%S} UTC",
        "CONTENT": "Hello",
        "FOLDER": "INBOX",
        "IS MESSAGE DRAFT": "No",
        "IS CONVERSATION DRAFT": "No",
    } | more


def archive(conversations: int, *, seed: int, truth: Truth | None = None) -> list[dict[str, str]]:
    """Rows of conversations that ``ME`` opened on working days, newest first as in an export.

    Beside them, for every tenth, there are two messages of a conversation that somebody else opened, one of
    a group, and a draft.
    """
    truth = truth or Truth()
    random = Random(seed)  # noqa: S311 - made-up messages are no secret
    days = [day for day in range((truth.until - START).days) if _weekday(day) < _WORKING_DAYS]
    rows: list[dict[str, str]] = []
    for number in range(conversations):
        day = days[int(random.random() * len(days))]
        sent = START + timedelta(days=day, seconds=int(random.random() * 36_000))
        name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]} {number}"
        subject = "A role for you" if random.random() < _SUBJECTS else ""
        text = 'Dear colleague,\nI saw your talk, "Credits",\nand liked it.'
        conversation = f"2-{number:06d}"
        rows.append(row(conversation, ME, name, sent, SUBJECT=subject, CONTENT=text))
        for answered, words in _answers(random, truth, sent):
            if answered <= truth.until:
                rows.append(row(conversation, name, ME, answered, CONTENT=words))
        if number % 10 == 0:
            rows += _others(number, sent)
    return sorted(rows, key=lambda each: each["DATE"], reverse=True)


def _weekday(day: int) -> int:
    return (START + timedelta(days=day)).weekday()


def _answers(random: Random, truth: Truth, sent: datetime) -> list[tuple[datetime, str]]:
    """The answers to one message: a machine's, a person's, both or none."""
    machine, person = random.random() < truth.automatic, random.random() < truth.rate
    days = truth.scale_days * (-log(1 - random.random())) ** (1 / truth.shape)
    answers = [(sent + _AUTOMATIC_DELAY, "Automatic reply: I am out of the office")] if machine else []
    return answers + ([(sent + timedelta(days=days), "Thanks, tell me more")] if person else [])


def _others(number: int, at: datetime) -> list[dict[str, str]]:
    stranger = f"Stranger {number}"
    return [
        row(f"2-in-{number}", stranger, ME, at, CONTENT="Buy my course"),
        row(f"2-in-{number}", ME, stranger, at + timedelta(hours=3), CONTENT="No, thank you"),
        row(f"2-group-{number}", ME, f"{stranger};Second {number}", at, CONTENT="Both of you"),
        row(f"2-draft-{number}", ME, stranger, at, **{"IS MESSAGE DRAFT": "Yes"}),
    ]


def as_csv(rows: Sequence[dict[str, str]], *, header: Sequence[str] = HEADER, delimiter: str = ",") -> str:
    """The rows as text, in the columns of the header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, header, extrasaction="ignore", delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()

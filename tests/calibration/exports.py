"""Made-up archives of messages, with known truth, in every form that exports come in."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from attrs import frozen

HEADER = (
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
ME = "Maya Haddad"
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
FIRST = ("Ana", "Ben", "Chloé", "Dan", "Eve", "Faruk", "Grace", "Hal")
LAST = ("Silva", "Ode", "Moretti", "O'Neill", "Jónsdóttir", "Kaya", "Li")


@frozen(kw_only=True)
class Truth:
    """What an archive was made from: the reply rate, the Weibull delay, and the instant it was exported."""

    rate: float = 0.3
    scale_days: float = 2.0
    shape: float = 0.7
    until: datetime = START + timedelta(days=180)


def url(name: str) -> str:
    """A profile address for a name."""
    return f"https://www.linkedin.com/in/{name.lower().replace(' ', '-')}"


def row(conversation: str, sender: str, to: str, at: datetime, **more: str) -> dict[str, str]:
    """One message, as the newest vintage of the export has it."""
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


def archive(
    conversations: int, *, seed: int, truth: Truth | None = None, others: bool = True
) -> list[dict[str, str]]:
    """Rows of conversations that ``ME`` opened on working days, newest first as in an export.

    Answers come by the truth's rate and delay, and only those before the export stand in it. With ``others``
    there are also conversations opened by somebody else, groups and drafts: one in ten of each.
    """
    truth = truth or Truth()
    rng = np.random.default_rng(seed)
    sent = _instants(conversations, truth.until, rng)
    answers = rng.random(conversations) < truth.rate
    delays = truth.scale_days * rng.weibull(truth.shape, conversations)
    rows: list[dict[str, str]] = []
    for number in range(conversations):
        name = f"{FIRST[number % 8]} {LAST[number % 7]} {number}"
        conversation = f"2-{number:06d}"
        subject = "A role for you" if rng.random() < 0.8 else ""
        text = 'Dear colleague,\nI saw your talk, "Credits",\nand liked it.'
        rows.append(row(conversation, ME, name, sent[number], SUBJECT=subject, CONTENT=text))
        answered = sent[number] + timedelta(days=float(delays[number]))
        if answers[number] and answered <= truth.until:
            rows.append(row(conversation, name, ME, answered, CONTENT="Thanks, tell me more"))
        if others and number % 10 == 0:
            rows += _others(number, sent[number])
    return sorted(rows, key=lambda each: each["DATE"], reverse=True)


def _instants(count: int, until: datetime, rng: np.random.Generator) -> list[datetime]:
    """Instants on working days between the start and the export."""
    days = [day for day in range((until - START).days) if (START + timedelta(days=day)).weekday() < 5]
    chosen = np.sort(rng.choice(days, count))
    return [START + timedelta(days=int(day), seconds=int(rng.integers(0, 36_000))) for day in chosen]


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

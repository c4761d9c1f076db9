"""From conversations to the facts of an account, where the channel of each is known.

The export does not say which conversations were InMails, and a free message that is taken for one spends a
credit that nobody spent. So nothing becomes a fact unless the caller says by which channel it went, or
accepts a subject as a sign of an InMail. Conversations left out are listed with the reason.

Of each conversation, the first message and the first answer become facts; where the first answer looks
automatic and a person answered later, both answers do. Later messages to somebody who stays silent do not:
the export does not say what they cost.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, cast

import pandas as pd
from attrs import field, frozen

from inmail_credits._inputs import as_instance, as_truth, as_whole
from inmail_credits.account import Account
from inmail_credits.calibration._typing import Values
from inmail_credits.channels import Channel
from inmail_credits.errors import InvalidValueError
from inmail_credits.facts import Fact, Replied, Sent, Subscribed
from inmail_credits.plans import CREDITS_MAX, Plan, ReplyKind
from inmail_credits.timeline import AnyInstant, instant

UNKNOWN: Final = "unknown"
NOT_KNOWN: Final = "the channel is not known"
NEEDED: Final = ("conversation", "sent_at", "answered_at", "answered_in_person_at", "automatic", "subject")
SHOWN: Final = 3
OPEN: Final = timedelta(days=90)
"""How long a silent message counts as open, where the plan has no reply window."""


@frozen(kw_only=True, eq=False)
class MessageFacts:
    """The facts that follow from conversations. Made by :meth:`Messages.facts`.

    Fields:
        facts: sendings and answers, by instant; message ids are the ids of conversations.
        sent: how many conversations became facts.
        left_out: for each reason, the ids of the conversations that did not.
        notes: what else to keep in mind, one sentence each.
    """

    facts: tuple[Fact, ...]
    sent: int
    left_out: Mapping[str, Sequence[str]] = field(factory=dict)
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        missing = sum(map(len, self.left_out.values()))
        return f"<MessageFacts {self.sent:,} conversations, {len(self.facts):,} facts, {missing:,} left out>"

    def __str__(self) -> str:
        lines = [f"{self.sent:,} conversations became {len(self.facts):,} facts"]
        for reason, ids in self.left_out.items():
            shown = ", ".join(ids[:SHOWN]) + (", ..." if len(ids) > SHOWN else "")
            lines.append(f"{len(ids):>10,}  {reason} ({shown})")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def open_messages(self, plan: Plan, *, at: AnyInstant) -> dict[str, datetime]:
        """The InMails whose credits may still come back, by id: for :meth:`Account.from_balance`.

        These are the ones without an answer at that instant, sent within the plan's reply window before it,
        or within 90 days where the plan has none.

        Example:
            >>> from io import StringIO
            >>> from inmail_credits import Account, economies
            >>> from inmail_credits.calibration import read_linkedin_messages
            >>> from inmail_credits.calibration.examples import example_archive
            >>> messages = read_linkedin_messages(StringIO(example_archive(40)), me="Maya Haddad")
            >>> plan = economies.LINKEDIN_2026["business"]
            >>> waiting = messages.facts(channel="inmail").open_messages(plan, at=messages.as_of)
            >>> account = Account.from_balance(
            ...     plan, balance=12, at=messages.as_of, renews_on="2026-07-05", open_messages=waiting
            ... )
            >>> len(account.in_flight(at=messages.as_of)) == len(waiting) > 0
            True
        """
        as_instance("plan", plan, Plan, "a Plan")
        moment = instant(at)
        window = OPEN if plan.reply_window is None else plan.reply_window
        known = [fact for fact in self.facts if fact.at <= moment]
        answered = {fact.message_id for fact in known if isinstance(fact, Replied)}
        return {
            fact.message_id: fact.at
            for fact in known
            if isinstance(fact, Sent)
            and fact.channel is Channel.INMAIL
            and fact.message_id not in answered
            and fact.at > moment - window
        }

    def account(self, plan: Plan, *, at: AnyInstant, seats: int = 1) -> Account:
        """An account subscribed to ``plan`` at that instant, with these facts.

        Messages sent before it are left out, with their answers. A message for which there was no credit is
        among ``account.conflicts``: it was free, or credits came from elsewhere.

        Raises:
            InvalidValueError: for values outside their limits.
        """
        as_instance("plan", plan, Plan, "a Plan")
        opened = instant(at)
        seats = as_whole("seats", seats, 1, CREDITS_MAX)
        early = {fact.message_id for fact in self.facts if isinstance(fact, Sent) and fact.at < opened}
        kept = [fact for fact in self.facts if getattr(fact, "message_id", "") not in early]
        return Account.replay([Subscribed(plan=plan, at=opened, seats=seats), *kept])


def facts_of(
    frame: pd.DataFrame, *, channel: Channel | str | Values | Mapping[str, object] | None, hints: bool
) -> MessageFacts:
    """The facts of conversations; see :meth:`Messages.facts`."""
    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise InvalidValueError("frame", list(frame.columns), f"with the columns {', '.join(missing)}")
    channels = _channels(frame, channel)
    hinted = 0
    if as_truth("hints", hints):
        for place, subject in enumerate(frame["subject"].tolist()):
            if channels[place] is None and subject:
                channels[place], hinted = Channel.INMAIL, hinted + 1
    left_out = [name for name, found in zip(frame["conversation"], channels, strict=True) if found is None]
    facts = sorted(_facts(frame, channels), key=lambda fact: fact.at)
    return MessageFacts(
        facts=tuple(facts),
        sent=len(frame) - len(left_out),
        left_out={NOT_KNOWN: tuple(left_out)} if left_out else {},
        notes=_notes(frame, channels, hinted),
    )


def _notes(frame: pd.DataFrame, channels: Sequence[Channel | None], hinted: int) -> tuple[str, ...]:
    notes = []
    if hinted:
        notes.append(f"{hinted:,} conversations were taken for InMails because of their subject, a hint only")
    if "sent_before_answer" in frame.columns:
        again = sum(
            found is Channel.INMAIL and several > 1
            for found, several in zip(channels, frame["sent_before_answer"].tolist(), strict=True)
        )
        if again:
            notes.append(
                f"in {again:,} InMail conversations more was written before the answer; only the first "
                "message is a fact"
            )
    return tuple(notes)


def _channels(
    frame: pd.DataFrame, given: Channel | str | Values | Mapping[str, object] | None
) -> list[Channel | None]:
    """The channel of each conversation, as far as the caller names it."""
    if given is None:
        return [None] * len(frame)
    if isinstance(given, str):
        return [_channel("channel", given)] * len(frame)
    if isinstance(given, Mapping):
        known = cast("Mapping[str, object]", given)
        unknown = set(known) - set(frame["conversation"])
        if unknown:
            name = min(unknown, key=str)
            raise InvalidValueError("conversation of a channel", name, "an id of the frame's conversations")
        return [_channel(f"channel of {name!r}", known.get(name)) for name in frame["conversation"]]
    if not isinstance(given, Iterable):
        raise InvalidValueError("channel", given, "a channel, one for each conversation, or a mapping by id")
    column = list(given)
    if len(column) != len(frame):
        raise InvalidValueError(
            "channel", f"of length {len(column)}", f"one for each of the {len(frame):,} conversations"
        )
    return [_channel(f"channel[{place}]", one) for place, one in enumerate(column)]


def _channel(what: str, value: object) -> Channel | None:
    if value is None or value is pd.NA or value != value or value in {"", UNKNOWN}:  # noqa: PLR0124 - NaN
        return None
    return Channel.of(what, value)


def _facts(frame: pd.DataFrame, channels: Sequence[Channel | None]) -> Iterator[Fact]:
    columns = [
        frame["conversation"].tolist(),
        _instants(frame["sent_at"]),
        _instants(frame["answered_at"]),
        _instants(frame["answered_in_person_at"]),
        frame["automatic"].tolist(),
    ]
    for name, sent, answered, in_person, automatic, channel in zip(*columns, channels, strict=True):
        if channel is None or sent is None:
            continue
        yield Sent(at=sent, message_id=name, channel=channel)
        if answered is None:
            continue
        kind = ReplyKind.AUTOMATIC if automatic else ReplyKind.MESSAGE
        yield Replied(at=answered, message_id=name, kind=kind)
        if automatic and in_person is not None:
            yield Replied(at=in_person, message_id=name, id=f"replied:{name}:in-person")


def _instants(column: pd.Series) -> list[datetime | None]:
    return [None if at is pd.NaT else at.to_pydatetime() for at in column.tolist()]

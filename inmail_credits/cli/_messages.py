"""What ``calibrate`` and ``forecast`` share: the export of messages, read and fitted.

The numerical libraries are imported only when a command needs them.
"""

import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace, _ArgumentGroup
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from inmail_credits._zones import check_zone, to_local
from inmail_credits.channels import Channel
from inmail_credits.cli._files import parse_instant, today
from inmail_credits.errors import InvalidValueError

if TYPE_CHECKING:
    import pandas as pd

    from inmail_credits.calibration import MessageFacts, Messages, RepliesFit, SendsFit
    from inmail_credits.simulation import Outreach


@frozen
class Fitted:
    """The messages read, the conversations used, and the two fits.

    ``zone`` is that of weekdays and days.
    """

    messages: "Messages"
    frame: "pd.DataFrame"
    replies: "RepliesFit"
    sends: "SendsFit"
    zone: str

    def outreach(self) -> "Outreach":
        """The behaviour with the uncertainty of its replies."""
        from inmail_credits.simulation import Outreach  # noqa: PLC0415 - heavy

        return Outreach(sends=self.sends.sends, replies=self.replies.replies, zone=self.zone)

    @cached_property
    def facts(self) -> "MessageFacts":
        """The conversations as facts, every one of them an InMail."""
        from inmail_credits.calibration.facts import facts_of  # noqa: PLC0415 - heavy

        return facts_of(self.frame, channel=Channel.INMAIL, hints=False)

    def label(self) -> str:
        """What was fitted, in one line."""
        low, high = self.replies.rate_interval()
        fewest, most = self.sends.per_week_interval()
        return (
            f"fitted to {self.messages.report.source}: {len(self.frame):,} conversations, "
            f"{100 * self.replies.rate:.1f} % answered (90 %: {100 * low:.1f} to {100 * high:.1f}), "
            f"{self.sends.per_week:.1f} a week ({fewest:.1f} to {most:.1f})"
        )


def add_arguments(command: "ArgumentParser | _ArgumentGroup") -> None:
    """Declare how the export is read."""
    command.add_argument(
        "--me",
        metavar="NAME",
        action="append",
        help="the owner of the archive: a name or a profile URL; may be repeated for one of several names",
    )
    command.add_argument(
        "--as-of", metavar="INSTANT", help="use only what was known then; default: the latest message"
    )
    command.add_argument(
        "--zone", metavar="NAME", default="UTC", help="time zone of days and weekdays; default: %(default)s"
    )
    command.add_argument(
        "--day-first",
        action=BooleanOptionalAction,
        help="whether dates such as 02/03/2026 14:05 begin with the day",
    )
    command.add_argument(
        "--column",
        metavar="OLD=NEW",
        action="append",
        default=[],
        help="a column of another name, such as DATUM=DATE; may be repeated",
    )
    command.add_argument(
        "--only-inmails",
        action="store_true",
        help="only conversations begun with a subject (a hint at InMails)",
    )


def read_and_fit(source: str, options: Namespace) -> Fitted:
    """Read the export, choose the conversations, and fit both.

    Raises:
        UnreadableTableError: if it is no such export.
        InvalidValueError: for values outside their limits, or too few messages.
        OSError: if the file cannot be opened.
    """
    from inmail_credits.calibration import (  # noqa: PLC0415 - heavy, and only needed here
        fit_replies,
        fit_sends,
        read_linkedin_messages,
    )

    zone = check_zone("--zone", options.zone)
    as_of = None if options.as_of is None else parse_instant(options.as_of, what="--as-of")
    if source != "-" and (not source or Path(source).is_dir()):
        raise InvalidValueError("messages", source, "the name of a file, or - for standard input")
    messages = read_linkedin_messages(
        sys.stdin.buffer if source == "-" else source,
        me=options.me,
        as_of=as_of,
        zone=zone,
        day_first=options.day_first,
        columns=_columns(options.column),
        progress=sys.stderr.isatty(),
    )
    if messages.as_of >= today() + timedelta(days=1):
        print(
            f"note: the messages end on {messages.as_of:%Y-%m-%d}, after today: their dates or --as-of may "
            "be wrong; an --as-of of the past leaves out what is later",
            file=sys.stderr,
        )
    frame = messages.frame[messages.frame["subject"]] if options.only_inmails else messages.frame
    replies = fit_replies(frame["sent_at"], frame["answered_at"], as_of=messages.as_of)
    last = to_local(messages.as_of + timedelta.resolution, zone).date() - timedelta(days=1)
    sends = fit_sends(frame["sent_at"], zone=zone, end=last)
    return Fitted(messages=messages, frame=frame, replies=replies, sends=sends, zone=zone)


def _columns(given: "list[str]") -> dict[str, str]:
    """The names of columns as ``OLD=NEW`` gives them."""
    pairs = [text.partition("=") for text in given]
    for text, (old, _, new) in zip(given, pairs, strict=True):
        if not old.strip() or not new.strip():
            raise InvalidValueError("--column", text, "OLD=NEW, such as DATUM=DATE")
    return {old: new for old, _, new in pairs}

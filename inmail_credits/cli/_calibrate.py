"""``inmail-credits calibrate``: from the export of messages to a reply rate, a delay, and a weekly volume.

The numerical libraries are imported only when this command runs.
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from inmail_credits.cli._files import check_picture, parse_instant

if TYPE_CHECKING:
    from inmail_credits.calibration import Messages, RepliesFit, SendsFit


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument(
        "messages", metavar="FILE", help="messages.csv, or the zip as downloaded; - for standard input"
    )
    command.add_argument("--me", metavar="NAME", help="the owner of the archive: a name or a profile URL")
    command.add_argument(
        "--as-of", metavar="INSTANT", help="use only what was known then; default: the latest message"
    )
    command.add_argument(
        "--zone", metavar="NAME", default="UTC", help="time zone of weekdays; default: %(default)s"
    )
    command.add_argument(
        "--only-inmails",
        action="store_true",
        help="only conversations whose first message has a subject (a hint)",
    )
    command.add_argument("--png", metavar="FILE", help="also draw the fit of the replies")


def run(options: Namespace) -> int:
    """Read, fit, print, and draw if asked to."""
    from inmail_credits.calibration import (  # noqa: PLC0415 - heavy, and only needed here
        fit_replies,
        fit_sends,
        read_linkedin_messages,
    )

    if options.png:
        check_picture(options.png, what="--png")
    as_of = parse_instant(options.as_of, what="--as-of") if options.as_of else None
    source = sys.stdin.buffer if options.messages == "-" else options.messages
    messages = read_linkedin_messages(source, me=options.me, as_of=as_of, zone=options.zone)
    frame = messages.frame[messages.frame["subject"]] if options.only_inmails else messages.frame
    replies = fit_replies(frame["sent_at"], frame["answered_at"], as_of=messages.as_of)
    sends = fit_sends(frame["sent_at"], zone=options.zone)
    if options.json:
        print(json.dumps(_plain(messages, replies, sends), indent=2, sort_keys=True))
    else:
        print("\n\n".join([str(messages.report), replies.summary(), sends.summary()]))
    if options.png:
        from matplotlib.figure import Figure  # noqa: PLC0415 - as above

        figure = Figure(figsize=(7, 4), layout="constrained")
        replies.plot(figure.subplots())
        figure.savefig(options.png, dpi=150)
        print(f"drew {options.png}", file=sys.stderr if options.json else sys.stdout)
    return 0


def _plain(messages: "Messages", replies: "RepliesFit", sends: "SendsFit") -> dict[str, object]:
    """The fits as plain data."""
    low, high = replies.rate_interval()
    low_week, high_week = sends.per_week_interval()
    parameters = {
        str(name): {str(key): float(value) for key, value in row.items() if value == value}  # noqa: PLR0124 - no NaN in JSON
        for name, row in replies.parameters.to_dict("index").items()
    }
    return {
        "report": {
            "rows": messages.report.rows,
            "used": messages.report.used,
            "left_out": {reason: list(lines) for reason, lines in messages.report.left_out.items()},
            "notes": list(messages.report.notes),
        },
        "replies": {
            "as_of": replies.as_of.isoformat(),
            "messages": replies.messages,
            "replied": replies.replied,
            "naive_rate": replies.naive_rate,
            "rate": replies.rate,
            "rate_90": [low, high],
            "law": replies.law,
            "parameters": parameters,
            "notes": list(replies.notes),
        },
        "sends": {
            "per_week": sends.per_week,
            "per_week_90": [low_week, high_week],
            "by_weekday": list(sends.sends.by_weekday),
            "dispersion": sends.dispersion,
            "zone": str(sends.zone),
            "notes": list(sends.notes),
        },
    }

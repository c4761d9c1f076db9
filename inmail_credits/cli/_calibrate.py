"""``inmail-credits calibrate``: from the export of messages to a reply rate, a delay, and a weekly volume.

The numerical libraries are imported only when this command runs.
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from inmail_credits.cli import _account_log as account_log
from inmail_credits.cli import _messages as from_messages
from inmail_credits.cli._pages import check_outputs, save_chart, write_page

if TYPE_CHECKING:
    from inmail_credits.cli._messages import Fitted

EXAMPLE: Final = "example: inmail-credits calibrate messages.csv --me 'Ada Lovelace' --zone Europe/London"


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument(
        "messages", metavar="FILE", help="messages.csv, or the zip as downloaded; - for standard input"
    )
    from_messages.add_arguments(command)
    command.add_argument("--png", metavar="FILE", help="also draw the fit of the replies: .png, .svg or .pdf")
    command.add_argument("--html", metavar="FILE", help="also write a page with both fits and their charts")
    account_log.add_arguments(command)


def run(options: Namespace) -> int:
    """Read, fit, print, and draw if asked to."""
    check_outputs(options)
    plan = account_log.plan_of(options)
    fitted = from_messages.read_and_fit(options.messages, options)
    replies, sends = fitted.replies, fitted.sends
    if options.json:
        print(json.dumps(_plain(fitted), indent=2, sort_keys=True))
    else:
        print("\n\n".join([str(fitted.messages.report), replies.summary(), sends.summary()]))
    aside = sys.stderr if options.json else sys.stdout
    if options.png is not None:
        save_chart(options.png, replies.plot, size=(7, 4))
        print(f"wrote {options.png}", file=aside)
    if options.html is not None:
        write_page(
            options.html,
            "Replies and sends",
            [
                ("What was read", str(fitted.messages.report)),
                ("Replies", replies.summary()),
                ("Answered by age", replies.plot),
                ("Sends", sends.summary()),
                ("By weekday", sends.plot),
            ],
        )
        print(f"wrote {options.html}", file=aside)
    if plan is not None:
        print(account_log.write_log(fitted, plan, options), file=aside)
    return 0


def _plain(fitted: "Fitted") -> dict[str, object]:
    """The fits as plain data."""
    messages, replies, sends = fitted.messages, fitted.replies, fitted.sends
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

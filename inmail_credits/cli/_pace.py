"""``inmail-credits pace``: how many messages a day to the next grant, and which credits die when.

The numerical libraries are imported only when this command runs.
"""

import json
from argparse import ArgumentParser, Namespace
from typing import Final

from inmail_credits.cli import _subject as subject
from inmail_credits.cli._files import parse_instant
from inmail_credits.cli._pages import add_outputs, check_outputs, write_outputs

EXAMPLE: Final = (
    "example: inmail-credits pace --plan business --balance 12 --renews-on 2026-12-05 --reply-rate 0.27"
)


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument("--reply-rate", metavar="RATE", type=float, required=True, help="0 to 1")
    command.add_argument("--until", metavar="DATE", help="default: the next grant")
    command.add_argument(
        "--run-dry-odds",
        metavar="ODDS",
        type=float,
        default=0.1,
        help="odds of running dry before then that are accepted; default: %(default)s",
    )
    command.add_argument("--paths", metavar="N", type=int, default=10_000, help="default: 10,000")
    command.add_argument("--seed", metavar="N", type=int, default=7, help="default: %(default)s")
    add_outputs(command)
    subject.add_arguments(command)


def run(options: Namespace) -> int:
    """Find the pace, print it, and draw if asked to."""
    from inmail_credits.forecasting import pace  # noqa: PLC0415 - heavy, and only needed here
    from inmail_credits.simulation import Outreach, Replies, Sends  # noqa: PLC0415 - as above

    check_outputs(options)
    account, start = subject.account_of(options)
    found = pace(
        account,
        Outreach(sends=Sends.poisson(per_week=1), replies=Replies(rate=options.reply_rate)),
        until=None if options.until is None else parse_instant(options.until, what="--until"),
        start=start,
        run_dry_odds=options.run_dry_odds,
        rng=options.seed,
        paths=options.paths,
    )
    print(json.dumps(found.to_dict(), indent=2, sort_keys=True) if options.json else found)
    write_outputs(options, title="Pace", text=str(found), draw=lambda ax: found.plot(ax=ax))
    return 0

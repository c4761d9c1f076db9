"""The command line: ``inmail-credits COMMAND``, one module a command.

A thin shell around the package: it reads files, prints tables (or JSON with ``--json``) and turns every
error of ours into one line on standard error and exit status 2. Here are the parser and ``main``; what
several commands share is in ``_files``, ``_subject``, ``_messages``, ``_balance``, ``_tables`` and
``_pages``.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from typing import Final, cast

from inmail_credits.cli import _backtest as backtest
from inmail_credits.cli import _calibrate as calibrate
from inmail_credits.cli import _compare as compare
from inmail_credits.cli import _diff as diff
from inmail_credits.cli import _forecast as forecast
from inmail_credits.cli import _pace as pace
from inmail_credits.cli import _plans as plans
from inmail_credits.cli import _replay as replay
from inmail_credits.cli import _sweep as sweep
from inmail_credits.cli import _team as team
from inmail_credits.cli import _value as value
from inmail_credits.errors import InMailCreditsError

Command = Callable[[Namespace], int]

COMMANDS: Final = {
    "plans": (plans, "what each plan grants, under which terms, and who says so"),
    "forecast": (forecast, "how far a plan will carry, when it runs dry, what expires"),
    "compare": (compare, "plans of one economy or several, on the same draws"),
    "sweep": (sweep, "one figure of a plan over volumes and reply rates"),
    "pace": (pace, "how many messages a day to the next grant, and which credits die when"),
    "value": (value, "what a credit is worth, and whom of a list to write to today"),
    "team": (team, "the same for many people: own plans, seats of contracts, or one pool instead"),
    "calibrate": (calibrate, "learn reply rate, delay and volume from your messages.csv"),
    "backtest": (backtest, "whether forecasts from a log's past would have been right"),
    "replay": (replay, "rebuild an account from its log, and print its state"),
    "diff": (diff, "the same log under another economy"),
}
"""Each command: its module, and what it is for."""
STOPPED: Final = 130
"""The exit status of a program ended by Ctrl-C: 128 and the number of the signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    The exit status is 0 for success, 1 for a log with impossible facts, 2 for bad input, and 130 where the
    user has stopped it (Ctrl-C). A reader of the output that goes away early ends it without a word.

    Example:
        >>> main(["plans", "--economy", "linkedin-1999"])
        2
    """
    options = _parser().parse_args(arguments)
    try:
        status = cast("Command", options.command)(options)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return 0
    except KeyboardInterrupt:
        print("inmail-credits: stopped", file=sys.stderr)
        return STOPPED
    except (InMailCreditsError, OSError, UnicodeError, ImportError) as error:
        print(f"inmail-credits: {error}", file=sys.stderr)
        return 2
    return status


def _drop_output() -> None:
    """Send what is still to be printed nowhere, so that closing it at exit does not fail once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="inmail-credits", description="LinkedIn's InMail credits: rules, logs and forecasts."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    for name, (module, what) in COMMANDS.items():
        command = commands.add_parser(name, help=what, epilog=module.EXAMPLE)
        module.add_arguments(command)
        command.add_argument("--json", action="store_true", help="print JSON")
        command.set_defaults(command=module.run)
    return parser

"""Write the log of an account from an export: what ``backtest``, ``replay``, ``diff`` and ``--facts`` read.

The export says neither which plan there was nor which messages were InMails: the caller names the plan, and
every conversation used in the fits is taken for an InMail.
"""

from argparse import ArgumentParser, Namespace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from inmail_credits import wire
from inmail_credits.cli._files import LOG_FORMATS, check_output, parse_instant
from inmail_credits.cli._subject import economy_of
from inmail_credits.errors import InvalidValueError
from inmail_credits.facts import Sent
from inmail_credits.plans import Plan

if TYPE_CHECKING:
    from inmail_credits.cli._messages import Fitted

OF_A_LOG: Final = (("--plan", "plan"), ("--opened-on", "opened_on"), ("--file", "file"))


def add_arguments(command: ArgumentParser) -> None:
    """Declare the log and the account it is of."""
    group = command.add_argument_group("the log of an account")
    group.add_argument(
        "--log", metavar="FILE", help="write the messages as facts, every one an InMail; ends in .jsonl"
    )
    group.add_argument("--plan", metavar="NAME", help="with --log: the plan of the account")
    group.add_argument("--economy", metavar="NAME", default="linkedin-2019", help="default: %(default)s")
    group.add_argument("--file", metavar="TOML", help="an economy of your own instead")
    group.add_argument(
        "--opened-on", metavar="DATE", help="when it was opened; default: the date of the first message"
    )


def plan_of(options: Namespace) -> Plan | None:
    """The plan of the account whose log is to be written; ``None`` if none is.

    Raises:
        InvalidValueError: for a log without a plan, or what belongs to a log without one.
    """
    if options.log is None:
        for name, field in OF_A_LOG:
            if getattr(options, field) is not None:
                raise InvalidValueError(name, getattr(options, field), "left out without --log")
        return None
    check_output(options.log, what="--log", formats=LOG_FORMATS)
    if options.plan is None:
        raise InvalidValueError("--plan", None, "given with --log")
    return economy_of(options)[options.plan]


def write_log(fitted: "Fitted", plan: Plan, options: Namespace) -> str:
    """Write the log, and say what is in it."""
    account = fitted.facts.account(plan, at=_opened(fitted, options))
    Path(options.log).write_text(wire.dumps(account.facts), "utf-8")
    unpaid = sum(isinstance(conflict.fact, Sent) for conflict in account.conflicts)
    return (
        f"wrote {options.log}: {len(account.facts):,} facts; for {unpaid:,} messages there was no credit on "
        f"{plan.name}, so they were free or paid from elsewhere"
    )


def _opened(fitted: "Fitted", options: Namespace) -> datetime:
    if options.opened_on is not None:
        return parse_instant(options.opened_on, what="--opened-on")
    first: datetime = fitted.frame["sent_at"].min().to_pydatetime()
    return parse_instant(f"{first:%Y-%m-%d}", what="--opened-on")

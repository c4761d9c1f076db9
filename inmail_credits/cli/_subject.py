"""The account a decision is about: of a log, of a balance that is known (D17), or new on a plan."""

from argparse import ArgumentParser, Namespace
from datetime import datetime

from inmail_credits import Account, economies
from inmail_credits.cli._files import parse_instant, read_facts, read_text, today
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import Economy
from inmail_credits.plans.toml import economy_from_toml


def add_arguments(command: ArgumentParser) -> None:
    """Declare where the account comes from."""
    group = command.add_argument_group("the account")
    source = group.add_mutually_exclusive_group()
    source.add_argument("--facts", metavar="FACTS", help="its log; - for standard input")
    source.add_argument("--plan", metavar="NAME", help="its plan")
    group.add_argument("--balance", metavar="N", type=int, help="credits left, where there is no log")
    group.add_argument("--renews-on", metavar="DATE", help="with --balance: a billing date, such as the next")
    group.add_argument("--seats", metavar="N", type=int, default=1, help="of a contract; default: 1")
    group.add_argument("--economy", metavar="NAME", default="linkedin-2019", help="default: %(default)s")
    group.add_argument("--file", metavar="TOML", help="an economy of your own instead")
    group.add_argument("--start", metavar="DATE", help="default: today; of a log its latest fact")


def economy_of(options: Namespace) -> Economy:
    """The economy named, or that of the file."""
    if options.file is not None:
        return economy_from_toml(read_text(options.file, what="--file"))
    found: Economy = economies.get(options.economy)
    return found


def account_of(options: Namespace) -> tuple[Account, datetime]:
    """The account, and from when on.

    Raises:
        InvalidValueError: without a log and without a plan; for a balance with a log, or without a renewal.
    """
    start = None if options.start is None else parse_instant(options.start, what="--start")
    if options.facts is not None:
        if options.balance is not None:
            raise InvalidValueError("--balance", options.balance, "left out with --facts, which has its own")
        account = Account.replay(read_facts(options.facts, what="--facts"))
        return account, start or account.latest_at
    if options.plan is None:
        raise InvalidValueError("--plan", None, "given where there is no log (--facts)")
    plan, at = economy_of(options)[options.plan], start or today()
    if options.balance is None:
        return Account.open(plan, at=at, seats=options.seats), at
    if options.renews_on is None:
        raise InvalidValueError("--renews-on", None, "given with --balance: a date on which the plan renews")
    renews_on = parse_instant(options.renews_on, what="--renews-on")
    account = Account.from_balance(
        plan, balance=options.balance, at=at, renews_on=renews_on, seats=options.seats
    )
    return account, at

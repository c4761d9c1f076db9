"""A forecast from what a member knows: the balance, the next renewal, the messages unanswered (D17)."""

from argparse import ArgumentParser, Namespace, _ArgumentGroup
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from inmail_credits import Account
from inmail_credits.cli._files import parse_instant
from inmail_credits.cli._tables import table
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import Plan

if TYPE_CHECKING:
    from inmail_credits.cli._messages import Fitted
    from inmail_credits.forecasting import BalanceForecast
    from inmail_credits.simulation import Outreach

SHOWN: Final = ("sent", "refused", "refunded", "expired", "forfeited", "run_dry")


def add_arguments(command: "ArgumentParser | _ArgumentGroup") -> None:
    """Declare what is known of an account."""
    command.add_argument(
        "--balance", metavar="N", type=int, help="credits left at the start, instead of none"
    )
    command.add_argument(
        "--renews-on", metavar="DATE", help="a billing date, such as the next; with --balance"
    )


def accounts(
    plans: Sequence[Plan], options: Namespace, at: datetime, fitted: "Fitted | None"
) -> list[Account]:
    """An account on each plan with that balance; plans that cannot hold it are left out if none was named.

    Raises:
        InvalidValueError: if no plan can hold it, or a plan that was named cannot.
    """
    if options.renews_on is None:
        raise InvalidValueError("--renews-on", None, "given with --balance: a date on which the plan renews")
    renews_on = parse_instant(options.renews_on, what="--renews-on")
    found: list[Account] = []
    first: InvalidValueError | None = None
    for plan in plans:
        try:
            account = Account.from_balance(
                plan,
                balance=options.balance,
                at=at,
                renews_on=renews_on,
                open_messages=waiting(fitted, plan, at),
                seats=options.seats,
            )
        except InvalidValueError as error:
            if options.plan:
                raise
            first = first or error
        else:
            found.append(account)
    if first is not None and not found:
        raise first
    return found


def waiting(fitted: "Fitted | None", plan: Plan, at: datetime) -> dict[str, datetime]:
    """The messages of the export whose credits may still come back, by id; none without an export."""
    return {} if fitted is None else fitted.facts.open_messages(plan, at=at)


def over_ages(
    held: Sequence[Account],
    outreach: "Outreach",
    options: Namespace,
    at: datetime,
    fitted: "Fitted | None",
) -> "list[BalanceForecast]":
    """The range over what is not known: the ages of the credits."""
    from inmail_credits.forecasting import forecast_balance  # noqa: PLC0415 - heavy, and only needed here

    return [
        forecast_balance(
            account.opening.plan,
            outreach,
            balance=options.balance,
            at=at,
            renews_on=parse_instant(options.renews_on, what="--renews-on"),
            open_messages=waiting(fitted, account.opening.plan, at),
            seats=options.seats,
            months=options.months,
            paths=options.paths,
            rng=options.seed,
        )
        for account in held
        if account.opening is not None and account.opening.plan is not None
    ]


def text(ranges: "Sequence[BalanceForecast]") -> list[str]:
    """The lines under the forecast: with the balance left of the newest, all, the oldest grants."""
    rows = []
    for one in ranges:
        figures = one.table()
        for number, name in enumerate(SHOWN):
            row = figures.astype(object).loc[name].to_dict()
            scale, unit = (100.0, " %") if name == "run_dry" else (1.0, "")
            cells = [f"{scale * row[column]:.2f}{unit}" for column in ("newest", "spread", "oldest")]
            rows.append((one.newest.simulation.plan.name if number == 0 else "", name, *cells))
    return [
        "",
        "Which grants the balance is left of is not known; the same draws with the newest, all, the oldest:",
        table(("plan", "figure", "newest", "spread", "oldest"), rows, left=2, indent="  "),
    ]

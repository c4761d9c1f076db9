"""``inmail-credits forecast``: how far plans will carry, when they run dry, and what expires.

The numerical libraries are imported only when this command runs, so that the others stay quick.
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from time import perf_counter
from typing import TYPE_CHECKING

from attrs import evolve

from inmail_credits import Account, economies
from inmail_credits._zones import UTC_NAME
from inmail_credits.cli import _balance as from_balance
from inmail_credits.cli import _messages as from_messages
from inmail_credits.cli._files import (
    parse_instant,
    read_facts,
    read_text,
    today,
)
from inmail_credits.cli._pages import check_outputs
from inmail_credits.cli._tables import table
from inmail_credits.errors import InvalidValueError, UnknownNameError, stamp
from inmail_credits.plans.toml import economy_from_toml

if TYPE_CHECKING:
    from inmail_credits.cli._messages import Fitted
    from inmail_credits.forecasting import BalanceForecast, Forecast
    from inmail_credits.plans import Plan
    from inmail_credits.simulation import Outreach, Simulation

EXAMPLE = (
    "example: inmail-credits forecast --messages messages.csv --economy linkedin-2026 --plan business "
    "--balance 12 --renews-on 2026-12-05 --months 6"
)
COLUMNS = ("wanted", "sent", "refused", "refunded", "expired", "balance")
HEADERS = ("plan", "credits", *COLUMNS, "runs dry", "half by")
"""``COLUMNS`` are names of figures (:mod:`inmail_credits.simulation.figures`)."""


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    source = command.add_mutually_exclusive_group()
    source.add_argument("--economy", metavar="NAME", default="linkedin-2019", help="default: %(default)s")
    source.add_argument("--file", metavar="TOML", help="an economy of your own instead")
    source.add_argument(
        "--facts", metavar="FACTS", help="an account's log instead of a plan; - for standard input"
    )
    command.add_argument("--plan", metavar="NAME", action="append", help="may be repeated; all if not given")
    command.add_argument("--seats", metavar="N", type=int, default=1, help="seats of a contract; default: 1")
    command.add_argument(
        "--per-week",
        "--sends-per-week",
        metavar="N",
        type=float,
        help="messages wanted a week, on average; or --messages",
    )
    command.add_argument(
        "--on",
        choices=("all_days", "weekdays"),
        default="all_days",
        help="the days messages are sent on; default: %(default)s",
    )
    command.add_argument(
        "--reply-rate", metavar="RATE", type=float, action="append", default=[], help="0 to 1"
    )
    command.add_argument(
        "--replies",
        metavar="PRESET",
        action="append",
        default=[],
        help="observed replies, such as recruiter-inmails",
    )
    command.add_argument(
        "--withdraw-rate", metavar="RATE", type=float, default=0.0, help="of the unanswered; default: 0"
    )
    command.add_argument(
        "--withdraw-after", metavar="DAYS", type=int, default=14, help="default: %(default)s"
    )
    command.add_argument("--start", metavar="DATE", help="default: today; for --facts the latest fact")
    command.add_argument(
        "--months", metavar="N", type=int, default=12, help="how far ahead; default: %(default)s"
    )
    command.add_argument(
        "--paths", metavar="N", type=int, default=10_000, help="simulated paths; default: 10,000"
    )
    command.add_argument("--seed", metavar="N", type=int, default=7, help="default: %(default)s")
    command.add_argument("--png", metavar="FILE", help="also draw the balance: .png, .svg or .pdf")
    command.add_argument("--html", metavar="FILE", help="also write a report, of one plan and behaviour")
    own = command.add_argument_group("from your own data")
    own.add_argument(
        "--messages",
        metavar="FILE",
        help="messages.csv: fit volume and replies to it, and start where it ends",
    )
    from_messages.add_arguments(own)
    from_balance.add_arguments(own)


def run(options: Namespace) -> int:
    """Forecast each plan under each behaviour, print, and draw if asked to."""
    from inmail_credits.forecasting import forecast  # noqa: PLC0415 - heavy, and only needed here
    from inmail_credits.forecasting.pictures import save_picture  # noqa: PLC0415 - as above
    from inmail_credits.forecasting.progress import shared_progress  # noqa: PLC0415 - as above

    check_outputs(options)
    started = perf_counter()
    fitted = None if options.messages is None else from_messages.read_and_fit(options.messages, options)
    start = _start(options, fitted)
    behaviours = _behaviours(options, fitted)
    subjects = _subjects(options, start, fitted)
    if options.html is not None and len(subjects) * len(behaviours) > 1:
        raise InvalidValueError("--html", options.html, "left out, or one --plan and one behaviour given")
    paths_in_all = options.paths * len(subjects) * len(behaviours)
    with shared_progress(sys.stderr.isatty(), paths_in_all) as part_of:
        forecasts = [
            [
                forecast(
                    subject,
                    outreach,
                    start=start,
                    months=options.months,
                    paths=options.paths,
                    rng=options.seed,
                    seats=1 if isinstance(subject, Account) else options.seats,
                    progress=part_of(getattr(subject, "name", "account")),
                )
                for _, outreach in behaviours
            ]
            for subject in subjects
        ]
    ranges: list[BalanceForecast] = []
    if options.balance is not None and start is not None:
        held = [subject for subject in subjects if isinstance(subject, Account)]
        ranges = from_balance.over_ages(held, behaviours[0][1], options, start, fitted)
    seconds = perf_counter() - started
    if options.json:
        print(json.dumps(_plain(forecasts, ranges), indent=2, sort_keys=True))
    else:
        print(_text(options, forecasts, [source for source, _ in behaviours], ranges, seconds))
    if options.png is not None:
        save_picture([one for row in forecasts for one in row], options.png)
        print(f"wrote {options.png}", file=sys.stderr if options.json else sys.stdout)
    if options.html is not None:
        forecasts[0][0].to_html(options.html)
        print(f"wrote {options.html}", file=sys.stderr if options.json else sys.stdout)
    return 0


def _plain(forecasts: "list[list[Forecast]]", ranges: "list[BalanceForecast]") -> list[dict[str, object]]:
    """The forecasts as plain data; from a balance, with the range over the ages of its credits."""
    from inmail_credits.forecasting.plain_data import plain_columns  # noqa: PLC0415 - heavy

    over = [{"over_ages": plain_columns(one.table().reset_index())} for one in ranges]
    return [
        one.to_dict() | (over[number] if over and column == 0 else {})
        for number, row in enumerate(forecasts)
        for column, one in enumerate(row)
    ]


def _start(options: Namespace, fitted: "Fitted | None") -> datetime | None:
    """As given; or where the log or the export ends; or today."""
    if options.start is not None:
        start = parse_instant(options.start, what="--start")
        if fitted is not None and start < fitted.messages.as_of:
            limit = f"at or after {stamp(fitted.messages.as_of)}, where the messages end; or give --as-of too"
            raise InvalidValueError("--start", stamp(start), limit)
        return start
    if fitted is not None and options.facts is None:
        return fitted.messages.as_of
    return today() if options.facts is None else None


def _subjects(
    options: Namespace, start: datetime | None, fitted: "Fitted | None"
) -> "Sequence[Plan] | Sequence[Account]":
    if options.facts is not None:
        if options.balance is not None:
            raise InvalidValueError("--balance", options.balance, "left out with --facts, which has its own")
        if options.plan:
            raise InvalidValueError("--plan", options.plan[0], "left out with --facts, which has its own")
        return [Account.replay(read_facts(options.facts, what="--facts"))]
    if options.file is not None:
        economy = economy_from_toml(read_text(options.file, what="--file"))
    else:
        economy = economies.get(options.economy)
    plans = [economy[name] for name in options.plan] if options.plan else list(economy)
    if options.balance is None or start is None:
        return plans
    return from_balance.accounts(plans, options, start, fitted)


def _behaviours(options: Namespace, fitted: "Fitted | None") -> "list[tuple[str, Outreach]]":
    """Each reply figure asked for, with where it comes from; or as fitted; or nobody answers."""
    from inmail_credits.simulation import Outreach, Replies, Sends, Withdrawals, presets  # noqa: PLC0415 - heavy

    known = {preset.name: preset for preset in presets.ALL}
    for name in options.replies:
        if name not in known:
            raise UnknownNameError("replies preset", name, tuple(known))
    chosen = [
        (known[name].source, evolve(known[name].replies, sample_size=known[name].sample_size))
        for name in options.replies
    ]
    chosen += [
        (f"{rate:g} of messages answered, as given", Replies(rate=rate)) for rate in options.reply_rate
    ]
    if fitted is None and options.per_week is None:
        raise InvalidValueError("--per-week", None, "given, or --messages to learn it from")
    zone = UTC_NAME if fitted is None else fitted.zone
    if options.per_week is not None:
        sends = Sends.poisson(per_week=options.per_week, on=options.on)
    elif fitted is not None:
        sends = fitted.sends.sends
    if fitted is not None and not chosen:
        chosen = [(fitted.label(), fitted.replies.replies)]
    withdrawals = Withdrawals(rate=options.withdraw_rate, after_days=options.withdraw_after)
    return [
        (source, Outreach(sends=sends, replies=replies, withdrawals=withdrawals, zone=zone))
        for source, replies in chosen
        or [("nobody answers: give --reply-rate or --replies", Replies(rate=0.0))]
    ]


def _text(
    options: Namespace,
    forecasts: "list[list[Forecast]]",
    sources: list[str],
    ranges: "list[BalanceForecast]",
    seconds: float,
) -> str:
    first = forecasts[0][0].simulation
    paths = first.paths * sum(map(len, forecasts))
    lines = [
        (
            f"{options.months} months from {first.start:%Y-%m-%d}, {_volume(options, first)}, "
            f"{first.paths:,} paths each, seed {options.seed}"
        )
    ]
    for column, source in enumerate(sources):
        lines += ["", f"{forecasts[0][column].behaviour}", f"  {source}"]
        lines += [table(HEADERS, [_row(row[column]) for row in forecasts], indent="  ")]
    if ranges:
        lines += from_balance.text(ranges)
    lines += ["", "What the figures rest on, besides the number of paths:"]
    lines += [f"  {', '.join(plans)}: {basis}" for basis, plans in _rests_on(forecasts).items()]
    lines += [
        "",
        "Means over all paths, +- their Monte-Carlo standard error.",
        "runs dry: share of paths with a refused send; half by: when half of them have had one.",
        f"{paths:,} paths of {first.days} days in {seconds:.1f} s.",
    ]
    return "\n".join(lines)


def _volume(options: Namespace, first: "Simulation") -> str:
    """How many messages are wanted, and on which days."""
    if options.per_week is None:
        return f"{first.outreach.sends.per_week:.1f} sends a week (as fitted)"
    return f"{options.per_week:g} sends a week ({options.on.replace('_', ' ')})"


def _rests_on(forecasts: "list[list[Forecast]]") -> dict[str, list[str]]:
    """What the forecasts rest on, each line once, with the plans it is true of."""
    plans: dict[str, list[str]] = {}
    for one in chain.from_iterable(forecasts):
        names = plans.setdefault(one.rests_on, [])
        if one.simulation.plan.name not in names:
            names.append(one.simulation.plan.name)
    return plans


def _row(forecast: "Forecast") -> tuple[str, ...]:
    from inmail_credits.forecasting.labels import percent  # noqa: PLC0415 - with the rest

    simulation = forecast.simulation
    dry, dry_error = simulation.share_and_error("refused")
    half_by = forecast.run_dry_on(0.5)
    plan = simulation.plan
    return (
        plan.name,
        f"{plan.grant_credits * simulation.seats}/{plan.grant_every}",
        *(_cell(*simulation.mean_and_error(name)) for name in COLUMNS),
        f"{percent(dry)} +-{100 * dry_error:.1f}",
        half_by.isoformat() if half_by else "never",
    )


def _cell(mean: float, error: float) -> str:
    return f"{mean:.2f} +-{error:.2f}"

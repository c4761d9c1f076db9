"""``inmail-credits backtest``: would forecasts from the past of a log have been right?

The numerical libraries are imported only when this command runs.
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from inmail_credits._inputs import known_name
from inmail_credits._zones import check_zone, from_local, to_local
from inmail_credits.account import Account
from inmail_credits.cli._files import parse_instant, read_facts
from inmail_credits.cli._pages import check_outputs, save_chart, write_page
from inmail_credits.cli._tables import table
from inmail_credits.errors import InvalidValueError, stamp

if TYPE_CHECKING:
    from inmail_credits.forecasting import Backtest

WARM_UP: Final = timedelta(days=60)
"""How much history the first forecast has, unless ``--from`` says otherwise."""
ORIGINS_MAX: Final = 1_000
EXAMPLE: Final = "example: inmail-credits backtest facts.jsonl --horizon 3M --every 1M --png balance.png"
HEADERS: Final = ("figure", "forecasts", "50 %", "80 %", "90 %", "crps", "as before", "pinball", "skill")


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument("facts", metavar="FACTS", help="a log of JSON lines; - for standard input")
    command.add_argument(
        "--from", dest="first", metavar="DATE", help="the first origin; default: a month's first, 60 days in"
    )
    command.add_argument(
        "--every", metavar="SPAN", default="1M", help="between origins; default: %(default)s"
    )
    command.add_argument(
        "--horizon", metavar="SPAN", default="1M", help="how far ahead, as 30D, 6W, 1M; default: %(default)s"
    )
    command.add_argument(
        "--zone", metavar="NAME", default="UTC", help="time zone of days; default: %(default)s"
    )
    command.add_argument("--best-estimate", action="store_true", help="without the uncertainty of the fits")
    command.add_argument(
        "--paths", metavar="N", type=int, default=1_000, help="of each origin; default: 1,000"
    )
    command.add_argument("--seed", metavar="N", type=int, default=7, help="default: %(default)s")
    command.add_argument(
        "--figure", metavar="NAME", default="balance", help="what is drawn; default: %(default)s"
    )
    command.add_argument("--png", metavar="FILE", help="also draw bands and outcomes: .png, .svg or .pdf")
    command.add_argument("--html", metavar="FILE", help="also write a page with the table and charts")


def run(options: Namespace) -> int:
    """Go back, forecast, compare, print, and draw if asked to."""
    check_outputs(options)
    from inmail_credits.forecasting import backtest  # noqa: PLC0415 - heavy, and only needed here
    from inmail_credits.forecasting.backtest_result import BACKTESTED  # noqa: PLC0415 - as above

    figure = known_name("figure of a backtest", options.figure, BACKTESTED)
    account = Account.replay(read_facts(options.facts, what="FACTS"))
    tested = backtest(
        account,
        origins=origins(account, options),
        horizon=options.horizon,
        uncertainty=not options.best_estimate,
        zone=options.zone,
        paths=options.paths,
        rng=options.seed,
        progress=sys.stderr.isatty(),
    )
    text = _text(account, tested)
    print(json.dumps(tested.to_dict(), indent=2, sort_keys=True) if options.json else text)
    aside = sys.stderr if options.json else sys.stdout
    if options.png is not None:
        save_chart(options.png, lambda axes: tested.plot(figure, axes))
        print(f"wrote {options.png}", file=aside)
    if options.html is not None:
        charts = [(name.capitalize(), lambda axes, name=name: tested.plot(name, axes)) for name in BACKTESTED]
        write_page(options.html, "Forecasts against what happened", [("Scores", text), *charts])
        print(f"wrote {options.html}", file=aside)
    return 0


def origins(account: Account, options: Namespace) -> list[datetime]:
    """The instants to forecast from: from the first one on, as long as the horizon is known.

    Raises:
        InvalidValueError: if there is none, or more than a thousand.
    """
    from inmail_credits.forecasting.horizon import Horizon  # noqa: PLC0415 - heavy

    latest, zone = account.latest_at, check_zone("--zone", options.zone)
    at = _first(account) if options.first is None else parse_instant(options.first, what="--from")
    found: list[datetime] = []
    while _later(at, Horizon.of(at, horizon=options.horizon, zone=zone).days, zone) <= latest:
        found.append(at)
        if len(found) > ORIGINS_MAX:
            raise InvalidValueError(
                "--every", options.every, f"so long that at most {ORIGINS_MAX:,} origins follow"
            )
        at = _later(at, Horizon.of(at, horizon=options.every, zone=zone).days, zone)
    if not found:
        limit = f"so early that {options.horizon} later is known; the log ends at {stamp(latest)}"
        raise InvalidValueError("first origin", stamp(at), f"{limit}: give --from, or a shorter --horizon")
    return found


def _later(at: datetime, days: int, zone: str) -> datetime:
    """So many local days later (D19)."""
    return from_local(to_local(at, zone) + timedelta(days=days), zone)


def _first(account: Account) -> datetime:
    """The first of a month at least 60 days after the log begins, midnight UTC."""
    if not account.facts:
        raise InvalidValueError("FACTS", "empty", "a log with at least one fact")
    at = account.facts[0].at + WARM_UP
    month = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return month if month >= at else (month + timedelta(days=32)).replace(day=1)


def _text(account: Account, tested: "Backtest") -> str:
    summary = tested.summary()
    columns = ("50%", "80%", "90%", "crps", "naive_crps", "pinball", "skill")
    rows = [
        (
            str(figure),
            f"{int(row['forecasts'])}",
            *(_share(float(row[name])) for name in columns[:3]),
            *(_number(float(row[name])) for name in columns[3:6]),
            _share(float(row["skill"])),
        )
        for figure, row in summary.iterrows()
    ]
    lines = [
        f"{tested!r}, {tested.paths:,} paths each, seed {tested.seed}".replace("<", "").replace(">", ""),
        "",
        table(HEADERS, rows, indent="  "),
        "",
        "50, 80, 90 %: how often those bands held what happened. crps and pinball: distance in credits, the",
        "lower the better (Brier score for run_dry); as before: that of the span before, as long; skill: the",
        "share of it that the forecast saves.",
    ]
    if tested.skipped:
        lines += ["", f"{len(tested.skipped)} origins left out:"]
        lines += [f"  {stamp(at)}: {reason}" for at, reason in tested.skipped.items()]
    if account.conflicts:
        lines += ["", f"note: {len(account.conflicts)} facts of the log are impossible where they stand"]
    return "\n".join(lines)


def _share(value: float) -> str:
    return "-" if value != value else f"{100 * value:.0f} %"  # noqa: PLR0124 - NaN


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.2f}"  # noqa: PLR0124 - NaN

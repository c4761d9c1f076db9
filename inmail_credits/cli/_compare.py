"""``inmail-credits compare``: plans, of one economy or several, on the same wishes and answers.

The numerical libraries are imported only when this command runs.
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from math import isnan
from typing import TYPE_CHECKING, Final

from inmail_credits import economies
from inmail_credits.cli._files import start_or_today
from inmail_credits.cli._pages import add_outputs, check_outputs
from inmail_credits.cli._tables import table
from inmail_credits.cli._team import parse_prices

if TYPE_CHECKING:
    from inmail_credits.forecasting import Comparison

EXAMPLE: Final = (
    "example: inmail-credits compare --per-week 5 --reply-rate 0.27 --months 6 "
    "--prices career=30 business=60 --sent-share 0.9"
)
SHOWN: Final = ("sent", "refused", "replied", "expired", "forfeited")
COSTS: Final = ("cost", "cost_per_sent", "cost_per_reply")


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument(
        "--economy",
        metavar="NAME",
        nargs="+",
        default=["linkedin-2019"],
        help="all plans of these; default: linkedin-2019",
    )
    command.add_argument(
        "--per-week",
        "--sends-per-week",
        metavar="N",
        type=float,
        required=True,
        help="messages wanted a week, on average",
    )
    command.add_argument("--reply-rate", metavar="RATE", type=float, required=True, help="0 to 1")
    command.add_argument("--start", metavar="DATE", help="default: today")
    command.add_argument("--months", metavar="N", type=int, default=12, help="how far; default: %(default)s")
    command.add_argument("--paths", metavar="N", type=int, default=10_000, help="of each; default: 10,000")
    command.add_argument("--seed", metavar="N", type=int, default=7, help="default: %(default)s")
    command.add_argument(
        "--prices", metavar="PLAN=PRICE", nargs="+", default=[], help="what a plan costs a month"
    )
    command.add_argument(
        "--sent-share",
        metavar="SHARE",
        type=float,
        default=0.95,
        help="with prices: the cheapest plan that sends so much, 0 to 1; default: %(default)s",
    )
    add_outputs(command)


def run(options: Namespace) -> int:
    """Forecast every plan, print a row each, and draw if asked to."""
    from inmail_credits.forecasting import compare  # noqa: PLC0415 - heavy, and only needed here
    from inmail_credits.forecasting.plain_data import plain_columns  # noqa: PLC0415 - as above
    from inmail_credits.simulation import Outreach, Replies, Sends  # noqa: PLC0415 - as above

    check_outputs(options)
    compared = compare(
        [economies.get(name) for name in options.economy],
        Outreach(sends=Sends.poisson(per_week=options.per_week), replies=Replies(rate=options.reply_rate)),
        start=start_or_today(options.start),
        months=options.months,
        paths=options.paths,
        rng=options.seed,
        prices=parse_prices(options.prices),
    )
    cheapest = compared.cheapest(sent_share=options.sent_share) if compared.prices else None
    if options.json:
        plain: dict[str, object] = dict(plain_columns(compared.summary().reset_index()))
        print(json.dumps(plain | {"cheapest": cheapest}, indent=2, sort_keys=True))
    else:
        print(_text(compared, options, cheapest))
    if options.png is not None:
        from matplotlib.figure import Figure  # noqa: PLC0415 - as above

        figure = Figure(figsize=(10, 2.4 + 0.62 * len(compared.forecasts)), layout="constrained")
        compared.plot(figure=figure)
        figure.savefig(options.png, dpi=150)
    if options.html is not None:
        compared.to_html(options.html)
    for path in filter(None, (options.png, options.html)):
        print(f"wrote {path}", file=sys.stderr if options.json else sys.stdout)
    return 0


def _text(compared: "Comparison", options: Namespace, cheapest: str | None) -> str:
    summary = compared.summary()
    costs = COSTS if compared.prices else ()
    rows = [
        [
            label,
            *(f"{row[name]:,.1f} +-{row[f'{name}_error']:.1f}" for name in SHOWN),
            f"{100 * row['run_dry']:.1f} +-{100 * row['run_dry_error']:.1f}",
            *("-" if isnan(row[name]) else f"{row[name]:,.2f}" for name in costs),
        ]
        for label, row in summary.to_dict("index").items()
    ]
    lines = [
        ". ".join(compared.subtitle()),
        table(("plan", *SHOWN, "runs dry, %", *costs), rows, indent="  "),
    ]
    if compared.prices:
        found = "none" if cheapest is None else cheapest
        lines.append(f"Cheapest that sends {100 * options.sent_share:g} % of the messages wanted: {found}.")
    return "\n".join([*lines, "Means over all paths, +- their Monte-Carlo standard error."])

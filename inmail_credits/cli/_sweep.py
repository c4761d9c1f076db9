"""``inmail-credits sweep``: one figure of a plan over a grid of volumes and reply rates.

The numerical libraries are imported only when this command runs.
"""

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from inmail_credits.cli._files import start_or_today
from inmail_credits.cli._pages import add_outputs, check_outputs, write_outputs
from inmail_credits.cli._subject import economy_of
from inmail_credits.cli._tables import table

if TYPE_CHECKING:
    from inmail_credits.forecasting import Sweep

EXAMPLE: Final = (
    "example: inmail-credits sweep --plan business --per-week 2 4 6 8 --reply-rate 0.1 0.2 0.3 "
    "--figure replied --months 6 --png map.png"
)
IN_PER_CENT: Final = ("run_dry", "share_sent", "share_wasted")
CELL: Final = "{:.1f} +-{:.1f}"


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    source = command.add_mutually_exclusive_group()
    source.add_argument("--economy", metavar="NAME", default="linkedin-2019", help="default: %(default)s")
    source.add_argument("--file", metavar="TOML", help="an economy of your own instead")
    command.add_argument("--plan", metavar="NAME", required=True, help="which plan")
    command.add_argument("--seats", metavar="N", type=int, default=1, help="seats of a contract; default: 1")
    command.add_argument(
        "--per-week", metavar="N", type=float, nargs="+", required=True, help="messages wanted a week"
    )
    command.add_argument(
        "--reply-rate", metavar="RATE", type=float, nargs="+", required=True, help="each 0 to 1"
    )
    command.add_argument(
        "--figure",
        metavar="NAME",
        default="run_dry",
        help="what is shown, such as sent; default: %(default)s",
    )
    command.add_argument("--start", metavar="DATE", help="default: today")
    command.add_argument("--months", metavar="N", type=int, default=12, help="how far; default: %(default)s")
    command.add_argument("--paths", metavar="N", type=int, default=1_000, help="of each cell; default: 1,000")
    command.add_argument("--seed", metavar="N", type=int, default=7, help="default: %(default)s")
    add_outputs(command)


def run(options: Namespace) -> int:
    """Simulate the grid, print it, and draw if asked to."""
    from inmail_credits.forecasting import sweep  # noqa: PLC0415 - heavy, and only needed here
    from inmail_credits.forecasting.plain_data import plain_columns  # noqa: PLC0415 - as above

    check_outputs(options)
    grid = sweep(
        economy_of(options)[options.plan],
        per_week=options.per_week,
        reply_rate=options.reply_rate,
        start=start_or_today(options.start),
        months=options.months,
        paths=options.paths,
        rng=options.seed,
        seats=options.seats,
    )
    shown = _text(grid, options.figure)
    print(json.dumps(plain_columns(grid.to_frame()), indent=2, sort_keys=True) if options.json else shown)
    write_outputs(options, title="Sweep", text=shown, draw=lambda ax: grid.plot(options.figure, ax=ax))
    return 0


def _text(grid: "Sweep", name: str) -> str:
    """A row a reply rate, a column a volume, each with its error."""
    from inmail_credits.forecasting.labels import percent  # noqa: PLC0415 - with the rest

    scale = 100.0 if name in IN_PER_CENT else 1.0
    means = scale * grid.table(name).to_numpy(dtype=float)
    errors = scale * grid.table(f"{name}_error").to_numpy(dtype=float)
    rows = [
        [percent(rate), *(CELL.format(mean, error) for mean, error in zip(row, wrong, strict=True))]
        for rate, row, wrong in zip(grid.reply_rate, means.tolist(), errors.tolist(), strict=True)
    ]
    unit = ", in per cent" if name in IN_PER_CENT else ""
    head = ("reply rate", *(f"{volume:g} a week" for volume in grid.per_week))
    first = (
        f"{name}{unit}: {grid.plans[0]}, {grid.horizon} from {grid.start:%Y-%m-%d}, "
        f"{grid.paths:,} paths a cell, seed {grid.seed}"
    )
    return "\n".join(
        [
            first,
            table(head, rows, indent="  "),
            "Means over all paths, +- their Monte-Carlo standard error.",
        ]
    )

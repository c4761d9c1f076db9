"""``inmail-credits team``: a table of people, each on an account of their own or on a seat of a contract."""

import csv
import json
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from io import StringIO
from textwrap import fill
from typing import TYPE_CHECKING, Final

from inmail_credits.cli._files import read_text, start_or_today
from inmail_credits.cli._pages import add_outputs, check_outputs, write_outputs
from inmail_credits.cli._subject import economy_of
from inmail_credits.cli._tables import table
from inmail_credits.errors import InvalidValueError
from inmail_credits.plans import economies

if TYPE_CHECKING:
    import pandas as pd

    from inmail_credits.forecasting import FleetForecast

NUMBERS: Final = frozenset(
    (
        "per_week",
        "reply_rate",
        "sample_size",
        "withdraw_rate",
        "withdraw_after_days",
        "balance",
        "seats_bought",
        "limit",
    )
)
"""The columns of a roster that hold numbers."""
SHOWN: Final = ("wanted", "sent", "refused", "refunded")
SHARES: Final = ("share_sent", "share_wasted")
PRICE: Final = "PLAN=PRICE such as career=30"
EXAMPLE: Final = """\
A roster is a CSV file with a row a person:

  name,plan,per_week,reply_rate,balance,renews_on
  ana,career,2,0.31,,
  bo,recruiter-lite,9,0.22,12,2026-12-05

Other columns: economy, on (all_days, weekdays), sample_size, withdraw_rate, withdraw_after_days, zone,
start; for the seats of a contract: contract, seats_bought, limit, joins, leaves. Empty cells take defaults.

example:
  inmail-credits team roster.csv --start 2026-12-01 --months 3 --pool recruiter-corporate
    --pool-economy linkedin-2026 --prices career=30 recruiter-lite=170 recruiter-corporate=900
"""


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    command.formatter_class = RawDescriptionHelpFormatter
    command.add_argument("roster", metavar="ROSTER", help="a CSV file; - for standard input")
    source = command.add_mutually_exclusive_group()
    source.add_argument(
        "--economy", metavar="NAME", default="linkedin-2019", help="of plans; default: %(default)s"
    )
    source.add_argument("--file", metavar="TOML", help="an economy of your own instead")
    command.add_argument("--start", metavar="DATE", help="default: today")
    command.add_argument("--months", metavar="N", type=int, default=3, help="how far; default: %(default)s")
    command.add_argument("--pool", metavar="PLAN", help="compare with all on one contract of that plan")
    command.add_argument("--pool-economy", metavar="NAME", help="of the pool's plan; default: --economy")
    command.add_argument(
        "--prices", metavar="PLAN=PRICE", nargs="+", default=[], help="what a seat costs a month"
    )
    command.add_argument("--rows", metavar="N", type=int, default=20, help="people shown; default: 20")
    command.add_argument("--paths", metavar="N", type=int, default=1_000, help="default: 1,000")
    command.add_argument("--seed", metavar="N", type=int, default=7, help="default: %(default)s")
    add_outputs(command)


def run(options: Namespace) -> int:
    """Forecast everybody, and beside that the same people on one pool if asked to."""
    from inmail_credits.forecasting import compare_fleets, forecast_fleet  # noqa: PLC0415 - heavy
    from inmail_credits.simulation.fleet import Fleet  # noqa: PLC0415 - as above

    check_outputs(options)
    economy = economy_of(options)
    start = start_or_today(options.start)
    fleet = Fleet.from_frame(read_roster(options.roster), start=start, economy=economy)
    prices = parse_prices(options.prices)
    if options.pool is None:
        one = forecast_fleet(
            fleet, start=start, months=options.months, paths=options.paths, rng=options.seed, prices=prices
        )
        shown = _text(one, options)
        print(json.dumps(one.to_dict(), indent=2, sort_keys=True) if options.json else shown)
        write_outputs(options, title="Team", text=shown, draw=one.plot)
        return 0
    pool_of = economy if options.pool_economy is None else economies.get(options.pool_economy)
    fleets: dict[str, Fleet] = {
        "as in the roster": fleet,
        "one pool": fleet.pooled(pool_of[options.pool], start=start),
    }
    both = compare_fleets(
        fleets, start=start, months=options.months, paths=options.paths, rng=options.seed, prices=prices
    )
    shown = "\n\n".join(
        [
            *(f"{label.upper()}\n{_text(one, options)}" for label, one in both.forecasts.items()),
            "ONE POOL AGAINST THE ROSTER, on the same wishes and answers\n"
            + _rows(both.differences("as in the roster").reset_index("fleet"), "difference"),
        ]
    )
    print(json.dumps(both.to_dict(), indent=2, sort_keys=True) if options.json else shown)
    write_outputs(options, title="Team", text=shown, draw=both.plot)
    return 0


def read_roster(path: str) -> dict[str, list[object]]:
    """The columns of a CSV file; numbers where a column holds numbers, ``None`` for empty cells.

    Raises:
        InvalidValueError: for no header, a column twice, or a line with too many or too few cells.
    """
    rows = list(csv.reader(StringIO(read_text(path, what="ROSTER").removeprefix("\ufeff"))))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise InvalidValueError("ROSTER", path, "a CSV file with a header and a row a person")
    header = [name.strip() for name in rows[0]]
    for name in header:
        if header.count(name) > 1:
            raise InvalidValueError("column", name, "there once")
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(header):
            raise InvalidValueError(f"cells of row {number}", len(row), f"{len(header)}, as in the header")
    columns = zip(*rows[1:], strict=True) if len(rows) > 1 else ([] for _ in header)
    return {
        name: [_cell(cell, number=name in NUMBERS) for cell in column]
        for name, column in zip(header, columns, strict=True)
    }


def _cell(text: str, *, number: bool) -> object:
    """A cell as a number, if it is one; a text that should be one is refused later, with the person."""
    text = text.strip()
    if not text or not number:
        return text or None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def parse_prices(given: list[str]) -> dict[str, float]:
    """Prices by plan, of texts ``PLAN=PRICE``.

    Raises:
        InvalidValueError: for another text, or a plan that is there twice.

    Example:
        >>> parse_prices(["career=30", "business=59.90"])
        {'career': 30.0, 'business': 59.9}
    """
    prices: dict[str, float] = {}
    for text in given:
        plan, equals, price = text.partition("=")
        if not equals or plan in prices:
            raise InvalidValueError("--prices", text, f"{PRICE}, each plan once")
        try:
            prices[plan] = float(price)
        except ValueError:
            raise InvalidValueError("--prices", text, PRICE) from None
    return prices


def _text(one: "FleetForecast", options: Namespace) -> str:
    found = one.simulation
    begin = min(terms.start for terms in found.terms)
    lines = [
        f"{one.horizon} from {begin:%Y-%m-%d}, {found.paths:,} paths, seed {options.seed}",
        fill(one.answer(), 100),
        "",
        _rows(one.summary(), "mean"),
    ]
    contracts = one.by_contract()
    if len(contracts):
        lines += ["", _people(contracts, contracts["seats"].astype(str).tolist(), "seats")]
    people = one.by_person()
    worst = people.sort_values("run_dry", ascending=False, kind="stable").head(options.rows)
    lines += ["", _people(worst, worst["account"].tolist(), "account")]
    if len(people) > len(worst):
        lines.append(f"... and {len(people) - len(worst):,} more people; --rows shows more")
    return "\n".join([*lines, "", "Means over all paths, +- their Monte-Carlo standard error."])


def _rows(frame: "pd.DataFrame", name: str) -> str:
    """A figure a row; those that are 0 throughout are left to the last line."""
    rows, zero = [], []
    for label, mean, error in zip(frame.index, frame[name], frame["error"], strict=True):
        if mean == 0 and not error > 0:
            zero.append(str(label))
        elif label in SHARES:
            rows.append((f"{label}, %", _value(100 * mean, 100 * error)))
        else:
            rows.append((str(label), _value(mean, error)))
    note = f"\n  0 on every path: {', '.join(zero)}" if zero else ""
    return table(("figure", name), rows, indent="  ") + note


def _people(frame: "pd.DataFrame", second: list[str], name: str) -> str:
    rows = [
        (
            str(label),
            other,
            row["plan"],
            *(_value(row[figure], row[f"{figure}_error"]) for figure in SHOWN),
            _value(100 * row["run_dry"], 100 * row["run_dry_error"]),
        )
        for (label, row), other in zip(frame.iterrows(), second, strict=True)
    ]
    headers = (str(frame.index.name), name, "plan", *SHOWN, "runs dry, %")
    return table(headers, rows, left=3, indent="  ")


def _value(mean: float, error: float) -> str:
    shown = "none" if mean != mean else f"{mean:,.2f}"  # noqa: PLR0124 - NaN
    return shown if error != error else f"{shown} +-{error:.2f}"  # noqa: PLR0124 - NaN

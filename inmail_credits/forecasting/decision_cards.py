"""Decisions as cards, for notebooks and ``print()``: pace, value, targeting, sweeps, backtests."""

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Final

from inmail_credits._display.card import AnyCell, Card, Cell, Table
from inmail_credits._display.numbers import count, measured, number, per_cent, price, share
from inmail_credits._zones import to_local
from inmail_credits.forecasting.cards import label_of
from inmail_credits.forecasting.labels import day_label
from inmail_credits.simulation.figures import Unit, figure

if TYPE_CHECKING:
    from inmail_credits.forecasting.backtest_result import Backtest
    from inmail_credits.forecasting.credit_value import CreditValue
    from inmail_credits.forecasting.opening_ages import BalanceForecast
    from inmail_credits.forecasting.sensitivity import Sensitivity
    from inmail_credits.forecasting.sustainable import Pace, SustainableRate
    from inmail_credits.forecasting.sweep import Sweep
    from inmail_credits.forecasting.targeting import Targeting

BALANCES: Final = (1, 2, 3, 5, 10, 20, 40)
"""The balances for which a price is shown."""
PEOPLE_MAX: Final = 30
"""How many prospects a card shows."""
SWEPT: Final = ("run_dry", "share_sent", "replied")
AGES: Final = ("newest", "spread", "oldest")


def rate_card(rate: "SustainableRate") -> Card:
    """The most that may be sent, with its error."""
    return Card(
        title=f"Sustainable over {rate.horizon}", verdict=rate.sentence, notes=[_runs(rate.paths, rate.seed)]
    )


def pace_card(pace: "Pace") -> Card:
    """The budget to the next grant, and when credits die."""
    begin = day_label(to_local(pace.at, pace.zone).date())
    rows = [
        (day_label(lot.last_useful_on), number(lot.credits), f"{lot.expires_at:%Y-%m-%d %H:%M} UTC")
        for lot in pace.deadlines
    ]
    table = Table(caption="Credits that die", headers=("use them by", "credits", "they die at"), rows=rows)
    return Card(
        title=f"Pace from {begin}",
        verdict=pace.sentence,
        tables=[table] if rows else [],
        notes=[_runs(pace.rate.paths, pace.rate.seed)],
    )


def value_card(worth: "CreditValue") -> Card:
    """The price of the last credit and the odds from which to write, for some balances."""
    value = worth.prospects.mean_value
    balances = [one for one in BALANCES if one < worth.solution.prices.shape[1]]
    rows = [
        (
            number(balance),
            price(worth.price(balance=balance), value),
            per_cent(worth.break_even_odds(value=value, balance=balance)),
        )
        for balance in balances
    ]
    return Card(
        title=f"What a credit is worth: {worth.plan.title or worth.plan.name}, {day_label(worth.first_date)}",
        verdict=worth.answer(),
        lines=[f"{worth.prospects.per_day:g} prospects a day; an answer is worth {value:,.3g} on average"],
        tables=[Table(headers=("credits left", "the last is worth", "write from odds of"), rows=rows)],
        notes=["Worth writing where value x odds / (1 - odds) is more than the credit is worth."],
    )


def targeting_card(found: "Targeting", *, rows: int = PEOPLE_MAX) -> Card:
    """Whom to write to, best first."""
    shown = found.table.head(rows)
    people = [
        (
            str(name),
            per_cent(float(row["odds"])),
            f"{float(row.get('value', 1.0)):,.3g}",
            f"{row['index']:,.3g}",
            f"{row['price']:,.3g}",
            str(row["advice"]),
        )
        for name, row in zip(shown.index, shown.to_dict("records"), strict=True)
    ]
    left = len(found.table) - len(shown)
    return Card(
        title=f"{count(len(found.table), 'prospect')}, {count(found.worth.balance, 'credit')}",
        verdict=found.answer(),
        tables=[Table(headers=("", "odds", "value", "index", "price", "advice"), rows=people)],
        notes=[
            *([f"... and {left:,} more"] if left else []),
            "index: value x odds / (1 - odds), the most a credit may cost; price: what it is worth else.",
        ],
    )


def sweep_card(grid: "Sweep") -> Card:
    """Odds, share sent and replies over the grid, a table each; the rest is in the frame."""
    tables: list[Table] = []
    for plan in grid.plans:
        for name in SWEPT:
            means, errors = grid.table(name, plan=plan), grid.table(f"{name}_error", plan=plan)
            write = share if figure(name).unit in {Unit.ODDS, Unit.SHARE} else measured
            rows: list[Sequence[AnyCell]] = [
                (
                    per_cent(float(rate)),
                    *(write(float(mean), float(error)) for mean, error in zip(row, wrong, strict=True)),
                )
                for rate, row, wrong in zip(means.index, means.to_numpy(), errors.to_numpy(), strict=True)
            ]
            tables.append(
                Table(
                    caption=f"{plan}: {label_of(name)}",
                    headers=("reply rate", *(f"{volume:g} a week" for volume in means.columns)),
                    rows=rows,
                    folded=bool(tables),
                )
            )
    lines = [f"{grid.horizon} from {day_label(grid.start.date())}"]
    return Card(
        title=f"Sweep of {', '.join(grid.plans)}",
        lines=lines,
        tables=tables,
        notes=[_runs(grid.paths, grid.seed)],
    )


def sensitivity_card(found: "Sensitivity") -> Card:
    """What each change adds to each figure that it changes."""
    frame = found.to_frame()
    changes = list(frame.index.unique("change"))
    rows: list[Sequence[AnyCell]] = []
    for name in frame.index.unique("figure"):
        odds = figure(str(name)).unit in {Unit.ODDS, Unit.SHARE}
        cells = []
        for change in changes:
            row = frame.loc[(change, name)]
            cells.append(_added(float(row["difference"]), float(row["error"]), odds=odds))
        if any(cell.text != "0" for cell in cells):
            rows.append((label_of(str(name)), *cells))
    return Card(
        title=f"What a little more is worth, over {found.horizon}",
        lines=[found.behaviour],
        tables=[Table(headers=("", *map(str, changes)), rows=rows)],
        notes=[_runs(found.paths, found.seed)],
    )


def balance_card(found: "BalanceForecast") -> Card:
    """A forecast for each way the balance may be made up."""
    table = found.table()
    rows: list[Sequence[AnyCell]] = []
    for name, row in table.astype(object).to_dict("index").items():
        if str(name).startswith("run_dry_by_") or not any(row[ages] for ages in AGES):
            continue
        odds = row["unit"] in {Unit.ODDS, Unit.SHARE}
        cells = [share(float(row[ages])) if odds else Cell(number(float(row[ages]))) for ages in AGES]
        rows.append((label_of(str(name)), *cells))
    return Card(
        title=found.newest.title,
        verdict=found.answer(),
        lines=found.newest.subtitle(),
        tables=[
            Table(headers=("the balance is left of", "the newest grants", "all", "the oldest"), rows=rows)
        ],
    )


def backtest_card(found: "Backtest") -> Card:
    """How often the bands held, and how much better than "as before"."""
    rows: list[Sequence[AnyCell]] = [
        (
            str(name),
            number(float(row["forecasts"])),
            *("-" if isnan(float(row[band])) else share(float(row[band])) for band in ("50%", "80%", "90%")),
            f"{row['crps']:.2f}",
            f"{row['naive_crps']:.2f}",
            share(float(row["skill"])),
        )
        for name, row in found.summary().astype(object).to_dict("index").items()
    ]
    headers = ("", "forecasts", "50 % band held", "80 %", "90 %", "CRPS", "as before", "saved")
    return Card(
        title=f"Backtest over {found.horizon}",
        tables=[Table(headers=headers, rows=rows)],
        notes=[
            "CRPS: distance in credits, the lower the better; of run_dry the Brier score.",
            "as before: that of the span before, as long; saved: the share of it that the forecast saves.",
            _runs(found.paths, found.seed),
        ],
    )


def _added(difference: float, error: float, *, odds: bool) -> Cell:
    if difference == 0 and error == 0:
        return Cell("0")
    scale, unit = (100.0, " points") if odds else (1.0, "")
    decimals = 1 if odds else 2
    return Cell(f"{scale * difference:+,.{decimals}f}{unit}", f"+-{scale * error:,.{decimals}f}")


def _runs(paths: int, seed: int | None) -> str:
    return f"{paths:,} paths" + ("" if seed is None else f", seed {seed}")

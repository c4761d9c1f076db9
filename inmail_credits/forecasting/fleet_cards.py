"""Forecasts and comparisons of fleets as cards: for notebooks and for ``print()``."""

from math import isnan
from typing import TYPE_CHECKING, Final

import pandas as pd

from inmail_credits._display.card import AnyCell, Card, Cell, Table
from inmail_credits._display.numbers import measured, number, points_of, share
from inmail_credits.forecasting.cards import COSTS, HEADERS, label_of

if TYPE_CHECKING:
    from inmail_credits.forecasting.fleet_comparison import FleetComparison
    from inmail_credits.forecasting.fleet_result import FleetForecast

PEOPLE_MAX: Final = 20
"""So many people are shown: those most likely to have a message refused."""
LABELS: Final = {"accounts_run_dry": "accounts with a message refused", **COSTS}
SHARES: Final = ("share_sent", "share_wasted")
SHOWN: Final = ("wanted", "sent", "refused", "refunded")


def fleet_card(one: "FleetForecast") -> Card:
    """The verdict, all accounts together, the contracts, and the people who lack credits most."""
    found = one.simulation
    seed = "" if one.seed is None else f", seed {one.seed}"
    people = one.by_person()
    worst = people.sort_values("run_dry", ascending=False, kind="stable").head(PEOPLE_MAX)
    total, zero = _total(one.summary())
    tables = [total]
    if len(contracts := one.by_contract()):
        tables.append(_who(contracts, "contract", "Contracts"))
    caption = "People" if len(worst) == len(people) else f"The {len(worst)} people who lack credits most"
    tables.append(_who(worst, "person", caption))
    return Card(
        title=repr(found.fleet).removeprefix("<Fleet of ").removesuffix(">"),
        verdict=one.answer(),
        lines=[f"{one.horizon}; {found.paths:,} simulated paths{seed}"],
        tables=tables,
        notes=[f"0 on every path: {', '.join(zero)}."] if zero else [],
    )


def fleets_card(compared: "FleetComparison") -> Card:
    """The verdict on each fleet, their figures side by side, and what the others change against the first."""
    summary = compared.summary()
    labels = list(compared.forecasts)
    rows: list[tuple[AnyCell, ...]] = []
    for name in summary.columns:
        if name.endswith("_error"):
            continue
        means = summary[name].tolist()
        if name in COSTS:
            rows.append((LABELS[name], *(number(mean, 2) for mean in means)))
        elif any(mean != 0 for mean in means) and f"{name}_error" in summary.columns:
            cell = share if name in SHARES else measured
            errors = summary[f"{name}_error"].tolist()
            rows.append((_label(name), *(cell(m, e) for m, e in zip(means, errors, strict=True))))
    tables = [Table(headers=("", *labels), rows=rows)]
    if len(labels) > 1:
        tables.append(_changes(compared, labels[0]))
    return Card(
        title=f"{len(labels)} fleets on the same wishes and answers",
        lines=[f"{label}: {one.answer()}" for label, one in compared.forecasts.items()],
        tables=tables,
    )


def _changes(compared: "FleetComparison", baseline: str) -> Table:
    table = compared.differences(baseline)
    others = [label for label in compared.forecasts if label != baseline]
    rows: list[tuple[AnyCell, ...]] = []
    for name in dict.fromkeys(table.index.get_level_values("figure")):
        found = table.xs(name, level="figure")
        pairs = [(found["difference"].to_dict()[label], found["error"].to_dict()[label]) for label in others]
        if any(difference != 0 for difference, _ in pairs):
            rows.append((_label(name), *(_change(name, *pair) for pair in pairs)))
    return Table(caption=f"Against {baseline}, path by path", headers=("", *others), rows=rows)


def _change(name: str, difference: float, error: float) -> Cell:
    if name in SHARES:
        below = "" if isnan(error) or error == 0 else f"+-{points_of(error)}"
        return Cell(f"{100 * difference:+.1f} points", below)
    cell = measured(abs(difference), error)
    return Cell(f"{'-' if difference < 0 else '+' if difference > 0 else ''}{cell.text}", cell.below)


def _total(summary: pd.DataFrame) -> tuple[Table, list[str]]:
    """All accounts together, and the labels of what is 0 on every path."""
    rows: list[tuple[AnyCell, ...]] = []
    zero = []
    for name, row in summary.to_dict("index").items():
        mean, error = float(row["mean"]), float(row["error"])
        quantiles = [float(row[column]) for column in ("p5", "p50", "p95")]
        if mean == 0 and not error > 0:
            zero.append(_label(str(name)))
        elif name in SHARES:
            rows.append((_label(str(name)), share(mean, error), "", "", ""))
        elif name in COSTS:
            rows.append((_label(str(name)), number(mean, 2), "", "", ""))
        else:
            rows.append((_label(str(name)), measured(mean, error), *map(number, quantiles)))
    return Table(headers=HEADERS, rows=rows), zero


def _who(table: pd.DataFrame, what: str, caption: str) -> Table:
    """People or contracts: what they want, send and lack, and the odds of a message refused."""
    rows: list[tuple[AnyCell, ...]] = [
        (
            str(name),
            str(row["plan"]),
            *(measured(float(row[figure]), float(row[f"{figure}_error"])) for figure in SHOWN),
            share(float(row["run_dry"]), float(row["run_dry_error"])),
        )
        for name, row in table.to_dict("index").items()
    ]
    return Table(caption=caption, headers=(what, "plan", *SHOWN, "runs dry"), rows=rows, left=2)


def _label(name: str) -> str:
    return LABELS.get(name) or label_of(name)

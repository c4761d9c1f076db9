"""Forecasts and comparisons as cards: for notebooks, for ``print()``, and for the report."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Final

from inmail_credits._display.card import AnyCell, Card, Cell, Table
from inmail_credits._display.numbers import measured, number, points_of, share
from inmail_credits.forecasting.assumptions import Assumption, assumptions
from inmail_credits.forecasting.scores import SCORED, SHARES
from inmail_credits.forecasting.summary import Row
from inmail_credits.simulation.figures import Unit
from inmail_credits.simulation.figures import figure as figure_named

if TYPE_CHECKING:
    from inmail_credits.forecasting.comparison import Comparison
    from inmail_credits.forecasting.result import Forecast

SIDE_BY_SIDE_MAX: Final = 5
"""So many candidates stand side by side; more stand one below the other."""
COSTS: Final = {"cost": "cost", "cost_per_sent": "cost a message sent", "cost_per_reply": "cost a reply"}
SHORT: Final = {
    "share_sent": "share sent of messages wanted",
    "share_wasted": "share lost of credits received",
    "reply_rate": "reply rate assumed",
}
"""Labels where a table has no room for the long ones."""
BY: Final = "run_dry_by_"
HEADERS: Final = ("", "mean", "5 %", "median", "95 %")


def forecast_card(one: "Forecast") -> Card:
    """A forecast: the verdict, what it is of, every figure that is not 0, and what it rests on."""
    rows = one.figures()
    by_period = [row for row in rows if row.name.startswith(BY)]
    plain = [row for row in rows if row not in by_period]
    tables = [Table(headers=HEADERS, rows=[_figure_row(row) for row in plain if not is_zero(row)])]
    if by_period:
        tables.append(_odds_by_period(by_period))
    return Card(
        title=one.title,
        verdict=one.answer(),
        lines=one.subtitle(),
        tables=tables,
        notes=[*zero_note(plain), f"Rests on: {one.rests_on}."],
    )


def _odds_by_period(rows: Sequence[Row]) -> Table:
    return Table(
        caption="Odds of having run dry, by the end of each billing period",
        headers=("by", "odds"),
        rows=[(row.name.removeprefix(BY), share(row.mean, row.error)) for row in rows],
        folded=True,
    )


def comparison_card(compared: "Comparison") -> Card:
    """A comparison: a table of the figures that are not 0 everywhere, and what the candidates rest on."""
    rests: dict[str, list[str]] = {}
    for label, one in compared.forecasts.items():
        rests.setdefault(one.rests_on, []).append(label)
    return Card(
        title=f"{len(compared.forecasts)} candidates on the same draws",
        lines=compared.subtitle(),
        verdict=_odds_sentence(compared),
        tables=[comparison_table(compared)],
        notes=[
            f"{', '.join(labels)} rest{'s' if len(labels) == 1 else ''} on: {basis}."
            for basis, labels in rests.items()
        ],
    )


def comparison_table(compared: "Comparison") -> Table:
    """The summary of a comparison: candidates side by side while they are few, else one below the other."""
    summary = compared.summary()
    labels = list(compared.forecasts)
    shown: dict[str, list[AnyCell]] = {}
    for name in SCORED:
        means, errors = summary[name].tolist(), summary[f"{name}_error"].tolist()
        if any(mean != 0 for mean in means):
            cell = share if name in SHARES else measured
            shown[label_of(name)] = [cell(m, e) for m, e in zip(means, errors, strict=True)]
    for name, text in COSTS.items():
        if name in summary.columns:
            shown[text] = [number(cost, 2) for cost in summary[name].tolist()]
    if len(labels) <= SIDE_BY_SIDE_MAX:
        return Table(headers=("", *labels), rows=[(text, *cells) for text, cells in shown.items()])
    rows = [(label, *(cells[k] for cells in shown.values())) for k, label in enumerate(labels)]
    return Table(headers=("", *shown), rows=rows)


def differences_table(compared: "Comparison", baseline: str) -> Table:
    """What the other candidates change against one, path by path."""
    changes = compared.differences(baseline)
    others = [label for label in compared.forecasts if label != baseline]
    rows: list[tuple[AnyCell, ...]] = []
    for name in SCORED:
        found = changes.xs(name, level="figure").reindex(others)
        pairs = list(zip(found["difference"].tolist(), found["error"].tolist(), strict=True))
        if any(difference != 0 for difference, _ in pairs):
            write = _points if name in SHARES else _change
            rows.append((label_of(name), *(write(difference, error) for difference, error in pairs)))
    return Table(caption=f"Against {baseline}, path by path", headers=("", *others), rows=rows)


def assumption_rows(found: Mapping[str, Sequence[Assumption]]) -> Table:
    """The assumptions of one or several forecasts, each once, with the candidates it is made for."""
    merged: dict[Assumption, list[str]] = {}
    for label, taken in found.items():
        for each in taken:
            merged.setdefault(each, []).append(label)
    several = len(found) > 1
    headers = (*(("for",) if several else ()), "what", "taken as", "how sure", "source and alternatives")
    rows = [
        (
            *((("all" if len(labels) == len(found) else ", ".join(labels)),) if several else ()),
            row.name.replace("_", " "),
            row.value,
            row.basis,
            ". ".join(part.rstrip(".") for part in (row.note, row.page) if part),
        )
        for row, labels in merged.items()
    ]
    return Table(headers=headers, rows=rows, left=len(headers))


def assumptions_of(one: "Forecast") -> tuple[Assumption, ...]:
    """The assumptions of a forecast, as values."""
    return assumptions(one.simulation.plan, one.simulation.outreach)


def is_zero(row: Row) -> bool:
    """Whether a figure is 0 on every path."""
    quantiles = [value for value in (row.p5, row.p50, row.p95) if not isnan(value)]
    return row.mean == 0 and not row.error > 0 and not any(quantiles) and row.unit != str(Unit.ODDS)


def zero_note(rows: Sequence[Row]) -> list[str]:
    """One line for all figures that are 0 on every path."""
    names = [label_of_row(row) for row in rows if is_zero(row)]
    return [f"0 on every path: {', '.join(names)}."] if names else []


def label_of(name: str) -> str:
    """What a table calls a figure."""
    return SHORT.get(name) or figure_named(name).label


def label_of_row(row: Row) -> str:
    """What a table calls the figure of a row."""
    return SHORT.get(row.name, row.label)


def _figure_row(row: Row) -> tuple[AnyCell, ...]:
    label = label_of_row(row)
    quantiles = (row.p5, row.p50, row.p95)
    if row.unit in {str(Unit.ODDS), str(Unit.SHARE)}:
        return (label, share(row.mean, row.error), *("" if isnan(q) else share(q) for q in quantiles))
    return (label, measured(row.mean, row.error), *("" if isnan(q) else number(q) for q in quantiles))


def _odds_sentence(compared: "Comparison") -> str:
    """The odds of each candidate while they are few, else the lowest and the highest; the cheapest."""
    dry = {label: one.simulation.share_and_error("refused")[0] for label, one in compared.forecasts.items()}
    odds = ", ".join(f"{label} {share(value).text}" for label, value in dry.items())
    if len(dry) > SIDE_BY_SIDE_MAX:
        ends = (min(dry, key=dry.__getitem__), max(dry, key=dry.__getitem__))
        odds = "from " + " to ".join(f"{share(dry[label]).text} ({label})" for label in ends)
    cheapest = ""
    if compared.prices:
        best = compared.cheapest()
        cheapest = (
            " None sends 95 % of the messages wanted."
            if best is None
            else f" The cheapest that sends 95 % of the messages wanted: {best}."
        )
    return f"Odds of running dry: {odds}.{cheapest}"


def _change(difference: float, error: float) -> Cell:
    cell = measured(abs(difference), error)
    sign = "-" if difference < 0 else "+" if difference > 0 else ""
    return Cell(f"{sign}{cell.text}", cell.below)


def _points(difference: float, error: float) -> Cell:
    """A difference of shares, in points of per cent."""
    below = "" if isnan(error) or error == 0 else f"+-{points_of(error)}"
    return Cell(f"{100 * difference:+.1f} points", below)

"""Tables as plain data for JSON: numbers, texts and lists; dates as text, ``None`` for ``nan``."""

import math
from collections.abc import Sequence
from datetime import date

import pandas as pd

from inmail_credits.forecasting.summary import Row

Plain = str | int | float | None


def plain_value(value: object) -> Plain:
    """One cell.

    Example:
        >>> plain_value(float("nan")), plain_value(date(2026, 3, 1)), plain_value(0.5)
        (None, '2026-03-01', 0.5)
    """
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d")
    return str(value)


def plain_columns(table: pd.DataFrame) -> dict[str, list[Plain]]:
    """A table as one list for each column.

    Example:
        >>> plain_columns(pd.DataFrame({"share": [0.5, float("nan")]}))
        {'share': [0.5, None]}
    """
    return {str(name): [plain_value(value) for value in table[name].tolist()] for name in table.columns}


def plain_rows(rows: Sequence[Row]) -> dict[str, dict[str, Plain]]:
    """The rows of a summary by the name of the figure.

    Example:
        >>> rows = plain_rows([Row("sent", "messages sent", "messages", 9.0, 0.1, 7.0, 9.0, 11.0)])
        >>> rows["sent"]["mean"], rows["sent"]["unit"]
        (9.0, 'messages')
    """
    return {
        row.name: {
            "label": row.label,
            "unit": row.unit,
            "mean": plain_value(row.mean),
            "error": plain_value(row.error),
            "p5": plain_value(row.p5),
            "p50": plain_value(row.p50),
            "p95": plain_value(row.p95),
        }
        for row in rows
    }

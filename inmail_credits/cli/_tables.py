"""Plain-text tables, as wide as what is in them."""

from collections.abc import Iterable, Sequence

from inmail_credits.plans import Plan


def table(
    headers: Sequence[str], rows: Iterable[Sequence[object]], *, left: int = 1, indent: str = ""
) -> str:
    """Rows under headers; the first ``left`` columns are set to the left, the others to the right.

    Example:
        >>> print(table(["plan", "credits"], [["career", 3], ["business", 15]]))
        plan      credits
        career          3
        business       15
    """
    cells = [list(headers), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        indent
        + "  ".join(
            cell.ljust(width) if position < left else cell.rjust(width)
            for position, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )


def zone_of(plan: Plan) -> str:
    """The zone of a plan's dates, in brackets, where it is not UTC (D18).

    Example:
        >>> zone_of(Plan(name="own", grant_credits=3, zone="Europe/Berlin"))
        ' (Europe/Berlin)'
    """
    return "" if plan.zone == "UTC" else f" ({plan.zone})"

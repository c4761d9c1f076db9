"""What is kept of each path: its totals, and sums and counts by day."""

from inmail_credits.simulation._engine.compiled import compiled
from inmail_credits.simulation._engine.tables import (
    BALANCE,
    BOUGHT,
    DRY_DAY,
    DRY_PATHS,
    EXPIRED,
    FINAL_BALANCE,
    FORFEITED,
    HELD_BACK,
    NONE,
    REFUNDED,
    REFUSED,
    REFUSED_PATHS,
    ROWS,
    SEAT_DRY,
    SEAT_REFUSED,
    SEAT_SUMS,
    SEAT_WANTED,
    SENT,
    WANTED,
    Ints,
    Ints32,
)


@compiled
def keep(
    rows: Ints32,
    totals: Ints32,
    sums: Ints,
    counts: Ints32,
    lows: Ints,
    daily: Ints32,
    together: Ints,
    column: int,
    paths: int,
    days: int,
    per_day: int,
    used: int,
) -> bool:
    """Keep a path as number ``column``; ``False``, and nothing is kept, if its balances find no column.

    Each member has ``paths`` columns. ``used`` has a bit for each row that may hold anything.
    """
    if per_day > 1:
        fold(rows, days, per_day)
    if not count_balances(rows[BALANCE], counts, lows, days):
        return False
    for row in range(ROWS):
        totals[row, column] = keep_sums(rows[row], sums[row], days) if (used >> row) & 1 else 0
    totals[FINAL_BALANCE, column] = rows[BALANCE, days - 1]
    totals[DRY_DAY, column] = NONE
    if totals[WANTED, column] > totals[SENT, column] + totals[HELD_BACK, column]:
        totals[DRY_DAY, column] = keep_refusals(rows, sums, days, (used >> HELD_BACK) & 1)
    if daily.shape[0]:
        keep_daily(rows, daily, column, days, used)
    if together.shape[0]:
        path = column % paths
        for d in range(days):
            together[path, d] += rows[BALANCE, d]
    return True


@compiled
def keep_sums(figures: Ints32, sums: Ints, days: int) -> int:
    """Add a figure of a path to the sums by day; what it adds up to."""
    total = 0
    for d in range(days):
        sums[d] += figures[d]
        total += figures[d]
    return total


@compiled
def keep_refusals(rows: Ints32, sums: Ints, days: int, held: int) -> int:
    """Count the path on each day with a refusal; the first of them. ``held``: whether any was held back."""
    dry = NONE
    for d in range(days):
        if rows[WANTED, d] - rows[SENT, d] - rows[HELD_BACK, d] * held > 0:
            sums[REFUSED_PATHS, d] += 1
            dry = d if dry == NONE else dry
    sums[DRY_PATHS, dry] += 1
    return dry


@compiled
def keep_daily(rows: Ints32, daily: Ints32, column: int, days: int, used: int) -> None:
    """Keep every day of a path."""
    for row in range(daily.shape[0]):
        if (used >> row) & 1:
            for d in range(days):
                daily[row, d, column] = rows[row, d]


@compiled
def keep_squares(rows: Ints32, cuts: Ints, squares: Ints, days: int, used: int) -> None:
    """Add the square of what each figure of a path adds up to in each period; the rows are lost by it."""
    for row in range(BALANCE):
        if (used >> row) & 1:
            for d in range(1, days):
                rows[row, d] += rows[row, d - 1]
            for p in range(cuts.shape[0]):
                total = in_period(rows[row], cuts, p)
                squares[row, p] += total * total
    for p in range(cuts.shape[0]):
        total = in_period(rows[WANTED], cuts, p) - in_period(rows[SENT], cuts, p)
        gone = in_period(rows[REFUNDED], cuts, p) - in_period(rows[SENT], cuts, p)
        if (used >> HELD_BACK) & 1:
            total -= in_period(rows[HELD_BACK], cuts, p)
        if (used >> BOUGHT) & 1:
            gone += in_period(rows[BOUGHT], cuts, p)
        if (used >> FORFEITED) & 1:
            gone -= in_period(rows[FORFEITED], cuts, p)
        squares[REFUSED, p] += total * total
        gone -= int(rows[BALANCE, cuts[p, 1] - 1])
        if cuts[p, 0] > 0:
            gone += int(rows[BALANCE, cuts[p, 0] - 1])
        squares[EXPIRED, p] += gone * gone


@compiled
def in_period(sums: Ints32, cuts: Ints, period: int) -> int:
    """What a figure adds up to in a period, from its sums since the start."""
    total = int(sums[cuts[period, 1] - 1])
    if cuts[period, 0] > 0:
        total -= int(sums[cuts[period, 0] - 1])
    return total


@compiled
def keep_seats(senders: Ints, seats: Ints, first: int, count: int) -> None:
    """Add what each sender did to the sums, its square, and its product with what the sender wanted."""
    for figure in range(SEAT_SUMS):
        for place in range(count):
            value = senders[figure, place] if figure != SEAT_DRY else int(senders[SEAT_REFUSED, place] > 0)
            seats[0, figure, first + place] += value
            seats[1, figure, first + place] += value * value
            seats[2, figure, first + place] += value * senders[SEAT_WANTED, place]


@compiled
def fold(rows: Ints32, days: int, per_day: int) -> None:
    """Steps into days, in place: sums, and the last balance."""
    for row in range(BALANCE):
        fold_row(rows[row], days, per_day)
    for d in range(days):
        rows[BALANCE, d] = rows[BALANCE, d * per_day + per_day - 1]


@compiled
def fold_row(figures: Ints32, days: int, per_day: int) -> None:
    """The same for one figure that adds up."""
    place = 0
    for d in range(days):
        total = figures[place]
        last = place + per_day
        place += 1
        while place < last:
            total += figures[place]
            place += 1
        figures[d] = total


@compiled
def count_balances(balances: Ints32, counts: Ints32, lows: Ints, days: int) -> bool:
    """Count the balance of each day; ``False``, and nothing is counted, if one lies outside the columns."""
    width = counts.shape[1]
    if width == 0:
        return True
    if lows[0] == NONE:
        for d in range(days):
            lows[d] = max(balances[d] - width // 2, 0)
    outside = 0
    for d in range(days):
        place = balances[d] - lows[d]
        outside += place < 0 or place >= width
    if outside:
        return False
    for d in range(days):
        counts[d, balances[d] - lows[d]] += 1
    return True

"""The kernels that Python calls: so many paths of so many members, one after the other.

There is one for each form of keeping credits, so that only what is used is compiled.
"""

from inmail_credits.simulation._engine.compiled import compiled, entry
from inmail_credits.simulation._engine.draws import (
    draw_coins,
    draw_failures,
    draw_fates,
    draw_flights,
    draw_wishes,
    law_counts,
    place_messages,
    reply_law,
)
from inmail_credits.simulation._engine.loop import begin_flights, begin_path, begin_senders, play_lots
from inmail_credits.simulation._engine.philox import (
    BUYS,
    COINS,
    FAILURES,
    FATES,
    SECOND_COINS,
    SECOND_FAILURES,
    SECOND_FATES,
    fill,
)
from inmail_credits.simulation._engine.queue import (
    begin_queue,
    play_queue,
    schedule,
    schedule_flights,
    schedule_withdrawals,
)
from inmail_credits.simulation._engine.recorder import keep, keep_seats, keep_squares
from inmail_credits.simulation._engine.tables import (
    BEHAVIOUR,
    COUNTS,
    FAILS,
    FIRST,
    FIRST_FLIGHT,
    FIRST_SENDER,
    FOLLOWS,
    FORFEITED,
    GONE,
    LAG,
    LAG2,
    LAST_FLIGHT,
    MARGIN,
    NONE,
    PACING,
    PHASE,
    PURCHASES,
    SENDERS,
    SHIFTS,
    SLOTS,
    START_AT,
    STEP_OF,
    TERMS_OF,
    TURN,
    USED_ROWS,
    USUAL_ROWS,
    WANTED,
    WIDTH,
    WITHDRAWN,
    WITHDRAWS,
    WITHDRAWS_AFTER,
    Ints,
    Ints32,
    Kept,
    Tables,
    Words,
    Work,
)


@entry
def simulate_queue(
    tables: Tables,
    work: Work,
    kept: Kept,
    first_member: int,
    members: int,
    first_path: int,
    paths: int,
    begin: int,
) -> tuple[int, int]:
    """Simulate ``paths`` paths of each member, from ``first_path`` on; keep them from column ``begin`` on.

    Columns are the paths of the first member, then those of the next. Where there is no room, the column that
    remains to be done is returned, and how many messages it has, or 0 if its balances find no column.
    """
    days, per_day = tables.grid[0], tables.grid[1]
    steps = days * per_day
    rows, messages, instants = work.steps, work.messages, work.instants
    known = NONE
    for column in range(begin, members * paths):
        number = first_member + column // paths
        member, path = tables.members[number], first_path + column % paths
        if number != known:
            set_instants(member, tables.shifts, instants, steps)
            known = number
        phase, sender = tables.phases[member[PHASE]], tables.senders[member[FIRST_SENDER]]
        after = tables.behaviours[sender[BEHAVIOUR], WITHDRAWS_AFTER]
        begin_queue(rows, steps)
        count, answered, withdrawn = draw_sender(
            tables, sender, path, steps, work.words[0], messages, rows, 0, 0
        )
        if count + MARGIN > messages.shape[1]:
            return column, count + MARGIN
        schedule(phase, messages, instants, rows, steps, answered)
        schedule_withdrawals(messages, rows, steps, withdrawn, after)
        used = USUAL_ROWS | ((withdrawn > 0) << WITHDRAWN)
        if member[FIRST_FLIGHT] < member[LAST_FLIGHT]:
            draw_open_messages(tables, member, path, work.words, work.flights)
            schedule_flights(member, phase, tables.flights, work.flights, instants, rows, steps)
            used |= 1 << WITHDRAWN
        gone = tables.gone[member[GONE]]
        used |= (
            play_queue(
                member, phase, tables.events, gone, messages, instants, work.received, rows, steps, after
            )
            << FORFEITED
        )
        if not keep(
            rows,
            kept.totals,
            kept.sums,
            kept.counts,
            kept.lows,
            kept.daily,
            kept.together,
            column,
            paths,
            days,
            per_day,
            used,
        ):
            return column, 0
        if tables.cuts.shape[0]:
            keep_squares(rows, tables.cuts, kept.squares, days, used)
    return members * paths, 0


@entry
def simulate_lots(
    tables: Tables,
    work: Work,
    kept: Kept,
    first_member: int,
    members: int,
    first_path: int,
    paths: int,
    begin: int,
) -> tuple[int, int]:
    """The same for members whose credits are kept as lots, and who may have several senders."""
    days, per_day = tables.grid[0], tables.grid[1]
    steps = days * per_day
    rows, messages, instants = work.steps, work.messages, work.instants
    known = NONE
    for column in range(begin, members * paths):
        number = first_member + column // paths
        member, path = tables.members[number], first_path + column % paths
        if number != known:
            set_instants(member, tables.shifts, instants, steps)
            known = number
        count, withdraws = 0, 0
        for place in range(member[SENDERS]):
            sender = tables.senders[member[FIRST_SENDER] + place]
            withdraws |= int(tables.behaviours[sender[BEHAVIOUR], WITHDRAWS] > 0)
            drawn, _, _ = draw_sender(
                tables, sender, path, steps, work.words[0], messages, rows, place, count
            )
            count += drawn
            if count + MARGIN > messages.shape[1]:
                return column, count + MARGIN
        if member[SENDERS] == 1:
            in_order(rows[FIRST], rows[WANTED], messages[TURN], count, steps)
        else:
            in_turn(rows[FIRST], messages, count, steps)
        begin_path(member, tables.lots, rows, work.lots, work.state, steps)
        begin_senders(member, tables.senders, tables.behaviours, work.senders)
        if member[FIRST_FLIGHT] < member[LAST_FLIGHT]:
            draw_open_messages(tables, member, path, work.words, work.flights)
            begin_flights(
                member,
                tables.phases,
                tables.terms_of[member[TERMS_OF]],
                tables.flights,
                work.flights,
                work.senders,
                rows,
                work.lots,
                work.nodes,
                instants,
                steps,
                2 * count,
            )
        draw_purchases(tables, tables.senders[member[FIRST_SENDER]], path, steps, work.words[0], rows[COUNTS])
        play_lots(
            member,
            tables.phases,
            tables.terms_of[member[TERMS_OF]],
            tables.senders,
            tables.behaviours,
            tables.events,
            tables.next_grants[member[PACING]],
            messages,
            work.senders,
            rows,
            work.lots,
            work.state,
            work.nodes,
            instants,
            count,
            steps,
        )
        used = USUAL_ROWS | work.state[USED_ROWS] | (withdraws << WITHDRAWN)
        if not keep(
            rows,
            kept.totals,
            kept.sums,
            kept.counts,
            kept.lows,
            kept.daily,
            kept.together,
            column,
            paths,
            days,
            per_day,
            used,
        ):
            return column, 0
        if tables.cuts.shape[0]:
            keep_squares(rows, tables.cuts, kept.squares, days, used)
        if kept.seats.shape[2]:
            first = member[FIRST_SENDER] - tables.members[first_member, FIRST_SENDER]
            keep_seats(work.senders, kept.seats, first, member[SENDERS])
    return members * paths, 0


@compiled
def set_instants(member: Ints, shifts: Ints, instants: Ints, steps: int) -> None:
    """When the steps of a member are."""
    row = shifts[member[SHIFTS]]
    for s in range(steps):
        instants[s] = member[START_AT] + s * member[WIDTH] + row[s]


@compiled
def draw_sender(
    tables: Tables,
    sender: Ints,
    path: int,
    steps: int,
    words: Words,
    messages: Ints32,
    rows: Ints32,
    number: int,
    first: int,
) -> tuple[int, int, int]:
    """What sender ``number`` wants on a path, and what becomes of it; messages are those from ``first`` on.

    How many messages are wanted is returned, and of these how many answered and withdrawn; where there is no
    room for them, nothing else is drawn.
    """
    behaviour = tables.behaviours[sender[BEHAVIOUR]]
    slots = tables.slots[behaviour[SLOTS]]
    count = draw_wishes(
        sender,
        behaviour,
        tables.laws,
        tables.thresholds,
        slots,
        path,
        steps,
        words,
        rows[WANTED],
        rows[COUNTS],
    )
    answered, withdrawn = 0, 0
    if first + count + MARGIN > messages.shape[1]:
        return count, answered, withdrawn
    place_messages(rows[WANTED], messages, number, first, steps)
    law, rate = reply_law(sender, behaviour, tables.replies, tables.quantiles, path, words)
    for second in range(2 if behaviour[FOLLOWS] else 1):
        fates = LAG2 if second else LAG
        purpose = SECOND_FATES if second else FATES
        answered = draw_fates(
            sender,
            tables.replies,
            tables.cumulative,
            tables.guides,
            law,
            rate,
            path,
            purpose,
            first,
            count,
            words,
            messages,
            fates,
        )
        if behaviour[WITHDRAWS] or behaviour[FOLLOWS]:
            purpose = SECOND_COINS if second else COINS
            withdrawn = draw_coins(behaviour, sender, path, purpose, first, count, words, messages, fates)
        if behaviour[FAILS]:
            purpose = SECOND_FAILURES if second else FAILURES
            draw_failures(behaviour, sender, path, purpose, first, count, words, messages, fates)
    return count, answered, withdrawn


@compiled
def draw_open_messages(tables: Tables, member: Ints, path: int, words: Words, fates: Ints32) -> None:
    """What becomes of the messages open at the start: those of the first sender."""
    sender = tables.senders[member[FIRST_SENDER]]
    behaviour = tables.behaviours[sender[BEHAVIOUR]]
    law, rate = reply_law(sender, behaviour, tables.replies, tables.quantiles, path, words[0])
    first, count = member[FIRST_FLIGHT], member[LAST_FLIGHT] - member[FIRST_FLIGHT]
    draw_flights(
        sender,
        behaviour,
        tables.flights,
        tables.flight_laws,
        tables.replies,
        tables.cumulative,
        law,
        rate,
        first,
        count,
        path,
        words[0],
        words[1],
        fates,
    )


@compiled
def draw_purchases(tables: Tables, sender: Ints, path: int, steps: int, words: Words, counts: Ints32) -> None:
    """How many credits a sender wants beside the allotment in each step."""
    law = tables.behaviours[sender[BEHAVIOUR], PURCHASES]
    if law != NONE:
        fill(sender, path, BUYS, steps, words)
        law_counts(tables.laws, law, tables.thresholds, words, steps, counts)


@compiled
def in_order(first: Ints32, counts: Ints32, turn: Ints32, count: int, steps: int) -> None:
    """The messages of one sender, which are in the order of steps; ``first`` says where each step begins."""
    first[0] = 0
    for s in range(steps):
        first[s + 1] = first[s] + counts[s]
    for m in range(count):
        turn[m] = m


@compiled
def in_turn(first: Ints32, messages: Ints32, count: int, steps: int) -> None:
    """Put the messages of all senders in the order of steps, and within a step in that of senders.

    ``first`` says where those of each step begin.
    """
    step_of, turn = messages[STEP_OF], messages[TURN]
    for s in range(steps + 1):
        first[s] = 0
    for m in range(count):
        first[step_of[m] + 1] += 1
    for s in range(steps):
        first[s + 1] += first[s]
    for m in range(count):
        turn[first[step_of[m]]] = m
        first[step_of[m]] += 1
    for s in range(steps, 0, -1):
        first[s] = first[s - 1]
    first[0] = 0

"""Credits as a queue: the quick loop for plans whose credits burn in the order received.

Where all credits live equally long, the first received is the first to expire and the first to burn (D4). Two
counters then hold all lots: how many credits were ever ``received``, and how many ``removed`` (spent, expired
or forfeited). What had been received a lifetime ago is removed by now: ``removed = max(removed, received
then)`` (R8, D2, D3). A forfeit takes from the front of the queue too (D6).

Every answered message is scheduled as if it were sent, all of a path at once; where a send is refused, its
answer is taken back. The general loop, :mod:`loop`, gives the same bits.
"""

from inmail_credits.simulation._engine.compiled import compiled, inlined
from inmail_credits.simulation._engine.tables import (
    ANSWERED,
    BALANCE,
    CAP,
    COUNTING,
    CREDITS,
    DUE,
    DUE_NOW,
    EXPIRE,
    FIRST_EVENT,
    FIRST_FLIGHT,
    FLIGHT_KIND,
    FLIGHT_LAG,
    FLIGHT_TAKEN,
    FORFEITED,
    GRANT,
    KIND,
    LAG,
    LAST_EVENT,
    LAST_FLIGHT,
    MARK,
    NONE,
    OPEN_COUNTING,
    OPENING,
    OVER_STEP,
    REFUNDED,
    REPLIED,
    ROW,
    SENT,
    STEP,
    STEP_OF,
    TAKEN,
    TAKEN_BACK,
    WANTED,
    WHAT,
    WINDOW,
    WINDOW_AT,
    WINDOW_STEPS,
    WITHDRAWN,
    WITHDRAWN_STEP,
    Ints,
    Ints32,
)


@compiled
def begin_queue(rows: Ints32, steps: int) -> None:
    """Nothing is scheduled yet."""
    for s in range(steps):
        rows[DUE, s] = 0
        rows[DUE_NOW, s] = 0
        rows[REPLIED, s] = 0
        rows[WITHDRAWN, s] = 0
        rows[FORFEITED, s] = 0


@compiled
def schedule(phase: Ints, messages: Ints32, instants: Ints, rows: Ints32, steps: int, answered: int) -> None:
    """Schedule the answers of all messages that are wanted, and their refunds (R5, D9, D10)."""
    step_of, lags, kinds, who = messages[STEP_OF], messages[LAG], messages[KIND], messages[ANSWERED]
    due, due_now, replied = rows[DUE], rows[DUE_NOW], rows[REPLIED]
    counting, window_steps, window = phase[COUNTING], phase[WINDOW_STEPS], phase[WINDOW]
    last = phase[OVER_STEP]
    for place in range(answered):
        m = who[place]
        s, lag = step_of[m], lags[m]
        x = s + lag
        if x < steps:
            in_time = lag < window_steps or instants[x] - instants[s] < window
            if in_time and x < last and (counting >> kinds[m]) & 1:
                if lag:
                    due[x] += 1
                else:
                    due_now[x] += 1
            else:
                replied[x] += 1


@compiled
def schedule_withdrawals(messages: Ints32, rows: Ints32, steps: int, withdrawn: int, after: int) -> None:
    """Count the withdrawals of all messages that are wanted."""
    step_of, back = messages[STEP_OF], messages[TAKEN_BACK]
    for place in range(withdrawn):
        x = step_of[back[place]] + after
        if x < steps:
            rows[WITHDRAWN, x] += 1


@compiled
def schedule_flights(
    member: Ints, phase: Ints, flights: Ints, fates: Ints32, instants: Ints, rows: Ints32, steps: int
) -> None:
    """What becomes of the messages open at the start."""
    for place in range(member[LAST_FLIGHT] - member[FIRST_FLIGHT]):
        flight, x = flights[member[FIRST_FLIGHT] + place], fates[FLIGHT_LAG, place]
        if x < steps:
            in_time = instants[x] < flight[WINDOW_AT] and x < phase[OVER_STEP]
            if in_time and (flight[OPEN_COUNTING] >> fates[FLIGHT_KIND, place]) & 1:
                rows[DUE, x] += 1
            else:
                rows[REPLIED, x] += 1
        elif fates[FLIGHT_TAKEN, place] and flight[WITHDRAWN_STEP] < steps:
            rows[WITHDRAWN, flight[WITHDRAWN_STEP]] += 1


@inlined
def refuse(
    phase: Ints,
    messages: Ints32,
    instants: Ints,
    rows: Ints32,
    steps: int,
    first: int,
    last: int,
    after: int,
) -> None:
    """Take back what was scheduled of messages ``first`` up to ``last``: they are not sent."""
    for m in range(first, last):
        s, lag = messages[STEP_OF, m], messages[LAG, m]
        x = s + lag
        if x < steps:
            in_time = lag < phase[WINDOW_STEPS] or instants[x] - instants[s] < phase[WINDOW]
            if in_time and x < phase[OVER_STEP] and (phase[COUNTING] >> messages[KIND, m]) & 1:
                rows[DUE if lag else DUE_NOW, x] -= 1
            else:
                rows[REPLIED, x] -= 1
        elif messages[TAKEN, m] and s + after < steps:
            rows[WITHDRAWN, s + after] -= 1


@compiled
def play_queue(
    member: Ints,
    phase: Ints,
    events: Ints,
    gone: Ints32,
    messages: Ints32,
    instants: Ints,
    received_by: Ints,
    rows: Ints32,
    steps: int,
    withdraws_after: int,
) -> bool:
    """Time, answers from earlier steps, sends, answers within the step: for each step of a path in turn.

    Whether anything was forfeited is returned.
    """
    wishes, due, due_now, sends, balances = rows[WANTED], rows[DUE], rows[DUE_NOW], rows[SENT], rows[BALANCE]
    event, last_event = member[FIRST_EVENT], member[LAST_EVENT]
    event_step = events[event, STEP] if event < last_event else steps
    received, removed, forfeited, m = member[OPENING], 0, 0, 0
    received_by[0] = 0
    received_by[1] = received
    for s in range(steps):
        while s == event_step:
            removed = max(removed, received_by[events[event, ROW]] + events[event, MARK])
            what, credits = events[event, WHAT], events[event, CREDITS]
            if what != EXPIRE:
                excess = received - removed
                if what == GRANT:
                    cap = events[event, CAP]
                    excess = 0 if cap == NONE else min(excess, max(excess + credits - cap, 0))
                    received += credits
                removed += excess
                forfeited += excess
                rows[FORFEITED, s] += excess
            event += 1
            event_step = events[event, STEP] if event < last_event else steps
        removed = max(removed, received_by[gone[s]])
        received += due[s]
        wanted = wishes[s]
        sent = min(wanted, received - removed)
        if sent < wanted:
            refuse(phase, messages, instants, rows, steps, m + sent, m + wanted, withdraws_after)
        m += wanted
        removed += sent
        received += due_now[s]
        received_by[s + 2] = received
        sends[s] = sent
        balances[s] = received - removed
    for s in range(steps):
        rows[REFUNDED, s] = due[s] + due_now[s]
        rows[REPLIED, s] += due[s] + due_now[s]
    return forfeited > 0

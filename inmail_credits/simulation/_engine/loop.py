"""The general loop: the steps of one path, in the order of the rules.

Each step stands at an instant. What time alone does up to it comes first, instant by instant (D6): credits
expire, the subscription ends, a scheduled grant trims to the cap and grants, silence refunds; then the
planned facts of that instant. Then come the facts of the step: answers to earlier messages, purchases, sends
(follow-ups first), answers within the step. A withdrawal is the last of its step. What will become of a
message is settled when it is sent: nothing later can change it.
"""

from inmail_credits.simulation._engine.compiled import compiled, inlined
from inmail_credits.simulation._engine.lots import expire, forfeit, new_lot, put_back, receive
from inmail_credits.simulation._engine.settle import await_silence, refund_answer, settle
from inmail_credits.simulation._engine.tables import (
    ADD,
    AGAIN,
    AGAIN_FIRST,
    AGAIN_LAST,
    AT,
    BALANCE,
    BEHAVIOUR,
    BILLING,
    BOUGHT,
    BUY,
    CAP,
    COUNT,
    COUNTS,
    CREDITS,
    DEAD,
    DUE,
    DUE_NOW,
    END,
    EXPIRES_AT,
    FIRST,
    FIRST_EVENT,
    FIRST_FLIGHT,
    FIRST_LOT,
    FIRST_SENDER,
    FLIGHT_KIND,
    FLIGHT_LAG,
    FLIGHT_TAKEN,
    FOLLOWING,
    FOLLOWS,
    FOLLOWS_AFTER,
    FOR_SILENCE,
    FORFEITED,
    GRANT,
    GRANTS,
    HEAD,
    HELD,
    HELD_BACK,
    LAG,
    LAG2,
    LAST_EVENT,
    LAST_FLIGHT,
    LAST_LOT,
    LEAVES,
    LEFT,
    LIFETIME,
    LIMIT,
    LIMITED_TO,
    LOT_CREDITS,
    LOT_EXPIRES_AT,
    LOT_OF,
    MARK,
    NEVER_AT,
    NEXT_AGAIN,
    NEXT_EVENT,
    NONE,
    OPEN_COUNTING,
    OPEN_ON_SILENCE,
    ORIGINAL,
    OVER_AT,
    OVER_STEP,
    PAID_BY,
    PHASE,
    PHASE_NOW,
    PLANNED,
    PROSPECTS,
    PURCHASE_ROOM,
    PURCHASES,
    QUOTA,
    QUOTA_STEP,
    REFUNDED,
    REPLIED,
    RESERVE,
    ROOM,
    ROOM_STEP,
    ROOM_TO_BUY,
    ROWS,
    SEAT_HELD_BACK,
    SEAT_LIMIT,
    SEAT_REFUNDED,
    SEAT_REFUSED,
    SEAT_SENT,
    SEAT_USED,
    SEAT_WANTED,
    SENDER_OF,
    SENDER_ROWS,
    SENDERS,
    SENT,
    SENT_BY,
    SILENT_AT,
    SOLD,
    SPREAD,
    TAKEN,
    TERMS,
    TO_LOTS,
    TOP_UP,
    TOP_UP_BELOW,
    TURN,
    USED,
    USED_GRANT,
    USED_ROWS,
    WANTED,
    WHAT,
    WINDOW_AT,
    WITHDRAWN,
    WITHDRAWN_STEP,
    WITHDRAWS_AFTER,
    Ints,
    Ints32,
)


@compiled
def begin_path(member: Ints, opening: Ints, rows: Ints32, lots: Ints, state: Ints, steps: int) -> None:
    """Nothing happened yet; the lots of the opening are there."""
    for row in range(ROWS):
        for s in range(steps):
            rows[row, s] = 0
    for s in range(steps):
        rows[DUE, s] = 0
        rows[DUE_NOW, s] = 0
        rows[TO_LOTS, s] = NONE
        rows[FOR_SILENCE, s] = NONE
        rows[AGAIN_FIRST, s] = NONE
    state[HEAD], state[DEAD], state[COUNT], state[HELD] = 0, 0, 0, 0
    state[NEXT_EVENT], state[ROOM_TO_BUY] = member[FIRST_EVENT], member[PURCHASE_ROOM]
    state[PHASE_NOW], state[GRANTS], state[USED_ROWS] = member[PHASE], 0, 0
    for place in range(member[FIRST_LOT], member[LAST_LOT]):
        put_back(
            lots, state, new_lot(lots, state, opening[place, LOT_EXPIRES_AT]), opening[place, LOT_CREDITS]
        )


@compiled
def begin_senders(member: Ints, senders: Ints, behaviours: Ints, here: Ints) -> None:
    """Nobody did anything yet; each has all their prospects."""
    for place in range(member[SENDERS]):
        for row in range(SENDER_ROWS):
            here[row, place] = 0
        here[LEFT, place] = behaviours[senders[member[FIRST_SENDER] + place, BEHAVIOUR], PROSPECTS]
        here[QUOTA_STEP, place] = NONE
        here[ROOM_STEP, place] = NONE
        here[LIMITED_TO, place] = senders[member[FIRST_SENDER] + place, SEAT_LIMIT]
        here[USED, place] = senders[member[FIRST_SENDER] + place, SEAT_USED]


@compiled
def begin_flights(
    member: Ints,
    phases: Ints,
    terms_of: Ints32,
    open_messages: Ints,
    fates: Ints32,
    here: Ints,
    rows: Ints32,
    lots: Ints,
    nodes: Ints,
    instants: Ints,
    steps: int,
    node: int,
) -> None:
    """What becomes of the messages open at the start, which are the first sender's.

    Their places in the lists begin with ``node``.
    """
    phase = phases[member[PHASE]]
    for place in range(member[LAST_FLIGHT] - member[FIRST_FLIGHT]):
        flight = open_messages[member[FIRST_FLIGHT] + place]
        x, until, lot = fates[FLIGHT_LAG, place], flight[WINDOW_AT], flight[PAID_BY]
        counts = False
        if x < steps:
            rows[REPLIED, x] += 1
            counts = ((flight[OPEN_COUNTING] >> fates[FLIGHT_KIND, place]) & 1) == 1 and instants[x] < until
        back = flight[WITHDRAWN_STEP]
        withdrawn = fates[FLIGHT_TAKEN, place] == 1 and back < steps
        if withdrawn:
            rows[WITHDRAWN, back] += 1
        if not flight[OPEN_ON_SILENCE]:
            if counts and x < phase[OVER_STEP]:
                terms = phases[member[PHASE] + terms_of[x]]
                if refund_answer(terms, rows, lots, nodes, instants, node + place, lot, x, False):
                    here[SEAT_REFUNDED, 0] += 1
        elif not counts and until < phase[OVER_AT] and until <= instants[steps - 1]:
            if withdrawn and instants[back] < until:
                continue
            await_silence(rows, nodes, instants, node + place, lot, 0, until, 0)


@inlined
def lives_until(phase: Ints, at: int) -> int:
    """When a credit received at that instant expires (R8)."""
    return NEVER_AT if phase[LIFETIME] == NONE else at + phase[LIFETIME]


@inlined
def pass_time(
    member: Ints,
    phases: Ints,
    events: Ints,
    here: Ints,
    rows: Ints32,
    lots: Ints,
    state: Ints,
    nodes: Ints,
    s: int,
    now: int,
) -> None:
    """All that time and planned facts bring up to the instant of step ``s``, instant by instant (D6)."""
    while True:
        event, silent = state[NEXT_EVENT], rows[FOR_SILENCE, s]
        event_at = events[event, AT] if event < member[LAST_EVENT] else NEVER_AT
        silent_at = nodes[SILENT_AT, silent] if silent != NONE else NEVER_AT
        if min(event_at, silent_at) > now:
            break
        expire(lots, state, min(event_at, silent_at))
        if silent_at < event_at or (silent_at == event_at and events[event, PLANNED]):
            rows[FOR_SILENCE, s] = nodes[FOLLOWING, silent]
            receive_silence(phases[state[PHASE_NOW]], here, rows, lots, state, nodes, silent, s, silent_at)
        else:
            state[NEXT_EVENT] += 1
            happen(events[event], phases, here, rows, lots, state, s)
    expire(lots, state, now)


@compiled
def receive_silence(
    phase: Ints,
    here: Ints,
    rows: Ints32,
    lots: Ints,
    state: Ints,
    nodes: Ints,
    node: int,
    s: int,
    at: int,
) -> None:
    """The refund of a message unanswered at the end of its window, unless its lot has expired (D7)."""
    if not phase[ORIGINAL]:
        receive(lots, state, 1, lives_until(phase, at))
    elif lots[EXPIRES_AT, nodes[LOT_OF, node]] > at:
        put_back(lots, state, nodes[LOT_OF, node], 1)
    else:
        return
    rows[REFUNDED, s] += 1
    here[SEAT_REFUNDED, nodes[SENT_BY, node]] += 1


@inlined
def sell(phase: Ints, rows: Ints32, lots: Ints, state: Ints, credits: int, s: int, at: int) -> None:
    """Credits bought: a lot, and less room in the billing period."""
    state[ROOM_TO_BUY] -= credits
    state[USED_ROWS] |= 1 << BOUGHT
    rows[BOUGHT, s] += credits
    receive(lots, state, credits, lives_until(phase, at))


@compiled
def give_up(rows: Ints32, lots: Ints, state: Ints, credits: int, s: int) -> None:
    """Forfeit so many credits in burn order."""
    state[USED_ROWS] |= 1 << FORFEITED
    rows[FORFEITED, s] += forfeit(lots, state, credits)


@compiled
def happen(event: Ints, phases: Ints, here: Ints, rows: Ints32, lots: Ints, state: Ints, s: int) -> None:
    """An event of the calendar: time alone brings it, or a planned fact."""
    what, credits, cap, phase = event[WHAT], event[CREDITS], event[CAP], phases[state[PHASE_NOW]]
    if what == GRANT:
        state[GRANTS] += 1
        if cap != NONE:
            give_up(rows, lots, state, max(state[HELD] + credits - cap, 0), s)
        if credits:
            receive(lots, state, credits, lives_until(phase, event[AT]))
    elif what == END:
        give_up(rows, lots, state, state[HELD], s)
        state[ROOM_TO_BUY] = 0
    elif what == BILLING:
        state[ROOM_TO_BUY] = phase[SOLD]
    elif what == ADD:
        receive(lots, state, credits, lives_until(phase, event[AT]))
    elif what == BUY and (cap == NONE or credits <= state[ROOM_TO_BUY]):
        sell(phase, rows, lots, state, credits, s, event[AT])
    elif what == TERMS:
        state[PHASE_NOW] += 1
        state[ROOM_TO_BUY] += credits
    elif what == LIMIT:
        here[LIMITED_TO, event[MARK]] = credits


@inlined
def receive_answers(
    phase: Ints, rows: Ints32, lots: Ints, state: Ints, nodes: Ints, fresh: int, s: int, now: int
) -> None:
    """The refunds of answers that have come by now and are not received yet (R5, D7)."""
    if fresh:
        receive(lots, state, fresh, lives_until(phase, now))
    node = rows[TO_LOTS, s]
    while node != NONE:
        put_back(lots, state, nodes[LOT_OF, node], 1)
        node = nodes[FOLLOWING, node]
    rows[TO_LOTS, s] = NONE


@inlined
def buy(phase: Ints, rows: Ints32, lots: Ints, state: Ints, s: int, now: int) -> None:
    """Buy as many credits as are wanted, or as many as are sold."""
    bought = min(rows[COUNTS, s], state[ROOM_TO_BUY])
    if bought > 0:
        sell(phase, rows, lots, state, bought, s, now)


@inlined
def is_held_back(
    behaviour: Ints, here: Ints, sender: int, rows: Ints32, state: Ints, to_next_grant: int, s: int
) -> bool:
    """Count a message that is wanted; whether pacing holds it back.

    The room that pacing leaves is worked out when a sender's first message of the step comes up.
    """
    rows[WANTED, s] += 1
    here[SEAT_WANTED, sender] += 1
    if behaviour[RESERVE] == NONE:
        return False
    if here[ROOM_STEP, sender] != s:
        room = max(state[HELD] - behaviour[RESERVE], 0)
        here[ROOM_STEP, sender] = s
        here[ROOM, sender] = (room + to_next_grant - 1) // to_next_grant if behaviour[SPREAD] else room
    here[ROOM, sender] -= 1
    if here[ROOM, sender] >= 0:
        return False
    state[USED_ROWS] |= 1 << HELD_BACK
    rows[HELD_BACK, s] += 1
    here[SEAT_HELD_BACK, sender] += 1
    return True


@inlined
def is_refused(
    lead: Ints,
    phase: Ints,
    here: Ints,
    sender: int,
    rows: Ints32,
    lots: Ints,
    state: Ints,
    s: int,
    now: int,
) -> bool:
    """Whether a message is refused: the limit of its sender is used up (D20), or there is no credit (R4).

    Where credits run short, more are bought first, if the ``lead`` does so and they are sold.
    """
    if here[USED_GRANT, sender] != state[GRANTS]:
        here[USED_GRANT, sender] = state[GRANTS]
        here[USED, sender] = 0
    limit = here[LIMITED_TO, sender]
    used_up = limit != NONE and here[USED, sender] >= limit
    if state[HELD] < lead[TOP_UP_BELOW] and state[ROOM_TO_BUY] > 0 and not used_up:
        sell(phase, rows, lots, state, min(lead[TOP_UP], state[ROOM_TO_BUY]), s, now)
    if used_up or state[HELD] == 0:
        here[SEAT_REFUSED, sender] += 1
        return True
    here[USED, sender] += 1
    rows[SENT, s] += 1
    here[SEAT_SENT, sender] += 1
    return False


@inlined
def is_wanted(here: Ints, sender: int, s: int) -> bool:
    """Whether there is still a prospect to write to, counted at the beginning of the step."""
    if here[LEFT, sender] == NONE:
        return True
    if here[QUOTA_STEP, sender] != s:
        here[QUOTA_STEP, sender] = s
        here[QUOTA, sender] = here[LEFT, sender]
    here[QUOTA, sender] -= 1
    return bool(here[QUOTA, sender] >= 0)


@inlined
def plan_follow_up(behaviour: Ints, messages: Ints32, rows: Ints32, m: int, s: int, steps: int) -> None:
    """Write again, later, if the message is silent by then and its sender follows it up.

    ``steps`` is that from which on the sender writes nothing more.
    """
    after = behaviour[FOLLOWS_AFTER]
    if not behaviour[FOLLOWS] or not messages[AGAIN, m] or messages[LAG, m] <= after or s + after >= steps:
        return
    if messages[TAKEN, m] and behaviour[WITHDRAWS_AFTER] <= after:
        return
    x = s + after
    messages[NEXT_AGAIN, m] = NONE
    if rows[AGAIN_FIRST, x] == NONE:
        rows[AGAIN_FIRST, x] = m
    else:
        messages[NEXT_AGAIN, rows[AGAIN_LAST, x]] = m
    rows[AGAIN_LAST, x] = m


@compiled
def play_lots(
    member: Ints,
    phases: Ints,
    terms_of: Ints32,
    senders: Ints,
    behaviours: Ints,
    events: Ints,
    next_grants: Ints32,
    messages: Ints32,
    here: Ints,
    rows: Ints32,
    lots: Ints,
    state: Ints,
    nodes: Ints,
    instants: Ints,
    count: int,
    steps: int,
) -> None:
    """Go through the steps of one path of ``count`` messages; what is prepared has begun."""
    lead = behaviours[senders[member[FIRST_SENDER], BEHAVIOUR]]
    buys = lead[PURCHASES] != NONE
    for s in range(steps):
        now = instants[s]
        pass_time(member, phases, events, here, rows, lots, state, nodes, s, now)
        phase = phases[state[PHASE_NOW]]
        receive_answers(phase, rows, lots, state, nodes, rows[DUE, s], s, now)
        if buys:
            buy(phase, rows, lots, state, s, now)
        again, place, last = rows[AGAIN_FIRST, s], rows[FIRST, s], rows[FIRST, s + 1]
        while again != NONE or place < last:
            second = again != NONE
            m = again if second else messages[TURN, place]
            sender = messages[SENDER_OF, m]
            behaviour = behaviours[senders[member[FIRST_SENDER] + sender, BEHAVIOUR]]
            if second:
                again = messages[NEXT_AGAIN, m]
            else:
                place += 1
                if not is_wanted(here, sender, s):
                    continue
            if is_held_back(behaviour, here, sender, rows, state, next_grants[s], s):
                continue
            if is_refused(lead, phase, here, sender, rows, lots, state, s, now):
                continue
            node, fates = (m + count, LAG2) if second else (m, LAG)
            settle(
                member,
                phase,
                phases,
                terms_of,
                messages,
                here,
                rows,
                lots,
                state,
                nodes,
                instants,
                m,
                fates,
                node,
                behaviour,
                s,
                steps,
            )
            if not second:
                if here[LEFT, sender] != NONE:
                    here[LEFT, sender] -= 1
                leaves = senders[member[FIRST_SENDER] + sender, LEAVES]
                plan_follow_up(behaviour, messages, rows, m, s, min(leaves, steps))
        receive_answers(phase, rows, lots, state, nodes, rows[DUE_NOW, s], s, now)
        rows[BALANCE, s] = state[HELD]

"""The general loop: the steps of one path, in the order of the rules.

Each step stands at an instant. What time alone does up to it comes first, instant by instant (D6): credits
expire, the subscription ends, a scheduled grant trims to the cap and grants, silence refunds. Then come the
facts: answers to earlier messages, purchases, sends (follow-ups first), answers within the step. A withdrawal
is the last of its step. What will become of a message is settled when it is sent: nothing later can change
it.
"""

from inmail_credits.simulation._engine.compiled import compiled, inlined
from inmail_credits.simulation._engine.lots import expire, forfeit, new_lot, put_back, receive
from inmail_credits.simulation._engine.settle import refund_answer, refund_silence, settle
from inmail_credits.simulation._engine.tables import (
    AGAIN,
    AGAIN_FIRST,
    AGAIN_LAST,
    AT,
    BALANCE,
    BEHAVIOUR,
    BILLING,
    BOUGHT,
    CAP,
    COUNT,
    COUNTS,
    CREDITS,
    DEAD,
    DUE,
    DUE_NOW,
    END,
    END_AT,
    END_STEP,
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
    HEAD,
    HELD,
    HELD_BACK,
    LAG,
    LAG2,
    LAST_EVENT,
    LAST_FLIGHT,
    LAST_LOT,
    LEFT,
    LIFETIME,
    LOT_CREDITS,
    LOT_EXPIRES_AT,
    LOT_OF,
    NEVER_AT,
    NEXT_AGAIN,
    NEXT_EVENT,
    NONE,
    OPEN_COUNTING,
    OPEN_ON_SILENCE,
    ORIGINAL,
    PAID_BY,
    PROSPECTS,
    PURCHASE_ROOM,
    PURCHASES,
    QUOTA,
    QUOTA_STEP,
    REPLIED,
    RESERVE,
    ROOM,
    ROOM_STEP,
    ROOM_TO_BUY,
    ROWS,
    SEAT_HELD_BACK,
    SEAT_REFUSED,
    SEAT_SENT,
    SEAT_WANTED,
    SENDER_OF,
    SENDER_ROWS,
    SENDERS,
    SENT,
    SILENT_AT,
    SOLD,
    SPREAD,
    TAKEN,
    TO_LOTS,
    TURN,
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


@compiled
def begin_flights(
    member: Ints,
    phase: Ints,
    open_messages: Ints,
    fates: Ints32,
    rows: Ints32,
    lots: Ints,
    nodes: Ints,
    instants: Ints,
    steps: int,
    node: int,
) -> None:
    """What becomes of the messages open at the start; their places in the lists begin with ``node``."""
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
            if counts and x < member[END_STEP]:
                refund_answer(phase, rows, lots, nodes, instants, node + place, lot, x, False)
        elif not counts and until < member[END_AT] and until <= instants[steps - 1]:
            if withdrawn and instants[back] < until:
                continue
            refund_silence(phase, rows, lots, nodes, instants, node + place, lot, until, 0)


@inlined
def pass_time(
    member: Ints,
    phase: Ints,
    events: Ints,
    rows: Ints32,
    lots: Ints,
    state: Ints,
    nodes: Ints,
    s: int,
    now: int,
) -> None:
    """All that time alone brings up to the instant of step ``s``, instant by instant (D6)."""
    lifetime = phase[LIFETIME]
    while True:
        event, silent = state[NEXT_EVENT], rows[FOR_SILENCE, s]
        event_at = events[event, AT] if event < member[LAST_EVENT] else NEVER_AT
        silent_at = nodes[SILENT_AT, silent] if silent != NONE else NEVER_AT
        if min(event_at, silent_at) > now:
            break
        expire(lots, state, min(event_at, silent_at))
        if silent_at < event_at:
            rows[FOR_SILENCE, s] = nodes[FOLLOWING, silent]
            if phase[ORIGINAL]:
                put_back(lots, state, nodes[LOT_OF, silent], 1)
            else:
                receive(lots, state, 1, NEVER_AT if lifetime == NONE else silent_at + lifetime)
            continue
        what, credits, cap = events[event, WHAT], events[event, CREDITS], events[event, CAP]
        if what == END:
            rows[FORFEITED, s] += forfeit(lots, state, state[HELD])
        elif what == GRANT:
            if cap != NONE:
                rows[FORFEITED, s] += forfeit(lots, state, max(state[HELD] + credits - cap, 0))
            if credits:
                receive(lots, state, credits, NEVER_AT if lifetime == NONE else event_at + lifetime)
        elif what == BILLING:
            state[ROOM_TO_BUY] = phase[SOLD]
        state[NEXT_EVENT] += 1
    expire(lots, state, now)


@inlined
def receive_answers(
    phase: Ints, rows: Ints32, lots: Ints, state: Ints, nodes: Ints, fresh: int, s: int, now: int
) -> None:
    """The refunds of answers that have come by now and are not received yet (R5, D7)."""
    if fresh:
        receive(lots, state, fresh, NEVER_AT if phase[LIFETIME] == NONE else now + phase[LIFETIME])
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
        state[ROOM_TO_BUY] -= bought
        rows[BOUGHT, s] += bought
        receive(lots, state, bought, NEVER_AT if phase[LIFETIME] == NONE else now + phase[LIFETIME])


@inlined
def may_send(
    behaviour: Ints, here: Ints, sender: int, rows: Ints32, state: Ints, to_next_grant: int, s: int
) -> bool:
    """One message wanted: held back by pacing, refused for want of a credit (R4), or to be sent.

    The room that pacing leaves is worked out when a sender's first message of the step comes up.
    """
    rows[WANTED, s] += 1
    here[SEAT_WANTED, sender] += 1
    if behaviour[RESERVE] != NONE:
        if here[ROOM_STEP, sender] != s:
            room = max(state[HELD] - behaviour[RESERVE], 0)
            here[ROOM_STEP, sender] = s
            here[ROOM, sender] = (room + to_next_grant - 1) // to_next_grant if behaviour[SPREAD] else room
        here[ROOM, sender] -= 1
        if here[ROOM, sender] < 0:
            rows[HELD_BACK, s] += 1
            here[SEAT_HELD_BACK, sender] += 1
            return False
    if state[HELD] == 0:
        here[SEAT_REFUSED, sender] += 1
        return False
    rows[SENT, s] += 1
    here[SEAT_SENT, sender] += 1
    return True


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
    """Write again, later, if the message is silent by then and its sender follows it up."""
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
    phase: Ints,
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
    buys = behaviours[senders[member[FIRST_SENDER], BEHAVIOUR], PURCHASES] != NONE
    for s in range(steps):
        now = instants[s]
        pass_time(member, phase, events, rows, lots, state, nodes, s, now)
        receive_answers(phase, rows, lots, state, nodes, rows[DUE, s], s, now)
        if buys and s < member[END_STEP]:
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
            if not may_send(behaviour, here, sender, rows, state, next_grants[s], s):
                continue
            node, fates = (m + count, LAG2) if second else (m, LAG)
            after = behaviour[WITHDRAWS_AFTER]
            settle(
                member,
                phase,
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
                after,
                s,
                steps,
            )
            if not second:
                if here[LEFT, sender] != NONE:
                    here[LEFT, sender] -= 1
                plan_follow_up(behaviour, messages, rows, m, s, steps)
        receive_answers(phase, rows, lots, state, nodes, rows[DUE_NOW, s], s, now)
        rows[BALANCE, s] = state[HELD]

"""What becomes of a message once it is sent: answer, withdrawal, and the refund of its credit."""

from inmail_credits.simulation._engine.compiled import inlined
from inmail_credits.simulation._engine.lots import take
from inmail_credits.simulation._engine.tables import (
    COUNTING,
    DUE,
    DUE_NOW,
    EXPIRES_AT,
    FAILED,
    FAILS_AFTER,
    FOLLOWING,
    FOR_SILENCE,
    LOT_OF,
    NEVER_AT,
    NONE,
    ON_SILENCE,
    ORIGINAL,
    OVER_AT,
    OVER_STEP,
    PHASE,
    REFUNDED,
    REPLIED,
    SEAT_REFUNDED,
    SENDER_OF,
    SENT_BY,
    SILENT_AT,
    TAKEN_AWAY,
    TO_LOTS,
    WINDOW,
    WINDOW_STEPS,
    WITHDRAWN,
    WITHDRAWS_AFTER,
    Ints,
    Ints32,
)


@inlined
def settle(
    member: Ints,
    phase: Ints,
    phases: Ints,
    terms_of: Ints32,
    messages: Ints32,
    here: Ints,
    rows: Ints32,
    lots: Ints,
    state: Ints,
    nodes: Ints,
    instants: Ints,
    m: int,
    fates: int,
    node: int,
    behaviour: Ints,
    s: int,
    steps: int,
) -> None:
    """Burn a credit for message ``m`` (R4, D4) and put what becomes of it on its way (R5-R9, D8-D10).

    ``fates`` is LAG, or LAG2 for the follow-up; ``node`` is its place in the lists of refunds. The terms of
    the ``phase`` in which it is sent decide the refund, which lives under those of its own step (D16).
    """
    lot = take(lots, state, 1)
    x, settled_at, back = fate_of(phase, behaviour, messages, rows, instants, m, fates, s, steps)
    until = instants[s] + phase[WINDOW] if phase[ON_SILENCE] else NEVER_AT
    if until <= settled_at:
        if until < phase[OVER_AT] and until <= instants[steps - 1]:
            first = s + phase[WINDOW_STEPS]
            await_silence(rows, nodes, instants, node, lot, messages[SENDER_OF, m], until, first)
    elif back and x < phase[OVER_STEP]:
        terms = phases[member[PHASE] + terms_of[x]]
        if refund_answer(terms, rows, lots, nodes, instants, node, lot, x, x == s):
            here[SEAT_REFUNDED, messages[SENDER_OF, m]] += 1


@inlined
def fate_of(
    phase: Ints,
    behaviour: Ints,
    messages: Ints32,
    rows: Ints32,
    instants: Ints,
    m: int,
    fates: int,
    s: int,
    steps: int,
) -> tuple[int, int, bool]:
    """In which step something becomes of a message, when that settles it, and whether it gives a credit back.

    The instant is NEVER_AT where nothing comes within the horizon that settles it.
    """
    lag, kind, taken = messages[fates, m], messages[fates + 1, m], messages[fates + 2, m]
    if taken == FAILED:
        x = s + behaviour[FAILS_AFTER]
        return x, instants[x] if x < steps else NEVER_AT, x < steps
    if taken == TAKEN_AWAY:
        x = s + behaviour[WITHDRAWS_AFTER]
        if x >= steps:
            return x, NEVER_AT, False
        rows[WITHDRAWN, x] += 1
        return x, instants[x], False
    x = s + lag
    if x >= steps:
        return x, NEVER_AT, False
    rows[REPLIED, x] += 1
    in_time = lag < phase[WINDOW_STEPS] or instants[x] - instants[s] < phase[WINDOW]
    if not in_time or ((phase[COUNTING] >> kind) & 1) == 0:
        return x, NEVER_AT, False
    return x, instants[x], phase[ON_SILENCE] == 0


@inlined
def refund_answer(
    phase: Ints,
    rows: Ints32,
    lots: Ints,
    nodes: Ints,
    instants: Ints,
    node: int,
    lot: int,
    x: int,
    now: bool,  # noqa: FBT001 - kernels take plain arguments
) -> bool:
    """Put the refund of an answer in step ``x`` on its way; whether it will be worth a credit (D7).

    ``now``: whether the answer comes within the step in which the message is sent.
    """
    if not phase[ORIGINAL]:
        if now:
            rows[DUE_NOW, x] += 1
        else:
            rows[DUE, x] += 1
    else:
        if lots[EXPIRES_AT, lot] <= instants[x]:
            return False
        nodes[LOT_OF, node] = lot
        nodes[FOLLOWING, node] = rows[TO_LOTS, x]
        rows[TO_LOTS, x] = node
    rows[REFUNDED, x] += 1
    return True


@inlined
def await_silence(
    rows: Ints32, nodes: Ints, instants: Ints, node: int, lot: int, sender: int, until: int, first: int
) -> None:
    """Put the refund at the end of a reply window on its way.

    It is first felt in the step at or after ``until``, which is ``first`` or later; refunds of one step are
    kept in the order of their instants.
    """
    x = first
    while instants[x] < until:
        x += 1
    nodes[LOT_OF, node] = lot
    nodes[SILENT_AT, node] = until
    nodes[SENT_BY, node] = sender
    before, after = NONE, rows[FOR_SILENCE, x]
    while after != NONE and nodes[SILENT_AT, after] <= until:
        before, after = after, nodes[FOLLOWING, after]
    nodes[FOLLOWING, node] = after
    if before == NONE:
        rows[FOR_SILENCE, x] = node
    else:
        nodes[FOLLOWING, before] = node

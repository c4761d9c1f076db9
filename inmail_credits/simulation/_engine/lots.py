"""Credits as lots: each with its expiry, in burn order (D4).

A lot is a number. The row ORDER holds the numbers in burn order, PLACE where each stands in it. Those before
``state[DEAD]`` have expired; before the place ``state[HEAD]`` no credits are left.
"""

from inmail_credits.simulation._engine.compiled import inlined
from inmail_credits.simulation._engine.tables import (
    COUNT,
    DEAD,
    EXPIRES_AT,
    HEAD,
    HELD,
    LEFT_IN,
    ORDER,
    PLACE,
    Ints,
)


@inlined
def new_lot(lots: Ints, state: Ints, expires_at: int) -> int:
    """An empty lot in its place in the burn order; its number."""
    number: int = state[COUNT]
    state[COUNT] += 1
    lots[EXPIRES_AT, number] = expires_at
    lots[LEFT_IN, number] = 0
    place = number
    while place > state[DEAD] and lots[EXPIRES_AT, lots[ORDER, place - 1]] > expires_at:
        later = lots[ORDER, place - 1]
        lots[ORDER, place] = later
        lots[PLACE, later] = place
        place -= 1
    lots[ORDER, place] = number
    lots[PLACE, number] = place
    return number


@inlined
def put_back(lots: Ints, state: Ints, number: int, credits: int) -> None:
    """Credits into a lot that has not expired."""
    lots[LEFT_IN, number] += credits
    state[HELD] += credits
    state[HEAD] = min(state[HEAD], lots[PLACE, number])


@inlined
def receive(lots: Ints, state: Ints, credits: int, expires_at: int) -> None:
    """A new lot with credits (R8); or more in the last lot, if that expires at the same instant."""
    number = state[COUNT] - 1
    if number < 0 or lots[EXPIRES_AT, number] != expires_at:
        number = new_lot(lots, state, expires_at)
    put_back(lots, state, number, credits)


@inlined
def take(lots: Ints, state: Ints, credits_max: int) -> int:
    """Take up to so many credits (1 or more; there are some) from the lot that burns next; its number."""
    head = state[HEAD]
    while lots[LEFT_IN, lots[ORDER, head]] == 0:
        head += 1
    state[HEAD] = head
    number: int = lots[ORDER, head]
    taken = min(credits_max, lots[LEFT_IN, number])
    lots[LEFT_IN, number] -= taken
    state[HELD] -= taken
    return number


@inlined
def forfeit(lots: Ints, state: Ints, credits: int) -> int:
    """Take so many credits in burn order, or all there are; how many."""
    before: int = state[HELD]
    target = max(before - credits, 0)
    while state[HELD] > target:
        take(lots, state, state[HELD] - target)
    return before - target


@inlined
def expire(lots: Ints, state: Ints, at: int) -> None:
    """Drop the credits of all lots that expire by then (R8, D2, D3)."""
    while state[DEAD] < state[COUNT] and lots[EXPIRES_AT, lots[ORDER, state[DEAD]]] <= at:
        number = lots[ORDER, state[DEAD]]
        state[HELD] -= lots[LEFT_IN, number]
        lots[LEFT_IN, number] = 0
        state[DEAD] += 1
    state[HEAD] = max(state[HEAD], state[DEAD])

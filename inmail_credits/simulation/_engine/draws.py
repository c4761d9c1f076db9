"""What one path wants, and what becomes of each message: the kernels that read random words.

Nothing here depends on the plan, or on whether a message can be sent: the messages of a sender are numbered
in the order they are wanted, and number ``m`` has the same fate under every plan (common random numbers).
"""

from typing import Final

import numpy as np

from inmail_credits.simulation._engine.compiled import compiled
from inmail_credits.simulation._engine.philox import (
    COINS,
    FAILURES,
    FLIGHT_COINS,
    FLIGHTS,
    RATES,
    WISHES,
    Words,
    fill,
)
from inmail_credits.simulation._engine.tables import (
    AGAIN,
    ANSWERED,
    BEFORE,
    CODES,
    FAILED,
    FAILS,
    FIRST_CODE,
    FIRST_FLIGHT_LAW,
    FIRST_LAW,
    FIRST_REPLY,
    FIRST_THRESHOLD,
    FLIGHT_CODE,
    FLIGHT_CODES,
    FLIGHT_KIND,
    FLIGHT_LAG,
    FLIGHT_TAKEN,
    FOLLOWS,
    GUIDE,
    GUIDE_SHIFT,
    JOINS,
    KINDS,
    LAWS,
    LEAST,
    LEAVES,
    NAMES,
    NEVER,
    ONE,
    QUANTILE_SHIFT,
    QUANTILES,
    RATE,
    REPLIES,
    SENDER_OF,
    STEP_OF,
    TAKEN_AWAY,
    TAKEN_BACK,
    THRESHOLDS,
    WITHDRAWN_STEP,
    WITHDRAWS,
    WITHDRAWS_AFTER,
    Ints,
    Ints32,
)

FEW: Final = 32


@compiled
def law_counts(laws: Ints, law: int, thresholds: Words, words: Words, steps: int, out: Ints32) -> None:
    """``out[s]`` is the least number of a law, and one for each of its thresholds that word ``s`` reaches."""
    least, first, size = np.int32(laws[law, LEAST]), laws[law, FIRST_THRESHOLD], laws[law, THRESHOLDS]
    for s in range(steps):
        out[s] = least
    if size > FEW:
        for s in range(steps):
            low, high = first, first + size
            while low < high:
                middle = (low + high) // 2
                if words[s] >= thresholds[middle]:
                    low = middle + 1
                else:
                    high = middle
            out[s] += np.int32(low - first)
        return
    last, k = first + size, first
    while k + 4 <= last:
        t0, t1, t2, t3 = thresholds[k], thresholds[k + 1], thresholds[k + 2], thresholds[k + 3]
        for s in range(steps):
            word = words[s]
            out[s] += (
                np.int32(word >= t0) + np.int32(word >= t1) + np.int32(word >= t2) + np.int32(word >= t3)
            )
        k += 4
    while k < last:
        t0 = thresholds[k]
        for s in range(steps):
            out[s] += np.int32(words[s] >= t0)
        k += 1


@compiled
def draw_wishes(
    sender: Ints,
    behaviour: Ints,
    laws: Ints,
    thresholds: Words,
    slots: Ints32,
    path: int,
    steps: int,
    words: Words,
    counts: Ints32,
    other: Ints32,
) -> int:
    """How many messages a sender wants in each step of a path, into ``counts``; how many in all."""
    first_law = behaviour[FIRST_LAW]
    fill(sender, path, WISHES, steps, words)
    law_counts(laws, first_law, thresholds, words, steps, counts)
    for law in range(1, behaviour[LAWS]):
        law_counts(laws, first_law + law, thresholds, words, steps, other)
        for s in range(steps):
            counts[s] = other[s] if slots[s] == law else counts[s]
    for s in range(min(sender[JOINS], steps)):
        counts[s] = 0
    for s in range(sender[LEAVES], steps):
        counts[s] = 0
    total = 0
    for s in range(steps):
        total += counts[s]
    return total


@compiled
def place_messages(counts: Ints32, messages: Ints32, number: int, offset: int, steps: int) -> None:
    """Give each message of sender ``number`` its step; messages are numbered from ``offset`` on."""
    step_of, sender_of = messages[STEP_OF], messages[SENDER_OF]
    m = offset
    for s in range(steps):
        count = counts[s]
        step_of[m] = s
        step_of[m + 1] = s
        for extra in range(2, count):
            step_of[m + extra] = s
        m += count
    for message in range(offset, m):
        sender_of[message] = number


@compiled
def reply_law(
    sender: Ints, behaviour: Ints, replies: Ints, quantiles: Ints, path: int, words: Words
) -> tuple[int, int]:
    """Which law of replies a path follows, and its chance of an answer (2^-32)."""
    row, choices, rates = behaviour[FIRST_REPLY], behaviour[REPLIES], behaviour[QUANTILES]
    if choices > 1 or rates >= 0:
        fill(sender, path, RATES, 2, words)
    if choices > 1:
        row += (np.int64(words[0]) * choices) >> 32
    rate = replies[row, RATE]
    if rates >= 0:
        word = np.int64(words[1])
        cell = word >> QUANTILE_SHIFT
        low, high = quantiles[rates, cell], quantiles[rates, cell + 1]
        rate = low + (((high - low) * (word & ((1 << QUANTILE_SHIFT) - 1))) >> QUANTILE_SHIFT)
    return row, rate


@compiled
def draw_fates(
    sender: Ints,
    replies: Ints,
    cumulative: Ints,
    guides: Ints32,
    law: int,
    rate: int,
    path: int,
    purpose: int,
    first: int,
    count: int,
    words: Words,
    messages: Ints32,
    row: int,
) -> int:
    """After how many steps each message is answered, and how.

    The messages are those from number ``first`` on; they follow the ``law`` of replies, at the chance
    ``rate``. ``purpose`` is FATES and ``row`` LAG, or SECOND_FATES and LAG2. The numbers of the answered
    messages are left in the row ANSWERED; how many is returned.
    """
    lag, kind, taken, who = messages[row], messages[row + 1], messages[row + 2], messages[ANSWERED]
    fill(sender, path, purpose, 2 * count, words)
    for m in range(first, first + count):
        lag[m] = NEVER
        taken[m] = 0
    answered = 0
    for m in range(count):
        who[answered] = m + first
        answered += int(np.int64(words[2 * m]) < rate)
    first_code, codes, kinds = replies[law, FIRST_CODE], replies[law, CODES], replies[law, KINDS]
    guide = guides[replies[law, GUIDE]]
    for place in range(answered):
        m = who[place]
        word = np.int64(words[2 * (m - first) + 1])
        code = np.int64(guide[word >> GUIDE_SHIFT])
        while word >= cumulative[first_code + code]:
            code += 1
        if code < codes:
            later = code // kinds if kinds > 1 else code
            lag[m] = later
            kind[m] = replies[law, NAMES + code - later * kinds]
    return answered


@compiled
def draw_coins(
    behaviour: Ints,
    sender: Ints,
    path: int,
    purpose: int,
    first: int,
    count: int,
    words: Words,
    messages: Ints32,
    row: int,
) -> int:
    """Which messages are withdrawn instead, and which are followed up.

    ``purpose`` is COINS and ``row`` LAG, or SECOND_COINS and LAG2. The numbers of those withdrawn are left in
    the row TAKEN_BACK; how many is returned.
    """
    lag, taken, again, back = messages[row], messages[row + 2], messages[AGAIN], messages[TAKEN_BACK]
    withdraws, after, follows = behaviour[WITHDRAWS], behaviour[WITHDRAWS_AFTER], behaviour[FOLLOWS]
    fill(sender, path, purpose, 2 * count, words)
    withdrawn = 0
    for m in range(count):
        back[withdrawn] = m + first
        withdrawn += int((np.int64(words[2 * m]) < withdraws) & (lag[m + first] > after))
    for place in range(withdrawn):
        lag[back[place]] = NEVER
        taken[back[place]] = TAKEN_AWAY
    if purpose == COINS:
        for m in range(count):
            again[m + first] = np.int64(words[2 * m + 1]) < follows
    return withdrawn


@compiled
def draw_failures(
    behaviour: Ints,
    sender: Ints,
    path: int,
    purpose: int,
    first: int,
    count: int,
    words: Words,
    messages: Ints32,
    row: int,
) -> None:
    """Which messages do not arrive: these are neither answered, withdrawn nor followed up.

    ``purpose`` is FAILURES and ``row`` LAG, or SECOND_FAILURES and LAG2.
    """
    lag, taken, again = messages[row], messages[row + 2], messages[AGAIN]
    fill(sender, path, purpose, count, words)
    for m in range(count):
        if np.int64(words[m]) < behaviour[FAILS]:
            lag[m + first] = NEVER
            taken[m + first] = FAILED
            if purpose == FAILURES:
                again[m + first] = 0


@compiled
def draw_flights(
    sender: Ints,
    behaviour: Ints,
    open_messages: Ints,
    laws: Ints,
    replies: Ints,
    cumulative: Ints,
    law: int,
    rate: int,
    first: int,
    count: int,
    path: int,
    words: Words,
    coins: Words,
    fates: Ints32,
) -> None:
    """What becomes of the messages open at the start: ``count`` rows of ``open_messages`` from ``first`` on.

    A message of age ``a`` that is unanswered is answered later with the chance r (1 - F(a)) / (1 - r F(a)),
    where r is the reply rate and F the distribution of delays.
    """
    kinds, alternative = replies[law, KINDS], law - behaviour[FIRST_REPLY]
    fill(sender, path, FLIGHTS, 2 * count, words)
    fill(sender, path, FLIGHT_COINS, 2 * count, coins)
    for place in range(count):
        own = open_messages[first + place, FIRST_FLIGHT_LAW] + alternative
        first_code, codes = laws[own, FLIGHT_CODE], laws[own, FLIGHT_CODES]
        lag = np.int64(NEVER)
        if np.int64(words[2 * place]) < _given_silence(rate, laws[own, BEFORE]):
            code, high, word = 0, codes, np.int64(words[2 * place + 1])
            while code < high:
                middle = (code + high) // 2
                if word >= cumulative[first_code + middle]:
                    code = middle + 1
                else:
                    high = middle
            if code < codes:
                lag = code // kinds
                fates[FLIGHT_KIND, place] = replies[law, NAMES + code - lag * kinds]
        step = open_messages[first + place, WITHDRAWN_STEP]
        taken = step >= 0 and np.int64(coins[2 * place]) < behaviour[WITHDRAWS] and lag > step
        fates[FLIGHT_TAKEN, place] = taken
        fates[FLIGHT_LAG, place] = NEVER if taken else lag


@compiled
def _given_silence(rate: int, before: int) -> int:
    """The chance of an answer to come, given none so far: in 30 bits, so that products fit 64."""
    rate, before, one = rate >> 2, before >> 2, ONE >> 2
    rest = one - ((rate * before) >> 30)
    return ((rate * (one - before)) // rest) << 2 if rest > 0 else 0

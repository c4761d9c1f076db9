"""The arrays the kernels read and write: what a member is, what is drawn from, what is kept.

A table has one row a member, a sender, a behaviour ...; its columns are named below. Rows refer to each other
by number. A *member* is one account or contract; a *sender* is whoever sends on it, one for a personal
account, one for each seat of a contract. Instants are microseconds since 1970 UTC. A chance is a whole number
of 2^-32: an event of chance ``p`` happens where a random 32-bit word is below ``p``.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint32]

ONE: Final = 1 << 32
"""The chance of what is sure."""
NEVER_AT: Final = 1 << 62
"""An instant that never comes."""
NEVER: Final = 1 << 30
"""A number of steps that never pass."""
NONE: Final = -1
GUIDE_SHIFT: Final = 22
"""A guide has an entry for each value of the first 10 bits of a word."""
QUANTILE_SHIFT: Final = 22
"""So have the quantiles of a reply rate; the other 22 bits lie between two entries."""

# Members: the senders from FIRST_SENDER on; steps stand at START_AT + step * WIDTH + shifts[SHIFTS, step];
# GONE is a row of ``Tables.gone``, PACING one of ``Tables.next_grants``. The terms at the start are the row
# PHASE of ``Tables.phases``, later ones follow it; TERMS_OF is a row of ``Tables.terms_of``. Events, lots and
# flights are those from the first up to the last.
(
    FORM,
    FIRST_SENDER,
    SENDERS,
    OPENING,
    START_AT,
    WIDTH,
    SHIFTS,
    GONE,
    PACING,
    PHASE,
    TERMS_OF,
    FIRST_EVENT,
    LAST_EVENT,
    FIRST_LOT,
    LAST_LOT,
    FIRST_FLIGHT,
    LAST_FLIGHT,
    PURCHASE_ROOM,
) = range(18)
QUEUE, LOTS = 0, 1
"""FORM: a member's credits are kept as a queue (:mod:`queue`) or as lots (:mod:`loop`)."""

# Senders: a key of two words for their random numbers; they send from step JOINS up to LEAVES. SEAT_LIMIT is
# the most they may send from one scheduled grant to the next (NONE), SEAT_USED what they had sent of it.
KEY, KEY_HIGH, BEHAVIOUR, JOINS, LEAVES, SEAT_LIMIT, SEAT_USED = range(7)

# Behaviours: LAWS laws of counts from FIRST_LAW on, and the row of ``slots`` that says which of them a step
# has; REPLIES laws of replies from FIRST_REPLY on, of which each path has one; a row of reply rates, or NONE;
# chances of withdrawal, follow-up and failure, and after how many steps; prospects and reserve, or NONE; a
# law of purchases, or NONE; how many credits are bought where fewer than so many are held, or 0 and 0.
(
    FIRST_LAW,
    LAWS,
    SLOTS,
    FIRST_REPLY,
    REPLIES,
    QUANTILES,
    WITHDRAWS,
    WITHDRAWS_AFTER,
    FOLLOWS,
    FOLLOWS_AFTER,
    FAILS,
    FAILS_AFTER,
    PROSPECTS,
    RESERVE,
    SPREAD,
    PURCHASES,
    TOP_UP,
    TOP_UP_BELOW,
) = range(18)

# Laws of counts: LEAST, and one more for each threshold that a word reaches.
LEAST, FIRST_THRESHOLD, THRESHOLDS = range(3)

# Laws of replies: the chance of an answer; CODES cumulative chances of the codes ``lag * kinds + kind``; the
# row of their guide; the numbers of the kinds, from NAMES on.
RATE, FIRST_CODE, CODES, KINDS, GUIDE, NAMES = range(6)
NAMES_MAX: Final = 5

# Terms of a plan: lifetime and reply window in microseconds (NONE, NEVER_AT); every answer within
# WINDOW_STEPS is in time; whether silence refunds, whether to the original lot; a bit for each kind of reply
# that counts; credits sold in a billing period. For a message sent under them a reply refunds before the step
# OVER_STEP, and silence before the instant OVER_AT: then the subscription is over (D12).
LIFETIME, WINDOW, WINDOW_STEPS, ON_SILENCE, ORIGINAL, COUNTING, SOLD, OVER_STEP, OVER_AT = range(9)

# Events: at an instant, first felt in a step; what it is about and by how much, see below; whether a planned
# fact does it, and not time alone. For the queue: whatever had been received by ROW (see ``Tables.gone``),
# and MARK more, has expired by then.
AT, STEP, WHAT, CREDITS, CAP, PLANNED, MARK, ROW = range(8)
EXPIRE, END, GRANT, BILLING, ADD, BUY, TERMS, LIMIT = range(8)
"""WHAT an event is; what time alone does stands at one instant in this order (D6).

EXPIRE: lots expire. END: the subscription ends. GRANT: CREDITS are granted on schedule, CAP is the cap
(NONE). BILLING: a billing period begins. ADD: CREDITS are granted to seats that are added. BUY: CREDITS are
bought; if CAP is 0, only where so many are still sold. TERMS: the next phase begins, and CREDITS more are
sold in this billing period. LIMIT: sender number MARK may send CREDITS from one grant to the next (NONE).
"""

# Lots at the start, in burn order.
LOT_CREDITS, LOT_EXPIRES_AT = range(2)

# Messages open at the start: the lot that paid, the end of the reply window, the step in which it may be
# withdrawn (NONE), and its laws, one for each law of replies of the behaviour; the kinds that count, and
# whether silence refunds.
PAID_BY, FIRST_FLIGHT_LAW, WINDOW_AT, WITHDRAWN_STEP, OPEN_COUNTING, OPEN_ON_SILENCE = range(6)

# Their laws: the chance that an answer would have come before the start, and the cumulative chances of the
# codes given that none did.
BEFORE, FLIGHT_CODE, FLIGHT_CODES = range(3)

# Figures kept of each path by step. BALANCE is that at the end of the step, the others add up.
WANTED, HELD_BACK, SENT, REPLIED, WITHDRAWN, BOUGHT, REFUNDED, FORFEITED, BALANCE = range(9)
ROWS: Final = 9
USUAL_ROWS: Final = (1 << WANTED) | (1 << SENT) | (1 << REFUNDED) | (1 << REPLIED) | (1 << BALANCE)
"""Bits of the rows that hold something on every path; the others are noted where they are written to."""
FINAL_BALANCE, DRY_DAY = BALANCE, 9
TOTALS: Final = 10
"""Figures kept of each path: sums of the rows, the last balance, and the first day with a refusal."""
REFUSED_PATHS, DRY_PATHS = 9, 10
SUMS: Final = 11
"""Sums over paths by day: of the rows, and how many paths were refused, and refused for the first time."""
EXPIRED, REFUSED = BALANCE, 9
SQUARES: Final = 10
"""Squares kept by period: of what each row adds up to over it, EXPIRED in the place of the balance. They are
those of credits expired less credits granted, which differ by the same on every path.
"""


class Tables(NamedTuple):
    """Everything the kernels read."""

    members: Ints
    senders: Ints
    behaviours: Ints
    laws: Ints
    replies: Ints
    phases: Ints
    events: Ints
    lots: Ints
    flights: Ints
    flight_laws: Ints
    thresholds: Words
    cumulative: Ints
    guides: Ints32
    slots: Ints32
    shifts: Ints
    gone: Ints32
    next_grants: Ints32
    terms_of: Ints32
    """For each step, how many phases of a member have begun since its first."""
    quantiles: Ints
    grid: Ints
    """The number of days, and of steps a day."""
    cuts: Ints
    """Periods over which squares are kept: the first day of each, and the day after its last."""


# Rows of ``Work.steps``: the figures kept, and behind them what one path needs by step: counts drawn, refunds
# due to fresh lots early and late in a step, where the messages of a step begin, and the first and last of
# lists by step.
COUNTS, DUE, DUE_NOW, FIRST, TO_LOTS, FOR_SILENCE, AGAIN_FIRST, AGAIN_LAST = range(ROWS, ROWS + 8)
STEP_ROWS: Final = ROWS + 8

# Rows of ``Work.messages``: the step and the sender; after how many steps an answer comes, of which kind, and
# what becomes of it instead (see FAILED); the same of its follow-up; whether silence leads to one; then
# lists: the answered ones, those withdrawn, all in the order they are sent, and the next one to be followed
# up.
(
    STEP_OF,
    SENDER_OF,
    LAG,
    KIND,
    TAKEN,
    LAG2,
    KIND2,
    TAKEN2,
    AGAIN,
    ANSWERED,
    TAKEN_BACK,
    TURN,
    NEXT_AGAIN,
) = range(13)
MESSAGE_ROWS: Final = 13
TAKEN_AWAY, FAILED = 1, 2
"""TAKEN: whether a message is withdrawn, or does not arrive; 0 for neither."""

# Rows of ``Work.nodes``, by message, by follow-up and by message open at the start: the next in a list of
# refunds, the lot that paid, when silence refunds, and to which sender (NONE).
FOLLOWING, LOT_OF, SILENT_AT, SENT_BY = range(4)
NODE_ROWS: Final = 4

# Rows of ``Work.lots`` by number of the lot (ORDER: by place in the burn order).
EXPIRES_AT, LEFT_IN, ORDER, PLACE = range(4)
LOT_ROWS: Final = 4

# Rows of ``Work.senders``: what each sender did, and what they still may: prospects left, the room of a step,
# the limit, and what was sent of it since the scheduled grant number USED_GRANT.
(
    SEAT_WANTED,
    SEAT_HELD_BACK,
    SEAT_SENT,
    SEAT_REFUSED,
    SEAT_REFUNDED,
    LEFT,
    QUOTA,
    QUOTA_STEP,
    ROOM,
    ROOM_STEP,
    LIMITED_TO,
    USED,
    USED_GRANT,
) = range(13)
SEAT_FIGURES: Final = 5
SEAT_DRY: Final = SEAT_FIGURES
"""Of ``Kept.seats``: whether any message of the sender was refused."""
SEAT_SUMS: Final = SEAT_FIGURES + 1
SENDER_ROWS: Final = 13

# Of ``Work.state``: where the lots and the calendar stand; the phase, and the scheduled grants so far.
# USED_ROWS has a bit for each of the rows FORFEITED, BOUGHT and HELD_BACK that was written to.
HEAD, DEAD, COUNT, HELD, NEXT_EVENT, ROOM_TO_BUY, PHASE_NOW, GRANTS, USED_ROWS = range(9)
STATE: Final = 9

FLIGHT_LAG, FLIGHT_KIND, FLIGHT_TAKEN = range(3)
MARGIN: Final = 4
"""Places for messages beyond the last one, which are written but never read."""


class Work(NamedTuple):
    """Room for one path at a time, used again and again; the rows are named above.

    ``received`` is what the queue had received by the end of each step, ``instants`` when the steps are.
    """

    words: Words
    steps: Ints32
    messages: Ints32
    nodes: Ints
    lots: Ints
    senders: Ints
    state: Ints
    received: Ints
    instants: Ints
    flights: Ints32


class Kept(NamedTuple):
    """What is kept of all paths. ``totals`` has shape (TOTALS, paths); ``sums`` (SUMS, days).

    ``counts`` has shape (days, width): how many paths end each day with ``lows`` + k credits; no columns: not
    kept. ``daily`` has shape (ROWS, days, paths), or no rows. ``seats`` has shape (3, SEAT_SUMS, senders):
    sums over paths of what each sender did, of its squares, and of its products with what the sender wanted;
    or no senders. ``together`` has shape (paths, days): the balances of all members of a path added up; or no
    rows. ``squares`` has shape (SQUARES, periods): sums over paths of squares, or no periods.
    """

    totals: Ints32
    sums: Ints
    counts: Ints32
    lows: Ints
    daily: Ints32
    seats: Ints
    together: Ints
    squares: Ints

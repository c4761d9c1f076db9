"""What chance says of one path of the engine, worked out anew from the same random words in plain Python."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from inmail_credits.plans import ReplyKind
from inmail_credits.simulation._engine import philox
from inmail_credits.simulation._engine.calendar import EPOCH, MICROSECOND, Grid
from inmail_credits.simulation._engine.chances import (
    CountLaw,
    chance,
    count_law,
    cumulative_chances,
    rate_quantiles,
    reply_codes,
)
from inmail_credits.simulation._engine.opening import OpenMessage
from inmail_credits.simulation._engine.tables import NEVER
from inmail_credits.simulation._engine.wishes import wishes_of
from inmail_credits.simulation.behaviour import Outreach, Replies, UncertainReplies
from inmail_credits.timeline import DAY

Ints = npt.NDArray[np.int64]
ONE: Final = 1 << 32
"""One more than the largest random word."""


def philox_block(key: tuple[int, int], path: int, purpose: int, block: int) -> tuple[int, int, int, int]:
    """One block of Philox4x32-10 in plain whole numbers.

    Example:
        >>> [f"{word:08x}" for word in philox_block((0, 0), 0, 0, 0)]
        ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    low = ONE - 1
    (k0, k1), (x0, x1, x2, x3) = key, (block, path, purpose, 0)
    for _ in range(10):
        p0, p1 = x0 * 0xD2511F53, x2 * 0xCD9E8D57
        x0, x1, x2, x3 = (p1 >> 32) ^ x1 ^ k0, p1 & low, (p0 >> 32) ^ x3 ^ k1, p0 & low
        k0, k1 = (k0 + 0x9E3779B9) & low, (k1 + 0xBB67AE85) & low
    return x0, x1, x2, x3


class Fate(NamedTuple):
    """What becomes of a message: after how many steps it is answered and how, or what else becomes of it."""

    lag: int | None
    kind: ReplyKind | None
    withdrawn: bool
    failed: bool = False


class Wish(NamedTuple):
    """One message wanted: its fate, and that of the follow-up that silence leads to, if it does."""

    fate: Fate
    follow_up: Fate | None


class Draws:
    """What chance says of one path of an outreach, given the key of its random numbers."""

    def __init__(self, outreach: Outreach, grid: Grid, key: tuple[int, int], path: int) -> None:
        self._outreach = outreach
        self._grid = grid
        self._key = key
        self._path = path
        self._law, self._rate = self._reply_law()

    def word(self, purpose: int, number: int) -> int:
        """One random word."""
        return philox_block(self._key, self._path, purpose, number // 4)[number % 4]

    def wishes(self, joins: int = 0, leaves: int = NEVER) -> Iterator[list[Wish]]:
        """The messages wanted in each step: from step ``joins`` up to ``leaves``, and none in the others."""
        grid = self._grid
        days = grid.steps // grid.steps_per_day
        laws, slots, _ = wishes_of(self._outreach.sends, grid.first_day, days, grid.steps_per_day)
        number = 0
        for step in range(grid.steps):
            there = joins <= step < leaves
            count = _count(laws[int(slots[step])], self.word(philox.WISHES, step)) if there else 0
            yield [self._wish(number + place) for place in range(count)]
            number += count

    def purchases(self, step: int) -> int:
        """The credits wanted beside the allotment in a step."""
        law = count_law(self._outreach.purchases.pmf(steps_per_day=self._grid.steps_per_day))
        return _count(law, self.word(philox.BUYS, step))

    def of_open_message(self, place: int, message: OpenMessage) -> Fate:
        """What becomes of a message open at the start, as counted from then; ``place`` is its number."""
        grid, law = self._grid, self._law
        age_days = (grid.start - message.sent_at) / DAY
        before = float(law.delay.below(np.array([age_days]))[0])
        chances = law.chances_after(age_days, max(grid.steps, 1), steps_per_day=grid.steps_per_day)
        cumulative = cumulative_chances(chances, 1 / (1 - before) if before < 1 else 0.0)
        answer = None
        if self.word(philox.FLIGHTS, 2 * place) < _given_silence(self._rate, chance(before)):
            answer = _code(cumulative, self.word(philox.FLIGHTS, 2 * place + 1))
        law_of_withdrawal = self._outreach.withdrawals
        silent_until = message.sent_at + law_of_withdrawal.after_days * DAY
        coin = self.word(philox.FLIGHT_COINS, 2 * place) < chance(law_of_withdrawal.rate)
        return self._fate(
            answer, coin=coin and silent_until >= grid.start, after=self.withdrawn_step(message)
        )

    def withdrawn_step(self, message: OpenMessage) -> int:
        """The step in which a message open at the start is withdrawn, if it is."""
        silent_until = message.sent_at + self._outreach.withdrawals.after_days * DAY
        return self._grid.step_of((silent_until - EPOCH) // MICROSECOND)

    def _reply_law(self) -> tuple[Replies, int]:
        """The replies of this path, and the chance of an answer."""
        replies = self._outreach.replies
        if isinstance(replies, UncertainReplies):
            number = self.word(philox.RATES, 0) * len(replies.alternatives) >> 32
            law = replies.alternatives[number]
            return law, chance(law.rate)
        if replies.sample_size is None or not 0 < replies.rate < 1:
            return replies, chance(replies.rate)
        quantiles = rate_quantiles(replies.rate, replies.sample_size).tolist()
        cell, part = divmod(self.word(philox.RATES, 1), 1 << 22)
        return replies, quantiles[cell] + ((quantiles[cell + 1] - quantiles[cell]) * part >> 22)

    def _wish(self, number: int) -> Wish:
        follow_up = self._outreach.sends.follow_up
        fate = self._drawn(philox.FATES, philox.COINS, philox.FAILURES, number)
        if (
            fate.failed
            or follow_up is None
            or self.word(philox.COINS, 2 * number + 1) >= chance(follow_up.share)
        ):
            return Wish(fate, None)
        per_day = self._grid.steps_per_day
        after = follow_up.after_days * per_day
        gone = fate.withdrawn and self._outreach.withdrawals.after_days * per_day <= after
        if gone or (fate.lag is not None and fate.lag <= after):
            return Wish(fate, None)
        return Wish(
            fate, self._drawn(philox.SECOND_FATES, philox.SECOND_COINS, philox.SECOND_FAILURES, number)
        )

    def _drawn(self, fates: int, coins: int, failures: int, number: int) -> Fate:
        if self.word(failures, number) < chance(self._outreach.failures.rate):
            return Fate(None, None, withdrawn=False, failed=True)
        answer = None
        if self.word(fates, 2 * number) < self._rate:
            codes = reply_codes(self._law, self._grid.steps, self._grid.steps_per_day)
            answer = _code(codes.cumulative, self.word(fates, 2 * number + 1))
        withdrawals = self._outreach.withdrawals
        coin = self.word(coins, 2 * number) < chance(withdrawals.rate)
        return self._fate(answer, coin=coin, after=withdrawals.after_days * self._grid.steps_per_day)

    def _fate(self, code: int | None, *, coin: bool, after: int) -> Fate:
        """An answer of that code; or a withdrawal, if the coin says so and no answer comes before."""
        kinds = [kind for kind, _ in self._law.kinds]
        if code is not None:
            lag, kind = divmod(code, len(kinds))
            if not coin or lag <= after:
                return Fate(lag, kinds[kind], withdrawn=False)
        return Fate(None, None, coin)


def _count(law: CountLaw, word: int) -> int:
    return law.least + int(np.count_nonzero(word >= law.thresholds))


def _code(cumulative: Ints, word: int) -> int | None:
    """The first code whose cumulative chance is above the word; ``None`` beyond the horizon."""
    code = int(np.searchsorted(cumulative[:-1], word, side="right"))
    return code if code < len(cumulative) - 1 else None


def _given_silence(rate: int, before: int) -> int:
    rate, before, one = rate >> 2, before >> 2, ONE >> 2
    rest = one - (rate * before >> 30)
    return (rate * (one - before) // rest) << 2 if rest else 0

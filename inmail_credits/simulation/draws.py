"""Chance, block by block and step by step: the same bits for any number of workers, paths and days.

The problem: a forecast that changes because it ran on four cores, or because somebody asked for one more
day, cannot be compared with anything. So paths come in blocks of a fixed size; each block has streams of
its own, derived from the seed and the block's number; each stream is consumed in order of time, in chunks
of a fixed number of steps, and always for the whole block. More paths, more days, other workers: what was
there stays bit for bit.

What is drawn never depends on the plan or on what the credits allow: the number of messages *wanted* in a
step, and the fate of each of them, whether it can be sent or not. Two plans on one seed meet the same wishes
and the same answers (common random numbers), and the ledger can be driven by the very same draws.
"""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import repeat
from math import prod
from typing import Final, NamedTuple

import numpy as np

from inmail_credits._inputs import as_whole
from inmail_credits.simulation.behaviour import Outreach
from inmail_credits.simulation.flights import flight_laws
from inmail_credits.simulation.opening import Opening
from inmail_credits.simulation.patterns import (
    NO_MARKS,
    Chances,
    Counts,
    FlatLaw,
    Marks,
    Outlines,
    PatternLaw,
    Streams,
    random16,
)
from inmail_credits.simulation.sends import FollowUp, SendLaw
from inmail_credits.simulation.tables import Floats, Index, Table, Whole
from inmail_credits.timeline import DAY

BLOCK_PATHS: Final = 10_000
CHUNK_STEPS: Final = 8
CODED_STEPS: Final = 1024
SEED_MAX: Final = 1 << 128
NOTHING: Final = -1
WITHDRAWN: Final = -2

_STREAMS: Final = (
    "rates",
    "words",
    "fates",
    "fine",
    "lags",
    "follow_ups",
    "opening",
    "purchases",
    "purchases_fine",
)


class Fates(NamedTuple):
    """The messages of one step to which something happens; arrays of shape (m,), in no order of meaning.

    ``path`` counts within the block; ``position`` is the place among the path's wanted messages of the step,
    0 for the first. ``code`` is ``lag * kinds + kind`` for an answer that comes ``lag`` steps later, of the
    kind of that number in ``outreach.replies.kinds``; an answer beyond the horizon has a larger lag.
    """

    path: Index
    position: Whole
    code: Whole


class StepDraws(NamedTuple):
    """What chance says about one step of one block.

    ``wanted`` has shape (block_paths,). ``follow_ups`` holds those messages whose silence leads to a second
    one, with the code of that one's fate: of an answer, or ``NOTHING``, or ``WITHDRAWN``. ``purchases``
    are the credits wanted beside the allotment, shape (block_paths,).
    """

    wanted: Counts
    answered: Fates
    withdrawn: Marks
    follow_ups: Fates | None
    purchases: Counts | None = None


class FateLaw:
    """When answers come and what is withdrawn, on the grid of steps.

    Withdrawal wins over an answer that would come later; so three things can happen to a message, and the
    chances of each are worked out here. ``lags`` is the distribution of the code of an answer.
    """

    def __init__(self, outreach: Outreach, steps: int, steps_per_day: int) -> None:
        replies, withdrawals = outreach.replies, outreach.withdrawals
        self.kinds = len(replies.kinds)
        self.withdrawn_steps = withdrawals.after_days * steps_per_day
        chances = replies.chances(max(steps, CODED_STEPS), steps_per_day=steps_per_day)
        soon = replies.chances(self.withdrawn_steps + 1, steps_per_day=steps_per_day)
        self._late = min(max(1.0 - float(soon.sum()), 0.0), 1.0)
        self._rate = withdrawals.rate
        kept = 1.0 - self._rate * self._late
        chances[self.withdrawn_steps + 1 :] *= 1.0 - self._rate
        if kept > 0:
            chances /= kept
        self.lags = Table(chances.ravel(), coded=CODED_STEPS * self.kinds)
        self.mean = self.chances(replies.rate)

    def chances(self, rate: float) -> Chances:
        """The chances of a message where the reply rate is that."""
        return Chances(self._rate * (1.0 - rate * (1.0 - self._late)), rate * (1.0 - self._rate * self._late))

    def chances_by_row(self, rates: Floats) -> tuple[Floats, Floats]:
        """The chances (withdrawn, answered) for each reply rate; two arrays of the shape of ``rates``."""
        return self._rate * (1.0 - rates * (1.0 - self._late)), rates * (1.0 - self._rate * self._late)


class Wishes:
    """How many messages are wanted in each step: one law for each distribution that occurs."""

    def __init__(
        self, outreach: Outreach, start: datetime, steps: int, steps_per_day: int, fates: FateLaw
    ) -> None:
        self._outreach = outreach
        self._start = start
        self._steps_per_day = steps_per_day
        self._chances = fates.mean
        flat = outreach.replies.sample_size is not None or outreach.sends.follow_up is not None
        self._flat = flat
        self._special = outreach.sends.holidays | {day for day, _ in outreach.sends.bursts}
        self._weekdays: dict[int, Floats] = {}
        self._laws: dict[bytes, PatternLaw | FlatLaw | None] = {}
        self.count_max = self.step_max = 0
        self.by_step = [self._law(step) for step in range(-(-steps // CHUNK_STEPS) * CHUNK_STEPS)]

    def _law(self, step: int) -> PatternLaw | FlatLaw | None:
        """The law of that step; ``None`` where surely nothing is wanted."""
        day, part = divmod(step, self._steps_per_day)
        on = (self._start + DAY * day + DAY * part / self._steps_per_day).date()
        pmf = self._pmf(on, part)
        self.count_max += len(pmf) - 1
        self.step_max = max(self.step_max, len(pmf) - 1)
        key = pmf.tobytes()
        if key not in self._laws:
            self._laws[key] = self._make(pmf)
        return self._laws[key]

    def _pmf(self, on: date, part: int) -> Floats:
        """What is wanted in that part of a day; the common case is worked out once a weekday."""
        sends = self._outreach.sends
        if sends.law is SendLaw.FIXED or on in self._special:
            return sends.pmf(on, step=part, steps_per_day=self._steps_per_day)
        if on.weekday() not in self._weekdays:
            self._weekdays[on.weekday()] = sends.pmf(on, step=part, steps_per_day=self._steps_per_day)
        return self._weekdays[on.weekday()]

    def _make(self, pmf: Floats) -> PatternLaw | FlatLaw | None:
        if len(pmf) == 1:
            return None
        if not self._flat and PatternLaw.suits(pmf, self._chances):
            return PatternLaw(pmf, self._chances)
        return FlatLaw(pmf, self._chances)


class Draws:
    """The draws of any block: what :class:`FateLaw` and :class:`Wishes` say, and a seed.

    Pickles, and gives the same bits wherever it is asked.
    """

    def __init__(
        self,
        outreach: Outreach,
        opening: Opening,
        *,
        steps: int,
        steps_per_day: int,
        seed: np.random.SeedSequence,
        block_paths: int = BLOCK_PATHS,
    ) -> None:
        self.outreach = outreach
        self.block_paths = block_paths
        self.flights = flight_laws(opening, outreach, steps=steps, steps_per_day=steps_per_day)
        self.steps = steps
        self.steps_per_day = steps_per_day
        self.fates = FateLaw(outreach, steps, steps_per_day)
        self.wishes = Wishes(outreach, opening.start, steps, steps_per_day, self.fates)
        pmf = outreach.purchases.pmf(steps_per_day=steps_per_day)
        self._purchases = Table(pmf[:-1]) if len(pmf) > 1 else None
        self.purchases_max = (len(pmf) - 1) * steps
        self._seed = seed

    def words(self, block: int, stream: str) -> np.random.SFC64:
        """The stream of that name of that block, from its beginning."""
        key = (*self._seed.spawn_key, block, _STREAMS.index(stream))
        return np.random.SFC64(
            np.random.SeedSequence(self._seed.entropy, spawn_key=key, pool_size=self._seed.pool_size)
        )

    def block(self, number: int) -> Iterator[StepDraws]:
        """The draws of each step of one block, in order."""
        streams = Streams(
            self.words(number, "words"),
            self.words(number, "fates"),
            np.random.Generator(self.words(number, "fine")),
        )
        lags = self.words(number, "lags")
        rates = self._rates(number)
        follow = np.random.Generator(self.words(number, "follow_ups"))
        purchases = self._wanted_purchases(number)
        for low in range(0, self.steps, CHUNK_STEPS):
            runs = [(rows, self._run(low + first, rows, streams, rates)) for first, rows in self._runs(low)]
            for rows, outlines in runs:
                code = self.fates.lags.look_up(random16(lags, len(outlines.answered.row)), streams.fine)
                for step in self._split(outlines, code, rows, follow, rates):
                    yield step if purchases is None else step._replace(purchases=next(purchases))

    def _wanted_purchases(self, number: int) -> Iterator[Counts] | None:
        """The credits wanted in each step of one block, if ever any."""
        table = self._purchases
        if table is None:
            return None
        words, fine = (
            self.words(number, "purchases"),
            np.random.Generator(self.words(number, "purchases_fine")),
        )
        shape = (CHUNK_STEPS, self.block_paths)
        chunks = (table.look_up(random16(words, prod(shape)), fine).reshape(shape) for _ in repeat(None))
        return (row.astype(np.int16, copy=False) for chunk in chunks for row in chunk)

    def opening(self, number: int) -> Iterator[tuple[Index, Index]]:
        """For each message in flight at the start, on which paths of one block what becomes of it.

        Paths and codes, as in :class:`Fates`, ``WITHDRAWN`` among them.
        """
        rates = self._reply_rates(number)
        if rates is None:
            rates = np.array([self.outreach.replies.rate])
        generator = np.random.Generator(self.words(number, "opening"))
        for law in self.flights:
            yield law.fates(generator, self.block_paths, rates, withdrawn=WITHDRAWN)

    def _rates(self, number: int) -> tuple[Floats, Floats] | None:
        """The chances of each path, shape (block_paths,), where the reply rate is uncertain."""
        rates = self._reply_rates(number)
        return None if rates is None else self.fates.chances_by_row(rates)

    def _reply_rates(self, number: int) -> Floats | None:
        replies = self.outreach.replies
        if replies.sample_size is None:
            return None
        answered, silent = replies.rate * replies.sample_size, (1 - replies.rate) * replies.sample_size
        if not answered or not silent:
            return np.full(self.block_paths, replies.rate)
        return np.random.Generator(self.words(number, "rates")).beta(answered, silent, self.block_paths)

    def _runs(self, low: int) -> Iterator[tuple[int, int]]:
        """The runs of steps with one law within the chunk: where each begins, and how long it is."""
        laws = self.wishes.by_step[low : low + CHUNK_STEPS]
        first = 0
        for place in range(1, CHUNK_STEPS + 1):
            if place == CHUNK_STEPS or laws[place] is not laws[first]:
                yield first, place - first
                first = place

    def _run(self, step: int, steps: int, streams: Streams, rates: tuple[Floats, Floats] | None) -> Outlines:
        law = self.wishes.by_step[step]
        rows = steps * self.block_paths
        if law is None:
            return Outlines(np.zeros(rows, dtype=np.int16), NO_MARKS, NO_MARKS)
        if isinstance(law, PatternLaw):
            return law.draw(rows, streams)
        if rates is None:
            return law.draw(rows, streams)
        return law.draw(rows, streams, (np.tile(rates[0], steps), np.tile(rates[1], steps)))

    def _split(
        self,
        outlines: Outlines,
        code: Whole,
        steps: int,
        follow: np.random.Generator,
        rates: tuple[Floats, Floats] | None,
    ) -> Iterator[StepDraws]:
        """The draws of a run, step by step."""
        lows = (np.arange(steps + 1) * self.block_paths).tolist()
        answered, withdrawn = outlines.answered, outlines.withdrawn
        answers = answered.row.searchsorted(lows).tolist()
        withdrawals = withdrawn.row.searchsorted(lows).tolist()
        law = self.outreach.sends.follow_up
        for k in range(steps):
            low, a, w = lows[k], slice(*answers[k : k + 2]), slice(*withdrawals[k : k + 2])
            step = StepDraws(
                outlines.wanted[low : low + self.block_paths],
                Fates(answered.row[a] - low, answered.position[a], code[a]),
                Marks(withdrawn.row[w] - low, withdrawn.position[w]),
                None,
            )
            if law is not None:
                step = step._replace(follow_ups=self._follow_ups(step, law, follow, rates))
            yield step

    def _follow_ups(
        self,
        step: StepDraws,
        law: FollowUp,
        follow: np.random.Generator,
        rates: tuple[Floats, Floats] | None,
    ) -> Fates:
        """Which messages are followed up if they are sent, and what becomes of the second one."""
        after = law.after_days * self.steps_per_day
        counts = step.wanted.astype(np.intp)
        first = np.cumsum(counts) - counts
        silent = follow.random(int(counts.sum())) < law.share
        early = step.answered.code < (after + 1) * self.fates.kinds
        silent[(first[step.answered.path] + step.answered.position)[early]] = False
        if self.fates.withdrawn_steps <= after:
            silent[first[step.withdrawn.row] + step.withdrawn.position] = False
        message = np.flatnonzero(silent)
        path = np.repeat(np.arange(len(counts)), counts)[message]
        fate = follow.random(len(message))
        mean = self.fates.mean
        withdrawn = np.full(len(path), mean.withdrawn) if rates is None else rates[0][path]
        settled = withdrawn + (mean.answered if rates is None else rates[1][path])
        code = np.where(fate < withdrawn, WITHDRAWN, NOTHING)
        answered = np.flatnonzero((fate >= withdrawn) & (fate < settled))
        code[answered] = self.fates.lags.look_up(
            follow.integers(0, 1 << 16, len(answered), dtype=np.uint16), follow
        )
        return Fates(path, message - first[path], code)


def seed_sequence(rng: int | np.random.SeedSequence | np.random.Generator) -> np.random.SeedSequence:
    """The seed meant; a Generator is drawn from once, so that calling twice gives two results.

    Raises:
        InvalidValueError: for anything else, and for an int below 0 or above 2^128.
    """
    if isinstance(rng, np.random.SeedSequence):
        return rng
    if isinstance(rng, np.random.Generator):
        return np.random.SeedSequence([int(word) for word in rng.integers(0, 1 << 32, 8, dtype=np.uint64)])
    return np.random.SeedSequence(as_whole("rng", rng, 0, SEED_MAX))


__all__ = ["BLOCK_PATHS", "Draws", "Fates", "Marks", "StepDraws", "seed_sequence"]

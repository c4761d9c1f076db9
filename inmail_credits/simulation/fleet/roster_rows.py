"""A roster as rows of the kernels' tables, all rows at once.

Rows that begin alike (plan, dates, balance) are copies of one prepared account and share its calendar. What
differs from person to person is worked out for whole columns: keys, laws of the messages wanted, chances of
an answer. A million different people take some seconds, of which the hashes of the names are one.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import numpy as np
from attrs import evolve

from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation._engine import tables as t
from inmail_credits.simulation._engine.beta import quantiles_of
from inmail_credits.simulation._engine.calendar import Grid
from inmail_credits.simulation._engine.chances import chance
from inmail_credits.simulation._engine.opening import opening_of
from inmail_credits.simulation._engine.poisson import Laws, poisson_laws
from inmail_credits.simulation._engine.prepare import Preparation, Sizes, Who
from inmail_credits.simulation._engine.wishes import Wishes, wishes_of
from inmail_credits.simulation.behaviour import Outreach, Sends
from inmail_credits.simulation.fleet.keys import Keys
from inmail_credits.simulation.fleet.members import naming
from inmail_credits.simulation.fleet.roster import Roster
from inmail_credits.simulation.fleet.terms import Terms, terms_of

Ints = t.Ints
SAMPLED_MAX: Final = 50_000
"""How many tables of quantiles there may be, of 8 KiB and half a millisecond each."""
SENDS_A_WEEK = 7.0
"""Of the sends that stand for all of one profile: they show which steps have messages."""


class RosterRows:
    """The rows of a roster. It is made before, and :meth:`tables` called after, all others are prepared.

    ``terms`` are the plan, the seats and the start of each row, ``most`` the most credits or messages of one
    path.
    """

    def __init__(self, preparation: Preparation, roster: Roster, start: datetime | None) -> None:
        self._roster = roster
        self._days, self._per_day = preparation.days, preparation.steps_per_day
        subjects = roster.subjects
        firsts = np.unique(subjects.codes, return_index=True)[1].tolist()
        first_days, terms = [], []
        for one, row in zip(subjects.values, firsts, strict=True):
            with naming(roster.names[row]):
                begin = start if one.start is None else one.start
                opening = opening_of(one.subject, start=begin, seats=1)
            nobody = Outreach(sends=Sends.poisson(per_week=0), zone=one.zone)
            preparation.add(opening, [Who(nobody, (0, 0))], zone=one.zone)
            first_days.append(Grid(opening.start, 0, 1, one.zone).first_day)
            terms.append(terms_of(opening))
        self._templates = len(terms)
        self.terms: list[Terms] = [terms[code] for code in subjects.codes.tolist()]
        self._set_sends(preparation, first_days)
        self._set_replies(preparation)
        self.most: int = preparation.most + self._wanted_most

    def _set_sends(self, preparation: Preparation, first_days: Sequence[date]) -> None:
        """Which laws of counts each distinct pair of profile and volume has, from each weekday on."""
        roster = self._roster
        profiles = sorted({on for on, _ in roster.sends.values})
        patterns: dict[tuple[str, date], int] = {}
        self._patterns: list[tuple[int, Wishes]] = []
        number = np.empty((len(profiles), len(first_days)), dtype=np.int64)
        for i, on in enumerate(profiles):
            for j, day in enumerate(first_days):
                if (on, day) not in patterns:
                    sends = Sends.poisson(per_week=SENDS_A_WEEK, on=on)
                    wishes = wishes_of(sends, day, self._days, self._per_day)
                    patterns[on, day] = len(self._patterns)
                    self._patterns.append((preparation.slots_row(wishes.slots), wishes))
                number[i, j] = patterns[on, day]
        profile = np.array([profiles.index(on) for on, _ in roster.sends.values])[roster.sends.codes]
        pattern = number[profile, roster.subjects.codes]
        both, self._sends = np.unique(roster.sends.codes * len(self._patterns) + pattern, return_inverse=True)
        volume, self._pattern = np.divmod(both, len(self._patterns))
        weights = {on: sum(day > 0 for day in Sends.poisson(per_week=7, on=on).by_weekday) for on in profiles}
        means = np.array(
            [per_week * 1.0 / float(weights[on]) / self._per_day for on, per_week in roster.sends.values]
        )
        self._volume = volume
        self._laws: Laws = poisson_laws(means)
        steps = self._days * self._per_day
        self._wanted_most = int((self._laws.least + self._laws.sizes).max()) * steps
        self._wanted_mean = float(means.max()) * steps

    def _set_replies(self, preparation: Preparation) -> None:
        """The law of replies of each distinct pair of rate and sample size."""
        roster = self._roster
        law = preparation.reply_row(evolve(roster.law, rate=0.5, sample_size=None))
        pairs = roster.replies.values
        self._reply_rows = np.tile(np.array(law, dtype=np.int64), (len(pairs), 1))
        self._reply_rows[:, t.RATE] = np.rint(np.array([rate for rate, _ in pairs]) * t.ONE)
        sampled = [place for place, (rate, size) in enumerate(pairs) if size is not None and 0 < rate < 1]
        if len(sampled) > SAMPLED_MAX:
            raise InvalidValueError(
                "different pairs of reply_rate and sample_size",
                len(sampled),
                f"at most {SAMPLED_MAX:,}: each has a table of quantiles; round them",
            )
        rates, sizes = np.array([pairs[place] for place in sampled], dtype=np.float64).reshape(-1, 2).T
        self._quantiles = quantiles_of(np.ascontiguousarray(rates), np.ascontiguousarray(sizes))
        self._quantiles_row = np.full(len(pairs), t.NONE, dtype=np.int64)
        self._quantiles_row[sampled] = np.arange(len(sampled))

    def sizes(self, sizes: Sizes) -> Sizes:
        """Room for one path of any row, and for what else there is."""
        guess = int(self._wanted_mean + 8 * self._wanted_mean**0.5) + 64
        return sizes.together(sizes._replace(messages=guess))

    def tables(self, tables: t.Tables, keys: Keys) -> t.Tables:
        """The tables with the rows of the roster in place of the accounts they are copies of."""
        roster, rows = self._roster, len(self._roster)
        laws, thresholds, first_law, law_count = self._law_rows(tables)
        behaviours, behaviour = self._behaviour_rows(tables, first_law, law_count)
        senders = np.repeat(tables.senders[:1], rows, axis=0)
        senders[:, : t.KEY_HIGH + 1] = keys.of_all(roster.names)
        senders[:, t.BEHAVIOUR] = len(tables.behaviours) + behaviour
        members = tables.members[: self._templates][roster.subjects.codes]
        members[:, t.FIRST_SENDER] = np.arange(rows)
        others = tables.members[self._templates :].copy()
        others[:, t.FIRST_SENDER] += rows - self._templates
        return tables._replace(
            members=np.concatenate([members, others]),
            senders=np.concatenate([senders, tables.senders[self._templates :]]),
            behaviours=np.concatenate([tables.behaviours, behaviours]),
            laws=np.concatenate([tables.laws, laws]),
            thresholds=np.concatenate([tables.thresholds, thresholds]),
            replies=np.concatenate([tables.replies, self._reply_rows]),
            quantiles=np.concatenate([tables.quantiles, self._quantiles]),
        )

    def _law_rows(self, tables: t.Tables) -> tuple[Ints, t.Words, Ints, Ints]:
        """Laws of all distinct sends, their thresholds, and the first law and number of laws of each."""
        begins = len(tables.thresholds) + np.cumsum(self._laws.sizes) - self._laws.sizes
        own = np.stack([self._laws.least, begins, self._laws.sizes], axis=1)
        counts = np.array([len(wishes.laws) for _, wishes in self._patterns])
        busy = [
            np.array([bool(law.most) for law in wishes.laws], dtype=np.bool_) for _, wishes in self._patterns
        ]
        law_count = counts[self._pattern]
        first_law = np.cumsum(law_count) - law_count
        rows = np.zeros((int(law_count.sum()), t.THRESHOLDS + 1), dtype=np.int64)
        for number, flags in enumerate(busy):
            here = np.flatnonzero(self._pattern == number)
            for place in np.flatnonzero(flags).tolist():
                rows[first_law[here] + place] = own[self._volume[here]]
        return rows, self._laws.thresholds, len(tables.laws) + first_law, law_count

    def _behaviour_rows(self, tables: t.Tables, first_law: Ints, law_count: Ints) -> tuple[Ints, Ints]:
        """Distinct behaviours, and the number of that of each row."""
        roster = self._roster
        replies, withdrawals = roster.replies, roster.withdrawals
        code = (self._sends * len(replies.values) + replies.codes) * len(withdrawals.values)
        distinct, behaviour = np.unique(code + withdrawals.codes, return_inverse=True)
        rest, withdrawal = np.divmod(distinct, len(withdrawals.values))
        sends, reply = np.divmod(rest, len(replies.values))
        slots = np.array([row for row, _ in self._patterns])
        rates = np.array([chance(one.rate) for one in withdrawals.values])
        after = np.array([min(one.after_days * self._per_day, t.NEVER - 1) for one in withdrawals.values])
        rows = np.repeat(tables.behaviours[:1], len(distinct), axis=0)
        rows[:, t.FIRST_LAW] = first_law[sends]
        rows[:, t.LAWS] = law_count[sends]
        rows[:, t.SLOTS] = slots[self._pattern[sends]]
        rows[:, t.FIRST_REPLY] = len(tables.replies) + reply
        rows[:, t.REPLIES] = 1
        quantiles = self._quantiles_row[reply]
        rows[:, t.QUANTILES] = np.where(quantiles >= 0, len(tables.quantiles) + quantiles, t.NONE)
        rows[:, t.WITHDRAWS] = rates[withdrawal]
        rows[:, t.WITHDRAWS_AFTER] = after[withdrawal]
        return rows, behaviour

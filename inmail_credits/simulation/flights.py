"""What becomes of messages that are already on their way when the simulation starts.

A message that is unanswered after ``a`` days is less likely to be answered than a new one: its chances are
those of a new one, given that nothing came so far. An answer exactly at the start counts as coming.

An account may have thousands of them, and most are old and all but forgotten. So it is drawn on how many
paths anything happens at all, and on which; the others cost nothing.
"""

from datetime import timedelta
from typing import NamedTuple

import numpy as np

from inmail_credits.simulation.behaviour import Outreach
from inmail_credits.simulation.opening import Opening, OpenMessage
from inmail_credits.simulation.tables import Floats, Index
from inmail_credits.timeline import DAY


class FlightLaw(NamedTuple):
    """The fate of one message in flight.

    ``answers`` is the cumulative chance, among all messages ever answered, of an answer by each step and
    kind from now on that no withdrawal forestalls, shape (steps * kinds,); ``answered_later`` is the same
    however late, and ``answered_before`` that of an answer before the start. A message still silent in step
    ``withdrawn_step`` is withdrawn then at ``withdrawal_rate`` (-1: never). ``answers_until_withdrawal`` are
    the answers up to that step.
    """

    answers: Floats
    answered_before: float
    answered_later: float
    answers_until_withdrawal: float
    withdrawal_rate: float
    withdrawn_step: int

    def fates(
        self, generator: np.random.Generator, paths: int, rates: Floats, *, withdrawn: int
    ) -> tuple[Index, Index]:
        """The paths, of so many, on which something happens, and the code of what does; arrays of one shape.

        ``rates`` are the reply rates of all paths, shape (paths,), or the one rate of all, shape (1,). What
        is drawn does not depend on the horizon.
        """
        given = rates / np.maximum(1.0 - rates * self.answered_before, 1e-300)
        chance = answered = given * self.answered_later
        if self.withdrawn_step >= 0:
            chance = answered + self.withdrawal_rate * (1.0 - given * self.answers_until_withdrawal)
        most = min(float(chance.max(initial=0.0)), 1.0)
        count = generator.binomial(paths, most)
        path = generator.choice(paths, count, replace=False, shuffle=False)
        u = generator.random(count) * most
        row = path if len(rates) == paths else np.zeros_like(path)
        replies = np.flatnonzero(u < answered.take(row))
        code = np.searchsorted(self.answers, u.take(replies) / given.take(row.take(replies)), side="right")
        in_time = np.flatnonzero(code < len(self.answers))
        back = path[(u >= answered.take(row)) & (u < chance.take(row))]
        return (
            np.concatenate((path.take(replies.take(in_time)), back)),
            np.concatenate((code.take(in_time), np.full(len(back), withdrawn))),
        )


def flight_laws(opening: Opening, outreach: Outreach, *, steps: int, steps_per_day: int) -> list[FlightLaw]:
    """The law of each message of the opening."""
    return [_law(message, opening, outreach, steps, steps_per_day) for message in opening.messages]


def _law(
    message: OpenMessage, opening: Opening, outreach: Outreach, steps: int, steps_per_day: int
) -> FlightLaw:
    replies, withdrawals = outreach.replies, outreach.withdrawals
    age_days = (opening.start - message.sent_at) / DAY
    before = float(replies.delay.below(np.array([age_days]))[0])
    chances = replies.chances_after(age_days, steps, steps_per_day=steps_per_day)
    silent_until = message.sent_at + timedelta(days=withdrawals.after_days)
    width = DAY / steps_per_day
    step = -((opening.start - silent_until) // width) if silent_until >= opening.start else -1
    until, later = 0.0, 1.0 - before
    if step >= 0:
        until = float(replies.delay.below(np.array([age_days + (step + 1) / steps_per_day]))[0]) - before
        chances[step + 1 :] *= 1.0 - withdrawals.rate
        later -= withdrawals.rate * (later - until)
    return FlightLaw(np.cumsum(chances.ravel()), before, later, until, withdrawals.rate, step)

"""What becomes of messages that are already on their way when the simulation starts.

A message that is unanswered after ``a`` days is less likely to be answered than a new one: its chances are
those of a new one, given that nothing came so far. An answer exactly at the start counts as coming.
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
    kind from now on, shape (steps * kinds,); ``answered_before`` that of one before the start. A message
    still silent in step ``withdrawn_step`` is withdrawn then at ``withdrawal_rate`` (-1: never).
    ``answers_until_withdrawal`` are the answers up to that step.
    """

    answers: Floats
    answered_before: float
    answers_until_withdrawal: float
    withdrawal_rate: float
    withdrawn_step: int

    def codes(self, u: Floats, rates: Floats, *, nothing: int, withdrawn: int) -> Index:
        """The fate's code for each uniform number, where the reply rates are ``rates``; same shapes."""
        given = rates / np.maximum(1.0 - rates * self.answered_before, 1e-300)
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.where(given > 0, u / given, np.inf)
        code = np.searchsorted(self.answers, scaled, side="right")
        code[code == len(self.answers)] = nothing
        if self.withdrawal_rate and self.withdrawn_step >= 0:
            taken_back = self.withdrawal_rate * (1.0 - given * self.answers_until_withdrawal)
            code[(u >= 1.0 - taken_back) & (code == nothing)] = withdrawn
        return code


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
    until = 0.0
    if step >= 0:
        until = float(replies.delay.below(np.array([age_days + (step + 1) / steps_per_day]))[0]) - before
        chances[step + 1 :] *= 1.0 - withdrawals.rate
    return FlightLaw(np.cumsum(chances.ravel()), before, until, withdrawals.rate, step)

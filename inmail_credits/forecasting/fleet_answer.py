"""The verdict on a fleet, in two or three sentences."""

from typing import Final

import numpy as np

from inmail_credits._display.numbers import count
from inmail_credits.forecasting.answer import PROBABLY, lost_unused
from inmail_credits.forecasting.labels import percent
from inmail_credits.simulation.fleet import FleetSimulation

NAMED: Final = 3
"""How many people are named."""
RARELY: Final = 0.01


def fleet_sentences(found: FleetSimulation, horizon: str) -> str:
    """How much of what is wanted can be sent, who probably runs out of credits, and what is lost unused."""
    wanted, _ = found.total_mean_and_error("wanted")
    if wanted == 0:
        return f"Nobody wants to send anything. {_waste_sentence(found)}"
    return f"{_sent_sentence(found, horizon)} {_dry_sentence(found)} {_waste_sentence(found)}"


def _sent_sentence(found: FleetSimulation, horizon: str) -> str:
    people = len(found.fleet)
    wanted, _ = found.total_mean_and_error("wanted")
    sent, _ = found.total_mean_and_error("sent")
    share, _ = found.total_ratio_and_error("share_sent")
    who = "1 person wants" if people == 1 else f"{people:,} people want"
    return f"{who} {_messages(wanted)} over {horizon} and can send {sent:,.0f} ({percent(share)})."


def _dry_sentence(found: FleetSimulation) -> str:
    """Who has a message refused on at least half of the paths, the surest named."""
    shares, _ = found.people.run_dry()
    people = found.fleet.people
    probably = np.flatnonzero(shares >= PROBABLY)
    if not len(probably):
        if shares.max() == 0:
            return "Nobody ever has a message refused."
        worst = int(np.argmax(shares))
        odds = percent(float(shares[worst])) if shares[worst] >= RARELY else "under 1 %"
        return f"Probably nobody has a message refused; {people[worst]} most likely ({odds})."
    order = probably[np.argsort(-shares[probably], kind="stable")][:NAMED]
    named = ", ".join(f"{people[place]} ({percent(float(shares[place]))})" for place in order.tolist())
    if len(people) == 1:
        return f"A message is probably refused ({percent(float(shares[0]))})."
    some = "Everybody" if len(probably) == len(people) else f"{len(probably):,} of {len(people):,} people"
    verb = "has" if len(probably) in {1, len(people)} else "have"
    first = "" if len(probably) <= NAMED else "first of all "
    return f"{some} probably {verb} a message refused: {first}{named}."


def _waste_sentence(found: FleetSimulation) -> str:
    expired, _ = found.total_mean_and_error("expired")
    forfeited, _ = found.total_mean_and_error("forfeited")
    return lost_unused(expired, forfeited, lambda amount: count(round(amount), "credit"))


def _messages(amount: float) -> str:
    return f"{amount:,.0f} messages" if round(amount) != 1 else "1 message"

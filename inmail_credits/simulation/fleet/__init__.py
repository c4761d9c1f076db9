"""Fleets: many people, each with an account of their own or on a seat of a contract, simulated together.

:class:`Member`, :class:`Seat` and :class:`Contract` say who takes part, :class:`Fleet` holds them, and
:func:`simulate_fleet` runs them. ``result`` says what comes of it by person, by account and in sum.
"""

from inmail_credits.simulation.fleet.fleet import Fleet
from inmail_credits.simulation.fleet.members import Contract, Member, Seat
from inmail_credits.simulation.fleet.result import Estimates, FleetSimulation
from inmail_credits.simulation.fleet.run import simulate_fleet

__all__ = [
    "Contract",
    "Estimates",
    "Fleet",
    "FleetSimulation",
    "Member",
    "Seat",
    "simulate_fleet",
]

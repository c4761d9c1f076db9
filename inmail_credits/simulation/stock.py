"""The face of whoever keeps the credits of a block of paths."""

from typing import Protocol

from inmail_credits.simulation.pending import State
from inmail_credits.simulation.tables import Index, Whole


class Stock(Protocol):
    """The credits of so many paths, moved step by step; all arrays have shape (width,) but where stated.

    ``balance`` holds after opening and after closing a step; ``refunded_sum`` and ``forfeited_sum`` are sums
    over the paths of what the current step brought and took.
    """

    balance: State
    refunded_sum: int
    forfeited_sum: int

    def open_step(self, step: int) -> None:
        """Let time act up to this step, then receive the refunds that arrive with it."""

    def buy(self, step: int, credits_: State) -> None:
        """Receive that many credits for each path, bought in this step."""

    def spend(self, made: State) -> None:
        """Burn that many credits of each path, no more than the balance."""

    def give_back(self, path: Index, position: Whole, lag: Whole) -> None:
        """One credit each, ``lag`` steps on, for messages just made; arrays of shape (m,)."""

    def give_back_unless(self, made: State, path: Index, position: Whole, due: int) -> None:
        """In step ``due``, the credits of all messages just made but those at ``path`` and ``position``."""

    def close_step(self, step: int) -> None:
        """Receive what came back within the step."""

    @property
    def refunded(self) -> State:
        """Credits refunded so far."""

    @property
    def spent(self) -> State:
        """Credits spent so far."""

    @property
    def expired(self) -> State:
        """Credits expired so far."""

    @property
    def forfeited(self) -> State:
        """Credits forfeited so far."""

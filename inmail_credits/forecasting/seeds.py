"""The seed a caller gave: required, checked, and usable for several plans alike."""

import numpy as np

from inmail_credits._inputs import as_whole
from inmail_credits.errors import InvalidValueError
from inmail_credits.simulation.seeds import Rng, seed_sequence

SEED_MAX = 2**128


def checked_seed(rng: Rng) -> np.random.SeedSequence:
    """The seed meant by a whole number from 0, a SeedSequence, or a Generator (drawn from once).

    Raises:
        InvalidValueError: for anything else; ``None`` would mean chance that cannot be repeated.

    Example:
        >>> checked_seed(7).entropy
        7
    """
    return seed_sequence(plain_seed(rng))


def plain_seed(rng: Rng) -> Rng:
    """The seed as given, a whole number of NumPy as a plain one.

    Raises:
        InvalidValueError: as for :func:`checked_seed`.
    """
    if isinstance(rng, np.random.SeedSequence | np.random.Generator):
        return rng
    try:
        return as_whole("rng", rng, 0, SEED_MAX)
    except InvalidValueError:
        limit = "a seed: a whole number from 0 to 2^128, a SeedSequence or a Generator"
        raise InvalidValueError("rng", rng, limit) from None


def fresh_seed() -> int:
    """A seed drawn from the operating system, short enough to be read out: 0 to 4,294,967,295."""
    return int(np.random.SeedSequence().generate_state(1)[0])

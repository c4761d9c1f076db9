"""Seeds: what a caller may give, and the key of the random numbers that follows from it."""

import numpy as np

from inmail_credits._inputs import as_whole
from inmail_credits.errors import InvalidValueError

SEED_MAX = 1 << 128
Rng = int | np.random.SeedSequence | np.random.Generator


def plain_seed(rng: Rng) -> Rng:
    """The seed as given, a whole number of any kind as a plain ``int``.

    Raises:
        InvalidValueError: for anything but a whole number from 0 to 2^128, a SeedSequence or a Generator.

    Example:
        >>> plain_seed(np.int64(7))
        7
    """
    if isinstance(rng, np.random.SeedSequence | np.random.Generator):
        return rng
    try:
        return as_whole("rng", rng, 0, SEED_MAX)
    except InvalidValueError:
        limit = "a seed: a whole number from 0 to 2^128, a SeedSequence or a Generator"
        raise InvalidValueError("rng", rng, limit) from None


def seed_sequence(rng: Rng) -> np.random.SeedSequence:
    """The seed meant; a Generator is drawn from once, so that calling twice gives two results.

    Raises:
        InvalidValueError: as for :func:`plain_seed`.

    Example:
        >>> seed_sequence(7).entropy
        7
    """
    rng = plain_seed(rng)
    if isinstance(rng, np.random.SeedSequence):
        return rng
    if isinstance(rng, np.random.Generator):
        return np.random.SeedSequence(rng.integers(0, 1 << 32, size=4, dtype=np.uint64).tolist())
    return np.random.SeedSequence(rng)


def fresh_seed() -> int:
    """A seed drawn from the operating system, short enough to be written down: 0 to 4,294,967,295."""
    return int(np.random.SeedSequence().generate_state(1)[0])


def key_of(seed: np.random.SeedSequence) -> tuple[int, int]:
    """The key of the draws that belong to a seed: two 32-bit words (NumPy guarantees their values)."""
    first, second = seed.generate_state(2, np.uint32).tolist()
    return first, second

"""Seeds: what a caller may give, and the key of the random numbers that follows from it."""

import numpy as np

from inmail_credits._inputs import as_whole

SEED_MAX = 1 << 128
Rng = int | np.random.SeedSequence | np.random.Generator


def seed_sequence(rng: Rng) -> np.random.SeedSequence:
    """The seed meant; a Generator is drawn from once, so that calling twice gives two results.

    Raises:
        InvalidValueError: for anything else, and for an int below 0 or above 2^128.

    Example:
        >>> seed_sequence(7).entropy
        7
    """
    if isinstance(rng, np.random.SeedSequence):
        return rng
    if isinstance(rng, np.random.Generator):
        return np.random.SeedSequence(rng.integers(0, 1 << 32, size=4, dtype=np.uint64).tolist())
    return np.random.SeedSequence(as_whole("rng", rng, 0, SEED_MAX))


def key_of(seed: np.random.SeedSequence) -> tuple[int, int]:
    """The key of the draws that belong to a seed: two 32-bit words (NumPy guarantees their values)."""
    first, second = seed.generate_state(2, np.uint32).tolist()
    return first, second

"""Whose random numbers are whose: a key for each name under one seed."""

from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation.seeds import Rng, seed_sequence

WORDS: Final = 8


class Keys:
    """Keys of random numbers by the name of a person.

    A key is a keyed hash (BLAKE2b, RFC 7693) of the name, with 256 bits of the seed: it depends on nothing
    but these, so nobody's draws change when others join. Of a million people two have the same key with odds
    of 1 in 37 million.

    Example:
        >>> Keys(7).of("ana") == Keys(7).of("ana"), Keys(7).of("ana") == Keys(8).of("ana")
        (True, False)
    """

    def __init__(self, rng: Rng) -> None:
        self._seed = seed_sequence(rng).generate_state(WORDS, np.uint32).astype("<u4").tobytes()

    def of(self, name: str) -> tuple[int, int]:
        """Two 32-bit words."""
        digest = blake2b(name.encode(), digest_size=8, key=self._seed).digest()
        return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")

    def of_all(self, names: list[str]) -> npt.NDArray[np.int64]:
        """The same for many names; shape (names, 2)."""
        seed = self._seed
        digests = b"".join([blake2b(name.encode(), digest_size=8, key=seed).digest() for name in names])
        return np.frombuffer(digests, dtype="<u4").reshape(len(names), 2).astype(np.int64)

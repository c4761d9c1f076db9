"""Random numbers by counting: Philox4x32-10, a published generator that needs no state.

A block of four 32-bit words is a function of a key and a counter (Salmon, Moraes, Dror and Shaw, "Parallel
random numbers: as easy as 1, 2, 3", SC 2011). The key says whose draws they are; the counter is the number of
the block, the path, and the purpose. So a word depends on nothing but these: not on the plan, on how many
paths or days are simulated, or on who computes it. Test values published with it are checked in the tests.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from inmail_credits.simulation._engine.compiled import compiled

Words = npt.NDArray[np.uint32]

WISHES: Final = 0
"""Word ``s`` says how many messages are wanted in step ``s``."""
FATES: Final = 1
"""Words ``2 m`` and ``2 m + 1`` say whether message ``m`` of the path is answered, and when and how."""
COINS: Final = 2
"""Words ``2 m`` and ``2 m + 1`` say whether message ``m`` is withdrawn, and whether it is followed up."""
SECOND_FATES: Final = 3
"""As ``FATES``, for the follow-up of message ``m``."""
SECOND_COINS: Final = 4
"""As ``COINS``, for the follow-up of message ``m``."""
BUYS: Final = 5
"""Word ``s`` says how many credits are wanted in step ``s``."""
FLIGHTS: Final = 6
"""Words ``2 m`` and ``2 m + 1`` say what becomes of message ``m`` of those open at the start."""
FLIGHT_COINS: Final = 7
"""Word ``2 m`` says whether it is withdrawn."""
RATES: Final = 8
"""Word 0 says which of uncertain replies the path follows, word 1 which rate."""
FAILURES: Final = 9
"""Word ``m`` says whether message ``m`` does not arrive."""
SECOND_FAILURES: Final = 10
"""As ``FAILURES``, for the follow-up of message ``m``."""

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HALF, _ZERO = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(0)


@compiled
def fill(key: npt.NDArray[np.int64], path: int, purpose: int, words: int, out: Words) -> None:
    """Write the first ``words`` words (rounded up to whole blocks) of one purpose of one path.

    ``key`` begins with two words; ``out`` holds at least that many words. The products are of 32-bit numbers
    in 64 bits, so that nothing overflows.
    """
    key0, key1 = np.uint64(key[0]), np.uint64(key[1])
    path_word, purpose_word = np.uint64(path), np.uint64(purpose)
    for block in range((words + 3) // 4):
        x0, x1, x2, x3 = np.uint64(block) & _LOW, path_word, purpose_word, _ZERO
        k0, k1 = key0, key1
        for _ in range(10):
            p0, p1 = x0 * _M0, x2 * _M1
            x0, x1, x2, x3 = (p1 >> _HALF) ^ x1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ x3 ^ k1, p0 & _LOW
            k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
        out[4 * block] = np.uint32(x0)
        out[4 * block + 1] = np.uint32(x1)
        out[4 * block + 2] = np.uint32(x2)
        out[4 * block + 3] = np.uint32(x3)

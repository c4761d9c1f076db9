"""Laws of Poisson counts for many means at once: the same thresholds as one at a time, without a loop.

:func:`~inmail_credits.simulation.behaviour.sends.poisson_pmf` goes outwards from the mode by the ratio of
neighbours, and :func:`~inmail_credits.simulation._engine.chances.count_law` adds up and rounds. Means of one
mode do the same steps here side by side, in the same order. A million means take about a second, one at a
time they took half a minute.
"""

from typing import Final, NamedTuple

import numpy as np

from inmail_credits.simulation._engine.tables import ONE, Ints, Words
from inmail_credits.simulation.behaviour.delays import Floats

NEGLIGIBLE: Final = 1e-18
AT_ONCE: Final = 50_000


class Laws(NamedTuple):
    """Laws of counts, one after the other.

    ``least`` and ``sizes`` have shape (laws,): the least number of each law, and how many thresholds it has;
    ``thresholds`` holds those of all laws, in their order.
    """

    least: Ints
    sizes: Ints
    thresholds: Words


def poisson_laws(means: Floats) -> Laws:
    """The laws of Poisson numbers of these means, each 0 or more; shape (laws,).

    Example:
        >>> laws = poisson_laws(np.array([0.0, 1.0]))
        >>> laws.sizes.tolist(), (laws.thresholds[:2] / 2**32).round(4).tolist()
        ([0, 12], [0.3679, 0.7358])
    """
    least = np.zeros(len(means), dtype=np.int64)
    sizes = np.zeros(len(means), dtype=np.int64)
    found: list[tuple[Ints, Words]] = []
    for mode in np.unique(means.astype(np.int64)).tolist():
        rows = np.flatnonzero((means.astype(np.int64) == mode) & (means > 0))
        for first in range(0, len(rows), AT_ONCE):
            some = rows[first : first + AT_ONCE]
            least[some], sizes[some], words = _of_mode(means[some], mode)
            found.append((some, words))
    begins = np.cumsum(sizes) - sizes
    thresholds = np.zeros(int(sizes.sum()), dtype=np.uint32)
    for rows, words in found:
        thresholds[_spread(begins[rows], sizes[rows])] = words
    return Laws(least, sizes, thresholds)


def _of_mode(means: Floats, mode: int) -> tuple[Ints, Ints, Words]:
    """The least numbers, how many thresholds, and these, of laws of one mode."""
    weights, lengths = _weights(means, mode)
    total = _exact_sums(weights)
    pmf = weights / total[:, None]
    above = pmf > NEGLIGIBLE
    last = pmf.shape[1] - 1 - above[:, ::-1].argmax(axis=1)
    below = np.rint(np.cumsum(pmf, axis=1) * ONE)
    inside = np.arange(pmf.shape[1]) < np.minimum(last, lengths - 1)[:, None]
    least = (inside & (below <= 0)).sum(axis=1)
    used = inside & (below > 0) & (below < ONE)
    return least, used.sum(axis=1), below[used].astype(np.uint32)


def _weights(means: Floats, mode: int) -> tuple[Floats, Ints]:
    """Weights of 0, 1, 2, ... of shape (laws, numbers), that of the mode 1; how many numbers each law has."""
    up = [np.ones(len(means))]
    while up[-1].max() > NEGLIGIBLE:
        up.append(up[-1] * means / (mode + len(up)))
    above = np.array(up).T
    kept = above > NEGLIGIBLE
    above[~kept] = 0.0
    down, weight = [], np.ones(len(means))
    for k in range(mode, 0, -1):
        weight = weight * (k / means)
        down.append(weight)
    under = np.array(down[::-1]).T.reshape(len(means), mode)
    return np.concatenate([under, above], axis=1), mode + kept.sum(axis=1)


def _exact_sums(weights: Floats) -> Floats:
    """The sum of each row, rounded once: what is lost in each addition is added up as well (Knuth, 4.2.2)."""
    total, lost = np.zeros(len(weights)), np.zeros(len(weights))
    for column in range(weights.shape[1]):
        value = weights[:, column]
        summed = total + value
        part = summed - total
        lost += (total - (summed - part)) + (value - part)
        total = summed
    result: Floats = total + lost
    return result


def _spread(begins: Ints, sizes: Ints) -> Ints:
    """The places of ranges, one after the other."""
    offsets = np.cumsum(sizes) - sizes
    return np.repeat(begins - offsets, sizes) + np.arange(int(sizes.sum()))

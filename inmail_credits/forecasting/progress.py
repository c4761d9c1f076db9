"""One count of progress over one simulation or several, as one bar or one callback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from inmail_credits.simulation.progress_bar import progress_bar
from inmail_credits.simulation.run import Progress

Callback = Callable[[int, int], object]
PartOf = Callable[[str], Progress]
"""From the label of a simulation to the progress to run it with."""


@contextmanager
def shared_progress(progress: Progress, paths: int) -> Iterator[PartOf]:
    """Count the paths of several simulations, run one after the other, as one run of so many paths.

    Args:
        progress: ``True`` for one bar (if tqdm is installed), named after the simulation that runs; a
            callable of (paths done, paths in all), which stops the run by any false answer but ``None``; or
            ``False`` for none.
        paths: the paths of all of them together.

    Yields:
        A function that gives the progress of the next simulation, from its label.

    Example:
        >>> def report(done: int, paths: int) -> None:
        ...     print(done, "of", paths)
        >>> with shared_progress(report, 20) as part_of:
        ...     for label in ("career", "business"):
        ...         part = part_of(label)
        ...         _ = callable(part) and part(10, 10)
        10 of 20
        20 of 20
    """
    if progress is True:
        with progress_bar(paths, unit="path") as (move, name):
            yield _counting(move, paths, name)
    elif callable(progress):
        yield _counting(progress, paths, lambda _label: None)
    else:
        yield lambda _label: False


def _counting(callback: Callback, paths: int, name: Callable[[str], None]) -> PartOf:
    before = latest = 0

    def part_of(label: str) -> Progress:
        nonlocal before
        before = latest
        name(label)
        return part

    def part(done: int, _paths: int) -> bool | None:
        nonlocal latest
        latest = before + done
        answer = callback(latest, paths)
        return None if answer is None else bool(answer)

    return part_of

"""How far a reader is: told every few thousand rows, in bytes of the file or rows of a DataFrame."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Final

from inmail_credits._inputs import check_progress
from inmail_credits.calibration._source import Table
from inmail_credits.simulation.progress_bar import progress_bar
from inmail_credits.simulation.run import Progress, SimulationCancelledError

ROWS_EACH: Final = 5_000
DELAY_SECONDS: Final = 0.5
"""A file that is read sooner shows no bar."""
Row = tuple[int, Sequence[str] | None]


def watched(table: Table, progress: Progress) -> Iterator[Row]:
    """The rows of a table, with somebody told how far they are every 5,000 rows and at the end.

    Raises:
        InvalidValueError: for what is no progress.
        SimulationCancelledError: if a callable gave a false answer other than ``None``.
    """
    check_progress(progress)
    return _watched(table, progress) if progress else table.rows


def _watched(table: Table, progress: Progress) -> Iterator[Row]:
    with ExitStack() as stack:
        tell: Callable[[int, int], object]
        if callable(progress):
            tell = progress
        else:
            bar = progress_bar(table.size, unit="", name=table.name, delay_seconds=DELAY_SECONDS)
            tell, _ = stack.enter_context(bar)
        line = 0
        for number, (line, row) in enumerate(table.rows, start=1):
            yield line, row
            if number % ROWS_EACH == 0:
                _tell(tell, table.reached(line), table.size)
        _tell(tell, table.reached(line), table.size)


def _tell(tell: Callable[[int, int], object], done: int, size: int) -> None:
    answer = tell(done, size)
    if answer is not None and not answer:
        of = f" of {size:,} bytes or rows" if size else " lines"
        raise SimulationCancelledError(f"stopped after {done:,}{of}")

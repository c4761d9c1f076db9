"""The one bar of this package, on standard error, where tqdm is installed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Move = Callable[[int, int], None]
"""Of (done, in all): where the bar stands."""
Name = Callable[[str], None]
"""Of a text: what runs."""


@contextmanager
def progress_bar(
    total: int, *, unit: str, name: str = "", delay_seconds: float = 0.0
) -> Iterator[tuple[Move, Name]]:
    """Move a bar, and name what runs; without tqdm nothing is shown.

    The bar is the plain one, which needs no widgets of a notebook. ``total`` is 0 where it is not known.
    """
    try:
        from tqdm import tqdm  # noqa: PLC0415 - optional
    except ImportError:
        yield (lambda _done, _total: None), (lambda _name: None)
        return
    with tqdm(total=total or None, unit=unit, unit_scale=True, desc=name or None, delay=delay_seconds) as bar:

        def move(done: int, _total: int) -> None:
            bar.update(done - bar.n)

        yield move, bar.set_description

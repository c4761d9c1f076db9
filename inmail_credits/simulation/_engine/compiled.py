"""Compiling the kernels: plain functions over arrays, compiled by Numba when they are first called.

Compiled code is cached on disk where the user may write, beside the source or in the user's cache directory,
and otherwise compiled again in each process. :func:`plain` gives the same function uncompiled, with the same
bits, for debugging, coverage and tests; setting the environment variable ``INMAIL_CREDITS_COMPILE=0`` before
the first simulation runs everything so.
"""

import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Timer
from types import CellType, FunctionType
from typing import Final, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

LOGGER: Final = logging.getLogger("inmail_credits.simulation")
KERNELS: Final = ("batch", "beta", "draws", "loop", "lots", "philox", "queue", "recorder", "settle", "tables")
"""The modules whose functions are compiled."""
SLOW_SECONDS: Final = 3.0
"""Longer than compiled code takes to load from disk, and shorter than compiling."""
COMPILE: Final = os.environ.get("INMAIL_CREDITS_COMPILE", "1") != "0"


_TOLD: Final[set[str]] = set()
"""What was said once and need not be said again."""


def once(text: str, tell: Callable[[str], object]) -> None:
    """Say something once in a process."""
    if text not in _TOLD:
        _TOLD.add(text)
        tell(text)


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """A part of a kernel, compiled with the entry that calls it; it allocates nothing."""
    return _jit(function, **_PART)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """A small part of a kernel, compiled into each place that calls it: for what is called at every step."""
    return _jit(function, forceinline=True, **_PART)


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """A kernel that Python calls: compiled when it is first called, and cached on disk if possible."""
    if not COMPILE:
        return function
    try:
        return _jit(_stamped(function), cache=True, no_cfunc_wrapper=True)
    except RuntimeError:
        once(
            "no directory for compiled code can be written: the simulation is compiled anew in each process; "
            "set NUMBA_CACHE_DIR to a directory that can be written",
            lambda text: warnings.warn(text, RuntimeWarning, stacklevel=4),
        )
        return _jit(function, no_cfunc_wrapper=True)


_PART: Final = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
"""Parts are never called by Python, and count no references to arrays: at every call that cost more than the
work.
"""


def _jit(function: Callable[P, R], **options: bool) -> Callable[P, R]:
    if not COMPILE:
        return function
    from numba import njit  # noqa: PLC0415 - importing this module loads no compiler

    decorate = cast("Callable[..., Callable[[Callable[P, R]], Callable[P, R]]]", njit)
    return decorate(nogil=True, error_model="numpy", **options)(function)


def _stamped(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, closed over a hash of the kernels' sources.

    Numba looks for changes in the file of the entry alone, and would go on using what it compiled before a
    change in another file; but it keeps functions with other closures apart.
    """
    sources = sha256()
    for name in KERNELS:
        sources.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    original = cast("FunctionType", function)
    code = original.__code__.replace(co_freevars=("sources",))
    cell = CellType(sources.hexdigest())
    copy = FunctionType(code, original.__globals__, original.__name__, original.__defaults__, (cell,))
    copy.__module__, copy.__doc__ = original.__module__, original.__doc__
    return cast("Callable[P, R]", copy)


def plain(kernel: Callable[P, R]) -> Callable[P, R]:
    """The same kernel, and all kernels it calls, as the Python functions they were written as.

    Example:
        >>> from inmail_credits.simulation._engine import philox
        >>> plain(philox.fill).__name__
        'fill'
    """
    return cast("Callable[P, R]", _plain(kernel, {}))


def _plain(kernel: object, done: dict[int, FunctionType]) -> FunctionType:
    function = cast("FunctionType", getattr(kernel, "py_func", kernel))
    if id(function) not in done:
        names = dict(function.__globals__)
        copy = FunctionType(
            function.__code__, names, function.__name__, function.__defaults__, function.__closure__
        )
        done[id(function)] = copy
        for name in function.__code__.co_names:
            if hasattr(names.get(name), "py_func"):
                names[name] = _plain(names[name], done)
    return done[id(function)]


_CALLED: Final[set[str]] = set()
"""The kernels that were called in this process."""


@contextmanager
def told_if_slow(kernel: str) -> Iterator[None]:
    """Say so, once, if the first call of a kernel takes long, which means that it compiles."""
    if kernel in _CALLED or not COMPILE:
        yield
        return
    text = "compiling the simulation, which takes some seconds once; the result is kept on disk"
    timer = Timer(SLOW_SECONDS, once, [text, LOGGER.warning])
    timer.daemon = True
    timer.start()
    try:
        yield
        _CALLED.add(kernel)
    finally:
        timer.cancel()

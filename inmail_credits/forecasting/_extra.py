"""One clear error where the libraries that forecasts need are not installed.

The core of the package needs none of them, so they are an extra. Importing this module checks that they are
there.
"""

from collections.abc import Sequence
from importlib.util import find_spec


def require(libraries: Sequence[str]) -> None:
    """Refuse to go on unless all these libraries can be imported.

    Raises:
        ImportError: naming those that are missing, and the command that installs them.

    Example:
        >>> require(["json", "no_such_library"])
        Traceback (most recent call last):
        ...
        ImportError: inmail_credits.forecasting needs no_such_library: pip install 'inmail-credits[forecast]'
    """
    missing = [library for library in libraries if find_spec(library) is None]
    if missing:
        needs = ", ".join(missing)
        raise ImportError(f"inmail_credits.forecasting needs {needs}: pip install 'inmail-credits[forecast]'")


require(("numpy", "numba", "pandas", "scipy", "matplotlib"))

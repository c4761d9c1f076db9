"""One clear error where the libraries of an extra are not installed; the core needs none of them."""

from importlib.util import find_spec


def require(package: str, *, extra: str, libraries: tuple[str, ...]) -> None:
    """Refuse to load ``package`` unless all these libraries can be imported.

    Raises:
        ImportError: naming those that are missing, and the command that installs them.

    Example:
        >>> require("inmail_credits.simulation", extra="simulation", libraries=("json", "no_such_library"))
        Traceback (most recent call last):
        ...
        ImportError: inmail_credits.simulation needs no_such_library: pip install 'inmail-credits[simulation]'
    """
    missing = [library for library in libraries if find_spec(library) is None]
    if missing:
        raise ImportError(f"{package} needs {', '.join(missing)}: pip install 'inmail-credits[{extra}]'")

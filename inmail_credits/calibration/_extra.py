"""One clear error where the libraries that calibration needs are not installed.

Importing this module is the check.
"""

from importlib.util import find_spec

LIBRARIES = ("numpy", "pandas", "scipy")

_missing = [library for library in LIBRARIES if find_spec(library) is None]
if _missing:
    raise ImportError(
        f"inmail_credits.calibration needs {', '.join(_missing)}: pip install 'inmail-credits[forecast]'"
    )

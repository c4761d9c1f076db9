"""Recognise values of NumPy and pandas by their types, without importing either."""


def is_numpy(value: object) -> bool:
    """Whether a value is one of NumPy's own: a scalar or an array.

    Example:
        >>> is_numpy(3.0)
        False
    """
    return any(cls.__module__ == "numpy" for cls in type(value).__mro__)


def numpy_kind(value: object) -> str:
    """The kind of a NumPy scalar (or array of no dimension) as NumPy names it; empty for all else.

    ``i`` and ``u`` are whole numbers, ``f`` floats, ``b`` truth values, ``M`` datetimes, ``m`` timedeltas.

    Example:
        >>> numpy_kind(3)
        ''
    """
    if not is_numpy(value) or getattr(value, "shape", None) != ():
        return ""
    return str(getattr(getattr(value, "dtype", None), "kind", ""))


def is_pandas(value: object) -> bool:
    """Whether the type of a value is one of pandas' own.

    Example:
        >>> is_pandas("2026-05-01")
        False
    """
    return any(cls.__module__.partition(".")[0] == "pandas" for cls in type(value).__mro__)

"""Objects of one class, truth values, and what runs or watches work."""

from typing import TypeVar

from attrs import Attribute

from inmail_credits._inputs.foreign import numpy_kind
from inmail_credits.errors import InvalidValueError

T = TypeVar("T")


def as_instance(what: str, value: object, cls: type[T], limit: str) -> T:
    """The value itself, if it is of that class.

    Raises:
        InvalidValueError: otherwise; ``limit`` says what is accepted.

    Example:
        >>> as_instance("name", "ann", str, "a text")
        'ann'
    """
    if not isinstance(value, cls):
        raise InvalidValueError(what, value, limit)
    return value


def as_truth(what: str, value: object) -> bool:
    """A plain ``bool``: ``True`` or ``False``, or NumPy's.

    Raises:
        InvalidValueError: for anything else, numbers and texts among it.

    Example:
        >>> as_truth("hidden", True)
        True
    """
    if not isinstance(value, bool) and numpy_kind(value) != "b":
        raise InvalidValueError(what, value, "True or False")
    return bool(value)


def truth(instance: object, attribute: "Attribute[bool]", value: bool) -> None:  # noqa: FBT001 - attrs calls it
    """An attrs validator: ``True`` or ``False``, stored as a plain ``bool``."""
    object.__setattr__(instance, attribute.name, as_truth(attribute.name, value))


def check_executor(value: object) -> None:
    """Refuse anything but ``None`` or an executor, which has ``submit`` as in ``concurrent.futures``.

    Raises:
        InvalidValueError: for anything else, such as a number of workers.

    Example:
        >>> check_executor(None)
    """
    if value is not None and (isinstance(value, type) or not callable(getattr(value, "submit", None))):
        raise InvalidValueError(
            "executor", value, "None or an Executor, such as ProcessPoolExecutor(2) or client.get_executor()"
        )


def check_progress(value: object) -> None:
    """Refuse anything but ``True``, ``False``, ``None`` or a callable of (done, all).

    Raises:
        InvalidValueError: for anything else.

    Example:
        >>> check_progress(True)
    """
    if not isinstance(value, bool | None) and not callable(value):
        raise InvalidValueError("progress", value, "True, False or a callable of (paths done, paths)")

"""What all values of the package share: how they are shown."""

from attrs import AttrsInstance, fields


def shown_by_field(value: AttrsInstance) -> str:
    """The repr of a value: its class and its fields by name, as attrs writes it.

    Written once and given to each class as its ``__repr__``: attrs would write and compile one for each,
    which takes a third of the time that making a class takes.

    Example:
        >>> from inmail_credits import Interval
        >>> Interval(months=1)
        Interval(months=1, days=0)
    """
    shown = [f"{each.name}={getattr(value, each.name)!r}" for each in fields(type(value)) if each.repr]
    return f"{type(value).__name__}({', '.join(shown)})"

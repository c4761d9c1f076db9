"""Closed sets of named values."""

import re
from enum import EnumType, StrEnum
from typing import TYPE_CHECKING, ClassVar, Self

from inmail_credits.errors import InvalidValueError


class _ChoiceType(EnumType):
    """Looks values up by their text alone, so that an array is refused like any other stranger."""

    if not TYPE_CHECKING:

        def __call__(cls, value, *args, **kwargs):  # noqa: ANN001, ANN002, ANN003, ANN204
            if not args and not kwargs and not isinstance(value, str):
                return cls._missing_(value)
            return super().__call__(value, *args, **kwargs)


class Choice(StrEnum, metaclass=_ChoiceType):
    """A closed set of named values; an unknown one is refused with the field and the names there are.

    A field that bears another name than its class is named with ``what``.

    Example:
        >>> class Colour(Choice, what="paint"):
        ...     RED = "red"
        >>> Colour("blue")
        Traceback (most recent call last):
        ...
        inmail_credits.errors.InvalidValueError: paint is 'blue', but must be one of red
        >>> Colour.of("roof", "red").value
        'red'
    """

    if TYPE_CHECKING:
        __field_name: ClassVar[str]

    def __init_subclass__(cls, *, what: str = "") -> None:
        super().__init_subclass__()
        cls.__field_name = what or re.sub("(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def of(cls, what: str, value: object) -> Self:
        """The choice of that value, for a field of that name.

        Raises:
            InvalidValueError: naming the field and the choices.
        """
        if isinstance(value, str) and value in cls._value2member_map_:
            return cls(value)
        raise InvalidValueError(what, value, f"one of {', '.join(cls)}")

    @classmethod
    def _missing_(cls, value: object) -> Self:
        return cls.of(cls.__field_name, value)


class ExplainedChoice(Choice):
    """A closed set of named values with a sentence beside each, which does not compare.

    Example:
        >>> class Answer(ExplainedChoice):
        ...     YES = "yes", "it is so"
        >>> Answer("yes").sentence, Answer.YES == "yes"
        ('it is so', True)
    """

    sentence: str
    """The value in words."""

    def __new__(cls, value: str, sentence: str = "") -> Self:
        """A choice of that value, with its sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

"""The public names and their parameters, one a line: ``public_api.py`` prints them, ``--accept`` stores them.

Public is what the reference shows: the modules named in ``docs/reference``, of each what its ``__all__``
lists, or what it defines. A line has no types and no values of defaults, so that it is the same on every
Python.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
STORED = Path(__file__).with_name("public_api.txt")
SHOWN = re.compile(r"automodule:: (\S+)\n\s*:members:(.*)")
MARKS: dict[object, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def modules() -> dict[str, tuple[str, ...]]:
    """The modules that the reference shows, and the names it shows of each; none named: all public ones."""
    found = {}
    for page in sorted((ROOT / "docs" / "reference").glob("*.md")):
        for name, members in SHOWN.findall(page.read_text(encoding="utf-8")):
            found[name] = tuple(re.findall(r"\w+", members))
    return found


def public_names(module: ModuleType) -> list[str]:
    """What a module offers.

    From Python 3.13 on attrs has its ``evolve`` say that it is a method of the class that was made last.
    """
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return list(listed)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
        and getattr(value, "__qualname__", name) == name
    ]


def lines() -> list[str]:
    """Every public name with its parameters, in the order of the alphabet."""
    found: dict[str, object] = {}
    for name, members in {"inmail_credits": (), **modules()}.items():
        module = import_module(name)
        for member in members or public_names(module):
            found[f"{name}.{member}"] = getattr(module, member)
    homes = {id(value): path for path, value in found.items() if path == _home(value)}
    listed: set[str] = set()
    for path, value in found.items():
        home = homes.get(id(value), path)
        listed.update(_lines_of(path, value) if home == path else [f"{path} is {home}"])
    return sorted(listed)


def _home(value: object) -> str:
    """Where a class or a function is defined."""
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"


def _lines_of(path: str, value: object) -> Iterator[str]:
    if inspect.isclass(value):
        yield f"{path}({_parameters(value)})" if not issubclass(value, Enum) else path
        for name in dir(value):
            if not name.startswith("_") and not _is_builtin(value, name):
                yield from _member_lines(f"{path}.{name}", inspect.getattr_static(value, name))
    elif callable(value):
        yield f"{path}({_parameters(value)})"
    else:
        yield path


def _is_builtin(owner: type, name: str) -> bool:
    """Whether a name comes from a class of Python's own, such as ``tuple.count``."""
    for base in owner.__mro__:
        if name in vars(base):
            return not base.__module__.startswith("inmail_credits")
    return True


def _member_lines(path: str, member: object) -> Iterator[str]:
    inner = member.__func__ if isinstance(member, classmethod | staticmethod) else member
    yield f"{path}({_parameters(inner)})" if inspect.isroutine(inner) else path


def _parameters(value: object) -> str:
    if getattr(value, "__new__", None) is tuple.__new__:
        return "..."  # Python tells those of a tuple from 3.13 on
    try:
        signature = inspect.signature(value)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return "..."
    shown, keyword_only = [], False
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not keyword_only:
            shown.append("*")
        keyword_only |= parameter.kind in {
            inspect.Parameter.KEYWORD_ONLY,
            inspect.Parameter.VAR_POSITIONAL,
        }
        optional = "=" if parameter.default is not inspect.Parameter.empty else ""
        shown.append(f"{MARKS.get(parameter.kind, '')}{parameter.name}{optional}")
    return ", ".join(shown)


if __name__ == "__main__":
    text = "".join(f"{line}\n" for line in lines())
    if "--accept" in sys.argv:
        STORED.write_text(text, encoding="utf-8")
    else:
        print(text, end="")

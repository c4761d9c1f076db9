"""The public names are those that were decided on, and the reference shows all of them."""

import ast
import difflib
import inspect
import pkgutil
from importlib import import_module
from itertools import pairwise

import inmail_credits
from tests import public_api


def test_the_public_names_are_those_that_are_stored() -> None:
    """Where this fails, a public name or parameter changed.

    If that is meant, name it in the changelog, and run ``python tests/public_api.py --accept``.
    """
    stored = public_api.STORED.read_text(encoding="utf-8").splitlines()
    changes = list(difflib.unified_diff(stored, public_api.lines(), "stored", "found", lineterm="", n=0))
    assert changes == []


def test_the_reference_shows_every_public_package() -> None:
    """Every package and module at the top that does not begin with an underscore; not the command line."""
    top = {
        f"inmail_credits.{module.name}"
        for module in pkgutil.iter_modules(inmail_credits.__path__)
        if not module.name.startswith("_")
    }
    assert top - set(public_api.modules()) == {"inmail_credits.cli"}


def test_help_begins_with_a_signature_of_a_screen_at_most() -> None:
    """No default is spelled out at length, such as every case of the conformance suite."""
    functions = {
        f"{module}.{name}": value
        for module, members in public_api.modules().items()
        for name in members or public_api.public_names(import_module(module))
        if inspect.isroutine(value := getattr(import_module(module), name))
    }
    assert {name for name, value in functions.items() if len(str(inspect.signature(value))) > 2_000} == set()


def test_every_public_name_says_what_it_is() -> None:
    """Classes and functions of the reference have docstrings."""
    silent = [
        f"{module}.{name}"
        for module, members in public_api.modules().items()
        for name in members or public_api.public_names(import_module(module))
        if (inspect.isclass(value := getattr(import_module(module), name)) or inspect.isroutine(value))
        and not value.__doc__
    ]
    assert silent == []


def described(module: str) -> set[str]:
    """The values that a module defines with a docstring below."""
    body = ast.parse(inspect.getsource(import_module(module))).body
    return {
        ast.unparse(target)
        for value, below in pairwise(body)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        for target in getattr(value, "targets", [getattr(value, "target", None)])
        if target is not None
    }


def test_the_reference_shows_every_value_and_every_name_that_is_loaded_late() -> None:
    """Sphinx finds classes, functions and described values; pages list what else a module hands on."""
    pages = "".join(
        page.read_text(encoding="utf-8") for page in (public_api.ROOT / "docs" / "reference").glob("*.md")
    )
    unseen = []
    for path, members in public_api.modules().items():
        module = import_module(path)
        for name in members or public_api.public_names(module):
            value = vars(module).get(name)
            found = inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value)
            if not found and name not in described(path) and f":: {path}.{name}\n" not in pages:
                unseen.append(f"{path}.{name}")
    assert unseen == []

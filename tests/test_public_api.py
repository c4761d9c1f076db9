"""The public names are those that were decided on, and the reference shows all of them."""

import difflib
import inspect
import pkgutil
from importlib import import_module

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

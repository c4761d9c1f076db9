"""The site: ``make docs``."""

import re
import sys
from enum import Enum
from importlib.metadata import version as installed

import attrs
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.inspect import object_description

from inmail_credits._inputs import ExplainedChoice
from inmail_credits.ledger import Entry

project = "inmail_credits"
author = "the inmail_credits authors"
copyright = f"2026, {author}"  # noqa: A001 - Sphinx's name
release = version = installed("inmail-credits")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.intersphinx",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "vectors", "examples"]
nitpicky = False
intersphinx_mapping: dict[str, tuple[str, None]] = {}

html_theme = "furo"
html_title = "inmail_credits"
html_static_path = ["_static"]
html_css_files = ["site.css"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "attrs_block"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_output_stderr = "remove"  # that the simulation is compiled, once

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = [("Fields", "params_style")]
highlight_options = {lexer: {"stripnl": True} for lexer in ("python", "pycon", "python3", "console")}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


_TYPES = (
    (r"\bHasItem\b", "datetime64"),  # as a type checker sees it without NumPy
    (r"ndarray\[tuple\[[^]]*\], [\w.~]*dtype\[([^]]*)\]\]", r"ndarray[\1]"),
    (r"~?_typeshed[^,=]*?\| [\w.~]*_NestedSequence\[complex \| bytes \| str\]", "ArrayLike"),
)


# Napoleon takes what stands before a colon in the docstring of an attribute for its type; ours are sentences.
_SENTENCES: dict[str, list[str]] = {}
_FIELD = type(vars(Entry)["at"])
"""A field of a named tuple."""


def _keep(app, what, name, obj, options, lines):
    if what in {"attribute", "property", "data"}:
        _SENTENCES[name] = (what == "data" and _handed_on(name, obj)) or list(lines)


def _give_back(app, what, name, obj, options, lines):
    lines[:] = _SENTENCES.pop(name, lines)
    if what == "class" and issubclass(obj, ExplainedChoice):
        for choice in obj:
            lines += [f".. py:attribute:: {choice.name}", f"   :value: {choice.value!r}", ""]
            lines += [f"   {choice.sentence}", ""]


def _handed_on(name, obj):
    """What its module says of a value that a package hands on: Sphinx takes its type's docstring."""
    short = name.rpartition(".")[2]
    for path, module in sorted(sys.modules.items()):
        if path.startswith("inmail_credits.") and vars(module).get(short) is obj:
            documented = ModuleAnalyzer.for_module(path).find_attr_docs()
            if lines := documented.get(("", short)):
                return lines
    return []


def _with_choices(app, what, name, obj, skip, options):
    """Enums with all members, but those with a sentence, which stand with the class; no named fields."""
    return isinstance(obj, ExplainedChoice) if isinstance(obj, Enum) else isinstance(obj, _FIELD) or None


def _readable(app, what, name, obj, options, signature, returns):
    """An enum is not called; defaults of attrs classes, and types of NumPy by the names people know."""
    if what == "class" and issubclass(obj, Enum):
        return "", returns
    if what == "class" and attrs.has(obj):
        defaults = {each.name: object_description(each.default) for each in attrs.fields(obj)}
        signature = re.sub(r"attr_dict\['(\w+)'\]\.default", lambda name: defaults[name[1]], signature or "")
        signature = signature.replace("= NOTHING", "= ...")
    for pattern, known in _TYPES:
        signature, returns = (text and re.sub(pattern, known, text) for text in (signature, returns))
    return signature, returns


def setup(app):
    """Called by Sphinx: one before napoleon, one after it."""
    app.connect("autodoc-process-docstring", _keep, priority=100)
    app.connect("autodoc-process-docstring", _give_back, priority=900)
    app.connect("autodoc-skip-member", _with_choices)
    app.connect("autodoc-process-signature", _readable)

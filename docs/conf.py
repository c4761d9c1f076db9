"""The site: ``make docs``."""

from importlib.metadata import version as installed

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
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = [("Fields", "params_style")]
highlight_options = {lexer: {"stripnl": True} for lexer in ("python", "pycon", "python3", "console")}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


# Napoleon takes what stands before a colon in the docstring of an attribute for its type; ours are sentences.
_SENTENCES: dict[str, list[str]] = {}


def _keep(app, what, name, obj, options, lines):  # noqa: ANN001, ANN202, ARG001
    if what in {"attribute", "property", "data"}:
        _SENTENCES[name] = list(lines)


def _give_back(app, what, name, obj, options, lines):  # noqa: ANN001, ANN202, ARG001
    lines[:] = _SENTENCES.pop(name, lines)


def setup(app):  # noqa: ANN001, ANN201
    """Called by Sphinx: one before napoleon, one after it."""
    app.connect("autodoc-process-docstring", _keep, priority=100)
    app.connect("autodoc-process-docstring", _give_back, priority=900)

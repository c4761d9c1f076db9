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


def _leave_sentences_alone(app, what, name, obj, options, lines):  # noqa: ANN001, ANN202, PLR0917, ARG001
    """Keep napoleon from taking what stands before a colon in the docstring of an attribute for its type."""
    if what in {"attribute", "property", "data"}:
        lines.insert(0, "")


def setup(app):  # noqa: ANN001, ANN201
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _leave_sentences_alone, priority=100)

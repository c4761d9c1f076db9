"""Importing this module checks that the libraries of the extra are installed."""

from inmail_credits._extras import require

require(
    "inmail_credits.forecasting",
    extra="forecast",
    libraries=("numpy", "numba", "pandas", "scipy", "matplotlib"),
)

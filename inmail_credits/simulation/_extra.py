"""Importing this module checks that the libraries of the extra are installed."""

from inmail_credits._extras import require

require("inmail_credits.simulation", extra="simulation", libraries=("numpy", "numba"))

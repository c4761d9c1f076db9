"""The same seed gives the same bits on every processor: no table is summed by BLAS or vector units."""

import os
import subprocess
import sys
from datetime import date
from itertools import product
from math import fsum
from pathlib import Path

import numpy as np
import pytest

from inmail_credits.simulation import Sends
from inmail_credits.simulation.behaviour import _quadrature
from inmail_credits.simulation.distribution import DailyCounts

FINGERPRINT = Path(__file__).with_name("fingerprint.py")
PLAN = "business"
"""The plan of the fingerprint that is tried here; ``make fingerprint`` tries all, under many settings."""
FEATURES = " ".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []))
SETTINGS: tuple[dict[str, str], ...] = (
    {"OPENBLAS_CORETYPE": "Prescott"},
    {"NPY_DISABLE_CPU_FEATURES": FEATURES, "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
)


def fingerprint(settings: dict[str, str]) -> str:
    """What a new process prints under those settings of the environment."""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-P", str(FINGERPRINT), PLAN],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def as_found() -> str:
    """The fingerprint without settings."""
    return fingerprint({})


@pytest.mark.parametrize("settings", SETTINGS, ids=",".join)
def test_a_simulation_has_the_same_bits_under_other_processor_settings(
    settings: dict[str, str], as_found: str
) -> None:
    """Another BLAS kernel, and no vector instructions beyond the baseline, change no bit of any result."""
    assert fingerprint(settings) == as_found


@pytest.mark.parametrize(("per_day", "most"), [*product((0.3, 2, 3, 7.7), (None, 4))])
def test_the_mean_of_a_day_is_rounded_once(per_day: float, most: int | None) -> None:
    """The mean is that of the law, or the correctly rounded sum over its chances."""
    sends = Sends.poisson(per_day=per_day, daily_max=most)
    day = date(2026, 5, 4)
    exact = fsum(k * p for k, p in enumerate(sends.pmf(day).tolist()))
    assert sends.mean_on(day) == (exact if most else per_day)
    assert sends.mean_on(day) == pytest.approx(exact, rel=1e-14)


def test_the_tabulated_quadrature_is_that_of_gauss_and_legendre() -> None:
    """The constants agree with the nodes and weights that NumPy solves for."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    assert pytest.approx(nodes, abs=1e-15) == _quadrature._NODES
    assert pytest.approx(weights, abs=1e-15) == _quadrature._WEIGHTS


@pytest.mark.parametrize("scale", [1, 10**15], ids=["in 64 bits", "beyond 64 bits"])
def test_moments_of_balances_are_exact(scale: int) -> None:
    """Mean and sum of squares about it follow from whole numbers, however large."""
    balances = DailyCounts(np.array([3]), np.array([[1, 0, 2] + [0] * 100]) * scale)
    mean, spread = balances.moments()
    assert mean.tolist() == [3 + 4 / 3]
    assert spread.tolist() == [8 * scale / 3]

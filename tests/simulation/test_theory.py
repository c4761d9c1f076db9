"""The engine against exact results and an outside simulator: ``make validate`` with a tenth of the paths."""

import runpy
from pathlib import Path

import pytest

VALIDATE = runpy.run_path(str(Path(__file__).with_name("validate.py")))


@pytest.fixture(scope="module")
def rows() -> list[object]:
    """The table, at a tenth."""
    return list(VALIDATE["table"](0.1))


def test_every_figure_of_theory_lies_within_4_standard_errors(rows: list[object]) -> None:
    """No |z| of 4 or more, over all figures; a failure names them."""
    failures = [VALIDATE["line"](row) for row in rows if abs(row.z) >= VALIDATE["Z_MAX"]]  # type: ignore[attr-defined]
    assert not failures, "".join(failures)


def test_the_table_covers_every_family(rows: list[object]) -> None:
    """A family that yields no row proves nothing."""
    cases = {row.case.split()[0] for row in rows}  # type: ignore[attr-defined]
    assert cases == {
        "constant", "finite", "refunds", "random", "Erlang-B",
        "delayed", "sends", "first", "single", "viso_jax",
    }  # fmt: skip


def test_a_planted_fault_is_seen() -> None:
    """A plan that keeps credits a day longer is not mistaken for theory's."""
    vectors = VALIDATE["json"].loads(VALIDATE["VECTORS"].read_text())
    row = dict(vectors["derived_exact_constant_grant"]["rows"][2])
    row["m"] = 2
    assert any(abs(z.z) >= VALIDATE["Z_MAX"] for z in VALIDATE["constant_grant"]([row], 0.1))

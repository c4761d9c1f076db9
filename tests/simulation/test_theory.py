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
        "constant", "any", "finite", "refunds", "random", "Erlang-B",
        "delayed", "sends", "first", "single", "viso_jax",
    }  # fmt: skip


def test_a_planted_fault_is_seen() -> None:
    """A plan that keeps credits a day longer is not mistaken for theory's."""
    vectors = VALIDATE["json"].loads(VALIDATE["VECTORS"].read_text())
    row = dict(vectors["derived_exact_constant_grant"]["rows"][2])
    row["m"] = 2
    assert any(abs(z.z) >= VALIDATE["Z_MAX"] for z in VALIDATE["constant_grant"]([row], 0.1))


EXACT = VALIDATE["EXACT"]
STORED = VALIDATE["json"].loads(VALIDATE["VECTORS"].read_text())


@pytest.mark.parametrize(
    "row", STORED["derived_exact_constant_grant"]["rows"], ids=lambda row: f"{row['m']}, {row['Q']}"
)
def test_our_own_chain_says_what_the_vectors_say_of_the_long_run(row: dict[str, float]) -> None:
    """Made elsewhere and here, independently: the same stationary values."""
    figures = EXACT["constant_grant"](int(row["Q"]), int(row["m"]), row["lam"], cap=None, low=900, high=901)
    for ours, theirs in (
        ("sent", "mean_issued"),
        ("refused", "mean_lost_sends"),
        ("expired", "mean_expired"),
        ("left over", "mean_end_balance"),
        ("with a refusal", "p_period_with_lost_send"),
    ):
        assert figures[ours] == pytest.approx(row[theirs], rel=1e-8, abs=1e-10)


def test_our_own_chain_says_what_the_vectors_say_period_by_period() -> None:
    """From empty, over 12 periods: the cumulative figures are their sums."""
    (row,) = STORED["derived_exact_finite_horizon"]["rows"]
    for period in row["rows"]:
        high = period["period"]
        figures = EXACT["constant_grant"](row["Q"], row["m"], row["lam"], cap=None, low=0, high=high)
        assert figures["sent"] * high == pytest.approx(period["cum_expected_sent"], rel=1e-7)
        assert figures["refused"] * high == pytest.approx(period["cum_expected_lost"], rel=1e-7)
        assert figures["expired"] * high == pytest.approx(period["cum_expected_expired"], rel=1e-6, abs=1e-9)


def test_our_own_closed_forms_say_what_the_vectors_say() -> None:
    """Erlang's formula, and single credits that come at random."""
    forms = STORED["closed_forms"]
    for row in forms["erlang_b_closed_loop"]["rows"]:
        assert EXACT["erlang_b"](row["B"], row["offered_load"]) == pytest.approx(
            row["p_send_refused"], rel=1e-8
        )
    for row in forms["mm_perishable"]["rows"]:
        found = EXACT["random_arrivals"](row["arrival_rate"], row["send_rate"], row["lifetime"])
        assert found == pytest.approx((row["p_stockout"], row["p_expire"]), rel=1e-8)

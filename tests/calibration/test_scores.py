"""Scores of forecasts: equal to the reference values and to scoringrules; proper; refused where senseless."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from inmail_credits.calibration import scores
from inmail_credits.errors import InMailCreditsError

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "expiring_stock.json").read_text(encoding="utf-8")
)["scoring"]


def test_scores_equal_the_reference_values() -> None:
    """CRPS of an ensemble in both estimators, of counts, pinball, interval score."""
    for place, observed in enumerate(VECTORS["obs"]):
        fair = scores.crps_ensemble(VECTORS["ensemble"], observed)
        plain = scores.crps_ensemble(VECTORS["ensemble"], observed, estimator="empirical")
        assert fair == pytest.approx(VECTORS["fair"][place], abs=1e-9)
        assert plain == pytest.approx(VECTORS["nrg"][place], abs=1e-9)
    counts = np.arange(400)
    for name, law in (("poisson_lambda4", stats.poisson(4)), ("negbinom_n5_p04", stats.nbinom(5, 0.4))):
        for observed, expected in VECTORS[f"crps_{name}"].items():
            assert scores.crps_counts(law.pmf(counts), int(observed)) == pytest.approx(expected, abs=1e-8)
    table = VECTORS["quantile_pinball"]
    for level, quantile in table["quantiles"].items():
        found = scores.pinball(quantile, table["obs"], float(level))
        assert found == pytest.approx(table["pinball"][level], abs=1e-12)
    low, high = table["quantiles"]["0.05"], table["quantiles"]["0.95"]
    assert scores.interval_score(low, high, table["obs"], 0.9) == pytest.approx(VECTORS["interval_score_90"])


def test_scoringrules_agrees_on_other_samples() -> None:
    """On ensembles of any size and spread."""
    import scoringrules  # noqa: PLC0415 - it compiles for seconds when it is imported

    rng = np.random.default_rng(1)
    for members in (2, 7, 500):
        ensemble, observed = rng.gamma(2.0, 3.0, members), float(rng.gamma(2.0, 3.0))
        for ours, theirs in (("fair", "fair"), ("empirical", "nrg")):
            judge = float(scoringrules.crps_ensemble(observed, ensemble, estimator=theirs))
            assert scores.crps_ensemble(ensemble, observed, estimator=ours) == pytest.approx(judge, abs=1e-9)
        level = float(rng.uniform(0.05, 0.95))
        judge = float(scoringrules.quantile_score(observed, ensemble[0], level))
        assert scores.pinball(float(ensemble[0]), observed, level) == pytest.approx(judge)


def test_the_fair_score_does_not_depend_on_the_number_of_members() -> None:
    """In the mean over ensembles; the empirical one favours large ensembles."""
    rng = np.random.default_rng(2)
    few = [scores.crps_ensemble(rng.poisson(4, 4), 5) for _ in range(4_000)]
    exact = scores.crps_counts(stats.poisson(4).pmf(np.arange(60)), 5)
    assert abs(np.mean(few) - exact) < 4 * np.std(few) / 4_000**0.5


def test_the_randomised_pit_of_right_counts_is_uniform() -> None:
    """Its mean and its variance are those of a uniform number."""
    rng = np.random.default_rng(3)
    ensemble = rng.poisson(2, 4_000)
    found = np.array([scores.pit(ensemble, float(y), float(rng.random())) for y in rng.poisson(2, 2_000)])
    assert stats.kstest(found, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    "call",
    [
        lambda: scores.crps_ensemble([1.0], 1.0),
        lambda: scores.crps_ensemble([1.0, float("nan")], 1.0),
        lambda: scores.crps_ensemble([1.0, 2.0], float("inf")),
        lambda: scores.crps_ensemble([1.0, 2.0], 1.0, estimator="pwm2"),
        lambda: scores.crps_counts([], 1),
        lambda: scores.pinball(1.0, 1.0, 1.2),
        lambda: scores.brier(1.2, happened=True),
        lambda: scores.pit([1.0, 2.0], 1.0, -0.1),
        lambda: scores.interval_score(0.0, 1.0, 0.5, 1.0),
    ],
)
def test_senseless_input_is_refused(call: object) -> None:
    """One member, no number, a level outside 0..1."""
    with pytest.raises(InMailCreditsError):
        call()  # type: ignore[operator] # each is a function

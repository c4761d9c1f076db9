"""Progress: one count over all that is run, one bar, and a false answer that stops."""

import sys
import warnings
from datetime import date

import numpy as np
import pytest
from tqdm import TqdmWarning

from inmail_credits import economies
from inmail_credits.forecasting import compare, forecast
from inmail_credits.simulation import Outreach
from inmail_credits.simulation.run import SimulationCancelledError

START = date(2026, 1, 1)
PLANS = economies.LINKEDIN_2019


@pytest.mark.parametrize("answer", [False, 0, np.False_, ""])
def test_any_false_answer_but_none_stops(recruiter: Outreach, answer: object) -> None:
    """``np.False_`` and 0 are false; the run stops at the first of them."""
    heard: list[int] = []

    def callback(done: int, _paths: int) -> bool | None:
        heard.append(done)
        return answer  # type: ignore[return-value] # on purpose

    with pytest.raises(SimulationCancelledError, match="stopped after"):
        forecast(PLANS["career"], recruiter, start=START, months=1, rng=7, paths=50, progress=callback)
    with pytest.raises(SimulationCancelledError, match="stopped after"):
        compare(PLANS, recruiter, start=START, months=1, rng=7, paths=50, progress=callback)
    assert len(heard) == 2


@pytest.mark.parametrize("answer", [None, True, 1, np.True_, "go on"])
def test_none_and_any_true_answer_go_on(recruiter: Outreach, answer: object) -> None:
    """A callback that returns nothing does not stop anything."""
    one = forecast(
        PLANS["career"],
        recruiter,
        start=START,
        months=1,
        rng=7,
        paths=50,
        progress=lambda _done, _paths: answer,
    )
    assert one.simulation.paths == 50


def test_a_comparison_counts_the_paths_of_all_plans_together(recruiter: Outreach) -> None:
    """From the first plan to the last the count rises, and ends at all paths of all plans."""
    heard: list[tuple[int, int]] = []
    compare(
        PLANS, recruiter, start=START, months=1, rng=7, paths=50, progress=lambda *done: heard.append(done)
    )
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert heard[-1] == (200, 200)
    assert {paths for _, paths in heard} == {200}


def test_a_comparison_shows_one_bar_with_the_name_of_the_plan(
    recruiter: Outreach, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on standard error, no widget of a notebook, no warning that there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", TqdmWarning)
        compare(PLANS, recruiter, start=START, months=1, rng=7, paths=50, progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, "one bar, closed once"
    last = captured.err.rstrip().rpartition("\r")[2]
    assert last.startswith("recruiter-lite: 100%")
    assert "200/200" in last


def test_a_forecast_shows_a_bar_with_its_plan(
    recruiter: Outreach, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing at all where tqdm is not installed."""
    forecast(PLANS["career"], recruiter, start=START, months=1, rng=7, paths=50, progress=True)
    assert "career: 100%" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "tqdm", None)
    forecast(PLANS["career"], recruiter, start=START, months=1, rng=7, paths=50, progress=True)
    assert capsys.readouterr().err == ""

"""The shapes, types and names of what a forecast hands over, and what it refuses."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import cast

import numpy as np
import pandas as pd
import pytest

from inmail_credits import Account, Plan, economies
from inmail_credits.errors import InMailCreditsError, InvalidValueError, NaiveInstantError, UnknownNameError
from inmail_credits.forecasting import Forecast, compare, forecast, plot_plans
from inmail_credits.simulation import Outreach, simulate
from inmail_credits.simulation.figures import FIGURES, FLOWS
from inmail_credits.simulation.run import Rng
from inmail_credits.simulation.seeds import seed_sequence
from inmail_credits.timeline import DAY

CAREER = economies.LINKEDIN_2019["career"]
NEW_YEAR = date(2026, 1, 1)


def test_the_summary_has_an_error_beside_every_mean(year: Forecast) -> None:
    """One row a figure; means and errors are numbers, odds and shares lie in 0..1."""
    table = year.summary()
    assert table.index.name == "figure"
    assert table.index.is_unique
    assert list(table.columns) == ["mean", "error", "p5", "p50", "p95", "unit"]
    assert (table.drop(columns="unit").dtypes == np.float64).all()
    assert table[["mean", "error"]].notna().all(axis=None)
    assert (table["p5"] <= table["p95"]).equals(table["p5"].notna())
    odds = table[table["unit"].isin(["odds", "share"])]["mean"]
    assert odds.between(0, 1).all()
    assert set(table["unit"]) == {"messages", "credits", "share", "odds"}


def test_the_summary_has_a_row_for_every_figure(year: Forecast) -> None:
    """All of the one table of figures, in its order; a figure may be added there and forgotten here."""
    rows = [name for name in year.summary().index if not name.startswith("run_dry_by_")]
    assert rows == [*(one.name for one in FIGURES), "reply_rate"]


def test_the_means_add_up(year: Forecast) -> None:
    """Conservation: opening + granted + refunded - spent - expired - forfeited = balance; wanted is split."""
    mean = year.summary()["mean"]
    received = mean["opening"] + mean["granted"] + mean["refunded"]
    lost = mean["sent"] + mean["expired"] + mean["forfeited"]
    assert received - lost == pytest.approx(mean["balance"])
    split = mean["sent"] + mean["refused"] + mean["held_back"]
    assert split == pytest.approx(mean["wanted"])
    assert mean["share_sent"] == pytest.approx(mean["sent"] / mean["wanted"])


def test_run_dry_odds_by_billing_period_rise_to_those_of_the_horizon(year: Forecast) -> None:
    """One row a period's end, counted from the anchor of the 31st (D5)."""
    table = year.summary()["mean"]
    ends = [name.removeprefix("run_dry_by_") for name in table.index if name.startswith("run_dry_by_")]
    assert ends[:3] == ["2026-02-28", "2026-03-31", "2026-04-30"]
    assert len(ends) == 12
    odds = [table[f"run_dry_by_{end}"] for end in ends]
    assert odds == sorted(odds)
    assert odds[-1] == table["run_dry"]
    by_date = year.run_dry().set_index("date")["by_then"]
    assert odds[0] == by_date.loc["2026-02-27"], "by the end of the last day before the grant"


def test_quantiles_are_tidy_and_their_bounds_enclose_them(year: Forecast) -> None:
    """One row a date and quantile, whole credits, low <= balance <= high, rising with the quantile."""
    table = year.quantiles((0.1, 0.5, 0.9))
    assert list(table.columns) == ["date", "quantile", "balance", "low", "high"]
    assert len(table) == 3 * year.simulation.days
    assert pd.api.types.is_datetime64_any_dtype(table["date"])
    assert (table[["balance", "low", "high"]].dtypes == np.int64).all()
    assert (table["low"] <= table["balance"]).all()
    assert (table["balance"] <= table["high"]).all()
    wide = table.pivot_table(index="date", columns="quantile", values="balance")
    assert (wide[0.1] <= wide[0.5]).all()
    assert (wide[0.5] <= wide[0.9]).all()


def test_run_dry_is_a_distribution_function_with_bounds(year: Forecast) -> None:
    """The odds by date never fall, lie within their bounds, and are dated as ``run_dry_on`` says."""
    table = year.run_dry()
    assert table["by_then"].is_monotonic_increasing
    assert table["by_then"].between(table["low"], table["high"]).all()
    assert (table["on_that_day"] <= table["by_then"]).all()
    last = float(table["by_then"].iloc[-1])
    assert 0 < last < 1
    first = table["date"][table["by_then"] >= last / 2].iloc[0]
    assert year.run_dry_on(last / 2) == first.date()
    assert year.run_dry_on(1.0) is None


@pytest.mark.parametrize("grain", ["day", "week", "month", "billing_period"])
def test_periods_of_any_grain_add_up_to_the_whole(year: Forecast, grain: str) -> None:
    """Their means add up to the horizon's, and each has its error."""
    for figure in FLOWS:
        table = year.flow(figure.name, grain)
        assert list(table.columns) == ["start", figure.name, "error"]
        assert table["start"].is_monotonic_increasing
        assert table[figure.name].sum() == pytest.approx(year.summary().loc[figure.name, "mean"])
        if figure.name != "granted":
            assert ((table["error"] > 0) == (table[figure.name] > 0)).mean() > 0.9, figure.name
    assert year.expiries(grain).equals(year.flow("expired", grain))


def test_to_dict_is_json_and_says_what_the_tables_say(year: Forecast) -> None:
    """No ``nan``, keys without spaces, the same numbers."""
    data = json.loads(json.dumps(year.to_dict(), allow_nan=False))
    assert data["plan"] == "sales"
    assert data["start"] == "2026-01-31T00:00:00Z"
    assert (data["seed"], data["horizon"], data["paths"]) == (7, "12 months", 3_000)
    assert data["figures"]["sent"]["mean"] == year.summary().loc["sent", "mean"]
    assert data["figures"]["run_dry"]["p50"] is None
    assert data["run_dry"]["date"][0] == "2026-01-31"
    assert len(data["run_dry"]["by_then"]) == data["days"]
    assert len(data["quantiles"]["balance"]) == 5 * data["days"]


def test_a_forecast_shows_itself_in_one_line_and_in_a_notebook(year: Forecast) -> None:
    """The repr is one line; the notebook gets the table."""
    assert repr(year).startswith("<Forecast sales, 5 sends a week, 27 % answered: 12 months from 2026-01-31")
    assert "\n" not in repr(year)
    assert len(repr(year)) < 240
    html = year._repr_html_()
    assert "<table" in html
    assert "Sales Navigator: 20 credits a month" in html
    assert "seed 7" in html


def test_the_same_seed_gives_the_same_bits_on_any_executor(recruiter: Outreach) -> None:
    """However many workers, and whether the seed comes as a number or as a SeedSequence."""
    with ThreadPoolExecutor(2) as pool:
        shared = forecast(CAREER, recruiter, start=NEW_YEAR, months=2, rng=7, paths=10_000, executor=pool)
    alone = forecast(CAREER, recruiter, start=NEW_YEAR, months=2, rng=np.random.SeedSequence(7), paths=10_000)
    assert shared.summary().equals(alone.summary())
    assert shared.flow("refused", "week").equals(alone.flow("refused", "week"))
    direct = simulate(CAREER, recruiter, start=NEW_YEAR, days=59, paths=10_000, rng=7)
    assert np.array_equal(direct.total("sent"), shared.simulation.total("sent"))


def test_a_generator_is_drawn_from_once(recruiter: Outreach) -> None:
    """Two forecasts from one Generator differ, and both can be had again; their seed is not a number."""

    def made(rng: np.random.Generator) -> list[float]:
        runs = [forecast(CAREER, recruiter, start=NEW_YEAR, months=1, rng=rng, paths=50) for _ in range(2)]
        assert runs[0].seed is None
        return [float(run.simulation.total("wanted").mean()) for run in runs]

    first = made(np.random.default_rng(7))
    assert first[0] != first[1]
    assert made(np.random.default_rng(7)) == first


def test_progress_is_told_and_can_stop(recruiter: Outreach) -> None:
    """A callable hears of the paths done."""
    heard: list[tuple[int, int]] = []
    forecast(
        CAREER,
        recruiter,
        start=NEW_YEAR,
        months=1,
        rng=7,
        paths=50,
        progress=lambda *done: heard.append(done),
    )
    assert heard[-1] == (50, 50)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"months": 0}, "months is 0, but must be a whole number from 1 to 1,200"),
        ({"months": 1.5}, "months is 1.5"),
        ({"paths": 0}, "paths is 0, but must be a whole number from 1"),
        ({"start": None}, "start is None, but must be an aware datetime or a date"),
        ({"start": datetime(2026, 1, 1)}, "has no time zone"),  # noqa: DTZ001 - refused for that
        ({"rng": -1}, "rng is -1, but must be a seed: a whole number from 0"),
        ({"rng": 0.5}, "rng is 0.5, but must be a seed"),
        ({"seats": 2}, "seats is 2, but must be a whole number from 1 to"),
        ({"outreach": "much"}, "outreach is 'much', but must be an Outreach"),
        ({"subject": "career"}, "subject is 'career', but must be a Plan or an Account"),
        ({"subject": Account.open(CAREER, at=NEW_YEAR), "seats": 3}, "seats is 3, but must be left out"),
        (
            {"subject": Account.open(CAREER, at=NEW_YEAR), "start": date(2025, 12, 31)},
            "at or after the latest fact",
        ),
    ],
)
def test_bad_input_is_refused_with_the_limit(
    recruiter: Outreach, terms: dict[str, object], words: str
) -> None:
    """What, value, limit."""
    good: dict[str, object] = {
        "subject": CAREER, "outreach": recruiter, "months": 1, "rng": 7, "start": NEW_YEAR, "paths": 5,
    }  # fmt: skip
    call = cast("dict[str, int]", good | terms)
    with pytest.raises((InvalidValueError, NaiveInstantError)) as caught:
        forecast(call.pop("subject"), call.pop("outreach"), **call)  # type: ignore[arg-type] # on purpose
    assert words in str(caught.value)


def test_bad_questions_are_refused(year: Forecast) -> None:
    """A quantile, probability, grain or flow that is none."""
    questions = (
        lambda: year.quantiles((0.5, 1.0)),
        lambda: year.run_dry_on(1.5),
        lambda: year.expiries("hour"),
        lambda: year.flow("luck"),
        lambda: plot_plans([]),
    )
    for question in questions:
        with pytest.raises(InMailCreditsError):
            question()


def test_a_seed_of_every_kind_is_taken() -> None:
    """A number, a SeedSequence, a Generator, and a NumPy integer not by accident."""
    kinds: list[Rng] = [7, np.random.SeedSequence(7), np.random.default_rng(7)]
    for rng in kinds:
        assert isinstance(seed_sequence(rng), np.random.SeedSequence)


class TestComparison:
    """Plans side by side."""

    def test_every_plan_meets_the_same_wishes(self, recruiter: Outreach) -> None:
        """Common random numbers: path by path the same is wanted, and the difference is exactly 0."""
        compared = compare(economies.LINKEDIN_2019, recruiter, start=NEW_YEAR, months=3, rng=7, paths=500)
        table = compared.summary()
        assert list(table.index) == ["career", "business", "sales", "recruiter-lite"]
        assert len(set(table["wanted"])) == 1
        assert table["sent"].is_monotonic_increasing
        assert [f"{name}_error" in table for name in ("sent", "refused", "run_dry", "share_wasted")] == [
            True
        ] * 4
        wanted = compared.differences("career").xs("wanted", level="figure")
        assert not wanted[["difference", "error"]].to_numpy().any()

    def test_a_plan_compared_is_the_plan_forecast(self, recruiter: Outreach) -> None:
        """The same figures as its own forecast on the same seed, shares included."""
        compared = compare(economies.LINKEDIN_2019, recruiter, start=NEW_YEAR, months=3, rng=7, paths=500)
        alone = forecast(CAREER, recruiter, start=NEW_YEAR, months=3, rng=7, paths=500).summary()
        row = compared.summary().loc["career"]
        for name in ("sent", "share_sent", "run_dry"):
            assert row[name] == pytest.approx(alone.loc[name, "mean"])
            assert row[f"{name}_error"] == pytest.approx(alone.loc[name, "error"])

    def test_differences_are_those_of_the_means(self, recruiter: Outreach) -> None:
        """Plan minus baseline, never less sure than unpaired where more credits help the same wishes."""
        compared = compare(economies.LINKEDIN_2019, recruiter, start=NEW_YEAR, months=3, rng=7, paths=500)
        table = compared.differences("business").to_dict("index")
        means = compared.summary()["refused"]
        others = compared.differences("business").index.get_level_values("plan")
        assert set(others) == {"career", "sales", "recruiter-lite"}
        for plan in ("career", "sales"):
            row = table[plan, "refused"]
            assert row["difference"] == pytest.approx(means[plan] - means["business"])
            assert 0 < row["error"] < row["unpaired_error"]

    def test_a_generator_serves_all_plans_alike(self, recruiter: Outreach) -> None:
        """It is drawn from once, not once a plan."""
        rng = np.random.default_rng(7)
        compared = compare(economies.LINKEDIN_2019, recruiter, start=NEW_YEAR, months=1, rng=rng, paths=50)
        assert len(set(compared.summary()["wanted"])) == 1

    def test_bad_comparisons_are_refused(self, recruiter: Outreach) -> None:
        """No plans, one name twice, an unknown baseline."""
        with pytest.raises(
            InvalidValueError, match=r"subjects is .*, but must be at least one plan or account"
        ):
            compare([], recruiter, start=NEW_YEAR, months=1, rng=7, paths=5)
        with pytest.raises(InvalidValueError, match="label of subjects is 'career', but must be used once"):
            compare([CAREER, CAREER], recruiter, start=NEW_YEAR, months=1, rng=7, paths=5)
        compared = compare([CAREER], recruiter, start=NEW_YEAR, months=1, rng=7, paths=5)
        with pytest.raises(UnknownNameError, match="'gold'; known: career"):
            compared.differences("gold")
        assert repr(compared) == "<Comparison of career: 5 sends a week, 27 % answered, 5 paths>"


def test_a_cap_shows_as_forfeited(recruiter: Outreach) -> None:
    """What passes the cap is in the figures and in the share wasted."""
    plan = Plan(name="capped", grant_credits=40, cap_credits=40)
    mean = forecast(plan, recruiter, start=NEW_YEAR, months=3, rng=7, paths=200).summary()["mean"]
    assert mean["forfeited"] > 0
    received = mean["granted"] + mean["refunded"]
    assert mean["share_wasted"] == pytest.approx(mean["forfeited"] / received)


def test_days_of_an_account_that_starts_by_day_are_whole(recruiter: Outreach) -> None:
    """An hour on the clock moves the day's beginning, not the number of days."""
    account = Account.open(CAREER, at=NEW_YEAR)
    at = account.latest_at + timedelta(hours=9, minutes=17)
    f = forecast(account, recruiter, start=at, months=1, rng=7, paths=20)
    assert f.simulation.days == (f.simulation.start.replace(month=2) - f.simulation.start) // DAY == 31


@pytest.mark.parametrize("library", ["numpy", "pandas", "scipy", "matplotlib"])
def test_a_missing_library_is_named_with_the_command_that_installs_it(library: str) -> None:
    """One clear ImportError, whichever library is missing."""
    code = f"import sys; sys.modules[{library!r}] = None; import inmail_credits.forecasting"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    last = result.stderr.strip().splitlines()[-1]
    expected = f"inmail_credits.forecasting needs {library}: pip install 'inmail-credits[forecast]'"
    assert last == f"ImportError: {expected}"


def test_forecasts_leave_pyplot_alone() -> None:
    """Charts need no global state: pyplot is never loaded."""
    code = "import sys, inmail_credits.forecasting; print('matplotlib.pyplot' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert result.stdout.strip() == "False"

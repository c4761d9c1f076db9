"""Forecasts of fleets: tables, verdict, comparison on common wishes, prices and the command."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from inmail_credits import economies
from inmail_credits.cli import main
from inmail_credits.errors import InvalidValueError, UnknownNameError
from inmail_credits.forecasting import compare_fleets, forecast_fleet
from inmail_credits.forecasting.fleet_answer import fleet_sentences
from inmail_credits.simulation import Outreach, Replies, Sends
from inmail_credits.simulation.fleet import Contract, Fleet, Member, Seat, simulate_fleet

START = date(2026, 11, 1)
CORPORATE = economies.LINKEDIN_2026["recruiter-corporate"]
LITE = economies.LINKEDIN_2019["recruiter-lite"]
PEOPLE = pd.DataFrame(
    {
        "name": ["ana", "bo", "cy", "di"],
        "plan": ["career", "recruiter-corporate", "business", "recruiter-corporate"],
        "economy": ["linkedin-2019", "linkedin-2026", "linkedin-2019", "linkedin-2026"],
        "per_week": [2.0, 50.0, 1.0, 80.0],
        "reply_rate": [0.3, 0.2, 0.25, 0.4],
        "contract": [None, "team", None, "team"],
    }
)


def fixed(per_day: float, rate: float = 0.0) -> Outreach:
    """The same every day."""
    return Outreach(sends=Sends.fixed(per_day=per_day), replies=Replies(rate=rate))


def test_people_keep_the_order_of_the_frame() -> None:
    """Rows of contracts stand between others, and each has their own figures."""
    f = forecast_fleet(Fleet.from_frame(PEOPLE), start=START, months=2, rng=7, paths=300)
    people = f.by_person()
    assert people.index.tolist() == ["ana", "bo", "cy", "di"]
    assert people["account"].tolist() == ["ana", "team", "cy", "team"]
    assert people["plan"].tolist() == PEOPLE["plan"].tolist()
    expected = PEOPLE["per_week"].to_numpy() / 7 * 61
    assert np.all(np.abs(people["wanted"].to_numpy() - expected) < 5 * people["wanted_error"].to_numpy())
    assert f.by_account().index.tolist() == ["ana", "cy", "team"]
    assert f.by_contract().index.tolist() == ["team"]
    assert f.by_contract()["people"].tolist() == f.by_contract()["seats"].tolist() == [2]


def test_seats_add_up_to_their_contract_and_all_to_the_sum() -> None:
    """Messages of the seats are those of the pool; credits add up in every table."""
    f = forecast_fleet(Fleet.from_frame(PEOPLE), start=START, days=75, rng=7, paths=50)
    people, accounts, summary = f.by_person(), f.by_account(), f.summary()["mean"]
    for name in ("wanted", "sent", "refused", "held_back", "refunded"):
        seats = people.loc[people["account"] == "team", name].sum()
        assert seats == pytest.approx(f.by_contract()[name].iloc[0])
        assert people[name].sum() == pytest.approx(summary[name])
        assert accounts[name].sum() == pytest.approx(summary[name])
        assert f.by_day()[name].sum() == pytest.approx(summary[name])
    assert summary["opening"] + summary["granted"] + summary["refunded"] - summary["spent"] == pytest.approx(
        summary["expired"] + summary["forfeited"] + summary["balance"]
    )
    days = f.by_day()
    assert days.index[0] == pd.Timestamp(START)
    assert days["balance"].iloc[-1] == pytest.approx(summary["balance"])
    assert days["balance_p50"].iloc[-1] == f.summary()["p50"]["balance"]


def test_errors_are_those_over_seeds() -> None:
    """Those of a sum, of a person and of a share are the spread over 60 seeds, within 4 errors of it."""
    fleet = Fleet.from_frame(PEOPLE)
    runs = [forecast_fleet(fleet, start=START, days=40, rng=seed, paths=40) for seed in range(60)]
    for told, values in (
        ([run.summary()["error"]["sent"] for run in runs], [run.summary()["mean"]["sent"] for run in runs]),
        (
            [run.summary()["error"]["share_sent"] for run in runs],
            [run.summary()["mean"]["share_sent"] for run in runs],
        ),
        (
            [run.by_person()["share_sent_error"]["ana"] for run in runs],
            [run.by_person()["share_sent"]["ana"] for run in runs],
        ),
        (
            [run.by_person()["sent_error"]["di"] for run in runs],
            [run.by_person()["sent"]["di"] for run in runs],
        ),
    ):
        ratio = np.std(values, ddof=1) / np.mean(told)
        assert abs(ratio - 1) < 4 / (2 * 59) ** 0.5


def test_the_verdict_at_its_edges() -> None:
    """Nobody wants anything; never refused; surely; one person."""

    def said(*members: Member) -> str:
        found = simulate_fleet(
            Fleet(members), start=datetime(2026, 1, 1, tzinfo=UTC), days=30, paths=20, rng=1
        )
        return fleet_sentences(found, "30 days")

    assert said(Member("ana", LITE, fixed(0))).startswith("Nobody wants to send anything.")
    assert "Nobody ever has a message refused." in said(Member("ana", LITE, fixed(1)))
    assert said(Member("ana", LITE, fixed(2))) == (
        "1 person wants 60 messages over 30 days and can send 30 (50 %). "
        "A message is probably refused (100 %). Next to nothing is lost unused."
    )
    two = said(Member("ana", LITE, fixed(2)), Member("bo", LITE, fixed(1)))
    assert "1 of 2 people probably has a message refused: ana (100 %)." in two
    assert "Everybody probably has a message refused" in said(
        Member("ana", LITE, fixed(2)), Member("bo", LITE, fixed(3))
    )


def test_own_plans_against_one_pool_meet_the_same_wishes() -> None:
    """Paired differences: nothing wanted more, and the pool sends what single accounts refuse."""
    members = [Member(f"p{k}", LITE, fixed(2 if k % 2 else 0.2, rate=0.3)) for k in range(10)]
    own = Fleet(members)
    both = compare_fleets(
        {"own": own, "pool": own.pooled(CORPORATE)},
        start=START,
        days=60,
        rng=7,
        paths=100,
        prices={"recruiter-lite": 170, "recruiter-corporate": 900},
    )
    table = both.differences("own").reset_index("fleet")
    more, error = table["difference"].to_dict(), table["error"].to_dict()
    assert more["wanted"] == error["wanted"] == 0
    assert more["sent"] > 100
    assert more["refused"] == pytest.approx(-more["sent"])
    assert error["replied"] < table["unpaired_error"].to_dict()["replied"]
    assert both.cheapest(sent_share=0.5) == "own"
    assert both.cheapest(sent_share=0.999) == "pool"
    summary = {name: column.to_dict() for name, column in both.summary().items()}
    months = 60 / (365.25 / 12)
    assert summary["cost"]["own"] == pytest.approx(10 * 170 * months)
    assert summary["cost_per_sent"]["pool"] == pytest.approx(9_000 * months / summary["sent"]["pool"])
    assert both.by_person()["own"].to_dict()["p0"] == both.by_person()["pool"].to_dict()["p0"] == 1.0


def test_results_read_as_text_and_as_html() -> None:
    """The verdict first, zeros in one line, contracts and people below; a comparison side by side."""
    own = Fleet.from_frame(PEOPLE)
    f = forecast_fleet(own, start=START, months=2, rng=7, paths=50, prices={"career": 30})
    text = str(f)
    assert text.startswith("4 people: 2 accounts, 1 contract\n4 people want")
    assert "0 on every path: messages held back, messages withdrawn, opening credits" in text
    assert "Contracts\ncontract" in text
    assert "People\nperson" in text
    html = f._repr_html_()
    assert f.answer().split(".")[0] in html
    both = compare_fleets(
        {"own <plans>": own, "pool": own.pooled(CORPORATE)}, start=START, days=9, paths=9, rng=7
    )
    assert "Against own <plans>, path by path" in str(both)
    assert "own &lt;plans&gt;" in both._repr_html_()
    single = compare_fleets({"own": own}, start=START, days=9, paths=1, rng=7)
    assert "Against" not in str(single)


def test_a_pool_has_no_limit_of_messages_a_week() -> None:
    """2,000 seats want 20,000 a week, which one behaviour could not say."""
    busy = Outreach(sends=Sends.poisson(per_week=10), replies=Replies(rate=0.2))
    pool = Fleet([Contract("all", CORPORATE, [Seat(f"s{k}", busy) for k in range(2_000)])])
    f = forecast_fleet(pool, start=START, days=14, rng=7, paths=2)
    mean, error = f.simulation.total_mean_and_error("wanted")
    assert abs(mean - 40_000) < 6 * max(error, 150)
    assert f.by_contract()["granted"].iloc[0] == 2_000 * 150


def test_doors() -> None:
    """One clear error."""
    fleet = Fleet.from_frame(PEOPLE)
    with pytest.raises(InvalidValueError, match="fleet is 3, but must be a Fleet"):
        forecast_fleet(3, months=1)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="no plan of the fleet 'gold'; known: career, business"):
        forecast_fleet(fleet, start=START, days=1, paths=1, prices={"gold": 3})
    with pytest.raises(InvalidValueError, match="horizon is None"):
        forecast_fleet(fleet, start=START)
    with pytest.raises(InvalidValueError, match="member 'ana': start is None"):
        forecast_fleet(fleet, months=1)
    with pytest.raises(InvalidValueError, match="fleets is"):
        compare_fleets(fleet, months=1)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="prices is None"):
        compare_fleets({"a": fleet}, start=START, days=1, paths=1).cheapest()


ROSTER = """name,plan,per_week,reply_rate,balance,renews_on,contract
ana,career,2,0.31,,,
"Bo, jr",recruiter-lite,9,0.22,12,2026-11-05,
cy,recruiter-lite,15,.4,,,team
"""


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A roster in, tables or JSON out; the pool beside it."""
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER, encoding="utf-8")
    common = [str(file), "--start", "2026-11-01", "--months", "1", "--paths", "20"]
    assert main(["team", *common]) == 0
    text = capsys.readouterr().out
    assert text.startswith("1 month from 2026-11-01, 20 paths, seed 7\n3 people want")
    assert "Bo, jr" in text
    assert main(["team", *common, "--json", "--prices", "career=30"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert set(plain["people"]) == {"ana", "Bo, jr", "cy"}
    assert list(plain["contracts"]) == ["team"]
    pool = ["--pool", "recruiter-corporate", "--pool-economy", "linkedin-2026"]
    assert main(["team", *common, *pool]) == 0
    assert "ONE POOL AGAINST THE ROSTER" in capsys.readouterr().out
    assert main(["team", *common, *pool, "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"as in the roster", "one pool"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ROSTER is"),
        ("name,plan\n", "'per_week' is missing"),
        ("name,plan,per_week,reply_rate\n", "rows of the frame is 0"),
        ("name,plan,per_week,reply_rate\nana,career,2\n", "cells of row 1 is 3, but must be 4"),
        ("name,plan,per_week,reply_rate\nana,career,2,often\n", "member 'ana': reply_rate is 'often'"),
        ("name,name\na,b\n", "column is 'name', but must be there once"),
    ],
)
def test_the_command_refuses_a_roster_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    """One line on standard error, and status 2."""
    file = tmp_path / "roster.csv"
    file.write_text(text, encoding="utf-8")
    assert main(["team", str(file), "--start", "2026-11-01", "--months", "1", "--paths", "20"]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_the_chart_has_a_point_a_person_and_fleet() -> None:
    """Where the tables say; the line of those who send all they want goes through the origin."""
    fleet = Fleet.from_frame(PEOPLE)
    f = forecast_fleet(fleet, start=START, months=1, rng=7, paths=20)
    axes = f.plot(ax=Figure().subplots(), legend=False, title="mine")
    (points,) = [line for line in axes.get_lines() if line.get_label() == "people"]
    assert np.asarray(points.get_xdata()).tolist() == f.by_person()["wanted"].tolist()
    assert np.asarray(points.get_ydata()).tolist() == f.by_person()["sent"].tolist()
    assert axes.get_title(loc="left") == "mine"
    fleets = {"own": fleet, "pool": fleet.pooled(CORPORATE)}
    both = compare_fleets(fleets, start=START, months=1, rng=7, paths=20)
    shown = [line.get_label() for line in both.plot(ax=Figure().subplots()).get_lines()]
    assert shown == ["all that is wanted", "own", "pool"]

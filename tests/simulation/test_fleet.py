"""Fleets: many members in one table, and each as if it were alone."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from random import Random

import numpy as np
import pytest
from fleet_cases import any_contract, fleet_case
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits import Account, economies
from inmail_credits.errors import (
    InMailCreditsError,
    InvalidValueError,
    UnknownNameError,
    UnsupportedTermError,
)
from inmail_credits.facts import Cancelled, Purchased
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Replies, Sends, Withdrawals
from inmail_credits.simulation._engine.beta import fill_quantiles
from inmail_credits.simulation._engine.chances import GRID_POINTS, QUANTILES, count_law, rate_quantiles
from inmail_credits.simulation._engine.compiled import plain
from inmail_credits.simulation._engine.poisson import poisson_laws
from inmail_credits.simulation._engine.tables import Ints
from inmail_credits.simulation.behaviour.delays import Floats
from inmail_credits.simulation.behaviour.sends import poisson_pmf
from inmail_credits.simulation.fleet import (
    Contract,
    Fleet,
    FleetSimulation,
    Member,
    Seat,
    job,
    roster_rows,
    simulate_fleet,
)
from inmail_credits.simulation.fleet.share import cut_out
from inmail_credits.simulation.run import SimulationCancelledError
from inmail_credits.testing.fleet_reference import fleet_difference
from inmail_credits.timeline import Interval

START = datetime(2026, 1, 31, 9, 17, tzinfo=UTC)
PLANS = economies.LINKEDIN_2019
RECRUITER = Outreach(
    sends=Sends.poisson(per_week=9),
    replies=Replies(rate=0.27),
    withdrawals=Withdrawals(rate=0.2, after_days=5),
)


def same(one: FleetSimulation, other: FleetSimulation) -> bool:
    """Whether all figures are equal."""
    pairs = [
        (getattr(getattr(one, who), what)[name], getattr(getattr(other, who), what)[name])
        for who in ("accounts", "people")
        for what in ("sums", "squares", "products")
        for name in getattr(getattr(one, who), what)
    ]
    pairs += [(one.path_totals[name], other.path_totals[name]) for name in one.path_totals]
    pairs += [(one.day_sums[name], other.day_sums[name]) for name in one.day_sums]
    pairs += [(one.accounts.dry, other.accounts.dry), (one.people.dry, other.people.dry)]
    assert one.balances is not None
    assert other.balances is not None
    pairs.append((one.balances, other.balances))
    return all(np.array_equal(ours, theirs) for ours, theirs in pairs)


def roster(rows: int, seed: int = 3) -> dict[str, list[object]]:
    """A frame of so many people, each of their own kind."""
    rnd = Random(seed)  # noqa: S311 - a seed that reproduces a case
    plans = [rnd.choice([plan.name for plan in PLANS]) for _ in range(rows)]
    known = [rnd.random() < 0.5 for _ in range(rows)]
    return {
        "name": [f"person {row}" for row in range(rows)],
        "plan": list(plans),
        "per_week": [rnd.uniform(0, 20) for _ in range(rows)],
        "on": [rnd.choice(("all_days", "weekdays", None)) for _ in range(rows)],
        "reply_rate": [rnd.choice((0.0, 1.0, rnd.random())) for _ in range(rows)],
        "sample_size": [rnd.choice((None, None, 12)) for _ in range(rows)],
        "withdraw_rate": [rnd.choice((0.0, 0.4)) for _ in range(rows)],
        "withdraw_after_days": [rnd.choice((None, 3)) for _ in range(rows)],
        "zone": [rnd.choice(("UTC", "Europe/Berlin")) for _ in range(rows)],
        "balance": [rnd.randint(0, 3) if there else None for there in known],
        "renews_on": [date(2026, 2, rnd.randint(1, 28)) if there else None for there in known],
    }


@given(seed=st.integers(0, 2**32))
@pytest.mark.proves("D20")
def test_each_account_agrees_with_the_ledger(seed: int, cases: Counter[str]) -> None:
    """Members and contracts, whose seats join and leave, have limits and share the credits.

    Every sum of every account and seat, and of all together by path and by day.
    """
    case = fleet_case(seed)
    cases["contracts against ledger" if any_contract(case.fleet) else "fleets against ledger"] += 1
    assert case.difference() is None


def test_a_daily_limit_needs_whole_days() -> None:
    """A term left out is refused by name, with the member."""
    limited = Outreach(sends=Sends.fixed(per_day=2, daily_max=1))
    fleet = Fleet([Member("ana", PLANS["career"], RECRUITER), Member("bo", PLANS["career"], limited)])
    with pytest.raises(UnsupportedTermError, match=r"daily_max=1; use steps_per_day=1 .*\(member 'bo'\)"):
        simulate_fleet(fleet, start=START, days=5, paths=1, rng=1, steps_per_day=2)


def team(*seats: Seat, each: int = 10, **terms: object) -> Fleet:
    """A contract of so many credits a seat and month."""
    plan = Plan(name="team", grant_credits=each, seats_max=4, lifetime_days=None)
    return Fleet([Contract("team", plan, seats, start=START, **terms)])  # type: ignore[arg-type]


@pytest.mark.proves("D20")
def test_a_seat_that_joins_or_leaves_changes_the_pool() -> None:
    """Two seats bring 20; a third 10 more when it joins; after one left the next grant is of two."""
    calm = Outreach(sends=Sends.fixed(per_day=1))
    seats = (
        Seat("ana", calm),
        Seat("bo", calm, leaves=START + timedelta(days=15)),
        Seat("cy", calm, joins=START + timedelta(days=5)),
    )
    found = simulate_fleet(team(*seats), days=30, paths=1, rng=1)
    assert found.people.sums["wanted"].tolist() == [30, 15, 25]
    granted = np.flatnonzero(found.day_sums["granted"]), found.day_sums["granted"][[0, 5, 28]].tolist()
    assert (granted[0].tolist(), granted[1]) == ([0, 5, 28], [20, 10, 20])
    assert found.terms[0].seats == 2
    empty = simulate_fleet(team(*seats[:1], seats_bought=3), days=1, paths=1, rng=1)
    assert empty.accounts.sums["granted"].tolist() == [30]


@pytest.mark.proves("D20")
def test_a_limit_bounds_a_seat_from_grant_to_grant() -> None:
    """The seat sends 3 before the next grant and 3 after it, and the others are refused."""
    busy = Outreach(sends=Sends.fixed(per_day=1))
    seats = Seat("ana", busy, limit=3), Seat("bo", busy)
    found = simulate_fleet(team(*seats, each=50), days=31, paths=1, rng=1)
    assert found.people.sums["sent"].tolist() == [6, 31]
    assert found.people.sums["refused"].tolist() == [25, 0]
    assert found.people.run_dry()[0].tolist() == [1.0, 0.0]


def test_facts_planned_for_a_member_and_a_contract() -> None:
    """A cancellation ends one account alone; a purchase fills the pool; an error names who planned it."""
    plan = Plan(name="monthly", grant_credits=5, seats_max=4, purchase_credits_max=9)
    calm = Outreach(sends=Sends.fixed(per_day=1))
    on = START + timedelta(days=1)
    ends = Member("ana", plan, calm, planned=[Cancelled(at=on)])
    pool = Contract("team", plan, [Seat("cy", calm)], planned=[Purchased(credits=9, at=on)])
    found = simulate_fleet(
        Fleet([ends, Member("bo", plan, calm), pool]), start=START, days=40, paths=1, rng=1
    )
    assert found.accounts.sums["granted"].tolist() == [5, 10, 19]
    assert found.accounts.sums["bought"].tolist() == [0, 0, 9]
    assert found.people.sums["sent"].tolist() == [5, 10, 19]
    late = Member("di", plan, calm, planned=[Cancelled(at=START - timedelta(days=1))])
    with pytest.raises(InvalidValueError, match="member 'di': instant of the planned fact"):
        simulate_fleet(Fleet([late]), start=START, days=4, paths=1, rng=1)
    with pytest.raises(InvalidValueError, match="planned fact is 'cancel', but must be a fact"):
        Member("ed", plan, calm, planned=["cancel"])  # type: ignore[list-item]


def test_an_account_too_large_for_its_totals_is_refused() -> None:
    """A million credits a seat and day, 100 seats, 100 days: 10,000 million."""
    plan = Plan(name="vast", grant_credits=1_000_000, grant_every=Interval(days=1), seats_max=100)
    vast = Contract("vast", plan, [Seat("ana", RECRUITER)], seats_bought=100)
    with pytest.raises(InvalidValueError, match=r"'vast': credits and messages of a path is 1\d{10}"):
        simulate_fleet(Fleet([vast]), start=START, days=100, paths=1, rng=1)
    large = Contract("large", plan, [Seat("ana", RECRUITER)])
    with pytest.raises(InvalidValueError, match=r"paths is 1000000, but must be at most \d"):
        simulate_fleet(Fleet([large]), start=START, days=100, paths=1_000_000, rng=1)


def test_an_error_of_a_contract_names_it() -> None:
    """Too few or too many seats, a seat that leaves too early, and what the rules do not allow."""
    busy = Outreach(sends=Sends.fixed(per_day=1))
    later = START + timedelta(days=3)
    crowd = [Seat(f"s{k}", busy, joins=later) for k in range(4)]
    for fleet, message in (
        (team(Seat("ana", busy, leaves=START)), "contract 'team': leaves of seat 'ana'"),
        (team(Seat("ana", busy, leaves=later)), "contract 'team': seats is 0"),
        (team(Seat("ana", busy), Seat("bo", busy), seats_bought=1), "contract 'team': seats_bought is 1"),
        (team(Seat("ana", busy), *crowd), r"cannot change to 5 seats \(contract 'team'\) at .* at most 4"),
    ):
        with pytest.raises(InMailCreditsError, match=message):
            simulate_fleet(fleet, days=9, paths=1, rng=1)
    with pytest.raises(InvalidValueError, match="contract 'team': seats is"):
        team()
    with pytest.raises(InvalidValueError, match="member 'ana': leaves is"):
        Seat("ana", busy, joins=later, leaves=later)
    with pytest.raises(InvalidValueError, match="name of a member is 'ana'"):
        team(Seat("ana", busy), Seat("ana", busy))


def test_adding_one_changes_no_other_and_neither_does_the_order() -> None:
    """What a person wants and gets depends on the seed and the name alone (one seed for many accounts)."""
    people = [Member(f"p{k}", plan, RECRUITER) for k, plan in enumerate([*PLANS, *PLANS])]
    few = simulate_fleet(Fleet(people[:5]), start=START, days=60, paths=30, rng=7)
    many = simulate_fleet(Fleet(people[::-1]), start=START, days=60, paths=30, rng=7)
    for name, sums in few.accounts.sums.items():
        assert np.array_equal(sums, many.accounts.sums[name][::-1][:5])
    other = simulate_fleet(Fleet(people[:5]), start=START, days=60, paths=30, rng=8)
    assert not np.array_equal(few.accounts.sums["wanted"], other.accounts.sums["wanted"])


def test_members_are_independent_of_each_other() -> None:
    """The variance of a sum is the sum of the variances: 40 alike, 3,000 paths, within 4 errors of it."""
    plan = PLANS["recruiter-lite"]
    found = simulate_fleet(
        Fleet([Member(f"p{k}", plan, RECRUITER) for k in range(40)]), start=START, days=20, paths=3_000, rng=1
    )
    added = float((found.accounts.variance("wanted") * 3_000).sum())
    spread = float(np.var(found.total("wanted"), ddof=1))
    assert abs(spread / added - 1) < 4 * (2 / 3_000) ** 0.5
    mean, error = found.total_mean_and_error("wanted")
    assert abs(mean - 40 * 9 / 7 * 20) < 4 * error


@pytest.mark.parametrize("steps_per_day", [1, 2])
def test_a_frame_is_the_fleet_of_its_members(steps_per_day: int) -> None:
    """Rows prepared as columns have the same bits as the same members one by one."""
    frame = Fleet.from_frame(roster(60), start=date(2026, 1, 31))
    members = Fleet(list(frame))
    assert frame.people == members.people
    arguments = {"days": 40, "paths": 4, "rng": 5, "steps_per_day": steps_per_day}
    assert same(simulate_fleet(frame, **arguments), simulate_fleet(members, **arguments))  # type: ignore[arg-type]
    assert fleet_difference(frame, days=15, start=None, paths=2, seed=5, steps_per_day=steps_per_day) is None


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_the_bits_do_not_depend_on_who_computes_them(
    pool: type[ThreadPoolExecutor | ProcessPoolExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here at once, in chunks of members or of paths, or on any executor."""
    fleet = Fleet.from_frame(roster(30), start=date(2026, 1, 31))
    whole = simulate_fleet(fleet, days=30, paths=9, rng=5)
    for columns in (1, 4, 25):
        monkeypatch.setattr(job, "CHUNK_COLUMNS", columns)
        assert same(simulate_fleet(fleet, days=30, paths=9, rng=5), whole)
    monkeypatch.setattr(job, "CHUNK_COLUMNS", 50)
    with pool(2) as executor:
        assert same(simulate_fleet(fleet, days=30, paths=9, rng=5, executor=executor), whole)


def test_more_paths_or_days_keep_the_earlier_ones() -> None:
    """The totals of a path, and the sums of a day, stay as they are."""
    fleet = Fleet.from_frame(roster(12), start=date(2026, 1, 31))
    short = simulate_fleet(fleet, days=20, paths=3, rng=5)
    long = simulate_fleet(fleet, days=33, paths=8, rng=5)
    assert short.balances is not None
    assert long.balances is not None
    assert np.array_equal(long.balances[:3, :20], short.balances)


def test_only_the_rows_of_a_chunk_travel() -> None:
    """A part of the tables is no larger than its members."""
    frame = roster(500) | {"sample_size": [10 + row % 60 if row % 5 == 0 else None for row in range(500)]}
    fleet = Fleet.from_frame(frame | {"reply_rate": [0.2] * 500}, start=date(2026, 1, 31))
    whole = job.make_fleet_job(
        fleet, days=30, start=None, paths=1, rng=5, steps_per_day=1, together_max=10**6
    )
    chunk = job.Chunk(100, 50, 0, 1)
    part, here = cut_out(whole, chunk)
    assert len(part.tables.members) == len(part.tables.senders) == 50
    assert len(part.tables.thresholds) < len(whole.tables.thresholds) / 4
    assert (len(part.tables.quantiles), len(whole.tables.quantiles)) == (10, 13)
    assert np.array_equal(job.run_chunk(part, here).sums, job.run_chunk(whole, chunk).sums)


def test_poisson_laws_are_those_of_one_mean_at_a_time() -> None:
    """Threshold by threshold, over means of 0 to the largest allowed."""
    rng = np.random.default_rng(1)
    means = np.concatenate(
        [
            rng.uniform(0, 6, 400),
            rng.uniform(0, 300, 60),
            10 ** rng.uniform(-12, 0, 60),
            [0, 1, 2, 5 / 7, 2_000],
        ]
    )
    laws = poisson_laws(means)
    ends = np.cumsum(laws.sizes)
    for mean, least, size, end in zip(means.tolist(), laws.least, laws.sizes, ends, strict=True):
        expected = count_law(poisson_pmf(mean))
        assert expected.least == least
        assert np.array_equal(expected.thresholds, laws.thresholds[end - size : end])


@pytest.mark.parametrize("kernel", [fill_quantiles, plain(fill_quantiles)], ids=["compiled", "plain"])
def test_quantiles_of_many_rates_are_those_of_one_at_a_time(
    kernel: Callable[[Floats, Floats, Ints, Floats], None],
) -> None:
    """Bit by bit, over rates near 0 and 1 and samples of one to a million million."""
    rates = np.array([0.27, 0.5, 1e-9, 1 - 1e-9, 0.031, 0.97, 0.5, 1 / 3])
    sizes = np.array([121_727.0, 1.0, 3.0, 40.0, 7.0, 10.0**12, 2.0, 9.0])
    out = np.zeros((len(rates), QUANTILES), dtype=np.int64)
    kernel(rates, sizes, out, np.zeros((4, GRID_POINTS + 4)))
    for row, (rate, size) in enumerate(zip(rates.tolist(), sizes.tolist(), strict=True)):
        assert np.array_equal(out[row], rate_quantiles(rate, int(size)))


def test_a_fleet_of_many_sampled_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """More pairs than plain Python works out have the same bits as the members; too many are refused."""
    rows = 150
    frame = roster(rows) | {
        "reply_rate": [0.1 + 0.005 * row for row in range(rows)],
        "sample_size": [10 + row for row in range(rows)],
    }
    fleet = Fleet.from_frame(frame, start=date(2026, 1, 31))
    found = simulate_fleet(fleet, days=10, paths=2, rng=5)
    assert same(found, simulate_fleet(Fleet(list(fleet)), days=10, paths=2, rng=5))
    monkeypatch.setattr(roster_rows, "SAMPLED_MAX", 149)
    with pytest.raises(InvalidValueError, match=r"reply_rate and sample_size is 150, .* at most 149"):
        simulate_fleet(fleet, days=10, paths=2, rng=5)


def test_progress_is_told_and_may_stop() -> None:
    """Paths of accounts done, and of how many; a false answer stops."""
    fleet = Fleet.from_frame(roster(6), start=date(2026, 1, 31))
    told: list[tuple[int, int]] = []
    simulate_fleet(fleet, days=10, paths=5, rng=5, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (30, 30)
    with pytest.raises(SimulationCancelledError):
        simulate_fleet(fleet, days=10, paths=5, rng=5, progress=lambda _done, _of: False)


def test_no_days_and_no_paths() -> None:
    """Nothing happens, and means of nothing are 0 with no error known."""
    fleet = Fleet.from_frame(roster(3), start=date(2026, 1, 31))
    still = simulate_fleet(fleet, days=0, paths=2, rng=5)
    assert np.array_equal(still.accounts.sums["balance"], still.accounts.sums["opening"])
    assert simulate_fleet(fleet, days=5, paths=0, rng=5).accounts.mean_and_error("sent")[0].tolist() == [
        0,
        0,
        0,
    ]


WRONG = {
    "reply_rate": ([0.1, 1.5], "member 'bo': reply_rate is 1.5, but must be a number from 0 to 1"),
    "per_week": ([1, None], "member 'bo': per_week is None, but must be a number from 0"),
    "plan": (["career", "gold"], "member 'bo': economy 'linkedin-2019' has no plan 'gold'"),
    "sample_size": ([None, 2.5], "member 'bo': sample_size is 2.5"),
    "balance": ([None, 3], "member 'bo': renews_on is None, but must be given"),
    "limit": ([None, 3], "member 'bo': limit is 3, but must be left out where there is no contract"),
    "name": (["bo", "bo"], "name of a member is 'bo', but must be used once in a fleet"),
    "seats": ([1, 1], "column is 'seats', but must be one of: name, plan,"),
    "start": ([None, "soon"], "member 'bo': start is 'soon', but must be an instant"),
    "zone": ([None, "Mars/One"], "member 'bo': zone is 'Mars/One'"),
    "withdraw_rate": ([None, -1], "member 'bo': withdraw_rate is -1"),
}


@pytest.mark.parametrize("column", WRONG)
def test_an_error_of_a_frame_names_the_person_and_the_column(column: str) -> None:
    """One clear line: who, what, the value, the limit."""
    frame: dict[str, list[object]] = {
        "name": ["ana", "bo"],
        "plan": ["career", "career"],
        "per_week": [1, 2],
        "reply_rate": [0.1, 0.2],
    }
    values, message = WRONG[column]
    with pytest.raises(InMailCreditsError) as caught:
        Fleet.from_frame({**frame, column: values})
    assert message in str(caught.value)
    del frame["plan"]
    with pytest.raises(InvalidValueError, match="'plan' is missing"):
        Fleet.from_frame(frame)


def test_the_rows_of_a_contract_agree_on_the_pool() -> None:
    """Its plan, start, balance and seats are said once, or alike; no account is called like another."""
    frame: dict[str, list[object]] = {
        "name": ["ana", "bo", "cy"],
        "plan": ["career", "career", "business"],
        "per_week": [1, 2, 3],
        "reply_rate": [0.1, 0.2, 0.3],
    }
    with pytest.raises(InvalidValueError, match="contract 'x': plan is 'business', but must be 'career', as"):
        Fleet.from_frame(frame | {"contract": ["x", None, "x"]})
    with pytest.raises(InvalidValueError, match="contract 'x': seats_bought is 4, but must be 3, as in the"):
        Fleet.from_frame(frame | {"contract": ["x", "x", None], "seats_bought": [3, 4, None]})
    with pytest.raises(InvalidValueError, match="name of an account is 'cy', but must be used once"):
        Fleet.from_frame(frame | {"contract": ["cy", "cy", None]})
    there = frame | {"contract": ["x", "x", None], "balance": [40, None, None]}
    renewed = there | {
        "renews_on": [None, "2026-02-05", None],
        "plan": ["recruiter-corporate"] * 2 + ["career"],
    }
    renewed["economy"] = ["linkedin-2026", "linkedin-2026", "linkedin-2019"]
    fleet = Fleet.from_frame(renewed, start="2026-01-31")
    contract = fleet.entries[0]
    assert isinstance(contract.subject, Account)
    assert contract.subject.balance(at=date(2026, 1, 31)) == 40
    assert fleet_difference(fleet, days=9, start=None, paths=2, seed=1) is None


def test_an_error_of_a_member_names_it() -> None:
    """When it is made, and when it is simulated."""
    with pytest.raises(InvalidValueError, match="member 'ana': outreach is None"):
        Member("ana", PLANS["career"], None)  # type: ignore[arg-type]
    fleet = Fleet([Member("ana", PLANS["career"], RECRUITER)])
    with pytest.raises(InvalidValueError, match="member 'ana': start is None"):
        simulate_fleet(fleet, days=5, paths=1, rng=1)
    account = Account.open(PLANS["career"], at=START)
    account.send("m", at=START + timedelta(days=9))
    with pytest.raises(InvalidValueError, match="member 'bo': start is '2026-01-31T09"):
        simulate_fleet(Fleet([Member("bo", account, RECRUITER)]), days=5, paths=1, rng=1, start=START)
    with pytest.raises(UnknownNameError, match="the fleet has no member 'cy'; known: ana"):
        fleet["cy"]
    for wrong in (None, 3, "ana", [PLANS["career"]], []):
        with pytest.raises(InvalidValueError, match="member"):
            Fleet(wrong)  # type: ignore[arg-type]

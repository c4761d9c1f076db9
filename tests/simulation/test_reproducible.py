"""The same seed gives the same bits: any chunking, workers, more paths, a longer horizon."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest
from attrs import evolve

from inmail_credits import economies
from inmail_credits.simulation import (
    FollowUp,
    Outreach,
    Purchases,
    Replies,
    SegmentedReplies,
    Sends,
    Simulation,
    Withdrawals,
    delays,
    simulate,
)
from inmail_credits.simulation import run as simulation_run
from inmail_credits.simulation.result import TOTALS

PLAN = evolve(economies.get("linkedin-2019")["business"], purchase_credits_max=10)
OUTREACHES = [
    Outreach(
        sends=Sends.poisson(per_week=5),
        replies=Replies(rate=0.27, delay=delays.Lognormal(4.0, 1.5)),
        withdrawals=Withdrawals(rate=0.1, after_days=5),
    ),
    Outreach(
        sends=Sends.poisson(per_day=6, on="working_days", follow_up=FollowUp(after_days=3)),
        replies=Replies(rate=0.4, sample_size=20, kinds={"accepted": 3, "declined": 1}),
    ),
    Outreach(
        sends=Sends.poisson(per_day=1),
        replies=SegmentedReplies(
            segments={"quick": (2, Replies(rate=0.3)), "slow": (1, Replies(rate=0.6, delay=delays.Fixed(9)))}
        ),
        purchases=Purchases(per_day=0.4),
    ),
]


@pytest.fixture(params=OUTREACHES, ids=["few", "many", "bought"])
def outreach(request: pytest.FixtureRequest) -> Outreach:
    """Behaviour that is drawn by patterns, message by message, and with purchases and segments."""
    result: Outreach = request.param
    return result


def run(
    outreach: Outreach, *, days: int = 40, paths: int = 200, rng: object = 7, executor: Executor | None = None
) -> Simulation:
    """A simulation that keeps every day."""
    return simulate(
        PLAN,
        outreach,
        start=date(2026, 1, 1),
        days=days,
        paths=paths,
        rng=rng,  # type: ignore[arg-type]
        daily_paths=True,
        executor=executor,
    )


def assert_same(one: Simulation, other: Simulation) -> None:
    """Every figure, bit for bit."""
    for name in TOTALS:
        np.testing.assert_array_equal(one.total(name), other.total(name), err_msg=name)
    np.testing.assert_array_equal(one.balances.counts, other.balances.counts)
    np.testing.assert_array_equal(one.dry_paths, other.dry_paths)


def test_an_int_a_seed_sequence_and_a_repeat_give_the_same_bits(outreach: Outreach) -> None:
    """What an int means is its SeedSequence; nothing is used up."""
    sequence = np.random.SeedSequence(7)
    assert_same(run(outreach), run(outreach, rng=sequence))
    assert_same(run(outreach), run(outreach, rng=sequence))


def test_a_generator_is_drawn_from(outreach: Outreach) -> None:
    """Equal generators give equal bits, and the next call other ones."""
    generator = np.random.default_rng(3)
    first = run(outreach, rng=generator)
    assert_same(first, run(outreach, rng=np.random.default_rng(3)))
    assert not np.array_equal(first.total("sent"), run(outreach, rng=generator).total("sent"))


def test_another_seed_gives_other_bits(outreach: Outreach) -> None:
    """Or the test above would prove little."""
    assert not np.array_equal(run(outreach).total("sent"), run(outreach, rng=8).total("sent"))


@pytest.mark.parametrize("days", [1, 7, 8, 9, 33])
def test_a_longer_horizon_keeps_the_earlier_days(outreach: Outreach, days: int) -> None:
    """Every figure of every path on the days both have."""
    short, long = run(outreach, days=days), run(outreach, days=90)
    assert short.daily is not None
    assert long.daily is not None
    for name in ("balance", "sent", "refused", "refunded", "expired"):
        np.testing.assert_array_equal(
            getattr(short.daily, name), getattr(long.daily, name)[:days], err_msg=name
        )


@pytest.mark.parametrize("paths", [1, 199, 3])
def test_more_paths_keep_the_earlier_paths(outreach: Outreach, paths: int) -> None:
    """Also one path alone."""
    few, many = run(outreach, paths=paths), run(outreach)
    assert few.daily is not None
    assert many.daily is not None
    np.testing.assert_array_equal(few.daily.balance, many.daily.balance[:, :paths])
    np.testing.assert_array_equal(few.total("replied"), many.total("replied")[:paths])


@pytest.mark.parametrize("steps", [1, 999, 4_000])
def test_parts_change_nothing(outreach: Outreach, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a path is simulated alone, with some others or with all."""
    whole = run(outreach)
    monkeypatch.setattr(simulation_run, "PART_STEPS", steps)
    assert_same(whole, run(outreach))


@pytest.fixture(params=[ThreadPoolExecutor, ProcessPoolExecutor])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Two workers."""
    with request.param(2) as pool:
        yield pool


def test_workers_change_nothing(
    outreach: Outreach, executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads or processes, against none."""
    alone = run(outreach)
    monkeypatch.setattr(simulation_run, "PART_STEPS", 2_000)
    assert_same(alone, run(outreach, executor=executor))


def test_own_threads_change_nothing(outreach: Outreach, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large runs are shared out over threads by themselves."""
    alone = run(outreach)
    monkeypatch.setattr(simulation_run, "THREAD_STEPS", 100)
    monkeypatch.setattr(simulation_run, "processors", lambda: 3)
    assert_same(alone, run(outreach))


def test_plans_meet_the_same_wishes_and_answers() -> None:
    """Common random numbers: what is wanted does not depend on the plan."""
    other = economies.get("linkedin-2019")["career"]
    runs = [
        simulate(plan, OUTREACHES[0], start=date(2026, 1, 1), days=60, paths=100, rng=7)
        for plan in (PLAN, other)
    ]
    np.testing.assert_array_equal(runs[0].total("wanted"), runs[1].total("wanted"))


def test_importing_the_simulation_loads_no_compiler() -> None:
    """Numba is loaded, and compiles, when the first path is simulated."""
    code = "import sys, inmail_credits.simulation; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert done.stdout.strip() == "False"

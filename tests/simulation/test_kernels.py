"""The kernels: compiled as written, the queue as the lots, the generator as published, cache and cluster."""

import math
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from datetime import UTC, datetime
from random import Random
from typing import cast

import campaign
import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from inmail_credits import economies
from inmail_credits.plans import Plan
from inmail_credits.simulation import Outreach, Replies, Sends, Simulation, Withdrawals, delays, simulate
from inmail_credits.simulation import run as simulation_run
from inmail_credits.simulation._engine import batch, chances, philox
from inmail_credits.simulation._engine.compiled import plain
from inmail_credits.simulation._engine.job import Job
from inmail_credits.simulation._engine.tables import FORM, LOTS, ONE, QUEUE, Ints, Words
from inmail_credits.simulation.fleet import Fleet, Member, simulate_fleet
from inmail_credits.simulation.fleet import job as fleet_job
from inmail_credits.simulation.result import DAILY, TOTALS
from inmail_credits.simulation.run import SimulationCancelledError, make_job, run_job
from inmail_credits.testing.engine_draws import philox_block

START = datetime(2026, 1, 31, 9, 17, tzinfo=UTC)
OUTREACH = Outreach(
    sends=Sends.poisson(per_week=5),
    replies=Replies(rate=0.27, delay=delays.Lognormal(4.0, 1.5), sample_size=50),
    withdrawals=Withdrawals(rate=0.1, after_days=5),
)


def assert_same(one: Simulation, other: Simulation) -> None:
    """Every figure of every path and day, bit for bit."""
    for name in TOTALS:
        np.testing.assert_array_equal(one.total(name), other.total(name), err_msg=name)
    for name in DAILY if one.daily is not None else ():
        np.testing.assert_array_equal(getattr(one.daily, name), getattr(other.daily, name), err_msg=name)
    np.testing.assert_array_equal(one.balances.counts, other.balances.counts)
    np.testing.assert_array_equal(one.balances.lows, other.balances.lows)
    np.testing.assert_array_equal(one.dry_paths, other.dry_paths)


def uncompiled(job: Job) -> Simulation:
    """The job run by the kernels as the Python functions they were written as."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("simulate_queue", "simulate_lots"):
            patch.setattr(batch, name, plain(getattr(batch, name)))
        return run_job(job)


@given(seed=st.integers(0, 2**32))
def test_compiled_and_uncompiled_give_the_same_bits(seed: int, cases: Counter[str]) -> None:
    """Any plan, behaviour, opening, planned fact and grid of the campaign."""
    job = evolve(campaign.case(seed), paths=2)
    cases["compiled against uncompiled"] += 1
    assert_same(run_job(job), uncompiled(job))


def queue_case(seed: int) -> Job:
    """A case of the campaign's plans and behaviours in which the queue applies."""
    rnd = Random(seed)  # noqa: S311 - a seed that reproduces a case
    while True:
        job = campaign.case(rnd.randrange(2**32))
        if job.steps and job.tables.members[0, FORM] == QUEUE:
            return job


@given(seed=st.integers(0, 2**32))
def test_the_queue_and_the_lots_give_the_same_bits(seed: int, cases: Counter[str]) -> None:
    """Wherever the quick form applies, the general one says the same."""
    job = queue_case(seed)
    members = job.tables.members.copy()
    members[:, FORM] = LOTS
    cases["queue against lots"] += 1
    assert_same(run_job(job), run_job(evolve(job, tables=job.tables._replace(members=members))))


def test_a_fault_in_one_form_is_seen_by_the_other() -> None:
    """A queue that forgets its expiries differs from the lots."""
    quiet = evolve(OUTREACH, sends=Sends.fixed(per_week=1))
    plan = economies.LINKEDIN_2019["business"]
    job = make_job(plan, quiet, start=START, days=200, paths=2, rng=1, daily_paths=True)
    immortal = evolve(job, tables=job.tables._replace(gone=np.zeros_like(job.tables.gone)))
    with pytest.raises(AssertionError, match="expired"):
        assert_same(run_job(job), run_job(immortal))


def philox_4x32(counter: tuple[int, ...], key: tuple[int, ...]) -> list[int]:
    """Philox4x32-10 as the paper has it, of any counter of four words."""
    (x0, x1, x2, x3), (k0, k1), low = counter, key, 2**32 - 1
    for _ in range(10):
        p0, p1 = x0 * 0xD2511F53, x2 * 0xCD9E8D57
        x0, x1, x2, x3 = (p1 >> 32) ^ x1 ^ k0, p1 & low, (p0 >> 32) ^ x3 ^ k1, p0 & low
        k0, k1 = (k0 + 0x9E3779B9) & low, (k1 + 0xBB67AE85) & low
    return [x0, x1, x2, x3]


ONES = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((ONES, ONES, ONES, ONES), (ONES, ONES), "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
    ids=["zeros", "ones", "pi"],
)
def test_the_generator_gives_the_published_values(
    counter: tuple[int, ...], key: tuple[int, ...], expected: str
) -> None:
    """The known answers that its authors publish with Random123 (kat_vectors, philox4x32-10)."""
    assert " ".join(f"{word:08x}" for word in philox_4x32(counter, key)) == expected


def draw(key: Ints, path: int, purpose: int, words: int, out: Words) -> None:
    """The compiled part of a kernel, called from another."""
    philox.fill(key, path, purpose, words, out)


Draw = Callable[[Ints, int, int, int, Words], None]
drawn = cast("Callable[[Draw], Draw]", njit)(draw)


@given(
    key=st.tuples(st.integers(0, ONES), st.integers(0, ONES)),
    path=st.integers(0, ONES),
    purpose=st.integers(0, 99),
    words=st.integers(1, 40),
)
def test_the_kernel_draws_from_that_generator(
    key: tuple[int, int], path: int, purpose: int, words: int
) -> None:
    """Compiled or not, and as the judge draws: the counter is the block, the path and the purpose."""
    blocks = (words + 3) // 4
    expected = [word for block in range(blocks) for word in philox_4x32((block, path, purpose, 0), key)]
    for fill in (drawn, plain(philox.fill)):
        out = np.zeros(4 * blocks, dtype=np.uint32)
        fill(np.array(key, dtype=np.int64), path, purpose, words, out)
        assert out.tolist() == expected
    judged = [word for block in range(blocks) for word in philox_block(key, path, purpose, block)]
    assert judged == expected


def test_answers_do_not_depend_on_the_plan() -> None:
    """Where no message is refused, each plan sees the same answers and withdrawals."""
    plans = [
        Plan(name="a", grant_credits=500),
        Plan(name="b", grant_credits=900, lifetime_days=60, refund_to="original"),
        Plan(name="c", grant_credits=700, refund_on="silence", reply_window_days=7),
    ]
    runs = [simulate(plan, OUTREACH, start=START, days=60, paths=50, rng=7) for plan in plans]
    for run in runs[1:]:
        for name in ("wanted", "sent", "replied", "withdrawn"):
            np.testing.assert_array_equal(run.total(name), runs[0].total(name), err_msg=name)


class Unhashable(delays.Exponential):
    """A delay of one's own, equal by value and without a hash."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment] # as of a class that only defines what is equal


@pytest.mark.parametrize("steps", [0, 30, chances.KEPT_CODES_MAX + 1])
@pytest.mark.parametrize("delay", [delays.Exponential(3.3), Unhashable(3.3)], ids=["kept", "without a hash"])
def test_answers_to_an_open_message_depend_on_its_age_delay_and_kinds_alone(
    delay: delays.Delay, steps: int
) -> None:
    """Whatever is kept from run to run: another age, delay or kind matters, another rate does not."""
    ages = (0.0, 2.5, 40.0)
    for kinds in ({"message": 1}, {"accepted": 1, "declined": 3}):
        for age in ages:
            found = [
                chances.answers_after(Replies(rate=rate, delay=delay, kinds=kinds), age, steps, 1)
                for rate in (0.1, 0.9)
            ]
            assert found[0].before == found[1].before
            assert found[0].before / ONE == pytest.approx(1 - math.exp(-age / 3.3), abs=1e-9)
            np.testing.assert_array_equal(found[0].cumulative, found[1].cumulative)
            assert len(found[0].cumulative) == max(steps, 1) * len(kinds) + 1
            first_day = found[0].cumulative[len(kinds) - 1] / ONE
            assert first_day == pytest.approx(1 - math.exp(-1 / 3.3), abs=1e-9)
    other = chances.answers_after(Replies(rate=0.1, delay=delays.Exponential(1.0)), 0.0, max(steps, 1), 1)
    assert other.cumulative[0] / ONE == pytest.approx(1 - math.exp(-1), abs=1e-9)


UNWRITABLE = """
import tempfile, warnings

def refuse(*args, **kwargs):
    raise PermissionError("nothing may be written")

tempfile.TemporaryFile = refuse
import numpy as np

with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    from inmail_credits.simulation import simulate
    from inmail_credits.simulation._engine import batch, beta, compiled

    quantiles = [np.zeros((1, 1025), dtype=np.int64) for _ in range(2)]
    for kernel, out in zip((beta.fill_quantiles, compiled.plain(beta.fill_quantiles)), quantiles):
        kernel(np.array([0.3]), np.array([100.0]), out, np.zeros((4, beta.GRID_POINTS + 4)))
entries = (batch.simulate_queue, batch.simulate_lots, beta.fill_quantiles)
same = (quantiles[0] == quantiles[1]).all()
print(sum(hasattr(each, "py_func") for each in entries), same, quantiles[0].any())
print(len(told), *(str(one.message) for one in told))
"""


def test_a_directory_that_cannot_be_written_is_named_once_and_no_obstacle() -> None:
    """No cache of compiled code beside the source nor with the user: one warning, and it works."""
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-P", "-c", UNWRITABLE],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"},
    )
    compiled, warned = done.stdout.splitlines()
    assert compiled == "3 True True"
    assert warned.startswith("1 no directory for compiled code can be written")


def test_compiling_is_told_once_whichever_forms_are_compiled(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two kernels that take their time, one message."""
    from inmail_credits.simulation._engine import compiled  # noqa: PLC0415

    monkeypatch.setattr(compiled, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(compiled, "COMPILE", True)
    monkeypatch.setattr(compiled, "_CALLED", set())
    monkeypatch.setattr(compiled, "_TOLD", set())
    for kernel in ("one", "other", "one"):
        with compiled.told_if_slow(kernel):
            time.sleep(0.2)
    assert [record.message.split(",")[0] for record in caplog.records] == ["compiling the simulation"]


@pytest.fixture(scope="module")
def cluster_executor() -> Iterator[Callable[[], Executor]]:
    """An executor of a Dask cluster of two processes on this machine."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    client = distributed.Client(cluster)
    yield client.get_executor
    client.close()
    cluster.close()


def test_a_dask_cluster_gives_the_same_bits(
    cluster_executor: Callable[[], Executor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of the paths on two workers: equal bits, progress, and a stop on the way."""
    plan, done = economies.LINKEDIN_2019["business"], []
    alone = simulate(plan, OUTREACH, start=START, days=40, paths=300, rng=7)
    monkeypatch.setattr(simulation_run, "PART_STEPS", 2_000)

    def note(paths: int, of: int) -> bool:
        done.append((paths, of))
        return True

    def run(progress: Callable[[int, int], object]) -> Simulation:
        return simulate(
            plan,
            OUTREACH,
            start=START,
            days=40,
            paths=300,
            rng=7,
            executor=cluster_executor(),
            progress=progress,
        )

    assert_same(alone, run(note))
    assert done == [(50 * k, 300) for k in range(1, 7)]
    with pytest.raises(SimulationCancelledError, match="stopped after 50 of 300 paths"):
        run(lambda _paths, _of: False)


def test_a_fleet_on_a_dask_cluster_gives_the_same_bits(
    cluster_executor: Callable[[], Executor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks of members on two workers, each with the rows it needs: equal sums, and balances by path."""
    plan = economies.LINKEDIN_2019["business"]
    fleet = Fleet([Member(f"person {number}", plan, OUTREACH) for number in range(40)])
    alone = simulate_fleet(fleet, start=START, days=40, paths=7, rng=7)
    monkeypatch.setattr(fleet_job, "CHUNK_COLUMNS", 50)
    done: list[int] = []
    spread = simulate_fleet(
        fleet,
        start=START,
        days=40,
        paths=7,
        rng=7,
        executor=cluster_executor(),
        progress=lambda paths, _of: done.append(paths),
    )
    assert done == sorted(done)
    assert (len(done) > 2, done[-1]) == (True, 280)
    for name, sums in alone.accounts.sums.items():
        assert np.array_equal(sums, spread.accounts.sums[name])
    assert np.array_equal(alone.balances, spread.balances)  # type: ignore[arg-type] # both are kept

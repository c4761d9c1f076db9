"""``fingerprint.py [plan | all]`` prints a hash of simulations and of their tables: equal on every processor.

With the name of a plan the hash is of that one alone, so that one form of the kernel is compiled. With
``all`` it runs itself under each setting of the processor that NumPy, OpenBLAS and Numba offer, prints a line
for each, and fails if two differ. It uses the public interface only.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from signal import SIGILL
from typing import Final

import numpy as np

from inmail_credits import economies
from inmail_credits.plans import Plan
from inmail_credits.simulation import (
    FollowUp,
    Outreach,
    Pacing,
    Purchases,
    Replies,
    SegmentedReplies,
    Sends,
    Simulation,
    Withdrawals,
    delays,
    simulate,
)

START = date(2026, 1, 31)
DAYS = 120
PATHS = 2_000
KERNELS: Final = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX", "Cooperlake")
BEHAVIOURS: Final = {
    "plain": Outreach(sends=Sends.poisson(per_week=5), replies=Replies(rate=0.27)),
    "many": Outreach(
        sends=Sends.poisson(per_day=40, daily_max=45),
        replies=Replies(rate=0.3, delay=delays.Lognormal(2.0, sigma=1.3), sample_size=200),
        withdrawals=Withdrawals(rate=0.1, after_days=14),
    ),
    "segments": Outreach(
        sends=Sends.poisson(
            per_week=12, on="working_days", pacing=Pacing(reserve_credits=1), follow_up=FollowUp(share=0.3)
        ),
        replies=SegmentedReplies(
            segments={
                "soon": (2, Replies(rate=0.2, kinds={"declined": 3, "accepted": 1})),
                "late": (
                    1,
                    Replies(rate=0.55, delay=delays.with_reminder(delays.Exponential(3.3), share=0.2)),
                ),
            }
        ),
        purchases=Purchases(per_day=0.1),
    ),
}

LAWS = (
    delays.Exponential(3.3),
    delays.Lognormal(2.0, sigma=1.3),
    delays.Weibull.through(within_a_day=0.65, within_a_week=0.9),
    delays.Geometric(0.3),
)
"""Each law of delay that has a formula."""


def plans() -> Iterator[Plan]:
    """A plan of each kind of stock: one lifetime for all, and refunds to the original lot with a cap."""
    yield economies.get("linkedin-2019")["business"]
    yield Plan(
        name="original",
        grant_credits=150,
        cap_credits=400,
        lifetime_days=90,
        refund_to="original",
        reply_window_days=30,
        purchase_credits_max=50,
    )


def digest(simulation: Simulation) -> bytes:
    """A hash of all that a simulation says: whole numbers and the figures made of them."""
    names = ("wanted", "refused", "refunded", "expired")
    means, errors = simulation.balance_mean_and_error()
    found = [
        *(np.asarray(simulation.total(name), dtype=np.int64) for name in names),
        simulation.balance_quantiles([0.05, 0.5, 0.95]),
        *(np.asarray(part, dtype=np.float64) for part in (means, errors)),
        *(np.asarray(simulation.mean_and_error(name)) for name in names),
    ]
    return sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in found)).digest()


def tables() -> Iterator[bytes]:
    """What the engine samples from: the chances of counts and delays, to the last bit."""
    for law in LAWS:
        yield (
            law.pmf(DAYS).tobytes() + law.pmf_after(2.5, DAYS).tobytes() + np.float64(law.mean_days).tobytes()
        )
    for mean in (0.1, 0.7142857, 3.0, 40.0, 900.0):
        sends = Sends.poisson(per_day=mean, daily_max=50)
        yield sends.pmf(START).tobytes() + np.float64(sends.mean_on(START)).tobytes()


def fingerprint(name: str | None = None) -> str:
    """One hash over all tables, plans (or the one of that name) and behaviours."""
    whole = sha256(b"".join(tables()))
    chosen = [plan for plan in plans() if name in {None, plan.name}]
    if not chosen:
        raise SystemExit(f"no such plan: {name}")
    for plan in chosen:
        for outreach in BEHAVIOURS.values():
            whole.update(digest(simulate(plan, outreach, start=START, days=DAYS, paths=PATHS, rng=7)))
    return whole.hexdigest()


def settings() -> Iterator[dict[str, str]]:
    """Settings of the environment that choose other instructions for the same sums."""
    yield {}
    yield from ({"OPENBLAS_CORETYPE": kernel} for kernel in KERNELS)
    present = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    yield from ({"NPY_DISABLE_CPU_FEATURES": " ".join(present[low:])} for low in range(len(present)))
    yield {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    yield {"NUMBA_DISABLE_JIT": "1"}


def compare() -> int:
    """A line for each setting; 1 if any hash differs from the first, or a run fails."""
    prints = []
    for setting in settings():
        words = " ".join(f"{name}={value!r}" for name, value in setting.items()) or "as found"
        done = subprocess.run(  # noqa: S603 - this script
            [sys.executable, "-P", __file__],
            env=os.environ | setting,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == -SIGILL:
            print(f"{'instructions that this processor does not have':<64}  {words}", flush=True)
            continue
        prints.append(done.stdout.strip() or done.stderr.strip())
        print(f"{prints[-1]}  {words}", flush=True)
        if done.returncode:
            return 1
    return int(len(set(prints)) != 1)


if __name__ == "__main__":
    if sys.argv[1:] == ["all"]:
        sys.exit(compare())
    print(fingerprint(*sys.argv[1:]))

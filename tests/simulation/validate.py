"""The engine against theory: ``validate.py [scale]`` prints a table of z; |z| of 4 or more is a failure.

The exact values (Markov chains, closed forms) and the outputs of an outside simulator are in
``tests/vectors/expiring_stock.json``; ``exact.py`` beside this file says what they are for other parameters.
A period there is a grant interval: here, a plan with daily grants and a lifetime of m days; its stock "at the
end of a period" is the balance that the next expiry leaves. Each estimate is a mean over independent paths,
with the standard error of that mean. ``scale`` multiplies the number of paths; tests run a tenth.

Figures of the long run are read after a warm-up that ``exact.py`` derives from the parameters of each row. A
row that the engine cannot express, such as a fixed delay of 4.5 days, is refused, never rounded.
"""

import json
import sys
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from math import ceil
from operator import attrgetter
from pathlib import Path
from random import Random
from typing import NamedTuple

import exact
import numpy as np
import numpy.typing as npt
from attrs import evolve

from inmail_credits.plans import CREDITS_MAX, Plan
from inmail_credits.simulation import Outreach, Purchases, Replies, Sends, Simulation, delays, simulate
from inmail_credits.simulation.behaviour.delays import Delay
from inmail_credits.simulation.result import mean_and_error
from inmail_credits.simulation.run import STEPS_PER_DAY_MAX
from inmail_credits.timeline import DAYS_MAX, Interval

VECTORS = Path(__file__).parents[1] / "vectors" / "expiring_stock.json"
START = date(2026, 1, 1)
EVERY_DAY = Interval(days=1)
ONCE = Interval(days=DAYS_MAX)
Z_MAX = 4.0
NOT_AT_REST = 1e-5
"""How far from its long-run law a chain may still be after the warm-up: a hundredth of a standard error."""
LOOP_NOT_AT_REST = 1e-3
"""The same for the figure of a closed loop, relative to it: a tenth of a standard error."""
WINDOW, LOOP_WINDOW = 20, 40
PATH_DAYS_MAX = 4_000_000
Floats = npt.NDArray[np.float64]
Vector = dict[str, float]


class Row(NamedTuple):
    """One figure: what theory says, what the engine says, and how many standard errors lie between."""

    case: str
    figure: str
    exact: float
    estimate: float
    error: float

    @property
    def z(self) -> float:
        """0 where both are the same constant."""
        gap = self.estimate - self.exact
        if self.error > 0:
            return gap / self.error
        return 0.0 if abs(gap) < 1e-6 * max(1.0, abs(self.exact)) else float("inf")


class NotExpressibleError(ValueError):
    """A row that no plan and behaviour of the engine says."""


def whole(what: str, value: object) -> int:
    """A number of a row that the engine takes in whole units only.

    Raises:
        NotExpressibleError: for one that would have to be rounded.
    """
    if not isinstance(value, int | float) or value != int(value):
        raise NotExpressibleError(f"{what} is {value}, but the engine takes whole numbers only")
    return int(value)


def within_limits(days: int) -> int:
    """A horizon, if the engine can run it.

    Raises:
        NotExpressibleError: for one beyond its limit.
    """
    if days > DAYS_MAX:
        raise NotExpressibleError(f"{days:,} days to the long run, but the engine runs {DAYS_MAX:,} at most")
    return days


def paths_of(paths: int, scale: float, *, days: int = 0) -> int:
    """How many paths at that scale; fewer where the warm-up makes them long."""
    most = PATH_DAYS_MAX // max(days, 1)
    return max(400, int(min(paths, most) * scale))


def steps_for(events_per_day: float, least: int, *, events_per_step: float = 0.125) -> int:
    """Steps a day, at least so many, in which that few events fall: a divisor of the day.

    Raises:
        NotExpressibleError: where the engine has no grid as fine as that.
    """
    wanted = max(least, ceil(events_per_day / events_per_step))
    if wanted > STEPS_PER_DAY_MAX:
        raise NotExpressibleError(f"{events_per_day:g} events a day ask for {wanted:,} steps a day")
    return next(steps for steps in range(wanted, STEPS_PER_DAY_MAX + 1) if 86_400 % steps == 0)


def mean_row(case: str, figure: str, exact: float, sample: Floats, *, exact_error: float = 0.0) -> Row:
    """The mean of one figure of each path; for an event too rare to be seen, the error of a Poisson count."""
    mean, error = mean_and_error(sample)
    if not np.any(sample):
        error = (exact / len(sample)) ** 0.5
    return Row(case, figure, exact, mean, float(np.hypot(error, exact_error)))


def share_row(case: str, figure: str, exact: float, hits: npt.NDArray[np.bool_]) -> Row:
    """A share of the paths; its standard error is that under the exact value."""
    error = (exact * (1 - exact) / len(hits)) ** 0.5
    return Row(case, figure, exact, float(np.mean(hits)), error)


def variance_row(case: str, figure: str, exact: float, sample: Floats) -> Row:
    """The variance over paths."""
    centred = (sample - sample.mean()) ** 2
    mean, error = mean_and_error(centred)
    return Row(case, figure, exact, mean * len(sample) / (len(sample) - 1), error)


def quantile_row(case: str, q: float, exact: float, sample: Floats) -> Row:
    """A quantile: how far the share at or below it is from holding ``q``; 0 where it holds."""
    below, upto = float(np.mean(sample < exact)), float(np.mean(sample <= exact))
    nearest = min(max(q, below), upto)
    return Row(case, f"share at quantile {q:g} = {exact:g}", q, nearest, (q * (1 - q) / len(sample)) ** 0.5)


def run(
    plan: Plan, outreach: Outreach, *, days: int, paths: int, seed: int, steps_per_day: int = 1
) -> Simulation:
    """A simulation that keeps every day."""
    return simulate(
        plan,
        outreach,
        start=START,
        days=days,
        paths=paths,
        rng=seed,
        daily_paths=True,
        steps_per_day=steps_per_day,
    )


def daily(simulation: Simulation, name: str, low: int, high: int) -> Floats:
    """A figure of the days from ``low`` up to ``high``; shape (days, paths)."""
    array: Floats = getattr(simulation.daily, name)[low:high].astype(np.float64)
    return array


def left_over(simulation: Simulation, low: int, high: int) -> Floats:
    """The stock of theory: what the next expiry leaves of each day's balance; shape (days, paths)."""
    return daily(simulation, "balance", low, high) - daily(simulation, "expired", low + 1, high + 1)


def daily_plan(credits_: float, lifetime_days: float, *, refund_to: str = "fresh") -> Plan:
    """A plan that grants every day."""
    return Plan(
        name="daily",
        grant_credits=whole("the grant", credits_),
        grant_every=EVERY_DAY,
        lifetime_days=whole("the lifetime", lifetime_days),
        refund_to=refund_to,
    )


def stock_plan(credits_: float, *, lifetime_days: int | None = None) -> Plan:
    """A plan that grants once."""
    return Plan(
        name="once", grant_credits=whole("the grant", credits_), grant_every=ONCE, lifetime_days=lifetime_days
    )


def silent(rate: float) -> Outreach:
    """Poisson sends that nobody answers."""
    return Outreach(sends=Sends.poisson(per_day=rate))


def stationary(
    plan: Plan, outreach: Outreach, *, warm_up: int, paths: int, scale: float, seed: int
) -> Iterator[tuple[str, Floats]]:
    """The long-run mean of each figure under daily grants, path by path; and the last day's stock.

    Measured over ``WINDOW`` days after ``warm_up``.
    """
    low, high = warm_up, within_limits(warm_up + WINDOW)
    paths = paths_of(paths, scale, days=high)
    simulation = run(plan, outreach, days=high + 1, paths=paths, seed=seed)
    for name in ("sent", "refused", "expired", "refunded"):
        yield name, daily(simulation, name, low, high).mean(axis=0)
    yield "with a refusal", (daily(simulation, "refused", low, high) > 0).mean(axis=0)
    stock = left_over(simulation, low, high)
    yield "left over", stock.mean(axis=0)
    yield "stock", stock[-1]
    yield (
        "wanted",
        (daily(simulation, "sent", low, high) + daily(simulation, "refused", low, high)).mean(axis=0),
    )


def rest_of(plan: Plan, rate: float) -> int:
    """The warm-up under daily grants and Poisson sends that nobody answers."""
    assert plan.lifetime_days is not None
    return exact.periods_to_rest(plan.grant_credits, plan.lifetime_days, rate, share=NOT_AT_REST)


def constant_grant(rows: list[Vector], scale: float) -> Iterator[Row]:
    """Stationary values under constant grants and Poisson sends."""
    for number, row in enumerate(rows):
        case = f"constant grant m={row['m']} Q={row['Q']} lam={row['lam']}"
        plan, paths = daily_plan(row["Q"], row["m"]), 20_000 if row["lam"] < 50 else 4_000
        warm_up = rest_of(plan, row["lam"])
        found = dict(
            stationary(plan, silent(row["lam"]), warm_up=warm_up, paths=paths, scale=scale, seed=number)
        )
        for figure, name in (
            ("mean_issued", "sent"),
            ("mean_lost_sends", "refused"),
            ("mean_expired", "expired"),
            ("mean_end_balance", "left over"),
            ("p_period_with_lost_send", "with a refusal"),
        ):
            yield mean_row(case, figure, row[figure], found[name])
        quantiles: dict[str, float] = row["end_balance_quantiles"]  # type: ignore[assignment]
        yield from (quantile_row(case, float(q), value, found["stock"]) for q, value in quantiles.items())


def other_grants(seeds: range, scale: float) -> Iterator[Row]:
    """Constant grants of any size, lifetime, rate and cap, against the chain of ``exact.py``."""
    low, high = 15, 40
    for seed in seeds:
        rnd = Random(seed)  # noqa: S311 - a seed that reproduces a case
        credits_, lifetime = rnd.choice((1, 2, 3, 7, 12, 30)), rnd.randint(1, 6)
        rate = credits_ * rnd.choice((0.6, 0.9, 1.0, 1.1, 1.5))
        cap = rnd.choice((None, None, credits_, credits_ + 1, 2 * credits_))
        plan = evolve(daily_plan(credits_, lifetime), cap_credits=cap)
        simulation = run(plan, silent(rate), days=high + 1, paths=paths_of(20_000, scale), seed=seed)
        found = {
            name: daily(simulation, name, low, high) for name in ("sent", "refused", "expired", "forfeited")
        }
        found["expired"] = daily(simulation, "expired", low + 1, high + 1)
        found["with a refusal"] = (found["refused"] > 0).astype(np.float64)
        found["left over"] = left_over(simulation, low, high)
        theory = exact.constant_grant(credits_, lifetime, rate, cap=cap, low=low, high=high)
        case = f"any grant m={lifetime} Q={credits_} lam={rate:g} cap={cap}"
        for name in exact.FIGURES:
            yield mean_row(case, name, theory[name], found[name].mean(axis=0))


def finite_horizon(rows: list[dict[str, object]], scale: float) -> Iterator[Row]:
    """Period by period from empty."""
    for number, row in enumerate(rows):
        periods: list[Vector] = row["rows"]  # type: ignore[assignment]
        plan, rate, count = daily_plan(row["Q"], row["m"]), row["lam"], len(periods)  # type: ignore[arg-type]
        simulation = run(plan, silent(rate), days=count + 1, paths=paths_of(40_000, scale), seed=number)  # type: ignore[arg-type]
        stock = left_over(simulation, 0, count)
        refused = daily(simulation, "refused", 0, count)
        sums = {
            "cum_expected_expired": np.cumsum(daily(simulation, "expired", 1, count + 1), axis=0),
            "cum_expected_lost": np.cumsum(refused, axis=0),
            "cum_expected_sent": np.cumsum(daily(simulation, "sent", 0, count), axis=0),
        }
        for k, period in enumerate(periods):
            case = f"finite horizon, period {period['period']}"
            yield mean_row(case, "mean_balance", period["mean_balance"], stock[k])
            yield share_row(case, "p_balance_zero", period["p_balance_zero"], stock[k] == 0)
            dry = np.any(refused[: k + 1] > 0, axis=0)
            yield share_row(case, "p_any_lost_send_by_now", period["p_any_lost_send_by_now"], dry)
            yield share_row(
                case, "p_lost_send_this_period", period["p_lost_send_this_period"], refused[k] > 0
            )
            for figure, sample in sums.items():
                yield mean_row(case, figure, period[figure], sample[k])
            quantiles: dict[str, float] = period["quantiles"]  # type: ignore[assignment]
            yield from (quantile_row(case, float(q), value, stock[k]) for q, value in quantiles.items())


def refunds(rows: list[dict[str, float]], scale: float) -> Iterator[Row]:
    """Stationary values with refunds, as fresh lots and to the original lot."""
    names = {
        "mean_issued": "sent",
        "mean_lost": "refused",
        "mean_expired": "expired",
        "mean_refunded": "refunded",
        "p_period_with_lost_send": "with a refusal",
        "mean_end_balance": "left over",
    }
    for number, row in enumerate(rows):
        outreach = Outreach(
            sends=Sends.poisson(per_day=row["lam"]),
            replies=Replies(
                rate=row["reply_prob"], delay=delays.Geometric(row["geometric_return_prob_per_period"])
            ),
        )
        warm_up = exact.refunds_to_rest(
            row["Q"], row["m"], row["lam"], row["reply_prob"], row["geometric_return_prob_per_period"],
            share=NOT_AT_REST,
        )  # fmt: skip
        for term, key in (("fresh", "refund_as_fresh_lot"), ("original", "refund_to_original_lot")):
            case = f"refunds {term}, Q={row['Q']} lam={row['lam']:g}"
            plan = daily_plan(row["Q"], row["m"], refund_to=term)
            found = dict(stationary(plan, outreach, warm_up=warm_up, paths=20_000, scale=scale, seed=number))
            theory: Vector = row[key]  # type: ignore[assignment]
            for figure, name in names.items():
                yield mean_row(case, figure, theory[figure], found[name])


def erlang_b(rows: list[Vector], scale: float) -> Iterator[Row]:
    """The closed loop: every credit comes back, whatever the delay's law.

    Answers of a step come before its sends, which frees each credit half a step early on average: 1,000 steps
    a mean delay keep that below the standard error (in the short version, whose error is greater, 167).
    """
    for number, row in enumerate(rows):
        mean = row["mean_reply_delay"]
        coarser = 1 if scale >= 1 else 6
        steps_per_day = steps_for(1 / mean, 1, events_per_step=1e-3 * coarser)
        kinds: tuple[tuple[str, Delay], ...] = (
            ("exponential", delays.Exponential(mean)),
            ("fixed", delays.Fixed(whole("a fixed delay", mean))),
            ("lognormal", delays.Lognormal.with_mean(mean, sigma=1.0)),
        )
        for name, delay in kinds:
            low = exact.loop_to_rest(
                name, mean, whole("B", row["B"]), row["offered_load"], share=LOOP_NOT_AT_REST * coarser
            )
            high = within_limits(low + LOOP_WINDOW)
            outreach = Outreach(
                sends=Sends.poisson(per_day=row["send_rate"]), replies=Replies(rate=1.0, delay=delay)
            )
            simulation = run(
                stock_plan(row["B"]),
                outreach,
                days=high,
                paths=paths_of(10_000, scale, days=high),
                seed=number,
                steps_per_day=steps_per_day,
            )
            refused = daily(simulation, "refused", low, high).sum(axis=0) / (LOOP_WINDOW * row["send_rate"])
            case = f"Erlang-B B={row['B']:g} load={row['offered_load']:g}, {name}"
            yield mean_row(case, "p_send_refused", row["p_send_refused"], refused)


def other_arrivals() -> Iterator[Vector]:
    """Random arrivals of other rates and lifetimes."""
    for arrivals, sends, lifetime in ((2.0, 2.0, 1), (0.3, 1.0, 5), (3.0, 2.5, 4)):
        refused, expired = exact.random_arrivals(arrivals, sends, lifetime)
        yield {
            "arrival_rate": arrivals,
            "send_rate": sends,
            "lifetime": lifetime,
            "p_stockout": refused,
            "p_expire": expired,
            "expire_rate": arrivals * expired,
            "send_lost_rate": sends * refused,
        }


def other_loops() -> Iterator[Vector]:
    """Closed loops of other sizes and loads."""
    for credits_, rate, delay in ((3, 0.5, 4.0), (12, 2.0, 5.0)):
        yield {
            "B": credits_,
            "send_rate": rate,
            "mean_reply_delay": delay,
            "offered_load": rate * delay,
            "p_send_refused": exact.erlang_b(credits_, rate * delay),
        }


def delayed_refund(rows: list[Vector], scale: float) -> Iterator[Row]:
    """Poisson thinning of delayed refunds, where nothing is refused."""
    for number, row in enumerate(rows):
        mean, t = row["mean_delay"], whole("the time", row["t"])
        delay: Delay = (
            delays.Exponential(mean) if row["delay"] == "exponential" else delays.Lognormal.with_mean(mean)  # type: ignore[comparison-overlap]
        )
        outreach = Outreach(
            sends=Sends.poisson(per_day=row["send_rate"]),
            replies=Replies(rate=row["reply_prob"], delay=delay),
        )
        simulation = run(stock_plan(row["B0"]), outreach, days=t, paths=paths_of(40_000, scale), seed=number)
        case = f"delayed refunds, {row['delay']} mean {mean:g}, t={t}"
        balance = simulation.total("balance").astype(np.float64)
        refunded = simulation.total("refunded").astype(np.float64)
        yield mean_row(case, "mean_balance", row["mean_balance"], balance)
        yield variance_row(case, "var_balance", row["var_balance"], balance)
        yield mean_row(case, "refunded mean", row["refunded_poisson_mean"], refunded)
        yield variance_row(case, "refunded variance", row["refunded_poisson_mean"], refunded)
        quantiles: dict[str, float] = row["balance_quantiles"]  # type: ignore[assignment]
        yield from (quantile_row(case, float(q), value, balance) for q, value in quantiles.items())


def exhaustion(rows: list[Vector], scale: float) -> Iterator[Row]:
    """Sends until nothing is left, where answers come at once."""
    for number, row in enumerate(rows):
        outreach = Outreach(
            sends=Sends.fixed(per_day=1), replies=Replies(rate=row["reply_prob"], delay=delays.Fixed(0))
        )
        days = int(row["mean_sends"] + 12 * row["var_sends"] ** 0.5 + 2)
        simulation = simulate(
            stock_plan(row["B"]), outreach, start=START, days=days, paths=paths_of(40_000, scale), rng=number
        )
        made = simulation.total("sent").astype(np.float64)
        case = f"sends to exhaustion B={row['B']:g} p={row['reply_prob']:g}"
        yield mean_row(case, "mean_sends", row["mean_sends"], made)
        if row["var_sends"]:
            yield variance_row(case, "var_sends", row["var_sends"], made)
        yield share_row(case, "p_at_least_70_sends", row["p_at_least_70_sends"], made >= 70)
        quantiles: dict[str, float] = row["quantiles"]  # type: ignore[assignment]
        yield from (quantile_row(case, float(q), value, made) for q, value in quantiles.items())


def first_passage(rows: list[Vector], scale: float) -> Iterator[Row]:
    """When the last credit goes, where answers come at once."""
    for number, row in enumerate(rows):
        outreach = Outreach(
            sends=Sends.poisson(per_day=row["send_rate"]),
            replies=Replies(rate=row["reply_prob_instant_refund"], delay=delays.Fixed(0)),
        )
        simulation = simulate(
            stock_plan(row["B"]),
            outreach,
            start=START,
            days=whole("the time", row["t"]),
            paths=paths_of(20_000, scale),
            rng=number,
            steps_per_day=steps_for(row["send_rate"], 48),
        )
        case = f"first passage B={row['B']:g} rate={row['send_rate']:g} t={row['t']:g}"
        empty = simulation.total("balance") == 0
        yield share_row(case, "p_exhausted_by_t", row["p_exhausted_by_t"], empty)


def single_period(rows: list[Vector], scale: float) -> Iterator[Row]:
    """One grant that lives for a day."""
    for number, row in enumerate(rows):
        plan = stock_plan(row["Q"], lifetime_days=1)
        simulation = run(plan, silent(row["lam"]), days=2, paths=paths_of(40_000, scale), seed=number)
        refused = daily(simulation, "refused", 0, 1)[0]
        case = f"single period Q={row['Q']:g} lam={row['lam']:g}"
        yield mean_row(case, "expected_waste", row["expected_waste"], daily(simulation, "expired", 1, 2)[0])
        yield mean_row(case, "expected_lost", row["expected_lost"], refused)
        if "p_lost" in row:
            yield share_row(case, "p_lost", row["p_lost"], refused > 0)


def losses(published: list[dict[str, object]]) -> Iterator[Vector]:
    """The loss functions of a Poisson demand that stockpyl's tests state, as rows of a single period."""
    for each in published:
        rows: list[Vector] = each.get("loss", [])  # type: ignore[assignment]
        for row in rows:
            yield {
                "Q": row["x"],
                "lam": row["lam"],
                "expected_lost": row["n"],
                "expected_waste": row["n_bar"],
            }


def single_units(rows: list[Vector], scale: float) -> Iterator[Row]:
    """Credits that arrive one at a time at random, as purchases do, each with a life of its own.

    Purchases and sends of a step share its instant, purchases first: each credit comes half a step early, on
    average, and dies half a step early. Arrivals at a constant rate notice that to the second order only.
    """
    for number, row in enumerate(rows):
        arrivals, sends, lifetime = row["arrival_rate"], row["send_rate"], whole("a life", row["lifetime"])
        walk = exact.walk_to_rest(arrivals * lifetime, arrivals + sends, share=NOT_AT_REST)
        low = lifetime + ceil(walk)
        high = within_limits(low + LOOP_WINDOW)
        plan = Plan(name="bought", grant_credits=0, lifetime_days=lifetime, purchase_credits_max=CREDITS_MAX)
        outreach = Outreach(sends=Sends.poisson(per_day=sends), purchases=Purchases(per_day=arrivals))
        simulation = run(
            plan,
            outreach,
            days=high,
            paths=paths_of(10_000, scale, days=high),
            seed=number,
            steps_per_day=steps_for(max(arrivals, sends), 48),
        )
        case = f"random arrivals a={arrivals:g} s={sends:g} T={lifetime}"
        for figure, name, rate in (
            ("p_stockout", "refused", sends),
            ("p_expire", "expired", arrivals),
            ("expire_rate", "expired", 1.0),
            ("send_lost_rate", "refused", 1.0),
        ):
            found = daily(simulation, name, low, high).sum(axis=0) / (rate * (high - low))
            yield mean_row(case, figure, row[figure], found)


def outside_simulator(rows: list[dict[str, object]], scale: float) -> Iterator[Row]:
    """viso_jax, unchanged, with constant orders: both sides have an error."""
    for number, row in enumerate(rows):
        policy = str(row["policy"])
        if not policy.startswith("constant order"):
            continue
        credits_, rate = (int(part.split("=")[-1].split("(")[-1].rstrip(")")) for part in policy.split(", "))
        figures: Vector = row  # type: ignore[assignment]
        plan = daily_plan(credits_, figures["m"])
        found = dict(
            stationary(
                plan, silent(rate), warm_up=rest_of(plan, rate), paths=20_000, scale=scale, seed=100 + number
            )
        )
        case = f"viso_jax m={row['m']} {policy}"
        for ours, theirs in (("refused", "shortage"), ("expired", "expiries"), ("left over", "holding")):
            theory, error = figures[f"mean_{theirs}"], figures[f"se_{theirs}"]
            yield mean_row(case, theirs, theory, found[ours], exact_error=error)


def table(scale: float) -> Iterator[Row]:
    """Every row."""
    vectors = json.loads(VECTORS.read_text())
    forms = vectors["closed_forms"]
    yield from constant_grant(vectors["derived_exact_constant_grant"]["rows"], scale)
    yield from other_grants(range(12), scale)
    yield from finite_horizon(vectors["derived_exact_finite_horizon"]["rows"], scale)
    yield from refunds(vectors["derived_exact_refunds"]["rows"], scale)
    yield from single_units([*forms["mm_perishable"]["rows"], *other_arrivals()], scale)
    yield from erlang_b([*forms["erlang_b_closed_loop"]["rows"], *other_loops()], scale)
    yield from delayed_refund(forms["delayed_refund_unconstrained"]["rows"], scale)
    yield from exhaustion(forms["sends_to_exhaustion"]["rows"], scale)
    yield from first_passage(forms["first_passage"]["rows"], scale)
    yield from single_period([*forms["single_period"]["rows"], *losses(vectors["published"])], scale)
    yield from outside_simulator(vectors["external_run_viso_jax"]["rows"], scale)


def line(row: Row) -> str:
    """One line of the table."""
    numbers = f"{row.exact:>12.5f} {row.estimate:>12.5f} {row.error:>10.5f} {row.z:>7.2f}"
    return f"{row.case:<52} {row.figure:<28} {numbers}\n"


def summary(rows: list[Row]) -> Iterator[str]:
    """A line a case: how many figures, the largest z, and of which."""
    yield f"{'case':<53}{'figures':>7} {'largest z':>9}  of\n"
    for case, figures in groupby(rows, key=attrgetter("case")):
        found = list(figures)
        worst = max(found, key=lambda row: abs(row.z))
        yield f"{case:<53}{len(found):>7} {worst.z:>9.2f}  {worst.figure}\n"


def main() -> int:
    """Print the table, whole and by case; the exit status is 1 if any |z| is 4 or more."""
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    sys.stdout.write(f"{'case':<52} {'figure':<28} {'exact':>12} {'engine':>12} {'error':>10} {'z':>7}\n")
    rows = []
    for row in table(scale):
        rows.append(row)
        sys.stdout.write(line(row))
    sys.stdout.writelines(["\n", *summary(rows), "\n"])
    failures = [row for row in rows if abs(row.z) >= Z_MAX]
    worst = max(rows, key=lambda row: abs(row.z))
    varying = [row.z for row in rows if row.error > 0 and row.z != 0]
    spread = float(np.mean(np.square(varying))) ** 0.5
    sys.stdout.write(
        f"{len(rows)} figures, {len(failures)} with |z| of {Z_MAX:g} or more; largest {abs(worst.z):.2f} "
        f"({worst.case}, {worst.figure})\n"
        f"root mean square of z {spread:.2f} over {len(varying)} figures; the others are 0: constants, and "
        "quantiles that hold\n"
    )
    return min(len(failures), 1)


if __name__ == "__main__":
    sys.exit(main())

"""What is said of random runs of the teacher-student network: starts that are drawn again, a sample that a hash fixes,
bounds of a share. docs/spec/study-v1.md sections 3 to 5, in exact integers; starts are NumPy's doubles."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from hashlib import sha256
from typing import Any

from relucert_audit.format import Dyadic, Rows, dyadic

PLACES, TAIL = 10**6, 2000  # bounds are multiples of 10^-6; each is wrong with a probability below 1/2000
MOST_DRAWS = 20_000  # runs of a binomial variable: the sums take a minute
OF_RUNS = ("runs", "signed-runs")  # methods whose claims have a list of runs
MOST_RUNS = 10**6  # of a (k, n): all are put in order


def order(seed: int, n: int, k: int, runs: int) -> list[int]:
    """The numbers of all runs of a (k, n), in the order in which they are proved."""
    texts = {r: f"relucert-proved-runs/1 {seed} {k} {n} {r}".encode("ascii") for r in range(runs)}
    return sorted(texts, key=lambda r: sha256(texts[r]).digest())


def drawn(seed: int, n: int, k: int, run: int) -> list[list[Fraction]]:
    """The start of a run, as exact doubles."""
    import numpy as np  # for this alone: other audits of studies and samples do without

    sequence = np.random.SeedSequence(seed, spawn_key=(k, n, k, run))
    W = np.random.Generator(np.random.PCG64(sequence)).standard_normal((n, k)) / np.sqrt(k)
    return [[Fraction(x) for x in row] for row in W.tolist()]


def numbers_of(claim: Any) -> tuple[int, Sequence[int]] | None:
    """(seed, numbers of its runs) that the claim of an accepted certificate of runs gives as their origin."""
    origin = claim.get("origin")
    if origin is None:
        return None
    first = origin.get("first", 0)
    return int(origin["seed"]), origin.get("numbers", range(first, first + len(claim["runs"])))


def foreign_start(claim: Any) -> int | None:
    """The number of the first run whose start is not the one that its origin draws."""
    seed, numbers = numbers_of(claim) or (0, ())
    n, k = claim["problem"]["n"], claim["problem"]["k"]
    for run, number in zip(claim["runs"], numbers, strict=False):
        rows: Rows = [[dyadic(x, "start") for x in row] for row in run["start"]]
        if [[exact(x) for x in row] for row in rows] != drawn(seed, n, k, number):
            return int(number)
    return None


def exact(x: Dyadic) -> Fraction:
    return Fraction(x.m << max(x.e, 0), 1 << max(-x.e, 0))


def at_most(count: int, draws: int, p: int) -> int:
    """PLACES^draws times the probability that a binomial variable with p 10^-6 is at most `count`."""
    q, term, total = PLACES - p, 1, 0
    for i in range(count + 1):  # term: C(draws, i) p^i
        total = total * q + term
        term = term * (p * (draws - i)) // (i + 1)
    return int(total * q ** (draws - count))


def share(draws: int, least: int, others: int) -> tuple[str, str]:
    """Bounds of Clopper and Pearson: of the probability of what was seen `least` times, and may have happened in all
    but `others`, rounded outwards to multiples of 10^-6."""
    whole = PLACES**draws
    low, high = 0, PLACES
    if least:
        low = last(lambda p: (whole - at_most(least - 1, draws, p)) * TAIL < whole)
    if others:
        high = PLACES - last(lambda p: at_most(draws - others, draws, PLACES - p) * TAIL < whole)
    return decimals(low), decimals(high)


def last(holds: Callable[[int], bool]) -> int:
    """The largest p below PLACES that holds, for what holds at 0 and, once it does not, no more."""
    low, high = 0, PLACES
    while high - low > 1:
        middle = low + high >> 1
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def decimals(p: int) -> str:
    return f"{p // PLACES}.{p % PLACES:06}"


def chosen(count: int, seed: int, runs: Sequence[tuple[Any, str, int]]) -> dict[Any, list[int]]:
    """Which `count` runs an audit with this seed takes: places by file, of runs (file, its name, place), each once."""
    ranked = sorted(
        dict.fromkeys(runs),
        key=lambda x: sha256(f"relucert-audit-sample/1 {seed} {x[1]} {x[2]}".encode()).digest(),
    )
    found: dict[Any, list[int]] = {file: [] for file, _, _ in runs}
    for file, _, place in ranked[:count]:
        found[file].append(place)
    return {file: sorted(places) for file, places in found.items()}

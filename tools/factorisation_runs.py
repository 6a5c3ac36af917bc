"""Matrix factorisation on random instances: Theorem 15.B against runs of 256 bits, and landscapes of random matrices.

    python tools/factorisation_runs.py balance --count 300 --seed 0
    python tools/factorisation_runs.py landscape --count 1000 --seed 0

The first counts violations of what Theorem 15.B says and prints how near the drift comes to its bound. The second
decides landscapes of matrices up to 50 x 40, with repeated and with zero singular values, and compares singular values
with those of doubles.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from flint import arb_mat

from relucert.base.exact import Rows, exact_rows
from relucert.families.factorisation import prove
from relucert.families.factorisation.problem import DescentProblem, LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.factorisation import descent

BITS = 256
ROUNDING = 2.0**-180  # what 256-bit runs of these sizes may be off


class Checked(NamedTuple):
    """One instance of Theorem 15.B. ratio: the largest |B_t - B_0| over its bound."""

    violations: int
    ratio: float


def exact(array: np.ndarray) -> Rows:
    return exact_rows(array.tolist(), "row")


def instance(rng: np.random.Generator) -> DescentProblem:
    """Of a random size, scale and imbalance, with a step near the largest that Theorem 15.B takes."""
    d1, d2 = (int(x) for x in rng.integers(1, 7, 2))
    r = int(rng.integers(1, min(d1, d2) + 1))
    m = rng.standard_normal((d1, d2)) * 10 ** rng.uniform(-1, 1)
    if rng.random() < 0.3:
        m[:, rng.integers(d2)] = 0
    u, v = (rng.standard_normal((d, r)) * 10 ** rng.uniform(-1.5, 0.5) for d in (d1, d2))
    target, start = exact(m), (exact(u), exact(v))
    low, high = 0.0, 4.0 / (np.linalg.norm(m, 2) + 1e-3)
    for _ in range(20):
        middle = (low + high) / 2
        holds = prove.balanced(DescentProblem(target, r, Fraction(middle), start)).outcome.proved
        low, high = (middle, high) if holds else (low, middle)
    return DescentProblem(target, r, Fraction(low * rng.uniform(0.3, 1)), start)


def check(problem: DescentProblem, steps: int) -> Checked:
    """Follows a run of 256 bits and counts what contradicts the claim."""
    result = prove.balanced(problem)
    if not result.outcome.proved:
        raise ValueError("Theorem 15.B does not hold")
    claimed = result.outcome.bounds  # type: ignore[union-attr]
    limits = [float(x) + ROUNDING for x in (claimed.imbalance, claimed.drift, claimed.norm)]
    violations, largest, before = 0, 0.0, float("inf")
    with ball.precision(BITS):
        eta = ball.middle(ball.ratio(problem.eta.as_integer_ratio()))
        m, (u, v) = descent.matrix(problem.target), map(descent.matrix, problem.point)
        first = descent.balance_of(u, v)
        for _ in range(steps):
            residual, b = (u * v.transpose() - m).mid(), descent.balance_of(u, v)
            loss, away = _norm(residual) ** 2 / 2, _norm(b - first)
            largest = max(largest, away)
            found = (_norm(b), away, _largest(u), _largest(v))
            bad = (a > c * (1 + 1e-12) for a, c in zip(found, (*limits, limits[2]), strict=True))
            violations += sum(bad) + (loss > before * (1 + 1e-12) + ROUNDING)
            before = loss
            u, v = (u - eta * residual * v).mid(), (v - eta * residual.transpose() * u).mid()
    return Checked(violations, largest / limits[1])


def _norm(a: arb_mat) -> float:
    return float(ball.norm(a.entries()))


def _largest(a: arb_mat) -> float:
    """||a||^2 in doubles."""
    return float(np.linalg.norm([[float(x) for x in row] for row in a.tolist()], 2)) ** 2


def matrix(rng: np.random.Generator, most: tuple[int, int] = (50, 40)) -> np.ndarray:
    """A random matrix: of doubles, of small integers of a low rank, or with repeated singular values."""
    d1, d2 = (int(rng.integers(1, n + 1)) for n in most)
    kind = rng.integers(4)
    if kind == 0:
        return rng.standard_normal((d1, d2)) * 10.0 ** rng.integers(-3, 4)
    if kind == 1:
        r = int(rng.integers(0, min(d1, d2) + 1))
        return (rng.integers(-3, 4, (d1, r)) @ rng.integers(-3, 4, (r, d2))).astype(float)
    if kind == 2:  # a permuted diagonal with signs: repeated and zero singular values
        found = np.zeros((d1, d2))
        n = min(d1, d2)
        found[rng.permutation(d1)[:n], rng.permutation(d2)[:n]] = rng.integers(-3, 4, n)
        return found
    x = rng.integers(-2, 3, max(d1, d2))  # 2 x 2 blocks a I + b J: every singular value twice
    found = np.zeros((d1, d2))
    for i in range(0, min(d1, d2) - 1, 2):
        found[i : i + 2, i : i + 2] = [[x[i], x[i + 1]], [-x[i + 1], x[i]]]
    return found


def landscapes(count: int, seed: int, most: tuple[int, int] = (50, 40)) -> Counter[str]:
    """Decides so many; singular values agree with those of doubles."""
    rng, found = np.random.default_rng(seed), Counter[str]()
    for _ in range(count):
        m = matrix(rng, most)
        r = int(rng.integers(1, min(m.shape) + 1))
        result = prove.landscape(LandscapeProblem(exact(m), r, Fraction(int(rng.integers(3)))))
        found[result.verdict] += 1
        if result.outcome.proved:
            of = result.outcome.singular  # type: ignore[union-attr]
            expected = np.linalg.svd(m, compute_uv=False)
            agree = np.allclose([float(x) for x in of.all], expected, atol=1e-12 * (1 + expected[0]))
            found["agree" if agree else "differ"] += 1
            found["repeated"] += any(level.multiplicity > 1 for level in of.levels)
            found["rank below n"] += of.rank < min(m.shape)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("balance", "landscape"))
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=200)
    given = parser.parse_args()
    began = time.perf_counter()
    if given.what == "landscape":
        print(dict(landscapes(given.count, given.seed)), f"{time.perf_counter() - began:.1f} s")
        return
    rng = np.random.default_rng(given.seed)
    found = [check(instance(rng), given.steps) for _ in range(given.count)]
    ratios = sorted(x.ratio for x in found)
    print(
        f"{given.count} instances, {sum(x.violations for x in found)} violations; drift/bound: median "
        f"{ratios[len(ratios) // 2]:.3f}, largest {ratios[-1]:.3f}; {time.perf_counter() - began:.1f} s"
    )


if __name__ == "__main__":
    main()

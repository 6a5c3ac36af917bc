"""What one problem of the designed landscape costs: python bench/bench_landscape.py [PROBLEMS]

One row for each d and each kind of problem (G; F with a dense teacher): milliseconds for the whole landscape, from
exact fractions to proved bounds, the median and the most; and the median beside that of a product of two d x d
matrices of balls at the same precision, in the same process. The limit is 10 ms for G at every d up to 50.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from fractions import Fraction
from statistics import median

import numpy as np

from relucert.families.landscape.problem import LandscapeProblem
from relucert.families.landscape.whole import FIRST_PRECISION, landscape
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix

SIZES = (2, 10, 50)
LIMIT = 0.010


def problem(rng: np.random.Generator, d: int, *, general: bool) -> LandscapeProblem:
    """mu in (0, 30), lambda in (0, 10): all verdicts occur."""
    a_star = tuple(Fraction(int(x), 100) for x in rng.integers(10, 500, d))
    mu = Fraction(int(rng.integers(1, 3000)), 100) + Fraction(1, 1000)
    teacher = None
    if general:
        rows = np.eye(d, dtype=int) * 100 + rng.integers(-20, 21, (d, d))
        teacher = tuple(tuple(Fraction(int(x), 100) for x in row) for row in rows)
    return LandscapeProblem(a_star, mu, Fraction(int(rng.integers(1, 1000)), 100), teacher)


def product(rng: np.random.Generator, d: int) -> Callable[[], object]:
    left, right = (
        BallMatrix([[Ball(float(x)) / 3 for x in row] for row in rng.normal(size=(d, d))]) for _ in "ab"
    )

    def run() -> object:
        with ball.precision(FIRST_PRECISION):
            return left * right

    return run


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rng, late = np.random.default_rng(0), []
    print(
        f"{'objective':<10} {'d':>4} {'median ms':>10} {'most ms':>10} {'of a product':>13} {'undecided':>10}"
    )
    for general in (False, True):
        for d in SIZES:
            spent, beside, undecided = [], [], 0
            for _ in range(count if d < 50 or not general else max(count // 20, 1)):
                one = problem(rng, d, general=general)
                spent.append(seconds(lambda one=one: landscape(one)))  # type: ignore[misc]
                beside.append(seconds(product(rng, d)))
                undecided += landscape(one).verdict == "inconclusive"
            ratio = median(spent) / median(beside)
            name = "F" if general else "G"
            row = f"{name:<10} {d:>4} {1000 * median(spent):>10.3f} {1000 * max(spent):>10.3f}"
            print(f"{row} {ratio:>13.2f} {undecided:>10}")
            if not general and median(spent) > LIMIT:
                late.append(d)
    if late:
        raise SystemExit(f"more than {1000 * LIMIT:g} ms at d = {late}")


if __name__ == "__main__":
    main()

"""Enclosed runs on the designed landscape against the same runs in doubles: python bench/bench_landscape_run.py

One row for each d and precision: a* = 1, mu = 6, lambda = 1, eta = 1/20, a random start. The ratio of seconds for each
step, proved to plain; the bits that the radius grows by. Then how many of 200 random starts at d = 10 are decided, and
the widest ball of starts, of radius a power of 2, that is.
"""

from __future__ import annotations

import sys
import time
from fractions import Fraction

import numpy as np

from relucert.base.dyadic import to_float
from relucert.families.landscape.descent import random_start, run
from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.landscape import descent as kernel

ETA = Fraction(1, 20)


def problem(d: int) -> LandscapeProblem:
    return LandscapeProblem.from_text(["1"] * d, "6", "1")


def plain(d: int, steps: int) -> float:
    """Seconds for a step in doubles."""
    u = np.array([[to_float(x) for x in row] for row in random_start(d, 0)])
    alpha = 1 / (2 * np.sqrt(2 * np.pi))
    started = time.perf_counter()
    for _ in range(steps):
        squares = u * u
        g = squares.sum(axis=1) - 1
        u = u - 0.2 * u * (alpha * squares.sum(axis=0) - 1.5 * alpha * squares + g[:, None])
    return (time.perf_counter() - started) / steps


def enclosed(d: int, steps: int, bits: int) -> tuple[float, int]:
    """The same of an enclosed step, and the bits of the radius in units of the last place."""
    with ball.precision(bits + kernel.GUARD):
        by = kernel.rule(problem(d).weights(), ETA.as_integer_ratio(), bits)
        first = kernel.start(random_start(d, 0), (0, 0), bits)
        started = time.perf_counter()
        end = kernel.advance(by, first, steps)
        return (time.perf_counter() - started) / steps, end.radius.bit_length()


def widest(seed: int) -> int:
    """The greatest e such that every run from within 2^e of a random start at d = 10 is proved to converge."""
    start = random_start(10, seed)
    return next(e for e in range(-3, -60, -1) if run(problem(10), start, ETA, 3000, (1, e)).outcome.proved)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(
        f"{'d':>4} {'bits':>5} {'steps':>6} {'plain us':>9} {'proved us':>10} {'ratio':>7} {'radius bits':>12}"
    )
    for d, steps in ((5, 400), (10, 400), (50, 400), (100, 100)):
        for bits in (128, 256):
            base = plain(d, 2000)
            spent, grown = enclosed(d, steps, bits)
            row = f"{d:>4} {bits:>5} {steps:>6} {1e6 * base:>9.1f} {1e6 * spent:>10.1f} {spent / base:>7.1f}"
            print(f"{row} {grown:>12}")
    decided = [run(problem(10), random_start(10, seed), ETA, 5000) for seed in range(count)]
    steps = [found.outcome.steps for found in decided if found.outcome.proved]
    print(
        f"d = 10: {len(steps)} of {count} random starts decided, in {np.median(steps):g} steps, at most {max(steps)}"
    )
    print(f"d = 10: the widest balls of starts, of 10: 2^{sorted(widest(seed) for seed in range(10))}")


if __name__ == "__main__":
    main()

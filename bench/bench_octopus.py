"""Exact escape times against gradient descent itself: python bench/bench_octopus.py

L = 3, gamma = 1, tau = e, step 1/12, a random start. The seconds of a proof, as a ratio to those of a million steps of
descent in doubles at d = 10, and as a ratio to those at d = 100; the bits, and the digits of T_d.
"""

from __future__ import annotations

import time
from fractions import Fraction

from relucert.families.octopus.problem import OctopusProblem, random_start
from relucert.families.octopus.prove import Result, escape_times
from relucert.kernel.octopus.double import doubles, step


def proved(d: int) -> tuple[Result, float]:
    """The times, and the seconds they took: the best of three."""
    problem, start = OctopusProblem.from_text(d, "3", step="1/12"), random_start(d, 0)
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        result = escape_times(problem, start)
        best = min(best, time.perf_counter() - started)
    return result, best


def million() -> float:
    """Seconds of a million steps in doubles, d = 10."""
    c = doubles(OctopusProblem(10, Fraction(3), step=Fraction(1, 12)).function)
    a = [abs(float(x)) for x in random_start(10, 0)]
    started = time.perf_counter()
    for _ in range(10_000):
        a = step(c, a)
    return 100 * (time.perf_counter() - started)


def main() -> None:
    plain = million()
    base = proved(100)[1]
    print(f"{'d':>5} {'bits':>6} {'digits of T_d':>13} {'a million steps':>15} {'d = 100':>8}")
    for d in (5, 10, 30, 100, 300, 1000):
        result, seconds = proved(d)
        digits = len(str(result.outcome.times[-1]))
        print(f"{d:>5} {result.precision:>6} {digits:>13} {seconds / plain:>15.4f} {seconds / base:>8.2f}")


if __name__ == "__main__":
    main()

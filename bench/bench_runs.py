"""What proving a run costs: python bench/bench_runs.py [SIZES]

One row for each size k = n (default 6, 10, 20): seconds of the processor for a step that is proved, averaged over the
first 400 steps of a run and over 400 steps once it has slowed down, and the same as multiples of a step of gradient
descent in NumPy (families.teacher.search.descent.loss_and_gradient), which proves nothing.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from relucert.base.exact import exact_rows
from relucert.families.teacher.runs import first_bits
from relucert.families.teacher.search.descent import loss_and_gradient, starting_point
from relucert.families.teacher.search.shift import shifted_factors
from relucert.kernel.teacher.enclosed import follow

STEPS = 400
LATER = 600  # steps in floating point until a run has slowed down


def proved(weights: np.ndarray) -> float:
    """Seconds of the processor for a step from here."""
    rows = exact_rows(weights.tolist(), "neuron")
    began = time.process_time()
    follow(rows, (1, 10), first_bits(len(rows)), shifted_factors, lambda t, *_: t == STEPS, STEPS)
    return (time.process_time() - began) / STEPS


def floating(weights: np.ndarray) -> tuple[np.ndarray, float]:
    """(where descent is after some steps, seconds for each)."""
    targets = np.eye(len(weights))
    began = time.process_time()
    for _ in range(LATER):
        weights = weights - 0.1 * loss_and_gradient(weights, targets)[1]
    return weights, (time.process_time() - began) / LATER


def main() -> None:
    sizes = [int(x) for x in sys.argv[1].split(",")] if len(sys.argv) > 1 else [6, 10, 20]
    print(f"{'k':>3} {'numpy ms':>9} {'early ms':>9} {'later ms':>9} {'early/numpy':>12} {'later/numpy':>12}")
    for k in sizes:
        start = starting_point(k, k, k, 1, 0)
        middle, plain = floating(start)
        early, later = proved(start), proved(middle)
        row = f"{k:>3} {1e3 * plain:>9.3f} {1e3 * early:>9.3f} {1e3 * later:>9.3f}"
        print(f"{row} {early / plain:>12.3g} {later / plain:>12.3g}")


if __name__ == "__main__":
    main()

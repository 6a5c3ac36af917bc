"""Enclosed runs of the one-hidden-layer CNN: seconds, radii, and agreement with plain floating-point descent.

    python bench/bench_cnn_descent.py [--problems 1000] [--steps 10000] [--runs 5000]

1. Runs of `--steps` steps for teachers from k = 1 to 4096 and starts at random and beside a saddle.
2. Random teachers (S = 0, a* a multiple of 1, and k = 1 among them), a random start each: the proved end
   against gradient descent in all coordinates in doubles. Counts what is decided, and what contradicts.
3. Table 5.1 of Du's thesis with every run decided in balls; and what other norms of a* do to a row of it.
"""

import argparse
import math
import time
from collections import Counter
from fractions import Fraction

import numpy as np
from numba import njit

from relucert.base.dyadic import from_float, to_float
from relucert.families.cnn.descent import GLOBAL, SPURIOUS, enclose, largest_step, random_start
from relucert.families.cnn.point import CnnCandidate
from relucert.families.cnn.problem import CnnProblem
from relucert.families.cnn.table import THESIS, THESIS_RATIOS, cells


@njit
def descend(v, a, a_star, w, eta, most):
    """1 or -1 if descent from (v, a), w* = w e_1, comes near a global or the spurious minimum, else 0."""
    k, total = len(a), a_star.sum()
    a_bad = w / (np.pi - 1) * (np.pi * total / (k + np.pi - 1) - a_star)
    for _ in range(most):
        r = math.sqrt((v * v).sum())
        cosine = v[0] / r
        phi = math.atan2(math.sqrt((v[1:] * v[1:]).sum()), v[0])
        if phi < 0.05 and ((a - w * a_star) ** 2).sum() < 4e-4 * w * w * (a_star**2).sum():
            return 1
        if np.pi - phi < 0.05 and ((a - a_bad) ** 2).sum() < 4e-4 * (a_bad**2).sum():
            return -1
        g, q = (np.pi - phi) * cosine + math.sin(phi), (a * a_star).sum()
        push = eta * q * (np.pi - phi) * w / (2 * np.pi * r)
        down = a.sum() + (np.pi - 1) * a - w * (total + (g - 1) * a_star)
        v = v * (1 - push * cosine / r)
        v[0] += push
        a = a - eta / (2 * np.pi) * down
    return 0


def random_problem(generator):
    k = int(generator.integers(1, 51))
    a_star = generator.integers(-40, 41, k)
    kind = generator.integers(5)
    if kind == 0:
        a_star[:] = 1
    elif kind == 1 and k > 1:
        a_star[-1] = -a_star[:-1].sum()
    elif kind == 2:
        a_star = abs(a_star)
    if not a_star.any():
        a_star[0] = 1
    size = Fraction(2) ** round(math.log2(float((a_star**2).sum())) / 2 + generator.uniform(-1, 1))
    weights = tuple(int(x) / size for x in a_star)
    return CnnProblem(weights, Fraction(int(generator.integers(2, 30)), 10), int(generator.integers(2, 31)))


def agreement(count, steps):
    tally, decided_at = Counter(), []
    started = time.perf_counter()
    for seed in range(count):
        problem = random_problem(np.random.default_rng(seed))
        start, eta = random_start(problem, seed), largest_step(problem)
        run = enclose(start, eta, steps, stop=True)
        v, a = (np.array([to_float(x) for x in row]) for row in (start.v, start.a))
        a_star = np.array([float(x) for x in problem.a_star])
        end = descend(v, a, a_star, float(problem.w_norm), float(eta), 10**6)
        proved = {GLOBAL: 1, SPURIOUS: -1}.get(run.verdict, 0)
        tally["decided"] += proved != 0
        tally["not decided"] += proved == 0
        tally["floating point ends nowhere"] += end == 0
        tally["contradictions"] += end * proved == -1
        tally["global"] += proved == 1
        if run.entry is not None:
            decided_at.append(run.entry.sample.step)
    print(f"{count} random problems, {time.perf_counter() - started:.1f} s: {dict(tally)}")
    print(f"decided at step: median {np.median(decided_at):.0f}, largest {max(decided_at)}")


def long_runs(steps):
    print(f"{'k':>5} {'p':>6} {'start':>8} {'seconds':>8} {'bits':>5} {'radius':>9} end")
    for k, p in ((1, 2), (3, 20), (36, 6), (4096, 1000)):
        for place in ("random", "saddle"):
            a_star = tuple(Fraction((-1) ** i * (i % 7 + 1), 8) for i in range(k))
            problem = CnnProblem(a_star, Fraction(1), p)
            start = random_start(problem, 1)
            if place == "saddle":  # q nearly 0 and an angle of about pi/2: the slow phase is long
                v = [2.0**-20, 1.0, *[0.0] * (p - 2)]
                start = CnnCandidate(problem, tuple(map(from_float, v)), ((0, 0),) * k, start.axis)
            began = time.perf_counter()
            run = enclose(start, largest_step(problem), steps)
            seconds = time.perf_counter() - began
            numbers = f"{k:5} {p:6} {place:>8} {seconds:8.2f} {run.precision:5} {float(run.radius):9.1e}"
            print(f"{numbers} {run.verdict} at step {None if run.entry is None else run.entry.sample.step}")


def thesis(runs):
    started = time.perf_counter()
    ratios = [Fraction(x) for x in THESIS_RATIOS]
    table = list(cells(list(THESIS), ratios, [6], runs=runs, seed=0))
    seconds = time.perf_counter() - started
    print(f"Table 5.1, {runs} runs a cell: {seconds:.1f} s")
    print(f"tried in balls {sum(c.tried for c in table)}, undecided {sum(c.undecided for c in table)}, "
          f"contradictions {sum(c.contradictions for c in table)}, "
          f"largest difference {max(abs(c.to_global - c.thesis) for c in table):.4f}")  # fmt: skip
    for norm in ("1/4", "1", "4", "16"):
        row = cells([64], ratios, [6], runs=runs, seed=0, norm=Fraction(norm), prove=0)
        print(f"k = 64, |a*| = {norm}:", " ".join(f"{c.to_global:.3f}" for c in row))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--problems", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5000)
    options = parser.parse_args()
    long_runs(options.steps)
    agreement(options.problems, options.steps)
    thesis(options.runs)


if __name__ == "__main__":
    main()

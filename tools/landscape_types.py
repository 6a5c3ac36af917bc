"""The kinds of critical points of the designed landscape, by Newton's method in floats.

    PYTHONPATH=tests python tools/landscape_types.py [--distinct 4000] [--seed 20171101]

Random problems (d = 2 to 4, mu in (0.2, 11.9), lambda/(mu beta_max) in (1.05, 7.4)) and random starts. Two points
of a problem are the same here if they differ by signs of entries and order of rows only, as Q does not see these.
Each point found is a signed permutation, or its smallest eigenvalue is compared with the bound -tau of Theorem 13.T
(docs/theorem/landscape.md). Nothing here is proved; it would be a surprise that refutes the theorem.
"""

import argparse
import sys
from typing import NamedTuple

import numpy as np

import landscape_points as points

STEPS = 60
STARTS = 160


class Kinds(NamedTuple):
    """One entry for each distinct critical point: U, its smallest eigenvalue, "permutation" or "other"."""

    points: list
    lowest: list
    names: list


class Survey(NamedTuple):
    problems: int
    distinct: int
    minima: int
    saddles: int
    contradictions: int
    depth: float


def random_problem(rng, d):
    alpha = points.C * rng.uniform(0.5, 2, d)
    nu = rng.uniform(0.2, 11.9) / 12
    return points.Landscape(alpha, nu, rng.uniform(1.05, 7.4) * nu * alpha.max())


def starts_of(rng, d, count):
    """Random entries, of which a random part is zero: Newton keeps zeros, and most critical points have them."""
    full = rng.standard_normal((count, d, d)) * rng.uniform(0.3, 1.5, (count, 1, 1))
    return full * (rng.random((count, d, d)) < rng.uniform(0.3, 1, (count, 1, 1)))


def search(of, rng, starts=STARTS):
    """Where Newton's method from random starts ends in a critical point, to rounding: [point, row, column]."""
    d = len(of.alpha)
    U = starts_of(rng, d, starts)
    for _ in range(STEPS):
        H = points.flat(points.hessian(of, U)) + 1e-14 * np.eye(d * d)  # never exactly singular
        step = np.linalg.solve(H, points.gradient(of, U).reshape(-1, d * d, 1)).reshape(U.shape)
        length = np.linalg.norm(step, axis=(1, 2), keepdims=True)
        U = U - step / np.maximum(1, length)
    return U[np.abs(points.gradient(of, U)).max(axis=(1, 2)) < 1e-11 * (1 + of.lam)]


def distinct(found):
    """One of each class of points that differ by signs of entries and order of rows only."""
    classes = {tuple(sorted(map(tuple, np.round(U * U, 6) + 0.0))): U for U in found}
    return list(classes.values())


def is_permutation(of, U):
    aligned = np.abs(U) > 1e-6
    once = (aligned.sum(axis=0) == 1).all() and (aligned.sum(axis=1) == 1).all()
    t = np.sqrt(of.lam / (of.lam - of.nu * of.alpha))
    return bool(once and np.allclose(np.abs(U).max(axis=0), t, atol=1e-7))


def kinds(of, found):
    different = distinct(found)
    lowest = [float(np.linalg.eigvalsh(points.flat(points.hessian(of, U)))[0]) for U in different]
    names = ["permutation" if is_permutation(of, U) else "other" for U in different]
    return Kinds(different, lowest, names)


def survey(seed, count):
    """Problems one after another until there are so many distinct critical points."""
    rng = np.random.default_rng(seed)
    problems = total = minima = contradictions = 0
    depth = np.inf
    while total < count:
        of = random_problem(rng, 2 + problems % 3)
        found = kinds(of, search(of, rng))
        tau = points.saddle_bound(of)
        for name, lowest in zip(found.names, found.lowest, strict=True):
            if name == "permutation":
                minima += 1
                contradictions += lowest <= 0
            else:
                depth = min(depth, -lowest / tau)
                contradictions += lowest >= -tau
        problems, total = problems + 1, total + len(found.names)
    return Survey(problems, total, minima, total - minima, int(contradictions), float(depth))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--distinct", type=int, default=4000, help="critical points to find")
    parser.add_argument("--seed", type=int, default=20171101)
    args = parser.parse_args()
    found = survey(args.seed, args.distinct)
    print(f"{found.problems} problems, {found.distinct} distinct critical points")
    print(
        f"{found.minima} signed permutations, {found.saddles} others, {found.contradictions} contradictions"
    )
    print(f"least -lambda_min/tau of the others: {found.depth:.3f}")
    return min(found.contradictions, 1)


if __name__ == "__main__":
    sys.exit(main())

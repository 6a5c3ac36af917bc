"""How many steps are proved, and how many descent needs: python bench/bench_filter.py [STARTS]

One row for each dimension, step and kind of start: uniform in the ball of radius |w*| (all converge), and
at the distance 0.9 |w*| from w*. Accuracy 1e-6. Counts are medians; "most" is the largest ratio of the two.
"""

from __future__ import annotations

import math
import sys
import time
from fractions import Fraction

import numpy as np

from relucert.families.filter.problem import FilterProblem
from relucert.families.filter.prove import certify

KINDS = ("uniform", "near")


def needed(w: np.ndarray, v: np.ndarray, eta: float, most: int) -> int:
    """Steps of floating-point descent until |w - w*| <= 1e-6 |w*|."""
    size = float(np.linalg.norm(v))
    for t in range(most + 1):
        if np.linalg.norm(w - v) <= 1e-6 * size:
            return t
        length = float(np.linalg.norm(w))
        phi = 2 * math.atan2(*(float(np.linalg.norm(w / length + s * v / size)) for s in (-1, 1)))
        w = w - eta * (w / 2 - (size * math.sin(phi) * w / length + (math.pi - phi) * v) / (2 * math.pi))
    raise SystemExit("descent needs more steps than were proved")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rng = np.random.default_rng(0)
    print(f"{'start':<8} {'p':>3} {'eta':>4} {'needed':>7} {'proved':>7} {'most':>8} {'seconds each':>13}")
    for kind in KINDS:
        for p in (2, 10, 100):
            for eta in (Fraction(2), Fraction(1), Fraction(1, 10)):
                rows, spent = [], 0.0
                for _ in range(count):
                    v, w = np.round(rng.normal(size=p), 6), rng.normal(size=p)
                    size = np.linalg.norm(v)
                    w *= size / np.linalg.norm(w)
                    w = v + 0.9 * w if kind == "near" else w * rng.random() ** (1 / p)
                    w = np.round(w, 6)
                    exact = [tuple(Fraction(f"{x:.6f}") for x in row) for row in (v, w)]
                    start = time.perf_counter()
                    bounds = certify(FilterProblem(*exact, eta)).outcome.bounds
                    spent += time.perf_counter() - start
                    rows.append((needed(w, v, float(eta), bounds.steps), bounds.steps))
                ratio = max(b / max(a, 1) for a, b in rows)
                middle = [int(np.median([row[k] for row in rows])) for k in (0, 1)]
                row = f"{kind:<8} {p:>3} {eta!s:>4} {middle[0]:>7} {middle[1]:>7} {ratio:>8.3g}"
                print(f"{row} {spent / count:>13.4f}")


if __name__ == "__main__":
    main()

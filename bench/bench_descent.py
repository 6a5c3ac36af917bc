"""Nanoseconds per step, run and pair: plain batched NumPy against relucert.search.descent, in one run.

    python bench/bench_descent.py [--size 6 20] [--runs 256] [--steps 512] [--threads 2]

A pair is one of the n(n-1)/2 pairs of neurons or nk pairs of neuron and target. The time of one step is taken
off both, and with it the starting points and the final evaluation. Not part of correctness.
"""

import argparse
import os
import time

import numpy as np

from relucert.search.descent import descend, starting_point


def numpy_descend(targets, neurons, runs, seed, steps, step=0.1):
    """Weights (runs, n, d) after `steps` steps from the same starting points, by batched array operations."""
    k, d = targets.shape
    w = np.stack([starting_point(k, neurons, d, seed, r) for r in range(runs)])
    length = np.linalg.norm(targets, axis=1)
    unit = (targets / length[:, None]).T
    diagonal = np.arange(neurons)
    for _ in range(steps):
        norm = np.linalg.norm(w, axis=2)
        own = w / norm[:, :, None]
        cosine = np.concatenate([own @ own.transpose(0, 2, 1), own @ unit], axis=2)
        cosine[:, diagonal, diagonal] = 1.0
        cosine = cosine.clip(-1.0, 1.0)
        rest = np.pi - np.arccos(cosine)
        sine = np.sqrt(1.0 - cosine * cosine)
        pull = (sine[:, :, :neurons] @ norm[:, :, None])[:, :, 0] - sine[:, :, neurons:] @ length
        gradient = pull[:, :, None] * own + rest[:, :, :neurons] @ w - rest[:, :, neurons:] @ targets
        w = w - step / (2.0 * np.pi) * gradient
    return w


def seconds(function, steps):
    """Time of steps - 1 steps, and the weights after all of them: the best of three calls each."""
    best = {}
    for count in (1, steps) * 3:
        start = time.perf_counter()
        weights = function(count)
        best[count] = min(best.get(count, float("inf")), time.perf_counter() - start)
    return best[steps] - best[1], weights


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, nargs="+", default=[6, 20], help="k = n = d")
    parser.add_argument("--runs", type=int, default=256)
    parser.add_argument("--steps", type=int, default=512)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    start = time.perf_counter()
    descend(np.eye(2), 2, 1, 0, max_steps=1)
    print(f"first call (compilation, or its cache): {time.perf_counter() - start:.2f} s")
    for k in args.size:
        targets = np.eye(k)
        pairs = (k * (k - 1) // 2 + k * k) * args.runs * (args.steps - 1) / 1e9
        plain, expected = seconds(
            lambda count, v=targets: numpy_descend(v, len(v), args.runs, 0, count), args.steps
        )
        line = f"k = n = {k}: numpy {plain / pairs:.1f} ns"
        for threads in sorted({1, args.threads}):
            ours, weights = seconds(
                lambda count, v=targets, t=threads: (
                    descend(v, len(v), args.runs, 0, max_steps=count, threads=t).weights
                ),
                args.steps,
            )
            line += f"; {threads} thread(s) {ours / pairs:.2f} ns, {plain / ours:.1f} times faster"
        print(f"{line}; weights differ by {abs(weights - expected).max():.0e}")


if __name__ == "__main__":
    main()

"""The descent against plain batched NumPy and PyTorch, and against its floor, in one run.

    python bench/bench_descent.py [--size 6 20] [--runs 256] [--steps 512] [--threads 2]

Nanoseconds per step, run and pair; a pair is one of the n(n-1)/2 pairs of neurons or nk pairs of neuron and
target. The time of one step is taken off, and with it the starting points and the final evaluation. PyTorch
(on the CPU) is measured if it can be imported. The floor is the cost of the arccosines alone, as many calls
of `sine_and_rest`. The exponent: time of a step of one run against k = n. Not part of correctness.
"""

import argparse
import importlib.util
import os
import time

import numpy as np
from numba import njit

from relucert.families.teacher.search.compiled import sine_and_rest
from relucert.families.teacher.search.descent import LANES, advance, begin, descend, starting_point


@njit(nogil=True, fastmath={"contract"}, error_model="numpy")
def arccosines(cosines, rounds, out):
    """Sine and angle of (pairs, LANES) cosines, again and again."""
    for r in range(rounds):
        for i in range(len(cosines)):
            for m in range(cosines.shape[1]):
                sine, rest = sine_and_rest(cosines[i, m], 1.0)
                out[i, m] += sine + r * rest


def torch_descend(targets, neurons, runs, seed, steps, step=0.1):
    """numpy_descend in PyTorch, on the CPU."""
    import torch

    k, d = targets.shape
    w = torch.tensor(np.stack([starting_point(k, neurons, d, seed, r) for r in range(runs)]))
    v = torch.tensor(targets)
    length = v.norm(dim=1)
    unit = (v / length[:, None]).T
    eye = torch.eye(neurons, dtype=torch.bool)
    with torch.no_grad():
        for _ in range(steps):
            norm = w.norm(dim=2)
            own = w / norm[:, :, None]
            near = (own @ own.transpose(1, 2)).masked_fill(eye, 1.0)
            cosine = torch.cat([near, own @ unit], dim=2).clamp(-1.0, 1.0)
            rest = np.pi - torch.arccos(cosine)
            sine = (1.0 - cosine * cosine).sqrt()
            pull = (sine[:, :, :neurons] @ norm[:, :, None])[:, :, 0] - sine[:, :, neurons:] @ length
            gradient = pull[:, :, None] * own + rest[:, :, :neurons] @ w - rest[:, :, neurons:] @ v
            w = w - step / (2.0 * np.pi) * gradient
    return w.numpy()


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


def ours(k, n, runs, steps, threads):
    """Weights after `steps` steps of the descent."""
    under_way = begin(np.eye(k), n, runs, 0, max_steps=steps)
    advance(under_way, 1e-300, threads=threads)
    return under_way.weights


def floor(pairs, runs, steps):
    """Seconds of the arccosines alone."""
    cosines = np.random.default_rng(0).uniform(-1, 1, (pairs, LANES))
    out = np.zeros_like(cosines)
    arccosines(cosines, 1, out)
    start = time.perf_counter()
    arccosines(cosines, (steps - 1) * runs // LANES, out)
    return time.perf_counter() - start


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
    others = {"numpy": numpy_descend}
    if importlib.util.find_spec("torch"):
        others["torch"] = torch_descend
    for k in args.size:
        number = k * (k - 1) // 2 + k * k
        pairs = number * args.runs * (args.steps - 1) / 1e9
        times, points = {}, {}
        for name, function in others.items():
            times[name], points[name] = seconds(
                lambda count, f=function, k=k: f(np.eye(k), k, args.runs, 0, count), args.steps
            )
        for threads in sorted({1, args.threads}):
            name = f"relucert, {threads} thread(s)"
            times[name], points[name] = seconds(
                lambda count, t=threads, k=k: ours(k, k, args.runs, count, t), args.steps
            )
        times["arccosines alone, 1 thread"] = floor(number, args.runs, args.steps)
        one = times["relucert, 1 thread(s)"]
        ratio = one / times["arccosines alone, 1 thread"]
        print(f"k = n = {k}, {args.runs} runs: {ratio:.1f} times its arccosines (limit 4)")
        for name, time_ in times.items():
            speed = args.runs * (args.steps - 1) / time_
            print(f"  {name:28} {time_ / pairs:6.2f} ns, {speed:9.0f} steps/s, {time_ / one:5.2f} of ours")
        apart = abs(points["relucert, 1 thread(s)"] - points["numpy"]).max()
        print(f"  weights differ from NumPy's by {apart:.0e}")
    sizes, costs = (8, 12, 16, 20, 28, 40), []
    for k in sizes:
        cost, _ = seconds(lambda count, k=k: ours(k, k, 64, count, 1), 128)
        costs.append(cost / 64 / 127)
    exponent = np.polyfit(np.log(sizes), np.log(costs), 1)[0]
    shown = ", ".join(f"{k}: {1e6 * cost:.2f}" for k, cost in zip(sizes, costs, strict=True))
    print(f"microseconds a step of one run, one thread, k = n = {shown}; exponent {exponent:.2f}")


if __name__ == "__main__":
    main()

"""Steps of gradient descent a second: compiled code on all cores, PyTorch on one core, PyTorch on a GPU, in one run.

    python bench/bench_gpu.py [--size 20 50 100] [--runs N] [--steps 128] [--threads 2]

A step is one step of one run. --runs: at a time, for PyTorch (default: what `relucert search --device` takes). Time is
that of the clock, so let nothing else run. What is not there is named. Not part of correctness.
"""

import argparse
import os
import time

import numpy as np

from relucert.families.teacher.search import descent, device
from relucert.families.teacher.search.device import Device

NEVER = 1e-300  # a gradient so small that no run stops
SECONDS = 2.0  # that the compiled code may take for a size, about
GUESS = 1e-9  # seconds of one of its steps, divided by k^3


def compiled(k, threads, steps):
    """Steps a second of the compiled code."""
    runs = max(8 * threads, int(SECONDS * threads / (GUESS * k**3 * steps)))
    under_way = descent.begin(np.eye(k), k, min(runs, 256), 0, max_steps=steps)
    start = time.perf_counter()
    descent.advance(under_way, NEVER, threads=threads)
    return len(under_way.run) * steps / (time.perf_counter() - start)


def on(place, k, steps):
    """(steps a second, runs at a time) of PyTorch."""
    import torch

    from relucert.families.teacher.search.lanes import Lanes

    size = device.settled(place, k, k, k).batch
    runs = descent.begin(np.eye(k), k, size, 0, max_steps=2**40)
    every = np.arange(size)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as `device.advance` does
    with torch.inference_mode():
        lanes = Lanes(runs.targets, k, size, place.name)
        lanes.put(every, runs.weights, runs.step_size, descent.ceilings(runs, every), runs.left)
        lanes.advance(3, NEVER)
        lanes.states()  # waits until they are done
        start = time.perf_counter()
        lanes.advance(steps, NEVER)
        lanes.states()
        taken = time.perf_counter() - start
    torch.set_num_threads(threads)
    return size * steps / taken, size


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, nargs="+", default=[20, 50, 100], help="k = n = d")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    places = []
    for place in (Device("cpu", args.runs), Device("cuda", args.runs)):
        try:
            device.check(place)
            places.append(place)
        except device.Missing as missing:
            print(f"{place.name}: skipped: {missing}")
    compiled(2, 1, 1)  # compiles
    for k in args.size:
        ours = compiled(k, args.threads, args.steps)
        print(f"k = n = {k}")
        print(f"  compiled, {args.threads} thread(s)     {ours:12.0f} steps/s, {1e6 / ours:9.3f} us a step")
        for place in places:
            speed, size = on(place, k, args.steps)
            print(
                f"  PyTorch, {place.name:5} {size:5} runs {speed:12.0f} steps/s, {1e6 / speed:9.3f} us a step, "
                f"{speed / ours:6.2f} times the compiled"
            )


if __name__ == "__main__":
    main()

"""Gradient descent of many runs side by side in PyTorch, on a CPU or a GPU. UNTRUSTED, as all of the search.

The step is that of `compiled`, in whole arrays: inner products as batched matrix products, angles element by
element, every pair of neurons once, into arrays that are allocated once.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from relucert.families.teacher.search.states import CONVERGED, DIVERGED, EXHAUSTED, RUNNING

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Tensor = Any

DOUBLE = 8  # bytes


def bytes_a_run(n: int, k: int, d: int) -> int:
    """Memory of one run in `Lanes`."""
    entries = 3 * n * d + 3 * n * n + 2 * n * k  # all arrays of more than n numbers a run
    return DOUBLE * (entries + 8 * (n + 1))


def each_pair_once(square: Tensor) -> Tensor:
    """A view (runs, n - 1, ceil(n/2)) of square (runs, n, n), contiguous: of each two entries (i, j), (j, i) with
    i != j one; but for odd n both of those that lie in the last column.

    Without its first entry a square in one line is n - 1 rows of n + 1 numbers. Column c of these is the entries
    with j - i = c + 1, then those with i - j = n - c: the first half of the columns has all differences.
    """
    n = square.shape[1]
    return square.flatten(1)[:, 1:].unflatten(1, (n - 1, n + 1))[:, :, : (n + 1) // 2]


class Lanes:
    """Runs (size, n, d) on a device, and room for one step of them; `put` fills them, `keep` makes them fewer."""

    def __init__(self, targets: Floats, n: int, size: int, device: str) -> None:
        k, d = targets.shape
        self.targets = torch.from_numpy(targets).to(device)
        self.orthonormal = k == d and bool((targets == np.eye(k)).all())
        self.length = self.targets.norm(dim=1)  # (k,)
        self.unit_targets = (self.targets / self.length[:, None]).T.contiguous()  # (d, k)

        def room(*shape: int) -> Tensor:
            return torch.zeros((size, *shape), dtype=torch.float64, device=device)

        self.weights, self.unit, self.gradient = room(n, d), room(n, d), room(n, d)
        self.gram, self.rest, self.sine = room(n, n), room(n, n), room(n, n)
        self.target_rest, self.target_sine = room(n, k), room(n, k)
        self.norm, self.pull, self.push = room(n, 1), room(n, 1), room(n, 1)
        self.step, self.ceiling = room(), room()  # minus the step, and the ceiling, of the scaled gradient
        self.left, self.state = (torch.zeros(size, dtype=torch.int64, device=device) for _ in range(2))

    def put(self, lanes: Integers, weights: Floats, step: Floats, ceiling: Floats, left: Integers) -> None:
        """Runs that start in these lanes."""
        where = torch.from_numpy(lanes).to(self.weights.device)

        def here(array: NDArray[Any]) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(array)).to(where.device)

        self.weights[where] = here(weights)
        self.step[where] = here(-step / (2.0 * math.pi))
        self.ceiling[where] = here(2.0 * math.pi * ceiling)
        self.left[where] = here(left)
        self.state[where] = RUNNING

    def take(self, lanes: Integers) -> tuple[Floats, Integers]:
        """Weights, and steps that are left, of the runs in these lanes."""
        where = torch.from_numpy(lanes).to(self.weights.device)
        return self.weights[where].cpu().numpy(), self.left[where].cpu().numpy()

    def keep(self, lanes: Integers) -> None:
        """Only these lanes, in this order."""
        where = torch.from_numpy(lanes).to(self.weights.device)
        for name in ("weights", "step", "ceiling", "left", "state"):
            array = getattr(self, name)
            array[: len(lanes)] = array[where]
        for name, array in vars(self).items():
            if name not in ("targets", "length", "unit_targets", "orthonormal"):
                setattr(self, name, array[: len(lanes)])  # the same memory

    def states(self) -> Integers:
        """Why each run has stopped, or RUNNING; waits for the device."""
        found: Integers = self.state.cpu().numpy()
        return found

    def advance(self, steps: int, tolerance: float) -> None:
        """So many steps of every run that goes on: see `compiled.advance`. Does not wait for the device."""
        for _ in range(steps):
            self._find_gradient()
            length = torch.linalg.vector_norm(self.gradient, dim=2)
            bounded = torch.linalg.vector_norm(length, dim=1) <= self.ceiling  # false for NaN
            small = bounded & (length.amax(dim=1) <= 2.0 * math.pi * tolerance)
            now = torch.where(bounded, RUNNING, DIVERGED)
            now = torch.where(self.left > 0, now, EXHAUSTED).masked_fill_(small, CONVERGED)
            torch.where(self.state == RUNNING, now, self.state, out=self.state)
            goes_on = self.state == RUNNING
            self.left -= goes_on.long()
            self.weights.addcmul_(self.gradient, (self.step * goes_on)[:, None, None])

    def _find_gradient(self) -> None:
        """gradient = 2 pi grad F. Of each pair one of rest[i, j], rest[j, i] is pi - t, and the other 0."""
        w, unit, norm, pull = self.weights, self.unit, self.norm, self.pull
        size, n, d = w.shape
        torch.linalg.vector_norm(w, dim=2, keepdim=True, out=norm)
        torch.div(w, norm, out=unit)
        torch.baddbmm(self.gram, unit, unit.mT, beta=0, alpha=-1, out=self.gram)
        rest, sine = each_pair_once(self.rest), each_pair_once(self.sine)
        _angles(each_pair_once(self.gram), rest, sine)
        if n % 2:  # the pairs of the last column are there twice
            rest[:, :, -1] *= 0.5
            sine[:, :, -1] *= 0.5
        facing = self.target_rest.view(size * n, -1)
        if self.orthonormal:
            torch.neg(unit, out=self.target_rest)
        else:
            torch.addmm(facing, unit.view(size * n, d), self.unit_targets, beta=0, alpha=-1, out=facing)
        _angles(self.target_rest, self.target_rest, self.target_sine)
        torch.bmm(self.sine, norm, out=pull)
        pull.baddbmm_(self.sine.mT, norm)
        torch.mv(self.target_sine.view(size * n, -1), self.length, out=self.push.view(size * n))
        pull.sub_(self.push).div_(norm).add_(math.pi)
        torch.mul(w, pull, out=self.gradient)
        self.gradient.baddbmm_(self.rest, w).baddbmm_(self.rest.mT, w)
        if self.orthonormal:
            self.gradient.sub_(self.target_rest)
        else:
            self.gradient.view(size * n, d).addmm_(facing, self.targets, alpha=-1)


def _angles(minus_cosine: Tensor, rest: Tensor, sine: Tensor) -> None:
    """rest = pi - t and sine = sin t, of one and the same t: where the cosine has lost its digits, t is wrong by up
    to 1e-8, but the error of the gradient is that of t times sin t."""
    minus_cosine.clamp_(-1.0, 1.0)
    torch.acos(minus_cosine, out=rest)
    torch.sin(rest, out=sine)

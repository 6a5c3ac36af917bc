"""Search for candidates: batches of gradient descent; end points that may be spurious are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from relucert.base.arrays import Array
from relucert.base.dyadic import from_float, to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.network import Network, said_signs, slope_text
from relucert.families.teacher.points import write_npz
from relucert.families.teacher.search.descent import EndPoints, begin_at, descend, end_points
from relucert.families.teacher.search.device import Device, mover, settled
from relucert.families.teacher.search.device import facts as facts_of

BATCH = 250  # runs between two looks at whether enough was found


@dataclass(frozen=True)
class Found:
    """The kept end points, and facts about the search that end up in the provenance of a certificate."""

    weights: Array  # (kept, n, d)
    targets: Array  # (k, d)
    per_point: dict[str, Array]  # run, loss, gradient, steps, step: (kept,) each
    facts: dict[str, Any]

    @property
    def kept(self) -> int:
        return len(self.weights)

    def to_npz(self) -> bytes:
        return write_npz(self.weights, self.targets, self.facts, self.per_point)


def collect(
    k: int,
    n: int,
    runs: int,
    seed: int,
    *,
    find: int | None = None,
    step: float = 0.1,
    tolerance: float = 1e-9,
    max_steps: int = 100_000,
    floor: float = 1e-3,
    network: Network | None = None,
    device: Device | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Found:
    """Runs 0, 1, .. of Safran & Shamir's protocol (2018, section 4) with orthonormal targets.

    Keeps end points with loss >= floor, also of runs that did not converge (which `facts` counts). With
    `find`, stops after the batch in which so many points have been kept. network: output weights and slope, if not
    all 1 and 0. device: by PyTorch. progress(done, runs). Raises InputError for a network on a device.
    """
    targets = np.eye(k)
    on = _settled(device, network, n, targets)
    batches = []
    done = kept = 0
    while done < runs and (find is None or kept < find):
        size = runs - done if find is None else min(BATCH, runs - done)

        def report(finished: int, _: int, before: int = done) -> None:
            if progress is not None:
                progress(before + finished, runs)

        ends = descend(
            targets, n, size, seed, first_run=done, step=step, tolerance=tolerance, max_steps=max_steps,
            network=network, move=mover(on), progress=report,
        )  # fmt: skip
        batches.append(ends)
        done += size
        kept += int((ends.loss >= floor).sum())
    arrays = _arrays(batches)
    high = arrays["loss"] >= floor
    facts = {
        "k": k, "n": n, "seed": seed, "runs": done, "step": step, "tolerance": tolerance,
        "max_steps": max_steps, "floor": floor, "below_floor": int((~high).sum()),
        "unconverged": int(np.count_nonzero(arrays["converged"] == 0)), **_output(network), **_place(on),
    }  # fmt: skip
    weights = np.concatenate([e.weights for e in batches])[high]
    return Found(weights, targets, {name: array[high] for name, array in arrays.items()}, facts)


def collect_from(
    candidates: Sequence[Candidate],
    *,
    step: float = 0.1,
    tolerance: float = 1e-9,
    max_steps: int = 100_000,
    device: Device | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Found:
    """Gradient descent from given points of one problem, rounded to doubles; every end point is kept.

    Raises InputError if they belong to several problems, or the targets are no doubles.
    """
    problem = candidates[0].problem
    if any(candidate.problem != problem for candidate in candidates):
        raise InputError("the points belong to several problems; give those of one problem in one file")
    targets, starts = _floats([problem.targets])[0], _floats([c.point for c in candidates])
    if not np.isfinite(starts).all():
        raise InputError("a point is too large for floating-point descent")
    if any(
        from_float(t) != x
        for u, row in zip(targets.tolist(), problem.targets, strict=True)
        for t, x in zip(u, row, strict=True)
    ):
        raise InputError("the targets are no doubles: descent would be about other targets; round them first")
    on = _settled(device, problem.network, problem.n, targets)
    runs = begin_at(starts, targets, step=step, max_steps=max_steps, network=problem.network)
    mover(on)(runs, tolerance, progress=progress)
    ends = end_points(runs, tolerance)
    arrays = _arrays([ends])
    facts = {
        "k": problem.k, "n": problem.n, "start": candidates[0].source.rpartition("[")[0],
        "runs": len(candidates), "step": step, "tolerance": tolerance, "max_steps": max_steps,
        "unconverged": int(np.count_nonzero(arrays["converged"] == 0)), **_output(problem.network),
        **_place(on),
    }  # fmt: skip
    return Found(ends.weights, targets, arrays, facts)


def _settled(device: Device | None, of: Network | None, n: int, targets: Array) -> Device | None:
    """The device with its batch. Raises InputError for what PyTorch does not descend on."""
    if device is None:
        return None
    if of is not None:
        raise InputError("--device is for output weights 1 and the ReLU; leave it out")
    return settled(device, n, *targets.shape)


def _place(on: Device | None) -> dict[str, Any]:
    return {} if on is None else facts_of(on)


def _output(of: Network | None) -> dict[str, str]:
    """Output weights and slope as a points file has them."""
    if of is None:
        return {}
    return {"signs": said_signs(of.signs), "teacher_signs": said_signs(of.teacher), "slope": slope_text(of)}


def _floats(points: Sequence[Rows]) -> Array:
    return np.array([[[to_float(x) for x in row] for row in rows] for rows in points])


def _arrays(batches: Sequence[EndPoints]) -> dict[str, Array]:
    """What is stored of each run, the weights apart."""
    names = {"run": "run", "loss": "loss", "gradient": "gradient", "steps": "steps", "step": "step_size"}
    names["converged"] = "converged"
    return {name: np.concatenate([getattr(b, field) for b in batches]) for name, field in names.items()}

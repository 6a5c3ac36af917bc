"""Search for candidates: batches of gradient descent; end points that may be spurious are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from relucert.base.arrays import Array
from relucert.families.teacher.points import write_npz
from relucert.families.teacher.search.descent import descend

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
    progress: Callable[[int, int], object] | None = None,
) -> Found:
    """Runs 0, 1, .. of Safran & Shamir's protocol (2018, section 4) with orthonormal targets.

    Keeps end points with loss >= floor, also of runs that did not converge (which `facts` counts). With
    `find`, stops after the batch in which so many points have been kept. progress(done, runs).
    """
    targets = np.eye(k)
    batches = []
    done = kept = 0
    while done < runs and (find is None or kept < find):
        size = runs - done if find is None else min(BATCH, runs - done)

        def report(finished: int, _: int, before: int = done) -> None:
            if progress is not None:
                progress(before + finished, runs)

        ends = descend(
            targets, n, size, seed, first_run=done, step=step, tolerance=tolerance, max_steps=max_steps,
            progress=report,
        )  # fmt: skip
        batches.append(ends)
        done += size
        kept += int((ends.loss >= floor).sum())
    arrays = {
        "run": np.concatenate([e.run for e in batches]),
        "loss": np.concatenate([e.loss for e in batches]),
        "gradient": np.concatenate([e.gradient for e in batches]),
        "steps": np.concatenate([e.steps for e in batches]),
        "step": np.concatenate([e.step_size for e in batches]),
        "converged": np.concatenate([e.converged for e in batches]),
    }
    high = arrays["loss"] >= floor
    facts = {
        "k": k, "n": n, "seed": seed, "runs": done, "step": step, "tolerance": tolerance,
        "max_steps": max_steps, "floor": floor, "below_floor": int((~high).sum()),
        "unconverged": int((~arrays["converged"]).sum()),
    }  # fmt: skip
    weights = np.concatenate([e.weights for e in batches])[high]
    return Found(weights, targets, {name: array[high] for name, array in arrays.items()}, facts)

"""One run of gradient descent in floating point, of any network. UNTRUSTED."""

from __future__ import annotations

import numpy as np

from relucert.families.teacher.network import Network
from relucert.families.teacher.search import signed
from relucert.families.teacher.search.descent import EndPoints, Floats, advance, begin_at, end_points


def descend(
    start: Floats, network: Network | None, *, step: float, tolerance: float, max_steps: int
) -> EndPoints | None:
    """Where the run from `start`, (n, k), stops, targets e_1 .. e_k; None if it diverges with this step.

    network: None for output weights 1 and the ReLU. Raises ValueError, see `descent.descend`.
    """
    targets = np.eye(start.shape[1])
    if network is None:
        runs = begin_at(start[None], targets, step=step, max_steps=max_steps)
        advance(runs, tolerance, threads=1)
        ends = end_points(runs, tolerance)
    else:
        ends = signed.descend(
            start[None], targets, network, step=step, tolerance=tolerance, max_steps=max_steps
        )
    return ends if ends.step_size[0] == step else None

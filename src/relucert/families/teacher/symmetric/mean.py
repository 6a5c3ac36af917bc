"""From a point with all its entries to a symmetric one, which is what is then certified.

The symmetry is a guess, and the distance between the two points is proved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from relucert.base.dyadic import to_float
from relucert.base.exact import Rows
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.symmetric.point import (
    MOST_CLASSES,
    MOST_EXTRA,
    SymmetricPoint,
    SymmetricVerification,
    verify_point,
)
from relucert.kernel import ball
from relucert.kernel.teacher import loss

FAR = 1e-4  # from the means over orbits, relative to the norm of the point: no symmetry


@dataclass(frozen=True)
class Symmetrised:
    """Neuron i of `point` is about neuron neurons[i] of the candidate; so are the coordinates."""

    candidate: Candidate
    point: SymmetricPoint
    neurons: list[int]
    coordinates: list[int]


def symmetrise(candidate: Candidate) -> Symmetrised | None:
    """The means over the orbits of a symmetry; None if none is seen, or none that can be certified.

    Needs targets e_1 .. e_k, n >= k, d = k.
    """
    from relucert.families.teacher.search.classes import symmetry  # slow to import

    if not candidate.problem.is_orthonormal or candidate.problem.network is not None:
        return None
    floats = np.array([[to_float(x) for x in row] for row in candidate.point])
    found = symmetry(floats) if np.isfinite(floats).all() else None
    if found is None or len(found.sizes) > MOST_CLASSES or len(found.extra) > MOST_EXTRA:
        return None
    if not found.distance <= FAR * float(np.linalg.norm(floats)):
        return None
    point = SymmetricPoint.from_rows(
        found.sizes, found.values.tolist(), found.extra.tolist(), candidate.source
    )
    order = {"neurons": found.neurons, "coordinates": found.coordinates}
    point = replace(point, origin={**candidate.origin, **order})
    return Symmetrised(candidate, point, found.neurons, found.coordinates)


def verify_symmetrised(
    of: Symmetrised, *, raw: bool = False, constants: str = "sharp"
) -> SymmetricVerification:
    """What is proved about the symmetric point, polished unless `raw`, as far as it is from the candidate."""
    result = verify_point(of.point, raw=raw, constants=constants)
    given = tuple(tuple(of.candidate.point[j][i] for i in of.coordinates) for j in of.neurons)
    with ball.precision(result.precision):
        moved = ball.upper(loss.distance(given, entries(result.point)))
    return replace(result, moved=moved)


def entries(at: SymmetricPoint) -> Rows:
    """All n rows of k entries."""
    kinds = [a for a, p in enumerate(at.sizes) for _ in range(p)]
    last = len(at.sizes)

    def entry(i: int, j: int) -> tuple[int, int]:
        """Coordinate i of neuron j."""
        c, a = kinds[i], kinds[j]
        return at.values[a][last] if c == a and i != j else at.values[c][a]

    rows = (tuple(entry(i, j) for i in range(at.k)) for j in range(at.k))
    return (*rows, *(tuple(neuron[c] for c in kinds) for neuron in at.extra))

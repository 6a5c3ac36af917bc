"""Points with more neurons than targets that are global minima exactly, or are moved to one: docs/theorem/wider.md,
Theorem 18.G. What is guessed here the kernel checks in fractions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from relucert.base.dyadic import Dyadic, add, canonical, from_float
from relucert.base.exact import Rows, floats_in, unit_of
from relucert.certificate.form import SCHEMA
from relucert.certificate.numbers import Json, rows
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.methods import OWNERS
from relucert.families.teacher.problem import TEACHER_STUDENT
from relucert.families.teacher.verification import Verification
from relucert.kernel import ball
from relucert.kernel.outcome import GlobalMinima
from relucert.kernel.teacher import loss, owners

BITS = 64


def verify_exactly(candidate: Candidate, constants: str) -> Verification | None:
    """That the very point is a global minimum which is not isolated; None if that is not so."""
    guess = _nearest(candidate)
    return None if guess is None else _decided(candidate, guess, None, constants)


def verify_next_to(candidate: Candidate, constants: str, reach: float) -> Verification | None:
    """The same of a point next to the given one, not farther than `reach` times its norm; None if there is none."""
    guess = _nearest(candidate)
    if guess is None:
        return None
    point = _snapped(candidate, guess)
    if point is None:
        return None
    with ball.precision(BITS):
        moved = distance_within(reach, point, candidate.point)
    return None if moved is None else _decided(candidate.moved_to(point), guess, moved, constants)


def distance_within(reach: float, point: Rows, given: Rows) -> ball.Ball | None:
    """An upper bound of the distance of two points (n, d); None unless it is at most `reach` times the norm of the
    given one. In balls, so that it does not depend on the scale."""
    moved = ball.upper(loss.distance(point, given))
    size = ball.norm([ball.exact(x) for row in given for x in row])
    return moved if ball.proves_le(moved, ball.exact_float(reach) * size) else None


def _decided(
    candidate: Candidate, guess: list[int], moved: ball.Ball | None, constants: str
) -> Verification | None:
    found = owners.decide(candidate.point, candidate.problem.targets, guess)
    return Verification(found, candidate, moved, BITS, constants) if found.proved else None


def _nearest(candidate: Candidate) -> list[int] | None:
    """For each neuron the target, from 1, whose direction is nearest. None where the theorem says nothing."""
    if candidate.problem.n <= candidate.problem.k or not candidate.problem.is_plain:
        return None
    point, targets = _floats(candidate)
    lengths = np.linalg.norm(targets, axis=1, keepdims=True)
    if not (np.isfinite(point).all() and (lengths > 0).all()):  # beside the largest target one may be 0
        return None
    along = point @ (targets / lengths).T
    found: list[int] = (np.argmax(along, axis=1) + 1).tolist()
    return found


def _floats(candidate: Candidate) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Point and targets in a unit in which the largest target coordinate is about 1."""
    unit = unit_of(candidate.problem.targets)
    both = candidate.point, candidate.problem.targets
    point, targets = (np.array(floats_in(rows, unit)) for rows in both)
    return point, targets


def _snapped(candidate: Candidate, guess: list[int]) -> Rows | None:
    """Each neuron its fraction of its target; the largest of each target's what the others leave. None: impossible."""
    point, targets = _floats(candidate)
    parts = [
        float(w @ targets[j - 1] / (targets[j - 1] @ targets[j - 1]))
        for w, j in zip(point, guess, strict=True)
    ]
    if not np.isfinite(parts).all():
        return None
    fractions = [from_float(x) for x in parts]
    for j in range(1, len(targets) + 1):
        mine = [i for i, owner in enumerate(guess) if owner == j]
        if not mine:
            return None
        last = max(mine, key=lambda i: parts[i])
        left: Dyadic = (1, 0)
        for i in mine:
            if i != last:
                left = add(left, (-fractions[i][0], fractions[i][1]))
        fractions[last] = left
    if any(m <= 0 for m, _ in fractions):
        return None
    rows_of = (candidate.problem.targets[j - 1] for j in guess)
    return tuple(
        tuple(canonical(m * x, e + y) for x, y in row) for (m, e), row in zip(fractions, rows_of, strict=True)
    )


def claim(result: Verification, found: GlobalMinima, problem: Json) -> Json:
    """docs/spec/wider-v1.md section 5."""
    return {
        "schema": SCHEMA,
        "family": TEACHER_STUDENT,
        "method": OWNERS,
        "problem": problem,
        "point": rows(result.candidate.point),
        "owners": list(found.owners),
        "verdict": found.verdict,
        "bounds": {},
    }

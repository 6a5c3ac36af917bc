"""To which minimum a run goes, in floating point, and the certificates of minima. What is found is a guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows, exact_rows
from relucert.base.store import certificate_files
from relucert.certificate.checked import checked
from relucert.certificate.form import parse
from relucert.certificate.numbers import Json, number
from relucert.families.teacher import statement
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.methods import HESSIAN, SIGNED
from relucert.families.teacher.network import Network, check_network, said_activation
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.search import newton
from relucert.families.teacher.search.descent import advance, begin_at, end_points
from relucert.families.teacher.verify import verify

MINIMA = ("spurious-minimum", "global-minimum", "local-minimum")
SHORTEST = 2.0**-500  # neuron in a start: squares of lengths, and one over them, are doubles
ALIKE = 1e-7  # losses of an end and of a minimum that may be the same differ by less

Floats = NDArray[np.float64]


class End(NamedTuple):
    """Where a run ends in floating point: weights (n, k), loss, steps; converged: by the tolerance."""

    weights: Floats
    loss: float
    steps: int
    converged: bool


def floats(points: Sequence[Rows], step: Fraction) -> Floats:
    """(points, n, k): points of one shape, for descent with this step. Raises InputError for what has no double."""
    found = np.array([[[to_float(x) for x in row] for row in point] for point in points])
    if not np.isfinite(found).all():
        raise InputError("the start is too large for floating-point descent")
    if not 2.0**-1000 < step < 2.0**1000:
        raise InputError(f"the step {step} is beyond floating point; give one of a sensible size")
    return found


def float_end(
    start: Rows, step: Fraction, tolerance: float, max_steps: int, network: Network | None = None
) -> End | None:
    """The run in doubles; None if it diverges with this step. network: None for output weights 1 and the ReLU.

    Raises InputError for what has no double, or a square that has none, and for a network that does not fit.
    """
    first = floats([start], step)[0]
    check_network(network, *first.shape)
    short = np.flatnonzero(np.linalg.norm(first, axis=1) < SHORTEST)
    if len(short):
        raise InputError(
            f"neuron {short[0]} of the start is too short for floating-point descent; choose another start"
        )
    targets = np.eye(first.shape[1])
    runs = begin_at(first[None], targets, step=float(step), max_steps=max_steps, network=network)
    advance(runs, tolerance, threads=1)
    ends = end_points(runs, tolerance)
    if ends.step_size[0] != float(step):
        return None
    return End(ends.weights[0], float(ends.loss[0]), int(ends.steps[0]), bool(ends.converged[0]))


def stored(paths: Iterable[Path], problem: Problem, loss: float) -> Json | None:
    """The claim of a certificate of a minimum with a basin and this loss, proved again; None if there is none.

    Raises InputError where no certificate is about this problem, or it is not accepted.
    """
    seen = list(paths)
    read = (
        (path, parse(path.read_bytes(), str(path))["statement"]["claim"]) for path in certificate_files(seen)
    )
    found = [(path, claim) for path, claim in read if serves(claim, problem)]
    if not found:
        names = ", ".join(map(str, seen))
        raise InputError(f"{names}: no certificate of a minimum with a basin for {described(problem)}")
    best = nearest([claim for _, claim in found], loss)
    path = next((path for path, claim in found if claim is best), None)
    return None if path is None else checked(path)["claim"]


def described(problem: Problem) -> str:
    """For refusals."""
    about = f"{problem.n} neurons and {problem.k} orthonormal targets"
    if problem.network is None:
        return about
    return f"{about} with these signs and the activation {said_activation(problem.network)}"


def serves(claim: Json, problem: Problem) -> bool:
    """Whether a claim may stand among the minima of a certificate of runs."""
    of = problem.network
    method = HESSIAN if of is None else SIGNED
    expected = problem.family, method, statement.about_orthonormal(problem.k, problem.n, of)
    right = tuple(map(claim.get, ("family", "method", "problem"))) == expected
    return right and claim.get("verdict") in MINIMA and "basin" in claim.get("bounds", {})


def nearest(claims: Iterable[Json], loss: float) -> Json | None:
    """The claim whose loss is that of the end, up to rounding."""

    def apart(claim: Json) -> float:
        low, high = (to_float(number(x, "objective")) for x in claim["bounds"]["objective"])
        return abs((low + high) / 2 - loss)

    best = min(claims, key=apart, default=None)
    return best if best is not None and apart(best) < ALIKE * (1 + abs(loss)) else None


def certified(end: End, source: str, network: Network | None = None) -> Json | None:
    """The claim about the minimum next to the end of a run, or None if nothing of the kind is proved."""
    n, k = end.weights.shape
    problem = Problem.orthonormal(k, n, network)
    polished = newton.polish(end.weights, np.eye(k), network)
    point = end.weights if polished is None else polished[0]
    result = verify(Candidate(problem, exact_rows(point.tolist(), "neuron"), source, {}))
    if result.verdict not in MINIMA:
        return None
    claim: Json = statement.statement(result, {})["claim"]
    return claim if serves(claim, problem) else None

"""Constraints that cut the orbits of a symmetry, chosen for the user. docs/theorem/expression.md, Theorem 17.G.

All of it is guessed; the kernel proves that the loss is invariant and that the constraints are transversal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from relucert.base.dyadic import to_float, to_fraction
from relucert.base.errors import InputError
from relucert.families.expression import detect, generators
from relucert.families.expression.candidate import ExpressionCandidate, kernel_loss
from relucert.families.expression.flows import text
from relucert.families.expression.generators import AUTO
from relucert.families.expression.graph import Builder, Graph
from relucert.families.expression.nodes import moved
from relucert.kernel.ball import NotProved
from relucert.kernel.expression.invariance import Generator
from relucert.kernel.expression.loss import Loss

INDEPENDENT = 1e-6  # of the length of a field at the point, off the span of those before it
Floats = NDArray[np.float64]


def gauged(candidate: ExpressionCandidate, gauge: str | Sequence[Generator]) -> ExpressionCandidate | None:
    """The candidate with generators that move it, and with as many constraints, if it has none.

    gauge: "auto" or generators. None where no symmetry is found that moves the point. Raises InputError where
    constraints of the user's own are not as many as the generators, and for a candidate with a symmetry of its own.
    """
    if candidate.symmetry:
        raise InputError("the points have a symmetry of their own; leave out --gauge, or the member symmetry")
    if isinstance(gauge, str):
        if gauge != AUTO:
            raise InputError(f'gauge is {gauge!r}; expected "auto", or generators')
        chosen = moving(candidate)
    else:
        chosen = list(gauge)
    if not chosen:
        return None
    graph, m = candidate.graph, candidate.graph.parameters
    if graph.constraints:
        if len(chosen) != len(graph.constraints):
            texts = "; ".join(text(generators.as_json(x)) for x in chosen)
            raise InputError(
                f"{len(graph.constraints)} constraints and {len(chosen)} generators of a symmetry ({texts}); leave the "
                "constraints out, or give one for each"
            )
        return replace(candidate, symmetry=tuple(chosen))
    if not len(chosen) <= m:
        raise InputError(f"{len(chosen)} generators for {m} parameters")
    x = _floats(candidate)
    order = qr(np.array([_field(g, x) for g in chosen]), pivoting=True, mode="economic")[2]
    pinned = sorted(int(i) for i in order[: len(chosen)])
    values = {i: to_fraction(candidate.point[i]) for i in pinned}
    zeros = ((0, 0),) * len(chosen)
    return replace(candidate, graph=_pinned(graph, values), symmetry=tuple(chosen), multipliers=zeros)


def moving(candidate: ExpressionCandidate) -> list[Generator]:
    """Generators along which the loss is proved to be invariant, independent at the point."""
    of, x = kernel_loss(candidate.graph), _floats(candidate)
    chosen: list[Generator] = []
    span = np.zeros((0, len(x)))
    for generator in _guesses(of, candidate, x):
        v = _field(generator, x)
        rest = v - span.T @ (span @ v)
        length = float(np.linalg.norm(rest))
        if length > INDEPENDENT * max(1.0, float(np.linalg.norm(v))) and detect.proved(of, [generator]):
            chosen.append(generator)
            span = np.vstack([span, rest / length])
    return chosen


def _guesses(of: Loss, candidate: ExpressionCandidate, x: Floats) -> Iterator[Generator]:
    """Scalings, which read best, then those that the loss was made with, or else all others."""
    with suppress(NotProved):  # degrees with too many digits
        yield from detect.scalings(of)
    yield from candidate.hints or detect.affine(candidate.graph, x)


def hint(candidate: ExpressionCandidate) -> str:
    """For a point about which nothing is proved: the symmetries that move it, "" if none is found."""
    found = moving(candidate)
    if not found:
        return unsought(candidate)
    texts = "; ".join(text(generators.as_json(x)) for x in found)
    flows = "an affine flow that moves" if len(found) == 1 else f"{len(found)} affine flows that move"
    return (
        f"the loss does not change along {flows} the point ({texts}): --gauge auto proves what its orbit is"
    )


def unsought(candidate: ExpressionCandidate) -> str:
    """What `moving` did not look for, with the remedy; "" if that is nothing."""
    m = candidate.graph.parameters
    if candidate.hints or m <= detect.MOST_PARAMETERS:
        return ""
    sought = "scalings and rotations" if m <= detect.MOST_ROTATED else "scalings"
    return (
        f"of {m} parameters only {sought} were sought; give the generators A x + b of another symmetry in a file, "
        '--gauge fields.json, as [{"matrix": [[0, 1, 1], [1, 0, -1]]}] for the rotation of x[0] and x[1]'
    )


def _floats(candidate: ExpressionCandidate) -> Floats:
    return np.array([to_float(x) for x in candidate.point])


def _field(of: Generator, x: Floats) -> Floats:
    found = np.zeros_like(x)
    for i, j, q in of.matrix:
        found[i] += float(q) * x[j]
    for i, q in of.shift:
        found[i] += float(q)
    return found


def _pinned(graph: Graph, values: dict[int, Fraction]) -> Graph:
    """The loss with the constraints that these parameters have these values."""
    build, at = Builder(), list[int]()
    for i, node in enumerate(graph.nodes):
        at.append(build.add(*moved(node, at), place=graph.places[i] if graph.places else ""))
    pins = [
        build.add("sub", build.add("param", i), build.add("const", value)) if value else build.add("param", i)
        for i, value in values.items()
    ]
    return build.graph(
        at[graph.output], graph.parameters, data=graph.data, scale=graph.scale,
        regulariser=None if graph.regulariser is None else at[graph.regulariser], constraints=pins,
    )  # fmt: skip

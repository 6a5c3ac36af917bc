"""The three claims of docs/spec/wider-v1.md, from a base claim to a statement. The kernel proves them."""

from __future__ import annotations

from collections.abc import Sequence

from relucert.base.dyadic import DOWN, UP, Dyadic
from relucert.base.errors import InputError
from relucert.certificate.numbers import Json, bound, dyadics, number
from relucert.families.teacher.hessian import kernel_network
from relucert.families.teacher.methods import MANIFOLDS, SPLIT, TRAINED, ZERO
from relucert.families.teacher.search import guess
from relucert.families.teacher.symmetric.point import SymmetricVerification, kernel_point
from relucert.families.teacher.wider.base import MINIMA, Base
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, smallest
from relucert.kernel.spectrum import Eigen, spectrum
from relucert.kernel.teacher import loss, symmetric, symmetric_wider, wider
from relucert.kernel.teacher.wider import Curvature, Split, Verdict


def splits(base: Base, neuron: int | None, *, opposite: bool) -> list[Split]:
    """What the splits of each neuron, or of one (from 1), are: docs/theorem/wider.md, Theorem 18.M.

    opposite: whether parts of the opposite sign are asked about, too.
    """
    with ball.precision(base.bits):
        wander = base.lipschitz * base.radius
        every = [wider.decide_split(i, at, wander) for i, at in _curvatures(base, neuron)]
    return every if opposite else [x._replace(opposite=None) for x in every]


def _curvatures(base: Base, neuron: int | None) -> list[tuple[int, Curvature]]:
    result = base.result
    if isinstance(result, SymmetricVerification):
        every = symmetric_wider.curvatures(symmetric.reduced(kernel_point(result.point)), _eigen)
        return [(i, x) for i, x in enumerate(every, 1) if neuron in (None, i)]
    of = result.candidate.problem
    g = loss.geometry(result.candidate.point, of.targets, kernel_network(of.network))
    chosen = range(1, len(g.neurons) + 1) if neuron is None else (neuron,)
    found = ((i, loss.split_curvature(g, i - 1)) for i in chosen)
    return [(i, wider.of_spectrum(spectrum(matrix, _eigen(matrix)))) for i, matrix in found]


def _eigen(matrix: BallMatrix) -> Eigen:
    found = guess.eigen([[float(x) for x in row] for row in matrix.tolist()])
    if found is None:
        raise NotProved("the curvature of a neuron has no floating-point eigendecomposition")
    return Eigen(*found)


def split_statement(base: Base, decided: Sequence[Split], source: Json) -> Json:
    """The claim about these splits, each with a verdict at least. Raises InputError for what is no minimum."""
    _require_minimum(base)
    names, numbers = [], []
    for x in decided:
        sides = {"same": x.same, "opposite": x.opposite}
        proved = {side: verdict for side, verdict in sides.items() if verdict is not None}
        names.append({"neuron": x.neuron} | {side: verdict.name for side, verdict in proved.items()})
        numbers.append({side: _nearer_to_0(verdict) for side, verdict in proved.items()})
    verdict = {"verdict": "splits", "critical_point": base.claim["verdict"], "splits": names}
    members = {"method": SPLIT, **verdict}
    return base.statement(members, {"splits": numbers}, [wider.theorem_18_m(decided)], source)


def _nearer_to_0(verdict: Verdict) -> Json:
    """What is negative is claimed as an upper bound, what is positive as a lower one."""
    return bound(verdict.bound, UP if wider.proves_negative(verdict.bound) else DOWN)


def zero_statement(base: Base, source: Json) -> Json | None:
    """(W*, 0) is no local minimum: Theorem 18.Z with the target that lowers the loss most. None: not proved.

    Raises InputError for what is no minimum itself.
    """
    _require_minimum(base)
    with ball.precision(base.bits):
        pulls = _pulls(base)
        steepest = smallest(x / length for x, length in pulls)
        target = next(j for j, (x, length) in enumerate(pulls) if not ball.proves_lt(steepest, x / length))
        value, length = pulls[target]
        argument, slope = wider.theorem_18_z(value, length, base.claim["problem"]["n"], base.radius)
        if not argument.holds:
            return None
        claimed = bound(slope, DOWN)
        fall = bound(wider.decrease(ball.exact(number(claimed, "slope")), length), DOWN)
    verdict = {"verdict": "not-a-minimum", "critical_point": base.claim["verdict"], "target": target + 1}
    return base.statement(
        {"method": ZERO, **verdict}, {"slope": claimed, "decrease": fall}, [argument], source
    )


def _require_minimum(base: Base) -> None:
    if base.claim["verdict"] not in MINIMA:
        raise InputError(f"a {base.claim['verdict']} is no minimum that may lose that in a wider network")


def _pulls(base: Base) -> list[tuple[Ball, Ball]]:
    """psi(v_j) at W and |v_j| for each target, or for one of each class."""
    result = base.result
    if isinstance(result, SymmetricVerification):
        at = symmetric.reduced(kernel_point(result.point))
        return [(symmetric_wider.pull(at, a), Ball(1)) for a in range(len(result.point.sizes))]
    g = loss.geometry(result.candidate.point, result.candidate.problem.targets)
    return [(loss.pull(g, j), v.length) for j, v in enumerate(g.targets)]


def trained_statement(base: Base, source: Json) -> Json:
    """The manifold of critical points with trained output weights: Theorem 18.T, which has no hypotheses of its own."""
    return base.statement(*_trained(base), [], source)


def trained_claim(base: Base, weights: Sequence[Dyadic]) -> Json:
    """The same claim, and how far the point with these output weights is from the manifold: Corollary 18.T'."""
    members, _ = _trained(base)
    return base.extended({**members, "weights": dyadics(weights)}, {"distance": distance(base, weights)})


def distance(base: Base, weights: Sequence[Dyadic], moved: Ball | None = None) -> Json:
    """Of (w_i/|a_i|, a_i) from the manifold, w the point of the base claim: an upper bound.

    moved: the same for any w no further than this from that point, as W* is within r + moved of it.
    """
    with ball.precision(base.bits):
        radius = base.radius if moved is None else base.radius + moved
        return bound(wider.theorem_18_t(radius, [ball.exact(x) for x in weights]), UP)


def _trained(base: Base) -> tuple[Json, Json]:
    """Members and bounds of the claim."""
    problem = {**base.claim["problem"], "output_weights": "trained"}
    return {"method": TRAINED, "problem": problem, "verdict": MANIFOLDS[base.claim["verdict"]]}, {}

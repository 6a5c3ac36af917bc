"""From an exact point and an untrusted guess to the `Facts` that the theorems take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from relucert.kernel import spectrum
from relucert.kernel.ball import Ball, BallMatrix, NotProved, norm, undefined, upper
from relucert.kernel.fixed import Fixed
from relucert.kernel.teacher import lipschitz, loss, sharp
from relucert.kernel.teacher.hessian import fixed_hessian
from relucert.kernel.teacher.theorems import Facts


def _simple(facts: Facts, radius: Ball) -> Ball:
    return lipschitz.theorem_b(facts.neurons, facts.targets, radius)


def _sharp(facts: Facts, radius: Ball) -> Ball:
    """The smaller of the constants of Theorem B and Theorem B'."""
    if facts.shape is None:
        raise NotProved("the facts were measured for other constants")
    return upper(_simple(facts, radius).min(sharp.theorem_b_sharp(facts.shape, radius)))


def _paper(facts: Facts, radius: Ball) -> Ball:
    return lipschitz.safran_shamir(facts.neurons, facts.targets, radius)


CONSTANTS: Mapping[str, Callable[[Facts, Ball], Ball]] = {"simple": _simple, "sharp": _sharp, "paper": _paper}


class Enclosure(NamedTuple):
    """A point, the targets, and the Hessian of the teacher-student loss there.

    fixed: the Hessian, (n d, n d), in integers. curvatures: S_i(W), (d, d), for every neuron. outside: M of
    Theorem M, shape (n, n), which dimensions beyond d add.
    """

    geometry: loss.Geometry
    fixed: Fixed
    curvatures: tuple[BallMatrix, ...]
    outside: BallMatrix

    @property
    def hessian(self) -> BallMatrix:
        """The Hessian entry by entry in balls."""
        return loss.hessian(self.geometry)


def enclose(point: loss.Rows, targets: loss.Rows) -> Enclosure:
    """point: n rows of d, targets: k rows of d, exact. Raises NotProved where F is not differentiable."""
    geometry = loss.geometry(point, targets)
    curvatures = loss.curvatures(geometry)
    return Enclosure(geometry, fixed_hessian(geometry, curvatures), curvatures, loss.outside(geometry))


def measure(
    at: Enclosure,
    eigen: spectrum.Eigen,
    order: Sequence[int] | None,
    constants: str = "simple",
    beyond: spectrum.Eigen | None = None,
) -> Facts:
    """Everything but the Lipschitz constant. eigen: a guess at the eigenvectors of at.hessian; order: a
    guess at which target each neuron is near, used only if it is a permutation (n = k). constants: which
    Lipschitz constants will be asked for. beyond: a guess at those of at.outside; with it the facts are
    about every dimension from d on."""
    g = at.geometry
    flat, slope = spectrum.spectrum(at.fixed, eigen), loss.gradient(g)
    to_global = None
    if order is not None and sorted(order) == list(range(len(g.targets))) and len(order) == len(g.neurons):
        rows = zip(g.neurons, (g.targets[j] for j in order), strict=True)
        apart = [x - y for w, v in rows for x, y in zip(w.entries, v.entries, strict=True)]
        to_global = upper(norm(apart))
    return Facts(
        neurons=[w.length for w in g.neurons],
        targets=[v.length for v in g.targets],
        objective=loss.objective(g),
        gradient=norm(slope),
        spectrum=flat,
        correction=spectrum.apply_inverse(flat.inverse, slope),
        lipschitz=undefined(),
        lipschitz_safran_shamir=None,
        domain=undefined(),
        to_global=to_global,
        shape=sharp.shape(g, at.curvatures) if constants == "sharp" else None,
        outside=spectrum.spectrum(at.outside, beyond) if beyond is not None else None,
    )


def on_ball(facts: Facts, constants: str, radius: Ball) -> Facts:
    """The same with the Lipschitz constant on B(W, radius). Raises NotProved where it is not valid."""
    paper = lipschitz.safran_shamir(facts.neurons, facts.targets, radius) if len(facts.neurons) > 1 else None
    return facts._replace(
        lipschitz=CONSTANTS[constants](facts, radius), lipschitz_safran_shamir=paper, domain=radius
    )

"""From an exact point and an untrusted guess to the `Facts` that the theorems take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from relucert.kernel import ball, definite, spectrum
from relucert.kernel.ball import Ball, BallMatrix, NotProved, norm, undefined, upper
from relucert.kernel.fixed import Fixed
from relucert.kernel.teacher import lipschitz, loss, sharp
from relucert.kernel.teacher.hessian import fixed_hessian
from relucert.kernel.teacher.theorems import Facts


def _simple(facts: Facts, radius: Ball) -> Ball:
    return _scaled(facts, lipschitz.theorem_b(facts.neurons, facts.targets, radius))


def _sharp(facts: Facts, radius: Ball) -> Ball:
    """The smaller of the constants of Theorem B and Theorem B'."""
    if facts.shape is None:
        raise NotProved("the facts were measured for other constants")
    return upper(_simple(facts, radius).min(_scaled(facts, sharp.theorem_b_sharp(facts.shape, radius))))


def _scaled(facts: Facts, of_relu: Ball) -> Ball:
    """docs/theorem/signed.md, Theorems 20.B and 20.B': (1 - alpha)^2 L, L the constant for the ReLU."""
    return of_relu if facts.scale is None else upper(facts.scale * of_relu)


def _paper(facts: Facts, radius: Ball) -> Ball:
    if facts.matched is not None:
        raise NotProved(
            "Safran & Shamir's constant L_A is not used for signed networks and leaky activations"
        )
    return lipschitz.safran_shamir(facts.neurons, facts.targets, radius)


CONSTANTS: Mapping[str, Callable[[Facts, Ball], Ball]] = {"simple": _simple, "sharp": _sharp, "paper": _paper}


class Enclosure(NamedTuple):
    """A point, the targets, gradient and Hessian of the teacher-student loss there.

    slope: the gradient, n d balls. fixed: the Hessian, (n d, n d), in integers. curvatures: S_i(W), (d, d), for every
    neuron. outside: M of Theorem M, shape (n, n), which dimensions beyond d add. network: None for output weights 1
    and the ReLU.
    """

    geometry: loss.Geometry
    slope: list[Ball]
    fixed: Fixed
    curvatures: tuple[BallMatrix, ...]
    outside: BallMatrix
    network: loss.Network | None = None

    @property
    def hessian(self) -> BallMatrix:
        """The Hessian entry by entry in balls."""
        return loss.hessian(self.geometry)

    @property
    def relu(self) -> BallMatrix:
        """Hess F_0, (n d, n d): the Hessian if the activation were the ReLU."""
        return loss.relu_hessian(self.geometry)


def enclose(point: loss.Rows, targets: loss.Rows, network: loss.Network | None = None) -> Enclosure:
    """point: n rows of d, targets: k rows of d, exact. Raises NotProved where F is not differentiable, ValueError
    for a network that does not fit."""
    geometry = loss.geometry(point, targets, network)
    curvatures = loss.curvatures(geometry)
    slope, whole = loss.gradient(geometry), fixed_hessian(geometry, curvatures)
    return Enclosure(geometry, slope, whole, curvatures, loss.outside(geometry), network)


def measure(
    at: Enclosure,
    guess: spectrum.Eigen | definite.Ends,
    order: Sequence[int] | None,
    constants: str = "simple",
    beyond: spectrum.Eigen | None = None,
) -> Facts:
    """Everything but the Lipschitz constant. guess: at the eigenvectors of at.hessian, for Theorem C, or at the ends
    of its spectrum, for Theorem K, which needs all eigenvalues to be positive; order: a guess at which target each
    neuron is near, used only if it is a permutation (n = k) that keeps the signs. constants: which Lipschitz constants
    will be asked for. beyond: a guess at the eigenvectors of at.outside; with it the facts are about every dimension
    from d on."""
    g = at.geometry
    flat, correction = _spectrum(at, guess)
    network = at.network
    return Facts(
        neurons=[w.length for w in g.neurons],
        targets=[v.length for v in g.targets],
        objective=loss.objective(g),
        gradient=norm(at.slope),
        spectrum=flat,
        correction=correction,
        lipschitz=undefined(),
        lipschitz_safran_shamir=None,
        domain=undefined(),
        to_global=None if order is None else _to_global(at, order),
        shape=sharp.shape(g, at.curvatures) if constants == "sharp" else None,
        outside=spectrum.spectrum(at.outside, beyond) if beyond is not None else None,
        scale=None if g.leak is None else g.leak.scale,
        matched=None if network is None else _matched(network),
    )


def _spectrum(at: Enclosure, guess: spectrum.Eigen | definite.Ends) -> tuple[spectrum.Spectrum, Ball]:
    """Of the Hessian, and an upper bound of |X grad F(W)|."""
    if isinstance(guess, definite.Ends):
        return definite.definite(at.fixed, guess, at.slope)
    flat = spectrum.spectrum(at.fixed, guess)
    return flat, spectrum.apply_inverse(flat.inverse, at.slope)


def _matched(of: loss.Network) -> bool:
    """Whether each sign occurs among the neurons as often as among the targets, or more: then inf F = 0.

    docs/theorem/signed.md, Theorem 20.I.
    """
    return all(of.signs.count(sign) >= of.teacher.count(sign) for sign in (1, -1))


def _to_global(at: Enclosure, order: Sequence[int]) -> Ball | None:
    """Distance to the point with neuron i on target order[i], or on minus it where that is nearer and does as well.

    docs/theorem/teacher.md section 4, "Global minimum"; docs/theorem/signed.md, Theorem 20.G. None if this is not a
    permutation that keeps the signs.
    """
    g, network = at.geometry, at.network
    n, even = len(g.neurons), network is not None and network.slope[0] == -network.slope[1]
    if sorted(order) != list(range(len(g.targets))) or len(order) != n:
        return None
    if any(g.weights[i] == g.weights[n + j] for i, j in enumerate(order)):  # a_i and -b_j
        return None
    apart: list[Ball] = []
    for w, j in zip(g.neurons, order, strict=True):
        pairs = list(zip(w.entries, g.targets[j].entries, strict=True))
        there, reversed_there = [x - y for x, y in pairs], [x + y for x, y in pairs]
        nearer = even and ball.proves_lt(norm(reversed_there), norm(there))
        apart += reversed_there if nearer else there
    return upper(norm(apart))


def on_ball(facts: Facts, constants: str, radius: Ball) -> Facts:
    """The same with the Lipschitz constant on B(W, radius). Raises NotProved where it is not valid."""
    compared = len(facts.neurons) > 1 and facts.matched is None
    paper = lipschitz.safran_shamir(facts.neurons, facts.targets, radius) if compared else None
    return facts._replace(
        lipschitz=CONSTANTS[constants](facts, radius), lipschitz_safran_shamir=paper, domain=radius
    )

"""Theorem 15.C: gradient descent from near a global minimum, from every point of a ball."""

from typing import Any, NamedTuple

from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix, Symmetric, spectrum
from relucert_audit.factorisation.run import Flow, State
from relucert_audit.finding import Findings, weak
from relucert_audit.interval import Interval, dyadic, proves_le, proves_lt, show
from relucert_audit.steps import bound

TRIES, ROOM, LEAST_BITS = 100, 30, 256  # a radius D is sought so often, with the relative room 2^-ROOM


class Rate(NamedTuple):  # D, a bound of the path's length, of g, and of the drift |B_t - B_0|
    path: Interval
    g: Interval
    drift: Interval


class Near(
    NamedTuple
):  # least: a lower bound of |R|; upper ones (points) of |R|, ||U||, ||V||; lower ones of sigma_r
    eta: Interval
    least: Interval
    R: Interval
    longest: tuple[Interval, Interval]
    shortest: tuple[Interval, Interval]

    def at(self, D: Interval) -> Rate | None:
        """With this D, if [C.1] to [C.3] hold; whether [C.4] does, the path says."""
        zero, one = dyadic(0, 0), dyadic(1, 0)
        a, b = (x - D for x in self.shortest)
        s = ivl.minimum([a, b]).a
        curvature = self.R + (self.longest[0] + D) ** 2 + (self.longest[1] + D) ** 2
        slack = 1 - self.eta * curvature / 2
        if not (proves_lt(zero, s) and proves_lt(zero, slack)):
            return None
        th = (self.R / (a * b)).b
        if not proves_lt(th, one):
            return None
        c = 1 / (1 + (th / (1 - th)) ** 2 / 2)
        path = self.R / (s * ivl.root(c) * slack)
        return Rate(path.b, 2 * self.eta * slack * c * s**2, self.eta * self.R**2 / 2 / slack)

    def holds(self, D: Interval) -> Rate | None:
        """With this D, if the theorem applies."""
        found = self.at(D)
        return found if found and proves_le(found.path, D) else None

    def best(self, claimed: Interval) -> Rate | None:
        """With about the least D: the path's length grows with D, so where it is at most D, it is a D itself. Tried
        are the claimed length, and what the path's length leads to from 0."""
        D, found, tries = dyadic(0, 0), self.holds(claimed), 0
        while found is None and tries < TRIES:
            at = self.at(D)
            if at is None:
                return None
            D, tries = (at.path * (1 + dyadic(1, -ROOM))).b, tries + 1
            found = self.holds(D)
        better = found
        while better and tries < 2 * TRIES:
            found, tries = better, tries + 1
            better = self.holds(found.path)
        return found


def ends(a: Matrix, exponent: int) -> tuple[Interval, Interval]:
    """Enclosures of the least and the largest singular value of a 2^exponent, of as many columns as counted."""
    gram = a.T @ a
    bits = int(abs(gram).max()).bit_length()
    shift = max(LEAST_BITS - bits, 0)  # eigenvalues are bracketed by integers
    found = spectrum(Symmetric(gram << shift, 2 * exponent - shift, bits + shift, dyadic(0, 0)))
    return ivl.root(found.smallest), ivl.root(found.largest)


def near(flow: Flow, at: State, eta: Interval) -> Near:
    """On the ball of a state, in the numbers of the claim. Weyl: singular values move by at most the radius."""
    unit = flow.h - flow.p
    radius = dyadic(at.radius, unit)
    (u, U), (v, V) = ends(at.U, unit), ends(at.V, unit)
    low, high = (dyadic(x, unit + flow.h) for x in flow.distance(flow.residual(at), at))
    longest, shortest = ((U + radius).b, (V + radius).b), ((u - radius).a, (v - radius).a)
    return Near(eta, low.a, high.b, longest, shortest)


def findings(cert: Any, step: int, own: Near, found: Rate | None) -> Findings:
    """Of `loss`, `rate` and `travel`, where the theorem applies as `found` says."""
    yield from bound(cert, step, "loss", enclosing(own.least, own.R) ** 2 / 2)
    if found is None:
        yield weak(step, "steps", f"Theorem 15.C is not proved to apply: {show(own.R, *own.shortest)}")
        return
    yield from bound(cert, step, "rate", found.g, False)
    yield from bound(cert, step, "travel", found.path, False)


def enclosing(low: Interval, high: Interval) -> Interval:
    """From the lower end of the one to the upper end of the other."""
    return iv.make_mpf((low._mpi_[0], high._mpi_[1]))

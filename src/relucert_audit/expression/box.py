"""Method `hessian-box`: what is claimed of a critical point in a box. Steps 3 to 8 of docs/spec/expression-v1.md,
theorems of section 17 of docs/theorem/expression.md."""

from typing import NamedTuple

import numpy as np
from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import interval as ivl
from relucert_audit.exact import GUESS_BITS, Matrix, Spectrum, Symmetric, integers, norm_bound, spectrum
from relucert_audit.expression import fixed, orbit, sweep
from relucert_audit.expression.claim import NONE, SADDLE, SPURIOUS, Certificate
from relucert_audit.expression.fixed import Ball
from relucert_audit.expression.sweep import Graph, Sweep
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.interval import Interval, dyadic, enclosure, proves_lt, show
from relucert_audit.steps import bound, contains

MOST_BITS = 256  # of Hessians
ITERATIONS, SMALL = 64, 2.0**-30  # of the guess of a Perron vector; SMALL keeps it positive


class Hessians(NamedTuple):  # all within M +- E entrywise, integers in units of 2^exponent
    M: Matrix
    E: Matrix
    exponent: int

    def spectrum(self) -> Spectrum:
        """Of all symmetric matrices there: Theorem C, and Weyl with delta >= |E|."""
        delta = dyadic(min(norm_bound(self.E), perron_bound(self.E)), self.exponent)
        size = int(np.abs(self.M).max()).bit_length()
        return spectrum(Symmetric(self.M, self.exponent, size, delta))


def perron_bound(E: Matrix) -> int:
    """For any v > 0, |E| is at most the largest (E v)_i/v_i (Collatz), as E is symmetric and not negative. A guess of
    its Perron vector in floating point; the quotients exactly, rounded up."""
    a, _ = fixed.above(E)
    v = np.ones(len(a))
    for _ in range(ITERATIONS):
        v = a @ v + SMALL * a.max()
        v = v / v.max()
    w = np.maximum(integers(v, GUESS_BITS), 1)
    return max(-(-int(x) // int(y)) for x, y in zip(E @ w, w, strict=True))


class Point(NamedTuple):  # of step 3: L, its gradient and norm
    value: Interval
    gradient: list[Interval]
    norm: Interval


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 3 to 8, each only if those before hold."""
    graph = sweep.lagrangian(cert.loss)
    try:
        at = at_point(graph, cert, bits)
        if cert.verdict == NONE:
            found = list(step_8(cert, graph, at, bits))
        else:
            found = list(bound(cert, 3, "gradient", at.norm)) or list(in_box(cert, graph, at, bits))
        return found or list(orbit.step_8b(cert)) or list(orbit.step_8c(cert))
    except TooWeak as failure:
        return [weak(4, "bounds", str(failure))]


def at_point(graph: Graph, cert: Certificate, p: int) -> Point:
    found = Sweep(graph, sweep.box(cert.z, None, p), p, 1)
    gradient = [entry(found.gradient, i, p) for i in range(graph.d)]
    square = sum((ivl.absolute(x) ** 2 for x in gradient), dyadic(0, 0))
    return Point(fixed.to_interval(found.value, p), gradient, ivl.root(square))


def entry(x: Ball, i: int, p: int) -> Interval:
    return enclosure(x.mid[i] - x.rad[i], x.mid[i] + x.rad[i], -p)


def hessians(graph: Graph, cert: Certificate, radius: Interval, bits: int) -> Hessians:
    """Over the box of that radius; more than MOST_BITS would only take longer."""
    p = min(bits, MOST_BITS)
    found = Sweep(graph, sweep.box(cert.z, radius, p), p, 2).hessian()
    return Hessians(found.mid, found.rad, -p - 1)


def number(cert: Certificate, name: str) -> Interval:
    return dyadic(*cert.bounds[name].exact)


def in_box(cert: Certificate, graph: Graph, at: Point, p: int) -> Findings:
    """Step 4, and what follows from it."""
    box = number(cert, "box")
    H = hessians(graph, cert, box, p)
    of = H.spectrum()
    if of.gap is None or of.negative is None:
        yield weak(4, "box", "Theorem 17.H does not apply: delta < low is not proved")
        return
    r = (at.norm / of.gap).b
    if not proves_lt(r, box):
        yield weak(4, "box", f"Theorem 17.H does not apply: {show(r, box)}")
        return
    yield from bound(cert, 4, "existence_radius", r, refutable=False)
    k = len(cert.loss.constraints)
    inertia = of.negative - k, cert.d - of.negative - k
    if inertia != cert.inertia:
        yield refuted(4, "inertia", f"is {inertia}")
        return
    yield from bound(cert, 4, "convexity", of.smallest.a, refutable=False)
    yield from bound(cert, 4, "smoothness", of.largest.b, refutable=False)
    value = near(cert, at, of, r)
    yield from contains(cert, 5, "objective", value)
    if not k:
        small = hessians(graph, cert, r, p).spectrum()
        yield from contains(cert, 6, "lambda_min", small.smallest)
    yield from step_7(cert, H, r, value, p)
    if cert.symmetry:
        p, m = min(p, MOST_BITS), cert.loss.parameters
        K = hessians(graph, cert, r, p)  # the part for mu and x is grad h
        slopes = Ball(K.M[m:, :m], K.E[m:, :m])
        yield from orbit.step_8a(cert, slopes, sweep.box(cert.z[:m], r, p + 1), p + 1)


def near(cert: Certificate, at: Point, of: Spectrum, r: Interval) -> Interval:
    """Step 5: L(z*), within Lambda r^2/2 of L(z0)."""
    off = of.absmax.b * r**2 / 2
    below, above = (at.value - off).a, (at.value + off).b
    if cert.verdict != SADDLE and not cert.loss.constraints:
        above = at.value.b
    return spanned(below, above)


def spanned(a: Interval, b: Interval) -> Interval:
    """From the lower end of a to the upper end of b."""
    return iv.make_mpf((a._mpi_[0], b._mpi_[1]))


def step_7(cert: Certificate, H: Hessians, r: Interval, value: Interval, p: int) -> Findings:
    """Basin, barrier, direction, witness."""
    box = number(cert, "box")
    if "basin" in cert.bounds:
        yield from bound(cert, 7, "basin", box - 2 * r, refutable=False)
        yield from bound(cert, 7, "step", 2 / number(cert, "smoothness"), refutable=False)
    if "barrier" in cert.bounds:
        yield from bound(cert, 7, "barrier", number(cert, "convexity") * (box - r) ** 2 / 2, refutable=False)
    if "curvature" in cert.bounds:
        yield from bound(cert, 7, "curvature", curvature(cert, H), refutable=False)
    if cert.verdict == SPURIOUS:
        y = Sweep(sweep.objective(cert.loss), sweep.box(cert.vector, None, p), p, 0)
        yield from bound(cert, 7, "gap", (value - fixed.to_interval(y.value, p)), refutable=True)


def curvature(cert: Certificate, H: Hessians) -> Interval:
    """Upper bound of (v.(M v) + |v|.(E |v|))/|v|^2, the entries of v integers with one exponent."""
    low = min(x.e for x in cert.vector if x.m)
    most = max(x.m.bit_length() + x.e - low for x in cert.vector if x.m)
    if most > 16384:
        raise TooWeak("the bits that the entries of the direction span")
    v = fixed.objects([x.m << (x.e - low) if x.m else 0 for x in cert.vector])
    w = np.abs(v)
    form, square = int(v @ (H.M @ v) + w @ (H.E @ w)), int(v @ v)
    return dyadic(form, H.exponent) / dyadic(square, 0)


def step_8(cert: Certificate, graph: Graph, at: Point, p: int) -> Findings:
    """Theorem 17.N."""
    found = list(bound(cert, 3, "gradient_min", at.norm))
    yield from found
    if found:
        return
    rho = number(cert, "exclusion")
    H = hessians(graph, cert, rho, p)
    sums = (np.abs(H.M) + H.E).sum(axis=1)
    pulls = [rho * dyadic(int(s), H.exponent) for s in sums]
    if not any(proves_lt(pull, ivl.absolute(g).a) for pull, g in zip(pulls, at.gradient, strict=True)):
        yield weak(8, "exclusion", "Theorem 17.N does not apply")

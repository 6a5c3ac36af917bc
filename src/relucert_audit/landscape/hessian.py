"""A point of G or F and its Hessian: claims of the method `hessian`, docs/spec/landscape-v1.md.

All is computed in U-coordinates, u_j = T b_j, by intervals, from gradient and Hessian at the head of section 13 of
docs/theorem/landscape.md, and taken to B by integers near T: with T for (I x T), grad_B = T^T grad_U and
H_B = T^T H_U T. Where T stands for T~ + D, |D| <= t and |T~| <= s, T~ of integers, the error is of norm at most
t |grad_U|, or (2 s + t) t |H_U|."""

from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix, Symmetric, product
from relucert_audit.finding import Finding, Findings, weak
from relucert_audit.format import Number, Opened, dyadic, malformed
from relucert_audit.interval import Interval, enclosure, maximum, minimum, proves_lt, root, show, to_fixed
from relucert_audit.landscape import local, problem
from relucert_audit.landscape.local import LOCAL, NOT, SADDLE, SPURIOUS, Claim, Gradient, Local, Point
from relucert_audit.landscape.problem import Entries, Numbers, Problem

LARGEST, LARGEST_HESSIAN, SPARE, HESSIAN_PLACES = 256, 24, 16, 128
VERDICTS = (SADDLE, LOCAL, SPURIOUS, NOT)
SHAPE = {"problem": problem.PROBLEM, "point": [[dyadic]]}


class Certificate(NamedTuple):  # the point is point 2^exponent
    claim: Claim
    problem: Problem
    point: Entries
    exponent: int

    @property
    def verdict(self) -> str:
        return self.claim.verdict

    @property
    def bounds(self) -> dict[str, Number]:
        return self.claim.bounds


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    whole, claim = local.read_claim(opened.claim, SHAPE, VERDICTS)
    of = problem.read_problem(whole["problem"])
    if claim.verdict != NOT and of.d > LARGEST_HESSIAN:
        raise malformed(f"d is above {LARGEST_HESSIAN}")
    if of.d > LARGEST:
        raise problem.limit(f"d is above {LARGEST}")
    return Certificate(claim, of, *problem.aligned(whole["point"], of.d, of.d))


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    yield from problem.admit(cert.problem)


class Near(NamedTuple):  # a matrix within `error`, entry by entry and in integers too, of mid 2^exponent
    mid: Matrix
    exponent: int
    error: int

    @property
    def slip(self) -> Interval:
        """Bounds the norm of the error."""
        return ivl.dyadic(self.error * len(self.mid), self.exponent)

    @property
    def size(self) -> Interval:
        """Bounds the norm of mid 2^exponent."""
        return ivl.dyadic(local.norm(self.mid), self.exponent)


def transformation(of: Problem, places: int) -> Near:
    """T, to about `places` bits: row i is sqrt(a_i) b*_i for F, T = I for G."""
    if not of.teacher:
        return Near(np.eye(of.d, dtype=object), 0, 0)
    sizes = [size(a) // 2 + size(x) for a, row in zip(of.a, of.teacher, strict=True) for x in row if x]
    bits = places - max(sizes)
    roots = [root(ivl.rational(a)) for a in of.a]
    rows = [
        [to_fixed(r * ivl.rational(x), bits) for x in row] for r, row in zip(roots, of.teacher, strict=True)
    ]
    whole = np.array(rows, dtype=object)
    return Near(whole[:, :, 0], -bits, int(whole[:, :, 1].max()))


def size(x: Fraction) -> int:
    """About log2 |x|."""
    return abs(x.numerator).bit_length() - x.denominator.bit_length()


def largest(values: Any) -> Interval:
    """Of an array of intervals."""
    return maximum(list(np.ravel(values)))


def digits(places: int, *arrays: Any) -> int:
    """How many bits after the point make `places` bits of the largest interval."""
    ends = [end for values in arrays for x in np.ravel(values) for end in x._mpi_]
    return places - max((exp + count for _, man, exp, count in ends if man), default=0)


def fixed(values: Matrix, bits: int) -> tuple[Matrix, Matrix]:
    """(mid, radius) of an array of intervals, in units of 2^-bits."""
    pairs = [to_fixed(x, bits) for x in values.reshape(-1)]
    mid, radius = (np.array([pair[k] for pair in pairs], dtype=object) for k in (0, 1))
    return mid.reshape(values.shape), radius.reshape(values.shape)


def both_sides(full: Matrix, T: Matrix) -> Matrix:
    """(I x T)^T full (I x T), of integers, for a symmetric full."""
    right = product(full.reshape(-1, len(T)), T).reshape(full.shape)
    both: Matrix = product(right.T.reshape(-1, len(T)), T).reshape(full.shape)
    return both


class Landscape:
    """Q at one point: its numbers in U-coordinates. Arrays have the shape (d, d), row j for neuron j."""

    def __init__(self, cert: Certificate) -> None:
        self.own, self.d, self.places = Numbers(cert.problem), cert.problem.d, int(iv.prec) + SPARE
        self.T = transformation(cert.problem, self.places)
        B: Matrix = np.array(cert.point, dtype=object)
        mid, slips = product(B, self.T.mid.T), np.abs(B).sum(axis=1) * self.T.error
        self.U: Matrix = np.empty_like(mid)
        for j, i in np.ndindex(*mid.shape):
            self.U[j, i] = enclosure(
                mid[j, i] - slips[j], mid[j, i] + slips[j], cert.exponent + self.T.exponent
            )
        self.squares, self.alpha = self.U * self.U, np.array(self.own.alpha, dtype=object)
        self.S = self.squares.sum(axis=0)  # S_i
        self.rows = self.squares.sum(axis=1)  # |u_j|^2
        self.g = (self.rows - 1) * self.own.lam  # g_j
        self.alpha_S = self.alpha * self.S
        self.quartic = self.alpha * (1 + self.own.nu)  # (1 + nu) alpha_i

    @cached_property
    def stretch(self) -> Interval:
        """|T|, from above."""
        return root(self.own.norms[1]).b

    def value(self) -> Interval:
        fourth = (self.squares * self.squares).sum(axis=0)
        total = (self.alpha_S * self.S - self.quartic * fourth).sum()
        return total + ((self.rows - 1) ** 2 * self.own.lam).sum()

    def gradient(self) -> Gradient:
        """4 u_ji (alpha_i S_i - (1 + nu) alpha_i u_ji^2 + g_j), by T."""
        slope = self.alpha_S[None, :] - self.quartic[None, :] * self.squares + self.g[:, None]
        whole = self.U * slope * 4
        bits = digits(self.places, whole)
        mid, radius = fixed(whole, bits)
        slip, size = (ivl.dyadic(local.norm(x.reshape(1, -1)), -bits) for x in (radius, mid))  # Frobenius
        error = slip * (self.T.size + self.T.slip) + size * self.T.slip
        return local.gradient(product(mid, self.T.mid), self.T.exponent - bits, error)

    @cached_property
    def diagonal(self) -> Matrix:
        """4 alpha_i S_i - 12 (1 + nu) alpha_i u_ji^2 + 4 g_j, by j and i: what stands on the diagonal alone."""
        columns = self.alpha_S[None, :] - self.quartic[None, :] * self.squares * 3
        whole: Matrix = columns * 4 + self.g[:, None] * 4
        return whole

    def hessian(self) -> Symmetric:
        """In U of (j, i) and (k, l): [i = l] 8 alpha_i u_ji u_ki + [j = k] 8 lambda u_ji u_jl + diagonal."""
        d, U, n = self.d, self.U, np.arange(self.d)
        columns = U[:, None, :] * U[None, :, :] * (self.alpha * 8)  # j, k, i
        rows = U[:, :, None] * U[:, None, :] * (self.own.lam * 8)  # j, i, l
        bits = digits(HESSIAN_PLACES, columns, rows, self.diagonal)
        parts = zip(*(fixed(x, bits) for x in (columns, rows, self.diagonal)), strict=True)
        both: Matrix = np.zeros((2, d, d, d, d), dtype=object)
        for full, (column, row, diagonal) in zip(both, parts, strict=True):
            full[:, n, :, n] += np.moveaxis(column, 2, 0)
            full[n, :, n, :] += row
            full[n[:, None], n, n[:, None], n] += diagonal
        mid, radius = both.reshape(2, d * d, d * d)
        slip, size = (ivl.dyadic(local.norm(x), -bits) for x in (radius, mid))
        T = transformation(self.own.of, HESSIAN_PLACES)
        s, t = T.size, T.slip
        error = slip * (s + t) ** 2 + size * (2 * s + t) * t
        return local.symmetric(both_sides(mid, T.mid), 2 * T.exponent - bits, error)

    def steepest(self) -> Interval:
        """Bounds |Hess|: of its three parts in U, of norms 8 max alpha_i S_i, 8 lambda max |u_j|^2 and that of the
        diagonal, the first two are positive semidefinite."""
        top = largest(self.diagonal) + largest(self.alpha_S) * 8 + largest(self.rows) * self.own.lam * 8
        return maximum([top, -minimum(list(np.ravel(self.diagonal)))]) * self.stretch**2

    def lipschitz(self, radius: Interval) -> Interval:
        """Lemma 13.L, the smaller of L and L', on the ball of this radius in B; its image has radius |T| R in U.
        For nu > 1 either may be the smaller."""
        R = radius * self.stretch
        column = maximum([a * (root(x) + R) for a, x in zip(self.alpha, self.S, strict=True)])
        entries = [q * (root(largest(x)) + R) for q, x in zip(self.quartic, self.squares.T, strict=True)]
        row = self.own.lam * (root(largest(self.rows)) + R)
        steeper = maximum([self.own.one, self.own.nu])
        return 24 * (minimum([column + maximum(entries), steeper * column]) + row) * self.stretch**3


def not_global(own: Landscape, value: Interval) -> Findings:
    """That no critical point of this value is a global minimum: inf Q = -infinity, or V, the value of the signed
    permutations, lies below (Theorem 13.A)."""
    lam, edge = own.own.lam, own.own.nu * own.own.most
    if proves_lt(lam, edge):
        return
    if not proves_lt(edge, lam):
        yield weak(local.STEP, "verdict", f"nu max alpha against lambda is not decided: {show(edge, lam)}")
    elif not proves_lt(own.own.value, value):
        yield weak(local.STEP, "verdict", f"V is not proved to lie below Q(W): {show(own.own.value, value)}")


def step(cert: Certificate, at: Landscape, point: Point) -> Findings:
    """Step 6."""
    if cert.verdict == NOT:
        yield from local.not_critical(point, at.d <= LARGEST_HESSIAN)
        return
    yield from local.critical(point)
    if cert.verdict == SPURIOUS:
        yield from not_global(at, point.value)


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Steps 3 to 8 at the working precision; there is only step 6."""
    at = Landscape(cert)
    whole = Local(at.gradient, at.hessian, at.value, at.lipschitz, at.steepest)
    return local.collected(step(cert, at, Point(cert.claim, whole)))

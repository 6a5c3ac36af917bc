"""Exact numbers, vectors, points and matrices to test with, and the truth about them.

The truth is computed here, independently of the kernel: by exact rationals where possible, otherwise by
mpmath at about fifteen times the precision of the kernel.
"""

from fractions import Fraction

import mpmath
import numpy as np
from flint import arb, fmpq
from hypothesis import settings
from hypothesis import strategies as st

from relucert.kernel import ball, spectrum
from relucert.kernel.ball import BallMatrix
from relucert.kernel.teacher import theorems

BITS = 64
MP = mpmath.mp.clone()
MP.prec = 1000
GRAIN = 420  # truths are known to within 2**-400
few = settings(derandomize=True, deadline=None, max_examples=30)
some = settings(derandomize=True, deadline=None, max_examples=60)
many = settings(derandomize=True, deadline=None, max_examples=150)


def contains(enclosure, truth):
    """Whether a finite ball contains a truth, a Fraction or an mpmath number known to within 2**-400."""
    if not enclosure.is_finite():
        return False
    if isinstance(truth, Fraction):
        lowest, highest = fraction(enclosure.lower()), fraction(enclosure.upper())
        return lowest <= truth <= highest
    return enclosure.overlaps(arb((int(MP.floor(truth * 2**GRAIN)), -GRAIN), (1, 20 - GRAIN)))


def fraction(point):
    """The exact value of a ball of radius 0."""
    mantissa, exponent = ball.to_dyadic(point)
    return mantissa * Fraction(2) ** exponent


def real(x):
    """A Fraction, or the exact value of a ball of radius 0, as an mpmath number."""
    x = x if isinstance(x, Fraction) else fraction(x)
    return MP.mpf(x.numerator) / x.denominator


def around(x):
    """A ball that contains the rational x."""
    return arb(fmpq(x.numerator, x.denominator))


def exactly(x):
    """The exact ball of a dyadic rational."""
    exponent = x.denominator.bit_length() - 1
    assert x.denominator == 1 << exponent
    return ball.exact((x.numerator, -exponent))


mantissas = st.integers(-(10**6), 10**6)
exponents = st.integers(-60, 60)
dyadics = st.builds(lambda m, e: m * Fraction(2) ** e, mantissas, exponents)
tame = st.builds(lambda m, e: m * Fraction(2) ** e, st.integers(-(10**6), 10**6), st.integers(-30, 0))
positive = st.builds(lambda m, e: m * Fraction(2) ** e, st.integers(1, 10**6), st.integers(-30, 0))


@st.composite
def members(draw, low=-(10**6)):
    """A ball with a radius, and one exact member of it."""
    middle = draw(st.integers(low, 10**6)) * Fraction(2) ** draw(st.integers(-20, 20))
    radius = draw(st.integers(0, 255)) * Fraction(2) ** draw(st.integers(-40, 20))
    member = middle + radius * Fraction(draw(st.integers(-8, 8)), 8)
    return arb(exactly(middle), exactly(radius)), member


RELATIONS = ["free", "equal", "parallel", "antiparallel", "near-parallel", "near-antiparallel"]


@st.composite
def vectors(draw, d):
    """A nonzero vector of d dyadics, its length between about 2**-40 and 2**60."""
    entries = draw(st.lists(st.integers(-1000, 1000), min_size=d, max_size=d).filter(any))
    shift = draw(st.integers(-40, 40))
    return tuple((m, shift) for m in entries)


@st.composite
def relatives(draw, a):
    """A vector that relates to the vector a in one of the ways above."""
    relation = draw(st.sampled_from(RELATIONS))
    if relation == "free":
        return draw(vectors(len(a)))
    if relation == "equal":
        return a
    sign = -1 if "anti" in relation else 1
    shift, factor = draw(st.integers(-40, 40)), sign * draw(st.sampled_from([1, 3, 7]))
    if not relation.startswith("near"):
        return tuple((factor * m, e + shift) for m, e in a)
    close = draw(st.integers(10, 200))
    noise = draw(st.lists(st.integers(-5, 5), min_size=len(a), max_size=len(a)))
    return tuple(((factor * m << close) + x, e + shift - close) for (m, e), x in zip(a, noise, strict=True))


@st.composite
def pairs(draw):
    a = draw(vectors(draw(st.integers(1, 3))))
    return a, draw(relatives(a))


@st.composite
def points(draw):
    """n neurons and k targets in R^d; each new vector may relate to one before it."""
    d = draw(st.integers(1, 3))
    n, k = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    everything = [draw(vectors(d))]
    while len(everything) < n + k:
        everything.append(draw(relatives(draw(st.sampled_from(everything)))))
    return tuple(everything[:n]), tuple(everything[n:])


def fractions(row):
    return [m * Fraction(2) ** e for m, e in row]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


class Truth:
    """The geometry of two rational vectors: the products exactly, the rest to 1000 bits."""

    def __init__(self, a, b):
        self.a, self.b = fractions(a), fractions(b)
        aa, bb, ab = dot(self.a, self.a), dot(self.b, self.b), dot(self.a, self.b)
        gram = aa * bb - ab * ab  # 0 exactly if parallel
        self.p, self.q = MP.sqrt(real(aa)), MP.sqrt(real(bb))
        self.sin, self.cos = MP.sqrt(real(gram)) / (self.p * self.q), real(ab) / (self.p * self.q)
        self.theta = MP.atan2(MP.sqrt(real(gram)), real(ab))
        self.units = [real(x) / self.p for x in self.a], [real(x) / self.q for x in self.b]
        self.parallel = gram == 0

    def f(self):
        return self.p * self.q * (self.sin + (MP.pi - self.theta) * self.cos) / (2 * MP.pi)

    def gradient(self):
        ahead, turn = self.q * self.sin, MP.pi - self.theta
        return [
            (ahead * u + turn * real(x)) / (2 * MP.pi) for u, x in zip(self.units[0], self.b, strict=True)
        ]

    def same(self):
        """(|z| (I - a^ a^^T) + z z^T / |z|) / (2 pi |a|), z the part of b orthogonal to a."""
        d = range(len(self.a))
        if self.parallel:
            return [[MP.mpf(0)] * len(self.a) for _ in d]
        share = dot(self.a, self.b) / dot(self.a, self.a)
        z = [y - share * x for x, y in zip(self.a, self.b, strict=True)]
        size, aa, scale = MP.sqrt(real(dot(z, z))), dot(self.a, self.a), 2 * MP.pi * self.p
        return [
            [
                (size * real((i == j) - self.a[i] * self.a[j] / aa) + real(z[i] * z[j]) / size) / scale
                for j in d
            ]
            for i in d
        ]

    def mixed(self):
        """((pi - t) I + sin t (y y^T / y.y - x x^T / x.x)) / (2 pi), y and x sum and difference of a^, b^."""
        d = range(len(self.a))
        turn = (MP.pi - self.theta) / (2 * MP.pi)
        if self.parallel:
            return [[turn * (i == j) for j in d] for i in d]
        x = [s - t for s, t in zip(*self.units, strict=True)]
        y = [s + t for s, t in zip(*self.units, strict=True)]
        xx, yy = dot(x, x), dot(y, y)
        scale = self.sin / (2 * MP.pi)
        return [[turn * (i == j) + scale * (y[i] * y[j] / yy - x[i] * x[j] / xx) for j in d] for i in d]


def balls(row):
    return [ball.exact(x) for x in row]


def contains_matrix(enclosure, truth):
    return all(
        contains(e, t)
        for row, true_row in zip(enclosure.tolist(), truth, strict=True)
        for e, t in zip(row, true_row, strict=True)
    )


def true_objective(point, targets):
    everything = [(x, 1) for x in point] + [(x, -1) for x in targets]
    return sum(s * t * Truth(a, b).f() for a, s in everything for b, t in everything) / 2


def true_gradient(point, targets):
    result = []
    for i, w in enumerate(point):
        row = [real(x) / 2 for x in fractions(w)]
        others = [(x, 1) for j, x in enumerate(point) if j != i] + [(x, -1) for x in targets]
        for other, sign in others:
            row = [x + sign * y for x, y in zip(row, Truth(w, other).gradient(), strict=True)]
        result += row
    return result


def true_hessian(point, targets):
    d = len(point[0])
    matrix = [[MP.mpf(0)] * (len(point) * d) for _ in range(len(point) * d)]

    def add(i, j, sign, block):
        for a in range(d):
            for b in range(d):
                matrix[i * d + a][j * d + b] += sign * block[a][b]

    for i, w in enumerate(point):
        add(i, i, 1, [[MP.mpf(a == b) / 2 for b in range(d)] for a in range(d)])
        for j, other in enumerate(point):
            if j != i:
                add(i, i, 1, Truth(w, other).same())
                add(i, j, 1, Truth(w, other).mixed())
        for v in targets:
            add(i, i, -1, Truth(w, v).same())
    return matrix


@st.composite
def symmetric_matrices(draw, singular=False):
    """A symmetric rational matrix, and its exact eigenvalues in ascending order, of both signs."""
    m = draw(st.integers(2 if singular else 1, 4))
    eigenvalues = sorted(Fraction(draw(st.integers(-80, 80)), 8) for _ in range(m))
    if singular:
        eigenvalues = [Fraction(0), *(abs(x) + 1 for x in eigenvalues[1:])]
        eigenvalues.sort()
    matrix = [[eigenvalues[i] * (i == j) for j in range(m)] for i in range(m)]
    for _ in range(2):
        u = draw(st.lists(st.integers(-3, 3), min_size=m, max_size=m).filter(any))
        flip = [[Fraction(i == j) - Fraction(2 * u[i] * u[j], dot(u, u)) for j in range(m)] for i in range(m)]
        matrix = product(product(flip, matrix), flip)
    return matrix, eigenvalues


def product(a, b):
    return [[dot(row, column) for column in zip(*b, strict=True)] for row in a]


@st.composite
def guesses(draw, matrix):
    """A floating-point eigendecomposition, made worse: scaled, not orthogonal, wrong eigenvalues."""
    values, vectors = np.linalg.eigh(np.array(matrix, dtype=float))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    spoil = draw(st.sampled_from([0.0, 2.0**-40, 2.0**-20, 2.0**-10, 0.01]))
    scale = draw(st.sampled_from([1.0, 0.85, 1.15]))
    vectors = scale * (vectors + spoil * rng.uniform(-1, 1, vectors.shape))
    wrong = draw(st.sampled_from([0.0, 2.0**-30, 0.01, 1.0]))
    values = np.sort(values + wrong * rng.uniform(-1, 1, values.shape))
    return spectrum.Eigen(vectors.T.tolist(), values.tolist())


def enclosing(matrix):
    return BallMatrix([[around(x) for x in row] for row in matrix])


def facts_from(flat, dimension, **changes):
    """Facts that would prove everything if the spectrum allowed it: gradient 0, tiny L, positive F."""
    base = theorems.Facts(
        neurons=[arb(1)],
        targets=[arb(1)],
        objective=arb(1),
        gradient=arb(0),
        spectrum=flat,
        correction=spectrum.apply_inverse(flat.inverse, [arb(0)] * dimension),
        lipschitz=arb(2.0**-200),
        lipschitz_safran_shamir=None,
        domain=arb(0.25),
        to_global=arb(0),
    )
    return base._replace(**changes)


SLACK = MP.mpf(2) ** -300

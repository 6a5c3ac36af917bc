"""A point of the objective G^ of given samples: claims of the method `empirical`, docs/spec/landscape-v1.md.

T is the symmetric tensor (1/N) sum y_n H4(x_n), as an exact matrix between pairs (a, b), a <= b. With
C_jk = T(., ., b_j, b_k), A_j = C_jj and A = sum_j A_j,

    G^ = -(1/2) sum_j b_j.(A - A_j) b_j + (mu/24) sum_j b_j.A_j b_j + lambda sum_j (|b_j|^2 - 1)^2,
    gradient, row j: -2 (A - A_j) b_j + (mu/6) A_j b_j + 4 lambda (|b_j|^2 - 1) b_j,
    Hessian, (j, j): -2 (A - A_j) + (mu/2) A_j + 4 lambda ((|b_j|^2 - 1) I + 2 b_j b_j^T), (j, k): -4 C_jk.

Matrices of integers stand for themselves times a power of two; only mu, lambda and N make rounding needed."""

import re
from fractions import Fraction
from functools import cached_property
from math import isqrt
from typing import NamedTuple

import numpy as np
from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit.exact import Matrix, Symmetric, norm_bound, product, spectrum
from relucert_audit.finding import Finding, Findings, TooWeak
from relucert_audit.format import Number, Opened, dyadic, malformed
from relucert_audit.interval import Interval, maximum, rational, root
from relucert_audit.interval import dyadic as exactly
from relucert_audit.landscape import local
from relucert_audit.landscape.local import LOCAL, NOT, SADDLE, Claim, Gradient, Local, Point
from relucert_audit.landscape.problem import Entries, aligned, limit, positive

MOST_NUMBERS, MOST_SAMPLES, MOST_TENSOR, LARGEST, LARGEST_SPECTRUM = 576, 10**6, 10**8, 40, 24
CHUNK, SPARE, MOST_BITS = 2048, 16, 2048
VERDICTS = (SADDLE, LOCAL, NOT)
SAMPLES = {"x": [[dyadic]], "y": [dyadic]}
PROBLEM = {"objective": re.compile("G-hat"), "samples": SAMPLES, "mu": positive, "lambda": positive}
SHAPE = {"problem": PROBLEM, "point": [[dyadic]]}


class Whole(NamedTuple):  # integers of any shape times 2^exponent
    entries: Matrix
    exponent: int


class Certificate(NamedTuple):  # x: (N, d), y: (N), point: (m, d)
    claim: Claim
    x: Whole
    y: Whole
    mu: Fraction
    lam: Fraction
    point: Whole

    @property
    def verdict(self) -> str:
        return self.claim.verdict

    @property
    def bounds(self) -> dict[str, Number]:
        return self.claim.bounds


def whole(entries: Entries, exponent: int) -> Whole:
    return Whole(np.array(entries, dtype=object), exponent)


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claimed, claim = local.read_claim(opened.claim, SHAPE, VERDICTS)
    of, point = claimed["problem"], claimed["point"]
    x, y = of["samples"]["x"], of["samples"]["y"]
    N, m, d = len(x), len(point), len(point[0]) if point else 0
    if min(N, m, d) < 1 or len(y) != N or m * d > MOST_NUMBERS:
        raise malformed("no samples or no point, not as many x as y, or m d is too large")
    if N * m * d > MOST_SAMPLES or N * d**4 > MOST_TENSOR or d > LARGEST:
        raise limit("N m d, N d^4 or d")
    samples, labels, rows = (whole(*aligned(*z)) for z in ((x, N, d), ([y], 1, N), (point, m, d)))
    for part in (samples, labels, rows):  # units are made one, that of 1 among them
        if max(abs(part.exponent), int(np.abs(part.entries).max()).bit_length()) > MOST_BITS:
            raise limit("bits of the samples or of the point")
    weights = Whole(labels.entries[0], labels.exponent)
    return Certificate(claim, samples, weights, of["mu"], of["lambda"], rows)


def admit(_: Certificate) -> Findings:
    """Step 1: there is nothing that the shape does not say."""
    yield from ()


def tensor(x: Whole, y: Whole) -> Whole:
    """N T, exactly: T_abcd is the mean of y times x_a x_b x_c x_d, less the six (1 if a = b) x_c x_d, more the three
    (1 if a = b) (1 if c = d)."""
    N, d = x.entries.shape
    low = min(4 * x.exponent, 0)  # the unit of x^4, of x^2 and of 1 are taken to be this one
    four, two, one = (power * x.exponent - low for power in (4, 2, 0))
    a, b = np.triu_indices(d)
    M4: Matrix = np.zeros((len(a), len(a)), dtype=object)
    M2: Matrix = np.zeros((d, d), dtype=object)
    for start in range(0, N, CHUNK):
        X, weights = x.entries[start : start + CHUNK], y.entries[start : start + CHUNK]
        Z = X[:, a] * X[:, b]
        M4 = M4 + product((Z * weights[:, None]).T, Z)
        M2 = M2 + product((X * weights[:, None]).T, X)
    eye: Matrix = np.eye(d, dtype=object)
    M2, M0 = M2 << two, int(y.entries.sum()) << one
    A, B, C, D = a[:, None], b[:, None], a[None, :], b[None, :]
    total = M4 << four
    for p, q, r, s in ((A, B, C, D), (A, C, B, D), (A, D, B, C)):
        total = total - eye[p, q] * M2[r, s] - eye[r, s] * M2[p, q] + eye[p, q] * eye[r, s] * M0
    return Whole(total, y.exponent + low)


def floor(a: Matrix, ratio: Fraction, exponent: int) -> tuple[Matrix, bool]:
    """The integers next below a ratio 2^exponent, and whether they differ from it."""
    up, down = max(exponent, 0), max(-exponent, 0)
    over, under = a * ratio.numerator << up, ratio.denominator << down
    return over // under, bool((over % under).any())


def size(a: Matrix, ratio: Fraction, exponent: int) -> int:
    """At least log2 of all |a| ratio 2^exponent."""
    top = int(np.abs(a).max()).bit_length() + exponent
    return top + ratio.numerator.bit_length() - ratio.denominator.bit_length() + 1


def rounded(parts: list[tuple[Whole, Fraction]]) -> tuple[Matrix, int, int]:
    """(mid, bits, slip): the sum of parts times ratios lies within slip 2^-bits of mid 2^-bits, entry by entry."""
    sizes = [size(part.entries, ratio, part.exponent) for part, ratio in parts if part.entries.any()]
    bits = int(iv.prec) + SPARE - max(sizes, default=0)
    floors = [floor(part.entries, ratio, part.exponent + bits) for part, ratio in parts]
    mids = [mid for mid, _ in floors]
    return sum(mids[1:], mids[0]), bits, sum(inexact for _, inexact in floors)


class Landscape:
    """G^ at one point."""

    def __init__(self, cert: Certificate) -> None:
        self.mu, self.lam, self.N = cert.mu, cert.lam, len(cert.y.entries)
        self.B, self.e = cert.point
        self.m, self.d = self.B.shape
        self.T, self.unit = tensor(cert.x, cert.y)
        low = min(2 * self.e, 0)
        lengths = (self.B * self.B).sum(axis=1)
        self.excess = Whole((lengths << (2 * self.e - low)) - (1 << -low), low)  # |b_j|^2 - 1
        self.total = lengths.sum()
        C = self.contractions
        own = np.array([C[j, j] for j in range(self.m)], dtype=object)
        self.own, self.others = own, own.sum(axis=0) - own  # A_j and A - A_j, units of the contractions

    @cached_property
    def contractions(self) -> Matrix:
        """N C_jk, (m, m, d, d), in units of 2^(unit + 2 e)."""
        (j, k), (a, b) = np.triu_indices(self.m), np.triu_indices(self.d)
        first, second = self.B[j].T, self.B[k].T
        forms = first[a] * second[b] + np.where(a == b, 0, 1)[:, None] * (first[b] * second[a])
        found = product(self.T, forms)
        C: Matrix = np.zeros((self.m, self.m, self.d, self.d), dtype=object)
        for rows, columns in ((a, b), (b, a)):
            C[j[None, :], k[None, :], rows[:, None], columns[:, None]] = found
            C[k[None, :], j[None, :], rows[:, None], columns[:, None]] = found
        return C

    def along(self, forms: Matrix) -> Matrix:
        """Row j: forms_j b_j."""
        return np.array([form @ b for form, b in zip(forms, self.B, strict=True)], dtype=object)

    def value(self) -> Interval:
        others, own = (int((self.along(x) * self.B).sum()) for x in (self.others, self.own))
        unit = self.unit + 4 * self.e
        tensors = rational(self.mu / 24) * exactly(own, unit) - exactly(others, unit) / 2
        excess = int((self.excess.entries**2).sum())
        return tensors / self.N + rational(self.lam) * exactly(excess, 2 * self.excess.exponent)

    def gradient(self) -> Gradient:
        unit = self.unit + 3 * self.e
        parts = [
            (Whole(-2 * self.along(self.others), unit), Fraction(1, self.N)),
            (Whole(self.along(self.own), unit), self.mu / (6 * self.N)),
            (Whole(self.excess.entries[:, None] * self.B, self.excess.exponent + self.e), 4 * self.lam),
        ]
        mid, bits, slip = rounded(parts)
        return local.gradient(mid, -bits, exactly(slip, -bits) * root(exactly(mid.size, 0)))

    @cached_property
    def hessian(self) -> Symmetric:
        m, d, unit = self.m, self.d, self.unit + 2 * self.e
        n = np.arange(m)
        mixed, own, rows = (np.zeros((m, m, d, d), dtype=object) for _ in range(3))
        mixed += -4 * self.contractions
        mixed[n, n] = -2 * self.others
        own[n, n] = self.own
        shift = 2 * self.e - self.excess.exponent
        rows[n, n] = (2 * self.B[:, :, None] * self.B[:, None, :]) << shift
        rows[n, n] += self.excess.entries[:, None, None] * np.eye(d, dtype=object)
        parts = [
            (Whole(mixed, unit), Fraction(1, self.N)),
            (Whole(own, unit), self.mu / (2 * self.N)),
            (Whole(rows, self.excess.exponent), 4 * self.lam),
        ]
        mid, bits, slip = rounded(parts)
        full = mid.transpose(0, 2, 1, 3).reshape(m * d, m * d)
        return local.symmetric(full, -bits, exactly(slip * m * d, -bits))

    def steepest(self) -> Interval:
        return exactly(norm_bound(self.hessian.mantissa), self.hessian.exponent) + self.hessian.error

    @cached_property
    def tau4(self) -> Interval:
        """Bounds |T| as a map of symmetric matrices; Frobenius norms where d is large."""
        a, b = np.triu_indices(self.d)
        weights = np.where(a == b, 1, 2).astype(object)
        square = int((self.T * self.T * weights * weights[:, None]).sum())
        frobenius = exactly(isqrt(square) + 1, self.unit)
        if self.d > LARGEST_SPECTRUM:
            return frobenius / self.N
        place = np.zeros((self.d, self.d), dtype=int)
        place[a, b] = place[b, a] = np.arange(len(a))
        full = self.T[np.ix_(place.ravel(), place.ravel())]
        try:
            return spectrum(local.symmetric(full, self.unit, exactly(0, 0))).absmax.b / self.N
        except TooWeak:
            return frobenius / self.N

    def lipschitz(self, radius: Interval) -> Interval:
        """Lemma 13.L: but for terms of degree 2, G^ is a form of degree 4 with |G^(B)| <= q |B|^4, so by Banach's
        theorem |D^3 G^(B)[V, V, V]| <= 24 q |B| |V|^3."""
        q = maximum([self.tau4 / 2, rational(self.mu / 24) * self.tau4 + rational(self.lam)])
        return 24 * q * (root(exactly(int(self.total), 2 * self.e)) + radius)


def step(cert: Certificate, own: Point) -> Findings:
    """Step 6."""
    yield from local.not_critical(own, True) if cert.verdict == NOT else local.critical(own)


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Steps 3 to 8 at the working precision; there is only step 6."""
    at = Landscape(cert)
    whole = Local(at.gradient, lambda: at.hessian, at.value, at.lipschitz, at.steepest)
    return local.collected(step(cert, Point(cert.claim, whole)))

"""A teacher's matrix B*, rows of exact rationals: that it is not singular, its inverse, and the spectrum of M.

T has rows sqrt(a_i) b*_i, and T^T T = M = sum_i a_i b*_i b*_i^T, whose eigenvalues are the squares of the
singular values of T (section 13 of docs/theorem/landscape.md). No square root is needed for them."""

from fractions import Fraction
from math import isqrt, lcm
from typing import NamedTuple

import numpy as np

from relucert_audit.exact import Matrix, Spectrum, Symmetric, integers, norm_bound, product, spectrum
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic, rational, root

MOST_PRIMES, FIRST_PRIME = 64, 2**31 - 1
Rows = list[list[Fraction]]


def primes() -> list[int]:
    """The largest primes below 2^31."""
    found: list[int] = []
    n = FIRST_PRIME
    while len(found) < MOST_PRIMES:
        found += [n] if all(n % q for q in range(3, isqrt(n) + 1, 2)) else []
        n -= 2
    return found


def singular_modulo(rows: Rows, prime: int) -> bool | None:
    """Whether the determinant is 0 modulo a prime below 2^31, by elimination; all products stay below 2^62.
    None where the prime divides a denominator."""
    if any(x.denominator % prime == 0 for row in rows for x in row):
        return None
    m = np.array(
        [[x.numerator * pow(x.denominator, -1, prime) % prime for x in row] for row in rows], np.int64
    )
    for k in range(len(m)):
        (pivots,) = np.nonzero(m[k:, k])
        if not len(pivots):
            return True
        m[[k, k + pivots[0]]] = m[[k + pivots[0], k]]
        factors = m[k + 1 :, k] * pow(int(m[k, k]), -1, prime) % prime
        m[k + 1 :, k:] = (m[k + 1 :, k:] - factors[:, None] * m[k, k:] % prime) % prime
    return False


def singular(rows: Rows) -> bool | None:
    """Whether the matrix is singular; None if not decided. A determinant that is not 0 modulo a prime is not 0.
    Of rows times their denominators it is an integer: 0 if it is 0 modulo primes whose product is above its
    bound by Hadamard, the product of the lengths of the rows."""
    if singular_modulo(rows, FIRST_PRIME) is False:
        return False
    square, most = 1, FIRST_PRIME ** (2 * MOST_PRIMES)
    for row in rows:
        scale = 1
        for x in row:
            scale = lcm(scale, x.denominator)
            if scale > most:
                return None
        square *= sum(int(x * scale) ** 2 for x in row)
        if square > most:
            return None
    modulus = 1
    for prime in primes():
        zero = singular_modulo(rows, prime)
        if zero is False:
            return False
        modulus *= prime if zero else 1
        if modulus * modulus > square:
            return True
    return None


def rounded(rows: Rows, bits: int) -> tuple[Matrix, int]:
    """Integers and a number p: the entries are below integers 2^-p by less than 2^-p, downwards; the largest
    has about `bits` bits."""
    most = max(x.numerator.bit_length() - x.denominator.bit_length() for row in rows for x in row)
    p = bits - most
    up, down = max(p, 0), max(-p, 0)
    cells = [[(x.numerator << up) // (x.denominator << down) for x in row] for row in rows]
    return np.array(cells, dtype=object), p


def gram_spectrum(a: list[Fraction], rows: Rows, bits: int) -> Spectrum:
    """Of M. With W = diag(a) B*, both rounded down, the entries of W^T B* err by less than
    d (max |W| + max |B*| + 1) units; its symmetric part has eigenvalues within d times that."""
    weighted, p = rounded([[w * x for x in row] for w, row in zip(a, rows, strict=True)], bits)
    plain, q = rounded(rows, bits)
    gram = product(weighted.T, plain)
    error = 2 * len(a) ** 2 * (int(np.abs(weighted).max()) + int(np.abs(plain).max()) + 3)
    twice = gram + gram.T
    drop = max(int(np.abs(twice).max()).bit_length() - bits, 0)
    short, error = twice >> drop, (error >> drop) + 1 + len(a)  # a shift errs by less than 1 an entry
    exponent = drop - p - q - 1
    return spectrum(Symmetric(short, exponent, bits, dyadic(error, exponent)))


class Inverse(NamedTuple):  # B*^-1 is within error 2^-bits of mantissa 2^-bits, in Frobenius norm
    mantissa: Matrix
    bits: int
    error: int


def inverse(rows: Rows, bits: int) -> Inverse:
    """By Newton's method from a floating-point guess, and its residual. In units where B* is about 1, A is B*
    up to d 2^-bits and F = I - B* X, |F| <= |I - A X| + d 2^-bits |X| <= 1/2: |B*^-1 - X| <= 2 |X| |F|."""
    plain, p = rounded(rows, bits)
    try:
        start = np.linalg.inv(np.ldexp(plain.astype(np.float64), -bits))
    except np.linalg.LinAlgError as failure:
        raise TooWeak("no inverse of the teacher found") from failure
    scale = 60 - int(np.frexp(np.abs(start).max())[1])
    x, one = integers(start, scale) << max(bits - scale, 0), np.diag([1 << 2 * bits] * len(rows))
    x = x >> max(scale - bits, 0)
    rest, before = one - product(plain, x), 0  # I - A X, in units of 2^-2bits
    while not before or 2 * norm_bound(rest) < before:
        before, x = norm_bound(rest), x + (product(x, rest >> bits) >> bits)
        rest = one - product(plain, x)
    residual = norm_bound(rest) + len(rows) * norm_bound(x)  # |F|
    if 2 * residual > 1 << 2 * bits:
        raise TooWeak("no inverse of the teacher proved")
    error = 2 * (isqrt(int((x * x).sum())) + 1) * residual
    return Inverse(x, 2 * bits - p, (error >> 2 * bits) + 1)


def least(a: list[Fraction], rows: Rows, bits: int) -> Interval:
    """A positive lower bound of the least eigenvalue of M = T^T T, sharp however small that is: 1/|T^-1|^2, where
    T^-1 T^-T = sum_i x_i x_i^T/a_i, x_i column i of B*^-1, which is known up to an error."""
    found = inverse(rows, bits)
    unit = Fraction(2) ** -found.bits
    columns = [[int(x) * unit for x in column] for column in found.mantissa.T]
    weights = [1 / x for x in a]
    size = root(gram_spectrum(weights, columns, bits).largest)
    slip = dyadic(found.error, -found.bits) * root(rational(max(weights)))
    return (1 / (size + slip) ** 2).a

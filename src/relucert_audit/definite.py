"""The ends of a spectrum from floating-point Cholesky factors and their exact residuals: docs/audit.md.

No eigenvectors, and a third of the products of `exact.spectrum`, but not as sharp: what is not decided here is
decided there."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert_audit.digits import LIMB, MOST_TERMS, Digits, carried, limbs, whole
from relucert_audit.exact import Spectrum, Symmetric, digits_norm, integers, multiplied
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic, maximum, proves_lt

FACTOR_BITS, VECTOR_BITS = 44, 40
NARROW = 2.0**-12  # the least ratio of the eigenvalues at the ends for which the smallest is found sharply
Places = list[NDArray[np.int64]]


class Cut(NamedTuple):  # h.mantissa, to within `slip` in norm, is 2^drop times a matrix of integers B
    floats: NDArray[np.float64]  # near h.mantissa 2^-h.bits
    places: Places  # 2^lift B = sum place_i 2^(LIMB i), in units of 2^-(2 FACTOR_BITS) of `floats`
    digits: Digits  # of B
    lift: int
    drop: int
    slip: int

    def below(self, low: int) -> int:
        """A lower bound for h.mantissa from one for 2^lift B."""
        return (low >> self.lift << self.drop) - self.slip


def cut(h: Symmetric) -> Cut | None:
    """None where floating point does not hold it, or would round products of its digits."""
    floats, drop = h.floats(), max(h.bits - 2 * FACTOR_BITS, 0)
    if len(floats) > MOST_TERMS or not np.isfinite(floats).all():
        return None
    digits, lift = limbs(h.mantissa >> drop if drop else h.mantissa), 2 * FACTOR_BITS - h.bits + drop
    zeros, rest = divmod(lift, LIMB)
    empty = [np.zeros(floats.shape, dtype=np.int64)] * zeros
    places = [*empty, *(x.astype(np.int64) << rest for x in digits)]
    return Cut(floats, places, digits, lift, drop, len(floats) << drop if drop else 0)


def floor(a: Cut, sign: int, near: float) -> int | None:
    """A lower bound of the smallest eigenvalue of sign h.mantissa; `near` is a little below it, as in `floats`.

    For any integers s and L and R = 2^lift sign B - s I - L L^T that of 2^lift sign B is at least s - |R|."""
    try:
        left = np.linalg.cholesky(sign * a.floats - near * np.eye(len(a.floats)))
    except np.linalg.LinAlgError:
        return None
    if not np.abs(left).max() < 2.0 ** (61 - FACTOR_BITS):
        return None
    s = int(np.ldexp(near, 2 * FACTOR_BITS))
    places = [sign * x for x in a.places]
    for i, square in enumerate(squares(limbs(np.rint(np.ldexp(left, FACTOR_BITS)).astype(np.int64)))):
        places += [np.zeros_like(square)] * (i == len(places))
        places[i] = places[i] - square
    return a.below(s - digits_norm(carried(less(places, s)), a.floats.shape))


def squares(left: Digits) -> Places:
    """Of L L^T, exactly; each pair of digits is multiplied once."""
    places: list[Any] = [0] * max(2 * len(left) - 1, 0)
    for i, x in enumerate(left):
        for j, y in enumerate(left[: i + 1]):
            found = (x @ y.T).astype(np.int64)
            places[i + j] = places[i + j] + (found if i == j else found + found.T)
    return places


def less(places: Places, s: int) -> Places:
    """What is left of a matrix when s I is subtracted."""
    count = max(len(places), s.bit_length() // LIMB + 1)
    result = [*places, *(np.zeros_like(places[0]) for _ in range(count - len(places)))]
    for i in range(count):
        result[i] = result[i] - (s & ((1 << LIMB) - 1) if i < count - 1 else s) * np.eye(
            len(places[0]), dtype=np.int64
        )
        s >>= LIMB
    return result


def norm(h: Symmetric) -> Interval | None:
    """Upper bound of the spectral norm of every matrix in h."""
    a = cut(h)
    if a is None:
        return None
    try:
        values = np.linalg.eigvalsh(a.floats)
    except np.linalg.LinAlgError:
        return None
    most = float(np.abs(values[[0, -1]]).max())
    found = [floor(a, sign, -most - margin(a, most)) for sign in (1, -1)]
    if None in found:
        return None
    return h.value(0, max(-x for x in found if x is not None))


def margin(a: Cut, most: float) -> float:
    """What floating point may take from eigenvalues of this size: enough for a Cholesky factor to exist."""
    return (len(a.floats) + 1) * 2.0**-52 * most


def spectrum(h: Symmetric) -> Spectrum | None:
    """Of every matrix in h, if all are positive definite and the smallest eigenvalue is not too small; else None."""
    a = cut(h)
    if a is None:
        return None
    try:
        values, vectors = np.linalg.eigh(a.floats)
    except np.linalg.LinAlgError:
        return None
    if not values[0] > NARROW * values[-1]:
        return None
    slack = margin(a, float(values[-1]))
    low, high = floor(a, 1, float(values[0]) - slack), floor(a, -1, -float(values[-1]) - slack)
    if low is None or high is None:
        return None
    first, last = quotients(a, vectors[:, [0, -1]])
    most = -high
    smallest, largest = h.value(low, max(low, first)), h.value(min(most, last), most)
    gap = h.value(low, low)
    if not proves_lt(dyadic(0, 0), gap):
        return None
    return Spectrum(smallest, largest, maximum([-smallest, largest]), 0, gap)


def quotients(a: Cut, vectors: NDArray[np.float64]) -> tuple[int, int]:
    """An upper bound of the smallest eigenvalue of h.mantissa and a lower bound of the largest, by Rayleigh."""
    u = integers(vectors, VECTOR_BITS)
    images = whole(multiplied(a.digits, limbs(u)), u.shape)
    if not u.any(axis=0).all():
        raise TooWeak("a floating-point eigenvector is 0")
    first, last = ((int(x @ y) << a.drop) // int(x @ x) for x, y in zip(u.T, images.T, strict=True))
    return first + 1 + a.slip, last - a.slip

"""The ends of a spectrum from floating-point Cholesky factors and their exact residuals: docs/audit.md.

No eigenvectors, and a third of the products of `exact.spectrum`, but not as sharp: what is not decided here is
decided there."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert_audit.digits import FITS, LIMB, MOST_TERMS, Digits, carried, limbs, size, strips, whole
from relucert_audit.exact import Spectrum, Symmetric, integers, multiplied, norm_of_sizes
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic, maximum, proves_lt

FACTOR_BITS, VECTOR_BITS = 52, 40
SHORT = FACTOR_BITS - LIMB  # bits of what is added to a matrix, which need not be exact: a digit fewer
NARROW = 2.0**-17  # the least ratio of the eigenvalues next to 0 and farthest from it that is told sharply
Places = list[NDArray[np.int64]]


class Cut(NamedTuple):  # h.mantissa, to within `slip` in norm, is 2^drop times a matrix of integers B
    floats: NDArray[np.float64]  # near h.mantissa 2^-h.bits
    digits: Digits  # of B; 2^lift B is in units of 2^-(2 FACTOR_BITS) of `floats`
    lift: int
    drop: int
    slip: int

    def below(self, low: int) -> int:
        """A lower bound for h.mantissa from one for 2^lift B."""
        return (low >> self.lift << self.drop) - self.slip

    def places(self, part: tuple[slice, slice]) -> Places:
        """Of 2^lift B, |place_i| < 2^41."""
        zeros, rest = divmod(self.lift, LIMB)
        digits = [x[part].astype(np.int64) << rest for x in self.digits]
        return [np.zeros(self.floats[part].shape, dtype=np.int64)] * zeros + digits


def cut(h: Symmetric) -> Cut | None:
    """None where floating point does not hold it, or would round products of its digits."""
    floats, drop = h.floats(), max(h.bits - 2 * FACTOR_BITS, 0)
    if len(floats) > MOST_TERMS or not np.isfinite(floats).all():
        return None
    digits, lift = limbs(h.mantissa >> drop if drop else h.mantissa), 2 * FACTOR_BITS - h.bits + drop
    if len(digits) + lift // LIMB > FITS // 2:
        return None
    return Cut(floats, digits, lift, drop, len(floats) << drop if drop else 0)


def factor(left: NDArray[np.float64], bits: int) -> Digits | None:
    """In units of 2^-bits; None if it is not finite, or too long."""
    if not np.abs(left).max(initial=0.0) < 2.0 ** (61 - FACTOR_BITS):
        return None
    return limbs(np.rint(np.ldexp(left, bits)).astype(np.int64))


def floor(a: Cut, sign: int, near: float, raised: NDArray[np.float64] | None = None) -> int | None:
    """A lower bound of the eigenvalues of sign h.mantissa but for the m smallest, m the columns of W = `raised`, or
    0, of entries in units of 2^-SHORT; `near` is a little below that of sign h.mantissa + W W^T, as in `floats`.

    For any integers s, L, W and R = 2^lift sign B + W W^T - s I - L L^T that of 2^lift sign B is at least s - |R|."""
    matrix, up = sign * a.floats, [] if raised is None else factor(raised, SHORT)
    if raised is not None:
        matrix += raised @ raised.T
    matrix[np.diag_indices(len(matrix))] -= near
    try:
        left = factor(np.tril(np.linalg.cholesky(matrix)), FACTOR_BITS)
    except np.linalg.LinAlgError:
        return None
    if left is None or up is None:
        return None
    s, sizes = int(np.ldexp(near, 2 * FACTOR_BITS)), matrix
    for rows in strips(len(sizes), len(sizes)):
        part = rows, slice(0, rows.stop)  # R is symmetric, and L triangular
        places = [sign * x for x in a.places(part)]
        add(places, squares(up, *part, len(sizes)), 1, 2 * (FACTOR_BITS - SHORT) // LIMB)
        add(places, squares(left, *part, rows.stop), -1)
        add(places, diagonal(s, rows), -1)
        sizes[part] = size(carried(places), sizes[part].shape)
        sizes[part[::-1]] = sizes[part].T
    return a.below(s - norm_of_sizes(sizes))


def squares(left: Digits, rows: slice, columns: slice, length: int) -> Places:
    """Rows and columns of L L^T, exactly, L of so many columns."""
    places: list[Any] = [0] * max(2 * len(left) - 1, 0)
    for i, x in enumerate(left):
        for j, y in enumerate(left):
            places[i + j] = places[i + j] + (x[rows, :length] @ y[columns, :length].T).astype(np.int64)
    return places


def diagonal(s: int, rows: slice) -> Places:
    """These rows of s I, as far as the last of them reaches."""
    unit = np.eye(rows.stop - rows.start, rows.stop, rows.start, dtype=np.int64)
    return [int(x[0, 0]) * unit for x in limbs(np.array([[s]], dtype=object))]


def add(places: Places, more: Places, sign: int, first: int = 0) -> None:
    """From place `first` on, of which there become as many as it takes."""
    for i, x in enumerate(more, first):
        places += [np.zeros_like(x)] * (i + 1 - len(places))
        places[i] = places[i] + sign * x


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
    """Of every matrix in h, if no eigenvalue is too close to 0; else None.

    If A + W W^T has no eigenvalue below g > 0, W of m columns, A has at most m eigenvalues below g; and so has -A, with
    the other columns, at most the others: A has m negative eigenvalues, and none within g of 0 (docs/audit.md)."""
    a = cut(h)
    if a is None:
        return None
    try:
        values, vectors = np.linalg.eigh(a.floats)
    except np.linalg.LinAlgError:
        return None
    most, least = float(np.abs(values).max()), float(np.abs(values).min())
    if not least > NARROW * most:
        return None
    slack, negative = margin(a, most), int((values < 0).sum())
    low, high = floor(a, 1, float(values[0]) - slack), floor(a, -1, -float(values[-1]) - slack)
    raised = vectors * np.sqrt(3 * np.abs(values))  # to twice their size, on the other side of 0
    turned, sides = (
        np.ldexp(np.rint(np.ldexp(raised, SHORT)), -SHORT),
        ((1, values < 0, low), (-1, values > 0, high)),
    )
    gaps = [
        floor(a, sign, least - slack, turned[:, away]) if away.any() else end
        for sign, away, end in sides
        if not away.all()
    ]
    if low is None or high is None or None in gaps:
        return None
    first, last = quotients(a, vectors[:, [0, -1]])
    smallest, largest = h.value(low, max(low, first)), h.value(min(-high, last), -high)
    nearest = min(x for x in gaps if x is not None)
    gap = h.value(nearest, nearest)
    if not proves_lt(dyadic(0, 0), gap):
        return None
    return Spectrum(smallest, largest, maximum([-smallest, largest]), negative, gap)


def quotients(a: Cut, vectors: NDArray[np.float64]) -> tuple[int, int]:
    """An upper bound of the smallest eigenvalue of h.mantissa and a lower bound of the largest, by Rayleigh."""
    u = integers(vectors, VECTOR_BITS)
    images = whole(multiplied(a.digits, limbs(u)), u.shape)
    if not u.any(axis=0).all():
        raise TooWeak("a floating-point eigenvector is 0")
    first, last = ((int(x @ y) << a.drop) // int(x @ x) for x, y in zip(u.T, images.T, strict=True))
    return first + 1 + a.slip, last - a.slip

"""The designed landscape for tests: Q, its derivatives and its special points, by the formulas of section 13.

Everything here comes from docs/theorem/landscape.md, not from the kernels. Points are in U-coordinates, arrays
[..., j, i] of row j and column i. The arithmetic is that of the entries: floats in batches, or fractions and
balls in arrays of objects, so that a test may be exact.

Q depends on the squares w_ji = u_ji^2 only and is quadratic in them. So for each set of nonzero entries the
critical points are the positive solutions of a linear system; critical_points() lists them all, exactly.
"""

import itertools
from fractions import Fraction
from typing import NamedTuple

import flint
import numpy as np

C = 1 / (2 * np.sqrt(2 * np.pi))  # alpha_i = C a_i for G


class Landscape(NamedTuple):
    """alpha: [..., i]; nu and lam: [...], as many batches as the points have."""

    alpha: object
    nu: object
    lam: object


def exact(alpha, nu, lam):
    return Landscape(np.array([Fraction(a) for a in alpha]), Fraction(nu), Fraction(lam))


def as_floats(of):
    return Landscape(np.array([float(a) for a in of.alpha]), float(of.nu), float(of.lam))


def over_entries(of):
    """alpha, 1 + nu and lambda, to be multiplied with arrays [..., j, i]."""
    return (
        np.asarray(of.alpha)[..., None, :],
        np.asarray(1 + of.nu)[..., None, None],
        np.asarray(of.lam)[..., None, None],
    )


def value(of, U):
    alpha, more, lam = over_entries(of)
    w = U * U
    columns, rows = w.sum(axis=-2, keepdims=True), w.sum(axis=-1, keepdims=True)
    quartic = (alpha * (columns * columns - more * (w * w).sum(axis=-2, keepdims=True))).sum(axis=(-2, -1))
    return quartic + (lam * (rows - 1) * (rows - 1)).sum(axis=(-2, -1))


def slopes(of, U):
    """Half the gradient of Q by w = u^2: alpha_i S_i - (1 + nu) alpha_i w_ji + g_j."""
    alpha, more, lam = over_entries(of)
    w = U * U
    return (
        alpha * w.sum(axis=-2, keepdims=True) - more * alpha * w + lam * (w.sum(axis=-1, keepdims=True) - 1)
    )


def value_of_squares(of, w):
    """Q at a point of the squares w, exactly in fractions."""
    columns, rows = w.sum(axis=0), w.sum(axis=1)
    quartic = (of.alpha * (columns * columns - (1 + of.nu) * (w * w).sum(axis=0))).sum()
    return quartic + of.lam * ((rows - 1) * (rows - 1)).sum()


def gradient(of, U):
    return 4 * U * slopes(of, U)


def hessian(of, U):
    """[..., j, i, k, l]."""
    d = U.shape[-1]
    alpha, more, lam = over_entries(of)
    same_row = np.eye(d, dtype=int).reshape(d, 1, d, 1)
    same_column = np.eye(d, dtype=int).reshape(1, d, 1, d)
    mixed = 8 * U[..., :, :, None, None] * U[..., None, None, :, :]
    mixed = mixed * (alpha[..., None, None] * same_column + lam[..., None, None] * same_row)
    own = 4 * slopes(of, U) - 8 * more * alpha * U * U
    return mixed + own[..., :, :, None, None] * same_row * same_column


def flat(H):
    """A Hessian as a matrix of d^2 rows."""
    d = H.shape[-1]
    return H.reshape(*H.shape[:-4], d * d, d * d)


def power_sums(A):
    """Traces of A, A^2, .., as many as A has rows: they determine the spectrum."""
    powers = [A]
    while len(powers) < len(A):
        powers.append(powers[-1].dot(A))
    return [np.trace(power) for power in powers]


def depth(of, m):
    """h(m) = lambda m/(lambda - m)."""
    return of.lam * m / (of.lam - m)


def least_value(of):
    return -sum(depth(of, of.nu * a) for a in of.alpha)


def doubled(of, twice, never):
    """The squares w of the doubled point of Theorem 13.A (iii): row `never` stands in column `twice`, too."""
    w = np.diag(of.lam / (of.lam - of.nu * of.alpha))
    w[never] = 0
    w[[twice, never], twice] = of.lam / (of.lam + of.alpha[twice] - of.nu * of.alpha[twice])
    return w


def permuted_spectrum(of):
    """The eigenvalues at every signed permutation."""
    d, t = len(of.alpha), of.lam / (of.lam - of.nu * of.alpha)
    own = [
        4 * of.alpha[i] * t[i] + 4 * of.nu * of.alpha[s] * t[s]
        for i, s in itertools.permutations(range(d), 2)
    ]
    return sorted([8 * of.lam] * d + own)


def doubled_spectrum(of, twice, never):
    """The eigenvalues at the doubled point, as Theorem 13.A (iii) states them."""
    a, nu, lam = of.alpha, of.nu, of.lam
    d, column = len(a), twice
    once = [j for j in range(d) if j not in (twice, never)]
    t, two = lam / (lam - nu * a), lam / (lam + a[column] - nu * a[column])
    found = [8 * lam] * (d - 2) + [8 * lam, 8 * two * (lam - (1 + nu) * a[column])]
    for _ in (twice, never):
        found += [4 * a[i] * t[i] + 4 * (nu - 1) * a[column] * two for i in once]
        found += [4 * (nu - 1) * a[column] * two]
    for j in once:
        own = 4 * nu * a[j] * t[j]
        found += [4 * a[i] * t[i] + own for i in once if i != j]
        found += [8 * a[column] * two + own, own]
    return sorted(found)


def saddle_bound(of):
    """The largest tau of Theorem 13.T, by solving each of its conditions, linear in tau, for tau."""
    d, nu, lam = len(of.alpha), of.nu, of.lam
    low, high = min(of.alpha), max(of.alpha)
    delta = 1 / (8 * nu * low)  # all of these for tau = 1
    e = (d - 1) * delta
    q = (1 + 4 * high * d * delta) / 4
    lost = q / lam + e  # 1 - Y
    first = low * nu / (nu * high * delta + low * (nu * e * (1 + high / lam) + e))
    second = 1 / (delta + lost)
    third = []
    if nu < 1:
        third.append(low * (1 - nu) / (q + low * (1 - nu) * lost))
    room = 8 * ((1 + nu) * low - lam)
    if room > 0:
        third.append(room / (1 + room * lost))
    return min(first, second, max(third))


def second_form(of, d):
    """Half the (constant) Hessian of Q by w, [j, i, k, l]."""
    alpha = of.alpha.reshape(1, d, 1, 1)
    same_row = np.eye(d, dtype=int).reshape(d, 1, d, 1)
    same_column = np.eye(d, dtype=int).reshape(1, d, 1, d)
    return alpha * same_column + of.lam * same_row - (1 + of.nu) * alpha * same_row * same_column


def solve(A, b):
    """The solution of A x = b in fractions, or None if A is singular."""
    n = len(b)
    matrix, right = (
        flint.fmpq_mat(n, m, [flint.fmpq(*x.as_integer_ratio()) for x in entries])
        for m, entries in ((n, itertools.chain(*A)), (1, b))
    )
    if matrix.det() == 0:
        return None
    return [Fraction(int(x.p), int(x.q)) for x in matrix.solve(right).entries()]


def negatives(A):
    """The number of negative eigenvalues of a symmetric matrix of fractions, which must not be singular."""
    A, count = [list(row) for row in A], 0
    while A:
        n = len(A)
        k = next((j for j in range(n) if A[j][j] != 0), None)
        if k is None:  # zero diagonal: adding row and column i to 0 makes one, by congruence
            i = next((i for i in range(1, n) if A[0][i] != 0), None)
            if i is None:
                raise ValueError("a singular matrix")
            A[0] = [x + y for x, y in zip(A[0], A[i], strict=True)]
            for row in A:
                row[0] += row[i]
            k = 0
        count += A[k][k] < 0
        rest = [j for j in range(n) if j != k]
        A = [[A[j][i] - A[j][k] * A[k][i] / A[k][k] for i in rest] for j in rest]
    return count


def eigenvalues_below(of, w, bound):
    """How many eigenvalues of the Hessian at a critical point of the squares w are below a rational, exactly.

    On the support the Hessian is 8 D A D, A half of that by w and D = diag u; so below x are as many as
    8 A - x D^-2 has below 0. Off the support it is diagonal, 4 times the slope. Refused: an eigenvalue `bound`.
    """
    d, flat_w = len(w), w.ravel()
    form = flat(second_form(of, d))
    on = [n for n in range(d * d) if flat_w[n] != 0]
    slope = form.dot(flat_w) - of.lam
    off = [4 * slope[n] for n in range(d * d) if flat_w[n] == 0]
    if bound in off or any(slope[n] != 0 for n in on):
        raise ValueError("not a critical point, or an eigenvalue at the bound")
    A = [[8 * form[m][n] - (bound / flat_w[n] if m == n else 0) for n in on] for m in on]
    return negatives(A) + sum(x < bound for x in off)


def critical_points(of):
    """The squares w of all critical points of Q with d x d, exactly, up to signs of entries and order of rows.

    A singular system is refused, as the list would not be complete.
    """
    d = len(of.alpha)
    form = flat(second_form(of, d))
    patterns = list(itertools.product((False, True), repeat=d))
    for rows in itertools.combinations_with_replacement(patterns, d):
        on = [n for n, x in enumerate(itertools.chain(*rows)) if x]
        solution = solve([[form[m][n] for n in on] for m in on], [of.lam] * len(on))
        if solution is None:
            raise ValueError("a singular system")
        if min(solution, default=1) > 0:
            w = np.array([Fraction(0)] * (d * d))
            w[on] = solution
            yield w.reshape(d, d)

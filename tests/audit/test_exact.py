"""Exact products, and eigenvalue bounds from floating-point guesses."""

import random
from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp

from relucert_audit import digits, exact
from relucert_audit.interval import dyadic, precision, proves_le, proves_lt


def matrix(rows):
    return np.array(rows, dtype=object)


@pytest.mark.parametrize("bits", [1, 20, 21, 22, 53, 62, 63, 64, 200])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 2), (7, 40, 4)])
def test_products_are_exact(bits, shape):
    rng, (m, k, n) = random.Random(bits), shape  # noqa: S311
    edge = [2**bits, -(2**bits), 2**bits - 1, 1 - 2**bits, 0, 2**20, -(2**20), 2**20 - 1]
    draw = lambda: rng.choice([rng.choice(edge), rng.randint(-(2**bits), 2**bits)])  # noqa: E731
    a, b = [[draw() for _ in range(k)] for _ in range(m)], [[draw() for _ in range(n)] for _ in range(k)]
    expected = [[sum(a[i][t] * b[t][j] for t in range(k)) for j in range(n)] for i in range(m)]
    assert exact.product(matrix(a), matrix(b)).tolist() == expected


@pytest.mark.parametrize("bits", [5, 20, 21, 22, 60, 61, 62, 63, 64, 200])
def test_digits_are_so_short_that_sums_of_products_are_below_2_to_52(bits):
    a = matrix([[sign * (2**bits + i) for i in (-1, 0, 1, 2**20, -(2**20))] for sign in (1, -1)])
    digits = exact.limbs(a)
    assert all(np.abs(digit).max() <= 2**20 for digit in digits)
    assert (
        sum(digit.astype(np.int64).astype(object) << 21 * i for i, digit in enumerate(digits)).tolist()
        == a.tolist()
    )
    assert exact.limbs(0 * a) == []


def test_norm_bound():
    rng = np.random.default_rng(1)
    for _ in range(50):
        a = rng.integers(-1000, 1000, (5, 5))
        assert exact.norm_bound(a.astype(object)) >= np.linalg.norm(a, 2) - 1e-9
        assert exact.norm_bound(a.astype(object)) <= np.linalg.norm(a) + 2


def check_spectrum(a, bits):
    """Bounds of the integer matrix a 2^-bits against mpmath at 300 bits."""
    with precision(192), mp.workprec(300):
        found = exact.spectrum(exact.Symmetric(matrix(a), -bits, bits, dyadic(0, 0)))
        values = sorted(mp.eigsy(mp.matrix(a), eigvals_only=True))
        unit, slack = mp.mpf(2) ** -bits, mp.mpf(2) ** -200
        for enclosure, value in ((found.smallest, values[0]), (found.largest, values[-1])):
            low, high = (mp.mpf(end) for end in enclosure._mpi_)
            assert low - slack <= value * unit <= high + slack
        if found.negative is not None:
            assert found.negative == sum(v < 0 for v in values)
            assert mp.mpf(found.gap._mpi_[0]) <= min(abs(v) for v in values) * unit + slack
        return found


@pytest.mark.parametrize("seed", range(12))
def test_spectrum_encloses(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 8))
    q, _ = np.linalg.qr(rng.standard_normal((size, size)))
    values = rng.choice([1.0, 1.0, -0.5, 1e-5, 0.3, -1e-7], size)
    half = np.rint(q * np.sqrt(np.abs(values)) * 2.0**40).astype(np.int64).astype(object)
    a = (half * np.sign(values).astype(int)) @ half.T
    found = check_spectrum(a.tolist(), 80)
    assert found.negative == (values < 0).sum()


def test_singular_is_undecided_and_tight():
    """A matrix of rank 1, and of rank 2 with one negative eigenvalue: no inertia is claimed."""
    for a in ([[4, 2], [2, 1]], [[0, 0], [0, 0]], [[1, 1, 0], [1, 1, 0], [0, 0, -1]]):
        found = check_spectrum((matrix(a) * 2**70).tolist(), 72)
        assert found.negative is None
    found = check_spectrum((matrix([[4, 2], [2, 1]]) * 2**70).tolist(), 72)
    with precision(192):
        assert proves_lt(dyadic(-1, -60), found.smallest)


def test_nearly_singular_is_decided():
    """lambda_min about 2^-50 of lambda_max: below what a floating-point factorisation alone can see."""
    for sign in (1, -1):
        a = [[2**80, 2**80], [2**80, 2**80 + sign * 2**31]]
        assert check_spectrum(a, 81).negative == (sign < 0)


def test_a_bad_guess_is_harmless(monkeypatch):
    """Whatever floating point returns, bounds stay true or nothing is proved."""
    real = np.linalg.eigh

    def lie(a):
        values, vectors = real(a)
        return values[::-1] + 1.0, vectors + 0.1

    monkeypatch.setattr(np.linalg, "eigh", lie)
    a = [[2**70, 3 * 2**66], [3 * 2**66, -(2**69)]]
    with suppress(exact.TooWeak):
        check_spectrum(a, 72)
    monkeypatch.setattr(np.linalg, "eigh", lambda a: (real(a)[0] * np.nan, real(a)[1] * np.nan))
    with pytest.raises(exact.TooWeak):
        check_spectrum(a, 72)


def test_error_widens():
    with precision(192):
        h = exact.Symmetric(matrix([[2**70]]), -70, 71, dyadic(1, -10))
        found = exact.spectrum(h)
        assert proves_le(found.smallest, dyadic(1, 0) + dyadic(1, -9))
        assert not proves_lt(dyadic(1, 0), found.smallest)
        assert not proves_lt(found.largest, dyadic(1, 0))


def test_below_counts():
    form, gram = matrix([[-5, 1], [1, 7]]), matrix([[1, 0], [0, 1]])
    roots = [1 - Fraction(148) ** Fraction(1, 2) / 2, 1 + 148**0.5 / 2]
    for sigma in range(-9, 11):
        count = exact.below(form, gram, sigma)
        assert count is None or count == sum(r < sigma for r in roots)
    assert exact.below(form, gram, 0) == 1


def test_what_is_too_weak_says_why(monkeypatch):
    def fail(*_):
        raise np.linalg.LinAlgError

    h = exact.Symmetric(matrix([[2**70, 0], [0, 2**69]]), -70, 71, dyadic(0, 0))
    values, vectors = np.array([0.5, 1.0]), np.eye(2)
    for reason, refused in (
        ("a floating-point guess is not finite", lambda: exact.integers(np.array([np.nan]), 0)),
        ("a floating-point guess is not finite", lambda: exact.integers(np.array([2.0]), 61)),
        (
            "matrix too large for exact products",
            lambda: exact.product(np.ones((1, 8193)), np.ones((8193, 1))),
        ),
        (
            "eigenvalues not separated: the floating-point eigenvectors are too rough",
            lambda: exact.bracket(
                exact.Pencil([0, 0], [1, 1], (2.0**60 * (1 - np.eye(2)), np.zeros((2, 2))), False), 0, -1
            ),
        ),
        ("no eigenvalues found", lambda: exact.spectrum(h)),
        ("a floating-point eigenvector is 0", lambda: exact.spectrum(h)),
    ):
        guess = fail if "no eigenvalues" in reason else lambda _: (values, 0 * vectors)
        monkeypatch.setattr(np.linalg, "eigh", guess)
        with pytest.raises(exact.TooWeak) as refusal:
            refused()
        assert str(refusal.value) == reason
    assert exact.integers(np.array([1.0]), 61).tolist() == [2**61]
    assert exact.product(np.ones((1, 2048), dtype=object), np.ones((2048, 1), dtype=object)).tolist() == [
        [2048]
    ]


@pytest.mark.parametrize("large", [19, 20, 30, 42])
@pytest.mark.parametrize("size", [2, 7])
def test_small_eigenvalues_beside_large_ones(large, size):
    """Of 3 I + 2^large (all entries 1) double precision alone loses the eigenvalues 3."""
    with precision(400):
        one = (np.eye(size, dtype=int).astype(object) * 3 << 60) + (1 << 60 + large)
        for sign in (1, -1):
            h = exact.Symmetric(sign * one, -60, 60 + large, dyadic(0, 0))
            found, true = exact.spectrum(h), sorted([sign * 3.0, sign * (3.0 + size * 2**large)])
            ends = found.smallest, found.largest
            for end, value in zip(ends, true, strict=True):
                assert float(end.mid) == pytest.approx(value, rel=1e-9)
            assert found.negative == (0 if sign > 0 else size)
            assert float(found.gap.a) == pytest.approx(3, rel=1e-7)
            assert proves_le(found.gap, dyadic(3, 0))


def test_eigenvectors_of_three_sizes_of_eigenvalues():
    """A rotated diagonal of 2^46, 2^24 and small numbers of both signs: Rayleigh quotients find all."""
    values = [2**46, 2**24, 7, 5, -6]
    rotation = np.array(
        [[1, 2, 2, 0, 0], [2, 1, -2, 0, 0], [2, -2, 1, 0, 0], [0, 0, 0, 3, 0], [0, 0, 0, 0, 3]]
    )
    spin = np.array([[3, 0, 0, 0, 0], [0, 3, 0, 0, 0], [0, 0, 1, 2, 2], [0, 0, 2, 1, -2], [0, 0, 2, -2, 1]])
    q = (rotation @ spin).astype(object)  # q q^T = 81 I
    a = q @ np.diag(np.array(values, dtype=object) * 2**40) @ q.T
    u = exact.eigenvectors(a)
    form, gram = np.diagonal(u.T @ a @ u), np.diagonal(u.T @ u)
    found = sorted(Fraction(int(f), int(g)) / 2**40 / 81 for f, g in zip(form, gram, strict=True))
    assert [float(x) for x in found] == pytest.approx(sorted(values), rel=1e-9)
    with precision(400):
        spectrum = exact.spectrum(exact.Symmetric(a, -40, 93, dyadic(0, 0)))
        assert (spectrum.negative, float(spectrum.gap.a)) == (1, pytest.approx(5 * 81, rel=1e-6))


def test_union_of_blocks():
    one, gap = dyadic(1, 0), dyadic(1, -2)
    a = exact.Spectrum(dyadic(-3, 0), one, dyadic(3, 0), 2, gap)
    b = exact.Spectrum(dyadic(-1, 0), dyadic(2, 0), dyadic(2, 0), 1, one)
    both = exact.union([(5, a), (10, b)])
    assert (both.smallest, both.largest, both.absmax, both.negative, both.gap) == (-3, 2, 3, 20, gap)
    for open_ in (b._replace(negative=None), b._replace(gap=None)):
        both = exact.union([(5, a), (10, open_)])
        assert (both.smallest, both.largest, both.negative, both.gap) == (-3, 2, None, None)


# --- H^-1 G ------------------------------------------------------------------------------------------
def solving(seed, size, columns, scale):
    rng = np.random.default_rng(seed)
    h = rng.standard_normal((size, size))
    a = matrix([[int(x * 2**80) for x in row] for row in (h + h.T).tolist()])
    return a, matrix(
        [[int(x * 2**50) << scale - 50 for x in row] for row in rng.standard_normal((size, columns))]
    )


def true_norm(a):
    return max(mp.svd_r(mp.matrix(a.tolist()), compute_uv=False))


@pytest.mark.parametrize("scale", [50, 62, 300])
@pytest.mark.parametrize("wrong", [0.0, 1e-3])
@pytest.mark.parametrize("error", [0, 1])
@pytest.mark.parametrize("columns", [1, 3])
def test_the_rest_of_a_solution_is_its_residual_and_no_more(monkeypatch, scale, wrong, error, columns):
    """With a guess off by `wrong`, and H by 2^-20 in norm; of one column Frobenius' norm is the norm."""
    real, (a, g) = np.linalg.inv, solving(scale, 6, columns, scale)
    monkeypatch.setattr(np.linalg, "inv", lambda x: real(x) * (1 + wrong))
    with precision(192), mp.workprec(500):
        bits = int(np.abs(a).max()).bit_length()
        h = exact.Symmetric(a, -80, bits, dyadic(error, -20))
        found = exact.solved(h, g, -scale)
        y = mp.matrix(found.matrix.tolist()) * mp.mpf(2) ** found.exponent
        rest = mp.matrix(g.tolist()) * mp.mpf(2) ** -scale - mp.matrix(a.tolist()) * mp.mpf(2) ** -80 * y
        true = max(mp.svd_r(rest, compute_uv=False)) + error * max(mp.svd_r(y, compute_uv=False)) / 2**20
        mine = mp.mpf(found.rest._mpi_[1])
        assert true <= mine <= true * mp.sqrt(columns) * (1 + mp.mpf(2) ** -40) + mp.mpf(2) ** -100
        inverse = mp.lu_solve(mp.matrix(a.tolist()) * mp.mpf(2) ** -80, mp.matrix(g[:, 0].tolist()))
        assert abs(inverse[0] * mp.mpf(2) ** -scale * (1 + wrong) - y[0, 0]) < 1e-10


def test_columns_in_parts_have_one_rest(monkeypatch):
    a, g = solving(5, 4, 6, 60)
    h = exact.Symmetric(a, -80, int(np.abs(a).max()).bit_length(), dyadic(0, 0))
    with precision(192):
        whole = exact.solved(h, g, -60)
        monkeypatch.setattr(digits, "STRIP", 8)
        parts = exact.solved(h, g, -60)
    assert (parts.matrix == whole.matrix).all()
    assert float(whole.rest.b) == pytest.approx(float(parts.rest.b), rel=0.5)


def test_what_floating_point_cannot_solve_is_too_weak():
    with precision(192), pytest.raises(exact.TooWeak, match="no inverse"):
        exact.solved(exact.Symmetric(matrix([[1, 1], [1, 1]]), 0, 1, dyadic(0, 0)), matrix([[1], [1]]), 0)

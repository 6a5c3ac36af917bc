"""Ends of spectra from factors and their exact residuals: true whatever floating point says, sharp if it is right."""

import numpy as np
import pytest
from certificates import audit, prove
from mpmath import mp

from relucert_audit import definite, digits, exact
from relucert_audit.interval import dyadic, enclosure, precision, proves_lt
from relucert_audit.teacher import theorems


def positive(seed, size, least, bits):
    """A symmetric matrix of integers of about so many bits, positive definite."""
    rng = np.random.default_rng(seed)
    half = np.array(
        [[int(x) for x in row] for row in rng.integers(-(2**40), 2**40, (size, size))], dtype=object
    )
    whole = half @ half.T + np.eye(size, dtype=object) * int(least * 2**80)
    return (whole << bits - 90) if bits > 90 else (whole >> 90 - bits)


def symmetric(a):
    return exact.Symmetric(a, -60, int(np.abs(a).max()).bit_length(), dyadic(0, 0))


def ends(a):
    with mp.workprec(400):
        values = sorted(mp.eigsy(mp.matrix(a.tolist()), eigvals_only=True))
        return values[0] / mp.mpf(2) ** 60, values[-1] / mp.mpf(2) ** 60


def holds(found, true, width):
    low, high = (mp.mpf(end) for end in found._mpi_)
    slack = mp.mpf(2) ** -200 * abs(true)
    return low - slack <= true <= high + slack and high - low <= width


@pytest.mark.parametrize("bits", [70, 87, 88, 89, 130])
@pytest.mark.parametrize(("seed", "size"), [(0, 1), (1, 2), (2, 5), (3, 9)])
def test_both_ends_are_enclosed_sharply(seed, size, bits):
    a = positive(seed, size, 0.25, bits)
    least, most = ends(a)
    with precision(192), mp.workprec(400):
        found = definite.spectrum(symmetric(a))
        assert holds(found.smallest, least, most * 1e-9)
        assert holds(found.largest, most, most * 1e-9)
        assert found.negative == 0
        assert 0 < mp.mpf(found.gap._mpi_[0]) <= least * (1 + mp.mpf(2) ** -200)
        size = mp.mpf(definite.norm(symmetric(-a)).b._mpi_[0])
        assert most * (1 - mp.mpf(2) ** -200) <= size <= most * (1 + 1e-9)


def test_the_norm_is_that_of_the_end_that_is_farther():
    a = np.diag(np.array([3, -7, 5], dtype=object)) << 60
    with precision(192):
        size = definite.norm(symmetric(a))
        assert 7 <= float(size.b) <= 7 * (1 + 1e-9)


def test_what_is_too_close_to_0_is_left_to_others():
    with precision(192):
        assert (
            definite.cut(exact.Symmetric(np.ones((2**13 + 1, 0), dtype=object), 0, 1, dyadic(0, 0))) is None
        )
        for rows in ([[1, 1], [1, 1]], [[2**18, 0], [0, 1]], [[-1, 0], [0, 2**18]], [[0]]):
            assert definite.spectrum(symmetric(np.array(rows, dtype=object) << 60)) is None


@pytest.mark.parametrize("by", [1e-3, 1.0])
def test_a_factor_that_is_wrong_proves_less_and_nothing_false(monkeypatch, by):
    real, a = np.linalg.cholesky, positive(4, 6, 0.5, 80)
    monkeypatch.setattr(np.linalg, "cholesky", lambda x: real(x) + by)
    least, most = ends(a)
    with precision(192), mp.workprec(400):
        h = symmetric(a)
        of = definite.cut(h)
        floor = definite.floor(of, 1, float(least) * 2.0 ** (60 - h.bits) * (1 - 1e-9))
        assert mp.mpf(floor) < least * 2**60 * (1 - mp.mpf(by) / 100)
        assert (
            mp.mpf(-definite.floor(of, -1, -float(most) * 2.0 ** (60 - h.bits) * (1 + 1e-9))) > most * 2**60
        )
    monkeypatch.setattr(np.linalg, "cholesky", lambda x: real(x) * np.nan)
    with precision(192):
        assert definite.norm(h) is None
        assert definite.spectrum(h) is None


def turned(seed, values):
    """A symmetric matrix of integers with about these eigenvalues times 2^60, and the true ones."""
    q = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values), len(values))))[0]
    a = np.array([[int(x * 2**60) for x in row] for row in (q * values @ q.T).tolist()], dtype=object)
    a = a + a.T >> 1
    with mp.workprec(400):
        return a, [x / mp.mpf(2) ** 60 for x in sorted(mp.eigsy(mp.matrix(a.tolist()), eigvals_only=True))]


SPECTRA = {
    "one": [-3.0, 0.5, 1.0, 2.0, 7.0],
    "most": [-7.0, -3.0, -1.0, -0.5, 1e-3],
    "all": [-7.0, -3.0, -1.0, -0.5],
    "near": [-1e-4, 1e-4, 1.0, 1.0, 5.0, -5.0],
    "none": [0.25, 1.0, 3.0],
}


@pytest.mark.parametrize("strip", [5, 1 << 20])
@pytest.mark.parametrize("name", SPECTRA)
def test_eigenvalues_below_0_are_counted_and_the_gap_is_sharp(monkeypatch, name, strip):
    monkeypatch.setattr(digits, "STRIP", strip)
    a, values = turned(1, SPECTRA[name])
    least = min(map(abs, values))
    with precision(192), mp.workprec(400):
        found = definite.spectrum(symmetric(a))
        assert found.negative == sum(x < 0 for x in values)
        assert least * (1 - 1e-8) <= mp.mpf(found.gap._mpi_[0]) <= least * (1 + mp.mpf(2) ** -200)
        assert holds(found.smallest, values[0], 1e-9)
        assert holds(found.largest, values[-1], 1e-9)
        assert float(found.absmax.b) == pytest.approx(float(max(-values[0], values[-1])), rel=1e-9)


@pytest.mark.parametrize("name", ["one", "most", "near"])
def test_wrong_eigenvectors_prove_less_and_nothing_false(monkeypatch, name):
    """Some that are off, and the columns of another eigenvalue."""
    real, (a, values) = np.linalg.eigh, turned(2, SPECTRA[name])
    least = min(map(abs, values))
    swap = lambda x, v: (x, np.roll(v, 1, axis=1))  # noqa: E731
    near = lambda x, v: (x, v + 1e-3)  # noqa: E731
    late = lambda x, v: (x + 2.5 * float(least), v)  # noqa: E731 -- an eigenvalue below 0 is taken for one above
    for wrong in (swap, near, late):
        monkeypatch.setattr(np.linalg, "eigh", lambda m, wrong=wrong: wrong(*real(m)))
        with precision(192), mp.workprec(400):
            found = definite.spectrum(symmetric(a))
            assert found is None or found.negative == sum(x < 0 for x in values)
            assert found is None or mp.mpf(found.gap._mpi_[0]) < least


def test_raised_columns_count_and_what_they_raise_does_not():
    """diag(-1, 2, 3) with W = sqrt(3) e_1 is diag(2, 2, 3): but for one, no eigenvalue is below 2."""
    of = definite.cut(symmetric(np.diag(np.array([-1, 2, 3], dtype=object)) << 60))
    unit = 2 ** (62 - 60)
    w = np.array([[3.0**0.5], [0.0], [0.0]]) / 2
    low = definite.floor(of, 1, (2 - 1e-9) / unit, w)
    assert 2 * 2**60 * (1 - 1e-8) <= low <= 2 * 2**60
    assert definite.floor(of, 1, (2 - 1e-9) / unit) is None
    assert definite.floor(of, 1, (2 - 1e-9) / unit, w * np.nan) is None


def test_an_error_of_the_matrix_widens():
    with precision(192):
        h = exact.Symmetric(np.array([[2**70]], dtype=object), -70, 71, dyadic(1, -10))
        found = definite.spectrum(h)
        assert float(found.smallest.a) == pytest.approx(1 - 2.0**-10, rel=1e-10)
        assert float(found.largest.b) == pytest.approx(1 + 2.0**-10, rel=1e-10)
        assert float(definite.norm(h).b) == pytest.approx(1 + 2.0**-10, rel=1e-10)


def test_what_is_too_weak_for_a_claim_is_done_again_in_full(monkeypatch):
    """The first try loses a hundredth of lambda_min."""
    real, tried = definite.spectrum, []

    def weaker(h):
        found = real(h)
        tried.append(found)
        wide = found.smallest - found.smallest.a * enclosure(0, 1, 0) / 100
        return found._replace(smallest=wide, gap=wide.a)

    monkeypatch.setattr(theorems.definite, "spectrum", weaker)
    assert audit(prove("spurious")).result == "accepted"
    assert len(tried) == 1
    assert proves_lt(dyadic(0, 0), tried[0].gap)

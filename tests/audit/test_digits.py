"""The checker's products by digits, and what it compares in floating point."""

import random

import numpy as np
import pytest

from relucert_audit import digits, exact


def drawn(shape, bits, seed):
    rng = random.Random(seed)  # noqa: S311
    return np.array(
        [rng.randint(-(2**bits), 2**bits) for _ in range(shape[0] * shape[1])], dtype=object
    ).reshape(shape)


@pytest.mark.parametrize("bits", [1, 20, 42, 61, 62, 63, 88, 150, 400])
def test_digits_there_and_back(bits):
    a = drawn((3, 4), bits, bits)
    found = digits.limbs(a)
    assert digits.whole(found, (3, 4)).tolist() == a.tolist()
    assert all(np.abs(x).max() <= 2**20 and (x == np.rint(x)).all() for x in found)
    assert digits.diagonal(digits.limbs(a[:, :3]), 3) == [a[i, i] for i in range(3)]


@pytest.mark.parametrize("bits", [(1, 1), (56, 88), (56, 56), (200, 62)])
def test_products_of_digits_are_exact(bits):
    a, b = drawn((70, 90), bits[0], 1), drawn((90, 60), bits[1], 2)
    assert (digits.whole(digits.times(digits.limbs(a), digits.limbs(b)), (70, 60)) == a @ b).all()


def test_the_largest_digits_do_not_round():
    """8192 products of the largest digits: 2^53."""
    half = np.full((1, 8192), -(2**20), dtype=object)
    for sign in (1, -1):
        found = digits.times(digits.limbs(half), digits.limbs(sign * half.T))
        assert digits.whole(found, (1, 1)).tolist() == [[sign * 2**53]]
    with pytest.raises(ValueError, match="too large"):
        digits.times([np.ones((1, 8193))], [np.ones((8193, 1))])


@pytest.mark.parametrize("bits", [10, 53, 54, 100, 800])
def test_sizes_are_those_of_the_entries(bits):
    a = drawn((20, 20), bits, bits)
    a[0, 0], a[0, 1], a[0, 2] = 0, 2 ** (bits - 1), -1
    sizes = digits.size(digits.limbs(a), a.shape)
    for x, y in zip(a.reshape(-1), sizes.reshape(-1), strict=True):
        assert abs(int(y) - abs(x)) <= abs(x) >> 45


def test_sizes_too_long_for_floating_point():
    with pytest.raises(ValueError, match="too long"):
        digits.size([np.ones((1, 1))] * (digits.FITS + 1), (1, 1))


@pytest.mark.parametrize("bits", [0, 20, 21, 42, 130])
def test_minus_identity(bits):
    a = drawn((4, 4), 60, bits)
    found = digits.whole(digits.minus_identity(digits.limbs(a), bits, 4), (4, 4))
    assert (found == a - (np.eye(4, dtype=object) << bits)).all()


@pytest.mark.parametrize("bits", [3, 60, 200, 900])
def test_norms_of_digits_are_norms(bits):
    for seed in range(5):
        a = drawn((6, 6), bits, seed)
        upper, found = exact.norm_bound(a), exact.digits_norm(digits.limbs(a), a.shape)
        assert upper - 1 <= found <= upper + (upper >> 30) + 1
    assert exact.digits_norm([], (3, 3)) == 1


@pytest.mark.parametrize("bits", [30, 88, 300])
def test_counting_by_sizes_agrees_with_counting_by_integers(bits):
    decided = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        h = rng.standard_normal((8, 8))
        a = np.array([[int(x * 2**20) << bits - 20 for x in row] for row in (h + h.T).tolist()], dtype=object)
        u = exact.eigenvectors(a)
        of = exact.pencil(digits.limbs(a), digits.limbs(u), 8)
        order = sorted(range(8), key=lambda i: int((u.T @ a @ u)[i, i]) // int((u.T @ u)[i, i]))
        form, gram = (u.T @ a @ u)[np.ix_(order, order)], (u.T @ u)[np.ix_(order, order)]
        assert of.form == [form[i, i] for i in range(8)]
        for index in range(8):
            for shift in (-(2 ** (bits - 30)) - 1, 0, 2 ** (bits - 30) + 1, 2 ** (bits - 2)):
                sigma = of.form[index] // of.gram[index] + shift
                mine = of.below(sigma)
                decided += mine is not None
                assert mine is None or mine == exact.below(form, gram, sigma)
    assert decided > 700


def test_long_entries_are_counted_as_integers():
    h = drawn((3, 3), 600, 5)
    a = h + h.T
    of = exact.pencil(digits.limbs(a), digits.limbs(np.eye(3, dtype=object) << 100), 3)
    assert of.exact
    values = np.linalg.eigvalsh((a >> 560).astype(float))
    for i, x in enumerate([-(2**40), *(values[:-1] + values[1:]) / 2, 2**43]):
        found = of.below(int(x) << 560)
        assert found is None or found in (i, 3, 0)


def test_norms_without_small_eigenvalues():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        h = rng.standard_normal((5, 5)) @ np.diag([1, 1e-3, 1e-9, 1e-14, 0])
        a = np.array([[int(x * 2**80) for x in row] for row in (h @ h.T).tolist()], dtype=object)
        a = (a + a.T) >> 1
        truth = np.linalg.eigvalsh(a.astype(float))[-1]
        with exact_precision():
            found = exact.norm(exact.Symmetric(a, -80, 80, exact.dyadic(0, 0)))
        assert truth * 2.0**-80 * (1 - 1e-12) <= float(found.b) <= truth * 2.0**-80 * (1 + 1e-12)


def exact_precision():
    from relucert_audit.interval import precision

    return precision(160)

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


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_a_few_rows_at_a_time_are_the_same_numbers(monkeypatch, rows):
    """The first rows are short and the last long, so that they have different numbers of digits."""
    a, b = (
        drawn((7, 7), 30, 1) * np.array([[1 << 20 * i for i in range(7)]], dtype=object).T,
        drawn((7, 7), 60, 2),
    )
    a, b = a + a.T, b + b.T
    monkeypatch.setattr(digits, "STRIP", 7 * rows)
    assert digits.whole(digits.limbs(a), a.shape).tolist() == a.tolist()
    found = digits.times(digits.limbs(a), digits.limbs(b))
    assert digits.whole(found, a.shape).tolist() == (a @ b).tolist()
    assert [digits.diagonal([x[:, 4:] for x in found], 3, 4)] == [[(a @ b)[i, i] for i in (4, 5, 6)]]
    of = exact.pencil(digits.limbs(a), digits.limbs(b), 7)
    form, gram = b.T @ a @ b, b.T @ b
    order = sorted(range(7), key=lambda i: form[i, i] // gram[i, i])
    assert (of.form, of.gram) == ([form[i, i] for i in order], [gram[i, i] for i in order])
    for mine, true in zip(of.others, (form, gram), strict=True):
        true = np.abs(true[np.ix_(order, order)].astype(float)) * (1 - np.eye(7))
        np.testing.assert_allclose(mine, true, rtol=2.0**-40)


def test_strips_cover_every_row_once():
    assert [*digits.strips(0, 5)] == []
    for length, width in ((1, 0), (5, 1), (3, 2**21), (1000, 2**18)):
        places = [*range(length)]
        assert [i for lines in digits.strips(length, width) for i in places[lines]] == places
        assert all(
            0 < x.stop - x.start <= max(digits.STRIP // max(width, 1), 1)
            for x in digits.strips(length, width)
        )


def test_the_digits_of_products_are_no_more_than_is_foreseen():
    """The largest entries of so many digits, as often as a product has terms."""
    terms, most = digits.MOST_TERMS, -(2**20) * (2**63 - 1) // (2**21 - 1)
    u = digits.limbs(np.full((terms, 1), most, dtype=object))
    row = digits.limbs(np.full((1, terms), most * 2**42, dtype=object))
    image = digits.times(row, u)  # each row of A U, A of 5 digits
    form = digits.times(digits.transposed(u), [np.repeat(x, terms, axis=0) for x in image])
    gram = digits.times(digits.transposed(u), u)
    assert len(form) + len(gram) <= len(row) + 4 * len(u) + exact.CARRIES


@pytest.mark.parametrize("bits", [3, 60, 200, 900])
def test_norms_of_digits_are_norms(bits):
    for seed in range(5):
        a = drawn((6, 6), bits, seed)
        upper, found = exact.norm_bound(a), exact.digits_norm(digits.limbs(a), a.shape)
        assert upper - 1 <= found <= upper + (upper >> 30) + 1
    assert exact.digits_norm([], (3, 3)) == 1


@pytest.mark.parametrize("power", [0, 300, 830])
def test_norms_of_sizes_neither_overflow_nor_vanish(power):
    ones = np.full((3, 4), 2.0**power)
    found = exact.norm_of_sizes(ones)
    assert 2**power * 12**0.5 <= found <= 2**power * 12**0.5 * (1 + 4e-12) + 2
    ones[:, 1:] = 0
    assert (found := exact.norm_of_sizes(ones)) >= 2**power * 3**0.5
    assert found <= 2**power * 3**0.5 * (1 + 4e-12) + 2
    line = np.full((1, 9000), 1.0)  # longer than the sums that are accounted for
    assert exact.digits_norm([line], line.shape) == exact.norm_bound(line.astype(int).astype(object))


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

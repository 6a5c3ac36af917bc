"""Where a node is smooth, to the last unit; and products, quotients and sums of balls, at their corners."""

import random
from fractions import Fraction
from itertools import product

import pytest

from relucert_audit.exact import TooWeak
from relucert_audit.expression import fixed, local
from relucert_audit.expression.fixed import Ball, between, objects
from relucert_audit.expression.graph import Node
from relucert_audit.interval import precision

P, ONE = 160, 1 << 160


def works(op, ends, order, moves=True, value=None):
    """Whether a node is found to be smooth (order 1), or defined (0), over intervals of units."""
    balls = [between(objects([a]), objects([b])) for a, b in ends]
    node = Node(op, tuple(range(len(ends))), value)
    with precision(P + 32):
        try:
            local.of(node, balls, moves, P, order)
        except local.Unproved:
            return False
    return True


# operation, arguments, whether it is smooth there, whether it is defined there
CASES = [
    *(("log", [(2, 4)], True, True), ("log", [(0, 2)], False, False), ("log", [(-2, 2)], False, False)),
    *(("sqrt", [(2, 4)], True, True), ("sqrt", [(0, 2)], False, True), ("sqrt", [(-2, 2)], False, False)),
    *(("asin", [(2 - ONE, ONE - 2)], True, True), ("asin", [(0, ONE)], False, True)),
    *(("asin", [(-ONE, 0)], False, True), ("asin", [(0, ONE + 2)], False, False)),
    *(("abs", [(2, 4)], True, True), ("abs", [(-4, -2)], True, True), ("abs", [(0, 2)], False, True)),
    *(("abs", [(-2, 0)], False, True), ("relu", [(2, 4)], True, True), ("relu", [(-4, -2)], True, True)),
    *(("relu", [(0, 2)], False, True), ("relu", [(-2, 0)], False, True), ("relu", [(-2, 2)], False, True)),
    *(("max", [(2, 4), (-2, 0)], True, True), ("max", [(-2, 0), (2, 4)], True, True)),
    *(("max", [(0, 4), (-2, 0)], False, True), ("max", [(0, 0), (0, 0)], False, True)),
    *(("div", [(2, 4), (ONE, ONE + 2)], True, True), ("div", [(2, 4), (-ONE, -2)], True, True)),
    *(("div", [(2, 4), (0, 2)], False, False), ("div", [(2, 4), (-2, 0)], False, False)),
]


@pytest.mark.parametrize(("op", "ends", "smooth", "defined"), CASES)
def test_domains(op, ends, smooth, defined):
    try:
        assert works(op, ends, 1) == smooth
    except TooWeak:  # so near to the edge that derivatives are too large
        assert smooth
    assert works(op, ends, 0) == defined


def test_negative_powers():
    for n in (-1, -2, -3):
        assert works("powi", [(ONE, ONE + 2)], 1, value=n)
        assert works("powi", [(-ONE, 2 - ONE)], 1, value=n)
        for ends in ((0, 2), (-2, 0), (-2, 2)):
            assert not works("powi", [ends], 1, value=n)
            assert not works("powi", [ends], 0, value=n)


def test_kinks_of_what_does_not_move():
    for op, ends in (("abs", [(-2, 2)]), ("relu", [(0, 2)]), ("max", [(0, 0), (0, 0)])):
        assert works(op, ends, 1, moves=False)


def contains(ball, x):
    return all(abs(x * ONE - int(m)) <= int(r) for m, r in zip(ball.mid, ball.rad, strict=True))


def test_products_and_quotients_at_corners():
    rng = random.Random(1)  # noqa: S311
    for _ in range(200):
        m, n = (rng.randint(-3 * ONE, 3 * ONE) for _ in range(2))
        r, s = (rng.randint(0, ONE >> rng.choice((0, 1, 20, 159))) for _ in range(2))
        a, b = Ball(objects([m]), objects([r])), Ball(objects([n]), objects([s]))
        found, total = fixed.times(a, b, P), fixed.add(a, b)
        for i, j in product((-1, 1), repeat=2):
            x, y = Fraction(m + i * r, ONE), Fraction(n + j * s, ONE)
            assert contains(found, x * y)
            assert contains(total, x + y)
        if abs(n) > s:
            quotient = fixed.inverse(b, P)
            assert all(contains(quotient, Fraction(ONE, n + j * s)) for j in (-1, 1))


def test_what_is_exact_stays_exact():
    half, three = Ball(objects([ONE >> 1]), objects([0])), Ball(objects([3 * ONE]), objects([0]))
    assert fixed.times(half, three, P) == (3 * ONE >> 1, 0)
    assert fixed.inverse(half, P) == (2 * ONE, 0)
    assert fixed.inverse(three, P).rad == 1


def test_matrices_at_corners():
    rng = random.Random(2)  # noqa: S311
    for bits in (1, 40, 170):

        def drawn(bits=bits):
            rad = objects([[rng.randint(0, 2**bits) for _ in range(4)] for _ in range(4)])
            return Ball(objects([[rng.randint(-(2**170), 2**170) for _ in range(4)] for _ in range(4)]), rad)

        a, b = drawn(), drawn()
        found = fixed.product(a, b)
        for i, j in product((-1, 1), repeat=2):
            x, y = a.mid + i * a.rad * sign(a.mid), b.mid + j * b.rad * sign(b.mid)
            assert (abs(x @ y - found.mid) <= found.rad).all()
        exact = abs(a.mid) @ b.rad + a.rad @ abs(b.mid) + a.rad @ b.rad
        assert (exact <= found.rad).all()
        assert (found.rad <= exact + exact.max() // 2**30 + 99).all()


def sign(x):
    return objects([[1 if y >= 0 else -1 for y in row] for row in x])

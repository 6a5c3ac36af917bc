"""Containment in the kernel of two vectors and its derivatives, however the vectors lie."""

from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from rationals import (
    BITS,
    MP,
    Truth,
    balls,
    contains,
    contains_matrix,
    exactly,
    pairs,
    relatives,
    some,
    vectors,
)

from relucert.kernel import arccos, ball
from relucert.kernel.ball import NotProved


@some
@given(pairs())
def test_length_direction_and_angle_of_vectors(pair):
    truth = Truth(*pair)
    with ball.precision(BITS):
        a, b = (arccos.vector(balls(row)) for row in pair)
        t = arccos.between(a, b)
        assert contains(a.length, truth.p)
        assert contains(b.length, truth.q)
        for vector, unit in zip((a, b), truth.units, strict=True):
            assert all(contains(x, y) for x, y in zip(vector.unit, unit, strict=True))
        assert contains(t.theta, truth.theta)
        assert contains(t.sin, truth.sin)
        assert contains(t.cos, truth.cos)
        e2 = [y - truth.cos * x for x, y in zip(*truth.units, strict=True)]
        assert all(contains(x, y) for x, y in zip(arccos.across(a, b, t), e2, strict=True))


@some
@given(pairs())
def test_kernel_and_its_gradient(pair):
    truth = Truth(*pair)
    with ball.precision(BITS):
        a, b = (arccos.vector(balls(row)) for row in pair)
        t = arccos.between(a, b)
        assert contains(arccos.kernel(a, b, t), truth.f())
        x, y = arccos.gradient_parts(b, t)
        assert contains(x, truth.q * truth.sin / (2 * MP.pi))
        assert contains(y, (MP.pi - truth.theta) / (2 * MP.pi))
        gradient = [x * u + y * e for u, e in zip(a.unit, b.entries, strict=True)]
        assert all(contains(g, s) for g, s in zip(gradient, truth.gradient(), strict=True))


@some
@given(pairs(), st.sampled_from([-1, 1]))
def test_second_derivatives_of_the_kernel(pair, sign):
    truth = Truth(*pair)
    with ball.precision(BITS):
        a, b = (arccos.vector(balls(row)) for row in pair)
        t = arccos.between(a, b)
        same = [[sign * x for x in row] for row in truth.same()]
        assert contains_matrix(arccos.same_block(a, [(sign, b, t)]), same)
        assert contains_matrix(arccos.mixed_block(a, b, t), truth.mixed())


@some
@given(st.integers(1, 3).flatmap(lambda d: vectors(d)), st.data())
def test_second_derivatives_summed_over_several_vectors(a, data):
    others = [(data.draw(st.sampled_from([-1, 1])), data.draw(relatives(a))) for _ in range(3)]
    blocks = [[[sign * x for x in row] for row in Truth(a, b).same()] for sign, b in others]
    total = [[sum(x) for x in zip(*rows, strict=True)] for rows in zip(*blocks, strict=True)]
    with ball.precision(BITS):
        w = arccos.vector(balls(a))
        met = [(sign, arccos.vector(balls(b))) for sign, b in others]
        enclosure = arccos.same_block(w, [(sign, b, arccos.between(w, b)) for sign, b in met])
        assert contains_matrix(enclosure, total)


@some
@given(pairs(), st.integers(0, 60), st.data())
def test_vectors_known_only_roughly(pair, accuracy, data):
    """Balls as entries: what is computed holds for every member, dividing or not."""
    truth = Truth(*pair)
    scale = Fraction(2) ** -accuracy
    blurred = []
    for row in (truth.a, truth.b):
        size = max(map(abs, row)) * scale / 64
        shifts = [size * Fraction(data.draw(st.integers(-8, 8)), 8) for _ in row]
        blurred.append([arb(exactly(x + y), exactly(size)) for x, y in zip(row, shifts, strict=True)])
    with ball.precision(BITS):
        try:
            a, b = map(arccos.vector, blurred)
        except NotProved:
            pytest.fail("the noise is small against the vector")
        t = arccos.between(a, b)
        assert contains(t.theta, truth.theta)
        assert contains(arccos.kernel(a, b, t), truth.f())
        assert contains_matrix(arccos.same_block(a, [(1, b, t)]), truth.same())
        assert contains_matrix(arccos.mixed_block(a, b, t), truth.mixed())


DIRECTIONS = [((1, 0),), ((3, 0), (4, 0)), ((1, 0), (0, 0), (0, 0)), ((1, -40), (-7, 3), (5, 40))]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("a", DIRECTIONS)
def test_parallel_vectors_do_not_divide_and_contain_the_limit(a, sign):
    b = tuple((3 * sign * m, e - 5) for m, e in a)
    with ball.precision(BITS):
        w, v = arccos.vector(balls(a)), arccos.vector(balls(b))
        t = arccos.between(w, v)
        assert not arccos.divides(t)
        same, mixed = arccos.same_block(w, [(1, v, t)]), arccos.mixed_block(w, v, t)
    d = range(len(a))
    assert contains_matrix(same, [[Fraction(0) for _ in d] for _ in d])
    limit = [[Fraction(i == j, 2 if sign > 0 else 1) * (sign > 0) for j in d] for i in d]
    assert contains_matrix(mixed, limit)


@some
@given(pairs())
def test_dividing_means_that_the_sine_is_positive(pair):
    with ball.precision(32):
        a, b = (arccos.vector(balls(row)) for row in pair)
        t = arccos.between(a, b)
        if arccos.divides(t):
            assert ball.proves_positive(t.sin)
            assert not Truth(*pair).parallel


@pytest.mark.parametrize(
    "entries", [[arb(0)], [arb(0), arb(0)], [arb(1, 2)], [arb.nan()], [arb("inf"), arb(1)]]
)
def test_vectors_that_may_be_0_are_refused_and_infinite_ones_prove_nothing(entries):
    try:
        vector = arccos.vector(entries)
    except NotProved:
        return
    assert not all(map(arb.is_finite, vector.unit))

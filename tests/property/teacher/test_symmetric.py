"""Symmetric points: what the classes say is what the dense kernel says of the whole point.

For small k every matrix is also assembled in full. For large k the truth is a point whose loss is known.
"""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from relucert.families.teacher.search import guess
from relucert.kernel import arccos, ball, spectrum
from relucert.kernel.ball import BallMatrix, NotProved
from relucert.kernel.teacher import lipschitz, loss, symmetric, symmetric_facts, symmetric_inertia

BITS = 128
MP = mpmath.mp.clone()
MP.prec = 1200
STEP = Fraction(1, 2**300)  # of difference quotients; they are off by about as much, times k^2
few = settings(derandomize=True, deadline=None, max_examples=25)
dyadics = st.builds(lambda m, e: (m, e), st.integers(-(10**4), 10**4), st.integers(-16, -10))


def full(sizes, values, extra):
    """All neurons as rows, and all targets."""
    classes = [c for c, p in enumerate(sizes) for _ in range(p)]
    m, k = len(sizes), len(classes)
    rows = [
        [
            values[a][a] if i == j else values[a][m] if classes[i] == a else values[classes[i]][a]
            for i in range(k)
        ]
        for j, a in enumerate(classes)
    ]
    rows += [[neuron[c] for c in classes] for neuron in extra]
    return rows, [[(int(i == j), 0) for i in range(k)] for j in range(k)]


@st.composite
def symmetric_points(draw, most=12):
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4).filter(lambda p: sum(p) <= most))
    m = len(sizes)
    row = st.lists(dyadics, min_size=m, max_size=m)
    values = [[*draw(row), draw(dyadics)] for _ in range(m)]
    extra = draw(st.lists(row, max_size=2))
    if extra and draw(st.booleans()):
        extra.append(extra[0])  # parallel
    rows, _ = full(sizes, values, extra)
    assume(all(any(x for x, _ in neuron) for neuron in rows))
    return sizes, values, extra


def eigen(matrix):
    return spectrum.Eigen(*guess.eigen([[float(x) for x in row] for row in matrix.tolist()]))


def meets(enclosures, others):
    return all(any(x.overlaps(y) for y in others) for x in enclosures)


def dense_spectrum(matrix):
    return spectrum.spectrum(matrix, eigen(matrix)).values


def outside(geometry):
    """M of docs/theorem/teacher.md section 7 in full."""
    n = len(geometry.neurons)
    rows = [[arb(i == j) / 2 for j in range(n)] for i in range(n)]
    for i, w in enumerate(geometry.neurons):
        for z, t in enumerate(geometry.angles[i]):
            if t is None:
                continue
            other = (*geometry.neurons, *geometry.targets)[z]
            rows[i][i] += (1 if z < n else -1) * other.length * t.sin / (2 * arb.pi() * w.length)
            if z < n:
                rows[i][z] = (arb.pi() - t.theta) / (2 * arb.pi())
    return BallMatrix(rows)


@few
@given(symmetric_points())
def test_loss_gradient_and_lipschitz_constant_are_those_of_the_whole_point(data):
    with ball.precision(BITS):
        whole = loss.geometry(*full(*data))
        at = symmetric.reduced(symmetric.point(*data))
        for short, long in (
            (symmetric.objective(at), loss.objective(whole)),
            (ball.norm(symmetric.gradient(at)), ball.norm(loss.gradient(whole))),
        ):
            assert short.overlaps(long)
            assert float((short - long).abs_upper()) < 1e-30
        kinds = at.point.kinds
        sizes = symmetric_facts.lengths(at.point)
        every = [length for length, p in zip(sizes, kinds, strict=True) for _ in range(p)]
        for a, w in zip(every, whole.neurons, strict=True):
            assert a.overlaps(w.length)
        radius = ball.lower(ball.smallest(every) / 8)
        targets = [v.length for v in whole.targets]
        short = lipschitz.theorem_b_of_classes(sizes, kinds, sum(targets, arb(0)), radius)
        long = lipschitz.theorem_b([w.length for w in whole.neurons], targets, radius)
        assert abs(float(short / long) - 1) < 1e-15
        if not data[2]:
            away = loss.distance(*full(*data))
            assert abs(float(symmetric_facts.to_identity(at) - away)) <= 1e-30


@few
@given(symmetric_points())
def test_the_markings_give_every_eigenvalue_and_no_other(data):
    """Theorem F, both ways, and M."""
    with ball.precision(BITS):
        whole = loss.geometry(*full(*data))
        point = symmetric.point(*data)
        measured = symmetric_facts.measure(point, eigen)
        for short, long in (
            (measured.inside.values, dense_spectrum(loss.hessian(whole))),
            (measured.outside.values, dense_spectrum(outside(whole))),
        ):
            assert meets(short, long)
            assert meets(long, short)
            assert short[0].overlaps(long[0])
            assert short[-1].overlaps(long[-1])
            assert all(float(x.rad()) < 1e-9 for x in (*short, *long))


@few
@given(symmetric_points(most=9))
def test_eigenvalues_are_counted_as_often_as_the_whole_hessian_has_them(data):
    """Theorem F2."""
    with ball.precision(BITS):
        dense = loss.hessian(loss.geometry(*full(*data)))
        signs = spectrum.signs(spectrum.spectrum(dense, eigen(dense)))
        assume(signs is not None)
        assert symmetric_inertia.inertia(symmetric.point(*data), eigen) == signs


@few
@given(symmetric_points(most=9), st.data())
def test_eigenvalues_are_counted_on_either_side_of_any_number(data, more):
    """The same for H - x I with x between two eigenvalues: every part of the decomposition matters."""
    with ball.precision(BITS):
        dense = loss.hessian(loss.geometry(*full(*data)))
        values = [float(x) for x in spectrum.spectrum(dense, eigen(dense)).values]
        gaps = [i for i in range(1, len(values)) if values[i] - values[i - 1] > 1e-6]
        assume(gaps)
        i = more.draw(st.sampled_from(gaps))
        middle = arb((values[i] + values[i - 1]) / 2)

        def shifted(matrix):
            rows = matrix.tolist()
            return BallMatrix(
                [[x - middle * (p == q) for q, x in enumerate(row)] for p, row in enumerate(rows)]
            )

        plain = symmetric.hessian
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(symmetric, "hessian", lambda at: shifted(plain(at)))
            assert symmetric_inertia.inertia(symmetric.point(*data), eigen) == (i, len(values) - i)


def test_a_sign_that_is_not_known_leaves_the_inertia_open():
    with pytest.MonkeyPatch.context() as patch, ball.precision(BITS):
        patch.setattr(symmetric, "hessian", lambda at: BallMatrix([[arb(0)]]))
        at = symmetric.point([1], [[(1, 0), (0, 0)]])
        assert symmetric_inertia.inertia(at, lambda _: spectrum.Eigen([[1.0]], [0.0])) is None


@few
@given(symmetric_points(most=7))
def test_the_reduced_hessian_is_the_restriction_of_the_whole_one(data):
    """U^T H U with the unit vectors of the orbits, for every marking; also H U = U (U^T H U)."""
    sizes, values, extra = data
    with ball.precision(BITS):
        for marks in symmetric.markings(sizes):
            at = symmetric.reduced(symmetric.marked(symmetric.point(*data), marks))
            order = [
                c for c in range(len(sizes)) for _ in range(marks.count(c) + (sizes[c] > marks.count(c)))
            ]
            finer = [[values[c][a] for a in order] for c in order]
            for i, c in enumerate(order):
                finer[i] = [
                    values[c][len(sizes)] if order[j] == c and i != j else x for j, x in enumerate(finer[i])
                ]
                finer[i].append(values[c][len(sizes)])
            parts = at.point.sizes
            more = [[neuron[c] for c in order] for neuron in extra]
            whole = loss.geometry(*full(parts, finer, more))
            columns = unit_vectors(at)
            hessian = loss.hessian(whole)
            short = symmetric.hessian(at)
            image = hessian * columns
            assert (columns.transpose() * image).overlaps(short)
            assert image.overlaps(columns * short)
            slope = BallMatrix(len(at.orbits), 1, symmetric.gradient(at))
            long = loss.gradient(whole)
            assert (columns * slope).overlaps(BallMatrix(len(long), 1, long))


def unit_vectors(at):
    """The matrix with the columns 1_O / sqrt|O|."""
    classes = [c for c, p in enumerate(at.point.sizes) for _ in range(p)]
    kinds = [a for a, p in enumerate(at.point.kinds) for _ in range(p)]
    index = {orbit.place: i for i, orbit in enumerate(at.orbits)}
    rows = []
    for j, a in enumerate(kinds):
        for i, c in enumerate(classes):
            o = index[c, a, c == a and i != j]
            rows.append([arb(q == o) / arb(at.orbits[o].size).sqrt() for q in range(len(at.orbits))])
    return BallMatrix(rows)


def test_orbits_have_as_many_entries_as_there_are():
    for sizes, extra in (([1], 0), ([3, 1, 4], 2), ([10**12, 7], 1)):
        m = len(sizes)
        one = [[(i + 2 * j + 1, 0) for j in range(m + 1)] for i in range(m)]
        more = [[(1, 0)] * m] * extra
        with ball.precision(200):
            at = symmetric.reduced(symmetric.point(sizes, one, more))
        k = sum(sizes)
        assert sum(o.size for o in at.orbits) == k * (k + extra)
        pairs = sum(x.number for x in at.meetings if x.sign > 0)
        assert pairs == (k + extra) * (k + extra - 1) // 2
        assert sum(x.number for x in at.meetings if x.sign < 0) == (k + extra) * k


@pytest.mark.parametrize("k", [2, 10**3, 10**9, 10**12])
def test_the_targets_themselves_are_a_minimum_at_any_k(k):
    """F = 0, grad F = 0, lambda_min = 1/4 - 1/(2 pi): docs/theorem/teacher.md section 7."""
    with ball.precision(96 + 4 * k.bit_length()):
        at = symmetric.reduced(symmetric.point([k], [[(1, 0), (0, 0)]]))
        assert symmetric.objective(at).contains(0)
        assert float(symmetric.objective(at).abs_upper()) < 1e-20
        assert all(x.contains(0) for x in symmetric.gradient(at))
        values = symmetric_facts.measure(symmetric.point([k], [[(1, 0), (0, 0)]]), eigen).inside.values
        assert float(values[0]) == pytest.approx(1 / 4 - 1 / (2 * np.pi), abs=1e-15 * k + 1e-12)


def test_which_marks_are_needed():
    assert symmetric.markings([1]) == [()]
    assert symmetric.markings([1, 1]) == [()]
    assert symmetric.markings([2, 1]) == [(0, 0)]
    assert symmetric.markings([3, 1, 2]) == [(0, 0), (2, 2), (0, 2)]
    with ball.precision(64):
        at = symmetric.point([3, 1, 2], [[(10 * i + j, 0) for j in range(4)] for i in range(3)])
        assert symmetric.marked(at, (0, 0)).sizes == (1, 1, 1, 1, 2)
        assert symmetric.marked(at, (0, 2)).sizes == (1, 2, 1, 1, 1)
        assert symmetric.marked(at, ()) == at
        assert symmetric.refined(at, [(0, 2), (0, 1), (1, 1), (2, 2)]).sizes == (2, 1, 1, 2)
        for parts in ([], [(0, 3), (1, 1)], [(0, 3), (1, 1), (2, 1)], [(0, 4), (1, 1), (2, 2)]):
            with pytest.raises(ValueError, match="do not make up"):
                symmetric.refined(at, parts)


@pytest.mark.parametrize(
    ("sizes", "values", "extra"),
    [
        ([], [], []),
        ([0], [[(1, 0), (0, 0)]], []),
        ([1], [[(1, 0)]], []),
        ([1], [[(1, 0), (0, 0)]] * 2, []),
        ([1], [[(1, 0), (0, 0)]], [[]]),
    ],
)
def test_what_does_not_fit_together_is_refused(sizes, values, extra):
    with pytest.raises(ValueError, match="expected"):
        symmetric.point(sizes, values, extra)


def test_a_neuron_at_the_origin_is_refused():
    with pytest.raises(NotProved):
        symmetric.reduced(symmetric.point([4], [[(0, 0), (0, 0)]]))


def test_parallel_neurons_have_the_hessian_of_the_limit():
    """With one class two extra neurons are parallel: nothing is divided by the sine of their angle."""
    with ball.precision(BITS):
        at = symmetric.reduced(symmetric.point([5], [[(1, 0), (1, -3)]], [[(1, 0)], [(3, 0)]]))
        pair = next(x for x in at.meetings if x.kinds == (1, 2))
        assert not arccos.divides(pair.angle)
        assert all(x.is_finite() and float(x.rad()) < 1e-25 for x in symmetric.hessian(at).entries())


def test_an_unknown_sign_leaves_no_inverse():
    flat = spectrum.spectrum(BallMatrix([[arb(0)]]), spectrum.Eigen([[1.0]], [0.0]))
    assert not symmetric_facts.union([flat]).inverse.size.is_finite()


class Direct:
    """F at a symmetric point from scalar products alone, polynomials in the sizes and the values."""

    def __init__(self, at):
        self.sizes, self.extras = at.point.sizes, len(at.point.kinds) - len(at.point.sizes)
        self.places = [orbit.place for orbit in at.orbits]
        self.orbit_sizes = [orbit.size for orbit in at.orbits]
        self.start = [fraction(orbit.value) for orbit in at.orbits]

    def loss(self, shifts=()):
        """With `shifts` added to values, given as (orbit, number)."""
        values = list(self.start)
        for orbit, x in shifts:
            values[orbit] += x
        table = dict(zip(self.places, values, strict=True))
        p, m = self.sizes, len(self.sizes)

        def v(c, a):
            return table[c, a, False]

        def rest(a, b, *without):
            return sum(p[c] * v(c, a) * v(c, b) for c in range(m) if c not in without)

        inside = [table.get((a, a, True), Fraction(0)) for a in range(m)]
        total = [v(a, a) + (p[a] - 1) * inside[a] for a in range(m)]
        length = [v(a, a) ** 2 + (p[a] - 1) * inside[a] ** 2 + rest(a, a, a) for a in range(m)]
        length += [rest(m + x, m + x) for x in range(self.extras)]
        one = Fraction(1)
        k = sum(p)
        result = MP.mpf(k) / 4 + MP.mpf(k * (k - 1)) / (4 * MP.pi)
        for a in range(m + self.extras):
            number = p[a] if a < m else 1
            result += real(number * length[a]) / 4
            if a < m and number > 1:
                product = 2 * v(a, a) * inside[a] + (number - 2) * inside[a] ** 2 + rest(a, a, a)
                result += number * (number - 1) // 2 * f(length[a], length[a], product)
                result -= number * (number - 1) * f(length[a], one, inside[a])
            for c in range(m):
                result -= number * (1 if a == c else p[c]) * f(length[a], one, v(c, a))
            for b in range(a):
                if b >= m:
                    product = rest(a, b)
                elif a >= m:
                    product = total[b] * v(b, a) + rest(a, b, b)
                else:
                    product = total[b] * v(b, a) + total[a] * v(a, b) + rest(a, b, a, b)
                result += number * (p[b] if b < m else 1) * f(length[a], length[b], product)
        return result


def fraction(point):
    mantissa, exponent = ball.to_dyadic(point)
    return mantissa * Fraction(2) ** exponent


def real(x):
    return MP.mpf(x.numerator) / x.denominator


def f(aa, bb, ab):
    """The kernel from |a|^2, |b|^2 and a.b."""
    turned = MP.sqrt(real(aa * bb - ab * ab))
    return (turned + (MP.pi - MP.atan2(turned, real(ab))) * real(ab)) / (2 * MP.pi)


def near(enclosure, truth, slack):
    """Whether a ball of small radius contains a truth that is known up to slack."""
    width = arb(0, slack)
    return enclosure.overlaps(arb((int(MP.floor(truth * 2**400)), -400)) + width)


@pytest.mark.parametrize(
    ("sizes", "extra"),
    [([1], 0), ([2], 1), ([10**12], 0), ([10**12], 1), ([1, 1, 10**12 - 2], 0), ([1, 10**6, 3], 1)],
)
def test_derivatives_are_difference_quotients_of_the_loss_from_scalar_products(sizes, extra):
    k = sum(sizes)

    def value(i, j):
        """Off the diagonal of the order 1/k, so that no neuron is larger than its targets."""
        return ((-1) ** i * (3 + 5 * i + 7 * j), -4 if i == j else -8 - k.bit_length())

    m = len(sizes)
    values = [[value(i, j) for j in range(m + 1)] for i in range(m)]
    more = [[(3 + 2 * i + j, -6) for i in range(m)] for j in range(extra)]
    bits = 128 + 4 * k.bit_length()
    with ball.precision(bits):
        at = symmetric.reduced(symmetric.point(sizes, values, more))
        objective, gradient = symmetric.objective(at), symmetric.gradient(at)
        hessian = symmetric.hessian(at).tolist()
    direct = Direct(at)
    roots = [MP.sqrt(size) for size in direct.orbit_sizes]
    step = real(STEP)
    with ball.precision(500):
        for result in (objective, *gradient, *(x for row in hessian for x in row)):
            assert result.is_finite()
            assert float(result.rad()) < 2.0**-100
        assert near(objective, direct.loss(), 2.0**-380)
        for i, slope in enumerate(gradient):
            sides = [direct.loss([(i, sign * STEP)]) for sign in (1, -1)]
            assert near(slope, (sides[0] - sides[1]) / (2 * step * roots[i]), 2.0**-200)
            for j, bend in enumerate(hessian[i][: i + 1]):
                sides = [
                    direct.loss([(i, a * STEP), (j, b * STEP)])
                    for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))
                ]
                quotient = (sides[0] - sides[1] - sides[2] + sides[3]) / (4 * step * step)
                assert near(bend, quotient / (roots[i] * roots[j]), 2.0**-200)
                assert bend.overlaps(hessian[j][i])

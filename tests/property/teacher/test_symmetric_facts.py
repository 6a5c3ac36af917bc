"""What the theorems are told about a symmetric point, and what is concluded with its inertia."""

import numpy as np
import pytest
from flint import arb
from test_robust import SIX
from test_symmetric import eigen, full
from test_symmetric import outside as dense_outside

from relucert.kernel import ball
from relucert.kernel.teacher import loss, symmetric, symmetric_facts, symmetric_inertia

SADDLE = ([1, 1], [[-0.0683098861837908, 1.0683098861837907, 0.0]] * 2, [])
# classes of 5 and 1, as SIX; of the same numbers, 5 and an extra neuron that is 0 at no place
MINIMUM = ([5, 1], [[SIX[0, 0], SIX[5, 0], SIX[0, 1]], [SIX[0, 5], SIX[5, 5], 0.0]], [])
EXTRA = ([5], [[1.0, 0.0]], [[0.25]])


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(128):
        yield


def measured(sizes, values, extra, constants="simple"):
    values, extra = (
        [[ball.to_dyadic(ball.exact_float(float(x))) for x in row] for row in some]
        for some in (values, extra)
    )
    return symmetric_facts.measure(symmetric.point(sizes, values, extra), eigen, constants)


def test_facts_are_those_of_the_whole_point():
    of = measured(*MINIMUM)
    radius = arb(1) / 1024
    for every in (True, False):
        at = symmetric_facts.facts(of, radius, every_dimension=every)
        assert (at.n, at.k, at.domain) == (6, 6, radius)
        assert (at.outside is of.outside) == every
        assert (at.outside is None) == (not every)
        assert at.spectrum is of.inside
        assert at.lipschitz_safran_shamir is None
        assert float(at.to_global) == pytest.approx(np.linalg.norm(SIX - np.eye(6)), rel=1e-12)
        lengths = np.linalg.norm(SIX, axis=1)
        assert [float(x) for x in at.neurons] == pytest.approx([lengths[0], lengths[5]], rel=1e-12)
        assert [float(x) for x in at.targets] == [1.0]
        # X is the exact inverse: |X grad F| <= |grad F| / min |lambda|
        least = min(abs(float(x)) for x in of.inside.values)
        assert float(at.correction) == pytest.approx(float(of.gradient.upper()) / least, rel=1e-6)
        assert at.objective is of.objective
        assert at.gradient is of.gradient


def test_the_smaller_of_two_constants_is_taken():
    radius, values = arb(1) / 1024, []
    for constants in ("simple", "sharp"):
        of = measured(*MINIMUM, constants=constants)
        assert (of.shape is None) == (constants == "simple")
        values.append(symmetric_facts.facts(of, radius, every_dimension=True).lipschitz)
    assert ball.proves_lt(2 * values[1], values[0])
    # near the length of the shortest neuron the sharp one is larger, and not taken
    wide = ball.lower(ball.smallest(of.lengths) * (1 - arb(2) ** -20))
    simple, smaller = (
        symmetric_facts.facts(x, wide, every_dimension=True).lipschitz for x in (measured(*MINIMUM), of)
    )
    assert ball.proves_le(smaller, simple)


def test_the_distance_to_the_targets_needs_as_many_neurons():
    at = symmetric_facts.facts(measured(*EXTRA), arb(1) / 1024, every_dimension=True)
    assert (at.n, at.k, at.to_global) == (6, 5, None)


@pytest.mark.parametrize("inertia", [(1, 3), (2, 2)])
def test_the_inertia_of_a_saddle_is_the_one_counted(inertia):
    at = symmetric_facts.facts(measured(*SADDLE), arb(1) / 2**20, every_dimension=False)
    outcome = symmetric_facts.decide(at, lambda: inertia)
    assert (outcome.verdict, outcome.bounds.inertia) == ("strict-saddle", inertia)
    open_ = symmetric_facts.decide(at, lambda: None)
    assert (open_.verdict, open_.reason) == ("inconclusive", "the inertia is not proved")
    assert open_.bounds._replace(inertia=inertia) == outcome.bounds
    assert open_.arguments == outcome.arguments


def test_a_minimum_has_only_positive_eigenvalues_and_nothing_is_counted():
    def count():
        raise AssertionError("not needed")

    targets = ([3], [[1.0, 0.0]], [])
    for point, verdict, size in ((MINIMUM, "spurious-minimum", 36), (targets, "global-minimum", 9)):
        at = symmetric_facts.facts(measured(*point), arb(1) / 2**12, every_dimension=True)
        outcome = symmetric_facts.decide(at, count)
        assert (outcome.verdict, outcome.bounds.inertia) == (verdict, (0, size))


def test_what_is_open_has_no_inertia():
    """Off by 1/8 from the targets, where no radius of 2^-20 is enough."""
    at = symmetric_facts.facts(measured([3], [[1.125, 0.0]], []), arb(1) / 2**20, every_dimension=False)
    outcome = symmetric_facts.decide(at, lambda: (4, 5))
    assert (outcome.verdict, outcome.bounds.inertia) == ("inconclusive", None)


def tenths(*rows):
    return [[round(x * 1024) / 1024 for x in row] for row in rows]


# points with eigenvalues of both signs, in classes of 1 to 5 and with extra neurons
INDEFINITE = [
    ([2], tenths((0.1, -0.3)), []),
    ([3], tenths((0.2, 0.15)), []),
    ([4], tenths((-0.1, 0.2)), tenths((0.05,))),
    ([5], tenths((0.3, -0.1)), tenths((-0.1,), (0.2,))),
    ([4, 2], tenths((0.1, 0.2, -0.15), (-0.1, 0.05, 0.3)), []),
    ([3, 3], tenths((0.3, -0.1, 0.1), (0.2, 0.1, -0.2)), tenths((0.1, -0.3))),
    ([4, 1, 2], tenths((0.1, 0.3, 0.2, -0.1), (0.2, -0.2, 0.1, 0.0), (-0.1, 0.1, 0.15, 0.3)), []),
    ([5, 4], tenths((0.05, 0.2, 0.1), (-0.15, 0.1, 0.05)), []),
]


def parts(sizes, values, extra):
    return sizes, *(
        [[ball.to_dyadic(ball.exact_float(x)) for x in row] for row in some] for some in (values, extra)
    )


def floats(matrix):
    return np.array([[float(x) for x in row] for row in matrix.tolist()])


@pytest.mark.parametrize("case", INDEFINITE, ids=lambda case: str(case[0]))
def test_the_inertia_is_that_of_the_whole_hessian(case):
    data = parts(*case)
    values = np.linalg.eigvalsh(floats(loss.hessian(loss.geometry(*full(*data)))))
    assert np.abs(values).min() > 1e-6
    assert values[0] < 0 < values[-1]
    expected = (int((values < 0).sum()), int((values > 0).sum()))
    found = symmetric_inertia.inertia(symmetric.point(*data), eigen)
    assert found == expected
    assert [type(x) for x in found] == [int, int]


@pytest.mark.parametrize("case", INDEFINITE, ids=lambda case: str(case[0]))
def test_m_has_the_eigenvalues_of_the_whole_m(case):
    """Those of the common part once, and one more for each class of 2 or more, as often as its size less 1."""
    data = parts(*case)
    true = np.linalg.eigvalsh(floats(dense_outside(loss.geometry(*full(*data)))))
    common, single = symmetric_facts.outside(symmetric.reduced(symmetric.point(*data)))
    large = [p for p in case[0] if p > 1]
    found = [*np.linalg.eigvalsh(floats(common))]
    found += [float(x) for x, p in zip(single, large, strict=True) for _ in range(p - 1)]
    assert sorted(found) == pytest.approx(true.tolist(), abs=1e-12)

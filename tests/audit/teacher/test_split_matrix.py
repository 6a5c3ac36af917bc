"""S_i and psi: as the Hessian's blocks, as Euler's identity, on classes as in full; and what a split adds."""

import itertools
import random

import numpy as np
import pytest
from test_symmetric_checker import in_full, random_point, rows

from relucert_audit.format import Number
from relucert_audit.interval import dyadic, enclosure, precision, proves_le, to_fixed
from relucert_audit.teacher.loss import Landscape
from relucert_audit.teacher.split import across, across_symmetric, psi, psi_symmetric
from relucert_audit.teacher.symmetric import Classes, SymmetricLandscape
from relucert_audit.teacher.wider import eigenvalue

BITS = 160
CASES = [([2], 0), ([3], 2), ([6], 0), ([1, 5], 1), ([2, 2], 2), ([1, 1, 3], 0), ([2, 1, 3], 2), ([1, 1], 1)]


@pytest.fixture(autouse=True)
def precise():
    with precision(BITS + 32):
        yield


def ends(x):
    return tuple(float(end.mid) for end in (x.a, x.b))


def near(x, value, tolerance=1e-12):
    low, high = ends(x)
    return high - low < 1e-12 * (1 + abs(value)) and abs(low - value) < tolerance * (1 + abs(value))


def points():
    rng, found = random.Random(18), []  # noqa: S311 -- no secret
    for n, k, d in ((1, 1, 2), (2, 3, 2), (3, 2, 4), (5, 5, 5), (4, 6, 3)):
        every = [[rng.gauss(0, 1) for _ in range(d)] for _ in range(n + k)]
        if n > 1:
            every[1] = [-2 * x for x in every[0]]  # antiparallel
            every[n] = [4 * x for x in every[0]]  # a target parallel to both
        found.append(Landscape(rows(every[:n]), rows(every[n:]), BITS))
    return [*found, Landscape(rows([[1.0, 0.0, 0.0]]), rows([[3.0, 0.0, 0.0]]), BITS)]  # S = 0 of the last


@pytest.mark.parametrize("place", range(6))
def test_it_is_a_block_of_the_hessian_less_half_the_identity(place):
    loss = points()[place]
    h = loss.hessian
    full = h.mantissa.astype(float) * 2.0**h.exponent
    for i in range(loss.n):
        block = full[i * loss.d : (i + 1) * loss.d, i * loss.d : (i + 1) * loss.d] - np.eye(loss.d) / 2
        w = np.array([float(x) for x in loss.rows[i]])
        assert np.abs(block @ w).max() < 1e-12 * np.abs(w).max()
        basis = np.linalg.svd(w[None])[2][1:]
        expected, found = np.linalg.eigvalsh(basis @ block @ basis.T), across(loss, i)
        assert near(found.smallest, expected[0])
        assert near(found.largest, expected[-1])


@pytest.mark.parametrize("place", range(6))
def test_a_neuron_at_the_origin_and_eulers_identity(place):
    """sum psi(v_j) = <grad F(W), W> - 2 F(W), at every W (18.3)."""
    loss = points()[place]
    gradient = loss.gradient
    along = int(gradient.mid @ loss.rows[: loss.n].reshape(-1))
    expected = float(dyadic(along, gradient.exponent + loss.exponent).mid) - 2 * float(loss.objective.mid)
    assert near(sum((psi(loss, j) for j in range(loss.k)), dyadic(0, 0)), expected)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_on_classes_as_in_full(case):
    sizes, values, extra = random_point(random.Random(str(case)), *case)  # noqa: S311 -- no secret
    short = SymmetricLandscape(Classes(sizes, rows(values), rows(extra)), BITS)
    full = Landscape(rows(in_full(sizes, values, extra)), rows(np.eye(sum(sizes)).tolist()), BITS)
    first = list(itertools.accumulate([0, *sizes]))
    for kind in range(len(sizes) + len(extra)):
        i = first[kind] if kind < len(sizes) else sum(sizes) + kind - len(sizes)
        mine, theirs = across_symmetric(short, kind), across(full, i)
        assert near(mine.smallest, float(theirs.smallest.mid))
        assert near(mine.largest, float(theirs.largest.mid))
    for a in range(len(sizes)):
        assert near(psi_symmetric(short, a), float(psi(full, first[a]).mid))


class Claim:
    """What `eigenvalue` reads: L r = 1/8, and a claimed number."""

    def __init__(self):
        one, eighth = Number((1, 0), "1", "upper"), Number((1, -3), "0.125", "upper")
        self.bounds = {"lipschitz.value": one, "existence_radius": eighth}


@pytest.mark.parametrize(
    ("verdict", "least", "claimed", "result"),
    [  # in eighths; L r is one of them
        ("strict-saddle", -5, -4, None),
        ("strict-saddle", -4, -4, "not-confirmed"),
        ("strict-saddle", -3, -4, "not-confirmed"),
        ("strict-saddle", -2, -4, "rejected"),
        ("strict-saddle", 7, -1, "not-confirmed"),  # 0 is the smallest eigenvalue
        ("strict-saddle", 7, -2, "rejected"),
        ("degenerate-minimum", 5, 4, None),
        ("degenerate-minimum", 4, 4, "not-confirmed"),
        ("degenerate-minimum", 3, 4, "not-confirmed"),
        ("degenerate-minimum", 2, 4, "rejected"),
        ("degenerate-minimum", -7, 1, "not-confirmed"),  # the second smallest is 0 or below
        ("degenerate-minimum", -7, 2, "rejected"),
    ],
)
def test_a_verdict_is_proved_refuted_or_neither(verdict, least, claimed, result):
    found = list(eigenvalue(Claim(), "x", verdict, dyadic(least, -3), dyadic(claimed, -3)))
    assert [x.result for x in found] == ([result] if result else [])
    wide = enclosure(least - 16, least + 16, -3)
    (open_end,) = eigenvalue(Claim(), "x", verdict, wide, dyadic(claimed, -3))
    assert open_end.result == "not-confirmed"


def test_enclosures_contain_the_truth_at_lower_precision():
    """What is found with 64 bits contains what is found with 160."""
    for fine in points():
        coarse = Landscape.__new__(Landscape)
        coarse.__dict__.update(fine.__dict__ | {"bits": 64, "_pairs": {}})
        for i in range(fine.n):
            rough, sharp = across(coarse, i), across(fine, i)
            for name in ("smallest", "largest"):
                outer, inner = getattr(rough, name), getattr(sharp, name)
                assert proves_le(outer.a, inner.b)
                assert proves_le(inner.a, outer.b)
                assert to_fixed(outer, 40)[1] < 4  # 2^-38: not because it is wide

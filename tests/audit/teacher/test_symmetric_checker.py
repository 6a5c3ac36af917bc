"""Symmetric points: what the checker finds on classes is what it finds with all entries, at any size."""

import json
import math
import random
from collections import Counter
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from certificates import audit, changed, member, number
from certificates import exact as exact_value

from relucert.kernel import ball, norms
from relucert.kernel.teacher import sharp
from relucert.kernel.teacher import symmetric as kernel
from relucert.kernel.teacher.symmetric_sharp import shape
from relucert_audit.check import read
from relucert_audit.exact import Spectrum
from relucert_audit.families import methods
from relucert_audit.format import LIMIT, Dyadic, Refusal
from relucert_audit.interval import dyadic, precision, proves_le, proves_lt
from relucert_audit.teacher import sharp as in_full_sharp
from relucert_audit.teacher import symmetric, symmetric_sharp
from relucert_audit.teacher.loss import Landscape
from relucert_audit.teacher.symmetric import Classes, SymmetricLandscape
from relucert_audit.teacher.symmetric_numbers import SymmetricNumbers

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
BITS = 160


def exact(x):
    numerator, denominator = float(x).as_integer_ratio()
    return Dyadic(numerator, 1 - denominator.bit_length()) if x else Dyadic(0, 0)


def rows(values):
    return [[exact(x) for x in row] for row in values]


def in_full(sizes, values, extra):
    """All rows of the point, written down from section 3a of the format."""
    home, m = [c for c, p in enumerate(sizes) for _ in range(p)], len(sizes)
    point = []
    for j, a in enumerate(home):
        point.append([values[a][m] if c == a else values[c][a] for c in home])
        point[-1][j] = values[a][a]
    return point + [[row[c] for c in home] for row in extra]


def draws(seed):
    return random.Random(seed)  # noqa: S311 -- no secret


def random_point(rng, sizes, more):
    m = len(sizes)
    values = [[rng.gauss(0, 1) for _ in range(m + 1)] for _ in range(m)]
    for p, row in zip(sizes, values, strict=True):
        row[m] = row[m] if p > 1 else 0.0
    extra = [[rng.gauss(0, 1) for _ in range(m)] for _ in range(more)]
    if more > 1:
        extra[1] = [-2 * x for x in extra[0]]  # antiparallel, exactly
    return sizes, values, extra


CASES = [([1], 0), ([2], 0), ([3], 2), ([6], 0), ([1, 5], 1), ([2, 2], 2), ([2, 3], 0), ([1, 1, 3], 0)]
CASES += [([3, 4, 1], 1), ([2, 1, 3], 2), ([1, 2, 2, 3], 0), ([1, 1, 1, 1], 1), ([4, 4], 0)]


@pytest.fixture(params=CASES, ids=str)
def pair(request):
    """A random point on classes, and with all its entries."""
    sizes, more = request.param
    sizes, values, extra = random_point(draws(str(request.param)), sizes, more)
    with precision(BITS + 32):
        short = SymmetricLandscape(Classes(sizes, rows(values), rows(extra)), BITS)
        full = Landscape(rows(in_full(sizes, values, extra)), rows(np.eye(sum(sizes)).tolist()), BITS)
        yield short, full


def floats(h):
    return h.mantissa.astype(float) * 2.0**h.exponent


def meet(a, b):
    return not proves_lt(a, b) and not proves_lt(b, a)


def test_values_are_those_of_the_point_in_full(pair):
    short, full = pair
    radius = Dyadic(1, -10)
    pairs = [(short.objective, full.objective), (short.eps, full.gradient.norm)]
    for a, b in [*pairs, (short.lipschitz(radius), full.lipschitz(radius))]:
        assert meet(a, b)
        assert float(a.delta.b) < 1e-40
    assert min(short.squares[: len(short.neurons)]) * 4**short.exponent == pytest.approx(
        min(int(full.gram[i, i]) for i in range(full.n)) * 4**full.exponent, rel=1e-15
    )


def test_blocks_give_every_eigenvalue_as_often_as_it_occurs(pair):
    short, full = pair
    true = np.linalg.eigvalsh(floats(full.hessian))
    found = [
        x for b in short.blocks() for x in np.linalg.eigvalsh(floats(short.hessian(b))).repeat(b.dimension)
    ]
    assert np.sort(found) == pytest.approx(true, abs=1e-9)
    spectrum = short.spectrum
    assert spectrum.negative == sum(true < 0)
    ends = [(spectrum.smallest, true[0]), (spectrum.largest, true[-1]), (spectrum.absmax, abs(true).max())]
    for x, y in ends:
        assert float(x.mid) == pytest.approx(y, abs=1e-9)
    assert 0 < float(spectrum.gap.a) <= abs(true).min() * (1 + 1e-9) + 1e-12
    assert float(spectrum.gap.a) >= abs(true).min() - 1e-9


def test_m_is_that_of_the_point_in_full(pair):
    short, full = pair
    true, found = np.linalg.eigvalsh(floats(full.outside)), short.outside
    assert found.negative == sum(true < 0)
    assert [float(x.mid) for x in (found.smallest, found.largest)] == pytest.approx(true[[0, -1]], abs=1e-12)


@pytest.mark.parametrize("sizes", [[1], [2], [3, 10**12], [1, 10**9, 2], [7, 1, 1, 2, 3, 10**12]])
@pytest.mark.parametrize("more", [0, 3])
def test_blocks_have_as_many_dimensions_as_the_space(sizes, more):
    point = random_point(draws(3), sizes, more)
    with precision(BITS):
        at = SymmetricLandscape(Classes(sizes, *map(rows, point[1:])), BITS)
        k = sum(sizes)
        assert sum(b.dimension * len(b.elements) for b in at.blocks()) == k * (k + more)


@pytest.mark.parametrize("k", [2, 3, 4, 1000, 10**6, 10**12])
def test_the_targets_themselves_at_any_k(k):
    """Hess F(V): docs/theorem/teacher.md section 7, Example; M = I/4 + (entries 1/4) has 1/4 and (k + 1)/4."""
    bits = BITS + 4 * k.bit_length()
    with precision(bits + 32):
        at = SymmetricLandscape(Classes([k], rows([[1, 0]]), []), bits)
        h, m = at.spectrum, at.outside
        assert at.objective.b < 1e-30
        assert at.eps.b < 1e-30
        low = float(h.smallest.mid)
        assert low == pytest.approx(1 / 4 - 1 / (2 * math.pi), rel=1e-12)
        assert float(h.smallest.delta) < 2**-22 * low  # a claimed bound is 2^-20 looser than the truth
        assert (h.negative, m.negative) == (0, 0)
        assert float(h.gap.a) == pytest.approx(low, rel=1e-7)
        assert [float(x.mid) for x in (m.smallest, m.largest)] == pytest.approx([1 / 4, (k + 1) / 4])


def test_errors_of_a_block_are_needed(monkeypatch):
    """Against 400 bits: the entries are within their errors, and off by more than half of these."""
    point = random_point(draws(8), [2, 3], 1)
    classes, worst = Classes(point[0], *map(rows, point[1:])), 0
    for bits, kept in ((60, 30), (60, 96)):
        monkeypatch.setattr(symmetric, "BLOCK_BITS", kept - 2 * 3)
        with precision(432):
            fine = SymmetricLandscape(classes, 400)
            monkeypatch.setattr(symmetric, "BLOCK_BITS", 400)
            true = [fine.hessian(b) for b in fine.blocks()]
        monkeypatch.setattr(symmetric, "BLOCK_BITS", kept - 2 * 3)
        with precision(bits + 4):
            coarse = SymmetricLandscape(classes, bits)
            for block, h in zip(coarse.blocks(), true, strict=True):
                found = coarse.hessian(block)
                shift = found.exponent - h.exponent
                apart = abs((found.mantissa << shift) - h.mantissa).max() * 2.0**h.exponent
                allowed = float((found.error / len(block.elements)).b)
                assert apart <= allowed
                worst = max(worst, apart / allowed)
        assert worst > 0.5


def theirs(sizes, values, extra, rho):
    """The prover's constant, with spectral norms to 12 digits."""
    values, extra = ([[tuple(exact(x)) for x in row] for row in part] for part in (values, extra))
    k = sum(sizes)
    with ball.precision(BITS + 4 * k.bit_length()), pytest.MonkeyPatch.context() as patch:
        patch.setattr(norms, "SQUARINGS", 40)
        found = shape(kernel.reduced(kernel.point(sizes, values, extra)))
        return float(sharp.theorem_b_sharp(found, ball.exact(tuple(rho))))


@pytest.mark.parametrize("case", [*CASES, ([10**12], 1), ([10**6, 2], 0), ([10**9, 1, 10**12], 3)], ids=str)
@pytest.mark.parametrize("near_targets", [False, True])
@pytest.mark.parametrize("share", [2.0**-20, 2.0**-3, 0.9])
def test_the_sharp_constant_is_the_prover_s(case, near_targets, share):
    """With exact spectral norms it is the same number; so it is never above what the prover claims."""
    sizes, more = case
    _, values, extra = random_point(draws(str(case)), sizes, more)
    k, m = sum(sizes), len(sizes)
    if near_targets:
        for a, row in enumerate(values):
            row[:] = [1.0 if c == a else x / k for c, x in enumerate(row[:m])] + [row[m] / k]
    with precision(BITS + 32 + 4 * k.bit_length()):
        classes = Classes(sizes, rows(values), rows(extra))
        at = SymmetricLandscape(classes, BITS + 4 * k.bit_length())
        rho = exact(share * min(float(x.a) for x in at.norms[: len(at.neurons)]))
        mine = symmetric_sharp.theorem_b_sharp(at, dyadic(*rho))
        both = [float(at.lipschitz(rho).b), float(mine.b)]
        assert float(symmetric_sharp.lipschitz_sharp(at, rho).b) == min(both)
    assert float(mine.b) == pytest.approx(theirs(sizes, values, extra, rho), rel=1e-6)


def test_the_sharp_constant_is_that_of_the_point_in_full(pair, monkeypatch):
    """Theorem B' of the checker itself, for all neurons, if it goes without C as well."""
    short, full = pair
    plain = in_full_sharp.skewness
    radius = dyadic(1, -12)
    mine = float(symmetric_sharp.theorem_b_sharp(short, radius).b)
    assert mine >= float(in_full_sharp.theorem_b_sharp(full, radius).b) * (1 - 1e-9)

    def without_c(loss, i, far):
        signed = [loss.signs[z] * loss.norms[z] * loss.pair(i, z).cosine for z in far]
        point = np.array([[float(x) for x in row] for row in loss.rows])
        unit = point[i] / np.linalg.norm(point[i])
        across = [point[z] - (point[z] @ unit) * unit for z in far]
        units = [x / np.linalg.norm(x) for x in across]
        size = sum(abs(float(x.mid)) for x in signed)
        mean = np.linalg.norm(sum((float(x.mid) * y for x, y in zip(signed, units, strict=True)), 0 * unit))
        value = exact(min(2 * size, 2 * mean + 2 * size / (3 * math.sqrt(3))))
        assert float(plain(loss, i, far)) <= float(dyadic(*value)) * (1 + 1e-9) + 1e-12
        return dyadic(*value)

    monkeypatch.setattr(in_full_sharp, "skewness", without_c)
    assert mine == pytest.approx(float(in_full_sharp.theorem_b_sharp(full, radius).b), rel=1e-6)


def stored(name, kind="accept"):
    document = json.loads((CORPUS / kind / f"symmetric-{name}.json").read_text())
    return document | {"signatures": []}


def test_any_permutation_of_the_targets_that_the_symmetry_allows():
    """The same distance as with all entries and all permutations, also of a class of two and of singles."""
    rng = draws(4)
    for sizes in ([2, 1, 1], [1, 1, 1], [3], [2], [2, 2], [1, 3]):
        for _ in range(4):
            k, (_, values, _) = sum(sizes), random_point(rng, sizes, 0)
            for row in values:
                rng.shuffle(row[: len(sizes)])
            point = np.array(in_full(sizes, values, []))
            allowed = [p for p in permutations(range(k)) if fixed(p, sizes)]
            true = min(np.linalg.norm(point - np.eye(k)[list(p)]) for p in allowed)
            with precision(BITS):
                own = SimpleNamespace(at=SymmetricLandscape(Classes(sizes, rows(values), []), BITS))
                assert float(SymmetricNumbers.distance_to_targets(own).mid) == pytest.approx(true)


def fixed(permutation, sizes):
    """Whether (e_p(1), .., e_p(k)) is constant on classes."""
    home = [c for c, p in enumerate(sizes) for _ in range(p)]
    entries = {}
    for j, target in enumerate(permutation):
        for i in range(len(home)):
            place = home[i], home[j], i == j
            if entries.setdefault(place, target == i) != (target == i):
                return False
    return True


def test_certificates_are_accepted_at_any_k():
    for name in ("spurious-1-5", "spurious-billion", "global-trillions", "saddle-1-2-extra", "not-critical"):
        assert audit(stored(name)).result == "accepted", name


@pytest.mark.parametrize("name", ["spurious-1-5", "global-2-1"])
def test_a_minimum_in_every_dimension_needs_m_positive(name, monkeypatch):
    document, (low, high) = stored(name), (dyadic(-1, 2), dyadic(1, 0))
    least = {"exact": ["-5", 0], "decimal": "-5"}, {"exact": ["-3", 0], "decimal": "-3"}
    document = changed(document, "bounds.lambda_min_outside", list(least))
    for spectrum, result in (
        (Spectrum(low, high, dyadic(1, 2), 1, dyadic(1, 0)), "rejected"),
        (Spectrum(low, high, dyadic(1, 2)), "not-confirmed"),
    ):
        monkeypatch.setattr(SymmetricLandscape, "outside", spectrum)
        report = audit(document)
        assert report.result == result
        assert report.finding.step == (7 if result == "rejected" else 6)
    alone = changed(changed(document, "dimension", None), "bounds.lambda_min_outside", None)
    assert audit(alone).result == "accepted"


def test_m_counts_for_uniqueness_in_every_dimension(monkeypatch):
    """With an eigenvalue of M nearer to 0 than those of the Hessian the radius is not confirmed."""
    document, small = changed(stored("spurious-1-5"), "bounds.basin", None), dyadic(1, -10)
    wide = number(8 * exact_value(member(document, "bounds.existence_radius")), True)
    document = changed(document, "bounds.existence_radius", wide)
    for end, exact_one, decimal in ((0, ["1", -10], "0.000976562"), (1, ["1", -10], "0.000976563")):
        document = changed(
            document, f"bounds.lambda_min_outside.{end}", {"exact": exact_one, "decimal": decimal}
        )
    monkeypatch.setattr(SymmetricLandscape, "outside", Spectrum(small, dyadic(1, 0), dyadic(1, 0), 0, small))
    report = audit(document)
    assert (report.result, report.finding.claim) == ("not-confirmed", "uniqueness_radius")


def opened(document):
    return read(json.dumps(document).encode())[2]


def test_limits():
    """What is just within them is read."""
    document = stored("spurious-1-7-extra")
    (row,) = member(document, "point.extra")
    for count in (16, 17):
        more = changed(changed(document, "point.extra", [row] * count), "problem.n", 8 + count)
        if count == 16:
            assert len(opened(more).point.extra) == 16
        else:
            with pytest.raises(Refusal) as refusal:
                opened(more)
            assert refusal.value.args[2] == LIMIT
    six = changed(stored("global-1"), "problem", {"n": 6, "k": 6, "d": 6, "targets": "orthonormal"})
    values = [[["1", 0] if a == c else ["0", 0] for a in range(7)] for c in range(6)]
    six = changed(six, "point", {"class_sizes": [1] * 6, "values": values, "extra": []})
    assert len(opened(six).point.sizes) == 6
    assert opened(stored("global-trillions")).k == 2 * 10**12
    spread = changed(stored("global-2-1"), "point.values.0.1", ["1", -16383])
    assert opened(spread)
    with pytest.raises(Refusal):
        opened(changed(spread, "point.values.0.1", ["1", -16384]))


def test_it_came_with_version_1_1():
    assert methods()["teacher-student-relu", "symmetric-hessian"].since == 1
    kinds = Counter(path.parent.name for path in CORPUS.glob("*/symmetric-*.json"))
    assert all(kinds[kind] >= 15 for kind in ("accept", "reject", "malformed", "not-confirmed")), kinds


def test_six_classes_and_extra_neurons():
    """The trace of the Hessian and of its square, over all blocks."""
    rng = draws(6)
    sizes, values, extra = random_point(rng, [2, 3, 1, 2, 1, 2], 2)
    with precision(BITS + 32):
        at = SymmetricLandscape(Classes(sizes, rows(values), rows(extra)), BITS)
        full = Landscape(rows(in_full(sizes, values, extra)), rows(np.eye(11).tolist()), BITS)
        trace = sum(b.dimension * np.trace(floats(at.hessian(b))) for b in at.blocks())
        square = sum(b.dimension * (floats(at.hessian(b)) ** 2).sum() for b in at.blocks())
        h = floats(full.hessian)
        assert (trace, square) == pytest.approx((np.trace(h), (h**2).sum()))
        assert proves_le(at.objective - full.objective, dyadic(1, -100))

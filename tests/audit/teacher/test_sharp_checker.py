"""The checker's Theorem B': against the prover's, against exact values, and its parts."""

import numpy as np
import pytest
from flint import arb
from test_loss import rows

from relucert.kernel import ball, norms
from relucert.kernel.teacher import facts
from relucert.kernel.teacher import sharp as kernel
from relucert_audit.exact import TooWeak
from relucert_audit.format import Dyadic
from relucert_audit.interval import dyadic, enclosure, pi, precision, proves_le
from relucert_audit.teacher import sharp
from relucert_audit.teacher.loss import Landscape

BITS = 160
KINDS = ("random", "parallel", "lopsided", "on-targets", "orthonormal")


def landscape(point, targets):
    return Landscape(rows(point), rows(targets), BITS)


def upper(x):
    return float(x.b.a if hasattr(x, "b") else x)


def sample(rng, kind):
    n, k, d = rng.integers(1, 5), rng.integers(1, 5), rng.integers(1, 5)
    everything = rng.standard_normal((n + k, d))
    if kind == "parallel":
        noise = rng.choice([0.0, 2.0**-8, 2.0**-20])
        everything = 2.0 ** rng.integers(-2, 3, (n + k, 1)) * (everything[0] + noise * everything)
        everything[1::2] *= -1
    if kind == "lopsided":
        everything *= 2.0 ** rng.integers(-15, 15, (n + k, 1))
    if kind in ("orthonormal", "on-targets"):
        everything[n:] = np.eye(k, d) + (np.arange(k) >= d)[:, None]
        everything[:n] = everything[n + np.arange(n) % k] + (kind == "orthonormal") * 0.3 * everything[:n]
    return everything[:n], everything[n:]


def exact(x):
    return Dyadic(*map(int, ball.to_dyadic(arb(float(x)))))


def theirs(point, targets, rho, squarings=7):
    """The prover's constant."""
    as_pairs = [[[ball.to_dyadic(arb(float(x))) for x in row] for row in a] for a in (point, targets)]
    with ball.precision(256), pytest.MonkeyPatch.context() as patch:
        patch.setattr(norms, "SQUARINGS", squarings)
        at = facts.enclose(*as_pairs)
        return float(kernel.theorem_b_sharp(kernel.shape(at.geometry, at.curvatures), arb(float(rho))))


@pytest.mark.parametrize("kind", KINDS)
def test_it_agrees_with_the_prover_s_and_is_never_larger(kind):
    """With exact spectral norms they are the same number; the prover's own norms are a little larger."""
    rng = np.random.default_rng(8)
    for _ in range(25):
        point, targets = sample(rng, kind)
        rho = np.linalg.norm(point, axis=1).min() * rng.choice([2.0**-20, 2.0**-7, 0.05, 0.4, 0.99])
        with precision(BITS + 32):
            mine = upper(sharp.theorem_b_sharp(landscape(point, targets), dyadic(*exact(rho))))
        assert mine <= theirs(point, targets, rho) * (1 + 1e-12)
        assert np.isclose(mine, theirs(point, targets, rho, 40), rtol=1e-6)


def test_the_smaller_of_the_two_theorems():
    near, far = np.array([[1.0, 0.2], [0.3, -1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    with precision(BITS + 32):
        loss = landscape(near, far)
        for radius, smaller in ((Dyadic(1, -20), "sharp"), (Dyadic(29, -5), "simple")):
            both = {"simple": loss.lipschitz(radius), "sharp": sharp.theorem_b_sharp(loss, dyadic(*radius))}
            value = sharp.lipschitz_sharp(loss, radius)
            assert min(both, key=lambda name: upper(both[name])) == smaller
            assert upper(value) == upper(both[smaller])


@pytest.mark.parametrize("theta", [0.85, np.pi / 3, np.pi / 2, 2.0])
def test_it_is_attained_for_one_neuron_and_one_target(theta):
    """max sin^2 h (3 s cos h + |c| sin h)/pi; a hundredth less would be false."""
    h = np.linspace(0, np.pi, 100001)
    largest = (
        np.sin(h) ** 2 * (3 * np.sin(theta) * np.cos(h) + abs(np.cos(theta)) * np.sin(h))
    ).max() / np.pi
    point, targets = np.array([[1.0, 0.0]]), np.array([[np.cos(theta), np.sin(theta)]])
    with precision(BITS + 32):
        bound = upper(sharp.theorem_b_sharp(landscape(point, targets), dyadic(0, 0)))
    assert largest <= bound * (1 + 1e-12)
    assert bound < 1.0001 * largest


def test_scaling_by_huge_and_tiny_factors():
    """The neurons' and targets' lengths may be anything: a factor x divides the constant by x."""
    point, targets = np.array([[1.0, 0.2], [0.3, -1.0]]), np.array([[1.0, 0.1], [0.0, 1.0]])
    with precision(BITS + 32):
        plain = upper(sharp.theorem_b_sharp(landscape(point, targets), dyadic(1, -6)))
        for power in (-300, 300):
            x = 2.0**power
            scaled = upper(sharp.theorem_b_sharp(landscape(point * x, targets * x), dyadic(1, power - 6)))
            assert np.isclose(scaled * x, plain, rtol=1e-9)


def test_differences_of_angles():
    with precision(BITS):
        a, b = (
            sharp.Turn(sharp.root(dyadic(3, -2)), dyadic(1, -1)),
            sharp.Turn(dyadic(1, -1), sharp.root(dyadic(3, -2))),
        )
        sine, cosine = a.minus(b)  # 60 degrees less 30
        assert abs(upper(sine) - 0.5) < 1e-15
        assert abs(upper(cosine) - np.sqrt(0.75)) < 1e-15
        sine, _ = b.minus(a)
        assert abs(upper(sine) + 0.5) < 1e-15


@pytest.mark.parametrize("along, across", [(1.0, 0.0), (0.0, 1.0), (2.0, 3.0), (1e-9, 5.0)])
def test_the_maximum_of_lemma_g(along, across):
    h = np.linspace(0, np.pi, 400001)
    largest = (np.sin(h) ** 2 * (along * np.cos(h) + across * np.sin(h))).max()
    with precision(BITS):
        value = upper(sharp.phi(dyadic(*exact(along)), dyadic(*exact(across))))
    assert value * (1 - 1e-9) <= largest <= value * (1 + 1e-12)


@pytest.mark.parametrize(
    "matrix", [[[0]], [[1]], [[-5, 0], [0, 3]], [[1, 1], [1, 1]], [[2**300, 1], [1, -(2**299)]]]
)
@pytest.mark.parametrize("undecided", [False, True])
def test_spectral_norms(matrix, undecided, monkeypatch):
    def refuse(h):
        raise TooWeak("undecided")

    true = np.abs(np.linalg.eigvalsh(np.array(matrix, dtype=float))).max()
    if undecided:
        monkeypatch.setattr(sharp, "norm", refuse)
    with precision(BITS):
        bound = upper(sharp.eigenvalue(np.array(matrix, dtype=object), 0, dyadic(0, 0)))
        wider = upper(sharp.eigenvalue(np.array(matrix, dtype=object), -3, dyadic(1, 0)))
    assert true <= bound * (1 + 1e-15) + 1e-20
    assert bound <= true * (1.5 if undecided else 1 + 1e-9) + 1e-20
    assert np.isclose(wider, bound / 8 + 1)


@pytest.mark.parametrize("exponent", [100, 200, 700])
def test_the_bend_of_a_huge_hessian_contains_the_half_it_takes_off(exponent):
    """For one neuron, 2 pi |w| (H - I/2) is homogeneous of degree 1 in the target."""
    with precision(BITS):
        small, huge = (
            landscape(np.array([[1.0, 0.0]]), np.array([[2.0**e, 2.0**e]])) for e in (40, exponent)
        )
        ratio = sharp.bend(huge, 0) / sharp.bend(small, 0) * dyadic(1, 40 - exponent)
    assert float(ratio.mid) == pytest.approx(1, rel=1e-11)


def test_far_means_proved_to_be_far():
    """At 4/5 radians, up to rounding, either is right; beyond it must be far, before it near."""
    with precision(BITS):
        for angle, is_far in (
            (0.79, False),
            (0.81, True),
            (np.pi / 2, True),
            (np.pi - 0.81, True),
            (3.0, False),
        ):
            loss = landscape(np.array([[2.0, 0.0]]), np.array([[np.cos(angle), np.sin(angle)]]))
            row = sharp.row_of(loss, 0, [sharp.tilt(sharp.ZERO, length) for length in loss.norms])
            assert (len(row.far), len(row.near)) == (is_far, not is_far)
        assert proves_le(enclosure(4, 4, 0) / 5, pi() / 2)

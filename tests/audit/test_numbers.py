"""The checker's formulas on numbers whose truth is known in closed form."""

import json
from contextlib import suppress
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
from certificates import audit, prove
from spectra import span

from relucert_audit import interval
from relucert_audit.exact import Spectrum, Symmetric, TooWeak
from relucert_audit.interval import dyadic, enclosure, precision
from relucert_audit.teacher.loss import Gradient
from relucert_audit.teacher.theorems import Numbers, theorem_e


def test_an_inverse_that_is_none_proves_nothing(monkeypatch):
    """X = 3 H^-1 has omega >= 2, and (1 - omega)^2 >= 1."""
    inverse = np.linalg.inv
    monkeypatch.setattr("numpy.linalg.inv", lambda a: 3 * inverse(a))
    report = audit(prove("spurious"))
    assert (report.result, report.finding.step) == ("not-confirmed", 6)


def test_theorem_e_gives_both_roots_of_a_quadratic():
    """F'(x) = -3 + 4 x - x^2, L = 2: roots 1 and 3."""
    own = Numbers.__new__(Numbers)
    with precision(192):
        gradient = Gradient(np.array([-3], dtype=object), 0, dyadic(0, 0), dyadic(3, 0))
        hessian = Symmetric(np.array([[4 << 60]], dtype=object), -60, 60, dyadic(0, 0))
        vars(own).update(alpha=dyadic(100, 0), lipschitz=dyadic(2, 0), cert=SimpleNamespace(everywhere=False))
        vars(own).update(loss=SimpleNamespace(hessian=hessian, gradient=gradient), bits=640)
        r, far = own.existence
        assert 1 <= r.b < 1 + 1e-9
        assert 3 - 1e-9 < far.a <= 3


def test_pi_lies_between_the_ends_of_its_arc_tangent(monkeypatch):
    """Before the outward rounding, which would hide an end on the wrong side."""
    monkeypatch.setattr(interval, "enclosure", lambda *ends: ends)
    with interval.precision(100):
        low, high, exponent = interval.pi()
    with mpmath.workprec(300):
        assert low < mpmath.ldexp(mpmath.pi, -exponent) < high


def test_too_many_inequalities_are_a_resource_limit():
    document = json.loads(json.dumps(prove("global")))
    document["statement"]["evidence"][0]["inequalities"] *= 1001
    report = audit(document)
    assert (report.result, report.finding.claim) == ("not-confirmed", "resource limit")


# --- the theorems of Numbers, on numbers whose roots are rational -------------------------------------

TINY = 2.0**-40


def numbers(**known):
    own = Numbers.__new__(Numbers)
    vars(own).update(alpha=dyadic(100, 0), cert=SimpleNamespace(verdict="local-minimum", everywhere=False))
    vars(own).update(known)
    return own


def near(x, value):
    """x is a point, an upper bound of the value, and a sharp one."""
    return x.a == x.b and value <= x.b < value + TINY


@pytest.mark.parametrize(("eps", "radius"), [(9, 7.5), (5, 2.5), (0, 0)])
def test_lemma_1_gives_the_smaller_root_of_its_quadratic(eps, radius):
    """lambda_min >= 5 and L = 1: r^2 - 15 r + 25 eps/4 = 0."""
    with precision(192):
        known = {"spectrum": span(5, 8), "lipschitz": dyadic(1, 0), "eps": enclosure(eps, eps, 0)}
        assert near(numbers(**known).lemma_1, radius)
        known["alpha"] = dyadic(int(radius * 2), -1)
        assert near(numbers(**known).lemma_1, radius)
        if eps:
            with pytest.raises(TooWeak, match=r"^Lemma 1: r is not within lipschitz.radius: "):
                _ = numbers(**known | {"alpha": dyadic(int(radius * 2) - 1, -1)}).lemma_1


@pytest.mark.parametrize(("least", "eps"), [(5, 9 + 2**-10), (0, 0), (-5, 5), (-5, 0)])
def test_lemma_1_needs_a_convex_point_and_a_small_gradient(least, eps):
    with precision(192):
        known = {"spectrum": span(least, 8), "lipschitz": dyadic(1, 0), "eps": dyadic(int(eps * 1024), -10)}
        with pytest.raises(TooWeak, match=r"^Lemma 1: 25 L eps is .*, lambda_min "):
            _ = numbers(**known).lemma_1


def test_rough_numbers_count_at_their_worst_in_lemma_1():
    with precision(192):
        known = {"spectrum": span(5, 8), "lipschitz": dyadic(1, 0), "eps": enclosure(0, 9, 0)}
        assert near(numbers(**known).lemma_1, 7.5)


def critical(gap, gradient, hessian_error=0, gradient_error=0, lipschitz=2, **known):
    """H = 4 within hessian_error, grad F = gradient within gradient_error, in one dimension."""
    slope = Gradient(np.array([gradient], dtype=object), 0, dyadic(gradient_error, -10), dyadic(9, 0))
    hessian = Symmetric(np.array([[4 << 60]], dtype=object), -60, 60, dyadic(hessian_error, -10))
    spectrum = Spectrum(*[dyadic(4, 0)] * 3, 0, gap and dyadic(gap, -10))
    loss = SimpleNamespace(hessian=hessian, gradient=slope)
    return numbers(loss=loss, spectrum=spectrum, lipschitz=dyadic(lipschitz, 0), **known)


@pytest.mark.parametrize(
    ("slope", "hessian_error", "gradient_error", "lipschitz", "gap"),
    [(3, 0, 0, 2, 4096), (3, 512, 0, 1, 3584), (0, 512, 1024, 2, 3000), (1, 100, 100, 3, 3996)],
)
def test_theorem_e_is_that_of_the_documentation(slope, hessian_error, gradient_error, lipschitz, gap):
    """X = H^-1, so omega = 0 and chi = 1/gap; eta = |g/4| + chi (error of H |g/4| + error of g)."""
    with precision(192), mpmath.workprec(192):
        own = critical(gap, slope, hessian_error, gradient_error, lipschitz)
        r, far = own.existence
        step, chi = mpmath.mpf(slope) / 4, 1024 / mpmath.mpf(gap)
        eta = step + chi * (hessian_error * step + gradient_error) / 1024
        root = mpmath.sqrt(1 - 2 * chi * lipschitz * eta)
        slack = mpmath.mpf(2) ** -50  # the solution is rounded to 58 bits
        assert 0 <= mpmath.mpf(r.b) - 2 * eta / (1 + root) < slack
        assert 0 <= (1 + root) / (chi * lipschitz) - mpmath.mpf(far.a) < slack
        near_alpha = critical(gap, slope, hessian_error, gradient_error, lipschitz, alpha=r.b)
        assert near_alpha.existence[1].b == r.b  # r+ is cut at alpha
        with pytest.raises(TooWeak, match=r"^Theorem E: r is not within lipschitz.radius: "):
            _ = critical(gap, slope, hessian_error, gradient_error, lipschitz, alpha=r.b - TINY).existence


@pytest.mark.parametrize(
    ("gap", "slope", "hessian_error", "reason"),
    [
        (None, 0, 0, "an eigenvalue of the Hessian is too close to 0"),
        (4096, 4, 0, r"2 chi L eta is .*, not below \(1 - omega\)\^2"),
        (4096, 3, 2048, r"2 chi L eta is .*, not below \(1 - omega\)\^2"),
    ],
)
def test_theorem_e_says_which_hypothesis_fails(gap, slope, hessian_error, reason):
    with precision(192), pytest.raises(TooWeak, match=f"^Theorem E: {reason}$"):
        _ = critical(gap, slope, hessian_error).existence


def test_theorem_e_needs_an_omega_below_1():
    one, zero = dyadic(1, 0), dyadic(0, 0)
    with precision(192), pytest.raises(TooWeak, match=r"^Theorem E: omega is .*, not below 1$"):
        theorem_e(one, one, zero, one)


def test_an_inverse_that_is_wrong_proves_less_and_one_that_is_not_found_says_so(monkeypatch):
    def fail(_):
        raise np.linalg.LinAlgError

    with precision(192):
        true = mpmath.mpf(critical(4096, 1).existence[0].b)
        for guess in (0.0, 0.2, 0.3, 2.0**130):  # 1/4 would be right
            monkeypatch.setattr("numpy.linalg.inv", lambda _, guess=guess: np.array([[guess]]))
            with suppress(TooWeak):
                assert mpmath.mpf(critical(4096, 1).existence[0].b) >= true
        monkeypatch.setattr("numpy.linalg.inv", lambda _: np.array([[np.nan]]))
        with pytest.raises(TooWeak, match="a floating-point guess is not finite"):
            _ = critical(4096, 1).existence
        monkeypatch.setattr("numpy.linalg.inv", fail)
        with pytest.raises(TooWeak, match=r"^Theorem E: no inverse found$"):
            _ = critical(4096, 0).existence


def test_the_distance_of_a_minimum_is_the_smaller_radius():
    with precision(192):
        for verdict, lemma, expected in (
            ("local-minimum", 1, 1),
            ("spurious-minimum", 3, 2),
            ("strict-saddle", 1, 2),
        ):
            own = numbers(existence=(dyadic(2, 0), dyadic(9, 0)), lemma_1=dyadic(lemma, 0))
            own.cert.verdict = verdict
            assert own.distance == expected
        own = numbers(existence=(dyadic(2, 0), dyadic(9, 0)), spectrum=span(0, 1))
        vars(own).update(lipschitz=dyadic(1, 0), eps=dyadic(0, 0))
        assert own.distance == 2  # Lemma 1 does not hold


@pytest.mark.parametrize(("eps", "alpha", "excluded"), [(97, 16, 1), (96, 16, 0), (97, 15, 0)])
def test_a_ball_is_excluded_by_the_criterion_of_the_documentation(eps, alpha, excluded):
    """|lambda| <= 2, L = 8, rho = 1: (2 + 4) 1 < eps, in 16ths."""
    with precision(192):
        known = {"spectrum": span(-1, 2), "lipschitz": dyadic(8, 0), "alpha": dyadic(alpha, -4)}
        assert numbers(**known, eps=enclosure(eps, eps + 160, -4)).excludes(dyadic(1, 0)) == excluded


@pytest.mark.parametrize("exponent", [0, -3, 5])
def test_the_distance_to_the_targets_is_that_of_the_best_greedy_pairing(exponent):
    """Neurons near targets 2, 0 and 1: squares of distances 1 + 4, 9 and 16."""
    targets = [[100, 0], [0, 100], [-100, -100]]
    neurons = [[-99, -102], [103, 0], [0, 96]]
    rows = np.array(neurons + targets, dtype=object)
    with precision(192):
        own = numbers(loss=SimpleNamespace(rows=rows, exponent=exponent, signs=[1] * 3 + [-1] * 3))
        own.cert.n, own.cert.slope = 3, 0
        found = own.distance_to_targets()
        assert mpmath.mpf(found.a) ** 2 <= 30 * mpmath.mpf(4) ** exponent <= mpmath.mpf(found.b) ** 2
        assert abs(mpmath.mpf(found.b) - mpmath.sqrt(30) * mpmath.mpf(2) ** exponent) < TINY


def test_every_target_is_paired_once():
    """Both neurons are nearest to the first target; only one may have it: 0 + 10^2, not 0 + 1."""
    with precision(192):
        rows = np.array([[0], [1], [0], [11]], dtype=object)
        own = numbers(loss=SimpleNamespace(rows=rows, exponent=0, signs=[1, 1, -1, -1]))
        own.cert.n, own.cert.slope = 2, 0
        assert own.distance_to_targets() == 10

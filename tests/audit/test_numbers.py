"""The checker's formulas on numbers whose truth is known in closed form."""

import json
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
from certificates import audit, prove

from relucert_audit import interval
from relucert_audit.exact import Spectrum, Symmetric, TooWeak
from relucert_audit.format import LOWER, UPPER, Dyadic, Number
from relucert_audit.interval import dyadic, enclosure, precision
from relucert_audit.teacher.loss import Gradient
from relucert_audit.teacher.steps import step_6, step_7, step_8
from relucert_audit.teacher.theorems import Numbers


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
        vars(own).update(loss=SimpleNamespace(hessian=hessian, gradient=gradient))
        r, far = own.existence
        assert 1 <= r.b < 1 + 1e-9
        assert 3 - 1e-9 < far.a <= 3


def objective_fits(verdict, low, high):
    """F(W) in [3, 4], eps = 1/2, |lambda| <= 2, L = 6, r = 1/2; the claim is [low, high], in 1024ths."""
    with precision(192):
        own = SimpleNamespace(
            distance=dyadic(1, -1), eps=dyadic(1, -1), lipschitz=dyadic(6, 0),
            objective=enclosure(3, 4, 0),
            everywhere=SimpleNamespace(absmax=dyadic(2, 0), smallest=dyadic(4, 0)),
        )  # fmt: skip
        ends = {"low": Number(Dyadic(low, -10), "", LOWER), "high": Number(Dyadic(high, -10), "", UPPER)}
        bounds = {f"objective.{end}": number for end, number in ends.items()}
        return not list(step_8(SimpleNamespace(verdict=verdict, bounds=bounds), own))


@pytest.mark.parametrize(("low", "high", "fits"), [(2432, 4736, 1), (2433, 4736, 0), (2432, 4735, 0)])
def test_the_objective_at_a_saddle_is_that_of_a_cubic(low, high, fits):
    """The change is eps r + |lambda| r^2/2 + L r^3/6 = 1/4 + 1/4 + 1/8."""
    assert objective_fits("strict-saddle", low, high) == fits


@pytest.mark.parametrize(("low", "high", "fits"), [(2816, 4096, 1), (2817, 4096, 0), (2816, 4095, 0)])
def test_the_objective_at_a_minimum_falls_by_no_more_than_eps_r(low, high, fits):
    assert objective_fits("local-minimum", low, high) == fits


@pytest.mark.parametrize(("low", "high", "fits"), [(3072, 4096, 1), (3073, 4096, 0), (3072, 4095, 0)])
def test_the_objective_at_a_point_that_is_not_critical_is_its_own(low, high, fits):
    assert objective_fits("not-critical", low, high) == fits


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


def span(low, high):
    return Spectrum(enclosure(low, low + 1, 0), enclosure(high - 1, high, 0), enclosure(high - 1, high, 0))


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
    """X = 1/4; omega = |X| error, chi = (1 + omega)/gap, eta = |X g| + chi error."""
    with precision(192), mpmath.workprec(192):
        own = critical(gap, slope, hessian_error, gradient_error, lipschitz)
        r, far = own.existence
        omega = mpmath.mpf(hessian_error) / 4096
        chi = (1 + omega) / (mpmath.mpf(gap) / 1024)
        eta = mpmath.mpf(slope) / 4 + chi * gradient_error / 1024
        root = mpmath.sqrt((1 - omega) ** 2 - 2 * chi * lipschitz * eta)
        slack = mpmath.mpf(2) ** -50  # norms of matrices are rounded up to integers
        assert 0 <= mpmath.mpf(r.b) - 2 * eta / (1 - omega + root) < slack
        assert 0 <= (1 - omega + root) / (chi * lipschitz) - mpmath.mpf(far.a) < slack
        near_alpha = critical(gap, slope, hessian_error, gradient_error, lipschitz, alpha=r.b)
        assert near_alpha.existence[1].b == r.b  # r+ is cut at alpha
        with pytest.raises(TooWeak, match=r"^Theorem E: r is not within lipschitz.radius: "):
            _ = critical(gap, slope, hessian_error, gradient_error, lipschitz, alpha=r.b - TINY).existence


@pytest.mark.parametrize(
    ("gap", "slope", "hessian_error", "reason"),
    [
        (None, 0, 0, "an eigenvalue of the Hessian is too close to 0"),
        (4096, 0, 4096, "omega is .*, not below 1"),
        (4096, 4, 0, r"2 chi L eta is .*, not below \(1 - omega\)\^2"),
    ],
)
def test_theorem_e_says_which_hypothesis_fails(gap, slope, hessian_error, reason):
    with precision(192), pytest.raises(TooWeak, match=f"^Theorem E: {reason}$"):
        _ = critical(gap, slope, hessian_error).existence


def test_an_inverse_that_is_not_found_or_does_not_fit_says_so(monkeypatch):
    def fail(_):
        raise np.linalg.LinAlgError

    with precision(192):
        own = critical(4096, 0)
        monkeypatch.setattr("numpy.linalg.inv", lambda _: np.array([[2.0**130]]))
        with pytest.raises(TooWeak, match=r"^Theorem E: the Hessian is badly scaled$"):
            _ = own.existence
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
        own = numbers(loss=SimpleNamespace(rows=rows, exponent=exponent))
        own.cert.n = 3
        found = own.distance_to_targets()
        assert mpmath.mpf(found.a) ** 2 <= 30 * mpmath.mpf(4) ** exponent <= mpmath.mpf(found.b) ** 2
        assert abs(mpmath.mpf(found.b) - mpmath.sqrt(30) * mpmath.mpf(2) ** exponent) < TINY


def test_every_target_is_paired_once():
    """Both neurons are nearest to the first target; only one may have it: 0 + 10^2, not 0 + 1."""
    with precision(192):
        own = numbers(loss=SimpleNamespace(rows=np.array([[0], [1], [0], [11]], dtype=object), exponent=0))
        own.cert.n = 2
        assert own.distance_to_targets() == 10


# --- steps 6 to 8 --------------------------------------------------------------------------------------


def claim(verdict, **bounds):
    """A claim of these bounds, in 1024ths; `basin_radius` stands for basin.radius."""
    numbers_ = {
        name.replace("basin_", "basin.").replace("objective_", "objective."): Number(Dyadic(x, -10), "", side)
        for name, (x, side) in bounds.items()
    }
    return SimpleNamespace(verdict=verdict, bounds=numbers_, constants="simple")


def results(step, claimed, **known):
    with precision(192):
        own = SimpleNamespace(**{"everywhere": known.get("spectrum")} | known)
        return [(f.result, f.step, f.claim) for f in step(claimed, own)]


BASIN = {"radius": 1792, "step": 256, "alpha": 2304}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"alpha": 2303}, [("not-confirmed", 8, "basin.radius")]),
        ({"radius": 1793}, [("not-confirmed", 8, "basin.radius")]),
        ({"radius": 2304, "alpha": 9999, "step": 1}, [("not-confirmed", 8, "basin.radius")]),
        ({"radius": 2303, "alpha": 9999, "step": 1}, []),
        ({"step": 257}, [("not-confirmed", 8, "basin.step")]),
        ({"step": 1}, []),
        ({"step": 0}, [("rejected", 8, "basin.step")]),
        ({"step": -1}, [("rejected", 8, "basin.step")]),
    ],
)
def test_the_basin_is_that_of_theorem_d(change, found):
    """r = 1/4, L = 2, spectrum in [3, 11/2]: R + r <= alpha, R < 3 - 1/2, step <= 2/(6 + R), R = 7/4 + r."""
    numbers_ = BASIN | change
    claimed = claim(
        "local-minimum",
        objective_low=(0, LOWER),
        objective_high=(9999, UPPER),
        basin_radius=(numbers_["radius"], LOWER),
        basin_step=(numbers_["step"], LOWER),
    )
    spectrum = Spectrum(enclosure(6, 7, -1), enclosure(8, 11, -1), enclosure(8, 11, -1))
    known = {"distance": dyadic(1, -2), "eps": dyadic(0, 0), "lipschitz": dyadic(2, 0), "spectrum": spectrum}
    value = dyadic(1, 0)
    assert results(step_8, claimed, **known, objective=value, alpha=dyadic(numbers_["alpha"], -10)) == found
    del claimed.bounds["basin.radius"]
    assert results(step_8, claimed, **known, objective=value, alpha=dyadic(0, 0)) == []


@pytest.mark.parametrize(
    ("verdict", "low", "high", "found"),
    [
        ("global-minimum", 0, 0, []),
        ("global-minimum", -1, 1, []),
        ("global-minimum", 1, 2, [("rejected", 8, "objective")]),
        ("global-minimum", -2, -1, [("rejected", 8, "objective")]),
        ("local-minimum", 0, 1024, []),
        ("local-minimum", 0, 1023, [("not-confirmed", 8, "objective")]),
        ("local-minimum", 1, 1024, [("not-confirmed", 8, "objective")]),
        ("local-minimum", 1025, 1026, [("rejected", 8, "objective")]),
        ("local-minimum", -2, -1, [("rejected", 8, "objective")]),
        ("strict-saddle", 0, 9999, []),
        ("strict-saddle", 1, 9999, [("not-confirmed", 8, "objective")]),
        ("not-critical", 512, 1024, []),
        ("not-critical", 0, 511, [("rejected", 8, "objective")]),
        ("not-critical", 1025, 1026, [("rejected", 8, "objective")]),
    ],
)
def test_the_objective_is_nonnegative_and_a_wrong_one_is_refuted(verdict, low, high, found):
    """F(W) in [1/2, 1], eps r = 1."""
    claimed = claim(verdict, objective_low=(low, LOWER), objective_high=(high, UPPER))
    value = enclosure(1, 2, -1)
    known = {"distance": dyadic(1, 0), "eps": dyadic(1, 0), "lipschitz": dyadic(2, 0), "spectrum": span(2, 3)}
    assert results(step_8, claimed, **known, objective=value) == found


@pytest.mark.parametrize(("least", "found"), [(3, []), (2, [("not-confirmed", 8, "objective")])])
def test_the_objective_falls_only_where_it_is_convex(least, found):
    """L r = 3 <= lambda_min."""
    claimed = claim("local-minimum", objective_low=(0, LOWER), objective_high=(9999, UPPER))
    known = {"distance": dyadic(3, -1), "eps": dyadic(1, 0), "lipschitz": dyadic(2, 0)}
    value = dyadic(1, 0)
    assert results(step_8, claimed, **known, objective=value, spectrum=span(least, 9)) == found


@pytest.mark.parametrize(
    ("verdict", "negative", "eps", "away", "found"),
    [
        ("spurious-minimum", 0, 4, 0, []),
        ("spurious-minimum", 0, 5, 0, [("not-confirmed", 7, "verdict")]),
        ("spurious-minimum", 1, 4, 0, [("rejected", 7, "verdict")]),
        ("spurious-minimum", None, 4, 0, [("not-confirmed", 7, "verdict")]),
        ("local-minimum", 0, 99, 0, []),
        ("local-minimum", 2, 99, 0, [("rejected", 7, "verdict")]),
        ("global-minimum", 0, 99, 2, []),
        ("global-minimum", 0, 99, 3, [("not-confirmed", 7, "verdict")]),
        ("strict-saddle", 1, 99, 9, []),
        ("strict-saddle", 0, 99, 9, [("rejected", 7, "verdict")]),
        ("strict-saddle", None, 99, 9, [("not-confirmed", 7, "verdict")]),
    ],
)
def test_verdicts_follow_from_the_inertia_and_their_theorem(verdict, negative, eps, away, found):
    """r = 1/4, F(W) in [5/4, 2]: Lemma 2 needs eps r < 5/4; a target must be nearer than 3."""
    known = {
        "eps": dyadic(eps, 0),
        "distance": dyadic(1, -2),
        "existence": (dyadic(1, 0), dyadic(3, 0)),
        "distance_to_targets": lambda: dyadic(away, 0),
        "spectrum": span(1, 2)._replace(negative=negative),
        "objective": enclosure(5, 8, -2),
    }
    assert results(step_7, claim(verdict), **known) == found


@pytest.mark.parametrize(
    ("rho", "excludes", "r", "found"),
    [
        (1024, True, 1, []),
        (1025, True, 1, [("rejected", 7, "exclusion_radius")]),
        (1024, False, 1, [("rejected", 7, "exclusion_radius")]),
        (1024, False, 2, [("not-confirmed", 7, "exclusion_radius")]),
    ],
)
def test_an_excluded_ball_is_refuted_by_a_critical_point_in_it(rho, excludes, r, found):
    known = {
        "radius": Dyadic(1, 0),
        "eps": dyadic(1, 0),
        "existence": (dyadic(r, 0), dyadic(9, 0)),
        "excludes": lambda x: excludes and x == rho / 1024,
    }
    assert results(step_7, claim("not-critical", exclusion_radius=(rho, LOWER)), **known) == found


@pytest.mark.parametrize(
    ("verdict", "constants", "change", "found"),
    [
        ("local-minimum", "simple", {}, []),
        ("strict-saddle", "paper", {"lemma": None}, []),
        ("local-minimum", "paper", {}, []),
        ("local-minimum", "paper", {"lemma": None}, [TooWeak]),
        ("local-minimum", "simple", {"lemma": None}, []),
        ("local-minimum", "simple", {"claimed_lemma": 2048, "lemma": None}, [TooWeak]),
        ("local-minimum", "simple", {"claimed_lemma": 2048}, []),
        (
            "local-minimum",
            "simple",
            {"claimed_lemma": 2047},
            [("not-confirmed", 6, "existence_radius_lemma_1")],
        ),
        ("local-minimum", "simple", {"r": 1023}, [("not-confirmed", 6, "existence_radius")]),
        (
            "local-minimum",
            "simple",
            {"unique": 3073, "alpha": 3073},
            [("not-confirmed", 6, "uniqueness_radius")],
        ),
        ("local-minimum", "simple", {"alpha": 3071}, [("rejected", 6, "uniqueness_radius")]),
        ("local-minimum", "simple", {"excludes": True}, [("rejected", 6, "existence_radius")]),
        ("not-critical", "simple", {"excludes": True}, []),
    ],
)
def test_the_radii_of_step_6(verdict, constants, change, found):
    """r = 1, min(alpha, r+) = 3, Lemma 1's radius 2."""
    x = {
        "r": 1024,
        "unique": 3072,
        "alpha": 3072,
        "excludes": False,
        "lemma": 2,
        "claimed_lemma": None,
    } | change
    bounds = {"existence_radius": (x["r"], UPPER), "uniqueness_radius": (x["unique"], LOWER)}
    if x["claimed_lemma"]:
        bounds["existence_radius_lemma_1"] = (x["claimed_lemma"], UPPER)
    claimed = claim(verdict, **bounds)
    claimed.constants = constants

    class Own:
        distance, existence, radius = dyadic(1, 0), (dyadic(1, 0), dyadic(3, 0)), Dyadic(x["alpha"], -10)

        def excludes(self, rho):
            return x["excludes"] and rho == x["r"] / 1024

        @property
        def lemma_1(self):
            if x["lemma"] is None:
                raise TooWeak
            return dyadic(x["lemma"], 0)

    with precision(192):
        if found == [TooWeak]:
            with pytest.raises(TooWeak):
                list(step_6(claimed, Own()))
        else:
            assert [(f.result, f.step, f.claim) for f in step_6(claimed, Own())] == found

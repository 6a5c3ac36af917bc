"""Steps 6 to 8 of the checker on numbers whose truth is known: which claims hold, what is found of others."""

from types import SimpleNamespace

import pytest
from spectra import span

from relucert_audit.exact import Spectrum, TooWeak
from relucert_audit.format import LOWER, UPPER, Dyadic, Number
from relucert_audit.interval import dyadic, enclosure, precision
from relucert_audit.teacher.steps import barrier, step_6, step_7, step_8


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


def claim(verdict, **bounds):
    """A claim of these bounds, in 1024ths; `basin_radius` stands for basin.radius."""
    numbers_ = {
        name.replace("basin_", "basin.").replace("objective_", "objective."): Number(Dyadic(x, -10), "", side)
        for name, (x, side) in bounds.items()
    }
    return SimpleNamespace(verdict=verdict, bounds=numbers_, constants="simple", witness=None)


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


CLIMB = {"alpha": 1024, "r": 128, "L": 2048, "barrier": 72}


@pytest.mark.parametrize(
    ("change", "found"),
    [  # m = lambda_min - L r = 1 - 1/4; without a word t = 2 m/L = 3/4, which is below alpha - r = 7/8
        ({}, []),
        ({"barrier": 73}, [("not-confirmed", 8, "barrier")]),
        ({"alpha": 512, "barrier": 36}, []),  # t = 3/8
        ({"alpha": 512, "barrier": 37}, [("not-confirmed", 8, "barrier")]),
        ({"alpha": 128}, [("not-confirmed", 8, "barrier")]),  # r = alpha
        ({"L": 8192}, [("not-confirmed", 8, "barrier")]),  # m = 0
        ({"alpha": 64, "barrier": 1}, [("not-confirmed", 8, "barrier")]),  # t < 0
    ],
)
def test_the_barrier_is_that_of_theorem_18_v(change, found):
    """t^2 (3 m - L t)/6, which is 9/128 at 3/4, where the Hessian may be flat, and 9/256 at 3/8."""
    given = CLIMB | change
    known = {"distance": given["r"], "lipschitz": given["L"], "alpha": given["alpha"]}
    with precision(192):
        own = {name: dyadic(x, -10) for name, x in known.items()} | {"spectrum": span(1, 1)}
    assert results(barrier, claim("local-minimum", barrier=(given["barrier"], LOWER)), **own) == found


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

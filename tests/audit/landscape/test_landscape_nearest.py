"""Method nearest-minimum: distances and what is recovered, from the definitions in mpmath."""

import numpy as np
import pytest
from landscape_claims import DIGITS, Landscape, changed, dyadic, judged, norm, number, problem
from mpmath import mp, mpf

UNIT = [["3/5", "4/5", "0"], ["0", "1", "0"], ["2/3", "-1/3", "2/3"]]
SKEW = [["1", "1/2", "0"], ["-1/3", "2", "1/7"], ["0", "1/5", "1"]]
GIVEN = {
    "G": problem(["1", "3/2", "5/4"], "6", "1"),
    "F": problem(["1", "3/2", "5/4"], "6", "1", UNIT),
    "skew": problem(["1", "3/2", "5/4"], "6", "1", SKEW),
    "late": problem(["1", "5/4", "6/5"], "18", "2/5"),
}
P, S = [2, 0, 1], [1, -1, -1]


def recovered(of, B):
    """(a_star, b_star), with a^ by solving the linear system."""
    d, r = of.d, of.star.T * mp.matrix(of.a)
    rows = mp.inverse(B).T if of.general else B
    hat = mp.matrix(d, d)
    for j in range(d):
        hat[j, :] = rows[j, :] / norm(rows[j, :])
    a = mp.lu_solve(hat.T, r) if of.general else hat * r
    outer = max(abs(a[j] - S[j] * of.a[P[j]]) for j in range(d))
    return outer, max(norm(hat[j, :] - S[j] * of.star[P[j], :]) for j in range(d))


def claim(name, noise, basin=None):
    given, rng = GIVEN[name], np.random.default_rng(7)
    with mp.workdps(DIGITS):
        of = Landscape(given)
        B = of.signed(P, S) + noise * mp.matrix(rng.standard_normal((3, 3)).tolist())
        point = [[dyadic(B[j, i], 195) for i in range(3)] for j in range(3)]
        bounds = {"distance": number(norm(B - of.signed(P, S)), "upper")}
        if basin:
            bounds |= {"basin": number(mpf(basin), "lower", 0), "step": number(mpf("0.02"), "lower", 0)}
        if name != "skew":
            outer, inner = recovered(of, B)
            bounds |= {"a_star": number(outer, "upper"), "b_star": number(inner, "upper")}
    head = {"schema": "relucert-certificate/1.1", "family": "designed-landscape", "method": "nearest-minimum"}
    minimum = {"permutation": P, "signs": "".join("+" if s > 0 else "-" for s in S)}
    return {
        **head,
        "problem": given,
        "verdict": "global-minimum",
        "point": point,
        "minimum": minimum,
        "bounds": bounds,
    }


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("noise", ["0.1", "1e-4", "1e-14", "1e-40"])
def test_distances_and_what_is_recovered(name, noise):
    with mp.workdps(DIGITS):
        made = claim(name, mpf(noise))
    assert judged(made) == ("accepted", None, None)
    for bound in ("distance", "a_star", "b_star"):
        if bound in made["bounds"]:
            m, e = made["bounds"][bound]["exact"]
            with mp.workdps(DIGITS):
                tight = number(mp.ldexp(int(m), e), "upper", -2 * mpf(10) ** -6)
            assert judged(changed(made, ("bounds", bound), tight)) == ("rejected", 5, bound)


@pytest.mark.parametrize("name", GIVEN)
def test_basins(name):
    with mp.workdps(DIGITS):
        made = claim(name, mpf("1e-5"), "0.001")
        wide = number(mpf("0.4"), "lower", 0)
        narrow = number(mpf("1e-6"), "lower", 0)
        fast = number(mpf("0.3"), "lower", 0)
    assert judged(made) == ("accepted", None, None)
    assert judged(changed(made, ("bounds", "basin"), wide)) == ("not-confirmed", 5, "basin")
    assert judged(changed(made, ("bounds", "basin"), narrow)) == ("rejected", 5, "distance")
    assert judged(changed(made, ("bounds", "step"), fast))[1:] == (5, "step") or name == "late"
    assert judged(changed(made, ("bounds", "step"), None))[:2] == ("malformed", 0)


def test_another_minimum_is_farther():
    with mp.workdps(DIGITS):
        made = claim("G", mpf("1e-4"))
    for signs, result in (
        ("---", "rejected"),
        ("+--", "accepted"),
        ("+-", "malformed"),
        ("+-0", "malformed"),
    ):
        assert judged(changed(made, ("minimum", "signs"), signs))[0] == result
    for places, result in (([0, 2, 1], "rejected"), ([2, 0, 0], "rejected"), ([2, 0], "malformed")):
        assert judged(changed(made, ("minimum", "permutation"), places))[0] == result
    assert judged(changed(made, ("minimum", "permutation"), [2, 0, 3])) == ("rejected", 1, "minimum")
    assert judged(changed(made, ("point",), made["point"][:2]))[:2] == ("malformed", 0)
    assert judged(changed(made, ("problem", "mu"), "24"))[:2] == ("rejected", 3)
    assert judged(changed(made, ("problem", "mu"), "12"))[:2] == ("rejected", 1)


def test_what_is_recovered_needs_unit_rows_and_signs():
    with mp.workdps(DIGITS):
        skew, made = claim("skew", mpf("1e-4")), claim("F", mpf("1e-4"))
        two = {name: number(mpf(2), "upper", 0) for name in ("a_star", "b_star")}
    assert judged(changed(skew, ("bounds",), skew["bounds"] | two))[:2] == ("rejected", 1)
    assert judged(changed(made, ("bounds", "a_star"), two["a_star"])) == ("rejected", 5, "a_star")
    assert judged(changed(made, ("bounds", "b_star"), None))[:2] == ("malformed", 0)
    negative = {"exact": ["-1", 0], "decimal": "-1"}
    assert judged(changed(made, ("bounds", "a_star"), negative))[:2] == ("malformed", 0)

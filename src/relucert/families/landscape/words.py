"""Sentences about certificates of the designed landscape (docs/spec/landscape-v1.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, listed, within
from relucert.families.landscape import descent_words
from relucert.families.landscape.setting import about
from relucert.families.verdicts import NO_MINIMUM, named

LEGEND = (
    "B: the point, W: the critical point, P: the signed permutation; alpha_i = c a_i for G, c/a_i for F, "
    "c = 1/(2 sqrt(2 pi)), nu = mu/12; V: the value at the signed permutations, R: radius of the basin. See section "
    "13 of docs/theorem/landscape.md."
)
Words = tuple[str, list[tuple[str, str]]]
NORM = "in Frobenius norm"


def words(claim: Json) -> Words:
    """A claim of this family in a sentence, and its bounds as names and texts.

    Raises KeyError, TypeError, ValueError or IndexError for a malformed one.
    """
    return METHODS[claim["method"]](claim)


def heading(claim: Json) -> str:
    """The objective has maxima, too."""
    verdict = claim["verdict"]
    return NO_MINIMUM if verdict == "strict-saddle" else named(verdict)


def _whole(claim: Json) -> Words:
    setting, bounds, verdict = about(claim), claim["bounds"], claim["verdict"]
    if verdict == "unbounded-below":
        return f"There is no global minimum: {setting}, has infimum -infinity.", []
    if verdict == "no-spurious-minimum":
        return _no_spurious(claim)
    if verdict != "spurious-minimum":
        raise ValueError("another verdict")
    kind = claim["minimum"]
    if kind["kind"] == "doubled":
        one, other = kind["twice"], kind["never"]
        where = (
            f"the point whose rows {one} and {other} both stand at direction {one}, none at {other}, and every "
            "other row j at direction j"
        )
    elif kind["kind"] == "signed-permutation":
        where = "every point with one row at each direction, up to sign,"
    else:
        raise ValueError("another kind of minimum")
    sentence = (
        f"A strict local minimum that is not global: for {setting}, {where} (each row scaled as in section 13) is "
        f"a strict local minimum with value {within(bounds['value'])}, and the objective gets lower than there by more "
        f"than {at_least(bounds['gap'])}. Rows and directions are counted from 0; {_directions(claim['problem'])}."
    )
    return sentence, [("eigenvalues of the Hessian there", f">= {at_least(bounds['lambda_min'])}")]


def _no_spurious(claim: Json) -> Words:
    bounds = claim["bounds"]
    sentence = (
        f"No spurious local minimum: the local minima of {about(claim)}, are the points with one row, "
        f"scaled, at each direction, up to sign, all of them global with value {within(bounds['value'])}; at every "
        f"other critical point the Hessian has a negative eigenvalue; {_directions(claim['problem'])}."
    )
    facts = [
        (
            "eigenvalues of the Hessian at the minima",
            f"between {at_least(bounds['lambda_min'])} and {at_most(bounds['lambda_max'])}",
        ),
        (
            "gradient descent",
            f"converges to the minimum from within {at_least(bounds['basin'])} of it {NORM}, with any fixed step below "
            f"{at_least(bounds['step'])}; there is no other critical point so near",
        ),
        ("smallest eigenvalue at every other critical point", f"below {_minus(at_least(bounds['saddle']))}"),
    ]
    return sentence, facts


def _directions(problem: Json) -> str:
    """What rows stand at: u_j = t e_i means b_j = t T^-1 e_i."""
    if problem["objective"] == "G":
        return "direction i is e_i"
    return "direction i is column i of the inverse of the teacher's matrix of rows"


def _minus(text: str) -> str:
    return text if text == "0" else f"-{text}"


def _place(minimum: Json) -> str:
    """A signed permutation, with rows counted from 0."""
    signs = minimum["signs"]
    if len(signs) != len(minimum["permutation"]) or set(signs) - {"+", "-"}:
        raise ValueError("signs do not fit the permutation")
    return listed([f"{sign}{i}" for sign, i in zip(signs, minimum["permutation"], strict=True)])


def _nearest(claim: Json) -> Words:
    bounds = claim["bounds"]
    sentence = (
        f"Within {at_most(bounds['distance'])} of the point {NORM} there is a global minimum of "
        f"{about(claim)}: the point whose rows stand, scaled, at the directions "
        f"{_place(claim['minimum'])} (counted from 0); {_directions(claim['problem'])}."
    )
    _verdict(claim, "global-minimum")
    facts = []
    if "basin" in bounds:
        facts.append(
            (
                "gradient descent",
                "from the point, and from anywhere within "
                f"{at_least(bounds['basin'])} of that minimum, with any fixed step below {at_least(bounds['step'])}, "
                "converges to it; there is no other critical point so near it",
            )
        )
    if "a_star" in bounds:
        facts.append(
            (
                "the teacher recovered from the point",
                f"each output weight within {at_most(bounds['a_star'])}, each row within {at_most(bounds['b_star'])}, "
                "both up to one sign for each neuron, which is that of the recovered weight",
            )
        )
    return sentence, facts


VERDICTS: Mapping[str, str] = {
    "strict-saddle": f"a {NO_MINIMUM}, where the Hessian has negative eigenvalues and none that is 0",
    "local-minimum": "a strict local minimum, with a positive definite Hessian",
    "spurious-minimum": "a strict local minimum that is not global, with a positive definite Hessian",
}


def _hessian(claim: Json) -> Words:
    setting, bounds = about(claim), claim["bounds"]
    if claim["verdict"] == "not-critical":
        radius = at_least(bounds["exclusion"])
        sentence = f"There is no critical point within {radius} of the point {NORM}, of {setting}."
        return sentence, [("gradient norm at the point", f">= {at_least(bounds['gradient_min'])}")]
    sentence = (
        f"Within {at_most(bounds['existence_radius'])} of the point {NORM} there is {VERDICTS[claim['verdict']]}, of "
        f"{setting}, with value {within(bounds['value'])}; no other critical point is nearer than "
        f"{at_least(bounds['uniqueness_radius'])}."
    )
    inertia = bounds["inertia"]
    facts = [
        ("gradient norm at the point", f"<= {at_most(bounds['gradient'])}"),
        ("smallest eigenvalue of the Hessian at the point", within(bounds["lambda_min"])),
        (
            "eigenvalues at the critical point",
            f"{inertia['negative']} negative, {inertia['positive']} positive",
        ),
    ]
    if "curvature" in bounds:
        facts.append(
            (
                "second derivative at the critical point along the direction in the file",
                f"<= {at_most(bounds['curvature'])} per unit length squared",
            )
        )
    return sentence, facts


def _unit_rows(claim: Json) -> Words:
    of = claim["problem"]
    a, (least, first, second) = of["a_star"], (of[name] for name in "lpq")
    _verdict(claim, "spurious-minimum")
    sentence = (
        f"A local minimum that is not global: for the objective P' of Ge, Lee & Ma's Appendix D on unit rows, a = "
        f"{listed(a)}, at rows {first} and {least} both at e_{least}, row {second} at sqrt({of['x']}) e_{first} + "
        f"sqrt(1 - {of['x']}) e_{second}, every other row j at e_j (counted from 0); its value there is 2 times "
        f"{a[least]}, and the minimum is 0."
    )
    radius = at_least(claim["bounds"]["radius"])
    return sentence, [("nowhere smaller", f"where every unit row is within {radius} of its own there")]


def _split_neuron(claim: Json) -> Words:
    of = claim["problem"]
    _verdict(claim, "spurious-minimum")
    sentence = (
        f"A local minimum that is not global: for the objective f' = alpha f_2 + beta f_4 of Ge, Lee & Ma, alpha = "
        f"{of['alpha']}, beta = {of['beta']}, in R^2, two neurons, unit rows and trained output weights, against the "
        f"teacher e_0, e_1 with output weights 1, at both rows e_0, output weights -tau, 1 + tau, tau = {of['tau']}; "
        "its value there is alpha + beta, and the minimum is 0."
    )
    bend = at_least(claim["bounds"]["curvature"])
    text = f">= {bend}, in the sum of the output weights and the two angles"
    return sentence, [("half the second derivative across the line of such minima", text)]


def _verdict(claim: Json, verdict: str) -> None:
    if claim["verdict"] != verdict:
        raise ValueError("another verdict")


METHODS: dict[str, Callable[[Json], Words]] = {
    "critical-points": _whole,
    "nearest-minimum": _nearest,
    "hessian": _hessian,
    "empirical": _hessian,
    "unit-rows": _unit_rows,
    "split-neuron": _split_neuron,
    "descent": descent_words.words,
}
